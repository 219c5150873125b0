//! What a client gets: a session and a server of its own, and not before it is due.

use serde_json::json;

use crate::support::daemon::{
    Home, answering, call, config_of, is_result, ping_with, reason, scripted,
};
use crate::support::{group_of, ping, wait_for_none};

/// Tells its process, and answers.
pub const TELLING: &str = "echo pid $$ >&2; exec \"$0\" demo-server";
/// A token that is long enough, and not of the shape of a secret.
pub const TOKEN: &str = "a token of the tests, long enough";

/// The process that a line of a labelled server tells.
pub fn pid_in(line: &str) -> u32 {
    line.rsplit_once("pid ").expect("the line tells a process").1.parse().expect("a number")
}

#[test]
fn each_client_has_a_session_and_a_server_of_its_own() {
    let home = Home::new(&config_of(&[scripted("demo", TELLING)]));
    let daemon = home.serve();
    let mut clients = [home.client("demo.sock"), home.client("demo.sock")];
    let mut pids = Vec::new();
    for (number, client) in (1..).zip(&mut clients) {
        // The same id in each: sessions share no table of requests.
        assert!(is_result(&client.ask(&ping(7)), 7));
        pids.push(pid_in(&daemon.says(&format!("demo#{number}: pid "))));
    }
    assert_ne!(pids[0], pids[1]);
    let status = home.wait_for_counts("demo.sock", 2, 2);
    assert_eq!(status["servers"][0]["starts"], 2, "{status}");
    let [first, mut second] = clients;
    let group = group_of(pids[0]);
    drop(first);
    wait_for_none(group);
    home.wait_for_counts("demo.sock", 1, 1);
    assert!(is_result(&second.ask(&ping(8)), 8));
}

#[test]
fn a_client_that_says_no_more_gets_its_answers_and_the_end() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let _daemon = home.serve();
    let mut client = home.client("demo.sock");
    client.send(&ping(1));
    client.send(&ping(2));
    client.close();
    let mut lines = [client.next().unwrap(), client.next().unwrap()];
    lines.sort();
    assert!(is_result(&lines[0], 1) && is_result(&lines[1], 2), "{lines:?}");
    assert_eq!(client.next(), None);
    home.wait_for_counts("demo.sock", 0, 0);
}

#[test]
fn a_client_that_only_connects_starts_no_server() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let _daemon = home.serve();
    let mut client = home.client("demo.sock");
    let status = home.wait_for_counts("demo.sock", 1, 0);
    assert_eq!(status["servers"][0]["starts"], 0, "{status}");
    // Neither blank lines nor what is refused are for a server.
    client.send("");
    assert_eq!(reason(&client.ask("{}")), "bad_version");
    assert_eq!(home.status("demo.sock")["servers"][0]["starts"], 0);
    assert!(is_result(&client.ask(&ping(1)), 1));
    let status = home.status("demo.sock");
    assert_eq!((&status["servers"][0]["starts"], &status["children"]), (&json!(1), &json!(1)));
}

#[test]
fn a_stranger_starts_no_server() {
    let mut config = config_of(&[answering("demo")]);
    config["socket"] = json!({"auth_token": TOKEN});
    let home = Home::new(&config);
    let _daemon = home.serve();
    let mut client = home.client("demo.sock");
    let line = client.ask(&ping(1));
    assert!(line.contains("-32604") && line.contains(r#""authentication required""#), "{line}");
    let line = client.ask(&ping_with("not the token", 2));
    assert!(line.contains("-32605") && line.contains(r#""authentication failed""#), "{line}");
    client.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    assert!(client.ask(&ping(3)).contains("-32604"));
    let status = home.status("demo.sock");
    assert_eq!(status["servers"][0]["starts"], 0, "{status}");
    assert_eq!(status["refusals"], json!({"auth_required": 3, "auth_failed": 1}), "{status}");
    assert!(is_result(&client.ask(&ping_with(TOKEN, 4)), 4));
    assert_eq!(home.status("demo.sock")["servers"][0]["starts"], 1);
}

#[test]
fn a_token_does_not_reach_the_server() {
    let mut config = config_of(&[answering("demo")]);
    config["socket"] = json!({"auth_token": TOKEN});
    let home = Home::new(&config);
    let _daemon = home.serve();
    let mut client = home.client("demo.sock");
    let mut request: serde_json::Value = serde_json::from_str(&call(1, "report")).unwrap();
    request["auth_token"] = json!(TOKEN);
    let line = client.ask(&request.to_string());
    assert!(is_result(&line, 1) && line.contains(r#""authTokens":0"#), "{line}");
}

#[test]
fn a_server_sees_what_the_configuration_names() {
    let script =
        r#"echo "see ${A-unset} ${B-unset} ${C-unset} ${NOTIFY_SOCKET-unset}" >&2; read x"#;
    let mut config = config_of(&[scripted("demo", script)]);
    config["servers"][0]["command"][2] = json!(script.replace("${", "$${"));
    config["servers"][0]["env"] = json!({"pass": ["A"], "set": {"B": "given"}});
    let home = Home::new(&config);
    let mut command = home.command("serve");
    command.env("A", "passed").env("C", "hidden").env("NOTIFY_SOCKET", "/nonexistent");
    let daemon = home.serve_with(command);
    home.client("demo.sock").send(&ping(1));
    let line = daemon.says("demo#1: see ");
    assert!(line.ends_with("see passed given unset unset"), "{line}");
}
