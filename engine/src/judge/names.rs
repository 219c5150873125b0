//! The names of the rules that a configuration gives, so that a refusal tells which one decided.

use super::reply::Cause;
use crate::base::error::ConfigError;
use crate::base::event::Label;

/// All names in one list; each part of the policy has a stretch of it.
#[derive(Debug, Default)]
pub(crate) struct RuleNames {
    names: Vec<Box<str>>,
}

/// Where the names of one part begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NamesFrom(u16);

impl NamesFrom {
    /// What is told when the rule at this place of the part decides.
    pub(crate) fn cause(self, rule: u16) -> Cause {
        Cause::Named(self.0 + rule)
    }
}

impl RuleNames {
    /// Takes the names of one part, which stand in a list under `key`.
    ///
    /// # Errors
    /// A name is empty, too long or there already, or there are too many.
    pub(crate) fn add<'a>(
        &mut self,
        key: &str,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<NamesFrom, ConfigError> {
        let from = self.names.len();
        for (place, name) in names.into_iter().enumerate() {
            let fault =
                |what: &str| Err(ConfigError::Setting(format!("{key}[{place}].name"), what.into()));
            if name.is_empty() || name.len() > Label::BYTES_MAX {
                return fault(
                    "a rule has a name of 1 to 62 bytes, which refusals and records tell",
                );
            }
            if name.chars().any(char::is_control) {
                return fault("a name has no control character");
            }
            if self.names.iter().any(|known| **known == *name) {
                return fault("another rule has this name: give it one of its own");
            }
            if self.names.len() == RULES_MAX {
                return fault("a policy has at most 4,096 rules with names: join some");
            }
            self.names.push(name.into());
        }
        Ok(NamesFrom(from as u16))
    }

    /// The name at this place of all.
    pub(crate) fn get(&self, place: u16) -> &str {
        self.names.get(usize::from(place)).map_or("", |name| name)
    }
}

/// More rules are not written by hand.
const RULES_MAX: usize = 4_096;
