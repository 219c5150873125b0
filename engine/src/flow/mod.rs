//! What moves: buffers, queues, tables, and the engine that joins two lanes.

mod aside;
mod batches;
mod close;
mod engine;
mod inbox;
mod journal;
mod judging;
mod ledger;
mod lockout;
mod memory;
mod metering;
mod noise;
mod outbox;
mod passing;
mod patience;
mod pending;
mod records;
mod refusing;
mod schemas;
mod sending;
mod session;
mod tasks;
mod tickets;
mod verdict;

pub use engine::{Engine, Metrics, Stall};
pub use ledger::Ledger;
pub use session::Facts;
