//! What stands below the flags in the help of each command, and in parts in its page of the manual.
//!
//! One form, which `page` reads: parts with an empty line between them. A part that begins with one
//! of [`PARTS`] is a list, each item a word, two spaces and its text, or the text alone on the lines
//! below, further in; `Examples:` are lines as they are. Anything else is a paragraph. No line is
//! longer than 78 columns, so that no terminal breaks one.

/// The parts that have a name.
pub(super) const PARTS: [&str; 5] =
    ["Exit status:", "Signals:", "Environment:", "Files:", EXAMPLES];

/// Commands, one a line.
pub(super) const EXAMPLES: &str = "Examples:";

/// What the short and the long help begin with.
macro_rules! main_examples {
    () => {
        "\
Examples:
  portcullis demo
  portcullis run -- npx -y @modelcontextprotocol/server-everything
  portcullis run --audit audit.jsonl -- python3 my_server.py
  portcullis config default > ~/.config/portcullis/config.yaml
  portcullis serve &
  portcullis connect ~/.config/portcullis/files.sock"
    };
}

pub(super) const MAIN_SHORT: &str = main_examples!();

pub(super) const MAIN: &str = concat!(
    main_examples!(),
    "

Exit status:
  0  yes, or done
  1  something was found or refused, or could not be done
  2  wrong usage, configuration or PORTCULLIS_LOG
  `run` has that of the server; the help of each command tells more.

Environment:
  PORTCULLIS_CONFIG  the configuration, if no --config names one
  PORTCULLIS_LOG     the level of the log: error, warn, info or debug
  XDG_CONFIG_HOME    where portcullis/config.yaml lies, if it is not ~/.config
  XDG_RUNTIME_DIR    where sockets are that the configuration does not name
  NO_COLOR           if it is set and not empty: no colours
  CLICOLOR_FORCE     if it is set and not 0: colours, also in a file or a pipe
  Variables of other proxies (PROXY_TOKEN, API_KEY, ...) are the server's,
  unless `compat` in the configuration names their proxy.

Files:
  ~/.config/portcullis/config.yaml
      the configuration; `portcullis config path` prints which one is read
  $XDG_RUNTIME_DIR/portcullis/NAME.sock
      where the server NAME listens, if the configuration names no socket"
);

pub(super) const DEMO: &str = "\
Exit status:
  0  every check held
  1  one did not, or standard output could not be written
  2  wrong usage";

pub(super) const RUN: &str = "\
In the configuration of an MCP client, put `portcullis run --` in front of the
server's command.

At the end of the input the server's input is closed, and answers still come
for a second; then the server gets SIGTERM, and what is left of it SIGKILL
before the second second is over.

Exit status:
  the server's, if it ended by itself
  128 + n  signal n ended it
  125      Portcullis itself failed: configuration, audit log, guard
  126      the command cannot be executed
  127      the command is not found
  2        wrong usage, or PORTCULLIS_LOG holds no level

Signals:
  TERM, INT, HUP  end the session in order, a second one at once
  USR1            prints totals to standard error

Examples:
  portcullis run -- npx -y @modelcontextprotocol/server-everything
  portcullis run --config policy.yaml --stats -- mcp-server-git --repository .";

pub(super) const SERVE: &str = "\
Each client gets a session and a server process of its own, which starts with
the first message that passes. Standard error of the servers comes out
labelled, with secrets taken out.

Under systemd: Type=notify, and sockets by systemd.socket(5).

Exit status:
  0  after a drain
  1  a socket is taken, or the daemon failed
  2  wrong usage, configuration or PORTCULLIS_LOG

Signals:
  TERM, INT  stop new clients, and end the others within serve.drain_ms; a
             second one ends all at once
  HUP        reads the configuration again, and opens the files of the log and
             the audit log anew
  USR1       prints the status to standard error

Examples:
  portcullis serve
  portcullis serve --config team.yaml --log-level info --audit audit.jsonl";

pub(super) const CONNECT: &str = "\
In the configuration of an MCP client, put this where the server's command
was. The token is added to each message; nothing else is looked at here, since
the daemon judges.

Exit status:
  0  the client left
  1  the daemon left first, or cannot be reached or trusted; what was asked of
     it is answered with an error
  2  wrong usage, a token that cannot be read, or a wrong PORTCULLIS_LOG

Examples:
  portcullis connect ~/.config/portcullis/files.sock
  portcullis connect files.sock --token-file ~/.config/portcullis/token";

pub(super) const STATUS: &str = "\
Without a socket, the daemons behind all sockets of the configuration.

Exit status:
  0  all of them answer
  1  one does not
  2  wrong usage, configuration or PORTCULLIS_LOG

Examples:
  portcullis status
  portcullis status --json ~/.config/portcullis/files.sock
  portcullis status --watch 5";

pub(super) const APPROVE: &str = "\
For the calls of tools that `tools.ask` names, where `portcullis serve` runs;
with `run`, approvals.command is asked instead. A call that nobody approves in
45 seconds is refused. Without --socket, the daemons behind all sockets of the
configuration; only their own user is taken.

