//! Whether a path may be used: where it lies, compared segment by segment, and how it is written.
//!
//! Lexical only. Where symlinks lead is the host's to find out; it checks what it found with
//! [`PathGuard::check_resolved`].
//!
//! Invariant: what [`PathGuard::check`] allows lies, after `.` and `..` are taken out, below a root
//! (where there are roots) and in no denied directory that holds no root around it; so it does after
//! its escapes are decoded.

use super::config::PathConfig;
use super::denied::Denied;
use super::unescape;
use crate::base::error::ConfigError;

/// The compiled form of [`PathConfig`].
#[derive(Clone, Debug)]
pub struct PathGuard {
    roots: Vec<Segments>,
    deny: Vec<Segments>,
    config: PathConfig,
}

/// The names of a path from the top; `.`, `..` and empty ones are taken out. A drive (`C:`) is the
/// first of them; before the server of a share stands [`SHARE`].
type Segments = Vec<String>;

impl PathGuard {
    /// Compiles a configuration; a fault is named by its key below `network.paths`.
    ///
    /// # Errors
    ///
    /// A directory that is not absolute, or not plainly written.
    pub fn compile(config: &PathConfig) -> Result<Self, ConfigError> {
        Self::compile_at(config, "network.paths")
    }

    /// The same for a configuration that stands elsewhere; a fault is named by its key below `key`.
    ///
    /// # Errors
    ///
    /// A directory that is not absolute, or not plainly written.
    pub fn compile_at(config: &PathConfig, key: &str) -> Result<Self, ConfigError> {
        let mut guard = Self { roots: Vec::new(), deny: Vec::new(), config: config.clone() };
        guard.roots = guard.directories(&config.roots, &format!("{key}.roots"))?;
        guard.deny = guard.directories(&config.deny, &format!("{key}.deny"))?;
        Ok(guard)
    }

    /// Judges a path as it is written, symlinks not followed.
    ///
    /// # Errors
    ///
    /// The first check that refuses it.
    pub fn check(&self, path: &str) -> Result<(), Denied> {
        let config = &self.config;
        refuse(config.bytes_max > 0 && path.len() > config.bytes_max, "path-length")?;
        let trimmed = path.trim_matches(is_blank);
        if trimmed.len() < path.len() && !trimmed.is_empty() {
            // Some servers trim what they get.
            self.check(trimmed)?;
        }
        let inner;
        let mut path = path;
        if let Some(named) = unescape::file_url(path) {
            refuse(!config.file_url, "file-url")?;
            inner = named;
            path = &inner;
        }
        refuse(!config.nul && path.contains('\0'), "nul")?;
        let forms = self.decoded(path)?;
        refuse(!config.home && path.starts_with('~'), "home")?;
        self.check_windows(path)?;
        self.check_written(path)?;
        forms.iter().try_for_each(|form| self.check_written(form))
    }

