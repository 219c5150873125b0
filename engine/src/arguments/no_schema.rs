//! What stands for a compiled schema in a build without the feature `schema`: nothing. A policy
//! that asks for validation is refused there, so none is ever made.

use super::table::Validity;

#[derive(Debug)]
pub(super) enum Schema {}

impl Schema {
    pub(super) fn compile(_text: &[u8]) -> Option<Self> {
        None
    }

    pub(super) fn judge(&self, _json: &[u8]) -> Validity {
        match *self {}
    }
}
