//! The mio transports of Portcullis, and the command `portcullis`.
//!
//! ```text
//! cli ---> config          the command line; the strict reader of configurations
//!  |  `--> demo            a client and a leaking server, with `run` between them
//!  `-----> driver          the loop: moves bytes between descriptors and the engine
//!            |-- stdio     descriptors that never block
//!            |-- process   the server's process group, its guard, the way out, signals
//!            |-- audit     one line for each event
//!            |-- stats     totals in words
//!            `-- clock     the only clock
//! ```
//!
//! The engine decides; nothing here looks into a frame. This crate has no thread on the path of a
//! session, no async runtime, and one line of `unsafe`, which says why.

#![deny(unsafe_code)]

#[cfg(not(unix))]
compile_error!(
    "portcullis-transports needs Unix: process groups, signals and /dev/fd; the engine alone builds everywhere."
);

pub mod audit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod driver;
pub mod error;
pub mod paths;
pub mod process;
pub mod stats;
pub mod stdio;
