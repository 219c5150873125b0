//! Every request gets exactly one answer, whatever the other side does, unless its asker took it
//! back or is gone.

use std::collections::BTreeMap;

use portcullis_engine::{PolicyConfig, RequestConfig, Side, ToolConfig};
use portcullis_proptests::json::{self, Json};
use portcullis_proptests::random::Random;
use portcullis_proptests::world::{Output, Schedule, Setup, Step, World};
use portcullis_proptests::{factor, seed, streams};

/// What one side asked: how often it was answered, and whether it took the request back.
#[derive(Default)]
struct Asked {
    answers: BTreeMap<String, u32>,
    cancelled: Vec<String>,
    next: u32,
}

/// A session between two sides that do what comes to their minds.
struct Session {
    world: World,
    random: Random,
    /// Requests of this side that wait at the other, which may answer them.
    open: [Vec<String>; 2],
    asked: [Asked; 2],
    closed: [bool; 2],
    log: Vec<Step>,
}

impl Session {
    fn step(&mut self, step: Step) {
        let output = self.world.step(&step);
        self.log.push(step);
        self.take(&output);
    }

    /// Notes the requests and the answers that came.
    fn take(&mut self, output: &Output) {
        for to in Side::ALL {
            for line in output.lines(to.into()) {
                let Ok(text) = std::str::from_utf8(line) else { continue };
                let all = json::elements(text).unwrap_or_else(|| vec![text]);
                for text in all {
                    self.take_message(to, text);
                }
            }
        }
    }

    fn take_message(&mut self, to: Side, text: &str) {
        let Some(message) = json::read(text.as_bytes()) else { return };
        let Some(Json::Text(id)) = message.get("id") else { return };
        let id = String::from_utf8_lossy(id).into_owned();
        match message.get("method") {
            Some(_) => self.open[to.other() as usize].push(id),
            None => *self.asked[to as usize].answers.entry(id).or_default() += 1,
        }
    }

    fn line(&mut self, from: Side, text: &str) {
        if !self.closed[from as usize] {
            self.step(Step::Bytes(from, format!("{text}\n").into_bytes()));
        }
    }

    /// A request with a new id.
    fn request(&mut self, from: Side) -> String {
        if self.closed[from as usize] {
            return "[]".to_owned();
        }
        let asked = &mut self.asked[from as usize];
        asked.next += 1;
        let id = format!("{}{}", from.name(), asked.next);
        asked.answers.insert(id.clone(), 0);
        let tool = *self.random.pick(&["x", "denied", "asked"]);
        let method = *self.random.pick(&["tools/call", "ping", "initialize", "tasks/result"]);
        let version = if self.random.once_in(20) { "1.0" } else { "2.0" };
        format!(
            "{{\"jsonrpc\":\"{version}\",\"id\":\"{id}\",\"method\":\"{method}\",\"params\":{{\"name\":\"{tool}\"}}}}"
        )
    }

    /// The other side of `asker` says something about one of its requests.
    fn answer(&mut self, asker: Side) {
        let open = &mut self.open[asker as usize];
        if open.is_empty() {
            return;
        }
        let at = self.random.below(open.len());
        let id = open[at].clone();
        let answer = match self.random.below(10) {
            0 => format!("{{\"jsonrpc\":\"2.0\",\"id\":\"{id}\",\"error\":\"no object\"}}"),
            1 => format!("{{\"jsonrpc\":\"2.0\",\"id\":\"{id}\",\"result\":{{}},\"result\":{{}}}}"),
            2 => format!("{{\"jsonrpc\":\"2.0\",\r\"id\":\"{id}\",\"result\":{{}}}}"),
            3 => format!(
                "{{\"jsonrpc\":\"2.0\",\"id\":\"{id}\",\"result\":\"{}\"}}",
                "x".repeat(70_000)
            ),
            4 => format!("{{\"id\":\"{id}\",\"error\":{{\"code\":1,\"message\":\"x\"}}}}"),
            _ => format!("{{\"jsonrpc\":\"2.0\",\"id\":\"{id}\",\"result\":{{}}}}"),
        };
        // Some answer twice.
        if !self.random.once_in(6) {
            self.open[asker as usize].remove(at);
        }
        self.line(asker.other(), &answer);
    }

