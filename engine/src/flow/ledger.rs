//! What outlives a session.

/// Counts over all sessions of a host. Bounded and without locks: the host makes one and lends it
/// to the verbs that judge; engines that share one are called one at a time. A host with one
/// session hands over a fresh one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ledger {
    /// Frames that were judged.
    pub frames: u64,
    /// Frames and requests that were refused.
    pub refused: u64,
    /// Frames that left changed.
    pub changed: u64,
    /// Requests that are open, over all sessions.
    pub requests_open: u64,
    /// Wrong or missing tokens.
    pub auth_failures: u64,
}

impl Ledger {
    /// A ledger in which nothing has happened.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}
