//! The client of the demo: starts a server, behind the guard or without it, and talks to it over
//! pipes like any other client.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use crate::process::own_program;

/// A session with the leaking server.
pub struct Client {
    process: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    audit: Option<PathBuf>,
    audit_lines: usize,
}

impl Client {
    /// Starts the server behind `portcullis run` with this configuration.
    pub fn guarded(folder: &Folder, name: &str, configuration: &str) -> Result<Self, String> {
        let config = folder.write(&format!("{name}.yaml"), configuration)?;
        let audit = folder.path(&format!("{name}.jsonl"));
        let mut command = command()?;
        command.arg("run").arg("--config").arg(config).arg("--audit").arg(&audit).arg("--");
        command.arg(own_program().map_err(text)?).arg("demo-server");
        Self::start(command, Some(audit))
    }

    /// Starts the server alone.
    pub fn unguarded() -> Result<Self, String> {
        let mut command = command()?;
        command.arg("demo-server");
        Self::start(command, None)
    }

    fn start(mut command: Command, audit: Option<PathBuf>) -> Result<Self, String> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().map_err(text)?;
        let output = process.stdout.take().expect("stdout was asked for as a pipe");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let Ok(line) = line else { return };
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let input = process.stdin.take();
        let mut client = Client { process, input, lines, audit, audit_lines: 0 };
        client.events();
        Ok(client)
    }

    /// Sends a line and waits for one.
    pub fn ask(&mut self, line: &str) -> Result<String, String> {
        let input = self.input.as_mut().expect("the session is open until its end");
        input.write_all(format!("{line}\n").as_bytes()).map_err(text)?;
        self.lines.recv_timeout(PATIENCE).map_err(|_| {
            "no answer came; `portcullis run` with the same server tells why".to_owned()
        })
    }

    /// What the server says it has seen.
    pub fn report(&mut self, more: &str) -> Result<Value, String> {
        let line = self.ask(&call(9_999, "report", more))?;
        let answer: Value = serde_json::from_str(&line).map_err(text)?;
        Ok(answer["result"]["structuredContent"].clone())
    }

    /// The decisions that were recorded since the last call, but for what simply passed.
    pub fn events(&mut self) -> Vec<Value> {
        let Some(audit) = &self.audit else { return Vec::new() };
        let text = std::fs::read_to_string(audit).unwrap_or_default();
        let new: Vec<Value> = text
            .lines()
            .skip(self.audit_lines)
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        self.audit_lines += new.len();
        let telling = |event: &Value| event["kind"] == "changed" || event["kind"] == "refused";
        new.into_iter().filter(telling).collect()
    }

    /// Everything that was recorded.
    pub fn record(&self) -> String {
        self.audit.as_ref().and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default()
    }

    /// Closes the input and waits; whether the session ended well.
    pub fn end(&mut self) -> bool {
        self.input = None;
        self.process.wait().is_ok_and(|status| status.success())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The line that calls a tool, with more members at its end.
pub fn call(id: u32, tool: &str, more: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{tool}"}}{more}}}"#
    )
}

/// Far more than an answer takes.
const PATIENCE: Duration = Duration::from_secs(5);

/// This program, without the user's own settings.
fn command() -> Result<Command, String> {
    let mut command = Command::new(own_program().map_err(text)?);
    command.env_remove("PORTCULLIS_CONFIG");
    Ok(command)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// A directory that nobody else sees, and that is gone afterwards.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Result<Self, String> {
        let base = std::env::temp_dir();
        for attempt in 0..100 {
            let path = base.join(format!("portcullis-demo-{}-{attempt}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Folder(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    let base = base.display();
                    return Err(format!(
                        "{base}: {error}; set TMPDIR to a directory that you may write"
                    ));
                }
            }
        }
        Err(format!("{}: no directory could be made; remove old ones of the demo", base.display()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf, String> {
        let path = self.path(name);
        write_private(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
