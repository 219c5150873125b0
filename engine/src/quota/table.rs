//! A bounded table that never forgets what it refuses.
//!
//! Strangers choose the keys, and there are more of them than places. An entry that is *clear*
//! carries no information: it would be made anew as it is. So that goes first; then the one that is
//! clear soonest, which is the fullest of buckets. An entry that is *blocked* is never forgotten, or
//! who was refused would only have to come under enough other names. When all are blocked, a new
//! key finds no place, and its caller refuses it.
//!
//! Keys stand in a tree by their order. Two heaps hold what may go, by the time at which it is
//! clear, and what is blocked, by its end. Both are mended late: an entry that was put again stays
//! where it is until it comes to the top. Each such mending was caused by an earlier put, so a call
//! costs the logarithm of the places, over all calls, whatever keys come.
//!
//! Invariant: each entry is in one of the heaps, ordered by a time that is no later than its own.

use std::collections::BTreeMap;
use std::fmt;

use super::gauge::tree_bytes;
use super::heap::Heap;
use super::key::Key;

/// How long an entry matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Before this it refuses, and is not forgotten.
    pub blocked_ms: u64,
    /// From this on it is as if it had never been.
    pub clear_ms: u64,
}

/// Values by key, at most so many. Memory is taken as needed, and kept.
#[derive(Clone)]
pub struct Table<V> {
    index: BTreeMap<Key, u32>,
    slots: Vec<Slot<V>>,
    free: Vec<u32>,
    /// The place of each slot in its heap.
    at: Vec<u32>,
    /// By the time at which they are clear.
    ready: Heap,
    /// By the time until which they are blocked.
    blocked: Heap,
    keys_max: u32,
    /// How often a heap was touched.
    #[cfg(test)]
    steps: u64,
}

#[derive(Clone)]
struct Slot<V> {
    key: Key,
    value: V,
    span: Span,
    stand: Stand,
}

/// In which list a slot is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stand {
    Free,
    Ready,
    Blocked,
}

impl<V: Copy> Table<V> {
    /// An empty table for so many keys, at least one.
    #[must_use]
    pub const fn new(keys_max: u32) -> Self {
        Self {
            index: BTreeMap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            at: Vec::new(),
            ready: Heap::EMPTY,
            blocked: Heap::EMPTY,
            keys_max: if keys_max == 0 { 1 } else { keys_max },
            #[cfg(test)]
            steps: 0,
        }
    }

