//! Where a rule looks, and what it makes of other types.

use std::borrow::Cow;

use serde_json::json;

use super::{compile, judge, word};
use crate::arguments::{Arguments, Scratch};
use crate::base::limits::Limits;

/// The numbers in these arguments that a rule at this place looks at.
fn hits(at: &str, arguments: &str) -> Vec<u64> {
    let zero = json!([{"name": "n", "at": at, "range": {"min": 0, "max": 0}}]);
    let is_hit = |n: &u64| {
        let others = (1..=9).filter(|other| other != n);
        let only = others
            .fold(arguments.to_owned(), |text, other| text.replace(&format!(" {other}"), " 0"));
        word(&zero, &only) == "range"
    };
    (1..=9).filter(is_hit).collect()
}

#[test]
fn a_rule_looks_where_its_place_leads() {
    let arguments =
        r#"{"a": 1,"b":{"a": 2,"c":[ 3,{"a": 4}]},"d/e": 5,"f~": 6,"\u0067": 7,"h":[[ 8]],"0": 9}"#;
    for (at, wanted) in [
        ("/a", &[1_u64] as &[u64]),
        ("/b/a", &[2]),
        ("/b/c/0", &[3]),
        ("/b/c/1/a", &[4]),
        ("/b/c/*/a", &[4]),
        ("/**/a", &[1, 2, 4]),
        ("/b/**", &[2, 3, 4]),
        ("/b/**/a", &[2, 4]),
        ("/**", &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
        // An argument may have a number for its name; of a batch nobody speaks here.
        ("/0", &[9]),
        ("/d~1e", &[5]),
        ("/f~0", &[6]),
        ("/g", &[7]),
        ("/h/0/0", &[8]),
        ("/h/*/*", &[8]),
        ("/x", &[]),
        ("/b/c/2", &[]),
        ("/b/c/00", &[]),
    ] {
        assert_eq!(hits(at, arguments), wanted, "{at}");
    }
}

#[test]
fn a_value_of_another_type_is_refused_at_its_place_and_left_alone_below_one() {
    let checks = [
        (json!({"path": {"roots": ["/data"]}}), "path", "\"/data/x\""),
        (json!({"url": {"schemes": ["https"]}}), "url", "\"https://example.com/\""),
        (json!({"no_leading_dash": true}), "no_leading_dash", "\"x\""),
        (json!({"regex": "x"}), "regex", "\"x\""),
        (json!({"not_regex": "y"}), "not_regex", "\"x\""),
        (json!({"length": {"max": 99}}), "length", "\"x\""),
        (json!({"range": {"max": 99}}), "range", "5"),
        (json!({"members": ["x"]}), "members", "{\"x\":1}"),
        (json!({"kind": "string"}), "kind", "\"x\""),
    ];
    let values = ["1", "true", "null", "\"\"", "{}", "[]"];
    for (check, name, good) in checks {
        let at = |at: &str| {
            let mut rule = check.clone();
            rule["name"] = json!("n");
            rule["at"] = json!(at);
            json!([rule])
        };
        assert_eq!(word(&at("/v"), &format!("{{\"v\":{good}}}")), "", "{name}");
        assert_eq!(word(&at("/v"), "{}"), "", "{name}");
        for value in values {
            let arguments = format!("{{\"v\":{value}}}");
            let is_own = match name {
                "range" => value == "1",
                "members" => value == "{}",
                "length" => matches!(value, "\"\"" | "[]"),
                "kind" => value == "\"\"",
                // An array of strings is judged by its elements.
                _ => matches!(value, "\"\"" | "[]"),
            };
            let got = word(&at("/v"), &arguments);
            assert!(is_own || got == name, "{name} {value}: {got:?}");
            if name != "kind" && value != "\"\"" {
                let below = format!("{{\"x\":[{value}]}}");
                let got = word(&at("/**"), &below);
                assert_eq!(got, "", "{name} {value} below");
            }
        }
    }
}

#[test]
fn checks_of_strings_judge_each_element_of_an_array() {
    let dash = json!([{"name": "n", "at": "/v", "no_leading_dash": true}]);
    for (value, wanted) in [
        (r#"["a","b"]"#, ""),
        (r#"["a","-b"]"#, "no_leading_dash"),
        (r#"["a",1]"#, "no_leading_dash"),
        (r#"["a",["b"]]"#, "no_leading_dash"),
        (r#"["a",{}]"#, "no_leading_dash"),
        ("[]", ""),
    ] {
        assert_eq!(word(&dash, &format!("{{\"v\":{value}}}")), wanted, "{value}");
    }
    let path = json!([{"name": "n", "at": "/v", "path": {"roots": ["/data"]}}]);
    assert_eq!(word(&path, r#"{"v":["/data/a","/data/b"]}"#), "");
    assert_ne!(word(&path, r#"{"v":["/data/a","/home/b"]}"#), "");
    // Other checks are about the array itself.
    let both = json!([{"name": "n", "at": "/v", "kind": "array", "length": {"max": 2}, "regex": "[a-z]+"}]);
    assert_eq!(word(&both, r#"{"v":["aaa","bbb"]}"#), "");
    assert_eq!(word(&both, r#"{"v":["aaa","bbb","ccc"]}"#), "length");
    assert_eq!(word(&both, r#"{"v":["aaa","b1"]}"#), "regex");
    assert_eq!(word(&both, r#"{"v":"aaa"}"#), "kind");
}

#[test]
fn one_of_compares_numbers_and_words_by_their_spelling() {
    let rule = json!([{"name": "n", "at": "/v", "one_of": ["1", "true", "null", "a/b"]}]);
    for (value, is_one) in [
        ("1", true),
        ("\"1\"", true),
        ("1.0", false),
        ("true", true),
        ("false", false),
        ("null", true),
        ("\"a\\/b\"", true),
        ("\"\\u0061/b\"", true),
        ("\"A/b\"", false),
        ("{}", false),
        ("[1,\"a/b\"]", true),
        ("[1,2]", false),
        ("[[1]]", false),
    ] {
        let got = word(&rule, &format!("{{\"v\":{value}}}"));
        assert_eq!(got, if is_one { "" } else { "one_of" }, "{value}");
    }
}

#[test]
fn what_is_required_has_to_be_there() {
    let rule = json!([{"name": "n", "at": "/a/b", "required": true}]);
    for (arguments, is_there) in [
        (r#"{"a":{"b":null}}"#, true),
        (r#"{"a":{"\u0062":1}}"#, true),
        (r#"{"a":{"c":1}}"#, false),
        (r#"{"a":{}}"#, false),
        (r#"{"b":1}"#, false),
        ("{}", false),
    ] {
        let wanted = if is_there { "" } else { "required" };
        assert_eq!(word(&rule, arguments), wanted, "{arguments}");
    }
    // The whole of the arguments.
    for (rule, refused) in [
        (json!([{"name": "n", "required": true}]), true),
        (json!([{"name": "n", "at": "/a", "required": true}]), true),
        (json!([{"name": "n", "members": []}]), false),
    ] {
        let rules = compile(&rule);
        let mut scratch = Scratch::default();
        let chosen = rules.choose("", "t", &mut scratch).expect("it is for each tool");
        let raw = |_| Cow::Borrowed(&b""[..]);
        let judged = chosen.judge(b"{}", None, &Limits::default(), raw);
        assert_eq!(judged.is_err(), refused, "{rule}");
    }
}

#[test]
fn rules_are_for_their_tools_and_servers_alone() {
    let applies = |rules: &Arguments, server: &str, tool: &str| {
        rules.choose(server, tool, &mut Scratch::default()).is_some()
    };
    let rules = compile(&json!([
        {"name": "a", "tools": ["read_*", "stat"], "at": "/v", "kind": "string"},
        {"name": "b", "servers": ["files"], "tools": ["write"], "at": "/v", "kind": "string"},
    ]));
    for (server, tool, wanted) in [
        ("files", "read_file", true),
        ("", "stat", true),
        ("files", "write", true),
        ("web", "write", false),
        ("", "write", false),
        ("files", "xread_file", false),
    ] {
        assert_eq!(applies(&rules, server, tool), wanted, "{server} {tool}");
    }
    let of_all = compile(&json!([{"name": "a", "at": "/v", "kind": "null"}]));
    assert!(applies(&of_all, "", "anything"));
    assert!(!applies(&compile(&json!([])), "", "anything"));
    assert_eq!((rules.name(0), rules.name(1), rules.name(2)), ("a", "b", ""));
}

#[test]
fn the_first_rule_in_the_order_of_the_text_refuses() {
    let rules = json!([
        {"name": "late", "at": "/b", "kind": "string"},
        {"name": "early", "at": "/a", "kind": "string"},
        {"name": "again", "at": "/a", "kind": "array"},
    ]);
    let refused = judge(&rules, r#"{"a":1,"b":2}"#).expect_err("refused");
    assert_eq!(refused.rule, Some(1));
    let refused = judge(&rules, r#"{"b":1,"a":2}"#).expect_err("refused");
    assert_eq!(refused.rule, Some(0));
}
