//! The server of a session: how it is started, how it is reached, and how it goes.

use std::io;
use std::os::fd::OwnedFd;
use std::process::ExitStatus;
use std::sync::Arc;

use mio::Registry;
use mio::event::Event;
use portcullis_engine::{Receiver, Side, TextRedactor};
use rustix::process::Signal;

use super::{Role, Session};
use crate::host::World;
use crate::process::{Child, Launch, Pipes, Ready, SpawnError, Starting};
use crate::stdio::{Descriptor, Got, Reader, Writer};

/// The server of a session.
pub(super) enum Server {
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
pub(super) struct Peer {
    /// `None` once nothing more goes to it.
    pub(super) input: Option<Writer>,
    pub(super) output: Reader,
    /// `None` for one that is reached over a socket.
    pub(super) process: Option<Process>,
}

pub(super) struct Process {
    pub(super) child: Child,
    pub(super) errors: Reader,
    /// Apart: it is larger than all the rest.
    pub(super) redactor: Box<TextRedactor>,
}

impl Session {
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
        let redactor = Box::new(TextRedactor::new(Arc::clone(&self.rules)));
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

    /// Whether we asked the server to end, before it did by itself.
    #[must_use]
    pub fn server_was_asked_to_end(&self) -> bool {
        self.server_asked_to_end
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

    pub(super) fn watch_guard(&self, ready: Ready, registry: &Registry) -> io::Result<Reader> {
        let mut reader =
            Reader::new(Descriptor::own(ready.into())?, registry, self.token(Role::Guard))?;
        // It takes some milliseconds, so there is nothing to read before its edge.
        reader.expect_edge();
        Ok(reader)
    }

    /// Says to the server that nothing more comes; false if that was said already.
    pub(super) fn close_server_input(&mut self, registry: &Registry) -> bool {
        let Server::Live(peer) = &mut self.server else { return false };
        let Some(writer) = peer.input.take() else { return false };
        self.server_asked_to_end |= !peer.output.has_ended();
        writer.close(registry);
        true
    }

    pub(super) fn signal(&self, signal: Signal) {
        if let Server::Live(Peer { process: Some(process), .. }) = &self.server {
            process.child.signal(signal);
        }
    }
}

impl Peer {
    pub(super) fn is_dead(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| process.child.status().is_some())
    }

    pub(super) fn note(&mut self, offset: usize, event: &Event, registry: &Registry) {
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
