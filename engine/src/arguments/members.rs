//! Which members an object may have.

use super::check::Denial;

/// At most so many.
pub(super) const MEMBERS_MAX: usize = 4_096;

/// Their names, sorted.
#[derive(Debug)]
pub(super) struct Members(Box<[Box<[u8]>]>);

impl Members {
    pub(super) const DENIAL: Denial = Denial::of("members");

    pub(super) fn new(names: &[String]) -> Self {
        let mut names: Vec<Box<[u8]>> = names.iter().map(|name| name.as_bytes().into()).collect();
        names.sort_unstable();
        Self(names.into())
    }

    /// Judges the decoded name of a member.
    pub(super) fn judge(&self, name: &[u8]) -> Result<(), Denial> {
        let found = self.0.binary_search_by(|known| (**known).cmp(name));
        found.map(|_| ()).map_err(|_| Self::DENIAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_given_is_unexpected() {
        let members = Members::new(&["to".into(), "subject".into(), "body".into()]);
        for (name, is_known) in [
            ("to", true),
            ("subject", true),
            ("body", true),
            ("bcc", false),
            ("TO", false),
            ("", false),
        ] {
            assert_eq!(members.judge(name.as_bytes()).is_ok(), is_known, "{name}");
        }
        assert!(Members::new(&[]).judge(b"x").is_err());
    }
}
