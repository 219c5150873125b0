//! `portcullis scan` on one CPU against the finder alone, over the same bytes.

use std::ffi::OsString;
use std::fs;
use std::hint::black_box;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use portcullis_engine::{Match, Rules};

use super::echo::spread;
use super::{Scratch, Setup};
use crate::figure::{Figure, Goal};
use crate::pin;
use crate::stats::median;

/// The command from its start to its end, files of half a megabyte in the page cache; each of seven
/// runs stands between two of `Rules::find` over the same files in memory.
///
/// # Errors
/// A corpus that cannot be made, a binary that is missing, a scan that fails.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let frames = setup.source.frames(setup.megabytes, &setup.cache)?;
    let scratch = Scratch::new()?;
    let folder = scratch.path().join("scan");
    let files = cut(&frames);
    fs::create_dir_all(&folder)?;
    for (number, file) in files.iter().enumerate() {
        fs::write(folder.join(format!("{number:05}.ndjson")), file)?;
    }
    let command = [setup.binary("portcullis", "portcullis-transports")?];
    let cpu = pin::one_cpu()?.proxy;
    let times = pin::on(cpu, || rounds(setup, &command, &folder, &files));
    fs::remove_dir_all(&folder)?;
    let Times { scan, find, memchr, found } = times?;
    let megabytes = frames.len() as f64 / 1e6;
    let ratio = |these: &[f64]| -> Vec<f64> {
        these.iter().zip(&scan).map(|(other, scan)| other / scan).collect()
    };
    let (of_find, of_memchr) = (ratio(&find), ratio(&memchr));
    let note = format!("{}; {} files; {}", spread(&of_find), files.len(), setup.source.name());
    let rate = |times: &[f64]| megabytes / median(times);
    Ok(vec![
        Figure::new("scan.rate_vs_find", median(&of_find), "ratio")
            .goal(Goal::AtLeast(1.0 / 3.0))
            .note(note),
        Figure::new("scan.rate_vs_memchr", median(&of_memchr), "ratio").note(spread(&of_memchr)),
        Figure::new("scan.rate", rate(&scan), "MB/s").note(format!("{found} found")),
        Figure::new("scan.rate.find", rate(&find), "MB/s"),
        Figure::new("scan.rate.memchr", rate(&memchr), "MB/s"),
    ])
}

/// Seconds of each round.
#[derive(Default)]
struct Times {
    scan: Vec<f64>,
    find: Vec<f64>,
    memchr: Vec<f64>,
    found: usize,
}

fn rounds(
    setup: &Setup,
    command: &[OsString; 1],
    folder: &Path,
    files: &[&[u8]],
) -> io::Result<Times> {
    let rules = Rules::default();
    let mut times = Times::default();
    scan(command, folder)?; // warm up: the files, and the program
    times.found = find(&rules, files);
    let timed = |work: &mut dyn FnMut()| {
        let started = Instant::now();
        work();
        started.elapsed().as_secs_f64()
    };
    for _ in 0..setup.pick(3, ROUNDS) {
        let mut found = || {
            black_box(find(&rules, files));
        };
        let before = timed(&mut found);
        times.scan.push(scan(command, folder)?);
        let after = timed(&mut found);
        times.find.push((before + after) / 2.0);
        times.memchr.push(timed(&mut || {
            for file in files {
                black_box(memchr::memchr(0, black_box(file)));
            }
        }));
    }
    Ok(times)
}

/// Half a megabyte each, whole lines.
fn cut(frames: &[u8]) -> Vec<&[u8]> {
    let (mut files, mut rest) = (Vec::new(), frames);
    while let Some(end) = rest.get(FILE_BYTES..).and_then(|more| memchr::memchr(b'\n', more)) {
        let (file, behind) = rest.split_at(FILE_BYTES + end + 1);
        files.push(file);
        rest = behind;
    }
    files.push(rest);
    files
}

fn find(rules: &Rules, files: &[&[u8]]) -> usize {
    let mut matches: Vec<Match> = Vec::new();
    let find = |file: &&[u8]| {
        matches.clear();
        rules.find(file, &mut matches);
        matches.len()
    };
    files.iter().map(find).sum()
}

/// From the start of the command to its end.
fn scan([program]: &[OsString; 1], folder: &Path) -> io::Result<f64> {
    let mut command = Command::new(program);
    command.args(["scan", "--quiet", "--jobs", "1", "--summary"]).arg(folder);
    command.env("XDG_CONFIG_HOME", folder).env_remove("PORTCULLIS_CONFIG");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let started = Instant::now();
    let status = command.status()?;
    let spent = started.elapsed().as_secs_f64();
    match status.code() {
        Some(0 | 1) => Ok(spent),
        _ => Err(io::Error::other(format!("portcullis scan: {status}"))),
    }
}

const ROUNDS: usize = 7;
const FILE_BYTES: usize = 500_000;
