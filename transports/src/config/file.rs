//! Finding and opening the file, and whether it can be trusted.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, OFlags, Stat};
use zeroize::Zeroizing;

use super::fault::{Fault, Faults};
use crate::paths;

/// What the search came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This file is to be read.
    File(PathBuf),
    /// There is none: the defaults apply.
    Nothing,
}

/// Looks for the file: the flag, `PORTCULLIS_CONFIG`, then the user's own configuration directory.
/// The first two have to exist.
///
/// # Errors
/// A path that leads upwards or holds a NUL.
pub fn find(flag: Option<&Path>) -> Result<Found, Faults> {
    let named = std::env::var_os("PORTCULLIS_CONFIG").filter(|path| !path.is_empty());
    if let Some(path) = flag.map(Path::to_owned).or(named.map(PathBuf::from)) {
        return Ok(Found::File(path));
    }
    match default_path() {
        // Anything but "not there" is told when it is opened: nothing is skipped silently.
        // That goes for a link that leads nowhere as well.
        Some(path) if !is_missing(&path) => Ok(Found::File(path)),
        _ => Ok(Found::Nothing),
    }
}

/// The user's own file, whether it exists or not.
#[must_use]
pub fn default_path() -> Option<PathBuf> {
    let absolute = |name| {
        std::env::var_os(name).map(PathBuf::from).filter(|path: &PathBuf| path.is_absolute())
    };
    let base = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")))?;
    Some(base.join("portcullis").join("config.yaml"))
}

/// A file that was opened, judged and read, in this order.
pub(super) struct Opened {
    pub text: Zeroizing<String>,
    stat: Stat,
}

/// A configuration is smaller than this; anything larger is a mistake.
const FILE_BYTES_MAX: u64 = 1 << 20;

fn is_missing(path: &Path) -> bool {
    path.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

pub(super) fn open(path: &Path) -> Result<Opened, Faults> {
    let fault = |what: String, remedy: &str| Faults::from(Fault::of_file(path, what, remedy));
    paths::check(path).map_err(|error| fault(error.to_string(), ""))?;
    // A pipe without a writer would not let us go.
    let file = File::options()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(path)
        .map_err(|error| unopened(path, &error))?;
    let stat = rustix::fs::fstat(&file)
        .map_err(|error| fault(format!("cannot be looked at ({error})"), ""))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(fault("is not a regular file".into(), "name a file"));
    }
    paths::check_owner(&stat, path).map_err(|error| fault(error.to_string(), ""))?;
    check_directories(path)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| fault(format!("cannot be read ({error})"), ""))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(fault("is larger than 1 MiB".into(), "a configuration is smaller"));
    }
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| fault("is not UTF-8".into(), "save it as UTF-8"))?;
    Ok(Opened { text: Zeroizing::new(text.to_owned()), stat })
}

/// What an error means, and what mends it.
fn unopened(path: &Path, error: &io::Error) -> Faults {
    let (what, remedy) = match error.kind() {
        ErrorKind::NotFound if !is_missing(path) => (
            "is a symbolic link that leads nowhere".to_owned(),
            "remove it, or make the file that it names",
        ),
        ErrorKind::NotFound => {
            ("there is no such file".to_owned(), "`portcullis config default` prints one")
        }
        ErrorKind::PermissionDenied => (
            "you may not read it".to_owned(),
            "see its mode and those of the directories above, or name another file",
        ),
        _ => (format!("cannot be read ({error})"), "name another file"),
    };
    Fault::of_file(path, what, remedy).into()
}

/// Who can write the directory of a file can put another one in its place. If the path is a link,
/// that goes for the directory of the link and for that of the file.
fn check_directories(path: &Path) -> Result<(), Faults> {
    let fault = |what: String| Faults::from(Fault::of_file(path, what, ""));
    let real = path.canonicalize();
    let real = real.map_err(|error| fault(format!("cannot be looked at ({error})")))?;
    for file in [path, &real] {
        let directory = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        // By its path: who may pass through a directory need not be able to open it.
        let stat = rustix::fs::stat(directory)
            .map_err(|errno| fault(format!("its directory cannot be looked at ({errno})")))?;
        paths::check_directory_stat(&stat, directory).map_err(|error| fault(error.to_string()))?;
    }
    Ok(())
}

pub(super) fn check_private(opened: &Opened, path: &Path) -> Result<(), Faults> {
    paths::check_private(&opened.stat, path)
        .map_err(|error| Fault::of_file(path, error.to_string(), "").into())
}
