//! Encoded blobs, base64 above all (RFC 4648): where one may begin, how far it goes, and what it
//! decodes to.
//!
//! Most long runs of text are no blobs: hashes, keys, images, names. They are told apart by their
//! first bytes, which have to decode to text. A blob may be broken into lines as in mail and in
//! armour, as long as all its lines but the last are of one length.

use super::writing::Ends;
use crate::redact::class::{self, Class};

/// So many decoded bytes tell text from anything else: one hash in a hundred thousand passes.
pub(super) const PEEK: usize = 12;
/// A shorter run holds no secret.
const DIGITS_MIN: usize = 24;
/// What decodes to more than this is decoded only if its beginning is text.
const LARGE: usize = 1024;
/// So much of a large blob is looked at first.
const BEGINNING: usize = 512;
/// The lengths of lines that encoders write: Ruby, PEM, a few mailers, MIME.
const LINES: [usize; 4] = [60, 64, 72, 76];
/// A line may be indented this far.
const INDENT_MAX: usize = 16;
/// No digit.
const NONE: u8 = 0xff;

/// A stretch of base64 in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blob {
    start: usize,
    /// How many digits it has.
    digits: usize,
    /// How many of them are on a line.
    line: usize,
    /// How many bytes stand between two lines.
    gap: usize,
    /// Its alphabet is the one for addresses and file names.
    url: bool,
}

impl Blob {
    /// The blob that begins at `at`, if one does.
    pub(super) fn at(text: &[u8], at: usize) -> Option<Blob> {
        if begins(text, at) != Some(true) {
            return None;
        }
        let mut url = None;
        let first = span(text, at, &mut url);
        let mut blob = Blob { start: at, digits: first, line: first, gap: 0, url: false };
        let gap = line_break(&text[at + first..]);
        if gap > 0 && LINES.contains(&first) {
            blob.gap = gap;
            let between = &text[at + first..at + first + gap];
            let mut end = at + first;
            while text[end..].starts_with(between) {
                let line = span(text, end + gap, &mut url);
                if line == 0 || line > first {
                    break;
                }
                blob.digits += line;
                end += gap + line;
                if line < first {
                    break;
                }
            }
        }
        // A single digit at the end is none.
        blob.digits -= usize::from(blob.digits % 4 == 1);
        blob.url = url.unwrap_or(false);
        Some(blob)
    }

    /// The byte after its last digit.
    pub(super) fn end(&self) -> usize {
        self.place(self.digits - 1) + 1
    }

    /// Appends what it decodes to; false if it is large and does not begin like text.
    pub(super) fn decode(&self, text: &[u8], out: &mut Vec<u8>) -> bool {
        let from = out.len();
        let is_large = self.digits / 4 * 3 > LARGE;
        let mut quantum = Quantum::default();
        for n in 0..self.digits {
            quantum.push(digit(text[self.place(n)]), out);
            if is_large && n == BEGINNING / 3 * 4 && !is_text(&out[from..]) {
                class::meter(n);
                return false;
            }
        }
        quantum.finish(out);
        class::meter(self.digits);
        true
    }

    /// Where the spelling of the decoded bytes `start..end` stands, and which decoded bytes of it
    /// are not theirs. `before` is where the secret before it ends, which may share the first
    /// digits with it.
    pub(super) fn spelling(&self, start: usize, end: usize, before: usize) -> (usize, usize, Ends) {
        let quantum = start / 3;
        let shared = before.saturating_sub(3 * quantum);
        let last = (4 * end.div_ceil(3)).min(self.digits);
        let ends = Ends {
            url: self.url,
            drop: shared as u8,
            head: (start - 3 * quantum - shared) as u8,
            tail: (last * 3 / 4 - end) as u8,
            cut: false,
        };
        (self.place(4 * quantum), self.place(last - 1) + 1, ends)
    }

    /// The byte after the digit before the one at `place`, which is not the first.
    pub(super) fn behind(&self, place: usize) -> usize {
        let starts_line = self.gap > 0 && (place - self.start).is_multiple_of(self.line + self.gap);
        if starts_line { place - self.gap } else { place }
    }

