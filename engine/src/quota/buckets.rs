//! The buckets of all keys: a message passes all of its limits, or takes from none.

use super::bucket::{Bucket, told_ms};
use super::key::Key;
use super::rate::Rate;
use super::table::{Span, Table};

/// What a message would take under one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Whose bucket.
    pub key: Key,
    /// The rate of the rule.
    pub rate: Rate,
    /// How many pieces: 1 for a message, or its bytes.
    pub pieces: u64,
}

/// A limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// Which of the charges, from 0: of several, the one that has to wait longest.
    pub place: usize,
    /// In how many milliseconds all of them pass, if nobody else takes anything. `u32::MAX`, which
    /// is 49 days, for more.
    pub retry_after_ms: u32,
}

/// A bucket for each key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets(Table<Kept>);

/// The bucket of one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Kept {
    bucket: Bucket,
    /// When what was refused would pass: more than one piece may be refused while one would pass.
    refused_ms: u64,
}

impl Buckets {
    /// Buckets for so many keys.
    #[must_use]
    pub const fn new(keys_max: u32) -> Self {
        Self(Table::new(keys_max))
    }

    /// Keys that it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes on the heap, at most.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.0.memory()
    }

    /// Most bytes that buckets for so many keys ever hold.
    #[must_use]
    pub const fn memory_max(keys_max: u32) -> usize {
        Table::<Kept>::memory_max(keys_max)
    }

    /// Takes all of these, or none. A key that comes twice takes twice.
    ///
    /// # Errors
    /// One of them has to wait: its bucket has not as much, or its key is new and all places are
    /// held by buckets that refuse.
    pub fn admit(&mut self, charges: &[Charge], now_ms: u64) -> Result<(), Limited> {
        let mut longest = (0, 0);
        for (place, charge) in charges.iter().enumerate() {
            let wait = self.wait_ms(charge, now_ms);
            if wait > 0 {
                self.refuse(charge, wait, now_ms);
            }
            if wait > longest.0 {
                longest = (wait, place);
            }
        }
        let refused = match longest {
            (0, _) => self.take(charges, now_ms),
            longest => Err(longest),
        };
        refused.map_err(|(wait, place)| Limited { place, retry_after_ms: told_ms(wait) })
    }

    /// In how many milliseconds this charge alone passes; 0: at once.
    #[must_use]
    pub fn wait_ms(&mut self, charge: &Charge, now_ms: u64) -> u64 {
        match self.0.get(&charge.key) {
            Some((kept, _)) => kept.bucket.wait_ms(charge.rate, charge.pieces, now_ms),
            None => self.0.room(now_ms).err().map_or(0, |from| from.saturating_sub(now_ms).max(1)),
        }
    }

    /// Takes one after the other. What each would find alone was looked at: what is short is a
    /// bucket that two of them ask, or the last place that two of them need.
    fn take(&mut self, charges: &[Charge], now_ms: u64) -> Result<(), (u64, usize)> {
        for (place, charge) in charges.iter().enumerate() {
            if let Err(wait) = self.take_one(charge, now_ms) {
                charges[..place].iter().for_each(|taken| self.give_back(taken, now_ms));
                return Err((wait, place));
            }
        }
        Ok(())
    }

    fn take_one(&mut self, charge: &Charge, now_ms: u64) -> Result<(), u64> {
        let mut kept = self.0.get(&charge.key).map_or_else(Kept::default, |(kept, _)| kept);
        kept.bucket.take(charge.rate, charge.pieces, now_ms)?;
        let put = self.keep(charge, kept, now_ms);
        put.map_err(|from| from.saturating_sub(now_ms).max(1))
    }

    fn give_back(&mut self, charge: &Charge, now_ms: u64) {
        // It may have been evicted by one that came after it: then it is full.
        let Some((mut kept, _)) = self.0.get(&charge.key) else { return };
        kept.bucket.give_back(charge.rate, charge.pieces);
        if kept.bucket.full_ms(charge.rate) <= now_ms {
            self.0.remove(&charge.key);
        } else {
            self.keep(charge, kept, now_ms).expect("the key is known");
        }
    }

    /// What was refused is refused until then, whoever comes.
    fn refuse(&mut self, charge: &Charge, wait: u64, now_ms: u64) {
        let Some((mut kept, _)) = self.0.get(&charge.key) else { return };
        kept.refused_ms = kept.refused_ms.max(now_ms.saturating_add(wait));
        self.keep(charge, kept, now_ms).expect("the key is known");
    }

    fn keep(&mut self, charge: &Charge, kept: Kept, now_ms: u64) -> Result<(), u64> {
        let (open_ms, clear_ms) =
            (kept.bucket.open_ms(charge.rate), kept.bucket.full_ms(charge.rate));
        let span = Span { blocked_ms: open_ms.max(kept.refused_ms), clear_ms };
        self.0.put(charge.key, kept, span, now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::{Subject, Tag};
    use super::super::rate::Every;
    use super::*;

    fn charge(rule: u8, subject: u64, rate: Rate) -> Charge {
        let key = Tag::of(&[&[rule]]).key(Subject::session(subject));
        Charge { key, rate, pieces: 1 }
    }

    fn rate(count: u64, every: Every, burst: u64) -> Rate {
        Rate::new(count, every, burst).expect("a rate")
    }

    fn limited(place: usize, retry_after_ms: u32) -> Result<(), Limited> {
        Err(Limited { place, retry_after_ms })
    }

    #[test]
    fn all_are_taken_or_none() {
        let (many, few) = (rate(1, Every::Second, 10), rate(1, Every::Minute, 1));
        let mut buckets = Buckets::new(8);
        let both = [charge(0, 1, many), charge(1, 1, few)];
        assert_eq!(buckets.admit(&both, 0), Ok(()));
        for _ in 0..20 {
            assert_eq!(buckets.admit(&both, 0), limited(1, 60_000));
        }
        let left = (0..20).filter(|_| buckets.admit(&both[..1], 0).is_ok()).count();
        assert_eq!(left, 9, "the refused took nothing");
        assert_eq!(buckets.admit(&both, 0), limited(1, 60_000), "the longest wait is told");
        assert_eq!(buckets.admit(&both, 59_999), limited(1, 1));
        assert_eq!(buckets.admit(&both, 60_000), Ok(()));
    }

    #[test]
    fn a_key_that_comes_twice_takes_twice_or_not_at_all() {
        let three = rate(1, Every::Second, 3);
        let mut buckets = Buckets::new(8);
        let twice = [charge(0, 1, three); 2];
        assert_eq!(buckets.admit(&twice, 0), Ok(()));
        let before = buckets.clone();
        assert_eq!(buckets.admit(&twice, 0), limited(1, 1_000));
        assert_eq!(buckets, before);
        assert_eq!(buckets.admit(&twice[..1], 0), Ok(()));
    }

    #[test]
    fn a_new_key_that_is_refused_leaves_nothing() {
        let (one, ten) = (rate(1, Every::Second, 1), rate(1, Every::Second, 10));
        let mut buckets = Buckets::new(8);
        assert_eq!(buckets.admit(&[charge(1, 1, one)], 0), Ok(()));
        assert!(buckets.admit(&[charge(0, 1, ten), charge(1, 1, one)], 0).is_err());
        assert!(
            buckets.admit(&[charge(0, 1, ten), charge(2, 1, one), charge(2, 1, one)], 0).is_err()
        );
        assert_eq!(buckets.len(), 1);
    }

    /// Group 15: a refused client does not get a full bucket by a million other names.
    #[test]
    fn no_flood_of_keys_frees_a_blocked_one() {
        let minute = rate(1, Every::Minute, 2);
        let mut buckets = Buckets::new(64);
        let victim = [charge(0, 1, minute)];
        assert_eq!((buckets.admit(&victim, 0), buckets.admit(&victim, 0)), (Ok(()), Ok(())));
        for number in 2..100_000 {
            let _ = buckets.admit(&[charge(0, number, minute)], number / 10);
        }
        assert_eq!(buckets.admit(&victim, 10_000), limited(0, 50_000));
        assert_eq!(buckets.admit(&victim, 60_000), Ok(()));
    }

    #[test]
    fn when_all_are_blocked_a_new_key_waits_for_the_first() {
        let minute = rate(1, Every::Minute, 1);
        let mut buckets = Buckets::new(2);
        for (subject, now) in [(1, 0), (2, 10)] {
            assert_eq!(buckets.admit(&[charge(0, subject, minute)], now), Ok(()));
        }
        assert_eq!(buckets.admit(&[charge(0, 3, minute)], 20), limited(0, 59_980));
        assert_eq!(buckets.admit(&[charge(0, 3, minute)], 59_999), limited(0, 1));
        assert_eq!(buckets.admit(&[charge(0, 3, minute)], 60_000), Ok(()));
        assert_eq!(buckets.admit(&[charge(0, 2, minute)], 60_000), limited(0, 10));
    }

    #[test]
    fn what_was_refused_for_its_size_is_blocked_too() {
        let bytes = rate(1_000, Every::Second, 1_000);
        let sized = |subject, pieces| [Charge { pieces, ..charge(0, subject, bytes) }];
        let mut buckets = Buckets::new(1);
        assert_eq!(buckets.admit(&sized(1, 600), 0), Ok(()));
        assert_eq!(buckets.admit(&sized(1, 600), 0), limited(0, 200));
        assert_eq!(buckets.admit(&sized(2, 1), 199), limited(0, 1));
        assert_eq!(buckets.admit(&sized(1, 600), 199), limited(0, 1));
        assert_eq!(buckets.admit(&sized(1, 100), 199), Ok(()), "less passes");
        assert_eq!(buckets.admit(&sized(1, 600), 200), limited(0, 100));
        assert_eq!(buckets.admit(&sized(2, 1), 299), limited(0, 1));
        assert_eq!(buckets.admit(&sized(1, 600), 300), Ok(()));
    }
}
