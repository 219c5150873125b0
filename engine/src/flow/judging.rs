//! Takes lines out of the inboxes and has each judged once, in order of arrival.

use super::engine::{Engine, Lane};
use super::ledger::Ledger;
use super::passing::Source;
use super::pending::{IdBuf, SlotNumber, State};
use super::verdict::Examined;
use crate::base::event::{EventKind, Message};
use crate::base::limits::Limits;
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::edits::Scratch;
use crate::redact::Rules;
use crate::wire::cursor::Cursor;
use crate::wire::grammar::Shape;
use crate::wire::id::IdText;
use crate::wire::scanner::Scanner;
use crate::wire::skim::Skimmer;
use crate::wire::text;

impl Engine {
    /// Judges all that can be judged. What a frame has set free goes before the next frame, so that
    /// the order does not depend on how much was read at once.
    pub(crate) fn pump(&mut self, ledger: &mut Ledger) {
        let mut any = |engine: &mut Self, step: fn(&mut Self, Side, &mut Ledger) -> bool| {
            Side::ALL.into_iter().any(|side| step(engine, side, ledger))
        };
        loop {
            self.advance_drain(self.now.monotonic_ms);
            if !any(self, Self::follow_up) && !any(self, Self::judge_next) {
                break;
            }
        }
        for side in Side::ALL {
            self.release(side);
        }
        if self.session.entered.is_some() && self.is_finished() {
            self.leave_session(ledger);
        }
        self.note_idleness();
    }

    /// Whether nothing is in flight, and since when.
    fn note_idleness(&mut self) {
        let is_busy = |lane: &Lane| {
            lane.pending.open() > 0 || !lane.inbox.unjudged().is_empty() || !lane.batches.is_empty()
        };
        let busy =
            self.lanes.iter().any(is_busy) || self.outboxes.iter().any(|outbox| !outbox.is_empty());
        if busy {
            self.idle_since = None;
        } else {
            self.idle_since.get_or_insert(self.now.monotonic_ms);
        }
    }

    /// Whether nothing of this side may be judged because its receiver does not read.
    fn is_held_by_receiver(&self, side: Side) -> bool {
        self.outboxes[side.other() as usize].is_full()
            && !self.session.is_drained(self.now.monotonic_ms)
    }

    /// Ends a request that nobody will answer, or goes on with a batch of `side`.
    fn follow_up(&mut self, side: Side, ledger: &mut Ledger) -> bool {
        if self.journal.is_full() {
            return false;
        }
        if self.end_one(side, ledger) || self.end_waiting(side, ledger) {
            return true;
        }
        if self.is_held_by_receiver(side) {
            return false;
        }
        let Some(at) = self.ready_batch(side) else { return false };
        self.advance_batch(side, at, ledger);
        true
    }

    /// Judges the next frame of `side`; false if none is complete, or its lane has to wait.
    fn judge_next(&mut self, side: Side, ledger: &mut Ledger) -> bool {
        let index = side as usize;
        self.lanes[index].is_partial = false;
        if self.journal.is_full() || self.is_held_by_receiver(side) {
            return false;
        }
        if self.lanes[index].broken.is_some() {
            self.lanes[index].inbox.discard();
        }
        if !self.lanes[index].pending.can_owe() {
            return false;
        }
        self.lanes[index].is_partial = true;
        if self.lanes[index].skimmer.is_some() {
            return self.skim(side, ledger);
        }
        let Engine { lanes, policy, limits, .. } = self;
        let lane = &mut lanes[index];
        let limit = limits.frame_bytes_max[index] as usize;
        let frame = lane.inbox.unjudged();
        if frame.is_empty() && !lane.closed {
            return false;
        }
        let end = lane.scanner.feed(frame, &policy.rules);
        // A line end of two bytes is no part of the frame.
        let body = |end: usize| end - usize::from(frame[..end].ends_with(b"\r"));
        match end {
            Some(end) if body(end) <= limit => {
                let body = body(end);
                self.judge_line(side, body, end + 1, ledger);
                true
            }
            None if frame.len() <= limit + 1 && !lane.closed => false,
            None if frame.len() <= limit && lane.closed => self.judge_last(side, ledger),
            _ => {
                lane.skimmer = Some(Skimmer::new(self.limits.id_bytes_max));
                lane.skimmed = 0;
                self.skim(side, ledger)
            }
        }
    }

