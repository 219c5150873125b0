//! What outlives a session.

use std::fmt;

use crate::base::reason::Reason;
use crate::quota::{
    Bans, Breaker, BreakerConfig, Breakers, Bucket, Buckets, Charge, Gauges, Hold, Key, Limited,
    LockoutConfig, Lockouts, Outcome, Quotas, Rate, Subject, Table, Tag, Turn, told_ms,
};

/// Counts over all sessions of a host, and what is left of the limits that they share. Bounded and
/// without locks: the host makes one and lends it to the verbs that judge; engines that share one
/// are called one at a time. A host with one session hands over a fresh one.
///
/// The limits are those of the policy that judges ([`RateConfig`](crate::RateConfig)). Its clock is
/// the greatest monotonic time that the verbs gave, so engines that share a ledger share their
/// clock.
///
/// It holds no memory besides itself until something is refused or a limit is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    keys_max: u32,
    tables: Option<Box<Tables>>,
}

/// What is kept by key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tables {
    buckets: Buckets,
    lockouts: Lockouts,
    bans: Bans,
    breakers: Breakers,
    gauges: Gauges,
}

impl Tables {
    fn new(keys_max: u32) -> Self {
        Self {
            buckets: Buckets::new(keys_max),
            lockouts: Lockouts::new(keys_max),
            bans: Bans::new(keys_max),
            breakers: Breakers::new(keys_max),
            gauges: Gauges::new(keys_max),
        }
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Self::with_keys_max(Self::KEYS_MAX)
    }
}

impl Ledger {
    /// Keys that a table of a ledger holds by default. 4,096: more addresses, principals and tools
    /// than are busy at once in front of one host; a table is about a MiB when it is full. A rate has
    /// a table for what the host knows (principals, sessions, servers), one for addresses and one for
    /// tools, since clients make names up: who refuses so many of a table at once refuses every
    /// newcomer to it until the first of them may come again, and wants more.
    pub const KEYS_MAX: u32 = 4_096;

    /// A ledger in which nothing has happened.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, each of whose tables holds so many keys, at least one.
    #[must_use]
    pub fn with_keys_max(keys_max: u32) -> Self {
        Self {
            frames: 0,
            refused: 0,
            changed: 0,
            requests_open: 0,
            auth_failures: 0,
            refusals: Refusals::default(),
            bucket: Bucket::default(),
            now_ms: 0,
            keys_max: keys_max.max(1),
            tables: None,
        }
    }

