//! A client on bare pipes, or on a socket: no thread and no queue inside a measurement.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::corpus::Conversation;
use crate::server::{HELLO, INITIALIZED};

/// A client's two ends, and what is behind them.
#[derive(Debug)]
pub struct Session {
    far: Far,
    input: File,
    output: File,
    buffer: Vec<u8>,
    head: usize,
    tail: usize,
}

/// What a client talks to.
#[derive(Debug)]
enum Far {
    /// A command that it started. The sender is dropped at the end, which sends the watchdog home.
    Command { child: Child, _keeper: mpsc::Sender<()> },
    /// Whoever listens on a socket.
    Socket(UnixStream),
}

impl Session {
    /// Starts a command. It is killed after two minutes: nothing waits for ever.
    ///
    /// # Errors
    /// A command that cannot be started.
    pub fn start(command: &[OsString]) -> io::Result<Self> {
        let mut child = Command::new(&command[0])
            .args(&command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| io::Error::other(format!("{}: {error}", command[0].display())))?;
        let piped = "a child started with pipes has them";
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (keeper, watched) = mpsc::channel::<()>();
        let pid = Pid::from_child(&child);
        thread::spawn(move || {
            if watched.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                // It may have ended on its own this very moment.
                let _ = kill_process(pid, Signal::KILL);
            }
        });
        let input = OwnedFd::from(input.expect(piped));
        let output = OwnedFd::from(output.expect(piped));
        Ok(Self::new(Far::Command { child, _keeper: keeper }, input, output))
    }

    /// Connects to a socket. Whoever does not answer in two minutes is an error.
    ///
    /// # Errors
    /// Nobody listens there.
    pub fn connect(path: &Path) -> io::Result<Self> {
        let socket = UnixStream::connect(path).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        })?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        let (input, output) = (socket.try_clone()?, socket.try_clone()?);
        Ok(Self::new(Far::Socket(socket), input.into(), output.into()))
    }

    fn new(far: Far, input: OwnedFd, output: OwnedFd) -> Self {
        let (input, output) = (input.into(), output.into());
        Self { far, input, output, buffer: vec![0; BUFFER], head: 0, tail: 0 }
    }

    /// Starts a command and says hello.
    ///
    /// # Errors
    /// As [`start`](Self::start), or no answer.
    pub fn open(command: &[OsString]) -> io::Result<Self> {
        let mut session = Self::start(command)?;
        session.begin()?;
        Ok(session)
    }

    /// The whole of the handshake.
    ///
    /// # Errors
    /// No answer.
    pub fn begin(&mut self) -> io::Result<()> {
        self.hello()?;
        self.input.write_all(INITIALIZED)
    }

    /// Sends `initialize` and waits for the answer.
    ///
    /// # Errors
    /// No answer.
    pub fn hello(&mut self) -> io::Result<()> {
        self.input.write_all(HELLO)?;
        self.answer().map(|_| ())
    }

    /// The process that was started; nothing for a socket.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        match &self.far {
            Far::Command { child, .. } => Some(child.id()),
            Far::Socket(_) => None,
        }
    }

    /// One call, one by one: from its first byte out to the last byte of its answer.
    ///
    /// # Errors
    /// No answer, or not that of this call.
    pub fn call(&mut self, id: u64) -> io::Result<Duration> {
        let call = call(id);
        let started = Instant::now();
        self.input.write_all(call.as_bytes())?;
        let answer = self.answer()?;
        let spent = started.elapsed();
        if echoed(answer) == Some(id) { Ok(spent) } else { Err(unexpected(answer)) }
    }

    /// Calls per second with a full window in flight.
    ///
    /// # Errors
    /// Answers that are missing, or not those of these calls.
    pub fn burst(&mut self, first: u64, count: u64, window: u64) -> io::Result<f64> {
        let calls: Vec<String> = (first..first + count).map(call).collect();
        let (mut sent, mut done, mut sum) = (0, 0, 0);
        let started = Instant::now();
        while done < count {
            while sent < count && sent - done < window {
                self.input.write_all(calls[sent as usize].as_bytes())?;
                sent += 1;
            }
            self.wait()?;
            while let Some(line) = self.line() {
                if let Some(id) = echoed(line) {
                    done += 1;
                    sum += id;
                } else if memchr::memmem::find(line, b"\"method\"").is_none() {
                    return Err(unexpected(line));
                }
            }
        }
        let rate = count as f64 / started.elapsed().as_secs_f64();
        let expected: u64 = (first..first + count).sum();
        if sum == expected { Ok(rate) } else { Err(io::Error::other("answers with wrong ids")) }
    }

    /// Bytes per second of a whole conversation, with a window of requests in flight. Every byte
    /// that comes is compared.
    ///
    /// # Errors
    /// Other bytes than the conversation's.
    pub fn converse(&mut self, talk: &Conversation, window: usize) -> io::Result<f64> {
        let expected = talk.down.bytes();
        let (mut got, mut sent) = (0, 0);
        let started = Instant::now();
        while got < expected.len() {
            let done = talk.down.complete(got);
            // Fewer bytes in flight than a pipe holds, or both sides could wait for each other.
            let fits = talk.up.complete(talk.up.start(done) + IN_FLIGHT).max(done + 1);
            let upto = (done + window).min(fits).min(talk.up.len());
            if upto > sent && sent - done < window.div_ceil(2) {
                self.input.write_all(talk.up.between(sent..upto))?;
                sent = upto;
            }
            let count = self.output.read(&mut self.buffer)?;
            let bytes = &self.buffer[..count];
            if count == 0 || !expected[got..].starts_with(bytes) {
                return Err(unexpected(bytes));
            }
            got += count;
        }
        Ok(talk.bytes() as f64 / started.elapsed().as_secs_f64())
    }

    /// Closes the input and waits for the end.
    ///
    /// # Errors
    /// A process that cannot be waited for.
    pub fn close(self) -> io::Result<()> {
        let Self { far, input, mut output, .. } = self;
        drop(input);
        if let Far::Socket(socket) = &far {
            socket.shutdown(Shutdown::Write)?;
        }
        // Into a small buffer: the one that io::copy takes would cost more than the end.
        while output.read(&mut [0; 512])? > 0 {}
        match far {
            Far::Command { mut child, .. } => child.wait().map(|_| ()),
            Far::Socket(_) => Ok(()),
        }
    }

    /// The next line that is no notification.
    fn answer(&mut self) -> io::Result<&[u8]> {
        loop {
            while self.has_line() {
                let (from, to) = self.take_line();
                if memchr::memmem::find(&self.buffer[from..to], b"\"method\"").is_none() {
                    return Ok(&self.buffer[from..to]);
                }
            }
            self.wait()?;
        }
    }

    /// Reads at least one byte.
    fn wait(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.head..self.tail, 0);
        (self.head, self.tail) = (0, self.tail - self.head);
        if self.tail == self.buffer.len() {
            self.buffer.resize(self.tail * 2, 0);
        }
        match self.output.read(&mut self.buffer[self.tail..])? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.tail += count;
                Ok(())
            }
        }
    }

    fn line(&mut self) -> Option<&[u8]> {
        self.has_line().then(|| {
            let (from, to) = self.take_line();
            &self.buffer[from..to]
        })
    }

    fn has_line(&self) -> bool {
        memchr::memchr(b'\n', &self.buffer[self.head..self.tail]).is_some()
    }

    /// Where the next line starts and ends; asked only when there is one.
    fn take_line(&mut self) -> (usize, usize) {
        let from = self.head;
        let rest = &self.buffer[from..self.tail];
        let to = from + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.head = (to + 1).min(self.tail);
        (from, to)
    }
}

fn call(id: u64) -> String {
    format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\
         \"params\":{{\"name\":\"echo\",\"arguments\":{{\"message\":\"m{id}\"}}}}}}\n"
    )
}

/// The number in an answer's `Echo: mNUMBER`.
fn echoed(line: &[u8]) -> Option<u64> {
    let at = memchr::memmem::find(line, MARK)? + MARK.len();
    let digits = line[at..].split(|byte| !byte.is_ascii_digit()).next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn unexpected(bytes: &[u8]) -> io::Error {
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(300)]);
    io::Error::other(format!("unexpected bytes: {}", shown.escape_debug()))
}

const MARK: &[u8] = b"Echo: m";
const BUFFER: usize = 256 << 10;
const IN_FLIGHT: usize = 60_000;
const PATIENCE: Duration = Duration::from_secs(120);
