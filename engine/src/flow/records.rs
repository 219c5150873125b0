//! What is counted and told about messages.

use super::engine::Engine;
use super::journal::Left;
use super::ledger::Ledger;
use super::pending::{IdBuf, Slot};
use super::verdict::Examined;
use crate::base::event::{Event, EventKind, Label};
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::auth;
use crate::judge::edits::{By, Edit, How, Scratch};
use crate::judge::reply::Cause;
use crate::redact::RuleId;

/// Events that one changed frame makes at most.
const EVENTS_PER_FRAME: usize = 8;

/// The kinds of edits with their numbers, in the order of their first places. The last of the few
/// that are told apart stands for all others.
fn counted(edits: &[Edit]) -> impl Iterator<Item = (By, u64)> {
    let mut counts: [(Option<By>, u64); EVENTS_PER_FRAME] = [(None, 0); EVENTS_PER_FRAME];
    for edit in edits {
        // What differs by the bytes alone is of one kind.
        let kind = match edit.by {
            By::Made { how: How::Redacted, rule, .. } => By::Rule(rule),
            By::Made { how, rule, .. } => By::Made { from: 0, len: 0, how, rule },
            ready => ready,
        };
        let place = counts
            .iter()
            .position(|(by, _)| by.is_none_or(|by| by == kind))
            .unwrap_or(EVENTS_PER_FRAME - 1);
        counts[place].0.get_or_insert(kind);
        counts[place].1 += 1;
    }
    counts.into_iter().map_while(|(by, count)| Some((by?, count)))
}

impl Engine {
    /// Tells what was found and had to stay as it is.
    pub(crate) fn report(&mut self, side: Side, examined: &Examined, scratch: &Scratch) {
        if !self.journal.wants(EventKind::Protocol) {
            return;
        }
        for report in scratch.reports.iter() {
            let mut event = self.frame_event(EventKind::Protocol, side, examined);
            event.reason = Some(report.reason);
            event.count = report.count;
            event.rule = report.rule.map(|cause| self.label(cause)).unwrap_or_default();
            self.journal.push(event);
        }
    }

    /// A request was taken back before it left.
    pub(crate) fn note_cancelled(&mut self, side: Side, examined: &Examined) {
        if self.journal.wants(EventKind::Protocol) {
            let mut event = self.frame_event(EventKind::Protocol, side, examined);
            event.reason = Some(Reason::Cancelled);
            self.journal.push(event);
        }
    }

    /// What is to be told of a message that leaves with these edits; for a response with the
    /// request that it answers.
    pub(crate) fn left(
        &self,
        side: Side,
        examined: &Examined,
        edits: &[Edit],
        bytes_out: u64,
        slot: Option<&Slot>,
    ) -> Left {
        let kind = if edits.is_empty() { EventKind::Passed } else { EventKind::Changed };
        let mut left = Left { edits: edits.len() as u64, first: None, rest: Vec::new() };
        if !self.journal.wants(kind) {
            return left;
        }
        let mut event = self.frame_event(kind, side, examined);
        event.bytes_out = bytes_out;
        if let Some(slot) = slot {
            event.method = slot.method_label;
            event.tool = slot.tool;
            event.duration_ms = Some(self.now.monotonic_ms.saturating_sub(slot.started_ms));
        }
        if edits.is_empty() {
            left.first = Some(event);
            return left;
        }
        for (by, count) in counted(edits) {
            event.count = count;
            (event.reason, event.rule) = match by {
                By::Rule(rule) | By::Made { how: How::Redacted, rule, .. } => {
                    (Some(Reason::Redacted), self.rule_label(rule))
                }
                By::Made { how: How::Masked, rule, .. } => {
                    (Some(Reason::Masked), self.rule_label(rule))
                }
                By::Made { how: How::Sealed, rule, .. } => {
                    (Some(Reason::Sealed), self.rule_label(rule))
                }
                By::Made { how: How::Opened, rule, .. } => {
                    (Some(Reason::Unsealed), self.rule_label(rule))
                }
                By::Token => (Some(Reason::Redacted), Label::new("auth-token")),
                By::Credential => (Some(Reason::TokenAttached), Label::EMPTY),
                By::Unseen(kind) => (Some(Reason::Sanitised), Label::new(kind.name())),
                By::Private => (Some(Reason::ListFiltered), Label::new("cache-scope")),
                By::Truncated => (Some(Reason::Truncated), Label::new("quotas.responses")),
                By::Nothing if examined.filtered => (Some(Reason::ListFiltered), Label::EMPTY),
                By::Nothing => (Some(Reason::TokenCut), Label::EMPTY),
            };
            match left.first {
                None => left.first = Some(event),
                Some(_) => left.rest.push(event),
            }
        }
        left
    }

    /// A message left.
    pub(crate) fn count_left(&mut self, side: Side, left: Left, ledger: &mut Ledger) {
        let index = side as usize;
        if left.edits == 0 {
            self.metrics.passed[index] += 1;
        } else {
            self.metrics.changed[index] += 1;
            self.metrics.edits += left.edits;
            ledger.changed += 1;
        }
        for mut event in left.first.into_iter().chain(left.rest) {
            event.time = self.now;
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

    /// The name of what decided.
    pub(crate) fn label(&self, cause: Cause) -> Label {
        self.policy.label(cause)
    }

    /// The name of a rule of the policy that decides now.
    fn rule_label(&self, rule: RuleId) -> Label {
        Label::new(self.policy.rules.info(rule).name)
    }

    pub(crate) fn digest(&self, id: Option<&IdBuf>) -> u64 {
        id.map_or(0, |id| auth::id_digest(self.session.number, id.spelling()))
    }
}
