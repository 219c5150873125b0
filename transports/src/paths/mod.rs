//! What a path, a file and a directory have to be like before we trust them.

mod location;
#[cfg(test)]
mod tests;

use std::fmt;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::Stat;
use rustix::io::Errno;

pub use location::Location;

/// Why a path or a file is refused, with what mends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// A segment of the path is `..`, perhaps percent-encoded.
    Traversal,
    /// The path holds a NUL, perhaps percent-encoded.
    Nul,
    /// The file belongs to somebody else than the user and root.
    Owner(String),
    /// Others can write the file.
    Writable(String),
    /// Others can read the file, which holds a token.
    Readable(String),
    /// The path names no file.
    NoName,
    /// The path begins with `~`, which only a shell replaces.
    Home,
    /// The path leads out of this directory.
    Outside(String),
    /// There is a symbolic link where none is followed.
    Link(String),
    /// The directory belongs to somebody else than the user and root.
    DirectoryOwner(String),
    /// Others can write the directory, and so put anything in the place of what is in it.
    DirectoryWritable(String),
    /// The directory does not exist.
    Missing(String),
    /// What should be a directory is none.
    NoDirectory(String),
    /// The directory cannot be made.
    Make(String, Errno),
    /// The directory cannot be opened.
    Open(String, Errno),
}

/// Checks a path from the command line or the environment. It is the user's own: absolute is fine,
/// but nothing in it may lead upwards, in whatever encoding.
///
/// # Errors
/// [`PathFault::Traversal`] or [`PathFault::Nul`].
pub fn check(path: &Path) -> Result<(), PathFault> {
    let mut bytes = path.as_os_str().as_bytes().to_vec();
    // Each round takes one layer of percent-encoding off and makes the path shorter, so it ends.
    loop {
        if bytes.contains(&0) {
            return Err(PathFault::Nul);
        }
        if bytes.split(|&byte| byte == b'/' || byte == b'\\').any(|segment| segment == b"..") {
            return Err(PathFault::Traversal);
        }
        let decoded = percent_decoded(&bytes);
        if decoded.len() == bytes.len() {
            return Ok(());
        }
        bytes = decoded;
    }
}

/// Checks that a file belongs to the user or root, and that nobody else can write it.
///
/// # Errors
/// [`PathFault::Owner`] or [`PathFault::Writable`].
pub fn check_owner(stat: &Stat, path: &Path) -> Result<(), PathFault> {
    let user = rustix::process::geteuid().as_raw();
    if stat.st_uid != user && stat.st_uid != 0 {
        return Err(PathFault::Owner(quoted(path)));
    }
    if stat.st_mode & 0o022 != 0 {
        return Err(PathFault::Writable(quoted(path)));
    }
    Ok(())
}

/// Checks that an open directory belongs to the user or root, and that nobody else can replace what
/// is in it.
///
/// # Errors
/// [`PathFault::DirectoryOwner`] or [`PathFault::DirectoryWritable`].
pub fn check_directory(directory: impl AsFd, path: &Path) -> Result<(), PathFault> {
    let stat =
        rustix::fs::fstat(directory).map_err(|errno| PathFault::Open(quoted(path), errno))?;
    check_directory_stat(&stat, path)
}

/// The same for what the system said of a directory.
///
/// # Errors
/// [`PathFault::DirectoryOwner`] or [`PathFault::DirectoryWritable`].
pub fn check_directory_stat(stat: &Stat, path: &Path) -> Result<(), PathFault> {
    let user = rustix::process::geteuid().as_raw();
    if stat.st_uid != user && stat.st_uid != 0 {
        return Err(PathFault::DirectoryOwner(quoted(path)));
    }
    // In a sticky directory others add what is theirs, but replace nothing of ours.
    if stat.st_mode & 0o022 != 0 && stat.st_mode & 0o1000 == 0 {
        return Err(PathFault::DirectoryWritable(quoted(path)));
    }
    Ok(())
}

/// Checks that nobody else can read a file that holds a token.
///
/// # Errors
/// [`PathFault::Readable`].
pub fn check_private(stat: &Stat, path: &Path) -> Result<(), PathFault> {
    if stat.st_mode & 0o044 != 0 { Err(PathFault::Readable(quoted(path))) } else { Ok(()) }
}

impl PathFault {
    /// The path leads out of this directory.
    #[must_use]
    pub fn outside(base: &Path) -> Self {
        PathFault::Outside(quoted(base))
    }
}

impl fmt::Display for PathFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PathFault::Traversal => {
                f.write_str("the path has a segment `..`, plain or encoded; write it without")
            }
            PathFault::Nul => {
                f.write_str("the path holds a NUL, plain or encoded; write it without")
            }
            PathFault::Owner(file) => write!(
                f,
                "the file belongs to neither you nor root; mend it with: sudo chown \"$USER\" {file}"
            ),
            PathFault::Writable(file) => {
                write!(f, "others can write the file; mend it with: chmod go-w {file}")
            }
            PathFault::Readable(file) => write!(
                f,
                "the file holds a token and others can read it; mend it with: chmod 600 {file}"
            ),
            PathFault::NoName => f.write_str("the path names no file; write one"),
            PathFault::Home => f.write_str("`~` stands for nothing here; write ${HOME} instead"),
            PathFault::Outside(base) => write!(
                f,
                "the path leads out of {base}; keep it below, or name its directory in paths.allow"
            ),
            PathFault::Link(link) => {
                write!(f, "{link} is a symbolic link; write the path that it leads to")
            }
            PathFault::DirectoryOwner(directory) => write!(
                f,
                "the directory belongs to neither you nor root; mend it with: sudo chown \"$USER\" {directory}"
            ),
            PathFault::DirectoryWritable(directory) => {
                write!(f, "others can write the directory; mend it with: chmod go-w {directory}")
            }
            PathFault::Missing(directory) => {
                write!(f, "the directory does not exist; make it with: mkdir -p -m 700 {directory}")
            }
            PathFault::NoDirectory(path) => {
                write!(f, "{path} is no directory; write a path through directories")
            }
            PathFault::Make(directory, errno) => write!(
                f,
                "the directory {directory} cannot be made ({errno}); make it as somebody who may, or choose another place"
            ),
            PathFault::Open(directory, errno) => write!(
                f,
                "the directory {directory} cannot be opened ({errno}); see that you may read it, or choose another place"
            ),
        }
    }
}

/// A path as a shell takes it, without control characters.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%".contains(c);
    if text.chars().all(plain) && !text.starts_with('-') {
        text
    } else {
        format!("'{}'", text.escape_debug().to_string().replace('\'', r"'\''"))
    }
}

/// Without one layer of percent-encoding.
pub(crate) fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        let hex = |byte: &u8| char::from(*byte).to_digit(16);
        let pair = match tail {
            [high, low, ..] if *first == b'%' => hex(high).zip(hex(low)),
            _ => None,
        };
        if let Some((high, low)) = pair {
            decoded.push((high * 16 + low) as u8);
            rest = &tail[2..];
        } else {
            decoded.push(*first);
            rest = tail;
        }
    }
    decoded
}
