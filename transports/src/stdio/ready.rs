//! A descriptor that can be read or written without blocking, and what is known of its kind.
//!
//! `O_NONBLOCK` belongs to the open file, which we share with whoever gave it to us: a shell whose
//! terminal we leave non-blocking behaves oddly for the rest of the day. So a pipe or a terminal is
//! opened anew through `/proc/self/fd`, which makes an open file of our own; a socket is asked not to
//! block call by call; and where neither works the flag is set, and put back in the end.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;
use rustix::net::SocketType;

/// Whether a descriptor is for reading or for writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// We read.
    Read,
    /// We write.
    Write,
}

/// What a descriptor is, as far as reading and writing differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A pipe: a read that does not fill its buffer has emptied it.
    Pipe,
    /// A socket of bytes: asked call by call not to block, and emptied like a pipe. (A read ends at a
    /// descriptor that was passed along; who does that has its next bytes read when more come.)
    Stream,
    /// A socket of messages: each read brings one, however many wait.
    Packets,
    /// A terminal, or anything else that can be waited for.
    Other,
    /// A regular file, `/dev/null` and the like: always ready, and epoll refuses it.
    Always,
}

/// A descriptor of ours that does not block.
#[derive(Debug)]
pub struct Descriptor {
    fd: OwnedFd,
    pub(super) kind: Kind,
    /// The flags to put back, if they had to be changed where others see it.
    restore: Option<OFlags>,
}

impl Kind {
    /// Whether it has to be asked call by call not to block.
    pub(super) fn is_socket(self) -> bool {
        matches!(self, Kind::Stream | Kind::Packets)
    }

    /// Whether a read that brings less than there is room for says that nothing is left.
    pub(super) fn is_emptied_by_short_read(self) -> bool {
        matches!(self, Kind::Pipe | Kind::Stream)
    }
}

impl Descriptor {
    /// One that we made ourselves: our end of a child's pipe.
    ///
    /// # Errors
    /// What the system said.
    pub fn own(fd: OwnedFd) -> io::Result<Self> {
        let flags = rustix::fs::fcntl_getfl(&fd)?;
        rustix::fs::fcntl_setfl(&fd, flags | OFlags::NONBLOCK)?;
        Ok(Descriptor { fd, kind: Kind::Pipe, restore: None })
    }

    /// A connected socket, to read from and to write to.
    ///
    /// # Errors
    /// What the system said when it could not be duplicated.
    pub fn socket(fd: OwnedFd) -> io::Result<[Self; 2]> {
        let twin = rustix::io::fcntl_dupfd_cloexec(&fd, 3)?;
        let kind = kind_of_socket(fd.as_fd())?;
        Ok([fd, twin].map(|fd| Descriptor { fd, kind, restore: None }))
    }

    /// One that we were started with: 0, 1 or 2.
    ///
    /// # Errors
    /// What the system said.
    pub fn inherited(fd: BorrowedFd<'_>, direction: Direction) -> io::Result<Self> {
        let kind = match FileType::from_raw_mode(rustix::fs::fstat(fd)?.st_mode) {
            FileType::Fifo => Kind::Pipe,
            FileType::Socket => kind_of_socket(fd)?,
            FileType::CharacterDevice => Kind::Other,
            _ => Kind::Always,
        };
        let duplicate = rustix::io::fcntl_dupfd_cloexec(fd, 3);
        match kind {
            // A file is not opened anew: its offset is shared, and that is meant.
            Kind::Always | Kind::Stream | Kind::Packets => {
                Ok(Descriptor { fd: duplicate?, kind, restore: None })
            }
            Kind::Pipe | Kind::Other => {
                if let Some(fd) = open_anew(fd, direction) {
                    return Ok(Descriptor { fd, kind, restore: None });
                }
                let flags = rustix::fs::fcntl_getfl(fd)?;
                rustix::fs::fcntl_setfl(fd, flags | OFlags::NONBLOCK)?;
                let restore = Some(flags).filter(|flags| !flags.contains(OFlags::NONBLOCK));
                Ok(Descriptor { fd: duplicate?, kind, restore })
            }
        }
    }

    /// Waits for it from now on. What cannot be waited for is always ready.
    pub(super) fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        if self.kind == Kind::Always {
            return Ok(());
        }
        match registry.register(&mut SourceFd(&self.fd.as_raw_fd()), token, interest) {
            Err(error) if error.raw_os_error() == Some(Errno::PERM.raw_os_error()) => {
                self.kind = Kind::Always;
                Ok(())
            }
            done => done,
        }
    }

    /// Waits for it no longer.
    pub(super) fn deregister(&self, registry: &Registry) {
        // What was never waited for cannot be forgotten either, and that is fine.
        let _ = registry.deregister(&mut SourceFd(&self.fd.as_raw_fd()));
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        if let Some(flags) = self.restore {
            let _ = rustix::fs::fcntl_setfl(&self.fd, flags);
        }
    }
}

fn kind_of_socket(fd: BorrowedFd<'_>) -> io::Result<Kind> {
    let is_stream = rustix::net::sockopt::socket_type(fd)? == SocketType::STREAM;
    Ok(if is_stream { Kind::Stream } else { Kind::Packets })
}

/// The same pipe or terminal as an open file of our own, if the system has a way.
fn open_anew(fd: BorrowedFd<'_>, direction: Direction) -> Option<OwnedFd> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let access = match direction {
        Direction::Read => OFlags::RDONLY,
        Direction::Write => OFlags::WRONLY,
    };
    // A terminal must not become ours by being opened.
    let flags = access | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    rustix::fs::open(path, flags, Mode::empty()).ok()
}
