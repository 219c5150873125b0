//! The words of the command line, and the help for each.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::approve::What;
use super::check::CheckCommand;
use super::help;
use super::logging::LogArguments;
use crate::demo::Part;
use crate::scan::Format;

/// Guards an MCP server: takes secrets out of what passes, refuses what is no clean MCP, and leaves
/// everything else byte for byte as it was.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version, max_term_width = 100, after_help = help::MAIN_SHORT)]
#[command(after_long_help = help::MAIN, subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) log: LogArguments,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
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
    /// Answer for calls that wait for approval: list them, approve or deny one
    Approve(ApproveArguments),
    /// Search files, directories or standard input for secrets
    Scan(ScanArguments),
    /// Ask the guard about a URL, a path, an address or an origin
    #[command(subcommand)]
    Check(CheckCommand),
    /// Look for what is wrong: configuration, permissions, sockets, commands, exposure
    #[command(after_help = help::DOCTOR)]
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
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print a page of the manual, for man(1), or write all of them
    #[command(after_help = help::MAN)]
    Man {
        /// Write all pages into this directory, which is made if it is missing
        #[arg(long, value_name = "DIR", conflicts_with = "command")]
        dir: Option<PathBuf>,
        /// The words of the command that the page is about (default: portcullis itself)
        #[arg(value_parser = COMMANDS, hide_possible_values = true)]
        command: Vec<String>,
    },
    /// The leaking server of the demo
    #[command(hide = true)]
    DemoServer,
}

#[derive(Debug, Args)]
#[command(after_help = help::DEMO)]
pub(super) struct DemoArguments {
    /// Switch one part off; the demo must then fail
    #[arg(long = "break", value_name = "PART")]
    pub(super) broken: Option<Part>,
}

#[derive(Debug, Args)]
#[command(after_help = help::RUN)]
pub(super) struct RunArguments {
    /// The configuration (default: see `portcullis config path`)
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Append one JSON object for each event to this file
    #[arg(long, value_name = "FILE")]
    pub(super) audit: Option<PathBuf>,
    /// Print totals to standard error at the end
    #[arg(long)]
    pub(super) stats: bool,
    /// The server's command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(super) command: Vec<OsString>,
}

#[derive(Debug, Args)]
#[command(after_help = help::SERVE)]
pub(super) struct ServeArguments {
    /// The configuration (default: see `portcullis config path`)
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Append one JSON object for each event to this file
    #[arg(long, value_name = "FILE")]
    pub(super) audit: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = help::CONNECT)]
pub(super) struct ConnectArguments {
    /// The socket of a server, as `portcullis serve` tells it, or its name in the configuration
    pub(super) socket: PathBuf,
    #[command(flatten)]
    pub(super) source: TokenSource,
    /// Wait so many seconds for a daemon that is not there yet
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub(super) wait: u64,
    /// Trust a daemon of this user, beside your own and root
    #[arg(long, value_name = "UID")]
    pub(super) daemon_uid: Option<u32>,
}

#[derive(Debug, Args)]
#[command(after_help = help::STATUS)]
pub(super) struct StatusArguments {
    /// One JSON object for each daemon
    #[arg(long)]
    pub(super) json: bool,
    /// Again every so many seconds, until it is interrupted
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "2")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) watch: Option<u64>,
    /// The configuration that names the sockets (default: see `portcullis config path`)
    #[arg(long, value_name = "FILE", conflicts_with = "socket")]
    pub(super) config: Option<PathBuf>,
    /// The socket of a server, or its name in the configuration
    pub(super) socket: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = help::APPROVE)]
pub(super) struct ApproveArguments {
    /// Deny it instead
    #[arg(long, requires = "what", conflicts_with = "watch")]
    pub(super) deny: bool,
    /// Print each call that begins to wait, until it is interrupted
    #[arg(long)]
    pub(super) watch: bool,
    /// One JSON object for each call
    #[arg(long)]
    pub(super) json: bool,
    /// The configuration that names the sockets (default: see `portcullis config path`)
    #[arg(long, value_name = "FILE", conflicts_with = "socket")]
    pub(super) config: Option<PathBuf>,
    /// The socket of a server, or its name in the configuration
    #[arg(long)]
    pub(super) socket: Option<PathBuf>,
    /// The call to approve, by its ticket; `list`, or nothing, tells which wait
    #[arg(value_name = "TICKET|list")]
    pub(super) what: Option<What>,
}

