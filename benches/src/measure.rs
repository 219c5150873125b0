//! The figures, group by group.

pub mod bulk;
pub mod crowd;
pub mod echo;
pub mod engine;
pub mod finding;
pub mod guard;
pub mod hostile;
pub mod hosts;
pub mod instructions;
pub mod memory;
pub mod policy;
pub mod scan;
pub mod sessions;
pub mod sizes;
pub mod socket;
pub mod start_up;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::corpus::{Conversation, Source};
use crate::daemon::{Daemon, Server};
use crate::figure::Figure;

/// What is measured, how long, and where to print.
#[derive(Debug)]
pub struct Setup {
    /// Short, for a look or for CI: fewer rounds and bytes.
    pub quick: bool,
    /// One JSON object a line instead of text.
    pub json: bool,
    /// The directory with the binaries `portcullis`, `relay` and `echo`.
    pub binaries: PathBuf,
    /// A server of somebody else, measured beside our own.
    pub everything: Option<Vec<OsString>>,
    /// Where clean frames come from.
    pub source: Source,
    /// How many megabytes of them.
    pub megabytes: usize,
    /// A directory that may keep what is slow to make.
    pub cache: PathBuf,
}

/// A group of figures: its name, and what measures it.
pub type Group = (&'static str, fn(&Setup) -> io::Result<Vec<Figure>>);

/// All groups, in the order of the printout.
pub const GROUPS: &[Group] = &[
    ("echo", echo::own),
    ("everything", echo::everything),
    ("bulk", bulk::measure),
    ("guard", guard::measure),
    ("finding", finding::measure),
    ("sizes", sizes::measure),
    ("hostile", hostile::measure),
    ("instructions", instructions::measure),
    ("policy", policy::measure),
    ("hosts", hosts::measure),
    ("scan", scan::measure),
    ("start_up", start_up::measure),
    ("memory", memory::measure),
    ("engine", engine::measure),
    ("socket", socket::measure),
    ("sessions", sessions::measure),
    ("crowd", crowd::measure),
];

impl Setup {
    /// `long`, or `short` when it has to be quick.
    #[must_use]
    pub fn pick<T>(&self, short: T, long: T) -> T {
        if self.quick { short } else { long }
    }

    /// `portcullis run --`, to which a server's command is appended.
    ///
    /// # Errors
    /// The binary was not built.
    pub fn portcullis(&self) -> io::Result<Vec<OsString>> {
        let path = self.binary("portcullis", "portcullis-transports")?;
        Ok(vec![path, "run".into(), "--".into()])
    }

    /// `relay --`, to which a server's command is appended.
    ///
    /// # Errors
    /// The binary was not built.
    pub fn relay(&self) -> io::Result<Vec<OsString>> {
        Ok(vec![self.binary("relay", "portcullis-benches")?, "--".into()])
    }

    /// Our own server.
    ///
    /// # Errors
    /// The binary was not built.
    pub fn echo(&self) -> io::Result<Vec<OsString>> {
        Ok(vec![self.binary("echo", "portcullis-benches")?])
    }

    /// Our own server on one CPU.
    ///
    /// # Errors
    /// As [`echo`](Self::echo).
    pub fn echo_on(&self, cpu: usize) -> io::Result<Vec<OsString>> {
        let mut command = self.echo()?;
        command.extend(["--cpu".into(), cpu.to_string().into()]);
        Ok(command)
    }

    /// A running `portcullis serve` with these servers.
    ///
    /// # Errors
    /// As [`portcullis`](Self::portcullis) and [`Daemon::start`].
    pub fn daemon(&self, scratch: &Scratch, servers: &[Server<'_>]) -> io::Result<Daemon> {
        Daemon::start(&self.portcullis()?[0], scratch.path(), servers)
    }

    /// The clean frames as a conversation.
    ///
    /// # Errors
    /// As [`Source::frames`] and [`Conversation::of`].
    pub fn conversation(&self) -> io::Result<Conversation> {
        Conversation::of(&self.source.frames(self.megabytes, &self.cache)?)
    }

    /// A binary beside our own.
    fn binary(&self, name: &str, package: &str) -> io::Result<OsString> {
        let path = self.binaries.join(name);
        if path.is_file() {
            return Ok(path.into_os_string());
        }
        let text = format!("{} is missing: cargo build --release -p {package}", path.display());
        Err(io::Error::new(io::ErrorKind::NotFound, text))
    }
}

/// A directory of ours below the one for temporary files; removed when dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes it.
    ///
    /// # Errors
    /// What the file system says.
    pub fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("portcullis-figures-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is the system's to clean, as all in that directory.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A prefix and a server's command as one command line.
#[must_use]
pub fn behind(prefix: &[OsString], server: &[OsString]) -> Vec<OsString> {
    [prefix, server].concat()
}
