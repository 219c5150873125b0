//! How much a daemon takes on, and what happens to the next.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

use crate::sessions::TOKEN;
use crate::support::daemon::{Home, answering, config_of, is_result, ping_with, reason};
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

/// What the daemon says of a client that has shown no token in time.
const SILENT: &str = "a client said nothing that passes within limits.frame_ms_max";

fn guarded(extra: Value) -> Home {
    let mut config = config_of(&[answering("demo")]);
    config["socket"] = json!({"auth_token": TOKEN});
    config["limits"] = json!({"frame_ms_max": 300});
    config["serve"] = extra;
    Home::new(&config)
}

#[test]
fn who_shows_no_token_in_time_is_sent_away_and_who_did_stays() {
    let home = guarded(json!({}));
    let daemon = home.serve();
    let mut known = home.client("demo.sock");
    assert!(is_result(&known.ask(&ping_with(TOKEN, 1)), 1));
    let mut silent = home.client("demo.sock");
    assert_eq!(silent.next(), None);
    assert!(daemon.says(SILENT).contains("demo#2"));
    let mut refused = home.client("demo.sock");
    for id in 0..10 {
        assert_eq!(reason(&refused.ask(&ping_with("not the token", id))), "auth_failed");
        assert_eq!(reason(&refused.ask(&ping(id))), "auth_required");
        assert_eq!(reason(&refused.ask("{}")), "bad_version");
    }
    assert_eq!(refused.next(), None);
    assert!(daemon.says(SILENT).contains("demo#3"));
    // It was there before both.
    assert!(is_result(&known.ask(&ping_with(TOKEN, 2)), 2));
    home.wait_for_counts("demo.sock", 1, 1);
}

#[test]
fn without_tokens_a_silent_client_stays() {
    let home = home_with("limits", json!({"frame_ms_max": 300}));
    let _daemon = home.serve();
    let mut silent = home.client("demo.sock");
    home.wait_for_counts("demo.sock", 1, 0);
    // As much time as the silent one has had.
    let mut slow = home.client("demo.sock");
    slow.stream.write_all(b"{").unwrap();
    assert_eq!(reason(&slow.next().unwrap()), "frame_too_slow");
    assert!(is_result(&silent.ask(&ping(1)), 1));
}

/// One that has shown its token and waits for a server is neither sent away nor looked at again and
/// again.
#[test]
fn who_waits_for_a_server_longer_than_that_costs_nothing() {
    let home = guarded(json!({"children_max": 1}));
    let daemon = home.serve();
    let mut first = home.client("demo.sock");
    assert!(is_result(&first.ask(&ping_with(TOKEN, 1)), 1));
    let mut waits = home.client("demo.sock");
    waits.send(&ping_with(TOKEN, 2));
    home.wait_for("demo.sock", |it| it["requests_open"] == 1);
    // Each of these takes as long, so the time of the one that waits is over after the first.
    let silent = || assert_eq!(home.client("demo.sock").next(), None);
    silent();
    let before = processor_ticks(daemon.pid());
    (0..4).for_each(|_| silent());
    let used = processor_ticks(daemon.pid()) - before;
    assert!(used <= 30, "{used} hundredths of a second of work in 1.2 seconds");
    drop(first);
    assert!(is_result(&waits.next().unwrap(), 2));
}

/// What a process has computed, in hundredths of a second.
fn processor_ticks(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields = text.rsplit_once(") ").unwrap().1.split(' ');
    fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

/// They would go on for a million refusals each, and the answers of the other come before the last.
#[test]
fn clients_that_pipeline_garbage_keep_no_other_from_its_answers() {
    let mut config = config_of(&[answering("demo")]);
    config["limits"] = json!({"refused_in_a_row_max": 1_000_000});
    let home = Home::new(&config);
    let _daemon = home.serve();
    let mut other = home.client("demo.sock");
    assert!(is_result(&other.ask(&ping(0)), 0));
    let garbage = "{}\n".repeat(1 << 10);
    let (leave, over) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let mut stream = home.client("demo.sock").stream;
            let mut reader = stream.try_clone().unwrap();
            scope.spawn(move || while reader.read(&mut [0; 1 << 16]).is_ok_and(|it| it > 0) {});
            let (garbage, leave, over) = (&garbage, &leave, &over);
            scope.spawn(move || {
                while !leave.load(Ordering::Relaxed) {
                    if stream.write_all(garbage.as_bytes()).is_err() {
                        return over.store(true, Ordering::Relaxed);
                    }
                }
                let _ = stream.shutdown(std::net::Shutdown::Both);
            });
        }
        home.wait_for("demo.sock", |it| it["refused"].as_u64() > Some(10_000));
        let answers: Vec<String> = (1..11).map(|id| other.ask(&ping(id))).collect();
        let came_before = !over.load(Ordering::Relaxed);
        leave.store(true, Ordering::Relaxed);
        assert!(came_before, "the answers came after a flood had been dealt with to its end");
        assert!((1..).zip(&answers).all(|(id, line)| is_result(line, id)), "{answers:?}");
    });
}
