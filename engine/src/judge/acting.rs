//! Does with each secret what its rule says: the edits that were collected become what is written.
//!
//! It reads only the stretches that are changed. Placeholders and masks hold characters alone that
//! need no escape at any depth.

use super::edits::{By, How, Scratch};
use super::reply::Refusal;
use crate::base::reason::Reason;
use crate::redact::{self, Action, Rules, Writing};
use crate::wire::text;

/// Turns what rules have found into what their actions write.
///
/// # Errors
/// More would be written than the frame may hold.
pub(crate) fn act(
    frame: &[u8],
    rules: &Rules,
    frame_bytes_max: usize,
    scratch: &mut Scratch,
) -> Result<(), Refusal> {
    let Scratch { edits, made, spelled, secret, piece, written, .. } = scratch;
    for edit in edits {
        let By::Rule(rule) = edit.by else { continue };
        let action = rules.action(rule);
        if action != Action::Mask && edit.writing == Writing::PLAIN {
            continue;
        }
        spelled.clear();
        text::decode(&frame[edit.start as usize..edit.end as usize], spelled);
        piece.clear();
        let how = if action == Action::Mask {
            redact::mask_spelled(edit.writing, spelled, secret, piece);
            How::Masked
        } else {
            piece.extend_from_slice(rules.replacement(rule).as_bytes());
            How::Redacted
        };
        written.clear();
        edit.writing.write(spelled, piece, written);
        piece.clear();
        text::encode_bytes(written, piece);
        if made.len() + piece.len() > frame_bytes_max {
            return Err(Reason::FrameTooLarge.into());
        }
        let (from, len) = (made.push(piece), piece.len() as u32);
        edit.by = By::Made { from, len, how, rule };
    }
    Ok(())
}
