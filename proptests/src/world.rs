//! One session in a struct: an engine, a clock that tests move, and a host that follows a script.
//!
//! A script is a list of steps; the order of steps is the interleaving of the two sides. A
//! [`Schedule`] says everything else: in what chunks bytes are read, in what portions they are
//! written, who is served first, and when. Rules of the face that hold at every moment are checked
//! at every moment; what breaks one is noted in [`World::faults`].

use std::sync::Arc;

use portcullis_engine::{
    Answer, Engine, Event, Ledger, Limits, Policy, PolicyConfig, Receiver, Side, Stall, Ticket,
    Time, Wanted,
};

use crate::random::Random;

/// One thing that happens.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    /// A side sends.
    Bytes(Side, Vec<u8>),
    /// A side will send no more.
    Close(Side),
    /// Time passes.
    Wait(u64),
    /// The host ends the session within so many milliseconds.
    Drain(u64),
    /// The host answers the oldest ticket that it has not answered.
    Answer(Answer<'static>),
    /// The host exchanges the policy for the other one.
    Swap,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::Bytes(side, bytes) => {
                write!(f, "{}: {}", side.name(), bytes.escape_ascii())
            }
            Step::Close(side) => write!(f, "{} closes", side.name()),
            Step::Wait(ms) => write!(f, "wait {ms}"),
            Step::Drain(ms) => write!(f, "drain {ms}"),
            Step::Answer(answer) => write!(f, "{answer:?}"),
            Step::Swap => write!(f, "swap"),
        }
    }
}

/// How many bytes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// As many as there is room for.
    All,
    /// Always so many.
    Fixed(usize),
    /// One to so many.
    Random(usize),
}

/// When the host writes what is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// After every commit.
    EachChunk,
    /// After every step, or when nothing is taken any more.
    EachStep,
    /// When nothing is taken any more, before a side closes, and at the end.
    AtEnd,
}

/// All that a host may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Bytes of one read.
    pub chunks: Sizes,
    /// Bytes of one write.
    pub portions: Sizes,
    /// When it writes.
    pub drained: Drained,
    /// Which of the six orders of the three receivers.
    pub order: usize,
    /// Looks at loans, ticks and commits nothing now and then.
    pub fidgets: bool,
    /// For what is random in it.
    pub seed: u64,
}

impl Schedule {
    /// The plainest host: reads all, writes all.
    pub const PLAIN: Schedule = Schedule {
        chunks: Sizes::All,
        portions: Sizes::All,
        drained: Drained::EachChunk,
        order: 0,
        fidgets: false,
        seed: 0,
    };

    /// Some schedule.
    #[must_use]
    pub fn random(random: &mut Random) -> Self {
        let mut sizes = || match random.below(5) {
            0 => Sizes::All,
            1 => Sizes::Fixed(1),
            2 => Sizes::Fixed(1 + random.below(80)),
            3 => Sizes::Random(4),
            _ => Sizes::Random(200),
        };
        Self {
            chunks: sizes(),
            portions: sizes(),
            drained: *random.pick(&[Drained::EachChunk, Drained::EachStep, Drained::AtEnd]),
            order: random.below(6),
            fidgets: random.once_in(2),
            seed: random.number(),
        }
    }
}

/// Something wrong, done on purpose, that a property has to notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Defect {
    /// Nothing is wrong.
    #[default]
    None,
    /// Redaction is off, whatever the configuration says.
    RedactionOff,
    /// A carriage return inside a line is taken for white space.
    TakesCr,
    /// Every third line to the client is lost.
    LosesLines,
    /// The first byte of a write that is cut short is written again.
    RepeatsByte,
    /// The next event is lost when a read ends inside a line.
    LosesEvents,
}

/// What came out.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Bytes for the client, the server, and the host's standard error.
    pub bytes: [Vec<u8>; 3],
    /// Events.
    pub events: Vec<Event>,
}

