//! The worst case of memory, in one place.

use super::aside::{Batch, Waiting};
use super::inbox::Inbox;
use super::metering::Charges;
use super::outbox::Outbox;
use super::pending::Pending;
use super::tasks::Tasks;
use crate::arguments;
use crate::base::event::Event;
use crate::base::limits::{BUFFER_BYTES_SOFT, Limits, NOISE_BYTES};
use crate::judge::edits::Scratch;
use crate::judge::peer::Peer;
use crate::judge::seal::SealTable;
use crate::wire::scanner::Scanner;

impl Limits {
    /// Most bytes of memory that an engine with these limits ever holds besides itself, whatever
    /// its peers send and its host leaves undone. Tables that double count twice.
    ///
    /// The policy is shared and not counted. Where it holds calls to schemas (`schema.validate`), a
    /// session keeps up to 2 MiB of these beside, and 16 of them compiled.
    #[must_use]
    pub fn memory_max(&self) -> usize {
        let [client, server] = self.frame_bytes_max.map(|bytes| bytes as usize);
        let frame = client.max(server);
        let lanes = self.lane_max(client, server) + self.lane_max(server, client);
        let outboxes = Outbox::memory_max(client, server) + Outbox::memory_max(server, client);
        // Answers to tickets are told whatever waits already.
        let tickets = 2 * self.tickets_max as usize * EVENTS_PER_TICKET;
        let journal = 2 * (self.events_max as usize + EVENTS_SLACK + tickets) * size_of::<Event>();
        let noise = NOISE_BYTES + 4 * BUFFER_BYTES_SOFT;
        lanes
            + outboxes
            + journal
            + noise
            + Scratch::memory_max(frame, self)
            + SealTable::memory_max(self.seals_max)
            + Peer::MEMORY_MAX
            + Tasks::MEMORY_MAX
            + Charges::MEMORY_MAX
            + arguments::Scratch::memory_max(
                client,
                self.frame_depth_max as usize,
                self.members_max as usize,
            )
    }

    /// One lane, with frames of `own` bytes, whose answers have up to `answers` bytes.
    fn lane_max(&self, own: usize, answers: usize) -> usize {
        let batch = size_of::<Batch>()
            // The answers as they are gathered, and their places.
            + 2 * answers
            + 2 * (answers / Batch::ENTRY_BYTES_MIN).max(8) * Batch::entry_size()
            + 2 * self.ids_taken_max as usize * (64 + self.id_bytes_max as usize);
        // The members of all batches and the calls that wait share one frame limit.
        let aside = own + self.batches_max as usize * batch + answers;
        Inbox::capacity_max(own as u32)
            + Scanner::memory_max(self)
            // A member of a batch is read by a scanner of its own.
            + Scanner::memory_max(self)
            + Pending::memory_max(self)
            + aside
            + 2 * self.tickets_max as usize * size_of::<Waiting>()
    }
}

/// Events that one decision adds when there is one place left, and the drain of a lane.
const EVENTS_SLACK: usize = 32;
/// A call asks whether it may go on and eight questions about its arguments, and ends.
const EVENTS_PER_TICKET: usize = 10;
