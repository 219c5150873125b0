//! `portcullis doctor`: looks at everything that a start would need, and at what it would open.

use std::fmt::Write;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::AnsiColor;
use rustix::fs::{Access, access};

use super::{FOUND, print};
use crate::config::{self, Found, Loaded, ServerSettings};
use crate::paths::PathFault;
use crate::program;
use crate::serve::{PASSED, reach};

pub(super) fn doctor(flag: Option<&Path>) -> ExitCode {
    let mut report = Report::default();
    match config::find(flag) {
        Err(faults) => report.faults(&faults.0),
        Ok(Found::Nothing) => {
            let place = config::default_path().map(|path| shown(&path)).unwrap_or_default();
            report.fine(&format!("no configuration, so the defaults apply; it would be {place}"));
        }
        Ok(Found::File(file)) => match config::load_file(&file) {
            Err(faults) => report.faults(&faults.0),
            Ok(loaded) => {
                report.fine(&format!("configuration {}", shown(&file)));
                examine(&loaded, &mut report);
            }
        },
    }
    report.print()
}

fn examine(loaded: &Loaded, report: &mut Report) {
    let settings = &loaded.settings;
    for warning in &settings.warnings {
        report.odd(&warning.to_string());
    }
    for idle in settings.idle_keys() {
        report.odd(&idle.to_string());
    }
    let wrong = loaded.file.as_deref().and_then(mode_fault);
    match (wrong, &loaded.file) {
        (Some(what), _) => report.odd(&what),
        (None, Some(_)) => report.fine("permissions of the configuration"),
        (None, None) => {}
    }
    for fault in program::missing(settings) {
        report.wrong(&fault.to_string());
    }
    for server in &settings.servers {
        if let Ok(path) = program::find(server) {
            report.fine(&format!("{}: command {}", server.name, shown(&path)));
        }
        examine_socket(server, settings.socket.perm, report);
    }
    expose(loaded, report);
    let memory = loaded.worst_case();
    if !settings.servers.is_empty() {
        report.fine(&format!("memory of `serve` at most: {memory}"));
        examine_descriptors(loaded, report);
    }
}

/// Whether others may see a configuration of which they have no use.
fn mode_fault(file: &Path) -> Option<String> {
    let mode = file.metadata().ok()?.mode() & 0o777;
    (mode & 0o077 != 0).then(|| {
        format!("{}: mode {mode:04o}, so others can see it; chmod 600 mends that", shown(file))
    })
}

