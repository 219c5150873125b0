//! JSON Web Tokens (RFC 7519) of one issuer, signed as RFC 7515 says. One of the two places of the
//! engine where a library may build a tree.
//!
//! Everything is pinned by the configuration. The header of a token chooses among its algorithms and
//! keys and adds none: `jku`, `jwk`, `x5u` and `x5c` are not looked at, `crit` is refused, `none` is
//! no algorithm. The payload is not read before the signature is verified.
//!
//! ```text
//! shape -> header -> algorithm -> key -> signature -> claims -> issuer -> audience -> times
//! ```

use std::fmt;
use std::sync::Arc;

use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::{Algorithm, DecodingKey};

use super::base64url;
use super::claims::{Claim, Claims, WrongType};
use super::credential::CREDENTIAL_BYTES_MAX;
use super::denied::Denied;
use super::jwt_config::{JwtAlgorithm, JwtConfig};
use super::jwt_key;
use super::principal::{Identity, IdentityKind};
use super::token::{is_name, is_reserved};
use crate::base::error::ConfigError;
use crate::base::glob::GlobSet;

/// The issuer whose tokens are taken. `Debug` shows its name.
pub(super) struct Issuer {
    config: JwtConfig,
    keys: Vec<Key>,
    /// Names that a token of this issuer cannot have: those of tokens are given by the host.
    taken: Vec<Arc<Identity>>,
}

/// A key, and the one algorithm that it is for.
struct Key {
    kid: Option<String>,
    algorithm: JwtAlgorithm,
    key: DecodingKey,
}

impl Issuer {
    /// Compiles the configuration of an issuer beside tokens of these principals.
    ///
    /// # Errors
    /// Something is left open, contradicts itself, or is no key.
    pub(super) fn compile(
        config: &JwtConfig,
        taken: &[Arc<Identity>],
    ) -> Result<Self, ConfigError> {
        check(config)?;
        let mut keys: Vec<Key> = Vec::with_capacity(config.keys.len());
        for (at, given) in config.keys.iter().enumerate() {
            let (algorithm, key) = jwt_key::read(at, given, &config.algorithms)?;
            let kid = given.kid.clone();
            if kid.is_some() && keys.iter().any(|it| it.kid == kid && it.algorithm == algorithm) {
                return Err(fault(&format!("keys[{at}].kid"), "is that of another key"));
            }
            keys.push(Key { kid, algorithm, key });
        }
        // The keys are kept once.
        let config = JwtConfig { keys: Vec::new(), ..config.clone() };
        Ok(Self { config, keys, taken: taken.to_vec() })
    }

    /// Whether this has the shape of such a token.
    pub(super) fn may_read(presented: &[u8]) -> bool {
        presented.iter().filter(|byte| **byte == b'.').count() == 2
    }

    /// Who presents this token. Its times are left to [`Identity::check`].
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub(super) fn verify(&self, token: &[u8]) -> Result<Identity, Denied> {
        let Parts { message, header, payload, signature } =
            split(token).ok_or(Denied::JwtMalformed)?;
        let header = read(header)?;
        self.verify_signature(&header, message, signature)?;
        let claims = read(payload)?;
        let wrong = |_: WrongType| Denied::JwtClaims;
        if claims.text("iss").map_err(wrong)? != Some(&*self.config.issuer) {
            return Err(Denied::JwtIssuer);
        }
        let audience = &self.config.audience;
        let is_for_us = match claims.claim("aud") {
            Some(Claim::Text(one)) => audience.contains(one),
            Some(Claim::Texts(several)) => several.iter().any(|one| audience.contains(one)),
            Some(_) => return Err(Denied::JwtClaims),
            None => false,
        };
        if !is_for_us {
            return Err(Denied::JwtAudience);
        }
        self.identity(&claims)
    }

