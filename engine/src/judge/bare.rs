//! Text as it leaves, without what is taken out of it because nobody sees it.
//!
//! What a reader gets is what has to be judged: a secret may show only once the characters between
//! its own are gone. Stretches of the raw frame are joined as they will be, so that whoever decodes
//! them reads what the reader reads.

use std::ops::Range;

use super::edits::Edit;

/// A string that is another one when it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Touched {
    /// Where it opens.
    pub at: u32,
    /// Where its name opens, if it is a value and something is taken out of that.
    pub name: Option<u32>,
}

/// A stretch of the frame without what is taken out of it.
pub(crate) struct Bare<'a> {
    range: Range<usize>,
    /// What is taken out and touches the stretch; in rising order and apart from each other.
    taken: &'a [Edit],
    /// So many of them lie before the last place that was asked for, with so many bytes.
    passed: usize,
    removed: usize,
}

impl<'a> Bare<'a> {
    /// The stretch of the frame at `range`, of which `taken` is taken out, as anything else.
    pub(crate) fn new(range: Range<usize>, taken: &'a [Edit]) -> Self {
        let low = taken.partition_point(|edit| edit.end as usize <= range.start);
        let len = taken[low..].partition_point(|edit| (edit.start as usize) < range.end);
        Self { range, taken: &taken[low..low + len], passed: 0, removed: 0 }
    }

    /// Whether nothing is taken out.
    pub(crate) fn is_whole(&self) -> bool {
        self.taken.is_empty()
    }

    /// Writes what stays into a buffer that is used again.
    pub(crate) fn write(&self, frame: &[u8], out: &mut Vec<u8>) {
        out.clear();
        out.reserve_exact(self.range.len());
        let mut at = self.range.start;
        for edit in self.taken {
            out.extend_from_slice(&frame[at..(edit.start as usize).max(at)]);
            at = (edit.end as usize).min(self.range.end);
        }
        out.extend_from_slice(&frame[at..self.range.end]);
    }

    /// Where in the frame the byte at an offset of what stays stands, or where what stays before
    /// the offset ends. Ask in rising order, about starts and ends in turn.
    pub(crate) fn frame_at(&mut self, offset: usize, is_end: bool) -> usize {
        while let Some(edit) = self.taken.get(self.passed) {
            let start = (edit.start as usize).max(self.range.start);
            let hole = start - self.range.start - self.removed;
            if hole > offset || (is_end && hole == offset) {
                break;
            }
            self.removed += (edit.end as usize).min(self.range.end) - start;
            self.passed += 1;
        }
        self.range.start + offset + self.removed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::edits::By;

    #[test]
    fn what_stays_is_written_and_found_again() {
        let frame = b"0123456789abcdef";
        let taken = [2..4, 4..5, 8..9, 12..16].map(|range| Edit::new(range, By::Nothing));
        for (range, stays) in [
            (0..16, "015679ab"),
            (0..2, "01"),
            (2..5, ""),
            (3..6, "5"),
            (5..8, "567"),
            (7..14, "79ab"),
            (0..0, ""),
        ] {
            let mut out = Vec::new();
            let mut bare = Bare::new(range.clone(), &taken);
            bare.write(frame, &mut out);
            assert_eq!(out, stays.as_bytes(), "{range:?}");
            for (i, byte) in out.iter().enumerate() {
                assert_eq!(frame[bare.frame_at(i, false)], *byte, "{range:?} {i}");
                assert_eq!(frame[bare.frame_at(i + 1, true) - 1], *byte, "{range:?} {i}");
            }
        }
        assert!(Bare::new(5..8, &taken).is_whole() && !Bare::new(5..9, &taken).is_whole());
    }
}
