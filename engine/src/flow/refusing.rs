//! Refuses a message: its asker gets an answer if it is owed one.

use super::engine::Engine;
use super::ledger::Ledger;
use super::pending::{BatchPlace, Slot};
use super::verdict::Examined;
use crate::base::event::{EventKind, Message};
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::envelope::Method;
use crate::judge::policy::UnreadableId;
use crate::judge::reply::{Refusal, Style};
use crate::quota::Outcome;

impl Engine {
    /// Refuses a message: its asker gets an answer if it is owed one.
    pub(crate) fn refuse(
        &mut self,
        side: Side,
        examined: &Examined,
        batch: Option<BatchPlace>,
        ledger: &mut Ledger,
    ) {
        let Some(refusal) = examined.refusal else { return };
        let envelope = &examined.envelope;
        let rule = refusal.rule.map(|cause| self.label(cause)).unwrap_or_default();
        self.metrics.refused[side as usize] += 1;
        ledger.count_refused(refusal.reason);
        if self.journal.wants(EventKind::Refused) {
            let mut event = self.frame_event(EventKind::Refused, side, examined);
            event.reason = Some(refusal.reason);
            event.rule = rule;
            event.check = refusal.check;
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
                        own @ (Reason::ResponseTooLarge | Reason::BytesLimited) => own,
                        _ => Reason::BadResponse,
                    };
                    let told = Refusal { reason, ..refusal };
                    // What policy does not let through is an answer all the same.
                    let is_ours = refusal.reason.code() == -31_600 || reason != Reason::BadResponse;
                    let outcome = if is_ours { Outcome::Answered } else { Outcome::Failed };
                    self.end_named(side.other(), number, told, rule, Some(outcome), ledger);
                }
            }
            (Message::Notification, _) => {}
            (Message::None, None) if side == Side::Server => {}
            (_, Some(place)) => self.gather_refusal(side, place, refusal, &slot, rule),
            (_, None) => {
                let style = self.style(slot.method);
                if slot.id.is_none() && style.refusals.unreadable_id == UnreadableId::None {
                    // Nothing is ever written, so nothing is owed.
                    return self.count_refused(side, refusal.reason);
                }
                self.lanes[side as usize].pending.refuse(slot, refusal, style);
                self.outboxes[side as usize].push_owed();
            }
        }
        self.count_refused(side, refusal.reason);
    }

    /// How a refusal is told just now; what is decided stays so, whenever it is read.
    pub(crate) fn style(&self, method: Method) -> Style {
        Style {
            refusals: self.policy.refusals,
            modern: self.session.modern,
            is_tool_call: method == Method::ToolsCall,
        }
    }

    /// Too many refused frames in a row end the lane.
    fn count_refused(&mut self, side: Side, reason: Reason) {
        let is_limited = matches!(
            reason,
            Reason::RateLimited
                | Reason::BytesLimited
                | Reason::ConcurrencyLimited
                | Reason::CircuitOpen
        );
        if is_limited {
            // Nothing is wrong with the frame, and its sender was told when to come again.
            return;
        }
        let count = &mut self.session.refused_in_a_row[side as usize];
        *count += 1;
        if *count >= self.limits.refused_in_a_row_max {
            self.break_lane(side, Reason::TooManyRefused);
        }
    }

    /// Ends a lane: what its side still sends is not looked at.
    pub(crate) fn break_lane(&mut self, side: Side, reason: Reason) {
        let lane = &mut self.lanes[side as usize];
        if lane.broken.is_none() {
            lane.broken = Some(reason);
            lane.closed = true;
            self.note(EventKind::Lifecycle, side, Some(reason));
        }
    }
}
