//! A system that has too little for everybody who comes.

use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::event::PollFlags;

use crate::support::daemon::{Client, Home, answering, config_of, is_result, wait_until};
use crate::support::{PORTCULLIS, ping, ready};

/// What is told when nothing is left.
const SHORT: &str = "the system has no descriptor, process or memory left; raise its limits";

fn has_answer(client: &Client) -> bool {
    ready(&client.stream, PollFlags::IN, Duration::ZERO)
}

/// Nobody is refused, nothing counts against the server, and it is told once in ten seconds.
#[test]
fn clients_for_whom_no_descriptor_is_left_wait_until_others_leave() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let script =
        "ulimit -n 40; exec \"$0\" serve --log-level info --log-file \"$2\" --config \"$1\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, PORTCULLIS]).arg(home.path("config.yaml"));
    command.arg(home.path("daemon.log")).env("XDG_CONFIG_HOME", "/nonexistent");
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let mut daemon = home.serve_with(command);
    let log = || std::fs::read_to_string(home.path("daemon.log")).unwrap();
    let mut served = Vec::new();
    let mut others = Vec::new();
    while others.is_empty() {
        let mut client = home.client("demo.sock");
        client.send(&ping(1));
        wait_until("it is answered or waits", || has_answer(&client) || log().contains(SHORT));
        if log().contains(SHORT) {
            others.push(client);
            continue;
        }
        let line = client.next().unwrap();
        assert!(is_result(&line, 1), "{line}");
        served.push(client);
    }
    for _ in 0..4 {
        let mut client = home.client("demo.sock");
        client.send(&ping(1));
        others.push(client);
    }
    assert!(served.len() > 2, "{} were served", served.len());
    drop(served);
    // Each leaves when it has its answer, in whatever order they come, and makes room.
    while !others.is_empty() {
        wait_until("the next is answered", || others.iter().any(has_answer));
        let mut client = others.swap_remove(others.iter().position(has_answer).unwrap());
        let line = client.next().unwrap();
        assert!(is_result(&line, 1), "{line}\n{}", log());
    }
    let status = home.wait_for_counts("demo.sock", 0, 0);
    assert_eq!(status["servers"][0]["failures"], 0, "{status}");
    assert_eq!(daemon.end(), 0);
    let log = log();
    assert!(log.matches(SHORT).count() <= 3, "{log}");
    assert!(!log.contains("mend `command`"), "{log}");
}
