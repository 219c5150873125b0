//! `connect`: a client that speaks stdio, a daemon's socket, and a token in between.

use std::io::Write;
use std::os::unix::net::UnixListener;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use crate::sessions::TOKEN;
use crate::support::daemon::{
    Home, answering, call, config_of, is_result, reason, scripted, server,
};
use crate::support::{Session, fill, finish, ping};

/// A home whose server wants a token.
fn guarded() -> Home {
    let mut config = config_of(&[answering("demo")]);
    config["socket"] = json!({"auth_token": TOKEN});
    Home::new(&config)
}

#[test]
fn what_is_said_passes_both_ways_and_the_end_is_passed_on() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let _daemon = home.serve();
    let mut bridge = Session::start(home.bridge("demo.sock"));
    for id in 0..100 {
        bridge.send(&ping(id));
    }
    let mut ids: Vec<u64> = (0..100)
        .map(|_| {
            let line = bridge.output.next().unwrap();
            serde_json::from_str::<serde_json::Value>(&line).unwrap()["id"].as_u64().unwrap()
        })
        .collect();
    ids.sort_unstable();
    assert!(ids.into_iter().eq(0..100));
    bridge.close();
    assert_eq!(bridge.wait().0, 0);
    assert_eq!(bridge.errors.rest(), [""; 0]);
    home.wait_for_counts("demo.sock", 0, 0);
}