    /// Where a digit stands.
    fn place(&self, digit: usize) -> usize {
        self.start + digit + digit / self.line * self.gap
    }
}

/// Whether a blob may begin at `at`; none if the text ends before that can be told.
pub(super) fn begins(text: &[u8], at: usize) -> Option<bool> {
    let there = &text[at.min(text.len())..text.len().min(at + DIGITS_MIN)];
    // The first digit of each four holds six bits of a character.
    if let Some(peek) = there.first_chunk::<{ PEEK / 3 * 4 }>() {
        let is_likely = |n: usize| FIRSTS[usize::from(peek[n])];
        if !(is_likely(0) & is_likely(4) & is_likely(8) & is_likely(12)) {
            return Some(false);
        }
    }
    let mut bytes = [0u8; PEEK];
    let mut count = 0;
    let mut quantum = Quantum::default();
    for b in there.iter().take(PEEK / 3 * 4) {
        if digit(*b) == NONE {
            return Some(false);
        }
        if let Some(three) = quantum.take(digit(*b)) {
            if three.iter().any(|byte| is_control(*byte)) {
                return Some(false);
            }
            bytes[count..count + 3].copy_from_slice(&three);
            count += 3;
        }
    }
    if !looks_like_text(&bytes[..count]) || span(there, 0, &mut None) < there.len() {
        return Some(false);
    }
    (there.len() == DIGITS_MIN).then_some(true)
}

/// How many digits of one alphabet stand at `at`; which alphabet it is shows as soon as one of the
/// digits does in which the two differ.
fn span(text: &[u8], at: usize, url: &mut Option<bool>) -> usize {
    let mut i = at;
    while let Some(b) = text.get(i) {
        let is_url = match b {
            b'+' | b'/' => false,
            b'-' | b'_' => true,
            b if Class::ALNUM.has(*b) => {
                i += 1;
                continue;
            }
            _ => break,
        };
        if *url.get_or_insert(is_url) != is_url {
            break;
        }
        i += 1;
    }
    class::meter(i - at);
    i - at
}

/// How long the line break at the start of `text` is, the indentation behind it included: as it
/// is, or written out as in a string of JSON.
fn line_break(text: &[u8]) -> usize {
    let slashes = text.iter().take(3).take_while(|b| **b == b'\\').count();
    let mut at = match text.get(slashes) {
        Some(b'\r' | b'r') if slashes > 0 || text[0] == b'\r' => slashes + 1,
        _ => 0,
    };
    if at > 0 {
        at += text[at..].iter().take(3).take_while(|b| **b == b'\\').count();
    } else {
        at = slashes;
    }
    match text.get(at) {
        Some(b'\n') => at += 1,
        Some(b'n') if text[at.saturating_sub(1)] == b'\\' => at += 1,
        _ => return 0,
    }
    at + text[at..].iter().take(INDENT_MAX).take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// Whether text may begin with this byte, as far as its first six bits tell.
pub(super) const fn may_be_text(byte: u8) -> bool {
    matches!(byte, 0x20..0x80 | 0xc0..0xf8) || matches!(byte & 0xfc, 0x08 | 0x0c | 0x18)
}

/// Whether a byte is a control character that stands in no text.
#[inline]
pub(super) const fn is_control(byte: u8) -> bool {
    matches!(byte, 0..0x20 | 0x7f) && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1b)
}

/// Whether these bytes are the beginning of a text: printable ASCII, white space, whole characters
/// of UTF-8; the last one may be cut off.
pub(super) fn looks_like_text(bytes: &[u8]) -> bool {
    !bytes.iter().any(|byte| is_control(*byte))
        && match std::str::from_utf8(bytes) {
            Ok(_) => true,
            Err(error) => error.error_len().is_none(),
        }
}

