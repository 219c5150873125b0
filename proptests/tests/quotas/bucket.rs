//! One bucket against a level that is reckoned anew at each look, in fractions.

use portcullis_engine::quota::{Bucket, Every, Rate};
use portcullis_proptests::cases;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use super::leap;

/// Everything that was taken, and nothing else.
#[derive(Clone, Debug)]
struct Naive {
    count: u64,
    every: Every,
    burst: u64,
    now: u64,
    /// What passed: when, and how many.
    passed: Vec<(u64, u64)>,
    said: Result<(), u64>,
}

#[derive(Clone, Debug)]
enum Act {
    Leap(i64),
    End,
    Take(u64),
}

impl Naive {
    /// Parts at this time: the story is told from its beginning.
    fn level(&self, now: u64) -> i128 {
        let full = i128::from(self.burst) * i128::from(self.every.ms());
        let (mut level, mut at) = (full, 0);
        for &(when, pieces) in &self.passed {
            level =
                self.filled(level, when - at) - i128::from(pieces) * i128::from(self.every.ms());
            at = when;
        }
        self.filled(level, now.saturating_sub(at))
    }

    fn filled(&self, level: i128, ms: u64) -> i128 {
        let full = i128::from(self.burst) * i128::from(self.every.ms());
        full.min(level + i128::from(self.count) * i128::from(ms))
    }

    /// The first wait at which so many pass, by halving.
    fn wait(&self, pieces: u64) -> u64 {
        let wanted = i128::from(pieces.min(self.burst)) * i128::from(self.every.ms());
        let passes = |wait: u64| {
            self.now.checked_add(wait).is_none_or(|at| {
                self.level(at.max(self.passed.last().map_or(0, |last| last.0))) >= wanted
            })
        };
        let (mut low, mut high) = (0, 1 << 62);
        while low < high {
            let middle = (low + high) / 2;
            if passes(middle) { high = middle } else { low = middle + 1 }
        }
        low
    }
}

impl ReferenceStateMachine for Naive {
    type State = Self;
    type Transition = Act;

    fn init_state() -> BoxedStrategy<Self> {
        let count = prop_oneof![1..5_u64, 5..2_000_u64, Just(Rate::MAX)];
        let burst = prop_oneof![1..4_u64, 4..100_u64, Just(Rate::MAX)];
        let every = prop_oneof![
            Just(Every::Second),
            Just(Every::Minute),
            Just(Every::Hour),
            Just(Every::Day)
        ];
        (count, every, burst)
            .prop_map(|(count, every, burst)| Self {
                count,
                every,
                burst,
                now: 0,
                passed: Vec::new(),
                said: Ok(()),
            })
            .boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Act> {
        prop_oneof![
            30 => leap().prop_map(Act::Leap),
            30 => Just(Act::Take(1)),
            10 => (1..200_u64).prop_map(Act::Take),
            2 => prop_oneof![Just(Rate::MAX - 1), Just(Rate::MAX)].prop_map(Act::Take),
            1 => Just(Act::End),
        ]
        .boxed()
    }

    fn apply(mut self_: Self, act: &Act) -> Self {
        match *act {
            Act::Leap(leap) => self_.now = self_.now.saturating_add_signed(leap),
            Act::End => self_.now = 1 << 61,
            Act::Take(pieces) => {
                self_.said = match self_.wait(pieces) {
                    0 => {
                        let at = self_.now.max(self_.passed.last().map_or(0, |last| last.0));
                        self_.passed.push((at, pieces));
                        Ok(())
                    }
                    wait => Err(wait),
                };
            }
        }
        self_
    }
}

struct Machine;

impl StateMachineTest for Machine {
    type SystemUnderTest = Bucket;
    type Reference = Naive;

    fn init_test(_: &Naive) -> Bucket {
        Bucket::default()
    }

    fn apply(mut bucket: Bucket, naive: &Naive, act: Act) -> Bucket {
        if let Act::Take(pieces) = act {
            let rate = Rate::new(naive.count, naive.every, naive.burst).expect("a rate");
            let wait = bucket.wait_ms(rate, pieces, naive.now);
            let said = bucket.take(rate, pieces, naive.now);
            assert_eq!(said, naive.said);
            assert_eq!(said.err().unwrap_or(0), wait, "a look tells what a take does");
        }
        bucket
    }
}

prop_state_machine! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_bucket_agrees_with_the_story_told_from_its_beginning(sequential 1..80 => Machine);
}