/// Whether a daemon can listen here, or does.
fn examine_socket(server: &ServerSettings, perm: u32, report: &mut Report) {
    let (name, path) = (&server.name, server.socket.path());
    let socket = shown(&path);
    if let Some(directory) = unwritable(&path) {
        let directory = shown(&directory);
        return report.wrong(&format!(
            "{name}: socket {socket}: you cannot write {directory}; choose another place, or mend its mode"
        ));
    }
    match server.socket.open_parent(false) {
        Err(PathFault::Missing(_)) => {
            return report.fine(&format!("{name}: socket {socket}, not made yet"));
        }
        Err(fault) => return report.wrong(&format!("{name}: socket {socket}: {fault}")),
        Ok(_) => {}
    }
    if let Some(parent) = path.parent().and_then(|parent| Some((parent, parent.metadata().ok()?)))
        && parent.1.mode() & 0o077 != 0
    {
        let mode = parent.1.mode() & 0o7777;
        let directory = shown(parent.0);
        let is_ours = parent.1.uid() == rustix::process::geteuid().as_raw() && mode & 0o1000 == 0;
        let remedy =
            if is_ours { "chmod 700 mends that" } else { "choose a directory of your own" };
        report.odd(&format!(
            "{name}: the socket's directory {directory} has mode {mode:04o}, so others see it; {remedy}"
        ));
    }
    let Ok(data) = path.symlink_metadata() else {
        return report.fine(&format!("{name}: socket {socket}, not there yet"));
    };
    if !data.file_type().is_socket() {
        return report.wrong(&format!("{name}: {socket} is no socket; move it away"));
    }
    match reach(&path) {
        Ok(_) => {
            let mode = data.mode() & 0o777;
            report.fine(&format!("{name}: socket {socket} is alive, mode {mode:04o}"));
            if mode != perm {
                report.odd(&format!(
                    "{name}: the configuration says mode {perm:04o}; SIGHUP to the daemon mends that"
                ));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => report.odd(&format!(
            "{name}: socket {socket} is stale; the next `portcullis serve` replaces it"
        )),
        Err(error) => report.wrong(&format!("{name}: socket {socket}: {error}")),
    }
}

/// The nearest directory above this path that exists, if nothing can be made in it.
fn unwritable(path: &Path) -> Option<PathBuf> {
    let mut directory = path.parent()?;
    while !directory.as_os_str().is_empty() && !directory.exists() {
        directory = directory.parent()?;
    }
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let wanted = Access::WRITE_OK | Access::EXEC_OK;
    access(directory, wanted).is_err().then(|| directory.to_owned())
}

/// Who and what can reach what.
fn expose(loaded: &Loaded, report: &mut Report) {
    let settings = &loaded.settings;
    if rustix::process::geteuid().is_root() {
        report.odd("running as root: a server, and whoever takes it over, is root too");
    }
    if settings.servers.is_empty() {
        return;
    }
    if !settings.policy.auth.tokens.is_empty() {
        report.fine("exposed: to processes of yours that know a token");
    } else {
        report.odd("exposed: to every process of yours, since no token is configured; `portcullis token new` makes one");
    }
    let perm = settings.socket.perm;
    if perm & 0o022 != 0 || !settings.socket.allow_uids.is_empty() {
        report.odd(&format!(
            "exposed: to other users, by socket.perm {perm:04o} and {} of socket.allow_uids",
            settings.socket.allow_uids.len()
        ));
    }
    for server in &settings.servers {
        let mut passed: Vec<&str> = server.environment.pass.iter().map(String::as_str).collect();
        passed.extend(server.environment.set.keys().map(String::as_str));
        if !passed.is_empty() {
            let names = passed.join(", ");
            report.fine(&format!(
                "{}: sees the variables {names}, beside the {} that every server sees",
                server.name,
                PASSED.len()
            ));
        }
    }
    if !settings.policy.redaction.enabled {
        report.wrong("bouncer.enabled is false, so secrets reach the model; remove the key");
    }
}

/// Whether so many clients fit into the limits of the system.
fn examine_descriptors(loaded: &Loaded, report: &mut Report) {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum;
    let clients = u64::from(loaded.settings.serve.clients_max);
    let servers = loaded.settings.servers.len() as u64;
    let needed = clients * DESCRIPTORS_EACH + servers * DESCRIPTORS_DOOR + DESCRIPTORS_BESIDE;
    if limit.is_some_and(|limit| limit < needed) {
        let limit = limit.unwrap_or_default();
        report.odd(&format!(
            "{clients} clients need {needed} descriptors and the system allows {limit}; lower serve.clients_max, or raise the limit (ulimit -Hn, LimitNOFILE=)"
        ));
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string().escape_debug().to_string()
}

/// What was found, line by line.
#[derive(Default)]
struct Report {
    text: String,
    odd: u32,
    wrong: u32,
}

impl Report {
    fn fine(&mut self, what: &str) {
        self.line(AnsiColor::Green, "ok", what);
    }

    fn odd(&mut self, what: &str) {
        self.odd += 1;
        self.line(AnsiColor::Yellow, "odd", what);
    }

    fn wrong(&mut self, what: &str) {
        self.wrong += 1;
        self.line(AnsiColor::Red, "wrong", what);
    }

    fn faults(&mut self, faults: &[config::Fault]) {
        for fault in faults {
            self.wrong(&fault.to_string());
        }
    }

    fn line(&mut self, colour: AnsiColor, word: &str, what: &str) {
        let style = colour.on_default();
        let gap = " ".repeat(7 - word.len());
        writeln!(self.text, "{style}{word}{style:#}{gap}{what}").expect("memory takes every text");
    }

    fn print(mut self) -> ExitCode {
        let (wrong, odd) = (self.wrong, self.odd);
        writeln!(self.text, "{wrong} wrong, {odd} odd").expect("memory takes every text");
        let printed = print(&self.text);
        if wrong > 0 { FOUND.into() } else { printed }
    }
}

/// A client's socket twice, its server's three pipes, the guard's lifeline.
const DESCRIPTORS_EACH: u64 = 6;
/// Two sockets that are listened on, and their directory twice.
const DESCRIPTORS_DOOR: u64 = 4;
/// Ours, and room for what is opened for a moment.
const DESCRIPTORS_BESIDE: u64 = 64;
