//! Finds what must not pass.
