//! A file path, and where it may lead.

use super::check::{Asked, Denial};
use super::rules::QuestionKind;
use crate::base::error::ConfigError;
use crate::base::reason::Reason;
use crate::net::{Denied, PathConfig, PathGuard};

#[derive(Debug)]
pub(super) struct PathCheck {
    guard: PathGuard,
    resolve: bool,
}

impl PathCheck {
    pub(super) const NO_TEXT: Denial = Denial { reason: Reason::PathDenied, word: "path" };

    /// `key` is where the configuration stands.
    pub(super) fn compile(
        config: &PathConfig,
        resolve: bool,
        key: &str,
    ) -> Result<Self, ConfigError> {
        Ok(Self { guard: PathGuard::compile_at(config, key)?, resolve })
    }

    /// Judges a path as it is written.
    pub(super) fn judge(&self, path: &str) -> Result<Asked, Denial> {
        self.guard.check(path).map_err(denial)?;
        Ok(self.resolve.then(|| (QuestionKind::Path, path.into())))
    }

    /// Judges where the host found it to lead.
    pub(super) fn settle(&self, resolved: &str) -> Result<(), Denial> {
        self.guard.check_resolved(resolved).map_err(denial)
    }
}

fn denial(denied: Denied) -> Denial {
    Denial { reason: Reason::PathDenied, word: denied.rule }
}
