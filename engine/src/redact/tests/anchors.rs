//! What makes a token: each rule's own near-misses, made from its description, and anchors in odd
//! places.

use std::sync::Arc;

use super::*;
use class::Class;
use matcher::Step;
use rule::{Need, Part, Shape, Token};

/// A byte of no alphabet.
const FOREIGN: &str = "*";

fn tokens(rules: &Rules) -> Vec<(RuleId, &'static Token)> {
    let token = |id: RuleId| match &catalogue::CATALOGUE[id.0 as usize].shape {
        Shape::Token(token) => Some((id, token)),
        _ => None,
    };
    rules.iter().filter_map(token).collect()
}

/// Where the run of a token starts in its example, and where its smallest form ends.
fn extent(token: &Token, sample: &sample::Sample) -> (usize, usize) {
    let text = sample.text.as_bytes();
    let form = (sample.start..sample.end).find_map(|at| match matcher::token(token, text, at) {
        Step::Yes(start, end) if start == sample.start => Some((at, end)),
        _ => None,
    });
    form.unwrap_or_else(|| panic!("the example is no token: {}", sample.text))
}

/// Texts that lack one thing to be a token of this kind, and what that is.
fn near_misses(token: &Token, sample: &sample::Sample) -> Vec<(&'static str, String)> {
    let (run, end) = extent(token, sample);
    let replaced = |at: usize, by: &str| {
        let mut text = sample.text.clone();
        text.replace_range(at..at + 1, by);
        text
    };
    let mut misses = Vec::new();
    let ends_with_text = matches!(token.after.last(), Some(Part::Lit(_)));
    let (min, usual) = match token.after.last() {
        Some(Part::Exact(_, count)) => (*count, *count),
        Some(Part::Run(_, min, usual)) => (*min, *usual),
        _ => (1, 1),
    };
    // Where the last part is at least so long, it may end later.
    let last = if token.whole && min < usual { None } else { Some(end - 1) };
    if let Some(last) = last {
        misses.push(("a character outside the alphabet", replaced(last, FOREIGN)));
        misses.push(("one character less", sample.text[..last].to_owned()));
    }
    if let Some(head) = token.heads.iter().find(|head| sample.text[run..].starts_with(**head)) {
        if !head.is_empty() {
            let mark = run + head.len() - 1;
            misses.push(("a letter of the anchor", replaced(mark, FOREIGN)));
        }
        if head.len() < 4 && !head.is_empty() && token.before.is_empty() {
            let mut text = sample.text.clone();
            text.insert(sample.start, 'M');
            misses.push(("a border before a short anchor", text));
        }
    }
    if let Need::Check(_) = token.need {
        let at = sample.start + 5;
        let other = if sample.text.as_bytes()[at] == b'Z' { "Y" } else { "Z" };
        misses.push(("a structure that holds", replaced(at, other)));
    }
    if token.whole && !ends_with_text {
        let mut text = sample.text.clone();
        text.insert_str(end, "_x");
        misses.push(("an end", text));
    }
    misses
}

#[test]
fn what_lacks_one_thing_is_no_token_wherever_it_stands() {
    let rules = Rules::default();
    let mut count = 0;
    for (id, token) in tokens(&rules) {
        for seed in 0..3 {
            let sample = sample(&rules, id, seed);
            for (lack, text) in near_misses(token, &sample) {
                count += 1;
                for offset in 0..64 {
                    let text = format!("{} {text}", ".".repeat(offset));
                    let got = find(&rules, &text);
                    let name = rules.info(id).name;
                    assert!(got.iter().all(|m| m.rule != id), "{name} lacks {lack}: {text}");
                }
            }
        }
    }
    assert!(count > 1500, "{count}");
}

#[test]
fn a_failed_check_is_told_and_clears_nothing() {
    let rules = Rules::default();
    let github = id(&rules, "github-classic-pat");
    for seed in 0..20 {
        let sample = sample(&rules, github, seed);
        let mut text = sample.text.clone();
        let other = if text.as_bytes()[10] == b'q' { "r" } else { "q" };
        text.replace_range(10..11, other);
        let got = find(&rules, &text);
        assert_eq!((got.len(), got[0].rule), (1, github));
        assert_eq!(rules.verified(&got[0], text.as_bytes()), Some(false));
    }
}

#[test]
fn a_long_anchor_counts_in_the_middle_of_a_run() {
    let rules = Rules::default();
    let mut heads = 0;
    for (id, token) in tokens(&rules) {
        let sample = sample(&rules, id, 5);
        let (_, end) = extent(token, &sample);
        let head = token.heads.iter().find(|head| sample.text.starts_with(**head));
        let Some(head) = head.filter(|head| {
            token.before.is_empty()
                && !token.word
                && head.len() >= 4
                && head.ends_with(['_', '-'])
                && end - head.len() >= 16
                && matches!(token.after[0], Part::Run(_, 16.., _) | Part::Exact(_, 16..))
        }) else {
            continue;
        };
        heads += 1;
        let fronts = ["KEY_", "my-", "x_y_", "task"];
        for front in &fronts[..if head.len() < 6 { 3 } else { 4 }] {
            let text = format!("see {front}{}", sample.text);
            let got = find(&rules, &text);
            let name = rules.info(id).name;
            assert_eq!(got.len(), 1, "{name}: {text}");
            assert_eq!(got[0].start, 4 + front.len(), "{name}: {text}");
            assert!(announced(&rules, json(&text).as_bytes()) > 0, "{name}: {text}");
        }
    }
    assert!(heads > 90, "{heads}");
    for text in [
        "some_long_name_of_a_test_live_configuration_for_everything",
        "mask_test_initialisation_of_the_whole",
        "my-glpat-is-not-a-token-but-words",
        "cache-key-d41d8cd98f00b204e9800998ecf8427e",
    ] {
        assert_eq!(found(&rules, text), []);
    }
}

