//! The engine alone against `serde_json` over the same frames.

use std::hint::black_box;
use std::io;
use std::sync::Arc;

use portcullis_engine::{Engine, Limits, Policy, Receiver, Side, Time, Wanted};
use serde::de::IgnoredAny;

use super::Setup;
use crate::clock::Paired;
use crate::corpus::{Conversation, Pieces};
use crate::counting::count;
use crate::drive::Driver;
use crate::figure::{Figure, Goal};
use crate::plant;
use crate::workload::WORKLOADS;

/// Full guard, requests and answers, the copy into the loan included; each of seven passes stands
/// between two of `IgnoredAny` over the same bytes. Then with a secret in each frame, and densely,
/// and what an engine that is warm allocates and moves.
///
/// # Errors
/// A corpus that cannot be made, or a frame that is not JSON.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let talk = setup.conversation()?;
    parse(&talk)?;
    let rounds = setup.pick(3, PASSES);
    let policy = Arc::new(Policy::default());
    let engine = || engine(&policy);
    let mut notes = String::new();
    let paired = Paired::rounds(rounds, || ignored(&talk), || notes = pass(&mut engine(), &talk));
    let note = format!("1 is as fast; {}; {}{notes}", paired.spread(), setup.source.name());
    let clean = paired.rate(talk.bytes());
    let mut figures = vec![
        Figure::new("guard.rate_vs_ignored_any", paired.ratio(), "ratio")
            .goal(Goal::AtLeast(1.0))
            .note(note),
        Figure::new("guard.rate", clean, "MB/s"),
        Figure::new("guard.rate.ignored_any", paired.yardstick_rate(talk.bytes()), "MB/s"),
    ];
    figures.extend(common(&policy, &talk, rounds));
    figures.push(dense(&policy, rounds));
    figures.extend(warm(&policy, &talk));
    Ok(figures)
}

/// An engine with this policy.
///
/// # Panics
/// If default limits do not fit it.
#[must_use]
pub fn engine(policy: &Arc<Policy>) -> Driver {
    let engine = Engine::new(policy.clone(), Limits::default(), Wanted::NONE, Time::default());
    Driver::new(engine.expect("default limits fit"))
}

/// One secret in each frame, against the same frames without.
fn common(policy: &Arc<Policy>, talk: &Conversation, rounds: usize) -> [Figure; 3] {
    let (planted, without) = plant::everywhere(talk);
    let mut drivers = (String::new(), String::new());
    let paired = Paired::rounds(
        rounds,
        || drivers.0 = pass(&mut engine(policy), talk),
        || drivers.1 = pass(&mut engine(policy), &planted),
    );
    // Rates are of bytes, and the planted frames are longer.
    let longer = planted.bytes() as f64 / talk.bytes() as f64;
    let frames = 2 * talk.up.len();
    let each = talk.bytes() / frames.max(1);
    let note = format!(
        "times the clean rate; {} (of times); {frames} frames of {each} bytes, {without} without\
         {}{}",
        paired.spread(),
        drivers.0,
        drivers.1
    );
    let cost = median_difference(&paired) / frames as f64;
    [
        Figure::new("guard.common_vs_clean", paired.ratio() * longer, "ratio")
            .goal(Goal::AtLeast(0.25))
            .note(note),
        Figure::new("guard.rate.common", paired.rate(planted.bytes()), "MB/s"),
        Figure::new("guard.common.added", cost * 1e6, "us").note("for each secret"),
    ]
}

fn median_difference(paired: &Paired) -> f64 {
    let added: Vec<f64> =
        paired.work.iter().zip(&paired.yardstick).map(|(work, clean)| work - clean).collect();
    crate::stats::median(&added)
}

/// Secrets one behind the other.
fn dense(policy: &Arc<Policy>, rounds: usize) -> Figure {
    let workload = WORKLOADS.iter().find(|workload| workload.name.starts_with("dense/"));
    let (ask, answer) = workload.unwrap_or(&WORKLOADS[0]).turn(1, DENSE_BYTES);
    let mut driver = engine(policy);
    let paired = Paired::rounds(
        rounds,
        || ignored_line(&answer, TURNS),
        || turns(&mut driver, &ask, &answer, TURNS),
    );
    let note = format!("{:.0} MB/s{}", paired.rate(answer.len() * TURNS), faults(&driver));
    Figure::new("guard.dense_vs_ignored_any", paired.ratio(), "ratio").note(note)
}

