//! The key of placeholders. The host makes it at random and hands it in; it is shown to nobody,
//! written into no configuration, and wiped when it is dropped.

use std::fmt;

use zeroize::Zeroizing;

/// Thirty-two random bytes that make the placeholders of sealed secrets unguessable.
#[derive(Clone, PartialEq, Eq)]
pub struct SealKey(Zeroizing<[u8; 32]>);

impl SealKey {
    /// A key of these bytes; they have to be random, and the same for as long as placeholders are
    /// to stay the same.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey")
    }
}