#[test]
fn a_token_reaches_the_daemon_and_not_the_server() {
    let home = guarded();
    let _daemon = home.serve();
    let file = home.write("token", &format!("{TOKEN}\n"), 0o600);
    let mut by_variable = home.bridge("demo.sock");
    by_variable.args(["--token-env", "MY_TOKEN"]).env("MY_TOKEN", TOKEN);
    let mut by_file = home.bridge("demo.sock");
    by_file.arg("--token-file").arg(file);
    for command in [by_variable, by_file] {
        let mut bridge = Session::start(command);
        bridge.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        bridge.send(&call(1, "report"));
        let line = bridge.output.next().unwrap();
        assert!(is_result(&line, 1) && line.contains(r#""authTokens":0"#), "{line}");
        bridge.close();
        assert_eq!(bridge.wait().0, 0);
    }
    assert_eq!(home.status("demo.sock")["refused"], 0);
}

#[test]
fn without_a_token_the_daemons_refusal_passes() {
    let home = guarded();
    let _daemon = home.serve();
    let mut bridge = Session::start(home.bridge("demo.sock"));
    bridge.send(&ping(1));
    assert_eq!(reason(&bridge.output.next().unwrap()), "auth_required");
    let mut wrong = home.bridge("demo.sock");
    wrong.args(["--token-env", "MY_TOKEN"]).env("MY_TOKEN", "another token of the tests, as long");
    let mut bridge = Session::start(wrong);
    bridge.send(&ping(1));
    assert_eq!(reason(&bridge.output.next().unwrap()), "auth_failed");
}

#[test]
fn a_message_that_brings_a_token_is_refused_beside_ours() {
    let home = guarded();
    let _daemon = home.serve();
    let mut command = home.bridge("demo.sock");
    command.args(["--token-env", "MY_TOKEN"]).env("MY_TOKEN", TOKEN);
    let mut bridge = Session::start(command);
    for spelled in ["auth_token", "AUTH_TOKEN", "auth\\u005ftoken"] {
        bridge.send(&format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","{spelled}":"x"}}"#));
        let line = bridge.output.next().unwrap();
        assert!(["token_present", "folded_member"].contains(&&*reason(&line)), "{line}");
    }
    bridge.send(&ping(2));
    assert!(is_result(&bridge.output.next().unwrap(), 2));
    let status = home.status("demo.sock");
    assert_eq!((&status["refused"], &status["frames"]), (&json!(0), &json!(2)), "{status}");
}

#[test]
fn a_token_that_cannot_be_had_is_named_with_its_remedy() {
    let home = Home::empty();
    let refused = |arguments: &[&str], hint: &str| {
        let mut command = home.bridge("demo.sock");
        command.args(arguments).env("EMPTY", "").env("GIVEN", "SECRET-1");
        let (status, output, errors) = finish(&mut command);
        assert_eq!((status, output.as_str()), (2, ""), "{arguments:?}: {errors}");
        assert!(errors.contains(hint) && !errors.contains("SECRET"), "{arguments:?}: {errors}");
    };
    refused(&["--token-env", "MISSING"], "the variable MISSING is not set; export it");
    refused(&["--token-env", "EMPTY"], "the variable EMPTY holds no token");
    refused(&["--token-env", ""], "is not set");
    let open = home.write("open", "SECRET-1\n", 0o644);
    let open = open.to_str().unwrap();
    refused(&["--token-file", open], &format!("chmod 600 {open}"));
    refused(&["--token-file", "/nonexistent"], "/nonexistent cannot be read");
    refused(&["--token-file", "a/../b"], "`..`");
    refused(&["--token-file", open, "--token-env", "GIVEN"], "cannot be used with");
}

#[test]
fn a_path_that_leads_upwards_is_refused() {
    for path in ["../demo.sock", "/tmp/%2e%2e/demo.sock"] {
        let (status, _, errors) = finish(crate::support::portcullis("connect").arg(path));
        assert_eq!(status, 2, "{errors}");
        assert!(errors.contains("`..`"), "{errors}");
    }
}

#[test]
fn what_is_no_socket_is_no_reason_to_wait() {
    let home = Home::empty();
    let file = home.write("demo.sock", "", 0o600);
    let (status, _, errors) = finish(&mut home.bridge("demo.sock"));
    assert_eq!(status, 1, "{errors}");
    let message = format!("{}: this is no socket; name the socket", file.display());
    assert!(errors.contains(&message) && !errors.contains("waiting"), "{errors}");
}

#[test]
fn a_daemon_that_is_killed_leaves_no_request_open() {
    let home = Home::new(&config_of(&[scripted("demo", "exec sleep 1000")]));
    let mut daemon = home.serve();
    let mut bridge = Session::start(home.bridge("demo.sock"));
    bridge.send(&ping(1));
    bridge.send(&ping(2));
    home.wait_for("demo.sock", |it| it["requests_open"] == 2);
    daemon.kill();
    let mut lines = bridge.output.rest();
    lines.sort();
    assert_eq!(lines.len(), 2, "{lines:?}");
    for (line, id) in lines.iter().zip(1..) {
        assert!(line.contains(&format!(r#""id":{id},"#)), "{line}");
        assert_eq!(reason(line), "server_exited");
    }
    assert_eq!(bridge.wait().0, 1);
    bridge.errors.find("demo.sock: the daemon has closed the connection; what was asked of it got");
}

#[test]
fn a_daemon_that_is_not_there_yet_is_waited_for() {
    let home = Home::new(&config_of(&[answering("demo")]));
    for hint in ["there is no such socket", "nobody listens on this socket any more"] {
        let mut command = home.bridge("demo.sock");
        command.args(["--wait", "600"]);
        let mut bridge = Session::start(command);
        bridge.send(&ping(1));
        let line = bridge.errors.find("waiting up to 600 s for it");
        assert!(line.contains("demo.sock") && line.contains(hint), "{line}");
        let mut daemon = home.serve();
        assert!(is_result(&bridge.output.next().unwrap(), 1));
        bridge.close();
        assert_eq!(bridge.wait().0, 0);
        // What the next one finds is a socket that nobody listens on.
        daemon.kill();
    }
}

#[test]
fn without_patience_a_missing_daemon_is_an_error() {
    let home = Home::empty();
    let refused = |hint: &str| {
        let (status, output, errors) = finish(home.bridge("demo.sock").args(["--wait", "0"]));
        assert_eq!((status, output.as_str()), (1, ""), "{errors}");
        assert!(errors.contains("demo.sock") && errors.contains(hint), "{errors}");
        assert!(!errors.contains("waiting"), "{errors}");
    };
    refused("there is no such socket; start `portcullis serve`");
    drop(UnixListener::bind(home.path("demo.sock")).unwrap());
    refused("nobody listens on this socket any more; start `portcullis serve` again");
}

#[test]
fn a_client_that_leaves_while_the_daemon_is_waited_for_ends_the_wait() {
    let home = Home::empty();
    let mut command = home.bridge("demo.sock");
    command.args(["--wait", "600"]);
    let mut bridge = Session::start(command);
    bridge.errors.find("waiting up to 600 s");
    bridge.close();
    assert_eq!(bridge.wait().0, 0);
}

#[test]
fn a_signal_ends_the_bridge_and_its_session() {
    let home = Home::new(&config_of(&[scripted("demo", "exec sleep 1000")]));
    let _daemon = home.serve();
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut bridge = Session::start(home.bridge("demo.sock"));
        bridge.send(&ping(1));
        home.wait_for("demo.sock", |it| it["requests_open"] == 1);
        bridge.signal(signal);
        let line = bridge.output.next().expect("the request is not left open");
        assert!(line.contains(r#""id":1,"#) && line.contains("error"), "{line}");
        assert_eq!(bridge.wait().0, 0);
        home.wait_for_counts("demo.sock", 0, 0);
    }
}

#[test]
fn the_end_of_a_full_input_is_passed_on_though_the_server_does_not_read() {
    let home = Home::new(&config_of(&[server("demo", &["sleep", "1000"])]));
    let _daemon = home.serve();
    let mut bridge = Session::start(home.bridge("demo.sock"));
    fill(bridge.input.as_mut().unwrap());
    bridge.close();
    let (status, took) = bridge.wait();
    assert_eq!(status, 0, "{:?}", bridge.errors.rest());
    assert!(took < Duration::from_secs(2), "{took:?}");
    home.wait_for_counts("demo.sock", 0, 0);
}

/// What was asked before the bridge gave up, whether the client waits for answers or has left.
#[test]
fn without_a_daemon_what_was_asked_is_answered() {
    let home = Home::empty();
    for stays in [true, false] {
        let (input, mut client) = std::io::pipe().unwrap();
        for id in 1..3 {
            client.write_all((ping(id) + "\n").as_bytes()).unwrap();
        }
        let client = stays.then_some(client);
        let mut command = home.bridge("demo.sock");
        command.args(["--wait", "0"]).stdin(input);
        let mut bridge = Session::start(command);
        for id in 1..3 {
            let line = bridge.output.next().expect("the request is not left open");
            assert!(line.contains(&format!(r#""id":{id},"#)), "{line}");
            assert_eq!(reason(&line), "server_exited");
        }
        assert_eq!((bridge.output.next(), bridge.wait().0), (None, 1));
        bridge.errors.find("there is no such socket");
        drop(client);
    }
}

#[test]
fn a_daemon_that_accepts_nobody_is_not_waited_for_for_ever() {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect};
    let home = Home::empty();
    let address = SocketAddrUnix::new(home.path("demo.sock")).unwrap();
    let socket = || {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).unwrap()
    };
    let listener = socket();
    rustix::net::bind(&listener, &address).unwrap();
    rustix::net::listen(&listener, 1).unwrap();
    let waiting: Vec<_> = std::iter::repeat_with(socket)
        .take_while(|socket| connect(socket, &address).is_ok())
        .collect();
    assert!(!waiting.is_empty());
    let mut command = home.bridge("demo.sock");
    command.args(["--wait", "1"]);
    let mut bridge = Session::start(command);
    bridge.send(&ping(1));
    bridge.errors.find("demo.sock: too many clients wait there already; is its daemon alive?");
    assert_eq!(reason(&bridge.output.next().unwrap()), "server_exited");
    assert_eq!(bridge.wait().0, 1);
}

#[test]
fn a_daemon_whose_messages_are_refused_in_a_row_is_an_error() {
    let home = Home::empty();
    let listener = UnixListener::bind(home.path("demo.sock")).unwrap();
    let daemon = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // The request is there before the first refusal, so it is open at the last.
        assert!(std::io::Read::read(&mut stream, &mut [0; 256]).unwrap() > 0);
        // It goes on until nobody listens to it any more.
        while stream.write_all(b"{\"jsonrpc\":\"1.0\",\"method\":\"x\"}\n").is_ok() {}
    });
    let mut bridge = Session::start(home.bridge("demo.sock"));
    bridge.send(&ping(1));
    assert_eq!(reason(&bridge.output.find(r#""id":1,"#)), "server_exited");
    assert_eq!(bridge.wait().0, 1);
    bridge.errors.find("demo.sock: ");
    daemon.join().unwrap();
}
