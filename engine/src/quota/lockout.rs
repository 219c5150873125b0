//! Who fails too often is locked out for a while.

use super::bucket::told_ms;
use super::config::LockoutConfig;
use super::key::Key;
use super::table::{Span, Table};

/// Failed attempts by key.
///
/// A count is forgotten when so much time went by without a failure, not so much after the first:
/// so among any `failures` failures within `window_ms` the last one locks out, wherever they begin.
/// A success changes nothing unless `success_clears` says so. An attempt during a lock-out is no
/// failure, and does not make it longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lockouts(Table<u32>);

impl Lockouts {
    /// Counts for so many keys.
    #[must_use]
    pub const fn new(keys_max: u32) -> Self {
        Self(Table::new(keys_max))
    }

    /// The table.
    #[must_use]
    pub const fn table(&self) -> &Table<u32> {
        &self.0
    }

    /// Whether this key may try.
    ///
    /// # Errors
    /// It is locked out: for how many milliseconds. So is a new one while all places are held by
    /// such, since its failures could not be counted.
    pub fn check(&mut self, key: &Key, now_ms: u64) -> Result<(), u32> {
        let until = match self.0.get(key) {
            Some((_, span)) => span.blocked_ms,
            None => self.0.room(now_ms).err().unwrap_or(0),
        };
        match until.saturating_sub(now_ms) {
            0 => Ok(()),
            wait => Err(told_ms(wait)),
        }
    }

    /// It tried, and failed.
    ///
    /// # Errors
    /// It is locked out: for how many milliseconds.
    pub fn fail(&mut self, key: Key, config: &LockoutConfig, now_ms: u64) -> Result<(), u32> {
        if config.failures == 0 {
            return Ok(());
        }
        self.check(&key, now_ms)?;
        let counted = self.0.get(&key).filter(|(_, span)| span.clear_ms > now_ms);
        let count = counted.map_or(0, |(count, _)| count).saturating_add(1);
        let (count, span) = if count < config.failures {
            let clear_ms = now_ms.saturating_add(config.window_ms);
            (count, Span { blocked_ms: 0, clear_ms })
        } else {
            let until = now_ms.saturating_add(config.ban_ms);
            (0, Span { blocked_ms: until, clear_ms: until })
        };
        let put = self.0.put(key, count, span, now_ms);
        debug_assert!(put.is_ok(), "the key is known, or there was room for it");
        self.check(&key, now_ms)
    }

    /// It tried, and succeeded.
    pub fn succeed(&mut self, key: &Key, config: &LockoutConfig, now_ms: u64) {
        if config.success_clears && self.check(key, now_ms).is_ok() {
            self.0.remove(key);
        }
    }
}

/// Keys that the host has banned, until a time of the monotonic clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bans(Table<()>);

impl Bans {
    /// Bans of so many keys.
    #[must_use]
    pub const fn new(keys_max: u32) -> Self {
        Self(Table::new(keys_max))
    }

    /// The table.
    #[must_use]
    pub const fn table(&self) -> &Table<()> {
        &self.0
    }

    /// Bans this key until then, whatever was said of it before.
    ///
    /// # Errors
    /// There is no place, since as many others are banned: the first time at which one is not.
    pub fn ban(&mut self, key: Key, until_ms: u64, now_ms: u64) -> Result<(), u64> {
        self.0.put(key, (), Span { blocked_ms: until_ms, clear_ms: until_ms }, now_ms)
    }

    /// Lifts a ban; whether there was one.
    pub fn lift(&mut self, key: &Key) -> bool {
        self.0.remove(key).is_some()
    }

