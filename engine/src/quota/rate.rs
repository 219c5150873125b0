//! So many in so much time.

use serde::{Deserialize, Serialize};

/// The time in which a rate counts.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// 1,000 ms.
    Second,
    /// 60,000 ms.
    #[default]
    Minute,
    /// 3,600,000 ms.
    Hour,
    /// 86,400,000 ms: any 24 hours, not a day of the calendar.
    Day,
}

impl Every {
    /// Its length in milliseconds.
    #[must_use]
    pub const fn ms(self) -> u64 {
        match self {
            Self::Second => 1_000,
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }
}

/// A rate that limits something: messages, or bytes.
///
/// One piece is [`Every::ms`] parts, and a rate of `count` pieces brings `count` parts in each
/// millisecond. So all is integers, and nothing is lost or won by asking often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    count: u64,
    every: Every,
    burst: u64,
}

impl Rate {
    /// The greatest count, and the greatest burst: 2^36, so that the parts of a day fit an `i64`.
    pub const MAX: u64 = 1 << 36;

    /// `count` pieces every `every` in the long run, and up to `burst` at once after a quiet time.
    /// Nothing if either is 0 or more than [`MAX`](Self::MAX).
    #[must_use]
    pub fn new(count: u64, every: Every, burst: u64) -> Option<Self> {
        let fits = |number: u64| (1..=Self::MAX).contains(&number);
        (fits(count) && fits(burst)).then_some(Self { count, every, burst })
    }

    /// Pieces in the time of [`every`](Self::every). At least 1.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.count
    }

    /// The time in which it counts.
    #[must_use]
    pub const fn every(self) -> Every {
        self.every
    }

    /// Most pieces at once. At least 1.
    #[must_use]
    pub const fn burst(self) -> u64 {
        self.burst
    }

    /// The parts of so many pieces; of [`MAX`](Self::MAX) pieces, if there are more.
    pub(crate) fn parts(self, pieces: u64) -> i64 {
        // 2^36 pieces of less than 2^27 parts each.
        (pieces.min(Self::MAX) * self.every.ms()) as i64
    }

    /// The parts that so many milliseconds bring.
    pub(crate) fn gain(self, ms: u64) -> i64 {
        i64::try_from(self.count.saturating_mul(ms)).unwrap_or(i64::MAX)
    }

    /// How many milliseconds bring so many parts.
    pub(crate) fn ms(self, parts: u64) -> u64 {
        parts.div_ceil(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_lies_between_one_and_its_limit() {
        for (number, fits) in [
            (0, false),
            (1, true),
            (Rate::MAX - 1, true),
            (Rate::MAX, true),
            (Rate::MAX + 1, false),
        ] {
            assert_eq!(Rate::new(number, Every::Day, 1).is_some(), fits, "{number}");
            assert_eq!(Rate::new(1, Every::Day, number).is_some(), fits, "{number}");
        }
    }

    #[test]
    fn the_parts_of_the_greatest_rate_fit() {
        let rate = Rate::new(Rate::MAX, Every::Day, Rate::MAX).expect("a rate");
        assert_eq!(i128::from(rate.parts(Rate::MAX)), (1 << 36) * 86_400_000_i128);
        assert_eq!(rate.parts(u64::MAX), rate.parts(Rate::MAX));
        assert_eq!(rate.gain(u64::MAX), i64::MAX);
    }
}
