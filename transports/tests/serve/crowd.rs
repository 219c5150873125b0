//! Many clients at once with bad company, and many one after the other: nobody is held up, and
//! nothing is left. `PORTCULLIS_CONNECTIONS=10000` makes the second long.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use crate::support::daemon::{Client, Home, answering, config_of, is_result, reason, server};
use crate::support::{
    NOISE_BYTES, children_of, descriptors_of, finish, memory_of, note, ping, rounds,
};

/// A server that writes what passes, as fast as it can.
const FLOOD: &str = r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"x"}}"#;

/// Descriptors and children of a process.
fn holdings(pid: u32) -> (usize, Vec<u32>) {
    (descriptors_of(pid), children_of(pid))
}

#[test]
fn two_hundred_clients_are_served_in_bad_company() {
    let mut config = config_of(&[
        answering("demo"),
        server("flood", &["yes", FLOOD]),
        server("deaf", &["sleep", "1000"]),
    ]);
    // This is about room, not about rates.
    config["socket"] = json!({"rate_limit": 0});
    let home = Home::new(&config);
    let mut daemon = home.serve();
    assert!(is_result(&home.client("demo.sock").ask(&ping(0)), 0));
    home.wait_for_counts("demo.sock", 0, 0);
    let before = holdings(daemon.pid());
    let company = Company::come(&home);
    let mut clients: Vec<Client> = (0..200).map(|_| home.client("demo.sock")).collect();
    for round in 0..3 {
        for client in &mut clients {
            (0..4).for_each(|id| client.send(&ping(round * 4 + id)));
        }
        for client in &mut clients {
            (0..4).for_each(|_| {
                let line = client.next().expect("an answer, and no end");
                assert!(line.contains("result"), "{line}");
            });
        }
    }
    let status = home.status("demo.sock");
    assert!(status["children"].as_u64().unwrap() >= 202, "{status}");
    assert_eq!(status["servers"][0]["failures"], 0, "{status}");
    let engines = status["memory"]["engines_bytes"].as_u64().unwrap();
    let bound = bytes_per_session(&home) * status["sessions"].as_u64().unwrap();
    assert!(engines > 0 && engines <= bound, "{engines} bytes, {bound} at most");
    drop(clients);
    company.leave();
    home.wait_for_counts("demo.sock", 0, 0);
    assert_eq!(holdings(daemon.pid()), before);
    assert_eq!(daemon.end(), 0);
}

/// What `config check` says that a session takes at most.
fn bytes_per_session(home: &Home) -> u64 {
    let mut command = crate::support::portcullis("config");
    let (status, output, errors) = finish(command.arg("check").arg(home.path("config.yaml")));
    assert_eq!(status, 0, "{errors}");
    let terms = output.split_once(" clients x (").expect("the memory is told").1;
    let numbers = terms.split(' ').filter_map(|word| word.parse::<u64>().ok());
    numbers.sum()
}

/// Clients as they should not be. Each holds at least one session until it is told to leave.
struct Company {
    leave: std::sync::Arc<AtomicBool>,
    /// Ending these ends whoever waits for them.
    streams: Vec<UnixStream>,
    threads: Vec<JoinHandle<()>>,
}

impl Company {
    fn come(home: &Home) -> Self {
        let leave = std::sync::Arc::new(AtomicBool::new(false));
        // Starts a flood, and never reads.
        let mut never_reads = home.client("flood.sock");
        never_reads.send(&note(1));
        // Writes to a server that never reads.
        let deaf = home.client("deaf.sock");
        let mut writer = deaf.stream.try_clone().unwrap();
        writer.set_write_timeout(None).unwrap();
        let never_read = std::thread::spawn(move || {
            let line = note(1 << 10) + "\n";
            while writer.write_all(line.as_bytes()).is_ok() {}
        });
        let path = home.path("demo.sock");
        let (left, to) = (leave.clone(), path.clone());
        let drips = std::thread::spawn(move || drip(&to, &left));
        let left = leave.clone();
        let garbage = std::thread::spawn(move || talk_garbage(&path, &left));
        Company {
            leave,
            streams: vec![never_reads.stream, deaf.stream],
            threads: vec![never_read, drips, garbage],
        }
    }

    fn leave(self) {
        self.leave.store(true, Ordering::Relaxed);
        for stream in &self.streams {
            stream.shutdown(std::net::Shutdown::Both).expect("it was open until now");
        }
        for thread in self.threads {
            thread.join().expect("it was served as it should be");
        }
    }
}

/// Sends one byte at a time, and gets its answers all the same.
fn drip(path: &Path, leave: &AtomicBool) {
    let mut client = Client::of(path);
    for id in 0.. {
        for byte in (ping(id) + "\n").bytes() {
            client.stream.write_all(&[byte]).unwrap();
        }
        assert!(is_result(&client.next().unwrap(), id));
        if leave.load(Ordering::Relaxed) {
            return;
        }
    }
}

/// Sends what is no message, until it is sent away, and comes again.
fn talk_garbage(path: &Path, leave: &AtomicBool) {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut client = Client::of(path);
    while !leave.load(Ordering::Relaxed) {
        let mut line = vec![b'{'];
        for _ in 0..state % 64 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            line.push(state as u8);
        }
        line.retain(|&byte| byte != b'\n');
        line.push(b'\n');
        if client.stream.write_all(&line).is_err() || client.next().is_none() {
            client = Client::of(path);
        }
        state = state.wrapping_add(1);
    }
}

/// A tenth of the clients have a server started for them, four tenths have a message refused, and
/// the others say nothing.
#[test]
fn nothing_is_left_of_clients_that_came_one_after_the_other() {
    let mut config = config_of(&[answering("demo")]);
    config["socket"] = json!({"rate_limit": 0});
    let home = Home::new(&config);
    let mut daemon = home.serve();
    let come = |count: usize, total: usize| {
        for number in 0..count {
            let mut client = home.client("demo.sock");
            match number % 10 {
                0 => assert!(is_result(&client.ask(&ping(1)), 1)),
                1..5 => assert_eq!(reason(&client.ask("{}")), "bad_version"),
                _ => {}
            }
        }
        // Who connected and left may still wait to be accepted.
        home.wait_for("demo.sock", |it| it["servers"][0]["sessions_total"] == total);
        home.wait_for_counts("demo.sock", 0, 0)
    };
    // Tables and buffers that are kept have their size after this.
    let started = come(200, 200)["servers"][0]["starts"].as_u64().unwrap();
    let before = (holdings(daemon.pid()), memory_of(daemon.pid()));
    let count = rounds("PORTCULLIS_CONNECTIONS", 1_000);
    let status = come(count, 200 + count);
    let after = (holdings(daemon.pid()), memory_of(daemon.pid()));
    let starts = started + count.div_ceil(10) as u64;
    assert_eq!(status["servers"][0]["starts"], Value::from(starts), "{status}");
    assert_eq!(after.0, before.0);
    assert!(after.1 <= before.1 + NOISE_BYTES, "{} bytes, {} before", after.1, before.1);
    assert_eq!(daemon.end(), 0);
}
