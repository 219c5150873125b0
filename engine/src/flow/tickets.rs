//! Calls that wait for the host's word.

use super::aside::{Batch, Waiting};
use super::engine::Engine;
use super::ledger::Ledger;
use super::passing::Source;
use super::pending::{Slot, State};
use super::verdict::{Examined, with_tool_name};
use crate::base::event::{Answer, EventKind, Ticket};
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::edits::{self, Scratch};
use crate::judge::envelope::Method;

impl Engine {
    /// Whether the host has to approve this call.
    pub(crate) fn must_ask(&self, side: Side, examined: &Examined, source: &Source) -> bool {
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

    pub(crate) fn has_room_aside(&self, side: Side, scratch: &Scratch, len: usize) -> bool {
        let lane = &self.lanes[side as usize];
        let held: usize = lane.waiting.iter().map(|waiting| waiting.bytes.len()).sum::<usize>()
            + lane.batches.iter().map(Batch::memory).sum::<usize>();
        // What was approved and is not read yet counts as well.
        let held = held + self.outboxes[side.other() as usize].own_bytes();
        let len = edits::edited_len(len, &scratch.edits, &self.policy.rules) + 2;
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
                }
                Answer::Denied => {
                    self.end_request(side, waiting.slot, Reason::ApprovalDenied.into(), ledger);
                }
            }
            return true;
        }
        false
    }
}
