//! Does what was decided about a message: it leaves, changed or not, or it stays.

use std::ops::Range;

use zeroize::Zeroizing;

use super::engine::Engine;
use super::ledger::Ledger;
use super::pending::{BatchPlace, IdBuf, Slot, SlotNumber, State, TOOL_BYTES_MAX};
use super::verdict::Examined;
use crate::base::event::{EventKind, Message};
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::asking::Asked;
use crate::judge::edits::{self, Scratch};
use crate::judge::envelope::Method;
use crate::judge::reply::Refusal;
use crate::quota::{Key, Outcome};

/// Where a message stands.
pub(crate) enum Source {
    /// In the inbox: its length without and with the line end.
    Inbox { body: usize, line: usize },
    /// In a batch.
    Member { place: BatchPlace, at: Range<usize> },
}

impl Source {
    /// The place in its batch, if it stands in one.
    fn batch(&self) -> Option<BatchPlace> {
        match self {
            Source::Member { place, .. } => Some(*place),
            Source::Inbox { .. } => None,
        }
    }
}

impl Engine {
    /// Does what was decided.
    pub(crate) fn apply(
        &mut self,
        side: Side,
        examined: Examined,
        source: Source,
        scratch: &Scratch,
        ledger: &mut Ledger,
    ) {
        let message = examined.envelope.message;
        let batch = source.batch();
        if message == Message::Response && self.drop_response(side, &examined, &source) {
            return;
        }
        let shut_out = self.shut_out(side, ledger);
        let objection =
            shut_out.or(examined.refusal).or_else(|| self.objects(side, &examined, batch, scratch));
        let held = match objection {
            None => self.admit(side, &examined, &source, scratch, ledger),
            Some(refusal) => Err(refusal),
        };
        let is_guesser = shut_out.is_none()
            && message != Message::Response
            && self.count_attempt(side, &examined, held.as_ref().err(), ledger);
        let held = match held {
            Ok(held) => held,
            Err(refusal) => {
                let examined = Examined { refusal: Some(refusal), ..examined };
                self.skip(side, &source);
                self.refuse(side, &examined, batch, ledger);
                if shut_out.is_some() || is_guesser {
                    self.break_lane(side, Reason::LockedOut);
                }
                return;
            }
        };
        if side == Side::Client {
            self.session.heard_ms = self.now.monotonic_ms;
        }
        if side == Side::Client && message != Message::Response {
            self.session.authenticated |= self.policy.principals.are_required();
            self.session.hear(examined.identity.as_ref());
        }
        self.session.refused_in_a_row[side as usize] = 0;
        match message {
            Message::Request => self.pass_request(side, examined, held, source, scratch, ledger),
            Message::Response => self.pass_response(side, &examined, source, scratch, ledger),
            _ => self.pass_notification(side, &examined, source, scratch, ledger),
        }
    }

    /// What stands against a message besides its content: ids, room, the state of the session.
    fn objects(
        &self,
        side: Side,
        examined: &Examined,
        batch: Option<BatchPlace>,
        scratch: &Scratch,
    ) -> Option<Refusal> {
        let receiver_gone = self.lanes[side.other() as usize].ended;
        let gone = match side {
            Side::Client => Reason::ServerExited,
            Side::Server => Reason::PeerClosed,
        };
        if examined.envelope.message != Message::Request {
            if self.session.is_drained(self.now.monotonic_ms) {
                return Some(Reason::Draining.into());
            }
            if !examined.asked.is_empty() {
                // Nothing could tell the asker of a no, so there is no yes either.
                return examined.asked.first().map(|asked| self.unasked(asked));
            }
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
        } else if !examined.asked.is_empty() && batch.is_some() {
            return examined.asked.first().map(|asked| self.unasked(asked));
        } else if !examined.asked.is_empty() && !self.has_room_aside(side, examined, scratch) {
            Reason::Busy
        } else {
            return None;
        };
        Some(reason.into())
    }

    /// What is said where the host would have to be asked, and cannot be.
    fn unasked(&self, asked: &Asked) -> Refusal {
        match asked {
            Asked::Call => Reason::ApprovalDenied.into(),
            Asked::Path { rule, .. } | Asked::Name { rule, .. } => self.policy.unanswered(*rule),
        }
    }

