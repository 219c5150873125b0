//! The engine alone, driven as a host drives it, without a process.

use portcullis_engine::{Engine, Ledger, Receiver, Side, Time};

/// An engine, its ledger and its time.
#[derive(Debug)]
pub struct Driver {
    /// The engine.
    pub engine: Engine,
    /// Its ledger.
    pub ledger: Ledger,
    /// What it is told the time is.
    pub now: Time,
    /// Bytes that left, by receiver.
    pub sent: [u64; 3],
}

impl Driver {
    /// Around a fresh engine.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self { engine, ledger: Ledger::new(), now: Time::default(), sent: [0; 3] }
    }

    /// Hands over bytes of one side, as read(2) would write them into the loan, and takes all that
    /// leaves.
    ///
    /// # Panics
    /// If the lane stands although everything was taken.
    pub fn feed(&mut self, from: Side, bytes: &[u8]) {
        self.commit(from, bytes, |left| _ = std::hint::black_box(left));
    }

    /// The same, and keeps what leaves.
    ///
    /// # Panics
    /// As [`feed`](Self::feed).
    pub fn feed_into(&mut self, from: Side, bytes: &[u8], left: &mut Vec<u8>) {
        self.commit(from, bytes, |bytes| left.extend_from_slice(bytes));
    }

    fn commit(&mut self, from: Side, mut bytes: &[u8], mut take: impl FnMut(&[u8])) {
        while !bytes.is_empty() {
            let space = self.engine.recv_space(from);
            let count = space.len().min(bytes.len());
            assert!(count > 0, "the lane of the {} stands", from.name());
            space[..count].copy_from_slice(&bytes[..count]);
            bytes = &bytes[count..];
            self.engine.recv_commit(&mut self.ledger, from, count, self.now);
            self.take_all(&mut take);
        }
    }

    /// Moves time on and lets the engine do what is due.
    pub fn pass_time(&mut self, milliseconds: u64) {
        let until = self.now.monotonic_ms + milliseconds;
        while let Some((due, _)) = self.engine.deadline().filter(|&(due, _)| due <= until) {
            self.now.monotonic_ms = due;
            self.engine.tick(&mut self.ledger, self.now);
        }
        self.now.monotonic_ms = until;
        self.engine.tick(&mut self.ledger, self.now);
        self.take_all(|left| _ = std::hint::black_box(left));
    }

    /// Takes all that is ready to leave, and the events.
    pub fn take_all(&mut self, mut take: impl FnMut(&[u8])) {
        for to in [Receiver::Server, Receiver::Client, Receiver::Noise] {
            loop {
                let ready = self.engine.send_ready(to);
                let count = ready.len();
                if count == 0 {
                    break;
                }
                take(ready);
                self.sent[to as usize] += count as u64;
                self.engine.send_commit(&mut self.ledger, to, count);
            }
        }
        while self.engine.next_event().is_some() {}
    }
}
