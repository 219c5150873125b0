//! The buckets of many keys: in a table that holds them all they are a naive map; in one that does
//! not, who was refused is refused until the time that was told, whoever comes.

use std::collections::BTreeMap;

use portcullis_engine::quota::{Bucket, Buckets, Charge, Every, Limited, Rate};
use portcullis_proptests::cases;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use super::{key, onward};

/// A rule, a subject, pieces.
type Ask = (u8, u8, u64);

#[derive(Clone, Debug)]
enum Act {
    Wait(u64),
    Admit(Vec<Ask>),
}

/// A map that forgets nothing.
#[derive(Clone, Debug, Default)]
struct Naive {
    now: u64,
    buckets: BTreeMap<(u8, u8), Bucket>,
    said: Option<Limited>,
}

fn rate(rule: u8) -> Rate {
    let (count, every, burst) = match rule {
        0 => (1, Every::Second, 1),
        1 => (10, Every::Minute, 3),
        2 => (5, Every::Hour, 5),
        _ => (1_000, Every::Second, 500),
    };
    Rate::new(count, every, burst).expect("a rate")
}

fn charges(asks: &[Ask]) -> Vec<Charge> {
    let charge = |&(rule, subject, pieces): &Ask| Charge {
        key: key(rule, subject),
        rate: rate(rule),
        pieces,
    };
    asks.iter().map(charge).collect()
}

impl Naive {
    /// Takes from a copy, which replaces the map if all went well.
    fn admit(&mut self, asks: &[Ask]) -> Option<Limited> {
        let mut waits = Vec::new();
        for &(rule, subject, pieces) in asks {
            let bucket = self.buckets.entry((rule, subject)).or_default();
            waits.push(bucket.wait_ms(rate(rule), pieces, self.now));
        }
        let mut copy = self.buckets.clone();
        if waits.iter().all(|wait| *wait == 0) {
            for (place, &(rule, subject, pieces)) in asks.iter().enumerate() {
                let bucket = copy.get_mut(&(rule, subject)).expect("made above");
                if let Err(wait) = bucket.take(rate(rule), pieces, self.now) {
                    return Some(Limited { place, retry_after_ms: wait as u32 });
                }
            }
            self.buckets = copy;
            return None;
        }
        let longest = waits.iter().copied().max()?;
        let place = waits.iter().position(|wait| *wait == longest)?;
        Some(Limited { place, retry_after_ms: longest as u32 })
    }
}

impl ReferenceStateMachine for Naive {
    type State = Self;
    type Transition = Act;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Act> {
        let ask = (0..4_u8, 0..6_u8, prop_oneof![3 => Just(1_u64), 1 => 1..900_u64]);
        let ask = ask.prop_map(|(rule, subject, pieces)| match rule {
            3 => (rule, subject, pieces),
            _ => (rule, subject, 1),
        });
        prop_oneof![
            1 => onward().prop_map(Act::Wait),
            2 => proptest::collection::vec(ask, 1..4).prop_map(Act::Admit),
        ]
        .boxed()
    }

    fn apply(mut naive: Self, act: &Act) -> Self {
        match act {
            Act::Wait(ms) => naive.now += ms,
            Act::Admit(asks) => naive.said = naive.admit(asks),
        }
        naive
    }
}

struct Roomy;

impl StateMachineTest for Roomy {
    type SystemUnderTest = Buckets;
    type Reference = Naive;

    fn init_test(_: &Naive) -> Buckets {
        Buckets::new(64)
    }

    fn apply(mut buckets: Buckets, naive: &Naive, act: Act) -> Buckets {
        if let Act::Admit(asks) = act {
            assert_eq!(buckets.admit(&charges(&asks), naive.now).err(), naive.said);
        }
        buckets
    }
}

/// Buckets with few places, and until when each thing that was asked is refused.
struct Narrow {
    buckets: Buckets,
    refused: BTreeMap<Vec<Ask>, u64>,
}

struct Crowded;

impl StateMachineTest for Crowded {
    type SystemUnderTest = Narrow;
    type Reference = Naive;

    fn init_test(_: &Naive) -> Narrow {
        Narrow { buckets: Buckets::new(3), refused: BTreeMap::new() }
    }

    fn apply(mut narrow: Narrow, naive: &Naive, act: Act) -> Narrow {
        let Act::Admit(asks) = act else { return narrow };
        let until = narrow.refused.get(&asks).copied().unwrap_or(0);
        match narrow.buckets.admit(&charges(&asks), naive.now) {
            Ok(()) => {
                assert!(until <= naive.now, "{asks:?} passes {} too early", until - naive.now)
            }
            Err(limited) => {
                let wait = u64::from(limited.retry_after_ms);
                if asks.len() == 1 {
                    // Who waits as told, while nobody else comes, passes.
                    let mut alone = narrow.buckets.clone();
                    let later = alone.admit(&charges(&asks), naive.now + wait);
                    assert_eq!(later, Ok(()), "{asks:?} after {wait}");
                    narrow.refused.insert(asks, naive.now + wait);
                }
            }
        }
        narrow
    }

    fn check_invariants(narrow: &Narrow, _: &Naive) {
        assert!(narrow.buckets.len() <= 3);
        assert!(narrow.buckets.memory() <= Buckets::memory_max(3, 4));
    }
}

prop_state_machine! {
    #![proptest_config(cases(300))]

    #[test]
    fn buckets_with_room_are_a_map(sequential 1..120 => Roomy);

    #[test]
    fn who_is_refused_stays_so_whoever_comes(sequential 1..120 => Crowded);
}
