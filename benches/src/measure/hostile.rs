//! What an attacker would send, through the guard and through the finder.

use std::hint::black_box;
use std::io;
use std::sync::Arc;

use portcullis_engine::{Policy, Rules};

use super::Setup;
use super::guard::{engine, faults, ignored_line, turns};
use crate::clock::Paired;
use crate::figure::{Figure, Goal};
use crate::hostile::HOSTILE;
use crate::mix;

/// Each input of a megabyte as a share of the rate of `IgnoredAny` over the same bytes, and the
/// slowest of all.
///
/// # Errors
/// Never; as the other groups.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let (rules, policy) = (Rules::default(), Arc::new(Policy::default()));
    let (rounds, bytes) = (setup.pick(3, PASSES), setup.pick(200_000, BYTES));
    let (mut figures, mut guards, mut finds) = (Vec::new(), Vec::new(), Vec::new());
    for input in HOSTILE {
        let (ask, answer) = input.turn(1, bytes);
        let mut driver = engine(&policy);
        let yardstick = || ignored_line(&answer, TIMES);
        let guard = Paired::rounds(rounds, yardstick, || turns(&mut driver, &ask, &answer, TIMES));
        let mut out = Vec::new();
        let find = Paired::rounds(rounds, yardstick, || {
            for _ in 0..TIMES {
                out.clear();
                rules.find(black_box(&answer), &mut out);
            }
        });
        let name = input.name.replace("pathological/", "");
        let all = answer.len() * TIMES;
        let note = format!(
            "{:.0} MB/s; finder {:.3}, {:.0} MB/s, {} found{}",
            guard.rate(all),
            find.ratio(),
            find.rate(all),
            out.len(),
            faults(&driver)
        );
        guards.push((guard.ratio(), guard.rate(all), name.clone()));
        finds.push((find.ratio(), find.rate(all), name.clone()));
        figures.push(Figure::new(format!("hostile.{name}"), guard.ratio(), "ratio").note(note));
    }
    // Without an escape the parser skips a string at memory speed, so there is a second yardstick:
    // what it makes of clean frames.
    let clean = mix::clean(bytes, 1);
    let parser = Paired::rounds(
        rounds,
        || (),
        || {
            for line in clean.split_inclusive(|&byte| byte == b'\n') {
                ignored_line(line, TIMES);
            }
        },
    );
    let parser = parser.rate(clean.len() * TIMES);
    for (name, rates) in [("hostile.slowest", guards), ("hostile.slowest.finding", finds)] {
        let mut to_clean = rates.clone();
        to_clean.iter_mut().for_each(|(ratio, rate, _)| *ratio = *rate / parser);
        figures.push(worst(name.to_owned(), rates).goal(Goal::AtLeast(SHARE_MIN)));
        figures.push(worst(format!("{name}_vs_clean"), to_clean));
    }
    Ok(figures)
}

/// The slowest, and those after it.
fn worst(name: String, mut rates: Vec<(f64, f64, String)>) -> Figure {
    rates.sort_by(|a, b| a.0.total_cmp(&b.0));
    let named: Vec<String> = rates
        .iter()
        .take(NAMED)
        .map(|(ratio, rate, name)| format!("{name} {ratio:.3} ({rate:.0} MB/s)"))
        .collect();
    let below = rates.iter().filter(|(ratio, ..)| *ratio < SHARE_MIN).count();
    let note = format!("{below} of {} below; {}", rates.len(), named.join(", "));
    let slowest = rates.first().map_or(0.0, |(ratio, ..)| *ratio);
    Figure::new(name, slowest, "ratio").note(note)
}

const SHARE_MIN: f64 = 0.2;
const NAMED: usize = 8;
const BYTES: usize = 1 << 20;
/// How often in one round.
const TIMES: usize = 4;
const PASSES: usize = 5;
