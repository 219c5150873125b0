//! How much is open at once: calls, and sessions.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::key::{Crowd, Key};

/// What an open call or session would hold under one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Whose count.
    pub key: Key,
    /// Most at once.
    pub max: u32,
}

/// Counts of what is open, by key and by the session that holds it, so that all that a session
/// holds can be let go at once. A count of 0 takes no place.
///
/// Invariants: the count of a key is the sum over its sessions; `pairs` are those of `held`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gauges {
    counts: BTreeMap<Key, u32>,
    held: BTreeMap<(u64, Key), u32>,
    /// How many pairs of each crowd are held.
    pairs: [u32; Crowd::COUNT],
    keys_max: u32,
}

impl Gauges {
    /// Counts for so many pairs of session and key, of each crowd.
    #[must_use]
    pub const fn new(keys_max: u32) -> Self {
        let pairs = [0; Crowd::COUNT];
        Self { counts: BTreeMap::new(), held: BTreeMap::new(), pairs, keys_max }
    }

    /// How much is open under this key.
    #[must_use]
    pub fn count(&self, key: &Key) -> u32 {
        self.counts.get(key).copied().unwrap_or(0)
    }

    /// Holds all of these for a session, or none. A key that comes twice is held twice.
    ///
    /// # Errors
    /// Which of them is the first that cannot be held: as many as its `max` are open, or there are
    /// as many counts as places.
    pub fn enter(&mut self, session: u64, holds: &[Hold]) -> Result<(), usize> {
        for (place, hold) in holds.iter().enumerate() {
            if !self.enter_one(session, hold) {
                holds[..place].iter().for_each(|entered| self.leave(session, &entered.key));
                return Err(place);
            }
        }
        Ok(())
    }

    /// Lets one go. Nothing if the session holds none.
    pub fn leave(&mut self, session: u64, key: &Key) {
        if let Entry::Occupied(mut entry) = self.held.entry((session, *key)) {
            match entry.get_mut() {
                1 => {
                    entry.remove();
                    self.pairs[key.crowd()] -= 1;
                }
                held => *held -= 1,
            }
            self.lower(key, 1);
        }
    }

    /// Lets go all that a session holds.
    pub fn forget(&mut self, session: u64) {
        let all = (session, Key::MIN)..=(session, Key::MAX);
        while let Some((&(_, key), &held)) = self.held.range(all.clone()).next() {
            self.held.remove(&(session, key));
            self.pairs[key.crowd()] -= 1;
            self.lower(&key, held);
        }
    }

    /// Bytes on the heap, at most.
    #[must_use]
    pub fn memory(&self) -> usize {
        tree_bytes(self.counts.len()) + tree_bytes(self.held.len())
    }

    /// Most bytes that counts for so many pairs ever hold.
    #[must_use]
    pub const fn memory_max(keys_max: u32) -> usize {
        2 * tree_bytes(Crowd::COUNT * keys_max as usize)
    }

    fn enter_one(&mut self, session: u64, hold: &Hold) -> bool {
        let pairs = &mut self.pairs[hold.key.crowd()];
        let count = self.counts.entry(hold.key);
        let open = match &count {
            Entry::Occupied(count) => *count.get(),
            Entry::Vacant(_) => 0,
        };
        if open >= hold.max {
            return false;
        }
        match self.held.entry((session, hold.key)) {
            Entry::Occupied(mut held) => *held.get_mut() += 1,
            Entry::Vacant(_) if *pairs >= self.keys_max => return false,
            Entry::Vacant(held) => {
                held.insert(1);
                *pairs += 1;
            }
        }
        // No more than `max`, so neither overflows.
        *count.or_insert(0) += 1;
        true
    }

    fn lower(&mut self, key: &Key, by: u32) {
        if let Entry::Occupied(mut entry) = self.counts.entry(*key) {
            match entry.get().saturating_sub(by) {
                0 => drop(entry.remove()),
                left => *entry.get_mut() = left,
            }
        }
    }
}

/// Bytes of a tree with so many entries, at most: a node has room for eleven, and all but the first
/// hold five or more.
pub(crate) const fn tree_bytes(entries: usize) -> usize {
    if entries == 0 { 0 } else { 512 + entries * 112 }
}

#[cfg(test)]
mod tests {
    use super::super::key::{Subject, Tag};
    use super::*;

    fn hold(rule: u8, max: u32) -> Hold {
        Hold { key: Tag::of(&[&[rule]]).key(Subject::GLOBAL), max }
    }

    #[test]
    fn as_many_as_the_limit_are_open() {
        for max in [1, 2, 9] {
            let mut gauges = Gauges::new(64);
            for open in 0..max {
                assert_eq!(gauges.count(&hold(0, max).key), open);
                assert_eq!(gauges.enter(u64::from(open % 2), &[hold(0, max)]), Ok(()));
            }
            assert_eq!(gauges.enter(5, &[hold(0, max)]), Err(0), "{max}");
            gauges.leave(0, &hold(0, max).key);
            assert_eq!(gauges.enter(5, &[hold(0, max)]), Ok(()));
        }
        assert_eq!(Gauges::new(64).enter(0, &[hold(0, 0)]), Err(0), "none at all");
    }

    #[test]
    fn all_are_held_or_none() {
        let mut gauges = Gauges::new(64);
        let holds = [hold(0, 9), hold(1, 1)];
        assert_eq!(gauges.enter(1, &holds), Ok(()));
        let before = gauges.clone();
        assert_eq!(gauges.enter(2, &holds), Err(1));
        assert_eq!(gauges.enter(2, &[hold(2, 1), hold(2, 1)]), Err(1), "twice is two");
        assert_eq!(gauges, before);
    }

    #[test]
    fn nothing_is_let_go_that_is_not_held() {
        let mut gauges = Gauges::new(64);
        assert_eq!(gauges.enter(1, &[hold(0, 9)]), Ok(()));
        gauges.leave(2, &hold(0, 9).key);
        gauges.leave(1, &hold(1, 9).key);
        assert_eq!(gauges.count(&hold(0, 9).key), 1);
        for _ in 0..3 {
            gauges.leave(1, &hold(0, 9).key);
        }
        assert_eq!(gauges, Gauges::new(64));
    }

    #[test]
    fn a_session_that_ends_lets_go_what_it_holds() {
        let mut gauges = Gauges::new(64);
        for session in [0, 1, 2, u64::MAX] {
            for _ in 0..3 {
                assert_eq!(gauges.enter(session, &[hold(0, 99), hold(1, 99)]), Ok(()));
            }
        }
        for (session, left) in [(1, 9), (7, 9), (0, 6), (u64::MAX, 3), (1, 3), (2, 0)] {
            gauges.forget(session);
            assert_eq!(gauges.count(&hold(1, 99).key), left, "{session}");
        }
        assert_eq!(gauges, Gauges::new(64));
    }

    #[test]
    fn there_are_as_many_counts_as_places() {
        let mut gauges = Gauges::new(3);
        for session in 0..3 {
            assert_eq!(gauges.enter(session, &[hold(0, 99)]), Ok(()));
        }
        assert_eq!(gauges.enter(3, &[hold(0, 99)]), Err(0));
        assert_eq!(gauges.enter(2, &[hold(0, 99)]), Ok(()), "a known pair needs no place");
        gauges.forget(0);
        assert_eq!(gauges.enter(3, &[hold(0, 99)]), Ok(()));
        assert!(gauges.memory() <= Gauges::memory_max(3));
    }
}
