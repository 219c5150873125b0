//! Characters that nobody sees, between the characters of a secret.

use crate::redact::spelling::{Piece, Spelling};
use crate::redact::unseen::{self, UnseenKind};

/// A row of unseen characters is followed this far.
const ROW_MAX: usize = 64;

/// Text with characters in it that nobody sees.
pub(super) struct Hidden;

impl Spelling for Hidden {
    fn next(raw: &[u8]) -> Option<usize> {
        raw.iter()
            .position(|b| matches!(b, 0xc2 | 0xcd | 0xd8 | 0xe1 | 0xe2 | 0xe3 | 0xef | 0xf0 | 0xf3))
    }

    fn piece(raw: &[u8]) -> Piece {
        unseen_at(raw, 0).map_or(Piece::one(raw[0], 1), Piece::nothing)
    }
}

/// Whether characters that nobody sees stand at `at`, behind a character of a token or a sign in
/// it, and the text goes on behind them. Where bytes have not come yet, the answer is yes.
pub(crate) fn may_hide(text: &[u8], at: usize) -> bool {
    hides_at(text, at).unwrap_or(true)
}

/// The same in a whole text.
pub(super) fn hides(text: &[u8], at: usize) -> bool {
    hides_at(text, at) == Some(true)
}

/// The answer, unless the text ends before it.
fn hides_at(text: &[u8], at: usize) -> Option<bool> {
    let mut end = at;
    for _ in 0..ROW_MAX {
        match unseen_at(text, end) {
            Some(len) => end += len,
            // Half a character.
            None if text.len() - end < 4 && text[end..].iter().all(|b| *b >= 0x80) => return None,
            None if end == at => return Some(false),
            None => {
                let byte = *text.get(end)?;
                return Some(byte.is_ascii_graphic() && byte != b'"');
            }
        }
    }
    Some(true)
}

/// How long the unseen character at `at` is. A control sequence of a terminal is no character: the
/// finder knows what it is.
fn unseen_at(text: &[u8], at: usize) -> Option<usize> {
    text.get(at)?;
    unseen::kind_at(text, at).filter(|(kind, _)| *kind != UnseenKind::Ansi).map(|(_, len)| len)
}