    fn verify_signature(
        &self,
        header: &Claims,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Denied> {
        let malformed = |_: WrongType| Denied::JwtMalformed;
        if header.claim("crit").is_some() {
            return Err(Denied::JwtMalformed);
        }
        let algorithm = header.text("alg").map_err(malformed)?.ok_or(Denied::JwtMalformed)?;
        let mut pinned = self.config.algorithms.iter();
        let algorithm = pinned.find(|it| it.name() == algorithm).ok_or(Denied::JwtAlgorithm)?;
        let kid = header.text("kid").map_err(malformed)?;
        let is_named = |key: &&Key| kid.is_none() || key.kid.is_none() || key.kid.as_deref() == kid;
        let mut named = self.keys.iter().filter(is_named).peekable();
        if named.peek().is_none() {
            return Err(Denied::JwtKey);
        }
        let mut fitting = named.filter(|key| key.algorithm == *algorithm).peekable();
        if fitting.peek().is_none() {
            return Err(Denied::JwtAlgorithm);
        }
        let signature = base64url::decode(signature).ok_or(Denied::JwtMalformed)?;
        if fitting.any(|key| key.verifies(message, &signature)) {
            Ok(())
        } else {
            Err(Denied::JwtSignature)
        }
    }

    fn identity(&self, claims: &Claims) -> Result<Identity, Denied> {
        let config = &self.config;
        let wrong = |_: WrongType| Denied::JwtClaims;
        let name = claims.text(&config.name_claim).map_err(wrong)?.ok_or(Denied::JwtClaims)?;
        let is_taken = is_reserved(name) || self.taken.iter().any(|other| other.name() == name);
        if !is_name(name) || is_taken {
            return Err(Denied::JwtClaims);
        }
        let words = |name: &str| claims.words(name).map_err(wrong);
        let servers = match &config.servers_claim {
            None => None,
            Some(name) => {
                let patterns = words(name)?.ok_or(Denied::JwtClaims)?;
                Some(GlobSet::parse(&patterns, "").map_err(|_| Denied::JwtClaims)?)
            }
        };
        let time = |name: &str| claims.time_ms(name).map_err(wrong);
        let expires = time("exp")?;
        if config.require_exp && expires.is_none() {
            return Err(Denied::JwtClaims);
        }
        Ok(Identity {
            name: name.to_owned(),
            subject: Identity::subject_of(name),
            kind: IdentityKind::Jwt,
            roles: words(&config.roles_claim)?.unwrap_or_default(),
            scopes: words(&config.scopes_claim)?.unwrap_or_default(),
            servers,
            not_before_ms: time("nbf")?
                .max(time("iat")?)
                .map(|it| it.saturating_sub(config.skew_ms)),
            expires_ms: expires.map(|it| it.saturating_add(config.skew_ms)),
        })
    }
}

impl Key {
    fn verifies(&self, message: &[u8], signature: &Vec<u8>) -> bool {
        // The provider is named, so that nothing is kept for the whole process.
        let make = aws_lc::DEFAULT_PROVIDER.verifier_factory;
        make(&library(self.algorithm), &self.key)
            .is_ok_and(|verifier| verifier.verify(message, signature).is_ok())
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issuer({:?})", self.config.issuer)
    }
}

/// More than this is not slow, but a sign of a mistake: each token without a `kid` tries them all.
const KEYS_MAX: usize = 16;
const SKEW_MS_MAX: u64 = 300_000;

fn fault(key: &str, what: &str) -> ConfigError {
    ConfigError::Setting(format!("auth.jwt.{key}"), what.to_owned())
}

/// Checks all but the keys themselves.
fn check(config: &JwtConfig) -> Result<(), ConfigError> {
    let JwtConfig { algorithms, issuer, audience, keys, .. } = config;
    let mut secrets = algorithms.iter().map(|it| it.secret_bytes_min().is_some());
    let is_mixed = secrets.clone().any(|it| it) && !secrets.all(|it| it);
    let claims = [
        ("name_claim", Some(&config.name_claim)),
        ("scopes_claim", Some(&config.scopes_claim)),
        ("roles_claim", Some(&config.roles_claim)),
        ("servers_claim", config.servers_claim.as_ref()),
    ];
    let nameless = claims.iter().find(|(_, name)| name.is_some_and(String::is_empty));
    let (key, what) = if algorithms.is_empty() {
        ("algorithms", "is empty: name those that the issuer signs with, such as \"ES256\"")
    } else if is_mixed {
        (
            "algorithms",
            "mixes secrets (HS) and public keys: keep one kind, or a public key could be \
            taken for a secret",
        )
    } else if issuer.is_empty() {
        ("issuer", "is missing: write what the issuer's tokens have as `iss`")
    } else if audience.is_empty() || audience.iter().any(String::is_empty) {
        ("audience", "is missing: write what tokens for this server have as `aud`")
    } else if keys.is_empty() || keys.len() > KEYS_MAX {
        ("keys", "has to hold 1 to 16 keys of the issuer")
    } else if config.skew_ms > SKEW_MS_MAX {
        ("skew_ms", "is over 300,000: set the clock instead")
    } else if let Some((key, _)) = nameless {
        (*key, "is empty: name a claim, or leave it out")
    } else {
        return Ok(());
    };
    Err(fault(key, what))
}

pub(super) const fn library(algorithm: JwtAlgorithm) -> Algorithm {
    match algorithm {
        JwtAlgorithm::Hs256 => Algorithm::HS256,
        JwtAlgorithm::Hs384 => Algorithm::HS384,
        JwtAlgorithm::Hs512 => Algorithm::HS512,
        JwtAlgorithm::Rs256 => Algorithm::RS256,
        JwtAlgorithm::Rs384 => Algorithm::RS384,
        JwtAlgorithm::Rs512 => Algorithm::RS512,
        JwtAlgorithm::Ps256 => Algorithm::PS256,
        JwtAlgorithm::Ps384 => Algorithm::PS384,
        JwtAlgorithm::Ps512 => Algorithm::PS512,
        JwtAlgorithm::Es256 => Algorithm::ES256,
        JwtAlgorithm::Es384 => Algorithm::ES384,
        JwtAlgorithm::EdDsa => Algorithm::EdDSA,
    }
}

/// What is signed, and the three parts in base64url.
struct Parts<'a> {
    message: &'a [u8],
    header: &'a [u8],
    payload: &'a [u8],
    signature: &'a [u8],
}

fn split(token: &[u8]) -> Option<Parts<'_>> {
    if token.len() > CREDENTIAL_BYTES_MAX {
        return None;
    }
    let mut parts = token.split(|byte| *byte == b'.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let message = &token[..header.len() + 1 + payload.len()];
    parts.next().is_none().then_some(Parts { message, header, payload, signature })
}

fn read(part: &[u8]) -> Result<Claims, Denied> {
    let json = base64url::decode(part).ok_or(Denied::JwtMalformed)?;
    serde_json::from_slice(&json).map_err(|_| Denied::JwtMalformed)
}

#[cfg(test)]
#[path = "tests/jwt.rs"]
mod tests;
