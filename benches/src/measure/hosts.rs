//! The hosts in other languages against the one in Rust: the same transcript, guarded by each.
//!
//! Each host has a program `feed` that guards the transcript once for each line that it is sent. C is
//! counted in instructions, which repeat; Go and Node in time, pass by pass in turn with Rust: what went
//! by, and what was computed on all threads, of which both have more than one.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::instructions::total;
use super::{Scratch, Setup};
use crate::feed::transcript;
use crate::figure::{Figure, Goal};
use crate::stats::{median, range};

/// What a pass costs in C, Go and Node, against Rust. A host that is not built is left out, and a word
/// is said about it.
///
/// # Errors
/// A corpus that cannot be made, a feeder that fails.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let scratch = Scratch::new()?;
    let path = scratch.path().join("transcript");
    let talk = setup.conversation()?;
    let bytes = talk.bytes();
    fs::write(&path, transcript(&talk))?;
    let rust = Feeder::of("Rust", &[setup.binary("feed", "portcullis-benches")?]);
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let c = Feeder::of("C", &[examples.join("c/build/feed").into_os_string()]);
    let go = Feeder::of("Go", &[examples.join("go/build/portcullis-feed").into_os_string()]);
    let script = examples.join("node/bin/portcullis-feed.mjs");
    let node = Feeder::of("Node", &["node".into(), script.into_os_string()]);
    let mut figures = Vec::new();
    if c.is_built() && has_valgrind() {
        figures.push(instructions(&rust, &c, &path, scratch.path(), bytes)?);
    }
    for (name, host, goal) in [
        ("c", &c, Goal::None),
        ("go", &go, Goal::AtLeast(0.9)),
        ("node", &node, Goal::AtLeast(0.6)),
    ] {
        if host.is_built() {
            let [elapsed, processor] = in_turn(name, &rust, host, &path, bytes)?;
            figures.extend([elapsed.goal(goal), processor]);
        }
    }
    Ok(figures)
}

fn has_valgrind() -> bool {
    let has = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !has {
        eprintln!("figures: hosts: no instructions are counted, there is no valgrind");
    }
    has
}

/// A program that guards a transcript once for each line.
struct Feeder {
    host: &'static str,
    command: Vec<OsString>,
}

impl Feeder {
    fn of(host: &'static str, command: &[OsString]) -> Self {
        Self { host, command: command.to_vec() }
    }

    fn is_built(&self) -> bool {
        let file = PathBuf::from(self.command.last().cloned().unwrap_or_default());
        // Node's script is there before its addon is.
        let addon = file.with_file_name("../build/portcullis.node");
        let built = file.is_file() && (self.host != "Node" || addon.is_file());
        if !built {
            eprintln!("figures: hosts: {} is left out, it is not built", self.host);
        }
        built
    }

    fn start(&self, transcript: &Path) -> io::Result<Running> {
        let mut child = Command::new(&self.command[0])
            .args(&self.command[1..])
            .arg(transcript)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let piped = "a child started with pipes has them";
        let input = child.stdin.take().expect(piped);
        let output = BufReader::new(child.stdout.take().expect(piped));
        Ok(Running { child, input, output })
    }
}

struct Running {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Running {
    /// Nanoseconds of one pass: what went by, and of processor time.
    fn pass(&mut self) -> io::Result<[f64; 2]> {
        self.input.write_all(b"\n")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let none = || io::Error::other(format!("a feeder says {line:?}, not how long it took"));
        let (elapsed, processor) = line.trim().split_once(' ').ok_or_else(none)?;
        let number = |text: &str| text.parse().map_err(|_| none());
        Ok([number(elapsed)?, number(processor)?])
    }

    fn end(mut self) -> io::Result<()> {
        drop(self.input);
        match self.child.wait()?.success() {
            true => Ok(()),
            false => Err(io::Error::other("a feeder failed")),
        }
    }
}

/// Passes of both in turn, after one of each that does not count.
fn in_turn(
    name: &str,
    rust: &Feeder,
    host: &Feeder,
    transcript: &Path,
    bytes: usize,
) -> io::Result<[Figure; 2]> {
    let (mut rust, mut host) = (rust.start(transcript)?, host.start(transcript)?);
    rust.pass()?;
    host.pass()?;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..PASSES {
        times[0].push(rust.pass()?);
        times[1].push(host.pass()?);
    }
    rust.end()?;
    host.end()?;
    Ok([("rate", 0), ("processor_rate", 1)].map(|(what, clock)| {
        let [rust, host] = [0, 1].map(|who: usize| {
            times[who].iter().map(|pass: &[f64; 2]| pass[clock]).collect::<Vec<_>>()
        });
        let ratios: Vec<f64> = rust.iter().zip(&host).map(|(rust, host)| rust / host).collect();
        let (low, high) = range(&ratios);
        let rate = |times: &[f64]| bytes as f64 * 1e3 / median(times);
        let note =
            format!("{low:.3} to {high:.3}; {:.0} MB/s, Rust {:.0} MB/s", rate(&host), rate(&rust));
        Figure::new(format!("hosts.{name}.{what}_vs_rust"), median(&ratios), "ratio").note(note)
    }))
}

/// Instructions of one pass, for each byte.
fn instructions(
    rust: &Feeder,
    c: &Feeder,
    transcript: &Path,
    folder: &Path,
    bytes: usize,
) -> io::Result<Figure> {
    let [rust, c] = [(rust, "portcullis_benches::feed::feed"), (c, "feed_all")]
        .map(|(feeder, function)| counted(feeder, function, transcript, folder));
    let (rust, c) = (rust? as f64 / bytes as f64, c? as f64 / bytes as f64);
    let note = format!("{c:.3} a byte, Rust {rust:.3}; callgrind, full guard");
    Ok(Figure::new("hosts.c.instructions_vs_rust", c / rust, "ratio")
        .goal(Goal::AtMost(1.02))
        .note(note))
}

fn counted(feeder: &Feeder, function: &str, transcript: &Path, folder: &Path) -> io::Result<u64> {
    let out = folder.join(format!("callgrind-{}", feeder.host));
    let mut child = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--collect-atstart=no"])
        .arg(format!("--toggle-collect={function}"))
        .arg(format!("--callgrind-out-file={}", out.display()))
        .args(&feeder.command)
        .arg(transcript)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(b"untimed\n")?;
    }
    match child.wait()?.success() {
        true => total(&out),
        false => Err(io::Error::other(format!("valgrind: the feeder in {} failed", feeder.host))),
    }
}

const PASSES: usize = 7;
