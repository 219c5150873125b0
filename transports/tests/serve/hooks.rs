//! The program that is asked whether a call may go on, with `run`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::daemon::{Home, call, is_result, reason, wait_until};
use crate::support::{
    PORTCULLIS, Session, children_of, group_of, members, ping, run_with, wait_for_none,
};

/// A home whose configuration asks this script, and a session with the leaking server in it.
fn asking(script: &str) -> (Home, Session) {
    asking_for(json!({"command": ["sh", "-c", script]}))
}

fn asking_for(approvals: Value) -> (Home, Session) {
    let home =
        Home::new(&json!({"tools": {"ask": ["square", "delete_*"]}, "approvals": approvals}));
    let session = start(&home, "error");
    (home, session)
}

fn start(home: &Home, level: &str) -> Session {
    let config = home.path("config.yaml");
    let words = ["--log-level", level, "--config", config.to_str().unwrap()];
    let mut command = run_with(words, [PORTCULLIS, "demo-server"]);
    command.env("HERE", home.folder());
    Session::start(command)
}

/// The answer to one call of a tool that is asked for.
fn answer(session: &mut Session) -> String {
    session.send(&call(1, "square"));
    session.output.next().expect("an answer, and no end")
}

/// A file that a hook wrote, once its whole line is there.
fn written(path: &Path) -> String {
    let read = || std::fs::read_to_string(path).unwrap_or_default();
    wait_until("the hook has written its line", || read().ends_with('\n'));
    read()
}

/// The process group of a hook that has written its number.
fn group(path: &Path) -> u32 {
    group_of(written(path).trim().parse().expect("a number of a process"))
}

#[test]
fn a_yes_lets_the_call_go_on_and_a_no_does_not() {
    let (_home, mut session) = asking("read line; echo '{\"approve\":true}'");
    assert!(is_result(&answer(&mut session), 1));
    let (_home, mut session) = asking("read line; echo '{\"approve\":false}'");
    assert_eq!(reason(&answer(&mut session)), "approval_denied");
    session.send(&ping(2));
    assert!(is_result(&session.output.next().unwrap(), 2), "the session goes on");
}

#[test]
fn the_hook_reads_one_line_that_says_what_is_asked() {
    let (home, mut session) = asking("cat > \"$HERE/asked\"; printf '{\"approve\":true}'");
    let odd = r#"{"n": 12345678901234567890123,"t":"\u0041"}"#;
    session.send(&format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"square","arguments":{odd}}}}}"#
    ));
    assert!(is_result(&session.output.next().unwrap(), 1));
    let line = written(&home.path("asked"));
    assert_eq!(line.matches('\n').count(), 1, "{line}");
    let asked: Value = serde_json::from_str(&line).unwrap();
    let pid = session.process.id();
    assert_eq!((&asked["ticket"], &asked["session"]), (&json!(1), &json!(pid)));
    assert_eq!((&asked["server"], &asked["tool"]), (&json!("portcullis"), &json!("square")));
    assert!(line.contains(&format!("\"arguments\":{odd}")), "as they stand: {line}");
}

#[test]
fn whatever_goes_wrong_is_a_no() {
    for script in [
        "exit 3",
        "kill -9 $$",
        "read line; echo '{\"approve\":true}'; exit 1",
        "read line; echo '{\"approve\":true}'; kill $$",
        "true",
        "echo yes",
        "echo '{\"approve\":true} {\"approve\":true}'",
        "echo '{\"approve\":true}'; echo '{\"approve\":true}'",
        "echo '{\"approve\":true,\"approve\":true}'",
        "echo '{\"approve\":\"true\"}'",
        "head -c 70000 /dev/zero | tr '\\0' ' '; echo '{\"approve\":true}'",
        "while :; do echo '{\"approve\":true}'; done",
        "exec 1>&-; exit 0",
    ] {
        let (_home, mut session) = asking(script);
        assert_eq!(reason(&answer(&mut session)), "approval_denied", "{script}");
    }
    for command in [json!(["/nonexistent/hook"]), json!(["."]), json!(["./config.yaml"])] {
        let (_home, mut session) = asking_for(json!({"command": command}));
        assert_eq!(reason(&answer(&mut session)), "approval_denied", "{command}");
    }
}

