//! Where decisions go: the audit log and the program's own log.

use std::io;

use portcullis_engine::{Event, Wanted};

use crate::audit::Audit;

/// The sinks of a host.
#[derive(Debug, Default)]
pub struct Recorder {
    /// One line for each event, before it takes effect.
    pub audit: Option<Audit>,
}

impl Recorder {
    /// Which events the sinks need.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        if self.audit.is_some() { Wanted::ALL } else { Wanted::NONE }
    }

    /// Takes an event.
    pub fn record(&mut self, event: &Event) {
        if let Some(audit) = &mut self.audit {
            audit.record(event);
        }
    }

    /// Writes what was taken.
    ///
    /// # Errors
    /// The audit log could not be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.audit.as_mut().map_or(Ok(()), Audit::flush)
    }
}
