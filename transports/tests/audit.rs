//! The audit log: one JSON object for each event, for its owner alone, without content.

mod support;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use serde_json::Value;
use support::{PORTCULLIS, Session, finish, ping, run_with};

fn session(file: &Path) -> Session {
    let audit = ["--audit", file.to_str().unwrap()];
    Session::start(run_with(audit, [PORTCULLIS, "demo-server"]))
}

fn talk(file: &Path, lines: &[&str]) -> Vec<Value> {
    let mut session = session(file);
    for line in lines {
        session.send(line);
        session.output.next().expect("an answer");
    }
    session.close();
    assert_eq!(session.wait().0, 0);
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_decision_is_recorded_and_the_file_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.jsonl");
    let call = r#"{"jsonrpc":"2.0","id":"a-1","method":"tools/call","params":{"name":"read_env"}}"#;
    let events = talk(&file, &[&ping(1), call, r#"{"jsonrpc":"1.0","id":3,"method":"ping"}"#]);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let of = |kind: &str, from: &str| -> Vec<&Value> {
        events.iter().filter(|event| event["kind"] == kind && event["from"] == from).collect()
    };
    let passed = of("passed", "client");
    assert_eq!(passed.len(), 2, "{events:?}");
    assert_eq!(passed[0]["method"], "ping");
    assert_eq!(passed[0]["bytes_in"], passed[0]["bytes_out"]);
    assert_eq!(passed[1]["tool"], "read_env");
    let changed = of("changed", "server");
    assert_eq!(changed.len(), 1, "{events:?}");
    assert_eq!(changed[0]["rule"], "aws-access-key");
    assert_eq!(changed[0]["reason"], "redacted");
    assert_eq!(changed[0]["message"], "response");
    assert_eq!(changed[0]["method"], "tools/call");
    assert!(changed[0]["duration_ms"].is_u64());
    let digest = changed[0]["id"].as_str().unwrap();
    assert!(digest.len() == 16 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(passed[1]["id"], digest, "a request and its answer have one digest");
    let refused = of("refused", "client");
    assert_eq!(refused[0]["reason"], "bad_version");
    // The first event tells who the client is; who the server is, is told with the second.
    for event in &events[1..] {
        let time = event["time"].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
        assert!(event["session"].as_u64().unwrap() > 0);
        assert_eq!(event["server"], "portcullis");
    }
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("AKIA") && !text.contains("a-1"), "content in {text}");
}

#[test]
fn sessions_append_to_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.jsonl");
    let first = talk(&file, &[&ping(1)]);
    let both = talk(&file, &[&ping(1)]);
    assert_eq!(both[..first.len()], first[..]);
    assert_ne!(both.last().unwrap()["session"], first[0]["session"]);
}

#[test]
fn a_file_that_others_reach_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |file: &Path, words: &str| {
        let mut command = run_with(["--audit", file.to_str().unwrap()], ["true"]);
        let (status, _, errors) = finish(&mut command);
        assert_eq!(status, 125, "{errors}");
        assert!(errors.contains(words), "{errors}");
    };
    let open = folder.path().join("open");
    std::fs::write(&open, "").unwrap();
    std::fs::set_permissions(&open, PermissionsExt::from_mode(0o622)).unwrap();
    refused(&open, "chmod go-w");
    let link = folder.path().join("link");
    symlink("target", &link).unwrap();
    refused(&link, "symbolic link");
    refused(Path::new("/dev/null"), "not a regular file");
    refused(&folder.path().join("../audit"), "`..`");
    refused(&folder.path().join("%2e%2e/audit"), "`..`");
}

#[test]
fn a_session_whose_record_cannot_be_written_ends() {
    // A disk that is full, by a limit on the size of files.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.jsonl");
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" run --audit \"$1\" -- cat";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", script, PORTCULLIS, file.to_str().unwrap()]);
    command.env("XDG_CONFIG_HOME", "/nonexistent");
    let pipe = std::process::Stdio::piped;
    command.stdin(pipe()).stdout(pipe()).stderr(pipe());
    let mut session = Session::start(command);
    let said = session.errors.find("the audit log could not be written");
    assert!(said.contains(file.to_str().unwrap()) && said.contains("make room"), "{said}");
    assert_eq!(session.wait().0, 125);
    assert_eq!(session.output.rest(), Vec::<String>::new(), "nothing passed without its record");
}
