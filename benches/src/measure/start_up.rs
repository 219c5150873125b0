//! From the start of a command to the first byte of the answer to `initialize`.

use std::ffi::OsString;
use std::io;
use std::time::Instant;

use super::{Setup, behind};
use crate::client::Session;
use crate::figure::{Figure, Goal};
use crate::stats::median;

/// The server alone, and behind Portcullis, in turn.
///
/// # Errors
/// A binary that is missing, no answer.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let echo = setup.echo()?;
    let ways = [Vec::new(), setup.relay()?, setup.portcullis()?];
    let mut times: [Vec<f64>; 3] = Default::default();
    for round in 0..setup.pick(10, STARTS) {
        for turn in 0..3 {
            let way = (turn + round) % 3;
            times[way].push(start(&behind(&ways[way], &echo))?);
        }
    }
    let less = |way: usize| -> f64 {
        let pairs = times[way].iter().zip(&times[0]);
        median(&pairs.map(|(proxied, direct)| proxied - direct).collect::<Vec<_>>())
    };
    let count = format!("median of {} starts", times[0].len());
    Ok(vec![
        Figure::new("start_up.added", less(2), "ms").goal(Goal::AtMost(15.0)).note(count),
        Figure::new("start_up.added.relay", less(1), "ms"),
        Figure::new("start_up.direct", median(&times[0]), "ms"),
    ])
}

fn start(command: &[OsString]) -> io::Result<f64> {
    let started = Instant::now();
    let mut session = Session::start(command)?;
    session.hello()?;
    let spent = started.elapsed();
    session.close()?;
    Ok(spent.as_secs_f64() * 1e3)
}

const STARTS: usize = 50;
