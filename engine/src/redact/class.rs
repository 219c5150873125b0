//! Sets of bytes, one bit each, that the catalogue builds its alphabets from.
//!
//! A class is a union of small disjoint sets, so that membership is one load and one test, whatever
//! the alphabet. Bytes from 0x80 up are in no class: no credential of the catalogue holds one.

/// A set of bytes, as a union of the basic sets below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class(u16);

impl Class {
    pub(crate) const DIGIT: Class = Class(1);
    const HEX_LOW: Class = Class(1 << 1);
    const LOW: Class = Class(1 << 2);
    const HEX_UP: Class = Class(1 << 3);
    const UP: Class = Class(1 << 4);
    pub(crate) const DASH: Class = Class(1 << 5);
    pub(crate) const UNDER: Class = Class(1 << 6);
    pub(crate) const DOT: Class = Class(1 << 7);
    pub(crate) const PLUS: Class = Class(1 << 8);
    pub(crate) const SLASH: Class = Class(1 << 9);
    pub(crate) const EQUALS: Class = Class(1 << 10);
    pub(crate) const TILDE: Class = Class(1 << 11);
    pub(crate) const PERCENT: Class = Class(1 << 12);

    pub(crate) const LOWER: Class = Self::HEX_LOW.or(Self::LOW);
    pub(crate) const UPPER: Class = Self::HEX_UP.or(Self::UP);
    pub(crate) const HEX: Class = Self::DIGIT.or(Self::HEX_LOW).or(Self::HEX_UP);
    pub(crate) const ALPHA: Class = Self::LOWER.or(Self::UPPER);
    pub(crate) const ALNUM: Class = Self::ALPHA.or(Self::DIGIT);
    /// Upper-case letters and digits.
    pub(crate) const UPNUM: Class = Self::UPPER.or(Self::DIGIT);
    /// The token class: a run of it is what the frame scanner looks for.
    pub(crate) const TOKEN: Class = Self::ALNUM.or(Self::DASH).or(Self::UNDER);
    /// Tokens of several parts with dots between them.
    pub(crate) const DOTTED: Class = Self::TOKEN.or(Self::DOT);
    /// The standard base64 alphabet without its padding.
    pub(crate) const BASE64: Class = Self::ALNUM.or(Self::PLUS).or(Self::SLASH);
    /// What an opaque value may hold: both base64 alphabets, dots and tildes.
    pub(crate) const VALUE: Class = Self::DOTTED.or(Self::PLUS).or(Self::SLASH).or(Self::TILDE);

    pub(crate) const fn or(self, other: Class) -> Class {
        Class(self.0 | other.0)
    }

    pub(crate) const fn has(self, byte: u8) -> bool {
        BITS[byte as usize] & self.0 != 0
    }

    /// Whether all these bytes are in the class.
    pub(crate) fn all(self, bytes: &[u8]) -> bool {
        bytes.iter().all(|b| self.has(*b))
    }

    /// How many bytes from `at` on are in the class, at most `limit` of them.
    pub(crate) fn span(self, text: &[u8], at: usize, limit: usize) -> usize {
        let end = text.len().min(at.saturating_add(limit));
        let mut i = at;
        while i < end && self.has(text[i]) {
            i += 1;
        }
        meter(i.saturating_sub(at));
        i.saturating_sub(at)
    }

    /// How many bytes right before `at` are in the class, at most `limit` of them.
    pub(crate) fn span_back(self, text: &[u8], at: usize, limit: usize) -> usize {
        let mut count = 0;
        while count < limit && count < at && self.has(text[at - 1 - count]) {
            count += 1;
        }
        meter(count);
        count
    }

    /// The members in order of their values; the example maker draws from them.
    pub(crate) fn members(self) -> impl Iterator<Item = u8> {
        (0..=127u8).filter(move |b| self.has(*b))
    }
}

/// A set of any bytes, as a table.
pub(crate) const fn table(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut i = 0;
    while i < bytes.len() {
        table[bytes[i] as usize] = true;
        i += 1;
    }
    table
}

const BITS: [u16; 256] = {
    let mut table = [0u16; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = match b as u8 {
            b'0'..=b'9' => Class::DIGIT.0,
            b'a'..=b'f' => Class::HEX_LOW.0,
            b'g'..=b'z' => Class::LOW.0,
            b'A'..=b'F' => Class::HEX_UP.0,
            b'G'..=b'Z' => Class::UP.0,
            b'-' => Class::DASH.0,
            b'_' => Class::UNDER.0,
            b'.' => Class::DOT.0,
            b'+' => Class::PLUS.0,
            b'/' => Class::SLASH.0,
            b'=' => Class::EQUALS.0,
            b'~' => Class::TILDE.0,
            b'%' => Class::PERCENT.0,
            _ => 0,
        };
        b += 1;
    }
    table
};

/// Counts the bytes looked at, so that tests can tell linear work from other work without a clock.
#[cfg(not(test))]
pub(crate) fn meter(_bytes: usize) {}

#[cfg(test)]
pub(crate) fn meter(bytes: usize) {
    METER.with(|meter| meter.set(meter.get() + bytes as u64));
}

#[cfg(test)]
thread_local! {
    /// The bytes looked at by this test.
    pub(crate) static METER: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}
