//! The sockets of a daemon: whose they are, and whose place they take.

use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::process::Signal;
use serde_json::json;

use crate::support::daemon::{Home, answering, config_of, is_result, scripted};
use crate::support::{PORTCULLIS, Session, finish, ping, shown, wait};

fn mode(path: &Path) -> u32 {
    path.symlink_metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn each_server_has_a_socket_of_its_own() {
    let script = |name| format!("echo this is {name} >&2; exec \"$0\" demo-server");
    let servers = ["one", "two"].map(|name| scripted(name, &script(name)));
    let home = Home::new(&config_of(&servers));
    let daemon = home.serve();
    for (number, name) in [(1, "two"), (2, "one")] {
        let mut client = home.client(&format!("{name}.sock"));
        assert!(is_result(&client.ask(&ping(1)), 1));
        daemon.says(&format!("{name}#{number}: this is {name}"));
    }
}

#[test]
fn a_socket_and_its_directory_are_made_for_their_owner_alone() {
    let mut config = config_of(&[answering("demo")]);
    config["servers"][0]["socket"] = json!("run/deep/demo.sock");
    for (perm, want) in [(None, 0o600), (Some("0660"), 0o660)] {
        if let Some(perm) = perm {
            config["socket"] = json!({"perm": perm});
        }
        let home = Home::new(&config);
        // Whatever the caller's mask lets through.
        let mut command = std::process::Command::new("sh");
        command.args(["-c", "umask 000; exec \"$0\" serve --config config.yaml", PORTCULLIS]);
        command.current_dir(home.folder()).env("XDG_CONFIG_HOME", "/nonexistent");
        command.stderr(std::process::Stdio::piped());
        let _daemon = home.serve_with(command);
        assert_eq!(mode(&home.path("run/deep/demo.sock")), want);
        assert_eq!(mode(&home.path("run/deep/demo.sock.status")), 0o600);
        assert_eq!((mode(&home.path("run/deep")), mode(&home.path("run"))), (0o700, 0o700));
    }
}

#[test]
fn a_stale_socket_is_replaced_at_once() {
    let home = Home::new(&config_of(&[answering("demo")]));
    for round in 0..3 {
        let mut daemon = home.serve();
        let mut client = home.client("demo.sock");
        assert!(is_result(&client.ask(&ping(round)), round));
        daemon.kill();
        assert!(home.path("demo.sock").metadata().unwrap().file_type().is_socket());
        assert_eq!(client.next(), None);
    }
}

#[test]
fn a_live_socket_is_refused_and_its_daemon_lives_on() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let mut daemon = home.serve();
    let mut before = home.client("demo.sock");
    assert!(is_result(&before.ask(&ping(1)), 1));
    let (status, _, errors) = finish(&mut home.command("serve"));
    assert_eq!(status, 1, "{errors}");
    let message = "demo.sock: another process listens on this socket; stop it, or give the server";
    assert!(errors.contains(message), "{errors}");
    assert!(is_result(&before.ask(&ping(2)), 2));
    assert!(is_result(&home.client("demo.sock").ask(&ping(3)), 3));
    drop(before);
    assert_eq!(daemon.end(), 0);
}

#[test]
fn of_daemons_that_start_at_once_exactly_one_wins() {
    let home = Home::new(&config_of(&[answering("a"), answering("b")]));
    for _ in 0..3 {
        // One round finds no socket, the others a stale one.
        let mut sessions: Vec<_> = (0..8).map(|_| Session::start(home.command("serve"))).collect();
        let mut lost = 0;
        sessions.retain_mut(|session| {
            while let Some(line) = session.errors.next() {
                if line.contains("b listens on") {
                    return true;
                }
            }
            assert_eq!(shown(wait(&mut session.process)), 1);
            lost += 1;
            false
        });
        assert_eq!((sessions.len(), lost), (1, 7));
        for socket in ["a.sock", "b.sock"] {
            assert!(is_result(&home.client(socket).ask(&ping(1)), 1));
        }
        sessions[0].process.kill().unwrap();
        sessions[0].wait();
    }
}

#[test]
fn a_daemon_that_cannot_have_all_sockets_leaves_none() {
    let home = Home::new(&config_of(&[answering("first"), answering("taken")]));
    let file = home.write("taken.sock", "mine", 0o600);
    let (status, _, errors) = finish(&mut home.command("serve"));
    assert_eq!(status, 1, "{errors}");
    assert!(errors.contains("taken.sock: this is no socket; move it away"), "{errors}");
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    let left: Vec<_> = std::fs::read_dir(home.folder()).unwrap().map(|it| it.unwrap()).collect();
    assert_eq!(left.len(), 2, "the configuration and the file: {left:?}");
}

#[test]
fn a_socket_in_another_daemons_place_is_not_removed() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let mut first = home.serve();
    std::fs::remove_file(home.path("demo.sock")).unwrap();
    std::fs::remove_file(home.path("demo.sock.status")).unwrap();
    let _second = home.serve();
    let inode = home.path("demo.sock").metadata().unwrap().ino();
    assert_eq!(first.end(), 0);
    assert_eq!(home.path("demo.sock").metadata().unwrap().ino(), inode);
    assert!(is_result(&home.client("demo.sock").ask(&ping(1)), 1));
}

/// Whoever may read a directory can hold the lock on it.
#[test]
fn a_lock_that_somebody_holds_on_the_directory_stops_nothing() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let directory = std::fs::File::open(home.folder()).unwrap();
    flock(&directory, FlockOperation::LockExclusive).unwrap();
    let mut daemon = home.serve();
    let mut client = home.client("demo.sock");
    assert!(is_result(&client.ask(&ping(1)), 1));
    home.configure(&config_of(&[answering("demo"), answering("new")]));
    daemon.session.signal(Signal::HUP);
    daemon.says("the configuration was read again");
    assert!(is_result(&client.ask(&ping(2)), 2));
    assert!(is_result(&home.client("new.sock").ask(&ping(1)), 1));
    home.configure(&config_of(&[answering("new")]));
    daemon.session.signal(Signal::HUP);
    daemon.says("the configuration was read again");
    assert!(!home.path("demo.sock").exists());
    drop(client);
    assert_eq!(daemon.end(), 0);
    assert!(!home.path("new.sock").exists());
    drop(directory);
}

#[test]
fn a_mode_is_not_given_to_what_a_link_in_the_sockets_place_leads_to() {
    let mut config = config_of(&[answering("demo")]);
    let home = Home::new(&config);
    let daemon = home.serve();
    let victim = home.write("victim", "mine", 0o600);
    std::fs::remove_file(home.path("demo.sock")).unwrap();
    std::os::unix::fs::symlink(&victim, home.path("demo.sock")).unwrap();
    config["socket"] = json!({"perm": "0666"});
    home.configure(&config);
    daemon.session.signal(Signal::HUP);
    let line = daemon.says("the configuration cannot be used");
    assert!(line.contains("demo.sock: this is no socket; move it away"), "{line}");
    assert_eq!(mode(&victim), 0o600);
}