    /// How often frames and requests were refused for each reason, in the order of the reasons'
    /// numbers. Reasons that never occurred are left out; the sum is [`refused`](Self::refused).
    pub fn refusals(&self) -> impl Iterator<Item = (Reason, u64)> + '_ {
        self.refusals.iter()
    }

    /// Bytes of memory that it holds besides itself.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.refusals.0.capacity() * size_of::<(u16, u64)>()
            + self.tables.as_deref().map_or(0, |tables| {
                size_of::<Tables>()
                    + tables.buckets.memory()
                    + tables.lockouts.table().memory()
                    + tables.bans.table().memory()
                    + tables.breakers.table().memory()
                    + tables.gauges.memory()
            })
    }

    /// Most bytes that it ever holds besides itself, whatever peers do. Lists that double count
    /// twice.
    #[must_use]
    pub fn memory_max(&self) -> usize {
        2 * Reason::ALL.len() * size_of::<(u16, u64)>()
            + size_of::<Tables>()
            + Buckets::memory_max(self.keys_max, Quotas::CHARGES_MAX)
            + Table::<u32>::memory_max(self.keys_max)
            + Table::<()>::memory_max(self.keys_max)
            + Table::<Breaker>::memory_max(self.keys_max)
            + Gauges::memory_max(self.keys_max)
    }

    /// It is this late: the verbs of an engine say so, and a host may that bans before any was
    /// called. A time before one that was seen changes nothing.
    pub fn advance(&mut self, now_ms: u64) {
        self.now_ms = self.now_ms.max(now_ms);
    }

    /// Takes all of these, or none.
    ///
    /// # Errors
    /// One of them has to wait.
    pub fn admit(&mut self, charges: &[Charge]) -> Result<(), Limited> {
        if charges.is_empty() {
            return Ok(());
        }
        let now_ms = self.now_ms;
        self.tables().buckets.admit(charges, now_ms)
    }

    /// Bans a subject, an address for one, until this monotonic time; `u64::MAX` is for good.
    ///
    /// # Errors
    /// As many others as the ledger has places are banned: the first time at which one is not.
    pub fn ban(&mut self, subject: Subject, until_ms: u64) -> Result<(), u64> {
        let now_ms = self.now_ms;
        self.tables().bans.ban(ban_key(subject), until_ms, now_ms)
    }

    /// Lifts a ban of the host; whether there was one.
    pub fn lift_ban(&mut self, subject: Subject) -> bool {
        self.tables.as_mut().is_some_and(|tables| tables.bans.lift(&ban_key(subject)))
    }

    /// For how many milliseconds the host's ban of a subject goes on.
    #[must_use]
    pub fn banned_ms(&self, subject: Subject) -> Option<u32> {
        self.tables.as_ref()?.bans.left_ms(&ban_key(subject), self.now_ms)
    }

    /// Whether a peer may try to authenticate.
    ///
    /// # Errors
    /// It is locked out, for so many milliseconds; so is one that is new while all places are held
    /// by such.
    pub fn check_lockout(&mut self, peer: Subject) -> Result<(), u32> {
        let now_ms = self.now_ms;
        match &mut self.tables {
            Some(tables) => tables.lockouts.check(&lockout_key(peer), now_ms),
            None => Ok(()),
        }
    }

    /// A peer tried to authenticate, and failed.
    ///
    /// # Errors
    /// It is locked out from now on, for so many milliseconds.
    pub fn fail_attempt(&mut self, peer: Subject, config: &LockoutConfig) -> Result<(), u32> {
        if config.failures == 0 {
            return Ok(());
        }
        let now_ms = self.now_ms;
        self.tables().lockouts.fail(lockout_key(peer), config, now_ms)
    }

    /// A peer tried to authenticate, and succeeded.
    pub fn succeed_attempt(&mut self, peer: Subject, config: &LockoutConfig) {
        let now_ms = self.now_ms;
        if let Some(tables) = &mut self.tables {
            tables.lockouts.succeed(&lockout_key(peer), config, now_ms);
        }
    }

    /// Whether calls pass to a server.
    ///
    /// # Errors
    /// Its breaker is open, for so many milliseconds.
    pub fn check_breaker(&self, server: Subject, config: &BreakerConfig) -> Result<(), u32> {
        match &self.tables {
            Some(tables) => tables.breakers.check(&breaker_key(server), config, self.now_ms),
            None => Ok(()),
        }
    }

    /// A call passes to a server.
    pub fn send_call(&mut self, server: Subject, config: &BreakerConfig) {
        let now_ms = self.now_ms;
        if let Some(tables) = &mut self.tables {
            tables.breakers.send(breaker_key(server), config, now_ms);
        }
    }

    /// Whether a server that had failed is being tried.
    #[must_use]
    pub fn is_on_trial(&self, server: Subject) -> bool {
        let tables = self.tables.as_ref();
        let state = tables.map(|tables| tables.breakers.state(&breaker_key(server)));
        matches!(state, Some(Breaker::Trial { .. }))
    }

    /// A call that tried a server was taken back, and says nothing: another may try it.
    pub fn give_back_probe(&mut self, server: Subject, config: &BreakerConfig) {
        let now_ms = self.now_ms;
        if let Some(tables) = &mut self.tables {
            tables.breakers.give_back(breaker_key(server), config, now_ms);
        }
    }

    /// A call of a server ended so.
    pub fn end_call(
        &mut self,
        server: Subject,
        outcome: Outcome,
        config: &BreakerConfig,
    ) -> Option<Turn> {
        let changes = self.tables.is_some() || outcome == Outcome::Failed;
        if !config.enabled || !changes {
            return None;
        }
        let now_ms = self.now_ms;
        self.tables().breakers.end(breaker_key(server), outcome, config, now_ms)
    }

    /// Holds all of these for a session while a call, or the session itself, is open; or none.
    ///
    /// # Errors
    /// Which of them is the first of which as many are open as may be.
    pub fn enter(&mut self, session: u64, holds: &[Hold]) -> Result<(), usize> {
        if holds.is_empty() {
            return Ok(());
        }
        self.tables().gauges.enter(session, holds)
    }

    /// Lets one go; nothing if the session holds none.
    pub fn leave(&mut self, session: u64, key: &Key) {
        if let Some(tables) = &mut self.tables {
            tables.gauges.leave(session, key);
        }
    }

    /// Lets go all that a session holds. A host that frees an engine in the middle of a session
    /// says so here; otherwise what was open stays counted.
    pub fn forget_session(&mut self, session: u64) {
        if let Some(tables) = &mut self.tables {
            tables.gauges.forget(session);
        }
    }

    /// How much is open under a key.
    #[must_use]
    pub fn open(&self, key: &Key) -> u32 {
        self.tables.as_ref().map_or(0, |tables| tables.gauges.count(key))
    }

    /// Whether a token of the rate that clients share is left.
    ///
    /// # Errors
    /// As of [`take`](Self::take).
    pub(crate) fn look(&self, rate: Rate) -> Result<(), u32> {
        match self.bucket.wait_ms(rate, 1, self.now_ms) {
            0 => Ok(()),
            wait_ms => Err(told_ms(wait_ms)),
        }
    }

    /// Takes a token of the rate that clients share.
    ///
    /// # Errors
    /// None is left: in how many milliseconds there will be one, if nobody else takes it.
    pub(crate) fn take(&mut self, rate: Rate) -> Result<(), u32> {
        self.bucket.take(rate, 1, self.now_ms).map_err(told_ms)
    }

    /// A frame or a request was refused.
    pub(crate) fn count_refused(&mut self, reason: Reason) {
        self.refused += 1;
        self.refusals.count(reason);
        if matches!(reason, Reason::AuthRequired | Reason::AuthFailed) {
            self.auth_failures += 1;
        }
    }

    fn tables(&mut self) -> &mut Tables {
        let keys_max = self.keys_max;
        self.tables.get_or_insert_with(|| Box::new(Tables::new(keys_max)))
    }
}

