//! What is wrong with a configuration, and where. Names keys, never values: a file may hold tokens.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// A place in a file, counted from one. Zero where a whole file is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The column, in characters.
    pub column: u64,
}

/// One fault: where, at which key, what, and what mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file; empty for what was not read from one.
    pub file: PathBuf,
    /// Where in the file.
    pub place: Place,
    /// The key, as a path of keys with dots; empty for the whole document.
    pub key: String,
    /// What is wrong, in words that hold no excerpt of the file.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

impl Fault {
    /// A fault of a whole file.
    pub fn of_file(file: &Path, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Fault {
            file: file.to_owned(),
            place: Place::default(),
            key: String::new(),
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    /// What it says, less its place: the numbers of items in lists count as places.
    fn kind(&self) -> String {
        let text = format!("{}: {}; {}", self.key, self.what, self.remedy);
        let mut in_item = false;
        let is_kept = |c: &char| {
            in_item = *c == '[' || (in_item && c.is_ascii_digit());
            !(in_item && c.is_ascii_digit())
        };
        text.chars().filter(is_kept).collect()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.as_os_str().is_empty() {
            // A path may hold anything; a terminal is spared its control characters.
            write!(f, "{}", self.file.display().to_string().escape_debug())?;
            if self.place.line > 0 {
                write!(f, ":{}:{}", self.place.line, self.place.column)?;
            }
            f.write_str(": ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.what)?;
        if !self.remedy.is_empty() {
            write!(f, "; {}", self.remedy)?;
        }
        Ok(())
    }
}

/// Everything that is wrong with a configuration; at least one fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// The faults in the order of the file. Of those that say the same about many places only the
    /// first are kept, and how many more there are: a file that is no configuration at all is
    /// wrong in each of its lines.
    #[must_use]
    pub fn in_order(mut faults: Vec<Fault>) -> Self {
        faults.sort_by_key(|fault| fault.place);
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for fault in &faults {
            *kinds.entry(fault.kind()).or_default() += 1;
        }
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut kept = Vec::new();
        for fault in faults {
            let kind = fault.kind();
            let all = kinds[&kind];
            let before = seen.entry(kind).or_default();
            *before += 1;
            // A line that says "one more" would be no shorter than that one.
            if *before <= SAME_MAX || all == SAME_MAX + 1 {
                kept.push(fault);
            } else if *before == SAME_MAX + 1 {
                let what = format!("and {} more of this kind", all - SAME_MAX);
                kept.push(Fault { what, remedy: String::new(), key: String::new(), ..fault });
            }
        }
        Faults(kept)
    }
}

/// So many faults that say the same are told.
const SAME_MAX: usize = 5;

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Faults(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
