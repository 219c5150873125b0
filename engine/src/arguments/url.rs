//! A URL, and where it may lead.

use core::net::IpAddr;

use super::check::{Asked, Denial};
use super::rules::QuestionKind;
use crate::base::error::ConfigError;
use crate::base::reason::Reason;
use crate::net::{Denied, UrlConfig, UrlGuard, UrlHost};

#[derive(Debug)]
pub(super) struct UrlCheck {
    guard: UrlGuard,
    resolve: bool,
}

impl UrlCheck {
    pub(super) const NO_TEXT: Denial = Denial { reason: Reason::UrlDenied, word: "url" };

    /// `key` is where the configuration stands.
    pub(super) fn compile(
        config: &UrlConfig,
        resolve: bool,
        key: &str,
    ) -> Result<Self, ConfigError> {
        Ok(Self { guard: UrlGuard::compile_at(config, key)?, resolve })
    }

    /// Judges a URL as it is written. An address in it is judged at once; a name is one to ask for.
    pub(super) fn judge(&self, url: &str) -> Result<Asked, Denial> {
        match self.guard.check(url).map_err(denial)? {
            UrlHost::Name(name) if self.resolve => Ok(Some((QuestionKind::Name, name.into()))),
            UrlHost::Name(_) | UrlHost::Address(_) => Ok(None),
        }
    }

    /// Judges the addresses that the host found; each has to be good, and there has to be one.
    pub(super) fn settle(&self, addresses: &[IpAddr]) -> Result<(), Denial> {
        self.guard.check_addresses(addresses).map_err(denial)
    }
}

fn denial(denied: Denied) -> Denial {
    Denial { reason: Reason::UrlDenied, word: denied.rule }
}