/// The same for a longer stretch, in which a program may have left a few control characters.
fn is_text(bytes: &[u8]) -> bool {
    let controls = bytes.iter().filter(|b| **b < 0x20 && !b"\t\n\r\x0c\x1b".contains(b)).count();
    controls * 64 <= bytes.len()
        && std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// Appends what digits stand for, whatever line breaks stand between them.
pub(super) fn decode_spelled(spelled: &[u8], out: &mut Vec<u8>) {
    let mut quantum = Quantum::default();
    for stretch in stretches(spelled).filter(|stretch| stretch.0) {
        stretch.1.iter().for_each(|b| quantum.push(digit(*b), out));
    }
    quantum.finish(out);
}

/// Appends `bytes` in digits, with the line breaks of `spelled` as far as they reach.
pub(super) fn encode(spelled: &[u8], bytes: &[u8], url: bool, out: &mut Vec<u8>) {
    let mut digits = Vec::with_capacity(bytes.len() * 4 / 3 + 4);
    for three in bytes.chunks(3) {
        let word =
            three.iter().zip([16, 8, 0]).fold(0u32, |word, (b, at)| word | u32::from(*b) << at);
        let all = [18, 12, 6, 0].map(|at| digit_of((word >> at) as u8 & 63, url));
        digits.extend_from_slice(&all[..three.len() + 1]);
    }
    let mut rest = &digits[..];
    for (is_digits, stretch) in stretches(spelled) {
        if rest.is_empty() {
            break;
        }
        if is_digits {
            let (line, behind) = rest.split_at(stretch.len().min(rest.len()));
            out.extend_from_slice(line);
            rest = behind;
        } else {
            out.extend_from_slice(stretch);
        }
    }
    out.extend_from_slice(rest);
}

/// The lines of a spelling and what stands between them; true for the lines.
fn stretches(spelled: &[u8]) -> impl Iterator<Item = (bool, &[u8])> {
    let mut rest = spelled;
    std::iter::from_fn(move || {
        let first = *rest.first()?;
        let is_digits = digit(first) != NONE;
        let len = match line_break(rest) {
            0 => rest.iter().take_while(|b| (digit(**b) != NONE) == is_digits).count(),
            len => len,
        };
        let (stretch, behind) = rest.split_at(len);
        rest = behind;
        Some((is_digits, stretch))
    })
}

/// Up to four digits on their way to three bytes.
#[derive(Default)]
struct Quantum {
    word: u32,
    count: usize,
}

impl Quantum {
    fn take(&mut self, digit: u8) -> Option<[u8; 3]> {
        self.word = self.word << 6 | u32::from(digit);
        self.count += 1;
        if self.count < 4 {
            return None;
        }
        let [_, three @ ..] = self.word.to_be_bytes();
        *self = Self::default();
        Some(three)
    }

    fn push(&mut self, digit: u8, out: &mut Vec<u8>) {
        if let Some(three) = self.take(digit) {
            out.extend_from_slice(&three);
        }
    }

    /// The bytes of the digits that are left.
    fn finish(self, out: &mut Vec<u8>) {
        let word = self.word << ((6 * (4 - self.count)) % 32);
        out.extend_from_slice(&word.to_be_bytes()[1..][..self.count * 3 / 4]);
    }
}

fn digit(byte: u8) -> u8 {
    DIGITS[usize::from(byte)]
}

fn digit_of(value: u8, url: bool) -> u8 {
    match value {
        0..26 => b'A' + value,
        26..52 => b'a' + value - 26,
        52..62 => b'0' + value - 52,
        62 if url => b'-',
        62 => b'+',
        _ if url => b'_',
        _ => b'/',
    }
}

/// The digits that may be the first of four that stand for a text.
static FIRSTS: [bool; 256] = {
    let mut firsts = [false; 256];
    let mut b = 0;
    while b < 256 {
        firsts[b] = DIGITS[b] != NONE && may_be_text(DIGITS[b] << 2);
        b += 1;
    }
    firsts
};

/// The value of each digit of either alphabet.
const DIGITS: [u8; 256] = {
    let mut table = [NONE; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = match b as u8 {
            b'A'..=b'Z' => b as u8 - b'A',
            b'a'..=b'z' => b as u8 - b'a' + 26,
            b'0'..=b'9' => b as u8 - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => NONE,
        };
        b += 1;
    }
    table
};
