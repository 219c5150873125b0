//! A place in the file system that a configuration names: a base directory, and a path below it.
//!
//! Invariant: what is opened lies below the base, whatever symbolic links stand on the way, also if
//! one is put there while we look. Linux resolves the whole path in one call that keeps it below
//! (`openat2`); where that call is missing, no symbolic link is followed at all.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::{PathFault, check_directory, quoted};

/// A path below a base directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Absolute; the user's own, so it is opened as it stands.
    base: PathBuf,
    /// Relative, of plain names only; at least one.
    rest: PathBuf,
    /// What named it, for messages.
    key: String,
}

impl Location {
    /// `rest` below `base`; `key` is what named it.
    ///
    /// # Errors
    /// [`PathFault::Traversal`], [`PathFault::Nul`], [`PathFault::NoName`]; [`PathFault::Outside`]
    /// if `rest` is absolute.
    pub fn new(base: &Path, rest: &Path, key: &str) -> Result<Self, PathFault> {
        super::check(rest)?;
        let plain = |component: Component<'_>| match component {
            Component::Normal(name) => Some(Ok(name.to_owned())),
            Component::CurDir => None,
            _ => Some(Err(PathFault::outside(base))),
        };
        let names: PathBuf = rest.components().filter_map(plain).collect::<Result<_, _>>()?;
        let ends_in_name = !rest.as_os_str().as_encoded_bytes().ends_with(b"/");
        if names.as_os_str().is_empty() || !ends_in_name {
            return Err(PathFault::NoName);
        }
        Ok(Location { base: base.to_owned(), rest: names, key: key.to_owned() })
    }

    /// The whole path, for showing and comparing. Opening it by this path holds no promise.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.base.join(&self.rest)
    }

    /// The directory that it never leaves.
    #[must_use]
    pub fn base(&self) -> &Path {
        &self.base
    }

    /// What named it, for messages.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Opens the directory that holds it, and says its last name. Missing directories below the
    /// base are made for their owner alone if `create`.
    ///
    /// # Errors
    /// [`PathFault`]: the way leads out of the base, a directory is missing, can be written by
    /// others, or belongs to neither the user nor root.
    pub fn open_parent(&self, create: bool) -> Result<(OwnedFd, OsString), PathFault> {
        self.descend(create, open_beneath)
    }

    /// Opens one directory after the other, so that each is judged and each can be made.
    pub(super) fn descend(
        &self,
        create: bool,
        open: Open,
    ) -> Result<(OwnedFd, OsString), PathFault> {
        let base = rustix::fs::openat(CWD, &self.base, DIRECTORY, Mode::empty())
            .map_err(|errno| self.fault(CWD, &self.base, &self.base, errno))?;
        check_directory(&base, &self.base)?;
        let mut names: Vec<&OsStr> = self.rest.iter().collect();
        let last = names.pop().expect("a location has a name").to_owned();
        let mut directory: Option<OwnedFd> = None;
        let mut way = PathBuf::new();
        for name in names {
            way.push(name);
            let above = directory.as_ref().unwrap_or(&base);
            let shown = self.base.join(&way);
            let mut next = open(&base, above, &way);
            if create && matches!(next, Err(Errno::NOENT)) {
                match rustix::fs::mkdirat(above, name, Mode::RWXU) {
                    // Another one of us may have been quicker.
                    Ok(()) | Err(Errno::EXIST) => next = open(&base, above, &way),
                    Err(errno) => return Err(PathFault::Make(quoted(&shown), errno)),
                }
            }
            let next = next.map_err(|errno| self.fault(above, Path::new(name), &shown, errno))?;
            check_directory(&next, &shown)?;
            directory = Some(next);
        }
        Ok((directory.unwrap_or(base), last))
    }

    /// What an error means, and what mends it.
    fn fault(&self, above: impl AsFd, name: &Path, shown: &Path, errno: Errno) -> PathFault {
        let stat = rustix::fs::statat(above, name, AtFlags::SYMLINK_NOFOLLOW);
        let is = |wanted| {
            stat.as_ref().is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == wanted)
        };
        match errno {
            Errno::XDEV => PathFault::outside(&self.base),
            // A link that leads nowhere, in circles, to a file, or that is not to be followed.
            Errno::NOENT | Errno::LOOP | Errno::NOTDIR if is(FileType::Symlink) => {
                PathFault::Link(quoted(shown))
            }
            Errno::NOENT => PathFault::Missing(quoted(shown)),
            Errno::NOTDIR => PathFault::NoDirectory(quoted(shown)),
            other => PathFault::Open(quoted(shown), other),
        }
    }
}

const DIRECTORY: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

/// Opens a directory: by its way from the base, or by its last name in the directory above.
pub(super) type Open = fn(&OwnedFd, &OwnedFd, &Path) -> Result<OwnedFd, Errno>;

/// Follows symbolic links that stay below the base.
pub(super) fn open_beneath(base: &OwnedFd, above: &OwnedFd, way: &Path) -> Result<OwnedFd, Errno> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::ResolveFlags;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        for _ in 0..ATTEMPTS {
            match rustix::fs::openat2(base, way, DIRECTORY, Mode::empty(), resolve) {
                // A kernel or a sandbox that does not know the call.
                Err(Errno::NOSYS | Errno::PERM) => return open_plain(base, above, way),
                // Something was renamed meanwhile, so the kernel could not be sure.
                Err(Errno::AGAIN | Errno::INTR) => {}
                result => return result,
            }
        }
        Err(Errno::AGAIN)
    }
    #[cfg(not(target_os = "linux"))]
    open_plain(base, above, way)
}

/// Follows no symbolic link at all.
pub(super) fn open_plain(_: &OwnedFd, above: &OwnedFd, way: &Path) -> Result<OwnedFd, Errno> {
    let name = way.file_name().expect("a way ends in a name");
    rustix::fs::openat(above, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty())
}

/// So often somebody may rename something under our hands before we give up.
#[cfg(target_os = "linux")]
const ATTEMPTS: u32 = 128;