#[test]
fn a_failure_is_told_in_the_log() {
    for (script, fault) in [
        ("exit 3", "it ended with status 3"),
        ("echo yes", "what it wrote is not one line"),
        ("head -c 70000 /dev/zero", "it wrote more than 65536 bytes"),
    ] {
        let (home, _) = asking(script);
        let mut session = start(&home, "warn");
        answer(&mut session);
        let line = session.errors.find("the approval hook failed");
        assert!(line.contains(fault) && line.contains("ticket=1 tool=square"), "{line}");
    }
    let (home, _) = asking("echo SECRET-1 >&2; echo '{\"approve\":true}'");
    let mut session = start(&home, "error");
    assert!(is_result(&answer(&mut session), 1));
    assert_eq!(session.errors.next().unwrap(), "approvals.command: SECRET-1");
}

#[test]
fn a_hook_that_hangs_is_killed_with_all_that_it_started() {
    let script = "echo $$ > \"$HERE/pid\"; sleep 1000 & sleep 1000";
    let (home, mut session) =
        asking_for(json!({"command": ["sh", "-c", script], "timeout_ms": 300}));
    assert_eq!(reason(&answer(&mut session)), "approval_denied");
    // It may have been late even to begin.
    if let Ok(text) = std::fs::read_to_string(home.path("pid"))
        && let Some(group) = text.trim().parse().ok().filter(|pid| !members(*pid).is_empty())
    {
        wait_for_none(group);
    }
    let pid = session.process.id();
    wait_until("only the server and its guard are left", || children_of(pid).len() == 2);
}

/// A session that waits for a hook that hangs, and the group of the hook.
fn hanging() -> (Home, Session, u32) {
    let (home, mut session) = asking("echo $$ > \"$HERE/pid\"; sleep 1000 & sleep 1000");
    session.send(&call(1, "delete_everything"));
    let group = group(&home.path("pid"));
    (home, session, group)
}

#[test]
fn a_call_that_is_cancelled_ends_its_hook_and_never_leaves() {
    let (_home, mut session, group) = hanging();
    let cancel = json!({"requestId": 1});
    session.send(
        &json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancel})
            .to_string(),
    );
    wait_for_none(group);
    session.send(&call(2, "report"));
    let report: Value = serde_json::from_str(&session.output.next().unwrap()).unwrap();
    assert_eq!(report["id"], 2);
    assert_eq!(report["result"]["structuredContent"]["deleted"], 0);
    session.close();
    assert_eq!(session.wait().0, 0);
}

#[test]
fn a_session_that_ends_ends_its_hooks() {
    let (_home, mut session, group) = hanging();
    session.close();
    session.wait();
    wait_for_none(group);
    let (_home, mut session, group) = hanging();
    session.signal(rustix::process::Signal::TERM);
    session.wait();
    wait_for_none(group);
}

#[test]
fn a_hook_outlives_nobody() {
    let (_home, mut session, group) = hanging();
    session.process.kill().unwrap();
    session.wait();
    wait_for_none(group);
}

#[test]
fn other_calls_go_on_meanwhile() {
    let (_home, mut session, _) = hanging();
    session.send(&call(2, "report"));
    assert!(is_result(&session.output.next().unwrap(), 2));
}

/// Makes a pipe with a name.
fn fifo(home: &Home) -> PathBuf {
    let path = home.path("fifo");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    path
}

#[test]
fn two_calls_are_asked_for_at_once() {
    let script = "read line; case $line in \
                  *'\"ticket\":1,'*) echo x > \"$HERE/fifo\"; echo '{\"approve\":true}';; \
                  *) read x < \"$HERE/fifo\"; echo '{\"approve\":false}';; esac";
    let (home, mut session) = asking(script);
    fifo(&home);
    session.send(&format!("{}\n{}", call(1, "square"), call(2, "square")));
    let mut lines = [session.output.next().unwrap(), session.output.next().unwrap()];
    lines.sort_by_key(|line| line.contains("\"id\":2"));
    assert!(is_result(&lines[0], 1), "{}", lines[0]);
    assert_eq!(reason(&lines[1]), "approval_denied");
}

#[test]
fn without_a_hook_nobody_can_be_asked() {
    let home = Home::new(&json!({"tools": {"ask": ["square"]}}));
    let mut session = start(&home, "warn");
    assert_eq!(reason(&answer(&mut session)), "approval_denied");
    session.errors.find("tools.ask: calls of these tools are refused");
    session.errors.find("nobody can be asked");
}
