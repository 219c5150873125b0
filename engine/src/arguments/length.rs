//! How long a string or an array is.

use super::check::Denial;
use super::config::LengthConfig;

#[derive(Debug)]
pub(super) struct Length {
    min: u64,
    max: u64,
}

impl Length {
    pub(super) const DENIAL: Denial = Denial::of("length");

    /// Compiles it, or says why not.
    pub(super) fn compile(config: LengthConfig) -> Result<Self, &'static str> {
        if config == LengthConfig::default() {
            return Err("says nothing: give min, max or both");
        }
        let (min, max) = (config.min.unwrap_or(0), config.max.unwrap_or(u64::MAX));
        if min > max { Err("min is greater than max") } else { Ok(Self { min, max }) }
    }

    /// Judges a string by its characters.
    pub(super) fn judge_text(&self, text: &str) -> Result<(), Denial> {
        // A character has four bytes at most.
        if (text.len() as u64).div_ceil(4) > self.max {
            return Err(Self::DENIAL);
        }
        self.judge(text.chars().count() as u64)
    }

    /// Judges a number of elements.
    pub(super) fn judge(&self, length: u64) -> Result<(), Denial> {
        if (self.min..=self.max).contains(&length) { Ok(()) } else { Err(Self::DENIAL) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_it() {
        let length = |min, max| Length::compile(LengthConfig { min, max });
        for letter in ["a", "\u{e9}", "\u{20ac}", "\u{1f600}"] {
            let between = length(Some(3), Some(5)).expect("good");
            for (count, is_good) in
                [(0, false), (2, false), (3, true), (4, true), (5, true), (6, false)]
            {
                let text = letter.repeat(count);
                assert_eq!(between.judge_text(&text).is_ok(), is_good, "{text}");
                assert_eq!(between.judge(count as u64).is_ok(), is_good, "{count}");
            }
        }
        let at_most = length(None, Some(0)).expect("good");
        assert!(at_most.judge_text("").is_ok() && at_most.judge_text("a").is_err());
        let at_least = length(Some(1), None).expect("good");
        assert!(at_least.judge_text("").is_err() && at_least.judge(u64::MAX).is_ok());
        assert!(length(None, None).is_err() && length(Some(2), Some(1)).is_err());
        assert!(length(Some(2), Some(2)).is_ok());
    }
}
