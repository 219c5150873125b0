//! The face: any order of calls is legal, after a tick the deadline is later, and driving to rest
//! takes a bounded number of steps.

use std::sync::Arc;

use portcullis_engine::{
    Answer, Engine, Facts, Ledger, Limits, Receiver, Side, Stall, Ticket, Time, Wanted,
};
use portcullis_proptests::random::Random;
use portcullis_proptests::secrets::CREDENTIAL;
use portcullis_proptests::streams::{self, Frame};
use portcullis_proptests::world::{RECEIVERS, Setup};
use portcullis_proptests::{cases, factor, seed};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// A host that calls whatever comes to its mind.
struct Host {
    engine: Engine,
    ledger: Ledger,
    now: u64,
    /// What each side still has to send.
    input: [Vec<u8>; 2],
    closed: [bool; 2],
    tickets: Vec<Ticket>,
    log: Vec<String>,
    random: Random,
    holds: bool,
}

impl Host {
    fn time(&self) -> Time {
        Time::new(self.now, 7 * self.now)
    }

    fn call(&mut self, others: &[Arc<portcullis_engine::Policy>]) {
        let side = *self.random.pick(&Side::ALL);
        let to = *self.random.pick(&RECEIVERS);
        let now = self.time();
        match self.random.below(40) {
            0..12 => self.read(side),
            12..20 => self.write(to),
            20..24 => self.collect(),
            24..28 => self.tick(),
            28 => self.engine.recv_commit(&mut self.ledger, side, 0, now),
            29 => self.engine.send_commit(&mut self.ledger, to, 0),
            30 => drop(self.engine.recv_space(side).len() + self.engine.send_ready(to).len()),
            31 => self.engine.facts(side, Facts::new(self.now, "a \u{7f} peer")),
            32 if self.random.once_in(4) => {
                let policy = Arc::clone(self.random.pick(others));
                self.engine.swap_policy(policy);
            }
            33 if self.random.once_in(10) => {
                let until = self.now + self.random.below(300) as u64;
                self.engine.begin_drain(now, until);
            }
            34 => {
                let ticket = self.tickets.pop().unwrap_or(Ticket(self.random.number()));
                let answer = *self.random.pick(&[Answer::Approved, Answer::Denied]);
                self.engine.answer(&mut self.ledger, ticket, answer, now);
            }
            35 if self.random.once_in(15) => {
                self.closed[side as usize] = true;
                self.engine.recv_close(&mut self.ledger, side, now);
            }
            36 => self.now = self.now.saturating_sub(self.random.below(50) as u64),
            37 => self.now += self.random.below(2_000) as u64,
            _ => {
                let _ = (self.engine.metrics(), self.engine.deadline(), self.engine.is_finished());
                let _ = (self.engine.stalled(side), format!("{:?}", self.engine));
            }
        }
        self.check_lanes();
    }

    fn read(&mut self, side: Side) {
        let most = 1 + self.random.below(400);
        let input = &mut self.input[side as usize];
        let space = self.engine.recv_space(side);
        let count = space.len().min(input.len()).min(most);
        space[..count].copy_from_slice(&input[..count]);
        input.drain(..count);
        let now = Time::new(self.now, 0);
        self.engine.recv_commit(&mut self.ledger, side, count, now);
    }

    /// Reads all that there is room for.
    fn gulp(&mut self, side: Side) {
        let input = &self.input[side as usize];
        let taken = self.engine.recv_copy(&mut self.ledger, side, input, Time::new(self.now, 0));
        self.input[side as usize].drain(..taken);
    }

    fn write(&mut self, to: Receiver) {
        let most = 1 + self.random.below(400);
        let count = self.engine.send_ready(to).len().min(most);
        self.engine.send_commit(&mut self.ledger, to, count);
    }

    fn collect(&mut self) {
        for _ in 0..1 + self.random.below(20) {
            match self.engine.next_event() {
                Some(event) => self.tickets.extend(event.ticket),
                None => return,
            }
        }
    }

