//! Calls that wait for somebody's word, with `serve`: `portcullis approve`, and the hook.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::daemon::{
    Client, Home, answering, call, config_of, is_result, reason, wait_until,
};
use crate::support::{children_of, finish, portcullis};

/// A home whose daemon asks for this tool.
fn asking() -> Home {
    let mut config = config_of(&[answering("demo"), answering("other")]);
    config["tools"] = json!({"ask": ["square"]});
    Home::new(&config)
}

fn approve(home: &Home) -> Command {
    home.command("approve")
}

/// The calls that wait, once there are so many.
fn waiting(home: &Home, count: usize) -> Vec<Value> {
    let list = || {
        let (status, output, errors) = finish(approve(home).args(["list", "--json"]));
        assert_eq!((status, errors.as_str()), (0, ""));
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    };
    wait_until("so many calls wait", || list().len() == count);
    list()
}

fn code(waits: &Value) -> &str {
    waits["code"].as_str().expect("a call has a code")
}

fn asked(home: &Home, socket: &str) -> Client {
    let mut client = home.client(socket);
    client.send(&call(1, "square"));
    client
}

#[test]
fn a_call_is_approved_from_another_terminal() {
    let home = asking();
    let daemon = home.serve();
    let mut client = asked(&home, "demo.sock");
    let waits = waiting(&home, 1).remove(0);
    assert_eq!((&waits["server"], &waits["tool"]), (&json!("demo"), &json!("square")));
    assert_eq!(home.status("demo.sock")["waiting"], 1);
    assert_eq!((&waits["session"], &waits["arguments"]), (&json!(1), &json!({})));
    let (status, output, errors) = finish(approve(&home).arg(code(&waits)));
    assert_eq!((status, output.as_str()), (0, "approved: square of demo, session 1\n"), "{errors}");
    assert!(is_result(&client.next().unwrap(), 1));
    daemon.says("a call was approved by hand");
    let (status, _, errors) = finish(approve(&home).arg(code(&waits)));
    assert_eq!(status, 1);
    assert!(errors.contains("no call waits under this ticket"), "{errors}");
    assert_eq!(waiting(&home, 0), [] as [Value; 0]);
}

#[test]
fn a_call_is_denied_by_the_socket_of_any_server() {
    let home = asking();
    let _daemon = home.serve();
    let (mut one, mut other) = (asked(&home, "demo.sock"), asked(&home, "other.sock"));
    let waits = waiting(&home, 2);
    let of = |server: &str| waits.iter().find(|waits| waits["server"] == server).unwrap();
    let socket = home.path("other.sock");
    let mut deny = portcullis("approve");
    let (status, output, errors) =
        finish(deny.args(["--deny", code(of("demo")), "--socket"]).arg(socket));
    assert_eq!((status, output.as_str()), (0, "denied: square of demo, session 1\n"), "{errors}");
    assert_eq!(reason(&one.next().unwrap()), "approval_denied");
    assert!(finish(approve(&home).arg(code(of("other")))).0 == 0);
    assert!(is_result(&other.next().unwrap(), 1));
}

#[test]
fn nothing_but_the_whole_ticket_names_a_call() {
    let home = asking();
    let _daemon = home.serve();
    let _client = asked(&home, "demo.sock");
    let waits = waiting(&home, 1).remove(0);
    let (before, word) = code(&waits).split_once('-').unwrap();
    let other = format!("{before}-{:08x}", u32::from_str_radix(word, 16).unwrap() ^ 1);
    assert_eq!(finish(approve(&home).arg(other)).0, 1);
    for text in [before, word, "1", "", "7.1-xyz"] {
        assert_eq!(finish(approve(&home).arg(text)).0, 2, "{text:?}");
    }
    assert_eq!(waiting(&home, 1).len(), 1);
}

#[test]
fn a_call_whose_client_has_left_waits_no_more() {
    let home = asking();
    let _daemon = home.serve();
    let client = asked(&home, "demo.sock");
    let waits = waiting(&home, 1).remove(0);
    drop(client);
    waiting(&home, 0);
    assert_eq!(finish(approve(&home).arg(code(&waits))).0, 1);
}

