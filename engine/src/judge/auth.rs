//! The one credential that is attached, kept as it is written, and wiped; digests of ids.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::base::error::ConfigError;
use crate::identity::AuthConfig;
use crate::wire::text;

/// The credential that is put into messages of the client. `Debug` shows nothing of it.
pub(crate) struct Attached {
    member: Zeroizing<Vec<u8>>,
}

impl Attached {
    pub(crate) fn compile(config: &AuthConfig) -> Result<Option<Self>, ConfigError> {
        let Some(token) = &config.attach else { return Ok(None) };
        if token.is_empty() {
            return Err(ConfigError::EmptyCredential);
        }
        if !config.tokens.is_empty() || config.jwt.is_some() {
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

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attached")
    }
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

    #[test]
    fn a_credential_is_written_as_json_and_shown_to_nobody() {
        let attach = "a\"\\\n\u{1}\u{e9}/".to_owned();
        let config = AuthConfig { attach: Some(attach.into()), ..AuthConfig::default() };
        let credential = Attached::compile(&config).expect("a credential").expect("one");
        let wanted = "\"auth_token\":\"a\\\"\\\\\\n\\u0001\u{e9}/\",";
        assert_eq!(std::str::from_utf8(credential.member()), Ok(wanted));
        assert_eq!(format!("{credential:?}"), "Attached");
        assert!(!format!("{config:?}").contains("e9"), "{config:?}");
        assert!(format!("{config:?}").contains("attaches: true"), "{config:?}");
    }
}
