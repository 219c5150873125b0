//! Who somebody is: a name, and what goes with it. Holds no token and no key.

use std::fmt;

use super::denied::Denied;
use crate::base::glob::GlobSet;
use crate::quota::Subject;

/// Who somebody is, shared by whoever asks. `Debug` shows names only.
pub struct Identity {
    pub(super) name: String,
    /// Whom limits count for it: [`subject_of`](Self::subject_of) its name.
    pub(super) subject: Subject,
    pub(super) kind: IdentityKind,
    pub(super) roles: Vec<String>,
    pub(super) scopes: Vec<String>,
    /// None: every server.
    pub(super) servers: Option<GlobSet>,
    pub(super) not_before_ms: Option<u64>,
    pub(super) expires_ms: Option<u64>,
}

/// How it is known who somebody is. The numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentityKind {
    /// It is not: no credential is demanded.
    Anonymous = 0,
    /// By a live token.
    Token = 1,
    /// By a JSON Web Token.
    Jwt = 2,
    /// By the address, which is one of this machine.
    Loopback = 3,
}

impl IdentityKind {
    /// The word that stands for it. Nobody who is known otherwise has the name `anonymous` or
    /// `loopback`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Token => "token",
            Self::Jwt => "jwt",
            Self::Loopback => "loopback",
        }
    }
}

impl Identity {
    /// Somebody of whom nothing is known but this; no role, no scope, every server.
    pub(super) fn nameless(kind: IdentityKind) -> Self {
        Self {
            name: kind.name().to_owned(),
            subject: Self::subject_of(kind.name()),
            kind,
            roles: Vec::new(),
            scopes: Vec::new(),
            servers: None,
            not_before_ms: None,
            expires_ms: None,
        }
    }

    /// The name, in rules, limits and events.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whom limits count for it.
    pub(crate) fn subject(&self) -> Subject {
        self.subject
    }

    /// Whom limits count for a principal of this name.
    pub(super) fn subject_of(name: &str) -> Subject {
        Subject::of(&[b"principal", name.as_bytes()])
    }

    /// How it is known.
    #[must_use]
    pub fn kind(&self) -> IdentityKind {
        self.kind
    }

    /// The roles.
    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// The scopes.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Whether this is one of the roles, to the letter.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }

    /// Whether this is one of the scopes, to the letter.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|own| own == scope)
    }

    /// Whether the credential is for the server of this name.
    #[must_use]
    pub fn allows_server(&self, server: &str) -> bool {
        self.servers.as_ref().is_none_or(|servers| servers.matches_any(server))
    }

    /// From when on the credential is valid no more, by the clock on the wall; for a JSON Web Token
    /// with what the clocks may differ.
    #[must_use]
    pub fn expires_ms(&self) -> Option<u64> {
        self.expires_ms
    }

    /// Whether the credential is valid at this time of the wall clock, and for this server. It is
    /// what has to be asked again of a credential that was taken some time ago.
    ///
    /// # Errors
    /// It is not valid yet, or no more, or for other servers.
    pub fn check(&self, wall_ms: u64, server: &str) -> Result<(), Denied> {
        let is_jwt = self.kind == IdentityKind::Jwt;
        if self.not_before_ms.is_some_and(|from| wall_ms < from) {
            return Err(if is_jwt { Denied::JwtNotYetValid } else { Denied::NotYetValid });
        }
        if self.expires_ms.is_some_and(|end| wall_ms >= end) {
            return Err(if is_jwt { Denied::JwtExpired } else { Denied::Expired });
        }
        if self.allows_server(server) { Ok(()) } else { Err(Denied::Server) }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("roles", &self.roles)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_scopes_are_told_apart_to_the_letter() {
        let identity = Identity {
            roles: vec!["admin".into()],
            scopes: vec!["tools:read".into()],
            ..Identity::nameless(IdentityKind::Anonymous)
        };
        assert!(identity.has_role("admin") && identity.has_scope("tools:read"));
        assert!(!identity.has_role("Admin") && !identity.has_role("tools:read"));
        assert!(!identity.has_scope("tools") && !identity.has_scope(""));
    }

    #[test]
    fn validity_begins_on_its_first_millisecond_and_ends_before_its_last() {
        let identity = |kind| Identity {
            not_before_ms: Some(100),
            expires_ms: Some(200),
            ..Identity::nameless(kind)
        };
        for (now, token, jwt) in [
            (99, Err(Denied::NotYetValid), Err(Denied::JwtNotYetValid)),
            (100, Ok(()), Ok(())),
            (199, Ok(()), Ok(())),
            (200, Err(Denied::Expired), Err(Denied::JwtExpired)),
        ] {
            assert_eq!(identity(IdentityKind::Token).check(now, ""), token, "{now}");
            assert_eq!(identity(IdentityKind::Jwt).check(now, ""), jwt, "{now}");
        }
    }

    #[test]
    fn servers_are_matched_by_pattern_and_none_is_not_every() {
        let set = |patterns: &[&str]| {
            let patterns: Vec<String> = patterns.iter().map(|it| (*it).to_owned()).collect();
            Some(GlobSet::parse(&patterns, "servers").expect("patterns"))
        };
        for (servers, server, allowed) in [
            (None, "files", true),
            (None, "", true),
            (set(&["fi*", "mail"]), "files", true),
            (set(&["fi*", "mail"]), "mails", false),
            (set(&["fi*"]), "", false),
            (set(&[]), "files", false),
        ] {
            let identity = Identity { servers, ..Identity::nameless(IdentityKind::Token) };
            assert_eq!(identity.check(0, server).is_ok(), allowed, "{server:?}");
        }
    }
}
