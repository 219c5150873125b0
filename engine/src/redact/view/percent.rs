//! Percent-encoded text (RFC 3986 section 2.1), in addresses and in forms.

use memchr::{memchr, memchr_iter};

use crate::redact::class::Class;
use crate::redact::spelling::{Piece, Spelling};

/// `%41` for `A`.
pub(super) struct Percents;

impl Spelling for Percents {
    fn next(raw: &[u8]) -> Option<usize> {
        memchr(b'%', raw)
    }

    fn piece(raw: &[u8]) -> Piece {
        match byte_at(raw, 0) {
            Some(byte) => Piece::one(byte, 3),
            None => Piece::one(raw[0], 1),
        }
    }
}

/// Whether the `%` at `at` may spell a character that a finder looks at. Where bytes have not come
/// yet, the answer is yes.
pub(crate) fn may_percent(text: &[u8], at: usize) -> bool {
    text.len() < at + 3 || is_telling(text, at) || {
        let value = at + 3;
        byte_at(text, at) == Some(b' ')
            && text.len() < value + VALUE_SEEN
            && Class::TOKEN.span(text, value, VALUE_SEEN) == text.len() - value
    }
}

/// Whether the `%` at `at` of a whole text spells such a character.
///
/// A space ends what it stands beside, encoded or not. Only in the first line of a key it belongs to
/// what is looked for, and before a value it parts it from the word that names it: as they are, the
/// digits of the space are the first ones of the value. Control characters and what is no ASCII are
/// like it.
pub(super) fn is_telling(text: &[u8], at: usize) -> bool {
    match byte_at(text, at) {
        Some(b' ') => text[..at].ends_with(b"BEGIN") || begins_value(text, at + 3),
        Some(byte) => byte.is_ascii_graphic(),
        None => false,
    }
}

/// A shorter value is no secret by a word before it.
const VALUE_MIN: usize = 16;
/// So much of it is looked at: what is drawn at random has a digit there.
const VALUE_SEEN: usize = 32;

/// Whether letters and digits stand at `at`, as many as in a value that a word before it names.
fn begins_value(text: &[u8], at: usize) -> bool {
    let len = Class::TOKEN.span(text, at, VALUE_SEEN);
    len >= VALUE_MIN && text[at..at + len].iter().any(u8::is_ascii_digit)
}

fn byte_at(text: &[u8], at: usize) -> Option<u8> {
    let high = char::from(*text.get(at + 1)?).to_digit(16)?;
    let low = char::from(*text.get(at + 2)?).to_digit(16)?;
    Some((high << 4 | low) as u8)
}

/// Appends `plain` encoded, in the case of letters that `spelled` has.
pub(super) fn encode(spelled: &[u8], plain: &[u8], out: &mut Vec<u8>) {
    const UNRESERVED: Class = Class::DOTTED.or(Class::TILDE);
    let is_lower = memchr_iter(b'%', spelled)
        .filter_map(|at| spelled.get(at + 1..at + 3))
        .any(|two| two.iter().any(u8::is_ascii_lowercase));
    for &byte in plain {
        if UNRESERVED.has(byte) {
            out.push(byte);
        } else {
            out.push(b'%');
            out.extend_from_slice(&super::hex::digits(byte, is_lower));
        }
    }
}