#[derive(Debug, Args)]
#[command(after_help = help::SCAN)]
pub(super) struct ScanArguments {
    /// How findings are written: text, json (an object a line) or sarif (2.1.0)
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub(super) format: Format,
    /// Write only how many findings there are of each rule
    #[arg(long, conflicts_with = "redact")]
    pub(super) summary: bool,
    /// Take the secrets out: of standard input or one file to standard output, or as the next two
    /// say
    #[arg(long)]
    pub(super) redact: bool,
    /// With --redact: copy every text that is searched into this directory, without its secrets
    #[arg(long, value_name = "DIR", requires = "redact", conflicts_with = "in_place")]
    pub(super) output: Option<PathBuf>,
    /// With --redact: change the files themselves
    #[arg(long, requires = "redact")]
    pub(super) in_place: bool,
    /// Look for these rules only
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(super) rules: Vec<String>,
    /// Search so many files at a time [default: one for each processor]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) jobs: Option<u16>,
    /// Leave longer files out, and name them; K, M and G are 1024 times as much each
    // 1 GiB is more than any text that people write, and half a second of work.
    #[arg(long, value_name = "BYTES", value_parser = bytes, default_value = "1G")]
    pub(super) max_bytes: u64,
    /// Search files that are no text, too
    #[arg(long)]
    pub(super) binary: bool,
    /// Search files and directories whose names begin with a dot, too
    #[arg(long)]
    pub(super) hidden: bool,
    /// Search what .gitignore and .ignore name, too
    #[arg(long)]
    pub(super) no_ignore: bool,
    /// Make fingerprints with a digest of the secret, keyed with this environment variable
    #[arg(long, value_name = "VAR", conflicts_with = "key_file")]
    pub(super) key_env: Option<String>,
    /// The same with this file, which others must not be able to read
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// The configuration (default: see `portcullis config path`)
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Files and directories; - is standard input, which is also meant without any if something is
    /// piped in; else the current directory
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
}

/// A number of bytes: digits, and perhaps K, M or G.
fn bytes(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.as_bytes().last() {
        Some(b'K' | b'k') => (&text[..text.len() - 1], 10),
        Some(b'M' | b'm') => (&text[..text.len() - 1], 20),
        Some(b'G' | b'g') => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let number: Option<u64> = digits.parse().ok();
    let bytes = number.and_then(|number| number.checked_mul(1 << shift));
    bytes.ok_or_else(|| "not a number of bytes, such as 500K, 20M or 1G".to_owned())
}

#[derive(Debug, Subcommand)]
pub(super) enum PatternsCommand {
    /// List the rules that are in force
    #[command(after_help = help::LIST)]
    List {
        /// The configuration (default: see `portcullis config path`)
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Check the patterns of a configuration: exit status 1 if one is refused
    #[command(after_help = help::CHECK_PATTERNS)]
    Check {
        /// The configuration (default: see `portcullis config path`)
        file: Option<PathBuf>,
    },
    /// Take the secrets out of a text and tell which rules found them: exit status 1 if one did
    #[command(after_help = help::TEST)]
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
pub(super) enum BouncerCommand {
    /// List the rules that are in force, like `patterns list`
    #[command(after_help = help::LIST)]
    ListPatterns {
        /// The configuration (default: see `portcullis config path`)
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Check the patterns of a configuration, like `patterns check`: exit status 1 if one is refused
    #[command(after_help = help::CHECK_PATTERNS)]
    ValidatePatterns {
        /// The configuration (default: see `portcullis config path`)
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Print a new token: random bytes of the system, in hexadecimal digits
    #[command(after_help = help::TOKEN)]
    New {
        /// How many bytes; twice as many digits are printed
        #[arg(long, value_name = "N", default_value_t = 32)]
        #[arg(value_parser = clap::value_parser!(u16).range(16..=1024))]
        bytes: u16,
    },
    /// Print the SHA-256 digest of a token, for `sha256` in `socket.auth_tokens`
    #[command(after_help = help::HASH)]
    Hash(TokenSource),
}

/// Where a token comes from. Never from an argument: others can see those.
#[derive(Debug, Args)]
pub(super) struct TokenSource {
    /// Read the token from this environment variable
    #[arg(long, value_name = "VAR", conflicts_with = "token_file")]
    pub(super) token_env: Option<String>,
    /// Read the token from this file, which others must not be able to read
    #[arg(long, value_name = "FILE")]
    pub(super) token_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Print a complete configuration with the defaults and a comment for each key
    #[command(after_help = help::DEFAULT)]
    Default,
    /// Check a configuration and list all its faults: exit status 2 if there are any
    #[command(after_help = help::CHECK)]
    Check {
        /// Take warnings for faults
        #[arg(long)]
        strict: bool,
        /// The configuration (default: see `portcullis config path`)
        file: Option<PathBuf>,
    },
    /// Print which file `run`, `serve` and the others would read
    #[command(after_help = help::PATH)]
    Path,
}

/// The words of all commands, for the completion of `man`. Asking the command line itself for them
/// would ask it for this.
const COMMANDS: [&str; 26] = [
    "demo",
    "run",
    "serve",
    "connect",
    "status",
    "approve",
    "scan",
    "check",
    "url",
    "path",
    "ip",
    "origin",
    "doctor",
    "patterns",
    "list",
    "test",
    "bouncer",
    "list-patterns",
    "validate-patterns",
    "token",
    "new",
    "hash",
    "config",
    "default",
    "completions",
    "man",
];
