//! Calls that wait for what only the host can say: its approval, where a path leads, the addresses
//! of a name. They are asked one after the other, each by a ticket of its own.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::aside::{Batch, Waiting};
use super::engine::Engine;
use super::ledger::Ledger;
use super::passing::Source;
use super::pending::{Slot, State};
use super::verdict::Examined;
use crate::base::event::{Answer, EventKind, Message, Ticket};
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::asking::Asked;
use crate::judge::edits::{self, Scratch};
use crate::judge::policy::Policy;
use crate::judge::reply::Refusal;

impl Engine {
    pub(crate) fn has_room_aside(
        &self,
        side: Side,
        examined: &Examined,
        scratch: &Scratch,
    ) -> bool {
        let lane = &self.lanes[side as usize];
        let held: usize = lane.waiting.iter().map(Waiting::memory).sum::<usize>()
            + lane.batches.iter().map(Batch::memory).sum::<usize>();
        // What was approved and is not read yet counts as well.
        let held = held + self.outboxes[side.other() as usize].own_bytes();
        let asked: usize = examined.asked.iter().map(Asked::memory).sum();
        let len = edits::edited_len(examined.len, &scratch.edits, &self.policy) + asked + 2;
        lane.waiting.len() < self.limits.tickets_max as usize
            && held + len <= self.limits.frame_bytes_max[side as usize] as usize
    }

    /// Puts a call aside until the host has spoken. Its edits are made now.
    pub(crate) fn put_aside(
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
        let len = edits::edited_len(body, &scratch.edits, &self.policy);
        let mut bytes = Vec::with_capacity(len + 1);
        let frame = &lane.inbox.unjudged()[..body];
        let tool = examined.envelope.tool_name(frame).into();
        edits::render(frame, scratch, &self.policy, &mut bytes);
        bytes.push(b'\n');
        lane.inbox.judge(line);
        let modern = slot.modern;
        let number = lane.pending.open_slot(slot, State::Asked);
        if modern {
            self.session.last_modern = lane.pending.slot(number).serial;
        }
        let bytes = Zeroizing::new(bytes.into_boxed_slice());
        let left = self.left(side, examined, &scratch.edits, bytes.len() as u64 - 1, None);
        let mut asked = examined.asked.clone();
        asked.reverse();
        self.lanes[side as usize].waiting.push(Waiting {
            ticket: Ticket(0),
            slot: number,
            bytes,
            deadline_ms,
            left,
            tool,
            asked,
            bytes_in: body as u64,
            policy: Arc::clone(&self.policy),
            is_open: scratch.edits.iter().any(|edit| edit.opens()),
        });
        ledger.requests_open += 1;
        self.ask(side, self.lanes[side as usize].waiting.len() - 1);
    }

    /// Gives a call that waits its next ticket, and tells the host of it.
    fn ask(&mut self, side: Side, at: usize) {
        self.next_number += 1;
        let ticket = Ticket(self.next_number);
        let waiting = &mut self.lanes[side as usize].waiting[at];
        waiting.ticket = ticket;
        if !self.journal.wants(EventKind::Lifecycle) {
            return;
        }
        let waiting = &self.lanes[side as usize].waiting[at];
        let slot = self.lanes[side as usize].pending.slot(waiting.slot);
        let asked = waiting.asked.last();
        let mut event = self.event(EventKind::Lifecycle, side, asked.map(Asked::reason));
        event.message = Message::Request;
        event.method = slot.method_label;
        event.tool = slot.tool;
        event.bytes_in = waiting.bytes_in;
        event.id_digest = self.digest(slot.id.as_ref());
        event.ticket = Some(ticket);
        if let Some(Asked::Path { rule, .. } | Asked::Name { rule, .. }) = asked {
            event.rule = waiting.policy.label(waiting.policy.argument_cause(*rule));
        }
        self.journal.push(event);
    }

    /// The host has spoken about a call that waits.
    pub(crate) fn settle_ticket(
        &mut self,
        ledger: &mut Ledger,
        ticket: Ticket,
        answer: Answer<'_>,
    ) -> bool {
        let is_it = |waiting: &Waiting| waiting.ticket == ticket;
        let found = Side::ALL.into_iter().find_map(|side| {
            let place = self.lanes[side as usize].waiting.iter().position(is_it)?;
            Some((side, place))
        });
        let Some((side, at)) = found else { return false };
        if self.lanes[side as usize].waiting[at].deadline_ms <= self.now.monotonic_ms {
            // It came too late, whether or not somebody has looked at the clock since.
            self.expire(ledger);
            return false;
        }
        let waiting = &mut self.lanes[side as usize].waiting[at];
        let settled = match waiting.asked.pop() {
            Some(asked) => settle(&waiting.policy, &asked, answer),
            None => Ok(()),
        };
        let (slot, is_last) = (waiting.slot, waiting.asked.is_empty());
        match settled {
            Err(refusal) => {
                let rule = refusal.rule.map(|cause| waiting.policy.label(cause));
                self.end_named(side, slot, refusal, rule.unwrap_or_default(), None, ledger);
            }
            Ok(()) if is_last => self.let_go(side, at, ledger),
            Ok(()) => self.ask(side, at),
        }
        true
    }

    /// A call that waited leaves, and its time begins.
    fn let_go(&mut self, side: Side, at: usize, ledger: &mut Ledger) {
        let lane = &mut self.lanes[side as usize];
        let waiting = lane.waiting.remove(at);
        let slot = lane.pending.slot(waiting.slot);
        let (method, name) = (slot.method, slot.method_label);
        let (deadline_ms, report_ms) = self.times(method, name.as_str(), &waiting.tool);
        let is_probe = self.send_call(side, ledger);
        let lane = &mut self.lanes[side as usize];
        lane.pending.slot_mut(waiting.slot).is_probe = is_probe;
        lane.pending.approve(waiting.slot, deadline_ms, report_ms);
        self.outboxes[side.other() as usize].push_own(waiting.bytes);
        self.count_left(side, waiting.left, ledger);
    }

    /// A close or a drain ends a call that waits; false if none does.
    pub(crate) fn end_waiting(&mut self, asker: Side, ledger: &mut Ledger) -> bool {
        let lane = &self.lanes[asker as usize];
        let reason = if self.session.is_draining() {
            Reason::Draining
        } else if lane.ended {
            Reason::ApprovalExpired
        } else {
            return false;
        };
        let Some(waiting) = lane.waiting.first() else { return false };
        self.end_request(asker, waiting.slot, reason.into(), ledger);
        true
    }
}

/// What the host's answer comes to.
fn settle(policy: &Policy, asked: &Asked, answer: Answer<'_>) -> Result<(), Refusal> {
    match (asked, answer) {
        (Asked::Call, Answer::Approved) => Ok(()),
        (Asked::Call, _) => Err(Reason::ApprovalDenied.into()),
        (Asked::Path { rule, .. }, Answer::Resolved(path)) => policy.settle_path(*rule, path),
        (Asked::Name { rule, .. }, Answer::Resolved(text)) => policy.settle_name(*rule, text),
        (Asked::Path { rule, .. } | Asked::Name { rule, .. }, _) => Err(policy.unanswered(*rule)),
    }
}
