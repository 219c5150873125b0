//! What went out sealed comes back whole, to the tools that its rule names and to nobody else.

use portcullis_engine::{
    Facts, Mode, PatternConfig, PatternKind, PolicyConfig, Receiver, SealKey, Side,
};
use portcullis_proptests::random::Random;
use portcullis_proptests::world::{Output, Schedule, Setup, Step, run};
use portcullis_proptests::{cases, check};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The secrets are all texts between `<<` and `>>`; two tools may see them.
fn setup() -> Setup {
    let mut policy = PolicyConfig::default();
    policy.redaction.seal_key = Some(SealKey::new([9; 32]));
    policy.redaction.patterns = vec![PatternConfig {
        name: "between".to_owned(),
        kind: PatternKind::Regex,
        pattern: "<<[^<>]*>>".to_owned(),
        action: Mode::Seal,
        to: vec!["exact".to_owned(), "begin_*".to_owned()],
        ..PatternConfig::default()
    }];
    Setup { policy, ..Setup::default() }
}

fn line(side: Side, value: &Value) -> Step {
    Step::Bytes(side, (value.to_string() + "\n").into_bytes())
}

/// What one side got, line by line.
fn got(output: &Output, to: Receiver) -> Vec<Value> {
    output.lines(to).map(|line| serde_json::from_slice(line).expect("a line of JSON")).collect()
}

/// The server tells a secret; what the client sees instead of it.
fn told(secret: &str) -> (Step, String) {
    let step =
        line(Side::Server, &json!({"jsonrpc": "2.0", "method": "n", "params": {"k": secret}}));
    let (output, _) = run(&setup(), std::slice::from_ref(&step), Schedule::PLAIN);
    let seen = got(&output, Receiver::Client);
    let placeholder = seen[0]["params"]["k"].as_str().expect("a text").to_owned();
    assert!(placeholder.starts_with("[SEALED:between:"), "{placeholder}");
    (step, placeholder)
}

/// The text, so many times as a string of JSON in a string of JSON.
fn nested(text: &str, depth: usize) -> String {
    (0..depth).fold(text.to_owned(), |text, level| match level % 2 {
        0 => json!({"k": text, "other": ["x", null]}).to_string(),
        _ => format!("[\n {} ]", Value::from(text)),
    })
}

/// What stands so deep in it.
fn unnested(text: &str, depth: usize) -> String {
    (0..depth).rev().fold(text.to_owned(), |text, level| {
        let value: Value = serde_json::from_str(&text).expect("still JSON");
        let inner = if level % 2 == 0 { &value["k"] } else { &value[0] };
        inner.as_str().expect("a text").to_owned()
    })
}

fn call(tool: &str, text: &str) -> Value {
    let arguments = json!({"list": [1, {"a": text}]});
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": tool, "arguments": arguments}})
}

/// Secrets with all that JSON has to escape.
fn secret() -> impl Strategy<Value = String> {
    "[ -;=?-~\n\t\"\\\\éß\u{1f511}\u{1}]{0,40}".prop_map(|inner| format!("<<{inner}>>"))
}

proptest! {
    #![proptest_config(cases(400))]

    /// Whole, at every depth, whatever stands around it.
    #[test]
    fn a_sealed_secret_comes_back_whole(
        secret in secret(),
        depth in 0..4_usize,
        before in "([ ='é]|Bearer |x: )?",
        behind in "([ ;'é]|, x)?",
        tool in prop::sample::select(vec!["exact", "begin_", "begin_more"]),
        seed in any::<u64>(),
    ) {
        let (step, placeholder) = told(&secret);
        let text = nested(&format!("{before}{placeholder}{behind}"), depth);
        let steps = [step, line(Side::Client, &call(tool, &text))];
        let schedule = Schedule::random(&mut Random::new(seed));
        let (output, _) = run(&setup(), &steps, schedule);
        let seen = got(&output, Receiver::Server);
        let text = seen[0]["params"]["arguments"]["list"][1]["a"].as_str().expect("a text");
        prop_assert_eq!(unnested(text, depth), format!("{before}{secret}{behind}"));
        let (plain, _) = run(&setup(), &steps, Schedule::PLAIN);
        prop_assert_eq!(plain, output);
    }

    /// No other tool, no other place, no text that only resembles it, no other session.
    #[test]
    fn nobody_else_gets_it(
        secret in "[a-z0-9\"\\\\]{12,40}".prop_map(|inner| format!("<<{inner}>>")),
        place in 0..9_usize,
        seed in any::<u64>(),
    ) {
        let (step, placeholder) = told(&secret);
        let glued = format!("a{placeholder}");
        let cut = &placeholder[..placeholder.len() - 1];
        let other = placeholder.replace("between", "betwixt");
        let mut message = match place {
            0 => call("exactly", &placeholder),
            1 => call("not_begin_more", &placeholder),
            2 => call("exact", &glued),
            3 => call("exact", cut),
            4 => call("exact", &other),
            5 => call("exact", "x"),
            6 => json!({"jsonrpc": "2.0", "id": 1, "method": "prompts/get",
                "params": {"name": "exact", "arguments": {"a": placeholder}}}),
            7 => json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                "params": {"name": "exact", "arguments": {(placeholder.as_str()): 1}}}),
            _ => call("exact", &placeholder),
        };
        message["params"]["_meta"] = json!({"note": placeholder});
        let mut steps = vec![step, line(Side::Client, &message)];
        if place == 8 {
            // A session that never saw it.
            steps.remove(0);
        }
        let (output, world) = run(&setup(), &steps, Schedule::random(&mut Random::new(seed)));
        let debug = format!("{:?} {:?} {:?}", world.engine, world.ledger, setup());
        let kept = check::keeps_secrets(&output, &debug, &[&secret]);
        prop_assert!(kept.is_ok(), "{kept:?}");
        // It passes as it came.
        prop_assert_eq!(got(&output, Receiver::Server), vec![message]);
    }

    /// Who opens it is told by rule and tool, and nothing more.
    #[test]
    fn records_of_it_hold_nothing(secret in "[a-z0-9]{12,40}".prop_map(|inner| format!("<<{inner}>>"))) {
        let (step, placeholder) = told(&secret);
        let steps = [step, line(Side::Client, &call("exact", &placeholder))];
        let (mut output, world) = run(&setup(), &steps, Schedule::PLAIN);
        output.bytes = Default::default();
        let debug = format!("{:?} {:?}", world.engine, world.engine.metrics());
        let kept = check::keeps_secrets(&output, &debug, &[&secret]);
        prop_assert!(kept.is_ok(), "{kept:?}");
        prop_assert_eq!(output.events.len(), 2);
    }
}

#[test]
fn sessions_share_no_placeholder() {
    let (step, first) = told("<<secret>>");
    let setup = setup();
    let mut world =
        portcullis_proptests::world::World::new(&setup, setup.compile(), Schedule::PLAIN);
    world.engine.facts(Side::Client, Facts::new(2, "other"));
    let output = world.step(&step);
    let second = got(&output, Receiver::Client)[0]["params"]["k"].clone();
    assert_ne!(second, first.as_str());
}
