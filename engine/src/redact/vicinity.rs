//! What stands around a place of raw text, decoded, so that the finder's own question can be asked
//! there before a whole string is decoded for it.

use super::spelling::{Escapes, Spelling};

/// So many raw bytes before a place are decoded: three times what any question looks back, since an
/// escape takes six bytes for two.
const BACK: usize = 320;
/// And so many decoded bytes behind it.
pub(super) const AHEAD: usize = 192;
/// The last escape may reach beyond that.
const LEN: usize = BACK + AHEAD + 8;

/// A decoded stretch of a string.
pub(crate) struct Vicinity {
    bytes: [u8; LEN],
    len: usize,
    at: usize,
}

impl Vicinity {
    /// What stands around `at` in a raw string, with whose opening quote `raw` begins and which goes
    /// on as far as it has come. None if what is needed has not come.
    pub(crate) fn of(raw: &[u8], at: usize) -> Option<Vicinity> {
        let mut near = Vicinity { bytes: [0; LEN], len: 0, at: 0 };
        let mut low = at.saturating_sub(BACK).max(1);
        // Not between a backslash and what it escapes.
        low += raw[1..low].iter().rev().take_while(|b| **b == b'\\').count() % 2;
        near.decode(raw, low, |near, i| i < at && near.len < LEN - 8)?;
        near.at = near.len;
        near.decode(raw, at, |near, _| near.len < near.at + AHEAD)?;
        Some(near)
    }

    /// Decodes from `at` on as long as `goes_on`, and the string does; none if the frame does not.
    fn decode(
        &mut self,
        raw: &[u8],
        at: usize,
        goes_on: impl Fn(&Vicinity, usize) -> bool,
    ) -> Option<()> {
        let mut i = at;
        while goes_on(self, i) {
            let rest = raw.get(i..).filter(|rest| !rest.is_empty())?;
            match rest[0] {
                b'"' => break,
                b'\\' => {
                    let piece = Escapes::piece(rest);
                    let decoded = piece.decoded();
                    self.bytes[self.len..self.len + decoded.len()].copy_from_slice(decoded);
                    self.len += decoded.len();
                    i += piece.raw;
                }
                byte => {
                    self.bytes[self.len] = byte;
                    self.len += 1;
                    i += 1;
                }
            }
        }
        Some(())
    }

    /// The decoded text, and the place in it.
    pub(crate) fn text(&self) -> (&[u8], usize) {
        (&self.bytes[..self.len], self.at)
    }
}
