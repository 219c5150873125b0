//! stub
#[derive(Debug)]
pub struct Identity {
    pub(crate) name: Box<str>,
}
impl Identity {
    pub fn name(&self) -> &str {
        &self.name
    }
    pub fn has_role(&self, _: &str) -> bool {
        false
    }
    pub fn has_scope(&self, _: &str) -> bool {
        false
    }
}
