//! What waits without holding its lane: batches at work, and calls that wait for the host's word.
//!
//! Invariant: the bytes that a lane has put aside never exceed the frame limit of its side.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::journal::Left;
use super::pending::{IdBuf, SlotNumber};
use crate::base::event::{Question, Ticket};
use crate::judge::asking::Asked;
use crate::judge::policy::Policy;

/// A call that waits for a ticket, as it will leave.
pub(crate) struct Waiting {
    pub ticket: Ticket,
    pub slot: SlotNumber,
    /// What was sealed may stand open here.
    pub bytes: Zeroizing<Box<[u8]>>,
    pub deadline_ms: u64,
    /// What is told when it leaves.
    pub left: Left,
    /// The whole name of the tool.
    pub tool: Box<str>,
    /// What has to be asked, the next one last; never empty.
    pub asked: Vec<Asked>,
    /// Length of the message as it came.
    pub bytes_in: u64,
    /// The policy that judged it, and that its answers are judged by.
    pub policy: Arc<Policy>,
    /// A sealed secret was opened in it, which is for nobody but the tool.
    pub is_open: bool,
}

impl Waiting {
    /// Bytes that count towards what a lane may put aside.
    pub(crate) fn memory(&self) -> usize {
        let asked: usize = self.asked.iter().map(Asked::memory).sum();
        self.bytes.len() + self.tool.len() + asked
    }

    /// What the host is asked now.
    pub(crate) fn question(&self) -> Option<Question<'_>> {
        Some(match self.asked.last()? {
            Asked::Call => {
                let message = self.bytes.strip_suffix(b"\n").filter(|_| !self.is_open);
                Question::Call { tool: &self.tool, message }
            }
            Asked::Path { text, .. } => Question::Path { path: text },
            Asked::Name { text, .. } => Question::Name { name: text },
        })
    }
}

/// The answer to one request of a batch: its place among the gathered ones.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Entry {
    start: u32,
    /// 0: not answered, or cancelled.
    len: u32,
    /// Bytes that are kept free for this answer.
    reserve: u32,
}

/// An array that ends here: its members leave as lines of their own, the answers come back as one
/// array.
pub(crate) struct Batch {
    pub number: u64,
    pub bytes: Box<[u8]>,
    /// Where the next member is looked for; `None` once all were judged.
    pub next: Option<usize>,
    pub open: u32,
    /// Requests of this chunk that were sent.
    pub in_chunk: u32,
    /// Ids that were cancelled before their request was judged.
    pub cancelled: Vec<IdBuf>,
    entries: Vec<Entry>,
    answers: Vec<u8>,
    /// Bytes of the answer that no member has reserved.
    room: usize,
}

impl Batch {
    /// A member reserves at least so much of the answer.
    pub(crate) const ENTRY_BYTES_MIN: usize = crate::judge::reply::REFUSAL_BYTES_MAX;

    pub(crate) const fn entry_size() -> usize {
        size_of::<Entry>()
    }

    /// A batch whose answer may take `room` bytes beyond what its members reserve.
    pub(crate) fn new(number: u64, bytes: Box<[u8]>, room: usize) -> Self {
        Self {
            number,
            bytes,
            next: Some(0),
            open: 0,
            in_chunk: 0,
            cancelled: Vec::new(),
            entries: Vec::new(),
            answers: Vec::new(),
            room,
        }
    }

    /// Keeps a place for the answer to the next request.
    pub(crate) fn expect(&mut self, reserve: usize) -> u32 {
        self.entries.push(Entry { reserve: reserve as u32, ..Entry::default() });
        self.entries.len() as u32 - 1
    }

    /// Whether an answer of this length fits.
    pub(crate) fn fits(&self, entry: u32, len: usize) -> bool {
        len <= self.entries[entry as usize].reserve as usize + self.room
    }

    /// Keeps the answer to a request. The caller has seen to it that it fits.
    pub(crate) fn gather(&mut self, entry: u32, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.answers.len();
        write(&mut self.answers);
        let len = self.answers.len() - start;
        let kept = &mut self.entries[entry as usize];
        self.room = (self.room + kept.reserve as usize).saturating_sub(len);
        kept.start = start as u32;
        kept.len = len as u32;
    }

    /// One of its open requests has ended.
    pub(crate) fn ended(&mut self) {
        self.open -= 1;
        if self.open == 0 {
            self.in_chunk = 0;
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.next.is_none() && self.open == 0
    }

    /// All answers in the order of their requests, or `None` if nothing is to be answered.
    pub(crate) fn assemble(&self) -> Option<Box<[u8]>> {
        let answered = || self.entries.iter().filter(|entry| entry.len > 0);
        let total: usize = answered().map(|entry| entry.len as usize + 1).sum();
        if total == 0 {
            return None;
        }
        let mut out = Vec::with_capacity(total + 2);
        out.push(b'[');
        for (i, entry) in answered().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            let start = entry.start as usize;
            out.extend_from_slice(&self.answers[start..start + entry.len as usize]);
        }
        out.extend_from_slice(b"]\n");
        Some(out.into_boxed_slice())
    }

    pub(crate) fn memory(&self) -> usize {
        self.bytes.len()
            + self.answers.capacity()
            + self.entries.capacity() * size_of::<Entry>()
            + self.cancelled.capacity() * size_of::<IdBuf>()
    }
}
