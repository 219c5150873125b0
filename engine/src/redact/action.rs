//! What becomes of a secret: the five actions, and the one that keeps a few characters.

use serde::{Deserialize, Serialize};

use super::view::Writing;

/// What becomes of a secret. Where matches overlap, the strictest decides: the order of the variants.
/// The numbers are stable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is told of and passes.
    Log = 1,
    /// A few of its characters stay, if it is long enough.
    Mask = 2,
    /// The rule's replacement stands in its place.
    #[default]
    Redact = 3,
    /// A placeholder stands in its place, which the engine turns back for the tools that the rule
    /// names.
    Seal = 4,
    /// The frame is refused.
    Block = 5,
}

impl Action {
    /// Every action there is.
    pub const ALL: [Action; 5] =
        [Action::Log, Action::Mask, Action::Redact, Action::Seal, Action::Block];

    /// Its name in a configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Action::Log => "log",
            Action::Mask => "mask",
            Action::Redact => "redact",
            Action::Seal => "seal",
            Action::Block => "block",
        }
    }
}

/// A shorter secret is masked whole: a quarter of it would help who guesses.
const MASKED_BYTES_MIN: usize = 16;
/// Most characters that stay at each end.
const KEPT_MAX: usize = 4;
/// Stands in the place of what is masked, however long it was.
const MASK: &[u8] = b"********";

/// Appends what is left of a secret: at most a quarter of it, at both ends, and only characters that
/// need no escape anywhere.
fn mask(secret: &[u8], out: &mut Vec<u8>) {
    let kept = match secret.len() {
        0..MASKED_BYTES_MIN => 0,
        len => (len / 4).min(2 * KEPT_MAX),
    };
    let shown = |b: &u8| match b {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-' | b'.' | b':' => *b,
        _ => b'*',
    };
    out.extend(secret[..kept.div_ceil(2)].iter().map(shown));
    out.extend_from_slice(MASK);
    out.extend(secret[secret.len() - kept / 2..].iter().map(shown));
}

/// Masks a secret that is spelled in this way; `secret` is room for it.
pub(crate) fn mask_spelled(
    writing: Writing,
    spelled: &[u8],
    secret: &mut Vec<u8>,
    out: &mut Vec<u8>,
) {
    secret.clear();
    if !writing.read(spelled, secret) {
        // Its ends are not at hand.
        secret.clear();
    }
    mask(secret, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_keeps_a_quarter_at_most_and_tells_no_length() {
        for len in 0..200_usize {
            let secret: Vec<u8> = (0..len).map(|i| b"0123456789abcdef"[i % 16]).collect();
            let mut out = Vec::new();
            mask(&secret, &mut out);
            let stars = out.iter().filter(|byte| **byte == b'*').count();
            assert_eq!(stars, MASK.len());
            let kept = out.len() - stars;
            assert!(kept * 4 <= len && kept <= 8, "{len}: {kept}");
            assert!(len >= MASKED_BYTES_MIN || kept == 0, "{len}: {kept}");
        }
    }

    #[test]
    fn a_mask_needs_no_escape() {
        let secret: Vec<u8> = (0..=255).cycle().take(4_096).collect();
        for from in 0..256 {
            let mut out = Vec::new();
            mask(&secret[from..], &mut out);
            assert!(out.iter().all(|b| b.is_ascii_graphic() && !b"\"\\/%<>&'+=".contains(b)));
        }
    }
}
