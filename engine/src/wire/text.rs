//! The text of a JSON string: raw bytes between quotes, and what they decode to.
//!
//! Every function takes the raw bytes of a string that was validated, without its quotes.

use std::cmp::Ordering;

use memchr::memchr;

use crate::redact::spelling::{self, Escapes, Spelling, Walk};

/// Walks from decoded offsets to raw ones.
pub(crate) type RawWalk<'a> = Walk<'a, Escapes>;

/// How many bytes spell the first character; 0 of nothing.
pub(crate) fn piece_len(raw: &[u8]) -> usize {
    match raw {
        [] => 0,
        [b'\\', ..] => Escapes::piece(raw).raw.min(raw.len()),
        _ => 1 + raw[1..].iter().take_while(|byte| **byte & 0xc0 == 0x80).count(),
    }
}

/// Whether the decoded text may differ from the raw one.
pub(crate) fn has_escape(raw: &[u8]) -> bool {
    memchr(b'\\', raw).is_some()
}

/// Appends the decoded text.
pub(crate) fn decode(raw: &[u8], out: &mut Vec<u8>) {
    spelling::decode::<Escapes>(raw, out);
}

/// Decodes into a buffer that is used again and never holds more than it has to.
pub(crate) fn decode_into(raw: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.reserve_exact(raw.len());
    decode(raw, out);
}

/// The decoded bytes, one by one, without memory.
pub(crate) fn decoded(raw: &[u8]) -> impl Iterator<Item = u8> {
    let (mut at, mut piece, mut given) = (0, [0_u8; 4], 0..0);
    std::iter::from_fn(move || {
        if let Some(i) = given.next() {
            return Some(piece[i]);
        }
        let &byte = raw.get(at)?;
        if byte != b'\\' {
            at += 1;
            return Some(byte);
        }
        let decoded = Escapes::piece(&raw[at..]);
        at += decoded.raw;
        piece = decoded.bytes;
        given = 1..decoded.len;
        Some(piece[0])
    })
}

/// Whether the text decodes to exactly this.
pub(crate) fn equals(raw: &[u8], wanted: &[u8]) -> bool {
    let is_decoded = || decoded(raw).eq(wanted.iter().copied());
    // Nothing is shorter than what it stands for, and what stands for so many bytes is these bytes.
    match raw.len().cmp(&wanted.len()) {
        Ordering::Less => false,
        Ordering::Equal => raw == wanted && (!has_escape(raw) || is_decoded()),
        Ordering::Greater => has_escape(raw) && is_decoded(),
    }
}

/// Whether an escape in it is half of a surrogate pair.
pub(crate) fn has_lone_surrogate(raw: &[u8]) -> bool {
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest) {
        let piece = Escapes::piece(&rest[at..]);
        if piece.lone {
            return true;
        }
        rest = &rest[(at + piece.raw).min(rest.len())..];
    }
    false
}

/// Appends `text` as the inside of a JSON string.
pub(crate) fn encode(text: &str, out: &mut Vec<u8>) {
    encode_bytes(text.as_bytes(), out);
}

/// The same for bytes that are known to be UTF-8.
pub(crate) fn encode_bytes(text: &[u8], out: &mut Vec<u8>) {
    spelling::escape(text, out);
}

/// How many bytes that takes.
pub(crate) fn encoded_len(text: &[u8]) -> usize {
    let len = |byte: &u8| match byte {
        b'"' | b'\\' | b'\n' => 2,
        0..0x20 => 6,
        _ => 1,
    };
    text.iter().map(len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every string of up to six pieces that a JSON string may be spelled of.
    #[test]
    fn decoding_agrees_with_serde_json() {
        let pieces =
            ["a", "\u{e9}", "\\n", "\\/", "\\\\", "\\\"", "\\u0041", "\\ud83d\\ude80", "\\u00E9"];
        for n in 0..9_usize.pow(5) {
            let raw: String = (0..5).map(|i| pieces[n / 9_usize.pow(i) % 9]).collect();
            let wanted: String = serde_json::from_str(&format!("\"{raw}\"")).expect("valid");
            let mut out = Vec::new();
            decode(raw.as_bytes(), &mut out);
            assert_eq!(out, wanted.as_bytes(), "{raw}");
            assert!(decoded(raw.as_bytes()).eq(wanted.bytes()), "{raw}");
            assert!(equals(raw.as_bytes(), wanted.as_bytes()), "{raw}");
            assert_eq!(equals(raw.as_bytes(), raw.as_bytes()), *raw == *wanted, "{raw}");
            let end = wanted.char_indices().last().map_or(0, |(end, _)| end);
            assert!(!equals(raw.as_bytes(), &wanted.as_bytes()[..end]), "{raw}");
            assert!(!equals(raw.as_bytes(), format!("{wanted}a").as_bytes()), "{raw}");
            let mut walk = RawWalk::new(raw.as_bytes());
            for (start, c) in wanted.char_indices() {
                let from = walk.start_of(start);
                let to = walk.end_of(start + c.len_utf8());
                let mut one = Vec::new();
                decode(&raw.as_bytes()[from..to], &mut one);
                assert_eq!(one, c.to_string().as_bytes(), "{raw} at {start}");
            }
        }
    }

    #[test]
    fn lone_surrogates_are_found_and_decode_to_one_character() {
        for (raw, lone) in
            [("\\ud800", true), ("\\ud83d\\ude80", false), ("\\ude80\\ud83d", true), ("x", false)]
        {
            assert_eq!(has_lone_surrogate(raw.as_bytes()), lone, "{raw}");
        }
        let mut out = Vec::new();
        decode(b"a\\ud800b", &mut out);
        assert_eq!(out, "a\u{fffd}b".as_bytes());
    }
}
