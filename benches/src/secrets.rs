//! Made-up secrets of real shapes, made at run time: no file of the repository holds one.

use crate::random::{ALNUM, BASE64, Random};

/// One of six kinds, in turn.
#[must_use]
pub fn secret(kind: usize, random: &mut Random) -> String {
    let (head, alphabet, count) = match kind % 6 {
        0 => ("AKIA", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
        1 => ("ghp_", ALNUM, 36),
        2 => ("glpat-", ALNUM, 20),
        3 => ("npm_", ALNUM, 36),
        4 => ("sk_live_", ALNUM, 24),
        _ => ("AIza", ALNUM, 35),
    };
    let mut secret = head.to_owned();
    random.text(alphabet, count, &mut secret);
    secret
}

/// A private key as PEM text.
#[must_use]
pub fn private_key(random: &mut Random) -> String {
    let label = "RSA PRIVATE KEY-----";
    let mut key = format!("-----BEGIN {label}\n");
    for _ in 0..24 {
        random.text(BASE64, 64, &mut key);
        key.push('\n');
    }
    key + "-----END " + label
}
