//! Portcullis transports.

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
pub mod paths;
pub mod process;
pub mod stats;
pub mod stdio;
