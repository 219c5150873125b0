//! What the tests of `serve` share: a directory with a configuration, daemons that serve it, and
//! clients that connect to them.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};

use super::{PATIENCE, PORTCULLIS, Session, finish, portcullis};

/// A directory for its owner alone, with a configuration and the sockets that it names.
pub struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    /// With this configuration, of which JSON is a part.
    pub fn new(config: &Value) -> Self {
        let home = Home::empty();
        home.configure(config);
        home
    }

    /// Without a configuration yet.
    pub fn empty() -> Self {
        Home { folder: tempfile::tempdir().expect("there is room for a directory") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn configure(&self, config: &Value) {
        self.write("config.yaml", &config.to_string(), 0o600);
    }

    pub fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("the directory is ours");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("the file is ours");
        path
    }

    /// A command of portcullis with `--config`.
    pub fn command(&self, subcommand: &str) -> Command {
        let mut command = portcullis(subcommand);
        command.arg("--config").arg(self.path("config.yaml"));
        command
    }

    /// A daemon at work, which logs at level `info`.
    pub fn serve(&self) -> Daemon {
        let mut command = self.command("serve");
        command.args(["--log-level", "info"]);
        self.serve_with(command)
    }

    /// The same, started by this command.
    pub fn serve_with(&self, command: Command) -> Daemon {
        let session = Session::start(command);
        session.errors.find(" listens on ");
        Daemon { session }
    }

    /// A command that joins a client to the socket of this name.
    pub fn bridge(&self, socket: &str) -> Command {
        let mut command = portcullis("connect");
        command.arg(self.path(socket));
        command
    }

    pub fn client(&self, socket: &str) -> Client {
        Client::of(&self.path(socket))
    }

    /// What the daemon behind this socket tells about itself.
    pub fn status(&self, socket: &str) -> Value {
        let (status, output, errors) =
            finish(portcullis("status").arg("--json").arg(self.path(socket)));
        assert_eq!(status, 0, "{errors}");
        serde_json::from_str(&output).expect("the status is JSON")
    }

    /// Waits until the daemon behind this socket tells something that is so.
    pub fn wait_for(&self, socket: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let status = self.status(socket);
            if is_so(&status) {
                return status;
            }
            assert!(Instant::now() < end, "it stays so: {status}");
            std::thread::yield_now();
        }
    }

    /// Waits until the daemon behind this socket has so many sessions and children.
    pub fn wait_for_counts(&self, socket: &str, sessions: u64, children: u64) -> Value {
        self.wait_for(socket, |it| it["sessions"] == sessions && it["children"] == children)
    }
}

/// Waits until something that nobody reports is so.
pub fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "not so in time: {what}");
        std::thread::yield_now();
    }
}

/// A configuration with these servers.
pub fn config_of(servers: &[Value]) -> Value {
    json!({"servers": servers})
}

/// A server that answers each request, behind `NAME.sock`.
pub fn answering(name: &str) -> Value {
    server(name, &[PORTCULLIS, "demo-server"])
}

/// A shell script as a server, behind `NAME.sock`; `$0` is portcullis.
pub fn scripted(name: &str, script: &str) -> Value {
    server(name, &["sh", "-c", script, PORTCULLIS])
}

/// A server behind `NAME.sock`.
pub fn server(name: &str, command: &[&str]) -> Value {
    json!({"name": name, "command": command, "socket": format!("{name}.sock")})
}

/// A daemon at work, killed if a test gives up on it.
pub struct Daemon {
    pub session: Session,
}

impl Daemon {
    pub fn pid(&self) -> u32 {
        self.session.process.id()
    }

    /// The next line on its standard error that holds this text.
    pub fn says(&self, text: &str) -> String {
        self.session.errors.find(text)
    }

    /// Its end, on SIGTERM; the exit status.
    pub fn end(&mut self) -> i32 {
        self.session.signal(rustix::process::Signal::TERM);
        self.session.wait().0
    }

    pub fn kill(&mut self) {
        self.session.process.kill().expect("the daemon is ours");
        self.session.wait();
    }
}

/// A client on a socket. It waits for nothing longer than [`PATIENCE`].
pub struct Client {
    pub stream: UnixStream,
    reader: BufReader<UnixStream>,
}

impl Client {
    pub fn of(path: &Path) -> Self {
        Client::new(UnixStream::connect(path).expect("somebody listens"))
    }

    pub fn new(stream: UnixStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("the socket is ours");
        stream.set_write_timeout(Some(PATIENCE)).expect("the socket is ours");
        let reader = BufReader::new(stream.try_clone().expect("a descriptor is left"));
        Client { stream, reader }
    }

    pub fn send(&mut self, line: &str) {
        self.stream.write_all(format!("{line}\n").as_bytes()).expect("the daemon reads");
    }

    /// The next line, or `None` at the end.
    pub fn next(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.reader.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(line.trim_end_matches('\n').to_owned()),
            // What was sent after the daemon had closed makes an end an error.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => None,
            Err(error) => panic!("no line came, and no end: {error}"),
        }
    }

    /// Sends a line and takes the next that comes.
    pub fn ask(&mut self, line: &str) -> String {
        self.send(line);
        self.next().expect("an answer, and no end")
    }

    /// Says that nothing more comes.
    pub fn close(&self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Write);
    }
}

/// A request with an `auth_token`.
pub fn ping_with(token: &str, id: u32) -> String {
    json!({"auth_token": token, "jsonrpc": "2.0", "id": id, "method": "ping"}).to_string()
}

/// A call of a tool of the answering server.
pub fn call(id: u32, tool: &str) -> String {
    let params = json!({"name": tool, "arguments": {}});
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}).to_string()
}

/// Whether a line is a result with this id.
pub fn is_result(line: &str, id: u32) -> bool {
    let message: Value = serde_json::from_str(line).expect("a line is JSON");
    message["id"] == id && message.get("result").is_some()
}

/// The reason with which a request was refused.
pub fn reason(line: &str) -> String {
    let message: Value = serde_json::from_str(line).expect("a line is JSON");
    message["error"]["data"]["reason"].as_str().unwrap_or("none").to_owned()
}
