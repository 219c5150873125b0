//! How much the rules find, and how much they find that is none.
//!
//! ```text
//!   examples file ──> example ──> spelling ──> Rules::find ──> recall   by source, in each spelling
//!   rules         ──> rulebook                                          which have an outside example
//!   clean text    ──> clean, made ──> Rules::find ──> alarm ── known    false alarms, each with its place
//! ```
//!
//! Nothing here shows a secret, not even a made-up one: what is listed is a place, a rule and a
//! masked excerpt. The examples belong to others and are read from where the caller says.

pub mod alarm;
pub mod clean;
pub mod example;
pub mod excerpt;
pub mod frame;
pub mod known;
pub mod made;
pub mod recall;
pub mod report;
pub mod rulebook;
pub mod spelling;
