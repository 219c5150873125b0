//! What is open against a plain list of it.

use portcullis_engine::quota::{Gauges, Hold};
use portcullis_proptests::cases;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use super::key;

const PAIRS: usize = 8;

#[derive(Clone, Debug)]
enum Act {
    Enter(u64, Vec<u8>),
    Leave(u64, u8),
    Forget(u64),
}

/// A session and a key for each that is open.
#[derive(Clone, Debug, Default)]
struct Naive {
    open: Vec<(u64, u8)>,
    /// Where it stood that could not be held.
    said: Option<usize>,
}

fn max(number: u8) -> u32 {
    u32::from(number) % 4
}

impl Naive {
    fn enter(&mut self, session: u64, numbers: &[u8]) -> Option<usize> {
        let before = self.open.clone();
        for (place, &number) in numbers.iter().enumerate() {
            let count = self.open.iter().filter(|(_, open)| *open == number).count();
            let mut pairs = self.open.clone();
            pairs.push((session, number));
            pairs.sort_unstable();
            pairs.dedup();
            if count >= max(number) as usize || pairs.len() > PAIRS {
                self.open = before;
                return Some(place);
            }
            self.open.push((session, number));
        }
        None
    }
}

impl ReferenceStateMachine for Naive {
    type State = Self;
    type Transition = Act;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Act> {
        let session = || prop_oneof![4 => 0..4_u64, 1 => Just(u64::MAX)];
        let number = || 0..8_u8;
        prop_oneof![
            4 => (session(), proptest::collection::vec(number(), 0..4))
                .prop_map(|(session, numbers)| Act::Enter(session, numbers)),
            3 => (session(), number()).prop_map(|(session, number)| Act::Leave(session, number)),
            1 => session().prop_map(Act::Forget),
        ]
        .boxed()
    }

    fn apply(mut naive: Self, act: &Act) -> Self {
        match act {
            Act::Enter(session, numbers) => naive.said = naive.enter(*session, numbers),
            Act::Leave(session, number) => {
                let held = naive.open.iter().position(|open| *open == (*session, *number));
                held.map(|at| naive.open.remove(at));
            }
            Act::Forget(session) => naive.open.retain(|(open, _)| open != session),
        }
        naive
    }
}

struct Machine;

impl StateMachineTest for Machine {
    type SystemUnderTest = Gauges;
    type Reference = Naive;

    fn init_test(_: &Naive) -> Gauges {
        Gauges::new(PAIRS as u32)
    }

    fn apply(mut gauges: Gauges, naive: &Naive, act: Act) -> Gauges {
        match act {
            Act::Enter(session, numbers) => {
                let hold = |&number: &u8| Hold { key: key(0, number), max: max(number) };
                let holds: Vec<Hold> = numbers.iter().map(hold).collect();
                assert_eq!(gauges.enter(session, &holds).err(), naive.said);
            }
            Act::Leave(session, number) => gauges.leave(session, &key(0, number)),
            Act::Forget(session) => gauges.forget(session),
        }
        gauges
    }

    fn check_invariants(gauges: &Gauges, naive: &Naive) {
        for number in 0..8 {
            let count = naive.open.iter().filter(|(_, open)| *open == number).count();
            assert_eq!(gauges.count(&key(0, number)) as usize, count);
        }
        assert!(gauges.memory() <= Gauges::memory_max(PAIRS as u32));
        assert!(!naive.open.is_empty() || *gauges == Gauges::new(PAIRS as u32));
    }
}

prop_state_machine! {
    #![proptest_config(cases(400))]

    #[test]
    fn gauges_count_what_is_open(sequential 1..150 => Machine);
}
