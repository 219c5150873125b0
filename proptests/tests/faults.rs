//! Faults: cut after every byte, flip every bit. Never a panic, never a byte out that nobody
//! judged.

use std::sync::Arc;

use portcullis_engine::{Policy, Side};
use portcullis_proptests::random::Random;
use portcullis_proptests::secrets::{Fake, TOKEN};
use portcullis_proptests::streams::{self, FAKE};
use portcullis_proptests::world::{Output, Schedule, Setup, Step, run_with};
use portcullis_proptests::{check, seed};

/// A session with a bit of everything, once with a token and once without.
fn transcript(token: bool) -> Vec<Step> {
    let Fake { text: secret, .. } = &*FAKE;
    let auth = if token { format!(",\"auth_token\":\"{TOKEN}\"") } else { String::new() };
    let escape = "\\u00e9\\\\";
    let client = |text: &str| (Side::Client, text.replace('@', &auth));
    let server = |text: &str| (Side::Server, text.to_owned());
    let lines = [
        client(r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}@}"#),
        server(r#"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-03-26"}}"#),
        client(r#"{"jsonrpc":"2.0","method":"notifications/initialized"@}"#),
        server("Listening on stdio"),
        client(r#"{"jsonrpc":"2.0","id":"l","method":"tools/list"@}"#),
        server(r#"{"jsonrpc":"2.0","id":"l","result":{"tools":[{"name":"denied"},{"name":"x"}]}}"#),
        client(&format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"x","arguments":{{"a{escape}":"is {secret}"}}}}@}}"#
        )),
        server(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#),
        client(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#),
        server(&format!(
            r#"{{"jsonrpc":"2.0","id":1,"result":{{"content":[{{"type":"text","text":"{secret}{escape}"}}]}}}}"#
        )),
        client(
            r#"[{"jsonrpc":"2.0","id":2,"method":"a"@},{"jsonrpc":"2.0","id":3,"method":"b"@}]"#,
        ),
        client(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}@}"#),
        server(r#"{"jsonrpc":"2.0","id":3,"result":[1.0,1E400]}"#),
        client(r#"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"denied"}@}"#),
    ];
    lines.into_iter().map(|(side, line)| Step::Bytes(side, (line + "\n").into_bytes())).collect()
}

fn setup(token: bool) -> Setup {
    let mut setup = Setup { limits: streams::small_limits(1), ..Setup::default() };
    setup.policy.tools.deny.push("denied".to_owned());
    if token {
        setup.policy.auth = streams::auth_by_token();
    }
    setup
}

fn check(
    setup: &Setup,
    policy: &Arc<Policy>,
    steps: &[Step],
    schedule: Schedule,
    secrets: &[&str],
) -> Output {
    let (output, world) = run_with(setup, policy, steps, schedule);
    let debug = format!("{:?}", world.engine);
    let checks = [
        check::lines_parse(&output),
        check::lines_have_a_source(&output, steps),
        check::keeps_secrets(&output, &debug, secrets),
        if world.faults.is_empty() { Ok(()) } else { Err(world.faults.join("\n")) },
    ];
    for result in checks {
        assert_eq!(result, Ok(()), "{schedule:?}\n{steps:#?}\n{output:?}");
    }
    output
}

#[test]
fn cut_after_every_byte() {
    let mut random = Random::new(seed());
    for token in [false, true] {
        let (setup, steps) = (setup(token), transcript(token));
        let policy = setup.compile();
        for at in 0..steps.len() {
            let Step::Bytes(side, bytes) = &steps[at] else { continue };
            for cut in 0..=bytes.len() {
                for first in [*side, side.other()] {
                    let mut steps = steps[..at].to_vec();
                    steps.push(Step::Bytes(*side, bytes[..cut].to_vec()));
                    steps.extend([Step::Close(first), Step::Close(first.other())]);
                    let schedule = Schedule::random(&mut random);
                    let (_, world) = run_with(&setup, &policy, &steps, schedule);
                    assert!(world.engine.is_finished(), "{steps:#?}");
                    check(&setup, &policy, &steps, schedule, &[&FAKE.text]);
                }
            }
        }
    }
}

#[test]
fn flip_every_bit() {
    let mut random = Random::new(seed());
    for token in [false, true] {
        let (setup, steps) = (setup(token), transcript(token));
        let policy = setup.compile();
        for at in 0..steps.len() {
            let Step::Bytes(side, bytes) = &steps[at] else { continue };
            for bit in 0..bytes.len() * 8 {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                let mut steps = steps.clone();
                steps[at] = Step::Bytes(*side, flipped);
                let schedule = Schedule::random(&mut random);
                // What is glued to the end of a word is another word, and no secret.
                let glued = bytes[bit / 8 + 1..].starts_with(FAKE.text.as_bytes());
                let secrets = [&FAKE.text[..]];
                check(&setup, &policy, &steps, schedule, &secrets[usize::from(glued)..]);
            }
        }
    }
}

#[test]
fn the_transcript_itself_is_what_it_seems() {
    for token in [false, true] {
        let (setup, steps) = (setup(token), transcript(token));
        let policy = setup.compile();
        let output = check(&setup, &policy, &steps, Schedule::PLAIN, &[&FAKE.text, TOKEN]);
        let lines = |to: usize| String::from_utf8_lossy(&output.bytes[to]).into_owned();
        let marks = lines(0).matches(&FAKE.mark).count() + lines(1).matches(&FAKE.mark).count();
        assert_eq!(marks, 2, "{output:?}");
        assert_eq!(lines(0).matches("\"denied\"").count(), 0, "{output:?}");
        assert_eq!(lines(0).lines().count(), 6, "{output:?}");
        assert_eq!(lines(1).lines().count(), 8, "{output:?}");
    }
}
