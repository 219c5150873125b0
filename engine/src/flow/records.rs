//! What is counted and told about messages.

use super::engine::Engine;
use super::ledger::Ledger;
use super::pending::{IdBuf, Slot};
use super::verdict::Examined;
use crate::base::event::{Event, EventKind, Label};
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::auth;
use crate::judge::edits::{By, Edit, Scratch};
use crate::redact::RuleId;

/// Events that one changed frame makes at most.
const EVENTS_PER_FRAME: usize = 8;

impl Engine {
    /// Rules that found something they may not take out are told of.
    pub(crate) fn report(&mut self, side: Side, examined: &Examined, scratch: &Scratch) {
        if scratch.reported > 0 && self.journal.wants(EventKind::Protocol) {
            let mut event = self.frame_event(EventKind::Protocol, side, examined);
            event.reason = Some(Reason::SecretBlocked);
            event.count = u64::from(scratch.reported);
            self.journal.push(event);
        }
    }

    /// A request or notification left.
    pub(crate) fn count_passed(
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
    pub(crate) fn count_answer(
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

    /// An event about a message.
    pub(crate) fn frame_event(&self, kind: EventKind, side: Side, examined: &Examined) -> Event {
        let mut event = self.event(kind, side, None);
        event.message = examined.envelope.message;
        event.method = examined.envelope.method_label;
        event.tool = examined.envelope.tool;
        event.bytes_in = examined.len as u64;
        event.id_digest = self.digest(examined.id.as_ref());
        event
    }

    /// The name of a rule of the policy that decides now.
    pub(crate) fn rule_label(&self, rule: RuleId) -> Label {
        Label::new(self.policy.rules.info(rule).name)
    }

    pub(crate) fn digest(&self, id: Option<&IdBuf>) -> u64 {
        let session = self.session.facts(Side::Client).session;
        id.map_or(0, |id| auth::id_digest(session, id.spelling()))
    }
}
