//! Planted fakes appear in no output, no event, no reply and no `Debug` text, however they are
//! spelled, cut, and wherever they stand.

use portcullis_engine::{AuthConfig, PatternConfig, PatternKind, Receiver, Rules, Severity, Side};
use portcullis_proptests::random::Random;
use portcullis_proptests::secrets::{CREDENTIAL, Spelling, TOKEN, spell};
use portcullis_proptests::streams::{self, FAKE, Plant};
use portcullis_proptests::world::{Schedule, Setup, Step, World, run};
use portcullis_proptests::{cases, check, factor, seed};
use proptest::prelude::*;

/// All that anybody may print of a session.
fn debug_of(world: &World, setup: &Setup) -> String {
    let engine = &world.engine;
    format!(
        "{engine:?} {:#?} {:?} {setup:?} {:?}",
        engine.metrics(),
        world.ledger,
        engine.deadline()
    )
}

proptest! {
    #![proptest_config(cases(500))]

    /// Any stream with the fake in it.
    #[test]
    fn streams_keep_the_secret(
        actions in streams::actions(16),
        policy in streams::policy(),
        seed in any::<u64>(),
    ) {
        let mut policy = policy;
        policy.redaction.enabled = true;
        let setup = Setup { policy, limits: streams::small_limits(0), ..Setup::default() };
        let steps = streams::script(&actions, true);
        let schedule = Schedule::random(&mut Random::new(seed));
        // A line that is no JSON is noise: its escapes are not decoded, it is no message.
        let (mut output, world) = run(&setup, &steps, schedule);
        output.bytes[2].clear();
        let mut debug = debug_of(&world, &setup);
        debug.push_str(&format!("{:?}", Setup::default()));
        let kept = check::keeps_secrets(&output, &debug, &[&FAKE.text]);
        prop_assert!(kept.is_ok(), "{steps:#?}\n{kept:?}");
    }

    /// The token that a client presents never reaches its server, wherever else it stands.
    #[test]
    fn streams_keep_the_token(frames in proptest::collection::vec(streams::frame(), 1..8), seed in any::<u64>()) {
        let mut setup = Setup { limits: streams::small_limits(0), ..Setup::default() };
        setup.policy.auth = streams::auth_by_token();
        let mut frames = frames;
        for frame in &mut frames {
            // What a server says holds no token that it could not know; a response presents none.
            frame.plant = if frame.token == streams::Token::Good { Plant::Token } else { Plant::None };
            frame.token = match frame.token {
                streams::Token::InParams => streams::Token::None,
                other => other,
            };
        }
        let actions: Vec<_> =
            frames.into_iter().map(|frame| streams::Action::Line(Side::Client, frame)).collect();
        let steps = streams::script(&actions, true);
        let (output, world) = run(&setup, &steps, Schedule::random(&mut Random::new(seed)));
        let mut debug = debug_of(&world, &Setup::default());
        debug.push_str(&format!("{:?}", setup.policy));
        let kept = check::keeps_secrets(&output, &debug, &[TOKEN]);
        prop_assert!(kept.is_ok(), "{steps:#?}\n{kept:?}");
    }

    /// The credential that is attached reaches the server and nobody else: no client, no event, no
    /// `Debug`.
    #[test]
    fn streams_keep_the_credential(
        actions in streams::actions(16),
        policy in streams::policy(),
        seed in any::<u64>(),
    ) {
        let mut setup = Setup { policy, limits: streams::small_limits(0), ..Setup::default() };
        setup.policy.auth = AuthConfig { attach: Some(CREDENTIAL.to_owned().into()), ..Default::default() };
        let steps = streams::script(&actions, true);
        let (mut output, world) = run(&setup, &steps, Schedule::random(&mut Random::new(seed)));
        let lines = || output.lines(Receiver::Server);
        let count = |part: &[u8]| lines().filter(|line| holds(line, part)).count();
        let told = count(CREDENTIAL.as_bytes());
        prop_assert!(told >= count(b"\"method\""), "{steps:#?}\n{output:?}");
        // The check sees the credential where it is.
        prop_assert_eq!(check::keeps_secrets(&output, "", &[CREDENTIAL]).is_err(), told > 0);
        output.bytes[Receiver::Server as usize].clear();
        let debug = format!("{} {:?}", debug_of(&world, &setup), setup.compile());
        let kept = check::keeps_secrets(&output, &debug, &[CREDENTIAL]);
        prop_assert!(kept.is_ok(), "{steps:#?}\n{kept:?}");
    }
}