#[test]
fn what_a_manual_shows_is_no_token() {
    let rules = Rules::default();
    for (id, token) in tokens(&rules) {
        let sample = sample(&rules, id, 1);
        let (_, end) = extent(token, &sample);
        if sample.start > 0 || end < 14 {
            continue;
        }
        let dummy = format!("{}xxxxxxxx", &sample.text[..end.saturating_sub(8)]);
        assert!(find(&rules, &dummy).iter().all(|m| m.rule != id), "{dummy}");
    }
    let example = format!("{}IOSFODNN7EXAMPLE", ["AK", "IA"].concat());
    assert_eq!(found(&rules, &example), []);
}

#[test]
fn a_piece_of_base64_is_no_token() {
    let rules = Rules::default();
    let key = secret(&rules, "easypost-key", 1);
    assert_eq!(found(&rules, &format!("dGhlIGJsb2I+{key}")), []);
    for front in ["+", "\n+", "a +", "-"] {
        assert_eq!(find(&rules, &format!("{front}{key}")).len(), 1, "{front:?}");
    }
}

/// One rule for each kind of anchor.
const KINDS: &[&str] = &[
    "github-classic-pat",
    "openai-legacy-key",
    "mailchimp-key",
    "newrelic-license-key",
    "azure-ad-secret",
    "azure-storage-signed-key",
    "azure-devops-pat",
    "jwt",
    "vault-token",
    "telegram-bot-token",
    "slack-webhook",
    "salesforce-session",
    "braintree-token",
    "bitcoin-private-key",
    "private-key",
    "pgp-private-key",
    "putty-private-key",
];

#[test]
fn every_chunking_of_every_kind_of_anchor_gives_the_same_text() {
    let rules = Arc::new(Rules::default());
    for name in KINDS {
        let sample = sample(&rules, id(&rules, name), 3);
        let secret = &sample.text[sample.start..sample.end];
        let text = format!("a {}\nb\n{}", sample.text, sample.text);
        let want = text.replace(secret, &format!("[REDACTED:{name}]"));
        for chunk in 1..text.len() {
            let mut out = Vec::new();
            let mut redactor = TextRedactor::new(rules.clone());
            text.as_bytes().chunks(chunk).for_each(|c| redactor.push(c, &mut out));
            redactor.finish(&mut out);
            let out = String::from_utf8_lossy(&out);
            // What follows a block begins a line of its own.
            let out = out.replace("]\n\nb", "]\nb");
            assert_eq!(out.trim_end(), want, "{name} in pieces of {chunk}");
        }
    }
}

#[test]
fn no_line_of_a_key_is_shown_however_long_it_is() {
    let rules = Arc::new(Rules::default());
    let dice = &mut sample::Dice::new(1);
    let mut text = format!("start\n-----{} RSA PRIVATE KEY-----\n", "BEGIN");
    let lines: Vec<String> = (0..3000).map(|_| dice.of(Class::BASE64, 64)).collect();
    for (i, line) in lines.iter().enumerate() {
        text += line;
        text.push('\n');
        if i == 2000 {
            text += "2026-01-01 a line of a log between\n";
        }
    }
    text += &format!("-----{} RSA PRIVATE KEY-----\nend\n", "END");
    let mut out = Vec::new();
    let mut redactor = TextRedactor::new(rules);
    redactor.push(text.as_bytes(), &mut out);
    redactor.finish(&mut out);
    let out = String::from_utf8(out).expect("text");
    assert!(lines.iter().all(|line| !out.contains(line.as_str())));
    assert!(out.starts_with("start\n[REDACTED:private-key]"));
    assert!(out.contains("a line of a log between\n") && out.ends_with("end\n"));
}

#[test]
fn a_key_in_the_files_that_hold_keys_is_found() {
    let rules = Rules::default();
    let pem = secret(&rules, "private-key", 2);
    let config = encoding::base64(pem.as_bytes());
    let account = format!(
        "{{\"type\":\"service_account\",\"private_key_id\":\"1\",\"private_key\":\"{}\\n\"}}",
        pem.replace('\n', "\\n")
    );
    for text in [format!("    client-key-data: {config}\n"), account] {
        let got = found(&rules, &text);
        assert_eq!(got.len(), 1, "{text}");
        assert!(!redact(&rules, &text).contains("PRIVATE"), "{text}");
        assert!(!redact(&rules, &text).contains(&config[..60]), "{text}");
    }
    let certificate = pem.replace("RSA PRIVATE KEY", "CERTIFICATE");
    let data = encoding::base64(certificate.as_bytes());
    assert_eq!(found(&rules, &format!("certificate-authority-data: {data}")), []);
}
