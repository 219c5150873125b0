//! The command line.

mod config;
mod connect;
mod doctor;
mod logging;
mod manual;
mod patterns;
mod run;
mod serve;
mod status;
mod token;

use std::ffi::OsString;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{Fault, Faults};
use crate::demo;
use logging::LogArguments;

/// Guards an MCP server: takes secrets out of what passes, refuses what is no clean MCP, and leaves
/// everything else byte for byte as it was.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version, max_term_width = 100, after_help = EXAMPLES)]
#[command(subcommand_required = true, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    log: LogArguments,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what the guard does, with a server that leaks
    Demo(DemoArguments),
    /// Run an MCP server behind the guard
    Run(RunArguments),
    /// Guard the servers of a configuration for many clients, each behind a Unix socket
    Serve(ServeArguments),
    /// Join a client that speaks stdio to a socket of `serve`
    Connect(ConnectArguments),
    /// Tell how a daemon is: sessions, servers, refusals, memory
    Status(StatusArguments),
    /// Look for what is wrong: configuration, permissions, sockets, commands, exposure
    #[command(after_help = DOCTOR_HELP)]
    Doctor {
        /// The configuration (default: see `portcullis config path`)
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// List the rules, check your own patterns, or try them on a text
    #[command(subcommand)]
    Patterns(PatternsCommand),
    /// The same as `patterns`, under the names of LeanProxy-MCP
    #[command(subcommand)]
    Bouncer(BouncerCommand),
    /// Make a token, or the digest of one
    #[command(subcommand)]
    Token(TokenCommand),
    /// Print, check or find the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a completion script for a shell
    #[command(after_help = COMPLETIONS_HELP)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print a page of the manual, for man(1)
    #[command(after_help = MAN_HELP)]
    Man {
        /// The command that the page is about (default: all of them)
        command: Vec<String>,
    },
    /// The leaking server of the demo
    #[command(hide = true)]
    DemoServer,
}

#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 if every check held, else 1.")]
struct DemoArguments {
    /// Switch one part off; the demo must then fail
    #[arg(long = "break", value_name = "PART")]
    broken: Option<Part>,
}

/// A part of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Secrets are not taken out
    Redaction,
    /// The client and the server are joined without a guard
    Strict,
    /// No token is configured
    Auth,
    /// Batches are refused
    Batch,
}

#[derive(Debug, Args)]
#[command(after_help = RUN_HELP)]
struct RunArguments {
    /// The configuration (default: see `portcullis config path`)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Append one JSON object for each event to this file
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
    /// Print totals to standard error at the end
    #[arg(long)]
    stats: bool,
    /// The server's command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

#[derive(Debug, Args)]
#[command(after_help = SERVE_HELP)]
struct ServeArguments {
    /// The configuration (default: see `portcullis config path`)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Append one JSON object for each event to this file
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = CONNECT_HELP)]
struct ConnectArguments {
    /// The socket of a server, as `portcullis serve` tells it
    socket: PathBuf,
    #[command(flatten)]
    source: TokenSource,
    /// Wait so many seconds for a daemon that is not there yet
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
    /// Trust a daemon of this user, beside your own and root
    #[arg(long, value_name = "UID")]
    daemon_uid: Option<u32>,
}

