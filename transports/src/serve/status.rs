//! What a daemon tells about itself: numbers and names of its own, never content.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// A daemon at one moment. New members may come; those that are there keep their meaning.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// The daemon's version.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// Milliseconds since it started.
    pub uptime_ms: u64,
    /// It takes no new clients and ends.
    pub draining: bool,
    /// Its servers, in the order of the configuration.
    pub servers: Vec<ServerStatus>,
    /// Clients that are connected.
    pub sessions: u64,
    /// Most clients at once.
    pub sessions_max: u64,
    /// Server processes that run.
    pub children: u64,
    /// Most server processes at once.
    pub children_max: u64,
    /// Requests that are open.
    pub requests_open: u64,
    /// Calls that wait for approval.
    #[serde(default)]
    pub waiting: u64,
    /// Messages that were judged since the start.
    pub frames: u64,
    /// Messages that left changed.
    pub changed: u64,
    /// Messages and requests that were refused.
    pub refused: u64,
    /// Refusals by reason.
    pub refusals: BTreeMap<String, u64>,
    /// Memory.
    pub memory: Memory,
}

/// One server of the configuration.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ServerStatus {
    /// Its name.
    pub name: String,
    /// Its socket.
    pub socket: String,
    /// Clients that are connected to it.
    pub sessions: u64,
    /// Processes of it that run.
    pub children: u64,
    /// Clients that it has had since the start.
    pub sessions_total: u64,
    /// Times that it was started.
    pub starts: u64,
    /// Times that it failed in a row.
    pub failures: u32,
    /// Milliseconds until it may be started again.
    pub backoff_ms: u64,
}

/// Bytes.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// What the process holds, as the system counts; 0 where it does not tell.
    pub resident_bytes: u64,
    /// What the engines of all sessions hold.
    pub engines_bytes: u64,
    /// What all sessions and their ledger can hold at most; compiled schemas aside.
    pub worst_case_bytes: u64,
}

impl Snapshot {
    /// In words, for people; each line ends with a newline.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text).expect("memory takes every text");
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let state = if self.draining { ", draining" } else { "" };
        writeln!(
            text,
            "portcullis {}, process {}, up {}{state}",
            self.version.escape_debug(),
            self.pid,
            duration(self.uptime_ms)
        )?;
        writeln!(
            text,
            "sessions {} of {}, children {} of {}, {} requests open",
            self.sessions, self.sessions_max, self.children, self.children_max, self.requests_open
        )?;
        if self.waiting > 0 {
            writeln!(text, "{} calls wait for approval: portcullis approve list", self.waiting)?;
        }
        let width = self.servers.iter().map(|server| server.name.len()).max().unwrap_or_default();
        for server in &self.servers {
            write!(
                text,
                "  {:width$}  sessions {}, children {}, started {}  {}",
                server.name.escape_debug().to_string(),
                server.sessions,
                server.children,
                server.starts,
                server.socket.escape_debug()
            )?;
            if server.failures > 0 {
                write!(
                    text,
                    "  failures in a row {}, next start in {} ms",
                    server.failures, server.backoff_ms
                )?;
            }
            text.push('\n');
        }
        writeln!(
            text,
            "messages {}, changed {}, refused {}",
            self.frames, self.changed, self.refused
        )?;
        for (reason, count) in &self.refusals {
            writeln!(text, "  {count:>8}  {}", reason.escape_debug())?;
        }
        let Memory { resident_bytes, engines_bytes, worst_case_bytes } = self.memory;
        writeln!(
            text,
            "memory {resident_bytes} bytes, {engines_bytes} of them in sessions; with their ledger these take at most {worst_case_bytes}"
        )
    }
}

/// `1d 2h`, `3h 4m`, `5m 6s`, `7s`.
fn duration(ms: u64) -> String {
    let seconds = ms / 1_000;
    match (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, s) => format!("{s}s"),
        (0, 0, m, s) => format!("{m}m {s}s"),
        (0, h, m, _) => format!("{h}h {m}m"),
        (d, h, _, _) => format!("{d}d {h}h"),
    }
}

/// The resident memory of this process, if the system tells.
#[must_use]
pub fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok().and_then(|text| {
        let resident = text.split(' ').nth(1)?;
        resident.parse::<u64>().ok()
    });
    pages.unwrap_or_default() * rustix::param::page_size() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        for (ms, want) in [
            (0, "0s"),
            (59_999, "59s"),
            (60_000, "1m 0s"),
            (3_661_000, "1h 1m"),
            (90_000_000, "1d 1h"),
        ] {
            assert_eq!(duration(ms), want);
        }
    }

    #[test]
    fn a_snapshot_is_json_and_words() {
        let snapshot = Snapshot {
            servers: vec![ServerStatus {
                name: "files".into(),
                socket: "/run/\u{7}x".into(),
                failures: 2,
                backoff_ms: 100,
                ..ServerStatus::default()
            }],
            refusals: [("auth_failed".to_owned(), 3)].into(),
            ..Snapshot::default()
        };
        let json = serde_json::to_string(&snapshot).unwrap();
        let back: Snapshot = serde_json::from_str(&json).unwrap();
        let text = back.text();
        assert!(text.contains("3  auth_failed\n"), "{text}");
        assert!(text.contains("/run/\\u{7}x  failures in a row 2, next start in 100 ms\n"));
    }
}
