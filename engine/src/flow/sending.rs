//! What leaves: the outboxes and what they read from.

use super::engine::Engine;
use super::outbox::{Outbox, Sources};
use crate::base::side::Side;

impl Engine {
    /// The next bytes for a side.
    pub(crate) fn outbox_ready(&mut self, to: Side) -> &[u8] {
        let (outbox, sources) = self.outbox(to);
        outbox.ready(sources)
    }

    /// So many bytes were written to a side: what they came from is free again.
    pub(crate) fn outbox_commit(&mut self, to: Side, count: usize) {
        self.outboxes[to as usize].commit(count);
        self.metrics.bytes_out[to as usize] += count as u64;
        self.release(to.other());
    }

    /// Nobody reads at this side any more.
    pub(crate) fn drop_outbox(&mut self, to: Side) {
        let (outbox, mut sources) = self.outbox(to);
        outbox.clear(&mut sources);
        self.release(to.other());
    }

    /// Frees what was judged of a lane and has left.
    pub(crate) fn release(&mut self, from: Side) {
        let inbox = &mut self.lanes[from as usize].inbox;
        let place = self.outboxes[from.other() as usize].needs_from();
        inbox.release(place.unwrap_or_else(|| inbox.judged_at()), self.now.monotonic_ms);
    }

    fn outbox(&mut self, to: Side) -> (&mut Outbox, Sources<'_>) {
        let [client, server] = &mut self.lanes;
        let (own, other) = match to {
            Side::Client => (client, server),
            Side::Server => (server, client),
        };
        let sources =
            Sources { inbox: &other.inbox, own: &mut own.pending, others: &mut other.pending };
        (&mut self.outboxes[to as usize], sources)
    }
}