#[test]
fn what_is_shown_moves_no_cursor() {
    let home = asking();
    let _daemon = home.serve();
    let mut client = home.client("demo.sock");
    let params = json!({"name": "square", "arguments": {"t": "\u{9b}2J\u{202e}x"}});
    client.send(
        &json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string(),
    );
    waiting(&home, 1);
    let (status, output, _) = finish(approve(&home).arg("list"));
    assert_eq!(status, 0);
    assert!(output.contains("square of demo, waits ") && !output.contains('\u{9b}'), "{output:?}");
    assert!(output.contains("\\u{9b}2J\\u{202e}x"), "{output:?}");
}

#[test]
fn without_a_daemon_there_is_nobody_to_ask() {
    let home = asking();
    let (status, _, errors) = finish(approve(&home).arg("list"));
    assert_eq!(status, 1);
    assert!(errors.contains("no daemon listens here"), "{errors}");
}

#[test]
fn whoever_says_nonsense_or_nothing_holds_nobody_up() {
    use std::io::{Read, Write};
    let home = asking();
    let _daemon = home.serve();
    let _silent = std::os::unix::net::UnixStream::connect(home.path("demo.sock.ask")).unwrap();
    for text in ["\n", "{}\n", "\"approve\"\n", "{\"approve\":\"\"}\n", &"x".repeat(1 << 16)] {
        let mut client = asked(&home, "demo.sock");
        waiting(&home, 1);
        let path = home.path("demo.sock.ask");
        let mut stream = std::os::unix::net::UnixStream::connect(path).unwrap();
        let _ = stream.write_all(text.as_bytes());
        let mut reply = String::new();
        let _ = stream.read_to_string(&mut reply);
        assert!(reply.is_empty() || reply.contains("\"answered\":null"), "{text:?} {reply}");
        let waits = waiting(&home, 1).remove(0);
        assert_eq!(finish(approve(&home).args(["--deny", code(&waits)])).0, 0);
        assert_eq!(reason(&client.next().unwrap()), "approval_denied");
    }
}

#[test]
fn a_daemon_asks_a_hook_and_leaves_nothing_behind() {
    let mut config = config_of(&[answering("demo")]);
    config["tools"] = json!({"ask": ["square"]});
    config["approvals"] = json!({"command": ["sh", "-c", "read line; echo '{\"approve\":true}'"]});
    let home = Home::new(&config);
    let daemon = home.serve();
    let mut client = asked(&home, "demo.sock");
    assert!(is_result(&client.next().unwrap(), 1));
    daemon.says("the hook approves a call");
    wait_until("only the server and its guard are left", || children_of(daemon.pid()).len() == 2);
    // From the next question on another program is asked.
    config["approvals"] = json!({"command": ["false"]});
    home.configure(&config);
    daemon.session.signal(rustix::process::Signal::HUP);
    daemon.says("the configuration was read again");
    assert_eq!(reason(&client.ask(&call(2, "square"))), "approval_denied");
    drop(client);
    wait_until("nothing is left", || children_of(daemon.pid()).is_empty());
}

#[test]
fn so_many_hooks_run_at_once_and_the_others_wait() {
    let mut config = config_of(&[answering("demo")]);
    config["tools"] = json!({"ask": ["square"]});
    config["approvals"] = json!({"command": ["sh", "-c", "read line; exec sleep 1000"]});
    let home = Home::new(&config);
    let daemon = home.serve();
    let mut clients = [home.client("demo.sock"), home.client("demo.sock")];
    for client in &mut clients {
        (0..16).for_each(|id| client.send(&call(id, "square")));
    }
    assert_eq!(waiting(&home, 32).len(), 32);
    wait_until("16 hooks and their guards run", || children_of(daemon.pid()).len() == 32);
    drop(clients);
    wait_until("nothing is left", || children_of(daemon.pid()).is_empty());
    waiting(&home, 0);
}
