//! A configuration that is read again while the daemon works: all of it is in force, or nothing.

use std::io::Write;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::sessions::TOKEN;
use crate::support::daemon::{
    Daemon, Home, answering, config_of, is_result, ping_with, reason, scripted, wait_until,
};
use crate::support::{Session, ping, portcullis};

/// Answers with its own name.
fn named(name: &str) -> Value {
    let answer = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"name":"{name}"}}}}"#);
    scripted(name, &format!("read line; echo '{answer}'; read line"))
}

fn reload(home: &Home, daemon: &Daemon, config: &Value) {
    home.configure(config);
    daemon.session.signal(Signal::HUP);
    daemon.says("the configuration was read again");
}

#[test]
fn a_socket_that_was_removed_is_made_again() {
    let config = config_of(&[answering("demo")]);
    let home = Home::new(&config);
    let mut daemon = home.serve();
    let mut client = home.client("demo.sock");
    assert!(is_result(&client.ask(&ping(1)), 1));
    std::fs::remove_file(home.path("demo.sock")).unwrap();
    reload(&home, &daemon, &config);
    assert!(is_result(&home.client("demo.sock").ask(&ping(1)), 1));
    assert!(is_result(&client.ask(&ping(2)), 2));
    assert_eq!(home.status("demo.sock")["servers"][0]["sessions_total"], 2);
    drop(client);
    assert_eq!(daemon.end(), 0);
    assert!(!home.path("demo.sock").exists());
}

#[test]
fn servers_that_exchange_their_sockets_have_each_the_others_clients() {
    let home = Home::new(&config_of(&[named("one"), named("two")]));
    let daemon = home.serve();
    let asks = |socket: &str, name: &str| {
        let line = home.client(socket).ask(&ping(1));
        assert!(line.contains(name), "{socket}: {line}");
    };
    asks("one.sock", "one");
    asks("two.sock", "two");
    let mut config = config_of(&[named("one"), named("two")]);
    config["servers"][0]["socket"] = json!("two.sock");
    config["servers"][1]["socket"] = json!("one.sock");
    for _ in 0..2 {
        reload(&home, &daemon, &config);
        asks("one.sock", "two");
        asks("two.sock", "one");
    }
    reload(&home, &daemon, &config_of(&[named("one"), named("two")]));
    asks("one.sock", "one");
    asks("two.sock", "two");
}

/// Whatever stands before it in the new configuration.
#[test]
fn a_server_that_stays_keeps_its_counts() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let daemon = home.serve();
    assert!(is_result(&home.client("demo.sock").ask(&ping(1)), 1));
    home.wait_for_counts("demo.sock", 0, 0);
    reload(&home, &daemon, &config_of(&[answering("new"), answering("demo")]));
    let status = home.status("demo.sock");
    let servers = status["servers"].as_array().unwrap();
    let total = |name: &str| {
        let server = servers.iter().find(|it| it["name"] == name).expect("it is told");
        server["sessions_total"].as_u64().unwrap()
    };
    assert_eq!((total("demo"), total("new")), (1, 0), "{status}");
}

#[test]
fn sockets_that_come_and_go_are_told() {
    let home = Home::new(&config_of(&[answering("old")]));
    let daemon = home.serve();
    let tells = |server: &str, what: &str| {
        let line = daemon.says(what);
        let whole = format!(" info portcullis {server}: {what}");
        assert!(line.contains(&whole) && line.ends_with(&format!("/{server}.sock")), "{line}");
    };
    tells("old", "listens socket=");
    home.configure(&config_of(&[answering("new")]));
    daemon.session.signal(Signal::HUP);
    tells("old", "listens no more socket=");
    tells("new", "listens socket=");
}

/// A configuration that differs in everything, and one of whose sockets another process has.
fn unusable() -> Value {
    let mut config = config_of(&[answering("demo"), answering("new"), answering("taken")]);
    config["socket"] =
        json!({"auth_token": "the next token of the tests, as long", "perm": "0666"});
    config["serve"] = json!({"clients_max": 1});
    config
}

