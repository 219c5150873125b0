//! What a loop over sessions is made of, whether it has one or many: the poll, the only clock,
//! signals, standard error, the ledger and the records.

use std::io;
use std::time::Duration;

use mio::event::Event;
use mio::{Events, Poll, Registry, Token};
use portcullis_engine::{Ledger, Time};

use crate::approval::{Approvals, Desk, Verdict};
use crate::clock::Clock;
use crate::process::{Signals, Told};
use crate::recorder::Recorder;
use crate::stdio::Errors;

/// The parts of a loop.
pub struct Host {
    poll: Poll,
    clock: Clock,
    signals: Signals,
    /// What time it was when the last wait ended.
    pub now: Time,
    /// Our standard error.
    pub errors: Errors,
    /// What outlives a session.
    pub ledger: Ledger,
    /// Where decisions are recorded.
    pub recorder: Recorder,
    /// Calls that wait for somebody's word.
    pub approvals: Approvals,
}

/// What all sessions of a host share, lent for the time of a call.
pub struct World<'a> {
    /// Where descriptors are registered.
    pub registry: &'a Registry,
    /// What time it is.
    pub now: Time,
    /// What outlives a session.
    pub ledger: &'a mut Ledger,
    /// Where decisions are recorded.
    pub recorder: &'a mut Recorder,
    /// Our standard error.
    pub errors: &'a mut Errors,
    /// Calls that wait for somebody's word.
    pub approvals: &'a mut Approvals,
}

/// The token of signals, by which [`Host::told`] is to be asked.
pub const SIGNALS: Token = Token(usize::MAX - 1);
const ERRORS: Token = Token(usize::MAX - 2);
/// The token of all pipes of all hooks.
pub const HOOKS: Token = Token(usize::MAX - 3);

impl Host {
    /// Catches signals from now on.
    ///
    /// # Errors
    /// What the system said.
    pub fn start(recorder: Recorder) -> io::Result<Self> {
        let clock = Clock::start();
        let poll = Poll::new()?;
        Ok(Host {
            signals: Signals::catch(poll.registry(), SIGNALS)?,
            errors: Errors::new(ERRORS)?,
            now: clock.now(),
            ledger: Ledger::new(),
            approvals: Approvals::default(),
            poll,
            clock,
            recorder,
        })
    }

    /// What a session is lent.
    pub fn world(&mut self) -> World<'_> {
        World {
            registry: self.poll.registry(),
            now: self.now,
            ledger: &mut self.ledger,
            recorder: &mut self.recorder,
            errors: &mut self.errors,
            approvals: &mut self.approvals,
        }
    }

    /// Where descriptors are registered.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        self.poll.registry()
    }

    /// Waits for events, and looks at the clock.
    ///
    /// # Errors
    /// What the system said.
    pub fn wait(&mut self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        match self.poll.poll(events, timeout) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => done?,
        }
        self.now = self.clock.now();
        Ok(())
    }

    /// Takes note of an edge that is ours; false if it is not.
    pub fn note(&mut self, event: &Event) -> bool {
        match event.token() {
            ERRORS => self.errors.note(self.poll.registry()),
            HOOKS => self.approvals.note(self.poll.registry()),
            _ => return false,
        }
        true
    }

    /// Asks those whose word is needed, as far as that can be done now; what was said.
    pub fn ask(&mut self) -> Vec<Verdict> {
        let mut approvals = std::mem::take(&mut self.approvals);
        let verdicts = approvals.work(&mut self.desk());
        self.approvals = approvals;
        verdicts
    }

    /// What those who ask are lent.
    pub fn desk(&mut self) -> Desk<'_> {
        Desk {
            registry: self.poll.registry(),
            now: self.now,
            recorder: &mut self.recorder,
            errors: &mut self.errors,
        }
    }

    /// The signals that came since the last call.
    pub fn told(&mut self) -> Vec<Told> {
        self.signals.told().collect()
    }

    /// Brings the log to its file or to standard error, and writes there what can be written without
    /// waiting. While nobody reads it, the log keeps count of what it drops.
    ///
    /// # Errors
    /// What the system said.
    pub fn write_errors(&mut self) -> io::Result<()> {
        self.recorder.write_log();
        if self.errors.has_room() {
            self.recorder.take(self.errors.tail());
        }
        self.errors.flush(self.poll.registry())
    }
}
