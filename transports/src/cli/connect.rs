//! `portcullis connect`: a bridge between a client that only speaks stdio and a daemon's socket.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis_engine::{AuthConfig, Limits, Policy, PolicyConfig, RedactionConfig};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use zeroize::Zeroizing;

use super::{
    BAD_CONFIGURATION, ConnectArguments, FOUND, fail, guarded, logging, socket_of, tell, token,
};
use crate::driver::{Driver, Ended, Setup, Upstream};
use crate::paths;
use crate::process::no_core_dumps;
use crate::serve::{peer, reach};

pub(super) fn connect(arguments: ConnectArguments) -> ExitCode {
    let ConnectArguments { socket, source, wait, daemon_uid } = arguments;
    let path = socket_of(socket, None);
    let credential = match token::given(&source) {
        Ok(credential) => credential,
        Err(what) => return fail(&what, BAD_CONFIGURATION),
    };
    if let Err(fault) = paths::check(&path) {
        let shown = path.display().to_string();
        return fail(&format!("{}: {fault}", shown.escape_debug()), BAD_CONFIGURATION);
    }
    if credential.is_some() {
        no_core_dumps();
    }
    let recorder = match logging::recorder_without_file() {
        Ok(recorder) => recorder,
        Err(what) => return fail(&what, BAD_CONFIGURATION),
    };
    let policy = match Policy::compile(&bridge(credential)) {
        Ok(policy) => Arc::new(policy),
        Err(error) => return fail(&error, BAD_CONFIGURATION),
    };
    let reached = wait_for(&path, Duration::from_secs(wait));
    let (socket, unreached) = match reached.and_then(|it| trusted(&path, it, daemon_uid)) {
        Ok(Some(socket)) => (socket, None),
        // The client has left in the meantime.
        Ok(None) => return ExitCode::SUCCESS,
        // What the client has asked by now is answered all the same.
        Err(what) => (nobody(), Some(fail(&what, FOUND))),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let setup = Setup {
        upstream: Upstream::Socket(socket),
        name,
        policy,
        limits: Limits::default(),
        recorder,
        stats: false,
        hook: None,
    };
    let ended = guarded(|| Driver::start(setup).and_then(Driver::run));
    match (unreached, ended) {
        (Some(status), Some(Ok(_))) => status,
        (None, Some(Ok(Ended::Socket))) => {
            let shown = path.display().to_string();
            let what = format!(
                "{}: the daemon has closed the connection; what was asked of it got an error. Its log says why",
                shown.escape_debug()
            );
            fail(&what, FOUND)
        }
        (None, Some(Ok(Ended::Client | Ended::Child(_)))) => ExitCode::SUCCESS,
        (_, Some(Err(error))) => fail(&error, FOUND),
        (_, None) => FOUND.into(),
    }
}

/// A policy that attaches the credential, if there is one, and does nothing else: the daemon judges.
fn bridge(credential: Option<Zeroizing<String>>) -> PolicyConfig {
    PolicyConfig {
        auth: AuthConfig { attach: credential, ..AuthConfig::default() },
        redaction: RedactionConfig { enabled: false, ..RedactionConfig::default() },
        ..PolicyConfig::default()
    }
}

/// Connects, and waits for a daemon that is not there yet. `None` if the client leaves first.
fn wait_for(path: &Path, patience: Duration) -> Result<Option<OwnedFd>, String> {
    let shown = path.display().to_string().escape_debug().to_string();
    if path.starts_with("~") && !path.exists() {
        return Err(format!("{shown}: only a shell replaces ~; write the whole path"));
    }
    let start = Instant::now();
    let mut told = false;
    loop {
        let error = match reach(path) {
            Ok(socket) => return Ok(Some(socket)),
            Err(error) => error,
        };
        let (is_absent, why, remedy) = match error.kind() {
            io::ErrorKind::NotFound => {
                (true, "there is no such socket".to_owned(), "start `portcullis serve`")
            }
            io::ErrorKind::ConnectionRefused if !is_socket(path) => {
                (false, "this is no socket".to_owned(), "name the socket of a `portcullis serve`")
            }
            io::ErrorKind::ConnectionRefused => (
                true,
                "nobody listens on this socket any more".to_owned(),
                "start `portcullis serve` again",
            ),
            io::ErrorKind::WouldBlock => (
                true,
                "too many clients wait there already".to_owned(),
                "is its daemon alive? `portcullis status` tells",
            ),
            io::ErrorKind::PermissionDenied => (
                false,
                "you may not connect to this socket".to_owned(),
                "ask its owner for socket.allow_uids and socket.perm",
            ),
            _ => (false, error.to_string(), "name the socket of a `portcullis serve`"),
        };
        if !is_absent || start.elapsed() >= patience {
            return Err(format!("{shown}: {why}; {remedy}"));
        }
        if !told && logging::sources().warns() {
            told = true;
            let seconds = patience.as_secs();
            tell(&format!("portcullis: {shown}: {why}; waiting up to {seconds} s for it\n"));
        }
        if client_leaves() {
            return Ok(None);
        }
    }
}

/// Whether a path leads to a socket; the system says of other files that nobody listens.
fn is_socket(path: &Path) -> bool {
    path.metadata().is_ok_and(|data| data.file_type().is_socket())
}

/// A connection to a daemon that is gone.
fn nobody() -> OwnedFd {
    let (ours, _) = std::os::unix::net::UnixStream::pair().expect("a process may have two sockets");
    ours.into()
}

/// Waits a moment; true if the client has left and left nothing to be asked.
fn client_leaves() -> bool {
    let moment = Timespec { tv_sec: 0, tv_nsec: RETRY_NS };
    // A signal ends us as it ends any program: nothing has begun.
    let _ = poll(&mut [], Some(&moment));
    let input = io::stdin();
    let mut fds = [PollFd::new(&input, PollFlags::IN)];
    let _ = poll(&mut fds, Some(&Timespec::default()));
    let seen = fds[0].revents();
    seen.intersects(PollFlags::HUP | PollFlags::ERR) && !seen.contains(PollFlags::IN)
}

/// A token is handed to nobody but a daemon of the user, of root, or of whom the user named.
fn trusted(
    path: &Path,
    socket: Option<OwnedFd>,
    named: Option<u32>,
) -> Result<Option<OwnedFd>, String> {
    let own = rustix::process::geteuid().as_raw();
    match socket.as_ref().and_then(peer).map(|peer| peer.uid) {
        Some(uid) if uid != own && uid != 0 && named != Some(uid) => Err(format!(
            "{}: the daemon belongs to user {uid}; if that is right, add --daemon-uid {uid}",
            path.display().to_string().escape_debug()
        )),
        _ => Ok(socket),
    }
}

/// So long between two tries.
const RETRY_NS: i64 = 50_000_000;