Exit status:
  0  they are listed, or the call was answered
  1  no such call waits (any more), or a daemon does not answer
  2  wrong usage, configuration or PORTCULLIS_LOG

Examples:
  portcullis approve list
  portcullis approve --watch
  portcullis approve 7.1-0a1b2c3d
  portcullis approve --deny 7.1-0a1b2c3d --socket files.sock";

pub(super) const SCAN: &str = "\
A finding is a line with its place, how much harm it does, the rule, and the
line that it stands on with every secret masked. Columns count characters. The
order is that of the paths, whatever the number of jobs. Totals go to standard
error; --quiet leaves them and the progress bar out.

Of a directory all text files are searched, but not .git, not what symbolic
links lead to, and neither hidden files nor, within a repository, what
.gitignore names. A file with a NUL in its first 8 KiB is no text. A line may
be of any length, and so may standard input.

With --redact alone, the text goes to standard output, line by line if it
comes so. With --output there must be nothing in the way of a copy; with
--in-place a file is replaced at once and whole, and only if a secret was
found in it.

Exit status:
  0  nothing was found
  1  a secret was found; with --redact, and taken out
  2  nothing was found, but something could not be read or written, which is
     named; wrong usage, configuration or PORTCULLIS_LOG

Examples:
  portcullis scan
  portcullis scan --format sarif src > secrets.sarif
  git diff --cached | portcullis scan -
  journalctl -f | portcullis scan --redact > clean.log
  portcullis scan --redact --output clean/ logs/";

pub(super) const CHECK_URL: &str = "\
Nothing is resolved or fetched. Which addresses a name has is judged by a
second check: give them with --resolved, and connect to no other.

A refusal tells which check it was, and the key below `network` that allows
it.

Exit status:
  0  all of them are allowed
  1  one is refused
  2  wrong usage, configuration or PORTCULLIS_LOG

Examples:
  portcullis check url http://0x7f.1/ https://example.com/
  portcullis check url --resolved 192.0.2.1 https://example.com/
  portcullis check url --allow '*.example.com:443' https://api.example.com/
  portcullis check url --class loopback http://localhost:3000/";

pub(super) const CHECK_PATH: &str = "\
Nothing is opened and no link is followed. Where a link leads is judged by a
second check: give the path that was found with --resolved.

A refusal tells which check it was, and the key below `network` that allows
it.

Exit status:
  0  all of them are allowed
  1  one is refused
  2  wrong usage, configuration or PORTCULLIS_LOG

Examples:
  portcullis check path --root /work /work/../etc/a %2e%2e/etc notes/a
  portcullis check path --root /work --resolved /data/a /work/link
  find . | portcullis check path --root /work -";

pub(super) const CHECK_IP: &str = "\
An IPv4 address inside an IPv6 address is judged. The port and the zone of an
address do not count.

A refusal tells which check it was, and the key below `network` that allows
it.

Exit status:
  0  all of them are allowed
  1  one is refused
  2  no address, wrong usage, configuration or PORTCULLIS_LOG

Examples:
  portcullis check ip 8.8.8.8 ::ffff:127.0.0.1 64:ff9b::a9fe:a9fe
  portcullis check ip --net 10.1.0.0/16 10.1.2.3
  portcullis check ip --client --allow 10.0.0.0/8 --deny 10.0.0.50 10.0.0.50";

pub(super) const CHECK_ORIGIN: &str = "\
An origin is a scheme, a host and, where it is not the usual one, a port, as a
browser sends it in the Origin header; or null.

A refusal tells which check it was, and the key below `network` that allows
it.

Exit status:
  0  all of them are allowed
  1  one is refused
  2  no origins are listed, wrong usage, configuration or PORTCULLIS_LOG

Examples:
  portcullis check origin --allow 'https://*.a.example' https://evila.example
  portcullis check origin --allow 'http://localhost:*' http://localhost:3000";

pub(super) const DOCTOR: &str = "\
Exit status:
  0  nothing is wrong; what is odd is only told
  1  something is wrong, a fault of the configuration included
  2  wrong usage, or PORTCULLIS_LOG holds no level

Examples:
  portcullis doctor
  portcullis doctor --config team.yaml";

pub(super) const LIST: &str = "\
Exit status:
  0  the rules are listed
  1  standard output could not be written
  2  wrong usage, configuration or PORTCULLIS_LOG

Examples:
  portcullis patterns list
  portcullis patterns list --config policy.yaml";

pub(super) const CHECK_PATTERNS: &str = "\
Exit status:
  0  every pattern can be used
  1  one is refused
  2  wrong usage, configuration or PORTCULLIS_LOG

Examples:
  portcullis patterns check
  portcullis patterns check policy.yaml";

pub(super) const TEST: &str = "\
The text goes to standard output, with what stands for each secret;
`RULE, bytes START..END` for each find goes to standard error. An argument can
be seen by others: give real secrets on standard input, which may have 16 MiB.

