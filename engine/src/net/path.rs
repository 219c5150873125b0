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
use super::route::{Directory, Names, Route, has_drive};
use super::unescape;
use crate::base::error::ConfigError;

/// The compiled form of [`PathConfig`].
#[derive(Clone, Debug)]
pub struct PathGuard {
    roots: Vec<Directory>,
    deny: Vec<Directory>,
    config: PathConfig,
}

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
        let Some(url) = unescape::file_url(path) else { return self.check_plain(path) };
        refuse(!config.file_url, "file-url")?;
        self.check_plain(&url.path)?;
        // Whoever reads a URL decodes it once, whatever `encoded` says of paths.
        for path in url.standard.iter().chain(&url.others) {
            refuse(!config.nul && path.contains('\0'), "nul")?;
            self.check_written(path)?;
        }
        url.standard.iter().try_for_each(|path| self.check_windows(path))
    }

    /// Judges a path that is no URL.
    fn check_plain(&self, path: &str) -> Result<(), Denied> {
        let config = &self.config;
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
        let route = Route::of(path, self.config.windows);
        refuse(!route.is_absolute || route.climbs(), "not-resolved")?;
        self.check_place(route.names())
    }

    /// Judges where a path leads as it is written.
    fn check_written(&self, path: &str) -> Result<(), Denied> {
        let config = &self.config;
        let route = Route::of(path, config.windows);
        refuse(!route.is_absolute && !config.relative, "relative")?;
        let start = self.roots.first().filter(|_| !route.is_absolute);
        let start = start.into_iter().flat_map(Directory::names);
        // Without roots nobody knows where a relative path starts.
        let is_nowhere = !route.is_absolute && self.roots.is_empty();
        if route.climbs() {
            let (place, climbed) = route.follow(start);
            refuse(!route.is_absolute && climbed && !config.dot_dot, "dot-dot")?;
            return if is_nowhere { Ok(()) } else { self.check_place(place.into_iter()) };
        }
        if is_nowhere { Ok(()) } else { self.check_place(start.chain(route.names())) }
    }

    /// What would stand there if a program decoded it, once or several times. A form in which dots
    /// or separators come up that were hidden is refused.
    fn decoded(&self, path: &str) -> Result<Vec<String>, Denied> {
        let config = &self.config;
        if path.is_ascii() && !path.contains('%') {
            return Ok(Vec::new());
        }
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
        // A colon names a stream, or a device.
        refuse(device || floating || names.contains(':'), "windows-name")?;
        let odd = |name: &str| is_device(name) || (config.windows && is_trimmed(name));
        refuse(Names::of(names, true).any(odd), "windows-name")
    }

    /// Judges a place, by its names from the top.
    fn check_place<'a>(
        &self,
        mut place: impl Iterator<Item = &'a str> + Clone,
    ) -> Result<(), Denied> {
        let fold = self.config.case_insensitive || self.config.windows;
        let place = (place.next(), &place);
        let around = self.roots.iter().filter(|root| root.holds(place, fold));
        let nearest = around.map(Directory::depth).max();
        // A root inside a denied directory is meant; a denied directory inside a root is, too.
        let denies = |deny: &Directory| {
            nearest.is_none_or(|root| root < deny.depth()) && deny.holds(place, true)
        };
        refuse(self.deny.iter().any(denies), "denied-path")?;
        refuse(!self.roots.is_empty() && nearest.is_none(), "outside-roots")
    }

    fn directories(&self, list: &[String], key: &str) -> Result<Vec<Directory>, ConfigError> {
        let mut found = Vec::new();
        for (at, text) in list.iter().enumerate() {
            let route = Route::of(text, self.config.windows);
            if !route.is_absolute || route.climbs() || text.contains('\0') {
                let why =
                    "write an absolute directory, without ..; a Windows one needs windows: true";
                return Err(ConfigError::Setting(format!("{key}[{at}]"), why.to_owned()));
            }
            found.push(Directory::of(route.names()));
            // There macOS keeps these, behind symlinks.
            if matches!(route.names().next(), Some("etc" | "tmp" | "var")) {
                found.push(Directory::of(["private"].into_iter().chain(route.names())));
            }
        }
        Ok(found)
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

/// Whether Windows reads this name, which has no colon, as a device.
fn is_device(name: &str) -> bool {
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
    // No character but these is one of theirs in lower case.
    let Some(b'a' | b'A' | b'c' | b'C' | b'l' | b'L' | b'n' | b'N' | b'p' | b'P') =
        name.as_bytes().first()
    else {
        return false;
    };
    let end = name.bytes().position(|byte| byte == b'.').unwrap_or(name.len());
    let stem = name[..end].trim_end_matches(' ');
    let is_number = |rest: &str| {
        let mut chars = rest.chars();
        matches!(chars.next(), Some('0'..='9' | '¹' | '²' | '³')) && chars.next().is_none()
    };
    let is_numbered = |(port, rest): (&str, &str)| {
        ["com", "lpt"].iter().any(|known| port.eq_ignore_ascii_case(known)) && is_number(rest)
    };
    DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device))
        || stem.split_at_checked(3).is_some_and(is_numbered)
}

/// Whether Windows drops the end of this name.
fn is_trimmed(name: &str) -> bool {
    name.ends_with(['.', ' ']) && name != "." && name != ".."
}

fn refuse(is_refused: bool, rule: &'static str) -> Result<(), Denied> {
    if is_refused { Err(Denied::new(rule)) } else { Ok(()) }
}

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
