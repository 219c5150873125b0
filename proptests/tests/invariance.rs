//! The master property: however the same bytes are cut, and in whatever portions they are written,
//! the same bytes and the same events come out.

use portcullis_proptests::random::Random;
use portcullis_proptests::world::{Schedule, Setup, run_with};
use portcullis_proptests::{cases, check, streams};
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn every_schedule_gives_the_same(
        actions in streams::actions(16),
        policy in streams::policy(),
        window in 0..4_u32,
        seed in any::<u64>(),
    ) {
        let setup = Setup { policy, limits: streams::small_limits(window), ..Setup::default() };
        let policy = setup.compile();
        let steps = streams::script(&actions, true);
        let (plain, world) = run_with(&setup, &policy, &steps, Schedule::PLAIN);
        prop_assert!(world.faults.is_empty(), "{steps:#?}\n{:?}", world.faults);
        let parse = check::lines_parse(&plain);
        prop_assert!(parse.is_ok(), "{steps:#?}\n{parse:?}");
        let source = check::lines_have_a_source(&plain, &steps);
        prop_assert!(source.is_ok(), "{steps:#?}\n{source:?}");
        let mut random = Random::new(seed);
        for _ in 0..4 {
            let schedule = Schedule::random(&mut random);
            let (other, world) = run_with(&setup, &policy, &steps, schedule);
            prop_assert_eq!(&plain, &other, "{:#?}\n{:?}", steps, schedule);
            prop_assert!(world.faults.is_empty(), "{schedule:?}\n{steps:#?}\n{:?}", world.faults);
        }
    }
}