    fn tick(&mut self) {
        let now = self.time();
        self.engine.tick(&mut self.ledger, now);
        if let Some((at, wake)) = self.engine.deadline() {
            assert!(at > self.now, "after tick({}) the deadline is {at} ({wake:?})", self.now);
        }
    }

    /// A lane that takes no bytes says why.
    fn check_lanes(&mut self) {
        for side in Side::ALL {
            let closed = self.closed[side as usize];
            let blocked = self.engine.recv_space(side).is_empty() && !closed;
            let stall = self.engine.stalled(side);
            assert!(!blocked || stall.is_some(), "{} stands, and nobody knows why", side.name());
            assert!(self.holds || stall != Some(Stall::Host), "nothing waits for this host");
        }
    }

    /// Serves everybody until nothing moves. Each round moves a byte, an event, or the clock.
    fn drive_to_rest(&mut self) {
        let mut rounds = 0;
        loop {
            let mut moved = false;
            self.tick();
            for side in Side::ALL {
                let before = self.input[side as usize].len();
                self.read(side);
                moved |= self.input[side as usize].len() != before;
            }
            for to in RECEIVERS {
                let count = self.engine.send_ready(to).len();
                self.engine.send_commit(&mut self.ledger, to, count);
                moved |= count > 0;
            }
            while let Some(event) = self.engine.next_event() {
                self.tickets.extend(event.ticket);
                moved = true;
            }
            rounds += 1;
            assert!(rounds < 20_000, "driving to rest takes for ever");
            if !moved {
                break;
            }
        }
        for side in Side::ALL {
            let stall = self.engine.stalled(side);
            assert!(matches!(stall, None | Some(Stall::Ended)), "{stall:?} although all is read");
        }
    }

    fn end(&mut self) {
        self.now += 1_000_000;
        self.drive_to_rest();
        for side in Side::ALL {
            let now = self.time();
            self.engine.recv_close(&mut self.ledger, side, now);
            self.drive_to_rest();
        }
        assert!(
            self.engine.is_finished(),
            "both sides are gone and all is read: {:?}",
            self.engine
        );
        let metrics = self.engine.metrics();
        assert_eq!((metrics.requests_open, metrics.answers_owed), ([0, 0], [0, 0]));
        assert_eq!(self.ledger.requests_open, 0);
    }
}

fn play(seed: u64, frames: [Vec<u8>; 2], setup: &Setup) {
    let mut random = Random::new(seed);
    let mut asking = setup.policy.clone();
    asking.tools.ask.push("echo".to_owned());
    let others = [setup.compile(), Setup { policy: asking, ..setup.clone() }.compile()];
    let policy = Arc::clone(random.pick(&others));
    let engine = Engine::new(policy, setup.limits, setup.wanted, Time::new(0, 0));
    let mut host = Host {
        engine: engine.expect("limits in range"),
        ledger: Ledger::new(),
        now: 0,
        input: frames,
        closed: [false; 2],
        tickets: Vec::new(),
        log: Vec::new(),
        holds: setup.wanted == Wanted::ALL,
        random,
    };
    for _ in 0..300 {
        host.call(&others);
    }
    host.log.clear();
    host.end();
}

fn lines(frames: &[Frame]) -> Vec<u8> {
    frames.iter().flat_map(|frame| [frame.render(), b"\n".to_vec()].concat()).collect()
}

