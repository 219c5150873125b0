//! Bytes that were made for frames: what edits write where the policy has no ready text.
//!
//! They go with their frame wherever it goes, first in, first out, and are wiped behind it: a
//! credential that was opened may stand here. Never holds what came from a peer as it came.
//!
//! Invariant: `head <= bytes.len()`; memory is at most what may be kept at once.

use zeroize::{Zeroize, Zeroizing};

/// Pieces one behind the other.
#[derive(Default)]
pub(crate) struct Made {
    bytes: Zeroizing<Vec<u8>>,
    /// What lies before it was taken.
    head: usize,
}

impl Made {
    /// Keeps a piece behind all others, of which `most` bytes are kept at once; where it starts, as
    /// long as none is taken.
    pub(crate) fn push(&mut self, piece: &[u8], most: usize) -> u32 {
        let at = self.len();
        if self.bytes.capacity() - self.bytes.len() < piece.len() {
            self.make_room(piece.len(), most);
        }
        self.bytes.extend_from_slice(piece);
        at as u32
    }

    /// So many bytes that were kept from `from` on.
    pub(crate) fn bytes(&self, from: u32, len: u32) -> &[u8] {
        &self.bytes[self.head + from as usize..][..len as usize]
    }

    /// The first of the pieces.
    pub(crate) fn first(&self, len: usize) -> &[u8] {
        &self.bytes[self.head..][..len]
    }

    /// So many bytes were written.
    pub(crate) fn take(&mut self, len: usize) {
        self.bytes[self.head..][..len].zeroize();
        self.head += len;
        if self.head == self.bytes.len() {
            self.clear();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len() - self.head
    }

    pub(crate) fn clear(&mut self) {
        let head = std::mem::take(&mut self.head);
        self.bytes[head..].zeroize();
        self.bytes.clear();
    }

    pub(crate) fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// Moves what is kept to where more fits behind it. No copy stays behind.
    fn make_room(&mut self, more: usize, most: usize) {
        let kept = self.len();
        let mut moved = Zeroizing::new(Vec::with_capacity((kept + more).max(most.min(2 * kept))));
        moved.extend_from_slice(&self.bytes[self.head..]);
        self.bytes = moved;
        self.head = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_out_in_their_order_and_memory_stays_bounded() {
        let mut made = Made::default();
        let (mut put, mut got) = (0_u32, 0_u32);
        while got < 50_000 {
            while made.len() < 300 {
                made.push(&put.to_le_bytes(), 304);
                put += 1;
            }
            for _ in 0..1 + got % 70 {
                assert_eq!(made.first(4), got.to_le_bytes());
                made.take(4);
                got += 1;
            }
            assert!(made.memory() <= 304, "{}", made.memory());
        }
        made.clear();
        assert_eq!((made.len(), made.push(b"x", 1)), (0, 0));
        assert_eq!(made.bytes(0, 1), b"x");
    }
}
