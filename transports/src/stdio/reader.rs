//! Reading without blocking, edge by edge.
//!
//! An edge says that something came; no second one says that something is still there. So a reader
//! remembers `ready` until a read found nothing.

use std::io;
use std::os::fd::AsFd;

use mio::event::Event;
use mio::{Interest, Registry, Token};
use rustix::io::Errno;
use rustix::net::RecvFlags;

use super::ready::{Descriptor, Kind};

/// What a read brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Got {
    /// So many bytes, at least one.
    Bytes(usize),
    /// Nothing yet; an edge will come.
    Nothing,
    /// The end, and never more.
    End,
}

/// A descriptor to read from.
#[derive(Debug)]
pub struct Reader {
    descriptor: Descriptor,
    ready: bool,
    /// The other end hung up: no edge will come after what is left, so reading goes on to the end.
    hung_up: bool,
    ended: bool,
}

impl Reader {
    /// Reads from this descriptor, and has its edges reported under this token.
    ///
    /// # Errors
    /// What the system said.
    pub fn new(mut descriptor: Descriptor, registry: &Registry, token: Token) -> io::Result<Self> {
        descriptor.register(registry, token, Interest::READABLE)?;
        Ok(Reader { descriptor, ready: true, hung_up: false, ended: false })
    }

    /// Takes note of an edge.
    pub fn note(&mut self, event: &Event) {
        self.ready = true;
        self.hung_up |= event.is_read_closed() || event.is_error();
    }

    /// There is nothing to read before the first edge.
    pub fn expect_edge(&mut self) {
        self.ready = false;
    }

    /// Something may have come whose edge was not reported yet.
    pub fn look_again(&mut self) {
        self.ready = !self.ended;
    }

    /// From now on only a read that found nothing says that there is nothing: the writer is gone,
    /// but others may hold its end open, so that there will be neither an edge nor an end.
    pub fn exhaust(&mut self) {
        self.ready = !self.ended;
        self.hung_up = true;
    }

    /// Whether a read is worth trying.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready && !self.ended
    }

    /// Whether the end was read.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Reads into `loan`, which must not be empty: nothing read into nothing looks like the end.
    pub fn read(&mut self, loan: &mut [u8]) -> Got {
        assert!(!loan.is_empty(), "a read needs room");
        let length = loan.len();
        let result = loop {
            let result = if self.descriptor.kind == Kind::Socket {
                rustix::net::recv(self.descriptor.as_fd(), &mut *loan, RecvFlags::DONTWAIT)
                    .map(|(count, _)| count)
            } else {
                rustix::io::read(self.descriptor.as_fd(), &mut *loan)
            };
            if result != Err(Errno::INTR) {
                break result;
            }
        };
        match result {
            Ok(count) if count > 0 => {
                // A pipe that gave less than it was asked for is empty.
                let emptied = self.descriptor.kind == Kind::Pipe && count < length;
                self.ready = !emptied || self.hung_up;
                Got::Bytes(count)
            }
            Err(Errno::AGAIN) => {
                self.ready = false;
                Got::Nothing
            }
            // An error means that nothing will come any more: a terminal that is gone (EIO), a
            // connection that was reset. Treated as what it is for us, the end.
            Ok(_) | Err(_) => {
                self.ended = true;
                Got::End
            }
        }
    }

    /// Stops: edges are not reported any more, and there is nothing to read.
    pub fn stop(&mut self, registry: &Registry) {
        self.ended = true;
        self.descriptor.deregister(registry);
    }
}
