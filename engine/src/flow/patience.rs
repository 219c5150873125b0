//! How long the end of a client's frame is waited for.
//!
//! Only the client is held to it. A session that half a frame holds open costs a daemon a child and
//! memory, and a stranger can open many; a server that prints half a line and thinks is no attack.
//!
//! The time counts while the lane is willing to read: whoever makes it stand (its receiver, its
//! sender, its host) may take as long as they like, and then the count starts anew. It starts only
//! in a verb that is told the time, since the last time that was told may be long ago.
//!
//! Invariant: while a frame is watched, it is the one that the inbox holds the beginning of.

use super::engine::Engine;
use super::judging::told_id;
use super::ledger::Ledger;
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::wire::skim::Skimmer;

const CLIENT: usize = Side::Client as usize;

impl Engine {
    /// Looks whether the beginning of a frame waits for its end, and counts from now on if it did
    /// not before.
    #[inline]
    pub(crate) fn watch_frame(&mut self) {
        if self.limits.frame_ms_max == 0 {
            return;
        }
        self.forget_watched();
        let now_ms = self.now.monotonic_ms;
        if self.waits_for_frame_end() {
            let lane = &mut self.lanes[CLIENT];
            lane.watched.get_or_insert((lane.inbox.judged_at(), now_ms));
        }
    }

    /// Ends the count of a frame that has come to its end, or whose lane stands.
    #[inline]
    pub(crate) fn forget_watched(&mut self) {
        let Some((start, _)) = self.lanes[CLIENT].watched else { return };
        if start != self.lanes[CLIENT].inbox.judged_at() || !self.waits_for_frame_end() {
            self.lanes[CLIENT].watched = None;
        }
    }

    /// When the frame that is watched has waited as long as it may.
    #[inline]
    pub(crate) fn frame_deadline(&self) -> Option<u64> {
        let (_, since_ms) = self.lanes[CLIENT].watched?;
        Some(since_ms.saturating_add(self.limits.frame_ms_max))
    }

    /// Refuses the frame that has waited too long, and ends the lane: what follows would be read as
    /// the frame's end.
    pub(crate) fn end_slow_frame(&mut self, ledger: &mut Ledger) {
        let is_over = self.frame_deadline().is_some_and(|at| at <= self.now.monotonic_ms);
        if !is_over || self.journal.is_full() {
            return;
        }
        let lane = &mut self.lanes[CLIENT];
        let begun = lane.inbox.unjudged();
        let mut len = begun.len() as u64;
        let skimmer = match lane.skimmer.take() {
            Some(skimmer) => {
                len += lane.skimmed;
                skimmer
            }
            None => {
                let mut skimmer = Skimmer::new(self.limits.id_bytes_max);
                skimmer.push(begun);
                skimmer
            }
        };
        lane.inbox.discard();
        lane.scanner.reset();
        lane.watched = None;
        let (message, id) = skimmer.finish_cut();
        let id = told_id(id, &self.limits, &self.policy.rules);
        self.count_frame(Side::Client, ledger);
        self.refuse_unread(Side::Client, message, id, Reason::FrameTooSlow, len, ledger);
        self.break_lane(Side::Client, Reason::FrameTooSlow);
    }

    /// Whether a lane that is willing to read holds no more than the beginning of a frame.
    fn waits_for_frame_end(&self) -> bool {
        let lane = &self.lanes[CLIENT];
        let has_begun = lane.skimmer.is_some() || !lane.inbox.unjudged().is_empty();
        has_begun && !lane.closed && self.stalled(Side::Client).is_none()
    }
}
