//! Clean frames through the whole way: megabytes a second behind Portcullis and behind the relay.

use std::ffi::OsString;
use std::io;

use super::echo::spread;
use super::{Scratch, Setup, behind};
use crate::client::Session;
use crate::corpus::Conversation;
use crate::figure::{Figure, Goal};
use crate::pin;
use crate::stats::{median, ratios};

/// Both ways in turn on one CPU, with a window of requests in flight; and, without goals, with one
/// request at a time, and on all CPUs.
///
/// # Errors
/// A binary that is missing, a byte that is not the corpus's.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let scratch = Scratch::new()?;
    let path = scratch.path().join("down");
    let talk = setup.conversation()?;
    talk.down.save(&path)?;
    let mut server = setup.echo()?;
    server.extend(["--bulk".into(), path.into_os_string()]);
    let rounds = setup.pick(3, ROUNDS);
    let sample = |window| sample(setup, &server, &talk, rounds, window);
    let one = pin::one_cpu()?.proxy;
    let window = pin::on(one, || sample(WINDOW))?;
    let single = pin::on(one, || sample(1))?;
    let free = sample(WINDOW)?;
    let mut figures = Vec::new();
    for (names, [relay, portcullis]) in NAMES.iter().zip([window, single, free]) {
        let compared = ratios(&portcullis, &relay);
        let ratio = Figure::new(names[0], median(&compared), "ratio").note(spread(&compared));
        figures.push(ratio);
        figures.push(Figure::new(names[1], median(&relay), "MB/s"));
        figures.push(Figure::new(names[2], median(&portcullis), "MB/s"));
    }
    let (megabytes, turns) = (talk.bytes() as f64 / 1e6, talk.up.len());
    let of = format!("{megabytes:.1} MB in {turns} turns of {}", setup.source.name());
    let goal = figures[0].clone().goal(Goal::AtLeast(0.8));
    let note = format!("{}; {of}", goal.note);
    figures[0] = goal.note(note);
    Ok(figures)
}

/// Megabytes a second of relay and Portcullis, round by round; a session for each.
fn sample(
    setup: &Setup,
    server: &[OsString],
    talk: &Conversation,
    rounds: usize,
    window: usize,
) -> io::Result<[Vec<f64>; 2]> {
    let ways = [setup.relay()?, setup.portcullis()?];
    let mut rates: [Vec<f64>; 2] = Default::default();
    for round in 0..rounds {
        for turn in 0..2 {
            let way = (turn + round) % 2;
            let mut session = Session::open(&behind(&ways[way], server))?;
            rates[way].push(session.converse(talk, window)? / 1e6);
            session.close()?;
        }
    }
    Ok(rates)
}

const NAMES: [[&str; 3]; 3] = [
    ["bulk.rate_vs_relay", "bulk.rate.relay", "bulk.rate.portcullis"],
    ["bulk.single_vs_relay", "bulk.single.relay", "bulk.single.portcullis"],
    ["bulk.unpinned_vs_relay", "bulk.unpinned.relay", "bulk.unpinned.portcullis"],
];
const ROUNDS: usize = 10;
const WINDOW: usize = 64;
