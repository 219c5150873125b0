//! What is written about the work, and that it is never content.

use serde_json::{Value, json};

use crate::sessions::TOKEN;
use crate::support::daemon::{Home, config_of, is_result, reason, scripted};
use crate::support::{PORTCULLIS, Session, ping, run_with};

/// What must not be found in anything that is written: none has the shape of a secret, but for the
/// last, which is made here so that no file holds one.
fn fakes() -> [String; 6] {
    let shaped = format!("{}{}", "AKIA", "QZ7XM2KD5RWT4VNB");
    let plain = ["SECRET-ARGUMENT", "SECRET-META", "SECRET-GARBAGE", "SECRET-COMMAND", "SECRET-ID"];
    let [a, b, c, d, e] = plain.map(str::to_owned);
    [a, b, c, d, e, shaped]
}

/// A server that says a secret on standard error, and on standard output where no message stands.
const LEAKING: &str =
    r#"echo "the key is $1, keep it" >&2; echo "noise $1"; exec "$0" demo-server"#;

/// Everything that a session leads to: passed, changed, refused, noise, ends.
fn work(home: &Home, daemon: &crate::support::daemon::Daemon) {
    let fakes = fakes();
    let mut client = home.client("demo.sock");
    let request = |id: Value, token: &str| {
        json!({
            "auth_token": token, "jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": {
                "name": "read_env",
                "arguments": {"a": fakes[0], "key": fakes[5]},
                "_meta": {"b": fakes[1]},
            },
        })
        .to_string()
    };
    assert_eq!(reason(&client.ask(&request(json!(1), &fakes[2]))), "auth_failed");
    client.send(&request(json!(fakes[4]), TOKEN));
    assert!(client.next().unwrap().contains("REDACTED"));
    for garbage in [fakes[2].clone(), format!("{{\"{}\":", fakes[2]), fakes[5].clone()] {
        assert_eq!(reason(&client.ask(&garbage)), "not_json");
    }
    drop(client);
    home.wait_for_counts("demo.sock", 0, 0);
    assert!(daemon.pid() > 0);
}

fn leaking_home(key: &str, value: Value) -> Home {
    let mut config = config_of(&[scripted("demo", LEAKING)]);
    let [.., command, _, shaped] = fakes();
    config["servers"][0]["command"].as_array_mut().unwrap().extend([json!(shaped), json!(command)]);
    config["socket"] = json!({"auth_token": TOKEN});
    config[key] = value;
    Home::new(&config)
}

fn assert_clean(text: &str) {
    for fake in fakes().iter().map(String::as_str).chain([TOKEN]) {
        assert!(!text.contains(fake), "{fake} stands in\n{text}");
    }
}

