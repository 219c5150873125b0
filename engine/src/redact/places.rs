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
    /// `token`, `code` and `apart` of the last byte of the block before, in the lowest bits.
    pub carry: [u64; 3],
}

/// The places of a block.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Places {
    /// First bytes of runs of ten and more token bytes.
    pub runs: u64,
    /// Those of them with fifteen and more: a value with a word before it is no shorter.
    pub long: u64,
    /// Those of them that a blob of base64 or hexadecimal digits may lie around.
    pub blobs: u64,
    /// `=` and `:`
    pub signs: u64,
    /// `%`
    pub percent: u64,
    /// First bytes that are no ASCII, not behind a space.
    pub hidden: u64,
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
            carry: before.carry_on(),
        }
    }

    /// What this block leaves to the next.
    #[inline]
    pub(crate) fn carry_on(&self) -> [u64; 3] {
        [self.token, self.code, self.apart].map(|mask| mask >> (BLOCK - 1))
    }

    /// The places of this block, which `next` follows.
    #[inline]
    pub(crate) fn places(&self, next: &Window) -> Places {
        let runs = mask::runs(self.token, next.token, self.carry[0]);
        let (mut long, mut blobs) = (0, 0);
        if runs != 0 {
            long = runs & mask::fifteen(self.token, next.token);
            let digits = mask::twenty_four(self.code, next.code);
            blobs = runs & (digits | self.code << 1 | self.carry[1]);
        }
        let hidden = self.high & !(self.apart << 1 | self.carry[2]);
        Places { runs, long, blobs, signs: self.signs, percent: self.percent, hidden }
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
