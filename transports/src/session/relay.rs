//! How bytes move: from reader to engine to writer, without waiting and without looking at them.

use portcullis_engine::{Event, Receiver, Side, Stall};

use super::Session;
use super::server::{Peer, Process, Server};
use crate::error::RunError;
use crate::host::World;
use crate::stdio::{Got, Put};

impl Session {
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

    /// Records what was decided, before it takes effect. Judging stops while too many events wait,
    /// and goes on here.
    ///
    /// # Errors
    /// [`RunError::Audit`].
    pub fn collect(&mut self, world: &mut World<'_>) -> Result<bool, RunError> {
        let mut any = false;
        while let Some(event) = self.engine.next_event() {
            self.heed(&event, world);
            while let Some(event) = self.engine.next_event() {
                self.heed(&event, world);
            }
            world.recorder.flush().map_err(RunError::Audit)?;
            self.engine.tick(world.ledger, world.now);
            any = true;
        }
        self.forget_settled(world);
        Ok(any)
    }

    /// Records an event, and asks what it asks.
    fn heed(&mut self, event: &Event, world: &mut World<'_>) {
        world.recorder.record(event);
        if let Some(ticket) = event.ticket {
            self.ask(event, ticket, world);
        }
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
    pub(super) fn read_last_requests(&mut self, world: &mut World<'_>) {
        self.client_in.look_again();
        for _ in 0..LAST_READS_MAX {
            if !self.read(Side::Client, world) {
                return;
            }
        }
    }

    /// Writes to the server once.
    fn write_server(&mut self, world: &mut World<'_>) -> Result<bool, RunError> {
        let input = match &mut self.server {
            Server::Waiting | Server::Starting(..) => return Ok(false),
            Server::Live(peer) => &mut peer.input,
            Server::Gone => &mut None,
        };
        let ready = self.engine.send_ready(Receiver::Server);
        if ready.is_empty() {
            return Ok(false);
        }
        let put = match input {
            Some(writer) if !writer.is_ready() => return Ok(false),
            Some(writer) => writer.write(ready, world.registry)?,
            None => Put::Gone,
        };
        let count = match put {
            Put::Bytes(count) => count,
            Put::Nothing => return Ok(false),
            // A server that reads no more may still write, but not for ever: it would answer
            // nothing of what it is asked.
            Put::Gone => ready.len(),
        };
        if put == Put::Gone {
            *input = None;
            self.leave.begin(world.now.monotonic_ms);
        } else {
            self.server_read_ms = world.now.monotonic_ms;
        }
        self.engine.send_commit(world.ledger, Receiver::Server, count);
        self.collect(world)?;
        Ok(true)
    }

    /// Writes to the client once. What is judged because of that waits for the next round: else a
    /// client that is owed refusals without end would have a round without end.
    fn write_client(&mut self, world: &mut World<'_>) -> Result<bool, RunError> {
        let ready = self.engine.send_ready(Receiver::Client);
        if ready.is_empty() || !self.client_out.is_ready() {
            return Ok(false);
        }
        let count = match self.client_out.write(ready, world.registry)? {
            Put::Bytes(count) => count,
            Put::Nothing => return Ok(false),
            Put::Gone => ready.len(),
        };
        self.engine.send_commit(world.ledger, Receiver::Client, count);
        self.collect(world)?;
        if self.client_out.is_gone() {
            self.lose_client(world);
        }
        Ok(true)
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
}

/// A client that never stops writing is not read for ever when its server has gone.
const LAST_READS_MAX: usize = 64;
/// What one read of the server's standard error takes.
const ERROR_CHUNK_BYTES: usize = 8 << 10;