    /// Keys that it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// What is held under this key.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<(V, Span)> {
        let slot = &self.slots[self.place(key)? as usize];
        Some((slot.value, slot.span))
    }

    /// Where a key stands.
    pub(crate) fn place(&self, key: &Key) -> Option<u32> {
        self.index.get(key).copied()
    }

    /// What is held at this place, if it still is that key's.
    pub(crate) fn at(&self, place: u32, key: &Key) -> Option<&V> {
        let slot = self.slots.get(place as usize)?;
        (slot.stand != Stand::Free && slot.key == *key).then_some(&slot.value)
    }

    /// Puts a value at the place of its key.
    pub(crate) fn replace(&mut self, place: u32, value: V, span: Span) {
        let slot = &mut self.slots[place as usize];
        (slot.value, slot.span) = (value, span);
        self.hasten(place);
    }

    /// Puts a value, in the place of what was held under the key.
    ///
    /// # Errors
    /// The key is new, and all places are held by blocked ones: the first time at which one of
    /// those is not.
    pub fn put(&mut self, key: Key, value: V, span: Span, now_ms: u64) -> Result<(), u64> {
        if let Some(place) = self.place(&key) {
            self.replace(place, value, span);
            return Ok(());
        }
        if let Some(oldest) = self.victim(now_ms)? {
            self.drop_slot(oldest);
        }
        let slot = Slot { key, value, span, stand: Stand::Ready };
        let number = match self.free.pop() {
            Some(number) => {
                self.slots[number as usize] = slot;
                number
            }
            None => {
                self.slots.push(slot);
                self.at.push(0);
                self.slots.len() as u32 - 1
            }
        };
        self.index.insert(key, number);
        self.ready.push(&mut self.at, span.clear_ms, number);
        Ok(())
    }

    /// Forgets this key.
    pub fn remove(&mut self, key: &Key) -> Option<V> {
        let number = *self.index.get(key)?;
        self.drop_slot(number);
        Some(self.slots[number as usize].value)
    }

    /// Whether a new key would find a place.
    ///
    /// # Errors
    /// As those of [`put`](Self::put).
    pub fn room(&mut self, now_ms: u64) -> Result<(), u64> {
        self.victim(now_ms).map(drop)
    }

    /// Bytes on the heap, at most.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.slots.capacity() * size_of::<Slot<V>>()
            + (self.free.capacity() + self.at.capacity()) * size_of::<u32>()
            + (self.ready.capacity() + self.blocked.capacity()) * size_of::<(u64, u32)>()
            + tree_bytes(self.index.len())
    }

    /// Most bytes that a table of so many keys ever holds. Lists that double count twice.
    #[must_use]
    pub const fn memory_max(keys_max: u32) -> usize {
        let lists = size_of::<Slot<V>>() + 2 * size_of::<u32>() + 2 * size_of::<(u64, u32)>();
        // A list starts with room for four.
        let keys = if keys_max < 4 { 4 } else { keys_max as usize };
        keys * 2 * lists + tree_bytes(keys)
    }

    /// Who goes if a key comes; none while there is a place.
    fn victim(&mut self, now_ms: u64) -> Result<Option<u32>, u64> {
        if self.index.len() < self.keys_max as usize {
            return Ok(None);
        }
        while let Some((time, number)) = self.blocked.first() {
            let span = self.slots[number as usize].span;
            self.count_step();
            if span.blocked_ms > time {
                self.blocked.set_time(&mut self.at, number, span.blocked_ms);
            } else if time <= now_ms {
                self.blocked.remove(&mut self.at, number);
                self.ready.push(&mut self.at, span.clear_ms, number);
                self.slots[number as usize].stand = Stand::Ready;
            } else {
                break;
            }
        }
        while let Some((time, number)) = self.ready.first() {
            let span = self.slots[number as usize].span;
            self.count_step();
            if span.blocked_ms > now_ms {
                self.ready.remove(&mut self.at, number);
                self.blocked.push(&mut self.at, span.blocked_ms, number);
                self.slots[number as usize].stand = Stand::Blocked;
            } else if span.clear_ms > time {
                self.ready.set_time(&mut self.at, number, span.clear_ms);
            } else {
                return Ok(Some(number));
            }
        }
        Err(self.blocked.first().map_or(now_ms, |(time, _)| time))
    }

    /// Orders a slot anew whose time came earlier; one whose time came later is mended at the top.
    fn hasten(&mut self, number: u32) {
        let slot = &self.slots[number as usize];
        let (heap, time) = match slot.stand {
            Stand::Blocked => (&mut self.blocked, slot.span.blocked_ms),
            _ => (&mut self.ready, slot.span.clear_ms),
        };
        if time < heap.time(&self.at, number) {
            heap.set_time(&mut self.at, number, time);
        }
    }

    fn drop_slot(&mut self, number: u32) {
        let slot = &mut self.slots[number as usize];
        self.index.remove(&slot.key);
        let stood = std::mem::replace(&mut slot.stand, Stand::Free);
        let heap = if stood == Stand::Blocked { &mut self.blocked } else { &mut self.ready };
        heap.remove(&mut self.at, number);
        self.free.push(number);
    }

    fn count_step(&mut self) {
        #[cfg(test)]
        {
            self.steps += 1;
        }
    }
}

/// Equal if they hold the same, however they came to it.
impl<V: Copy + PartialEq> PartialEq for Table<V> {
    fn eq(&self, other: &Self) -> bool {
        let held = |table: &Self| table.index.len();
        self.keys_max == other.keys_max
            && held(self) == held(other)
            && self.index.keys().all(|key| self.get(key) == other.get(key))
    }
}

impl<V: Copy + Eq> Eq for Table<V> {}

