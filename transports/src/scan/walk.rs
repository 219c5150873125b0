//! Which files are searched: those that are named, and those below directories that are named.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

/// What below a directory is searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Files whose names begin with a dot, too.
    pub hidden: bool,
    /// Files that `.gitignore`, `.ignore` and the like name, too.
    pub ignored: bool,
}

/// A file to be searched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Where it is; `-` is standard input.
    pub path: PathBuf,
    /// Where its copy goes, below the directory for copies.
    pub below: PathBuf,
    /// Whether it was named itself, so that nobody wonders why it is left out.
    pub named: bool,
    /// Its size, as far as it is known.
    pub bytes: u64,
}

impl Target {
    /// Standard input.
    #[must_use]
    pub fn standard_input() -> Target {
        Target { path: STDIN.into(), below: PathBuf::new(), named: true, bytes: 0 }
    }

    /// Whether it is standard input.
    #[must_use]
    pub fn is_standard_input(&self) -> bool {
        self.path.as_os_str() == STDIN
    }

    /// Its path for a reader of bytes: as it is, less what need not be said.
    #[must_use]
    pub fn shown(&self) -> &Path {
        self.path.strip_prefix(".").unwrap_or(&self.path)
    }
}

/// How standard input is named.
pub const STDIN: &str = "-";

/// What was found below the paths.
#[derive(Debug, Default)]
pub struct Walked {
    /// In the order of their paths, each once.
    pub targets: Vec<Target>,
    /// What could not be looked into, and why.
    pub faults: Vec<String>,
}

/// Lists all files. Symbolic links below a directory are not followed, and `.git` is never entered.
#[must_use]
pub fn walk(paths: &[PathBuf], choice: Choice) -> Walked {
    let mut walked = Walked::default();
    for path in paths {
        if path.as_os_str() == STDIN {
            walked.targets.push(Target::standard_input());
            continue;
        }
        match path.metadata() {
            Ok(data) if data.is_dir() => below(path, choice, &mut walked),
            Ok(data) => {
                let name = path.file_name().unwrap_or_default();
                let bytes = if data.is_file() { data.len() } else { 0 };
                let (path, below) = (path.clone(), name.into());
                walked.targets.push(Target { path, below, named: true, bytes });
            }
            Err(error) => walked.faults.push(fault(path, &error)),
        }
    }
    // A file that is named and lies below a directory that is named, too, counts as named.
    walked.targets.sort_unstable_by(|a, b| a.shown().cmp(b.shown()).then(b.named.cmp(&a.named)));
    walked.targets.dedup_by(|a, b| a.shown() == b.shown());
    walked
}

fn below(root: &Path, choice: Choice, walked: &mut Walked) {
    let mut builder = WalkBuilder::new(root);
    builder.standard_filters(!choice.ignored).hidden(!choice.hidden).follow_links(false);
    builder.filter_entry(|entry| entry.file_name() != ".git");
    for entry in builder.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                walked.faults.push(error.to_string().escape_debug().to_string());
                continue;
            }
        };
        if let Some(error) = entry.error() {
            walked.faults.push(error.to_string().escape_debug().to_string());
        }
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        let bytes = entry.metadata().map_or(0, |data| data.len());
        let path = entry.into_path();
        let name = root.file_name().unwrap_or_default();
        let below = Path::new(name).join(path.strip_prefix(root).unwrap_or(&path));
        walked.targets.push(Target { path, below, named: false, bytes });
    }
}

/// A path and what stands against it, on one line of a terminal.
pub(super) fn fault(path: &Path, what: &dyn std::fmt::Display) -> String {
    format!("{}: {what}", path.display().to_string().escape_debug())
}
