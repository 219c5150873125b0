//! Objects that two peers may read differently, limits of the walk, and text as it leaves.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{compile, judge, judge_with};
use crate::arguments::Scratch;
use crate::base::limits::Limits;
use crate::base::reason::Reason;
use crate::redact::METER;

fn rule() -> Value {
    json!([{"name": "n", "at": "/a/path", "no_leading_dash": true}])
}

fn reason(arguments: &str) -> Option<Reason> {
    judge(&rule(), arguments).err().map(|refused| refused.reason)
}

#[test]
fn two_members_of_one_name_refuse_the_call_at_every_depth() {
    for arguments in [
        r#"{"a":{"path":"x","path":"y"}}"#,
        r#"{"a":{"path":"x","\u0070ath":"x"}}"#,
        r#"{"z":1,"z":2}"#,
        r#"{"z":1,"Z":2}"#,
        r#"{"z":{"k":[{"\u212a":1,"k":2}]}}"#,
        r#"{"z":[[{"s":1,"\u017f":2}]]}"#,
        r#"{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"5":0}"#,
    ] {
        assert_eq!(reason(arguments), Some(Reason::DuplicateMember), "{arguments}");
    }
    for arguments in [
        r#"{"z":{"k":1},"y":{"k":1},"k":[{"k":1},{"k":2}]}"#,
        r#"{"a":{"path":"a","b":{"path":"a"}}}"#,
        "{}",
    ] {
        assert_eq!(reason(arguments), None, "{arguments}");
    }
}

