//! Arrays end here: members leave as lines of their own, answers come back as one array.

use std::ops::Range;

use zeroize::Zeroizing;

use super::aside::{Batch, Waiting};
use super::engine::Engine;
use super::ledger::Ledger;
use super::passing::Source;
use super::pending::{BatchPlace, IdBuf, Slot, SlotNumber};
use super::verdict::Examined;
use crate::base::event::{Label, Message};
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::edits::{self, Scratch};
use crate::judge::envelope::Method;
use crate::judge::reply::{self, REFUSAL_BYTES_MAX, Refusal};
use crate::quota::Outcome;
use crate::wire::cursor::Cursor;
use crate::wire::grammar::Shape;
use crate::wire::scanner::Scanner;

impl Engine {
    /// Takes an array apart: its members are judged one by one.
    pub(crate) fn admit_batch(
        &mut self,
        side: Side,
        body: usize,
        line: usize,
        ledger: &mut Ledger,
    ) {
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
            + lane.waiting.iter().map(Waiting::memory).sum::<usize>();
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

    /// A batch whose next member may be judged now.
    pub(crate) fn ready_batch(&self, side: Side) -> Option<usize> {
        let lane = &self.lanes[side as usize];
        lane.batches.iter().position(|batch| {
            let window = match self.limits.batch_window {
                0 => u32::MAX,
                window => window,
            };
            let chunk_open = batch.in_chunk < window || batch.open == 0;
            let has_slot = batch.open == 0 || lane.pending.has_room(Method::Other);
            match batch.is_done() {
                // One answer after the other: what nobody reads is not piled up.
                true => !self.outboxes[side as usize].is_full(),
                false => batch.next.is_some() && chunk_open && has_slot,
            }
        })
    }

    /// Judges the next member of a batch, or ends the batch.
    pub(crate) fn advance_batch(&mut self, side: Side, at: usize, ledger: &mut Ledger) {
        let index = side as usize;
        let batch = &mut self.lanes[index].batches[at];
        if batch.is_done() {
            let batch = self.lanes[index].batches.remove(at);
            if let Some(answer) = batch.assemble() {
                self.outboxes[index].push_own(Zeroizing::new(answer));
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
        let mut own = Scanner::new(&self.limits);
        let bytes = &self.lanes[index].batches[at].bytes[member.clone()];
        own.whole(bytes, &self.policy.rules);
        let examined = match own.shape() {
            Shape::Object => self.examine(side, bytes, &own, &mut scratch),
            _ => Examined::unread(Message::None, None, Reason::NotAnObject, member.len()),
        };
        let reserve = self.reserve(member.len());
        let batch = &mut self.lanes[index].batches[at];
        let is_request = matches!(examined.envelope.message, Message::Request | Message::None);
        let taken_back = examined.envelope.message == Message::Request
            && examined
                .id
                .as_ref()
                .is_some_and(|id| batch.cancelled.iter().any(|taken| taken.same_as(id)));
        if taken_back {
            self.note_cancelled(side, &examined);
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
        let style = self.style(slot.method);
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
    pub(crate) fn gather_answer(
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
        let len = edits::edited_len(examined.len, &scratch.edits, &self.policy);
        let fits = self.batch(asker, place).is_some_and(|batch| batch.fits(place.entry, len));
        if !fits {
            self.skip(side, &source);
            self.end_request(asker, number, Reason::ResponseTooLarge.into(), ledger);
            return;
        }
        let slot = self.lanes[asker as usize].pending.slot(number).clone();
        let mut bytes = Vec::with_capacity(len);
        let frame = self.frame_of(side, &source);
        edits::render(frame, scratch, &self.policy, &mut bytes);
        self.seals.keep(&scratch.sealed);
        self.skip(side, &source);
        self.let_down(asker, number, Some(Outcome::Answered), ledger);
        self.lanes[asker as usize].pending.finish(number);
        if let Some(batch) = self.batch(asker, place) {
            batch.gather(place.entry, |out| out.append(&mut bytes));
        }
        self.end_member(asker, place);
        self.report(side, examined, scratch);
        let left = self.left(side, examined, &scratch.edits, len as u64, Some(&slot));
        self.count_left(side, left, ledger);
    }

    pub(crate) fn refuse_batch(
        &mut self,
        side: Side,
        reason: Reason,
        body: usize,
        ledger: &mut Ledger,
    ) {
        let examined = Examined::unread(Message::Batch, None, reason, body);
        self.refuse(side, &examined, None, ledger);
    }

    /// Bytes of the answer that are kept free for a member of this length.
    fn reserve(&self, member_len: usize) -> usize {
        REFUSAL_BYTES_MAX + member_len.min(self.limits.id_bytes_max as usize)
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
}
