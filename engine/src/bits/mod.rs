//! Bits for bytes: 64 of them at a time.
//!
//! This layer turns bytes into masks and does arithmetic on these. It knows neither JSON nor secrets.

#[allow(unsafe_code)]
pub(crate) mod kernel;
pub(crate) mod mask;
