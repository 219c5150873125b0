//! A file of ours that is only ever appended to: the audit log, the log.
//!
//! It is opened for its owner alone and never through a symbolic link; what is written are whole
//! lines. After a write that failed half-way, the next one begins on a new line.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::paths;

/// An open file for lines.
#[derive(Debug)]
pub struct AppendFile {
    file: File,
    /// The path as it is shown, without control characters.
    shown: String,
    /// The last write left a line without its end.
    torn: bool,
}

impl AppendFile {
    /// Opens the file; a new one is made for its owner alone. `noun` is what it is, for messages.
    ///
    /// # Errors
    /// A sentence that names the file and what mends it: it is a symbolic link, no regular file, of
    /// somebody else, or others can write it.
    pub fn open(path: &Path, noun: &str) -> Result<Self, String> {
        paths::check(path).map_err(|fault| format!("{}: {fault}", shown(path)))?;
        Self::open_at(CWD, path.as_os_str(), path, noun)
    }

    /// The same for a name in an open directory; `path` is what is shown.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn open_at(
        directory: impl AsFd,
        name: &OsStr,
        path: &Path,
        noun: &str,
    ) -> Result<Self, String> {
        let flags = OFlags::WRONLY
            | OFlags::CREATE
            | OFlags::APPEND
            | OFlags::NOFOLLOW
            | OFlags::NONBLOCK
            | OFlags::CLOEXEC;
        let shown = shown(path);
        let irregular = || format!("{shown} is not a regular file; {noun} has to be one");
        let fd: OwnedFd = rustix::fs::openat(directory, name, flags, Mode::RUSR | Mode::WUSR)
            .map_err(|errno| match errno {
                Errno::LOOP => format!("{shown} is a symbolic link; name the file itself"),
                Errno::NXIO | Errno::ISDIR => irregular(),
                Errno::NOENT => format!("{shown}: its directory does not exist; make it first"),
                Errno::ACCESS | Errno::PERM | Errno::ROFS => {
                    format!("{shown}: you may not write it ({errno}); name another file")
                }
                other => format!("{shown}: {}", io::Error::from(other)),
            })?;
        let stat = rustix::fs::fstat(&fd).map_err(|errno| format!("{shown}: {errno}"))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(irregular());
        }
        paths::check_owner(&stat, path).map_err(|fault| format!("{shown}: {fault}"))?;
        Ok(AppendFile { file: File::from(fd), shown, torn: false })
    }

    /// Writes whole lines.
    ///
    /// # Errors
    /// What the system said, and the file; how much of it was written is not known then.
    pub fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        self.append(lines)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.shown)))
    }

    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        debug_assert!(lines.is_empty() || lines.ends_with(b"\n"), "only whole lines are written");
        if self.torn && !lines.is_empty() {
            self.file.write_all(b"\n")?;
            self.torn = false;
        }
        let mut rest = lines;
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.torn = rest[count - 1] != b'\n';
                    rest = &rest[count..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
impl AppendFile {
    /// A file that nothing can be written to.
    pub(crate) fn unwritable() -> Self {
        let file = File::open("/dev/null").expect("every system has one");
        AppendFile { file, shown: "/a/log".to_owned(), torn: false }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string().escape_debug().to_string()
}