    /// Judges what a host found a path to be, all symlinks followed. Nothing in it is read as an
    /// escape.
    ///
    /// # Errors
    ///
    /// `not-resolved` if it is not absolute or holds `..`; otherwise the check that refuses it.
    pub fn check_resolved(&self, path: &str) -> Result<(), Denied> {
        refuse(!self.config.nul && path.contains('\0'), "nul")?;
        let path = match self.config.windows {
            true => path.strip_prefix(r"\\?\").unwrap_or(path),
            false => path,
        };
        let route = self.route(path);
        refuse(!route.is_absolute || route.names.contains(&".."), "not-resolved")?;
        self.check_place(&route.follow(&[]).0)
    }

    /// Judges where a path leads as it is written.
    fn check_written(&self, path: &str) -> Result<(), Denied> {
        let config = &self.config;
        let route = self.route(path);
        if route.is_absolute {
            return self.check_place(&route.follow(&[]).0);
        }
        refuse(!config.relative, "relative")?;
        let start = self.roots.first().map_or(&[][..], Vec::as_slice);
        let (place, climbed) = route.follow(start);
        refuse(climbed && !config.dot_dot, "dot-dot")?;
        // Without roots nobody knows where a relative path starts.
        if self.roots.is_empty() { Ok(()) } else { self.check_place(&place) }
    }

    /// What would stand there if a program decoded it, once or several times. A form in which dots
    /// or separators come up that were hidden is refused.
    fn decoded(&self, path: &str) -> Result<Vec<String>, Denied> {
        let config = &self.config;
        let plain = Shape::of(path);
        let (mut forms, mut text) = (Vec::new(), path.as_bytes().to_vec());
        while let Some(decoded) = unescape::percent(&text) {
            refuse(!config.nul && decoded.contains(&0), "nul")?;
            let form = String::from_utf8_lossy(&decoded).into_owned();
            let hidden = forms.len() == ROUNDS_MAX || Shape::of(&form) != plain;
            refuse(!config.encoded && hidden, "encoded")?;
            if forms.len() == ROUNDS_MAX {
                break;
            }
            forms.push(form);
            text = decoded;
        }
        if let Some(form) = unescape::fold(forms.last().map_or(path, String::as_str)) {
            let shape = Shape::of(&form);
            let leads_out = shape.parents > plain.parents || shape.is_absolute != plain.is_absolute;
            refuse(!config.encoded && leads_out, "encoded")?;
            forms.push(form);
        }
        // Where encoded forms are let be, a path is what is written.
        Ok(if config.encoded { Vec::new() } else { forms })
    }

    fn check_windows(&self, path: &str) -> Result<(), Denied> {
        let config = &self.config;
        let drive = has_drive(path);
        let form = path.contains('\\') || drive || path.starts_with("//");
        refuse(!config.windows && form, "windows")?;
        if config.windows_names {
            return Ok(());
        }
        let is_separator = |c: char| c == '/' || c == '\\';
        let device = path.starts_with(r"\\?\") || path.starts_with(r"\\.\");
        // `C:name` starts wherever the program last was on that drive.
        let floating = drive && !path[2..].starts_with(is_separator);
        let names = if drive { &path[2..] } else { path };
        let odd = |name: &str| is_windows_name(name) || (config.windows && is_trimmed(name));
        refuse(device || floating || names.split(is_separator).any(odd), "windows-name")
    }

    fn check_place(&self, place: &Segments) -> Result<(), Denied> {
        let fold = self.config.case_insensitive || self.config.windows;
        let around = |root: &&Segments| is_below(place, root, fold);
        let nearest = self.roots.iter().filter(around).map(Vec::len).max();
        // A root inside a denied directory is meant; a denied directory inside a root is, too.
        let denies = |deny: &Segments| {
            is_below(place, deny, true) && nearest.is_none_or(|root| root < deny.len())
        };
        refuse(self.deny.iter().any(denies), "denied-path")?;
        refuse(!self.roots.is_empty() && nearest.is_none(), "outside-roots")
    }

    fn route<'a>(&self, path: &'a str) -> Route<'a> {
        let windows = self.config.windows;
        let is_separator = |c: char| c == '/' || (windows && c == '\\');
        let names = path.split(is_separator).filter(|name| !name.is_empty() && *name != ".");
        let mut front = path.chars().map(is_separator);
        let is_rooted = front.next() == Some(true);
        let is_share = windows && is_rooted && front.next() == Some(true);
        let is_drive = windows && has_drive(path);
        Route {
            is_absolute: is_rooted || is_drive,
            fixed: if is_share { 3 } else { usize::from(is_drive) },
            names: is_share.then_some(SHARE).into_iter().chain(names).collect(),
        }
    }

