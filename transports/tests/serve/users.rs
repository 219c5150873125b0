//! Clients and daemons of other users. Only root can be somebody else, so others skip these.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;

use serde_json::json;

use crate::support::daemon::{Home, answering, config_of, is_result};
use crate::support::{PORTCULLIS, Session, ping};

/// Nobody's number, on every system.
const NOBODY: u32 = 65534;

/// A directory into which others may go, and a program in it that they may run; `None` if we are
/// not root.
fn open_home(socket: serde_json::Value) -> Option<(Home, PathBuf)> {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can start a client of another user");
        return None;
    }
    let mut config = config_of(&[answering("demo")]);
    config["socket"] = socket;
    let home = Home::new(&config);
    let folder = home.folder();
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    // The directory in which it was built may be nobody else's business.
    let program = home.path("portcullis");
    // By a process of its own: one that another test starts meanwhile would hold our file open for
    // writing, and nobody could execute it.
    let copied = std::process::Command::new("cp").arg(PORTCULLIS).arg(&program).status();
    assert!(copied.unwrap().success());
    Some((home, program))
}

/// A client of another user, through the bridge.
fn stranger(home: &Home, program: &PathBuf) -> Session {
    let mut command = std::process::Command::new(program);
    command.arg("connect").arg(home.path("demo.sock")).uid(NOBODY).current_dir("/");
    command.env("XDG_CONFIG_HOME", "/nonexistent").stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    Session::start(command)
}

#[test]
fn a_client_of_another_user_is_turned_away_without_a_session() {
    let Some((home, program)) = open_home(json!({"perm": "0666"})) else { return };
    let daemon = home.serve();
    let mut client = stranger(&home, &program);
    let line = daemon.says("a client of another user was turned away");
    assert!(line.contains("uid=65534") && line.contains("socket.allow_uids"), "{line}");
    assert_eq!(client.wait().0, 1);
    client.errors.find("demo.sock: the daemon has closed the connection");
    let status = home.status("demo.sock");
    assert_eq!(status["servers"][0]["sessions_total"], 0, "{status}");
    assert!(is_result(&home.client("demo.sock").ask(&ping(1)), 1));
}

#[test]
fn a_client_of_a_user_who_is_let_in_is_taken() {
    let Some((home, program)) = open_home(json!({"perm": "0666", "allow_uids": [NOBODY]})) else {
        return;
    };
    let _daemon = home.serve();
    let mut client = stranger(&home, &program);
    client.send(&ping(1));
    assert!(is_result(&client.output.next().unwrap(), 1));
    // Who may connect may not ask how the daemon is.
    let mut asks = std::process::Command::new(&program);
    asks.arg("status").arg(home.path("demo.sock")).uid(NOBODY).current_dir("/");
    let (status, output, errors) = crate::support::finish(&mut asks);
    assert_eq!((status, output.as_str()), (1, ""), "{errors}");
    assert!(errors.contains("the daemon tells its state to its own user only"), "{errors}");
    client.close();
    assert_eq!(client.wait().0, 0);
}

#[test]
fn a_mode_keeps_other_users_out_before_they_are_looked_at() {
    let Some((home, program)) = open_home(json!({"allow_uids": [NOBODY]})) else { return };
    let _daemon = home.serve();
    let mut client = stranger(&home, &program);
    assert_eq!(client.wait().0, 1);
    let line = client.errors.find("you may not connect to this socket");
    assert!(line.contains("socket.perm"), "{line}");
}

#[test]
fn a_token_is_handed_to_no_daemon_of_another_user() {
    let Some((home, program)) = open_home(json!({"allow_uids": [0]})) else { return };
    for name in ["", "config.yaml"] {
        std::os::unix::fs::chown(home.path(name), Some(NOBODY), None).unwrap();
    }
    let mut command = std::process::Command::new(&program);
    command.args(["serve", "--config"]).arg(home.path("config.yaml")).uid(NOBODY).current_dir("/");
    command.env("XDG_CONFIG_HOME", "/nonexistent").stderr(std::process::Stdio::piped());
    let _daemon = home.serve_with(command);
    let mut bridge = home.bridge("demo.sock");
    bridge.args(["--token-env", "MY_TOKEN"]).env("MY_TOKEN", "SECRET-1".repeat(4));
    let mut refused = Session::start(bridge);
    refused.errors.find("the daemon belongs to user 65534; if that is right, add --daemon-uid");
    assert_eq!(refused.wait().0, 1);
    let mut bridge = home.bridge("demo.sock");
    bridge.args(["--daemon-uid", "65534"]);
    let mut taken = Session::start(bridge);
    taken.send(&ping(1));
    assert!(is_result(&taken.output.next().unwrap(), 1));
}
