//! The loop of `run`: two pairs of pipes, one engine between them, and a child to look after.
//!
//! ```text
//!  client                     engine                     server
//!    | fd 0  -> Reader ->  [ Client lane ]  -> Writer ->  stdin |
//!    | fd 1  <- Writer <-  [ Server lane ]  <- Reader <- stdout |
//!    | fd 2  <- Errors <------- noise, TextRedactor <--- stderr |
//! ```
//!
//! It contains no protocol: it never looks into a frame. Interest follows state: it reads exactly
//! while the engine lends room, and writes exactly while the engine has something. So a side that
//! stops reading stops its writer, and nothing is buffered here but standard error, up to a limit.

use std::ffi::OsString;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use mio::event::Event;
use mio::{Events, Poll, Token};
use portcullis_engine::{
    Engine, Facts, Ledger, Limits, Policy, Receiver, Side, Stall, TextRedactor, Time, Wanted,
};
use rustix::process::Signal;

use crate::audit::Audit;
use crate::clock::Clock;
use crate::error::RunError;
use crate::process::{Child, Leave, Signals, Step, Told, exit_code};
use crate::stats;
use crate::stdio::{Descriptor, Direction, Errors, Got, Put, Reader, Writer};

/// What a session is made of.
#[derive(Debug)]
pub struct Setup {
    /// The server's command and its arguments; at least one.
    pub command: Vec<OsString>,
    /// The compiled policy.
    pub policy: Arc<Policy>,
    /// The engine's limits.
    pub limits: Limits,
    /// Where decisions are recorded.
    pub audit: Option<Audit>,
    /// Whether totals are printed at the end.
    pub stats: bool,
}

/// A session at work.
pub struct Driver {
    poll: Poll,
    clock: Clock,
    now: Time,
    signals: Signals,
    engine: Engine,
    ledger: Ledger,
    client_in: Reader,
    client_out: Writer,
    /// `None` once nothing more goes to the server.
    server_in: Option<Writer>,
    server_out: Reader,
    server_err: Reader,
    redactor: TextRedactor,
    errors: Errors,
    child: Child,
    leave: Leave,
    /// A signal asked us to end, so the client is read no further.
    told_to_leave: bool,
    audit: Option<Audit>,
    stats: bool,
}

impl Driver {
    /// Starts the server and everything around it. No byte has moved when it returns.
    ///
    /// # Errors
    /// [`RunError`]; nothing is left running.
    pub fn start(setup: Setup) -> Result<Self, RunError> {
        let clock = Clock::start();
        let now = clock.now();
        let wanted = if setup.audit.is_some() { Wanted::ALL } else { Wanted::NONE };
        let mut engine = Engine::new(Arc::clone(&setup.policy), setup.limits, wanted, now)
            .map_err(RunError::Engine)?;
        let server = std::path::Path::new(&setup.command[0]).file_name().unwrap_or_default();
        let facts = Facts::new(u64::from(std::process::id()), &server.to_string_lossy());
        engine.facts(Side::Client, facts);
        engine.facts(Side::Server, facts);

        let poll = Poll::new()?;
        let registry = poll.registry();
        let signals = Signals::catch(registry, SIGNALS)?;
        let stdin = Descriptor::inherited(rustix::stdio::stdin(), Direction::Read)?;
        let client_in = Reader::new(stdin, registry, CLIENT_IN)?;
        let stdout = Descriptor::inherited(rustix::stdio::stdout(), Direction::Write)?;
        let client_out = Writer::new(stdout, CLIENT_OUT);
        let errors = Errors::new(ERRORS)?;
        let (child, pipes) = Child::start(&setup.command).map_err(RunError::Spawn)?;
        let server_in = Writer::new(Descriptor::own(pipes.stdin.into())?, SERVER_IN);
        let server_out = Descriptor::own(pipes.stdout.into())?;
        let server_out = Reader::new(server_out, registry, SERVER_OUT)?;
        let server_err = Descriptor::own(pipes.stderr.into())?;
        let server_err = Reader::new(server_err, registry, SERVER_ERR)?;
        Ok(Driver {
            redactor: TextRedactor::new(Arc::clone(setup.policy.rules())),
            server_in: Some(server_in),
            leave: Leave::default(),
            told_to_leave: false,
            ledger: Ledger::new(),
            audit: setup.audit,
            stats: setup.stats,
            poll,
            clock,
            now,
            signals,
            engine,
            client_in,
            client_out,
            server_out,
            server_err,
            errors,
            child,
        })
    }

    /// Relays until the session is over; the exit status of `run`.
    ///
    /// # Errors
    /// [`RunError`] if we ourselves failed. The server's group is gone in any case.
    pub fn run(mut self) -> Result<u8, RunError> {
        let result = self.serve().and_then(|()| self.collect());
        if self.stats {
            let text = stats::text(&self.engine.metrics());
            self.errors.tail().extend_from_slice(text.as_bytes());
        }
        let _ = self.errors.flush(self.poll.registry());
        let status = self.child.end();
        result?;
        Ok(exit_code(status?))
    }

