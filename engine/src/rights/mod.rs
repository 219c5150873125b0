//! Who may use which tool, resource, prompt and method.
//!
//! One table for calls and lists alike. Pure: whoever asks says who wants what of which server.

mod config;
mod selector;
mod spelling;
mod table;

pub use config::{DefaultConfig, Effect, RightConfig, RightsConfig};
pub(crate) use selector::Who;
pub(crate) use table::{Kind, Rights, Ruling};
