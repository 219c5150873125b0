//! The bucket that keeps a rate: what passes takes from it, time fills it again.
//!
//! The level is a whole number of the rate's parts, reckoned from the last time that something was
//! taken. A refusal changes nothing, so who asks often neither wins nor loses: what lies between
//! two passes counts in full.
//!
//! Invariant: what was taken in any time is at most the burst, and what the rate brings in that
//! time, and, if pieces are larger than the burst, one of them.

use super::rate::Rate;

/// What is left of a rate. A new one is full, whatever the rate will be.
///
/// Asked with another rate than before, the level stays as far as the new burst allows, and the time
/// since the last pass counts at the new rate; the two have the same [`Every`](super::Every).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// In parts of a piece, at `filled_ms`. Below 0 after a pass that was larger than the burst.
    level: i64,
    /// When something was last taken; the greatest time of all calls that took.
    filled_ms: u64,
}

impl Default for Bucket {
    fn default() -> Self {
        Self { level: i64::MAX, filled_ms: 0 }
    }
}

impl Bucket {
    /// In how many milliseconds so many pieces can be taken, if nobody else takes any; 0: at once.
    ///
    /// More than the burst can be taken from a full bucket, which then owes the rest: a frame that
    /// is larger than the burst would never pass otherwise, and the rate holds in the long run.
    #[must_use]
    pub fn wait_ms(&self, rate: Rate, pieces: u64, now_ms: u64) -> u64 {
        if pieces == 0 {
            return 0;
        }
        let (level, wanted) = (self.level(rate, now_ms), rate.parts(pieces.min(rate.burst())));
        if level >= wanted {
            return 0;
        }
        let ahead = self.filled_ms.saturating_sub(now_ms);
        ahead.saturating_add(rate.ms(wanted.abs_diff(level)))
    }

    /// Takes so many pieces.
    ///
    /// # Errors
    /// There are not as many: [`wait_ms`](Self::wait_ms). Nothing is taken.
    pub fn take(&mut self, rate: Rate, pieces: u64, now_ms: u64) -> Result<(), u64> {
        match self.wait_ms(rate, pieces, now_ms) {
            0 => {
                self.level = self.level(rate, now_ms).saturating_sub(rate.parts(pieces));
                self.filled_ms = self.filled_ms.max(now_ms);
                Ok(())
            }
            wait => Err(wait),
        }
    }

    /// Gives back what was taken at the same time.
    pub(crate) fn give_back(&mut self, rate: Rate, pieces: u64) {
        self.level = self.level.saturating_add(rate.parts(pieces)).min(rate.parts(rate.burst()));
    }

    /// When one piece can be taken.
    pub(crate) fn open_ms(&self, rate: Rate) -> u64 {
        self.at_ms(rate, rate.parts(1))
    }

    /// When it is full, and nothing that was taken matters any more.
    pub(crate) fn full_ms(&self, rate: Rate) -> u64 {
        self.at_ms(rate, rate.parts(rate.burst()))
    }

    fn at_ms(&self, rate: Rate, wanted: i64) -> u64 {
        match self.level(rate, self.filled_ms) {
            level if level >= wanted => self.filled_ms,
            level => self.filled_ms.saturating_add(rate.ms(wanted.abs_diff(level))),
        }
    }

    fn level(&self, rate: Rate, now_ms: u64) -> i64 {
        let gain = rate.gain(now_ms.saturating_sub(self.filled_ms));
        self.level.saturating_add(gain).min(rate.parts(rate.burst()))
    }
}