    /// The side has closed: what came of a last line is a frame, or was cut short.
    fn judge_last(&mut self, side: Side, ledger: &mut Ledger) -> bool {
        let Engine { lanes, policy, noise, .. } = self;
        let lane = &mut lanes[side as usize];
        if lane.ended {
            return false;
        }
        let frame = lane.inbox.unjudged();
        let len = frame.len();
        if len == 0 {
            self.end_lane(side, ledger);
            return true;
        }
        lane.scanner.whole(frame, &policy.rules);
        if lane.scanner.fault().is_some_and(|fault| fault.code() == -32700) {
            if side == Side::Server {
                noise.push(frame);
            }
            lane.inbox.judge(len);
            lane.scanner.reset();
            self.metrics.refused[side as usize] += 1;
            ledger.count_refused(Reason::ClosedInFrame);
            lane.broken = Some(Reason::ClosedInFrame);
            self.note(EventKind::Protocol, side, Some(Reason::ClosedInFrame));
        } else {
            self.judge_line(side, len, len, ledger);
        }
        true
    }

    /// Walks a frame over its limit to its end, without keeping it.
    fn skim(&mut self, side: Side, ledger: &mut Ledger) -> bool {
        let Engine { lanes, policy, limits, .. } = self;
        let lane = &mut lanes[side as usize];
        let frame = lane.inbox.unjudged();
        let Some(skimmer) = &mut lane.skimmer else { return false };
        let end = memchr::memchr(b'\n', frame);
        let part = &frame[..end.unwrap_or(frame.len())];
        skimmer.push(part);
        lane.skimmed += part.len() as u64;
        let closed = lane.closed;
        match end {
            Some(end) => {
                lane.inbox.judge(end + 1);
            }
            None => lane.inbox.discard(),
        }
        lane.scanner.reset();
        if end.is_none() && !closed {
            return false;
        }
        if end.is_none() {
            lane.broken = Some(Reason::ClosedInFrame);
        }
        let len = lane.skimmed;
        let (message, id) = skimmer.finish();
        let id = told_id(id, limits, &policy.rules);
        lane.skimmer = None;
        self.metrics.frames[side as usize] += 1;
        ledger.frames += 1;
        self.refuse_unread(side, message, id, Reason::FrameTooLarge, len, ledger);
        true
    }

    /// Judges a line: `body` bytes of frame, `line` with its end.
    pub(crate) fn judge_line(&mut self, side: Side, body: usize, line: usize, ledger: &mut Ledger) {
        let index = side as usize;
        let scanner = &self.lanes[index].scanner;
        match (scanner.fault(), scanner.shape()) {
            (None, Shape::Blank) => {
                self.lanes[index].inbox.judge(line);
            }
            (None, Shape::Object) => {
                self.count_frame(side, ledger);
                let mut scratch = self.take_scratch();
                let lane = &self.lanes[index];
                let frame = &lane.inbox.unjudged()[..body];
                let examined = self.examine(side, frame, &lane.scanner, &mut scratch);
                if self.is_noise(side, &examined) {
                    self.refuse_line(side, Reason::NotAnObject, body, line, ledger);
                } else {
                    let source = Source::Inbox { body, line };
                    self.apply(side, examined, source, &scratch, ledger);
                }
                self.put_scratch(scratch);
            }
            (None, Shape::Array) => {
                self.count_frame(side, ledger);
                let frame = &self.lanes[index].inbox.unjudged()[..body];
                if side == Side::Server && !holds_object(frame) {
                    self.refuse_line(side, Reason::NotAnObject, body, line, ledger);
                } else {
                    self.admit_batch(side, body, line, ledger);
                }
            }
            (None, Shape::Scalar) => {
                self.count_frame(side, ledger);
                self.refuse_line(side, Reason::NotAnObject, body, line, ledger);
            }
            (Some(fault), _) => {
                self.count_frame(side, ledger);
                self.refuse_line(side, fault, body, line, ledger);
            }
        }
        self.lanes[index].scanner.reset();
    }

