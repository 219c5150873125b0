//! Allow-lists: what an entry says passes, and nothing else.

use std::sync::Arc;

use super::*;
use crate::base::error::ConfigError;
use crate::redact::allow::{ENTRIES_MAX, PATHS_MAX, REGEXES_MAX, VALUE_BYTES_MAX};

fn with(allow: Vec<AllowConfig>) -> Rules {
    let config = RedactionConfig { allow, ..RedactionConfig::default() };
    Rules::compile(&config).expect("good entries").0
}

fn value(text: &str) -> AllowConfig {
    AllowConfig { value: Some(text.into()), ..AllowConfig::default() }
}

fn regex(text: &str) -> AllowConfig {
    AllowConfig { regex: Some(text.into()), ..AllowConfig::default() }
}

fn path(text: &str) -> AllowConfig {
    AllowConfig { path: Some(text.into()), ..AllowConfig::default() }
}

fn hashed(text: &str) -> AllowConfig {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(text);
    let hex = digest.iter().map(|b| format!("{b:02x}")).collect();
    AllowConfig { sha256: Some(hex), ..AllowConfig::default() }
}

#[test]
fn an_allowed_secret_passes_and_its_neighbours_do_not() {
    let all = Rules::default();
    let pat = secret(&all, "github-classic-pat", 1);
    let near =
        [format!("{pat}x"), pat[..pat.len() - 1].to_owned(), secret(&all, "github-classic-pat", 2)];
    let exact = format!("{}[A-Za-z0-9]{{{}}}", &pat[..8], pat.len() - 8);
    for entry in [value(&pat), hashed(&pat), regex(&exact)] {
        let upper = entry.sha256.as_ref().map(|hex| hex.to_uppercase());
        let entries = [entry.clone(), AllowConfig { sha256: upper, ..entry }];
        for entry in entries {
            let rules = with(vec![entry.clone()]);
            for text in [pat.clone(), format!("a {pat}, b"), json(&format!("x\n{pat}"))] {
                assert_eq!(found(&rules, &text), [], "{entry:?}");
            }
            for other in &near {
                assert!(!find(&rules, &format!("a {other} b")).is_empty(), "{entry:?}: {other}");
            }
        }
    }
}

#[test]
fn a_secret_is_read_out_of_its_spelling() {
    let all = Rules::default();
    let url = sample(&all, id(&all, "url-password"), 3).text;
    let pat = secret(&all, "github-classic-pat", 3);
    let percent: String = pat.bytes().map(|b| format!("%{b:02X}")).collect();
    let hex: String = pat.bytes().map(|b| format!("{b:02x}")).collect();
    for text in [percent, hex] {
        assert!(!find(&all, &text).is_empty(), "{text}");
        assert_eq!(found(&with(vec![value(&pat)]), &text), [], "{text}");
        assert!(!find(&with(vec![value(&pat[1..])]), &text).is_empty(), "{text}");
    }
    assert!(!find(&with(vec![value(&pat)]), &url).is_empty());
}

#[test]
fn an_entry_may_be_for_some_rules_only() {
    let all = Rules::default();
    let pat = secret(&all, "github-classic-pat", 1);
    let limited = |rules: &[&str]| {
        let rules = rules.iter().map(|name| (*name).to_owned()).collect();
        with(vec![AllowConfig { rules, ..value(&pat) }])
    };
    assert_eq!(found(&limited(&["github-classic-pat"]), &pat), []);
    assert_eq!(found(&limited(&["jwt", "github-classic-pat"]), &pat), []);
    assert_eq!(find(&limited(&["jwt"]), &pat).len(), 1);
    let own = PatternConfig {
        name: "own".into(),
        kind: PatternKind::Literal,
        pattern: "SECRET-1".into(),
        ..PatternConfig::default()
    };
    let config = |rules: &[&str]| RedactionConfig {
        patterns: vec![own.clone()],
        allow: vec![AllowConfig {
            rules: rules.iter().map(|name| (*name).to_owned()).collect(),
            ..value("SECRET-1")
        }],
        ..RedactionConfig::default()
    };
    assert_eq!(found(&Rules::compile(&config(&["own"])).expect("good").0, "SECRET-1"), []);
    assert_eq!(find(&Rules::compile(&config(&["jwt"])).expect("good").0, "SECRET-1").len(), 1);
}

#[test]
fn a_regular_expression_is_for_the_whole_value() {
    let all = Rules::default();
    let pat = secret(&all, "github-classic-pat", 1);
    for (text, passes) in [
        ("ghp_[A-Za-z0-9]+", true),
        ("ghp_[A-Za-z0-9]{4}", false),
        ("gh|ghp_[A-Za-z0-9]+", true),
        ("(?x)ghp_[A-Za-z0-9]+ # comment", true),
        ("hp_[A-Za-z0-9]+", false),
        ("gho_[A-Za-z0-9]+", false),
    ] {
        assert_eq!(find(&with(vec![regex(text)]), &pat).is_empty(), passes, "{text}");
    }
}

