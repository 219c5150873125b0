//! The echo figures through the socket of `portcullis serve`, and through `portcullis connect`.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use super::echo::{Plan, Samples, sample, spread};
use super::{Scratch, Setup, behind};
use crate::client::Session;
use crate::figure::{Figure, Goal};
use crate::pin;
use crate::stats::median;

/// All on one CPU. Each way has a relay of the same shape beside it: a client on a socket and a
/// server on pipes; and a bridge from pipes to such a socket in front of that.
///
/// # Errors
/// A binary that is missing, an answer that is not the one asked for.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let plan = Plan::new(setup, pin::one_cpu()?);
    let scratch = Scratch::new()?;
    let cpu = plan.places.proxy;
    let server = setup.echo_on(plan.places.ends)?;
    let daemon = pin::on(cpu, || setup.daemon(&scratch, &[("echo", &server)]))?;
    let samples = sample(setup, &plan, || {
        pin::on(cpu, || {
            let relay = setup.relay()?;
            let [first, second] = ["relay", "bridged"].map(|name| scratch.path().join(name));
            let _relays = [listen(setup, &first, &server)?, listen(setup, &second, &server)?];
            Ok(vec![
                Session::open(&server)?,
                Session::open(&behind(&relay, &server))?,
                open(Session::connect(&first)?)?,
                open(Session::connect(&daemon.socket("echo"))?)?,
                Session::open(&[relay[0].clone(), "--connect".into(), second.into()])?,
                Session::open(&[
                    setup.portcullis()?[0].clone(),
                    "connect".into(),
                    daemon.socket("echo").into(),
                ])?,
            ])
        })
    })?;
    Ok(figures(&samples))
}

fn open(mut session: Session) -> io::Result<Session> {
    session.begin()?;
    Ok(session)
}

/// A relay that waits for its one client at this path, and ends with it.
fn listen(setup: &Setup, path: &Path, server: &[OsString]) -> io::Result<Child> {
    let mut child = Command::new(&setup.relay()?[0])
        .arg("--listen")
        .arg(path)
        .arg("--")
        .args(server)
        .spawn()?;
    let begun = Instant::now();
    while !path.exists() {
        if let (Some(_), _) | (_, true) = (child.try_wait()?, begun.elapsed() > PATIENCE) {
            return Err(io::Error::other("the relay does not listen"));
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(child)
}

fn figures(samples: &Samples) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (names, these, those, goals) in COMPARED {
        let both = [samples.added(these, those), samples.rates(these, those)];
        for ((name, ratios), goal) in names.into_iter().zip(both).zip(goals) {
            figures
                .push(Figure::new(name, median(&ratios), "ratio").goal(goal).note(spread(&ratios)));
        }
    }
    for (way, name) in CALLS.into_iter().enumerate() {
        figures.push(Figure::new(name, median(&samples.call[way]), "us"));
    }
    for (way, name) in RATES.into_iter().enumerate() {
        figures.push(Figure::new(name, median(&samples.rate[way]), "calls/s"));
    }
    figures
}

/// Names of a comparison, which way is compared with which, and what it has to reach.
type Compared = ([&'static str; 2], usize, usize, [Goal; 2]);

const COMPARED: [Compared; 3] = [
    (
        ["socket.added_vs_relay", "socket.rate64_vs_relay"],
        SERVE,
        RELAY,
        [Goal::AtMost(1.25), Goal::AtLeast(0.9)],
    ),
    (
        ["socket.added_vs_stdio_relay", "socket.rate64_vs_stdio_relay"],
        SERVE,
        STDIO_RELAY,
        [Goal::None, Goal::None],
    ),
    (
        ["socket.connect.added_vs_relays", "socket.connect.rate64_vs_relays"],
        CONNECT,
        RELAYS,
        [Goal::None, Goal::None],
    ),
];
const STDIO_RELAY: usize = 1;
const RELAY: usize = 2;
const SERVE: usize = 3;
const RELAYS: usize = 4;
const CONNECT: usize = 5;
const CALLS: [&str; 6] = [
    "socket.call.direct",
    "socket.call.stdio_relay",
    "socket.call.relay",
    "socket.call.serve",
    "socket.call.relays",
    "socket.call.connect",
];
const RATES: [&str; 6] = [
    "socket.rate64.direct",
    "socket.rate64.stdio_relay",
    "socket.rate64.relay",
    "socket.rate64.serve",
    "socket.rate64.relays",
    "socket.rate64.connect",
];
const PATIENCE: Duration = Duration::from_secs(10);
