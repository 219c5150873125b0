//! A whole ledger: it keeps its limits and its word, and the same calls leave the same ledger.

use std::collections::BTreeMap;

use portcullis_engine::Ledger;
use portcullis_engine::quota::{
    BreakerConfig, Charge, Every, Hold, LockoutConfig, Outcome, Rate, Subject,
};
use portcullis_proptests::cases;
use proptest::prelude::*;

use super::{key, leap};

#[derive(Clone, Debug)]
enum Act {
    Leap(i64),
    Admit(u8, u64),
    Fail(u8),
    Ban(u8, u64),
    Lift(u8),
    Call(u8),
    End(u8, bool),
    Enter(u64, u8),
    Leave(u64, u8),
    Forget(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let subject = || 0..9_u8;
    prop_oneof![
        8 => leap().prop_map(Act::Leap),
        6 => (subject(), 1..4_u64).prop_map(|(subject, pieces)| Act::Admit(subject, pieces)),
        5 => subject().prop_map(Act::Fail),
        3 => (subject(), 1..9_000_u64).prop_map(|(subject, ms)| Act::Ban(subject, ms)),
        1 => subject().prop_map(Act::Lift),
        3 => subject().prop_map(Act::Call),
        3 => (subject(), any::<bool>()).prop_map(|(subject, answered)| Act::End(subject, answered)),
        3 => (0..3_u64, subject()).prop_map(|(session, subject)| Act::Enter(session, subject)),
        2 => (0..3_u64, subject()).prop_map(|(session, subject)| Act::Leave(session, subject)),
        1 => (0..3_u64).prop_map(Act::Forget),
    ]
}

const LOCKOUT: LockoutConfig =
    LockoutConfig { failures: 2, window_ms: 500, ban_ms: 4_000, success_clears: false };
const BREAKER: BreakerConfig =
    BreakerConfig { enabled: true, failures: 2, window_ms: 500, open_ms: 800, probes: 1 };

/// What a table refuses: its letter, and whom.
type Word = (char, u8);

/// Does it; for whom it was refused, and for how long, or that it was not.
fn apply(ledger: &mut Ledger, now: u64, act: &Act) -> Option<(Word, Result<(), u64>)> {
    let subject = |number: u8| Subject::of(&[&[number]]);
    let told = |result: Result<(), u32>| result.map_err(u64::from);
    match *act {
        Act::Leap(_) => {
            ledger.advance(now);
            None
        }
        Act::Admit(number, pieces) => {
            let rate = Rate::new(3, Every::Second, 4).expect("a rate");
            let charge = Charge { key: key(1, number), rate, pieces };
            let admitted = ledger.admit(&[charge]).map_err(|limited| limited.retry_after_ms);
            let letter = ['a', 'b', 'c', 'd'][pieces as usize];
            Some(((letter, number), told(admitted)))
        }
        Act::Fail(number) => {
            let checked = ledger.check_lockout(subject(number));
            let failed = ledger.fail_attempt(subject(number), &LOCKOUT);
            assert!(checked.is_ok() || checked == failed);
            Some((('f', number), told(checked)))
        }
        Act::Ban(number, ms) => {
            let _ = ledger.ban(subject(number), now + ms);
            None
        }
        Act::Lift(number) => {
            let was_banned = ledger.banned_ms(subject(number)).is_some();
            assert!(ledger.lift_ban(subject(number)) || !was_banned);
            assert_eq!(ledger.banned_ms(subject(number)), None);
            None
        }
        Act::Call(number) => {
            if ledger.check_breaker(subject(number), &BREAKER).is_ok() {
                ledger.send_call(subject(number), &BREAKER);
            }
            None
        }
        Act::End(number, answered) => {
            let outcome = if answered { Outcome::Answered } else { Outcome::Failed };
            ledger.end_call(subject(number), outcome, &BREAKER);
            None
        }
        Act::Enter(session, number) => {
            let before = ledger.open(&key(2, number));
            let hold = Hold { key: key(2, number), max: 2 };
            let entered = ledger.enter(session, &[hold]).is_ok();
            assert_eq!(ledger.open(&hold.key), before + u32::from(entered));
            None
        }
        Act::Leave(session, number) => {
            ledger.leave(session, &key(2, number));
            None
        }
        Act::Forget(session) => {
            ledger.forget_session(session);
            None
        }
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_ledger_keeps_its_limits_and_its_word(
        keys_max in 1..6_u32,
        acts in proptest::collection::vec(act(), 1..200),
    ) {
        let mut ledgers = [0, 1].map(|_| Ledger::with_keys_max(keys_max));
        let (mut clock, mut now) = (0_u64, 0_u64);
        let mut until: BTreeMap<Word, u64> = BTreeMap::new();
        for act in &acts {
            if let Act::Leap(leap) = act {
                clock = clock.saturating_add_signed(*leap);
                now = now.max(clock);
            }
            // One of them is told the time as it comes, also when it goes back.
            ledgers[1].advance(clock);
            let [one, two] = ledgers.each_mut().map(|ledger| apply(ledger, now, act));
            prop_assert_eq!(&one, &two);
            match one {
                Some((word, Ok(()))) => {
                    prop_assert!(until.get(&word).is_none_or(|at| *at <= now), "{:?}", word);
                }
                Some((word, Err(wait))) => drop(until.insert(word, now + wait)),
                None => {}
            }
            prop_assert_eq!(&ledgers[0], &ledgers[1]);
            prop_assert!(ledgers[0].memory() <= ledgers[0].memory_max());
        }
    }

    /// What the host has banned is banned until then, as long as the ledger took the ban.
    #[test]
    fn a_ban_holds_until_its_time(
        keys_max in 1..4_u32,
        acts in proptest::collection::vec((0..6_u8, 0..3_000_u64, 0..900_u64), 1..80),
    ) {
        let mut ledger = Ledger::with_keys_max(keys_max);
        let mut bans: BTreeMap<u8, u64> = BTreeMap::new();
        let mut now = 0;
        for (number, ms, leap) in acts {
            now += leap;
            ledger.advance(now);
            bans.retain(|_, until| *until > now);
            let banned = ledger.ban(Subject::of(&[&[number]]), now + ms);
            let fits = bans.contains_key(&number) || bans.len() < keys_max as usize;
            prop_assert_eq!(banned.is_ok(), fits);
            prop_assert_eq!(banned.err(), if fits { None } else { bans.values().copied().min() });
            if fits {
                bans.insert(number, now + ms);
                bans.retain(|_, until| *until > now);
            }
            for number in 0..6 {
                let left = ledger.banned_ms(Subject::of(&[&[number]])).map(u64::from);
                prop_assert_eq!(left, bans.get(&number).map(|until| until - now));
            }
        }
    }
}
