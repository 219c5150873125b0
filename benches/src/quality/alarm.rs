//! False alarms: what is found in clean text.

use std::collections::BTreeMap;
use std::io;

use portcullis_engine::{Match, Rules};

use super::clean::{Folder, Kind};
use super::excerpt;
use super::known::Known;
use super::made;

/// A finding in clean text.
#[derive(Clone, Debug)]
pub struct Alarm {
    /// What the text is.
    pub kind: Kind,
    /// File, line and column.
    pub place: String,
    /// The rule of ours.
    pub rule: String,
    /// The line without what was found.
    pub excerpt: String,
    /// Whether it is a known test key, and so no false alarm.
    pub known: bool,
}

/// What was searched, and what was found.
#[derive(Debug, Default)]
pub struct Alarms {
    /// Bytes by kind.
    pub bytes: BTreeMap<Kind, usize>,
    /// In the order of the text.
    pub list: Vec<Alarm>,
}

impl Alarms {
    /// Searches these folders and made text.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn search(rules: &Rules, folders: &[Folder], known: &Known<'_>) -> io::Result<Alarms> {
        let mut alarms = Alarms::default();
        for folder in folders {
            folder.for_each(|kind, place, text| alarms.text(rules, known, kind, place, text))?;
        }
        for (kind, place, text) in made::all(MADE_BYTES) {
            alarms.text(rules, known, kind, place, &text);
        }
        Ok(alarms)
    }

    /// Searches one text.
    pub fn text(&mut self, rules: &Rules, known: &Known<'_>, kind: Kind, place: &str, text: &[u8]) {
        *self.bytes.entry(kind).or_default() += text.len();
        let mut matches: Vec<Match> = Vec::new();
        rules.find(text, &mut matches);
        for (which, found) in matches.iter().enumerate() {
            let (line, column) = excerpt::place(text, found.start);
            let rule = rules.info(found.rule).name.to_owned();
            self.list.push(Alarm {
                kind,
                place: format!("{place}:{line}:{column}"),
                known: known.entry(place, &rule).is_some(),
                rule,
                excerpt: excerpt::masked(text, &matches, which),
            });
        }
    }

    /// How many false ones there are of a kind.
    #[must_use]
    pub fn false_ones(&self, kind: Kind) -> usize {
        self.list.iter().filter(|alarm| alarm.kind == kind && !alarm.known).count()
    }

    /// False alarms for so many bytes of a kind.
    #[must_use]
    pub fn rate(&self, kind: Kind, per_bytes: f64) -> f64 {
        let bytes = self.bytes.get(&kind).copied().unwrap_or(0).max(1);
        self.false_ones(kind) as f64 * per_bytes / bytes as f64
    }

    /// False alarms by rule, most first.
    #[must_use]
    pub fn by_rule(&self) -> Vec<(String, usize)> {
        let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
        for alarm in self.list.iter().filter(|alarm| !alarm.known) {
            *rules.entry(&alarm.rule).or_default() += 1;
        }
        let mut rules: Vec<_> = rules.into_iter().map(|(rule, n)| (rule.to_owned(), n)).collect();
        rules.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        rules
    }
}

/// Of each kind of made text.
const MADE_BYTES: usize = 2 << 20;
