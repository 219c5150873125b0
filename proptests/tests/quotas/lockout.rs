//! Lock-outs against a list of all attempts.

use std::collections::BTreeMap;

use portcullis_engine::quota::{LockoutConfig, Lockouts};
use portcullis_proptests::cases;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use super::{key, onward};

#[derive(Clone, Debug)]
enum Act {
    Wait(u64),
    Fail(u8),
    Succeed(u8),
    Check(u8),
}

#[derive(Clone, Copy, Debug)]
enum Mark {
    Fail,
    Succeed,
}

#[derive(Clone, Debug)]
struct Naive {
    config: LockoutConfig,
    now: u64,
    /// All attempts that were allowed, and how they went.
    attempts: BTreeMap<u8, Vec<(u64, Mark)>>,
    said: Result<(), u32>,
}

impl Naive {
    /// How long a peer is locked out: the story is told from its beginning.
    fn left(&self, peer: u8) -> Result<(), u32> {
        let (mut count, mut last, mut until) = (0, 0, 0);
        for &(at, mark) in self.attempts.get(&peer).into_iter().flatten() {
            match mark {
                Mark::Succeed if self.config.success_clears => count = 0,
                Mark::Succeed => {}
                Mark::Fail => {
                    let is_late = at - last >= self.config.window_ms;
                    count = if is_late { 1 } else { count + 1 };
                    last = at;
                    if count >= self.config.failures {
                        (count, until) = (0, at + self.config.ban_ms);
                    }
                }
            }
        }
        if until > self.now { Err((until - self.now) as u32) } else { Ok(()) }
    }
}

impl ReferenceStateMachine for Naive {
    type State = Self;
    type Transition = Act;

    fn init_state() -> BoxedStrategy<Self> {
        (1..5_u32, 1..2_000_u64, 1..90_000_u64, any::<bool>())
            .prop_map(|(failures, window_ms, ban_ms, success_clears)| Self {
                config: LockoutConfig { failures, window_ms, ban_ms, success_clears },
                now: 0,
                attempts: BTreeMap::new(),
                said: Ok(()),
            })
            .boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Act> {
        prop_oneof![
            3 => onward().prop_map(Act::Wait),
            4 => (0..5_u8).prop_map(Act::Fail),
            1 => (0..5_u8).prop_map(Act::Succeed),
            1 => (0..5_u8).prop_map(Act::Check),
        ]
        .boxed()
    }

    fn apply(mut naive: Self, act: &Act) -> Self {
        let (peer, mark) = match *act {
            Act::Wait(ms) => {
                naive.now += ms;
                return naive;
            }
            Act::Fail(peer) => (peer, Some(Mark::Fail)),
            Act::Succeed(peer) => (peer, Some(Mark::Succeed)),
            Act::Check(peer) => (peer, None),
        };
        if let (Ok(()), Some(mark)) = (naive.left(peer), mark) {
            naive.attempts.entry(peer).or_default().push((naive.now, mark));
        }
        naive.said = naive.left(peer);
        naive
    }
}

fn act(lockouts: &mut Lockouts, naive: &Naive, act: &Act) -> Result<(), u32> {
    match *act {
        Act::Wait(_) => Ok(()),
        Act::Fail(peer) => lockouts.fail(key(0, peer), &naive.config, naive.now),
        Act::Succeed(peer) => {
            lockouts.succeed(&key(0, peer), &naive.config, naive.now);
            lockouts.check(&key(0, peer), naive.now)
        }
        Act::Check(peer) => lockouts.check(&key(0, peer), naive.now),
    }
}

struct Roomy;

impl StateMachineTest for Roomy {
    type SystemUnderTest = Lockouts;
    type Reference = Naive;

    fn init_test(_: &Naive) -> Lockouts {
        Lockouts::new(64)
    }

    fn apply(mut lockouts: Lockouts, naive: &Naive, acted: Act) -> Lockouts {
        if !matches!(acted, Act::Wait(_)) {
            assert_eq!(act(&mut lockouts, naive, &acted), naive.said, "{acted:?}");
        }
        lockouts
    }
}

struct Crowded;

impl StateMachineTest for Crowded {
    /// And until when each peer is locked out.
    type SystemUnderTest = (Lockouts, [u64; 5]);
    type Reference = Naive;

    fn init_test(_: &Naive) -> Self::SystemUnderTest {
        (Lockouts::new(2), [0; 5])
    }

    fn apply(mut test: Self::SystemUnderTest, naive: &Naive, acted: Act) -> Self::SystemUnderTest {
        let (Act::Fail(peer) | Act::Succeed(peer) | Act::Check(peer)) = acted else { return test };
        let until = &mut test.1[usize::from(peer)];
        match act(&mut test.0, naive, &acted) {
            Ok(()) => assert!(*until <= naive.now, "let in too early"),
            Err(wait) => {
                let told = naive.now + u64::from(wait);
                assert!(told >= *until, "it became no shorter");
                *until = told;
            }
        }
        test
    }

    fn check_invariants((lockouts, _): &Self::SystemUnderTest, _: &Naive) {
        assert!(lockouts.table().len() <= 2);
    }
}

prop_state_machine! {
    #![proptest_config(cases(300))]

    #[test]
    fn lockouts_with_room_follow_from_the_attempts(sequential 1..120 => Roomy);

    #[test]
    fn who_is_locked_out_stays_so_whoever_fails(sequential 1..120 => Crowded);
}
