//! The client, the server and Portcullis are killed in turn, round after round: no process, no
//! descriptor and no file is left. `PORTCULLIS_KILL_ROUNDS=1000` makes it long.

mod support;

use rustix::process::{Pid, Signal, kill_process};
use support::{PORTCULLIS, Session, group_of, ping, run_with, wait_for_none};

/// Holds its children, so that something would be left if only the first process were killed.
const SERVER: &str = "sleep 1000 & echo pid $$ >&2; \"$0\" demo-server; exit";

#[test]
fn nothing_is_left_whoever_is_killed() {
    let rounds = support::rounds("PORTCULLIS_KILL_ROUNDS", 100);
    let folder = tempfile::tempdir().unwrap();
    let audit = folder.path().join("audit.jsonl");
    let audit = ["--audit", audit.to_str().unwrap()];
    // The first round opens what the test itself keeps.
    round(0, audit);
    let before = descriptors();
    for number in 0..rounds {
        round(number, audit);
    }
    // Readers of the last round may still be on their way out.
    let end = std::time::Instant::now() + support::PATIENCE;
    while descriptors() > before {
        assert!(std::time::Instant::now() < end, "{} descriptors, {before} before", descriptors());
        std::thread::yield_now();
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "only the audit log");
}

/// A server may send its whole group whatever it likes; the guard stays.
#[test]
fn the_guard_outlives_the_signals_of_its_group() {
    let script = "trap '' USR1 QUIT ALRM; echo pid $$ >&2; \
                  kill -USR1 0; kill -QUIT 0; kill -ALRM 0; echo sent >&2; exec sleep 1000";
    let mut session = Session::start(run_with([] as [&str; 0], ["sh", "-c", script]));
    let server: u32 = session.errors.find("pid ")[4..].parse().unwrap();
    session.errors.find("sent");
    let group = group_of(server);
    session.process.kill().unwrap();
    wait_for_none(group);
}

fn round(number: usize, audit: [&str; 2]) {
    let mut command = run_with(audit, ["sh", "-c", SERVER, PORTCULLIS]);
    command.env("TMPDIR", std::path::Path::new(audit[1]).parent().unwrap());
    let mut session = Session::start(command);
    let server: u32 = session.errors.find("pid ")[4..].parse().unwrap();
    let group = group_of(server);
    session.send(&ping(1));
    session.output.next().expect("an answer");
    session.send(r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"report"}}"#);
    match number % 3 {
        // All that is seen of a client that was killed is that its ends are closed.
        0 => session.close(),
        1 => {
            let server = Pid::from_raw(server.try_into().unwrap()).unwrap();
            kill_process(server, Signal::KILL).expect("the server runs");
        }
        _ => session.signal(Signal::KILL),
    }
    session.wait();
    wait_for_none(group);
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