#[test]
fn an_entry_that_means_nothing_is_refused_by_its_number() {
    let both = AllowConfig { sha256: Some("0".repeat(64)), ..value("x") };
    let unknown = AllowConfig { rules: vec!["github-clasic-pat".into()], ..value("x") };
    let cases = [
        (AllowConfig::default(), "one of value, sha256, regex and path"),
        (AllowConfig { path: Some("/params/a".into()), ..value("x") }, "one of value"),
        (path("params/a"), "begins with `/`, as in /params/arguments/content"),
        (path("/params/a~b"), "written ~0"),
        (both, "one of value, sha256, regex and path"),
        (value(""), "empty"),
        (value(&"x".repeat(VALUE_BYTES_MAX + 1)), "longer"),
        (AllowConfig { sha256: Some("0".repeat(63)), ..AllowConfig::default() }, "64 hexadecimal"),
        (AllowConfig { sha256: Some("g".repeat(64)), ..AllowConfig::default() }, "64 hexadecimal"),
        (regex("(a+)+"), "linear: true"),
        (regex("(a"), "unclosed group"),
        (regex("a*"), "empty text"),
        (unknown, "github-classic-pat"),
    ];
    for (entry, why) in cases {
        let config =
            RedactionConfig { allow: vec![value("fine"), entry], ..RedactionConfig::default() };
        let Err(ConfigError::Allow(2, got)) = Rules::compile(&config) else { panic!("{why}") };
        assert!(got.contains(why), "{got}");
    }
    let linear = AllowConfig { linear: true, ..regex("(a+)+b") };
    assert!(find(&with(vec![linear]), "aab").is_empty());
}

#[test]
fn a_list_is_limited() {
    let compile = |allow| Rules::compile(&RedactionConfig { allow, ..RedactionConfig::default() });
    for (max, entry) in
        [(ENTRIES_MAX, value("x")), (REGEXES_MAX, regex("xyz")), (PATHS_MAX, path("/params/a"))]
    {
        assert!(compile(vec![entry.clone(); max - 1]).is_ok());
        assert!(compile(vec![entry.clone(); max]).is_ok());
        let error = compile(vec![entry; max + 1]).err();
        assert!(matches!(error, Some(ConfigError::Allow(n, _)) if n == max + 1), "{error:?}");
    }
}

/// Plain text is no message.
#[test]
fn a_path_lets_nothing_pass_in_plain_text() {
    let rules = with(vec![path("/**")]);
    let pat = secret(&Rules::default(), "github-classic-pat", 1);
    assert_eq!(find(&rules, &pat).len(), 1);
    let mut redactor = TextRedactor::new(Arc::new(rules));
    let mut out = Vec::new();
    redactor.push(format!("{pat}\n").as_bytes(), &mut out);
    assert_eq!(out, b"[REDACTED:github-classic-pat]\n");
}

#[test]
fn rules_that_let_pass_drop_what_they_find_before_it_is_joined() {
    let rules = Rules::default();
    let pat = secret(&rules, "github-classic-pat", 1);
    let text = json(&format!("{{\"password\":\"{pat}\"}}"));
    let found = |passing: &[&str]| {
        let mut passing: Vec<u16> = passing.iter().map(|name| id(&rules, name).0).collect();
        passing.sort_unstable();
        let mut found = Vec::new();
        rules.letting_pass(passing).find(text.as_bytes(), &mut found);
        found.iter().map(|m| rules.info(m.rule).name).collect::<Vec<_>>()
    };
    let mut passing: Vec<&str> = Vec::new();
    while let [name] = found(&passing)[..] {
        assert!(!passing.contains(&name), "{name} passes");
        passing.push(name);
    }
    assert!(found(&passing).is_empty());
    assert!(passing.len() > 1 && passing.contains(&"github-classic-pat"), "{passing:?}");
}

#[test]
fn no_value_is_shown() {
    let entry = AllowConfig { rules: vec!["jwt".into()], ..value("SECRET-1") };
    let config =
        RedactionConfig { allow: vec![entry, regex("SECRET-1")], ..RedactionConfig::default() };
    let shown = format!("{config:?} {:?}", Rules::compile(&config).expect("good").0);
    assert!(!shown.contains("SECRET-1"), "{shown}");
    let bad = RedactionConfig { allow: vec![regex("(SECRET-1")], ..RedactionConfig::default() };
    let error = Rules::compile(&bad).expect_err("unclosed");
    assert!(!format!("{error} {error:?}").contains("SECRET-1"));
}
