//! What a configuration says of who may send.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::credential::Source;
use super::jwt_config::JwtConfig;
use crate::quota::LockoutConfig;

/// Who may send. `Debug` shows no token and no credential; dropped, both are wiped.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// The live tokens. None, and no `jwt`: every client is taken as it is.
    pub tokens: Vec<TokenConfig>,
    /// A token that is put into each request and notification of the client as its `auth_token`,
    /// for a client that is not to hold it. Never together with `tokens` or `jwt`.
    ///
    /// A message of the client that brings an `auth_token` is refused with `token_present`. Answers
    /// of the client get none, since they need none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attach: Option<Zeroizing<String>>,
    /// The ways in which a credential may come; all but the query of a URL by default, since that
    /// is written to the logs and histories of whatever it goes through.
    pub sources: Vec<Source>,
    /// On: a peer whose address is a loopback address needs no credential. Off by default, since
    /// every program and every user of the machine is such a peer, a web page in a browser on it
    /// may be, and behind a proxy on the same machine everybody is.
    pub loopback: bool,
    /// When a peer whose credentials fail is not heard any more.
    pub lockout: LockoutConfig,
    /// The issuer of the JSON Web Tokens that are taken, beside `tokens`. Demands a build with the
    /// feature `jwt`. One counts as what a host hands over, never as an `auth_token` of a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt: Option<JwtConfig>,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            tokens: Vec::new(),
            attach: None,
            sources: vec![Source::Member, Source::Bearer, Source::Header],
            loopback: false,
            lockout: LockoutConfig::default(),
            jwt: None,
        }
    }
}

impl fmt::Debug for AuthConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthConfig")
            .field("tokens", &self.tokens)
            .field("attaches", &self.attach.is_some())
            .field("sources", &self.sources)
            .field("loopback", &self.loopback)
            .field("lockout", &self.lockout)
            .field("jwt", &self.jwt)
            .finish()
    }
}

/// One live token, in clear or as a digest. `Debug` shows neither; dropped, the token is wiped.
///
/// A principal who changes tokens has two of them for a while, with the same name.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenConfig {
    /// The name of the principal who holds it, in rules, limits and events; `token-1` and so on, by
    /// its place, if there is none. At most 256 characters.
    pub name: String,
    /// The token itself, at most 1,024 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Zeroizing<String>>,
    /// SHA-256 of the token, 64 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// From when on it is valid, in milliseconds since 1970 (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before_ms: Option<u64>,
    /// From when on it is valid no more, in milliseconds since 1970 (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_ms: Option<u64>,
    /// What its holder may ask for, as rules name it.
    pub scopes: Vec<String>,
    /// What its holder is, as rules name it.
    pub roles: Vec<String>,
    /// The servers that it is for, as patterns of their names; none: every server.
    pub servers: Vec<String>,
}

impl fmt::Debug for TokenConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenConfig").field("name", &self.name).finish_non_exhaustive()
    }
}