/// Milliseconds as a refusal tells them: more than `u32::MAX`, 49 days, are told as that.
pub(crate) fn told_ms(wait_ms: u64) -> u32 {
    u32::try_from(wait_ms).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::rate::Every;
    use super::*;

    const HOUR_MS: u64 = 3_600_000;

    fn rate(count: u64, every: Every, burst: u64) -> Rate {
        Rate::new(count, every, burst).expect("a rate")
    }

    fn second(count: u64, burst: u64) -> Rate {
        rate(count, Every::Second, burst)
    }

    /// How many of these times find a piece.
    fn passes(rate: Rate, times: impl Iterator<Item = u64>) -> u64 {
        let mut bucket = Bucket::default();
        times.filter(|&now| bucket.take(rate, 1, now).is_ok()).count() as u64
    }

    /// Group 15: a client that hammers every 10 ms. The sample of seed 1 gives it the burst and then
    /// nothing for ever, since each refusal moves the time from which it fills.
    #[test]
    fn who_hammers_gets_the_burst_and_exactly_the_refill() {
        for (count, burst) in [(1, 10), (1, 1), (7, 70), (33, 5), (99, 990)] {
            let taken = passes(second(count, burst), (0..=HOUR_MS / 10).map(|tick| tick * 10));
            assert_eq!(taken, burst + count * HOUR_MS / 1_000, "{count}");
        }
        // Its own numbers: 10 a minute, 10 at once, and what it gives.
        let taken = passes(rate(10, Every::Minute, 10), (0..=HOUR_MS / 10).map(|tick| tick * 10));
        assert_eq!(taken, 10 + 10 * 60);
        assert_eq!(passes_of_the_sample(10, 10, HOUR_MS), 10);
    }

    /// `TokenBucket.consume` of seed 1.
    fn passes_of_the_sample(tokens_max: u64, refill: u64, until_ms: u64) -> u64 {
        let (mut tokens, mut last, mut taken) = (tokens_max, 0, 0);
        for now in (0..=until_ms).step_by(10) {
            tokens = (tokens + (now - last) / 1_000 * refill / 60).min(tokens_max);
            last = now;
            if tokens > 0 {
                (tokens, taken) = (tokens - 1, taken + 1);
            }
        }
        taken
    }

    /// Group 15: less than one a second.
    #[test]
    fn rates_below_one_a_second_are_exact() {
        for (count, every) in
            [(1, Every::Minute), (7, Every::Hour), (1, Every::Hour), (11, Every::Day)]
        {
            let until = 3 * every.ms();
            let step = (every.ms() / 6_000).max(10);
            let taken = passes(rate(count, every, 1), (0..=until / step).map(|tick| tick * step));
            // Each wait ends at the next tick; what a tick comes late counts for the next.
            let mut bucket = Bucket::default();
            let (mut now, mut naive) = (0, 0);
            while now <= until {
                assert_eq!(bucket.take(rate(count, every, 1), 1, now), Ok(()), "{every:?} {now}");
                naive += 1;
                let wait = bucket.wait_ms(rate(count, every, 1), 1, now);
                assert!(bucket.wait_ms(rate(count, every, 1), 1, now + wait - 1) == 1);
                now += wait.next_multiple_of(step);
            }
            assert_eq!(taken, naive, "{every:?}");
        }
    }

    #[test]
    fn a_burst_passes_and_one_more_does_not() {
        for every in [Every::Second, Every::Minute, Every::Hour, Every::Day] {
            for burst in [1, 2, 20, 1_000] {
                let rate = rate(60, every, burst);
                let mut bucket = Bucket::default();
                for place in 1..=burst {
                    assert_eq!(bucket.take(rate, 1, 7), Ok(()), "{place} of {burst}");
                }
                assert_eq!(bucket.take(rate, 1, 7), Err(every.ms().div_ceil(60)), "{burst}");
            }
        }
    }

    #[test]
    fn the_time_to_wait_is_exact() {
        for count in [1, 3, 7, 999, 1_000, 1_001, 4_294_967_295] {
            let rate = second(count, 1);
            let mut bucket = Bucket::default();
            assert_eq!(bucket.take(rate, 1, 5), Ok(()));
            let wait = bucket.take(rate, 1, 5).expect_err("empty");
            assert_eq!(wait, 1_000_u64.div_ceil(count), "{count}");
            if wait > 1 {
                assert_eq!(bucket.take(rate, 1, 5 + wait - 1), Err(1), "{count}");
            }
            assert_eq!(bucket.take(rate, 1, 5 + wait), Ok(()), "{count}");
        }
    }

    #[test]
    fn a_refusal_changes_nothing() {
        let rate = second(3, 2);
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take(rate, 2, 0), Ok(()));
        let before = bucket;
        for now in [0, 1, 100, 333] {
            assert!(bucket.take(rate, 1, now).is_err(), "{now}");
            assert_eq!(bucket, before);
        }
    }

    /// Group 15: the clock leaps by hours.
    #[test]
    fn a_leap_of_hours_fills_it_and_no_more() {
        let rate = second(2, 20);
        let mut bucket = Bucket::default();
        for leap in [0, HOUR_MS, u64::MAX / 2, u64::MAX] {
            let taken = (0..100).filter(|_| bucket.take(rate, 1, leap).is_ok()).count();
            assert_eq!(taken, 20, "{leap}");
        }
    }

    /// Group 15: the clock goes back.
    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let rate = second(1, 1);
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take(rate, 1, 10_000), Ok(()));
        for now in [0, 9_999, 10_000, 5, 10_999] {
            assert_eq!(bucket.take(rate, 1, now), Err(11_000 - now), "{now}");
        }
        assert_eq!(bucket.take(rate, 1, 11_000), Ok(()));
    }

    #[test]
    fn the_greatest_rate_overflows_nothing() {
        for every in [Every::Second, Every::Day] {
            for count in [1, Rate::MAX] {
                let rate = rate(count, every, Rate::MAX);
                let mut bucket = Bucket::default();
                assert_eq!(bucket.take(rate, u64::MAX, 0), Ok(()), "all of it");
                let wait = every.ms().div_ceil(count);
                assert_eq!(bucket.take(rate, 1, 0), Err(wait));
                assert_eq!(bucket.take(rate, 1, wait), Ok(()));
                assert_eq!(bucket.take(rate, Rate::MAX, u64::MAX), Ok(()));
                assert_eq!(bucket.take(rate, 1, u64::MAX), Err(wait));
                assert_eq!(bucket.full_ms(rate), u64::MAX);
            }
        }
    }

    #[test]
    fn more_than_the_burst_passes_when_full_and_is_owed() {
        let rate = rate(100, Every::Second, 50);
        for (pieces, wait) in [(49, 0), (50, 10), (51, 20), (1_050, 10_010)] {
            let mut bucket = Bucket::default();
            assert_eq!(bucket.take(rate, pieces, 0), Ok(()), "{pieces}");
            assert_eq!(bucket.wait_ms(rate, 1, 0), wait, "{pieces}");
            assert_eq!(bucket.wait_ms(rate, 5_000, 0), pieces * 10, "only when full");
        }
    }

    #[test]
    fn nothing_costs_nothing() {
        let rate = second(1, 1);
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take(rate, 9, 0), Ok(()));
        assert_eq!(bucket.take(rate, 0, 0), Ok(()));
    }

    #[test]
    fn what_is_given_back_was_never_taken() {
        let rate = second(7, 5);
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take(rate, 4, 0), Ok(()));
        let wait = bucket.wait_ms(rate, 5, 100);
        assert_eq!(bucket.take(rate, 1, 100), Ok(()));
        bucket.give_back(rate, 1);
        assert_eq!(bucket.wait_ms(rate, 5, 100), wait);
    }

    #[test]
    fn another_rate_keeps_the_level_as_far_as_its_burst_goes() {
        let mut bucket = Bucket::default();
        assert_eq!(bucket.take(second(1, 10), 1, 0), Ok(()));
        let small = (0..10).filter(|_| bucket.take(second(1, 3), 1, 0).is_ok()).count();
        assert_eq!(small, 3);
        assert_eq!(bucket.take(second(1, 10), 1, 0), Err(1_000), "it was empty and stays so");
    }

    #[test]
    fn a_wait_of_more_than_49_days_is_told_as_that() {
        let most = u64::from(u32::MAX);
        for (wait, told) in [(most - 1, u32::MAX - 1), (most, u32::MAX), (most + 1, u32::MAX)] {
            assert_eq!(told_ms(wait), told);
        }
        assert_eq!(told_ms(86_400_000), 86_400_000, "one a day is told exactly");
    }
}
