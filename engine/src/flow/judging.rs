//! From a whole frame to its verdict, and from the verdict to what leaves.

use std::ops::Range;

use super::aside::{Batch, Waiting};
use super::engine::Engine;
use super::inbox::Place;
use super::ledger::Ledger;
use super::pending::{BatchPlace, IdBuf, Slot, SlotNumber, State};
use crate::base::event::{EventKind, Label, Message, Ticket};
use crate::base::limits::BYTES_PER_EDIT;
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::auth;
use crate::judge::edits::{self, By, Edit, Scratch, Subject};
use crate::judge::envelope::{Envelope, Method, string};
use crate::judge::lists;
use crate::judge::reply::{self, REFUSAL_BYTES_MAX, Refusal, Style};
use crate::redact::RuleId;
use crate::wire::cursor::Cursor;
use crate::wire::scanner::{Scanner, Shape};
use crate::wire::skim::Skimmer;
use crate::wire::text;

/// Proof that a range of an inbox was judged and passed: only this module makes one, and an outbox
/// takes nothing else of a peer.
#[derive(Debug)]
pub(crate) struct Judged(Range<Place>);

impl Judged {
    pub(crate) fn range(self) -> Range<Place> {
        self.0
    }
}

/// Where a message stands.
enum Source {
    /// In the inbox: its length without and with the line end.
    Inbox { body: usize, line: usize },
    /// In a batch that was taken out of its lane.
    Member { place: BatchPlace, at: Range<usize> },
}

/// What was found out about a message; nothing was changed yet.
struct Examined {
    envelope: Envelope,
    id: Option<IdBuf>,
    target: Option<IdBuf>,
    refusal: Option<Refusal>,
    /// For a response: the request that it answers.
    answers: Option<SlotNumber>,
    filtered: bool,
    len: usize,
}

impl Engine {
    /// Judges all that can be judged, lane by lane.
    pub(crate) fn pump(&mut self, ledger: &mut Ledger) {
        loop {
            let mut moved = false;
            for side in Side::ALL {
                while self.step(side, ledger) {
                    moved = true;
                }
                self.release(side);
            }
            if !moved {
                break;
            }
        }
        if self.session.is_draining() {
            self.advance_drain(self.now.monotonic_ms);
            while !self.journal.is_full()
                && Side::ALL.into_iter().any(|side| self.end_one(side, ledger))
            {}
            self.advance_drain(self.now.monotonic_ms);
        }
        let busy = self.lanes.iter().any(|lane| {
            lane.pending.open() > 0 || !lane.inbox.unjudged().is_empty() || !lane.batches.is_empty()
        }) || self.outboxes.iter().any(|outbox| !outbox.is_empty());
        match busy {
            true => self.idle_since = None,
            false => {
                self.idle_since.get_or_insert(self.now.monotonic_ms);
            }
        }
    }

    /// Does one thing for the lane of `side`; false if there is nothing to do, or it has to wait.
    fn step(&mut self, side: Side, ledger: &mut Ledger) -> bool {
        if self.journal.is_full() {
            return false;
        }
        if self.end_one(side, ledger) {
            return true;
        }
        let index = side as usize;
        if self.lanes[index].broken.is_some() {
            self.lanes[index].inbox.discard();
        }
        if self.outboxes[side.other() as usize].is_full() {
            return false;
        }
        if let Some(at) = self.ready_batch(side) {
            self.advance_batch(side, at, ledger);
            return true;
        }
        if !self.lanes[index].pending.can_owe() {
            return false;
        }
        if self.lanes[index].skimmer.is_some() {
            return self.skim(side, ledger);
        }
        let rules = std::sync::Arc::clone(&self.policy.rules);
        let lane = &mut self.lanes[index];
        let limit = self.limits.frame_bytes_max[index] as usize;
        let frame = lane.inbox.unjudged();
        let end = lane.scanner.feed(frame, &rules);
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
        let rules = std::sync::Arc::clone(&self.policy.rules);
        let lane = &mut self.lanes[side as usize];
        if lane.ended {
            return false;
        }
        let frame = lane.inbox.unjudged();
        let len = frame.len();
        if len == 0 {
            self.end_lane(side);
            return true;
        }
        lane.scanner.whole(frame, &rules);
        if lane.scanner.fault().is_some_and(|fault| fault.code() == -32700) {
            lane.inbox.judge(len);
            lane.scanner.reset();
            self.metrics.refused[side as usize] += 1;
            ledger.refused += 1;
            lane.broken = Some(Reason::ClosedInFrame);
            self.note(EventKind::Protocol, side, Some(Reason::ClosedInFrame));
        } else {
            self.judge_line(side, len, len, ledger);
        }
        true
    }

    /// Walks a frame over its limit to its end, without keeping it.
    fn skim(&mut self, side: Side, ledger: &mut Ledger) -> bool {
        let lane = &mut self.lanes[side as usize];
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
        let id = id.map(IdBuf::new);
        lane.skimmer = None;
        self.metrics.frames[side as usize] += 1;
        ledger.frames += 1;
        self.refuse_unread(side, message, id, Reason::FrameTooLarge, len, ledger);
        true
    }