fn holds(line: &[u8], part: &[u8]) -> bool {
    line.windows(part.len()).any(|window| window == part)
}

/// Where a secret may stand; `$` is its place.
const PLACES: [&str; 16] = [
    r#"c{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"k":"$"}}}"#,
    r#"c{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"k":["a",{"b":"$"}]}}}"#,
    r#"c{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"$":1}}}"#,
    r#"c{"jsonrpc":"2.0","id":1,"method":"ping","more":["$"]}"#,
    r#"c{"jsonrpc":"2.0","method":"notifications/progress","params":{"_meta":{"x":"$"}}}"#,
    r#"c[{"jsonrpc":"2.0","id":1,"method":"x","params":{"k":"$"}},{"jsonrpc":"2.0","method":"n","params":{"k":"$"}}]"#,
    r#"s{"jsonrpc":"2.0","id":0,"result":{"content":[{"type":"text","text":"$"}]}}"#,
    r#"s{"jsonrpc":"2.0","id":0,"error":{"code":1,"message":"$","data":"$"}}"#,
    r#"s{"jsonrpc":"2.0","method":"notifications/message","params":{"data":{"$":"$"}}}"#,
    r#"s{"jsonrpc":"2.0","id":5,"method":"sampling/createMessage","params":{"messages":[{"content":{"text":"$"}}]}}"#,
    // From here on only rules that know a secret by itself.
    r#"c{"jsonrpc":"2.0","id":"$","method":"ping"}"#,
    r#"c{"jsonrpc":"2.0","id":1,"method":"$"}"#,
    r#"c{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"$"}}"#,
    r#"c{"jsonrpc":"2.0","id":1,"method":"ping","$":true}"#,
    // And from here on only critical ones.
    r#"c{"jsonrpc":"2.0","id":1,"method":"resources/list","params":{"cursor":"$"}}"#,
    r#"s{"jsonrpc":"2.0","id":0,"result":{"nextCursor":"$"}}"#,
];
const ANCHORED_FROM: usize = 10;
const CRITICAL_FROM: usize = 14;

#[test]
fn every_rule_at_every_place_in_every_spelling() {
    let rules = Rules::default();
    let setup = Setup::default();
    let policy = setup.compile();
    let mut random = Random::new(seed());
    for id in rules.iter() {
        let info = rules.info(id);
        for round in 0..u64::from(factor()) {
            let text = rules.example(id, seed() + round).expect("a built-in rule has an example");
            let mut found = Vec::new();
            rules.find(text.as_bytes(), &mut found);
            let secrets: Vec<&str> =
                found.iter().map(|found| &text[found.start..found.end]).collect();
            assert!(!secrets.is_empty(), "{}", info.name);
            let places = match (info.anchored, info.severity) {
                (true, Severity::Critical) => &PLACES[..],
                (true, _) => &PLACES[..CRITICAL_FROM],
                _ => &PLACES[..ANCHORED_FROM],
            };
            for place in places {
                for spelling in Spelling::ALL {
                    let inside = spell_lines(&text, spelling);
                    let schedule = Schedule::random(&mut random);
                    let steps = steps_of(place, &inside);
                    let (output, world) =
                        portcullis_proptests::world::run_with(&setup, &policy, &steps, schedule);
                    let debug = debug_of(&world, &setup);
                    let kept = check::keeps_secrets(&output, &debug, &secrets);
                    assert_eq!(kept, Ok(()), "{} {spelling:?}\n{steps:#?}", info.name);
                }
            }
        }
    }
}

/// The inside of a JSON string that may hold line ends.
fn spell_lines(text: &str, spelling: Spelling) -> String {
    text.split('\n').map(|line| spell(line, spelling)).collect::<Vec<_>>().join("\\n")
}

