//! Calls that wait for the host's word.

use zeroize::Zeroizing;

use super::aside::{Batch, Waiting};
use super::engine::Engine;
use super::ledger::Ledger;
use super::passing::Source;
use super::pending::{Slot, State};
use super::verdict::Examined;
use crate::base::event::{Answer, EventKind, Ticket};
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::edits::{self, Scratch};

impl Engine {
    pub(crate) fn has_room_aside(&self, side: Side, scratch: &Scratch, len: usize) -> bool {
        let lane = &self.lanes[side as usize];
        let held: usize = lane.waiting.iter().map(|waiting| waiting.bytes.len()).sum::<usize>()
            + lane.batches.iter().map(Batch::memory).sum::<usize>();
        // What was approved and is not read yet counts as well.
        let held = held + self.outboxes[side.other() as usize].own_bytes();
        let len = edits::edited_len(len, &scratch.edits, &self.policy) + 2;
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
        edits::render(frame, scratch, &self.policy, &mut bytes);
        bytes.push(b'\n');
        lane.inbox.judge(line);
        let modern = slot.modern;
        let number = lane.pending.open_slot(slot, State::Asked);
        if modern {
            self.session.last_modern = lane.pending.slot(number).serial;
        }
        self.next_number += 1;
        let ticket = Ticket(self.next_number);
        let bytes = Zeroizing::new(bytes.into_boxed_slice());
        let left = self.left(side, examined, &scratch.edits, bytes.len() as u64 - 1, None);
        let lane = &mut self.lanes[side as usize];
        lane.waiting.push(Waiting { ticket, slot: number, bytes, deadline_ms, left });
        ledger.requests_open += 1;
        if self.journal.wants(EventKind::Lifecycle) {
            let mut event = self.frame_event(EventKind::Lifecycle, side, examined);
            event.reason = Some(Reason::ApprovalAsked);
            event.ticket = Some(ticket);
            self.journal.push(event);
        }
    }

    /// The host has spoken about a call that waits.
    pub(crate) fn settle_ticket(
        &mut self,
        ledger: &mut Ledger,
        ticket: Ticket,
        answer: Answer,
    ) -> bool {
        for side in Side::ALL {
            let lane = &mut self.lanes[side as usize];
            let Some(at) = lane.waiting.iter().position(|waiting| waiting.ticket == ticket) else {
                continue;
            };
            let waiting = lane.waiting.remove(at);
            match answer {
                Answer::Approved => {
                    let timeout = {
                        let slot = lane.pending.slot(waiting.slot);
                        self.policy.timeout(slot.method_label.as_str())
                    };
                    let started = self.now.monotonic_ms;
                    lane.pending.approve(waiting.slot, started, timeout);
                    self.outboxes[side.other() as usize].push_own(waiting.bytes);
                    self.count_left(side, waiting.left, ledger);
                }
                Answer::Denied => {
                    self.end_request(side, waiting.slot, Reason::ApprovalDenied.into(), ledger);
                }
            }
            return true;
        }
        false
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
