//! One server of the configuration: how its processes are started, and its counts.

use std::path::Path;
use std::sync::Arc;

use rustix::process::Rlimit;

use super::backoff::Backoff;
use super::environment::environment;
use super::status::ServerStatus;
use crate::config::ServerSettings;
use crate::process::{Environment, Launch};

/// A server and all that is known of it.
#[derive(Debug)]
pub struct Service {
    /// Its name in the configuration.
    pub name: String,
    /// What is started for each of its clients.
    pub launch: Arc<Launch>,
    /// The configuration names it.
    pub listed: bool,
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

impl Service {
    /// A server of the configuration.
    #[must_use]
    pub fn new(settings: &ServerSettings, descriptors: Option<Rlimit>) -> Self {
        Service {
            name: settings.name.clone(),
            launch: Arc::new(launch_of(settings, descriptors)),
            listed: true,
            backoff: Backoff::default(),
            sessions: 0,
            children: 0,
            sessions_total: 0,
            starts: 0,
        }
    }

    /// Whether nobody needs it any more.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.listed && self.sessions == 0 && self.children == 0
    }

    /// What a status tells of it, if its clients come by this path.
    #[must_use]
    pub fn status(&self, path: Option<&Path>, now_ms: u64) -> ServerStatus {
        ServerStatus {
            name: self.name.clone(),
            socket: path.map(|path| path.display().to_string()).unwrap_or_default(),
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
