//! Private keys of many lines: everything from the first line to the last goes.

use super::class::{self, Class};
use super::matcher::Step;
use super::rule::Block;
use memchr::memmem;

/// Between the beginning and the label there are a few words at most (`ENCRYPTED`, `RSA`).
const WORDS_MAX: usize = 24;
/// The end of the last line is searched for this far behind its beginning.
const LABEL_MAX: usize = 64;
/// A line holds key material if it holds a stretch of base64 this long.
const MATERIAL_MIN: usize = 32;

/// Where the first line's label ends, if such a line begins at `at`.
pub(crate) fn header(block: &Block, text: &[u8], at: usize) -> Step {
    let begin = block.begin.as_bytes();
    let there = &text[at..text.len().min(at + begin.len())];
    if there.len() < begin.len() {
        return if begin.starts_with(there) { Step::Short } else { Step::No };
    }
    if there != begin {
        return Step::No;
    }
    let words = at + begin.len();
    let limit = words + WORDS_MAX + block.label.len();
    let end = text.len().min(limit);
    match memmem::find(&text[words..end], block.label.as_bytes()) {
        Some(i) if text[words..words + i].iter().all(|b| Class::UPNUM.has(*b) || *b == b' ') => {
            Step::Yes(at, words + i + block.label.len())
        }
        Some(_) => Step::No,
        None if end == text.len() && end < limit => Step::Short,
        None => Step::No,
    }
}

/// Whether key material follows a first line whose label ends at `at`. Programs and manuals name
/// the line without a key.
pub(crate) fn has_body(block: &Block, text: &[u8], at: usize) -> bool {
    if block.close.is_empty() {
        return Class::TOKEN.span(text, at, 1) == 1;
    }
    let i = behind_decoration(text, at);
    let word = Class::BASE64.or(Class::DASH).span(text, i, 16);
    i > at && (word == 16 || (word > 0 && text.get(i + word) == Some(&b':')))
}

/// Whether a first line whose label ends at `at` ends there too, so that the key stands in the lines
/// that follow.
pub(crate) fn ends_line(block: &Block, line: &[u8], at: usize) -> bool {
    let word = if block.close.is_empty() { Class::TOKEN.span(line, at, WORDS_MAX) } else { 0 };
    behind_decoration(line, at + word) == line.len()
}

/// Whether a line holds a part of a key, as far as can be told from the line alone: it is base64 and
/// nothing else, or holds much of it.
pub(crate) fn is_material(line: &[u8]) -> bool {
    const CLASS: Class = Class::BASE64.or(Class::EQUALS);
    let line = line.trim_ascii();
    let mut at = 0;
    while at < line.len() {
        let count = CLASS.span(line, at, usize::MAX);
        if count >= MATERIAL_MIN || (count > 0 && count == line.len()) {
            return true;
        }
        at += count + 1;
    }
    false
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

/// Where the block ends whose first label ends at `at`; without a last line, at the end of the text.
pub(crate) fn end(block: &Block, text: &[u8], at: usize) -> usize {
    let end = last_line(block, &text[at..]);
    class::meter(end.unwrap_or(text.len() - at));
    end.map_or(text.len(), |end| at + end)
}

/// Where the text goes on behind the last line of a block.
pub(crate) fn last_line(block: &Block, text: &[u8]) -> Option<usize> {
    let label = memmem::find(text, block.end.as_bytes())? + block.end.len();
    if block.close.is_empty() {
        return Some(label + Class::ALNUM.span(text, label, LABEL_MAX));
    }
    let mut limit = text.len().min(label + LABEL_MAX);
    while text.get(limit).is_some_and(|b| matches!(b, 0x80..0xc0)) {
        // No character is cut through.
        limit += 1;
    }
    let close = memmem::find(&text[label..limit], block.close.as_bytes());
    Some(close.map_or(limit, |i| label + i + block.close.len()))
}
