//! Whether well-behaved clients of a daemon notice the bad ones beside them.
//!
//! Twenty of two hundred clients call at a steady pace; their 95th percentile with bad clients is
//! compared with that without, in turn, the sessions of the good ones open throughout.
//!
//! All of it has one CPU, the bad clients at the lowest priority: what they burn themselves is no
//! fault of the daemon, what the daemon does for them is, and it does that at the priority of its
//! other work. On two CPUs, the one that sleeps would have to be woken for each call of the quiet
//! run, which costs more than the call, and the bad clients would keep it awake.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Scratch, Setup};
use crate::client::Session;
use crate::daemon::Daemon;
use crate::figure::{Figure, Goal};
use crate::pin;
use crate::server::HELLO;
use crate::stats::{percentile, range};

/// One of each kind among two hundred; and, without a goal, forty-five of each beside the twenty.
///
/// # Errors
/// A binary that is missing, an answer that is not the one asked for.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let one = crowd(setup, 1)?;
    let many = crowd(setup, BAD_MAX)?;
    let mut figures = one.figures(ONE, Goal::AtMost(1.5));
    figures.extend(many.figures(MANY, Goal::None));
    Ok(figures)
}

/// Microseconds at the 95th percentile, round by round.
#[derive(Default)]
struct Crowd {
    without: Vec<f64>,
    with: Vec<f64>,
}

impl Crowd {
    /// The quietest rounds are compared: whatever else runs on the machine adds, to one round of calls
    /// more than to the next, and never takes away.
    fn figures(&self, names: [&'static str; 3], goal: Goal) -> Vec<Figure> {
        let (without, with) = (range(&self.without), range(&self.with));
        let note = |(low, high): (f64, f64)| {
            format!("quietest; {low:.0} to {high:.0} in {} rounds", self.with.len())
        };
        vec![
            Figure::new(names[0], with.0 / without.0, "ratio").goal(goal),
            Figure::new(names[1], without.0, "us").note(note(without)),
            Figure::new(names[2], with.0, "us").note(note(with)),
        ]
    }
}

/// Rounds with so many bad clients of each kind.
fn crowd(setup: &Setup, each: usize) -> io::Result<Crowd> {
    let scratch = Scratch::new()?;
    let echo = setup.echo()?;
    let bad = |manner: &str| [&echo[..], &["--bad".into(), manner.into()]].concat();
    let (flood, deaf) = (bad("flood"), bad("deaf"));
    let servers = [("echo", &echo[..]), ("flood", &flood), ("deaf", &deaf)];
    pin::on(pin::one_cpu()?.proxy, || {
        let daemon = setup.daemon(&scratch, &servers)?;
        let open = |_| {
            let mut session = Session::connect(&daemon.socket("echo"))?;
            session.begin()?;
            session.call(1)?;
            Ok(session)
        };
        let good = CLIENTS - each * KINDS.len();
        let mut sessions = (0..good).map(open).collect::<io::Result<Vec<_>>>()?;
        let mut crowd = Crowd::default();
        let calls = |sessions: &mut [Session]| {
            let calls = setup.pick(20, 50);
            p95(&mut sessions[..CALLERS], calls)
        };
        for _ in 0..setup.pick(3, ROUNDS) {
            crowd.without.push(calls(&mut sessions)?);
            crowd.with.push(beside(&daemon, each, || calls(&mut sessions))?);
        }
        sessions.into_iter().try_for_each(Session::close)?;
        Ok(crowd)
    })
}

/// On Linux this is the priority of the thread. Where it fails, the comparison is only harder.
fn yield_to_others() {
    let _ = rustix::process::setpriority_process(None, LOWEST);
}

/// The 95th percentile of calls at a steady pace, each client in a thread of its own and out of step
/// with the others.
fn p95(sessions: &mut [Session], calls: u32) -> io::Result<f64> {
    let callers = sessions.len() as u32;
    let begun = Instant::now() + PERIOD;
    let times = thread::scope(|scope| {
        let threads: Vec<_> = (0..callers)
            .zip(sessions)
            .map(|(number, session)| {
                let first = begun + PERIOD * number / callers;
                scope.spawn(move || call(session, first, calls))
            })
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join().expect("it never panics"));
        joined.collect::<io::Result<Vec<_>>>()
    })?;
    Ok(percentile(&times.concat(), 95.0))
}

