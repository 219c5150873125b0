//! Does with each secret what its rule says: the edits that were collected become what is written.
//!
//! It reads only the stretches that are changed. Placeholders and masks hold characters alone that
//! need no escape at any depth.

use super::bare::Bare;
use super::edits::{By, How, Scratch, Subject};
use super::reply::Refusal;
use crate::base::reason::Reason;
use crate::redact::{self, Action, Writing};
use crate::wire::text;

/// Turns what rules have found into what their actions write.
///
/// # Errors
/// More would be written than the frame may hold.
pub(crate) fn act(
    subject: Subject<'_>,
    frame_bytes_max: usize,
    scratch: &mut Scratch,
) -> Result<(), Refusal> {
    let Subject { frame, rules, sealer, .. } = subject;
    let Scratch { edits, made, sealed, decoded: spelled, secret, piece, written, .. } = scratch;
    let Scratch { unseen, bare, .. } = scratch;
    for edit in edits {
        let By::Rule(rule) = edit.by else { continue };
        let sealer = sealer.filter(|_| rules.action(rule) == Action::Seal);
        let masks = rules.action(rule) == Action::Mask;
        if !masks && sealer.is_none() && edit.writing == Writing::PLAIN {
            continue;
        }
        let range = edit.start as usize..edit.end as usize;
        let mut raw = &frame[range.clone()];
        // What nobody sees is no part of what was found.
        let way = Bare::new(range, unseen);
        if !way.is_whole() {
            way.write(frame, bare);
            if !bare.is_empty() {
                raw = bare;
            }
        }
        text::decode_into(raw, spelled);
        secret.clear();
        secret.reserve_exact(spelled.len());
        piece.clear();
        let is_sealed = sealer.is_some_and(|sealer| {
            // What cannot be written back as it was is not sealed.
            let is_whole = edit.writing.read(spelled, secret) && !text::has_lone_surrogate(raw);
            is_whole
                && std::str::from_utf8(secret).is_ok()
                && sealer.seal(rules.info(rule).name, secret, sealed, piece)
        });
        let how = if is_sealed {
            How::Sealed
        } else if masks {
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
        let (from, len) = (made.push(piece, frame_bytes_max), piece.len() as u32);
        edit.by = By::Made { from, len, how, rule };
    }
    Ok(())
}
