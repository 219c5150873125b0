//! Redacts plain text that comes in pieces: the standard error of a child, noise between frames.
//!
//! ```text
//!   pushed bytes ──> line held back until its end ──> searched ──> out
//!                         │ over 64 KiB                  │ a key block is open
//!                         v                              v
//!                    cut, marked, rest dropped      nothing leaves until its last line
//! ```
//!
//! A line is judged whole, so the pieces in which it came change nothing. Bytes that are not UTF-8
//! pass as they are.

use std::sync::Arc;

use memchr::{memchr2, memmem};

use super::block;
use super::matcher::Step;
use super::rule::Block;
use super::rules::{Match, Rules};
use super::view::Buffers;

/// A longer line is cut. What a program says in one line seldom has a hundredth of it.
const LINE_BYTES_MAX: usize = 64 << 10;
/// A cut may go through a secret, so up to this much before it is dropped as far as it may belong
/// to one.
const CUT_BACK_MAX: usize = 1 << 10;
/// An open key block swallows this much whatever it looks like. From there on each line is judged by
/// itself, so that a stray BEGIN line does not silence a program for good and no line of a longer
/// key is shown; and after so much without a line of a key, the block is over.
const BLOCK_BYTES_MAX: usize = 64 << 10;
const MARK: &[u8] = b" [cut]";

/// Redacts a stream of text line by line.
#[derive(Debug)]
pub struct TextRedactor {
    rules: Arc<Rules>,
    line: Line,
    /// A key block is open.
    block: Option<Open>,
    matches: Vec<Match>,
    views: Buffers,
}

/// A key block whose last line has not come.
#[derive(Debug)]
struct Open {
    block: Block,
    /// So much of it was swallowed.
    swallowed: usize,
    /// So much was shown since a line last held a part of the key.
    shown: usize,
}

/// A line that is not complete. Its text is not shown.
struct Line {
    bytes: Vec<u8>,
    /// It was longer than a line may be: the rest is dropped.
    cut: bool,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("len", &self.bytes.len()).field("cut", &self.cut).finish()
    }
}

impl TextRedactor {
    /// A redactor at the beginning of a stream.
    pub fn new(rules: Arc<Rules>) -> TextRedactor {
        let line = Line { bytes: Vec::new(), cut: false };
        TextRedactor { rules, line, block: None, matches: Vec::new(), views: Buffers::default() }
    }

    /// Takes more of the stream, and appends to `out` what may leave: all complete lines.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut rest = bytes;
        while let Some(i) = memchr2(b'\n', b'\r', rest) {
            self.hold(&rest[..i]);
            self.end_line(Some(rest[i]), out);
            rest = &rest[i + 1..];
        }
        self.hold(rest);
    }

    /// Ends the stream: appends what is left of its last line.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.line.bytes.is_empty() {
            self.end_line(None, out);
        }
        self.block = None;
    }

    fn hold(&mut self, bytes: &[u8]) {
        let room = LINE_BYTES_MAX - self.line.bytes.len();
        self.line.cut |= bytes.len() > room;
        self.line.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Writes the held line, and the byte that ended it.
    fn end_line(&mut self, end: Option<u8>, out: &mut Vec<u8>) {
        let mut line = std::mem::take(&mut self.line.bytes);
        let cut = std::mem::take(&mut self.line.cut);
        let mut shown = line.len();
        if cut {
            let low = line.len() - CUT_BACK_MAX;
            let space = line[low..].iter().rposition(u8::is_ascii_whitespace);
            shown = space.map_or(low, |i| low + i);
        }
        if let Some(from) = self.swallow(&line[..shown]) {
            self.write(&line[from..], shown - from, out);
            if cut {
                out.extend_from_slice(MARK);
            }
            out.extend(end);
        }
        line.clear();
        self.line.bytes = line;
    }

    /// Takes from a line what an open key block holds of it; where the text goes on, unless the
    /// whole line is swallowed.
    fn swallow(&mut self, line: &[u8]) -> Option<usize> {
        let Some(open) = &mut self.block else { return Some(0) };
        if let Some(end) = block::last_line(&open.block, line) {
            self.block = None;
            return (end < line.len()).then_some(end);
        }
        open.swallowed += line.len() + 1;
        if open.swallowed <= BLOCK_BYTES_MAX || block::is_material(line) {
            open.shown = 0;
            return None;
        }
        open.shown += line.len() + 1;
        if open.shown > BLOCK_BYTES_MAX {
            self.block = None;
        }
        Some(0)
    }

    /// Writes the first bytes of a stretch of a line, so many, without its secrets; one that goes on
    /// behind them goes whole.
    fn write(&mut self, text: &[u8], mut shown: usize, out: &mut Vec<u8>) {
        let (text, opened) = match open_block(&self.rules, &text[..shown]) {
            Some((at, id, block)) => (&text[..at], Some((id, block))),
            None => (text, None),
        };
        shown = shown.min(text.len());
        self.matches.clear();
        self.rules.find_at_most(None, text, usize::MAX, &mut self.views, &mut self.matches);
        let mut from = 0;
        for found in self.matches.iter().take_while(|found| found.start < shown) {
            out.extend_from_slice(&text[from..found.start]);
            self.rules.write_plain(found, text, out);
            from = found.end;
        }
        out.extend_from_slice(&text[from.min(shown)..shown]);
        if let Some((id, block)) = opened {
            out.extend_from_slice(self.rules.replacement(super::RuleId(id)).as_bytes());
            self.block = Some(Open { block, swallowed: 0, shown: 0 });
        }
    }
}

/// Where a key block begins whose first line ends this line, and its rule.
fn open_block(rules: &Rules, text: &[u8]) -> Option<(usize, u16, Block)> {
    rules.blocks().iter().find_map(|(id, block)| {
        let at = memmem::rfind(text, block.begin.as_bytes())?;
        match block::header(block, text, at) {
            Step::Yes(_, end) if block::ends_line(block, text, end) => Some((at, *id, *block)),
            _ => None,
        }
    })
}
