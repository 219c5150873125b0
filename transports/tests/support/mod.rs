//! What the tests of `run` share: starting it, talking to it, and seeing what it leaves.

#![allow(dead_code)] // Each test program uses its own part of this.

pub mod daemon;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

/// The program under test.
pub const PORTCULLIS: &str = env!("CARGO_BIN_EXE_portcullis");
/// Nothing here takes as long, unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A command that runs this shell script behind the guard.
pub fn run_script(script: &str) -> Command {
    run(["sh", "-c", script])
}

/// A command that runs the leaking demo server, which answers requests, behind the guard.
pub fn run_server() -> Command {
    run([PORTCULLIS, "demo-server"])
}

/// A command that runs a server behind the guard, all three streams as pipes.
pub fn run<S: AsRef<OsStr>>(server: impl IntoIterator<Item = S>) -> Command {
    run_with::<&str, S>([], server)
}

/// The same with arguments for `run`.
pub fn run_with<A: AsRef<OsStr>, S: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = A>,
    server: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = portcullis("run");
    command.args(arguments).arg("--").args(server);
    command
}

/// A command of portcullis that no setting of the developer's own reaches.
pub fn portcullis(subcommand: &str) -> Command {
    let mut command = Command::new(PORTCULLIS);
    command.arg(subcommand).env_remove("PORTCULLIS_CONFIG");
    command.env("XDG_CONFIG_HOME", "/nonexistent").env("LC_ALL", "C");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What came out of a stream, line by line, until its end.
pub struct Lines(Receiver<String>);

impl Lines {
    /// The next line, if one comes within this time.
    pub fn next_within(&self, patience: Duration) -> Option<String> {
        self.0.recv_timeout(patience).ok()
    }

    pub fn of(stream: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
                let text = String::from_utf8_lossy(&std::mem::take(&mut line)).into_owned();
                if sender.send(text.trim_end_matches('\n').to_owned()).is_err() {
                    return;
                }
            }
        });
        Lines(receiver)
    }

    /// The next line, or `None` at the end.
    pub fn next(&self) -> Option<String> {
        match self.0.recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => None,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("no line came, and no end"),
        }
    }

    /// The next line that holds this text.
    pub fn find(&self, text: &str) -> String {
        let mut before = Vec::new();
        while let Some(line) = self.next() {
            if line.contains(text) {
                return line;
            }
            before.push(line);
        }
        panic!("{text:?} did not come; before the end came {before:?}")
    }

    /// All lines that are left.
    pub fn rest(&self) -> Vec<String> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

/// A running command, killed if a test gives up on it.
pub struct Session {
    pub process: Child,
    pub input: Option<ChildStdin>,
    pub output: Lines,
    pub errors: Lines,
}

impl Session {
    pub fn start(mut command: Command) -> Self {
        let mut process = command.spawn().expect("portcullis starts");
        let none = || Box::new(std::io::empty()) as Box<dyn Read + Send>;
        let output = process.stdout.take().map_or_else(none, |stream| Box::new(stream));
        let errors = process.stderr.take().map_or_else(none, |stream| Box::new(stream));
        let input = process.stdin.take();
        Session { input, process, output: Lines::of(output), errors: Lines::of(errors) }
    }

    pub fn send(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the input is open");
        input.write_all(format!("{line}\n").as_bytes()).expect("portcullis reads");
    }

