//! One process that is asked one question: it is started, reads a line, writes a line, and ends with
//! status 0. Steps that never wait, like those of a server: its guard is started, says that it is
//! ready, and only then the program follows, so that it ends with us however we end.

use std::fmt;
use std::process::ExitStatus;
use std::sync::Arc;

use portcullis_engine::{Rules, TextRedactor};
use rustix::process::Signal;

use super::{Desk, HookPlan};
use crate::host::HOOKS;
use crate::process::{Child, Ready, SpawnError, Starting, exit_code};
use crate::stdio::{Descriptor, Got, Label, Put, Reader, Writer};

/// A hook that was asked.
pub(super) struct Hook {
    plan: Arc<HookPlan>,
    state: State,
    /// What it reads, and how much of it has left.
    line: Vec<u8>,
    written: usize,
    /// What it wrote.
    said: Vec<u8>,
    /// When it is too late; monotonic milliseconds.
    due_ms: u64,
    redactor: TextRedactor,
    label: Label,
}

enum State {
    /// Its guard is being started.
    Starting(Starting, Reader),
    /// It runs, or has run.
    Running(Child, Pipes),
    /// Nothing of it is left.
    Over,
}

struct Pipes {
    /// `None` once everything has left.
    input: Option<Writer>,
    output: Reader,
    errors: Reader,
}

/// What it wrote before it ended with status 0, or why there is nothing.
pub(super) type Outcome = Result<Vec<u8>, Failure>;

/// Why a hook gave no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// It could not be started.
    NoStart(SpawnError),
    /// Its pipes could not be used.
    NoPipe(std::io::Error),
    /// It ended with another status than 0.
    Status(ExitStatus),
    /// It took too long.
    Late(u64),
    /// It wrote too much.
    TooLong,
    /// What it wrote is no answer.
    NoAnswer,
}

/// Longer than any answer.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// What one read takes.
const CHUNK_BYTES: usize = 4 << 10;

impl Hook {
    /// Begins to start the program that reads this line; `name` is shown before what it says to
    /// people.
    ///
    /// # Errors
    /// [`Failure::NoStart`], [`Failure::NoPipe`].
    pub fn start(
        plan: &Arc<HookPlan>,
        line: Vec<u8>,
        name: &str,
        rules: &Arc<Rules>,
        desk: &Desk<'_>,
    ) -> Result<Self, Failure> {
        let (starting, ready) = Starting::begin().map_err(Failure::NoStart)?;
        let word = watch(ready, desk).map_err(Failure::NoPipe)?;
        Ok(Hook {
            plan: Arc::clone(plan),
            state: State::Starting(starting, word),
            line,
            written: 0,
            said: Vec::new(),
            due_ms: desk.now.monotonic_ms + plan.timeout_ms,
            redactor: TextRedactor::new(Arc::clone(rules)),
            label: Label::new(name),
        })
    }

    /// When it is too late; monotonic milliseconds.
    pub fn due_ms(&self) -> u64 {
        self.due_ms
    }

    /// Something may have come, or may be written.
    pub fn note(&mut self, registry: &mio::Registry) {
        match &mut self.state {
            State::Starting(_, word) => word.look_again(),
            State::Running(_, pipes) => {
                pipes.output.look_again();
                pipes.errors.look_again();
                if let Some(input) = &mut pipes.input {
                    input.note(registry);
                }
            }
            State::Over => {}
        }
    }

    /// Does what can be done without waiting; the outcome, once there is one.
    pub fn work(&mut self, desk: &mut Desk<'_>) -> Option<Outcome> {
        if desk.now.monotonic_ms >= self.due_ms {
            return Some(Err(Failure::Late(self.plan.timeout_ms)));
        }
        if let Err(failure) = self.launch(desk) {
            return Some(Err(failure));
        }
        let State::Running(child, pipes) = &mut self.state else { return None };
        // Asked before the pipes are read: what it wrote was written by then.
        let ended = child.status();
        if ended.is_some() {
            // Others may hold the pipes open that a dead process wrote to.
            pipes.output.exhaust();
            pipes.errors.exhaust();
        }
        if let Err(error) = pipes.write(&self.line, &mut self.written, desk) {
            return Some(Err(Failure::NoPipe(error)));
        }
        let fits = pipes.read(&mut self.said);
        pipes.relay(&mut self.redactor, &mut self.label, desk, ended.is_some());
        let status = match ended {
            _ if !fits => return Some(Err(Failure::TooLong)),
            None => return None,
            Some(status) => status,
        };
        Some(if status.success() {
            Ok(std::mem::take(&mut self.said))
        } else {
            Err(Failure::Status(status))
        })
    }

