//! Finding and opening the file, and whether it can be trusted.

use std::fs::File;
use std::io::Read;
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
    path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

pub(super) fn open(path: &Path) -> Result<Opened, Faults> {
    let fault = |what: String, remedy: &str| Faults::from(Fault::of_file(path, what, remedy));
    paths::check(path).map_err(|error| fault(error.to_string(), ""))?;
    // A pipe without a writer would not let us go.
    let file = File::options()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(path)
        .map_err(|error| fault(format!("cannot be read ({error})"), ""))?;
    let stat = rustix::fs::fstat(&file)
        .map_err(|error| fault(format!("cannot be looked at ({error})"), ""))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(fault("is not a regular file".into(), "name a file"));
    }
    paths::check_owner(&stat, path).map_err(|error| fault(error.to_string(), ""))?;
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

pub(super) fn check_private(opened: &Opened, path: &Path) -> Result<(), Faults> {
    paths::check_private(&opened.stat, path)
        .map_err(|error| Fault::of_file(path, error.to_string(), "").into())
}