    fn act(&mut self) {
        let side = if self.random.once_in(4) { Side::Server } else { Side::Client };
        match self.random.below(40) {
            0..12 => {
                let text = self.request(side);
                self.line(side, &text);
            }
            12..15 => {
                let count = 1 + self.random.below(5);
                let all: Vec<String> = (0..count).map(|_| self.request(side)).collect();
                self.line(side, &format!("[{}]", all.join(",")));
            }
            15..28 => self.answer(side),
            28..31 => self.cancel(side),
            31 => self.line(side, "{\"jsonrpc\":\"2.0\",\"id\":\"nobody\",\"result\":{}}"),
            32 => self.line(side, "noise"),
            33..36 => {
                let ms = self.random.below(300) as u64;
                self.step(Step::Wait(ms));
            }
            36 if self.random.once_in(12) => {
                let ms = self.random.below(500) as u64;
                self.step(Step::Drain(ms));
            }
            37 if self.random.once_in(8) => self.close(side),
            38 => {
                let answers =
                    [portcullis_engine::Answer::Approved, portcullis_engine::Answer::Denied];
                let answer = *self.random.pick(&answers);
                self.step(Step::Answer(answer));
            }
            _ => {}
        }
    }

    fn cancel(&mut self, side: Side) {
        let known: Vec<&String> = self.asked[side as usize].answers.keys().collect();
        if known.is_empty() || self.closed[side as usize] {
            return;
        }
        let id = (*self.random.pick(&known)).clone();
        let line = format!(
            "{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{{\"requestId\":\"{id}\"}}}}"
        );
        self.asked[side as usize].cancelled.push(id);
        self.line(side, &line);
    }

    fn close(&mut self, side: Side) {
        self.closed[side as usize] = true;
        self.step(Step::Close(side));
    }
}

fn play(seed: u64) {
    let mut random = Random::new(seed);
    let mut limits = streams::small_limits(*random.pick(&[0, 1, 2]));
    // An array that is refused as a whole has one answer for all its members: not here.
    limits.batches_max = 64;
    limits.frame_bytes_max = [64 << 10; 2];
    limits.requests_open_max = *random.pick(&[3, 100]);
    limits.tickets_max = 2;
    let policy = PolicyConfig {
        requests: RequestConfig {
            timeout_ms: *random.pick(&[None, Some(500)]),
            ..RequestConfig::default()
        },
        tools: ToolConfig { deny: vec!["denied".to_owned()], ask: vec!["asked".to_owned()] },
        ..PolicyConfig::default()
    };
    let setup = Setup { policy, limits, ..Setup::default() };
    let mut schedule = Schedule::random(&mut random);
    schedule.drained = portcullis_proptests::world::Drained::EachStep;
    let mut session = Session {
        world: World::new(&setup, setup.compile(), schedule),
        random,
        open: Default::default(),
        asked: Default::default(),
        closed: [false; 2],
        log: Vec::new(),
    };
    for _ in 0..60 {
        session.act();
    }
    session.step(Step::Wait(100_000));
    for side in [Side::Server, Side::Client] {
        session.close(side);
    }
    let Session { world, asked, log, .. } = session;
    assert!(world.faults.is_empty(), "{:?}\n{log:#?}", world.faults);
    assert!(world.engine.is_finished(), "seed {seed}: {log:#?}");
    let gone = |side: Side| log.iter().position(|step| *step == Step::Close(side));
    for side in Side::ALL {
        let asked = &asked[side as usize];
        for (id, &count) in &asked.answers {
            // A client that has closed may still read; a server that has closed is gone.
            let free =
                asked.cancelled.contains(id) || (side == Side::Server && gone(side).is_some());
            let fits = count == 1 || (free && count == 0);
            assert!(fits, "seed {seed}: {id} has {count} answers\n{log:#?}");
        }
    }
}

#[test]
fn every_request_has_exactly_one_answer() {
    for round in 0..800 * u64::from(factor()) {
        play(seed() << 32 | round);
    }
}
