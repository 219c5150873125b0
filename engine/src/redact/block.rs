//! Private keys in their armour: everything from the BEGIN line to the END line goes.

use super::class::{self, Class};
use super::matcher::Step;
use memchr::memmem;

/// The beginning of every armour.
pub(crate) const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
/// Between BEGIN and the label there are a few words at most (`ENCRYPTED`, `RSA`).
const WORDS_MAX: usize = 24;
/// An END line is searched for this far behind its dashes.
const LABEL_MAX: usize = 64;

/// Where the BEGIN line at `at` ends, if it is one with this label.
pub(crate) fn header(label: &str, text: &[u8], at: usize) -> Step {
    let there = &text[at..text.len().min(at + BEGIN.len())];
    if there.len() < BEGIN.len() {
        return if BEGIN.starts_with(there) { Step::Short } else { Step::No };
    }
    if there != BEGIN {
        return Step::No;
    }
    let words = at + BEGIN.len();
    let limit = words + WORDS_MAX + label.len();
    let end = text.len().min(limit);
    match memmem::find(&text[words..end], label.as_bytes()) {
        Some(i) if text[words..words + i].iter().all(|b| Class::UPNUM.has(*b) || *b == b' ') => {
            Step::Yes(at, words + i + label.len())
        }
        Some(_) => Step::No,
        None if end == text.len() && end < limit => Step::Short,
        None => Step::No,
    }
}

/// Whether key material follows a BEGIN line that ends at `at`. Programs and manuals name the line
/// without a key.
pub(crate) fn has_body(text: &[u8], at: usize) -> bool {
    let i = behind_decoration(text, at);
    let word = Class::BASE64.or(Class::DASH).span(text, i, 16);
    i > at && (word == 16 || (word > 0 && text.get(i + word) == Some(&b':')))
}

/// Between a BEGIN line and the key stand at most so many bytes.
const DECORATION_MAX: usize = 64;

/// Where the text goes on behind what may stand at the end of a line of a key and at the beginning
/// of the next: line ends, also such as are written out as escapes, and what programs, logs and
/// terminals put around lines (quotes, signs, frames, colours).
pub(crate) fn behind_decoration(text: &[u8], at: usize) -> usize {
    let limit = text.len().min(at + DECORATION_MAX);
    let mut i = at;
    while i < limit {
        match text[i] {
            b'n' | b'r' if i > at && text[i - 1] == b'\\' => i += 1,
            b'[' if i > at && text[i - 1] == 0x1b => {
                i = super::matcher::behind_sequence(text, i + 1).unwrap_or(i + 1);
            }
            b'-' => break,
            byte if byte.is_ascii_alphanumeric() => break,
            _ => i += 1,
        }
    }
    i
}

/// Where the block ends whose BEGIN line ends at `at`; without an END line, at the end of the text.
pub(crate) fn end(text: &[u8], at: usize) -> usize {
    let mark = memmem::find(&text[at..], END);
    class::meter(mark.unwrap_or(text.len() - at));
    let Some(mark) = mark else { return text.len() };
    let label = at + mark + END.len();
    let limit = text.len().min(label + LABEL_MAX);
    match memmem::find(&text[label..limit], b"-----") {
        Some(i) => label + i + 5,
        None => limit,
    }
}
