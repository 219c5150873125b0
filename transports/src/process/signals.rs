//! Signals as readable facts.

use std::io;
use std::sync::Arc;

use mio::{Interest, Registry, Token};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGXFSZ};

/// What a signal tells a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// SIGTERM or SIGINT: end in order; the second time at once.
    Leave,
    /// SIGHUP: the terminal is gone, or somebody wants the configuration to be read again.
    HangUp,
    /// SIGUSR1: print the statistics.
    Report,
    /// SIGCHLD: a child may have ended.
    Child,
}

/// The signals that we mind. SIGPIPE is ignored by Rust's runtime: writes say so instead.
pub struct Signals(signal_hook_mio::v1_0::Signals);

impl Signals {
    /// Catches them from now on. To be called before the child starts, so that its end is seen.
    ///
    /// # Errors
    /// What the system said.
    pub fn catch(registry: &Registry, token: Token) -> io::Result<Self> {
        // A file over its limit is an error of that write, which the audit log tells of.
        signal_hook::flag::register(SIGXFSZ, Arc::default())?;
        let mut signals =
            signal_hook_mio::v1_0::Signals::new([SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD])?;
        registry.register(&mut signals, token, Interest::READABLE)?;
        Ok(Signals(signals))
    }

    /// Those that came since the last call.
    pub fn told(&mut self) -> impl Iterator<Item = Told> + '_ {
        self.0.pending().map(|number| match number {
            SIGUSR1 => Told::Report,
            SIGCHLD => Told::Child,
            SIGHUP => Told::HangUp,
            _ => Told::Leave,
        })
    }
}
