//! The places of a text at which a secret may be recognised, as bit masks.
//!
//! The frame scanner asks about them on raw text, the finder on decoded text: both see the same
//! places, so what is found at one of them was announced there. This says where to look, and never
//! what stands there.

use crate::bits::kernel::{self, BLOCK, Masks};
use crate::bits::mask;

/// What a block of a text holds. In a frame only what stands within strings counts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    /// `A-Z a-z 0-9 _ -`; in raw text without the byte that an escape ends with.
    pub token: u64,
    /// The same, `+` and `/`.
    pub code: u64,
    /// `=` and `:`
    pub signs: u64,
    /// `%`
    pub percent: u64,
    /// Bytes that are no ASCII.
    pub high: u64,
    /// These and spaces: nothing hides behind them.
    pub apart: u64,
    /// `token`, `code` and `apart` of the block before.
    pub before: [u64; 3],
}

/// The places of a block.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Places {
    /// First bytes of runs of ten and more token bytes.
    pub runs: u64,
    /// Those of them with fifteen and more: a value with a word before it is no shorter.
    pub long: u64,
    /// Those of them that lie deep in a row of `code`: what began there was seen where it began.
    pub deep: u64,
    /// Those of them that a blob of base64 or hexadecimal digits may lie around.
    pub blobs: u64,
    /// `=` and `:`
    pub signs: u64,
    /// `%`
    pub percent: u64,
    /// First bytes that are no ASCII, not behind a space.
    pub hidden: u64,
}

/// What the masks tell of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// It is one of [`Places::long`].
    pub is_long: bool,
    /// It is one of [`Places::deep`].
    pub is_deep: bool,
}

impl Run {
    /// Nothing is known of it: the more willing answer.
    pub(crate) const UNKNOWN: Run = Run { is_long: true, is_deep: false };

    /// The run that starts at bit `i`.
    #[inline]
    pub(crate) fn of(i: usize, long: u64, deep: u64) -> Run {
        Run { is_long: long >> i & 1 == 1, is_deep: deep >> i & 1 == 1 }
    }
}

impl Window {
    /// A block of decoded text, behind `before`.
    #[inline]
    pub(crate) fn of(masks: &Masks, before: &Window) -> Window {
        Window {
            token: masks.token,
            code: masks.token | masks.plus | masks.slash,
            signs: masks.equals | masks.colon,
            percent: masks.percent,
            high: masks.high,
            apart: masks.high | masks.space,
            before: [before.token, before.code, before.apart],
        }
    }

    /// The places of this block, which `next` follows.
    #[inline]
    pub(crate) fn places(&self, next: &Window) -> Places {
        let [token, code, apart] = self.before;
        let runs = mask::runs(self.token, next.token, token >> (BLOCK - 1));
        let (mut long, mut deep, mut blobs) = (0, 0, 0);
        if runs != 0 {
            long = runs & mask::fifteen(self.token, next.token);
            let digits = mask::twenty_four(self.code, next.code);
            let goes_on = runs & (self.code << 1 | code >> (BLOCK - 1));
            deep =
                if goes_on == 0 { 0 } else { goes_on & mask::thirty_two_before(code, self.code) };
            blobs = (runs & digits | goes_on) & !deep;
        }
        let hidden = self.high & !(self.apart << 1 | apart >> (BLOCK - 1));
        Places { runs, long, deep, blobs, signs: self.signs, percent: self.percent, hidden }
    }
}

/// Blocks that are classified at a time.
const BATCH: usize = 8;

/// Calls `look` with each block of a decoded text: where it starts, what it holds, and what the next
/// one holds. Whether the text may hold an escape by number or of a slash.
#[inline]
pub(crate) fn each(text: &[u8], mut look: impl FnMut(usize, &Window, &Window)) -> bool {
    let mut batch = [Masks::default(); BATCH];
    let mut last = Window::default();
    let (mut at, mut backslash, mut escapes) = (0, 0, 0);
    while at < text.len() {
        let count = match kernel::classify(&text[at..], &mut batch) {
            0 => {
                batch[0] = kernel::classify_rest(&text[at..]);
                1
            }
            count => count,
        };
        for masks in &batch[..count] {
            let now = Window::of(masks, &last);
            // Before the first block stands an empty one.
            look(at.wrapping_sub(BLOCK), &last, &now);
            last = now;
            at += BLOCK;
            let follows = masks.backslash << 1 | backslash;
            escapes |= follows & (masks.letter_u | masks.slash);
            backslash = masks.backslash >> (BLOCK - 1);
        }
    }
    look(at.wrapping_sub(BLOCK), &last, &Window::default());
    escapes != 0
}
