//! The engine: a constructor, nine verbs that move data, six that steer. It joins two lanes and
//! parses nothing.

use std::fmt;
use std::sync::Arc;

use super::aside::{Batch, Waiting};
use super::inbox::{Inbox, Place};
use super::journal::Journal;
use super::ledger::Ledger;
use super::metering::Charges;
use super::noise::Noise;
use super::outbox::Outbox;
use super::pending::Pending;
use super::session::{Facts, Session};
use super::tasks::Tasks;
use crate::arguments::SchemaTable;
use crate::base::error::ConfigError;
use crate::base::event::{Answer, Event, EventKind, Label, Message, Question, Ticket, Wanted};
use crate::base::limits::{BUFFER_IDLE_MS, Limits};
use crate::base::reason::Reason;
use crate::base::side::{Receiver, Side};
use crate::base::time::{self, Time, Wake};
use crate::judge::edits::Scratch;
use crate::judge::policy::Policy;
use crate::judge::seal::SealTable;
use crate::wire::scanner::Scanner;
use crate::wire::skim::Skimmer;

/// Why the lane of a side stands. The numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stall {
    /// Its receiver has to read what is ready for it, or to answer what keeps a batch waiting.
    Receiver = 1,
    /// Its sender has to read the answers that it is owed.
    Sender = 2,
    /// The host has to collect events, and then to call a verb that judges.
    Host = 3,
    /// Its sender has closed and all that it sent has left: the host may close its own end towards
    /// the receiver.
    Ended = 4,
}

impl Stall {
    /// Every kind of stall, in the order of their numbers.
    pub const ALL: [Stall; 4] = [Stall::Receiver, Stall::Sender, Stall::Host, Stall::Ended];

    /// A word for logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Stall::Receiver => "receiver",
            Stall::Sender => "sender",
            Stall::Host => "host",
            Stall::Ended => "ended",
        }
    }
}

/// Counts of one engine. Pairs are by the side that sent (client, server).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Bytes that were read.
    pub bytes_in: [u64; 2],
    /// Bytes that were written, by the side that they went to.
    pub bytes_out: [u64; 2],
    /// Frames that were judged; members of a batch count one each.
    pub frames: [u64; 2],
    /// Frames that passed as they came.
    pub passed: [u64; 2],
    /// Frames that passed changed.
    pub changed: [u64; 2],
    /// Frames that were refused.
    pub refused: [u64; 2],
    /// Orphans, late answers and noise.
    pub dropped: [u64; 2],
    /// Places that were changed in frames.
    pub edits: u64,
    /// Requests in flight, by the side that asked.
    pub requests_open: [u32; 2],
    /// Answers that are owed and not written yet, by the side that asked.
    pub answers_owed: [u32; 2],
    /// Events that were dropped, if the host chose that.
    pub events_dropped: u64,
    /// Bytes of lines that are no messages.
    pub noise_bytes: u64,
    /// Those of them that nobody took.
    pub noise_bytes_dropped: u64,
    /// Bytes of memory that the engine holds besides itself.
    pub memory_bytes: u64,
}

/// One direction: what a side sends, and what it asked.
pub(crate) struct Lane {
    pub inbox: Inbox,
    pub scanner: Scanner,
    /// A frame over its limit is walked to its end and not kept.
    pub skimmer: Option<Skimmer>,
    /// Length of the frame that is walked.
    pub skimmed: u64,
    /// The requests of this side.
    pub pending: Pending,
    pub batches: Vec<Batch>,
    pub waiting: Vec<Waiting>,
    /// What was read and not judged is the beginning of one frame.
    pub is_partial: bool,
    /// This side said that it will send no more.
    pub closed: bool,
    /// All that it sent was judged after that.
    pub ended: bool,
    /// The beginning of a frame that waits for its end: its place, and since when.
    pub watched: Option<(Place, u64)>,
    /// A violation ended it: what it still sends is not looked at.
    pub broken: Option<Reason>,
    /// The open requests of this side are ended one by one, for this reason.
    pub ending: Option<Reason>,
}

impl Lane {
    fn new(side: Side, limits: Limits, now_ms: u64) -> Self {
        Self {
            inbox: Inbox::new(limits.frame_bytes_max[side as usize], now_ms),
            scanner: Scanner::new(&limits),
            skimmer: None,
            skimmed: 0,
            pending: Pending::new(limits),
            batches: Vec::new(),
            waiting: Vec::new(),
            is_partial: true,
            closed: false,
            ended: false,
            watched: None,
            broken: None,
            ending: None,
        }
    }

    fn memory(&self) -> usize {
        self.inbox.memory()
            + self.scanner.memory()
            + self.pending.memory()
            + self.batches.iter().map(Batch::memory).sum::<usize>()
            + self.waiting.iter().map(Waiting::memory).sum::<usize>()
    }
}

