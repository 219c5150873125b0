//! The words of the command line, and the help for each.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::logging::LogArguments;
use crate::demo::Part;

/// Guards an MCP server: takes secrets out of what passes, refuses what is no clean MCP, and leaves
/// everything else byte for byte as it was.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version, max_term_width = 100, after_help = EXAMPLES)]
#[command(subcommand_required = true, arg_required_else_help = true)]
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
pub(super) struct DemoArguments {
    /// Switch one part off; the demo must then fail
    #[arg(long = "break", value_name = "PART")]
    pub(super) broken: Option<Part>,
}

#[derive(Debug, Args)]
#[command(after_help = RUN_HELP)]
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
#[command(after_help = SERVE_HELP)]
pub(super) struct ServeArguments {
    /// The configuration (default: see `portcullis config path`)
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Append one JSON object for each event to this file
    #[arg(long, value_name = "FILE")]
    pub(super) audit: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = CONNECT_HELP)]
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
#[command(after_help = STATUS_HELP)]
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

#[derive(Debug, Subcommand)]
pub(super) enum PatternsCommand {
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
pub(super) enum BouncerCommand {
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
pub(super) enum TokenCommand {
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
    Default,
    /// Check a configuration and list all its faults: exit status 2 if there are any
    Check {
        /// Take warnings for faults
        #[arg(long)]
        strict: bool,
        /// The configuration (default: see `portcullis config path`)
        file: Option<PathBuf>,
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
