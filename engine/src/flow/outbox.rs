//! What goes to one side next, in the order in which it was decided: ranges of the other side's
//! inbox, replacements, and answers of our own, which become bytes only when their turn comes.
//!
//! A clean frame leaves from the memory it was read into. Short pieces are gathered in a stage, so
//! that many edits do not become many writes.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::inbox::{Inbox, Judged, Place};
use super::pending::Pending;
use crate::base::limits::{BUFFER_BYTES_SOFT, STAGE_BYTES, edits_max};
use crate::base::side::Side;
use crate::judge::edits::{By, Edit};
use crate::judge::made::Made;
use crate::judge::policy::Policy;
use crate::judge::reply;

/// A piece of at least this many bytes is worth a write of its own.
const DIRECT_BYTES_MIN: u64 = 4 << 10;
/// Items that may wait before the lane stops to judge; one more frame may add its edits.
const ITEMS_MAX: usize = 1 << 10;

/// One thing to send.
enum Item {
    /// Whole frames as they came.
    Frames(Range<Place>),
    /// Part of a frame that was changed.
    Piece(Range<Place>),
    /// What stands in the place of what was taken out.
    Text(By),
    /// So many bytes that were made for a frame.
    Made(u32),
    /// Bytes that were put aside or gathered.
    Own(Zeroizing<Box<[u8]>>),
    /// So many answers that we owe.
    Owed(u32),
    /// So many requests that we take back.
    Cancels(u32),
    /// What follows was judged by another policy.
    Swap(Arc<Policy>),
}

pub(crate) struct Outbox {
    to: Side,
    items: VecDeque<Item>,
    /// What was made for the frames that wait.
    made: Made,
    /// A credential may be written here.
    stage: Zeroizing<Vec<u8>>,
    sent: usize,
    /// Bytes of the first item, if it is of our own, that were written.
    own_sent: usize,
    /// Bytes of our own that wait.
    own_bytes: usize,
    /// The last line has no newline: it was the last that its sender sent.
    is_open: bool,
    /// The policy that judged what comes next, and that replacements come from.
    policy: Arc<Policy>,
}

/// What an outbox reads from when it writes.
pub(crate) struct Sources<'a> {
    /// The inbox of the other side.
    pub inbox: &'a Inbox,
    /// The requests of the side that is written to: their answers may be owed.
    pub own: &'a mut Pending,
    /// The requests of the other side: they may be taken back.
    pub others: &'a mut Pending,
}

impl Outbox {
    pub(crate) fn new(to: Side, policy: Arc<Policy>) -> Self {
        Self {
            to,
            items: VecDeque::new(),
            made: Made::default(),
            stage: Zeroizing::default(),
            sent: 0,
            own_sent: 0,
            own_bytes: 0,
            is_open: false,
            policy,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.sent == self.stage.len()
    }

    /// Whether so much waits that nothing more may be judged for this receiver.
    pub(crate) fn is_full(&self) -> bool {
        self.items.len() >= ITEMS_MAX || self.own_bytes + self.made.len() >= BUFFER_BYTES_SOFT
    }

    /// Bytes of our own that wait.
    pub(crate) fn own_bytes(&self) -> usize {
        self.own_bytes
    }

    /// A frame that passes as it came.
    pub(crate) fn push_frame(&mut self, frame: Judged) {
        let frame = frame.range();
        self.end_line();
        match self.items.back_mut() {
            Some(Item::Frames(last)) if last.end == frame.start => last.end = frame.end,
            _ => self.items.push_back(Item::Frames(frame)),
        }
    }

    /// A frame that passes with these edits.
    pub(crate) fn push_edited(&mut self, frame: Judged, edits: &[Edit], made: &Made) {
        let frame = frame.range();
        self.end_line();
        let most = BUFFER_BYTES_SOFT + self.made.len().max(made.len());
        let mut at = frame.start;
        for edit in edits {
            let start = frame.start + u64::from(edit.start);
            if at < start {
                self.items.push_back(Item::Piece(at..start));
            }
            match edit.by {
                By::Made { from, len, .. } => {
                    self.made.push(made.bytes(from, len), most);
                    self.items.push_back(Item::Made(len));
                }
                ready => self.items.push_back(Item::Text(ready)),
            }
            at = frame.start + u64::from(edit.end);
        }
        if at < frame.end {
            self.items.push_back(Item::Piece(at..frame.end));
        }
    }

    /// Bytes that were judged and put aside.
    pub(crate) fn push_own(&mut self, bytes: Zeroizing<Box<[u8]>>) {
        self.end_line();
        self.own_bytes += bytes.len();
        self.items.push_back(Item::Own(bytes));
    }

    /// One more answer is owed.
    pub(crate) fn push_owed(&mut self) {
        self.end_line();
        match self.items.back_mut() {
            Some(Item::Owed(count)) => *count += 1,
            _ => self.items.push_back(Item::Owed(1)),
        }
    }

    /// One more request is taken back.
    pub(crate) fn push_cancel(&mut self) {
        self.end_line();
        match self.items.back_mut() {
            Some(Item::Cancels(count)) => *count += 1,
            _ => self.items.push_back(Item::Cancels(1)),
        }
    }

    /// The frame that was pushed last came without a newline, and leaves without one unless
    /// something follows it.
    pub(crate) fn leave_open(&mut self) {
        self.is_open = true;
    }

    /// What follows starts on a line of its own.
    fn end_line(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.own_bytes += 1;
            self.items.push_back(Item::Own(Zeroizing::new(Box::new(*b"\n"))));
        }
    }