/// What an engine allocates and moves that has seen such frames: the second pass of one engine, in
/// portions as a pipe gives them.
fn warm(policy: &Arc<Policy>, talk: &Conversation) -> [Figure; 2] {
    let mut driver = engine(policy);
    pour(&mut driver, talk);
    let (moved, counted) = count(|| pour(&mut driver, talk));
    let frames: u64 = driver.engine.metrics().frames.iter().sum::<u64>() / 2;
    let each = counted.allocations as f64 / frames.max(1) as f64;
    let allocations = counted.allocations;
    let faults = faults(&driver);
    let note = format!("{allocations} in {frames} frames, in portions of 64 KiB{faults}");
    [
        Figure::new("guard.allocations", each, "per frame").goal(Goal::AtMost(0.0)).note(note),
        Figure::new("guard.moved", moved as f64 / talk.bytes() as f64, "bytes/byte")
            .goal(Goal::AtMost(0.1))
            .note("what was kept whenever the loan began further to the front than the last ended"),
    ]
}

/// A window of requests, then their answers, in portions that know nothing of frames; how many
/// bytes the inboxes moved. An inbox that moves what it keeps lends memory that begins further to
/// the front than the last loan ended, and keeps what came and has not left.
fn pour(driver: &mut Driver, talk: &Conversation) -> u64 {
    let (mut moved, mut received, mut ends) = (0, [0_u64; 2], [0_usize; 2]);
    let sent = driver.sent;
    let sides = [(Side::Client, Receiver::Server), (Side::Server, Receiver::Client)];
    for first in (0..talk.up.len()).step_by(WINDOW) {
        let range = first..talk.up.len().min(first + WINDOW);
        let portions: [(&Pieces, _); 2] = [(&talk.up, sides[0]), (&talk.down, sides[1])];
        for (pieces, (from, to)) in portions {
            let lane = from as usize;
            for mut portion in pieces.between(range.clone()).chunks(PORTION) {
                while !portion.is_empty() {
                    let space = driver.engine.recv_space(from);
                    let count = space.len().min(portion.len());
                    let start = space.as_ptr().addr();
                    if start < ends[lane] {
                        moved += received[lane] - (driver.sent[to as usize] - sent[to as usize]);
                    }
                    ends[lane] = start + count;
                    space[..count].copy_from_slice(&portion[..count]);
                    portion = &portion[count..];
                    driver.engine.recv_commit(&mut driver.ledger, from, count, driver.now);
                    received[lane] += count as u64;
                    driver.take_all(|left| _ = black_box(left));
                }
            }
        }
    }
    moved
}

/// All turns of a conversation; what should not happen to clean frames, for a note.
fn pass(driver: &mut Driver, talk: &Conversation) -> String {
    for (up, down) in talk.up.iter().zip(talk.down.iter()) {
        driver.feed(Side::Client, up);
        driver.feed(Side::Server, down);
    }
    faults(driver)
}

/// The same turn so many times.
pub(super) fn turns(driver: &mut Driver, ask: &[u8], answer: &[u8], times: usize) {
    for _ in 0..times {
        driver.feed(Side::Client, ask);
        driver.feed(Side::Server, answer);
    }
}

/// What was not simply passed, said beside a figure.
pub(super) fn faults(driver: &Driver) -> String {
    let metrics = driver.engine.metrics();
    let [changed, refused, dropped] =
        [metrics.changed, metrics.refused, metrics.dropped].map(|by| by[0] + by[1]);
    if changed + refused + dropped == 0 {
        return String::new();
    }
    format!("; {changed} changed, {refused} refused, {dropped} dropped")
}

/// Whether each frame is JSON at all.
fn parse(talk: &Conversation) -> io::Result<()> {
    for line in lines(talk) {
        serde_json::from_slice::<IgnoredAny>(line)?;
    }
    Ok(())
}

fn ignored(talk: &Conversation) {
    for line in lines(talk) {
        let _ = black_box(serde_json::from_slice::<IgnoredAny>(black_box(line)));
    }
}

/// The parser over the same line so many times.
pub(super) fn ignored_line(line: &[u8], times: usize) {
    for _ in 0..times {
        let _ = black_box(serde_json::from_slice::<IgnoredAny>(black_box(line)));
    }
}

fn lines(talk: &Conversation) -> impl Iterator<Item = &[u8]> {
    let pieces = talk.up.iter().chain(talk.down.iter());
    pieces.flat_map(|piece| piece.split_inclusive(|&byte| byte == b'\n'))
}

const PASSES: usize = 7;
/// As many requests in flight as in `bulk`.
const WINDOW: usize = 64;
/// What a pipe gives at once.
const PORTION: usize = 64 << 10;
const DENSE_BYTES: usize = 64 << 10;
const TURNS: usize = 64;
