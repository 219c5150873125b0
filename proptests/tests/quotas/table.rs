//! The bounded table against a map of all that was ever put: what it still holds is right, what it
//! forgot was the clearest of those that were not blocked.

use std::collections::BTreeMap;

use portcullis_engine::quota::{Span, Table};
use portcullis_proptests::cases;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use super::{key, onward};

const KEYS: u8 = 12;

#[derive(Clone, Debug)]
enum Act {
    Wait(u64),
    /// A key, for how long it is blocked, and how much longer it matters.
    Put(u8, u64, u64),
    Remove(u8),
}

/// The clock, and what the next value is.
#[derive(Clone, Debug)]
struct Naive {
    keys_max: u32,
    now: u64,
    puts: u64,
}

impl ReferenceStateMachine for Naive {
    type State = Self;
    type Transition = Act;

    fn init_state() -> BoxedStrategy<Self> {
        (1..8_u32).prop_map(|keys_max| Self { keys_max, now: 0, puts: 0 }).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Act> {
        let ms = || prop_oneof![1 => Just(0_u64), 2 => 1..50_u64, 2 => 50..3_000_u64];
        prop_oneof![
            2 => onward().prop_map(|ms| Act::Wait(ms % 5_000)),
            6 => (0..KEYS, ms(), ms()).prop_map(|(key, block, more)| Act::Put(key, block, more)),
            1 => (0..KEYS).prop_map(Act::Remove),
        ]
        .boxed()
    }

    fn apply(mut naive: Self, act: &Act) -> Self {
        match act {
            Act::Wait(ms) => naive.now += ms,
            Act::Put(..) => naive.puts += 1,
            Act::Remove(_) => {}
        }
        naive
    }
}

/// The table, and what a map would hold that forgets only what the table has to.
struct Pair {
    table: Table<u64>,
    held: BTreeMap<u8, (u64, Span)>,
}

impl Pair {
    fn put(&mut self, number: u8, value: u64, span: Span, now: u64, keys_max: usize) {
        let is_new = !self.held.contains_key(&number);
        let is_full = is_new && self.held.len() == keys_max;
        let free = self.held.values().filter(|(_, span)| span.blocked_ms <= now);
        let fullest = free.map(|(_, span)| span.clear_ms).min();
        let ends = self.held.values().map(|(_, span)| span.blocked_ms).min();
        let room = self.table.clone().room(now);
        let put = self.table.put(key(0, number), value, span, now);
        if is_new {
            assert_eq!(room, put, "room is told as it is");
        }
        if is_full && fullest.is_none() {
            assert_eq!(put.err(), ends, "all are blocked");
            return;
        }
        assert_eq!(put, Ok(()));
        if is_full {
            let gone = |number: &u8| self.table.get(&key(0, *number)).is_none();
            let forgotten: Vec<u8> = self.held.keys().copied().filter(gone).collect();
            assert_eq!(forgotten.len(), 1);
            let (_, span) = self.held.remove(&forgotten[0]).expect("held");
            assert!(span.blocked_ms <= now, "a blocked one was forgotten");
            assert_eq!(Some(span.clear_ms), fullest);
        }
        self.held.insert(number, (value, span));
    }
}

struct Machine;

impl StateMachineTest for Machine {
    type SystemUnderTest = Pair;
    type Reference = Naive;

    fn init_test(naive: &Naive) -> Pair {
        Pair { table: Table::new(naive.keys_max), held: BTreeMap::new() }
    }

    fn apply(mut pair: Pair, naive: &Naive, act: Act) -> Pair {
        match act {
            Act::Wait(_) => {}
            Act::Put(number, block, more) => {
                let blocked_ms = naive.now + block;
                let span = Span { blocked_ms, clear_ms: blocked_ms + more };
                pair.put(number, naive.puts, span, naive.now, naive.keys_max as usize);
            }
            Act::Remove(number) => {
                let removed = pair.table.remove(&key(0, number));
                assert_eq!(removed, pair.held.remove(&number).map(|(value, _)| value));
            }
        }
        pair
    }

    fn check_invariants(pair: &Pair, naive: &Naive) {
        assert_eq!(pair.table.len(), pair.held.len());
        for number in 0..KEYS {
            assert_eq!(pair.table.get(&key(0, number)), pair.held.get(&number).copied());
        }
        assert!(pair.table.memory() <= Table::<u64>::memory_max(naive.keys_max));
    }
}

prop_state_machine! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_table_forgets_the_clearest_and_nothing_that_is_blocked(sequential 1..150 => Machine);
}