    /// What is pushed from here on is judged by another policy.
    pub(crate) fn swap_policy(&mut self, policy: Arc<Policy>) {
        match self.items.back_mut() {
            None => self.policy = policy,
            Some(Item::Swap(last)) => *last = policy,
            Some(_) => self.items.push_back(Item::Swap(policy)),
        }
    }

    /// Nobody will read any more: everything is dropped.
    pub(crate) fn clear(&mut self, sources: &mut Sources<'_>) {
        while let Some(item) = self.items.pop_front() {
            match item {
                Item::Owed(count) => (0..count).for_each(|_| sources.own.owed_written()),
                Item::Cancels(count) => (0..count).for_each(|_| drop(sources.others.next_cancel())),
                Item::Swap(policy) => self.policy = policy,
                _ => {}
            }
        }
        self.stage.clear();
        self.made.clear();
        (self.sent, self.own_sent, self.own_bytes, self.is_open) = (0, 0, 0, false);
    }

    /// The next bytes to write; empty if there are none.
    pub(crate) fn ready<'a>(&'a mut self, mut sources: Sources<'a>) -> &'a [u8] {
        while self.sent == self.stage.len() {
            self.stage.clear();
            self.sent = 0;
            match self.items.front() {
                None => return &[],
                Some(item) if is_direct(item) => break,
                Some(_) => self.gather(&mut sources),
            }
        }
        if self.sent < self.stage.len() {
            return &self.stage[self.sent..];
        }
        match self.items.front() {
            Some(Item::Frames(range) | Item::Piece(range)) => sources.inbox.bytes(range.clone()),
            Some(Item::Own(bytes)) => &bytes[self.own_sent..],
            _ => &[],
        }
    }

    /// So many of the bytes were written.
    ///
    /// # Panics
    /// If more is committed than was ready: a mistake of the host.
    pub(crate) fn commit(&mut self, count: usize) {
        if self.sent < self.stage.len() {
            assert!(count <= self.stage.len() - self.sent, "committed more bytes than were ready");
            self.sent += count;
            return;
        }
        if count == 0 {
            return;
        }
        let done = match self.items.front_mut() {
            Some(Item::Frames(range) | Item::Piece(range)) => {
                assert!(
                    count as u64 <= range.end - range.start,
                    "committed more bytes than were ready"
                );
                range.start += count as u64;
                range.start == range.end
            }
            Some(Item::Own(bytes)) => {
                self.own_sent += count;
                assert!(self.own_sent <= bytes.len(), "committed more bytes than were ready");
                let done = self.own_sent == bytes.len();
                if done {
                    self.own_bytes -= bytes.len();
                    self.own_sent = 0;
                }
                done
            }
            _ => panic!("committed bytes while none were ready"),
        };
        if done {
            self.items.pop_front();
        }
    }