    /// Asks what changes when it is asked: schemas, limits, and how many sessions there are. What a
    /// request holds from now on.
    fn admit(
        &mut self,
        side: Side,
        examined: &Examined,
        source: &Source,
        scratch: &Scratch,
        ledger: &mut Ledger,
    ) -> Result<Vec<Key>, Refusal> {
        self.ask_schemas(side, examined, source, scratch)?;
        if side == Side::Client && examined.envelope.message != Message::Response {
            self.enter_session(examined.identity.as_ref(), ledger)?;
        }
        self.meter(side, examined, source, ledger)
    }

    fn pass_request(
        &mut self,
        side: Side,
        examined: Examined,
        holds: Vec<Key>,
        source: Source,
        scratch: &Scratch,
        ledger: &mut Ledger,
    ) {
        let envelope = &examined.envelope;
        let now_ms = self.now.monotonic_ms;
        let tool = envelope.tool_name(self.frame_of(side, &source));
        let (method, of_tool) = self.awaited(side, &examined);
        let (deadline_ms, report_ms) = match method {
            Method::TaskResult => {
                (self.task_deadline(envelope.method_label.as_str(), &of_tool), u64::MAX)
            }
            _ => self.times(method, envelope.method_label.as_str(), &tool),
        };
        let mut slot = Slot {
            method,
            method_label: envelope.method_label,
            tool: of_tool,
            long_tool: long_tool(method, &examined, &tool),
            modern: envelope.modern,
            deadline_ms,
            report_ms,
            holds,
            batch: source.batch(),
            identity: examined.identity.clone(),
            ..Slot::new(examined.id.clone(), now_ms)
        };
        if !examined.asked.is_empty() {
            slot.deadline_ms = now_ms + self.limits.ticket_ms;
            slot.report_ms = u64::MAX;
            self.put_aside(side, slot, &examined, &source, scratch, ledger);
            return;
        }
        slot.is_probe = self.send_call(side, ledger);
        let modern = slot.modern;
        let number = self.lanes[side as usize].pending.open_slot(slot, State::Open);
        if modern && side == Side::Client {
            self.session.last_modern = self.lanes[side as usize].pending.slot(number).serial;
        }
        ledger.requests_open += 1;
        self.forward(side, &examined, source, scratch, None, ledger);
    }

    /// When a request that leaves now has to be answered, and when it is told that it is open.
    pub(crate) fn times(&self, method: Method, name: &str, tool: &str) -> (u64, u64) {
        let at =
            |ms: Option<u64>| ms.map_or(u64::MAX, |ms| self.now.monotonic_ms.saturating_add(ms));
        if method == Method::Listen {
            return (at(self.policy.timeout_of(name)), u64::MAX);
        }
        let metering = &self.policy.metering;
        let of_tool = (method == Method::ToolsCall).then(|| metering.timeout(Some(tool))).flatten();
        let timeout = self.policy.timeout(name).into_iter().chain(of_tool).min();
        let is_told = metering.open_report_ms > 0 && self.journal.wants(EventKind::Protocol);
        (at(timeout), at(is_told.then_some(metering.open_report_ms)))
    }

    /// The bytes of a message.
    pub(crate) fn frame_of(&self, side: Side, source: &Source) -> &[u8] {
        let lane = &self.lanes[side as usize];
        match source {
            Source::Inbox { body, .. } => &lane.inbox.unjudged()[..*body],
            Source::Member { place, at } => {
                let batch = lane.batches.iter().find(|batch| batch.number == place.batch);
                batch.map_or(&[], |batch| &batch.bytes[at.clone()])
            }
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
            self.note_cancelled(side, examined);
            return;
        }
        self.forward(side, examined, source, scratch, None, ledger);
    }

