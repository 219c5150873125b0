//! Numbers as they are written, compared exactly: no digit is rounded away.
//!
//! A number is kept as the digits between its first and its last that is not zero, and the place of
//! the point. Comparing is one walk over the digits, however long they are.

use std::cmp::Ordering;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::wire::number;

/// A number of a configuration. Written as a number or, for fractions with many digits, as a string
/// that holds one. At most 400 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal(Box<str>);

impl Decimal {
    /// Reads a number as JSON spells it (RFC 8259 section 6); `None` if it is none, or longer than
    /// 400 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        (text.len() <= BYTES_MAX && is_number && number::is_atom(text.as_bytes()))
            .then(|| Self(text.into()))
    }

    /// How this compares with a number of a frame.
    pub(super) fn compare(&self, number: &[u8]) -> Ordering {
        compare(self.0.as_bytes(), number)
    }

    /// How this compares with another.
    pub(super) fn compare_to(&self, other: &Self) -> Ordering {
        self.compare(other.0.as_bytes())
    }
}

/// The greatest float has 309 digits.
const BYTES_MAX: usize = 400;

/// Whether the value of a number of a frame has no fraction.
pub(super) fn is_whole(number: &[u8]) -> bool {
    let digits = Digits::of(number);
    digits.is_zero() || digits.len() as i64 <= digits.point
}

fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = (Digits::of(a), Digits::of(b));
    match (a.is_zero(), b.is_zero()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return if b.negative { Ordering::Greater } else { Ordering::Less },
        (false, true) => return if a.negative { Ordering::Less } else { Ordering::Greater },
        (false, false) => {}
    }
    match (a.negative, b.negative) {
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => a.compare_size(&b),
        (true, true) => b.compare_size(&a),
    }
}

/// The digits of a number, without zeros at either end, in two stretches; the value is
/// `0.DIGITS * 10^point`.
struct Digits<'a> {
    negative: bool,
    before: &'a [u8],
    behind: &'a [u8],
    point: i64,
}

impl<'a> Digits<'a> {
    /// The digits of a number of JSON.
    fn of(text: &'a [u8]) -> Self {
        let negative = text.first() == Some(&b'-');
        let text = &text[usize::from(negative)..];
        let is_e = |byte: &u8| matches!(byte, b'e' | b'E');
        let mantissa_end = text.iter().position(is_e).unwrap_or(text.len());
        let (mantissa, exponent) = text.split_at(mantissa_end);
        let whole_end = mantissa.iter().position(|b| *b == b'.').unwrap_or(mantissa.len());
        let (before, behind) = mantissa.split_at(whole_end);
        let behind = behind.get(1..).unwrap_or_default();
        let mut point = before.len() as i64 + exponent_of(exponent);
        let mut parts = (before, behind);
        point -= zeros(parts.0.iter()) as i64;
        parts.0 = &parts.0[zeros(parts.0.iter())..];
        if parts.0.is_empty() {
            point -= zeros(parts.1.iter()) as i64;
            parts.1 = &parts.1[zeros(parts.1.iter())..];
        }
        parts.1 = &parts.1[..parts.1.len() - zeros(parts.1.iter().rev())];
        if parts.1.is_empty() {
            parts.0 = &parts.0[..parts.0.len() - zeros(parts.0.iter().rev())];
        }
        Self { negative, before: parts.0, behind: parts.1, point }
    }

    fn is_zero(&self) -> bool {
        self.len() == 0
    }

    fn len(&self) -> usize {
        self.before.len() + self.behind.len()
    }

    /// Compares without the sign. Neither is zero.
    fn compare_size(&self, other: &Self) -> Ordering {
        self.point.cmp(&other.point).then_with(|| {
            self.before.iter().chain(self.behind).cmp(other.before.iter().chain(other.behind))
        })
    }
}

/// How many zeros stand at the start.
fn zeros<'a>(digits: impl Iterator<Item = &'a u8>) -> usize {
    digits.take_while(|digit| **digit == b'0').count()
}

