//! The server as a child process.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};

use rustix::process::Signal;

use super::guard::Guard;

/// A running server and its guard. Dropping it kills the whole group.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    guard: Guard,
    status: Option<ExitStatus>,
}

/// The child's ends that we keep.
#[derive(Debug)]
pub struct Pipes {
    /// Write what the server reads.
    pub stdin: std::process::ChildStdin,
    /// Read what the server writes.
    pub stdout: std::process::ChildStdout,
    /// Read what the server says to people.
    pub stderr: std::process::ChildStderr,
}

impl Child {
    /// Starts the command in a process group of its own, under a guard.
    ///
    /// It gets exactly three descriptors, and our environment less our own variables.
    ///
    /// # Errors
    /// [`SpawnError`], which knows its exit status.
    pub fn start(command: &[OsString]) -> Result<(Self, Pipes), SpawnError> {
        let guard = Guard::start().map_err(SpawnError::Guard)?;
        let (program, arguments) = command.split_first().expect("the command line demands one");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(guard.group().as_raw_nonzero().get());
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PORTCULLIS_") {
                command.env_remove(name);
            }
        }
        let mut process = command
            .spawn()
            .map_err(|error| SpawnError::Command(program.to_string_lossy().into_owned(), error))?;
        let pipes = Pipes {
            stdin: process.stdin.take().expect("stdin was asked for as a pipe"),
            stdout: process.stdout.take().expect("stdout was asked for as a pipe"),
            stderr: process.stderr.take().expect("stderr was asked for as a pipe"),
        };
        Ok((Child { process, guard, status: None }, pipes))
    }

    /// The exit status, once there is one. Reaps the child; never waits.
    pub fn status(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.process.try_wait().unwrap_or(None);
        }
        self.status
    }

    /// Sends a signal to the whole group.
    pub fn signal(&self, signal: Signal) {
        self.guard.signal(signal);
    }

    /// Kills what is left of the group and reaps it; the child's status.
    ///
    /// # Errors
    /// What the system said when it could not be waited for.
    pub fn end(mut self) -> io::Result<ExitStatus> {
        self.signal(Signal::KILL);
        match self.status() {
            Some(status) => Ok(status),
            None => self.process.wait(),
        }
    }
}

/// Why a server could not be started.
#[derive(Debug)]
pub enum SpawnError {
    /// The guard could not be started, so the server was not.
    Guard(io::Error),
    /// The command could not be started: its name, and why.
    Command(String, io::Error),
}

impl SpawnError {
    /// The exit status of `run` for this error, as env(1) and timeout(1) have it.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            SpawnError::Guard(_) => 125,
            SpawnError::Command(_, error) => match error.kind() {
                io::ErrorKind::NotFound => 127,
                io::ErrorKind::WouldBlock | io::ErrorKind::OutOfMemory => 125,
                _ => 126,
            },
        }
    }
}

impl fmt::Display for SpawnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SpawnError::Guard(error) => write!(
                f,
                "the guard process could not be started ({error}), so the server was not started"
            ),
            SpawnError::Command(name, error) => {
                let name = name.escape_debug();
                match self.exit_code() {
                    127 => {
                        write!(f, "{name}: not found; give a path, or a command that PATH leads to")
                    }
                    126 => write!(f, "{name}: cannot be executed ({error})"),
                    _ => write!(f, "{name}: could not be started ({error})"),
                }
            }
        }
    }
}

impl std::error::Error for SpawnError {}

/// The exit status of `run` for this status of the child: the same, or 128 and its signal.
#[must_use]
pub fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or(status.signal().map(|number| 128 + number)).unwrap_or(125);
    u8::try_from(code).unwrap_or(125)
}