impl<V> fmt::Debug for Table<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({} of {})", self.index.len(), self.keys_max)
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::{Subject, Tag};
    use super::*;

    fn key(number: u64) -> Key {
        Tag::of(&[b"rule"]).key(Subject::session(number))
    }

    fn span(blocked_ms: u64, clear_ms: u64) -> Span {
        Span { blocked_ms, clear_ms }
    }

    fn holds(table: &Table<u64>) -> Vec<u64> {
        (0..100).filter(|&number| table.get(&key(number)).is_some()).collect()
    }

    #[test]
    fn it_holds_as_many_as_it_may() {
        for limit in [1, 2, 7] {
            let mut table = Table::new(limit);
            for number in 0..u64::from(limit) {
                assert_eq!(table.len() as u64, number);
                assert_eq!(table.put(key(number), number, span(9, 9), 0), Ok(()));
            }
            assert_eq!((table.room(0), table.put(key(99), 0, span(9, 9), 0)), (Err(9), Err(9)));
            assert_eq!(table.len(), limit as usize);
            assert_eq!(table.put(key(0), 5, span(9, 9), 0), Ok(()), "a known key needs no place");
            assert_eq!(table.get(&key(0)), Some((5, span(9, 9))));
        }
    }

    #[test]
    fn the_clear_go_first_then_the_fullest_and_never_the_blocked() {
        let mut table = Table::new(4);
        for (number, span) in
            [(1, span(50, 60)), (2, span(0, 40)), (3, span(0, 10)), (4, span(0, 30))]
        {
            assert_eq!(table.put(key(number), number, span, 0), Ok(()));
        }
        for (number, left) in [(5, [1, 2, 4, 5]), (6, [1, 2, 5, 6]), (7, [1, 5, 6, 7])] {
            assert_eq!(table.put(key(number), number, span(70 + number, 80), 20), Ok(()));
            assert_eq!(holds(&table), left);
        }
        assert_eq!(table.put(key(8), 8, span(0, 0), 49), Err(50), "all are blocked");
        assert_eq!(holds(&table), [1, 5, 6, 7]);
        assert_eq!(table.put(key(8), 8, span(0, 0), 50), Ok(()), "one is not");
        assert_eq!(holds(&table), [5, 6, 7, 8]);
    }

    #[test]
    fn a_block_may_grow_and_shrink() {
        let mut table = Table::new(1);
        let mut block = |until, now| {
            assert_eq!(table.put(key(1), 1, span(until, until), now), Ok(()));
            table.room(now)
        };
        assert_eq!(block(100, 0), Err(100));
        assert_eq!(block(200, 0), Err(200));
        assert_eq!(block(160, 150), Err(160));
        assert_eq!(block(150, 150), Ok(()));
        assert_eq!(block(151, 150), Err(151));
    }

    #[test]
    fn a_removed_key_leaves_its_place() {
        let mut table = Table::new(2);
        for number in [1, 2] {
            assert_eq!(table.put(key(number), number, span(90, 90), 0), Ok(()));
        }
        assert_eq!((table.remove(&key(1)), table.remove(&key(1))), (Some(1), None));
        assert_eq!(table.put(key(3), 3, span(90, 90), 0), Ok(()));
        assert_eq!(holds(&table), [2, 3]);
        assert_eq!(table.slots.len(), 2);
    }

    /// Group 15: a million addresses. Some are blocked, and stay; each call takes a few steps.
    #[test]
    fn a_million_keys_cost_a_few_steps_each_and_move_no_blocked_one() {
        const KEYS: u64 = 1_000_000;
        let mut table = Table::new(4_096);
        let blocked = 2_000;
        for number in 0..blocked {
            let until = 10 * KEYS + number;
            assert_eq!(table.put(key(number), number, span(until, until), 0), Ok(()));
        }
        let (mut worst, mut refused) = (0, 0);
        for number in blocked..KEYS {
            let (before, now) = (table.steps, number);
            // Each is blocked for a while, so that entries go from heap to heap.
            let span = span(now + number % 5_000, now + 3 * (number % 5_000));
            refused += u64::from(table.put(key(number), number, span, now).is_err());
            worst = worst.max(table.steps - before);
        }
        assert!((0..blocked).all(|number| table.get(&key(number)).is_some()));
        assert_eq!(table.len(), 4_096);
        assert!(table.steps <= 4 * KEYS, "{} steps", table.steps);
        assert!(worst <= 2 * 4_096, "{worst} steps in one call");
        assert!(refused < KEYS, "some found a place");
        assert!(table.memory() <= Table::<u64>::memory_max(4_096), "{}", table.memory());
    }

    #[test]
    fn an_empty_table_holds_no_memory() {
        assert_eq!(Table::<u64>::new(u32::MAX).memory(), 0);
    }
}