    /// The asker takes a request back; true if the other side never heard of it.
    fn cancel(&mut self, side: Side, target: &IdBuf, ledger: &mut Ledger) -> bool {
        let now_ms = self.now.monotonic_ms;
        let to_cancel = self.to_cancel(side, target);
        let lane = &mut self.lanes[side as usize];
        let Some(number) = to_cancel else {
            let is_known = lane.pending.find(target).is_some();
            for batch in lane.batches.iter_mut().filter(|batch| !is_known && batch.next.is_some()) {
                if batch.cancelled.len() < self.limits.ids_taken_max as usize {
                    batch.cancelled.push(target.clone());
                }
            }
            return false;
        };
        let slot = lane.pending.slot(number);
        let (state, batch) = (slot.state, slot.batch);
        lane.waiting.retain(|waiting| waiting.slot != number);
        self.let_down(side, number, None, ledger);
        self.lanes[side as usize].pending.end(number, None, now_ms);
        if let Some(place) = batch {
            self.end_member(side, place);
        }
        state == State::Asked
    }

    /// The request in flight that a `notifications/cancelled` of its asker ends.
    pub(crate) fn to_cancel(&self, side: Side, target: &IdBuf) -> Option<SlotNumber> {
        let pending = &self.lanes[side as usize].pending;
        pending.find(target).filter(|&number| {
            let slot = pending.slot(number);
            // `initialize` is never taken back (basic/utilities/cancellation).
            slot.method != Method::Initialize && matches!(slot.state, State::Open | State::Asked)
        })
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
        // Servers have no requests in 2026-07-28: only what the client asked tells the revision.
        if asker == Side::Client && slot.modern {
            if slot.serial == self.session.last_modern {
                self.session.modern = is_result;
            }
        } else if asker == Side::Client && slot.method == Method::Initialize && is_result {
            self.session.modern = false;
            self.session.initialized = true;
        }
        if let Some(task) = examined.task {
            self.tasks.make(task, slot.tool);
        }
        match slot.batch {
            None => {
                self.let_down(asker, number, Some(Outcome::Answered), ledger);
                self.lanes[asker as usize].pending.finish(number);
                self.forward(side, examined, source, scratch, Some(&slot), ledger);
            }
            Some(place) => {
                self.gather_answer(side, number, place, examined, source, scratch, ledger);
            }
        }
    }

    fn forward(
        &mut self,
        side: Side,
        examined: &Examined,
        source: Source,
        scratch: &Scratch,
        answers: Option<&Slot>,
        ledger: &mut Ledger,
    ) {
        let bytes_out = self.push(side, &source, scratch);
        self.seals.keep(&scratch.sealed);
        self.report(side, examined, scratch);
        let left = self.left(side, examined, &scratch.edits, bytes_out, answers);
        self.count_left(side, left, ledger);
    }

    /// Hands a message that passed to the outbox of the other side; its length as it leaves.
    pub(crate) fn push(&mut self, side: Side, source: &Source, scratch: &Scratch) -> u64 {
        let lane = &mut self.lanes[side as usize];
        let outbox = &mut self.outboxes[side.other() as usize];
        let policy = &self.policy;
        match source {
            Source::Inbox { body, line } => {
                let frame = lane.inbox.pass(*line);
                match &scratch.edits[..] {
                    [] => outbox.push_frame(frame),
                    edits => outbox.push_edited(frame, edits, &scratch.made),
                }
                if body == line {
                    outbox.leave_open();
                }
                edits::edited_len(*body, &scratch.edits, policy) as u64
            }
            Source::Member { place, at } => {
                let Some(batch) = lane.batches.iter().find(|batch| batch.number == place.batch)
                else {
                    return 0;
                };
                let len = edits::edited_len(at.len(), &scratch.edits, policy);
                let mut bytes = Vec::with_capacity(len + 1);
                edits::render(&batch.bytes[at.clone()], scratch, policy, &mut bytes);
                bytes.push(b'\n');
                outbox.push_own(Zeroizing::new(bytes.into_boxed_slice()));
                len as u64
            }
        }
    }

    /// A message of the inbox will not leave.
    pub(crate) fn skip(&mut self, side: Side, source: &Source) {
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
}

/// The name of a tool that its label cuts, if names may be so long.
fn long_tool(method: Method, examined: &Examined, tool: &str) -> Option<Box<str>> {
    let is_kept = method == Method::ToolsCall && examined.envelope.tool.is_cut();
    (is_kept && tool.len() <= TOOL_BYTES_MAX).then(|| tool.into())
}
