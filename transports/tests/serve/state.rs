//! `status` and `doctor`: how a daemon is, and what would be wrong with one.

use std::os::unix::net::UnixListener;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::sessions::TOKEN;
use crate::support::daemon::{
    Home, answering, call, config_of, is_result, ping_with, reason, server,
};
use crate::support::{PORTCULLIS, finish, ping, portcullis};

/// What `doctor` prints, and its status.
fn doctor(home: &Home) -> (i32, String) {
    let (status, output, errors) = finish(&mut home.command("doctor"));
    assert_eq!(errors, "");
    (status, output)
}

/// The line that begins with this word and holds this text.
fn assert_told(output: &str, word: &str, text: &str) {
    let told = output.lines().any(|line| line.starts_with(word) && line.contains(text));
    assert!(told, "no line `{word} ...{text}` in\n{output}");
}

#[test]
fn a_status_counts_sessions_children_and_refusals() {
    let mut config = config_of(&[answering("demo"), answering("idle")]);
    config["socket"] = json!({"auth_token": TOKEN});
    let home = Home::new(&config);
    let daemon = home.serve();
    let mut clients: Vec<_> = (0..3).map(|_| home.client("demo.sock")).collect();
    for client in &mut clients[..2] {
        assert!(is_result(&client.ask(&ping_with(TOKEN, 1)), 1));
    }
    assert_eq!(reason(&clients[0].ask("no JSON")), "not_json");
    assert_eq!(reason(&clients[2].ask(&ping(1))), "auth_required");
    for socket in ["demo.sock", "demo.sock.status", "idle.sock"] {
        let status = home.status(socket);
        assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!((&status["pid"], &status["draining"]), (&json!(daemon.pid()), &json!(false)));
        for (key, count) in [
            ("sessions", 3),
            ("sessions_max", 256),
            ("children", 2),
            ("children_max", 256),
            ("requests_open", 0),
            ("frames", 6),
            ("refused", 2),
        ] {
            assert_eq!(status[key], count, "{key} in {status}");
        }
        assert_eq!(status["refusals"], json!({"auth_required": 1, "not_json": 1}));
        let servers = status["servers"].as_array().unwrap();
        let counts = |at: usize, key: &str| servers[at][key].as_u64().unwrap();
        assert_eq!([counts(0, "sessions"), counts(0, "children"), counts(0, "starts")], [3, 2, 2]);
        assert_eq!([counts(1, "sessions"), counts(1, "children"), counts(1, "starts")], [0, 0, 0]);
        let memory = |key: &str| status["memory"][key].as_u64().unwrap();
        assert!(memory("engines_bytes") > 0 && memory("resident_bytes") > 1 << 20, "{status}");
        assert!(memory("engines_bytes") < memory("worst_case_bytes"), "{status}");
    }
}

#[test]
fn a_status_is_told_in_words_once_for_each_daemon() {
    let home = Home::new(&config_of(&[answering("demo"), answering("other")]));
    let daemon = home.serve();
    let (status, output, errors) = finish(&mut home.command("status"));
    assert_eq!((status, errors.as_str()), (0, ""));
    assert_eq!(output.matches(&format!("process {}, up ", daemon.pid())).count(), 1, "{output}");
    for text in ["sessions 0 of 256", "  demo   sessions 0", "  other  sessions 0", "memory "] {
        assert!(output.contains(text), "{output}");
    }
}