    /// The first place of the inbox that is still needed.
    pub(crate) fn needs_from(&self) -> Option<Place> {
        self.items.iter().find_map(|item| match item {
            Item::Frames(range) | Item::Piece(range) => Some(range.start),
            _ => None,
        })
    }

    pub(crate) fn shrink(&mut self) {
        if self.is_empty() {
            self.items = VecDeque::new();
            self.made = Made::default();
            self.stage = Zeroizing::default();
            self.sent = 0;
        }
    }

    /// Most bytes of memory for frames of so many bytes, and gathered ones of `answer_bytes_max`.
    pub(crate) fn memory_max(frame_bytes_max: usize, answer_bytes_max: usize) -> usize {
        // A queue that grows doubles; every edit is followed by a piece.
        let items = 2 * (ITEMS_MAX + 2 * edits_max(frame_bytes_max) + 2) * size_of::<Item>();
        items
            + STAGE_BYTES
            + 2 * DIRECT_BYTES_MIN as usize
            + BUFFER_BYTES_SOFT
            // While it grows, what was made is there twice.
            + 2 * (BUFFER_BYTES_SOFT + frame_bytes_max)
            + 2 * answer_bytes_max
    }

    pub(crate) fn memory(&self) -> usize {
        self.items.capacity() * size_of::<Item>()
            + self.stage.capacity()
            + self.own_bytes
            + self.made.memory()
    }

    /// Fills the stage with what comes next.
    fn gather(&mut self, sources: &mut Sources<'_>) {
        self.stage.reserve(STAGE_BYTES);
        while self.stage.len() < STAGE_BYTES {
            let Some(item) = self.items.front_mut() else { return };
            if is_direct(item) {
                return;
            }
            match item {
                Item::Frames(range) | Item::Piece(range) => {
                    self.stage.extend_from_slice(sources.inbox.bytes(range.clone()));
                }
                Item::Text(by) => self.stage.extend_from_slice(by.ready(&self.policy)),
                Item::Made(len) => {
                    // A long one in pieces, so that the stage stays small.
                    let count = (*len).min(DIRECT_BYTES_MIN as u32);
                    self.stage.extend_from_slice(self.made.first(count as usize));
                    self.made.take(count as usize);
                    *len -= count;
                    if *len > 0 {
                        continue;
                    }
                }
                Item::Own(bytes) => {
                    self.own_bytes -= bytes.len();
                    self.stage.extend_from_slice(bytes);
                }
                Item::Swap(policy) => self.policy = Arc::clone(policy),
                Item::Owed(count) => {
                    write_owed(sources, &mut self.stage);
                    *count -= 1;
                    if *count > 0 {
                        continue;
                    }
                }
                Item::Cancels(count) => {
                    if let Some((id, reason)) = sources.others.next_cancel() {
                        // It speaks for the side that asked.
                        let attached = match self.policy.attaches_for(self.to.other()) {
                            true => self.policy.credential(),
                            false => &[],
                        };
                        reply::cancelled(id.spelling(), reason, attached, &mut self.stage);
                    }
                    *count -= 1;
                    if *count > 0 {
                        continue;
                    }
                }
            }
            self.items.pop_front();
        }
    }
}

/// Whether an item is written from where it stands.
fn is_direct(item: &Item) -> bool {
    match item {
        Item::Frames(_) => true,
        Item::Piece(range) => range.end - range.start >= DIRECT_BYTES_MIN,
        Item::Own(bytes) => bytes.len() as u64 >= DIRECT_BYTES_MIN,
        _ => false,
    }
}

/// Writes the next answer that is owed.
fn write_owed(sources: &mut Sources<'_>, stage: &mut Vec<u8>) {
    if let Some(slot) = sources.own.next_owed()
        && let Some((refusal, style)) = slot.owed
    {
        let before = stage.len();
        let id = slot.id.as_ref().map(super::pending::IdBuf::spelling);
        reply::refusal(refusal, slot.rule.as_str(), id, style, stage);
        if stage.len() > before {
            stage.push(b'\n');
        }
    }
    sources.own.owed_written();
}
