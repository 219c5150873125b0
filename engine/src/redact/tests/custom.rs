//! The host's own patterns.

use super::*;
use crate::base::error::ConfigError;

fn pattern(name: &str, kind: PatternKind, text: &str) -> PatternConfig {
    PatternConfig {
        name: name.into(),
        kind,
        pattern: text.into(),
        replacement: None,
        ..PatternConfig::default()
    }
}

fn config(patterns: Vec<PatternConfig>) -> RedactionConfig {
    RedactionConfig { patterns, ..RedactionConfig::default() }
}

fn refused(kind: PatternKind, text: &str) -> Option<PatternFault> {
    let (_, faults) = Rules::compile(&config(vec![pattern("p", kind, text)])).expect("not strict");
    faults.into_iter().next()
}

#[test]
fn the_documented_classes_are_refused() {
    for (text, at) in [
        ("(a+)+", 0),
        ("(.+)+", 0),
        ("(a+)*", 0),
        ("([a-z]+)+", 0),
        ("([a-z]*)*", 0),
        ("(?:a+)+", 0),
        ("((a+))+", 0),
        ("(a{1,9})+", 0),
        ("x(a|b)*", 1),
        ("(foo|bar)*", 0),
        ("(?P<n>foo|bar)+x", 0),
        ("ab(?i:(x*)y?){2,}", 2),
        ("(a?)+b", 0),
        ("(?:(?:a|b+))*", 0),
        ("([a-z]+){2,64}", 0),
    ] {
        let fault =
            refused(PatternKind::Regex, text).unwrap_or_else(|| panic!("{text} is admitted"));
        assert_eq!(fault.at, Some(at), "{text}: {}", fault.reason);
        let linear = PatternConfig { linear: true, ..pattern("p", PatternKind::Regex, text) };
        let (_, faults) = Rules::compile(&config(vec![linear])).expect("not strict");
        assert!(faults.iter().all(|f| f.reason.contains("empty")), "{text}: {faults:?}");
        let strict = RedactionConfig {
            strict: true,
            ..config(vec![pattern("p", PatternKind::Regex, text)])
        };
        assert!(matches!(Rules::compile(&strict), Err(ConfigError::Pattern(..))));
    }
}

#[test]
fn safe_patterns_are_admitted() {
    for text in [
        "[A-Za-z0-9]+",
        "^api_key_[a-f0-9]{32}$",
        "[a-z]{8,64}",
        "MY_SECRET=[A-Za-z0-9]{32,}",
        "(a+b)+",
        "(?:ab){3}",
        "(foo|bar)",
        "(foo|bar){1,3}x",
        "([0-9]{3}-)+x",
        r"(\w+\.)+com",
        "(abc)*d",
        r"\bkey\b",
    ] {
        assert_eq!(refused(PatternKind::Regex, text), None, "{text}");
    }
}

#[test]
fn patterns_that_cannot_work_are_refused() {
    for text in ["", "(", "a*", "a|", "^", r"\b", "[a-z", "(?=x)", "x{3,1}", r"\p{L}{1000}"] {
        assert!(refused(PatternKind::Regex, text).is_some(), "{text}");
    }
    assert!(refused(PatternKind::Glob, "*").is_some());
    assert!(refused(PatternKind::Literal, &"x".repeat(4097)).is_some());
    assert!(refused(PatternKind::Literal, &"x".repeat(4096)).is_none());
    assert_eq!(refused(PatternKind::Regex, "ab(c").and_then(|f| f.at), Some(2));
}

#[test]
fn names_are_unique_and_limited() {
    let literal = |name: &str| pattern(name, PatternKind::Literal, "SECRET-1");
    let many = (0..257).map(|n| literal(&format!("p{n}"))).collect();
    let cases = [
        (vec![literal("a"), literal("a")], 1),
        (vec![literal("jwt")], 1),
        (vec![literal("")], 1),
        (vec![literal("a b")], 1),
        (many, 1),
        (vec![literal("a"), literal("b")], 0),
    ];
    for (patterns, faults) in cases {
        let (rules, got) = Rules::compile(&config(patterns.clone())).expect("not strict");
        assert_eq!(got.len(), faults, "{got:?}");
        assert_eq!(rules.len(), Rules::default().len() + patterns.len() - faults);
    }
}

