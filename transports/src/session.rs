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

use std::io;
use std::os::fd::OwnedFd;
use std::process::ExitStatus;
use std::sync::Arc;

use mio::event::Event;
use mio::{Registry, Token};
use portcullis_engine::{
    Engine, Facts, Ledger, Limits, Metrics, Policy, Receiver, Rules, Side, Stall, TextRedactor,
    Time,
};
use rustix::process::Signal;

use crate::error::RunError;
use crate::process::{Child, Launch, Leave, Pipes, Ready, SpawnError, Starting, Step};
use crate::recorder::Recorder;
use crate::stdio::{Descriptor, Errors, Got, Label, Put, Reader, Writer};

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
}

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

/// So many tokens belong to each session.
pub const TOKENS: usize = 8;

/// The server of a session.
enum Server {
    /// It is started when there is something for it.
    Waiting,
    /// Its guard is being started.
    Starting(Starting, Reader),
    /// It is there.
    Live(Peer),
    /// It is gone, or will never come.
    Gone,
}

/// A server that is there.
struct Peer {
    /// `None` once nothing more goes to it.
    input: Option<Writer>,
    output: Reader,
    /// `None` for one that is reached over a socket.
    process: Option<Process>,
}

struct Process {
    child: Child,
    errors: Reader,
    redactor: TextRedactor,
}

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
        let wanted = world.recorder.wanted();
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
            client_may_hang_up: false,
            client_hung_up: false,
            rules,
            noise: Label::none(),
            errors: Label::none(),
        })
    }

    /// Tells who the peers are, for the records.
    pub fn introduce(&mut self, facts: Facts) {
        self.engine.facts(Side::Client, facts);
        self.engine.facts(Side::Server, facts);
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

    /// Whether the server should be started: there is something for it.
    pub fn wants_server(&mut self) -> bool {
        matches!(self.server, Server::Waiting)
            && !self.engine.send_ready(Receiver::Server).is_empty()
    }

    /// Begins to start the server. [`Session::launch`] goes on when its guard is ready.
    ///
    /// # Errors
    /// [`SpawnError`]; the session may be told with [`Session::lose_server`].
    pub fn begin_launch(&mut self, registry: &Registry) -> Result<(), SpawnError> {
        let (starting, ready) = Starting::begin()?;
        let reader = self.watch_guard(ready, registry).map_err(SpawnError::Guard)?;
        self.server = Server::Starting(starting, reader);
        Ok(())
    }

    /// Whether the guard has said something, so that [`Session::launch`] may go on.
    #[must_use]
    pub fn may_launch(&self) -> bool {
        matches!(&self.server, Server::Starting(_, word) if word.is_ready())
    }

    /// Starts the server if its guard is ready; true if it was started.
    ///
    /// # Errors
    /// [`SpawnError`]; the session may be told with [`Session::lose_server`].
    pub fn launch(&mut self, launch: &Launch, registry: &Registry) -> Result<bool, SpawnError> {
        let Server::Starting(starting, mut word) =
            std::mem::replace(&mut self.server, Server::Waiting)
        else {
            return Ok(false);
        };
        match word.read(&mut [0]) {
            Got::Nothing => {
                self.server = Server::Starting(starting, word);
                return Ok(false);
            }
            Got::End => {
                let error = io::Error::other("it ended before it was ready");
                return Err(SpawnError::Guard(error));
            }
            Got::Bytes(_) => word.stop(registry),
        }
        let (child, pipes) = starting.finish(launch)?;
        self.join(child, pipes, registry).map_err(SpawnError::Guard)?;
        Ok(true)
    }

    /// Takes a server that was started.
    ///
    /// # Errors
    /// What the system said when its pipes could not be waited for. The server is killed.
    pub fn join(&mut self, child: Child, pipes: Pipes, registry: &Registry) -> io::Result<()> {
        let input = Descriptor::own(pipes.stdin.into())?;
        let output = Descriptor::own(pipes.stdout.into())?;
        let errors = Descriptor::own(pipes.stderr.into())?;
        let redactor = TextRedactor::new(Arc::clone(&self.rules));
        self.server = Server::Live(Peer {
            input: Some(Writer::new(input, self.token(Role::ServerIn))),
            output: Reader::new(output, registry, self.token(Role::ServerOut))?,
            process: Some(Process {
                child,
                errors: Reader::new(errors, registry, self.token(Role::ServerErr))?,
                redactor,
            }),
        });
        Ok(())
    }

    /// Takes a server that is reached over a socket.
    ///
    /// # Errors
    /// What the system said when it could not be waited for.
    pub fn connect(&mut self, socket: OwnedFd, registry: &Registry) -> io::Result<()> {
        let [input, output] = Descriptor::socket(socket)?;
        self.server = Server::Live(Peer {
            input: Some(Writer::new(output, self.token(Role::ServerIn))),
            output: Reader::new(input, registry, self.token(Role::ServerOut))?,
            process: None,
        });
        Ok(())
    }

    /// The server will not come: what it was asked is answered.
    pub fn lose_server(&mut self, world: &mut World<'_>) {
        self.server = Server::Gone;
        self.read_last_requests(world);
        self.engine.recv_close(world.ledger, Side::Server, world.now);
    }

    /// Moves what can be moved without waiting, in at most `rounds`. False if there is more to do
    /// after a look at signals, deadlines and others, which a busy session must not starve.
    ///
    /// # Errors
    /// [`RunError`]: the session cannot go on.
    pub fn pump(&mut self, world: &mut World<'_>, rounds: usize) -> Result<bool, RunError> {
        if self.client_hung_up {
            self.leave.begin_limited(world.now.monotonic_ms);
        }
        for _ in 0..rounds {
            let mut moved = self.read(Side::Client, world) | self.read(Side::Server, world);
            moved |= self.collect(world)?;
            moved |= self.write_server(world)? | self.write_client(world)?;
            moved |= self.relay_errors(world);
            if !moved && !self.turn(world) {
                return Ok(true);
            }
        }
        Ok(false)
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
        engine.into_iter().chain(self.leave.deadline()).min()
    }

    /// Does what is due; true if the session has to end, whatever still waits.
    pub fn tick(&mut self, world: &mut World<'_>) -> bool {
        let now = world.now.monotonic_ms;
        if self.engine.deadline().is_some_and(|(at, _)| at <= now) {
            self.engine.tick(world.ledger, world.now);
        }
        while let Some(step) = self.leave.due(now) {
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

    /// A child of ours has ended, perhaps this one: what it wrote is read to the end.
    pub fn note_child(&mut self) -> Option<ExitStatus> {
        let Server::Live(Peer { output, process: Some(process), .. }) = &mut self.server else {
            return None;
        };
        let status = process.child.status()?;
        output.exhaust();
        process.errors.exhaust();
        Some(status)
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
            process.redactor = TextRedactor::new(Arc::clone(&self.rules));
        }
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
        self.client_in.has_ended() || self.client_out.is_gone() || self.client_hung_up
    }

    /// Whether the server went while its client was still there.
    #[must_use]
    pub fn server_left_first(&self) -> bool {
        self.server_left_first
    }

    /// Whether a process of the server runs, or is about to.
    #[must_use]
    pub fn has_child(&self) -> bool {
        matches!(self.server, Server::Starting(..) | Server::Live(Peer { process: Some(_), .. }))
    }

    /// Ends the session: all descriptors are closed. The server's process is left to the caller.
    #[must_use]
    pub fn into_child(self) -> Option<Child> {
        match self.server {
            Server::Live(Peer { process, .. }) => process.map(|process| process.child),
            _ => None,
        }
    }

    /// Records what was decided, before it takes effect. Judging stops while too many events wait,
    /// and goes on here.
    ///
    /// # Errors
    /// [`RunError::Audit`].
    pub fn collect(&mut self, world: &mut World<'_>) -> Result<bool, RunError> {
        let mut any = false;
        while let Some(event) = self.engine.next_event() {
            world.recorder.record(&event);
            while let Some(event) = self.engine.next_event() {
                world.recorder.record(&event);
            }
            world.recorder.flush().map_err(RunError::Audit)?;
            self.engine.tick(world.ledger, world.now);
            any = true;
        }
        Ok(any)
    }

    fn token(&self, role: Role) -> Token {
        Token(self.first + role as usize)
    }

    fn watch_guard(&self, ready: Ready, registry: &Registry) -> io::Result<Reader> {
        let mut reader =
            Reader::new(Descriptor::own(ready.into())?, registry, self.token(Role::Guard))?;
        // It takes some milliseconds, so there is nothing to read before its edge.
        reader.expect_edge();
        Ok(reader)
    }

    /// Reads from one side as much as the engine lends, once.
    fn read(&mut self, from: Side, world: &mut World<'_>) -> bool {
        let reader = match (from, &mut self.server) {
            (Side::Client, _) => &mut self.client_in,
            (Side::Server, Server::Live(peer)) => &mut peer.output,
            _ => return false,
        };
        if !reader.is_ready() {
            return false;
        }
        let loan = self.engine.recv_space(from);
        if loan.is_empty() {
            return false;
        }
        match reader.read(loan) {
            Got::Bytes(count) => {
                self.engine.recv_commit(world.ledger, from, count, world.now);
                return true;
            }
            Got::Nothing if from == Side::Client => return false,
            Got::Nothing => {
                let Server::Live(peer) = &mut self.server else { return false };
                if !peer.is_dead() {
                    return false;
                }
                // Others may hold the pipe open that a dead child wrote to.
                peer.output.stop(world.registry);
            }
            Got::End => {}
        }
        if from == Side::Server {
            self.server_left_first |= !self.client_has_closed() && !self.told_to_leave;
            self.read_last_requests(world);
        }
        self.engine.recv_close(world.ledger, from, world.now);
        if from == Side::Client {
            self.leave.begin_limited(world.now.monotonic_ms);
        }
        true
    }

    /// Reads what the client wrote while its server went, which was asked of the server, too: it is
    /// answered with an error, rather than lost with the session.
    fn read_last_requests(&mut self, world: &mut World<'_>) {
        self.client_in.look_again();
        for _ in 0..LAST_READS_MAX {
            if !self.read(Side::Client, world) {
                return;
            }
        }
    }

    fn write_server(&mut self, world: &mut World<'_>) -> Result<bool, RunError> {
        let mut moved = false;
        loop {
            let input = match &mut self.server {
                Server::Waiting | Server::Starting(..) => return Ok(moved),
                Server::Live(peer) => &mut peer.input,
                Server::Gone => &mut None,
            };
            let ready = self.engine.send_ready(Receiver::Server);
            if ready.is_empty() {
                return Ok(moved);
            }
            let put = match input {
                Some(writer) if !writer.is_ready() => return Ok(moved),
                Some(writer) => writer.write(ready, world.registry)?,
                None => Put::Gone,
            };
            let count = match put {
                Put::Bytes(count) => count,
                Put::Nothing => return Ok(moved),
                // A server that reads no more may still write: only what is for it is lost.
                Put::Gone => ready.len(),
            };
            if put == Put::Gone {
                *input = None;
            }
            self.engine.send_commit(world.ledger, Receiver::Server, count);
            self.collect(world)?;
            moved = true;
        }
    }

    fn write_client(&mut self, world: &mut World<'_>) -> Result<bool, RunError> {
        let mut moved = false;
        while self.client_out.is_ready() {
            let ready = self.engine.send_ready(Receiver::Client);
            if ready.is_empty() {
                break;
            }
            let count = match self.client_out.write(ready, world.registry)? {
                Put::Bytes(count) => count,
                Put::Nothing => break,
                Put::Gone => ready.len(),
            };
            self.engine.send_commit(world.ledger, Receiver::Client, count);
            self.collect(world)?;
            if self.client_out.is_gone() {
                self.lose_client(world);
            }
            moved = true;
        }
        Ok(moved)
    }

    /// The client reads no more: it is gone, whatever its other pipe says.
    fn lose_client(&mut self, world: &mut World<'_>) {
        if !self.client_in.has_ended() {
            self.client_in.stop(world.registry);
            self.engine.recv_close(world.ledger, Side::Client, world.now);
        }
        self.leave.begin_limited(world.now.monotonic_ms);
    }

    /// Brings the server's standard error, and its noise, to ours.
    fn relay_errors(&mut self, world: &mut World<'_>) -> bool {
        let mut moved = false;
        while self.noise.has_room(world.errors) {
            let noise = self.engine.send_ready(Receiver::Noise);
            if noise.is_empty() {
                break;
            }
            let count = noise.len();
            self.noise.sink(world.errors).extend_from_slice(noise);
            self.noise.settle(world.errors);
            self.engine.send_commit(world.ledger, Receiver::Noise, count);
            moved = true;
        }
        let Server::Live(Peer { process: Some(process), .. }) = &mut self.server else {
            return moved;
        };
        let Process { child, errors, redactor } = process;
        if !errors.is_ready() || !self.errors.has_room(world.errors) {
            return moved;
        }
        let mut chunk = [0; ERROR_CHUNK_BYTES];
        match errors.read(&mut chunk) {
            Got::Bytes(count) => redactor.push(&chunk[..count], self.errors.sink(world.errors)),
            Got::Nothing if child.status().is_none() => {}
            Got::Nothing | Got::End => {
                errors.stop(world.registry);
                redactor.finish(self.errors.sink(world.errors));
                self.errors.finish();
            }
        }
        self.errors.settle(world.errors);
        true
    }

    /// What follows when nothing moves: ends that are to be closed. True if that changed something.
    fn turn(&mut self, world: &mut World<'_>) -> bool {
        let now = world.now.monotonic_ms;
        if self.engine.is_finished() {
            self.close_server_input(world.registry);
            self.leave.begin_limited(now);
            return false;
        }
        let ended = self.engine.stalled(Side::Client) == Some(Stall::Ended);
        if ended {
            self.leave.begin_limited(now);
        }
        let sent = self.engine.send_ready(Receiver::Server).is_empty();
        let says_no_more = ended || (self.told_to_leave && sent);
        if !says_no_more {
            return false;
        }
        if matches!(self.server, Server::Waiting) {
            // Nobody was asked anything, so nobody has to be started to say nothing.
            self.lose_server(world);
            return true;
        }
        self.close_server_input(world.registry)
    }

    /// Says to the server that nothing more comes; false if that was said already.
    fn close_server_input(&mut self, registry: &Registry) -> bool {
        let Server::Live(peer) = &mut self.server else { return false };
        let Some(writer) = peer.input.take() else { return false };
        writer.close(registry);
        true
    }

    fn signal(&self, signal: Signal) {
        if let Server::Live(Peer { process: Some(process), .. }) = &self.server {
            process.child.signal(signal);
        }
    }
}

impl Peer {
    fn is_dead(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.child.status().is_some())
    }

    fn note(&mut self, offset: usize, event: &Event, registry: &Registry) {
        if offset == Role::ServerOut as usize {
            self.output.note(event);
        } else if offset == Role::ServerIn as usize {
            if let Some(writer) = &mut self.input {
                writer.note(registry);
            }
        } else if offset == Role::ServerErr as usize
            && let Some(process) = &mut self.process
        {
            process.errors.note(event);
        }
    }
}

/// A client that never stops writing is not read for ever when its server has gone.
const LAST_READS_MAX: usize = 64;
/// What one read of the server's standard error takes.
const ERROR_CHUNK_BYTES: usize = 8 << 10;