#[test]
fn a_daemon_that_is_not_there_is_named_with_the_remedy() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let refused = |name: &str, hint: &str| {
        let (status, output, errors) = finish(portcullis("status").arg(home.path(name)));
        assert_eq!((status, output.as_str()), (1, ""), "{errors}");
        assert!(errors.contains(name) && errors.contains(hint), "{errors}");
    };
    refused("demo.sock", "no daemon listens here; start `portcullis serve`");
    home.serve().kill();
    refused("demo.sock", "no daemon listens here; start `portcullis serve`");
    // Something listens there that says nothing that we know.
    let listener = UnixListener::bind(home.path("odd.sock.status")).unwrap();
    let answers = std::thread::spawn(move || drop(listener.accept()));
    refused("odd.sock", "no portcullis of this version");
    answers.join().unwrap();
    let (status, _, errors) = finish(portcullis("status").arg("../demo.sock"));
    assert_eq!(status, 2, "{errors}");
    let (status, _, errors) = finish(&mut portcullis("status"));
    assert_eq!(status, 2, "{errors}");
    assert!(errors.contains("name a socket: portcullis status SOCKET"), "{errors}");
}

#[test]
fn a_status_tells_of_a_drain() {
    let home = Home::new(&config_of(&[server("demo", &["sleep", "1000"])]));
    let daemon = home.serve();
    let mut client = home.client("demo.sock");
    client.send(&ping(1));
    home.wait_for("demo.sock", |it| it["requests_open"] == 1);
    daemon.session.signal(Signal::TERM);
    daemon.says("draining");
    // Its socket is gone, so a signal asks.
    daemon.session.signal(Signal::USR1);
    assert!(daemon.says(" up ").ends_with(", draining"));
}

#[test]
fn what_is_fine_is_told_and_is_no_failure() {
    let mut config = config_of(&[answering("demo")]);
    config["servers"][0]["env"] = json!({"pass": ["GIT_*"], "set": {"MODE": "SECRET-1"}});
    config["socket"] = json!({"auth_token": TOKEN});
    let home = Home::new(&config);
    let (status, output) = doctor(&home);
    assert_eq!(status, 0, "{output}");
    for text in [
        "config.yaml",
        "permissions of the configuration",
        &format!("demo: command {PORTCULLIS}"),
        "demo.sock, not there yet",
        "exposed: to processes of yours that know a token",
        "demo: sees the variables GIT_*, MODE, beside",
        "memory of `serve` at most: ",
    ] {
        assert_told(&output, "ok", text);
    }
    assert!(output.contains("\n0 wrong, "), "{output}");
    assert!(!output.contains(TOKEN) && !output.contains("SECRET"), "{output}");
}

#[test]
fn sockets_are_told_alive_from_stale() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let mut daemon = home.serve();
    let (status, output) = doctor(&home);
    assert_eq!(status, 0, "{output}");
    assert_told(&output, "ok", "demo.sock is alive, mode 0600");
    let mut other = config_of(&[answering("demo")]);
    other["socket"] = json!({"perm": "0660"});
    home.configure(&other);
    assert_told(&doctor(&home).1, "odd", "mode 0660; SIGHUP to the daemon mends that");
    // Looking does not disturb: the daemon serves on.
    assert!(is_result(&home.client("demo.sock").ask(&ping(1)), 1));
    daemon.kill();
    let (status, output) = doctor(&home);
    assert_eq!(status, 0, "{output}");
    assert_told(&output, "odd", "demo.sock is stale; the next `portcullis serve` replaces it");
}

#[test]
fn what_would_keep_a_daemon_from_working_is_wrong() {
    let home = Home::empty();
    let plain = home.write("plain", "no program", 0o600);
    let plain = plain.to_str().unwrap();
    home.write("file.sock", "", 0o600);
    let mut off = config_of(&[answering("demo")]);
    off["bouncer"] = json!({"enabled": false});
    let mut file = config_of(&[answering("demo")]);
    file["servers"][0]["socket"] = json!("file.sock");
    let cases: [(Value, &[&str]); 6] = [
        (json!({"sockte": {}}), &["config.yaml", "sockte", "socket"]),
        (config_of(&[server("demo", &["/nonexistent/mcp"])]), &["/nonexistent/mcp: not found"]),
        (
            config_of(&[server("demo", &["no-such-command"])]),
            &["no-such-command: not found in PATH"],
        ),
        (config_of(&[server("demo", &[plain])]), &["cannot be executed", "chmod +x"]),
        (file, &["file.sock is no socket; move it away"]),
        (off, &["bouncer.enabled is false, so secrets reach the model"]),
    ];
    for (config, hints) in cases {
        home.configure(&config);
        let (status, output) = doctor(&home);
        assert_eq!(status, 1, "{config}: {output}");
        for hint in hints {
            assert_told(&output, "wrong", hint);
        }
    }
    home.write("config.yaml", "{}", 0o666);
    assert_told(&doctor(&home).1, "wrong", "chmod go-w");
    let mut gone = portcullis("doctor");
    let (status, output, _) = finish(gone.args(["--config", "/nonexistent.yaml"]));
    assert_eq!(status, 1, "{output}");
    assert_told(&output, "wrong", "/nonexistent.yaml");
}

