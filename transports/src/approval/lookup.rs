//! What the host itself finds out: where a path leads when links are followed, and which addresses a
//! name has. Both may wait for a disk or a network, so a process of our own does it, one for each
//! question.
//!
//! ```text
//!   reads   P<path> or N<name>, to the end
//!   writes  the path that it is, or the addresses with spaces between; ends with status 0
//! ```
//!
//! A path that is relative starts where we are, which is where servers start. Whatever goes wrong is
//! a no.

use std::fs::{canonicalize, read_link, symlink_metadata};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, ToSocketAddrs};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use super::hook::{Failure, Outcome};
use super::{Desk, HookPlan, Said};
use crate::log::{Entry, Level, Value};
use crate::process::{Environment, Launch, own_program};

/// The hidden argument that makes this program the one that looks up.
pub const LOOKUP_ARGUMENT: &str = "__look-up";

/// Something to find out. Holds what a peer said: `Debug` is not for it.
pub struct Lookup {
    /// What it is.
    pub kind: LookupKind,
    /// The path, or the name.
    pub text: String,
    /// The engine's ticket.
    pub ticket: u64,
    /// The number of the session.
    pub session: u64,
    /// The name of the server.
    pub server: String,
}

/// What is to be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupKind {
    /// Where a path leads.
    Path,
    /// Which addresses a name has.
    Name,
}

/// No path that a system takes is longer, and no name.
pub const LOOKUP_BYTES_MAX: usize = 4_096;
/// A name server that does not answer is asked a second time after five seconds; nobody waits for
/// that.
const LOOKUP_MS: u64 = 5_000;
/// As many links as Linux follows.
const LINKS_MAX: usize = 40;

impl Lookup {
    pub(super) fn line(&self) -> Vec<u8> {
        let sign = match self.kind {
            LookupKind::Path => b'P',
            LookupKind::Name => b'N',
        };
        [&[sign], self.text.as_bytes()].concat()
    }

    /// What was found.
    pub(super) fn judge(&self, outcome: Outcome, desk: &mut Desk<'_>) -> Said {
        let found = outcome.and_then(|text| {
            let text = String::from_utf8(text).map_err(|_| Failure::NoAnswer)?;
            if text.is_empty() { Err(Failure::NoAnswer) } else { Ok(text) }
        });
        found.map_or_else(
            |failure| {
                self.tell(&failure, desk);
                Said::Denied
            },
            Said::Resolved,
        )
    }

    fn tell(&self, failure: &Failure, desk: &mut Desk<'_>) {
        let what = match self.kind {
            LookupKind::Path => "where a path leads could not be found out, so its call is refused",
            LookupKind::Name => "a name has no addresses, or none in time: its call is refused",
        };
        let why = match failure {
            Failure::Late(ms) => format!("it took more than {ms} ms"),
            Failure::NoAnswer => "nothing was found that is text".to_owned(),
            other => other.to_string(),
        };
        desk.recorder.entry(&Entry {
            level: Level::Info,
            time: desk.now,
            session: Some(self.session),
            server: &self.server,
            what,
            fields: &[("ticket", Value::Number(self.ticket)), ("fault", Value::Text(&why))],
        });
    }
}

/// How the process is started that looks up. It sees our environment, which may say how names are
/// looked up.
///
/// # Errors
/// What the system said of our own program.
pub(super) fn plan() -> io::Result<Arc<HookPlan>> {
    let launch = Launch {
        command: vec![own_program()?.into(), LOOKUP_ARGUMENT.into()],
        environment: Environment::Less(Vec::new()),
        descriptors: None,
    };
    Ok(Arc::new(HookPlan { launch, timeout_ms: LOOKUP_MS }))
}

