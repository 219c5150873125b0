//! What a host has to find out.

use core::net::IpAddr;

use serde_json::json;

use super::{compile, judge};
use crate::arguments::rules::QUESTIONS_MAX;
use crate::arguments::{Answer, QuestionKind};
use crate::base::reason::Reason;

#[test]
fn a_path_and_a_name_are_asked_for_once_each() {
    let rules = json!([
        {"name": "p", "at": "/files/*/path", "path": {"roots": ["/data"]}, "resolve": true},
        {"name": "u", "at": "/url", "url": {}, "resolve": true},
    ]);
    let arguments = r#"{
        "files":[{"path":"/data/a"},{"path":"/data\/b"},{"path":"/data/a"}],
        "url":"https://example.com/x"
    }"#;
    let asked = judge(&rules, arguments).expect("questions");
    let asked: Vec<_> = asked.iter().map(|q| (q.kind, &*q.text, q.rule)).collect();
    let wanted = [
        (QuestionKind::Path, "/data/a", 0),
        (QuestionKind::Path, "/data/b", 0),
        (QuestionKind::Name, "example.com", 1),
    ];
    assert_eq!(asked, wanted);
    // Without `resolve` nobody asks, and an address is no name.
    let silent = json!([{"name": "u", "at": "/url", "url": {}}]);
    assert_eq!(judge(&silent, r#"{"url":"https://example.com/"}"#), Ok(Vec::new()));
    let rules = json!([{"name": "u", "at": "/url", "url": {}, "resolve": true}]);
    assert_eq!(judge(&rules, r#"{"url":"https://93.184.215.14/"}"#), Ok(Vec::new()));
}

#[test]
fn more_questions_than_the_limit_are_undecided() {
    let rules = json!([{"name": "p", "at": "/p", "path": {"roots": ["/data"]}, "resolve": true}]);
    for count in [QUESTIONS_MAX - 1, QUESTIONS_MAX, QUESTIONS_MAX + 1] {
        let paths: Vec<String> = (0..count).map(|n| format!("\"/data/{n}\"")).collect();
        let judged = judge(&rules, &format!("{{\"p\":[{}]}}", paths.join(",")));
        match judged {
            Ok(asked) => assert!(asked.len() == count && count <= QUESTIONS_MAX),
            Err(refused) => {
                assert!(count > QUESTIONS_MAX);
                assert_eq!((refused.reason, refused.rule), (Reason::Undecided, Some(0)));
            }
        }
    }
}

#[test]
fn the_answer_is_judged_by_the_rule_that_asked() {
    let rules = compile(&json!([
        {"name": "p", "at": "/p", "path": {"roots": ["/data"]}, "resolve": true},
        {"name": "u", "at": "/u", "url": {}, "resolve": true},
    ]));
    assert_eq!(rules.settle(0, Answer::Path("/data/real")), Ok(()));
    let refused = rules.settle(0, Answer::Path("/home/me/.ssh/id")).expect_err("outside");
    assert_eq!((refused.reason, refused.rule), (Reason::PathDenied, Some(0)));
    let address = |text: &str| text.parse::<IpAddr>().expect("an address");
    let public = address("93.184.215.14");
    assert_eq!(rules.settle(1, Answer::Addresses(&[public])), Ok(()));
    for addresses in [&[public, address("169.254.169.254")] as &[IpAddr], &[]] {
        let refused = rules.settle(1, Answer::Addresses(addresses)).expect_err("a bad one");
        assert_eq!((refused.reason, refused.rule), (Reason::UrlDenied, Some(1)));
    }
    // An answer to something that nobody asked decides nothing.
    for (rule, answer) in
        [(0, Answer::Addresses(&[public])), (1, Answer::Path("/data")), (9, Answer::Path("/data"))]
    {
        let refused = rules.settle(rule, answer).expect_err("no such question");
        assert_eq!(refused.reason, Reason::Undecided);
    }
}