#[test]
fn what_is_exposed_and_what_has_no_effect_is_odd() {
    let mut config = config_of(&[answering("demo")]);
    config["socket"] = json!({"perm": "0666", "allow_uids": [1, 2]});
    config["batch"] = json!({"enabled": false});
    config["server"] = json!({"max_batch_size": 7});
    let home = Home::new(&config);
    let (status, output) = doctor(&home);
    assert_eq!(status, 0, "{output}");
    for text in [
        "exposed: to every process of yours, since no token is configured",
        "exposed: to other users, by socket.perm 0666 and 2 of socket.allow_uids",
        "server.max_batch_size",
    ] {
        assert_told(&output, "odd", text);
    }
    home.write("config.yaml", &config.to_string(), 0o644);
    assert_told(&doctor(&home).1, "odd", "mode 0644, so others can see it; chmod 600 mends that");
}

#[test]
fn without_a_configuration_the_defaults_are_examined() {
    let (status, output, errors) = finish(&mut portcullis("doctor"));
    assert_eq!((status, errors.as_str()), (0, ""), "{output}");
    assert_told(
        &output,
        "ok",
        "no configuration, so the defaults apply; it would be /nonexistent/",
    );
}

#[test]
fn a_request_that_is_open_is_counted() {
    let home = Home::new(&config_of(&[server("demo", &["sleep", "1000"])]));
    let _daemon = home.serve();
    let mut client = home.client("demo.sock");
    client.send(&call(1, "a"));
    client.send(&call(2, "b"));
    home.wait_for("demo.sock", |it| it["requests_open"] == 2);
    drop(client);
    home.wait_for("demo.sock", |it| it["requests_open"] == 0 && it["children"] == 0);
}

#[test]
fn a_request_whose_client_left_before_its_server_came_is_not_counted() {
    let mut config = config_of(&[answering("demo")]);
    config["serve"] = json!({"children_max": 1});
    let home = Home::new(&config);
    let _daemon = home.serve();
    let mut first = home.client("demo.sock");
    assert!(first.ask(&call(0, "report")).contains("result"));
    let mut others: Vec<_> = (0..5).map(|_| home.client("demo.sock")).collect();
    others.iter_mut().for_each(|client| client.send(&call(1, "report")));
    home.wait_for("demo.sock", |it| it["requests_open"] == 5);
    drop(others);
    let status = home.wait_for_counts("demo.sock", 1, 1);
    assert_eq!(status["requests_open"], 0, "{status}");
}

/// It takes the five seconds for which a daemon is waited.
#[test]
fn a_daemon_that_stops_within_its_answer_is_not_waited_for_for_ever() {
    let home = Home::empty();
    let listener = std::os::unix::net::UnixListener::bind(home.path("demo.sock.status")).unwrap();
    let mut command = portcullis("status");
    command.arg(home.path("demo.sock"));
    let mut status = crate::support::Session::start(command);
    let (mut stream, _) = listener.accept().unwrap();
    std::io::Write::write_all(&mut stream, b"{").unwrap();
    status.errors.find("demo.sock: the daemon did not answer within 5 s");
    assert_eq!(status.wait().0, 1);
}