fn ban_key(subject: Subject) -> Key {
    Tag::BAN.key(subject)
}

fn lockout_key(subject: Subject) -> Key {
    Tag::LOCKOUT.key(subject)
}

fn breaker_key(subject: Subject) -> Key {
    Tag::BREAKER.key(subject)
}

/// Counts by place in [`Reason::ALL`], in its order; those that are not 0.
#[derive(Clone, Default, PartialEq, Eq)]
struct Refusals(Vec<(u16, u64)>);

impl Refusals {
    fn count(&mut self, reason: Reason) {
        // Less than 2^16 reasons: their numbers are that small.
        let place = reason.place() as u16;
        match self.0.binary_search_by_key(&place, |(known, _)| *known) {
            Ok(at) => self.0[at].1 += 1,
            Err(at) => self.0.insert(at, (place, 1)),
        }
    }

    fn iter(&self) -> impl Iterator<Item = (Reason, u64)> + '_ {
        self.0.iter().map(|&(place, count)| (Reason::ALL[usize::from(place)], count))
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
    use crate::quota::Every;

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
    fn a_ledger_is_small_and_holds_nothing_until_it_has_to() {
        assert!(size_of::<Ledger>() <= 128, "{}", size_of::<Ledger>());
        let mut ledger = Ledger::new();
        let (server, config) = (Subject::of(&[b"files"]), breaker());
        let rate = Rate::new(1, Every::Second, 1).expect("a rate");
        assert_eq!(ledger.take(rate), Ok(()));
        assert_eq!((ledger.admit(&[]), ledger.enter(1, &[])), (Ok(()), Ok(())));
        ledger.send_call(server, &config);
        assert_eq!(ledger.end_call(server, Outcome::Answered, &config), None);
        assert_eq!(ledger.fail_attempt(server, &LockoutConfig::default()), Ok(()));
        assert_eq!((ledger.check_lockout(server), ledger.banned_ms(server)), (Ok(()), None));
        assert_eq!(ledger.memory(), 0);
    }

