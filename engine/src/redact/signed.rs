//! Keys of Microsoft's that hold a signature at a fixed place, which names the service.
//!
//! The base64 may hold `+` and `/`, which end a run, so no run tells where such a key begins. Its
//! padding does: the signature stands ten bytes before it, whatever the length.

use super::rule::Signed;

/// From the signature to the padding: the signature, a place, and a checksum.
const TAIL: usize = 10;

/// Whether a key of this kind ends with the first `=` at `at`; its first byte and the one after its
/// last. Nothing behind the `=` decides.
pub(crate) fn at_padding(rule: &Signed, text: &[u8], at: usize) -> Option<(usize, usize)> {
    let sign = at.checked_sub(TAIL)?;
    let start = sign.checked_sub(rule.offset)?;
    if !text[sign..at].starts_with(rule.sign.as_bytes()) {
        return None;
    }
    let is_key = |bytes: &[u8]| bytes.iter().all(|b| rule.class.has(*b));
    let end = at + 1 + usize::from(text.get(at + 1) == Some(&b'='));
    (is_key(&text[start..sign]) && is_key(&text[sign + rule.sign.len()..at]))
        .then_some((start, end))
}

/// A quick no for most signs: every signature begins with one of these, and no word stands between
/// it and the padding.
#[inline]
pub(crate) fn may_end(text: &[u8], at: usize) -> bool {
    at >= TAIL && may_begin(text[at - TAIL], text[at - 1])
}

/// The same by the byte that the signature would begin with, and the last one before the padding.
#[inline]
pub(crate) fn may_begin(first: u8, last: u8) -> bool {
    matches!(first, b'A' | b'+') & last.is_ascii_alphanumeric()
}
