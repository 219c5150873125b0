//! JSON inside a string: escapes that hide a character of a secret from whoever reads only one
//! level of them.
//!
//! Most nested text needs no view of its own, since the finder sees through `\"` and `\n`. What it
//! cannot see through are characters by number and the escaped slash.

use memchr::memchr;

use crate::redact::spelling::hex4;
use crate::redact::unseen;

/// Whether the escape whose backslash stands before `at` may hide a character that a finder looks
/// at, on its own level or on the one below: `\/`, a number of ASCII or of a character that nobody
/// sees, and `\\` followed by one of these. Where bytes have not come yet, the answer is yes.
pub(crate) fn may_escape(text: &[u8], at: usize) -> bool {
    hides_at(text, at).unwrap_or(true)
}

/// Whether some escape of a whole text hides a character.
pub(super) fn hides(text: &[u8]) -> bool {
    let mut at = 0;
    while let Some(found) = memchr(b'\\', &text[at.min(text.len())..]) {
        if hides_at(text, at + found + 1) == Some(true) {
            return true;
        }
        at += found + 2;
    }
    false
}

/// The answer, unless the text ends before it.
fn hides_at(text: &[u8], at: usize) -> Option<bool> {
    match *text.get(at)? {
        b'/' => Some(true),
        b'u' => is_hiding_number(text, at + 1),
        b'\\' => match *text.get(at + 1)? {
            b'/' => Some(true),
            b'u' => is_hiding_number(text, at + 2),
            _ => Some(false),
        },
        _ => Some(false),
    }
}

fn is_hiding_number(text: &[u8], at: usize) -> Option<bool> {
    match hex4(text, at) {
        Some(code) => Some(code < 0x80 || unseen::is_suspect_code(code)),
        None if text[at..].iter().take(4).all(u8::is_ascii_hexdigit) => None,
        None => Some(false),
    }
}