    pub fn close(&mut self) {
        self.input = None;
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).expect("portcullis runs");
    }

    /// Waits for the end; the exit status as a shell shows it, and how long it took.
    pub fn wait(&mut self) -> (i32, Duration) {
        let start = Instant::now();
        let status = wait(&mut self.process);
        (shown(status), start.elapsed())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits for a process, but not for ever.
pub fn wait(process: &mut Child) -> ExitStatus {
    if let Some(status) = process.try_wait().expect("the process is ours") {
        return status;
    }
    assert!(ends(process.id()), "still running after {PATIENCE:?}");
    process.wait().expect("the process is ours")
}

/// Waits for any process to end, not for ever either; whether it has.
fn ends(pid: u32) -> bool {
    let pid = Pid::from_raw(pid as i32).expect("a process has a number");
    let Ok(handle) = pidfd_open(pid, PidfdFlags::empty()) else { return true };
    ready(&handle, PollFlags::IN, PATIENCE)
}

/// Whether a descriptor becomes ready in time.
pub fn ready(descriptor: &impl AsFd, flags: PollFlags, patience: Duration) -> bool {
    let patience = Timespec::try_from(patience).expect("a short time");
    let mut descriptors = [PollFd::new(descriptor, flags)];
    poll(&mut descriptors, Some(&patience)).is_ok_and(|count| count > 0)
}

pub fn shown(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

/// A finished command: status, output, errors.
pub fn finish(command: &mut Command) -> (i32, String, String) {
    let output = command.stdin(Stdio::null()).output().expect("portcullis starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (shown(output.status), text(&output.stdout), text(&output.stderr))
}

/// The process group of a process, as the kernel lists it.
pub fn group_of(pid: u32) -> u32 {
    stat(pid).expect("the process runs").1
}

/// Members of a group that are not dead.
pub fn members(group: u32) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").expect("there is a /proc");
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|&pid| stat(pid).is_some_and(|(state, of)| of == group && state != 'Z')).collect()
}

/// Living processes that this process has started.
pub fn children_of(pid: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).expect("the process runs");
    let lists = tasks.flatten().map(|task| task.path().join("children"));
    let text: String = lists.filter_map(|list| std::fs::read_to_string(list).ok()).collect();
    text.split_whitespace().map(|pid| pid.parse().expect("a number of a process")).collect()
}

/// How many descriptors a process holds.
pub fn descriptors_of(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd")).expect("the process runs").count()
}

/// How many bytes of memory a process holds that are no pages of a file. Counted page by page: the
/// shorter files of /proc are off by some dozen pages for each processor.
pub fn memory_of(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).expect("it runs");
    let line = text.lines().find_map(|line| line.strip_prefix("Anonymous:")).expect("it is told");
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kib << 10
}

/// What the allocator may keep more or less of what was freed, by where it lay: it gives the end of
/// its heap back only in steps of 128 KiB. The smallest block that can be lost has 16 bytes, which
/// are 160 KB after 10,000 times, and with it goes what refers to it.
pub const NOISE_BYTES: u64 = 256 << 10;

/// A number from the environment, to make a test long.
pub fn rounds(variable: &str, default: usize) -> usize {
    let text = std::env::var(variable).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Waits until nobody of a group is left.
pub fn wait_for_none(group: u32) {
    let end = Instant::now() + PATIENCE;
    while let Some(&pid) = members(group).first() {
        let left = ends(pid) && Instant::now() < end;
        assert!(left, "left in group {group}: {:?}", members(group));
    }
}

/// State and process group, out of /proc/PID/stat.
fn stat(pid: u32) -> Option<(char, u32)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = text.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?.chars().next()?;
    Some((state, fields.nth(1)?.parse().ok()?))
}

/// Fills a stream whose other end does not read, and all that lies between, with messages.
pub fn fill(stream: &mut (impl Write + AsFd)) {
    let line = note(1 << 10) + "\n";
    rustix::io::ioctl_fionbio(&*stream, true).expect("the stream is ours");
    // It takes no more once nobody has made room for a while.
    while ready(stream, PollFlags::OUT, Duration::from_millis(300)) {
        while stream.write(line.as_bytes()).is_ok() {}
    }
    rustix::io::ioctl_fionbio(&*stream, false).expect("the stream is ours");
}

/// A request that every server answers.
pub fn ping(id: u32) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#)
}

/// A notification of this size.
pub fn note(bytes: usize) -> String {
    let filler = "x".repeat(bytes);
    format!(r#"{{"jsonrpc":"2.0","method":"notifications/x","params":{{"v":"{filler}"}}}}"#)
}
