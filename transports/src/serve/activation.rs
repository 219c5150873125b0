//! What a service manager hands to us and is told by us (systemd.socket(5), sd_notify(3)). Without
//! one nothing here does anything.

use std::path::{Path, PathBuf};

use sd_notify::NotifyState;

use super::listener::Listener;

/// Sockets that were opened for us before we started.
#[derive(Debug, Default)]
pub struct Handed(Vec<Listener>);

impl Handed {
    /// Takes the sockets that `LISTEN_FDS` counts. To be called once.
    #[must_use]
    pub fn take() -> Self {
        let mut from = listenfd::ListenFd::from_env();
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let mut handed = Vec::new();
        for index in 0..from.len() {
            let name = names.next().unwrap_or_default();
            // What is no listening Unix socket is not ours, and is left as it is.
            let Ok(Some(socket)) = from.take_unix_listener(index) else { continue };
            let address = socket.local_addr().ok();
            let path = address.and_then(|address| Some(address.as_pathname()?.to_owned()));
            let path = path.unwrap_or_else(|| PathBuf::from(name));
            handed.extend(Listener::adopt(socket.into(), &path, name));
        }
        Handed(handed)
    }

    /// The socket of this server: the one with its path, else the one with its name
    /// (`FileDescriptorName=`).
    pub fn find(&mut self, name: &str, path: &Path) -> Option<Listener> {
        let by_path = self.0.iter().position(|one| one.path() == path);
        let at = by_path.or_else(|| self.0.iter().position(|one| one.handed_as() == name))?;
        Some(self.0.swap_remove(at))
    }

    /// Takes back a socket that no server needs just now: whoever waits at it is served if one does
    /// again.
    pub fn keep(&mut self, socket: Listener) {
        self.0.push(socket);
    }

    /// What no server has taken, for a warning.
    pub fn left(&self) -> impl Iterator<Item = String> + '_ {
        let shown = |one: &Listener| one.path().display().to_string();
        self.0.iter().map(move |one| shown(one).escape_debug().to_string())
    }
}

/// Tells the service manager that clients may connect.
pub fn tell_ready(clients_max: u32) {
    let status = format!("Listening; at most {clients_max} clients");
    tell(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// Tells the service manager that the configuration is read again; [`tell_ready`] ends that.
pub fn tell_reloading() {
    if let Ok(since) = NotifyState::monotonic_usec_now() {
        tell(&[NotifyState::Reloading, since]);
    }
}

/// Tells the service manager that we end.
pub fn tell_stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("Draining")]);
}

fn tell(states: &[NotifyState<'_>]) {
    // A service manager that does not listen is none of our worries.
    let _ = sd_notify::notify(states);
}
