//! One call at a time, and 64 in flight: what a proxy adds to an answer.

use std::ffi::OsString;
use std::io;

use super::{Setup, behind};
use crate::client::Session;
use crate::figure::{Figure, Goal};
use crate::pin::{self, Places};
use crate::stats::{median, range, ratios};

/// With our own echo server: all on one CPU, and, without goals, the proxy on a CPU of its own.
///
/// # Errors
/// A binary that is missing, an answer that is not the one asked for.
pub fn own(setup: &Setup) -> io::Result<Vec<Figure>> {
    let at = |places: Places| {
        let plan = Plan::new(setup, places);
        sample(setup, &plan, || stdio(setup, &plan, &setup.echo_on(places.ends)?))
    };
    let together = at(pin::one_cpu()?)?;
    let apart = at(pin::two_cpus()?)?;
    let mut figures = figures(&together, OWN, [Goal::AtMost(1.25), Goal::AtLeast(0.9)]);
    figures.extend(self::figures(&apart, APART, [Goal::None, Goal::None]));
    Ok(figures)
}

/// With a server of somebody else, if one was named; without goals.
///
/// # Errors
/// As [`own`].
pub fn everything(setup: &Setup) -> io::Result<Vec<Figure>> {
    let Some(server) = &setup.everything else { return Ok(Vec::new()) };
    let plan = Plan { places: pin::one_cpu()?, calls: setup.pick(50, 200), burst: 200 };
    let samples = sample(setup, &plan, || stdio(setup, &plan, server))?;
    Ok(figures(&samples, EVERYTHING, [Goal::None, Goal::None]))
}

/// What one sampling does.
pub(super) struct Plan {
    pub(super) places: Places,
    /// Calls one by one, of each way in each round.
    calls: u64,
    /// Calls of a burst.
    burst: u64,
}

impl Plan {
    /// For a server that costs next to nothing.
    pub(super) fn new(setup: &Setup, places: Places) -> Self {
        Plan { places, calls: setup.pick(1_000, 4_000), burst: 2_000 }
    }
}

/// Way by way and round by round: the median microseconds of one call, and calls per second with a
/// full window. The first way is the server alone.
pub(super) struct Samples {
    pub(super) call: Vec<Vec<f64>>,
    pub(super) rate: Vec<Vec<f64>>,
}

/// The server alone, behind the relay, behind Portcullis.
fn stdio(setup: &Setup, plan: &Plan, server: &[OsString]) -> io::Result<Vec<Session>> {
    let ways = [Vec::new(), setup.relay()?, setup.portcullis()?];
    let open =
        |way: &Vec<OsString>| pin::on(plan.places.proxy, || Session::open(&behind(way, server)));
    ways.iter().map(open).collect()
}

/// All ways in turn, the sessions open throughout; each round starts with another way.
pub(super) fn sample(
    setup: &Setup,
    plan: &Plan,
    open: impl FnOnce() -> io::Result<Vec<Session>>,
) -> io::Result<Samples> {
    pin::on(plan.places.ends, || sample_here(setup, plan, open()?))
}

fn sample_here(setup: &Setup, plan: &Plan, mut sessions: Vec<Session>) -> io::Result<Samples> {
    let burst = plan.burst;
    let ways = sessions.len();
    let none = vec![Vec::new(); ways];
    let mut next = 1;
    let mut samples = Samples { call: none.clone(), rate: none.clone() };
    for session in &mut sessions {
        session.burst(take(&mut next, burst), burst, WINDOW)?; // warm up
    }
    for round in 0..setup.pick(ROUNDS_QUICK, ROUNDS) {
        let order = || (0..ways).map(|index| (index + round) % ways);
        let mut times: Vec<Vec<f64>> = none.clone();
        for _ in 0..plan.calls / BLOCK {
            for way in order() {
                for _ in 0..BLOCK {
                    let spent = sessions[way].call(take(&mut next, 1))?;
                    times[way].push(spent.as_secs_f64() * 1e6);
                }
            }
        }
        let mut rates: Vec<Vec<f64>> = none.clone();
        for _ in 0..BURSTS {
            for way in order() {
                let first = take(&mut next, burst);
                rates[way].push(sessions[way].burst(first, burst, WINDOW)?);
            }
        }
        for way in order() {
            samples.call[way].push(median(&times[way]));
            samples.rate[way].push(median(&rates[way]));
        }
    }
    sessions.into_iter().try_for_each(Session::close)?;
    Ok(samples)
}

impl Samples {
    /// What one way adds to the server alone, as a multiple of what another adds, round by round.
    pub(super) fn added(&self, these: usize, those: usize) -> Vec<f64> {
        let less = |way: usize| -> Vec<f64> {
            let pairs = self.call[way].iter().zip(&self.call[0]);
            pairs.map(|(proxied, direct)| proxied - direct).collect()
        };
        ratios(&less(these), &less(those))
    }

    /// The calls per second of one way, as a share of another's, round by round.
    pub(super) fn rates(&self, these: usize, those: usize) -> Vec<f64> {
        ratios(&self.rate[these], &self.rate[those])
    }
}

fn take(next: &mut u64, count: u64) -> u64 {
    *next += count;
    *next - count
}

fn figures(samples: &Samples, names: [&'static str; 8], goals: [Goal; 2]) -> Vec<Figure> {
    let (added, rates) = (samples.added(2, 1), samples.rates(2, 1));
    let mut figures = vec![
        Figure::new(names[0], median(&added), "ratio").goal(goals[0]).note(spread(&added)),
        Figure::new(names[1], median(&rates), "ratio").goal(goals[1]).note(spread(&rates)),
    ];
    for way in 0..3 {
        figures.push(Figure::new(names[2 + way], median(&samples.call[way]), "us"));
    }
    for way in 0..3 {
        figures.push(Figure::new(names[5 + way], median(&samples.rate[way]), "calls/s"));
    }
    figures
}

/// `0.93 to 1.04 in 10 rounds`.
pub(super) fn spread(values: &[f64]) -> String {
    let (low, high) = range(values);
    format!("{low:.2} to {high:.2} in {} rounds", values.len())
}

const OWN: [&str; 8] = [
    "echo.added_vs_relay",
    "echo.rate64_vs_relay",
    "echo.call.direct",
    "echo.call.relay",
    "echo.call.portcullis",
    "echo.rate64.direct",
    "echo.rate64.relay",
    "echo.rate64.portcullis",
];
const APART: [&str; 8] = [
    "echo.apart.added_vs_relay",
    "echo.apart.rate64_vs_relay",
    "echo.apart.call.direct",
    "echo.apart.call.relay",
    "echo.apart.call.portcullis",
    "echo.apart.rate64.direct",
    "echo.apart.rate64.relay",
    "echo.apart.rate64.portcullis",
];
const EVERYTHING: [&str; 8] = [
    "everything.added_vs_relay",
    "everything.rate64_vs_relay",
    "everything.call.direct",
    "everything.call.relay",
    "everything.call.portcullis",
    "everything.rate64.direct",
    "everything.rate64.relay",
    "everything.rate64.portcullis",
];
const ROUNDS: usize = 10;
const ROUNDS_QUICK: usize = 4;
/// Calls of one way before the next way's turn: short enough that both see the same machine.
const BLOCK: u64 = 50;
/// Bursts of each way in a round, in turn; their median counts.
const BURSTS: usize = 9;
const WINDOW: u64 = 64;
