//! Why a session could not start or go on, with the exit status for each reason.

use std::fmt;
use std::io;

use portcullis_engine::ConfigError;

use crate::process::SpawnError;

/// Why `run` failed.
#[derive(Debug)]
pub enum RunError {
    /// The server could not be started.
    Spawn(SpawnError),
    /// The engine refused its limits.
    Engine(ConfigError),
    /// The audit log could not be written.
    Audit(io::Error),
    /// The system refused something that a session cannot do without.
    System(io::Error),
}

impl RunError {
    /// The exit status of `run` when Portcullis itself failed.
    pub const FAILED: u8 = 125;

    /// The exit status of `run` for this error.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            RunError::Spawn(error) => error.exit_code(),
            _ => Self::FAILED,
        }
    }
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> Self {
        RunError::System(error)
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::Spawn(error) => error.fmt(f),
            RunError::Engine(error) => error.fmt(f),
            RunError::Audit(error) => write!(
                f,
                "the audit log could not be written ({error}); the session ends, since no decision may go without its record; make room, or name another file"
            ),
            RunError::System(error) => write!(f, "the session cannot go on: {error}"),
        }
    }
}

impl std::error::Error for RunError {}
