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

use super::ready::Descriptor;

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

    /// Whether the other end was closed, though what it wrote may not be read yet.
    #[must_use]
    pub fn has_hung_up(&self) -> bool {
        self.hung_up
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
            let result = if self.descriptor.kind.is_socket() {
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
                // What comes from now on has an edge of its own. A peer that hung up before it was
                // seen to has one still, and one that was seen to is read to the end.
                let emptied = count < length && self.descriptor.kind.is_emptied_by_short_read();
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

#[cfg(test)]
mod tests {
    use mio::{Events, Poll};
    use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, send, socketpair};

    use super::*;

    /// A reader of one end of a pair of sockets, and the other end.
    fn pair(kind: SocketType) -> (Poll, Reader, std::os::fd::OwnedFd) {
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None).unwrap();
        let poll = Poll::new().unwrap();
        let [input, _] = Descriptor::socket(ours).unwrap();
        let reader = Reader::new(input, poll.registry(), Token(0)).unwrap();
        (poll, reader, theirs)
    }

    /// Waits for an edge and has the reader take note of it.
    fn edge(poll: &mut Poll, reader: &mut Reader) {
        let mut events = Events::with_capacity(4);
        poll.poll(&mut events, Some(std::time::Duration::from_secs(20))).unwrap();
        let event = events.iter().next().expect("an edge comes");
        reader.note(event);
    }

    #[test]
    fn a_short_read_of_a_stream_says_that_it_is_empty() {
        let (mut poll, mut reader, peer) = pair(SocketType::STREAM);
        for text in ["ab", "cd"] {
            send(&peer, text.as_bytes(), SendFlags::empty()).unwrap();
            edge(&mut poll, &mut reader);
            assert_eq!(reader.read(&mut [0; 8]), Got::Bytes(2));
            assert!(!reader.is_ready(), "an edge comes with the next byte");
        }
        send(&peer, b"ef", SendFlags::empty()).unwrap();
        edge(&mut poll, &mut reader);
        assert_eq!(reader.read(&mut [0; 2]), Got::Bytes(2));
        assert!(reader.is_ready(), "what filled the room may have left something");
    }

    #[test]
    fn the_end_of_a_stream_is_read_whenever_it_comes() {
        let (mut poll, mut reader, peer) = pair(SocketType::STREAM);
        send(&peer, b"ab", SendFlags::empty()).unwrap();
        edge(&mut poll, &mut reader);
        assert_eq!(reader.read(&mut [0; 8]), Got::Bytes(2));
        drop(peer);
        edge(&mut poll, &mut reader);
        assert_eq!(reader.read(&mut [0; 8]), Got::End);

        let (mut poll, mut reader, peer) = pair(SocketType::STREAM);
        send(&peer, b"ab", SendFlags::empty()).unwrap();
        drop(peer);
        edge(&mut poll, &mut reader);
        assert_eq!(reader.read(&mut [0; 8]), Got::Bytes(2));
        assert!(reader.is_ready(), "no edge comes after the last");
        assert_eq!(reader.read(&mut [0; 8]), Got::End);
    }

    #[test]
    fn a_short_read_of_messages_says_nothing() {
        let (mut poll, mut reader, peer) = pair(SocketType::DGRAM);
        for text in ["ab", "cd"] {
            send(&peer, text.as_bytes(), SendFlags::empty()).unwrap();
        }
        edge(&mut poll, &mut reader);
        for _ in 0..2 {
            assert!(reader.is_ready());
            assert_eq!(reader.read(&mut [0; 8]), Got::Bytes(2));
        }
        assert_eq!(reader.read(&mut [0; 8]), Got::Nothing);
        assert!(!reader.is_ready());
    }
}
