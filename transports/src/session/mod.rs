//! One session: an engine, its client, its server, and the way out.
//!
//! ```text
//!  client                     engine                     server
//!    | in   -> Reader ->  [ Client lane ]  -> Writer ->  stdin  |
//!    | out  <- Writer <-  [ Server lane ]  <- Reader <- stdout  |
//!    | errors <---------- noise, TextRedactor <-------- stderr  |
//! ```
//!
//! It has no loop and never waits: a host calls [`Session::pump`] when something may have changed.
//! It contains no protocol: it never looks into a frame. Interest follows state: it reads exactly
//! while the engine lends room, and writes exactly while the engine has something. So a side that
//! stops reading stops its writer, and nothing is buffered here.

mod asking;
mod relay;
mod server;

use std::sync::Arc;

use mio::event::Event;
use mio::{Registry, Token};
use portcullis_engine::{
    Engine, EventKind, Facts, Limits, Metrics, Policy, Rules, Side, TextRedactor,
};
use rustix::process::Signal;

use crate::error::RunError;
use crate::host::World;
use crate::process::{Leave, Step};
use crate::stdio::{Descriptor, Label, Reader, Writer};
use server::{Peer, Server};

/// The descriptors of a session, as tokens counted from the session's own first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    ClientIn = 0,
    ClientOut = 1,
    ServerIn = 2,
    ServerOut = 3,
    ServerErr = 4,
    Guard = 5,
}

/// A server that reads nothing for so long does not read; the rest of the two seconds that clients
/// give is for the way out.
const STUCK_MS: u64 = 50;
/// So many tokens belong to each session.
pub const TOKENS: usize = 8;

/// A session at work.
pub struct Session {
    engine: Engine,
    first: usize,
    client_in: Reader,
    client_out: Writer,
    server: Server,
    leave: Leave,
    /// A signal asked us to end, so the client is read no further.
    told_to_leave: bool,
    /// The server went while its client was still there.
    server_left_first: bool,
    /// We asked the server to end, before it did by itself.
    server_asked_to_end: bool,
    /// When something last went to the server; monotonic milliseconds.
    server_read_ms: u64,
    /// The client is at the other end of one socket, which tells when it is gone.
    client_may_hang_up: bool,
    /// The client hung up: it neither writes nor reads any more, whatever is still to be read.
    client_hung_up: bool,
    rules: Arc<Rules>,
    noise: Label,
    errors: Label,
}

impl Session {
    /// A session without a server yet. Its descriptors are known by [`TOKENS`] tokens from `first`
    /// on.
    ///
    /// # Errors
    /// [`RunError`]: the limits are out of range, or a descriptor cannot be waited for.
    pub fn new(
        world: &mut World<'_>,
        first: usize,
        [input, output]: [Descriptor; 2],
        policy: Arc<Policy>,
        limits: Limits,
    ) -> Result<Self, RunError> {
        // Questions come as events, also to who records nothing.
        let wanted = world.recorder.wanted().and(EventKind::Lifecycle);
        let rules = Arc::clone(policy.rules());
        let engine = Engine::new(policy, limits, wanted, world.now).map_err(RunError::Engine)?;
        let token = |role: Role| Token(first + role as usize);
        Ok(Session {
            engine,
            first,
            client_in: Reader::new(input, world.registry, token(Role::ClientIn))?,
            client_out: Writer::new(output, token(Role::ClientOut)),
            server: Server::Waiting,
            leave: Leave::default(),
            told_to_leave: false,
            server_left_first: false,
            server_asked_to_end: false,
            server_read_ms: world.now.monotonic_ms,
            client_may_hang_up: false,
            client_hung_up: false,
            rules,
            noise: Label::none(),
            errors: Label::none(),
        })
    }

    /// Tells who the peers are, for the records.
    pub fn introduce(&mut self, facts: Facts) {
        self.engine.facts(Side::Server, Facts::new(facts.session, facts.name.as_str()));
        self.engine.facts(Side::Client, facts);
    }

    /// Puts this in front of each line of the server's standard error, which is then dropped rather
    /// than held back when nobody reads ours.
    pub fn label(&mut self, text: &str) {
        self.noise = Label::new(text);
        self.errors = Label::new(text);
    }

    /// The client's descriptors are one socket: when it hangs up the way out begins, even if its
    /// lane stands and the end of what it wrote cannot be read.
    pub fn expect_hang_up(&mut self) {
        self.client_may_hang_up = true;
    }

