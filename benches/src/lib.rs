//! Portcullis benches.
