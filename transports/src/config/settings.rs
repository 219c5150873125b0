//! What a configuration says, read and checked, but not compiled. `Debug` shows no value that may
//! be a secret: neither tokens, nor commands, nor what is set in an environment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use portcullis_engine::{Limits, PolicyConfig};

use super::bridge::MOMENTS;
use super::fault::{Fault, Place};
use crate::approval::HookPlan;
use crate::log::{Format, Level};
use crate::paths::Location;
use crate::process::{Environment, Launch};

/// A configuration, read and checked, but not compiled.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What the engine's policy is made of.
    pub policy: PolicyConfig,
    /// The engine's limits, as `run` takes them.
    pub limits: Limits,
    /// `limits.frame_bytes_max` by side (client, server), if the file gives it: `serve` has
    /// another default than `run`.
    pub frame_bytes_max: [Option<u32>; 2],
    /// Whether the file gives `limits.answers_owed_max`: `serve` has another default than `run`.
    pub gives_answers_owed_max: bool,
    /// `limits.frame_ms_max`, if the file gives it.
    pub frame_ms_max: Option<u64>,
    /// The servers of `serve`, in the order of the file.
    pub servers: Vec<ServerSettings>,
    /// The sockets of `serve`.
    pub socket: SocketSettings,
    /// How much `serve` takes on.
    pub serve: ServeSettings,
    /// Who is asked whether a call may go on.
    pub approvals: ApprovalSettings,
    /// The log.
    pub log: LogSettings,
    /// The file of the audit log.
    pub audit: Option<Location>,
    /// What is odd, but does not stand in the way.
    pub warnings: Vec<Fault>,
    /// Whether the file itself holds a secret in clear, so that nobody else may read it.
    pub holds_token: bool,
    /// Where the patterns and the disabled rules stand, by their names.
    pub places: Vec<(String, Place)>,
    /// Directories that paths in the file may lead to, beside its own.
    pub allow: Vec<PathBuf>,
    /// The file; empty without one.
    pub file: PathBuf,
    /// The keys that the file gives, and where.
    pub keys: Vec<(String, Place)>,
    /// Keys of the engine's configuration that stand for other keys of the file.
    pub aliases: Vec<Alias>,
    /// Keys of an issuer that stand in files of their own.
    pub key_files: Vec<KeyFile>,
    /// Variables of other proxies that are read here, and so are nobody else's business.
    pub taken: Vec<&'static str>,
}

/// A key of the engine's configuration that another key of the file stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The engine's key.
    pub engine: String,
    /// The file's key.
    pub file: String,
}

/// A key of an issuer of JSON Web Tokens that stands in a file of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// Its place among the keys.
    pub at: usize,
    /// Whether it is a secret, which nobody else may read, or a public key.
    pub is_secret: bool,
    /// The file.
    pub location: Location,
}