proptest! {
    #![proptest_config(cases(800))]

    #[test]
    fn any_order_of_calls_is_legal(
        client in proptest::collection::vec(streams::frame(), 0..30),
        server in proptest::collection::vec(streams::frame(), 0..30),
        policy in streams::policy(),
        seed in any::<u64>(),
        window in 0..3_u32,
    ) {
        let mut limits = streams::small_limits(window);
        limits.events_max = 8;
        limits.answers_owed_max = 2;
        limits.tickets_max = 2;
        let mut random = Random::new(seed);
        let wanted = *random.pick(&[Wanted::ALL, Wanted::NONE, Wanted::ALL.dropping()]);
        limits.frame_ms_max = *random.pick(&[0, 1, 40, 3_000]);
        let mut policy = policy;
        policy.rate.per_second = *random.pick(&[0, 0, 1, 1_000]);
        if policy.auth.tokens.is_empty() && random.once_in(2) {
            policy.auth.attach = Some(CREDENTIAL.to_owned().into());
        }
        let setup = Setup { policy, limits, wanted, ..Setup::default() };
        play(seed, [lines(&client), lines(&server)], &setup);
    }
}

/// Random bytes and frames of other frames' pieces, without a thought for shrinking.
#[test]
fn any_order_of_calls_is_legal_over_garbage() {
    let mut runner = TestRunner::new(Config { rng_seed: RngSeed::Fixed(seed()), ..cases(1) });
    for round in 0..300 * u64::from(factor()) {
        let mut random = Random::new(seed() << 32 | round);
        let frames = [(), ()].map(|()| {
            let frames = proptest::collection::vec(streams::frame(), 1..20);
            let frames = frames.new_tree(&mut runner).expect("no filter").current();
            let mut bytes = lines(&frames);
            for _ in 0..random.below(30) {
                let at = random.below(bytes.len());
                bytes[at] = *random.pick(b"{}[]\":,\r\n x0\xff");
            }
            bytes
        });
        let mut limits = streams::small_limits(2);
        limits.frame_bytes_max = [4 << 10; 2];
        limits.refused_in_a_row_max = 20;
        let setup = Setup { limits, ..Setup::default() };
        play(random.number(), frames, &setup);
    }
}

/// Much clean traffic, and receivers that read a little now and then.
#[test]
fn a_lane_that_stands_says_why() {
    for round in 0..20 * u64::from(factor()) {
        let mut random = Random::new(seed() << 32 | round);
        let frames = [(), ()].map(|()| {
            let mut all = Vec::new();
            while all.len() < 200_000 {
                let pad = "x".repeat(random.below(3_000));
                all.extend(
                    format!("{{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"p\":\"{pad}\"}}\n")
                        .into_bytes(),
                );
            }
            all
        });
        let setup = Setup { wanted: Wanted::NONE, ..Setup::default() };
        let engine = Engine::new(setup.compile(), Limits::default(), setup.wanted, Time::new(0, 0));
        let mut host = Host {
            engine: engine.expect("limits in range"),
            ledger: Ledger::new(),
            now: 0,
            input: frames,
            closed: [false; 2],
            tickets: Vec::new(),
            log: Vec::new(),
            random,
            holds: false,
        };
        for _ in 0..2_000 {
            let side = *host.random.pick(&Side::ALL);
            host.gulp(side);
            if host.random.once_in(4) {
                host.write(side.into());
            }
            host.check_lanes();
        }
        host.end();
    }
}

#[test]
fn a_drain_ends_although_nobody_reads() {
    let batch = vec!["{\"jsonrpc\":\"2.0\",\"method\":\"n\"}"; 3_000].join(",");
    let setup = Setup { wanted: Wanted::NONE, ..Setup::default() };
    let policy = setup.compile();
    let engine = Engine::new(policy, Limits::default(), setup.wanted, Time::new(0, 0));
    let mut engine = engine.expect("limits in range");
    let mut ledger = Ledger::new();
    let line = format!("[{batch}]\n");
    let mut sent = 0;
    while sent < line.len() {
        let count =
            engine.recv_copy(&mut ledger, Side::Client, &line.as_bytes()[sent..], Time::new(0, 0));
        assert!(count > 0);
        sent += count;
    }
    engine.begin_drain(Time::new(0, 0), 10);
    engine.tick(&mut ledger, Time::new(10, 10));
    assert!(engine.deadline().is_none_or(|(at, _)| at > 10), "{:?}", engine.deadline());
}