#[derive(Debug, Args)]
#[command(after_help = STATUS_HELP)]
struct StatusArguments {
    /// One JSON object for each daemon
    #[arg(long)]
    json: bool,
    /// Again every so many seconds, until it is interrupted
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "2")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    watch: Option<u64>,
    /// The configuration that names the sockets (default: see `portcullis config path`)
    #[arg(long, value_name = "FILE", conflicts_with = "socket")]
    config: Option<PathBuf>,
    /// The socket of a server
    socket: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum PatternsCommand {
    /// List the rules that are in force
    List {
        /// The configuration (default: see `portcullis config path`)
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Check the patterns of a configuration: exit status 1 if one is refused
    Check {
        /// The configuration (default: see `portcullis config path`)
        file: Option<PathBuf>,
    },
    /// Take the secrets out of a text and tell which rules found them: exit status 1 if one did
    #[command(after_help = TEST_HELP)]
    Test {
        /// The configuration (default: see `portcullis config path`)
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// The text; standard input without it, or if it is -
        #[arg(value_name = "STRING", allow_hyphen_values = true)]
        text: Option<OsString>,
    },
}

#[derive(Debug, Subcommand)]
enum BouncerCommand {
    /// List the rules that are in force, like `patterns list`
    ListPatterns {
        /// The configuration (default: see `portcullis config path`)
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Check the patterns of a configuration, like `patterns check`: exit status 1 if one is refused
    ValidatePatterns {
        /// The configuration (default: see `portcullis config path`)
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Print a new token: random bytes of the system, in hexadecimal digits
    #[command(after_help = TOKEN_HELP)]
    New {
        /// How many bytes; twice as many digits are printed
        #[arg(long, value_name = "N", default_value_t = 32)]
        #[arg(value_parser = clap::value_parser!(u16).range(16..=1024))]
        bytes: u16,
    },
    /// Print the SHA-256 digest of a token, for `sha256` in `socket.auth_tokens`
    #[command(after_help = HASH_HELP)]
    Hash(TokenSource),
}

/// Where a token comes from. Never from an argument: others can see those.
#[derive(Debug, Args)]
struct TokenSource {
    /// Read the token from this environment variable
    #[arg(long, value_name = "VAR", conflicts_with = "token_file")]
    token_env: Option<String>,
    /// Read the token from this file, which others must not be able to read
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print a complete configuration with the defaults and a comment for each key
    Default,
    /// Check a configuration and list all its faults: exit status 2 if there are any
    Check {
        /// The file to check
        file: PathBuf,
    },
    /// Print which file `run` would read
    Path,
}

const EXAMPLES: &str = "\
Examples:
  portcullis demo
  portcullis run -- npx -y @modelcontextprotocol/server-everything
  portcullis run --audit audit.jsonl -- python3 my_server.py
  portcullis config default > ~/.config/portcullis/config.yaml
  portcullis serve &
  portcullis connect ~/.config/portcullis/files.sock";

const RUN_HELP: &str = "\
In the configuration of an MCP client, put `portcullis run --` in front of the server's command.

Exit status: the server's; 128 and n if signal n ended it; 125 if Portcullis itself failed, 126 if
the command cannot be executed, 127 if it is not found.
Signals: TERM, INT and HUP end the session in order, a second one at once; USR1 prints totals.

Examples:
  portcullis run -- npx -y @modelcontextprotocol/server-everything
  portcullis run --config policy.yaml --stats -- mcp-server-git --repository .";

const SERVE_HELP: &str = "\
Each client gets a session and a server process of its own, which starts with the first message that
passes. Standard error of the servers comes out labelled, with secrets taken out.

Signals: TERM and INT stop new clients and end the others within serve.drain_ms, a second one at once;
HUP reads the configuration again; USR1 prints the status.
Under systemd: Type=notify, and sockets by systemd.socket(5).
Exit status: 0 after a drain; 1 if a socket is taken or the daemon failed; 2 usage or configuration.

Examples:
  portcullis serve
  portcullis serve --config team.yaml --log-level info --audit audit.jsonl";

const CONNECT_HELP: &str = "\
In the configuration of an MCP client, put this where the server's command was. The token is added to
each message; nothing else is looked at here, since the daemon judges.

Exit status: 0 if the client left; 1 if the daemon left first or cannot be reached, and then what was
asked is answered with an error; 2 wrong usage, or a token that cannot be read.

Examples:
  portcullis connect ~/.config/portcullis/files.sock
  portcullis connect files.sock --token-file ~/.config/portcullis/token";

const STATUS_HELP: &str = "\
Without a socket, the daemons behind all sockets of the configuration.

Exit status: 0 if they answer, 1 if one does not, 2 wrong usage or configuration.

Examples:
  portcullis status
  portcullis status --json ~/.config/portcullis/files.sock
  portcullis status --watch 5";

const DOCTOR_HELP: &str = "\
Exit status: 1 if anything is wrong; what is odd is only told.";

const TEST_HELP: &str = "\
The text goes to standard output, with what stands for each secret; `RULE, bytes START..END` for
each find goes to standard error. An argument can be seen by others: give real secrets on standard
input, which may have 16 MiB.

Exit status: 0 if nothing was found, 1 if something was, 2 on wrong usage or configuration.

Examples:
  portcullis patterns test --config policy.yaml 'MY_SECRET=...'
  journalctl -u my-server | portcullis patterns test > clean.log";

const TOKEN_HELP: &str = "\
Examples:
  (umask 077; portcullis token new > token)
  portcullis token hash --token-file token";

const HASH_HELP: &str = "\
Without a flag the token is one line of standard input. A token cannot be an argument, since others
can see those.

Exit status: 0, also with a warning under 32 characters; 1 if the token is too weak, under 16
characters; 2 if it cannot be read.

Examples:
  portcullis token hash --token-file token
  portcullis token hash --token-env MY_TOKEN";

const COMPLETIONS_HELP: &str = "\
Examples:
  portcullis completions bash > ~/.local/share/bash-completion/completions/portcullis
  portcullis completions zsh > ~/.zfunc/_portcullis
  portcullis completions fish > ~/.config/fish/completions/portcullis.fish";

const MAN_HELP: &str = "\
Examples:
  portcullis man | man -l -
  portcullis man run > ~/.local/share/man/man1/portcullis-run.1";

/// Runs the command line; its exit status.
#[must_use]
pub fn main() -> ExitCode {
    // Usage errors leave from here with status 2, help and version with 0.
    let arguments = Arguments::try_parse().unwrap_or_else(|error| explained(error).exit());
    if let Err(what) = arguments.log.settle() {
        return fail(&what, BAD_CONFIGURATION);
    }
    match arguments.command {
        Command::Demo(arguments) => demo::show(arguments.broken),
        Command::Run(arguments) => run::run(arguments),
        Command::Serve(arguments) => serve::serve(arguments),
        Command::Connect(arguments) => connect::connect(arguments),
        Command::Status(arguments) => status::status(&arguments),
        Command::Doctor { config } => doctor::doctor(config.as_deref()),
        Command::Patterns(command) => patterns::patterns(&command),
        Command::Bouncer(command) => patterns::patterns(&command.into()),
        Command::Token(command) => token::token(&command),
        Command::Config(command) => config::config(command),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { command } => manual::page(&command),
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
