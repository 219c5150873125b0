//! `portcullis demo`: a client, a server that leaks, and `portcullis run` between them.
//!
//! All three are this program, each in a process of its own, joined by real pipes. What is shown was
//! sent and received; the reasons come from the audit log that `run` wrote.

mod client;
mod fakes;
mod page;
mod scenes;
mod server;

use std::io;
use std::process::ExitCode;

use clap::ValueEnum;

use page::Page;

/// A part of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Secrets are not taken out
    Redaction,
    /// The client and the server are joined without a guard
    Strict,
    /// No token is configured
    Auth,
    /// Batches are refused
    Batch,
}

/// Shows the demo; whether every check held.
///
/// With a part switched off, the checks of that part have to fail: so it is seen that they can.
///
/// # Errors
/// Why standard output did not take all of it.
pub fn show(broken: Option<Part>) -> io::Result<bool> {
    let mut page = Page::new();
    if let Err(error) = scenes::play(&mut page, broken) {
        page.failure(&error);
    }
    page.finish()
}

/// Is the leaking server, on standard input and output.
#[must_use]
pub fn serve() -> ExitCode {
    server::serve()
}
