//! The audit log: one JSON object a line for each event, appended to a file that only its owner
//! reads. It holds what events hold: names, reasons, lengths, a digest of the id; never content.

use std::io;
use std::path::Path;

use portcullis_engine::{Event, Label};
use serde::Serialize;

use crate::append::AppendFile;
use crate::clock::stamp;

/// An open audit log.
#[derive(Debug)]
pub struct Audit {
    file: AppendFile,
    /// Whole lines that are not written yet.
    lines: Vec<u8>,
}

impl Audit {
    /// Opens the file for appending; a new one is made for its owner alone.
    ///
    /// # Errors
    /// A sentence that names the file and what mends it: it is a symbolic link, no regular file, of
    /// somebody else, or others can write it.
    pub fn open(path: &Path) -> Result<Self, String> {
        Ok(Audit::new(AppendFile::open(path, NOUN)?))
    }

    /// An audit log in a file that is open.
    #[must_use]
    pub fn new(file: AppendFile) -> Self {
        Audit { file, lines: Vec::new() }
    }

    /// Takes an event; it is written with the next [`flush`](Self::flush).
    pub fn record(&mut self, event: &Event) {
        serde_json::to_writer(&mut self.lines, &Line::of(event))
            .expect("texts and numbers can be written to memory");
        self.lines.push(b'\n');
    }

    /// Writes what was taken.
    ///
    /// # Errors
    /// What the system said; a decision would be without its record.
    pub fn flush(&mut self) -> io::Result<()> {
        if !self.lines.is_empty() {
            self.file.write(&self.lines)?;
            self.lines.clear();
        }
        Ok(())
    }
}

/// One line, members in the order in which people read them.
#[derive(Serialize)]
struct Line {
    time: String,
    session: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    server: String,
    kind: &'static str,
    from: &'static str,
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    method: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    tool: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    rule: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    check: &'static str,
    bytes_in: u64,
    bytes_out: u64,
    count: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
}

impl Line {
    fn of(event: &Event) -> Self {
        let digest = event.id_digest;
        Line {
            time: stamp(event.time.wall_ms),
            session: event.session,
            server: text(&event.server),
            kind: event.kind.name(),
            from: event.from.name(),
            message: event.message.name(),
            reason: event.reason.map(portcullis_engine::Reason::name),
            method: text(&event.method),
            tool: text(&event.tool),
            rule: text(&event.rule),
            check: event.check,
            bytes_in: event.bytes_in,
            bytes_out: event.bytes_out,
            count: event.count,
            id: if digest == 0 { String::new() } else { format!("{digest:016x}") },
            duration_ms: event.duration_ms,
        }
    }
}

/// A label as text; JSON escapes what is not printable.
fn text(label: &Label) -> String {
    let mark = if label.is_cut() { "..." } else { "" };
    format!("{}{mark}", label.as_str())
}

/// What the file is, in messages about it.
pub const NOUN: &str = "an audit log";
