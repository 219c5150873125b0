//! The yardstick: a relay that looks at nothing.
//!
//! Two lanes, client to child and child to client, with one bounded buffer each; one thread; poll,
//! read, write. It does what any stdio proxy has to do, and no more, so what Portcullis costs beyond
//! it is the price of judging. Its client is on its own standard input and output, or is the first
//! that connects to a socket; its server is a child, or listens on a socket. So each way that
//! Portcullis has of standing between the two has a relay of the same shape beside it.
//!
//! ```text
//!  head      tail          CAPACITY
//!   |  owed   |    room       |       head <= tail <= CAPACITY; both go back to 0 when equal
//! ```
//!
//! A lane whose receiver does not read fills its buffer and then reads no more: back-pressure. The
//! other lane goes on.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};

/// Starts the command and relays between it and our own standard input and output, until its output
/// ends.
///
/// # Errors
/// What the operating system says to starting, polling or waiting.
pub fn run(command: &[OsString]) -> io::Result<u8> {
    between(inherited()?, command)
}

/// The same between the command and the first client that connects to a socket at this path.
///
/// # Errors
/// As [`run`], or the socket cannot be made.
pub fn listen(path: &Path, command: &[OsString]) -> io::Result<u8> {
    let listener = UnixListener::bind(path)?;
    let (client, _) = listener.accept()?;
    drop(listener);
    std::fs::remove_file(path)?;
    between(ends(client)?, command)
}

/// The same between our own standard input and output and whoever listens at this path.
///
/// # Errors
/// As [`run`], or nobody listens.
pub fn connect(path: &Path) -> io::Result<u8> {
    relay(inherited()?, ends(UnixStream::connect(path)?)?)?;
    Ok(0)
}

/// What is read and what is written of one side.
struct Ends {
    read: OwnedFd,
    write: OwnedFd,
}

fn inherited() -> io::Result<Ends> {
    let read = own(io::stdin().as_fd(), OFlags::RDONLY)?;
    Ok(Ends { read, write: own(io::stdout().as_fd(), OFlags::WRONLY)? })
}

fn ends(socket: UnixStream) -> io::Result<Ends> {
    let write = set(socket.try_clone()?.into())?;
    Ok(Ends { read: socket.into(), write })
}

fn between(client: Ends, command: &[OsString]) -> io::Result<u8> {
    let (mut child, server) = start(command)?;
    relay(client, server)?;
    Ok(status(child.wait()?))
}

fn start(command: &[OsString]) -> io::Result<(Child, Ends)> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no command"));
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let piped = "a child started with pipes has them";
    let read = set(output.expect(piped).into())?;
    Ok((child, Ends { read, write: set(input.expect(piped).into())? }))
}

fn relay(client: Ends, server: Ends) -> io::Result<()> {
    let mut lanes = [Lane::new(client.read, server.write), Lane::new(server.read, client.write)];
    while lanes[1].is_open() {
        turn(&mut lanes)?;
    }
    Ok(())
}

/// Waits for what either lane can do, and does it.
fn turn(lanes: &mut [Lane; 2]) -> io::Result<()> {
    let ready = {
        let mut fds = Vec::with_capacity(4);
        let mut what = [(0, PollFlags::empty()); 4];
        for (index, lane) in lanes.iter().enumerate() {
            for (flags, file) in
                [(PollFlags::IN, lane.waits_read()), (PollFlags::OUT, lane.waits_write())]
            {
                if let Some(file) = file {
                    what[fds.len()] = (index, flags);
                    fds.push(PollFd::from_borrowed_fd(file.as_fd(), flags));
                }
            }
        }
        poll(&mut fds, None)?;
        for (fd, what) in fds.iter().zip(&mut what) {
            if fd.revents().is_empty() {
                what.1 = PollFlags::empty();
            }
        }
        what
    };
    for (lane, flags) in ready {
        if flags == PollFlags::IN {
            lanes[lane].read()?;
        }
        if !flags.is_empty() {
            lanes[lane].write();
        }
    }
    Ok(())
}

/// One direction.
struct Lane {
    from: Option<std::fs::File>,
    to: Option<std::fs::File>,
    buffer: Box<[u8]>,
    head: usize,
    tail: usize,
}

impl Lane {
    fn new(from: OwnedFd, to: OwnedFd) -> Self {
        let buffer = vec![0; CAPACITY].into_boxed_slice();
        Self { from: Some(from.into()), to: Some(to.into()), buffer, head: 0, tail: 0 }
    }

    fn is_open(&self) -> bool {
        self.to.is_some()
    }

    fn waits_read(&self) -> Option<&std::fs::File> {
        self.from.as_ref().filter(|_| self.tail < CAPACITY)
    }

    fn waits_write(&self) -> Option<&std::fs::File> {
        self.to.as_ref().filter(|_| self.head < self.tail)
    }

    /// One read: if there is more, the next poll says so.
    fn read(&mut self) -> io::Result<()> {
        let Some(from) = &mut self.from else { return Ok(()) };
        match from.read(&mut self.buffer[self.tail..]) {
            Ok(0) => self.from = None,
            Ok(count) => self.tail += count,
            Err(error) if is_later(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Writes at once what can be written, without asking first; closes a lane that has ended.
    fn write(&mut self) {
        while let (Some(to), true) = (&mut self.to, self.head < self.tail) {
            match to.write(&self.buffer[self.head..self.tail]) {
                Ok(count) => self.head += count,
                Err(error) if is_later(&error) => return,
                // Nobody reads on: neither will anybody read what is still to come.
                Err(_) => (self.from, self.to) = (None, None),
            }
        }
        (self.head, self.tail) = (0, 0);
        if self.from.is_none()
            && let Some(to) = self.to.take()
        {
            // A socket stays open in the other direction. A pipe is no socket, and closes as it is.
            let _ = rustix::net::shutdown(to, rustix::net::Shutdown::Write);
        }
    }
}

fn is_later(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// A description of our own of an inherited descriptor, so that `O_NONBLOCK` is not shared with
/// whoever else holds it; where that cannot be had, the shared one.
fn own(inherited: BorrowedFd<'_>, flags: OFlags) -> io::Result<OwnedFd> {
    let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&inherited));
    let flags = flags | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(fd) => Ok(fd),
        Err(_) => set(inherited.try_clone_to_owned()?),
    }
}

fn set(fd: OwnedFd) -> io::Result<OwnedFd> {
    let flags = rustix::fs::fcntl_getfl(&fd)?;
    rustix::fs::fcntl_setfl(&fd, flags | OFlags::NONBLOCK)?;
    Ok(fd)
}

/// The child's status as a shell shows it: 128 + n for signal n.
fn status(status: ExitStatus) -> u8 {
    let signal = status.signal().map(|signal| 128 + signal);
    status.code().or(signal).and_then(|code| u8::try_from(code).ok()).unwrap_or(125)
}

/// What a pipe holds on Linux.
const CAPACITY: usize = 64 << 10;
