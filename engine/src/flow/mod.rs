//! What moves: buffers, queues, tables, and the engine that joins two lanes.

mod aside;
mod close;
mod engine;
mod inbox;
mod journal;
mod judging;
mod ledger;
mod noise;
mod outbox;
mod pending;
mod sending;
mod session;

pub use engine::{Engine, Facts, Metrics, Stall};
pub use ledger::Ledger;
