//! Why a credential is not taken.

use std::fmt;

/// Why a credential is not taken. Each has a stable word, which events and answers name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denied {
    /// It is no live token, and no JSON Web Token that could be one.
    Unknown,
    /// It was valid until a time that is over.
    Expired,
    /// It will be valid at a later time.
    NotYetValid,
    /// It came in a way that is not taken.
    Source,
    /// It is for other servers.
    Server,
    /// It is no JSON Web Token that is read: three parts in base64url, JSON objects in which no
    /// name stands twice, at most 16 KiB, and no header that has to be understood (`crit`).
    JwtMalformed,
    /// Its algorithm is not one of those configured, or not that of the key that it names.
    JwtAlgorithm,
    /// It names a key that is not configured.
    JwtKey,
    /// Its signature is not that of a key that is configured.
    JwtSignature,
    /// It is from another issuer.
    JwtIssuer,
    /// It is for another audience.
    JwtAudience,
    /// It has expired.
    JwtExpired,
    /// It is valid at a later time, or was issued at one.
    JwtNotYetValid,
    /// A claim that is needed is missing or not of its type.
    JwtClaims,
}

impl Denied {
    /// Every reason.
    pub const ALL: [Self; 14] = [
        Self::Unknown,
        Self::Expired,
        Self::NotYetValid,
        Self::Source,
        Self::Server,
        Self::JwtMalformed,
        Self::JwtAlgorithm,
        Self::JwtKey,
        Self::JwtSignature,
        Self::JwtIssuer,
        Self::JwtAudience,
        Self::JwtExpired,
        Self::JwtNotYetValid,
        Self::JwtClaims,
    ];

    /// The word that stands for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::Source => "source",
            Self::Server => "server",
            Self::JwtMalformed => "jwt-malformed",
            Self::JwtAlgorithm => "jwt-algorithm",
            Self::JwtKey => "jwt-key",
            Self::JwtSignature => "jwt-signature",
            Self::JwtIssuer => "jwt-issuer",
            Self::JwtAudience => "jwt-audience",
            Self::JwtExpired => "jwt-expired",
            Self::JwtNotYetValid => "jwt-not-yet-valid",
            Self::JwtClaims => "jwt-claims",
        }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "this is no live token",
            Self::Expired | Self::JwtExpired => "the token has expired",
            Self::NotYetValid | Self::JwtNotYetValid => "the token is not valid yet",
            Self::Source => "a credential is not taken in this way",
            Self::Server => "the token is not for this server",
            Self::JwtMalformed => "the token cannot be read",
            Self::JwtAlgorithm => "the token's algorithm is not taken",
            Self::JwtKey => "the token names a key that is not known",
            Self::JwtSignature => "the token's signature is wrong",
            Self::JwtIssuer => "the token is from another issuer",
            Self::JwtAudience => "the token is for another audience",
            Self::JwtClaims => "a claim of the token is missing or of the wrong type",
        })
    }
}

impl std::error::Error for Denied {}