/// A guard between one client and one server.
///
/// A value without socket, clock, thread or global. The host reads into [`recv_space`], writes from
/// [`send_ready`], and says what time it is. See the crate's page for the loop and the ten rules.
///
/// [`recv_space`]: Engine::recv_space
/// [`send_ready`]: Engine::send_ready
pub struct Engine {
    pub(crate) policy: Arc<Policy>,
    pub(crate) limits: Limits,
    pub(crate) session: Session,
    pub(crate) lanes: [Lane; 2],
    pub(crate) outboxes: [Outbox; 2],
    pub(crate) noise: Noise,
    pub(crate) journal: Journal,
    pub(crate) now: Time,
    pub(crate) metrics: Metrics,
    /// Memory for the frame that is judged, once one was.
    pub(crate) scratch: Option<Box<Scratch>>,
    /// What the server's secrets were sealed as.
    pub(crate) seals: SealTable,
    pub(crate) next_number: u64,
    /// Since when nothing is in flight or buffered; then memory is given back.
    pub(crate) idle_since: Option<u64>,
    /// The schemas that the server listed, once one was asked for.
    pub(crate) schemas: Option<Box<SchemaTable>>,
    /// What the message that is judged takes.
    pub(crate) charges: Charges,
    /// Which tools made the tasks whose results are still to come.
    pub(crate) tasks: Tasks,
}

