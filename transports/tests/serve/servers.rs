//! Servers that die, that die again and again, and that cannot be started at all.

use std::io::Write;

use serde_json::json;

use crate::sessions::{TELLING, pid_in};
use crate::support::daemon::{
    Home, answering, config_of, is_result, reason, scripted, server, wait_until,
};
use crate::support::{group_of, members, ping, wait_for_none};

#[test]
fn a_server_that_dies_ends_its_session_with_answers_and_the_next_gets_another() {
    // Its child holds every pipe that it had itself.
    let script = "sleep 1000 & echo pid $$ >&2; read line; read line; exit 3";
    let home = Home::new(&config_of(&[scripted("demo", script)]));
    let daemon = home.serve();
    let mut pids = Vec::new();
    for session in 1..3 {
        let mut client = home.client("demo.sock");
        client.send(&ping(1));
        let pid = pid_in(&daemon.says(&format!("demo#{session}: pid ")));
        let group = group_of(pid);
        client.send(&ping(2));
        let mut reasons = [client.next().unwrap(), client.next().unwrap()];
        reasons.sort();
        for (line, id) in reasons.iter().zip(1..) {
            assert!(line.contains(&format!(r#""id":{id},"#)), "{line}");
            assert_eq!(reason(line), "server_exited");
        }
        assert_eq!(client.next(), None);
        let line = daemon.says("the server has ended");
        assert!(line.contains("status=3"), "{line}");
        wait_for_none(group);
        pids.push(pid);
    }
    assert_ne!(pids[0], pids[1]);
    home.wait_for_counts("demo.sock", 0, 0);
}

#[test]
fn other_sessions_of_a_server_that_died_go_on() {
    let home = Home::new(&config_of(&[scripted("demo", TELLING)]));
    let daemon = home.serve();
    let mut clients = [home.client("demo.sock"), home.client("demo.sock")];
    for client in &mut clients {
        assert!(is_result(&client.ask(&ping(1)), 1));
    }
    let pid = pid_in(&daemon.says("demo#1: pid "));
    let pid = rustix::process::Pid::from_raw(pid as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    assert_eq!(clients[0].next(), None);
    daemon.says("status=137");
    assert!(is_result(&clients[1].ask(&ping(2)), 2));
    home.wait_for_counts("demo.sock", 1, 1);
}

#[test]
fn a_server_that_dies_at_once_is_started_less_and_less_often() {
    let home = Home::new(&config_of(&[server("demo", &["false"])]));
    let daemon = home.serve();
    for (failures, backoff) in (1..).zip([0, 100, 200, 400, 800]) {
        let mut client = home.client("demo.sock");
        assert_eq!(reason(&client.ask(&ping(1))), "server_exited");
        assert_eq!(client.next(), None);
        let line = daemon.says("the server has ended");
        assert!(line.contains(&format!("backoff_ms={backoff}")), "{line}");
        let status = home.status("demo.sock");
        assert_eq!(status["servers"][0]["failures"], failures, "{status}");
        assert!(status["servers"][0]["backoff_ms"].as_u64().unwrap() <= backoff, "{status}");
    }
    // Somebody who asks in time sees it; the wait doubles until that is certain.
    let mut client = home.client("demo.sock");
    for _ in 0..4 {
        assert_eq!(reason(&client.ask(&ping(1))), "server_exited");
        if home.status("demo.sock")["servers"][0]["backoff_ms"] != 0 {
            return;
        }
        client = home.client("demo.sock");
    }
    panic!("no back-off was seen: {}", home.status("demo.sock"));
}

#[test]
fn a_server_that_works_again_is_forgiven() {
    let (home, flag) = broken_home();
    let _daemon = home.serve();
    for _ in 0..3 {
        assert_eq!(reason(&home.client("demo.sock").ask(&ping(1))), "server_exited");
    }
    home.wait_for("demo.sock", |it| it["servers"][0]["failures"] == 3);
    std::fs::write(&flag, "").unwrap();
    assert!(is_result(&home.client("demo.sock").ask(&ping(1)), 1));
    home.wait_for("demo.sock", |it| it["servers"][0]["failures"] == 0);
}

#[test]
fn a_command_that_is_not_found_costs_its_clients_and_no_others() {
    let home =
        Home::new(&config_of(&[server("lost", &["/nonexistent/mcp", "x"]), answering("demo")]));
    let daemon = home.serve();
    for _ in 0..2 {
        let mut client = home.client("lost.sock");
        assert_eq!(reason(&client.ask(&ping(1))), "server_exited");
        assert_eq!(client.next(), None);
        let line = daemon.says("the server could not be started");
        assert!(line.contains("lost#") && line.contains("mend `command`"), "{line}");
        assert!(line.contains("/nonexistent/mcp: not found; give a path"), "{line}");
        assert!(is_result(&home.client("demo.sock").ask(&ping(1)), 1));
    }
    let status = home.wait_for("demo.sock", |it| it["servers"][0]["failures"] == 2);
    assert_eq!(status["servers"][1]["failures"], 0, "{status}");
}

#[test]
fn a_command_that_cannot_be_executed_is_named_at_the_start_and_at_each_client() {
    let home = Home::empty();
    let program = home.write("program", "no program", 0o644);
    home.configure(&config_of(&[server("demo", &[program.to_str().unwrap()])]));
    let session = crate::support::Session::start(home.command("serve"));
    let line = session.errors.find("servers[0].command");
    assert!(line.contains("cannot be executed") && line.contains("chmod +x"), "{line}");
    session.errors.find(" listens on ");
    let mut client = home.client("demo.sock");
    assert_eq!(reason(&client.ask(&ping(1))), "server_exited");
    let line = session.errors.find("the server could not be started");
    assert!(line.contains("program: cannot be executed"), "{line}");
}

#[test]
fn a_server_that_ignores_the_end_is_killed_with_all_its_children() {
    let script = "trap '' TERM; sleep 1000 & echo pid $$ >&2; while :; do sleep 1000; done";
    let home = Home::new(&config_of(&[scripted("demo", script)]));
    let daemon = home.serve();
    let mut client = home.client("demo.sock");
    client.send(&ping(1));
    let group = group_of(pid_in(&daemon.says("pid ")));
    wait_until("the server, its child and the guard", || members(group).len() >= 3);
    drop(client);
    wait_for_none(group);
    home.wait_for_counts("demo.sock", 0, 0);
}

#[test]
fn a_server_that_closes_its_output_is_ended() {
    let script = "echo pid $$ >&2; exec >&-; exec sleep 1000";
    let home = Home::new(&config_of(&[scripted("demo", script)]));
    let daemon = home.serve();
    let mut client = home.client("demo.sock");
    assert_eq!(reason(&client.ask(&ping(1))), "server_exited");
    assert_eq!(client.next(), None);
    wait_for_none(group_of_or_gone(pid_in(&daemon.says("pid "))));
    home.wait_for_counts("demo.sock", 0, 0);
}

/// The group of a process that may be gone; then nobody is in what is returned.
fn group_of_or_gone(pid: u32) -> u32 {
    if std::path::Path::new(&format!("/proc/{pid}")).exists() { group_of(pid) } else { pid }
}

#[test]
fn a_server_that_never_reads_does_not_hide_that_its_client_has_left() {
    let home = Home::new(&config_of(&[server("demo", &["sleep", "1000"])]));
    let _daemon = home.serve();
    let mut client = home.client("demo.sock");
    // More than all pipes and buffers on the way take, so that the end stands behind it, unread.
    let line = crate::support::note(1 << 10) + "\n";
    client.stream.set_write_timeout(Some(std::time::Duration::from_millis(300))).unwrap();
    while client.stream.write_all(line.as_bytes()).is_ok() {}
    drop(client);
    let status = home.wait_for_counts("demo.sock", 0, 0);
    assert_eq!(status["servers"][0]["failures"], 0, "{status}");
}

#[test]
fn a_server_that_reads_no_more_is_ended_and_what_was_asked_is_answered() {
    let script = "echo pid $$ >&2; exec <&-; echo closed >&2; exec sleep 1000";
    let home = Home::new(&config_of(&[scripted("demo", script)]));
    let daemon = home.serve();
    let mut client = home.client("demo.sock");
    // This lies in the pipe when it is closed, unread.
    client.send(&ping(1));
    let group = group_of(pid_in(&daemon.says("pid ")));
    daemon.says("demo#1: closed");
    client.send(&ping(2));
    let mut lines = [client.next().unwrap(), client.next().unwrap()];
    lines.sort();
    for (line, id) in lines.iter().zip(1..) {
        assert!(line.contains(&format!(r#""id":{id},"#)), "{line}");
        assert_eq!(reason(line), "server_exited");
    }
    assert_eq!(client.next(), None);
    wait_for_none(group);
}

/// Of all that wait one gets a try each time, so starts and failures go up together.
#[test]
fn a_server_that_failed_is_tried_with_one_client_at_a_time() {
    let (home, flag) = broken_home();
    let _daemon = home.serve();
    for _ in 0..2 {
        assert_eq!(reason(&home.client("demo.sock").ask(&ping(1))), "server_exited");
    }
    home.wait_for("demo.sock", |it| it["servers"][0]["failures"] == 2);
    let mut clients: Vec<_> = (0..10).map(|_| home.client("demo.sock")).collect();
    clients.iter_mut().for_each(|client| client.send(&ping(2)));
    home.wait_for("demo.sock", |it| {
        let count = |what: &str| it["servers"][0][what].as_u64().unwrap();
        assert!(count("starts") <= count("failures") + 1, "{it}");
        count("failures") == 5
    });
    std::fs::write(&flag, "").unwrap();
    let lines: Vec<_> = clients.iter_mut().map(|client| client.next().unwrap()).collect();
    let served = lines.iter().filter(|line| is_result(line, 2)).count();
    // One more may have been tried before the flag was there.
    assert!((6..8).contains(&served), "{lines:?}");
    let status = home.status("demo.sock");
    assert_eq!(status["servers"][0]["failures"], 0, "{status}");
}

#[test]
fn a_session_that_ended_for_its_clients_garbage_is_no_failure_of_its_server() {
    let mut config = config_of(&[scripted("demo", "while read line; do :; done")]);
    config["socket"] = json!({"rate_limit": 0});
    let home = Home::new(&config);
    let _daemon = home.serve();
    for _ in 0..3 {
        let mut client = home.client("demo.sock");
        client.send(&ping(1));
        home.wait_for("demo.sock", |it| it["children"] == 1);
        client.send("{}\n".repeat(1_100).trim_end());
        while client.next().is_some() {}
        home.wait_for_counts("demo.sock", 0, 0);
    }
    let status = home.status("demo.sock");
    let server = &status["servers"][0];
    assert_eq!((&server["starts"], &server["failures"]), (&json!(3), &json!(0)), "{status}");
}

/// A home whose server fails until a file is there: the home, and the file.
fn broken_home() -> (Home, std::path::PathBuf) {
    let script = "test -e \"$1\" && exec \"$0\" demo-server";
    let home = Home::empty();
    let mut config = config_of(&[scripted("demo", script)]);
    let flag = home.path("flag");
    config["servers"][0]["command"].as_array_mut().unwrap().push(json!(flag));
    home.configure(&config);
    (home, flag)
}
