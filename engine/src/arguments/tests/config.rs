//! What a configuration may say.

use serde_json::{Value, json};

use super::configs;
use crate::arguments::Arguments;
use crate::arguments::rules::RULES_MAX;
use crate::base::error::ConfigError;

fn fault(rules: &Value) -> String {
    match Arguments::compile(&configs(rules)).expect_err("a fault") {
        error @ ConfigError::Setting(..) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_fault_is_told_by_its_key() {
    for (rule, wanted) in [
        (json!({"name": "", "at": "/a", "required": true}), "arguments[0].name: "),
        (json!({"name": "n".repeat(63), "at": "/a", "required": true}), "arguments[0].name: "),
        (json!({"name": "n", "at": "/a"}), "arguments[0]: has no check"),
        (json!({"name": "n", "at": "a", "required": true}), "arguments[0].at: "),
        (json!({"name": "n", "at": "/a/**/b/**", "required": true}), "arguments[0].at: "),
        (json!({"name": "n", "no_leading_dash": true}), "arguments[0].at: "),
        (json!({"name": "n", "at": "", "kind": "object"}), "arguments[0].at: "),
        (json!({"name": "n", "at": "/**", "kind": "string"}), "arguments[0].kind: "),
        (json!({"name": "n", "at": "/*", "required": true}), "arguments[0].required: "),
        (json!({"name": "n", "at": "/**", "required": true}), "arguments[0].required: "),
        (
            json!({"name": "n", "at": "/a", "kind": "string", "resolve": true}),
            "arguments[0].resolve: ",
        ),
        (
            json!({"name": "n", "at": "/a", "kind": "string", "linear": true}),
            "arguments[0].linear: ",
        ),
        (json!({"name": "n", "at": "/a", "regex": "("}), "arguments[0].regex: "),
        (json!({"name": "n", "at": "/a", "regex": "(a+)+"}), "arguments[0].regex: "),
        (json!({"name": "n", "at": "/a", "not_regex": "a*"}), "arguments[0].not_regex: "),
        (json!({"name": "n", "at": "/a", "length": {}}), "arguments[0].length: "),
        (json!({"name": "n", "at": "/a", "range": {"min": 2, "max": 1}}), "arguments[0].range: "),
        (json!({"name": "n", "at": "/a", "one_of": vec!["x"; 4097]}), "arguments[0].one_of: "),
        (json!({"name": "n", "at": "/a", "members": vec!["x"; 4097]}), "arguments[0].members: "),
        (
            json!({"name": "n", "at": "/a", "required": true, "tools": ["["]}),
            "arguments[0].tools[0]: ",
        ),
        (
            json!({"name": "n", "at": "/a", "required": true, "servers": [""]}),
            "arguments[0].servers[0]: ",
        ),
    ] {
        let told = fault(&json!([rule]));
        assert!(told.starts_with(wanted), "{rule}: {told}");
    }
    let twice = json!([
        {"name": "n", "at": "/a", "required": true},
        {"name": "n", "at": "/b", "required": true},
    ]);
    assert!(fault(&twice).starts_with("arguments[1].name: "));
}

#[test]
fn numbers_at_their_limits() {
    let rules = |count: usize| {
        let rule = |n| json!({"name": format!("n{n}"), "at": "/a", "required": true});
        Arguments::compile(&configs(&(0..count).map(rule).collect()))
    };
    assert!(rules(RULES_MAX - 1).is_ok() && rules(RULES_MAX).is_ok());
    assert!(rules(RULES_MAX + 1).is_err());
    for (name, is_good) in [(61, true), (62, true), (63, false)] {
        let rule = json!([{"name": "n".repeat(name), "at": "/a", "required": true}]);
        assert_eq!(Arguments::compile(&configs(&rule)).is_ok(), is_good, "{name}");
    }
    for (count, is_good) in [(4_095, true), (4_096, true), (4_097, false)] {
        let words: Vec<String> = (0..count).map(|n| format!("w{n}")).collect();
        for key in ["one_of", "members"] {
            let rule = json!([{"name": "n", "at": "/a", key: words}]);
            assert_eq!(Arguments::compile(&configs(&rule)).is_ok(), is_good, "{key} {count}");
        }
    }
}

#[test]
fn unknown_keys_are_errors_and_what_is_written_is_read_again() {
    let read = serde_json::from_value::<crate::arguments::ArgumentConfig>;
    assert!(read(json!({"name": "n", "paths": {}})).is_err());
    assert!(read(json!({"name": "n", "length": {"least": 1}})).is_err());
    let all = configs(&json!([{
        "name": "n", "tools": ["a*"], "servers": ["s"], "at": "/x/*", "resolve": true,
        "path": {"roots": ["/data"]}, "url": {"schemes": ["https"]}, "no_leading_dash": true,
        "regex": "a", "not_regex": "b", "linear": true, "one_of": ["x"], "members": [],
        "length": {"min": 1}, "range": {"max": "9007199254740993.5"}, "kind": "string",
    }]));
    let written = serde_json::to_value(&all).expect("it is written");
    assert_eq!(configs(&written), all);
    Arguments::compile(&all).expect("it compiles");
}
