//! The text of a JSON string: raw bytes between quotes, and what they decode to.
//!
//! Every function takes the raw bytes of a string that was validated, without its quotes.

use memchr::memchr;

/// What a lone surrogate escape decodes to (U+FFFD), since UTF-8 cannot spell it.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// One decoded piece: up to four bytes, and how many raw bytes it took.
struct Piece {
    bytes: [u8; 4],
    len: usize,
    raw: usize,
    lone: bool,
}

/// Decodes the escape at the start of `raw`.
fn escape(raw: &[u8]) -> Piece {
    let plain = |byte| Piece { bytes: [byte, 0, 0, 0], len: 1, raw: 2, lone: false };
    match raw.get(1) {
        Some(b'b') => plain(8),
        Some(b'f') => plain(12),
        Some(b'n') => plain(b'\n'),
        Some(b'r') => plain(b'\r'),
        Some(b't') => plain(b'\t'),
        Some(b'u') => unicode(raw),
        Some(&byte) => plain(byte),
        // A validated string never ends in half an escape.
        None => Piece { bytes: [b'\\', 0, 0, 0], len: 1, raw: 1, lone: false },
    }
}

/// Decodes `\uXXXX`, or a surrogate pair of two.
fn unicode(raw: &[u8]) -> Piece {
    let first = hex4(raw, 2);
    let (code, taken) = match first {
        0xd800..=0xdbff => match (raw.get(6), raw.get(7), hex4(raw, 8)) {
            (Some(b'\\'), Some(b'u'), low @ 0xdc00..=0xdfff) => {
                (0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00), 12)
            }
            _ => (first, 6),
        },
        _ => (first, 6),
    };
    let mut bytes = [0; 4];
    match char::from_u32(code) {
        Some(c) => {
            let len = c.encode_utf8(&mut bytes).len();
            Piece { bytes, len, raw: taken, lone: false }
        }
        None => {
            bytes[..3].copy_from_slice(REPLACEMENT);
            Piece { bytes, len: 3, raw: taken, lone: true }
        }
    }
}

/// Four hexadecimal digits; a number that is no character if there are fewer.
fn hex4(raw: &[u8], at: usize) -> u32 {
    let digits = raw.get(at..at + 4).unwrap_or_default();
    if digits.len() < 4 {
        return u32::MAX;
    }
    digits
        .iter()
        .fold(0, |value, &digit| value << 4 | (digit as char).to_digit(16).unwrap_or(u32::MAX >> 4))
}

/// Whether the decoded text may differ from the raw one.
pub(crate) fn has_escape(raw: &[u8]) -> bool {
    memchr(b'\\', raw).is_some()
}

/// Appends the decoded text.
pub(crate) fn decode(raw: &[u8], out: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        let piece = escape(&rest[at..]);
        out.extend_from_slice(&piece.bytes[..piece.len]);
        rest = &rest[(at + piece.raw).min(rest.len())..];
    }
    out.extend_from_slice(rest);
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
        let decoded = escape(&raw[at..]);
        at += decoded.raw;
        piece = decoded.bytes;
        given = 1..decoded.len;
        Some(piece[0])
    })
}

/// Whether the text decodes to exactly this.
pub(crate) fn equals(raw: &[u8], wanted: &[u8]) -> bool {
    if has_escape(raw) { decoded(raw).eq(wanted.iter().copied()) } else { raw == wanted }
}

/// Whether an escape in it is half of a surrogate pair.
pub(crate) fn has_lone_surrogate(raw: &[u8]) -> bool {
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest) {
        let piece = escape(&rest[at..]);
        if piece.lone {
            return true;
        }
        rest = &rest[(at + piece.raw).min(rest.len())..];
    }
    false
}

/// Walks from decoded offsets to raw ones. Ask in rising order: the whole walk is linear.
pub(crate) struct RawWalk<'a> {
    raw: &'a [u8],
    raw_at: usize,
    decoded_at: usize,
}

impl<'a> RawWalk<'a> {
    pub(crate) fn new(raw: &'a [u8]) -> Self {
        Self { raw, raw_at: 0, decoded_at: 0 }
    }

    /// Where the decoded byte at `wanted` is spelled. For an offset inside a decoded character the
    /// start of its escape.
    pub(crate) fn start_of(&mut self, wanted: usize) -> usize {
        self.advance(wanted, false)
    }

    /// Where the spelling of everything before the decoded offset `wanted` ends.
    pub(crate) fn end_of(&mut self, wanted: usize) -> usize {
        self.advance(wanted, true)
    }

    fn advance(&mut self, wanted: usize, past: bool) -> usize {
        while self.decoded_at < wanted {
            // No further than what is asked for, or many questions would walk the text many times.
            let rest = &self.raw[self.raw_at..];
            let rest = &rest[..rest.len().min(wanted - self.decoded_at)];
            let plain = memchr(b'\\', rest).unwrap_or(rest.len());
            self.raw_at += plain;
            self.decoded_at += plain;
            if self.decoded_at == wanted || self.raw_at == self.raw.len() {
                break;
            }
            let piece = escape(&self.raw[self.raw_at..]);
            if !past && self.decoded_at + piece.len > wanted {
                break;
            }
            self.raw_at = (self.raw_at + piece.raw).min(self.raw.len());
            self.decoded_at += piece.len;
        }
        self.raw_at
    }
}

/// Appends `text` as the inside of a JSON string.
pub(crate) fn encode(text: &str, out: &mut Vec<u8>) {
    encode_bytes(text.as_bytes(), out);
}

/// The same for bytes that are known to be UTF-8.
pub(crate) fn encode_bytes(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            0..0x20 => {
                let hex = |n: u8| b"0123456789abcdef"[usize::from(n)];
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]);
            }
            _ => out.push(byte),
        }
    }
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
