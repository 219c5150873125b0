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
    let plan = |places: Places| -> io::Result<Plan> {
        let mut server = setup.echo()?;
        server.extend(["--cpu".into(), places.ends.to_string().into()]);
        Ok(Plan { places, server, calls: setup.pick(1_000, 4_000), burst: 2_000 })
    };
    let together = sample(setup, &plan(pin::one_cpu()?)?)?;
    let apart = sample(setup, &plan(pin::two_cpus()?)?)?;
    let mut figures = figures(&together, OWN, [Goal::AtMost(1.25), Goal::AtLeast(0.9)]);
    figures.extend(self::figures(&apart, APART, [Goal::None, Goal::None]));
    Ok(figures)
}

/// With a server of somebody else, if one was named; without goals.
///
/// # Errors
/// As [`own`].
pub fn everything(setup: &Setup) -> io::Result<Vec<Figure>> {
    let Some(server) = setup.everything.clone() else { return Ok(Vec::new()) };
    let calls = setup.pick(50, 200);
    let samples = sample(setup, &Plan { places: pin::one_cpu()?, server, calls, burst: 200 })?;
    Ok(figures(&samples, EVERYTHING, [Goal::None, Goal::None]))
}

/// What one sampling does.
struct Plan {
    places: Places,
    server: Vec<OsString>,
    /// Calls one by one, of each way in each round.
    calls: u64,
    /// Calls of a burst.
    burst: u64,
}

/// Round by round and way by way (the server alone, relay, Portcullis): the median microseconds of
/// one call, and calls per second with a full window.
#[derive(Debug, Default)]
struct Samples {
    call: [Vec<f64>; 3],
    rate: [Vec<f64>; 3],
}

/// All ways in turn, the sessions open throughout; each round starts with another way.
fn sample(setup: &Setup, plan: &Plan) -> io::Result<Samples> {
    pin::on(plan.places.ends, || sample_here(setup, plan))
}

fn sample_here(setup: &Setup, plan: &Plan) -> io::Result<Samples> {
    let burst = plan.burst;
    let ways = [Vec::new(), setup.relay()?, setup.portcullis()?];
    let open = |way: &Vec<OsString>| {
        pin::on(plan.places.proxy, || Session::open(&behind(way, &plan.server)))
    };
    let mut sessions = ways.iter().map(open).collect::<io::Result<Vec<_>>>()?;
    let mut next = 1;
    let mut samples = Samples::default();
    for session in &mut sessions {
        session.burst(take(&mut next, burst), burst, WINDOW)?; // warm up
    }
    for round in 0..setup.pick(ROUNDS_QUICK, ROUNDS) {
        let order: [usize; 3] = std::array::from_fn(|index| (index + round) % 3);
        let mut times: [Vec<f64>; 3] = Default::default();
        for _ in 0..plan.calls / BLOCK {
            for way in order {
                for _ in 0..BLOCK {
                    let spent = sessions[way].call(take(&mut next, 1))?;
                    times[way].push(spent.as_secs_f64() * 1e6);
                }
            }
        }
        let mut rates: [Vec<f64>; 3] = Default::default();
        for _ in 0..BURSTS {
            for way in order {
                let first = take(&mut next, burst);
                rates[way].push(sessions[way].burst(first, burst, WINDOW)?);
            }
        }
        for way in order {
            samples.call[way].push(median(&times[way]));
            samples.rate[way].push(median(&rates[way]));
        }
    }
    sessions.into_iter().try_for_each(Session::close)?;
    Ok(samples)
}

fn take(next: &mut u64, count: u64) -> u64 {
    *next += count;
    *next - count
}

fn figures(samples: &Samples, names: [&'static str; 8], goals: [Goal; 2]) -> Vec<Figure> {
    let less = |way: usize| -> Vec<f64> {
        let pairs = samples.call[way].iter().zip(&samples.call[0]);
        pairs.map(|(proxied, direct)| proxied - direct).collect()
    };
    let added = ratios(&less(2), &less(1));
    let rates = ratios(&samples.rate[2], &samples.rate[1]);
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
