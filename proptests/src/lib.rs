//! What the engine promises, said as properties that hold for every input.
//!
//! A [`world`] drives an engine as a host would, in any schedule; [`streams`] makes what peers
//! send; [`model`] is a second, slow implementation of the protocol over whole lines and a plain JSON
//! library; [`check`] judges what came out without knowing what should have. The properties
//! themselves are in `tests/`, coverage-guided targets in `fuzz/`.
//!
//! Nothing here looks inside the engine: all goes through its public face.

pub mod base64;
pub mod check;
pub mod counting;
pub mod frame;
pub mod json;
pub mod model;
pub mod random;
pub mod script;
pub mod secrets;
pub mod streams;
pub mod transcript;
pub mod world;

use proptest::test_runner::{Config, RngSeed};

/// How much longer than usual to look: `PORTCULLIS_PROPTEST_FACTOR`, 1 by default.
#[must_use]
pub fn factor() -> u32 {
    number("PORTCULLIS_PROPTEST_FACTOR").map_or(1, |factor| factor as u32).max(1)
}

/// Where random streams start: `PORTCULLIS_PROPTEST_SEED`, 1 by default, so that a change is judged
/// by the same cases on every machine; longer runs take a new one.
#[must_use]
pub fn seed() -> u64 {
    number("PORTCULLIS_PROPTEST_SEED").unwrap_or(1)
}

/// So many cases, times the factor. A failure is printed with its smallest input; no file is kept.
#[must_use]
pub fn cases(count: u32) -> Config {
    Config {
        cases: count.saturating_mul(factor()),
        failure_persistence: None,
        max_shrink_iters: 4_000,
        rng_seed: RngSeed::Fixed(seed()),
        ..Config::default()
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text:?}")))
}
