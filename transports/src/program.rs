//! Whether the commands of a configuration can be started, before anybody waits for them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use crate::config::{Fault, ServerSettings, Settings};
use crate::serve::environment;

/// What stands against the command of each server, and of the hook; nothing if all can be started.
#[must_use]
pub fn missing(settings: &Settings) -> Vec<Fault> {
    let fault = |(index, server): (usize, &ServerSettings)| {
        let (what, remedy) = find(server).err()?;
        Some(settings.fault(&format!("servers[{index}].command"), what, remedy))
    };
    settings.servers.iter().enumerate().filter_map(fault).chain(missing_hook(settings)).collect()
}

/// What stands against the program that is asked for approval, as far as anybody is asked.
#[must_use]
pub fn missing_hook(settings: &Settings) -> Option<Fault> {
    let program = settings.approvals.command.first()?;
    let (what, _) = find_in(program, std::env::var_os("PATH")).err()?;
    let remedy = "mend it, or every call that waits for approval is refused";
    Some(settings.fault("approvals.command", what, remedy))
}

/// The program of a server, found as the system will find it: in the `PATH` that the server gets.
///
/// # Errors
/// What stands against it, and the remedy.
pub fn find(server: &ServerSettings) -> Result<PathBuf, (String, &'static str)> {
    let program: &OsStr = server.command.first().expect("the configuration demands one");
    let variables = environment(&server.environment, std::env::vars_os());
    let path = variables.into_iter().find(|(name, _)| name == "PATH").map(|(_, value)| value);
    find_in(program, path)
}

/// A program, looked for in this `PATH`.
fn find_in(program: &OsStr, path: Option<OsString>) -> Result<PathBuf, (String, &'static str)> {
    let shown = program.to_string_lossy().escape_debug().to_string();
    if program.as_bytes().contains(&b'/') {
        let path = PathBuf::from(program);
        return match judge(&path) {
            Judged::Executable => Ok(path),
            Judged::Other => Err((
                format!("{shown}: cannot be executed"),
                "mend it with chmod +x, or name the interpreter in front of it",
            )),
            Judged::Missing => Err((format!("{shown}: not found"), "install it, or mend the path")),
        };
    }
    let mut found = None;
    for directory in std::env::split_paths(&path.unwrap_or_default()) {
        let candidate = directory.join(program);
        match judge(&candidate) {
            Judged::Executable => return Ok(candidate),
            Judged::Other => found = Some(candidate),
            Judged::Missing => {}
        }
    }
    match found {
        Some(path) => Err((
            format!("{}: cannot be executed", path.display().to_string().escape_debug()),
            "mend it with chmod +x",
        )),
        None => Err((
            format!("{shown}: not found in PATH"),
            "install it, give its whole path, or set PATH under env.set",
        )),
    }
}

enum Judged {
    Executable,
    Other,
    Missing,
}

fn judge(path: &Path) -> Judged {
    match path.metadata() {
        Ok(data) if data.is_file() && access(path, Access::EXEC_OK).is_ok() => Judged::Executable,
        Ok(_) => Judged::Other,
        Err(_) => Judged::Missing,
    }
}
