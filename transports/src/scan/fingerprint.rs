//! Names for findings that stay the same from one run to the next, and tell nothing of the secret.
//!
//! A plain hash of a secret is as good as the secret to whoever can guess it: a password, a token
//! whose checksum is known. So a digest of it is made with a key or not at all.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// What digests of secrets are made with.
pub struct Key(Zeroizing<Vec<u8>>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// A key of any length.
    #[must_use]
    pub fn new(secret: &[u8]) -> Key {
        let mut block = Zeroizing::new(vec![0; BLOCK]);
        if secret.len() > BLOCK {
            let digest = Zeroizing::new(Sha256::digest(secret).to_vec());
            block[..digest.len()].copy_from_slice(&digest);
        } else {
            block[..secret.len()].copy_from_slice(secret);
        }
        Key(block)
    }

    /// HMAC-SHA-256 (RFC 2104) in hexadecimal digits.
    pub(super) fn digest(&self, text: &[u8]) -> String {
        let padded = |pad: u8| Zeroizing::new(self.0.iter().map(|b| b ^ pad).collect::<Vec<u8>>());
        let inner = Sha256::new().chain_update(&*padded(0x36)).chain_update(text).finalize();
        hex(&Sha256::new().chain_update(&*padded(0x5c)).chain_update(inner).finalize())
    }
}

/// The name of a finding: of the file, the rule, and the keyed digest of the secret, or, without a
/// key, of which finding of this rule in the file it is.
pub(super) fn name(path: &str, rule: &str, which: &str) -> String {
    let mut hash = Sha256::new();
    for part in [path, rule, which] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize()[..16])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const BLOCK: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        // RFC 4231, test cases 2 and 6.
        let want = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(Key::new(b"Jefe").digest(b"what do ya want for nothing?"), want);
        let want = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        let text = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(Key::new(&[0xaa; 131]).digest(text), want);
    }

    #[test]
    fn names_differ_by_every_part() {
        let names =
            [name("a", "b", "c"), name("ab", "", "c"), name("a", "b", "d"), name("a", "bc", "")];
        for (n, one) in names.iter().enumerate() {
            assert!(!names[..n].contains(one) && one.len() == 32, "{names:?}");
        }
    }
}
