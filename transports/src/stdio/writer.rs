//! Writing without blocking. Edges are asked for only while something waits to be written:
//! otherwise every read of the other end would wake us.

use std::io;
use std::os::fd::AsFd;

use mio::{Interest, Registry, Token};
use rustix::io::Errno;
use rustix::net::{SendFlags, Shutdown};

use super::ready::{Descriptor, Kind};

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// So many bytes left, at least one.
    Bytes(usize),
    /// None left; an edge will come.
    Nothing,
    /// Nobody reads any more.
    Gone,
}

/// A descriptor to write to.
#[derive(Debug)]
pub struct Writer {
    descriptor: Descriptor,
    token: Token,
    ready: bool,
    waits: bool,
    gone: bool,
}

impl Writer {
    /// Writes to this descriptor; while it is full, its edges are reported under this token.
    #[must_use]
    pub fn new(descriptor: Descriptor, token: Token) -> Self {
        Writer { descriptor, token, ready: true, waits: false, gone: false }
    }

    /// Takes note of an edge.
    pub fn note(&mut self, registry: &Registry) {
        self.ready = true;
        if std::mem::take(&mut self.waits) {
            self.descriptor.deregister(registry);
        }
    }

    /// Whether a write is worth trying. It is, too, when nobody reads: then it takes everything.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// Whether nobody reads any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.gone
    }

    /// Writes what fits of `bytes`, which must not be empty.
    ///
    /// # Errors
    /// What the system said when the edge could not be asked for.
    pub fn write(&mut self, bytes: &[u8], registry: &Registry) -> io::Result<Put> {
        assert!(!bytes.is_empty(), "a write needs bytes");
        if self.gone {
            return Ok(Put::Gone);
        }
        let result = loop {
            let result = if self.descriptor.kind.is_socket() {
                let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
                rustix::net::send(self.descriptor.as_fd(), bytes, flags)
            } else {
                rustix::io::write(self.descriptor.as_fd(), bytes)
            };
            if result != Err(Errno::INTR) {
                break result;
            }
        };
        match result {
            Ok(count) if count > 0 => {
                if count < bytes.len() {
                    self.wait(registry)?;
                }
                Ok(Put::Bytes(count))
            }
            Ok(_) | Err(Errno::AGAIN) => {
                self.wait(registry)?;
                Ok(Put::Nothing)
            }
            Err(_) => {
                self.gone = true;
                Ok(Put::Gone)
            }
        }
    }

    /// Says that nothing more will come. The other direction of a socket stays open.
    pub fn close(self, registry: &Registry) {
        if self.waits {
            self.descriptor.deregister(registry);
        }
        if self.descriptor.kind.is_socket() {
            // Nobody being there any more is what it says, too.
            let _ = rustix::net::shutdown(self.descriptor.as_fd(), Shutdown::Write);
        }
    }

    fn wait(&mut self, registry: &Registry) -> io::Result<()> {
        self.descriptor.register(registry, self.token, Interest::WRITABLE)?;
        // A file took only a part, on a full disk for one: the next write says why.
        self.ready = self.descriptor.kind == Kind::Always;
        self.waits = !self.ready;
        Ok(())
    }
}
