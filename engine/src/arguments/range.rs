//! How great a number is.

use std::cmp::Ordering;

use super::check::Denial;
use super::config::RangeConfig;
use super::decimal::Decimal;

#[derive(Debug)]
pub(super) struct Range {
    min: Option<Decimal>,
    max: Option<Decimal>,
}

impl Range {
    pub(super) const DENIAL: Denial = Denial::of("range");

    /// Compiles it, or says why not.
    pub(super) fn compile(config: &RangeConfig) -> Result<Self, &'static str> {
        let RangeConfig { min, max } = config.clone();
        match (&min, &max) {
            (None, None) => Err("says nothing: give min, max or both"),
            (Some(min), Some(max)) if min.compare_to(max) == Ordering::Greater => {
                Err("min is greater than max")
            }
            _ => Ok(Self { min, max }),
        }
    }

    /// Judges a number by its spelling, exactly.
    pub(super) fn judge(&self, number: &str) -> Result<(), Denial> {
        let number = number.as_bytes();
        let is_below = self.min.as_ref().is_some_and(|min| min.compare(number).is_gt());
        let is_above = self.max.as_ref().is_some_and(|max| max.compare(number).is_lt());
        if is_below || is_above { Err(Self::DENIAL) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_it_and_nothing_is_rounded() {
        let range = |min: &str, max: &str| {
            let decimal = |text: &str| Decimal::parse(text);
            Range::compile(&RangeConfig { min: decimal(min), max: decimal(max) })
        };
        let big = range("-1", "9007199254740992").expect("good");
        for (number, is_good) in [
            ("-2", false),
            ("-1.0000000000000000000000000001", false),
            ("-1", true),
            ("-0", true),
            ("9007199254740991", true),
            ("9007199254740992", true),
            ("9007199254740993", false),
            ("9007199254740992.5", false),
            ("1e400", false),
            ("1e15", true),
        ] {
            assert_eq!(big.judge(number).is_ok(), is_good, "{number}");
        }
        let hundred = range("100", "1e2").expect("good");
        assert!(hundred.judge("1e2").is_ok() && hundred.judge("99.9").is_err());
        assert!(range("", "").is_err() && range("2", "1.5").is_err());
        let open = range("", "5").expect("good");
        assert!(open.judge("-1e400").is_ok() && open.judge("6").is_err());
    }
}
