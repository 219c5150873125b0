//! The rate limit gives exactly what its clock gives, over all engines that share a ledger, whoever
//! asks how often: a naive bucket that is filled millisecond by millisecond agrees each time.

use std::sync::Arc;

use portcullis_engine::{
    Engine, Ledger, Limits, Policy, PolicyConfig, Receiver, Side, Time, Wanted,
};
use portcullis_proptests::json::{self, Json};
use portcullis_proptests::streams;
use portcullis_proptests::{cases, secrets};
use proptest::prelude::*;

/// What a client does next.
#[derive(Clone, Copy, Debug)]
enum Act {
    Request,
    Notification,
    /// An array of so many notifications: one each.
    Batch(usize),
    /// Takes the newest request back; costs nothing.
    Cancel,
    /// Comes without a token; takes nothing.
    Stranger,
    /// Asks for what is denied; takes nothing.
    Denied,
}

/// Parts of a token, filled one millisecond after the other.
struct Naive {
    parts: u64,
    per_ms: u64,
    full: u64,
    now: u64,
}

impl Naive {
    fn new(per_second: u32, burst: u32) -> Self {
        let burst = if burst == 0 { 10 * per_second } else { burst };
        let full = u64::from(burst) * 1_000;
        Self { parts: full, per_ms: u64::from(per_second), full, now: 0 }
    }

    fn fill(&mut self, now: u64) {
        while self.now < now {
            self.now += 1;
            self.parts = self.full.min(self.parts + self.per_ms);
        }
    }

    /// Whether the next message passes, or after how many milliseconds it would.
    fn take(&mut self) -> Result<(), u64> {
        if self.parts >= 1_000 {
            self.parts -= 1_000;
            return Ok(());
        }
        let waits = (1..).find(|ms| self.parts + ms * self.per_ms >= 1_000);
        Err(waits.expect("it fills"))
    }
}

/// A client with its engine.
struct Session {
    engine: Engine,
    open: Vec<u32>,
}

impl Session {
    /// Sends a line; what reaches the server, and what comes back.
    fn send(&mut self, ledger: &mut Ledger, line: &str, now: u64) -> [Vec<String>; 2] {
        let line = format!("{line}\n");
        let taken = self.engine.recv_copy(ledger, Side::Client, line.as_bytes(), Time::new(now, 0));
        assert_eq!(taken, line.len());
        [Receiver::Server, Receiver::Client].map(|to| {
            let mut all = Vec::new();
            loop {
                let ready = self.engine.send_ready(to);
                if ready.is_empty() {
                    break;
                }
                all.extend_from_slice(ready);
                let count = ready.len();
                self.engine.send_commit(ledger, to, count);
            }
            String::from_utf8(all).expect("UTF-8").lines().map(str::to_owned).collect()
        })
    }
}

/// `retry_after_ms` of an answer that says `rate_limited`.
fn wait_of(answer: &str) -> Option<u64> {
    let answer = json::read(answer.as_bytes())?;
    let data = answer.get("error")?.get("data")?;
    assert_eq!(data.get("reason").and_then(Json::text), Some(&b"rate_limited"[..]));
    match data.get("retry_after_ms")? {
        Json::Atom(ms) => ms.parse().ok(),
        _ => None,
    }
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => Just(Act::Request),
        2 => Just(Act::Notification),
        1 => (1..5_usize).prop_map(Act::Batch),
        1 => Just(Act::Cancel),
        1 => Just(Act::Stranger),
        1 => Just(Act::Denied),
    ]
}

/// How far the clock goes; sometimes back.
fn leap() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => Just(0),
        4 => 1..40_i64,
        2 => 40..1_500_i64,
        1 => -50..0_i64,
        1 => Just(20_000),
    ]
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn the_naive_bucket_agrees(
        per_second in prop_oneof![1..5_u32, 5..400_u32, Just(1_000), Just(1_700)],
        burst in prop_oneof![Just(0_u32), 1..4_u32, 4..20_u32],
        acts in proptest::collection::vec((0..2_usize, leap(), act()), 1..150),
    ) {
        let mut config = PolicyConfig { auth: streams::auth_by_token(), ..PolicyConfig::default() };
        config.rate.per_second = per_second;
        config.rate.burst = burst;
        config.tools.deny.push("denied".to_owned());
        let policy = Arc::new(Policy::compile(&config).expect("a policy"));
        let mut ledger = Ledger::new();
        let mut sessions = [0, 1].map(|_| {
            let limits = Limits::default();
            let engine = Engine::new(Arc::clone(&policy), limits, Wanted::NONE, Time::default());
            Session { engine: engine.expect("limits"), open: Vec::new() }
        });
        let mut naive = Naive::new(per_second, burst);
        let (mut clock, mut id, mut limited) = (0_u64, 0_u32, 0_u64);
        let token = format!("\"auth_token\":\"{}\"", secrets::TOKEN);
        for (which, leap, act) in acts {
            clock = clock.saturating_add_signed(leap);
            naive.fill(clock);
            let session = &mut sessions[which];
            let act = match act {
                Act::Cancel if session.open.is_empty() => Act::Stranger,
                act => act,
            };
            let call = |rest: &str| format!("{{\"jsonrpc\":\"2.0\",{token},{rest}}}");
            let notification = call("\"method\":\"n\"");
            // The line, and what becomes of its messages, one after the other.
            let (line, wanted) = match act {
                Act::Request => {
                    id += 1;
                    (call(&format!("\"id\":{id},\"method\":\"x\"")), vec![naive.take()])
                }
                Act::Notification => (notification, vec![naive.take()]),
                Act::Batch(count) => {
                    let line = format!("[{}]", vec![notification; count].join(","));
                    (line, (0..count).map(|_| naive.take()).collect())
                }
                Act::Cancel => {
let open = session.open.pop().unwrap_or_default();
                    let method = "\"method\":\"notifications/cancelled\"";
                    (call(&format!("{method},\"params\":{{\"requestId\":{open}}}")), vec![Ok(())])
                }
                Act::Stranger => {
                    let line = "{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"auth_token\":\"no\"}";
                    (line.to_owned(), vec![])
                }
                Act::Denied => {
                    (call("\"method\":\"tools/call\",\"params\":{\"name\":\"denied\"}"), vec![])
                }
            };
            let [passed, back] = session.send(&mut ledger, &line, clock);
            let passes = wanted.iter().filter(|taken| taken.is_ok()).count();
            limited += (wanted.len() - passes) as u64;
            prop_assert_eq!(passed.len(), passes, "at {} {}", clock, line);
            let wait = match act {
                Act::Request => wanted[0].err(),
                _ => None,
            };
            prop_assert_eq!(wait_of(&back.join("")), wait, "at {} {}", clock, line);
            if matches!(act, Act::Request) && passes == 1 {
                session.open.push(id);
            }
        }
        let counted = ledger.refusals().find(|(reason, _)| reason.name() == "rate_limited");
        prop_assert_eq!(counted.map_or(0, |(_, count)| count), limited);
    }
}
