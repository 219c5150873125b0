//! The server as a child process, in steps that never wait: the guard is started, says that it is
//! ready, and only then the server follows. A host with one session may wait between the two; one
//! with many goes on with the others.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};

use rustix::io::Errno;
use rustix::process::{Rlimit, Signal};

use super::guard::{Guard, Ready};

/// What is started, and with what.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The command and its arguments; at least one.
    pub command: Vec<OsString>,
    /// The variables that it sees.
    pub environment: Environment,
    /// Limits on the number of its descriptors, if it is not to have ours.
    pub descriptors: Option<Rlimit>,
}

/// The variables that a server sees.
#[derive(Clone, Debug)]
pub enum Environment {
    /// Ours, less our own and these.
    Less(Vec<&'static str>),
    /// Exactly these.
    Only(Vec<(OsString, OsString)>),
}

/// A guard that is about to be ready, and nothing else yet. Dropping it ends the guard.
#[derive(Debug)]
pub struct Starting {
    guard: Guard,
}

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

impl Starting {
    /// Starts the guard. What comes with it can be read once the guard is ready, or has failed.
    ///
    /// # Errors
    /// [`SpawnError::Guard`].
    pub fn begin() -> Result<(Self, Ready), SpawnError> {
        let (guard, ready) = Guard::start().map_err(SpawnError::Guard)?;
        Ok((Starting { guard }, ready))
    }

    /// Starts the command in the group of its guard, which has to be ready.
    ///
    /// It gets exactly three descriptors.
    ///
    /// # Errors
    /// [`SpawnError`], which knows its exit status.
    pub fn finish(self, launch: &Launch) -> Result<(Child, Pipes), SpawnError> {
        let (program, arguments) =
            launch.command.split_first().expect("command line and configuration demand one");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(self.guard.group().as_raw_nonzero().get());
        launch.environment.give(&mut command);
        let mut process = command
            .spawn()
            .map_err(|error| SpawnError::Command(program.to_string_lossy().into_owned(), error))?;
        if let Some(descriptors) = launch.descriptors {
            limit_descriptors(&process, descriptors);
        }
        let pipes = Pipes {
            stdin: process.stdin.take().expect("stdin was asked for as a pipe"),
            stdout: process.stdout.take().expect("stdout was asked for as a pipe"),
            stderr: process.stderr.take().expect("stderr was asked for as a pipe"),
        };
        Ok((Child { process, guard: self.guard, status: None }, pipes))
    }
}

impl Child {
    /// Starts the guard, waits for it, and starts the command.
    ///
    /// # Errors
    /// [`SpawnError`], which knows its exit status.
    pub fn start(launch: &Launch) -> Result<(Self, Pipes), SpawnError> {
        let (starting, ready) = Starting::begin()?;
        ready.wait().map_err(SpawnError::Guard)?;
        starting.finish(launch)
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

    /// Whether the child and its guard have ended and were reaped; never waits. To be asked again
    /// after each SIGCHLD, once the group was killed.
    pub fn is_reaped(&mut self) -> bool {
        self.status().is_some() && self.guard.is_reaped()
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

impl Environment {
    fn give(&self, command: &mut Command) {
        match self {
            Environment::Less(taken) => {
                for (name, _) in std::env::vars_os() {
                    if name.as_encoded_bytes().starts_with(b"PORTCULLIS_") {
                        command.env_remove(name);
                    }
                }
                for name in taken {
                    command.env_remove(name);
                }
            }
            Environment::Only(variables) => {
                command.env_clear().envs(variables.iter().map(|(name, value)| (name, value)));
            }
        }
    }
}

/// A host with many sessions needs many descriptors; a program with `select(2)` must not have them.
/// The child has at most begun to run, long before it opens its thousandth.
#[cfg(target_os = "linux")]
fn limit_descriptors(process: &std::process::Child, descriptors: Rlimit) {
    use rustix::process::{Pid, Resource, prlimit};
    // It may have ended already, and then it needs no limit.
    let _ = prlimit(Some(Pid::from_child(process)), Resource::Nofile, descriptors);
}

#[cfg(not(target_os = "linux"))]
fn limit_descriptors(_: &std::process::Child, _: Rlimit) {}

/// Why a server could not be started.
#[derive(Debug)]
pub enum SpawnError {
    /// The guard could not be started, so the server was not.
    Guard(io::Error),
    /// The command could not be started: its name, and why.
    Command(String, io::Error),
}

impl SpawnError {
    /// Whether the system is short of descriptors, processes or memory just now, which is no fault
    /// of the command.
    #[must_use]
    pub fn is_shortage(&self) -> bool {
        let (SpawnError::Guard(error) | SpawnError::Command(_, error)) = self;
        let shortages = [Errno::MFILE, Errno::NFILE, Errno::AGAIN, Errno::NOMEM];
        Errno::from_io_error(error).is_some_and(|errno| shortages.contains(&errno))
    }

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
                    126 => write!(
                        f,
                        "{name}: cannot be executed ({error}); mend it with chmod +x, or name the interpreter in front of it"
                    ),
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
