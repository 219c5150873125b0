//! Clients that wait for their server to be started, in the order in which they came.

use std::collections::VecDeque;

/// A client that waits: its place and its number, since a place is used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The place of the client.
    pub place: usize,
    /// The number of the client.
    pub number: u64,
}

/// The queue. Bounded by the number of clients, of which each stands in it once.
#[derive(Debug, Default)]
pub struct Launches {
    queue: VecDeque<Wish>,
}

/// A client waits so long at most for a process to be free, and is then told that there is none.
/// Well below the minute at which the common clients give up.
pub const WAIT_MS_MAX: u64 = 20_000;

impl Launches {
    /// Adds a client that does not stand here yet.
    pub fn push(&mut self, wish: Wish) {
        self.queue.push_back(wish);
    }

    /// Puts a client back in front whose turn it was.
    pub fn push_front(&mut self, wish: Wish) {
        self.queue.push_front(wish);
    }

    /// Whether nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Goes through all that wait, in order; those for whom `settled` is true leave.
    pub fn settle(&mut self, settled: impl FnMut(Wish) -> bool) {
        let mut settled = settled;
        self.queue.retain(|&wish| !settled(wish));
    }
}
