//! Text written in hexadecimal digits.

use super::blob::{self, PEEK};
use crate::redact::class::{self, Class};

/// Shorter runs of digits hold no secret.
const DIGITS_MIN: usize = 32;

/// Whether the digits at `at` begin like text; none if the text ends before that can be told.
pub(super) fn begins(text: &[u8], at: usize) -> Option<bool> {
    let mut bytes = [0u8; PEEK];
    for (n, byte) in bytes.iter_mut().enumerate() {
        let two = text.get(at + 2 * n..)?.first_chunk::<2>()?;
        let [high, low] = two.map(|digit| DIGITS[usize::from(digit)]);
        *byte = high << 4 | low & 15;
        if high | low == NONE || (n == 0 && !blob::may_be_text(*byte)) || blob::is_control(*byte) {
            return Some(false);
        }
    }
    if !blob::looks_like_text(&bytes) {
        return Some(false);
    }
    let found = Class::HEX.span(text, at, DIGITS_MIN);
    if found < DIGITS_MIN && at + found == text.len() {
        return None;
    }
    Some(found == DIGITS_MIN)
}

/// No digit.
const NONE: u8 = 0xff;

/// The value of each digit.
static DIGITS: [u8; 256] = {
    let mut digits = [NONE; 256];
    let mut b = 0;
    while b < 256 {
        digits[b] = match b as u8 {
            digit @ b'0'..=b'9' => digit - b'0',
            digit @ b'a'..=b'f' => digit - b'a' + 10,
            digit @ b'A'..=b'F' => digit - b'A' + 10,
            _ => NONE,
        };
        b += 1;
    }
    digits
};

/// How many digits stand at `at`.
pub(super) fn span(text: &[u8], at: usize) -> usize {
    Class::HEX.span(text, at, usize::MAX)
}

/// Appends what an even number of digits stands for.
pub(super) fn decode(digits: &[u8], out: &mut Vec<u8>) {
    class::meter(digits.len());
    out.extend((0..digits.len() / 2).filter_map(|n| byte_at(digits, 2 * n)));
}

/// Appends `plain` in digits, in the case of letters that `spelled` has.
pub(super) fn encode(spelled: &[u8], plain: &[u8], out: &mut Vec<u8>) {
    let is_lower = !spelled.iter().any(u8::is_ascii_uppercase);
    plain.iter().for_each(|byte| out.extend_from_slice(&digits(*byte, is_lower)));
}

pub(super) fn digits(byte: u8, is_lower: bool) -> [u8; 2] {
    let digits = if is_lower { b"0123456789abcdef" } else { b"0123456789ABCDEF" };
    [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]
}

fn byte_at(text: &[u8], at: usize) -> Option<u8> {
    let [high, low] = text.get(at..)?.first_chunk::<2>()?.map(|digit| DIGITS[usize::from(digit)]);
    (high | low != NONE).then_some(high << 4 | low)
}
