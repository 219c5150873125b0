//! Entries that say the same again and again: the first are told, the rest is counted.
//!
//! ```text
//!  x x x x x x x x x x x x x x x y      a second ──┐
//!  └──── told ───────┘ └ counted ┘└─ "and 5 more", then y
//! ```
//!
//! Whoever sends refused messages as fast as they can would otherwise fill a terminal or a disk with
//! one line for each. Time is what the entries say; nothing is looked up and nothing waits. What is
//! counted is told with the next entry that is another, comes later, or with the end of a session:
//! the count is never lost with the entries.

use portcullis_engine::Time;

use super::entry::{Entry, Level, Value};

/// The run of equal entries that came last.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    run: Option<Run>,
}

/// What equal entries have in common, and how many there were.
#[derive(Debug)]
struct Run {
    level: Level,
    session: Option<u64>,
    server: String,
    what: String,
    reason: Option<&'static str>,
    /// When the first one was, in monotonic milliseconds.
    start_ms: u64,
    /// How many were told.
    told: u32,
    /// How many were not, and when the last of them was.
    counted: u64,
    last: Time,
}

/// What was counted, to be told.
#[derive(Debug)]
pub(super) struct More {
    run: Run,
}

impl Repeats {
    /// Takes note of an entry: what was counted before it and has to be told in front of it, and
    /// whether the entry itself is told.
    pub fn note(&mut self, entry: &Entry<'_>) -> (Option<More>, bool) {
        match &mut self.run {
            Some(run) if run.goes_on_with(entry) => {
                if run.told < TOLD_MAX {
                    run.told += 1;
                    return (None, true);
                }
                run.counted += 1;
                run.last = entry.time;
                (None, false)
            }
            _ => {
                let more = self.end();
                self.run = Some(Run::of(entry));
                (more, true)
            }
        }
    }

    /// Ends the run; what was counted.
    pub fn end(&mut self) -> Option<More> {
        self.run.take().filter(|run| run.counted > 0).map(|run| More { run })
    }
}

impl Run {
    fn of(entry: &Entry<'_>) -> Self {
        Run {
            level: entry.level,
            session: entry.session,
            server: entry.server.to_owned(),
            what: entry.what.to_owned(),
            reason: reason(entry),
            start_ms: entry.time.monotonic_ms,
            told: 1,
            counted: 0,
            last: entry.time,
        }
    }

    fn goes_on_with(&self, entry: &Entry<'_>) -> bool {
        self.level == entry.level
            && self.session == entry.session
            && self.server == entry.server
            && self.what == entry.what
            && self.reason == reason(entry)
            && entry.time.monotonic_ms.saturating_sub(self.start_ms) < RUN_MS
    }
}

impl More {
    /// Makes an entry of what was counted and hands it on.
    pub fn with_entry(&self, hand_on: impl FnOnce(&Entry<'_>)) {
        let run = &self.run;
        let mut fields = vec![("of", Value::Text(&run.what))];
        if let Some(reason) = run.reason {
            fields.push(("reason", Value::Name(reason)));
        }
        hand_on(&Entry {
            level: run.level,
            time: run.last,
            session: run.session,
            server: &run.server,
            what: &format!("and {} more", run.counted),
            fields: &fields,
        });
    }
}

fn reason(entry: &Entry<'_>) -> Option<&'static str> {
    entry.fields.iter().find_map(|&(name, value)| match value {
        Value::Name(reason) if name == "reason" => Some(reason),
        _ => None,
    })
}

/// So many equal entries of one run are told: enough to see what goes on.
const TOLD_MAX: u32 = 10;
/// So long a run lasts at most: who watches a flood sees each second that it goes on.
const RUN_MS: u64 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    const REASON: &[(&str, Value<'_>)] =
        &[("bytes_in", Value::Number(1)), ("reason", Value::Name("bad_version"))];
    const OTHER: &[(&str, Value<'_>)] = &[("reason", Value::Name("bad_id"))];

    fn entry(at_ms: u64) -> Entry<'static> {
        Entry {
            level: Level::Warn,
            time: Time::new(at_ms, at_ms),
            session: Some(7),
            server: "files",
            what: "refused",
            fields: REASON,
        }
    }

    fn text(more: Option<More>) -> String {
        let mut lines = Vec::new();
        if let Some(more) = more {
            more.with_entry(|entry| {
                entry.render(super::super::Format::Text, false, &mut lines);
            });
        }
        String::from_utf8(lines).unwrap()
    }

    /// A run of so many entries that were all noted at this time.
    fn flood(count: u32, at_ms: u64) -> Repeats {
        let mut repeats = Repeats::default();
        for index in 0..count {
            let (more, is_told) = repeats.note(&entry(at_ms));
            assert!(more.is_none() && is_told == (index < TOLD_MAX), "{index}");
        }
        repeats
    }

    #[test]
    fn what_comes_after_the_tenth_is_counted_until_something_else_comes() {
        let last = Entry { what: "passed", ..entry(5) };
        for (count, want) in [
            (0, ""),
            (1, ""),
            (10, ""),
            (11, "and 1 more of=refused reason=bad_version\n"),
            (400, "and 390 more of=refused reason=bad_version\n"),
        ] {
            let (more, is_told) = flood(count, 5).note(&last);
            let more = text(more);
            assert!(
                is_told && more.ends_with(want) && more.is_empty() == want.is_empty(),
                "{more}"
            );
            assert_eq!(text(flood(count, 5).end()), more);
        }
        let told = text(flood(11, 5).end());
        assert!(
            told.starts_with("1970-01-01T00:00:00.005Z warn portcullis files#7: and "),
            "{told}"
        );
    }

    #[test]
    fn a_run_lasts_a_second() {
        for (at_ms, is_over) in [(999, false), (1_003, false), (1_004, true), (9_000, true)] {
            let mut repeats = flood(11, 4);
            let (more, is_told) = repeats.note(&entry(at_ms));
            assert_eq!((more.is_some(), is_told), (is_over, is_over), "{at_ms}");
            let (more, is_told) = repeats.note(&entry(at_ms));
            assert_eq!((more.is_some(), is_told), (false, is_over), "{at_ms}: ten more are told");
        }
        // So an entry every half second is told each time.
        let mut repeats = Repeats::default();
        assert!((0..100).all(|index| repeats.note(&entry(500 * index)).1));
    }

    #[test]
    fn only_what_is_equal_is_of_one_run() {
        for other in [
            Entry { level: Level::Info, ..entry(5) },
            Entry { session: Some(8), ..entry(5) },
            Entry { session: None, ..entry(5) },
            Entry { server: "git", ..entry(5) },
            Entry { what: "changed", ..entry(5) },
            Entry { fields: OTHER, ..entry(5) },
            Entry { fields: &[], ..entry(5) },
        ] {
            let (more, is_told) = flood(12, 5).note(&other);
            assert!(is_told && text(more).contains("and 2 more"), "{other:?}");
        }
        let longer = Entry { fields: &[REASON[1], ("bytes_in", Value::Number(9))], ..entry(5) };
        assert!(!flood(12, 5).note(&longer).1, "other fields do not count");
    }
}
