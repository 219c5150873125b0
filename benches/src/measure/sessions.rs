//! What the sessions of a daemon cost: resident memory of each that rests, and how many come and go
//! in a second.

use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::memory::resident;
use super::{Scratch, Setup};
use crate::client::Session;
use crate::daemon::Daemon;
use crate::figure::{Figure, Goal};
use crate::pin;
use crate::stats::median;

/// Memory of the daemon alone; its children are processes of others. A session that rests is one
/// that has worked: its server runs and has answered.
///
/// # Errors
/// A binary that is missing, no answer, or no `/proc`.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let scratch = Scratch::new()?;
    let server = setup.echo()?;
    let daemon = || setup.daemon(&scratch, &[("echo", &server)]);
    let limit = Goal::Below(16_384.0);
    let at_once = per_session(&daemon()?, Duration::ZERO, worked)?;
    let mut figures = vec![at_once.figure("sessions.worked", "at once").goal(limit)];
    if !setup.quick {
        let idle = per_session(&daemon()?, REST, worked)?;
        let when = format!("after {} s", REST.as_secs());
        figures.push(idle.figure("sessions.idle", &when).goal(limit));
    }
    let silent = per_session(&daemon()?, Duration::ZERO, Session::connect)?;
    figures.push(silent.figure("sessions.connected", "nothing was sent, so no server runs"));
    let pinned = pin::on(pin::one_cpu()?.proxy, daemon)?;
    figures.extend(rates(setup, &pinned)?);
    Ok(figures)
}

fn worked(socket: &Path) -> io::Result<Session> {
    let mut session = Session::connect(socket)?;
    session.begin()?;
    session.call(1)?;
    Ok(session)
}

/// Bytes for each of the second hundred sessions, and resident memory without a session, with the
/// first hundred, and with both.
struct Grown {
    each: f64,
    sizes: [f64; 3],
}

impl Grown {
    fn figure(&self, name: &'static str, when: &str) -> Figure {
        let [none, first, both] = self.sizes.map(|bytes| bytes / 1024.0);
        let note =
            format!("{when}; {none:.0}, {first:.0}, {both:.0} KiB with 0, 100, 200 sessions");
        Figure::new(name, self.each, "bytes").note(note)
    }
}

/// A daemon that is fresh, or what earlier sessions left would be used again. The first hundred
/// sessions pay for what grows once.
fn per_session(
    daemon: &Daemon,
    rest: Duration,
    open: impl Fn(&Path) -> io::Result<Session>,
) -> io::Result<Grown> {
    let socket = daemon.socket("echo");
    let mut sessions = Vec::with_capacity(2 * SESSIONS);
    let size = || Ok::<_, io::Error>(resident(daemon.id())? * f64::from(1 << 20));
    let mut sizes = [size()?; 3];
    for part in &mut sizes[1..] {
        for _ in 0..SESSIONS {
            sessions.push(open(&socket)?);
        }
        thread::sleep(rest.max(MOMENT));
        *part = size()?;
    }
    sessions.into_iter().try_for_each(Session::close)?;
    Ok(Grown { each: (sizes[2] - sizes[1]) / SESSIONS as f64, sizes })
}

/// Sessions that come and go in a second, one after the other, each until the daemon has closed it.
/// All on one CPU.
fn rates(setup: &Setup, daemon: &Daemon) -> io::Result<Vec<Figure>> {
    let socket = daemon.socket("echo");
    pin::on(pin::one_cpu()?.proxy, || {
        let silent = rate(setup.pick(200, 2_000), || Session::connect(&socket)?.close())?;
        let answered = rate(setup.pick(20, 100), || {
            let mut session = Session::connect(&socket)?;
            session.call(1)?;
            session.close()
        })?;
        let note = "a guard and a server are started for each, and end";
        Ok(vec![
            Figure::new("sessions.rate.silent", silent, "sessions/s").note("nothing is sent"),
            Figure::new("sessions.rate.answered", answered, "sessions/s").note(note),
        ])
    })
}

/// The median over some rounds.
fn rate(count: u32, come_and_go: impl Fn() -> io::Result<()>) -> io::Result<f64> {
    let mut rates = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for _ in 0..count {
            come_and_go()?;
        }
        rates.push(f64::from(count) / begun.elapsed().as_secs_f64());
    }
    Ok(median(&rates))
}

const SESSIONS: usize = 100;
/// An engine gives its memory back 30 s after it last worked.
const REST: Duration = Duration::from_secs(32);
/// What was answered is accounted for by then.
const MOMENT: Duration = Duration::from_millis(500);
const ROUNDS: usize = 5;