#[test]
fn matches_are_replaced_as_configured() {
    let mut seed = pattern("my-secret", PatternKind::Regex, "MY_SECRET=[A-Za-z0-9]{32,}");
    seed.replacement = Some("MY_SECRET=REDACTED".into());
    let (rules, faults) = Rules::compile(&config(vec![
        seed,
        pattern("word", PatternKind::Literal, "SECRET-1"),
        pattern("file", PatternKind::Glob, "vault/*/k?y"),
    ]))
    .expect("not strict");
    assert_eq!(faults, []);
    let value = Dice::new(1).of(class::Class::ALNUM, 40);
    for (text, want) in [
        (format!("a MY_SECRET={value} b"), "a MY_SECRET=REDACTED b"),
        ("SECRET-1SECRET-1".into(), "[REDACTED:word][REDACTED:word]"),
        ("see vault/a.b/x/key, vault/k".into(), "see [REDACTED:file], vault/k"),
    ] {
        assert_eq!(redact(&rules, &text), want);
        assert!(rules.custom_may_match(json(&text).as_bytes()));
        assert_eq!(redact(&rules, want), want, "a replacement is no secret");
    }
    assert!(!rules.custom_may_match(b"{\"a\":\"nothing here\"}"));
    assert!(rules.custom_may_match(b"\"\\u0053ECRET-1\""));
}

#[test]
fn texts_that_a_match_holds_are_found() {
    for (text, slow) in [
        ("MY_SECRET=[A-Z]+", false),
        ("(?:alpha|beta)[0-9]", false),
        (r"\d{3}-\d{2}", true),
        ("[a-z]+", true),
        ("(?i)abcd[0-9]", false),
        ("x?tail[0-9]", false),
        ("(?:abc|d)", true),
        ("a\"b\\\\c", true),
        ("https://internal", false),
    ] {
        let (rules, faults) = Rules::compile(&config(vec![pattern("p", PatternKind::Regex, text)]))
            .expect("not strict");
        assert_eq!(faults, []);
        assert_eq!(rules.info(id(&rules, "p")).slow, slow, "{text}");
    }
    let (rules, _) =
        Rules::compile(&config(vec![pattern("p", PatternKind::Regex, "(?i)abcd[0-9]")]))
            .expect("not strict");
    for text in ["ABCD1", "abCd2", "xx aBCD3"] {
        assert!(rules.custom_may_match(text.as_bytes()), "{text}");
    }
}

#[test]
fn rules_are_switched_off_by_name() {
    let off = |names: &[&str]| RedactionConfig {
        disable: names.iter().map(|n| (*n).to_owned()).collect(),
        ..RedactionConfig::default()
    };
    assert_eq!(
        Rules::compile(&off(&["nope"])).err(),
        Some(ConfigError::UnknownRule("nope".into(), None))
    );
    let all = Rules::default();
    for id in all.iter() {
        let name = all.info(id).name;
        let (rules, _) = Rules::compile(&off(&[name])).expect("the name is known");
        assert_eq!(rules.len(), all.len() - 1);
        let sample = sample(&all, id, 1);
        assert!(find(&rules, &sample.text).iter().all(|m| m.rule != id), "{name}");
    }
    let (none, _) =
        Rules::compile(&RedactionConfig { enabled: false, ..RedactionConfig::default() })
            .expect("plain");
    assert!(none.is_empty() && !none.enabled());
    assert_eq!(find(&none, &sample(&all, RuleId(1), 1).text), []);
}

#[test]
fn replacements_are_spelled_for_json() {
    let mut odd = pattern("odd", PatternKind::Literal, "SECRET-1");
    odd.replacement = Some("a\"b\\c\n\u{1}é".into());
    let (rules, _) = Rules::compile(&config(vec![odd])).expect("not strict");
    let id = id(&rules, "odd");
    let json =
        format!("\"{}\"", String::from_utf8(rules.replacement_json(id).to_vec()).expect("text"));
    assert_eq!(serde_json::from_str::<String>(&json).expect("valid"), rules.replacement(id));
}

#[test]
fn the_configuration_is_strict_about_its_keys() {
    let good = r#"{"patterns":[{"name":"a","type":"regex","pattern":"x"}]}"#;
    assert!(serde_json::from_str::<RedactionConfig>(good).is_ok());
    for bad in [
        r#"{"pattern":[]}"#,
        r#"{"patterns":[{"name":"a","type":"pcre","pattern":"x"}]}"#,
        r#"{"patterns":[{"name":"a","regex":"x"}]}"#,
    ] {
        assert!(serde_json::from_str::<RedactionConfig>(bad).is_err(), "{bad}");
    }
}

#[test]
fn what_a_pattern_finds_was_announced() {
    let texts = [
        "MY_SECRET=[A-Za-z0-9]{8,}",
        "(?i)internal[-_](alpha|beta)[0-9]+",
        "https://corp\\.example/\\w+",
        "a\"quoted\"b+",
        "ab?cde?fgh",
        "(one|two|three) (four|five)",
        "tab\\there",
        "[Kk]ey-é[0-9]",
        "x{3}yz{2,}",
    ];
    let words = [
        "MY_SECRET=abcdEFGH12",
        "INTERNAL-Beta7",
        "internal_alpha1",
        "https://corp.example/x",
        "a\"quoted\"bb",
        "acdfgh",
        "abcdefgh",
        "one five",
        "three four",
        "tab\there",
        "key-é1",
        "Key-é9",
        "xxxyzz",
        " ",
        "\n",
        "\"",
        "\\",
        "é",
        "zzz",
    ];
    let mut hits = 0;
    for text in texts {
        let (rules, faults) = Rules::compile(&config(vec![pattern("p", PatternKind::Regex, text)]))
            .expect("not strict");
        assert_eq!(faults, [], "{text}");
        let own = id(&rules, "p");
        for seed in 0..500 {
            let dice = &mut Dice::new(seed);
            let line: String = (0..dice.below(6)).map(|_| words[dice.below(words.len())]).collect();
            if find(&rules, &line).iter().any(|m| m.rule == own) {
                hits += 1;
                assert!(rules.custom_may_match(json(&line).as_bytes()), "{text} in {line:?}");
            }
        }
    }
    assert!(hits > 500, "{hits}");
}

