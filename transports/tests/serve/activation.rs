//! What a service manager hands over and is told.

use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::support::daemon::{Daemon, Home, answering, config_of, is_result};
use crate::support::{PATIENCE, PORTCULLIS, Session, ping};

/// A daemon that starts with this listener as its descriptor 3. The variables hold its own process,
/// so a shell sets them on the way.
fn handed(home: &Home, listener: UnixListener, names: &str) -> Daemon {
    let script = "exec 3<&0 0</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; \
                  exec \"$0\" serve --log-level info --config \"$1\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, PORTCULLIS]).arg(home.path("config.yaml"));
    command.env("XDG_CONFIG_HOME", "/nonexistent").env_remove("LISTEN_FDNAMES");
    if !names.is_empty() {
        command.env("LISTEN_FDNAMES", names);
    }
    command.stdin(Stdio::from(std::os::fd::OwnedFd::from(listener))).stderr(Stdio::piped());
    home.serve_with(command)
}

/// A listener in the home, and what its file is known by.
fn listener(home: &Home, name: &str) -> (UnixListener, u64) {
    let path = home.path(name);
    let listener = UnixListener::bind(&path).unwrap();
    (listener, inode(&path))
}

fn inode(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&path.symlink_metadata().unwrap())
}

#[test]
fn a_handed_socket_is_served_by_its_path_and_stays() {
    let home = Home::new(&config_of(&[answering("demo"), answering("other")]));
    let (listener, before) = listener(&home, "demo.sock");
    // Who connects before the start is served after it.
    let mut early = home.client("demo.sock");
    early.send(&ping(1));
    // Its name says otherwise, and the path decides.
    let mut daemon = handed(&home, listener, "other");
    assert!(is_result(&early.next().unwrap(), 1));
    assert!(is_result(&home.client("demo.sock").ask(&ping(2)), 2));
    assert!(is_result(&home.client("other.sock").ask(&ping(3)), 3));
    drop(early);
    assert_eq!(daemon.end(), 0);
    assert_eq!(inode(&home.path("demo.sock")), before);
    assert!(!home.path("other.sock").exists(), "our own is removed");
}

#[test]
fn a_handed_socket_is_served_by_its_name() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let (listener, before) = listener(&home, "elsewhere.sock");
    let mut daemon = handed(&home, listener, "demo");
    assert!(!home.path("demo.sock").exists());
    let mut client = home.client("elsewhere.sock");
    assert!(is_result(&client.ask(&ping(1)), 1));
    assert_eq!(home.status("elsewhere.sock")["sessions"], 1);
    // It stays ours when the configuration is read again.
    daemon.session.signal(Signal::HUP);
    daemon.says("the configuration was read again");
    assert!(is_result(&home.client("elsewhere.sock").ask(&ping(2)), 2));
    drop(client);
    assert_eq!(daemon.end(), 0);
    assert_eq!(inode(&home.path("elsewhere.sock")), before);
}

/// The service manager holds its end of the socket all the time, so it cannot be made anew.
#[test]
fn a_handed_socket_whose_server_comes_back_is_served_again() {
    for (socket, name) in [("demo.sock", ""), ("elsewhere.sock", "demo")] {
        let home = Home::new(&config_of(&[answering("demo"), answering("other")]));
        let (listener, before) = listener(&home, socket);
        let managers = listener.try_clone().unwrap();
        let daemon = handed(&home, listener, name);
        assert!(is_result(&home.client(socket).ask(&ping(1)), 1));
        let reload = |servers: &[serde_json::Value], word: &str| {
            home.configure(&config_of(servers));
            daemon.session.signal(Signal::HUP);
            daemon.says(word);
        };
        reload(&[answering("other")], "the configuration was read again");
        // It comes while nobody serves it, and is not lost.
        let mut waits = home.client(socket);
        waits.send(&ping(2));
        // Nor is the socket, by a configuration that cannot be used.
        let taken = UnixListener::bind(home.path("taken.sock")).unwrap();
        let servers = [answering("demo"), answering("taken")];
        reload(&servers, "taken.sock: another process listens");
        reload(&[answering("demo"), answering("other")], "the configuration was read again");
        assert!(is_result(&waits.next().unwrap(), 2));
        assert!(is_result(&home.client(socket).ask(&ping(3)), 3));
        assert_eq!(inode(&home.path(socket)), before);
        drop((managers, taken));
    }
}

#[test]
fn a_handed_socket_that_no_server_names_is_told_of() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let (listener, _) = listener(&home, "stray.sock");
    let daemon = handed(&home, listener, "stray");
    let line = daemon.says("a socket was handed to us that no server names");
    assert!(line.contains("stray.sock"), "{line}");
    assert!(is_result(&home.client("demo.sock").ask(&ping(1)), 1));
}

#[test]
fn variables_for_another_process_are_not_ours() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let mut command = home.command("serve");
    command.env("LISTEN_PID", "1").env("LISTEN_FDS", "1");
    let _daemon = home.serve_with(command);
    assert!(is_result(&home.client("demo.sock").ask(&ping(1)), 1));
}

/// What a service manager hears, one message at a time.
struct Manager(UnixDatagram);

impl Manager {
    fn hear(&self) -> String {
        let mut message = [0; 4096];
        let count = self.0.recv(&mut message).expect("the daemon tells");
        String::from_utf8(message[..count].to_vec()).unwrap()
    }
}

#[test]
fn a_service_manager_is_told_of_start_reload_and_end() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let manager = Manager(UnixDatagram::bind(home.path("notify")).unwrap());
    manager.0.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = home.command("serve");
    command.args(["--log-level", "info"]).env("NOTIFY_SOCKET", home.path("notify"));
    let mut daemon = home.serve_with(command);
    let ready = manager.hear();
    assert!(ready.lines().any(|line| line == "READY=1"), "{ready}");
    assert!(ready.contains("STATUS=Listening"), "{ready}");
    for broken in [false, true] {
        if broken {
            home.write("config.yaml", "servers: 1", 0o600);
        }
        daemon.session.signal(Signal::HUP);
        let reloading = manager.hear();
        assert!(reloading.lines().any(|line| line == "RELOADING=1"), "{reloading}");
        let since = reloading.lines().find_map(|line| line.strip_prefix("MONOTONIC_USEC="));
        assert!(since.unwrap().parse::<u64>().unwrap() > 0, "{reloading}");
        assert!(manager.hear().lines().any(|line| line == "READY=1"));
    }
    assert_eq!(daemon.end(), 0);
    assert!(manager.hear().lines().any(|line| line == "STOPPING=1"));
}

#[test]
fn a_service_manager_is_told_nothing_by_a_daemon_that_cannot_start() {
    let home = Home::new(&config_of(&[answering("demo")]));
    home.write("demo.sock", "", 0o600);
    let manager = UnixDatagram::bind(home.path("notify")).unwrap();
    manager.set_nonblocking(true).unwrap();
    let mut command = home.command("serve");
    command.env("NOTIFY_SOCKET", home.path("notify"));
    let mut session = Session::start(command);
    assert_eq!(session.wait().0, 1);
    assert!(manager.recv(&mut [0; 64]).is_err());
}