fn call(session: &mut Session, first: Instant, calls: u32) -> io::Result<Vec<f64>> {
    let mut times = Vec::with_capacity(calls as usize);
    for number in 0..calls {
        let at = first + PERIOD * number;
        thread::sleep(at.saturating_duration_since(Instant::now()));
        times.push(session.call(u64::from(number) + 2)?.as_secs_f64() * 1e6);
    }
    Ok(times)
}

/// Runs this beside so many bad clients of each kind, which are gone afterwards.
fn beside<T>(daemon: &Daemon, each: usize, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let stop = AtomicBool::new(false);
    let result = thread::scope(|scope| {
        for _ in 0..each {
            for (server, behave) in KINDS {
                let (socket, stop) = (daemon.socket(server), &stop);
                scope.spawn(move || {
                    yield_to_others();
                    while !stop.load(Ordering::Relaxed) {
                        // The daemon ends those who go too far, and they come again.
                        let _ = behave(&socket, stop);
                    }
                });
            }
        }
        thread::sleep(SETTLE);
        let result = work();
        stop.store(true, Ordering::Relaxed);
        result
    });
    // Their servers are killed, which the next round should not see.
    thread::sleep(SETTLE);
    result
}

/// What a bad client does until it is stopped.
type Behave = fn(&Path, &AtomicBool) -> io::Result<()>;

/// Each kind, and the server that it comes to.
const KINDS: [(&str, Behave); 4] =
    [("flood", never_read), ("deaf", ask_the_deaf), ("echo", drip), ("echo", send_garbage)];

/// Its server floods it.
fn never_read(socket: &Path, stop: &AtomicBool) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all(HELLO)?;
    wait(stop);
    stream.shutdown(Shutdown::Both)
}

/// Its server never reads. It writes as much as anybody takes.
fn ask_the_deaf(socket: &Path, stop: &AtomicBool) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_write_timeout(Some(TICK))?;
    while !stop.load(Ordering::Relaxed) {
        // Where a part of a note was taken, the rest of it is refused; nobody will see that.
        taken(stream.write(NOTE))?;
    }
    Ok(())
}

/// A byte at a time.
fn drip(socket: &Path, stop: &AtomicBool) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    for &byte in NOTE.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        stream.write_all(&[byte])?;
        thread::sleep(TICK);
    }
    Ok(())
}

/// As much as is taken, without waiting for an answer, until the daemon ends it.
fn send_garbage(socket: &Path, stop: &AtomicBool) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_nonblocking(true)?;
    let lines = GARBAGE.repeat(GARBAGE_LINES);
    let mut buffer = vec![0; 64 << 10];
    let mut head = 0;
    while !stop.load(Ordering::Relaxed) {
        let wrote = taken(stream.write(&lines[head..]))?;
        head = (head + wrote.unwrap_or(0)) % lines.len();
        match (wrote, taken(stream.read(&mut buffer))?) {
            (_, Some(0)) => return Ok(()),
            (None, None) => thread::yield_now(),
            _ => {}
        }
    }
    Ok(())
}

/// How much was moved; nothing if nobody takes or gives now.
fn taken(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        result => result.map(Some),
    }
}

fn wait(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(TICK);
    }
}

const ONE: [&str; 3] = ["crowd.p95_vs_without", "crowd.p95.without", "crowd.p95.with"];
const MANY: [&str; 3] =
    ["crowd.many.p95_vs_without", "crowd.many.p95.without", "crowd.many.p95.with"];
const CLIENTS: usize = 200;
const CALLERS: usize = 20;
const BAD_MAX: usize = (CLIENTS - CALLERS) / KINDS.len();
const ROUNDS: usize = 7;
/// Of one client; with twenty of them there is a call every 3 ms, so that none waits for another.
const PERIOD: Duration = Duration::from_millis(60);
const SETTLE: Duration = Duration::from_millis(500);
/// A byte a second would hardly be seen in a run of three.
const TICK: Duration = Duration::from_millis(10);
const LOWEST: i32 = 19;
const NOTE: &[u8] = b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n";
const GARBAGE: &[u8] = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":{{{\n";
const GARBAGE_LINES: usize = 50;
