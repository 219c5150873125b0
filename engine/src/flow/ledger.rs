//! What outlives a session.

use std::fmt;

use super::bucket::Bucket;
use crate::base::reason::Reason;
use crate::judge::policy::Rate;

/// Counts over all sessions of a host, and what is left of the rate that they share. Bounded and
/// without locks: the host makes one and lends it to the verbs that judge; engines that share one
/// are called one at a time. A host with one session hands over a fresh one.
///
/// The rate is that of the policy that judges ([`RateConfig`](crate::RateConfig)). Its clock is the
/// greatest monotonic time that the verbs gave, so engines that share a ledger share their clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    refusals: Refusals,
    bucket: Bucket,
    /// The greatest monotonic time that was seen.
    now_ms: u64,
}

impl Ledger {
    /// A ledger in which nothing has happened.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How often frames and requests were refused for each reason, in the order of the reasons'
    /// numbers. Reasons that never occurred are left out; the sum is [`refused`](Self::refused).
    pub fn refusals(&self) -> impl Iterator<Item = (Reason, u64)> + '_ {
        self.refusals.iter()
    }

    /// It is this late for one of the engines.
    pub(crate) fn advance(&mut self, now_ms: u64) {
        self.now_ms = self.now_ms.max(now_ms);
    }

    /// Takes a token of the rate that clients share.
    ///
    /// # Errors
    /// None is left: in how many milliseconds there will be one, if nobody else takes it.
    pub(crate) fn take(&mut self, rate: Rate) -> Result<(), u32> {
        self.bucket.take(rate, self.now_ms)
    }

    /// A frame or a request was refused.
    pub(crate) fn count_refused(&mut self, reason: Reason) {
        self.refused += 1;
        self.refusals.0[reason.place()] += 1;
        if matches!(reason, Reason::AuthRequired | Reason::AuthFailed) {
            self.auth_failures += 1;
        }
    }
}

/// A count for each reason, in the order of [`Reason::ALL`].
#[derive(Clone, PartialEq, Eq)]
struct Refusals([u64; Reason::ALL.len()]);

impl Refusals {
    fn iter(&self) -> impl Iterator<Item = (Reason, u64)> + '_ {
        Reason::ALL.iter().copied().zip(self.0).filter(|(_, count)| *count > 0)
    }
}

impl Default for Refusals {
    fn default() -> Self {
        Self([0; Reason::ALL.len()])
    }
}

impl fmt::Debug for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_by_reason_and_in_order() {
        let mut ledger = Ledger::new();
        assert_eq!(ledger.refusals().next(), None);
        for reason in [Reason::Timeout, Reason::AuthFailed, Reason::NotJson, Reason::Timeout] {
            ledger.count_refused(reason);
        }
        let told: Vec<_> = ledger.refusals().collect();
        assert_eq!(told, [(Reason::NotJson, 1), (Reason::AuthFailed, 1), (Reason::Timeout, 2)]);
        assert_eq!((ledger.refused, ledger.auth_failures), (4, 1));
    }

    #[test]
    fn every_reason_has_a_place() {
        let mut ledger = Ledger::new();
        Reason::ALL.iter().for_each(|&reason| ledger.count_refused(reason));
        assert!(ledger.refusals().map(|(reason, _)| reason).eq(Reason::ALL.iter().copied()));
    }

    #[test]
    fn a_ledger_is_small_and_never_grows() {
        // A number for each reason, five more, the bucket's three and the time; nothing is on the
        // heap.
        assert_eq!(size_of::<Ledger>(), 8 * (5 + Reason::ALL.len() + 3 + 1));
        assert!(size_of::<Ledger>() <= 1 << 10, "{}", size_of::<Ledger>());
    }
}
