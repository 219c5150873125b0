//! Text that is known to hold no secrets: what the dependency tree is made of, and whatever
//! directories the caller names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a clean text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Source code and what lies beside it.
    Source,
    /// Licences.
    Licence,
    /// Lock files: names, versions, checksums.
    Lock,
    /// JavaScript in one line.
    Minified,
    /// UUIDs in logs, JSON and URLs.
    Uuid,
    /// Hashes of commits.
    GitHash,
    /// Subresource integrity and lock files of JavaScript packages.
    Integrity,
    /// Images as data URLs.
    Image,
}

impl Kind {
    /// All of them, in the order of the printout.
    pub const ALL: [Kind; 8] = [
        Kind::Source,
        Kind::Licence,
        Kind::Lock,
        Kind::Minified,
        Kind::Uuid,
        Kind::GitHash,
        Kind::Integrity,
        Kind::Image,
    ];

    /// In figures.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Source => "source",
            Kind::Licence => "licence",
            Kind::Lock => "lock",
            Kind::Minified => "minified",
            Kind::Uuid => "uuid",
            Kind::GitHash => "git_hash",
            Kind::Integrity => "integrity",
            Kind::Image => "image",
        }
    }

    fn of(path: &Path) -> Kind {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let is_lock = name.ends_with(".lock") || LOCKS.contains(&name.as_str());
        match name.as_str() {
            _ if is_lock => Kind::Lock,
            _ if name.ends_with(".min.js") => Kind::Minified,
            _ if LICENCES.iter().any(|word| name.starts_with(word)) => Kind::Licence,
            _ => Kind::Source,
        }
    }
}

const LOCKS: [&str; 4] = ["package-lock.json", "pnpm-lock.yaml", "go.sum", "npm-shrinkwrap.json"];
const LICENCES: [&str; 6] = ["license", "licence", "copying", "copyright", "unlicense", "notice"];

/// A directory of clean text, and what its files are called by.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// In front of the paths of its files.
    pub name: String,
}

impl Folder {
    /// Named after its last part.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Folder { path, name }
    }

    /// Hands each file that looks like text to `each`, in the order of their paths.
    ///
    /// # Errors
    /// A file or directory that cannot be read.
    pub fn for_each(&self, mut each: impl FnMut(Kind, &str, &[u8])) -> io::Result<()> {
        let mut waiting = vec![self.path.clone()];
        while let Some(path) = waiting.pop() {
            let named = |error: io::Error| {
                io::Error::new(error.kind(), format!("{}: {error}", path.display()))
            };
            let data = fs::symlink_metadata(&path).map_err(named)?;
            if data.is_dir() && path.file_name().is_none_or(|name| name != ".git") {
                let entries = fs::read_dir(&path).map_err(named)?;
                let mut inner: Vec<PathBuf> =
                    entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
                inner.sort_unstable_by(|a, b| b.cmp(a));
                waiting.extend(inner);
            } else if data.is_file() {
                let text = fs::read(&path).map_err(named)?;
                if memchr::memchr(0, &text[..text.len().min(LOOK)]).is_none() {
                    let below = path.strip_prefix(&self.path).unwrap_or(&path);
                    let place = Path::new(&self.name).join(below);
                    each(Kind::of(&path), &place.to_string_lossy(), &text);
                }
            }
        }
        Ok(())
    }
}

/// A NUL within so many bytes says that a file is no text, as in git.
const LOOK: usize = 8 << 10;

/// The sources of every package of a lock file that lie in the registry of this machine; and how
/// many do not.
///
/// # Errors
/// A lock file or registry that cannot be read.
pub fn dependencies(lock: &Path) -> io::Result<(Vec<Folder>, usize)> {
    let registry = cargo_home().ok_or_else(|| io::Error::other("HOME is not set"))?;
    let registry = registry.join("registry/src");
    let named = |error: io::Error| {
        let what = format!("{}: {error}; name directories with --clean", registry.display());
        io::Error::new(error.kind(), what)
    };
    let mut indexes = Vec::new();
    for entry in fs::read_dir(&registry).map_err(named)? {
        indexes.push(entry?.path());
    }
    indexes.sort_unstable();
    let (mut folders, mut absent) = (Vec::new(), 0);
    for package in packages(&fs::read_to_string(lock)?) {
        match indexes.iter().map(|index| index.join(&package)).find(|path| path.is_dir()) {
            Some(path) => folders.push(Folder::new(path)),
            None => absent += 1,
        }
    }
    Ok((folders, absent))
}

fn cargo_home() -> Option<PathBuf> {
    let given = std::env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    given.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))
}

/// `name-version` of every package from a registry.
fn packages(lock: &str) -> Vec<String> {
    let value = |block: &str, key: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(key));
        line.map(|value| value.trim_matches(|c| c == '"' || c == ' ' || c == '=').to_owned())
    };
    let blocks = lock.split("[[package]]").skip(1).filter(|block| block.contains("\nsource = "));
    blocks
        .filter_map(|block| Some(format!("{}-{}", value(block, "name")?, value(block, "version")?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_a_lock_file() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"0.1.0\"\n\n\
            [[package]]\nname = \"b-c\"\nversion = \"2.0.0\"\nsource = \"registry+x\"\n";
        assert_eq!(packages(lock), ["b-c-2.0.0"]);
    }

    #[test]
    fn kinds_go_by_name() {
        for (name, kind) in [
            ("a/Cargo.lock", Kind::Lock),
            ("a/package-lock.json", Kind::Lock),
            ("LICENSE-MIT", Kind::Licence),
            ("x/jquery.min.js", Kind::Minified),
            ("src/license.rs", Kind::Licence),
            ("src/lib.rs", Kind::Source),
        ] {
            assert_eq!(Kind::of(Path::new(name)), kind, "{name}");
        }
    }
}
