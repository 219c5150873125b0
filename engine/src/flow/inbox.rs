//! The receive buffer of one lane. A clean frame leaves from the memory it was read into.
//!
//! ```text
//! | free again | judged, not sent yet | part of a frame | free |
//! 0            released               judged            filled capacity
//! ```
//!
//! Invariant: `released <= judged <= filled <= capacity`. Places are named by the count of bytes
//! that the stream had before them, so moving the bytes changes no name.

use std::ops::Range;

use crate::base::limits::{BUFFER_BYTES_MIN, BUFFER_BYTES_SOFT, BUFFER_IDLE_MS, BUFFER_SOFT_MS};

/// A place in the stream of one side.
pub(crate) type Place = u64;

/// Proof that a range was judged and passed. Only [`Inbox::pass`] makes one, and an outbox takes
/// nothing else of a peer.
pub(crate) struct Judged(Range<Place>);

impl Judged {
    pub(crate) fn range(self) -> Range<Place> {
        self.0
    }
}

pub(crate) struct Inbox {
    buffer: Vec<u8>,
    /// The place of the first byte of the buffer.
    base: Place,
    released: usize,
    judged: usize,
    filled: usize,
    /// Largest capacity: the longest frame with its line end, and the soft limit beside it.
    capacity_max: usize,
    /// Length of the loan that was given last.
    lent: usize,
    /// The last commit filled its whole loan.
    was_full: bool,
    /// Since when the buffer is empty.
    empty_since: Option<u64>,
}

impl Inbox {
    pub(crate) fn new(frame_bytes_max: u32, now_ms: u64) -> Self {
        Self {
            buffer: vec![0; BUFFER_BYTES_MIN],
            base: 0,
            released: 0,
            judged: 0,
            filled: 0,
            capacity_max: Self::capacity_max(frame_bytes_max),
            lent: 0,
            was_full: false,
            empty_since: Some(now_ms),
        }
    }

    /// Most bytes that an inbox for such frames ever takes.
    pub(crate) fn capacity_max(frame_bytes_max: u32) -> usize {
        frame_bytes_max as usize + BUFFER_BYTES_SOFT
    }

    /// Memory to read into; empty while something that was read has to be judged or sent first.
    /// `is_partial`: what was not judged is the beginning of one frame.
    pub(crate) fn space(&mut self, is_partial: bool) -> &mut [u8] {
        self.make_room(is_partial);
        let waiting = self.judged - self.released;
        // A buffer that grew for one frame is not filled with many small ones: what waits for a
        // slow receiver stays within the soft limit, and with it the number of its pieces.
        let room = if waiting == 0 && is_partial {
            BUFFER_BYTES_SOFT
        } else {
            BUFFER_BYTES_SOFT.saturating_sub(self.filled - self.released)
        };
        let end = self.buffer.len().min(self.filled + room);
        self.lent = end - self.filled;
        &mut self.buffer[self.filled..end]
    }

    /// Whether what waits for the receiver leaves no room to read.
    pub(crate) fn is_blocked(&self) -> bool {
        let kept = self.filled - self.released;
        let full =
            kept >= BUFFER_BYTES_SOFT || (self.filled == self.buffer.len() && kept > self.released);
        self.judged > self.released && full
    }

    /// Takes `count` bytes that were read into the loan.
    ///
    /// # Panics
    /// If more is committed than was lent: a mistake of the host.
    pub(crate) fn commit(&mut self, count: usize) {
        assert!(count <= self.lent, "committed more bytes than were lent");
        self.was_full = count > 0 && count == self.lent;
        self.lent = 0;
        self.filled += count;
        if count > 0 {
            self.empty_since = None;
        }
        self.check();
    }

    /// What came of the frame that is not judged yet.
    pub(crate) fn unjudged(&self) -> &[u8] {
        &self.buffer[self.judged..self.filled]
    }

    /// The place where that frame starts.
    pub(crate) fn judged_at(&self) -> Place {
        self.base + self.judged as u64
    }

    /// The next `count` bytes are judged; the place they take.
    pub(crate) fn judge(&mut self, count: usize) -> Range<Place> {
        let start = self.judged_at();
        self.judged += count;
        self.check();
        start..start + count as u64
    }

    /// The next `count` bytes are judged and may leave as they stand.
    pub(crate) fn pass(&mut self, count: usize) -> Judged {
        Judged(self.judge(count))
    }

    /// Forgets what came of a frame that is not kept.
    pub(crate) fn discard(&mut self) {
        self.filled = self.judged;
    }

    /// The bytes between two places that were judged and not released.
    pub(crate) fn bytes(&self, range: Range<Place>) -> &[u8] {
        &self.buffer[(range.start - self.base) as usize..(range.end - self.base) as usize]
    }

    /// Nothing before `place` is needed any more.
    pub(crate) fn release(&mut self, place: Place, now_ms: u64) {
        self.released = (place - self.base) as usize;
        self.check();
        if self.released == self.filled {
            self.base += self.filled as u64;
            (self.released, self.judged, self.filled) = (0, 0, 0);
            self.empty_since.get_or_insert(now_ms);
        }
    }

