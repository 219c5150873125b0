//! What is known of the connection beyond its bytes.

use crate::base::event::Label;
use crate::base::side::Side;

/// Who a peer is, as far as the host knows; shown in events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// The host's number for the session. Taken from the facts of the client.
    pub session: u64,
    /// The name of the peer. That of the server is shown in events.
    pub name: Label,
}

impl Facts {
    /// Facts of a session with this number.
    #[must_use]
    pub fn new(session: u64, name: &str) -> Self {
        Self { session, name: Label::new(name) }
    }
}

/// The state of a connection.
#[derive(Debug, Default)]
pub(crate) struct Session {
    pub facts: [Facts; 2],
    /// The last request that named a revision got a result: 2026-07-28 is spoken.
    pub modern: bool,
    /// The last request that named a revision, by its order of arrival.
    pub last_modern: u64,
    /// `initialize` had its result.
    pub initialized: bool,
    /// A frame with a live token came.
    pub authenticated: bool,
    /// When a drain has to end.
    pub drain_until: Option<u64>,
    /// The drain's time is over, or nothing holds it any more.
    pub drain_over: bool,
    /// Refused frames of each side since the last that passed.
    pub refused_in_a_row: [u32; 2],
}

impl Session {
    pub(crate) fn facts(&self, side: Side) -> &Facts {
        &self.facts[side as usize]
    }

    /// Whether a drain has had its time: nothing new leaves any more.
    pub(crate) fn is_drained(&self, now_ms: u64) -> bool {
        self.drain_until.is_some_and(|until| until <= now_ms)
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.drain_until.is_some()
    }
}