fn steps_of(place: &str, inside: &str) -> Vec<Step> {
    let side = if place.starts_with('c') { Side::Client } else { Side::Server };
    let ask = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"tools/list\"}\n";
    let line = place[1..].replace('$', inside) + "\n";
    vec![
        Step::Bytes(Side::Client, ask.as_bytes().to_vec()),
        Step::Bytes(side, line.into_bytes()),
        Step::Close(Side::Client),
        Step::Close(Side::Server),
    ]
}

#[test]
fn a_secret_at_every_offset_of_a_stream() {
    let setup = Setup::default();
    let policy = setup.compile();
    for offset in 0..200 {
        let pad = "x ".repeat(offset / 2) + &" ".repeat(offset % 2);
        for text in [
            format!(
                "{{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{{\"k\":\"{pad}{}\"}}}}\n",
                FAKE.text
            ),
            format!(
                "{{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{{\"k\":\"{pad}{}\"}}}}\n",
                spell(&FAKE.text, Spelling::Hex)
            ),
        ] {
            let steps = [Step::Bytes(Side::Client, text.into_bytes())];
            let (output, _) =
                portcullis_proptests::world::run_with(&setup, &policy, &steps, Schedule::PLAIN);
            assert_eq!(check::keeps_secrets(&output, "", &[&FAKE.text]), Ok(()), "{steps:?}");
            let out = String::from_utf8_lossy(&output.bytes[1]).into_owned();
            assert!(out.contains(&FAKE.mark) && out.contains(&pad), "{steps:?}\n{out}");
        }
    }
}

#[test]
fn many_decoys_before_a_real_one() {
    // Public bug guard0-ai/g0#168: a cap on findings switched enforcement off.
    let mut setup = Setup::default();
    setup.policy.redaction.patterns.push(PatternConfig {
        name: "decoy".to_owned(),
        kind: PatternKind::Literal,
        pattern: "DECOY-1".to_owned(),
        ..PatternConfig::default()
    });
    for count in [1, 49, 50, 51, 511, 512, 513, 5_000] {
        let decoys: Vec<String> = (0..count).map(|_| "\"DECOY-1 ghp_no\"".to_owned()).collect();
        let text = format!(
            "{{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{{\"k\":[{},\"{}\"]}}}}\n",
            decoys.join(","),
            spell(&FAKE.text, Spelling::SomeHex)
        );
        let (output, _) =
            run(&setup, &[Step::Bytes(Side::Client, text.into_bytes())], Schedule::PLAIN);
        assert_eq!(check::keeps_secrets(&output, "", &[&FAKE.text, "DECOY-1"]), Ok(()), "{count}");
        assert!(!output.bytes[1].is_empty(), "{count}");
    }
}

#[test]
fn noise_is_redacted() {
    let setup = Setup::default();
    for line in [
        format!("debug: key is {}\n", FAKE.text),
        format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"{}\"\n", FAKE.text),
        format!("\"{}\"\n", FAKE.text),
        format!("[{}\n", FAKE.text),
    ] {
        for chunk in 1..line.len() {
            let chunks = portcullis_proptests::world::Sizes::Fixed(chunk);
            let schedule = Schedule { chunks, ..Schedule::PLAIN };
            let steps = [Step::Bytes(Side::Server, line.clone().into_bytes())];
            let (output, world) = run(&setup, &steps, schedule);
            let debug = debug_of(&world, &setup);
            assert_eq!(check::keeps_secrets(&output, &debug, &[&FAKE.text]), Ok(()), "{line}");
            assert!(!output.bytes[2].is_empty(), "{line}");
        }
    }
}

#[test]
fn debug_in_the_middle_of_everything_shows_no_peer_bytes() {
    let setup = Setup::default();
    let half = format!("{{\"jsonrpc\":\"2.0\",\"id\":\"SECRET-1\",\"x\":\"SECRET-1 {}", FAKE.text);
    let mut world = World::new(&setup, setup.compile(), Schedule::PLAIN);
    for side in Side::ALL {
        world.step(&Step::Bytes(side, half.clone().into_bytes()));
    }
    let debug = debug_of(&world, &setup);
    assert!(!debug.contains("SECRET-1") && !debug.contains(&FAKE.text), "{debug}");
}
