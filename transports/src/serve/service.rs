//! One server of the configuration: its socket, how its processes are started, and its counts.

use std::path::Path;
use std::sync::Arc;

use mio::{Registry, Token};
use rustix::process::Rlimit;

use super::activation::Handed;
use super::backoff::Backoff;
use super::environment::environment;
use super::listener::{BindError, Listener};
use super::status::ServerStatus;
use crate::config::{ServerSettings, SocketSettings};
use crate::process::{Environment, Launch};

/// A server and all that is known of it.
#[derive(Debug)]
pub struct Service {
    /// Its name in the configuration.
    pub name: String,
    /// What is started for each of its clients.
    pub launch: Arc<Launch>,
    /// `None` once it takes no new clients.
    pub doors: Option<Doors>,
    /// When it may be started again.
    pub backoff: Backoff,
    /// Clients that are connected.
    pub sessions: u32,
    /// Processes that run.
    pub children: u32,
    /// Clients since the start.
    pub sessions_total: u64,
    /// Processes since the start.
    pub starts: u64,
}

/// The sockets of a server.
#[derive(Debug)]
pub struct Doors {
    /// Clients connect here.
    pub clients: Listener,
    /// Somebody may wait at `clients`.
    pub ready: bool,
    /// Whoever wants to know how we are connects here; `None` if it could not be made.
    pub status: Option<Listener>,
}

/// What is added to the path of a server's socket for that of its status.
pub const STATUS_SUFFIX: &str = ".status";
/// Each service has so many tokens: its clients' door and that of its status.
pub const TOKENS_EACH: usize = 2;

impl Doors {
    /// Opens the sockets of a server, or takes the one that was handed to us. Nobody is accepted
    /// before they are registered.
    ///
    /// # Errors
    /// [`BindError`]; nothing is left behind.
    pub fn open(
        settings: &ServerSettings,
        socket: &SocketSettings,
        handed: &mut Handed,
    ) -> Result<Self, BindError> {
        let path = settings.socket.path();
        let clients = match handed.find(&settings.name, &path) {
            Some(socket) => {
                Listener::adopt(socket, &path).map_err(|error| BindError::System(path, error))?
            }
            None => Listener::bind(&settings.socket, "", socket.perm)?,
        };
        // Who may ask how we are is the user alone, whoever else may connect.
        let status = Listener::bind(&settings.socket, STATUS_SUFFIX, 0o600);
        // A socket that was handed to us may lie where we may not write.
        let status = if clients.is_made() { Some(status?) } else { status.ok() };
        Ok(Doors { clients, ready: true, status })
    }

    /// Has its edges reported under this token and the next.
    ///
    /// # Errors
    /// What the system said.
    pub fn register(&self, registry: &Registry, first: usize) -> std::io::Result<()> {
        self.clients.register(registry, Token(first))?;
        self.status.as_ref().map_or(Ok(()), |status| status.register(registry, Token(first + 1)))
    }
}

impl Service {
    /// A server behind these doors.
    #[must_use]
    pub fn new(settings: &ServerSettings, doors: Doors, descriptors: Option<Rlimit>) -> Self {
        Service {
            name: settings.name.clone(),
            launch: Arc::new(launch_of(settings, descriptors)),
            doors: Some(doors),
            backoff: Backoff::default(),
            sessions: 0,
            children: 0,
            sessions_total: 0,
            starts: 0,
        }
    }

    /// Whether its clients connect to this path.
    #[must_use]
    pub fn listens_at(&self, path: &Path) -> bool {
        let at = |doors: &Doors| doors.clients.path() == path && doors.clients.is_in_place();
        self.doors.as_ref().is_some_and(at)
    }

    /// Whether nobody needs it any more.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.doors.is_none() && self.sessions == 0 && self.children == 0
    }

    /// What a status tells of it.
    #[must_use]
    pub fn status(&self, now_ms: u64) -> ServerStatus {
        let path = self.doors.as_ref().map(|doors| doors.clients.path().display().to_string());
        ServerStatus {
            name: self.name.clone(),
            socket: path.unwrap_or_default(),
            sessions: self.sessions.into(),
            children: self.children.into(),
            sessions_total: self.sessions_total,
            starts: self.starts,
            failures: self.backoff.failures(),
            backoff_ms: self.backoff.remaining_ms(now_ms),
        }
    }
}

/// How a server is started.
#[must_use]
pub fn launch_of(settings: &ServerSettings, descriptors: Option<Rlimit>) -> Launch {
    Launch {
        command: settings.command.clone(),
        environment: Environment::Only(environment(&settings.environment, std::env::vars_os())),
        descriptors,
    }
}
