//! When a server that dies at once may be started again, as arithmetic. It reads no clock.
//!
//! ```text
//! failures in a row    1    2    3    4  ...   9 and more
//! milliseconds         0  100  200  400  ...  10,000
//! ```

/// How often a server failed in a row, and when it may be started again. Times are monotonic
/// milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
    until_ms: u64,
    /// When the last failure was.
    failed_ms: u64,
}

impl Backoff {
    /// The server could not be started, or ended by itself after `lived_ms`.
    pub fn fail(&mut self, lived_ms: u64, now_ms: u64) {
        if lived_ms >= AT_ONCE_MS {
            *self = Backoff::default();
            return;
        }
        // Those that were started before the last failure was known tell nothing new.
        if self.failures > 0 && now_ms.saturating_sub(lived_ms) < self.failed_ms {
            return;
        }
        self.failed_ms = now_ms;
        self.failures = self.failures.saturating_add(1);
        let doublings = self.failures.saturating_sub(2).min(16);
        let wait = if self.failures < 2 { 0 } else { (FIRST_MS << doublings).min(LONGEST_MS) };
        self.until_ms = now_ms + wait;
    }

    /// A server is started. While it is not known to work, the next waits for what becomes of it.
    pub fn start(&mut self, now_ms: u64) {
        if self.failures > 0 {
            self.until_ms = now_ms + AT_ONCE_MS;
        }
    }

    /// A server did its work until its client left.
    pub fn succeed(&mut self) {
        *self = Backoff::default();
    }

    /// Milliseconds until the next start may be.
    #[must_use]
    pub fn remaining_ms(&self, now_ms: u64) -> u64 {
        self.until_ms.saturating_sub(now_ms)
    }

    /// How often it failed in a row.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

/// A server that lives so long has started.
const AT_ONCE_MS: u64 = 1_000;
/// The second failure in a row costs so much; the first may be bad luck.
const FIRST_MS: u64 = 100;
/// Well below the minute at which the common clients give up.
const LONGEST_MS: u64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_cap_and_are_forgotten_by_success() {
        let mut backoff = Backoff::default();
        let mut waits = Vec::new();
        for _ in 0..10 {
            backoff.fail(0, 1_000);
            waits.push(backoff.remaining_ms(1_000));
        }
        assert_eq!(waits, [0, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
        assert_eq!((backoff.remaining_ms(10_999), backoff.remaining_ms(11_000)), (1, 0));
        let before = backoff;
        backoff.fail(300, 1_200);
        assert_eq!(backoff, before, "it was started before the last failure");
        backoff.fail(999, 20_000);
        assert_eq!(backoff.remaining_ms(20_000), 10_000);
        backoff.fail(1_000, 20_000);
        assert_eq!((backoff.remaining_ms(20_000), backoff.failures()), (0, 0));
        backoff.start(0);
        assert_eq!(backoff, Backoff::default(), "nothing is known against it");
        backoff.fail(0, 0);
        backoff.start(0);
        assert_eq!(backoff.remaining_ms(1), 999, "one is tried at a time");
        backoff.fail(0, 2);
        assert_eq!(backoff.remaining_ms(2), 100);
        backoff.succeed();
        assert_eq!(backoff, Backoff::default());
        for _ in 0..100 {
            backoff.fail(0, u64::MAX - 20_000);
        }
        assert_eq!(backoff.remaining_ms(u64::MAX - 20_000), LONGEST_MS);
    }
}
