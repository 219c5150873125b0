//! What every layer above may use: time, sides, limits, reasons, events. No behaviour.

pub mod error;
pub mod event;
// Used by the layers of policy.
#[allow(dead_code)]
pub mod glob;
pub mod limits;
pub mod reason;
pub mod side;
pub mod time;
