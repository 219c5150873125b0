//! The names of a path, and the directories that they are compared with.
//!
//! Never takes memory for a path that has no `..` in it: its names are read again where they are
//! needed, which are the first few of them nearly always.

/// The names of a path from the left: what stands between separators, less `.` and empty ones.
#[derive(Clone)]
pub(super) struct Names<'a> {
    rest: &'a str,
    /// Another separator beside the slash, or the slash again.
    also: u8,
}

impl<'a> Names<'a> {
    /// `backslash`: whether that separates too.
    pub(super) fn of(path: &'a str, backslash: bool) -> Self {
        Self { rest: path, also: if backslash { b'\\' } else { b'/' } }
    }
}

impl<'a> Iterator for Names<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        while !self.rest.is_empty() {
            let end = self.rest.bytes().position(|byte| byte == b'/' || byte == self.also);
            let (name, rest) = match end {
                Some(end) => (&self.rest[..end], &self.rest[end + 1..]),
                None => (self.rest, ""),
            };
            self.rest = rest;
            if !name.is_empty() && name != "." {
                return Some(name);
            }
        }
        None
    }
}

/// A path taken apart.
pub(super) struct Route<'a> {
    pub is_absolute: bool,
    /// It begins with a server and its share: before them stands [`SHARE`].
    is_share: bool,
    is_drive: bool,
    names: Names<'a>,
}

impl<'a> Route<'a> {
    /// `windows`: whether a backslash separates, and drives and shares begin a path.
    pub(super) fn of(path: &'a str, windows: bool) -> Self {
        let is_separator =
            |byte: Option<&u8>| byte == Some(&b'/') || (windows && byte == Some(&b'\\'));
        let is_rooted = is_separator(path.as_bytes().first());
        let is_drive = windows && has_drive(path);
        Self {
            is_absolute: is_rooted || is_drive,
            is_share: windows && is_rooted && is_separator(path.as_bytes().get(1)),
            is_drive,
            names: Names::of(path, windows),
        }
    }

    /// Its names from the top, `..` among them.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> + Clone {
        self.is_share.then_some(SHARE).into_iter().chain(self.names.clone())
    }

    /// Whether a name is `..`.
    pub(super) fn climbs(&self) -> bool {
        self.names.clone().any(|name| name == "..")
    }

    /// Where it leads from `start`, and whether it ever climbed above that.
    pub(super) fn follow<'s>(
        &'s self,
        start: impl Iterator<Item = &'s str>,
    ) -> (Vec<&'s str>, bool) {
        // So many names at the front `..` cannot leave: a drive, or a server and its share.
        let fixed = if self.is_share { 3 } else { usize::from(self.is_drive) };
        let mut place: Vec<&str> = start.collect();
        let (from, mut climbed) = (place.len(), false);
        for name in self.names() {
            if name != ".." {
                place.push(name);
            } else if place.len() > fixed {
                climbed |= place.len() <= from;
                place.pop();
            } else {
                climbed = true;
            }
        }
        (place, climbed)
    }
}

/// A directory: its names from the top.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory(Vec<Name>);

/// One name of a directory.
#[derive(Clone, Debug)]
struct Name {
    written: Box<str>,
    folded: Box<str>,
}

impl Directory {
    pub(super) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let name = |name: &str| Name { written: name.into(), folded: folded(name).collect() };
        Self(names.map(name).collect())
    }

    /// How many names it has.
    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    /// Its names, as they are written.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.iter().map(|name| &*name.written)
    }

    /// Whether a place lies in it, or is it. The first name of the place is given apart, so that it
    /// need not be looked for again with each directory.
    pub(super) fn holds<'a>(
        &self,
        (first, rest): (Option<&'a str>, &(impl Iterator<Item = &'a str> + Clone)),
        fold: bool,
    ) -> bool {
        let Some((top, below)) = self.0.split_first() else { return true };
        if !first.is_some_and(|first| top.is(first, fold)) {
            return false;
        }
        let mut rest = rest.clone();
        below.iter().all(|name| rest.next().is_some_and(|other| name.is(other, fold)))
    }
}

impl Name {
    /// Whether this is the name; with `fold` also to a file system that folds case.
    fn is(&self, name: &str, fold: bool) -> bool {
        if !fold {
            return name == &*self.written;
        }
        // An ASCII character folds to another, whatever follows, so nearly every name that is
        // another one is told by its first byte.
        match (name.as_bytes().first(), self.folded.as_bytes().first()) {
            (Some(byte), Some(first)) if byte.is_ascii() && byte.to_ascii_lowercase() != *first => {
                false
            }
            _ if name.is_ascii() => name.eq_ignore_ascii_case(&self.folded),
            _ => folded(name).eq(self.folded.chars()),
        }
    }
}

/// A name without case: `ſ` and the Kelvin sign are `s` and `k` to a file system that folds.
fn folded(name: &str) -> impl Iterator<Item = char> {
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

pub(super) fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

/// The first name of a share's place, so that it is not one of the drive.
const SHARE: &str = r"\\";
