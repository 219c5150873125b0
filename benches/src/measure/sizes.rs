//! Full guard and finder over frames of four sizes and five kinds of text.

use std::hint::black_box;
use std::io;
use std::sync::Arc;

use portcullis_engine::{Policy, Rules};

use super::Setup;
use super::guard::{engine, faults, ignored_line, turns};
use crate::clock::Paired;
use crate::figure::Figure;
use crate::workload::KINDS;

/// Each as a share of the rate of `IgnoredAny` over the same answers.
///
/// # Errors
/// Never; as the other groups.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let (rules, policy) = (Rules::default(), Arc::new(Policy::default()));
    let (rounds, total) = (setup.pick(3, PASSES), setup.pick(1 << 20, TOTAL));
    let mut figures = Vec::new();
    for (size, bytes) in SIZES {
        for kind in KINDS {
            let (ask, answer) = kind.turn(1, bytes);
            let times = (total / bytes).max(1);
            let mut driver = engine(&policy);
            let yardstick = || ignored_line(&answer, times);
            let guard =
                Paired::rounds(rounds, yardstick, || turns(&mut driver, &ask, &answer, times));
            let mut out = Vec::new();
            let find = Paired::rounds(rounds, yardstick, || {
                for _ in 0..times {
                    out.clear();
                    rules.find(black_box(&answer), &mut out);
                }
            });
            let note = format!(
                "{:.0} MB/s; finder {:.2}, {:.0} MB/s{}",
                guard.rate(answer.len() * times),
                find.ratio(),
                find.rate(answer.len() * times),
                faults(&driver)
            );
            let name = format!("sizes.{size}.{}", kind.name);
            figures.push(Figure::new(name, guard.ratio(), "ratio").note(note));
        }
    }
    Ok(figures)
}

const SIZES: [(&str, usize); 4] =
    [("200B", 60), ("4KiB", 4_000), ("64KiB", 65_000), ("4MiB", 4_190_000)];
const TOTAL: usize = 8 << 20;
const PASSES: usize = 7;
