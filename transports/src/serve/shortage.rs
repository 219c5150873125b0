//! When the system is short of descriptors, processes or memory, as arithmetic: everybody waits for
//! a moment, and it is told now and then.

/// A shortage, and when it was told. Times are monotonic milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shortage {
    until_ms: u64,
    told_ms: Option<u64>,
}

impl Shortage {
    /// Something could not be had; whether it is to be told.
    pub fn begin(&mut self, now_ms: u64) -> bool {
        self.until_ms = now_ms + WAIT_MS;
        let tell = self.told_ms.is_none_or(|told| now_ms >= told + TELL_MS);
        if tell {
            self.told_ms = Some(now_ms);
        }
        tell
    }

    /// Milliseconds until it may be tried again.
    #[must_use]
    pub fn remaining_ms(&self, now_ms: u64) -> u64 {
        self.until_ms.saturating_sub(now_ms)
    }
}

/// So long nothing is tried.
const WAIT_MS: u64 = 100;
/// So often it is told.
const TELL_MS: u64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_passes_and_is_told_now_and_then() {
        let mut shortage = Shortage::default();
        assert_eq!(shortage.remaining_ms(0), 0);
        assert!(shortage.begin(5));
        assert_eq!((shortage.remaining_ms(5), shortage.remaining_ms(105)), (100, 0));
        assert!(!shortage.begin(105) && !shortage.begin(10_004) && shortage.begin(10_005));
    }
}
