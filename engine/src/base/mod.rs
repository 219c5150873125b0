//! What every layer above may use: time, sides, limits, reasons, events. No behaviour.

pub mod error;
pub mod event;
pub mod glob;
pub mod limits;
pub mod reason;
pub mod side;
pub mod time;
