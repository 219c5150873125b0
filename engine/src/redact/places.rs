//! The places of a text at which a secret may be recognised, as bit masks.
//!
//! The frame scanner asks about them on raw text, the finder on decoded text: both see the same
//! places, so what is found at one of them was announced there. This says where to look, and never
//! what stands there.

use crate::bits::kernel::{self, BLOCK, Masks};
use crate::bits::mask::{self, Runs};

/// What a block of a text holds. In a frame only what stands within strings counts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    /// `A-Z a-z 0-9 _ -`; in raw text without the byte behind a backslash.
    pub token: u64,
    /// `=`
    pub equals: u64,
    /// `:`
    pub colon: u64,
    /// `%`
    pub percent: u64,
    /// Bytes that are no ASCII, behind a token byte.
    pub hidden: u64,
    /// The last byte of the block before was a token byte.
    pub carry: u64,
}

impl Window {
    /// A block of decoded text, behind `before`.
    #[inline]
    pub(crate) fn of(masks: &Masks, before: &Window) -> Window {
        let carry = before.token >> (BLOCK - 1);
        Window {
            token: masks.token,
            equals: masks.equals,
            colon: masks.colon,
            percent: masks.percent,
            hidden: masks.high & (masks.token << 1 | carry),
            carry,
        }
    }

    /// Where runs start in this block, which `next` follows.
    #[inline]
    pub(crate) fn runs(&self, next: &Window) -> Runs {
        mask::runs(self.token, next.token, self.carry)
    }
}

/// Blocks that are classified at a time.
const BATCH: usize = 8;

/// Calls `look` with each block of a decoded text: where it starts, what it holds, and what the next
/// one holds.
#[inline]
pub(crate) fn each(text: &[u8], mut look: impl FnMut(usize, &Window, &Window)) {
    let mut batch = [Masks::default(); BATCH];
    let mut last = Window::default();
    let mut at = 0;
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
        }
    }
    look(at.wrapping_sub(BLOCK), &last, &Window::default());
}
