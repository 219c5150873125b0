//! Ids of requests: strings or integers, compared by type and value.

use std::cmp::Ordering;

use super::text;

/// The spelling of an id: the digits of an integer, or a string with its quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct IdText<'a>(&'a [u8]);

impl<'a> IdText<'a> {
    /// The id spelled by this JSON value, or `None` if it is none that two peers read alike: a
    /// fraction, an exponent, `-0`, null and everything else that is no string or integer.
    pub(crate) fn parse(value: &'a [u8], bytes_max: usize) -> Option<Self> {
        let good = match value {
            [b'"', inner @ .., b'"'] => !text::has_lone_surrogate(inner),
            [b'-', b'1'..=b'9', digits @ ..] | [b'1'..=b'9', digits @ ..] => {
                digits.iter().all(u8::is_ascii_digit)
            }
            b"0" => true,
            _ => false,
        };
        (good && value.len() <= bytes_max).then_some(Self(value))
    }

    /// The id with this spelling, which was parsed before.
    pub(crate) fn parsed(spelling: &'a [u8]) -> Self {
        Self(spelling)
    }

    /// A number that is equal for equal ids.
    pub(crate) fn hash(self) -> u32 {
        let mix = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        let hash = match self.0 {
            [b'"', inner @ ..] if text::has_escape(inner) => text::decoded(inner).fold(SEED, mix),
            [b'"', inner @ ..] => inner.iter().copied().fold(SEED, mix),
            digits => digits.iter().copied().fold(!SEED, mix),
        };
        // The low bits choose a place in a table; FNV leaves the best ones at the top.
        hash ^ hash >> 15
    }

    /// The order of values: integers before strings, then by their decoded bytes.
    pub(crate) fn order(self, other: IdText<'_>) -> Ordering {
        match (self.0, other.0) {
            ([b'"', a @ ..], [b'"', b @ ..]) if text::has_escape(a) || text::has_escape(b) => {
                text::decoded(a).cmp(text::decoded(b))
            }
            // Integers are spelled in one way only, and no digit or sign is a quote.
            ([b'"', a @ ..], [b'"', b @ ..]) => a.cmp(b),
            ([b'"', ..], _) => Ordering::Greater,
            (_, [b'"', ..]) => Ordering::Less,
            (a, b) => a.cmp(b),
        }
    }
}

const SEED: u32 = 0x811c_9dc5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_every_peer_reads_alike_is_an_id() {
        for good in ["0", "-7", "9007199254740993", "\"\"", "\"1\"", "\"\\u00e9\\/\""] {
            assert!(IdText::parse(good.as_bytes(), 256).is_some(), "{good}");
        }
        for bad in ["-0", "1.0", "1e2", "01", "null", "true", "[]", "{}", "\"\\ud800\""] {
            assert!(IdText::parse(bad.as_bytes(), 256).is_none(), "{bad}");
        }
        assert!(IdText::parse(b"1234", 4).is_some());
        assert!(IdText::parse(b"12345", 4).is_none());
    }

    #[test]
    fn equality_is_of_type_and_value() {
        let id = |spelled: &'static str| IdText::parse(spelled.as_bytes(), 256).expect("an id");
        for (a, b, same) in [
            ("1", "1", true),
            ("1", "\"1\"", false),
            ("\"\\u00e9\\/a\"", "\"\u{e9}/a\"", true),
            ("\"a\"", "\"b\"", false),
            ("\"\"", "\"\\u0022\"", false),
        ] {
            assert_eq!(id(a).order(id(b)).is_eq(), same, "{a} {b}");
            assert_eq!(id(b).order(id(a)).is_eq(), same, "{b} {a}");
            assert_eq!(id(a).hash() == id(b).hash(), same, "{a} {b}");
        }
    }
}