    /// Starts the program once its guard is ready.
    fn launch(&mut self, desk: &Desk<'_>) -> Result<(), Failure> {
        let State::Starting(_, word) = &mut self.state else { return Ok(()) };
        if !word.is_ready() {
            return Ok(());
        }
        match word.read(&mut [0]) {
            Got::Nothing => return Ok(()),
            Got::Bytes(_) => {}
            Got::End => {
                let error = std::io::Error::other("it ended before it was ready");
                return Err(Failure::NoStart(SpawnError::Guard(error)));
            }
        }
        let State::Starting(starting, mut word) = std::mem::replace(&mut self.state, State::Over)
        else {
            unreachable!("it was starting a moment ago");
        };
        word.stop(desk.registry);
        let (child, pipes) = starting.finish(&self.plan.launch).map_err(Failure::NoStart)?;
        let open = || {
            Ok(Pipes {
                input: Some(Writer::new(Descriptor::own(pipes.stdin.into())?, HOOKS)),
                output: reader(pipes.stdout.into(), desk)?,
                errors: reader(pipes.stderr.into(), desk)?,
            })
        };
        let pipes = open().map_err(Failure::NoPipe)?;
        self.state = State::Running(child, pipes);
        Ok(())
    }

    /// Kills it and all that it started; what is to be reaped.
    pub fn kill(self) -> Option<Child> {
        let State::Running(child, _) = self.state else { return None };
        child.signal(Signal::KILL);
        Some(child)
    }
}

impl Pipes {
    /// Writes what it takes of the line, and then the end.
    fn write(&mut self, line: &[u8], written: &mut usize, desk: &Desk<'_>) -> std::io::Result<()> {
        while let Some(input) = self.input.as_mut().filter(|input| input.is_ready()) {
            match input.write(&line[*written..], desk.registry)? {
                Put::Bytes(count) => *written += count,
                Put::Nothing => break,
                // Who does not read the question may answer it all the same.
                Put::Gone => *written = line.len(),
            }
            if *written == line.len()
                && let Some(input) = self.input.take()
            {
                input.close(desk.registry);
            }
        }
        Ok(())
    }

    /// Reads what there is; false if it is too much.
    fn read(&mut self, said: &mut Vec<u8>) -> bool {
        let mut chunk = [0; CHUNK_BYTES];
        while self.output.is_ready() {
            let Got::Bytes(count) = self.output.read(&mut chunk) else { break };
            said.extend_from_slice(&chunk[..count]);
            if said.len() > ANSWER_BYTES_MAX {
                return false;
            }
        }
        true
    }

    /// Brings its standard error to ours: as much at a time as a pipe holds.
    fn relay(
        &mut self,
        redactor: &mut TextRedactor,
        label: &mut Label,
        desk: &mut Desk<'_>,
        has_ended: bool,
    ) {
        let mut chunk = [0; CHUNK_BYTES];
        for _ in 0..ERROR_READS_MAX {
            if !self.errors.is_ready() {
                break;
            }
            match self.errors.read(&mut chunk) {
                Got::Bytes(count) => redactor.push(&chunk[..count], label.sink(desk.errors)),
                Got::Nothing | Got::End => break,
            }
        }
        if has_ended {
            redactor.finish(label.sink(desk.errors));
            label.finish();
        }
        label.settle(desk.errors);
    }
}

/// A pipe holds so many chunks.
const ERROR_READS_MAX: usize = 16;

fn watch(ready: Ready, desk: &Desk<'_>) -> std::io::Result<Reader> {
    let mut word = reader(ready.into(), desk)?;
    word.expect_edge();
    Ok(word)
}

fn reader(fd: std::os::fd::OwnedFd, desk: &Desk<'_>) -> std::io::Result<Reader> {
    Reader::new(Descriptor::own(fd)?, desk.registry, HOOKS)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NoStart(error) => error.fmt(f),
            Failure::NoPipe(error) => write!(f, "its pipes failed ({error})"),
            Failure::Status(status) => write!(f, "it ended with status {}", exit_code(*status)),
            Failure::Late(ms) => write!(f, "it took more than approvals.timeout_ms ({ms})"),
            Failure::TooLong => write!(f, "it wrote more than {ANSWER_BYTES_MAX} bytes"),
            Failure::NoAnswer => f.write_str(
                "what it wrote is not one line {\"approve\":true} or {\"approve\":false}",
            ),
        }
    }
}
