//! Spellings of a text: pieces that stand for other bytes than their own, and the way back from a
//! byte of the decoded text to its place in the spelled one.
//!
//! Never fails: what is no whole piece stands for itself. Decoding never makes a text longer.

use memchr::memchr;

use super::class::meter;

/// One decoded piece: up to four bytes, and how many raw bytes it took.
pub(crate) struct Piece {
    pub(crate) bytes: [u8; 4],
    pub(crate) len: usize,
    pub(crate) raw: usize,
    /// It is half of a surrogate pair, which UTF-8 cannot spell.
    pub(crate) lone: bool,
}

impl Piece {
    /// A piece that stands for one byte.
    pub(crate) const fn one(byte: u8, raw: usize) -> Piece {
        Piece { bytes: [byte, 0, 0, 0], len: 1, raw, lone: false }
    }

    /// A piece that stands for nothing.
    pub(crate) const fn nothing(raw: usize) -> Piece {
        Piece { bytes: [0; 4], len: 0, raw, lone: false }
    }

    pub(crate) fn decoded(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// A way to spell a text.
pub(crate) trait Spelling {
    /// The place of the next byte that a piece may begin with.
    fn next(raw: &[u8]) -> Option<usize>;

    /// The piece at the start of `raw`, which is not empty.
    fn piece(raw: &[u8]) -> Piece;
}

/// Appends the decoded text. An empty buffer becomes as long as `raw` and no longer.
pub(crate) fn decode<S: Spelling>(raw: &[u8], out: &mut Vec<u8>) {
    meter(raw.len());
    if out.is_empty() && out.capacity() < raw.len() {
        *out = Vec::with_capacity(raw.len());
    }
    let mut rest = raw;
    while let Some(at) = S::next(rest) {
        out.extend_from_slice(&rest[..at]);
        let piece = S::piece(&rest[at..]);
        out.extend_from_slice(piece.decoded());
        rest = &rest[(at + piece.raw).min(rest.len())..];
    }
    out.extend_from_slice(rest);
}

/// Walks from decoded offsets to raw ones. Ask in rising order: the whole walk is linear.
pub(crate) struct Walk<'a, S> {
    raw: &'a [u8],
    raw_at: usize,
    decoded_at: usize,
    spelling: std::marker::PhantomData<S>,
}

impl<'a, S: Spelling> Walk<'a, S> {
    pub(crate) fn new(raw: &'a [u8]) -> Self {
        Self { raw, raw_at: 0, decoded_at: 0, spelling: std::marker::PhantomData }
    }

    /// Where the decoded byte at `wanted` is spelled. For an offset inside a decoded character the
    /// start of its escape.
    pub(crate) fn start_of(&mut self, wanted: usize) -> usize {
        self.advance(wanted, false);
        // What stands for nothing before the byte is no part of its spelling.
        while S::next(&self.raw[self.raw_at..][..1.min(self.raw.len() - self.raw_at)]).is_some() {
            let piece = S::piece(&self.raw[self.raw_at..]);
            if piece.len > 0 {
                break;
            }
            self.raw_at += piece.raw;
        }
        self.raw_at
    }

    /// Where the spelling of everything before the decoded offset `wanted` ends.
    pub(crate) fn end_of(&mut self, wanted: usize) -> usize {
        self.advance(wanted, true);
        self.raw_at
    }

    fn advance(&mut self, wanted: usize, past: bool) {
        while self.decoded_at < wanted {
            // No further than what is asked for, or many questions would walk the text many times.
            let rest = &self.raw[self.raw_at..];
            let rest = &rest[..rest.len().min(wanted - self.decoded_at)];
            let plain = S::next(rest).unwrap_or(rest.len());
            meter(plain + 1);
            self.raw_at += plain;
            self.decoded_at += plain;
            if self.decoded_at == wanted || self.raw_at == self.raw.len() {
                break;
            }
            let piece = S::piece(&self.raw[self.raw_at..]);
            if !past && self.decoded_at + piece.len > wanted {
                break;
            }
            self.raw_at = (self.raw_at + piece.raw).min(self.raw.len());
            self.decoded_at += piece.len;
        }
    }
}

/// The escapes of a JSON string.
pub(crate) struct Escapes;

impl Spelling for Escapes {
    fn next(raw: &[u8]) -> Option<usize> {
        memchr(b'\\', raw)
    }

    fn piece(raw: &[u8]) -> Piece {
        match raw.get(1) {
            Some(b'b') => Piece::one(8, 2),
            Some(b'f') => Piece::one(12, 2),
            Some(b'n') => Piece::one(b'\n', 2),
            Some(b'r') => Piece::one(b'\r', 2),
            Some(b't') => Piece::one(b'\t', 2),
            Some(&byte @ (b'"' | b'\\' | b'/')) => Piece::one(byte, 2),
            Some(b'u') => unicode(raw),
            // Text that only resembles a JSON string.
            _ => Piece::one(b'\\', 1),
        }
    }
}

/// Decodes `\uXXXX`, or a surrogate pair of two.
fn unicode(raw: &[u8]) -> Piece {
    let Some(first) = hex4(raw, 2) else { return Piece::one(b'\\', 1) };
    let (code, taken) = match first {
        0xd800..=0xdbff => match (raw.get(6), raw.get(7), hex4(raw, 8)) {
            (Some(b'\\'), Some(b'u'), Some(low @ 0xdc00..=0xdfff)) => {
                (0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00), 12)
            }
            _ => (first, 6),
        },
        _ => (first, 6),
    };
    let c = char::from_u32(code);
    let mut bytes = [0; 4];
    let len = c.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut bytes).len();
    Piece { bytes, len, raw: taken, lone: c.is_none() }
}

/// Four hexadecimal digits.
pub(crate) fn hex4(raw: &[u8], at: usize) -> Option<u32> {
    let digits = raw.get(at..at + 4)?;
    digits.iter().try_fold(0, |value, &digit| Some(value << 4 | (digit as char).to_digit(16)?))
}

/// Appends `text` as the inside of a JSON string.
pub(crate) fn escape(text: &[u8], out: &mut Vec<u8>) {
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
