//! The loop of `run` and `connect`: one session between our own standard input and output and one
//! server, which is a child of ours or a daemon behind a socket.

use std::io;
use std::os::fd::OwnedFd;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use mio::event::Event;
use mio::{Events, Poll, Token};
use portcullis_engine::{Facts, Ledger, Limits, Policy, Time};

use crate::clock::Clock;
use crate::error::RunError;
use crate::process::{Child, Launch, Signals, Told};
use crate::recorder::Recorder;
use crate::session::{Session, TOKENS, World};
use crate::stats;
use crate::stdio::{Descriptor, Direction, Errors};

/// What a session is made of.
#[derive(Debug)]
pub struct Setup {
    /// The server.
    pub upstream: Upstream,
    /// Its name, for the records.
    pub name: String,
    /// The compiled policy.
    pub policy: Arc<Policy>,
    /// The engine's limits.
    pub limits: Limits,
    /// Where decisions are recorded.
    pub recorder: Recorder,
    /// Whether totals are printed at the end.
    pub stats: bool,
}

/// Where the server is.
#[derive(Debug)]
pub enum Upstream {
    /// It is started as a child.
    Command(Launch),
    /// It is reached over this connected socket.
    Socket(OwnedFd),
}

/// How a session ended.
#[derive(Clone, Copy, Debug)]
pub enum Ended {
    /// The child had this status.
    Child(ExitStatus),
    /// The client has left, or a signal came.
    Client,
    /// The other end of the socket has left while the client was still there.
    Socket,
}

/// A session at work.
pub struct Driver {
    poll: Poll,
    clock: Clock,
    now: Time,
    signals: Signals,
    session: Session,
    ledger: Ledger,
    recorder: Recorder,
    errors: Errors,
    stats: bool,
}

impl Driver {
    /// Starts the server and everything around it. No byte has moved when it returns.
    ///
    /// # Errors
    /// [`RunError`]; nothing is left running.
    pub fn start(mut setup: Setup) -> Result<Self, RunError> {
        let clock = Clock::start();
        let now = clock.now();
        let poll = Poll::new()?;
        let registry = poll.registry();
        let signals = Signals::catch(registry, SIGNALS)?;
        let stdin = Descriptor::inherited(rustix::stdio::stdin(), Direction::Read)?;
        let stdout = Descriptor::inherited(rustix::stdio::stdout(), Direction::Write)?;
        let mut errors = Errors::new(ERRORS)?;
        let mut ledger = Ledger::new();
        let mut world = World {
            registry,
            now,
            ledger: &mut ledger,
            recorder: &mut setup.recorder,
            errors: &mut errors,
        };
        let mut session = Session::new(&mut world, 0, [stdin, stdout], setup.policy, setup.limits)?;
        session.introduce(Facts::new(u64::from(std::process::id()), &setup.name));
        match setup.upstream {
            Upstream::Command(launch) => {
                let (child, pipes) = Child::start(&launch).map_err(RunError::Spawn)?;
                session.join(child, pipes, registry)?;
            }
            Upstream::Socket(socket) => session.connect(socket, registry)?,
        }
        let Setup { recorder, stats, .. } = setup;
        Ok(Driver { poll, clock, now, signals, session, ledger, recorder, errors, stats })
    }

    /// Relays until the session is over.
    ///
    /// # Errors
    /// [`RunError`] if we ourselves failed. The server's group is gone in any case.
    pub fn run(mut self) -> Result<Ended, RunError> {
        let result = self.serve().and_then(|()| {
            let (mut world, session) = self.split();
            session.collect(&mut world)
        });
        if self.stats {
            self.report();
        }
        let _ = self.errors.flush(self.poll.registry());
        let server_left_first = self.session.server_left_first();
        let status = self.session.into_child().map(Child::end);
        result?;
        Ok(match status {
            Some(status) => Ended::Child(status?),
            None if server_left_first => Ended::Socket,
            None => Ended::Client,
        })
    }

    fn serve(&mut self) -> Result<(), RunError> {
        let mut events = Events::with_capacity(16);
        loop {
            let rests = self.pump()?;
            if rests && self.session.is_over() && self.errors.is_empty() {
                return Ok(());
            }
            let due = self.session.deadline();
            match self.poll.poll(&mut events, self.timeout(rests, due)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => done?,
            }
            self.now = self.clock.now();
            for event in &events {
                self.note(event);
            }
            if due.is_some_and(|at| at <= self.now.monotonic_ms) {
                let (mut world, session) = self.split();
                if session.tick(&mut world) {
                    return Ok(());
                }
            }
        }
    }

    /// Moves what can be moved without waiting; false if there is more to do.
    fn pump(&mut self) -> Result<bool, RunError> {
        let (mut world, session) = self.split();
        let rests = session.pump(&mut world, ROUNDS_MAX)?;
        if self.errors.has_room() {
            self.recorder.take(self.errors.tail());
        }
        let had_room = self.errors.has_room();
        self.errors.flush(self.poll.registry())?;
        // What waited for room on standard error has no edge of its own.
        Ok(rests && (had_room || !self.errors.has_room()))
    }

    /// How long to wait if the session is due at this time.
    fn timeout(&self, rests: bool, due: Option<u64>) -> Option<Duration> {
        if !rests {
            return Some(Duration::ZERO);
        }
        due.map(|at| Duration::from_millis(at.saturating_sub(self.now.monotonic_ms)))
    }

    fn note(&mut self, event: &Event) {
        let registry = self.poll.registry();
        match event.token() {
            ERRORS => self.errors.note(registry),
            SIGNALS => {
                let told: Vec<Told> = self.signals.told().collect();
                told.into_iter().for_each(|told| self.heed(told));
            }
            _ => self.session.note(event, registry),
        }
    }

    fn heed(&mut self, told: Told) {
        match told {
            // Whoever asks more often than it reads gets fewer reports.
            Told::Report if !self.errors.has_room() => {}
            Told::Report => self.report(),
            Told::Child => {
                self.session.note_child();
            }
            Told::Leave | Told::HangUp => {
                let until_ms = self.now.monotonic_ms + DRAIN_MS;
                let (mut world, session) = self.split();
                session.leave(&mut world, until_ms);
            }
        }
    }

    fn report(&mut self) {
        let text = stats::text(&self.session.metrics());
        self.errors.tail().extend_from_slice(text.as_bytes());
    }

    fn split(&mut self) -> (World<'_>, &mut Session) {
        let world = World {
            registry: self.poll.registry(),
            now: self.now,
            ledger: &mut self.ledger,
            recorder: &mut self.recorder,
            errors: &mut self.errors,
        };
        (world, &mut self.session)
    }
}

const ERRORS: Token = Token(TOKENS);
const SIGNALS: Token = Token(TOKENS + 1);

/// After so many rounds without rest, signals and deadlines are looked at: 64 rounds move at most a
/// few MiB, some milliseconds.
const ROUNDS_MAX: usize = 64;
/// Requests still open so long after a signal are answered by us, before the group is killed.
const DRAIN_MS: u64 = 1_500;