/// Counts and states only: what the engine holds is content of its peers.
impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("metrics", &self.metrics())
            .field("finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine for one session.
    ///
    /// # Errors
    /// [`ConfigError::Limit`] if a limit lies outside what the engine can keep.
    pub fn new(
        policy: Arc<Policy>,
        limits: Limits,
        wanted: Wanted,
        now: Time,
    ) -> Result<Self, ConfigError> {
        limits.check()?;
        let ms = now.monotonic_ms;
        Ok(Self {
            session: Session::new(ms),
            lanes: Side::ALL.map(|side| Lane::new(side, limits, ms)),
            outboxes: Side::ALL.map(|side| Outbox::new(side, Arc::clone(&policy))),
            noise: Noise::new(Arc::clone(&policy.rules)),
            journal: Journal::new(wanted, limits.events_max),
            now,
            metrics: Metrics::default(),
            scratch: None,
            seals: SealTable::default(),
            next_number: 0,
            idle_since: None,
            schemas: None,
            charges: Charges::default(),
            tasks: Tasks::default(),
            policy,
            limits,
        })
    }

    // Nine verbs that move data.

    /// Memory to read bytes of `from` into. Empty: stop reading until it is not.
    ///
    /// The loan lives until the next call on this engine.
    pub fn recv_space(&mut self, from: Side) -> &mut [u8] {
        let lane = &mut self.lanes[from as usize];
        if lane.closed { &mut [] } else { lane.inbox.space(lane.is_partial) }
    }

    /// `count` bytes were read into the loan. Judges what they complete.
    ///
    /// # Panics
    /// If more is committed than was lent.
    pub fn recv_commit(&mut self, ledger: &mut Ledger, from: Side, count: usize, now: Time) {
        self.advance(ledger, now);
        self.lanes[from as usize].inbox.commit(count);
        self.metrics.bytes_in[from as usize] += count as u64;
        self.pump(ledger);
        self.watch_frame();
    }

    /// `from` will send no more. A last line without newline is judged; the other side gets what is
    /// under way, and answers to what it asked `from`.
    pub fn recv_close(&mut self, ledger: &mut Ledger, from: Side, now: Time) {
        self.advance(ledger, now);
        self.lanes[from as usize].closed = true;
        self.pump(ledger);
        self.watch_frame();
    }

    /// Bytes to write to `to`. Empty: nothing to write.
    ///
    /// The loan lives until the next call on this engine.
    pub fn send_ready(&mut self, to: Receiver) -> &[u8] {
        match to {
            Receiver::Client => self.outbox_ready(Side::Client),
            Receiver::Server => self.outbox_ready(Side::Server),
            Receiver::Noise => self.noise.ready(),
        }
    }

    /// `count` of the bytes were written. Judges what waited for that.
    ///
    /// # Panics
    /// If more is committed than was ready.
    pub fn send_commit(&mut self, ledger: &mut Ledger, to: Receiver, count: usize) {
        match to {
            Receiver::Client => self.outbox_commit(Side::Client, count),
            Receiver::Server => self.outbox_commit(Side::Server, count),
            Receiver::Noise => self.noise.commit(count),
        }
        self.pump(ledger);
        self.forget_watched();
    }

    /// What was decided, oldest first. While 64 wait, nothing more is judged (unless the host chose
    /// to have them dropped); the next verb that judges goes on.
    pub fn next_event(&mut self) -> Option<Event> {
        self.journal.pop()
    }

    /// Call [`tick`](Engine::tick) no later than this (monotonic milliseconds).
    #[must_use]
    pub fn deadline(&self) -> Option<(u64, Wake)> {
        if self.journal.is_full() {
            // Nothing can be decided before the host has collected.
            return None;
        }
        let mut earliest: Option<(u64, Wake)> = None;
        let mut consider = |at: Option<u64>, wake: Wake| {
            if let Some(at) = at
                && earliest.is_none_or(|(known, _)| at < known)
            {
                earliest = Some((at, wake));
            }
        };
        for lane in &self.lanes {
            // A call that waits for its ticket has a slot with the same deadline.
            consider(lane.waiting.iter().map(|waiting| waiting.deadline_ms).min(), Wake::Ticket);
            consider(lane.pending.deadline(), Wake::Request);
            consider(lane.pending.report_deadline(), Wake::Report);
            consider(lane.pending.id_deadline(), Wake::Id);
            consider(lane.inbox.deadline(), Wake::Memory);
        }
        consider(self.frame_deadline(), Wake::Frame);
        consider(self.idle_deadline(), Wake::Idle);
        // A drain whose time has come goes on when its peers read.
        let drain = self.session.drain_until.filter(|until| *until > self.now.monotonic_ms);
        consider(drain, Wake::Drain);
        if self.holds_memory() {
            consider(self.idle_since.map(|since| since + BUFFER_IDLE_MS), Wake::Memory);
        }
        earliest
    }

    /// It is `now`: ends what has run out of time, gives memory back, goes on with what waited.
    /// Afterwards the deadline is later than `now`, or none.
    pub fn tick(&mut self, ledger: &mut Ledger, now: Time) {
        self.advance(ledger, now);
        self.pump(ledger);
        self.watch_frame();
        self.expire(ledger);
        self.end_slow_frame(ledger);
        self.pump(ledger);
        self.watch_frame();
        let ms = self.now.monotonic_ms;
        for lane in &mut self.lanes {
            lane.inbox.tick(ms);
            lane.pending.tick(ms);
        }
        if self.idle_since.is_some_and(|since| since + BUFFER_IDLE_MS <= ms) {
            self.shrink();
        }
    }

    /// Whether the session is over and all that was owed has left. Events may still wait.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        let client = &self.outboxes[Side::Client as usize];
        let quiet = client.is_empty() && self.lanes.iter().all(|lane| lane.pending.owed() == 0);
        if self.session.drain_over {
            return quiet && self.outboxes.iter().all(Outbox::is_empty);
        }
        let server = &self.lanes[Side::Server as usize];
        server.ended && self.lanes[Side::Client as usize].pending.open() == 0 && quiet
    }

    // Six verbs that steer.

    /// Tells who a peer is.
    pub fn facts(&mut self, side: Side, facts: Facts) {
        self.session.introduce(side, facts);
        self.session.admit(&self.policy, self.now.wall_ms);
        self.note(EventKind::Lifecycle, side, Some(Reason::Introduced));
    }

    /// From the next frame on another policy decides. What was judged leaves as it was judged.
    pub fn swap_policy(&mut self, policy: Arc<Policy>) {
        for (lane, outbox) in self.lanes.iter_mut().zip(&mut self.outboxes) {
            lane.scanner.distrust();
            outbox.swap_policy(Arc::clone(&policy));
        }
        self.noise.swap_rules(Arc::clone(&policy.rules));
        self.policy = policy;
        self.session.reconsider(&self.policy);
        self.session.admit(&self.policy, self.now.wall_ms);
        self.note(EventKind::Lifecycle, Side::Client, Some(Reason::PolicySwapped));
    }

    /// Begins the end of the session: new requests are refused, open ones may be answered until
    /// `until_ms` (monotonic), then they are refused as well.
    pub fn begin_drain(&mut self, now: Time, until_ms: u64) {
        self.now = time::advance(self.now, now);
        if self.session.drain_until.is_none() {
            self.note(EventKind::Lifecycle, Side::Client, Some(Reason::DrainBegun));
        }
        self.session.drain_until = Some(until_ms);
    }

    /// What a ticket asks; `None` if it is not open (any more).
    ///
    /// The loan lives until the next call on this engine. What is asked comes from a peer.
    #[must_use]
    pub fn question(&self, ticket: Ticket) -> Option<Question<'_>> {
        let mut waiting = self.lanes.iter().flat_map(|lane| &lane.waiting);
        waiting.find(|waiting| waiting.ticket == ticket)?.question()
    }

    /// The host's answer to a ticket. False if the ticket is not open (any more).
    pub fn answer(
        &mut self,
        ledger: &mut Ledger,
        ticket: Ticket,
        answer: Answer<'_>,
        now: Time,
    ) -> bool {
        self.advance(ledger, now);
        let known = self.settle_ticket(ledger, ticket, answer);
        self.pump(ledger);
        self.watch_frame();
        known
    }

    /// Why nothing moves from this side, if nothing does.
    #[must_use]
    pub fn stalled(&self, from: Side) -> Option<Stall> {
        let lane = &self.lanes[from as usize];
        let outbox = &self.outboxes[from.other() as usize];
        if self.journal.is_full() {
            return Some(Stall::Host);
        }
        if lane.ended {
            let judged = lane.batches.iter().all(|batch| batch.next.is_none());
            return Some(match lane.waiting.is_empty() {
                true if outbox.is_empty() && judged => Stall::Ended,
                true => Stall::Receiver,
                false => Stall::Host,
            });
        }
        if !lane.pending.can_owe() {
            return Some(Stall::Sender);
        }
        if !outbox.is_empty() && (outbox.is_full() || lane.inbox.is_blocked()) {
            return Some(Stall::Receiver);
        }
        // A broken lane reads no more, and ends with the next verb that judges.
        lane.broken?;
        Some(if self.outboxes[from as usize].is_empty() { Stall::Host } else { Stall::Sender })
    }

    /// What was counted so far.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        Metrics {
            requests_open: [0, 1].map(|side: usize| self.lanes[side].pending.open()),
            answers_owed: [0, 1].map(|side: usize| self.lanes[side].pending.owed() as u32),
            events_dropped: self.journal.dropped,
            noise_bytes: self.noise.total,
            noise_bytes_dropped: self.noise.dropped,
            memory_bytes: self.memory() as u64,
            ..self.metrics
        }
    }

    /// Takes as many of `bytes` as there is room for: [`recv_space`](Engine::recv_space) and
    /// [`recv_commit`](Engine::recv_commit) for hosts that hold the bytes already. How many.
    pub fn recv_copy(&mut self, ledger: &mut Ledger, from: Side, bytes: &[u8], now: Time) -> usize {
        let mut taken = 0;
        while taken < bytes.len() {
            let space = self.recv_space(from);
            let count = space.len().min(bytes.len() - taken);
            if count == 0 {
                break;
            }
            space[..count].copy_from_slice(&bytes[taken..taken + count]);
            self.recv_commit(ledger, from, count, now);
            taken += count;
        }
        taken
    }

    /// Keeps the greatest time that was seen, here and by all that share the ledger.
    fn advance(&mut self, ledger: &mut Ledger, now: Time) {
        self.now = time::advance(self.now, now);
        ledger.advance(self.now.monotonic_ms);
    }

    /// Adds an event about the session.
    pub(crate) fn note(&mut self, kind: EventKind, from: Side, reason: Option<Reason>) {
        if self.journal.wants(kind) {
            let event = self.event(kind, from, reason);
            self.journal.push(event);
        }
    }

    /// An event with what is known of the session.
    pub(crate) fn event(&self, kind: EventKind, from: Side, reason: Option<Reason>) -> Event {
        Event {
            kind,
            time: self.now,
            session: self.session.number,
            server: self.session.server,
            from,
            message: Message::None,
            reason,
            method: Label::EMPTY,
            tool: Label::EMPTY,
            rule: Label::EMPTY,
            check: "",
            bytes_in: 0,
            bytes_out: 0,
            count: 0,
            id_digest: 0,
            duration_ms: None,
            ticket: None,
        }
    }

    fn memory(&self) -> usize {
        let lanes: usize = self.lanes.iter().map(Lane::memory).sum();
        let outboxes: usize = self.outboxes.iter().map(Outbox::memory).sum();
        lanes
            + outboxes
            + self.noise.memory()
            + self.journal.memory()
            + self.scratch.as_ref().map_or(0, |scratch| scratch.memory())
            + self.seals.memory()
            + self.charges.memory()
            + self.tasks.memory()
            + self.schemas.as_ref().map_or(0, |schemas| schemas.memory())
            + self.session.peer.as_ref().map_or(0, |peer| peer.memory())
    }

    /// Whether something beyond the inboxes could be given back.
    fn holds_memory(&self) -> bool {
        let inboxes: usize = self.lanes.iter().map(|lane| lane.inbox.memory()).sum();
        let peer = self.session.peer.as_ref().map_or(0, |peer| peer.memory());
        let schemas = self.schemas.as_ref().map_or(0, |schemas| schemas.memory());
        let kept = self.seals.memory() + self.tasks.memory();
        self.memory() > inboxes + kept + peer + schemas
    }

    /// Gives back what no conversation needs just now.
    fn shrink(&mut self) {
        for (lane, outbox) in self.lanes.iter_mut().zip(&mut self.outboxes) {
            lane.pending.shrink();
            lane.scanner.shrink();
            outbox.shrink();
        }
        self.journal.shrink();
        self.scratch = None;
        self.charges = Charges::default();
        self.idle_since = None;
    }
}
