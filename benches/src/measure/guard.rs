//! The engine alone against `serde_json` over the same frames.

use std::hint::black_box;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis_engine::{Engine, Limits, Policy, Side, Time, Wanted};
use serde::de::IgnoredAny;

use super::Setup;
use super::echo::spread;
use crate::corpus::Conversation;
use crate::drive::Driver;
use crate::figure::Figure;
use crate::stats::median;

/// Full guard, requests and answers, from `recv_commit` to `send_commit`; each of seven passes
/// stands between two of `IgnoredAny` over the same bytes, in a buffer as warm.
///
/// # Errors
/// A corpus that cannot be made, or a frame that is not JSON.
///
/// # Panics
/// If the default policy does not compile.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let talk = setup.conversation()?;
    let megabytes = talk.bytes() as f64 / 1e6;
    let policy = Arc::new(Policy::default());
    let engine = || {
        let engine = Engine::new(policy.clone(), Limits::default(), Wanted::NONE, Time::default());
        Driver::new(engine.expect("default limits and policy fit"))
    };
    guard(&mut engine(), &talk); // warm up
    let (mut rates, mut parser, mut compared) = (Vec::new(), Vec::new(), Vec::new());
    let mut notes = String::new();
    for _ in 0..setup.pick(3, PASSES) {
        let mut driver = engine();
        let before = parse(&talk)?.as_secs_f64();
        let spent = guard(&mut driver, &talk).as_secs_f64();
        let after = parse(&talk)?.as_secs_f64();
        let parsed = (before + after) / 2.0;
        rates.push(megabytes / spent);
        parser.push(megabytes / parsed);
        compared.push(parsed / spent);
        notes = faults(&driver);
    }
    let note = format!("1 is as fast; {}; {}{notes}", spread(&compared), setup.source.name());
    Ok(vec![
        Figure::new("guard.rate_vs_ignored_any", median(&compared), "ratio").note(note),
        Figure::new("guard.rate", median(&rates), "MB/s"),
        Figure::new("guard.rate.ignored_any", median(&parser), "MB/s"),
    ])
}

/// What should not happen to clean frames, said beside the figure.
fn faults(driver: &Driver) -> String {
    let metrics = driver.engine.metrics();
    let [changed, refused, dropped] =
        [metrics.changed, metrics.refused, metrics.dropped].map(|by| by[0] + by[1]);
    if changed + refused + dropped == 0 {
        return String::new();
    }
    format!("; NOT CLEAN: {changed} changed, {refused} refused, {dropped} dropped")
}

fn guard(driver: &mut Driver, talk: &Conversation) -> Duration {
    let mut spent = Duration::ZERO;
    for (up, down) in talk.up.iter().zip(talk.down.iter()) {
        spent += driver.feed(Side::Client, up);
        spent += driver.feed(Side::Server, down);
    }
    spent
}

fn parse(talk: &Conversation) -> io::Result<Duration> {
    let mut spent = Duration::ZERO;
    let mut buffer = Vec::new();
    for piece in talk.up.iter().chain(talk.down.iter()) {
        buffer.clear();
        buffer.extend_from_slice(piece);
        let started = Instant::now();
        for line in buffer.split_inclusive(|&byte| byte == b'\n') {
            black_box(serde_json::from_slice::<IgnoredAny>(line)?);
        }
        spent += started.elapsed();
    }
    Ok(spent)
}

const PASSES: usize = 7;