/// What the process does that looks up.
#[must_use]
pub fn look_up() -> ExitCode {
    let mut asked = Vec::new();
    let read = io::stdin().take(LOOKUP_BYTES_MAX as u64 + 2).read_to_end(&mut asked);
    if read.is_err() || asked.len() > LOOKUP_BYTES_MAX + 1 {
        return ExitCode::FAILURE;
    }
    let found = match asked.split_first() {
        Some((b'P', path)) => resolve_path(path).map(|path| path.as_os_str().as_bytes().to_vec()),
        Some((b'N', name)) => resolve_name(name).map(String::into_bytes),
        _ => None,
    };
    let written = found.is_some_and(|found| io::stdout().write_all(&found).is_ok());
    if written { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Where a path leads; of what does not exist: where the last directory of it that does leads, and
/// the names behind it.
fn resolve_path(text: &[u8]) -> Option<PathBuf> {
    let text = std::str::from_utf8(text).ok()?;
    let named = match text.get(..5) {
        Some(scheme) if scheme.eq_ignore_ascii_case("file:") => PathBuf::from(of_url(&text[5..])?),
        _ => PathBuf::from(text),
    };
    if named.as_os_str().is_empty() {
        return None;
    }
    let mut path = std::env::current_dir().ok()?.join(named);
    for _ in 0..LINKS_MAX {
        match canonicalize(&path) {
            Ok(found) => return Some(found),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(_) => return None,
        }
        let (at, behind) = existing(&path)?;
        if !symlink_metadata(&at).ok()?.is_symlink() {
            return Some(canonicalize(at).ok()?.join(behind));
        }
        // A link that leads to what does not exist is followed by whoever makes that.
        path = at.parent()?.join(read_link(&at).ok()?).join(behind);
    }
    None
}

/// The longest beginning of a path that exists, perhaps as a link that leads nowhere, and the names
/// behind it. None of them is `..`: who can say where that leads?
fn existing(path: &Path) -> Option<(PathBuf, PathBuf)> {
    let mut names = Vec::new();
    for at in path.ancestors() {
        match symlink_metadata(at) {
            Ok(_) => return Some((at.to_owned(), names.into_iter().rev().collect())),
            Err(error) if error.kind() == ErrorKind::NotFound => names.push(at.file_name()?),
            Err(_) => return None,
        }
    }
    None
}

/// The path of a `file:` URL, behind its scheme (RFC 8089).
fn of_url(rest: &str) -> Option<String> {
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").unwrap_or(rest),
        None => rest,
    };
    if !path.starts_with('/') || path.starts_with("//") || path.contains(['?', '#', '\\']) {
        return None;
    }
    let decoded = crate::paths::percent_decoded(path.as_bytes());
    String::from_utf8(decoded).ok().filter(|path| !path.contains('\0'))
}

/// The addresses of a name, each once, with spaces between.
fn resolve_name(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let mut found: Vec<IpAddr> = Vec::new();
    for address in (name, 0).to_socket_addrs().ok()? {
        if !found.contains(&address.ip()) {
            found.push(address.ip());
        }
    }
    let texts: Vec<String> = found.iter().map(IpAddr::to_string).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn of(path: &Path) -> Option<PathBuf> {
        resolve_path(path.as_os_str().as_bytes())
    }

    #[test]
    fn links_are_followed_also_those_that_lead_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let root = canonicalize(folder.path()).unwrap();
        let (inside, outside) = (root.join("in"), root.join("out"));
        std::fs::create_dir(&inside).unwrap();
        std::fs::create_dir(&outside).unwrap();
        std::fs::write(outside.join("secret"), "x").unwrap();
        symlink("../out", inside.join("link")).unwrap();
        symlink("../out/later", inside.join("nowhere")).unwrap();
        symlink("round", inside.join("round")).unwrap();
        for (asked, found) in [
            ("a", Some("in/a")),
            ("a/b/c", Some("in/a/b/c")),
            (".", Some("in")),
            ("link/secret", Some("out/secret")),
            ("link/new", Some("out/new")),
            ("link/../in/a", Some("in/a")),
            ("nowhere", Some("out/later")),
            ("nowhere/deep", Some("out/later/deep")),
            ("round", None),
            ("round/a", None),
            ("a/../../out", None),
            ("link/secret/a", None),
        ] {
            let wanted = found.map(|found| root.join(found));
            assert_eq!(of(&inside.join(asked)), wanted, "{asked}");
        }
        let url = |text: String| resolve_path(text.as_bytes());
        let shown = inside.join("link/secret").display().to_string();
        let wanted = Some(outside.join("secret"));
        assert_eq!(url(format!("file://{}", shown.replace("link", "%6cink"))), wanted);
        assert_eq!(url(format!("FILE://localhost{shown}")), wanted);
        for text in ["file://host/etc", "file:etc", "file:////etc", "file:///a%00", "file:///a?b"] {
            assert_eq!(url(text.to_owned()), None, "{text}");
        }
        assert_eq!(url(String::new()), None);
        let here = std::env::current_dir().unwrap();
        assert_eq!(
            url("no-such-file".to_owned()),
            Some(canonicalize(here).unwrap().join("no-such-file"))
        );
    }

    #[test]
    fn names_have_addresses_and_those_without_have_none() {
        let found = resolve_name(b"localhost").expect("every machine has it");
        let addresses: Vec<IpAddr> = found.split(' ').map(|it| it.parse().unwrap()).collect();
        assert!(addresses.iter().all(IpAddr::is_loopback), "{found}");
        assert_eq!(resolve_name(b"192.0.2.7").as_deref(), Some("192.0.2.7"));
        assert_eq!(resolve_name(b"no-such-name.invalid"), None);
        assert_eq!(resolve_name(b"\xff"), None);
    }
}
