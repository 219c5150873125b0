//! Bytes on the wire: where a frame ends, whether it is strict JSON, and where its members stand.
//!
//! One read of memory serves framing, validation and the search for places that may hold a secret.
//! Nothing here decides; nothing here allocates for a frame once one of its size has passed.

pub(crate) mod cursor;
pub(crate) mod fold;
pub(crate) mod grammar;
pub(crate) mod hits;
pub(crate) mod id;
pub(crate) mod number;
pub(crate) mod scanner;
pub(crate) mod skim;
pub(crate) mod text;
pub(crate) mod trail;