#[test]
fn a_name_that_differs_by_case_from_one_on_the_way_refuses_the_call() {
    for arguments in [
        r#"{"a":{"Path":"-x"}}"#,
        r#"{"A":{"path":"-x"}}"#,
        r#"{"\u0041":{"PATH":"-x"}}"#,
        r#"{"a":{"\u0050ath":["-x"]}}"#,
    ] {
        let refused = judge(&rule(), arguments).expect_err(arguments);
        assert_eq!((refused.reason, refused.rule), (Reason::FoldedMember, Some(0)), "{arguments}");
    }
    // Elsewhere names are free, and so are names that lead nowhere.
    for arguments in [r#"{"Path":"-x"}"#, r#"{"A":{"Patch":"-x"}}"#, r#"{"b":{"A":{"PATH":1}}}"#] {
        assert_eq!(reason(arguments), None, "{arguments}");
    }
    let deep = json!([{"name": "n", "at": "/**/path", "no_leading_dash": true}]);
    assert!(judge(&deep, r#"{"x":[{"pAth":1}]}"#).is_err());
}

#[test]
fn arguments_are_an_object() {
    for arguments in ["[]", "\"x\"", "null", "1"] {
        assert_eq!(reason(arguments), Some(Reason::BadParamsMember), "{arguments}");
    }
    // Nobody asks where no rule is for the call.
    let other = json!([{"name": "n", "tools": ["other"], "at": "/a", "kind": "null"}]);
    assert!(judge(&other, r#"[{"a":1,"a":2}]"#).is_ok());
}

#[test]
fn half_a_surrogate_pair_is_refused_where_a_rule_reads_it() {
    assert_eq!(reason(r#"{"a":{"path":"x\ud800"}}"#), Some(Reason::LoneSurrogate));
    assert_eq!(reason(r#"{"a":{"path":["\udc00"]}}"#), Some(Reason::LoneSurrogate));
    assert_eq!(reason(r#"{"a":{"other":"x\ud800"}}"#), None);
    assert_eq!(reason(r#"{"a":{"path":"x\ud83d\ude80"}}"#), None);
}

#[test]
fn members_and_depth_at_their_limits() {
    let limits = Limits { members_max: 20, frame_depth_max: 10, ..Limits::default() };
    let rules = compile(&rule());
    let reason = |arguments: &str| {
        judge_with(&rules, arguments, &limits, &mut Scratch::default()).err().map(|r| r.reason)
    };
    for (count, wanted) in [(19, None), (20, None), (21, Some(Reason::TooManyMembers))] {
        let members: Vec<String> = (0..count).map(|n| format!("\"m{n}\":0")).collect();
        assert_eq!(reason(&format!("{{\"x\":{{{}}}}}", members.join(","))), wanted, "{count}");
        // Elements are not limited.
        assert_eq!(reason(&format!("{{\"x\":[{}]}}", vec!["0"; 99].join(","))), None);
    }
    for (depth, wanted) in [(9, None), (10, None), (11, Some(Reason::TooDeep))] {
        let inner = depth - 1;
        let arguments = format!("{{\"x\":{}0{}}}", "[".repeat(inner), "]".repeat(inner));
        assert_eq!(reason(&arguments), wanted, "{depth}");
    }
}

#[test]
fn text_is_judged_as_it_leaves() {
    let rules = compile(&json!([
        {"name": "dash", "at": "/path", "no_leading_dash": true},
        {"name": "known", "at": "", "members": ["path"]},
    ]));
    let frame = "{\"pa\u{200b}th\":\"\u{200b}-x\"}";
    let (mut scratch, limits) = (Scratch::default(), Limits::default());
    let at = || Some(0..frame.len());
    let as_it_came = |range| Cow::Borrowed(&frame.as_bytes()[range]);
    let chosen = rules.choose("", "t", &mut scratch).expect("both");
    let judged = chosen.judge(frame.as_bytes(), at(), &limits, as_it_came);
    let refused = judged.expect_err("a new name");
    assert_eq!((refused.rule, refused.word), (Some(1), "members"));
    let as_it_leaves = |range: std::ops::Range<usize>| -> Cow<'_, [u8]> {
        Cow::Owned(frame[range].replace('\u{200b}', "").into_bytes())
    };
    let chosen = rules.choose("", "t", &mut scratch).expect("both");
    let judged = chosen.judge(frame.as_bytes(), at(), &limits, as_it_leaves);
    let refused = judged.expect_err("a dash");
    assert_eq!((refused.rule, refused.word), (Some(0), "no_leading_dash"));
}

#[test]
fn the_work_grows_in_a_straight_line() {
    let rules = compile(&json!([
        {"name": "a", "at": "/**/a/*/b", "no_leading_dash": true},
        {"name": "b", "at": "/x/*/*/y", "regex": "[a-z]*"},
        {"name": "c", "at": "/**", "not_regex": "q"},
        {"name": "d", "at": "/**/m", "members": ["k"], "length": {"max": 9}},
    ]));
    let steps = 1 + 3 + 4 + 1 + 3;
    type Shape = fn(usize) -> String;
    let shapes: [(&str, Shape); 5] = [
        ("elements", |n| format!("{{\"x\":[{}]}}", vec!["\"a\\u0061\""; n].join(","))),
        ("deep", |n| {
            let deep = format!("{}0{}", "[".repeat(120), "]".repeat(120));
            format!("{{\"x\":[{}]}}", vec![deep; n / 60].join(","))
        }),
        ("objects", |n| format!("{{\"x\":[{}]}}", vec!["{\"a\":{\"b\":1}}"; n].join(","))),
        ("one string", |n| format!("{{\"x\":\"{}\"}}", "\\\\".repeat(n))),
        ("nested", |n| {
            let deep = format!("{}1{}", "{\"a\":".repeat(120), "}".repeat(120));
            format!("{{\"x\":[{}]}}", vec![deep; n / 60].join(","))
        }),
    ];
    for (name, shape) in shapes {
        let work = |n| {
            let (mut scratch, arguments) = (Scratch::default(), shape(n));
            METER.set(0);
            judge_with(&rules, &arguments, &Limits::default(), &mut scratch).expect("it passes");
            let work = METER.get() as usize;
            assert!(work <= arguments.len() * (2 + 4 * steps), "{name}: {work}");
            work
        };
        let (once, eight) = (work(1_200), work(9_600));
        assert!(eight <= once * 8 + 100, "{name}: {once} {eight}");
    }
}

#[test]
fn elements_cost_nothing_for_rules_that_cannot_be_about_them() {
    const ELEMENTS: usize = 1_000;
    const RULES: usize = 64;
    let check = |name: &str, at: &dyn Fn(usize) -> String, elements: &[&str]| {
        let rule = |n| {
            let length = json!({"max": 9});
            json!({"name": format!("n{n}"), "at": at(n), "not_regex": "q", "length": length})
        };
        let rules = compile(&(0..RULES).map(rule).collect());
        for element in elements {
            let arguments = format!("{{\"z\":[{}]}}", vec![*element; ELEMENTS].join(","));
            METER.set(0);
            judge_with(&rules, &arguments, &Limits::default(), &mut Scratch::default())
                .expect("it passes");
            let work = METER.get() as usize;
            // Each byte once, and each rule some times for the row.
            assert!(work <= arguments.len() + RULES * 20, "{name} {element}: {work}");
        }
    };
    let plain = ["0", "true", "\"x\"", "\"\\u0061\"", "{}"];
    check("elsewhere", &|n| format!("/a{n}/**/z"), &plain);
    check("children", &|n| format!("/a{n}/*"), &plain);
    check("numbers", &|n| format!("/a/{n}/{}", ELEMENTS + n), &plain);
    // Rows of rows too.
    check("named", &|n| format!("/**/url{n}"), &plain);
    check("named", &|n| format!("/**/url{n}"), &["[]", "[0,\"x\"]", "[[[0]],[]]"]);
    check("named alike", &|n| format!("/a{n}/**/z"), &["[]", "[0,\"x\"]"]);
}

#[test]
fn memory_is_given_back() {
    let rules = compile(&rule());
    let mut scratch = Scratch::default();
    let long = format!("{{\"a\":{{\"path\":\"{}\\n\"}}}}", "x".repeat(1 << 20));
    judge_with(&rules, &long, &Limits::default(), &mut scratch).expect("it passes");
    assert!(scratch.memory() <= 64 << 10, "{}", scratch.memory());
}
