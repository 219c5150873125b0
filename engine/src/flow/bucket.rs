//! The bucket of tokens that limits what clients say. Each message takes one; time fills it again.
//!
//! Integers only, so that nothing is lost or won by asking often: one token is a thousand parts,
//! and a rate of so many tokens a second is as many parts a millisecond.
//!
//! Invariant: after each call the level is at most the burst of the rate that was asked with.

use crate::judge::policy::Rate;

/// Parts of one token.
const TOKEN: u64 = 1_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    /// In parts of a token; `None` while nothing was taken: it is full, whatever the rate will be.
    level: Option<u64>,
    /// The greatest time at which it was filled.
    filled_ms: u64,
}

impl Bucket {
    /// Takes a token.
    ///
    /// With another rate than before, the level stays as far as the new burst allows; time since
    /// the last call counts at the new rate.
    ///
    /// # Errors
    /// No token is left: in how many milliseconds there will be one, if nobody else takes it.
    pub(crate) fn take(&mut self, rate: Rate, now_ms: u64) -> Result<(), u32> {
        let per_ms = u64::from(rate.per_second);
        let elapsed = now_ms.saturating_sub(self.filled_ms);
        self.filled_ms = self.filled_ms.max(now_ms);
        let full = rate.burst * TOKEN;
        let filled = |level: u64| level.saturating_add(per_ms.saturating_mul(elapsed)).min(full);
        let level = self.level.map_or(full, filled);
        let left = level.checked_sub(TOKEN);
        self.level = left.or(Some(level));
        match left {
            Some(_) => Ok(()),
            // At most a second: a whole token at one part a millisecond.
            None => Err((TOKEN - level).div_ceil(per_ms) as u32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(per_second: u32, burst: u64) -> Rate {
        Rate { per_second, burst }
    }

    #[test]
    fn who_hammers_gets_the_burst_and_exactly_the_refill() {
        const HOUR_MS: u64 = 3_600_000;
        for (per_second, burst) in [(1, 10), (1, 1), (7, 70), (33, 5), (99, 990)] {
            let mut bucket = Bucket::default();
            let taken = (0..=HOUR_MS / 10)
                .filter(|tick| bucket.take(rate(per_second, burst), tick * 10).is_ok())
                .count() as u64;
            assert_eq!(taken, burst + u64::from(per_second) * HOUR_MS / 1_000, "{per_second}");
        }
    }

    #[test]
    fn the_time_to_wait_is_exact() {
        for per_second in [1, 3, 7, 999, 1_000, 1_001, u32::MAX] {
            let rate = rate(per_second, 1);
            let mut bucket = Bucket::default();
            assert_eq!(bucket.take(rate, 5), Ok(()));
            let wait = bucket.take(rate, 5).expect_err("empty");
            assert!((1..=1_000).contains(&wait), "{per_second}: {wait}");
            assert_eq!(wait, 1_000_u32.div_ceil(per_second), "{per_second}");
            if wait > 1 {
                assert_eq!(bucket.take(rate, 5 + u64::from(wait) - 1), Err(1), "{per_second}");
            }
            assert_eq!(bucket.take(rate, 5 + u64::from(wait)), Ok(()), "{per_second}");
        }
    }

    #[test]
    fn a_leap_of_hours_fills_it_and_no_more() {
        let rate = rate(2, 20);
        let mut bucket = Bucket::default();
        for leap in [0, 3_600_000, u64::MAX / 2, u64::MAX] {
            let taken = (0..100).filter(|_| bucket.take(rate, leap).is_ok()).count();
            assert_eq!(taken, 20, "{leap}");
        }
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let rate = rate(1, 1);
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take(rate, 10_000), Ok(()));
        for now in [0, 9_999, 10_000, 5, 10_999] {
            assert!(bucket.take(rate, now).is_err(), "{now}");
        }
        assert_eq!(bucket.take(rate, 11_000), Ok(()));
    }

    #[test]
    fn the_greatest_rate_overflows_nothing() {
        let rate = rate(u32::MAX, 10 * u64::from(u32::MAX));
        let mut bucket = Bucket::default();
        for now in [0, 1, u64::MAX] {
            assert_eq!(bucket.take(rate, now), Ok(()));
        }
        assert_eq!(bucket.level, Some(rate.burst * TOKEN - TOKEN));
    }

    #[test]
    fn another_rate_keeps_the_level_as_far_as_its_burst_goes() {
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take(rate(1, 10), 0), Ok(()));
        let small = (0..10).filter(|_| bucket.take(rate(1, 3), 0).is_ok()).count();
        assert_eq!(small, 3);
        assert_eq!(bucket.take(rate(1, 10), 0), Err(1_000), "it was empty and stays so");
    }
}
