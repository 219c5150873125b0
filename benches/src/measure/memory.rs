//! Resident memory of `portcullis run` while a session rests.

use std::fs;
use std::io;
use std::thread;
use std::time::Duration;

use super::{Setup, behind};
use crate::client::Session;
use crate::figure::{Figure, Goal};

/// One second after the first answer. The guard process is a figure of its own.
///
/// # Errors
/// A binary that is missing, no answer, or no `/proc`.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let mut session = Session::open(&behind(&setup.portcullis()?, &setup.echo()?))?;
    session.call(1)?;
    thread::sleep(Duration::from_secs(1));
    let own = session.id().expect("a session with a command has a process");
    let resident = resident(own)?;
    let helpers: Vec<f64> =
        helpers(own)?.into_iter().map(self::resident).collect::<io::Result<_>>()?;
    session.close()?;
    let note = format!("{} process(es) of the same program beside it", helpers.len());
    Ok(vec![
        Figure::new("memory.resident", resident, "MiB").goal(Goal::Below(8.0)),
        Figure::new("memory.resident.guard", helpers.iter().fold(0.0, |sum, one| sum + one), "MiB")
            .note(note),
    ])
}

/// `VmRSS` in MiB.
///
/// # Errors
/// No such process, or no `/proc`.
pub(super) fn resident(pid: u32) -> io::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.trim().split(' ').next()?.parse::<f64>().ok());
    kib.map(|kib| kib / 1024.0).ok_or_else(|| io::Error::other("no VmRSS"))
}

/// Other processes of the program that `pid` runs: those below it.
fn helpers(pid: u32) -> io::Result<Vec<u32>> {
    let program = |pid: u32| fs::read_link(format!("/proc/{pid}/exe")).ok();
    let own = program(pid);
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Some(other) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if other != pid && own.is_some() && program(other) == own && is_below(other, pid) {
            found.push(other);
        }
    }
    Ok(found)
}

/// Whether following the parents of a process leads to `root`.
fn is_below(mut pid: u32, root: u32) -> bool {
    for _ in 0..64 {
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
        // The name in brackets may hold anything, so what counts starts behind its end.
        let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1)?.parse().ok());
        match parent {
            Some(parent) if parent == root => return true,
            Some(parent) if parent > 1 => pid = parent,
            _ => return false,
        }
    }
    false
}
