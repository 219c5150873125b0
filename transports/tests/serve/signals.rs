//! Signals: the drain, its end, a configuration that is read again, and a report.

use std::os::unix::net::UnixStream;

use rustix::process::Signal;
use serde_json::json;

use crate::sessions::{TELLING, TOKEN, pid_in};
use crate::support::daemon::{
    Client, Home, answering, call, config_of, is_result, ping_with, reason, scripted, wait_until,
};
use crate::support::{NOISE_BYTES, group_of, memory_of, ping, wait_for_none};

/// Answers its first request when somebody writes to the pipe that is its argument.
const HELD: &str = r#"read line; echo pid $$ >&2; read word < "$1"
    echo '{"jsonrpc":"2.0","id":1,"result":{}}'; exec cat >/dev/null"#;
/// Answers nothing, and minds nothing.
const STUBBORN: &str = "trap '' TERM; sleep 1000 & echo pid $$ >&2; while :; do sleep 1000; done";

/// A home whose server holds its answer back until its pipe is written to.
fn held() -> Home {
    let home = Home::empty();
    let mut config = config_of(&[scripted("demo", HELD), answering("other")]);
    let pipe = home.path("pipe");
    config["servers"][0]["command"].as_array_mut().unwrap().push(json!(pipe));
    home.configure(&config);
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    home
}

#[test]
fn a_daemon_that_is_told_to_end_lets_open_requests_be_answered() {
    let home = held();
    let mut daemon = home.serve();
    let mut idle = home.client("other.sock");
    let mut client = home.client("demo.sock");
    client.send(&ping(1));
    let group = group_of(pid_in(&daemon.says("pid ")));
    home.wait_for_counts("demo.sock", 2, 1);
    daemon.session.signal(Signal::TERM);
    daemon.says("draining");
    // Who asked nothing need not stay, and nobody new comes.
    assert_eq!(idle.next(), None);
    for name in ["demo.sock", "other.sock"] {
        assert!(!home.path(name).exists(), "{name}");
    }
    let status = home.status("demo.sock");
    assert_eq!((&status["draining"], &status["sessions"]), (&json!(true), &json!(1)));
    assert_eq!(reason(&client.ask(&ping(2))), "draining");
    let mut pipe = std::fs::File::options().write(true).open(home.path("pipe")).unwrap();
    std::io::Write::write_all(&mut pipe, b"go\n").unwrap();
    assert!(is_result(&client.next().unwrap(), 1));
    assert_eq!(client.next(), None);
    assert_eq!(daemon.session.wait().0, 0);
    wait_for_none(group);
}

#[test]
fn a_drain_that_takes_too_long_answers_what_is_open_and_ends() {
    let mut config = config_of(&[scripted("demo", STUBBORN)]);
    config["serve"] = json!({"drain_ms": 50});
    let home = Home::new(&config);
    let mut daemon = home.serve();
    let mut client = home.client("demo.sock");
    client.send(&ping(1));
    let group = group_of(pid_in(&daemon.says("demo#1: pid ")));
    assert_eq!(daemon.end(), 0);
    assert_eq!(reason(&client.next().unwrap()), "draining");
    assert_eq!(client.next(), None);
    wait_for_none(group);
}

/// The drain lasts longer than a test has patience, so it is the second signal that ends it.
#[test]
fn a_second_signal_ends_a_daemon_at_once() {
    let home = Home::new(&config_of(&[scripted("demo", STUBBORN)]));
    let mut daemon = home.serve();
    let mut clients = [home.client("demo.sock"), home.client("demo.sock")];
    let mut groups = Vec::new();
    for (number, client) in (1..).zip(&mut clients) {
        client.send(&ping(1));
        groups.push(group_of(pid_in(&daemon.says(&format!("demo#{number}: pid ")))));
    }
    daemon.session.signal(Signal::TERM);
    daemon.says("draining");
    assert_eq!(daemon.end(), 0);
    groups.into_iter().for_each(wait_for_none);
    for mut client in clients {
        // The request is answered if there was time for it, and the connection ends.
        let lines: Vec<_> = std::iter::from_fn(|| client.next()).collect();
        assert!(lines.iter().all(|line| line.contains("error")), "{lines:?}");
    }
}

#[test]
fn a_daemon_without_clients_ends_at_once() {
    for signal in [Signal::TERM, Signal::INT] {
        let home = Home::new(&config_of(&[answering("demo")]));
        let mut daemon = home.serve();
        daemon.session.signal(signal);
        assert_eq!(daemon.session.wait().0, 0);
        assert!(!home.path("demo.sock").exists());
    }
}