Exit status:
  0  nothing was found
  1  something was
  2  wrong usage, configuration or PORTCULLIS_LOG

Examples:
  portcullis patterns test --config policy.yaml 'MY_SECRET=...'
  journalctl -u my-server | portcullis patterns test > clean.log";

pub(super) const TOKEN: &str = "\
Exit status:
  0  a token was printed
  1  the system gave no random bytes, or standard output could not be written
  2  wrong usage, or PORTCULLIS_LOG holds no level

Examples:
  (umask 077; portcullis token new > token)
  portcullis token hash --token-file token";

pub(super) const HASH: &str = "\
Without a flag the token is one line of standard input. A token cannot be an
argument, since others can see those.

Exit status:
  0  the digest was printed; under 32 characters with a warning
  1  the token is too weak: under 16 characters
  2  wrong usage, a token that cannot be read, or a wrong PORTCULLIS_LOG

Examples:
  portcullis token hash --token-file token
  portcullis token hash --token-env MY_TOKEN";

pub(super) const DEFAULT: &str = "\
Exit status:
  0  it was printed
  1  standard output could not be written
  2  wrong usage, or PORTCULLIS_LOG holds no level

Examples:
  mkdir -p -m 700 ~/.config/portcullis
  (umask 077; portcullis config default > ~/.config/portcullis/config.yaml)";

pub(super) const CHECK: &str = "\
Exit status:
  0  no faults; with --strict no warnings either
  1  standard output could not be written
  2  there are faults, or, with --strict, warnings; wrong usage, or a wrong
     PORTCULLIS_LOG

Examples:
  portcullis config check
  portcullis config check --strict team.yaml";

pub(super) const PATH: &str = "\
Exit status:
  0  there is a file: its path is on standard output
  1  there is none, so the defaults apply
  2  wrong usage, or PORTCULLIS_LOG holds no level

Examples:
  ${EDITOR:-vi} \"$(portcullis config path)\"";

pub(super) const COMPLETIONS: &str = "\
Exit status:
  0  the script was printed
  1  standard output could not be written
  2  wrong usage, or PORTCULLIS_LOG holds no level

Examples:
  portcullis completions bash > \\
      ~/.local/share/bash-completion/completions/portcullis
  portcullis completions zsh > ~/.zfunc/_portcullis
  portcullis completions fish > ~/.config/fish/completions/portcullis.fish";

pub(super) const MAN: &str = "\
Exit status:
  0  the page was printed, or all pages were written
  1  standard output or a file could not be written
  2  wrong usage, or PORTCULLIS_LOG holds no level

Examples:
  portcullis man | man -l -
  portcullis man token hash | man -l -
  portcullis man --dir ~/.local/share/man/man1";

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::super::Arguments;
    use super::*;

    /// Two less than a terminal has.
    const WIDTH: usize = 78;

    /// Does this for every command that shows, from the top.
    fn each(command: &Command, check: &dyn Fn(&Command)) {
        check(command);
        let shown = command.get_subcommands().filter(|command| !command.is_hide_set());
        shown.for_each(|command| each(command, check));
    }

    fn all(check: &dyn Fn(&Command)) {
        let mut command = Arguments::command().disable_help_subcommand(true);
        command.build();
        each(&command, check);
    }

    fn text(command: &Command) -> String {
        let text = command.get_after_long_help().or_else(|| command.get_after_help());
        text.map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn every_command_says_how_it_ends() {
        all(&|command| {
            let (name, text) = (command.get_name(), text(command));
            let has_own = command.has_subcommands() && name != "portcullis";
            assert!(has_own || text.contains("\n  2  ") || text.contains("\n  2   "), "{name}");
            assert!(has_own || text.contains("Exit status:\n"), "{name}: {text}");
        });
    }

    #[test]
    fn no_terminal_breaks_a_line() {
        all(&|command| {
            let text = text(command);
            for line in text.lines() {
                assert!(line.chars().count() <= WIDTH, "{line}");
            }
            for width in [80, 100] {
                let help = command.clone().term_width(width).render_long_help().to_string();
                assert!(help.contains(&text), "{}: {help}", command.get_name());
                let longest = help.lines().map(|line| line.chars().count()).max().unwrap();
                assert!(longest <= width, "{}: {help}", command.get_name());
            }
        });
    }

    #[test]
    fn the_long_help_begins_like_the_short_one() {
        assert!(MAIN.starts_with(&format!("{MAIN_SHORT}\n\n")));
    }

    #[test]
    fn the_form_is_kept() {
        all(&|command| {
            let text = text(command);
            for part in text.split("\n\n").filter(|part| !part.is_empty()) {
                let (first, rest) = part.split_once('\n').unwrap_or((part, ""));
                let is_list = PARTS.contains(&first);
                assert!(!is_list || !rest.is_empty(), "{part}");
                assert!(rest.lines().all(|line| line.starts_with("  ") == is_list), "{part}");
            }
        });
    }
}
