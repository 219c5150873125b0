//! `portcullis status`.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::RecvFlags;

use super::{BAD_CONFIGURATION, FOUND, StatusArguments, complain, fail, print, socket_of};
use crate::serve::{STATUS_SUFFIX, Snapshot, reach};
use crate::{config, paths};

pub(super) fn status(arguments: &StatusArguments) -> ExitCode {
    let named = (arguments.socket.as_deref(), arguments.config.as_deref());
    let sockets = match sockets(named.0, named.1, "portcullis status SOCKET") {
        Ok(sockets) => sockets,
        Err(status) => return status,
    };
    loop {
        let status = show(&sockets, arguments.json);
        let Some(seconds) = arguments.watch else { return status };
        std::thread::sleep(Duration::from_secs(seconds));
    }
}

/// Prints the state of each daemon behind these sockets once; status 1 if none answers.
fn show(sockets: &[PathBuf], json: bool) -> ExitCode {
    let mut seen: Vec<u32> = Vec::new();
    let mut wrong = Vec::new();
    let mut text = String::new();
    for socket in sockets {
        match ask(socket) {
            Ok((snapshot, _)) if seen.contains(&snapshot.pid) => {}
            Ok((snapshot, raw)) => {
                seen.push(snapshot.pid);
                text.push_str(&if json { format!("{raw}\n") } else { snapshot.text() });
            }
            Err(what) => wrong.push(what),
        }
    }
    let printed = print(&text);
    wrong.iter().for_each(|what| {
        fail(what, FOUND);
    });
    if wrong.is_empty() { printed } else { FOUND.into() }
}

/// The sockets to ask: the one that is named, or all of the configuration.
pub(super) fn sockets(
    socket: Option<&Path>,
    config: Option<&Path>,
    example: &str,
) -> Result<Vec<PathBuf>, ExitCode> {
    if let Some(socket) = socket {
        if let Err(fault) = paths::check(socket) {
            let shown = socket.display().to_string();
            return Err(fail(&format!("{}: {fault}", shown.escape_debug()), BAD_CONFIGURATION));
        }
        return Ok(vec![socket_of(socket.to_owned(), None)]);
    }
    let loaded = config::load(config).map_err(|faults| {
        complain(&faults);
        ExitCode::from(BAD_CONFIGURATION)
    })?;
    if loaded.settings.servers.is_empty() {
        let what = format!("the configuration names no server; name a socket: {example}");
        return Err(fail(&what, BAD_CONFIGURATION));
    }
    Ok(loaded.settings.servers.iter().map(|server| server.socket.path()).collect())
}

/// Asks the daemon behind a socket how it is: what it says, and the same as it spelled it.
pub(super) fn ask(socket: &Path) -> Result<(Snapshot, String), String> {
    let shown = socket.display().to_string().escape_debug().to_string();
    let connection = connect(socket, STATUS_SUFFIX)?;
    let text = read_all(connection)
        .ok_or_else(|| format!("{shown}: the daemon did not answer within {PATIENCE_S} s"))?;
    let snapshot = serde_json::from_slice::<Snapshot>(&text).ok();
    let text = String::from_utf8(text).ok();
    match snapshot.zip(text) {
        Some(answer) => Ok(answer),
        None => Err(format!("{shown}: what answered is no portcullis of this version")),
    }
}

/// Connects to what is beside the socket of a server.
pub(super) fn connect(socket: &Path, suffix: &str) -> Result<OwnedFd, String> {
    let shown = socket.display().to_string().escape_debug().to_string();
    let mut path = socket.as_os_str().to_owned();
    if !path.as_encoded_bytes().ends_with(suffix.as_bytes()) {
        path.push(suffix);
    }
    reach(Path::new(&path)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            format!("{shown}: no daemon listens here; start `portcullis serve`")
        }
        io::ErrorKind::PermissionDenied => {
            format!("{shown}: the daemon tells its state to its own user only; ask as that user")
        }
        _ => format!("{shown}: the daemon cannot be asked ({error})"),
    })
}

/// What the daemon says until it closes the connection, if that is in time.
pub(super) fn read_all(connection: OwnedFd) -> Option<Vec<u8>> {
    let start = Instant::now();
    let mut text = vec![0; ANSWER_BYTES_MAX];
    let mut filled = 0;
    loop {
        let left = PATIENCE.checked_sub(start.elapsed())?;
        let mut fds = [PollFd::new(&connection, PollFlags::IN)];
        let _ = poll(&mut fds, Some(&Timespec::try_from(left).ok()?));
        match rustix::net::recv(&connection, &mut text[filled..], RecvFlags::DONTWAIT) {
            Ok((0, _)) => break,
            Ok((count, _)) => filled += count,
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(_) => break,
        }
    }
    text.truncate(filled);
    Some(text)
}

/// A daemon answers within milliseconds.
const PATIENCE: Duration = Duration::from_secs(PATIENCE_S);
const PATIENCE_S: u64 = 5;
/// A thousand servers fit.
const ANSWER_BYTES_MAX: usize = 1 << 20;