    /// Everything owed has left, the server has ended, and its last words were said.
    pub fn is_over(&mut self) -> bool {
        if !self.engine.is_finished() && !self.client_out.is_gone() {
            return false;
        }
        match &mut self.server {
            Server::Waiting | Server::Starting(..) | Server::Gone => true,
            Server::Live(Peer { process: None, .. }) => true,
            Server::Live(Peer { process: Some(process), .. }) => {
                process.child.status().is_some() && process.errors.has_ended()
            }
        }
    }

    /// When [`Session::tick`] is due, in monotonic milliseconds.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        let engine = self.engine.deadline().map(|(at, _)| at);
        engine.into_iter().chain(self.leave.deadline()).chain(self.stuck_at()).min()
    }

    /// When the way out begins for a client that has closed its end, though that cannot be read: it
    /// stands behind bytes for a server that does not read.
    fn stuck_at(&self) -> Option<u64> {
        let waits = self.client_in.has_hung_up() && !self.client_in.has_ended();
        (waits && !self.leave.has_begun()).then_some(self.server_read_ms + STUCK_MS)
    }

    /// Does what is due; true if the session has to end, whatever still waits.
    pub fn tick(&mut self, world: &mut World<'_>) -> bool {
        let now = world.now.monotonic_ms;
        if self.engine.deadline().is_some_and(|(at, _)| at <= now) {
            self.engine.tick(world.ledger, world.now);
        }
        if self.stuck_at().is_some_and(|at| at <= now) {
            self.leave.begin_limited(now);
        }
        while let Some(step) = self.leave.due(now) {
            self.server_asked_to_end = true;
            match step {
                Step::Term => self.signal(Signal::TERM),
                Step::Kill => self.signal(Signal::KILL),
                Step::Go => return true,
            }
        }
        false
    }

    /// Takes note of an edge of one of its descriptors, by its token counted from the first.
    pub fn note(&mut self, event: &Event, registry: &Registry) {
        let offset = event.token().0 - self.first;
        match (&mut self.server, offset) {
            (_, offset) if offset == Role::ClientIn as usize => {
                self.client_in.note(event);
                self.client_hung_up |= self.client_may_hang_up && event.is_write_closed();
            }
            (_, offset) if offset == Role::ClientOut as usize => self.client_out.note(registry),
            (Server::Starting(_, word), offset) if offset == Role::Guard as usize => {
                word.note(event);
            }
            (Server::Live(peer), offset) => peer.note(offset, event, registry),
            _ => {}
        }
    }

    /// Somebody asks us to end: the client is read no further, open requests may be answered until
    /// `until_ms`. The second time everything ends at once.
    pub fn leave(&mut self, world: &mut World<'_>, until_ms: u64) {
        let now = world.now.monotonic_ms;
        if self.told_to_leave {
            return self.hasten(now);
        }
        self.told_to_leave = true;
        self.leave.begin_limited(now);
        self.client_in.stop(world.registry);
        self.engine.begin_drain(world.now, until_ms);
    }

    /// The server's processes are killed, and what cannot be written soon is not written.
    pub fn hasten(&mut self, now_ms: u64) {
        self.leave.hasten(now_ms);
        self.signal(Signal::KILL);
    }

    /// New requests are refused from now on, and open ones may be answered until `until_ms`.
    pub fn drain(&mut self, world: &mut World<'_>, until_ms: u64) {
        self.engine.begin_drain(world.now, until_ms);
        self.engine.tick(world.ledger, world.now);
    }

    /// From the next frame on another policy decides.
    pub fn swap_policy(&mut self, policy: &Arc<Policy>, world: &mut World<'_>) {
        self.rules = Arc::clone(policy.rules());
        if let Server::Live(Peer { process: Some(process), .. }) = &mut self.server {
            process.redactor.finish(self.errors.sink(world.errors));
            self.errors.settle(world.errors);
            *process.redactor = TextRedactor::new(Arc::clone(&self.rules));
        }
        // The record of it has the time of now.
        self.engine.tick(world.ledger, world.now);
        self.engine.swap_policy(Arc::clone(policy));
    }

    /// What was counted so far.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.engine.metrics()
    }

    /// Whether the client has said that it will send no more.
    #[must_use]
    pub fn client_has_closed(&self) -> bool {
        // What it wrote before it closed its end may not be read yet.
        self.client_in.has_ended()
            || self.client_in.has_hung_up()
            || self.client_out.is_gone()
            || self.client_hung_up
    }

    /// Whether the client has left, or somebody asked us to end.
    #[must_use]
    pub fn has_been_left(&self) -> bool {
        self.told_to_leave || self.client_has_closed()
    }

    fn token(&self, role: Role) -> Token {
        Token(self.first + role as usize)
    }
}
