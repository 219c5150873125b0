//! What is told of each event: everything to the audit log, what is wanted to the log.
//!
//! The audit log comes first and counts: a record that cannot be written is an error, and what it
//! records must not take effect. The log never fails.

use std::io;

use portcullis_engine::{Event, Wanted};

use crate::audit::Audit;
use crate::log::{Entry, Log, wanted};

/// An audit log, perhaps, and a log.
#[derive(Debug)]
pub struct Recorder {
    audit: Option<Audit>,
    log: Log,
}

impl Recorder {
    /// A recorder for these.
    #[must_use]
    pub fn new(audit: Option<Audit>, log: Log) -> Self {
        Recorder { audit, log }
    }

    /// Which events the engine has to make. They have to be collected: judging stops otherwise.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        if self.audit.is_some() { Wanted::ALL } else { wanted(self.log.level()) }
    }

    /// Takes an event.
    pub fn record(&mut self, event: &Event) {
        if let Some(audit) = &mut self.audit {
            audit.record(event);
        }
        self.log.event(event);
    }

    /// Takes an entry of our own, for the log alone.
    pub fn entry(&mut self, entry: &Entry<'_>) {
        self.log.entry(entry);
    }

    /// Writes what was taken, before it takes effect.
    ///
    /// # Errors
    /// What the system said about the audit log: a decision would be without its record.
    pub fn flush(&mut self) -> io::Result<()> {
        if let Some(audit) = &mut self.audit {
            audit.flush()?;
        }
        self.log.flush();
        Ok(())
    }

    /// Moves what is for standard error to the end of `into`.
    pub fn take(&mut self, into: &mut Vec<u8>) {
        self.log.take(into);
    }
}
