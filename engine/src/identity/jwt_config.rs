//! What a configuration says of the issuer of JSON Web Tokens.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The issuer whose JSON Web Tokens (RFC 7519) are taken. Everything is pinned: nothing that a
/// token says of itself adds an algorithm or a key, and nothing is fetched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JwtConfig {
    /// The algorithms that are taken, at least one. Shared secrets (HS) and public keys are never
    /// mixed: a public key must not serve as a secret.
    pub algorithms: Vec<JwtAlgorithm>,
    /// The issuer, as the claim `iss` has it, to the letter.
    pub issuer: String,
    /// Whom tokens are for, at least one: the claim `aud` has to name one of them.
    pub audience: Vec<String>,
    /// The issuer's keys, 1 to 16.
    pub keys: Vec<JwtKey>,
    /// How much the clock of the issuer may differ from ours, in milliseconds; 60,000 by default,
    /// 300,000 at most.
    pub skew_ms: u64,
    /// On by default: a token that does not say when it expires is refused.
    pub require_exp: bool,
    /// The claim that names the principal, `sub` by default.
    pub name_claim: String,
    /// The claim with the scopes, a list or a text with spaces between them: `scope` by default,
    /// `scp` with some issuers.
    pub scopes_claim: String,
    /// The claim with the roles, a list or a text with spaces between them: `roles` by default.
    pub roles_claim: String,
    /// The claim with patterns of the names of the servers that the token is for. If it is set, a
    /// token without it is refused; if it is not, a token is for every server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub servers_claim: Option<String>,
}

impl Default for JwtConfig {
    fn default() -> Self {
        Self {
            algorithms: Vec::new(),
            issuer: String::new(),
            audience: Vec::new(),
            keys: Vec::new(),
            skew_ms: 60_000,
            require_exp: true,
            name_claim: "sub".to_owned(),
            scopes_claim: "scope".to_owned(),
            roles_claim: "roles".to_owned(),
            servers_claim: None,
        }
    }
}

/// A key of an issuer: a secret, or a public key as PEM or by its numbers. `Debug` shows no key;
/// dropped, a secret is wiped.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JwtKey {
    /// Its name. A token that names a key is verified with that one, or with one without a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// The one algorithm that it is for, one of `algorithms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<JwtAlgorithm>,
    /// For HS256, HS384 and HS512: the secret, at least 32, 48 or 64 bytes (RFC 7518 section 3.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Zeroizing<String>>,
    /// A public key as PEM: `PUBLIC KEY`, or `RSA PUBLIC KEY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pem: Option<String>,
    /// RSA: the modulus in base64url, 2,048 to 8,192 bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// RSA: the exponent in base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// ES256, ES384 and EdDSA (Ed25519): the first coordinate in base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// ES256 and ES384: the second coordinate in base64url.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
}

impl fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// How a token is signed (RFC 7518 section 3.1, RFC 8037). `none` is no way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JwtAlgorithm {
    /// HMAC with SHA-256.
    #[serde(rename = "HS256")]
    Hs256,
    /// HMAC with SHA-384.
    #[serde(rename = "HS384")]
    Hs384,
    /// HMAC with SHA-512.
    #[serde(rename = "HS512")]
    Hs512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    #[serde(rename = "RS384")]
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    #[serde(rename = "RS512")]
    Rs512,
    /// RSASSA-PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// RSASSA-PSS with SHA-384.
    #[serde(rename = "PS384")]
    Ps384,
    /// RSASSA-PSS with SHA-512.
    #[serde(rename = "PS512")]
    Ps512,
    /// ECDSA with P-256 and SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA with P-384 and SHA-384.
    #[serde(rename = "ES384")]
    Es384,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl JwtAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 12] = [
        Self::Hs256,
        Self::Hs384,
        Self::Hs512,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// Its name, as the header of a token has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    #[cfg(feature = "jwt")]
    /// For a shared secret: the least bytes that it has. None for a public key.
    pub(crate) const fn secret_bytes_min(self) -> Option<usize> {
        match self {
            Self::Hs256 => Some(32),
            Self::Hs384 => Some(48),
            Self::Hs512 => Some(64),
            _ => None,
        }
    }
}
