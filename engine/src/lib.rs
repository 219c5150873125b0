//! Portcullis engine.
#![deny(unsafe_code)]

mod base;
mod flow;
mod judge;
mod redact;
mod wire;

pub use base::error::ConfigError;
pub use base::event::{Answer, Event, EventKind, Label, Message, Ticket, Wanted};
pub use base::limits::Limits;
pub use base::reason::Reason;
pub use base::side::{Receiver, Side};
pub use base::time::{Time, Wake};
pub use flow::{Engine, Facts, Ledger, Metrics, Stall};
pub use judge::policy::{
    AuthConfig, BatchConfig, Policy, PolicyConfig, RefusalConfig, RequestConfig, TokenConfig,
    ToolConfig, UnreadableId,
};
pub use redact::{RedactionConfig, Rules, TextRedactor};