    #[test]
    fn a_ledger_keeps_its_limit_whoever_comes() {
        const KEYS: u32 = 16;
        let mut ledger = Ledger::with_keys_max(KEYS);
        let rate = Rate::new(1, Every::Minute, 2).expect("a rate");
        let lockout = LockoutConfig { failures: 2, ..LockoutConfig::default() };
        Reason::ALL.iter().for_each(|&reason| ledger.count_refused(reason));
        for number in 0..1_000 {
            ledger.advance(number);
            let subject = Subject::session(number);
            let key = Tag::of(&[b"r"]).key(subject);
            let _ = ledger.admit(&[Charge { key, rate, pieces: 1 + number % 2 }]);
            let _ = ledger.fail_attempt(subject, &lockout);
            let _ = ledger.ban(subject, number + 9);
            let _ = ledger.end_call(subject, Outcome::Failed, &breaker());
            let _ = ledger.enter(number, &[Hold { key, max: 1 }]);
            assert!(ledger.memory() <= ledger.memory_max(), "{number}");
        }
        assert!(ledger.memory() > 0);
    }

    #[test]
    fn tables_are_told_apart() {
        let mut ledger = Ledger::new();
        let peer = Subject::of(&[b"peer"]);
        let lockout = LockoutConfig { failures: 1, ban_ms: 50, ..LockoutConfig::default() };
        assert_eq!(ledger.fail_attempt(peer, &lockout), Err(50));
        assert_eq!(ledger.banned_ms(peer), None);
        assert_eq!(ledger.ban(peer, 20), Ok(()));
        ledger.advance(19);
        assert_eq!((ledger.banned_ms(peer), ledger.check_lockout(peer)), (Some(1), Err(31)));
        ledger.advance(20);
        assert_eq!((ledger.banned_ms(peer), ledger.check_lockout(peer)), (None, Err(30)));
        assert_eq!(ledger.check_breaker(peer, &breaker()), Ok(()));
        assert_eq!(ledger.end_call(peer, Outcome::Failed, &breaker()), Some(Turn::Opened));
        assert_eq!(ledger.check_breaker(peer, &breaker()), Err(30_000));
        ledger.advance(30_020);
        assert_eq!(ledger.check_breaker(peer, &breaker()), Ok(()));
        ledger.send_call(peer, &breaker());
        assert_eq!(ledger.check_breaker(peer, &breaker()), Err(30_000));
        assert_eq!(ledger.end_call(peer, Outcome::Answered, &breaker()), Some(Turn::Closed));
    }

    #[test]
    fn a_session_that_is_forgotten_holds_nothing() {
        let mut ledger = Ledger::new();
        let hold = Hold { key: Tag::of(&[b"g"]).key(Subject::GLOBAL), max: 2 };
        for (session, entered) in [(1, Ok(())), (2, Ok(())), (3, Err(0))] {
            assert_eq!(ledger.enter(session, &[hold]), entered);
        }
        ledger.forget_session(1);
        ledger.leave(3, &hold.key);
        assert_eq!(ledger.open(&hold.key), 1);
        assert_eq!(ledger.enter(3, &[hold]), Ok(()));
    }

    fn breaker() -> BreakerConfig {
        BreakerConfig { enabled: true, failures: 1, ..BreakerConfig::default() }
    }
}
