//! Portcullis engine.

pub mod base;
pub mod redact;
