//! What an engine keeps, counted by the allocator.

use std::io;
use std::sync::Arc;

use portcullis_engine::{Engine, Limits, Policy, Side, Time, Wanted};

use super::Setup;
use crate::counting::count;
use crate::drive::Driver;
use crate::figure::{Figure, Goal};
use crate::workload::WORKLOADS;

/// Bytes of an idle engine, fresh and after a session that rests, and allocations per clean frame.
/// The compiled policy is shared by all engines and not counted here.
///
/// # Errors
/// Never; as the other groups.
///
/// # Panics
/// If the default policy does not compile, or without a counting allocator.
pub fn measure(_: &Setup) -> io::Result<Vec<Figure>> {
    let (policy, compiled) = count(|| Arc::new(Policy::default()));
    assert!(compiled.live_bytes > 0, "this binary does not count allocations");
    let (driver, fresh) = count(|| {
        let engine = Engine::new(policy.clone(), Limits::default(), Wanted::NONE, Time::default());
        Box::new(Driver::new(engine.expect("default limits and policy fit")))
    });
    let mut driver = driver;
    let turns: Vec<Turn> = (0..TURNS).map(|id| WORKLOADS[0].turn(id, 100 << (id % 11))).collect();
    let ((), first) = count(|| talk(&mut driver, &turns));
    let ((), second) = count(|| talk(&mut driver, &turns));
    let ((), rest) = count(|| driver.pass_time(REST_MS));
    let each = second.allocations as f64 / (2 * TURNS) as f64;
    let (fresh, rest) = (
        fresh.live_bytes,
        fresh.live_bytes + first.live_bytes + second.live_bytes + rest.live_bytes,
    );
    let limit = Goal::Below(8_192.0);
    Ok(vec![
        Figure::new("engine.idle", rest as f64, "bytes").goal(limit).note("31 s after traffic"),
        Figure::new("engine.fresh", fresh as f64, "bytes").goal(limit).note("with its ledger"),
        Figure::new("engine.policy", compiled.live_bytes as f64, "bytes").note("shared by all"),
        Figure::new("engine.allocations", each, "per frame").goal(Goal::AtMost(0.0)),
    ])
}

/// A request and its answer.
type Turn = (Vec<u8>, Vec<u8>);

/// Requests and clean answers of up to 100 KB; made beforehand, so that nothing else allocates.
fn talk(driver: &mut Driver, turns: &[Turn]) {
    for (up, down) in turns {
        driver.feed(Side::Client, up);
        driver.feed(Side::Server, down);
    }
}

const TURNS: u64 = 440;
const REST_MS: u64 = 31_000;
