//! The command line.

mod config;
mod patterns;
mod run;

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{Fault, Faults};
use crate::demo;

/// Guards an MCP server: takes secrets out of what passes, refuses what is no clean MCP, and leaves
/// everything else byte for byte as it was.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version, max_term_width = 100, after_help = EXAMPLES)]
#[command(subcommand_required = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what the guard does, with a server that leaks
    Demo(DemoArguments),
    /// Run an MCP server behind the guard
    Run(RunArguments),
    /// List the rules, or check your own patterns
    #[command(subcommand)]
    Patterns(PatternsCommand),
    /// Print, check or find the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
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
  portcullis config default > ~/.config/portcullis/config.yaml";

const RUN_HELP: &str = "\
In the configuration of an MCP client, put `portcullis run --` in front of the server's command.

Exit status: the server's; 128 and n if signal n ended it; 125 if Portcullis itself failed, 126 if
the command cannot be executed, 127 if it is not found.
Signals: TERM, INT and HUP end the session in order, a second one at once; USR1 prints totals.

Examples:
  portcullis run -- npx -y @modelcontextprotocol/server-everything
  portcullis run --config policy.yaml --stats -- mcp-server-git --repository .";

/// Runs the command line; its exit status.
#[must_use]
pub fn main() -> ExitCode {
    // Usage errors leave from here with status 2, help and version with 0.
    match Arguments::parse().command {
        Command::Demo(arguments) => demo::show(arguments.broken),
        Command::Run(arguments) => run::run(arguments),
        Command::Patterns(command) => patterns::patterns(&command),
        Command::Config(command) => config::config(command),
        Command::DemoServer => demo::serve(),
    }
}

/// Says what is wrong on standard error, one line for each fault.
fn complain(faults: &Faults) {
    for fault in &faults.0 {
        say("error", anstyle::AnsiColor::Red, fault);
    }
}

/// Says what is odd.
fn warn(warnings: &[Fault]) {
    for warning in warnings {
        say("warning", anstyle::AnsiColor::Yellow, warning);
    }
}

fn say(word: &str, colour: anstyle::AnsiColor, what: &dyn std::fmt::Display) {
    let style = colour.on_default() | anstyle::Effects::BOLD;
    // Nobody reading standard error is no reason to stop, nor to wait for long.
    let errors = std::io::stderr();
    let patience = rustix::event::Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
    let mut fds = [rustix::event::PollFd::new(&errors, rustix::event::PollFlags::OUT)];
    if rustix::event::poll(&mut fds, Some(&patience)).is_ok_and(|ready| ready == 0) {
        return;
    }
    let _ = writeln!(anstream::stderr(), "portcullis: {style}{word}{style:#}: {what}");
}

/// Writes to standard output; a reader that has gone away is none of our business.
fn print(text: &str) -> ExitCode {
    match anstream::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            say("error", anstyle::AnsiColor::Red, &format!("standard output: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Usage or configuration.
const BAD_CONFIGURATION: u8 = 2;