#[test]
fn nothing_that_is_written_holds_content() {
    for format in ["text", "json"] {
        for file in [None, Some("daemon.log")] {
            let home = leaking_home("audit", json!({"file": "audit.jsonl"}));
            let mut command = home.command("serve");
            command.args(["--log-level", "debug", "--log-format", format]);
            if let Some(file) = file {
                command.arg("--log-file").arg(home.path(file));
            }
            let mut daemon = home.serve_with(command);
            work(&home, &daemon);
            assert_eq!(daemon.end(), 0);
            let errors = daemon.session.errors.rest().join("\n");
            let audit = std::fs::read_to_string(home.path("audit.jsonl")).unwrap();
            let log = file.map(|file| std::fs::read_to_string(home.path(file)).unwrap());
            [&errors, &audit].into_iter().chain(&log).for_each(|text| assert_clean(text));
            let told = log.as_ref().unwrap_or(&errors);
            for word in ["auth_failed", "not_json", "read_env", "redacted", "noise", "draining"] {
                assert!(told.contains(word), "no {word} in {told}");
            }
            assert!(errors.contains("demo#1: the key is [REDACTED:aws-access-key], keep it"));
            assert!(audit.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
            for word in ["auth_failed", "not_json", "read_env", "redacted"] {
                assert!(audit.contains(word), "no {word} in {audit}");
            }
        }
    }
}

#[test]
fn standard_error_of_each_server_is_labelled_line_by_line() {
    let script = "printf 'one\\ntwo\\nhalf' >&2; read line; printf ' a line\\nlast' >&2";
    let home = Home::new(&config_of(&[scripted("first", script), scripted("second", script)]));
    let daemon = home.serve();
    for (number, name) in [(1, "first"), (2, "second"), (3, "first")] {
        let mut client = home.client(&format!("{name}.sock"));
        assert_eq!(reason(&client.ask(&ping(1))), "server_exited");
        for line in ["one", "two", "half a line", "last"] {
            // Entries of the log name the session, too, but begin with their time.
            let label = format!("{name}#{number}: ");
            let got = std::iter::repeat_with(|| daemon.says(&label));
            let got = got.into_iter().find(|line| line.starts_with(&label));
            assert_eq!(got, Some(label + line));
        }
        daemon.says("the session has ended");
    }
}

#[test]
fn entries_of_a_daemon_are_json_if_that_is_wanted() {
    let home = leaking_home("log", json!({"format": "json", "level": "info", "file": "d.log"}));
    let mut daemon = home.serve_with(home.command("serve"));
    work(&home, &daemon);
    assert_eq!(daemon.end(), 0);
    let text = std::fs::read_to_string(home.path("d.log")).unwrap();
    let entries: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let find = |what: &str| {
        let found = entries.iter().find(|entry| entry["what"] == what);
        found.unwrap_or_else(|| panic!("no {what} in {text}"))
    };
    let refused = find("refused");
    assert_eq!(refused["level"], "warn");
    assert_eq!((&refused["server"], &refused["session"]), (&json!("demo"), &json!(1)));
    assert_eq!(find("the server was started")["level"], "info");
    assert!(find("the session has ended")["frames"].as_u64().unwrap() > 4);
    assert!(find("draining").get("session").is_none());
    let time = refused["time"].as_str().unwrap();
    assert!(time.len() == 24 && time.ends_with('Z') && time.contains('T'), "{time}");
}

/// A command that refuses one message, and what it wrote about that.
fn told(arguments: &[&str], variables: &[(&str, &str)]) -> Vec<String> {
    let mut command = run_with(arguments, [PORTCULLIS, "demo-server"]);
    for name in ["PORTCULLIS_LOG", "NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied()).env("TERM", "xterm");
    let mut session = Session::start(command);
    session.send("SECRET-1");
    assert_eq!(reason(&session.output.next().unwrap()), "not_json");
    session.send(&ping(1));
    assert!(is_result(&session.output.next().unwrap(), 1));
    session.close();
    assert_eq!(session.wait().0, 0);
    let lines = session.errors.rest();
    assert!(lines.iter().all(|line| !line.contains("SECRET")), "{lines:?}");
    // That we may be root is a warning of its own.
    lines.into_iter().filter(|line| !line.contains("running as root")).collect()
}

#[test]
fn run_tells_what_the_level_wants() {
    let is_refusal =
        |line: &String| line.contains(" warn portcullis ") && line.contains("not_json");
    for (arguments, variables) in [
        (&[][..], &[][..]),
        (&["--log-level", "warn"], &[("PORTCULLIS_LOG", "error")]),
        (&[], &[("PORTCULLIS_LOG", "warn")]),
        (&[], &[("PORTCULLIS_LOG", "")]),
    ] {
        let lines = told(arguments, variables);
        assert!(lines.len() == 1 && is_refusal(&lines[0]), "{arguments:?} {variables:?} {lines:?}");
    }
    for (arguments, variables) in [
        (&["--quiet"][..], &[][..]),
        (&["-q"], &[("PORTCULLIS_LOG", "debug")]),
        (&["--log-level", "error"], &[]),
        (&[], &[("PORTCULLIS_LOG", "error")]),
    ] {
        assert_eq!(told(arguments, variables), [""; 0], "{arguments:?} {variables:?}");
    }
    for (arguments, variables) in
        [(&["--log-level", "debug"][..], &[][..]), (&[], &[("PORTCULLIS_LOG", "debug")])]
    {
        let lines = told(arguments, variables);
        assert!(lines.iter().any(is_refusal), "{lines:?}");
        let passed = |line: &String| line.contains(" debug portcullis ") && line.contains("passed");
        assert_eq!(lines.iter().filter(|line| passed(line)).count(), 2, "{lines:?}");
    }
}

#[test]
fn run_tells_it_as_json_or_to_a_file() {
    let lines = told(&["--log-format", "json"], &[]);
    let entry: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!((&entry["level"], &entry["reason"]), (&json!("warn"), &json!("not_json")));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.log");
    let name = file.to_str().unwrap();
    assert_eq!(told(&["--log-file", name], &[("CLICOLOR_FORCE", "1")]), [""; 0]);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("reason=not_json") && !text.contains('\u{1b}'), "{text}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn run_colours_what_a_person_wants_coloured() {
    let coloured = |variables: &[(&str, &str)], arguments: &[&str]| {
        told(arguments, variables)[0].contains("\u{1b}[33mwarn")
    };
    assert!(!coloured(&[], &[]), "a pipe is no terminal");
    assert!(coloured(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!coloured(&[("NO_COLOR", "1")], &[]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1")], &["--log-format", "json"]));
}

#[test]
fn a_level_that_is_none_is_named() {
    let mut command = run_with(["--log-level", "loud"], ["true"]);
    let (status, _, errors) = crate::support::finish(&mut command);
    assert_eq!(status, 2, "{errors}");
    let mut command = run_with::<&str, _>([], ["true"]);
    let (status, _, errors) = crate::support::finish(command.env("PORTCULLIS_LOG", "loud"));
    assert_eq!(status, 2, "{errors}");
    assert!(errors.contains("PORTCULLIS_LOG") && errors.contains("error, warn, info or debug"));
}

#[test]
fn files_that_were_moved_away_are_made_anew_on_request() {
    let mut config = config_of(&[scripted("demo", LEAKING)]);
    config["audit"] = json!({"file": "audit.jsonl"});
    config["log"] = json!({"file": "daemon.log"});
    let home = Home::new(&config);
    let mut daemon = home.serve();
    let mut client = home.client("demo.sock");
    for (round, name) in ["old", "new"].into_iter().enumerate() {
        if round > 0 {
            for file in ["audit.jsonl", "daemon.log"] {
                std::fs::rename(home.path(file), home.path(&format!("{file}.1"))).unwrap();
            }
            daemon.session.signal(rustix::process::Signal::HUP);
            crate::support::daemon::wait_until("the audit log is there again", || {
                home.path("audit.jsonl").exists()
            });
        }
        let request = json!({"jsonrpc": "2.0", "id": round, "method": format!("tests/{name}")});
        assert!(is_result(&client.ask(&request.to_string()), round as u32));
        assert_eq!(reason(&client.ask("{}")), "bad_version");
    }
    assert_eq!(daemon.end(), 0);
    let read = |file: &str| std::fs::read_to_string(home.path(file)).unwrap();
    assert!(
        read("audit.jsonl.1").contains("tests/old") && read("audit.jsonl").contains("tests/new")
    );
    assert!(!read("audit.jsonl").contains("tests/old"));
    for file in ["daemon.log", "daemon.log.1"] {
        assert!(read(file).contains("bad_version"), "{file}: {}", read(file));
    }
}

#[test]
fn a_server_cannot_move_the_cursor_or_forge_a_line() {
    let script = r"printf 'a\033[2Jb\rc\007d\te\r\n' >&2; read line";
    let home = Home::new(&config_of(&[scripted("demo", script)]));
    let daemon = home.serve();
    let mut client = home.client("demo.sock");
    client.send(&ping(1));
    let line = "demo#1: a\\x1b[2Jb\\x0dc\\x07d\te\\x0d";
    assert_eq!(daemon.says("c\\x07d"), line);
}

#[test]
fn it_is_told_who_has_connected() {
    let home = Home::new(&config_of(&[scripted("demo", "read line")]));
    let daemon = home.serve();
    let _client = home.client("demo.sock");
    let line = daemon.says("a client has connected");
    let uid = rustix::process::geteuid().as_raw();
    let who = format!("demo#1: a client has connected uid={uid} pid={}", std::process::id());
    assert!(line.ends_with(&who) && line.contains(" info "), "{line}");
}
