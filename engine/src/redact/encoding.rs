//! The encodings that secrets come in: base 62, base64 in both alphabets, base 32 and base 58.
//!
//! Plain functions of bytes, for the checks on secrets and the maker of examples. Decoders are
//! lazy, so that a check that looks at a beginning pays for no more.

/// A number in base 62: digits, upper case, lower case; filled up with zeros.
pub(crate) fn base62(mut number: u32) -> [u8; 6] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = [b'0'; 6];
    for digit in out.iter_mut().rev() {
        *digit = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    out
}

/// Bytes in standard base64, with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let word =
            three.iter().enumerate().fold(0u32, |w, (i, b)| w | u32::from(*b) << (16 - 8 * i));
        for i in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= three.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// Bytes in base64 with the alphabet for URLs, without padding.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    base64(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// The bytes that base64 text of either alphabet stands for, up to what is no digit of it.
pub(crate) fn decoded(text: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let (mut bits, mut held) = (0u32, 0u32);
    text.iter().map_while(|b| six_bits(*b)).filter_map(move |six| {
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held < 8 {
            return None;
        }
        held -= 8;
        Some((bits >> held) as u8)
    })
}

/// What a digit of base64 stands for.
pub(crate) fn six_bits(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// The digits of base 32 (RFC 4648).
pub(crate) const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The digits of Bech32.
pub(crate) const BECH32: &[u8; 32] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

/// The digits of base 58: what is easily taken for something else is left out.
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// What a digit stands for in one of these alphabets.
pub(crate) fn digit_of(alphabet: &[u8], byte: u8) -> Option<u8> {
    alphabet.iter().position(|b| *b == byte).map(|i| i as u8)
}

/// So many bytes as base 58 spells them; none if they are more or the text is something else.
pub(crate) fn from_base58<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0u8; N];
    for b in text {
        let mut carry = u32::from(digit_of(BASE58, *b)?);
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry != 0 {
            return None;
        }
    }
    Some(bytes)
}

/// Bytes in base 58; the first is not zero.
pub(crate) fn base58(bytes: &[u8]) -> String {
    let mut rest = bytes.to_vec();
    let mut digits = Vec::new();
    while rest.iter().any(|b| *b != 0) {
        let mut left = 0u32;
        for byte in &mut rest {
            left = left << 8 | u32::from(*byte);
            *byte = (left / 58) as u8;
            left %= 58;
        }
        digits.push(char::from(BASE58[left as usize]));
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base62_counts_digits_first() {
        assert_eq!(&base62(0), b"000000");
        assert_eq!(&base62(61), b"00000z");
        assert_eq!(&base62(u32::MAX), b"4gfFC3");
    }

    #[test]
    fn base64_of_both_alphabets_is_read_back() {
        for length in 0..40u8 {
            let bytes: Vec<u8> = (0..length).map(|b| b.wrapping_mul(37) ^ 0xF3).collect();
            for text in [base64(&bytes), base64url(&bytes)] {
                assert!(decoded(text.as_bytes()).eq(bytes.iter().copied()), "{text}");
            }
        }
    }

    #[test]
    fn base58_is_read_back() {
        let bytes: [u8; 8] = [0x80, 1, 2, 0xFF, 4, 5, 6, 0];
        assert_eq!(from_base58::<8>(base58(&bytes).as_bytes()), Some(bytes));
        assert_eq!(from_base58::<2>(base58(&bytes).as_bytes()), None);
        assert_eq!(from_base58::<8>(b"0OIl"), None);
    }
}
