//! The way out: in order, within two seconds, and with nothing left behind.

mod support;

use std::time::{Duration, Instant};

use rustix::process::Signal;
use support::{
    Session, fill, group_of, members, note, ping, run_script, run_server, wait_for_none,
};

/// A server that ignores the end of input and SIGTERM, with a child of its own.
const STUBBORN: &str = "trap '' TERM; sleep 1000 & echo pid $$ >&2; while :; do sleep 1000; done";

fn stubborn() -> (Session, u32) {
    let session = Session::start(run_script(STUBBORN));
    let group = group_of(pid(&session));
    assert!(members(group).len() >= 3, "the server, its child and the guard");
    (session, group)
}

fn pid(session: &Session) -> u32 {
    session.errors.find("pid ")[4..].parse().unwrap()
}

#[test]
fn a_stubborn_server_is_gone_two_seconds_after_the_end_of_input() {
    let (mut session, group) = stubborn();
    session.close();
    let (status, took) = session.wait();
    assert_eq!(status, 137);
    assert!(took > Duration::from_millis(1_400) && took < Duration::from_secs(2), "{took:?}");
    wait_for_none(group);
}

#[test]
fn a_stubborn_server_is_gone_two_seconds_after_a_signal() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let (mut session, group) = stubborn();
        session.signal(signal);
        let (status, took) = session.wait();
        assert_eq!(status, 137);
        assert!(took < Duration::from_secs(2), "{signal:?} {took:?}");
        wait_for_none(group);
    }
}

#[test]
fn a_second_signal_ends_a_stubborn_server_at_once() {
    let (mut session, group) = stubborn();
    // Two signals of one number may count as one, so the first has to be seen before the second.
    session.signal(Signal::INT);
    session.signal(Signal::USR1);
    session.errors.find("from server");
    session.signal(Signal::TERM);
    let (status, took) = session.wait();
    assert_eq!(status, 137);
    assert!(took < Duration::from_millis(500), "{took:?}");
    wait_for_none(group);
}

/// The end of the input stands behind bytes for which the server has no room.
#[test]
fn the_end_of_a_full_input_is_seen_though_the_server_does_not_read() {
    let mut session = Session::start(run_script("echo pid $$ >&2; exec sleep 1000"));
    let group = group_of(pid(&session));
    fill(session.input.as_mut().unwrap());
    session.close();
    let (status, took) = session.wait();
    assert_eq!(status, 143);
    assert!(took < Duration::from_secs(2), "{took:?}");
    wait_for_none(group);
}

#[test]
fn nothing_is_left_when_we_are_killed() {
    let (mut session, group) = stubborn();
    session.signal(Signal::KILL);
    assert_eq!(session.wait().0, 137);
    wait_for_none(group);
}

#[test]
fn children_that_a_server_leaves_end_with_the_session() {
    let script = "sleep 1000 & sleep 1000 & echo pid $$ >&2; read line";
    let mut session = Session::start(run_script(script));
    let group = group_of(pid(&session));
    session.close();
    assert_eq!(session.wait().0, 1);
    wait_for_none(group);
}

#[test]
fn a_server_that_minds_the_end_of_input_is_not_waited_for() {
    let mut session = Session::start(run_server());
    session.send(&ping(1));
    session.output.next().unwrap();
    session.close();
    let (status, took) = session.wait();
    assert_eq!(status, 0);
    assert!(took < Duration::from_millis(500), "{took:?}");
}

#[test]
fn a_server_that_minds_sigterm_gets_it_after_a_second() {
    let script = "trap 'exit 9' TERM; echo pid $$ >&2; while :; do sleep 0.05; done";
    let mut session = Session::start(run_script(script));
    pid(&session);
    session.close();
    let (status, took) = session.wait();
    assert_eq!(status, 9);
    assert!(took > Duration::from_millis(900) && took < Duration::from_millis(1_500), "{took:?}");
}

#[test]
fn a_server_that_closes_its_output_is_ended() {
    let mut session = Session::start(run_script("exec >&-; exec sleep 1000"));
    let start = Instant::now();
    assert_eq!(session.output.next(), None);
    assert_eq!(session.wait().0, 143);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn requests_open_at_a_signal_are_answered() {
    let mut session = Session::start(run_script("echo pid $$ >&2; exec sleep 1000"));
    pid(&session);
    session.send(&ping(5));
    // The request is with the engine once totals count it.
    session.signal(Signal::USR1);
    while !session.errors.find("from client").contains("1 requests open") {
        session.signal(Signal::USR1);
    }
    session.signal(Signal::TERM);
    let line = session.output.next().expect("the request is not left open");
    assert!(line.contains(r#""id":5"#) && line.contains("error"), "{line}");
    assert_eq!(session.wait().0, 143);
}

#[test]
fn the_server_holds_three_descriptors_and_the_guard_three() {
    let script = "echo pid $$ >&2; exec cat";
    let mut command = std::process::Command::new("sh");
    // A descriptor that a careless client left open for us.
    let wrapped = "exec 7</dev/null 9>/dev/null; exec \"$0\" run -- sh -c \"$1\"";
    command.args(["-c", wrapped, support::PORTCULLIS, script]);
    command.env("XDG_CONFIG_HOME", "/nonexistent");
    command.stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped());
    let mut session = Session::start(command);
    let server = pid(&session);
    // What comes back shows that the shell, which has descriptors of its own, is gone.
    session.send(&note(3));
    session.output.next().unwrap();
    let guard = group_of(server);
    for pid in [server, guard] {
        let mut open: Vec<i32> = std::fs::read_dir(format!("/proc/{pid}/fd"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap())
            .collect();
        open.sort_unstable();
        assert_eq!(open, [0, 1, 2], "process {pid}");
    }
    session.close();
    session.wait();
}
