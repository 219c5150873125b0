//! The loop of `run` and `connect`: one session between our own standard input and output and one
//! server, which is a child of ours or a daemon behind a socket.

use std::os::fd::OwnedFd;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use mio::Events;
use mio::event::Event;
use portcullis_engine::{Facts, Limits, Policy};

use crate::approval::HookPlan;
use crate::error::RunError;
use crate::host::{Host, SIGNALS};
use crate::process::{Child, Launch, Told};
use crate::recorder::Recorder;
use crate::session::Session;
use crate::stats;
use crate::stdio::{Descriptor, Direction};

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
    /// The program that is asked whether a call may go on.
    pub hook: Option<HookPlan>,
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
    host: Host,
    session: Session,
    stats: bool,
}

impl Driver {
    /// Starts the server and everything around it. No byte has moved when it returns.
    ///
    /// # Errors
    /// [`RunError`]; nothing is left running.
    pub fn start(setup: Setup) -> Result<Self, RunError> {
        let mut host = Host::start(setup.recorder)?;
        host.approvals.configure(setup.hook, false);
        let stdin = Descriptor::inherited(rustix::stdio::stdin(), Direction::Read)?;
        let stdout = Descriptor::inherited(rustix::stdio::stdout(), Direction::Write)?;
        let descriptors = [stdin, stdout];
        let mut session =
            Session::new(&mut host.world(), 0, descriptors, setup.policy, setup.limits)?;
        session.introduce(Facts::new(u64::from(std::process::id()), &setup.name));
        match setup.upstream {
            Upstream::Command(launch) => {
                let (child, pipes) = Child::start(&launch).map_err(RunError::Spawn)?;
                session.join(child, pipes, host.registry())?;
            }
            Upstream::Socket(socket) => session.connect(socket, host.registry())?,
        }
        Ok(Driver { host, session, stats: setup.stats })
    }

    /// Relays until the session is over.
    ///
    /// # Errors
    /// [`RunError`] if we ourselves failed. The server's group is gone in any case.
    pub fn run(mut self) -> Result<Ended, RunError> {
        let result = self.serve().and_then(|()| self.session.collect(&mut self.host.world()));
        self.session.forget_questions(&mut self.host.world());
        if self.stats {
            self.report();
        }
        let _ = self.host.write_errors();
        let client_left = self.session.has_been_left() && !self.session.server_left_first();
        let status = self.session.into_child().map(Child::end);
        result?;
        Ok(match status {
            Some(status) => Ended::Child(status?),
            None if client_left => Ended::Client,
            None => Ended::Socket,
        })
    }

    fn serve(&mut self) -> Result<(), RunError> {
        let mut events = Events::with_capacity(16);
        loop {
            let rests = self.pump()?;
            if rests && self.session.is_over() && self.host.errors.is_empty() {
                return Ok(());
            }
            let hooks = self.host.approvals.deadline();
            let due = self.session.deadline().into_iter().chain(hooks).min();
            self.host.wait(&mut events, self.timeout(rests, due))?;
            for event in &events {
                self.note(event);
            }
            let is_due = due.is_some_and(|at| at <= self.host.now.monotonic_ms);
            if is_due && self.session.tick(&mut self.host.world()) {
                return Ok(());
            }
        }
    }

    /// Moves what can be moved without waiting; false if there is more to do.
    fn pump(&mut self) -> Result<bool, RunError> {
        let mut rests = self.session.pump(&mut self.host.world(), ROUNDS_MAX)?;
        for verdict in self.host.ask() {
            self.session.answer(&verdict, &mut self.host.world());
            rests = false;
        }
        let had_room = self.host.errors.has_room();
        self.host.write_errors()?;
        // What waited for room on standard error has no edge of its own.
        Ok(rests && (had_room || !self.host.errors.has_room()))
    }

    /// How long to wait if the session is due at this time.
    fn timeout(&self, rests: bool, due: Option<u64>) -> Option<Duration> {
        if !rests {
            return Some(Duration::ZERO);
        }
        due.map(|at| Duration::from_millis(at.saturating_sub(self.host.now.monotonic_ms)))
    }

    fn note(&mut self, event: &Event) {
        if event.token() == SIGNALS {
            self.host.told().into_iter().for_each(|told| self.heed(told));
        } else if !self.host.note(event) {
            self.session.note(event, self.host.registry());
        }
    }

    fn heed(&mut self, told: Told) {
        match told {
            // Whoever asks more often than it reads gets fewer reports.
            Told::Report if !self.host.errors.has_room() => {}
            Told::Report => self.report(),
            Told::Child => {
                self.session.note_child();
            }
            Told::Leave | Told::HangUp => {
                let until_ms = self.host.now.monotonic_ms + DRAIN_MS;
                self.session.leave(&mut self.host.world(), until_ms);
            }
        }
    }

    fn report(&mut self) {
        let text = stats::text(&self.session.metrics());
        self.host.errors.tail().extend_from_slice(text.as_bytes());
    }
}

/// After so many rounds without rest, signals and deadlines are looked at: 64 rounds move at most a
/// few MiB, some milliseconds.
const ROUNDS_MAX: usize = 64;
/// Requests still open so long after a signal are answered by us, before the group is killed.
const DRAIN_MS: u64 = 1_500;
