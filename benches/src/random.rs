//! A small generator of pseudo-random numbers, so that workloads are the same on every machine.

/// SplitMix64: eight lines, passes the usual tests, needs no crate.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which is not zero.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.number() % limit as u64) as usize
    }

    /// One of these.
    pub fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// Appends `count` characters of an ASCII alphabet.
    pub fn text(&mut self, alphabet: &str, count: usize, out: &mut String) {
        let alphabet = alphabet.as_bytes();
        out.extend((0..count).map(|_| char::from(alphabet[self.below(alphabet.len())])));
    }

    /// `count` words with a space between them.
    pub fn words(&mut self, count: usize) -> String {
        let words: Vec<&str> = (0..count).map(|_| self.one(WORDS)).collect();
        words.join(" ")
    }

    /// A length around `middle`, mostly below it, sometimes ten times as much.
    pub fn length(&mut self, middle: usize) -> usize {
        let quarter = middle / 4;
        match self.below(16) {
            0..4 => quarter + self.below(quarter + 1),
            4..12 => middle / 2 + self.below(middle + 1),
            12..15 => middle + self.below(2 * middle + 1),
            _ => middle * (2 + self.below(9)),
        }
    }
}

/// Words as they stand in tool results.
pub const WORDS: &[&str] = &[
    "the", "of", "and", "to", "in", "is", "for", "on", "with", "server", "client", "request",
    "response", "session", "resource", "prompt", "tool", "call", "result", "schema", "field",
    "value", "default", "config", "path", "file", "line", "error", "warning", "timeout", "retry",
    "buffer", "stream", "index", "cache", "memory", "thread", "queue", "worker", "event",
    "handler", "message", "header", "body", "status", "version", "branch", "commit", "deploy",
    "cluster", "node", "service", "user", "email", "name", "password", "key", "access", "role",
    "policy", "audit", "log", "metric", "trace", "latency", "database", "table", "row", "query",
    "update",
];

/// Letters and digits.
pub const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Lower-case hexadecimal digits.
pub const HEX: &str = "0123456789abcdef";
/// Base64's alphabet.
pub const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Lower-case letters.
pub const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
/// Digits.
pub const DIGITS: &str = "0123456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_numbers() {
        let (mut a, mut b) = (Random::new(7), Random::new(7));
        assert!((0..100).all(|_| a.number() == b.number()));
        assert_eq!(Random::new(0).number(), 0xe220_a839_7b1d_cdaf, "the published first value");
    }
}