impl Settings {
    /// A fault at a key of the file, or at the nearest key around it.
    #[must_use]
    pub fn fault(&self, key: &str, what: impl Into<String>, remedy: &str) -> Fault {
        let stands_for = |alias: &&Alias| {
            let rest = key.strip_prefix(alias.engine.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let alias = self.aliases.iter().filter(stands_for).max_by_key(|alias| alias.engine.len());
        let written = alias.map(|alias| alias.file.clone() + &key[alias.engine.len()..]);
        let is_known = |key: &str| self.keys.iter().any(|(known, _)| known == key);
        let key = match (&written, alias) {
            (Some(written), _) if is_known(written) => written,
            // The engine's members are others than those of the file.
            (_, Some(alias)) => &alias.file,
            _ => key,
        };
        let moment =
            MOMENTS.iter().find_map(|(own, written)| Some((key.strip_suffix(own)?, written)));
        let moment = moment.map(|(rest, written)| format!("{rest}{written}"));
        let key = moment.as_ref().filter(|written| is_known(written)).map_or(key, String::as_str);
        let mut around = key;
        let place = loop {
            if let Some(&(_, place)) = self.keys.iter().find(|(known, _)| known == around) {
                break place;
            }
            match around.rfind(['.', '[']) {
                Some(end) => around = &around[..end],
                None => break Place::default(),
            }
        };
        Fault { place, key: key.to_owned(), ..Fault::of_file(&self.file, what, remedy) }
    }

    /// The program that is asked whether a call may go on, if there is one. It is the user's own,
    /// and sees our environment, less what is read here.
    #[must_use]
    pub fn hook(&self) -> Option<HookPlan> {
        let ApprovalSettings { command, timeout_ms } = &self.approvals;
        let launch = Launch {
            command: command.clone(),
            environment: Environment::Less(self.taken.clone()),
            descriptors: None,
        };
        (!command.is_empty()).then_some(HookPlan { launch, timeout_ms: *timeout_ms })
    }

    /// Every place in the file system that is named here.
    pub fn locations(&self) -> impl Iterator<Item = &Location> {
        let sockets = self.servers.iter().map(|server| &server.socket);
        let keys = self.key_files.iter().map(|key| &key.location);
        self.audit.iter().chain(&self.log.file).chain(sockets).chain(keys)
    }
}

/// One server of `serve`.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// Its name: 1 to 64 of `[A-Za-z0-9._-]`, the first neither a dot nor a dash; unique.
    pub name: String,
    /// Its program and arguments; at least the program. A program with a slash is absolute.
    pub command: Vec<OsString>,
    /// What it finds in its environment.
    pub environment: EnvironmentSettings,
    /// Where its socket is.
    pub socket: Location,
    /// Where the file names it.
    pub place: Place,
}

impl fmt::Debug for ServerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSettings")
            .field("name", &self.name)
            .field("command", &format_args!("{} words", self.command.len()))
            .field("environment", &self.environment)
            .field("socket", &self.socket)
            .finish()
    }
}

/// What a server finds in its environment beside what every server finds there.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct EnvironmentSettings {
    /// Names that are passed on; one that ends in `*` stands for all with this beginning.
    pub pass: Vec<String>,
    /// What is set.
    pub set: BTreeMap<String, String>,
    /// Names that are not passed on, whatever `pass` says.
    pub withheld: Vec<&'static str>,
}

impl fmt::Debug for EnvironmentSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvironmentSettings")
            .field("pass", &self.pass)
            .field("set", &self.set.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// The sockets of `serve`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketSettings {
    /// Their mode.
    pub perm: u32,
    /// Requests a second, of all clients together.
    pub rate_limit: Option<u32>,
    /// Users who may connect beside our own.
    pub allow_uids: Vec<u32>,
}

impl Default for SocketSettings {
    fn default() -> Self {
        SocketSettings { perm: 0o600, rate_limit: None, allow_uids: Vec::new() }
    }
}

/// How much `serve` takes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeSettings {
    /// Most clients at once. 256: five for each of fifty people, and a memory that fits a server.
    pub clients_max: u32,
    /// Most servers that run at once. 256: one for each client.
    pub children_max: u32,
    /// Milliseconds that a drain may take. 30,000, the documented time limit of a drain.
    pub drain_ms: u64,
}

impl Default for ServeSettings {
    fn default() -> Self {
        ServeSettings { clients_max: 256, children_max: 256, drain_ms: 30_000 }
    }
}

/// Who is asked whether a call may go on. `Debug` does not show the command.
#[derive(Clone, PartialEq, Eq)]
pub struct ApprovalSettings {
    /// The program that is asked, and its arguments; empty for none. A program with a slash is
    /// absolute.
    pub command: Vec<OsString>,
    /// Milliseconds that it has. 45,000, as long as a call waits at all.
    pub timeout_ms: u64,
}

impl Default for ApprovalSettings {
    fn default() -> Self {
        ApprovalSettings { command: Vec::new(), timeout_ms: 45_000 }
    }
}

impl fmt::Debug for ApprovalSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApprovalSettings")
            .field("command", &format_args!("{} words", self.command.len()))
            .field("timeout_ms", &self.timeout_ms)
            .finish()
    }
}

/// The log, as far as the file gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogSettings {
    /// How much is told.
    pub level: Option<Level>,
    /// Where; standard error without it.
    pub file: Option<Location>,
    /// How it is told.
    pub format: Option<Format>,
}
