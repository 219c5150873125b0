//! A client's frame is refused exactly when its end does not come within its time, however the
//! bytes are cut and whatever else happens; and never while somebody else makes the lane stand.

use portcullis_engine::{EventKind, Limits, Reason, Receiver, Side, Stall, Time};
use portcullis_proptests::cases;
use portcullis_proptests::random::Random;
use portcullis_proptests::streams;
use portcullis_proptests::world::{Output, Schedule, Setup, Step, World, run};
use proptest::prelude::*;

const LIMIT_MS: u64 = 1_000;
/// When a world begins.
const START_MS: u64 = 1_000;

fn limits() -> Limits {
    let mut limits = streams::small_limits(0);
    limits.frame_ms_max = LIMIT_MS;
    limits.requests_open_max = 1_000;
    limits
}

/// A line that passes, one that is over the limit of size, or one that is blank.
fn line(number: usize, kind: usize) -> Vec<u8> {
    let pad = match kind {
        0 => return b" \n".to_vec(),
        1 => 9_000,
        _ => 10 * kind,
    };
    let pad = "x".repeat(pad);
    format!("{{\"jsonrpc\":\"2.0\",\"id\":{number},\"method\":\"{pad}\"}}\n").into_bytes()
}

/// When the frame that waits longest has waited too long, and how much was whole by then.
fn oracle(steps: &[Step]) -> (Option<u64>, usize) {
    let (mut now, mut begun, mut whole) = (START_MS, None, 0);
    let mut line = Vec::new();
    for step in steps {
        match step {
            Step::Bytes(Side::Client, bytes) => {
                for &byte in bytes {
                    if byte == b'\n' {
                        whole += usize::from((3..=8 << 10).contains(&line.len()));
                        line.clear();
                        begun = None;
                    } else {
                        line.push(byte);
                        begun = begun.or(Some(now));
                    }
                }
            }
            Step::Wait(ms) => {
                now += ms;
                if let Some(at) = begun.map(|begun| begun + LIMIT_MS).filter(|&at| at <= now) {
                    return (Some(at), whole);
                }
            }
            _ => {}
        }
    }
    (None, whole)
}

fn too_slow(output: &Output) -> Vec<u64> {
    let events = output.events.iter().filter(|event| {
        event.kind == EventKind::Refused && event.reason == Some(Reason::FrameTooSlow)
    });
    events.map(|event| event.time.monotonic_ms).collect()
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_frame_has_its_time_and_no_more(
        kinds in proptest::collection::vec(0..20_usize, 1..12),
        cuts in proptest::collection::vec(1..160_usize, 1..60),
        waits in proptest::collection::vec(prop_oneof![
            4 => Just(0),
            8 => 1..300_u64,
            1 => 900..1_100_u64,
            1 => LIMIT_MS - 1..=LIMIT_MS,
        ], 60),
        server in proptest::collection::vec(streams::frame(), 60),
        seed in any::<u64>(),
    ) {
        let lines = kinds.iter().enumerate().map(|(n, &kind)| line(n, kind));
        let stream: Vec<u8> = lines.flatten().collect();
        let mut steps = Vec::new();
        let mut rest = &stream[..];
        // What the server says meanwhile changes nothing, unless it ends what the client asked.
        for ((cut, wait), frame) in cuts.into_iter().zip(waits).zip(server) {
            let (piece, tail) = rest.split_at((cut * cut).min(rest.len()));
            rest = tail;
            steps.push(Step::Bytes(Side::Client, piece.to_vec()));
            steps.push(Step::Bytes(Side::Server, frame.render()[..1].to_vec()));
            steps.push(Step::Wait(wait));
        }
        let (dead, whole) = oracle(&steps);
        let setup = Setup { limits: limits(), ..Setup::default() };
        let mut random = Random::new(seed);
        let mut schedules = vec![Schedule::PLAIN];
        schedules.extend((0..2).map(|_| {
            let drained = portcullis_proptests::world::Drained::EachStep;
            Schedule { drained, ..Schedule::random(&mut random) }
        }));
        for schedule in schedules {
            let (output, world) = run(&setup, &steps, schedule);
            prop_assert_eq!(too_slow(&output), Vec::from_iter(dead), "{:#?}", steps);
            prop_assert_eq!(output.lines(Receiver::Server).count(), whole, "{:#?}", steps);
            let ended = world.engine.stalled(Side::Client) == Some(Stall::Ended);
            prop_assert_eq!(ended, dead.is_some(), "{:#?}", steps);
            prop_assert!(world.faults.is_empty(), "{:?}", world.faults);
        }
    }
}

/// A clock that stands in `send_commit` must not start a count in the past.
#[test]
fn a_count_starts_at_a_time_that_was_told() {
    let mut setup = Setup { limits: limits(), ..Setup::default() };
    setup.limits.answers_owed_max = 1;
    let mut world = World::new(&setup, setup.compile(), Schedule::PLAIN);
    let sent = b"{}\n{\"jsonrpc\":\"2.0\",\"id\":1,";
    let now = Time::new(START_MS, 0);
    let taken = world.engine.recv_copy(&mut world.ledger, Side::Client, sent, now);
    assert_eq!((taken, world.engine.stalled(Side::Client)), (sent.len(), Some(Stall::Sender)));
    world.engine.tick(&mut world.ledger, now);
    assert_eq!(world.engine.deadline(), None);
    // Much later the client reads; the verb that tells so has no time.
    let count = world.engine.send_ready(Receiver::Client).len();
    world.engine.send_commit(&mut world.ledger, Receiver::Client, count);
    assert_eq!((world.engine.stalled(Side::Client), world.engine.deadline()), (None, None));
    world.engine.tick(&mut world.ledger, Time::new(90_000, 0));
    let (at, _) = world.engine.deadline().expect("the count has started");
    assert_eq!(at, 90_000 + LIMIT_MS);
}
