//! A running `portcullis serve`, with a configuration that was made for it.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::client::Session;

/// A daemon and the folder of its sockets. Dropping it ends the daemon and all of its children.
#[derive(Debug)]
pub struct Daemon {
    process: Child,
    folder: PathBuf,
}

/// A server's name, and its command.
pub type Server<'a> = (&'a str, &'a [OsString]);

impl Daemon {
    /// Starts it in a folder, without a rate limit and with the frame limit of `run`, and waits until
    /// it listens.
    ///
    /// # Errors
    /// It cannot be started, or does not listen.
    pub fn start(portcullis: &OsString, folder: &Path, servers: &[Server<'_>]) -> io::Result<Self> {
        let config = folder.join("config.yaml");
        // A file of an earlier daemon keeps its mode, which was the same.
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&config)?;
        file.write_all(configuration(servers).as_bytes())?;
        drop(file);
        let process = Command::new(portcullis)
            .arg("serve")
            .arg("--config")
            .arg(&config)
            .env_remove("PORTCULLIS_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut daemon = Self { process, folder: folder.to_owned() };
        for (name, _) in servers {
            daemon.wait_for(&daemon.socket(name))?;
        }
        Ok(daemon)
    }

    /// Where a server's clients connect.
    #[must_use]
    pub fn socket(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.sock"))
    }

    /// The daemon itself, without its children.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// A client comes and goes, so that the daemon has done all of its own beginning.
    fn wait_for(&mut self, socket: &Path) -> io::Result<()> {
        let begun = Instant::now();
        loop {
            match Session::connect(socket) {
                Ok(session) => return session.close(),
                Err(error) if begun.elapsed() > PATIENCE => return Err(error),
                Err(_) => {}
            }
            if let Some(status) = self.process.try_wait()? {
                return Err(io::Error::other(format!("portcullis serve has ended: {status}")));
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for Daemon {
    /// Twice asked, it ends at once.
    fn drop(&mut self) {
        let pid = Pid::from_child(&self.process);
        let begun = Instant::now();
        while self.process.try_wait().is_ok_and(|status| status.is_none()) {
            let signal = if begun.elapsed() < PATIENCE { Signal::TERM } else { Signal::KILL };
            // It may have ended on its own this very moment.
            let _ = kill_process(pid, signal);
            thread::sleep(PAUSE);
        }
    }
}

/// JSON is YAML.
fn configuration(servers: &[Server<'_>]) -> String {
    let servers: Vec<_> = servers
        .iter()
        .map(|(name, command)| {
            let command: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
            json!({"name": name, "command": command, "socket": format!("{name}.sock")})
        })
        .collect();
    json!({
        "socket": {"rate_limit": 0},
        "limits": {"frame_bytes_max": 16 << 20},
        "servers": servers,
    })
    .to_string()
}

const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(5);
