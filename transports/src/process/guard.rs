//! The guard: a process that outlives us just long enough to kill what we started.
//!
//! It is our own program, started with a hidden argument, alone with the reading end of a pipe whose
//! writing end only we hold. However we end, also by SIGKILL, the kernel closes our end; the guard
//! reads the end of file and kills its own group with SIGKILL. It kills the group that it *is in*,
//! never one by number, so no number that was used again can be hit. A parent-death signal would
//! reach only the first process, not what `npx` or `sh -c` started.
//!
//! It leads the group, and the server starts only when it has said that it is ready. So it is never
//! late, nothing that the server does can end it but SIGKILL, and the number of the group stays taken
//! until we have reaped it.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::{Pid, Signal, kill_current_process_group, kill_process_group};

/// The hidden argument that makes this program a guard.
pub const GUARD_ARGUMENT: &str = "__guard";

/// A running guard, and the process group that it leads.
#[derive(Debug)]
pub struct Guard {
    process: std::process::Child,
    group: Pid,
    /// Closed by dropping, or by the kernel when we are gone.
    lifeline: Option<PipeWriter>,
    /// Once it was reaped, its number may belong to somebody else.
    reaped: bool,
}

/// Says when a guard is ready: it can be read then, or has ended.
#[derive(Debug)]
pub struct Ready(PipeReader);

impl Ready {
    /// Waits until the guard is ready, some milliseconds at most.
    ///
    /// # Errors
    /// The guard ended before it was ready.
    pub fn wait(mut self) -> io::Result<()> {
        self.0.read_exact(&mut [0])
    }
}

impl From<Ready> for OwnedFd {
    fn from(ready: Ready) -> Self {
        ready.0.into()
    }
}

impl Guard {
    /// Starts a guard that leads a new process group. Nobody may join before it is ready.
    ///
    /// # Errors
    /// What the system said when the pipes or the process could not be made.
    pub fn start() -> io::Result<(Self, Ready)> {
        let (watched, lifeline) = io::pipe()?;
        let (word, said) = io::pipe()?;
        let process = Command::new(own_program()?)
            .arg0("portcullis-guard")
            .arg(GUARD_ARGUMENT)
            .env_clear()
            .stdin(watched)
            .stdout(said)
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let group = Pid::from_child(&process);
        Ok((Guard { process, group, lifeline: Some(lifeline), reaped: false }, Ready(word)))
    }

    /// The number of the group, for those who join it.
    #[must_use]
    pub fn group(&self) -> Pid {
        self.group
    }

    /// Sends a signal to the group. The guard itself minds only SIGKILL.
    pub fn signal(&self, signal: Signal) {
        if !self.reaped {
            // An error means that nobody is left to signal.
            let _ = kill_process_group(self.group, signal);
        }
    }

    /// Whether the guard, killed with its group, was reaped; never waits.
    pub fn is_reaped(&mut self) -> bool {
        self.reaped |= self.process.try_wait().is_ok_and(|status| status.is_some());
        self.reaped
    }
}

impl Drop for Guard {
    /// Kills the group, whoever is left in it, and reaps the guard.
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        self.lifeline = None;
        let _ = self.process.wait();
    }
}

/// What the guard does, for all of its life.
#[must_use]
pub fn stand_guard() -> ExitCode {
    // By hand this would kill the caller's own group: only a pipe of ours is watched.
    let is_pipe = rustix::fs::fstat(io::stdin().as_fd()).is_ok_and(|stat| {
        rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::Fifo
    });
    if !is_pipe {
        return ExitCode::from(2);
    }
    // The way out begins with SIGTERM to the group, and a terminal sends SIGINT and SIGHUP.
    let seen = Arc::new(AtomicBool::new(false));
    // A server may send its group what it likes; the guard outlives all but SIGKILL.
    for number in OUTLIVED {
        let _ = signal_hook::flag::register(number, Arc::clone(&seen));
    }
    let mut said = io::stdout();
    if said.write_all(b"\n").and_then(|()| said.flush()).is_err() {
        return ExitCode::FAILURE;
    }
    let mut byte = [0];
    loop {
        match io::stdin().read(&mut byte) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(1..) => {}
            Ok(0) | Err(_) => break,
        }
    }
    let _ = kill_current_process_group(Signal::KILL);
    ExitCode::FAILURE
}

/// Signals that end a process unless it handles them.
const OUTLIVED: [i32; 16] = {
    use signal_hook::consts::*;
    [
        SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU,
        SIGXFSZ, SIGABRT, SIGTRAP, SIGSYS, SIGIO, SIGPIPE,
    ]
};

/// This program, even if its file was replaced since it started.
pub(crate) fn own_program() -> io::Result<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    if cfg!(target_os = "linux") && running.exists() {
        Ok(running)
    } else {
        std::env::current_exe()
    }
}