#[test]
fn idle_clients_and_their_servers_do_not_hold_a_drain_up() {
    let home = Home::new(&config_of(&[scripted("demo", TELLING)]));
    let mut daemon = home.serve();
    let mut clients: Vec<_> = (0..5).map(|_| home.client("demo.sock")).collect();
    for client in &mut clients {
        assert!(is_result(&client.ask(&ping(1)), 1));
    }
    assert_eq!(daemon.end(), 0);
    assert!(clients.iter_mut().all(|client| client.next().is_none()));
}

#[test]
fn servers_come_and_go_with_the_configuration() {
    let home = Home::new(&config_of(&[answering("old"), answering("kept")]));
    let daemon = home.serve();
    let mut old = home.client("old.sock");
    let mut kept = home.client("kept.sock");
    assert!(is_result(&old.ask(&ping(1)), 1));
    assert!(is_result(&kept.ask(&ping(1)), 1));
    home.configure(&config_of(&[answering("kept"), answering("new")]));
    daemon.session.signal(Signal::HUP);
    daemon.says("the configuration was read again");
    assert!(!home.path("old.sock").exists() && !home.path("old.sock.status").exists());
    assert!(is_result(&old.ask(&ping(2)), 2));
    assert!(is_result(&kept.ask(&ping(2)), 2));
    assert!(is_result(&home.client("new.sock").ask(&ping(1)), 1));
    let status = home.status("kept.sock");
    assert_eq!(status["servers"].as_array().unwrap().len(), 3, "{status}");
    drop(old);
    home.wait_for("kept.sock", |it| it["servers"].as_array().unwrap().len() == 2);
    // Its name may be used again.
    home.configure(&config_of(&[answering("old"), answering("kept"), answering("new")]));
    daemon.session.signal(Signal::HUP);
    daemon.says("the configuration was read again");
    assert!(is_result(&home.client("old.sock").ask(&ping(3)), 3));
    assert!(is_result(&kept.ask(&ping(3)), 3));
}

#[test]
fn a_server_whose_socket_moved_keeps_its_clients() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let daemon = home.serve();
    let mut client = home.client("demo.sock");
    assert!(is_result(&client.ask(&ping(1)), 1));
    let mut config = config_of(&[answering("demo")]);
    config["servers"][0]["socket"] = json!("elsewhere.sock");
    home.configure(&config);
    daemon.session.signal(Signal::HUP);
    daemon.says("the configuration was read again");
    assert!(!home.path("demo.sock").exists());
    assert!(is_result(&client.ask(&ping(2)), 2));
    assert!(is_result(&home.client("elsewhere.sock").ask(&ping(1)), 1));
    assert_eq!(home.status("elsewhere.sock")["servers"][0]["sessions_total"], 2);
}

#[test]
fn a_server_that_was_renamed_keeps_its_socket() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let daemon = home.serve();
    let mut client = home.client("demo.sock");
    assert!(is_result(&client.ask(&ping(1)), 1));
    let mut config = config_of(&[answering("renamed")]);
    config["servers"][0]["socket"] = json!("demo.sock");
    home.configure(&config);
    daemon.session.signal(Signal::HUP);
    daemon.says("the configuration was read again");
    assert!(is_result(&client.ask(&ping(2)), 2));
    assert!(is_result(&home.client("demo.sock").ask(&ping(1)), 1));
    let status = home.status("demo.sock");
    let names: Vec<_> =
        status["servers"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert!(names.contains(&&json!("renamed")), "{status}");
}

#[test]
fn changed_tokens_are_in_force_from_the_next_message_on() {
    let mut config = config_of(&[answering("demo")]);
    config["socket"] = json!({"auth_token": TOKEN});
    let home = Home::new(&config);
    let daemon = home.serve();
    let mut client = home.client("demo.sock");
    assert!(is_result(&client.ask(&ping_with(TOKEN, 1)), 1));
    let next = "the next token of the tests, as long";
    config["socket"] = json!({"auth_token": next});
    home.configure(&config);
    daemon.session.signal(Signal::HUP);
    daemon.says("the configuration was read again");
    assert_eq!(reason(&client.ask(&ping_with(TOKEN, 2))), "auth_failed");
    assert!(is_result(&client.ask(&ping_with(next, 3)), 3));
}

#[test]
fn limits_and_modes_that_changed_are_in_force() {
    let mut config = config_of(&[answering("demo")]);
    let home = Home::new(&config);
    let daemon = home.serve();
    let _first = home.client("demo.sock");
    home.wait_for_counts("demo.sock", 1, 0);
    config["socket"] = json!({"perm": "0660"});
    config["serve"] = json!({"clients_max": 1});
    home.configure(&config);
    daemon.session.signal(Signal::HUP);
    daemon.says("the configuration was read again");
    let data = home.path("demo.sock").metadata().unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&data.permissions()) & 0o777, 0o660);
    assert_eq!(reason(&home.client("demo.sock").next().unwrap()), "too_many_sessions");
}

