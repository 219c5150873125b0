//! Exit statuses, as env(1) and timeout(1) have them.

mod support;

use std::io::Write;

use support::{Session, finish, ping, portcullis, run, run_script, run_with};

#[test]
fn status_is_that_of_the_server() {
    for (script, want) in [("exit 0", 0), ("exit 7", 7), ("exit 124", 124), ("exit 255", 255)] {
        assert_eq!(finish(&mut run_script(script)).0, want, "{script}");
    }
}

#[test]
fn status_of_a_server_that_a_signal_ended_is_128_and_its_number() {
    for (script, want) in [("kill -9 $$", 137), ("kill -TERM $$", 143), ("kill -SEGV $$", 139)] {
        assert_eq!(finish(&mut run_script(script)).0, want, "{script}");
    }
}

#[test]
fn status_tells_a_missing_command_from_one_that_cannot_run() {
    let folder = tempfile::tempdir().unwrap();
    let (status, _, errors) = finish(&mut run(["/nonexistent/server"]));
    assert_eq!(status, 127);
    assert!(errors.contains("/nonexistent/server: not found"), "{errors}");
    let (status, _, errors) = finish(&mut run([folder.path()]));
    assert_eq!(status, 126);
    assert!(errors.contains("cannot be executed"), "{errors}");
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "no program").unwrap();
    assert_eq!(finish(&mut run([&plain])).0, 126);
}

#[test]
fn status_of_our_own_failure_is_125() {
    let (status, _, errors) = finish(&mut run_with(["--config", "/nonexistent.yaml"], ["true"]));
    assert_eq!(status, 125);
    assert!(errors.contains("/nonexistent.yaml"), "{errors}");
    assert_eq!(finish(&mut run_with(["--audit", "/nonexistent/audit"], ["true"])).0, 125);
}

#[test]
fn status_of_wrong_usage_is_2() {
    for arguments in [&["run"][..], &["run", "--"], &["run", "--no-such"], &["nothing"], &[]] {
        let mut command = portcullis("--help");
        let mut bare = std::process::Command::new(command.get_program());
        assert_eq!(finish(bare.args(arguments)).0, 2, "{arguments:?}");
        assert_eq!(finish(&mut command).0, 0);
    }
}

#[test]
fn open_requests_are_answered_when_the_server_dies() {
    let mut session = Session::start(run_script("read line; exit 3"));
    session.send(&ping(41));
    let line = session.output.next().expect("the request is not left open");
    assert!(line.contains(r#""id":41"#) && line.contains("server_exited"), "{line}");
    assert_eq!(session.output.next(), None);
    assert_eq!(session.wait().0, 3);
}

#[test]
fn a_server_that_dies_ends_the_session_even_if_its_children_live() {
    // The background process holds every pipe that the server had.
    let mut session = Session::start(run_script("sleep 1000 & read line; exit 4"));
    session.send(&ping(1));
    assert!(session.output.next().expect("an answer").contains("server_exited"));
    let (status, took) = session.wait();
    assert_eq!(status, 4);
    assert!(took.as_millis() < 900, "{took:?}");
}

#[test]
fn own_variables_do_not_reach_the_server() {
    let script = r#"echo "${PORTCULLIS_TEST-unset} ${OTHER-unset}" >&2"#;
    let mut command = run_script(script);
    command.env("PORTCULLIS_TEST", "1").env("OTHER", "2");
    let (_, _, errors) = finish(&mut command);
    assert!(errors.contains("unset 2"), "{errors}");
}

#[test]
fn totals_are_printed_at_the_end_and_on_request() {
    let mut session = Session::start(run_with(["--stats"], [support::PORTCULLIS, "demo-server"]));
    session.send(&ping(1));
    session.output.next().expect("an answer");
    session.signal(rustix::process::Signal::USR1);
    let line = session.errors.find("from client:");
    assert!(line.contains("1 frames") && line.contains("1 passed"), "{line}");
    session.input.as_mut().unwrap().flush().unwrap();
    session.send(&ping(2));
    session.output.next().expect("an answer");
    session.close();
    assert_eq!(session.wait().0, 0);
    assert!(session.errors.find("from client: 2").contains("2 passed"));
}
