//! Time that this thread computed, and one piece of work between two of a yardstick.
//!
//! What other processes do on the machine does not count, so one round is like the next even where
//! several build at once. Nothing that waits or uses a second thread may be measured so.

use rustix::time::{ClockId, clock_gettime};

use crate::stats::{median, range};

/// Seconds that this thread spent on this.
pub fn spent(work: impl FnOnce()) -> f64 {
    let before = now();
    work();
    now() - before
}

fn now() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Rounds of a piece of work, each between two of a yardstick.
#[derive(Clone, Debug, Default)]
pub struct Paired {
    /// Seconds of the work.
    pub work: Vec<f64>,
    /// Seconds of the yardstick, the mean of before and after.
    pub yardstick: Vec<f64>,
}

impl Paired {
    /// Measures so many rounds, after one of the work that does not count.
    pub fn rounds(rounds: usize, mut yardstick: impl FnMut(), mut work: impl FnMut()) -> Self {
        let mut paired = Self::default();
        work();
        for _ in 0..rounds {
            let before = spent(&mut yardstick);
            paired.work.push(spent(&mut work));
            let after = spent(&mut yardstick);
            paired.yardstick.push((before + after) / 2.0);
        }
        paired
    }

    /// How many times as fast as the yardstick, round by round.
    #[must_use]
    pub fn ratios(&self) -> Vec<f64> {
        self.yardstick.iter().zip(&self.work).map(|(yardstick, work)| yardstick / work).collect()
    }

    /// The median of [`ratios`](Self::ratios).
    ///
    /// # Panics
    /// Without a round.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        median(&self.ratios())
    }

    /// The range of the ratios, for a note.
    #[must_use]
    pub fn spread(&self) -> String {
        let (low, high) = range(&self.ratios());
        format!("{low:.3} to {high:.3}")
    }

    /// Megabytes a second of the work, for so many bytes.
    ///
    /// # Panics
    /// Without a round.
    #[must_use]
    pub fn rate(&self, bytes: usize) -> f64 {
        bytes as f64 / 1e6 / median(&self.work)
    }

    /// Megabytes a second of the yardstick, for so many bytes.
    ///
    /// # Panics
    /// Without a round.
    #[must_use]
    pub fn yardstick_rate(&self, bytes: usize) -> f64 {
        bytes as f64 / 1e6 / median(&self.yardstick)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yardstick_stands_before_and_after() {
        let order = std::cell::RefCell::new(String::new());
        let note = |what| order.borrow_mut().push(what);
        let paired = Paired::rounds(2, || note('y'), || note('w'));
        assert_eq!(*order.borrow(), "wywyywy");
        assert_eq!((paired.work.len(), paired.yardstick.len()), (2, 2));
    }

    #[test]
    fn ratios_say_how_much_faster() {
        let paired = Paired { work: vec![1.0, 2.0, 4.0], yardstick: vec![2.0, 2.0, 2.0] };
        assert_eq!(paired.ratio(), 1.0);
        assert_eq!(paired.spread(), "0.500 to 2.000");
        assert_eq!(paired.rate(2_000_000), 1.0);
    }
}
