//! The mio transports of Portcullis, and the command `portcullis`.
//!
//! ```text
//! cli ---> config          the command line; the strict reader of configurations
//!  |  |--> credential      a token from the environment, a file or standard input
//!  |  |--> demo            a client and a leaking server, with `run` between them
//!  |  `--> scan            files and directories, searched for secrets
//!  `-----> driver, serve   the loops: one session over our own stdio; many behind sockets
//!            |-- session   one engine, its client, its server; moves bytes, never waits
//!            |-- host      what a loop is made of: poll, clock, signals, ledger, records
//!            |-- stdio     descriptors that never block
//!            |-- process   the server's process group, its guard, the way out, signals
//!            |-- recorder  what is told of each event
//!            |     |-- audit   everything, before it takes effect
//!            |     `-- log     what is wanted, for people
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

#[cfg(unix)]
pub mod append;
#[cfg(unix)]
pub mod approval;
#[cfg(unix)]
pub mod audit;
#[cfg(unix)]
pub mod cli;
#[cfg(unix)]
pub mod clock;
#[cfg(unix)]
pub mod config;
#[cfg(unix)]
pub mod credential;
#[cfg(unix)]
pub mod demo;
#[cfg(unix)]
pub mod driver;
#[cfg(unix)]
pub mod error;
#[cfg(unix)]
pub mod host;
#[cfg(unix)]
pub mod log;
#[cfg(unix)]
pub mod paths;
#[cfg(unix)]
pub mod process;
#[cfg(unix)]
pub mod program;
#[cfg(unix)]
pub mod recorder;
#[cfg(unix)]
pub mod scan;
#[cfg(unix)]
pub mod serve;
#[cfg(unix)]
pub mod session;
#[cfg(unix)]
pub mod stats;
#[cfg(unix)]
pub mod stdio;
