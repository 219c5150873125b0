//! How much a daemon takes on, and what happens to the next.

use std::io::Write;
use std::time::Instant;

use serde_json::{Value, json};

use crate::support::daemon::{Home, answering, config_of, is_result, reason};
use crate::support::ping;

fn home_with(key: &str, value: Value) -> Home {
    let mut config = config_of(&[answering("demo")]);
    config[key] = value;
    Home::new(&config)
}

#[test]
fn a_client_too_many_is_told_so_and_may_come_when_another_has_left() {
    let home = home_with("serve", json!({"clients_max": 2}));
    let daemon = home.serve();
    let mut first = home.client("demo.sock");
    let second = home.client("demo.sock");
    let mut third = home.client("demo.sock");
    assert_eq!(reason(&third.next().unwrap()), "too_many_sessions");
    assert_eq!(third.next(), None);
    daemon.says("a client was turned away; serve.clients_max are connected");
    drop(second);
    home.wait_for_counts("demo.sock", 1, 0);
    assert!(is_result(&home.client("demo.sock").ask(&ping(1)), 1));
    assert!(is_result(&first.ask(&ping(2)), 2));
}

#[test]
fn a_client_waits_until_a_server_may_be_started_for_it() {
    let home = home_with("serve", json!({"children_max": 1}));
    let _daemon = home.serve();
    let mut first = home.client("demo.sock");
    assert!(is_result(&first.ask(&ping(1)), 1));
    // Many, since each process that ends is another chance to forget who waits for it.
    let mut others: Vec<_> = (0..10).map(|_| home.client("demo.sock")).collect();
    for other in &mut others {
        other.send(&ping(2));
    }
    let status = home.wait_for("demo.sock", |it| it["requests_open"] == 10);
    assert_eq!((&status["sessions"], &status["children"]), (&json!(11), &json!(1)), "{status}");
    assert!(is_result(&first.ask(&ping(3)), 3));
    drop(first);
    // In the order in which they came.
    for mut other in others {
        let line = other.next().unwrap();
        assert!(is_result(&line, 2), "{line}");
    }
    assert_eq!(home.status("demo.sock")["servers"][0]["starts"], 11);
}

#[test]
fn a_client_that_leaves_while_it_waits_for_a_server_gets_none() {
    let home = home_with("serve", json!({"children_max": 1}));
    let _daemon = home.serve();
    let mut first = home.client("demo.sock");
    assert!(is_result(&first.ask(&ping(1)), 1));
    let mut waits = home.client("demo.sock");
    waits.send(&ping(2));
    home.wait_for("demo.sock", |it| it["requests_open"] == 1);
    drop(waits);
    home.wait_for_counts("demo.sock", 1, 1);
    drop(first);
    let status = home.wait_for_counts("demo.sock", 0, 0);
    assert_eq!(status["servers"][0]["starts"], 1, "{status}");
}

#[test]
fn half_a_message_ends_its_session_and_no_other() {
    let home = home_with("limits", json!({"frame_ms_max": 200}));
    let daemon = home.serve();
    let mut other = home.client("demo.sock");
    assert!(is_result(&other.ask(&ping(1)), 1));
    let mut slow = home.client("demo.sock");
    slow.stream.write_all(&ping(2).as_bytes()[..20]).unwrap();
    assert_eq!(reason(&slow.next().unwrap()), "frame_too_slow");
    assert_eq!(slow.next(), None);
    daemon.says("frame_too_slow");
    assert!(is_result(&other.ask(&ping(3)), 3));
    home.wait_for_counts("demo.sock", 1, 1);
}

/// A request of exactly so many bytes, its line end not counted.
fn request_of(bytes: usize) -> String {
    let around = r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"v":""}}"#;
    around.replace(r#""v":""#, &format!(r#""v":"{}"#, "x".repeat(bytes - around.len())))
}

#[test]
fn a_message_over_4_mib_is_refused_and_the_session_goes_on() {
    let home = Home::new(&config_of(&[answering("demo")]));
    let _daemon = home.serve();
    let mut client = home.client("demo.sock");
    assert_eq!(reason(&client.ask(&request_of((4 << 20) + 1))), "frame_too_large");
    assert!(is_result(&client.ask(&request_of(4 << 20)), 1));
    let status = home.status("demo.sock");
    assert_eq!(status["refusals"], json!({"frame_too_large": 1}), "{status}");
}

#[test]
fn a_configured_limit_on_messages_wins() {
    let home = home_with("limits", json!({"frame_bytes_max": "8MiB"}));
    let _daemon = home.serve();
    let mut client = home.client("demo.sock");
    assert!(is_result(&client.ask(&request_of(7 << 20)), 1));
    assert_eq!(reason(&client.ask(&request_of((8 << 20) + 1))), "frame_too_large");
}

/// The bucket fills while the test runs, so what passes beyond the burst is held against the time
/// that went by.
#[test]
fn the_rate_limit_is_shared_by_all_sessions() {
    let home = home_with("socket", json!({"rate_limit": 1}));
    let _daemon = home.serve();
    let start = Instant::now();
    let mut clients = [home.client("demo.sock"), home.client("demo.sock")];
    let mut passed = [0, 0];
    for (client, passed) in clients.iter_mut().zip(&mut passed) {
        for id in 0..15 {
            let line = client.ask(&ping(id));
            if is_result(&line, id) {
                *passed += 1;
                continue;
            }
            assert_eq!(reason(&line), "rate_limited");
            let refusal: Value = serde_json::from_str(&line).unwrap();
            let retry = refusal["error"]["data"]["retry_after_ms"].as_u64().unwrap();
            assert!((1..=1_000).contains(&retry), "{line}");
        }
    }
    let filled = start.elapsed().as_secs() + 1;
    let total = passed[0] + passed[1];
    assert!(passed[0] >= 10 && total <= 10 + filled, "{passed:?} in {filled} s");
    let status = home.status("demo.sock");
    assert_eq!(status["refusals"]["rate_limited"], 30 - total, "{status}");
}