    /// When memory may be given back, if there is any to give.
    pub(crate) fn deadline(&self) -> Option<u64> {
        let since = self.empty_since?;
        match self.buffer.len() {
            0..=BUFFER_BYTES_MIN => None,
            len if len > BUFFER_BYTES_SOFT => Some(since + BUFFER_SOFT_MS),
            _ => Some(since + BUFFER_IDLE_MS),
        }
    }

    /// Gives back memory that was not needed for a while.
    pub(crate) fn tick(&mut self, now_ms: u64) {
        let Some(since) = self.empty_since else { return };
        let idle = now_ms.saturating_sub(since);
        let keep = match idle {
            _ if idle >= BUFFER_IDLE_MS => BUFFER_BYTES_MIN,
            _ if idle >= BUFFER_SOFT_MS => BUFFER_BYTES_SOFT,
            _ => return,
        };
        if self.buffer.len() > keep {
            self.buffer.truncate(keep);
            self.buffer.shrink_to_fit();
        }
    }

    pub(crate) fn memory(&self) -> usize {
        self.buffer.capacity()
    }

    /// Moves what is kept to the front, or grows, where that is worth it.
    fn make_room(&mut self, is_partial: bool) {
        let capacity = self.buffer.len();
        let waiting = self.judged - self.released;
        let kept = self.filled - self.released;
        let free = capacity - self.filled;
        // Moving costs what is kept and gains what is free again: never more than a byte moved for
        // a byte released, whatever portions the receiver takes.
        if self.released > 0 && free < capacity / 4 && (kept <= self.released || waiting == 0) {
            self.buffer.copy_within(self.released..self.filled, 0);
            self.base += self.released as u64;
            self.judged -= self.released;
            self.filled = kept;
            self.released = 0;
        }
        let frame_fills_it = waiting == 0 && is_partial && self.filled == capacity;
        let wanted = match self.was_full {
            true if capacity < BUFFER_BYTES_SOFT => (capacity * 2).min(BUFFER_BYTES_SOFT),
            _ if frame_fills_it => capacity * 2,
            _ => capacity,
        };
        let wanted = wanted.min(self.capacity_max);
        if wanted > capacity {
            self.was_full = false;
            self.buffer.reserve_exact(wanted - capacity);
            self.buffer.resize(wanted, 0);
        }
    }

    fn check(&self) {
        debug_assert!(
            self.released <= self.judged
                && self.judged <= self.filled
                && self.filled <= self.buffer.len(),
            "the cursors of an inbox are out of order"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(inbox: &mut Inbox, bytes: &[u8]) -> usize {
        let space = inbox.space(true);
        let count = space.len().min(bytes.len());
        space[..count].copy_from_slice(&bytes[..count]);
        inbox.commit(count);
        count
    }

    #[test]
    fn grows_on_its_own_to_the_soft_limit_and_further_only_for_one_frame() {
        let mut inbox = Inbox::new(1 << 20, 0);
        let mut sent = 0;
        while put(&mut inbox, &[b'x'; 4096]) > 0 {
            sent += 4096;
            if inbox.unjudged().len() > 900_000 {
                break;
            }
        }
        assert!(inbox.unjudged().len() > 900_000, "{sent}");
        let all = inbox.unjudged().len();
        inbox.judge(all);
        // Nothing is released: nothing more is taken.
        assert!(inbox.space(true).is_empty());
        inbox.release(all as u64, 5);
        assert!(!inbox.space(true).is_empty());
        assert_eq!(inbox.deadline(), Some(1_005));
        inbox.tick(1_005);
        assert_eq!(inbox.memory(), BUFFER_BYTES_SOFT);
        inbox.tick(30_005);
        assert_eq!(inbox.memory(), BUFFER_BYTES_MIN);
        assert_eq!(inbox.deadline(), None);
    }

    #[test]
    fn places_survive_moving() {
        let mut inbox = Inbox::new(4096, 0);
        for round in 0..1000_u32 {
            let text = [round as u8; 1000];
            assert_eq!(put(&mut inbox, &text), 1000, "{round}");
            let range = inbox.judge(1000);
            assert_eq!(inbox.bytes(range.clone()), text);
            inbox.release(range.end, 0);
        }
    }

    #[test]
    fn a_reader_of_single_bytes_moves_nothing_for_nothing() {
        let mut inbox = Inbox::new(1 << 20, 0);
        while put(&mut inbox, &[b'x'; 4096]) > 0 && inbox.unjudged().len() < BUFFER_BYTES_SOFT {}
        let all = inbox.unjudged().len();
        inbox.judge(all);
        for place in 1..=all as u64 / 2 - 1 {
            inbox.release(place, 0);
            assert!(inbox.space(true).is_empty(), "moved {all} bytes for {place}");
        }
    }
}
