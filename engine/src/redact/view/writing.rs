//! How a secret is spelled within the text in which it was found.
//!
//! Reads the secret out of its spelling, and spells what stands in its place so that the view stays
//! what it was. Holds no text. The invariant: what `write` appends may stand where `spelled` stood,
//! and every reader of the view reads the same text around it as before.

/// The spelling of a secret: as it is, or as part of an encoded stretch of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Writing;

impl Writing {
    /// In its own characters.
    pub const PLAIN: Writing = Writing;

    /// Appends the secret itself. `spelled` is the text from the start of the match to its end.
    /// False if a part of the secret stands outside the match, so that it cannot be told whole.
    pub fn read(self, spelled: &[u8], out: &mut Vec<u8>) -> bool {
        out.extend_from_slice(spelled);
        true
    }

    /// Appends `plain` as it has to be spelled to stand in the place of the text from the
    /// start of the match to its end.
    pub fn write(self, _spelled: &[u8], plain: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(plain);
    }
}
