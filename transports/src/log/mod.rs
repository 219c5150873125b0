//! What the program says about its own work: one line for each entry, to standard error or a file.
//!
//! ```text
//!  events, entries ──> level wanted? ──> repeats ──> a line ──> lines ──take()──> standard error,
//!                                                                └────flush()──> the file
//! ```
//!
//! It never waits: lines for standard error are kept here until their owner moves them on, up to a
//! limit, and what finds no room is counted and told. It never holds content: names, numbers,
//! reasons, lengths. It is no audit log: if its file cannot be written, that is told once, and the
//! work goes on.

mod entry;
mod events;
mod repeats;
mod settings;

use portcullis_engine::{Event, EventKind, Time};

use crate::append::AppendFile;

pub use entry::{Entry, Format, Level, Value};
pub use events::wanted;
use repeats::{More, Repeats};
pub use settings::{Choices, NOUN, Settings, Sources, VARIABLE, level_from_environment};

/// A log that takes entries.
#[derive(Debug)]
pub struct Log {
    level: Level,
    format: Format,
    file: Option<AppendFile>,
    /// What came last, and how often.
    repeats: Repeats,
    /// Whole lines that have not left.
    lines: Vec<u8>,
    /// Entries that found no room since the last line that did.
    dropped: u64,
    /// The level word is coloured.
    coloured: bool,
    /// That the file cannot be written was told.
    failed: bool,
    /// What standard error is told about the file.
    complaint: Vec<u8>,
}

impl Log {
    /// A log for standard error. Its owner moves lines there with [`take`](Self::take).
    #[must_use]
    pub fn new(level: Level, format: Format) -> Self {
        let choice = anstream::AutoStream::choice(&std::io::stderr());
        Log {
            level,
            format,
            file: None,
            repeats: Repeats::default(),
            lines: Vec::new(),
            dropped: 0,
            coloured: format == Format::Text && choice != anstream::ColorChoice::Never,
            failed: false,
            complaint: Vec::new(),
        }
    }

    /// A log in a file.
    #[must_use]
    pub fn to_file(level: Level, format: Format, file: AppendFile) -> Self {
        Log { file: Some(file), coloured: false, ..Log::new(level, format) }
    }

    /// The level up to which entries are written.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Renders an entry, if its level is wanted. Of many equal ones within a second only the first
    /// are rendered, and how many more there were.
    pub fn entry(&mut self, entry: &Entry<'_>) {
        if entry.level > self.level {
            // It is something else all the same: a session began or ended.
            let more = self.repeats.end();
            return self.more(more);
        }
        let (more, is_told) = self.repeats.note(entry);
        self.more(more);
        if is_told {
            self.push(entry);
        }
    }

    fn more(&mut self, more: Option<More>) {
        if let Some(more) = more {
            more.with_entry(|entry| self.push(entry));
        }
    }

    /// Renders an entry if there is room.
    fn push(&mut self, entry: &Entry<'_>) {
        if self.lines.len() >= LINES_BYTES_MAX {
            self.flush();
        }
        if self.lines.len() >= LINES_BYTES_MAX {
            self.dropped += 1;
            return;
        }
        self.own_up(entry.time);
        entry.render(self.format, self.coloured, &mut self.lines);
    }

    /// Renders an event of the engine, if its level is wanted.
    pub fn event(&mut self, event: &Event) {
        if events::level(event) <= self.level {
            events::with_entry(event, |entry| self.entry(entry));
        } else if event.kind == EventKind::Lifecycle {
            // The session may be over, and nothing else may come.
            let more = self.repeats.end();
            self.more(more);
        }
    }

    /// Moves rendered lines to the end of `into`, which goes to standard error. With a file only
    /// what is wrong with that file.
    pub fn take(&mut self, into: &mut Vec<u8>) {
        into.append(&mut self.complaint);
        if self.file.is_none() {
            into.append(&mut self.lines);
        }
    }

    /// Writes rendered lines to the file, if there is one. A file that cannot be written is told
    /// of once, by the next [`take`](Self::take), and tried again with the next lines.
    pub fn flush(&mut self) {
        let Some(file) = &mut self.file else { return };
        if self.lines.is_empty() {
            return;
        }
        if let Err(error) = file.write(&self.lines)
            && !self.failed
        {
            self.failed = true;
            let text = format!(
                "portcullis: warning: the log could not be written ({error}); the work goes on, and entries are missing\n"
            );
            self.complaint.extend_from_slice(text.as_bytes());
        }
        self.lines.clear();
    }

