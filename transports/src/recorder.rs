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

    /// Writes what the log holds to its file, if it has one: entries of our own come with no event
    /// that would.
    pub fn write_log(&mut self) {
        self.log.flush();
    }

    /// Moves what is for standard error to the end of `into`.
    pub fn take(&mut self, into: &mut Vec<u8>) {
        self.log.take(into);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use portcullis_engine::{
        Engine, EventKind, Facts, Ledger, Limits, Policy, PolicyConfig, Side, Time, TokenConfig,
    };

    use super::*;
    use crate::append::AppendFile;
    use crate::log::{Format, Level};

    /// What is told of a session in which a frame passes, one is refused, and the client breaks
    /// off in the middle of a third.
    fn told(recorder: &mut Recorder) -> io::Result<String> {
        let lines = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n\
                     {\"jsonrpc\":\"1.0\",\"id\":2,\"method\":\"SECRET-1\",\"x\":\"SECRET-2\"}\n{";
        told_of(recorder, Policy::default(), lines)
    }

    /// What is told of a session in which the client sends this and goes.
    fn told_of(recorder: &mut Recorder, policy: Policy, lines: &str) -> io::Result<String> {
        let now = Time::new(0, 1_795_327_200_123);
        let mut engine = Engine::new(Arc::new(policy), Limits::default(), recorder.wanted(), now)
            .expect("defaults hold");
        let mut ledger = Ledger::new();
        engine.facts(Side::Server, Facts::new(7, "files"));
        engine.facts(Side::Client, Facts::new(7, "files"));
        engine.recv_copy(&mut ledger, Side::Client, lines.as_bytes(), now);
        engine.recv_close(&mut ledger, Side::Client, now);
        while let Some(event) = engine.next_event() {
            recorder.record(&event);
        }
        recorder.flush()?;
        let mut text = Vec::new();
        recorder.take(&mut text);
        Ok(String::from_utf8(text).expect("all of it is text"))
    }

    #[test]
    fn each_level_takes_its_events() {
        for (level, words) in [
            (Level::Error, &[][..]),
            (Level::Warn, &["bad_version", "closed_in_frame"]),
            (Level::Info, &["bad_version", "closed_in_frame"]),
            (
                Level::Debug,
                &["introduced", "introduced", "bad_version", "closed_in_frame", "closed"],
            ),
        ] {
            let mut recorder = Recorder::new(None, Log::new(level, Format::Json));
            assert_eq!(recorder.wanted().wants(EventKind::Passed), level == Level::Debug);
            let text = told(&mut recorder).unwrap();
            let lines: Vec<serde_json::Value> =
                text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let reasons: Vec<_> = lines.iter().filter_map(|line| line["reason"].as_str()).collect();
            assert_eq!(reasons, words, "{level:?}");
            let told = lines.iter().filter(|line| line["reason"] != "introduced");
            assert!(told.clone().all(|line| line["session"] == 7 && line["server"] == "files"));
            assert!(!text.contains("SECRET-2"), "content in {text}");
        }
    }

    #[test]
    fn what_ends_a_session_is_a_warning() {
        let mut config = PolicyConfig::default();
        let sha256 = Some("ab".repeat(32));
        config.auth.tokens.push(TokenConfig { sha256, ..TokenConfig::default() });
        config.auth.lockout.failures = 1;
        let locking = Policy::compile(&config).unwrap();
        let guess = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"auth_token\":\"x\"}\n";
        for (policy, lines, reason) in
            [(locking, guess, "locked_out"), (Policy::default(), "{", "closed_in_frame")]
        {
            let mut recorder = Recorder::new(None, Log::new(Level::Warn, Format::Json));
            let text = told_of(&mut recorder, policy, lines).unwrap();
            let ends = |line: &&str| line.contains(&format!("\"reason\":\"{reason}\""));
            let line = text.lines().find(ends).unwrap_or_else(|| panic!("{reason}: {text}"));
            assert!(line.contains("\"level\":\"warn\""), "{line}");
        }
    }

    #[test]
    fn a_flood_is_counted_in_the_log_and_told_with_the_end_of_its_session() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit");
        for audit in [None, Some(Audit::open(&path).unwrap())] {
            let is_audited = audit.is_some();
            let mut recorder = Recorder::new(audit, Log::new(Level::Warn, Format::Json));
            let flood = "{\"jsonrpc\":\"1.0\",\"id\":2}\n".repeat(40);
            let text = told_of(&mut recorder, Policy::default(), &flood).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(lines.len(), 11, "{text}");
            assert!(lines[10].contains("\"and 30 more\""), "{text}");
            if is_audited {
                let written = std::fs::read_to_string(&path).unwrap();
                assert_eq!(written.matches("bad_version").count(), 40, "the audit log has each");
            }
        }
    }

    #[test]
    fn an_audit_log_counts_and_a_log_does_not() {
        let log = || Log::to_file(Level::Info, Format::Text, AppendFile::unwritable());
        let mut recorder = Recorder::new(None, log());
        let text = told(&mut recorder).expect("a log never fails");
        assert!(text.contains("the log could not be written (/a/log: "), "{text}");
        assert_eq!(told(&mut recorder).unwrap(), "", "it is told once");
        let audit = Audit::new(AppendFile::unwritable());
        let mut recorder = Recorder::new(Some(audit), Log::new(Level::Error, Format::Text));
        assert_eq!(recorder.wanted(), Wanted::ALL);
        assert!(told(&mut recorder).is_err());
    }
}