    /// Refuses a line that was not read as a message.
    fn refuse_line(
        &mut self,
        side: Side,
        reason: Reason,
        body: usize,
        line: usize,
        ledger: &mut Ledger,
    ) {
        let lane = &mut self.lanes[side as usize];
        let frame = &lane.inbox.unjudged()[..body];
        let is_noise =
            side == Side::Server && (reason.code() == -32700 || reason == Reason::NotAnObject);
        let mut skimmer = Skimmer::new(self.limits.id_bytes_max);
        if is_noise {
            self.noise.push(frame);
        } else {
            skimmer.push(frame);
        }
        let (message, id) = skimmer.finish();
        // What is no JSON is no message of any kind, whatever it resembles.
        let is_json = reason.code() != -32700;
        let message = if is_json { message } else { Message::None };
        let id = id.filter(|_| is_json);
        let id = told_id(id, &self.limits, &self.policy.rules);
        lane.inbox.judge(line);
        if is_noise {
            self.metrics.dropped[side as usize] += 1;
            self.note_frame(EventKind::Protocol, side, Reason::Noise, body as u64);
        } else {
            self.refuse_unread(side, message, id, reason, body as u64, ledger);
        }
    }

    /// Refuses a frame of which only its kind and id are known.
    pub(crate) fn refuse_unread(
        &mut self,
        side: Side,
        message: Message,
        id: Option<IdBuf>,
        reason: Reason,
        len: u64,
        ledger: &mut Ledger,
    ) {
        let asker = side.other();
        let answers = match (message, &id) {
            (Message::Response, Some(id)) => self.open_request(asker, id),
            _ => None,
        };
        let examined = Examined { answers, ..Examined::unread(message, id, reason, len as usize) };
        self.refuse(side, &examined, None, ledger);
    }

    /// The open request of `asker` with this id.
    pub(crate) fn open_request(&self, asker: Side, id: &IdBuf) -> Option<SlotNumber> {
        let pending = &self.lanes[asker as usize].pending;
        pending.find(id).filter(|&number| pending.slot(number).state == State::Open)
    }

    /// A server's line of structured log is no message: it does not say that it is one, and it
    /// answers nothing.
    fn is_noise(&self, side: Side, examined: &Examined) -> bool {
        side == Side::Server && !examined.envelope.claims && examined.answers.is_none()
    }

    pub(crate) fn count_frame(&mut self, side: Side, ledger: &mut Ledger) {
        self.metrics.frames[side as usize] += 1;
        ledger.frames += 1;
    }

    pub(crate) fn note_frame(&mut self, kind: EventKind, side: Side, reason: Reason, len: u64) {
        if self.journal.wants(kind) {
            let mut event = self.event(kind, side, Some(reason));
            event.bytes_in = len;
            self.journal.push(event);
        }
    }

    /// Scratch memory for one frame; put back with [`put_scratch`](Self::put_scratch).
    pub(crate) fn take_scratch(&mut self) -> Box<Scratch> {
        let mut scratch = self.scratch.take().unwrap_or_default();
        scratch.clear();
        scratch
    }

    pub(crate) fn put_scratch(&mut self, scratch: Box<Scratch>) {
        self.scratch = Some(scratch);
    }
}

/// Whether an element of this array may be a message.
fn holds_object(frame: &[u8]) -> bool {
    let mut cursor = Cursor::new(frame, 0);
    cursor.enter(b'[');
    std::iter::from_fn(|| cursor.element()).any(|element| frame[element.start] == b'{')
}

/// The id that a frame was seen to carry without being read, if it is one that two peers read
/// alike, and no secret: what we write ourselves is valid JSON and tells none.
pub(crate) fn told_id(spelled: Option<&[u8]>, limits: &Limits, rules: &Rules) -> Option<IdBuf> {
    let spelled = spelled?;
    IdText::parse(spelled, limits.id_bytes_max as usize)?;
    let mut scanner = Scanner::new(limits);
    scanner.whole(spelled, rules);
    let mut decoded = Vec::new();
    text::decode(spelled, &mut decoded);
    let mut matches = Vec::new();
    if rules.enabled() {
        rules.find(&decoded, &mut matches);
    }
    (scanner.fault().is_none() && matches.is_empty()).then(|| IdBuf::new(spelled))
}