impl Output {
    /// The lines for a receiver, without their newlines. One that is empty only ends a last line
    /// that came without its own.
    pub fn lines(&self, to: Receiver) -> impl Iterator<Item = &[u8]> {
        self.bytes[to as usize].split(|&byte| byte == b'\n').filter(|line| !line.is_empty())
    }

    /// What is in `other` comes behind what is here.
    pub fn append(&mut self, mut other: Output) {
        for (here, there) in self.bytes.iter_mut().zip(&mut other.bytes) {
            here.append(there);
        }
        self.events.append(&mut other.events);
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, bytes) in ["client", "server", "noise"].iter().zip(&self.bytes) {
            writeln!(f, "--- {name}")?;
            for line in bytes.split_inclusive(|&byte| byte == b'\n') {
                writeln!(f, "{}", line.escape_ascii())?;
            }
        }
        writeln!(f, "--- events")?;
        for event in &self.events {
            writeln!(f, "{}", in_words(event))?;
        }
        Ok(())
    }
}

/// One event in a line.
#[must_use]
pub fn in_words(event: &Event) -> String {
    format!(
        "{} {} {} {} method={} tool={} rule={} check={} in={} out={} x{} id={:x} {:?}",
        event.kind.name(),
        event.from.name(),
        event.message.name(),
        event.reason.map_or("-", |reason| reason.name()),
        event.method,
        event.tool,
        event.rule,
        event.check,
        event.bytes_in,
        event.bytes_out,
        event.count,
        event.id_digest,
        event.duration_ms,
    )
}

/// A session.
pub struct World {
    /// The engine.
    pub engine: Engine,
    /// What outlives it.
    pub ledger: Ledger,
    /// The time.
    pub now: Time,
    /// Rules of the face that did not hold.
    pub faults: Vec<String>,
    schedule: Schedule,
    defect: Defect,
    random: Random,
    other_policy: Arc<Policy>,
    tickets: Vec<Ticket>,
    closed: [bool; 2],
    /// For the defects: lines to the client, and whether a read ended inside a line.
    lines: usize,
    cut: bool,
    output: Output,
}

/// What a world is made of.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The policy.
    pub policy: PolicyConfig,
    /// The limits.
    pub limits: Limits,
    /// The events that are made.
    pub wanted: Wanted,
    /// What is wrong with it.
    pub defect: Defect,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            policy: PolicyConfig::default(),
            limits: Limits::default(),
            wanted: Wanted::ALL,
            defect: Defect::None,
        }
    }
}

impl Setup {
    /// The policy, compiled. Compile once and share where many worlds are made.
    ///
    /// # Panics
    /// If the policy has a fault.
    #[must_use]
    pub fn compile(&self) -> Arc<Policy> {
        let mut config = self.policy.clone();
        config.redaction.enabled &= self.defect != Defect::RedactionOff;
        Arc::new(Policy::compile(&config).expect("a policy without fault"))
    }
}

/// Drives the script to its end, and then everything out.
#[must_use]
pub fn run(setup: &Setup, steps: &[Step], schedule: Schedule) -> (Output, World) {
    run_with(setup, &setup.compile(), steps, schedule)
}

/// The same with a policy that is compiled already.
#[must_use]
pub fn run_with(
    setup: &Setup,
    policy: &Arc<Policy>,
    steps: &[Step],
    schedule: Schedule,
) -> (Output, World) {
    let mut world = World::new(setup, Arc::clone(policy), schedule);
    let mut all = Output::default();
    for step in steps {
        all.append(world.step(step));
    }
    all.append(world.finish());
    (all, world)
}