    fn directories(&self, list: &[String], key: &str) -> Result<Vec<Segments>, ConfigError> {
        let mut found = Vec::new();
        for (at, text) in list.iter().enumerate() {
            let Route { is_absolute, names, .. } = self.route(text);
            if !is_absolute || names.contains(&"..") || text.contains('\0') {
                let why =
                    "write an absolute directory, without ..; a Windows one needs windows: true";
                return Err(ConfigError::Setting(format!("{key}[{at}]"), why.to_owned()));
            }
            let place: Segments = names.iter().map(|name| (*name).to_owned()).collect();
            let moved = matches!(names.first(), Some(&("etc" | "tmp" | "var")));
            found.push(place.clone());
            // There macOS keeps these, behind symlinks.
            if moved {
                found.push([vec!["private".to_owned()], place].concat());
            }
        }
        Ok(found)
    }
}

/// A path taken apart: its names as they are written, less `.` and empty ones.
struct Route<'a> {
    is_absolute: bool,
    /// How many names at the front `..` cannot leave: a drive, or a server and its share.
    fixed: usize,
    names: Vec<&'a str>,
}

impl Route<'_> {
    /// Where it leads from `start`, and whether it ever climbed above that.
    fn follow(&self, start: &[String]) -> (Segments, bool) {
        let mut place = start.to_vec();
        let mut climbed = false;
        for name in &self.names {
            if *name != ".." {
                place.push((*name).to_owned());
            } else if place.len() > self.fixed {
                climbed |= place.len() <= start.len();
                place.pop();
            } else {
                climbed = true;
            }
        }
        (place, climbed)
    }
}

/// What of a path decides where it leads. A backslash separates on some systems, and so counts.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shape {
    is_absolute: bool,
    separators: usize,
    parents: usize,
}

impl Shape {
    fn of(path: &str) -> Self {
        let is_separator = |c: char| c == '/' || c == '\\';
        let names = path.split(is_separator);
        Self {
            is_absolute: path.starts_with(is_separator) || path.starts_with('~') || has_drive(path),
            separators: path.matches(is_separator).count(),
            parents: names.filter(|name| *name == "..").count(),
        }
    }
}

fn is_below(place: &[String], directory: &[String], fold: bool) -> bool {
    let same = |(a, b): (&String, &String)| a == b || (fold && is_same_folded(a, b));
    place.len() >= directory.len() && place.iter().zip(directory).all(same)
}

/// Whether two names are one to a file system that folds.
fn is_same_folded(a: &str, b: &str) -> bool {
    // Nearly every name is ASCII, which folds to nothing else.
    match a.is_ascii() && b.is_ascii() {
        true => a.eq_ignore_ascii_case(b),
        false => folded(a) == folded(b),
    }
}

/// A name without case: `ſ` and the Kelvin sign are `s` and `k` to a file system that folds.
fn folded(name: &str) -> String {
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// Whether Windows reads this name as another file or as a device.
fn is_windows_name(name: &str) -> bool {
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
    let stem = name.split(['.', ':']).next().unwrap_or_default().trim_end_matches(' ');
    // The longest of them has seven letters, each of at most four bytes.
    if stem.len() > 28 {
        return name.contains(':');
    }
    let stem = stem.to_lowercase();
    let numbered = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let is_number = |rest: &str| {
        let mut chars = rest.chars();
        matches!(chars.next(), Some('0'..='9' | '¹' | '²' | '³')) && chars.next().is_none()
    };
    name.contains(':') || DEVICES.contains(&stem.as_str()) || numbered.is_some_and(is_number)
}

/// Whether Windows drops the end of this name.
fn is_trimmed(name: &str) -> bool {
    name.ends_with(['.', ' ']) && name != "." && name != ".."
}

fn refuse(is_refused: bool, rule: &'static str) -> Result<(), Denied> {
    if is_refused { Err(Denied::new(rule)) } else { Ok(()) }
}

/// The first name of a share's place, so that it is not one of the drive.
const SHARE: &str = r"\\";

/// How many times escapes may be nested in a path; no honest path has two.
const ROUNDS_MAX: usize = 4;

/// Whether a character is one that programs drop around a text, or show nothing of: white space, a
/// control character, one without width.
pub(crate) fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
        )
}
