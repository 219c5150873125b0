//! The arithmetic of limits and its tables, each against a naive model that is asked the same.

mod breaker;
mod bucket;
mod buckets;
mod gauge;
mod ledger;
mod lockout;
mod table;

use portcullis_engine::quota::{Key, Subject, Tag};
use proptest::prelude::*;

/// The key of a subject under a rule.
fn key(rule: u8, subject: u8) -> Key {
    Tag::of(&[&[rule]]).key(Subject::of(&[&[subject]]))
}

/// How far the clock goes; sometimes back, sometimes by hours, sometimes to its end.
fn leap() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => Just(0),
        8 => 1..40_i64,
        4 => 40..1_500_i64,
        2 => -50..0_i64,
        2 => 20_000..200_000_i64,
        1 => 3_600_000..90_000_000_i64,
    ]
}

/// How far the clock goes where it only goes on.
fn onward() -> impl Strategy<Value = u64> {
    leap().prop_map(|leap| leap.max(0) as u64)
}
