//! Whom and which server a rule is about.

use crate::base::error::ConfigError;
use crate::base::glob::GlobSet;
use crate::identity::Identity;

/// Who wants something, and of which server.
#[derive(Clone, Copy)]
pub(crate) struct Who<'a> {
    /// Nobody in particular, where no credential is demanded.
    pub identity: Option<&'a Identity>,
    /// The server's name; empty if the host gave none.
    pub server: &'a str,
}

/// Whom and which server a rule is about; each part that is empty is about all.
#[derive(Debug)]
pub(crate) struct Selector {
    principals: GlobSet,
    roles: Box<[Box<str>]>,
    scopes: Box<[Box<str>]>,
    servers: GlobSet,
}

impl Selector {
    /// Reads the four lists of a rule; `key` is where the rule stands.
    pub(crate) fn compile(
        key: &str,
        [principals, roles, scopes, servers]: [&[String]; 4],
    ) -> Result<Self, ConfigError> {
        let words = |words: &[String]| words.iter().map(|word| word.as_str().into()).collect();
        Ok(Self {
            principals: GlobSet::parse(principals, &format!("{key}.principals"))?,
            roles: words(roles),
            scopes: words(scopes),
            servers: GlobSet::parse(servers, &format!("{key}.servers"))?,
        })
    }

    /// Whether it depends on who asks.
    pub(crate) fn is_personal(&self) -> bool {
        !self.principals.is_empty() || !self.roles.is_empty() || !self.scopes.is_empty()
    }

    /// Whether the rule is about this.
    pub(crate) fn is_about(&self, who: Who<'_>) -> bool {
        let Self { principals, roles, scopes, servers } = self;
        if !servers.is_empty() && !servers.matches_any(who.server) {
            return false;
        }
        if principals.is_empty() && roles.is_empty() && scopes.is_empty() {
            return true;
        }
        who.identity.is_some_and(|identity| {
            (principals.is_empty() || principals.matches_any(identity.name()))
                && (roles.is_empty() || roles.iter().any(|role| identity.has_role(role)))
                && (scopes.is_empty() || scopes.iter().any(|scope| identity.has_scope(scope)))
        })
    }
}
