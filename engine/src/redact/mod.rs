//! Finds what must not pass: credentials in text.
//!
//! ```text
//!   raw frame ──> sieve ──> prefilter (announce, custom_may_match) ──> nothing to do, almost always
//!                      │ a candidate
//!                      v
//!   decoded string ──> finder (find) ──> matches ──> whoever rewrites the frame
//! ```
//!
//! What a reader does not see (`unseen`) is found in decoded text too, apart from secrets.
//!
//! This layer looks at bytes and says where secrets are. It never rewrites JSON, never decides what
//! becomes of a frame, and holds no text between calls, except for [`TextRedactor`], which holds a
//! partial line.
//!
//! The invariant: what [`Rules::find`] finds in a decoded string, `Rules::announce` or
//! [`Rules::custom_may_match`] has announced on its raw text.

mod action;
mod admission;
mod allow;
mod assign;
mod block;
mod catalogue;
mod checksum;
mod class;
mod config;
mod context;
mod encoding;
mod entropy;
mod finder;
mod gate;
mod index;
mod inner;
mod judge;
mod keyed;
mod literal;
mod matcher;
mod names;
mod needles;
mod option;
mod path;
mod pattern;
mod personal;
mod places;
mod prefilter;
mod rule;
mod rules;
mod ruling;
mod sample;
mod seal_key;
mod setting;
mod sieve;
mod signed;
pub(crate) mod spelling;
mod text;
mod unseen;
mod url;
mod vicinity;
mod view;

#[cfg(test)]
mod tests;

pub use action::Action;
pub(crate) use action::mask_spelled;
pub(crate) use admission::{NEST_MAX, Refusal, admit};
pub(crate) use allow::Passing;
#[cfg(test)]
pub(crate) use class::METER;
pub(crate) use class::meter;
pub use config::{
    AllowConfig, GroupConfig, NameConfig, PatternConfig, PatternFault, PatternKind, RedactionConfig,
};
pub(crate) use path::{Path, Step};
pub(crate) use pattern::{PATTERN_BYTES_MAX, build as build_regex};
pub(crate) use places::{BATCH, Batch, Recent, Window};
pub(crate) use prefilter::Asked;
pub use rule::{Group, RuleKind, Severity};
pub use rules::{Match, RuleId, RuleInfo, Rules, all};
pub use seal_key::SealKey;
pub(crate) use setting::REPLACEMENT_BYTES_MAX;
pub use setting::{Mode, RuleConfig};
pub use text::TextRedactor;
pub use unseen::{Unseen, UnseenKind};
pub use view::Writing;
pub(crate) use view::{Buffers, may_escape};