impl World {
    /// A session in which nothing has happened.
    ///
    /// # Panics
    /// If a limit is out of range.
    #[must_use]
    pub fn new(setup: &Setup, policy: Arc<Policy>, schedule: Schedule) -> Self {
        let now = Time::new(1_000, 1_000);
        let engine = Engine::new(Arc::clone(&policy), setup.limits, setup.wanted, now);
        Self {
            engine: engine.expect("limits in range"),
            ledger: Ledger::new(),
            now,
            faults: Vec::new(),
            schedule,
            defect: setup.defect,
            random: Random::new(schedule.seed),
            other_policy: policy,
            tickets: Vec::new(),
            closed: [false; 2],
            lines: 0,
            cut: false,
            output: Output::default(),
        }
    }

    /// The policy that a swap brings.
    pub fn set_other_policy(&mut self, policy: Arc<Policy>) {
        self.other_policy = policy;
    }

    /// Drives everything out.
    pub fn finish(&mut self) -> Output {
        self.drive_to_rest(true);
        std::mem::take(&mut self.output)
    }

    /// Does one step; what came out of it, as far as the schedule lets it out.
    pub fn step(&mut self, step: &Step) -> Output {
        match step {
            Step::Bytes(side, bytes) => self.feed(*side, bytes),
            Step::Close(side) => {
                // What a peer has not read when it goes is lost: that is no choice of the host's.
                self.drive_to_rest(true);
                self.closed[*side as usize] = true;
                self.engine.recv_close(&mut self.ledger, *side, self.now);
            }
            Step::Wait(ms) => self.wait(*ms),
            Step::Drain(ms) => {
                self.engine.begin_drain(self.now, self.now.monotonic_ms.saturating_add(*ms));
            }
            Step::Answer(answer) => {
                if !self.tickets.is_empty() {
                    let ticket = self.tickets.remove(0);
                    self.engine.answer(&mut self.ledger, ticket, *answer, self.now);
                }
            }
            Step::Swap => self.engine.swap_policy(Arc::clone(&self.other_policy)),
        }
        self.drive_to_rest(self.schedule.drained != Drained::AtEnd);
        std::mem::take(&mut self.output)
    }

    /// Moves the clock, from one deadline to the next, as a host that is never late would.
    fn wait(&mut self, ms: u64) {
        let end = self.now.monotonic_ms.saturating_add(ms);
        let mut rounds = 0;
        while let Some((at, _)) = self.engine.deadline().filter(|&(at, _)| at <= end) {
            self.now = Time::new(at, at);
            self.drive_to_rest(self.schedule.drained != Drained::AtEnd);
            rounds += 1;
            if rounds > 10_000 {
                self.faults.push(format!("ten thousand deadlines within {ms} ms"));
                break;
            }
        }
        self.now = Time::new(end, end);
    }

    /// Hands bytes over in chunks. What a side sends after its end is not looked at.
    fn feed(&mut self, side: Side, bytes: &[u8]) {
        let mut bytes = bytes.to_vec();
        if self.defect == Defect::TakesCr {
            take_cr(&mut bytes);
        }
        let mut at = 0;
        while at < bytes.len() {
            let chunk = self.size(self.schedule.chunks).min(bytes.len() - at);
            let end = at + chunk;
            while at < end {
                let space = self.engine.recv_space(side);
                let count = space.len().min(end - at);
                space[..count].copy_from_slice(&bytes[at..at + count]);
                if count == 0 {
                    if self.is_over(side) || !self.make_way(side) {
                        return;
                    }
                    continue;
                }
                self.engine.recv_commit(&mut self.ledger, side, count, self.now);
                at += count;
            }
            if self.schedule.fidgets {
                self.fidget();
            }
            if self.schedule.drained == Drained::EachChunk {
                self.drive_to_rest(true);
            }
            self.cut |= !bytes[..at].ends_with(b"\n");
        }
    }

    /// Whether nothing of this side will be read any more.
    fn is_over(&self, side: Side) -> bool {
        self.closed[side as usize] || self.engine.stalled(side) == Some(Stall::Ended)
    }

