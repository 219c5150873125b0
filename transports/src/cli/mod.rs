//! The command line.

mod approve;
mod arguments;
mod check;
mod config;
mod connect;
mod doctor;
mod help;
mod logging;
mod manual;
mod page;
mod patterns;
mod run;
mod scan;
mod serve;
mod status;
mod token;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::config::{Fault, Faults};
use crate::demo;
use arguments::{
    ApproveArguments, Arguments, BouncerCommand, Command, ConfigCommand, ConnectArguments,
    PatternsCommand, RunArguments, ServeArguments, StatusArguments, TokenCommand, TokenSource,
};

/// Runs the command line; its exit status.
#[must_use]
pub fn main() -> ExitCode {
    // Usage errors leave from here with status 2, help and version with 0.
    let arguments = Arguments::try_parse().unwrap_or_else(|error| explained(error).exit());
    if let Err(what) = arguments.log.settle() {
        return fail(&what, BAD_CONFIGURATION);
    }
    match arguments.command {
        Command::Demo(arguments) => match demo::show(arguments.broken) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => FOUND.into(),
            Err(error) => printed(Err(error)),
        },
        Command::Run(arguments) => run::run(arguments),
        Command::Serve(arguments) => serve::serve(arguments),
        Command::Connect(arguments) => connect::connect(arguments),
        Command::Status(arguments) => status::status(&arguments),
        Command::Approve(arguments) => approve::approve(&arguments),
        Command::Scan(arguments) => scan::scan(arguments),
        Command::Check(command) => check::check(&command),
        Command::Doctor { config } => doctor::doctor(config.as_deref()),
        Command::Patterns(command) => patterns::patterns(&command),
        Command::Bouncer(command) => patterns::patterns(&command.into()),
        Command::Token(command) => token::token(&command),
        Command::Config(command) => config::config(command),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { dir: Some(dir), .. } => manual::write(&dir),
        Command::Man { command, .. } => manual::print(&command),
        Command::DemoServer => demo::serve(),
    }
}

/// Who forgets the `--` of `run` is told so: the parser only sees an argument too many.
fn explained(mut error: clap::Error) -> clap::Error {
    let mut words = std::env::args_os().skip(1);
    let runs = words.any(|word| word == "run") && !words.any(|word| word == "--");
    let is_near_a_flag = error.get(ContextKind::SuggestedArg).is_some();
    if runs && !is_near_a_flag && error.kind() == ErrorKind::UnknownArgument {
        let tip = "put `--` in front of the server's command: portcullis run -- COMMAND";
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// The socket that is meant: a path, or the name of a server of the configuration.
fn socket_of(given: PathBuf, file: Option<&Path>) -> PathBuf {
    let is_name = given.components().count() == 1 && !given.exists();
    let Some(name) = given.to_str().filter(|_| is_name) else { return given };
    // Without a configuration that can be read it is a path.
    let servers = crate::config::load(file).map(|loaded| loaded.settings.servers);
    let servers = servers.unwrap_or_default();
    let named = servers.iter().find(|server| server.name == name);
    named.map_or_else(|| given.clone(), |server| server.socket.path())
}

/// Says what is wrong on standard error, one line for each fault.
fn complain(faults: &Faults) {
    for fault in &faults.0 {
        say("error", anstyle::AnsiColor::Red, fault);
    }
}

/// Says what is odd, unless nobody wants to know.
fn warn(warnings: &[Fault]) {
    for warning in warnings {
        say(WARNING, anstyle::AnsiColor::Yellow, warning);
    }
}

/// Says why a command failed; its exit status.
fn fail(what: &dyn std::fmt::Display, status: u8) -> ExitCode {
    say("error", anstyle::AnsiColor::Red, what);
    status.into()
}

fn say(word: &str, colour: anstyle::AnsiColor, what: &dyn std::fmt::Display) {
    if word == WARNING && !logging::sources().warns() {
        return;
    }
    let style = colour.on_default() | anstyle::Effects::BOLD;
    tell(&format!("portcullis: {style}{word}{style:#}: {what}\n"));
}

/// Says so if a server that is taken over would own the machine.
fn warn_of_root() {
    if rustix::process::geteuid().is_root() {
        let what = "running as root: the server, and whoever takes it over, is root too";
        say(WARNING, anstyle::AnsiColor::Yellow, &what);
    }
}

/// Does the work of a command that relays. A defect of ours ends it like any other failure, with
/// `None`; the panic says where it happened and nothing else, since its own words may quote what
/// was relayed.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let what = format!("a defect of Portcullis at {place}; the session ends. Please report it");
        say("error", anstyle::AnsiColor::Red, &what);
    }));
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// Writes to standard error. Nobody reading it is no reason to stop, nor to wait for long.
fn tell(text: &str) {
    let errors = std::io::stderr();
    let patience = rustix::event::Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
    let mut fds = [rustix::event::PollFd::new(&errors, rustix::event::PollFlags::OUT)];
    if rustix::event::poll(&mut fds, Some(&patience)).is_ok_and(|ready| ready == 0) {
        return;
    }
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Writes a text of ours to standard output, in colour where it is a terminal.
fn print(text: &str) -> ExitCode {
    let mut output = anstream::stdout();
    printed(output.write_all(text.as_bytes()).and_then(|()| output.flush()))
}

/// Writes bytes that are not ours to standard output, as they are.
fn print_bytes(bytes: &[u8]) -> ExitCode {
    let mut output = std::io::stdout();
    printed(output.write_all(bytes).and_then(|()| output.flush()))
}

/// The status of a command that only prints; a reader that has gone away is none of our business.
fn printed(result: std::io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => fail(&format!("standard output could not be written ({error})"), 1),
    }
}

/// The word before a warning.
const WARNING: &str = "warning";
/// Found, or refused.
const FOUND: u8 = 1;
/// Usage or configuration.
const BAD_CONFIGURATION: u8 = 2;