    /// Judges a line: `body` bytes of frame, `line` with its end.
    fn judge_line(&mut self, side: Side, body: usize, line: usize, ledger: &mut Ledger) {
        let index = side as usize;
        let scanner = std::mem::take(&mut self.lanes[index].scanner);
        match (scanner.fault(), scanner.shape()) {
            (None, Shape::Blank) => {
                self.lanes[index].inbox.judge(line);
            }
            (None, Shape::Object) => {
                self.count_frame(side, ledger);
                let mut scratch = self.take_scratch();
                let frame = &self.lanes[index].inbox.unjudged()[..body];
                let examined = self.examine(side, frame, &scanner, &mut scratch);
                let source = Source::Inbox { body, line };
                self.apply(side, examined, source, &scratch, ledger);
                self.put_scratch(scratch);
            }
            (None, Shape::Array) => {
                self.count_frame(side, ledger);
                self.admit_batch(side, body, line, ledger);
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
        let lane = &mut self.lanes[index];
        lane.scanner = scanner;
        lane.scanner.reset();
    }

    fn count_frame(&mut self, side: Side, ledger: &mut Ledger) {
        self.metrics.frames[side as usize] += 1;
        ledger.frames += 1;
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
            self.noise.push(frame, &self.policy.rules);
        } else {
            skimmer.push(frame);
        }
        let (message, id) = skimmer.finish();
        // An id that is none of those that two peers read alike names nobody.
        let max = self.limits.id_bytes_max as usize;
        let id = id.filter(|id| crate::wire::id::IdText::parse(id, max).is_some());
        let id = id.filter(|_| reason.code() != -32700).map(IdBuf::new);
        lane.inbox.judge(line);
        if is_noise {
            self.metrics.dropped[side as usize] += 1;
            self.note_frame(EventKind::Protocol, side, Reason::Noise, body as u64);
        } else {
            self.refuse_unread(side, message, id, reason, body as u64, ledger);
        }
    }

    fn note_frame(&mut self, kind: EventKind, side: Side, reason: Reason, len: u64) {
        if self.journal.wants(kind) {
            let mut event = self.event(kind, side, Some(reason));
            event.bytes_in = len;
            self.journal.push(event);
        }
    }

    /// Refuses a frame of which only its kind and id are known.
    fn refuse_unread(
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
        let envelope = Envelope { message, ..Envelope::default() };
        let examined = Examined {
            envelope,
            id,
            target: None,
            refusal: Some(reason.into()),
            answers,
            filtered: false,
            len: len as usize,
        };
        self.refuse(side, &examined, None, ledger);
    }

    /// The open request of `asker` with this id.
    fn open_request(&self, asker: Side, id: &IdBuf) -> Option<SlotNumber> {
        let pending = &self.lanes[asker as usize].pending;
        pending.find(id).filter(|&number| pending.slot(number).state == State::Open)
    }

    /// Finds out all about a message, changing nothing but `scratch`.
    fn examine(&self, side: Side, frame: &[u8], scan: &Scanner, scratch: &mut Scratch) -> Examined {
        let envelope = Envelope::read(frame, scan, &self.limits, &mut scratch.seen);
        let buf =
            |range: &Option<Range<usize>>| range.clone().map(|range| IdBuf::new(&frame[range]));
        let id = buf(&envelope.id);
        let answers = match (envelope.message, &id) {
            (Message::Response, Some(id)) => self.lanes[side.other() as usize].pending.find(id),
            _ => None,
        };
        let mut examined = Examined {
            target: buf(&envelope.target),
            id,
            answers,
            refusal: None,
            filtered: false,
            len: frame.len(),
            envelope,
        };
        let ruled = self.rule(side, frame, scan, &examined, scratch);
        match ruled {
            Ok(filtered) => examined.filtered = filtered,
            Err(refusal) => {
                scratch.edits.clear();
                examined.refusal = Some(refusal);
            }
        }
        examined
    }

    /// The policy chain: the first rule that objects decides.
    fn rule(
        &self,
        side: Side,
        frame: &[u8],
        scan: &Scanner,
        examined: &Examined,
        scratch: &mut Scratch,
    ) -> Result<bool, Refusal> {
        let envelope = &examined.envelope;
        if let Some(fault) = envelope.fault {
            return Err(fault.into());
        }
        self.rule_auth(side, frame, envelope)?;
        let asks_back = side == Side::Server && envelope.message == Message::Request;
        let answers_back = side == Side::Client && envelope.message == Message::Response;
        if self.session.modern && (asks_back || answers_back) {
            return Err(Reason::WrongEra.into());
        }
        if envelope.method == Method::ToolsCall && self.tool_is_denied(frame, envelope) {
            return Err(Reason::ToolDenied.into());
        }
        let subject = Subject {
            frame,
            scan,
            envelope,
            rules: &self.policy.rules,
            token_required: self.policy.tokens.are_required(),
        };
        let limit = self.limits.frame_bytes_max[side as usize] as usize;
        edits::collect(subject, (limit / BYTES_PER_EDIT).max(16), scratch)?;
        let mut filtered = false;
        if let Some(number) = examined.answers {
            let slot = self.lanes[side.other() as usize].pending.slot(number);
            if slot.method == Method::ToolsList && self.policy.denies_any_tool() {
                let Scratch { seen, edits, .. } = scratch;
                filtered = lists::filter_tools(frame, scan, &self.policy, seen, edits)?;
            }
        }
        let len = edits::edited_len(frame.len(), &scratch.edits, &self.policy.rules);
        if len > frame.len() && len > limit {
            return Err(Reason::FrameTooLarge.into());
        }
        Ok(filtered)
    }

    /// Who may say something at all.
    fn rule_auth(&self, side: Side, frame: &[u8], envelope: &Envelope) -> Result<(), Reason> {
        let tokens = &self.policy.tokens;
        let says = matches!(envelope.message, Message::Request | Message::Notification);
        if !tokens.are_required() || !says {
            return Ok(());
        }
        if side == Side::Server {
            let known = self.session.authenticated;
            return if known { Ok(()) } else { Err(Reason::PeerUnauthenticated) };
        }
        let raw = envelope.token.as_ref().and_then(|value| string(frame, value));
        let Some(raw) = raw.filter(|raw| !raw.is_empty()) else {
            return Err(Reason::AuthRequired);
        };
        let mut token = zeroize::Zeroizing::new(Vec::with_capacity(raw.len()));
        text::decode(raw, &mut token);
        if tokens.admit(&token) { Ok(()) } else { Err(Reason::AuthFailed) }
    }

    fn tool_is_denied(&self, frame: &[u8], envelope: &Envelope) -> bool {
        self.policy.denies_any_tool()
            && with_tool_name(frame, envelope, |name| self.policy.denies_tool(name))
    }

    /// Does what was decided.
    fn apply(
        &mut self,
        side: Side,
        examined: Examined,
        source: Source,
        scratch: &Scratch,
        ledger: &mut Ledger,
    ) {
        let message = examined.envelope.message;
        let batch = match &source {
            Source::Member { place, .. } => Some(*place),
            Source::Inbox { .. } => None,
        };
        if message == Message::Response && self.drop_response(side, &examined, &source) {
            return;
        }
        let objection = examined.refusal.or_else(|| self.objects(side, &examined, batch));
        if let Some(refusal) = objection {
            let examined = Examined { refusal: Some(refusal), ..examined };
            self.skip(side, &source);
            self.refuse(side, &examined, batch, ledger);
            return;
        }
        if side == Side::Client && message != Message::Response {
            self.session.authenticated = true;
        }
        self.session.refused_in_a_row[side as usize] = 0;
        match message {
            Message::Request => self.pass_request(side, examined, source, scratch, ledger),
            Message::Response => self.pass_response(side, &examined, source, scratch, ledger),
            _ => self.pass_notification(side, &examined, source, scratch, ledger),
        }
    }

    /// A message of the inbox will not leave.
    fn skip(&mut self, side: Side, source: &Source) {
        if let Source::Inbox { line, .. } = source {
            self.lanes[side as usize].inbox.judge(*line);
        }
    }

    /// Drops a response that answers nothing open; false if it does answer something.
    fn drop_response(&mut self, side: Side, examined: &Examined, source: &Source) -> bool {
        let asker = side.other();
        let state =
            examined.answers.map(|number| self.lanes[asker as usize].pending.slot(number).state);
        let reason = match state {
            Some(State::Open) => return false,
            Some(State::Taken(_)) => Reason::LateResponse,
            _ => Reason::OrphanResponse,
        };
        if let (Some(number), Reason::LateResponse) = (examined.answers, reason) {
            self.lanes[asker as usize].pending.free_id(number);
        }
        self.skip(side, source);
        self.metrics.dropped[side as usize] += 1;
        if self.journal.wants(EventKind::Protocol) {
            let mut event = self.event(EventKind::Protocol, side, Some(reason));
            event.message = Message::Response;
            event.bytes_in = examined.len as u64;
            event.id_digest = self.digest(examined.id.as_ref());
            self.journal.push(event);
        }
        true
    }

    /// What stands against a message besides its content: ids, room, the state of the session.
    fn objects(
        &self,
        side: Side,
        examined: &Examined,
        batch: Option<BatchPlace>,
    ) -> Option<Refusal> {
        let receiver_gone = self.lanes[side.other() as usize].ended;
        let gone = match side {
            Side::Client => Reason::ServerExited,
            Side::Server => Reason::PeerClosed,
        };
        if examined.envelope.message != Message::Request {
            // A client that has closed its side may still read.
            let lost = receiver_gone && side == Side::Client;
            return lost.then_some(gone.into());
        }
        let pending = &self.lanes[side as usize].pending;
        let id = examined.id.as_ref()?;
        let reason = if receiver_gone {
            gone
        } else if self.session.is_draining() {
            Reason::Draining
        } else if pending.find(id).is_some() {
            Reason::DuplicateId
        } else if batch.is_some() && examined.envelope.method == Method::Initialize {
            Reason::InitializeInBatch
        } else if !pending.has_room(examined.envelope.method) {
            Reason::TooManyInFlight
        } else {
            return None;
        };
        Some(reason.into())
    }

    /// Refuses a message: its asker gets an answer if it is owed one.
    fn refuse(
        &mut self,
        side: Side,
        examined: &Examined,
        batch: Option<BatchPlace>,
        ledger: &mut Ledger,
    ) {
        let Some(refusal) = examined.refusal else { return };
        let envelope = &examined.envelope;
        let rule = refusal.rule.map(|rule| self.rule_label(rule)).unwrap_or_default();
        self.metrics.refused[side as usize] += 1;
        ledger.refused += 1;
        if matches!(refusal.reason, Reason::AuthRequired | Reason::AuthFailed) {
            ledger.auth_failures += 1;
        }
        if self.journal.wants(EventKind::Refused) {
            let mut event = self.frame_event(EventKind::Refused, side, examined);
            event.reason = Some(refusal.reason);
            event.rule = rule;
            self.journal.push(event);
        }
        let slot = Slot {
            method: envelope.method,
            method_label: envelope.method_label,
            rule,
            ..Slot::new(examined.id.clone(), self.now.monotonic_ms)
        };
        match (envelope.message, batch) {
            (Message::Response, _) => {
                if let Some(number) = examined.answers {
                    let reason = match refusal.reason {
                        Reason::FrameTooLarge => Reason::ResponseTooLarge,
                        _ => Reason::BadResponse,
                    };
                    let told = Refusal { reason, retry_after_ms: None, ..refusal };
                    self.end_request(side.other(), number, told, ledger);
                }
            }
            (Message::Notification, _) => {}
            (Message::None, None) if side == Side::Server => {}
            (_, Some(place)) => self.gather_refusal(side, place, refusal, &slot, rule),
            (_, None) => {
                self.lanes[side as usize].pending.refuse(slot, refusal);
                self.outboxes[side as usize].push_owed();
            }
        }
        self.count_refused(side);
    }

    /// Too many refused frames in a row end the lane.
    fn count_refused(&mut self, side: Side) {
        let count = &mut self.session.refused_in_a_row[side as usize];
        *count += 1;
        if *count >= self.limits.refused_in_a_row_max && self.lanes[side as usize].broken.is_none()
        {
            let lane = &mut self.lanes[side as usize];
            lane.broken = Some(Reason::TooManyRefused);
            lane.closed = true;
            self.note(EventKind::Lifecycle, side, Some(Reason::TooManyRefused));
        }
    }

    fn pass_request(
        &mut self,
        side: Side,
        examined: Examined,
        source: Source,
        scratch: &Scratch,
        ledger: &mut Ledger,
    ) {
        let envelope = &examined.envelope;
        let now_ms = self.now.monotonic_ms;
        let timeout = match envelope.method {
            Method::Listen => None,
            _ => self.policy.timeout(envelope.method_label.as_str()),
        };
        let batch = match &source {
            Source::Member { place, .. } => Some(*place),
            Source::Inbox { .. } => None,
        };
        let mut slot = Slot {
            method: envelope.method,
            method_label: envelope.method_label,
            tool: envelope.tool,
            modern: envelope.modern,
            deadline_ms: timeout.map_or(u64::MAX, |ms| now_ms.saturating_add(ms)),
            batch,
            ..Slot::new(examined.id.clone(), now_ms)
        };
        if self.must_ask(side, &examined, &source) {
            let refusal = match batch {
                Some(_) => Some(Reason::ApprovalDenied),
                None if !self.has_room_aside(side, scratch, examined.len) => Some(Reason::Busy),
                None => None,
            };
            if let Some(reason) = refusal {
                let examined = Examined { refusal: Some(reason.into()), ..examined };
                self.skip(side, &source);
                self.refuse(side, &examined, batch, ledger);
                return;
            }
            slot.deadline_ms = now_ms + self.limits.ticket_ms;
            self.put_aside(side, slot, &examined, &source, scratch, ledger);
            return;
        }
        self.lanes[side as usize].pending.open_slot(slot, State::Open);
        ledger.requests_open += 1;
        self.forward(side, &examined, source, scratch, ledger);
    }

    /// Whether the host has to approve this call.
    fn must_ask(&self, side: Side, examined: &Examined, source: &Source) -> bool {
        if side != Side::Client || examined.envelope.method != Method::ToolsCall {
            return false;
        }
        let frame = match source {
            Source::Inbox { body, .. } => &self.lanes[side as usize].inbox.unjudged()[..*body],
            // Members are never asked for; the name of a tool that is cut needs its bytes.
            Source::Member { .. } if examined.envelope.tool_is_cut => return false,
            Source::Member { .. } => &[],
        };
        match examined.envelope.tool_is_cut {
            true => {
                with_tool_name(frame, &examined.envelope, |name| self.policy.asks_for_tool(name))
            }
            false => self.policy.asks_for_tool(examined.envelope.tool.as_str()),
        }
    }

    fn has_room_aside(&self, side: Side, scratch: &Scratch, len: usize) -> bool {
        let lane = &self.lanes[side as usize];
        let held: usize = lane.waiting.iter().map(|waiting| waiting.bytes.len()).sum::<usize>()
            + lane.batches.iter().map(Batch::memory).sum::<usize>();
        let len = edits::edited_len(len, &scratch.edits, &self.policy.rules) + 2;
        lane.waiting.len() < self.limits.tickets_max as usize
            && held + len <= self.limits.frame_bytes_max[side as usize] as usize
    }

    /// Puts a call aside until the host has spoken. Its edits are made now.
    fn put_aside(
        &mut self,
        side: Side,
        slot: Slot,
        examined: &Examined,
        source: &Source,
        scratch: &Scratch,
        ledger: &mut Ledger,
    ) {
        let Source::Inbox { body, line } = *source else { return };
        let deadline_ms = slot.deadline_ms;
        let lane = &mut self.lanes[side as usize];
        let mut bytes = Vec::with_capacity(line);
        let frame = &lane.inbox.unjudged()[..body];
        edits::render(frame, &scratch.edits, &self.policy.rules, &mut bytes);
        bytes.push(b'\n');
        lane.inbox.judge(line);
        let number = lane.pending.open_slot(slot, State::Asked);
        self.next_number += 1;
        let ticket = Ticket(self.next_number);
        let bytes = bytes.into_boxed_slice();
        lane.waiting.push(Waiting { ticket, slot: number, bytes, deadline_ms });
        ledger.requests_open += 1;
        if self.journal.wants(EventKind::Lifecycle) {
            let mut event = self.frame_event(EventKind::Lifecycle, side, examined);
            event.reason = Some(Reason::ApprovalAsked);
            event.ticket = Some(ticket);
            self.journal.push(event);
        }
    }

    fn pass_notification(
        &mut self,
        side: Side,
        examined: &Examined,
        source: Source,
        scratch: &Scratch,
        ledger: &mut Ledger,
    ) {
        if let Some(target) = &examined.target
            && self.cancel(side, target, ledger)
        {
            self.skip(side, &source);
            self.count_passed(side, examined, &[], 0, ledger);
            return;
        }
        self.forward(side, examined, source, scratch, ledger);
    }

    /// The asker takes a request back; true if the other side never heard of it.
    fn cancel(&mut self, side: Side, target: &IdBuf, ledger: &mut Ledger) -> bool {
        let now_ms = self.now.monotonic_ms;
        let lane = &mut self.lanes[side as usize];
        let Some(number) = lane.pending.find(target) else {
            for batch in lane.batches.iter_mut().filter(|batch| batch.next.is_some()) {
                if batch.cancelled.len() < self.limits.ids_taken_max as usize {
                    batch.cancelled.push(target.clone());
                }
            }
            return false;
        };
        let slot = lane.pending.slot(number);
        let (state, batch) = (slot.state, slot.batch);
        // `initialize` is never taken back (basic/utilities/cancellation).
        if slot.method == Method::Initialize || !matches!(state, State::Open | State::Asked) {
            return false;
        }
        lane.waiting.retain(|waiting| waiting.slot != number);
        lane.pending.end(number, None, now_ms);
        ledger.requests_open = ledger.requests_open.saturating_sub(1);
        if let Some(place) = batch {
            self.end_member(side, place);
        }
        state == State::Asked
    }

    fn pass_response(
        &mut self,
        side: Side,
        examined: &Examined,
        source: Source,
        scratch: &Scratch,
        ledger: &mut Ledger,
    ) {
        let asker = side.other();
        let Some(number) = examined.answers else { return };
        let slot = self.lanes[asker as usize].pending.slot(number).clone();
        let is_result = examined.envelope.is_result;
        if slot.modern {
            self.session.modern = is_result;
        } else if slot.method == Method::Initialize && is_result {
            self.session.modern = false;
        }
        match slot.batch {
            None => {
                self.lanes[asker as usize].pending.finish(number);
                ledger.requests_open = ledger.requests_open.saturating_sub(1);
                self.forward_answer(side, examined, source, scratch, &slot, ledger);
            }
            Some(place) => {
                self.gather_answer(side, number, place, examined, source, scratch, ledger);
            }
        }
    }

    fn forward_answer(
        &mut self,
        side: Side,
        examined: &Examined,
        source: Source,
        scratch: &Scratch,
        slot: &Slot,
        ledger: &mut Ledger,
    ) {
        let bytes_out = self.push(side, &source, &scratch.edits);
        self.count_answer(side, examined, scratch, slot, bytes_out, ledger);
    }

    fn forward(
        &mut self,
        side: Side,
        examined: &Examined,
        source: Source,
        scratch: &Scratch,
        ledger: &mut Ledger,
    ) {
        let bytes_out = self.push(side, &source, &scratch.edits);
        self.report(side, examined, scratch);
        self.count_passed(side, examined, &scratch.edits, bytes_out, ledger);
    }

    /// Hands a message that passed to the outbox of the other side; its length as it leaves.
    fn push(&mut self, side: Side, source: &Source, edits: &[Edit]) -> u64 {
        let lane = &mut self.lanes[side as usize];
        let outbox = &mut self.outboxes[side.other() as usize];
        let rules = &self.policy.rules;
        match source {
            Source::Inbox { body, line } => {
                let frame = Judged(lane.inbox.judge(*line));
                match edits {
                    [] => outbox.push_frame(frame),
                    edits => outbox.push_edited(frame, edits),
                }
                edits::edited_len(*body, edits, rules) as u64
            }
            Source::Member { place, at } => {
                let Some(batch) = lane.batches.iter().find(|batch| batch.number == place.batch)
                else {
                    return 0;
                };
                let mut bytes = Vec::with_capacity(at.len() + 1);
                edits::render(&batch.bytes[at.clone()], edits, rules, &mut bytes);
                bytes.push(b'\n');
                let len = bytes.len() as u64 - 1;
                outbox.push_own(bytes.into_boxed_slice());
                len
            }
        }
    }

    // Batches.

    /// Takes an array apart: its members are judged one by one.
    fn admit_batch(&mut self, side: Side, body: usize, line: usize, ledger: &mut Ledger) {
        let index = side as usize;
        let frame = &self.lanes[index].inbox.unjudged()[..body];
        let mut cursor = Cursor::new(frame, 0);
        cursor.enter(b'[');
        let (mut count, mut reserved) = (0_usize, 2_usize);
        while let Some(member) = cursor.element() {
            count += 1;
            reserved += self.reserve(member.len()) + 1;
        }
        let room =
            (self.limits.frame_bytes_max[side.other() as usize] as usize).checked_sub(reserved);
        let lane = &self.lanes[index];
        let held: usize = lane.batches.iter().map(Batch::memory).sum::<usize>()
            + lane.waiting.iter().map(|waiting| waiting.bytes.len()).sum::<usize>();
        let fits = lane.batches.len() < self.limits.batches_max as usize
            && held + body <= self.limits.frame_bytes_max[index] as usize;
        let admitted = match room {
            _ if !self.policy.batch_enabled => Err(Reason::BatchDisabled),
            _ if count == 0 => Err(Reason::EmptyBatch),
            None => Err(Reason::BatchTooLarge),
            Some(_) if !fits => Err(Reason::Busy),
            Some(room) => Ok(room),
        };
        match admitted {
            Ok(room) => {
                self.next_number += 1;
                let bytes = frame.into();
                let batch = Batch::new(self.next_number, bytes, room);
                self.lanes[index].batches.push(batch);
                self.lanes[index].inbox.judge(line);
            }
            Err(reason) => {
                self.lanes[index].inbox.judge(line);
                self.refuse_batch(side, reason, body, ledger);
            }
        }
    }

    /// Bytes of the answer that are kept free for a member of this length.
    fn reserve(&self, member_len: usize) -> usize {
        REFUSAL_BYTES_MAX + member_len.min(self.limits.id_bytes_max as usize)
    }

    fn refuse_batch(&mut self, side: Side, reason: Reason, body: usize, ledger: &mut Ledger) {
        let envelope = Envelope { message: Message::Batch, ..Envelope::default() };
        let examined = Examined {
            envelope,
            id: None,
            target: None,
            refusal: Some(reason.into()),
            answers: None,
            filtered: false,
            len: body,
        };
        self.refuse(side, &examined, None, ledger);
    }

    /// A batch whose next member may be judged now.
    fn ready_batch(&self, side: Side) -> Option<usize> {
        let lane = &self.lanes[side as usize];
        lane.batches.iter().position(|batch| {
            let window = match self.limits.batch_window {
                0 => u32::MAX,
                window => window,
            };
            let chunk_open = batch.in_chunk < window || batch.open == 0;
            let has_slot = batch.open == 0 || lane.pending.has_room(Method::Other);
            batch.is_done() || (batch.next.is_some() && chunk_open && has_slot)
        })
    }

    /// Judges the next member of a batch, or ends the batch.
    fn advance_batch(&mut self, side: Side, at: usize, ledger: &mut Ledger) {
        let index = side as usize;
        let batch = &mut self.lanes[index].batches[at];
        if batch.is_done() {
            let batch = self.lanes[index].batches.remove(at);
            if let Some(answer) = batch.assemble() {
                self.outboxes[index].push_own(answer);
            }
            return;
        }
        let mut cursor = Cursor::new(&batch.bytes, batch.next.unwrap_or_default());
        if batch.next == Some(0) {
            cursor.enter(b'[');
        }
        let Some(member) = cursor.element() else {
            batch.next = None;
            return;
        };
        batch.next = Some(cursor.at());
        let number = batch.number;
        self.judge_member(side, at, number, member, ledger);
    }

    fn judge_member(
        &mut self,
        side: Side,
        at: usize,
        number: u64,
        member: Range<usize>,
        ledger: &mut Ledger,
    ) {
        let index = side as usize;
        self.count_frame(side, ledger);
        let mut scratch = self.take_scratch();
        let mut scanner = std::mem::take(&mut self.lanes[index].scanner);
        let mut own = Scanner::new(&self.limits);
        let bytes = &self.lanes[index].batches[at].bytes[member.clone()];
        own.whole(bytes, &self.policy.rules);
        let examined = match own.shape() {
            Shape::Object => self.examine(side, bytes, &own, &mut scratch),
            _ => Examined {
                envelope: Envelope { message: Message::None, ..Envelope::default() },
                id: None,
                target: None,
                refusal: Some(Reason::NotAnObject.into()),
                answers: None,
                filtered: false,
                len: member.len(),
            },
        };
        std::mem::swap(&mut self.lanes[index].scanner, &mut scanner);
        let reserve = self.reserve(member.len());
        let batch = &mut self.lanes[index].batches[at];
        let is_request = matches!(examined.envelope.message, Message::Request | Message::None);
        let taken_back = examined.envelope.message == Message::Request
            && examined
                .id
                .as_ref()
                .is_some_and(|id| batch.cancelled.iter().any(|taken| taken.same_as(id)));
        if taken_back {
            self.put_scratch(scratch);
            return;
        }
        let entry = if is_request { batch.expect(reserve) } else { u32::MAX };
        if is_request {
            // Ended again at once if the member is refused.
            batch.open += 1;
            batch.in_chunk += 1;
        }
        let place = BatchPlace { batch: number, entry };
        self.apply(side, examined, Source::Member { place, at: member }, &scratch, ledger);
        self.put_scratch(scratch);
    }

    /// Keeps the error for a member of a batch.
    pub(crate) fn gather_refusal(
        &mut self,
        asker: Side,
        place: BatchPlace,
        refusal: Refusal,
        slot: &Slot,
        rule: Label,
    ) {
        let style = Style {
            refusals: self.policy.refusals,
            modern: self.session.modern,
            is_tool_call: slot.method == Method::ToolsCall,
        };
        if let Some(batch) = self.batch(asker, place) {
            let id = slot.id.as_ref().map(IdBuf::spelling);
            batch.gather(place.entry, |out| {
                reply::refusal(refusal, rule.as_str(), id, style, out);
            });
        }
        self.end_member(asker, place);
    }

    /// Keeps the answer to a member of a batch.
    #[expect(clippy::too_many_arguments, reason = "each is a different thing of one response")]
    fn gather_answer(
        &mut self,
        side: Side,
        number: SlotNumber,
        place: BatchPlace,
        examined: &Examined,
        source: Source,
        scratch: &Scratch,
        ledger: &mut Ledger,
    ) {
        let asker = side.other();
        let rules = std::sync::Arc::clone(&self.policy.rules);
        let len = edits::edited_len(examined.len, &scratch.edits, &rules);
        let fits = self.batch(asker, place).is_some_and(|batch| batch.fits(place.entry, len));
        if !fits {
            self.skip(side, &source);
            self.end_request(asker, number, Reason::ResponseTooLarge.into(), ledger);
            return;
        }
        let slot = self.lanes[asker as usize].pending.slot(number).clone();
        let mut bytes = Vec::with_capacity(len);
        let lane = &self.lanes[side as usize];
        let frame = match &source {
            Source::Inbox { body, .. } => &lane.inbox.unjudged()[..*body],
            Source::Member { place, at } => lane
                .batches
                .iter()
                .find(|batch| batch.number == place.batch)
                .map_or(&[][..], |batch| &batch.bytes[at.clone()]),
        };
        edits::render(frame, &scratch.edits, &rules, &mut bytes);
        self.skip(side, &source);
        self.lanes[asker as usize].pending.finish(number);
        ledger.requests_open = ledger.requests_open.saturating_sub(1);
        if let Some(batch) = self.batch(asker, place) {
            batch.gather(place.entry, |out| out.append(&mut bytes));
        }
        self.end_member(asker, place);
        self.count_answer(side, examined, scratch, &slot, len as u64, ledger);
    }

    fn batch(&mut self, asker: Side, place: BatchPlace) -> Option<&mut Batch> {
        let batches = &mut self.lanes[asker as usize].batches;
        batches.iter_mut().find(|batch| batch.number == place.batch)
    }

    /// A member of a batch waits for nothing any more.
    pub(crate) fn end_member(&mut self, asker: Side, place: BatchPlace) {
        if let Some(batch) = self.batch(asker, place) {
            batch.ended();
        }
    }

    // Records.

    /// The name of a rule of the policy that decides now.
    pub(crate) fn rule_label(&self, rule: RuleId) -> Label {
        Label::new(self.policy.rules.info(rule).name)
    }

    pub(crate) fn digest(&self, id: Option<&IdBuf>) -> u64 {
        let session = self.session.facts(Side::Client).session;
        id.map_or(0, |id| auth::id_digest(session, id.spelling()))
    }

    /// An event about a message.
    fn frame_event(
        &self,
        kind: EventKind,
        side: Side,
        examined: &Examined,
    ) -> crate::base::event::Event {
        let mut event = self.event(kind, side, None);
        event.message = examined.envelope.message;
        event.method = examined.envelope.method_label;
        event.tool = examined.envelope.tool;
        event.bytes_in = examined.len as u64;
        event.id_digest = self.digest(examined.id.as_ref());
        event
    }

    /// Rules that found something they may not take out are told of.
    fn report(&mut self, side: Side, examined: &Examined, scratch: &Scratch) {
        if scratch.reported > 0 && self.journal.wants(EventKind::Protocol) {
            let mut event = self.frame_event(EventKind::Protocol, side, examined);
            event.reason = Some(Reason::SecretBlocked);
            event.count = u64::from(scratch.reported);
            self.journal.push(event);
        }
    }

    /// A request or notification left.
    fn count_passed(
        &mut self,
        side: Side,
        examined: &Examined,
        edits: &[Edit],
        bytes_out: u64,
        ledger: &mut Ledger,
    ) {
        self.count_left(side, examined, edits, bytes_out, None, ledger);
    }

    /// A response left.
    fn count_answer(
        &mut self,
        side: Side,
        examined: &Examined,
        scratch: &Scratch,
        slot: &Slot,
        bytes_out: u64,
        ledger: &mut Ledger,
    ) {
        self.report(side, examined, scratch);
        self.count_left(side, examined, &scratch.edits, bytes_out, Some(slot), ledger);
    }

    fn count_left(
        &mut self,
        side: Side,
        examined: &Examined,
        edits: &[Edit],
        bytes_out: u64,
        slot: Option<&Slot>,
        ledger: &mut Ledger,
    ) {
        let index = side as usize;
        let kind = if edits.is_empty() { EventKind::Passed } else { EventKind::Changed };
        if edits.is_empty() {
            self.metrics.passed[index] += 1;
        } else {
            self.metrics.changed[index] += 1;
            self.metrics.edits += edits.len() as u64;
            ledger.changed += 1;
        }
        if !self.journal.wants(kind) {
            return;
        }
        let mut event = self.frame_event(kind, side, examined);
        event.bytes_out = bytes_out;
        if let Some(slot) = slot {
            event.method = slot.method_label;
            event.tool = slot.tool;
            event.duration_ms = Some(self.now.monotonic_ms.saturating_sub(slot.started_ms));
        }
        if edits.is_empty() {
            self.journal.push(event);
            return;
        }
        // One event for each rule, in the order of their first places; the last of the few that
        // are told apart stands for all others.
        let mut counts: [(Option<By>, u64); EVENTS_PER_FRAME] = [(None, 0); EVENTS_PER_FRAME];
        for edit in edits {
            let last = EVENTS_PER_FRAME - 1;
            let place = counts
                .iter()
                .position(|(by, _)| by.is_none() || *by == Some(edit.by))
                .unwrap_or(last);
            counts[place].0.get_or_insert(edit.by);
            counts[place].1 += 1;
        }
        for (by, count) in counts {
            let Some(by) = by else { break };
            event.count = count;
            (event.reason, event.rule) = match by {
                By::Rule(rule) => (Some(Reason::Redacted), self.rule_label(rule)),
                By::Token => (Some(Reason::Redacted), Label::new("auth-token")),
                By::Private => (Some(Reason::ListFiltered), Label::new("cache-scope")),
                By::Nothing if examined.filtered => (Some(Reason::ListFiltered), Label::EMPTY),
                By::Nothing => (Some(Reason::TokenCut), Label::EMPTY),
            };
            self.journal.push(event);
        }
    }
}

/// Events that one changed frame makes at most.
const EVENTS_PER_FRAME: usize = 8;

/// Calls `judge` with the whole name of the tool, however long.
fn with_tool_name(frame: &[u8], envelope: &Envelope, judge: impl Fn(&str) -> bool) -> bool {
    if !envelope.tool_is_cut {
        return judge(envelope.tool.as_str());
    }
    let value = envelope.params_name.clone().unwrap_or_default();
    let mut decoded = Vec::new();
    text::decode(string(frame, &value).unwrap_or_default(), &mut decoded);
    judge(std::str::from_utf8(&decoded).unwrap_or_default())
}