    /// For how many milliseconds this key is banned.
    #[must_use]
    pub fn left_ms(&self, key: &Key, now_ms: u64) -> Option<u32> {
        let (_, span) = self.0.get(key)?;
        (span.blocked_ms > now_ms).then(|| told_ms(span.blocked_ms - now_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::{Subject, Tag};
    use super::*;

    fn key(number: u64) -> Key {
        Tag::of(&[]).key(Subject::session(number))
    }

    fn config(failures: u32) -> LockoutConfig {
        LockoutConfig { failures, window_ms: 1_000, ban_ms: 5_000, success_clears: false }
    }

    #[test]
    fn the_last_failure_locks_out_and_none_before() {
        for failures in [1, 2, 5] {
            let mut lockouts = Lockouts::new(8);
            for at in 1..failures {
                assert_eq!(lockouts.fail(key(1), &config(failures), 0), Ok(()), "{at}");
                assert_eq!(lockouts.check(&key(1), 0), Ok(()));
            }
            assert_eq!(lockouts.fail(key(1), &config(failures), 0), Err(5_000), "{failures}");
            for (now, left) in [(0, Err(5_000)), (4_999, Err(1)), (5_000, Ok(()))] {
                assert_eq!(lockouts.check(&key(1), now), left, "{now}");
            }
            assert_eq!(lockouts.check(&key(2), 0), Ok(()), "nobody else");
        }
    }

    #[test]
    fn attempts_while_locked_out_make_it_no_longer() {
        let mut lockouts = Lockouts::new(8);
        assert_eq!(lockouts.fail(key(1), &config(1), 0), Err(5_000));
        assert_eq!(lockouts.fail(key(1), &config(1), 4_000), Err(1_000));
        assert_eq!(lockouts.check(&key(1), 5_000), Ok(()));
        assert_eq!(lockouts.fail(key(1), &config(2), 5_000), Ok(()), "it counts anew");
    }

    #[test]
    fn quiet_forgets_at_the_end_of_the_window() {
        for (gap, locked) in [(999, true), (1_000, false), (1_001, false)] {
            let mut lockouts = Lockouts::new(8);
            assert_eq!(lockouts.fail(key(1), &config(2), 0), Ok(()));
            assert_eq!(lockouts.fail(key(1), &config(2), gap).is_err(), locked, "{gap}");
        }
    }

    #[test]
    fn success_frees_a_guesser_only_if_the_host_wants_it() {
        for success_clears in [false, true] {
            let config = LockoutConfig { success_clears, ..config(3) };
            let mut lockouts = Lockouts::new(8);
            let mut locked = false;
            for now in 0..10 {
                locked |= lockouts.fail(key(1), &config, now).is_err();
                lockouts.succeed(&key(1), &config, now);
            }
            assert_eq!(locked, !success_clears);
        }
        let config = LockoutConfig { success_clears: true, ..config(1) };
        let mut lockouts = Lockouts::new(8);
        assert!(lockouts.fail(key(1), &config, 0).is_err());
        lockouts.succeed(&key(1), &config, 1);
        assert!(lockouts.check(&key(1), 1).is_err(), "never what is locked out");
    }

    #[test]
    fn off_counts_nothing() {
        let mut lockouts = Lockouts::new(8);
        for now in 0..100 {
            assert_eq!(lockouts.fail(key(1), &config(0), now), Ok(()));
        }
        assert!(lockouts.table().is_empty());
    }

    #[test]
    fn no_flood_frees_who_is_locked_out_and_a_full_table_locks_newcomers() {
        let mut lockouts = Lockouts::new(4);
        for number in 0..3 {
            assert!(lockouts.fail(key(number), &config(1), number).is_err());
        }
        for number in 10..10_000 {
            assert_eq!(lockouts.fail(key(number), &config(2), 100), Ok(()));
        }
        assert_eq!(lockouts.check(&key(0), 100), Err(4_900));
        assert!(lockouts.fail(key(9), &config(1), 100).is_err());
        assert_eq!(lockouts.check(&key(50), 100), Err(4_900));
        assert_eq!(lockouts.fail(key(50), &config(2), 100), Err(4_900));
        assert_eq!(lockouts.check(&key(50), 5_000), Ok(()));
    }

    #[test]
    fn a_ban_ends_at_its_time_or_by_the_host() {
        let mut bans = Bans::new(2);
        assert_eq!(bans.ban(key(1), 100, 0), Ok(()));
        for (now, left) in [(0, Some(100)), (99, Some(1)), (100, None)] {
            assert_eq!(bans.left_ms(&key(1), now), left);
        }
        assert_eq!(bans.ban(key(2), u64::MAX, 0), Ok(()));
        assert_eq!(bans.left_ms(&key(2), 0), Some(u32::MAX));
        assert_eq!(bans.ban(key(3), 50, 99), Err(100), "no place");
        assert_eq!(bans.ban(key(3), 500, 100), Ok(()), "that of one that is over");
        assert!(bans.lift(&key(2)) && !bans.lift(&key(2)));
        assert_eq!(bans.left_ms(&key(2), 0), None);
    }
}
