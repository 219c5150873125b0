//! Tokens: kept as digests, compared in constant time. The one credential that is attached is kept
//! as it is written, and wiped.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use zeroize::Zeroizing;

use super::policy::{AuthConfig, TokenConfig};
use crate::base::error::ConfigError;
use crate::wire::text;

/// The digests of the live tokens. `Debug` shows how many there are.
#[derive(Clone, Default)]
pub(crate) struct Tokens {
    digests: Vec<[u8; 32]>,
}

impl Tokens {
    pub(crate) fn compile(configs: &[TokenConfig]) -> Result<Self, ConfigError> {
        let digests = configs.iter().map(digest_of).collect::<Result<_, _>>()?;
        Ok(Self { digests })
    }

    /// Whether frames have to carry a token at all.
    pub(crate) fn are_required(&self) -> bool {
        !self.digests.is_empty()
    }

    /// Whether this is a live token. Digests are compared, so neither the length nor the place of
    /// the first difference shows in the time; every live token is compared, whatever was found.
    pub(crate) fn admit(&self, token: &[u8]) -> bool {
        let presented: [u8; 32] = Sha256::digest(token).into();
        let none = Choice::from(0);
        self.digests.iter().fold(none, |found, live| found | live.ct_eq(&presented)).into()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.digests.len())
    }
}

/// The credential that is put into messages of the client. `Debug` shows nothing of it.
pub(crate) struct Credential {
    member: Zeroizing<Vec<u8>>,
}

impl Credential {
    pub(crate) fn compile(config: &AuthConfig) -> Result<Option<Self>, ConfigError> {
        let Some(token) = &config.attach else { return Ok(None) };
        if token.is_empty() {
            return Err(ConfigError::EmptyCredential);
        }
        if !config.tokens.is_empty() {
            return Err(ConfigError::TokensAndCredential);
        }
        const NAME: &[u8] = b"\"auth_token\":\"";
        // Room for a token of nothing but escapes: memory that moved would leave a copy behind.
        let mut member = Zeroizing::new(Vec::with_capacity(NAME.len() + 6 * token.len() + 2));
        member.extend_from_slice(NAME);
        text::encode(token, &mut member);
        member.extend_from_slice(b"\",");
        Ok(Some(Self { member }))
    }

    /// The member as it is written, with the comma behind it.
    pub(crate) fn member(&self) -> &[u8] {
        &self.member
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential")
    }
}

fn digest_of(config: &TokenConfig) -> Result<[u8; 32], ConfigError> {
    match (&config.token, &config.sha256) {
        (Some(token), None) if token.is_empty() => Err(ConfigError::EmptyToken),
        (Some(token), None) => Ok(Sha256::digest(token.as_bytes()).into()),
        (None, Some(hex)) => parse_digest(hex).ok_or(ConfigError::BadDigest),
        (None, None) => Err(ConfigError::EmptyToken),
        (Some(_), Some(_)) => Err(ConfigError::BadDigest),
    }
}

fn parse_digest(hex: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    for (byte, digits) in digest.iter_mut().zip(hex.as_bytes().chunks(2)) {
        let digit = |at: usize| (digits[at] as char).to_digit(16);
        *byte = (digit(0)? << 4 | digit(1)?) as u8;
    }
    Some(digest)
}

/// A digest of an id, to tie events together; never 0. The session's number goes in, so that the
/// same id in two sessions has two digests.
pub(crate) fn id_digest(session: u64, id: &[u8]) -> u64 {
    let whole = Sha256::new().chain_update(session.to_le_bytes()).chain_update(id).finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&whole[..8]);
    u64::from_le_bytes(first).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(token: &str) -> TokenConfig {
        TokenConfig { token: Some(token.to_owned().into()), ..TokenConfig::default() }
    }

    #[test]
    fn several_tokens_live_at_once_in_clear_and_as_digest() {
        let digest = TokenConfig {
            // SHA-256 of "abc", FIPS 180-2 appendix B.1.
            sha256: Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into()),
            ..TokenConfig::default()
        };
        let tokens = Tokens::compile(&[token("old"), digest]).expect("two tokens");
        for (text, live) in
            [("old", true), ("abc", true), ("ab", false), ("abc ", false), ("", false)]
        {
            assert_eq!(tokens.admit(text.as_bytes()), live, "{text:?}");
        }
    }

    #[test]
    fn a_credential_is_written_as_json_and_shown_to_nobody() {
        let attach = "a\"\\\n\u{1}\u{e9}/".to_owned();
        let config = AuthConfig { attach: Some(attach.into()), ..AuthConfig::default() };
        let credential = Credential::compile(&config).expect("a credential").expect("one");
        let wanted = "\"auth_token\":\"a\\\"\\\\\\n\\u0001\u{e9}/\",";
        assert_eq!(std::str::from_utf8(credential.member()), Ok(wanted));
        assert_eq!(format!("{credential:?}"), "Credential");
        assert_eq!(format!("{config:?}"), "AuthConfig { tokens: [], attaches: true }");
    }

    #[test]
    fn an_empty_token_is_an_error_and_no_open_door() {
        assert_eq!(Tokens::compile(&[token("")]).err(), Some(ConfigError::EmptyToken));
        assert_eq!(Tokens::compile(&[TokenConfig::default()]).err(), Some(ConfigError::EmptyToken));
        let short = TokenConfig { sha256: Some("ab".into()), ..TokenConfig::default() };
        assert_eq!(Tokens::compile(&[short]).err(), Some(ConfigError::BadDigest));
    }
}