    fn serve(&mut self) -> Result<(), RunError> {
        let mut events = Events::with_capacity(16);
        loop {
            let rests = self.pump()?;
            if rests && self.is_over() {
                return Ok(());
            }
            let due = self.engine.deadline().map(|(at, _)| at);
            let timeout = if rests { self.timeout(due) } else { Some(Duration::ZERO) };
            match self.poll.poll(&mut events, timeout) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => done?,
            }
            self.now = self.clock.now();
            for event in &events {
                self.note(event);
            }
            if due.is_some_and(|at| at <= self.now.monotonic_ms) {
                self.engine.tick(&mut self.ledger, self.now);
            }
            while let Some(step) = self.leave.due(self.now.monotonic_ms) {
                match step {
                    Step::Term => self.child.signal(Signal::TERM),
                    Step::Kill => self.child.signal(Signal::KILL),
                    Step::Go => return Ok(()),
                }
            }
        }
    }

    /// Moves what can be moved without waiting. False if there is more to do after a look at
    /// signals and deadlines, which a busy session must not starve.
    fn pump(&mut self) -> Result<bool, RunError> {
        for _ in 0..ROUNDS_MAX {
            let mut moved = self.read(Side::Client) | self.read(Side::Server);
            moved |= self.collect()?;
            moved |= self.write_server()? | self.write_client()?;
            moved |= self.relay_errors()?;
            if !moved && !self.turn() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads from one side as much as the engine lends, once.
    fn read(&mut self, from: Side) -> bool {
        let reader = if from == Side::Client { &mut self.client_in } else { &mut self.server_out };
        if !reader.is_ready() {
            return false;
        }
        let loan = self.engine.recv_space(from);
        if loan.is_empty() {
            return false;
        }
        match reader.read(loan) {
            Got::Bytes(count) => {
                self.engine.recv_commit(&mut self.ledger, from, count, self.now);
            }
            // Others may hold the pipe open that a dead child wrote to.
            Got::Nothing if from == Side::Server && self.child.status().is_some() => {
                reader.stop(self.poll.registry());
                self.engine.recv_close(&mut self.ledger, from, self.now);
            }
            Got::Nothing => return false,
            Got::End => self.engine.recv_close(&mut self.ledger, from, self.now),
        }
        if from == Side::Client && self.client_in.has_ended() {
            self.leave.begin_limited(self.now.monotonic_ms);
        }
        true
    }

    /// Records what was decided, before it takes effect. Judging stops while too many events wait,
    /// and goes on here.
    fn collect(&mut self) -> Result<bool, RunError> {
        let Some(audit) = &mut self.audit else { return Ok(false) };
        let mut any = false;
        while let Some(event) = self.engine.next_event() {
            audit.record(&event);
            while let Some(event) = self.engine.next_event() {
                audit.record(&event);
            }
            audit.flush().map_err(RunError::Audit)?;
            self.engine.tick(&mut self.ledger, self.now);
            any = true;
        }
        Ok(any)
    }

    fn write_server(&mut self) -> Result<bool, RunError> {
        let mut moved = false;
        loop {
            let ready = self.engine.send_ready(Receiver::Server);
            if ready.is_empty() {
                return Ok(moved);
            }
            let put = match &mut self.server_in {
                Some(writer) if !writer.is_ready() => return Ok(moved),
                Some(writer) => writer.write(ready, self.poll.registry())?,
                None => Put::Gone,
            };
            let count = match put {
                Put::Bytes(count) => count,
                Put::Nothing => return Ok(moved),
                // A server that reads no more may still write: only what is for it is lost.
                Put::Gone => ready.len(),
            };
            if put == Put::Gone {
                self.server_in = None;
            }
            self.engine.send_commit(&mut self.ledger, Receiver::Server, count);
            self.collect()?;
            moved = true;
        }
    }

    fn write_client(&mut self) -> Result<bool, RunError> {
        let mut moved = false;
        while self.client_out.is_ready() {
            let ready = self.engine.send_ready(Receiver::Client);
            if ready.is_empty() {
                break;
            }
            let count = match self.client_out.write(ready, self.poll.registry())? {
                Put::Bytes(count) => count,
                Put::Nothing => break,
                Put::Gone => ready.len(),
            };
            self.engine.send_commit(&mut self.ledger, Receiver::Client, count);
            self.collect()?;
            if self.client_out.is_gone() {
                self.lose_client();
            }
            moved = true;
        }
        Ok(moved)
    }

    /// The client reads no more: it is gone, whatever its other pipe says.
    fn lose_client(&mut self) {
        if !self.client_in.has_ended() {
            self.client_in.stop(self.poll.registry());
            self.engine.recv_close(&mut self.ledger, Side::Client, self.now);
        }
        self.leave.begin_limited(self.now.monotonic_ms);
    }

    /// Brings the server's standard error, and its noise, to ours.
    fn relay_errors(&mut self) -> Result<bool, RunError> {
        let mut moved = false;
        while self.errors.has_room() {
            let noise = self.engine.send_ready(Receiver::Noise);
            if noise.is_empty() {
                break;
            }
            let count = noise.len();
            self.errors.tail().extend_from_slice(noise);
            self.engine.send_commit(&mut self.ledger, Receiver::Noise, count);
            moved = true;
        }
        if self.server_err.is_ready() && self.errors.has_room() {
            let mut chunk = [0; ERROR_CHUNK_BYTES];
            match self.server_err.read(&mut chunk) {
                Got::Bytes(count) => self.redactor.push(&chunk[..count], self.errors.tail()),
                Got::Nothing if self.child.status().is_none() => {}
                Got::Nothing | Got::End => {
                    self.server_err.stop(self.poll.registry());
                    self.redactor.finish(self.errors.tail());
                }
            }
            moved = true;
        }
        self.errors.flush(self.poll.registry())?;
        Ok(moved)
    }

    /// What follows when nothing moves: ends that are to be closed. True if that changed something.
    fn turn(&mut self) -> bool {
        let now = self.now.monotonic_ms;
        if self.engine.is_finished() {
            self.server_in = None;
            self.leave.begin_limited(now);
            return false;
        }
        let ended = self.engine.stalled(Side::Client) == Some(Stall::Ended);
        if ended {
            self.leave.begin_limited(now);
        }
        let sent = self.engine.send_ready(Receiver::Server).is_empty();
        if ended || (self.told_to_leave && sent) {
            return self.server_in.take().is_some();
        }
        false
    }

    /// Everything owed has left, the server has ended, and its last words were said.
    fn is_over(&mut self) -> bool {
        (self.engine.is_finished() || self.client_out.is_gone())
            && self.child.status().is_some()
            && self.server_err.has_ended()
            && self.errors.is_empty()
    }

    /// How long to wait, if the engine is due at this time.
    fn timeout(&self, due: Option<u64>) -> Option<Duration> {
        let at = due.into_iter().chain(self.leave.deadline()).min()?;
        Some(Duration::from_millis(at.saturating_sub(self.now.monotonic_ms)))
    }

    fn note(&mut self, event: &Event) {
        let registry = self.poll.registry();
        match event.token() {
            CLIENT_IN => self.client_in.note(event),
            CLIENT_OUT => self.client_out.note(registry),
            SERVER_OUT => self.server_out.note(event),
            SERVER_ERR => self.server_err.note(event),
            ERRORS => self.errors.note(registry),
            SERVER_IN => {
                if let Some(writer) = &mut self.server_in {
                    writer.note(registry);
                }
            }
            _ => {
                let told: Vec<Told> = self.signals.told().collect();
                told.into_iter().for_each(|told| self.heed(told));
            }
        }
    }

    fn heed(&mut self, told: Told) {
        let now = self.now.monotonic_ms;
        match told {
            // Whoever asks more often than it reads gets fewer reports.
            Told::Report if !self.errors.has_room() => {}
            Told::Report => {
                let text = stats::text(&self.engine.metrics());
                self.errors.tail().extend_from_slice(text.as_bytes());
            }
            Told::Child => {
                if self.child.status().is_some() {
                    self.server_out.exhaust();
                    self.server_err.exhaust();
                }
            }
            Told::Leave if self.told_to_leave => {
                self.leave.hasten(now);
                self.child.signal(Signal::KILL);
            }
            Told::Leave => {
                self.told_to_leave = true;
                self.leave.begin_limited(now);
                self.client_in.stop(self.poll.registry());
                self.engine.begin_drain(self.now, now + DRAIN_MS);
            }
        }
    }
}

const CLIENT_IN: Token = Token(0);
const CLIENT_OUT: Token = Token(1);
const SERVER_IN: Token = Token(2);
const SERVER_OUT: Token = Token(3);
const SERVER_ERR: Token = Token(4);
const ERRORS: Token = Token(5);
const SIGNALS: Token = Token(6);

/// After so many rounds without rest, signals and deadlines are looked at: 64 rounds move at most a
/// few MiB, some milliseconds.
const ROUNDS_MAX: usize = 64;
/// What one read of the server's standard error takes.
const ERROR_CHUNK_BYTES: usize = 8 << 10;
/// Requests still open so long after a signal are answered by us, before the group is killed.
const DRAIN_MS: u64 = 1_500;
