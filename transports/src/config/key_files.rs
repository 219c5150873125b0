//! Keys of an issuer of JSON Web Tokens that stand in files of their own: `pem_file`, `secret_file`.

use std::fs::File;
use std::io::Read;

use rustix::fs::{FileType, Mode, OFlags};
use zeroize::Zeroizing;

use super::fault::Faults;
use super::settings::{KeyFile, Settings};
use crate::paths;

/// A key is smaller than this; anything larger is a mistake.
const BYTES_MAX: usize = 64 << 10;

/// Reads the files and puts what they hold where it belongs.
///
/// # Errors
/// A file that cannot be trusted, cannot be read, or is no text.
pub(super) fn read(settings: &mut Settings) -> Result<(), Faults> {
    let mut faults = Vec::new();
    for file in std::mem::take(&mut settings.key_files) {
        match contents(&file) {
            Ok(text) => put(settings, &file, text),
            Err(what) => faults.push(settings.fault(file.location.key(), what, "")),
        }
        settings.key_files.push(file);
    }
    if faults.is_empty() { Ok(()) } else { Err(Faults::in_order(faults)) }
}

fn put(settings: &mut Settings, file: &KeyFile, text: Zeroizing<String>) {
    let keys = settings.policy.auth.jwt.as_mut().map(|jwt| &mut jwt.keys);
    let key = keys.and_then(|keys| keys.get_mut(file.at)).expect("a key file belongs to a key");
    if file.is_secret {
        // Editors end a file with a line feed, which is no part of a secret.
        let text = text.strip_suffix('\n').unwrap_or(&text);
        key.secret = Some(Zeroizing::new(text.strip_suffix('\r').unwrap_or(text).to_owned()));
    } else {
        key.pem = Some(text.to_string());
    }
}

fn contents(file: &KeyFile) -> Result<Zeroizing<String>, String> {
    let path = file.location.path();
    let (directory, name) = file.location.open_parent(false).map_err(|fault| fault.to_string())?;
    // A pipe without a writer would not let us go, and a link might lead anywhere.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW;
    let opened = rustix::fs::openat(&directory, &*name, flags, Mode::empty());
    let opened = opened.map_err(|errno| {
        format!("the file cannot be read ({errno}); name a file, no link, that you may read")
    })?;
    let stat = rustix::fs::fstat(&opened).map_err(|errno| errno.to_string())?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err("is not a regular file; a key is kept in one".to_owned());
    }
    paths::check_owner(&stat, &path).map_err(|fault| fault.to_string())?;
    if file.is_secret {
        paths::check_private(&stat, &path).map_err(|fault| fault.to_string())?;
    }
    // Read into one buffer: what it grew out of would not be wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES_MAX + 1));
    let read = File::from(opened).take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("the file cannot be read ({error})"))?;
    if bytes.len() > BYTES_MAX {
        return Err("the file is larger than 64 KiB; a key is smaller".to_owned());
    }
    let text =
        std::str::from_utf8(&bytes).map_err(|_| "the file is no text in UTF-8".to_owned())?;
    Ok(Zeroizing::new(text.to_owned()))
}
