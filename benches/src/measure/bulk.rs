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

/// Both ways in turn on one CPU; and, without a goal, on all.
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
    let [relay, portcullis] = pin::on_one_cpu(|| sample(setup, &server, &talk, rounds))?;
    let [free_relay, free_portcullis] = sample(setup, &server, &talk, rounds)?;
    let pinned = ratios(&portcullis, &relay);
    let free = ratios(&free_portcullis, &free_relay);
    let of = format!(
        "{}; {:.1} MB in {} turns of {}",
        spread(&pinned),
        talk.bytes() as f64 / 1e6,
        talk.up.len(),
        setup.source.name(),
    );
    Ok(vec![
        Figure::new("bulk.rate_vs_relay", median(&pinned), "ratio")
            .goal(Goal::AtLeast(0.5))
            .note(of),
        Figure::new("bulk.rate.relay", median(&relay), "MB/s"),
        Figure::new("bulk.rate.portcullis", median(&portcullis), "MB/s"),
        Figure::new("bulk.unpinned_vs_relay", median(&free), "ratio").note(spread(&free)),
        Figure::new("bulk.unpinned.relay", median(&free_relay), "MB/s"),
        Figure::new("bulk.unpinned.portcullis", median(&free_portcullis), "MB/s"),
    ])
}

/// Megabytes a second of relay and Portcullis, round by round; a session for each.
fn sample(
    setup: &Setup,
    server: &[OsString],
    talk: &Conversation,
    rounds: usize,
) -> io::Result<[Vec<f64>; 2]> {
    let ways = [setup.relay()?, setup.portcullis()?];
    let mut rates: [Vec<f64>; 2] = Default::default();
    for round in 0..rounds {
        for turn in 0..2 {
            let way = (turn + round) % 2;
            let mut session = Session::open(&behind(&ways[way], server))?;
            rates[way].push(session.converse(talk, WINDOW)? / 1e6);
            session.close()?;
        }
    }
    Ok(rates)
}

const ROUNDS: usize = 10;
const WINDOW: usize = 64;
