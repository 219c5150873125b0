//! The harness can fail: each property notices the defect that it is there for.

use portcullis_engine::{Receiver, Side};
use portcullis_proptests::random::Random;
use portcullis_proptests::secrets::Fake;
use portcullis_proptests::streams::FAKE;
use portcullis_proptests::world::{
    Defect, Drained, Output, Schedule, Setup, Sizes, Step, World, run,
};
use portcullis_proptests::{base64, check, counting};

#[global_allocator]
static COUNTING: counting::Counting = counting::Counting;

/// A session in which every property has something to look at.
fn steps() -> Vec<Step> {
    let Fake { text: secret, .. } = &*FAKE;
    let line = |side, text: String| Step::Bytes(side, (text + "\n").into_bytes());
    let mut steps = Vec::new();
    for id in 0..12 {
        steps.push(line(
            Side::Client,
            format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"x\",\"params\":{{\"k\":\"{secret}\"}}}}"),
        ));
        steps.push(line(
            Side::Client,
            format!("{{\"jsonrpc\":\"2.0\",\r\"id\":{id}00,\"method\":\"x\"}}"),
        ));
        steps.push(line(
            Side::Server,
            format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{}}}}"),
        ));
    }
    steps
}

fn setup(defect: Defect) -> Setup {
    Setup { defect, ..Setup::default() }
}

fn random_schedules() -> impl Iterator<Item = Schedule> {
    let mut random = Random::new(1);
    (0..20).map(move |_| Schedule::random(&mut random))
}

/// Whether some schedule gives other bytes or events than the plain one.
fn schedule_shows(defect: Defect) -> bool {
    let (plain, _) = run(&setup(defect), &steps(), Schedule::PLAIN);
    random_schedules().any(|schedule| run(&setup(defect), &steps(), schedule).0 != plain)
}

fn plain(defect: Defect) -> Output {
    run(&setup(defect), &steps(), Schedule::PLAIN).0
}

#[test]
fn a_redactor_that_is_off_is_noticed() {
    let kept = |defect| check::keeps_secrets(&plain(defect), "", &[&FAKE.text]);
    assert_eq!(kept(Defect::None), Ok(()));
    assert!(kept(Defect::RedactionOff).is_err());
}

#[test]
fn secrets_in_debug_and_events_are_noticed() {
    let output = plain(Defect::None);
    let debug = format!("Engine {{ buffer: {:?} }}", FAKE.text);
    assert!(check::keeps_secrets(&output, &debug, &[&FAKE.text]).is_err());
    // "x" is the method that every event shows.
    assert!(check::keeps_secrets(&output, "", &["method=x"]).is_err());
}

#[test]
fn a_bare_cr_that_is_taken_is_noticed() {
    let source = |defect| check::lines_have_a_source(&plain(defect), &steps());
    assert_eq!(source(Defect::None), Ok(()));
    assert!(source(Defect::TakesCr).is_err());
}

#[test]
fn a_byte_that_is_written_twice_is_noticed() {
    assert!(!schedule_shows(Defect::None));
    assert!(schedule_shows(Defect::RepeatsByte));
    let schedule = Schedule { portions: Sizes::Fixed(7), ..Schedule::PLAIN };
    let (output, _) = run(&setup(Defect::RepeatsByte), &steps(), schedule);
    assert!(check::lines_parse(&output).is_err());
}

#[test]
fn events_that_depend_on_the_chunks_are_noticed() {
    assert!(schedule_shows(Defect::LosesEvents));
}

#[test]
fn an_answer_that_is_lost_is_noticed() {
    let answers = |defect| plain(defect).lines(Receiver::Client).count();
    assert_eq!(answers(Defect::None), 24);
    assert!(answers(Defect::LosesLines) < 24);
}

#[test]
fn a_line_that_nobody_sent_is_noticed() {
    let mut output = plain(Defect::None);
    output.bytes[1].extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"hidden\"}\n");
    assert!(check::lines_have_a_source(&output, &steps()).is_err());
    let mut output = plain(Defect::None);
    output.bytes[0].extend_from_slice(b"{\"jsonrpc\":\"2.0\"\n");
    assert!(check::lines_parse(&output).is_err());
}

#[test]
fn a_change_beside_an_encoded_mark_is_noticed() {
    let secret = &FAKE.text;
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    // Each with how many of its first characters stand before what the mark touches.
    let encoded = [
        (base64::encode(&format!("key: {secret} and {secret}, no more")), 4),
        (base64::encode(&format!("the key: {secret}, no more")), 12),
        (base64::encode(&format!("see??? {secret} ??? there")).replace('/', "\\/"), 4),
        (hex, 0),
        (secret.replacen('_', "%5f", 1), 0),
    ];
    for (encoded, before) in encoded {
        let text = format!(
            "{{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{{\"k\":\"see {encoded} there\"}}}}"
        );
        let steps = [Step::Bytes(Side::Client, (text.clone() + "\n").into_bytes())];
        let (output, _) = run(&setup(Defect::None), &steps, Schedule::PLAIN);
        let came = String::from_utf8_lossy(&output.bytes[1]).into_owned();
        assert!(!came.contains(&encoded) && !came.contains("[REDACTED:"), "{came}");
        assert_eq!(check::lines_have_a_source(&output, &steps), Ok(()), "{came}");
        let touched = came.find("see ").expect("what stands before") + 4 + before
            ..came.find(" there").expect("what stands behind");
        for at in (0..came.len() - 1).filter(|at| !touched.contains(at)) {
            let mut changed = output.clone();
            changed.bytes[1][at] ^= 1;
            assert!(check::lines_have_a_source(&changed, &steps).is_err(), "{at}: {changed:?}");
        }
    }
}

#[test]
fn a_host_that_does_not_read_is_no_fault() {
    let schedule = Schedule { drained: Drained::AtEnd, ..Schedule::PLAIN };
    let mut world = World::new(&setup(Defect::None), setup(Defect::None).compile(), schedule);
    for step in steps() {
        world.step(&step);
    }
    assert_eq!(world.faults, Vec::<String>::new());
}

#[test]
fn the_allocator_counts() {
    let before = counting::counts();
    counting::reset_peak();
    let mut block = vec![0_u8; 1_000];
    block.reserve_exact(2_000);
    let during = counting::counts();
    assert_eq!(during.allocations - before.allocations, 2);
    assert_eq!(during.held - before.held, 3_000);
    drop(block);
    let after = counting::counts();
    assert_eq!(after.held, before.held);
    // While a block grows, both are there.
    assert_eq!(after.peak - before.held, 4_000);
}
