//! The engine alone, driven as a host drives it, without a process.

use std::time::{Duration, Instant};

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

    /// Hands over bytes of one side and takes all that leaves; the time from `recv_commit` to the
    /// last `send_commit`, without the copy that stands for read(2).
    ///
    /// # Panics
    /// If the lane stands although everything was taken.
    pub fn feed(&mut self, from: Side, mut bytes: &[u8]) -> Duration {
        let mut spent = Duration::ZERO;
        while !bytes.is_empty() {
            let space = self.engine.recv_space(from);
            let count = space.len().min(bytes.len());
            assert!(count > 0, "the lane of the {} stands", from.name());
            space[..count].copy_from_slice(&bytes[..count]);
            bytes = &bytes[count..];
            let started = Instant::now();
            self.engine.recv_commit(&mut self.ledger, from, count, self.now);
            self.take_all();
            spent += started.elapsed();
        }
        spent
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
        self.take_all();
    }

    fn take_all(&mut self) {
        for to in [Receiver::Server, Receiver::Client, Receiver::Noise] {
            loop {
                let count = std::hint::black_box(self.engine.send_ready(to)).len();
                if count == 0 {
                    break;
                }
                self.sent[to as usize] += count as u64;
                self.engine.send_commit(&mut self.ledger, to, count);
            }
        }
        while self.engine.next_event().is_some() {}
    }
}