    /// Says how many entries are missing, in front of the first that is not.
    fn own_up(&mut self, time: Time) {
        let count = std::mem::take(&mut self.dropped);
        if count > 0 {
            let fields = [("count", Value::Number(count))];
            let what = "entries are missing: nobody read standard error in time";
            let entry = Entry {
                level: Level::Warn,
                time,
                session: None,
                server: "",
                what,
                fields: &fields,
            };
            entry.render(self.format, self.coloured, &mut self.lines);
        }
    }
}

/// So much is kept for a standard error that nobody reads. A line has some hundred bytes.
const LINES_BYTES_MAX: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn entry<'a>(level: Level, what: &'a str, fields: &'a [(&'a str, Value<'a>)]) -> Entry<'a> {
        let time = Time::new(0, 1_795_327_200_123);
        Entry { level, time, session: Some(7), server: "files", what, fields }
    }

    fn plain(level: Level, format: Format) -> Log {
        Log { coloured: false, ..Log::new(level, format) }
    }

    #[test]
    fn a_level_takes_itself_and_what_is_worse() {
        let levels = [Level::Error, Level::Warn, Level::Info, Level::Debug];
        for (most, &level) in levels.iter().enumerate() {
            let mut log = plain(level, Format::Text);
            for level in levels {
                log.entry(&entry(level, "x", &[]));
            }
            let mut lines = Vec::new();
            log.take(&mut lines);
            assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), most + 1);
            log.take(&mut lines);
            assert_eq!(log.lines, b"", "what was taken is gone");
        }
    }

    #[test]
    fn what_nobody_reads_is_bounded_and_told() {
        let mut log = plain(Level::Info, Format::Text);
        for _ in 0..5_000 {
            log.entry(&entry(Level::Info, "one thing", &[]));
            log.entry(&entry(Level::Info, "and another", &[]));
        }
        assert!(log.lines.len() < LINES_BYTES_MAX + 200, "{}", log.lines.len());
        let mut lines = Vec::new();
        log.take(&mut lines);
        let kept = String::from_utf8(lines.clone()).unwrap().lines().count();
        log.entry(&entry(Level::Info, "later", &[]));
        lines.clear();
        log.take(&mut lines);
        let text = String::from_utf8(lines).unwrap();
        let missing = format!("count={}\n", 10_000 - kept);
        assert!(text.contains("entries are missing") && text.contains(&missing), "{text}");
        assert!(text.ends_with("later\n"), "{text}");
    }

    #[test]
    fn what_is_said_again_and_again_is_counted() {
        let mut log = plain(Level::Warn, Format::Json);
        let lines = |log: &mut Log| {
            let mut lines = Vec::new();
            log.take(&mut lines);
            String::from_utf8(lines).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let refused = || entry(Level::Warn, "refused", &[("reason", Value::Name("bad_id"))]);
        (0..400).for_each(|_| log.entry(&refused()));
        assert_eq!(lines(&mut log).len(), 10);
        log.entry(&entry(Level::Info, "the session has ended", &[]));
        let [more] = &lines(&mut log)[..] else { panic!("one line") };
        let more: serde_json::Value = serde_json::from_str(more).unwrap();
        assert_eq!((&more["level"], &more["what"]), (&"warn".into(), &"and 390 more".into()));
        assert_eq!((&more["of"], &more["reason"]), (&"refused".into(), &"bad_id".into()));
        assert_eq!((&more["server"], &more["session"]), (&"files".into(), &7.into()));
        log.entry(&refused());
        assert_eq!(lines(&mut log).len(), 1, "and it begins anew");
    }

    #[test]
    fn a_file_is_private_and_takes_plain_lines() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let file = AppendFile::open(&path, NOUN).unwrap();
        let mut log = Log::to_file(Level::Info, Format::Text, file);
        log.entry(&entry(Level::Info, "here", &[]));
        log.flush();
        let mut errors = Vec::new();
        log.take(&mut errors);
        assert_eq!(errors, b"");
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "2026-11-22T06:00:00.123Z info portcullis files#7: here\n");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
