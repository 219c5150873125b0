//! What the arguments of a call may be.
//!
//! ```text
//!   raw arguments ──> walk ──> place (is this value one that a rule looks at?)
//!                      │ yes
//!                      v
//!                    check: path, url, dash, pattern, choice, length, range, members, kind
//!                      │
//!                      └──> passes, is refused, or the host has to be asked
//! ```
//!
//! A rule says where it looks and what has to be so there; each kind of check is one file, a pure
//! judge of one value. The arguments are walked once as they stand in the frame, whatever the number
//! of rules. Beside the rules stands the schema that a server listed for a tool.
//!
//! Nothing here resolves a name or a symlink: what a host has to find out is a [`Question`], and
//! [`Arguments::settle`] judges its answer. Nothing here knows of frames, ids or replies.
//!
//! The invariant: no value that a rule looks at is passed over, and none is judged in an object of
//! which two peers may read two different members.

mod check;
mod choice;
mod config;
mod dash;
mod decimal;
mod kind;
mod length;
mod members;
#[cfg(not(feature = "schema"))]
mod no_schema;
mod path;
mod pattern;
mod place;
mod range;
mod rules;
#[cfg(feature = "schema")]
mod schema;
mod table;
mod url;
mod walk;

#[cfg(test)]
mod tests;

pub use config::{
    ArgumentConfig, Kind, LengthConfig, RangeConfig, SchemaConfig, Unknown as UnknownSchema,
};
pub use decimal::Decimal;
pub(crate) use rules::{
    Answer, Arguments, Call, NO_ANSWER, Question, QuestionKind, Refused, Scratch,
};
pub(crate) use table::SchemaTable;