#[test]
fn patterns_without_a_text_are_few() {
    let slow =
        |n: usize| pattern(&format!("p{n}"), PatternKind::Regex, &format!("[a-z]{{{}}}", n + 4));
    let max = pattern::SLOW_MAX;
    for count in [max - 1, max, max + 1] {
        let mut patterns: Vec<_> = (0..count).map(slow).collect();
        // One that demands a text is admitted behind any number of others.
        patterns.push(pattern("fast", PatternKind::Literal, "SECRET-1"));
        let (rules, faults) = Rules::compile(&config(patterns)).expect("not strict");
        assert_eq!(faults.len(), count.saturating_sub(max));
        assert!(
            faults.iter().all(|fault| fault.reason.contains("longer fixed part")),
            "{faults:?}"
        );
        assert!(faults.iter().all(|fault| fault.index == max), "{faults:?}");
        assert_eq!(redact(&rules, "SECRET-1"), "[REDACTED:fast]");
    }
    // What is switched off costs nothing.
    let mut off = config((0..=max).map(slow).collect());
    off.disable.push("p0".into());
    assert_eq!(Rules::compile(&off).expect("not strict").1, []);
}

#[test]
fn patterns_are_small_together() {
    let large = |n: usize| {
        pattern(
            &format!("p{n}"),
            PatternKind::Regex,
            &format!(r"SECRET-{n}-\pL{{20}}[a-z]{{{}}}", n + 1),
        )
    };
    let (rules, faults) =
        Rules::compile(&config((0..256).map(large).collect())).expect("not strict");
    assert!(!faults.is_empty() && faults.len() < 256, "{}", faults.len());
    assert!(
        faults.iter().all(|fault| fault.reason.contains("all patterns together")),
        "{faults:?}"
    );
    assert_eq!(rules.len(), Rules::default().len() + 256 - faults.len());
}

#[test]
fn texts_that_begin_alike_are_told_apart_up_to_a_limit() {
    // All of them hold the same three bytes and no others.
    let same = |n: usize| pattern(&format!("p{n}"), PatternKind::Literal, &"a".repeat(n + 3));
    let max = needles::BUCKET_MAX;
    let (rules, faults) =
        Rules::compile(&config((0..max + 2).map(same).collect())).expect("not strict");
    assert_eq!(faults, []);
    let slow = rules.iter().filter(|id| rules.info(*id).slow).count();
    assert_eq!(slow, 2);
    assert!(rules.custom_may_match(b"\"x\""), "those have to be searched for everywhere");
    assert_eq!(redact(&rules, &"a".repeat(max + 4)), format!("[REDACTED:p{}]", max + 1));
}

#[test]
fn many_patterns_are_found_as_if_each_were_alone() {
    for count in [1, 3, 41, 256] {
        let text_of = |n: usize| format!("K{:03}-{}", n * 7 % 1000, ["ab", "cd", "ef"][n % 3]);
        let patterns: Vec<_> = (0..count)
            .map(|n| pattern(&format!("p{n}"), PatternKind::Literal, &text_of(n)))
            .collect();
        let (rules, faults) = Rules::compile(&config(patterns)).expect("not strict");
        assert_eq!(faults, []);
        for n in 0..count {
            for offset in [0, 1, 15, 63] {
                let text = format!("{}{} K7 -ab K000", ".".repeat(offset), text_of(n));
                assert_eq!(names_of(&rules, &text), [format!("p{n}")]);
                assert!(rules.custom_may_match(json(&text).as_bytes()), "{text}");
            }
        }
        assert!(!rules.custom_may_match(b"\"K7 -ab K000 K00-ab\""));
    }
    // Neighbours that overlap are both searched for.
    let (rules, _) = Rules::compile(&config(vec![
        pattern("first", PatternKind::Regex, "abcd!?"),
        pattern("second", PatternKind::Regex, "cdef[0-9]"),
    ]))
    .expect("not strict");
    assert_eq!(redact(&rules, "abcdef1"), "[REDACTED:first]".replace("first", "second"));
}

fn names_of(rules: &Rules, text: &str) -> Vec<String> {
    found(rules, text).into_iter().map(|(name, _)| name).collect()
}