    /// The engine takes no more: somebody has to read.
    fn make_way(&mut self, side: Side) -> bool {
        if self.engine.stalled(side).is_none() {
            self.faults
                .push(format!("no room for {}, and stalled() does not say why", side.name()));
        }
        if self.drive_to_rest(true) {
            return true;
        }
        let over = self.is_over(side) || self.engine.recv_space(side).is_empty();
        if over && self.engine.stalled(side) != Some(Stall::Ended) {
            self.faults.push(format!("the lane of {} stands although all is read", side.name()));
        }
        !over
    }

    /// Looks at everything, commits nothing, and ticks.
    fn fidget(&mut self) {
        for side in Side::ALL {
            if self.random.once_in(3) {
                let _ = self.engine.recv_space(side).len();
                self.engine.recv_commit(&mut self.ledger, side, 0, self.now);
            }
        }
        for to in RECEIVERS {
            if self.random.once_in(3) {
                let _ = self.engine.send_ready(to).len();
                self.engine.send_commit(&mut self.ledger, to, 0);
            }
        }
        if self.random.once_in(3) {
            self.engine.tick(&mut self.ledger, self.now);
        }
    }

    /// Collects events and, if `writes`, writes all that is ready, until nothing moves.
    pub fn drive_to_rest(&mut self, writes: bool) -> bool {
        let mut any = false;
        // Every round but the last moves a byte or an event; there are only so many of them.
        for _ in 0..1_000_000 {
            let mut moved = false;
            self.engine.tick(&mut self.ledger, self.now);
            self.check_deadline();
            if writes {
                for at in ORDERS[self.schedule.order % ORDERS.len()] {
                    moved |= self.write(RECEIVERS[at]);
                }
            }
            while let Some(event) = self.engine.next_event() {
                self.tickets.extend(event.ticket);
                moved = true;
                if self.defect == Defect::LosesEvents && std::mem::take(&mut self.cut) {
                    continue;
                }
                self.output.events.push(event);
            }
            any |= moved;
            if !moved {
                return any;
            }
        }
        self.faults.push("driving to rest takes for ever".to_owned());
        any
    }

    fn check_deadline(&mut self) {
        if let Some((at, wake)) = self.engine.deadline()
            && at <= self.now.monotonic_ms
            && self.faults.len() < 8
        {
            let now = self.now.monotonic_ms;
            self.faults.push(format!("after tick({now}) the deadline is {at} ({wake:?})"));
        }
    }

    /// Writes all that is ready for a receiver, in portions.
    fn write(&mut self, to: Receiver) -> bool {
        let mut any = false;
        loop {
            let most = self.size(self.schedule.portions);
            let ready = self.engine.send_ready(to);
            let count = ready.len().min(most);
            if count == 0 {
                return any;
            }
            let sink = &mut self.output.bytes[to as usize];
            let was = sink.len();
            sink.extend_from_slice(&ready[..count]);
            if self.defect == Defect::RepeatsByte && count < ready.len() && count > 1 {
                sink.insert(was, ready[0]);
            }
            if self.defect == Defect::LosesLines && to == Receiver::Client {
                self.lines += ready[..count].iter().filter(|&&byte| byte == b'\n').count();
                if self.lines % 3 == 2 {
                    sink.truncate(was);
                }
            }
            self.engine.send_commit(&mut self.ledger, to, count);
            any = true;
        }
    }

    fn size(&mut self, sizes: Sizes) -> usize {
        match sizes {
            Sizes::All => usize::MAX,
            Sizes::Fixed(size) => size.max(1),
            Sizes::Random(most) => 1 + self.random.below(most),
        }
    }
}

/// Every receiver.
pub const RECEIVERS: [Receiver; 3] = [Receiver::Client, Receiver::Server, Receiver::Noise];
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// Turns carriage returns that do not end a line to spaces.
fn take_cr(bytes: &mut [u8]) {
    for at in 0..bytes.len() {
        if bytes[at] == b'\r' && bytes.get(at + 1).is_some_and(|&next| next != b'\n') {
            bytes[at] = b' ';
        }
    }
}
