//! How requests end without their answer: a side closes, a deadline comes, a drain is over.

use super::engine::{Engine, Lane};
use super::ledger::Ledger;
use super::pending::{SlotNumber, State};
use crate::base::event::{EventKind, Label, Message};
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::reply::Refusal;
use crate::quota::Outcome;

impl Engine {
    /// A side has closed and all that it sent was judged.
    pub(crate) fn end_lane(&mut self, side: Side, ledger: &mut Ledger) {
        self.lanes[side as usize].ended = true;
        self.note(EventKind::Lifecycle, side, Some(Reason::Closed));
        if side == Side::Client {
            self.leave_session(ledger);
        }
        let reason = match side {
            Side::Client => Reason::PeerClosed,
            Side::Server => Reason::ServerExited,
        };
        self.lanes[side.other() as usize].ending.get_or_insert(reason);
        if side == Side::Server {
            // A server that has closed its output has exited or is about to; nobody answers what
            // is still on the way to it.
            self.drop_outbox(side);
            self.forget_requests(side, ledger);
        }
    }

    /// The asker is gone: nothing is owed to it any more.
    fn forget_requests(&mut self, asker: Side, ledger: &mut Ledger) {
        let lane = &mut self.lanes[asker as usize];
        lane.batches.clear();
        lane.waiting.clear();
        while let Some(number) = self.lanes[asker as usize].pending.first_open() {
            self.let_down(asker, number, None, ledger);
            self.lanes[asker as usize].pending.finish(number);
        }
    }

    /// Ends one of the requests that nobody will answer; false when none is left.
    pub(crate) fn end_one(&mut self, asker: Side, ledger: &mut Ledger) -> bool {
        let lane = &mut self.lanes[asker as usize];
        let Some(reason) = lane.ending else { return false };
        let Some(number) = lane.pending.first_open() else { return false };
        self.end_request(asker, number, reason.into(), ledger);
        true
    }

    /// Ends an open request with an error of ours.
    pub(crate) fn end_request(
        &mut self,
        asker: Side,
        number: SlotNumber,
        refusal: Refusal,
        ledger: &mut Ledger,
    ) {
        let rule = refusal.rule.map(|cause| self.label(cause)).unwrap_or_default();
        let outcome = match refusal.reason {
            Reason::Timeout | Reason::ServerExited | Reason::BadResponse => Some(Outcome::Failed),
            Reason::ResponseTooLarge | Reason::BytesLimited => Some(Outcome::Answered),
            _ => None,
        };
        self.end_named(asker, number, refusal, rule, outcome, ledger);
    }

    /// The same, by a rule of this name, of whichever policy it is, with what it says of the server.
    pub(crate) fn end_named(
        &mut self,
        asker: Side,
        number: SlotNumber,
        refusal: Refusal,
        rule: Label,
        outcome: Option<Outcome>,
        ledger: &mut Ledger,
    ) {
        let slot = self.lanes[asker as usize].pending.slot(number).clone();
        if self.journal.wants(EventKind::Refused) {
            let mut event = self.event(EventKind::Refused, asker, Some(refusal.reason));
            event.message = Message::Request;
            event.method = slot.method_label;
            event.tool = slot.tool;
            event.rule = rule;
            event.check = refusal.check;
            event.id_digest = self.digest(slot.id.as_ref());
            event.duration_ms = Some(self.now.monotonic_ms.saturating_sub(slot.started_ms));
            self.journal.push(event);
        }
        self.let_down(asker, number, outcome, ledger);
        ledger.count_refused(refusal.reason);
        let lane = &mut self.lanes[asker as usize];
        lane.waiting.retain(|waiting| waiting.slot != number);
        lane.pending.slot_mut(number).rule = rule;
        let now_ms = self.now.monotonic_ms;
        let was_sent = slot.state == State::Open;
        let style = self.style(slot.method);
        let lane = &mut self.lanes[asker as usize];
        let answered = matches!(
            refusal.reason,
            Reason::BadResponse | Reason::ResponseTooLarge | Reason::BytesLimited
        );
        let owed = slot.batch.is_none().then_some((refusal, style));
        if answered {
            lane.pending.end_answered(number, owed);
        } else {
            lane.pending.end(number, owed, now_ms);
        }
        match slot.batch {
            Some(place) => {
                self.gather_refusal(asker, place, refusal, &slot, rule);
            }
            None => self.outboxes[asker as usize].push_owed(),
        }
        let receiver = asker.other();
        let takes_back = matches!(refusal.reason, Reason::Timeout | Reason::Draining);
        if was_sent && takes_back && !self.lanes[receiver as usize].ended {
            self.lanes[asker as usize].pending.owe_cancel(number, refusal.reason);
            self.outboxes[receiver as usize].push_cancel();
        }
    }

