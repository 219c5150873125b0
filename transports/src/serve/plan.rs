//! What a daemon takes out of a configuration.

use std::sync::Arc;

use portcullis_engine::{ConfigError, Limits, Policy};

use crate::approval::HookPlan;
use crate::config::{Loaded, ServeSettings, ServerSettings, SocketSettings};

/// A configuration as far as a daemon acts on it.
#[derive(Debug, Default)]
pub struct Plan {
    /// The servers.
    pub servers: Vec<ServerSettings>,
    /// Their sockets.
    pub socket: SocketSettings,
    /// How much is taken on.
    pub serve: ServeSettings,
    /// The policy of all sessions.
    pub policy: Arc<Policy>,
    /// The limits of each session.
    pub limits: Limits,
    /// The program that is asked whether a call may go on.
    pub hook: Option<HookPlan>,
    /// Whether a message of a client needs a token.
    pub demands_token: bool,
    /// What is odd about the configuration.
    pub warnings: Vec<String>,
    /// What all sessions and their ledger take at most.
    pub worst_case_bytes: u64,
}

impl Plan {
    /// Takes a plan out of a configuration.
    ///
    /// # Errors
    /// What the engine says against its policy.
    pub fn of(loaded: &Loaded) -> Result<Self, ConfigError> {
        let settings = &loaded.settings;
        Ok(Plan {
            servers: settings.servers.clone(),
            socket: settings.socket.clone(),
            serve: settings.serve.clone(),
            policy: loaded.serve_policy()?,
            limits: loaded.serve_limits(),
            hook: settings.hook(),
            demands_token: loaded.demands_token(),
            warnings: settings.warnings.iter().map(ToString::to_string).collect(),
            worst_case_bytes: loaded.worst_case_bytes(),
        })
    }
}