#[test]
fn a_reload_that_fails_leaves_everything_as_it_was() {
    let mut config = config_of(&[answering("demo")]);
    config["socket"] = json!({"auth_token": TOKEN});
    let home = Home::new(&config);
    let daemon = home.serve();
    let mut client = home.client("demo.sock");
    assert!(is_result(&client.ask(&ping_with(TOKEN, 1)), 1));
    let _taken = UnixListener::bind(home.path("taken.sock")).unwrap();
    home.configure(&unusable());
    for _ in 0..2 {
        daemon.session.signal(Signal::HUP);
        let line = daemon.says("the configuration cannot be used; the one before stays in force");
        assert!(line.contains("servers[2].socket: "), "{line}");
        assert!(line.contains("/taken.sock: another process listens on this socket"), "{line}");
        // The old tokens, and the old number of clients.
        assert!(is_result(&client.ask(&ping_with(TOKEN, 2)), 2));
        let mut other = home.client("demo.sock");
        assert!(is_result(&other.ask(&ping_with(TOKEN, 3)), 3));
        assert_eq!(reason(&other.ask(&ping(4))), "auth_required");
        for name in ["new.sock", "new.sock.status"] {
            assert!(!home.path(name).exists(), "{name}");
        }
        let mode = home.path("demo.sock").metadata().unwrap().permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
        let status = home.status("demo.sock");
        assert_eq!(status["servers"].as_array().unwrap().len(), 1, "{status}");
        assert_eq!(status["sessions_max"], 256, "{status}");
    }
}

/// What was opened for it is closed again, and takes nothing along.
#[test]
fn a_reload_that_fails_after_a_socket_was_removed_keeps_the_status() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let daemon = home.serve();
    std::fs::remove_file(home.path("demo.sock")).unwrap();
    let taken = UnixListener::bind(home.path("taken.sock")).unwrap();
    home.configure(&unusable());
    daemon.session.signal(Signal::HUP);
    daemon.says("the configuration cannot be used; the one before stays in force");
    assert_eq!(home.status("demo.sock")["sessions_max"], 256);
    drop(taken);
    reload(&home, &daemon, &config_of(&[answering("demo")]));
    assert!(is_result(&home.client("demo.sock").ask(&ping(1)), 1));
}

/// No client has said anything since.
#[test]
fn a_policy_that_was_swapped_is_recorded_at_once() {
    let mut config = config_of(&[answering("demo")]);
    config["audit"] = json!({"file": "audit.jsonl"});
    let home = Home::new(&config);
    let daemon = home.serve();
    let mut client = home.client("demo.sock");
    assert!(is_result(&client.ask(&ping(1)), 1));
    let clock = std::process::Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%S.%3NZ"]).output();
    let before = String::from_utf8(clock.unwrap().stdout).unwrap();
    reload(&home, &daemon, &config);
    let records = || -> Vec<Value> {
        let text = std::fs::read_to_string(home.path("audit.jsonl")).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.filter(|record: &Value| record["reason"] == "policy_swapped").collect()
    };
    wait_until("it is recorded", || !records().is_empty());
    let records = records();
    assert_eq!((records.len(), &records[0]["session"]), (1, &json!(1)), "{records:?}");
    assert!(records[0]["time"].as_str().unwrap() >= before.trim_end(), "{records:?} {before}");
}

/// Each would be worth a fifth of a second if it were waited for.
#[test]
fn warnings_that_nobody_reads_hold_no_client_up() {
    let mut config = config_of(&[answering("demo")]);
    config["socket"] = json!({"auth_token": TOKEN});
    let home = Home::new(&config);
    let (held, mut errors) = std::io::pipe().unwrap();
    rustix::io::ioctl_fionbio(&errors, true).unwrap();
    while errors.write(&[b'x'; 512]).is_ok() {}
    rustix::io::ioctl_fionbio(&errors, false).unwrap();
    let mut command = home.command("serve");
    command.stdin(Stdio::null()).stderr(errors);
    let mut daemon = Daemon { session: Session::start(command) };
    wait_until("the daemon listens", || UnixStream::connect(home.path("demo.sock")).is_ok());
    let mut client = home.client("demo.sock");
    assert!(is_result(&client.ask(&ping_with(TOKEN, 1)), 1));
    let short: Vec<Value> =
        (0..40).map(|number| json!({"token": format!("a short one, {number:04}")})).collect();
    config["servers"].as_array_mut().unwrap().push(answering("new"));
    config["socket"] = json!({"auth_tokens": short});
    home.configure(&config);
    let (_, _, told) =
        crate::support::finish(portcullis("config").arg("check").arg(home.path("config.yaml")));
    assert!(told.matches("warning").count() >= 40, "{told}");
    let start = Instant::now();
    daemon.session.signal(Signal::HUP);
    wait_until("it was read again", || home.path("new.sock").exists());
    assert!(is_result(&client.ask(&ping_with("a short one, 0007", 2)), 2));
    let took = start.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
    drop(client);
    assert_eq!(daemon.end(), 0);
    drop(held);
}
