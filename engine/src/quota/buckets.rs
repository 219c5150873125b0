//! The buckets of all keys: a message passes all of its limits, or takes from none.

use super::bucket::{Bucket, told_ms};
use super::key::{Crowd, Key};
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
#[derive(Clone, Debug)]
pub struct Buckets {
    /// A table for each crowd, by its number.
    tables: [Table<Kept>; Crowd::COUNT],
    /// Where the key of each charge stood in the last message: where it stands in the next, if that
    /// comes from the same peer.
    places: Vec<Option<u32>>,
}

/// The bucket of one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Kept {
    bucket: Bucket,
    /// When what was refused would pass: more than one piece may be refused while one would pass.
    refused_ms: u64,
}

impl Buckets {
    /// Buckets for so many keys of each crowd: those that the host knows, addresses, and tools.
    #[must_use]
    pub fn new(keys_max: u32) -> Self {
        let table = || Table::new(keys_max);
        Self { tables: [table(), table(), table()], places: Vec::new() }
    }

    /// Keys that it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tables.iter().map(Table::len).sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(Table::is_empty)
    }

    /// Bytes on the heap, at most.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.tables.iter().map(Table::memory).sum::<usize>()
            + self.places.capacity() * size_of::<Option<u32>>()
    }

    /// Most bytes that buckets for so many keys ever hold, if a message has at most so many charges.
    #[must_use]
    pub const fn memory_max(keys_max: u32, charges_max: usize) -> usize {
        let charges = if charges_max < 4 { 4 } else { charges_max };
        Crowd::COUNT * Table::<Kept>::memory_max(keys_max) + 2 * charges * size_of::<Option<u32>>()
    }

    /// Takes all of these, or none. A key that comes twice takes twice.
    ///
    /// # Errors
    /// One of them has to wait: its bucket has not as much, or its key is new and all places are
    /// held by buckets that refuse.
    pub fn admit(&mut self, charges: &[Charge], now_ms: u64) -> Result<(), Limited> {
        let mut longest = (0, 0);
        self.places.resize(charges.len().max(self.places.len()), None);
        for (number, charge) in charges.iter().enumerate() {
            let place = self.place(charge, self.places[number]);
            self.places[number] = place;
            let wait = self.wait(charge, place, now_ms);
            if wait > 0 {
                self.refuse(charge, place, wait, now_ms);
            }
            if wait > longest.0 {
                longest = (wait, number);
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
        let place = self.table(&charge.key).place(&charge.key);
        self.wait(charge, place, now_ms)
    }

    fn wait(&mut self, charge: &Charge, place: Option<u32>, now_ms: u64) -> u64 {
        let table = self.table(&charge.key);
        match place.and_then(|place| table.at(place, &charge.key)) {
            Some(kept) => kept.bucket.wait_ms(charge.rate, charge.pieces, now_ms),
            None => table.room(now_ms).err().map_or(0, |from| from.saturating_sub(now_ms).max(1)),
        }
    }

    /// Takes one after the other. What each would find alone was looked at: what is short is a
    /// bucket that two of them ask, or the last place that two of them need.
    fn take(&mut self, charges: &[Charge], now_ms: u64) -> Result<(), (u64, usize)> {
        for (number, charge) in charges.iter().enumerate() {
            if let Err(wait) = self.take_one(charge, self.places[number], now_ms) {
                charges[..number].iter().for_each(|taken| self.give_back(taken, now_ms));
                return Err((wait, number));
            }
        }
        Ok(())
    }

    /// Takes from the bucket at this place. Those that came before it in the message may have made
    /// one for its key, or have taken its place.
    fn take_one(&mut self, charge: &Charge, place: Option<u32>, now_ms: u64) -> Result<(), u64> {
        let place = self.place(charge, place);
        let held = place.and_then(|place| self.table(&charge.key).at(place, &charge.key));
        let mut kept = held.copied().unwrap_or_default();
        kept.bucket.take(charge.rate, charge.pieces, now_ms)?;
        let put = self.keep(charge, place, kept, now_ms);
        put.map_err(|from| from.saturating_sub(now_ms).max(1))
    }

    fn give_back(&mut self, charge: &Charge, now_ms: u64) {
        let table = self.table(&charge.key);
        // It may have been evicted by one that came after it: then it is full.
        let Some(place) = table.place(&charge.key) else { return };
        let mut kept = *table.at(place, &charge.key).expect("it stands there");
        kept.bucket.give_back(charge.rate, charge.pieces);
        if kept.bucket.full_ms(charge.rate) <= now_ms {
            table.remove(&charge.key);
        } else {
            self.keep(charge, Some(place), kept, now_ms).expect("the key is known");
        }
    }

    /// What was refused is refused until then, whoever comes.
    fn refuse(&mut self, charge: &Charge, place: Option<u32>, wait: u64, now_ms: u64) {
        let held = place.and_then(|place| self.table(&charge.key).at(place, &charge.key));
        let Some(mut kept) = held.copied() else { return };
        kept.refused_ms = kept.refused_ms.max(now_ms.saturating_add(wait));
        self.keep(charge, place, kept, now_ms).expect("the key is known");
    }

    /// Puts a bucket at the place of its key, if it has one.
    fn keep(
        &mut self,
        charge: &Charge,
        place: Option<u32>,
        kept: Kept,
        now_ms: u64,
    ) -> Result<(), u64> {
        let (open_ms, clear_ms) =
            (kept.bucket.open_ms(charge.rate), kept.bucket.full_ms(charge.rate));
        let span = Span { blocked_ms: open_ms.max(kept.refused_ms), clear_ms };
        let table = self.table(&charge.key);
        match place {
            Some(place) => {
                table.replace(place, kept, span);
                Ok(())
            }
            None => table.put(charge.key, kept, span, now_ms),
        }
    }

    /// Where the key of a charge stands, perhaps where it stood before.
    fn place(&mut self, charge: &Charge, before: Option<u32>) -> Option<u32> {
        let table = self.table(&charge.key);
        let still = before.filter(|&place| table.at(place, &charge.key).is_some());
        still.or_else(|| table.place(&charge.key))
    }

    fn table(&mut self, key: &Key) -> &mut Table<Kept> {
        &mut self.tables[key.crowd()]
    }
}

/// Equal if they hold the same.
impl PartialEq for Buckets {
    fn eq(&self, other: &Self) -> bool {
        self.tables == other.tables
    }
}

impl Eq for Buckets {}

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

    /// Group 15: names that clients make up fill the places of tools, and no others.
    #[test]
    fn a_flooded_crowd_keeps_no_other_out() {
        let minute = rate(1, Every::Minute, 1);
        let of = |crowd, number| {
            let key = Tag::of(&[b"rule"]).by(crowd).key(Subject::session(number));
            [Charge { key, ..charge(0, 0, minute) }]
        };
        for flooded in [Crowd::Known, Crowd::Addresses, Crowd::Tools] {
            let mut buckets = Buckets::new(4);
            for number in 0..4 {
                assert_eq!(buckets.admit(&of(flooded, number), 0), Ok(()));
            }
            for crowd in [Crowd::Known, Crowd::Addresses, Crowd::Tools] {
                let newcomer = buckets.clone().admit(&of(crowd, 9), 0);
                assert_eq!(newcomer.is_err(), crowd == flooded, "{crowd:?} {flooded:?}");
            }
        }
    }

    #[test]
    fn a_place_that_is_taken_over_in_the_message_is_not_the_first_ones() {
        let second = rate(1, Every::Second, 9);
        let mut buckets = Buckets::new(1);
        assert_eq!(buckets.admit(&[charge(0, 1, second)], 0), Ok(()));
        // The new one takes the only place; then the old one comes anew, and is full but for one.
        let both = [charge(0, 2, second), charge(0, 1, second)];
        assert_eq!(buckets.admit(&both, 0), Ok(()));
        let left = (0..20).filter(|_| buckets.admit(&both[1..], 0).is_ok()).count();
        assert_eq!(left, 8);
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
