//! One call at a time, and 64 in flight: what a proxy adds to an answer.

use std::ffi::OsString;
use std::io;

use super::{Setup, behind};
use crate::client::Session;
use crate::figure::{Figure, Goal};
use crate::pin;
use crate::stats::{median, range, ratios};

/// With our own echo server.
///
/// # Errors
/// A binary that is missing, an answer that is not the one asked for.
pub fn own(setup: &Setup) -> io::Result<Vec<Figure>> {
    let echo = setup.echo()?;
    let samples = pin::on_one_cpu(|| sample(setup, &echo, setup.pick(1_000, 4_000), 2_000))?;
    Ok(figures(&samples, OWN, [Goal::AtMost(1.25), Goal::AtLeast(0.9)]))
}

/// With a server of somebody else, if one was named; without goals.
///
/// # Errors
/// As [`own`].
pub fn everything(setup: &Setup) -> io::Result<Vec<Figure>> {
    let Some(server) = &setup.everything else { return Ok(Vec::new()) };
    let samples = pin::on_one_cpu(|| sample(setup, server, setup.pick(50, 200), 200))?;
    Ok(figures(&samples, EVERYTHING, [Goal::None, Goal::None]))
}

/// Round by round and way by way (the server alone, relay, Portcullis): the median microseconds of
/// one call, and calls per second with a full window.
#[derive(Debug, Default)]
struct Samples {
    call: [Vec<f64>; 3],
    rate: [Vec<f64>; 3],
}

/// All ways in turn, the sessions open throughout; each round starts with another way.
fn sample(setup: &Setup, server: &[OsString], calls: u64, burst: u64) -> io::Result<Samples> {
    let ways = [Vec::new(), setup.relay()?, setup.portcullis()?];
    let open = |way: &Vec<OsString>| Session::open(&behind(way, server));
    let mut sessions = ways.iter().map(open).collect::<io::Result<Vec<_>>>()?;
    let mut next = 1;
    let mut samples = Samples::default();
    for session in &mut sessions {
        session.burst(take(&mut next, burst), burst, WINDOW)?; // warm up
    }
    for round in 0..setup.pick(ROUNDS_QUICK, ROUNDS) {
        let order: [usize; 3] = std::array::from_fn(|index| (index + round) % 3);
        let mut times: [Vec<f64>; 3] = Default::default();
        for _ in 0..calls / BLOCK {
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