#[test]
fn a_broken_configuration_changes_nothing_and_is_told() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let daemon = home.serve();
    let mut client = home.client("demo.sock");
    assert!(is_result(&client.ask(&ping(1)), 1));
    let foreign = std::os::unix::net::UnixListener::bind(home.path("taken.sock")).unwrap();
    let mut unknown = config_of(&[answering("demo")]);
    unknown["socket"] = json!({"auth_tokne": "SECRET-1"});
    for (text, hints) in [
        ("servers: [", &["config.yaml"][..]),
        (&unknown.to_string(), &["socket.auth_tokne", "auth_token"]),
        ("{}", &["there is no server in `servers`"]),
        (
            &config_of(&[answering("new"), answering("taken")]).to_string(),
            &["taken.sock: another process listens"],
        ),
    ] {
        home.write("config.yaml", text, 0o600);
        daemon.session.signal(Signal::HUP);
        let line = daemon.says("the configuration cannot be used; the one before stays in force");
        assert!(hints.iter().all(|hint| line.contains(hint)), "{line}");
        assert!(!line.contains("SECRET"), "{line}");
        assert!(is_result(&client.ask(&ping(2)), 2));
        assert!(is_result(&home.client("demo.sock").ask(&ping(1)), 1));
        assert!(!home.path("new.sock").exists());
    }
    drop(foreign);
    home.configure(&config_of(&[answering("demo"), answering("new")]));
    daemon.session.signal(Signal::HUP);
    daemon.says("the configuration was read again");
    assert!(is_result(&home.client("new.sock").ask(&ping(1)), 1));
}

#[test]
fn the_status_is_printed_on_request() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let daemon = home.serve();
    let mut client = home.client("demo.sock");
    assert!(is_result(&client.ask(&ping(1)), 1));
    assert!(is_result(&client.ask(&call(2, "report")), 2));
    daemon.session.signal(Signal::USR1);
    daemon.says(&format!("process {}, up ", daemon.pid()));
    daemon.says("sessions 1 of 256, children 1 of 256, 0 requests open");
    let line = daemon.says("  demo  sessions 1, children 1, started 1");
    assert!(line.ends_with("/demo.sock"), "{line}");
    daemon.says("messages 4, changed 0, refused 0");
}

/// Whoever waits to be accepted when the drain begins is not left waiting.
#[test]
fn a_client_that_comes_with_the_signal_gets_an_end() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let mut daemon = home.serve();
    // The daemon stands still, so the client waits in its queue.
    daemon.session.signal(Signal::STOP);
    let stream = UnixStream::connect(home.path("demo.sock")).unwrap();
    let mut client = Client::new(stream);
    client.send(&ping(1));
    daemon.session.signal(Signal::TERM);
    daemon.session.signal(Signal::CONT);
    // It was accepted, and answered with an error or a result, or it was not.
    while let Some(line) = client.next() {
        assert!(line.contains(r#""id":1"#), "{line}");
    }
    assert_eq!(daemon.session.wait().0, 0);
    wait_until("the socket is gone", || !home.path("demo.sock").exists());
}

#[test]
fn a_standard_error_that_nobody_reads_holds_nothing_up() {
    let mut config = config_of(&[answering("demo")]);
    config["socket"] = json!({"rate_limit": 0});
    let home = Home::new(&config);
    let mut command = home.command("serve");
    command.args(["--log-level", "debug"]).stderr(std::process::Stdio::piped());
    let mut process = command.spawn().unwrap();
    // Nobody reads standard error, so waiting for a line is no way to wait here.
    let held = process.stderr.take();
    wait_until("the daemon listens", || UnixStream::connect(home.path("demo.sock")).is_ok());
    let mut client = home.client("demo.sock");
    // Some hundred lines of log for each round, and answers in whatever order.
    let mut round = || {
        (0..100).for_each(|id| client.send(&ping(id)));
        (0..100).for_each(|_| assert!(client.next().unwrap().contains("result")));
    };
    // The pipe and all buffers are full after this.
    (0..10).for_each(|_| round());
    let before = memory_of(process.id());
    (0..40).for_each(|_| round());
    let after = memory_of(process.id());
    assert!(after <= before + NOISE_BYTES, "{after} bytes, {before} before");
    drop(client);
    rustix::process::kill_process(rustix::process::Pid::from_child(&process), Signal::TERM)
        .unwrap();
    assert!(crate::support::wait(&mut process).success());
    drop(held);
}