/// The value of an exponent, with its `e`. One that no number of a configuration comes near counts as
/// a great one.
fn exponent_of(text: &[u8]) -> i64 {
    const GREAT: i64 = 1 << 50;
    let Some(text) = text.get(1..) else { return 0 };
    let value = text.iter().filter(|byte| byte.is_ascii_digit()).fold(0_i64, |value, digit| {
        value.saturating_mul(10).saturating_add(i64::from(digit - b'0')).min(GREAT)
    });
    if text.first() == Some(&b'-') { -value } else { value }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.parse::<i64>() {
            Ok(number) => serializer.serialize_i64(number),
            Err(_) => serializer.serialize_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or a string that holds one as JSON writes it")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Decimal, E> {
        Ok(Decimal(value.to_string().into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Decimal, E> {
        Ok(Decimal(value.to_string().into()))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Decimal, E> {
        Ok(Decimal(value.to_string().into()))
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Decimal, E> {
        Ok(Decimal(value.to_string().into()))
    }

    /// The shortest decimal that stands for this float: what was written, up to 15 digits.
    fn visit_f64<E: Error>(self, value: f64) -> Result<Decimal, E> {
        Decimal::parse(&value.to_string()).ok_or_else(|| E::custom("the number is not finite"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Decimal, E> {
        Decimal::parse(value).ok_or_else(|| E::custom("the string holds no number of JSON"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_their_exact_value() {
        use Ordering::{Equal, Greater, Less};
        for (a, b, wanted) in [
            ("1", "1", Equal),
            ("1e2", "100", Equal),
            ("1E+2", "100.000", Equal),
            ("10000e-2", "100", Equal),
            ("0.1", "1e-1", Equal),
            ("0", "-0.0e99", Equal),
            ("0e5", "0", Equal),
            ("-1", "0", Less),
            ("0", "1e-400", Less),
            ("0", "-1e-400", Greater),
            ("9007199254740993", "9007199254740992", Greater),
            ("9007199254740993", "9007199254740993.0", Equal),
            ("-9007199254740993", "-9007199254740992", Less),
            ("0.30000000000000004", "0.3", Greater),
            ("100", "99.999", Greater),
            ("1e400", "9e399", Greater),
            ("1e99999999999999999999", "1", Greater),
            ("1e-99999999999999999999", "1", Less),
            ("-1e99999999999999999999", "1", Less),
            ("12", "121", Less),
            ("120", "12", Greater),
            ("0.0012", "0.0012", Equal),
            ("1.05", "1.5", Less),
        ] {
            assert_eq!(compare(a.as_bytes(), b.as_bytes()), wanted, "{a} {b}");
            assert_eq!(compare(b.as_bytes(), a.as_bytes()), wanted.reverse(), "{b} {a}");
        }
    }

    /// All small numbers in a few spellings, against integers.
    #[test]
    fn a_small_world_agrees_with_integers() {
        let all = (-120..=120).flat_map(|n: i64| {
            let tenth =
                format!("{}{}.{}", if n < 0 { "-" } else { "" }, n.abs() / 10, n.abs() % 10);
            [
                (n, tenth),
                (n, format!("{n}e-1")),
                (n * 10, n.to_string()),
                (n * 100, format!("{n}E1")),
            ]
        });
        let all: Vec<(i64, String)> = all.collect();
        for (a, a_text) in &all {
            assert_eq!(is_whole(a_text.as_bytes()), a % 10 == 0, "{a_text}");
            for (b, b_text) in &all {
                assert_eq!(
                    compare(a_text.as_bytes(), b_text.as_bytes()),
                    a.cmp(b),
                    "{a_text} {b_text}"
                );
            }
        }
    }

    #[test]
    fn a_configuration_gives_numbers_or_strings() {
        let read = |text: &str| serde_json::from_str::<Decimal>(text);
        for (text, wanted) in [
            ("9007199254740993", "9007199254740993"),
            ("-5", "-5"),
            ("18446744073709551615", "18446744073709551615"),
            ("0.1", "0.1"),
            ("1e2", "100"),
            ("\"123456789012345678901234567890.5\"", "123456789012345678901234567890.5"),
        ] {
            let got = read(text).expect(text);
            assert_eq!(got.compare(wanted.as_bytes()), Ordering::Equal, "{text}");
            let again = serde_json::to_string(&got).expect("it is written");
            assert_eq!(read(&again).expect("it is read"), got, "{text}");
        }
        for text in ["\"\"", "\"x\"", "\"01\"", "\"1 \"", "true", "null", "\"true\"", "\"+1\""] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
