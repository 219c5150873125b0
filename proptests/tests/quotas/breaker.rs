//! A breaker against its rules, each said of all that happened since the last turn.

use portcullis_engine::quota::{Breaker, BreakerConfig, Outcome, Turn};
use portcullis_proptests::cases;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use super::onward;

#[derive(Clone, Debug)]
enum Act {
    Wait(u64),
    /// Asks, and sends if it may.
    Call,
    End(bool),
}

/// What happened, when.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fact {
    Sent,
    Answered,
    Failed,
}

#[derive(Clone, Debug)]
struct Naive {
    config: BreakerConfig,
    now: u64,
    is_open: bool,
    /// When the last turn was, and what happened since.
    turned: u64,
    since: Vec<(u64, Fact)>,
    wait: u64,
    turn: Option<Turn>,
}

impl Naive {
    /// The sends of the round that runs: a round begins `open_ms` after the last send before, if
    /// that round had all its sends.
    fn round(&self) -> (usize, u64) {
        let (mut sent, mut end) = (0, self.turned + self.config.open_ms);
        for &(at, fact) in &self.since {
            if fact == Fact::Sent {
                sent = if sent == self.config.probes as usize { 1 } else { sent + 1 };
                end = at + self.config.open_ms;
            }
        }
        (sent, end)
    }

    fn wait(&self) -> u64 {
        let (sent, end) = self.round();
        if !self.is_open || (1..self.config.probes as usize).contains(&sent) {
            return 0;
        }
        end.saturating_sub(self.now)
    }

    /// Answers since the round began.
    fn answered(&self) -> usize {
        let (mut left, _) = self.round();
        let mut answered = 0;
        for (_, fact) in self.since.iter().rev() {
            match fact {
                Fact::Answered => answered += 1,
                Fact::Sent => left -= 1,
                Fact::Failed => {}
            }
            if left == 0 {
                break;
            }
        }
        answered
    }

    fn end(&mut self, fact: Fact) -> Option<Turn> {
        if self.is_open && self.round().0 == 0 {
            return None;
        }
        self.since.push((self.now, fact));
        let turn = match (self.is_open, fact) {
            (true, Fact::Failed) => Some(Turn::Opened),
            (true, _) if self.answered() >= self.config.probes as usize => Some(Turn::Closed),
            (true, _) => None,
            (false, _) => (self.streak() >= self.config.failures).then_some(Turn::Opened),
        };
        if let Some(turn) = turn {
            self.is_open = turn == Turn::Opened;
            self.turned = self.now;
            self.since.clear();
        }
        turn
    }

    /// Failures in a row, none as long after the one before as the window.
    fn streak(&self) -> u32 {
        let ends = self.since.iter().rev().filter(|(_, fact)| *fact != Fact::Sent);
        let (mut streak, mut later) = (0, None);
        for &(at, fact) in ends {
            let is_late = later.is_some_and(|later: u64| later - at >= self.config.window_ms);
            if fact == Fact::Answered || is_late {
                break;
            }
            (streak, later) = (streak + 1, Some(at));
        }
        streak
    }
}

impl ReferenceStateMachine for Naive {
    type State = Self;
    type Transition = Act;

    fn init_state() -> BoxedStrategy<Self> {
        (1..4_u32, 1..2_000_u64, 1..30_000_u64, 1..4_u32)
            .prop_map(|(failures, window_ms, open_ms, probes)| Self {
                config: BreakerConfig { enabled: true, failures, window_ms, open_ms, probes },
                now: 0,
                is_open: false,
                turned: 0,
                since: Vec::new(),
                wait: 0,
                turn: None,
            })
            .boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Act> {
        prop_oneof![
            3 => onward().prop_map(Act::Wait),
            3 => Just(Act::Call),
            3 => prop_oneof![3 => Just(false), 2 => Just(true)].prop_map(Act::End),
        ]
        .boxed()
    }

    fn apply(mut naive: Self, act: &Act) -> Self {
        match *act {
            Act::Wait(ms) => naive.now += ms,
            Act::Call => {
                naive.wait = naive.wait();
                if naive.wait == 0 {
                    naive.since.push((naive.now, Fact::Sent));
                }
            }
            Act::End(true) => naive.turn = naive.end(Fact::Answered),
            Act::End(false) => naive.turn = naive.end(Fact::Failed),
        }
        naive
    }
}

struct Machine;

impl StateMachineTest for Machine {
    type SystemUnderTest = Breaker;
    type Reference = Naive;

    fn init_test(_: &Naive) -> Breaker {
        Breaker::default()
    }

    fn apply(mut breaker: Breaker, naive: &Naive, act: Act) -> Breaker {
        match act {
            Act::Wait(_) => {}
            Act::Call => {
                assert_eq!(breaker.wait_ms(&naive.config, naive.now), naive.wait);
                if naive.wait == 0 {
                    breaker.send(&naive.config, naive.now);
                }
            }
            Act::End(answered) => {
                let outcome = if answered { Outcome::Answered } else { Outcome::Failed };
                let turn = breaker.end(outcome, &naive.config, naive.now);
                assert_eq!(turn, naive.turn, "{breaker:?}");
            }
        }
        breaker
    }

    fn check_invariants(breaker: &Breaker, naive: &Naive) {
        assert_eq!(!matches!(breaker, Breaker::Closed { .. }), naive.is_open);
    }
}

prop_state_machine! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_breaker_follows_from_what_happened(sequential 1..120 => Machine);
}