    /// Ends what has run out of time.
    pub(crate) fn expire(&mut self, ledger: &mut Ledger) {
        let now_ms = self.now.monotonic_ms;
        for side in Side::ALL {
            for number in self.lanes[side as usize].pending.expired(now_ms) {
                if self.journal.is_full() {
                    self.lanes[side as usize].pending.expire_again(now_ms);
                    break;
                }
                let is_asked = self.lanes[side as usize].pending.slot(number).state == State::Asked;
                let reason = if is_asked { Reason::ApprovalExpired } else { Reason::Timeout };
                self.end_request(side, number, reason.into(), ledger);
            }
        }
        self.report_open(now_ms);
        self.end_idle(now_ms);
        self.advance_drain(now_ms);
    }

    /// Tells of calls that are open for long.
    fn report_open(&mut self, now_ms: u64) {
        for asker in Side::ALL {
            for number in self.lanes[asker as usize].pending.reports(now_ms) {
                if self.journal.is_full() {
                    self.lanes[asker as usize].pending.report_again(number, now_ms);
                    continue;
                }
                let slot = self.lanes[asker as usize].pending.slot(number);
                let mut event = self.event(EventKind::Protocol, asker, Some(Reason::OpenLong));
                event.message = Message::Request;
                event.method = slot.method_label;
                event.tool = slot.tool;
                event.id_digest = self.digest(slot.id.as_ref());
                event.duration_ms = Some(now_ms.saturating_sub(slot.started_ms));
                self.journal.push(event);
            }
        }
    }

    /// When a session that says nothing ends.
    pub(crate) fn idle_deadline(&self) -> Option<u64> {
        let idle_ms = self.policy.metering.sessions.idle_ms;
        let is_quiet = |lane: &Lane| {
            let reads = !lane.inbox.unjudged().is_empty() || lane.skimmer.is_some();
            lane.pending.open() == 0 && lane.batches.is_empty() && !reads
        };
        let ends = idle_ms > 0 && !self.session.is_draining() && self.lanes.iter().all(is_quiet);
        ends.then(|| self.session.heard_ms.saturating_add(idle_ms))
    }

    /// Ends a session that said nothing for too long, as a drain that is over at once.
    fn end_idle(&mut self, now_ms: u64) {
        if self.journal.is_full() || self.idle_deadline().is_none_or(|at| at > now_ms) {
            return;
        }
        self.note(EventKind::Lifecycle, Side::Client, Some(Reason::SessionIdle));
        self.session.drain_until = Some(now_ms);
    }

    /// A drain is over when nothing holds it any more, or when its time has come.
    pub(crate) fn advance_drain(&mut self, now_ms: u64) {
        let Some(until) = self.session.drain_until else { return };
        let holds = |lane: &Lane| lane.pending.holding() > 0 || !lane.batches.is_empty();
        if until <= now_ms || !self.lanes.iter().any(holds) {
            for lane in &mut self.lanes {
                lane.ending.get_or_insert(Reason::Draining);
            }
            self.session.drain_over = self.lanes.iter().all(|lane| lane.pending.open() == 0)
                && self.lanes.iter().all(|lane| lane.batches.is_empty());
        }
    }
}
