//! Ways to spell, to cut and to surround a secret so that a reader still finds it: none of them
//! gets it through.

use std::sync::Arc;

use portcullis_engine::{
    AllowConfig, Match, Policy, PolicyConfig, Receiver, Rules, Sanitise, SanitiseConfig, Side,
    TextRedactor,
};
use portcullis_proptests::check;
use portcullis_proptests::secrets::{Spelling, spell};
use portcullis_proptests::world::{Output, Schedule, Setup, Sizes, Step, World, run_with};

/// What is found is left as it is seen: nothing is stripped from a text before.
fn setup() -> Setup {
    let mut policy = PolicyConfig::default();
    policy.sanitise.zero_width = Sanitise::Off;
    policy.sanitise.tags = Sanitise::Off;
    policy.sanitise.ansi = Sanitise::Off;
    Setup { policy, ..Setup::default() }
}

/// What becomes of a server's notification with this raw JSON as its data.
fn told(setup: &Setup, policy: &Arc<Policy>, raw: &str) -> Output {
    let line =
        format!("{{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{{\"v\":1,{raw},\"t\":[]}}}}\n");
    let steps = [Step::Bytes(Side::Server, line.into_bytes())];
    let (output, _) = run_with(setup, policy, &steps, Schedule::PLAIN);
    assert_eq!(check::lines_parse(&output), Ok(()), "{raw}");
    output
}

fn hides(output: &Output, secret: &str) -> bool {
    !output.bytes[0].windows(secret.len()).any(|window| window == secret.as_bytes())
}

/// The inside of a JSON string, all of it ASCII, as most programs write it.
fn ascii(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out += "\\n",
            ' '..='~' => out.push(c),
            c => {
                let mut units = [0; 2];
                c.encode_utf16(&mut units).iter().for_each(|u| out += &format!("\\u{u:04x}"));
            }
        }
    }
    out
}

/// The example of each rule: its name, the text, and where the secret stands.
fn examples(rules: &Rules) -> impl Iterator<Item = (String, bool, String, std::ops::Range<usize>)> {
    rules.iter().map(|id| {
        let (text, place) = rules.example_at(id, 7).expect("a built-in rule has an example");
        let info = rules.info(id);
        (info.name.to_owned(), info.anchored, text, place)
    })
}

#[test]
fn an_unseen_character_anywhere_in_a_secret() {
    let setup = setup();
    let policy = setup.compile();
    for (name, anchored, text, place) in examples(policy.rules()) {
        if !anchored || place.len() > 200 || !text.is_ascii() {
            continue;
        }
        for unseen in ["\u{200b}", "\u{e0041}", "\u{ad}"] {
            for at in place.start + 1..place.end {
                // A space ends what it stands beside.
                if text[at - 1..].starts_with(' ') {
                    continue;
                }
                let text = format!("{}{unseen}{}", &text[..at], &text[at..]);
                let raw = format!("\"k\":\"{}\"", text.replace('"', "\\\""));
                let output = told(&setup, &policy, &raw);
                let marks = String::from_utf8_lossy(&output.bytes[0]).matches("[REDACTED").count();
                let is_whole = hides(&output, &format!("{unseen}{}", &text[at + unseen.len()..]));
                assert!(marks > 0 && is_whole, "{name} {at} {output:?}");
            }
        }
    }
}

/// What is taken out of a text makes a secret of what was none: it goes like one that came whole.
#[test]
fn what_is_taken_out_of_a_text_hides_nothing() {
    let mut setup = Setup::default();
    let strip = Sanitise::Strip;
    setup.policy.sanitise =
        SanitiseConfig { zero_width: strip, bidi: strip, tags: strip, ansi: strip };
    let policy = setup.compile();
    let mut tried = 0;
    for (name, _, text, place) in examples(policy.rules()) {
        let tell = |text: &str| {
            let raw = format!("\"k\":\"{}\"", ascii(text));
            told(&setup, &policy, &raw)
        };
        let secret = ascii(&text[place.clone()]);
        if place.len() > 200 || !text.is_ascii() || !hides(&tell(&text), &secret) {
            continue;
        }
        tried += 1;
        for (at, unseen) in (1..text.len())
            .zip(["\u{200b}", "\u{202e}", "\u{e0041}", "\u{1b}[1m"].into_iter().cycle())
        {
            let output = tell(&format!("{}{unseen}{}", &text[..at], &text[at..]));
            assert!(hides(&output, &secret), "{name} {at} {unseen:?} {output:?}");
        }
    }
    assert!(tried > 300, "{tried}");
}

#[test]
fn what_stands_before_a_secret_hides_nothing() {
    let setup = setup();
    let policy = setup.compile();
    let before = [
        "q=a+",
        "/x/a+",
        "\\x22",
        "\\x1b[31m",
        "\\033[1;31m",
        "\\e[0m",
        "\u{1b}[31m",
        "\u{1b}[38;5;196m",
        "\\u001b[31m",
        "%20",
        "%0a",
        "%22",
        "\\",
        "\\n",
    ];
    for (name, anchored, text, place) in examples(policy.rules()) {
        for before in before {
            // A plus may be a digit of base64, as all of such a secret may be.
            let is_digit = |b: u8| b.is_ascii_alphanumeric() || b"+/".contains(&b);
            let may_be_digits = text[place.clone()].bytes().take(24).all(is_digit);
            let is_code = before.ends_with('+') && may_be_digits;
            let is_colour = before.starts_with('\u{1b}');
            if is_code || (!anchored && !is_colour) {
                continue;
            }
            let raw = format!("\"k\":\"{}\"", ascii(&format!("{before}{text}")));
            let output = told(&setup, &policy, &raw);
            assert!(hides(&output, &text[place.clone()]), "{name} {before:?} {output:?}");
        }
    }
}

#[test]
fn escapes_between_a_name_and_its_value() {
    let setup = setup();
    let policy = setup.compile();
    for (name, anchored, text, place) in examples(policy.rules()) {
        if anchored {
            continue;
        }
        for at in (0..=place.start).filter(|at| text.is_char_boundary(*at)) {
            for between in ["é ", "é", "→ ", "😀 "] {
                for count in [1, 3, 8, 20] {
                    let text = format!("{}{}{}", &text[..at], between.repeat(count), &text[at..]);
                    let mut found: Vec<Match> = Vec::new();
                    policy.rules().find_value(Some(b"k"), text.as_bytes(), &mut found);
                    let output = told(&setup, &policy, &format!("\"k\":\"{}\"", ascii(&text)));
                    for found in found {
                        let secret = ascii(&text[found.start..found.end]);
                        assert!(hides(&output, &secret), "{name} {text:?} {output:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn names_of_members_in_any_spelling() {
    let setup = setup();
    let policy = setup.compile();
    let value = format!("q7ZXk29x{}", "Pw4Lm8tR5vB1nD6s");
    for name in [
        "password",
        "authorization",
        "Proxy-Authorization",
        "my_database_connection_password",
        "Ocp-Apim-Subscription-Key",
        "auth_token",
    ] {
        for spelling in Spelling::ALL {
            for sign in [":", " : ", "\t:\t \t"] {
                let raw = format!("\"{}\"{sign}\"{value}\"", spell(name, spelling));
                let output = told(&setup, &policy, &raw);
                assert!(hides(&output, &value), "{raw} {output:?}");
            }
        }
    }
}

#[test]
fn a_member_that_is_handed_back_with_an_encoded_part() {
    let setup = setup();
    let policy = setup.compile();
    let secret = portcullis_proptests::secrets::critical(3).text;
    for part in ["", "\\\\u0041", "%41", "\u{200b}a", "\\\\/", ".", "\\\\\\\\u0041"] {
        for text in [format!("{secret}{part}"), format!("{secret}{part} {part}{secret}")] {
            for member in ["\"cursor\":\"$\"", "\"_meta\":{\"traceparent\":\"$\"}"] {
                let output = told(&setup, &policy, &member.replace('$', &text));
                assert!(hides(&output, &secret), "{text} {output:?}");
            }
        }
    }
}

#[test]
fn a_key_block_whose_last_line_does_not_end_cuts_no_character() {
    let setup = setup();
    let policy = setup.compile();
    let (_, _, text, place) =
        examples(policy.rules()).find(|e| e.0 == "private-key").expect("the rule");
    let open = text[place].trim_end_matches('-').to_owned();
    for pad in 0..40 {
        for c in ["é", "→", "😀"] {
            let text = format!("{open}{}{}", "x".repeat(pad), c.repeat(20));
            let raw = text.replace('\n', "\\n");
            let output = told(&setup, &policy, &format!("\"k\":\"{raw}\""));
            assert!(std::str::from_utf8(&output.bytes[0]).is_ok(), "{pad} {output:?}");
        }
    }
}

#[test]
fn one_rule_of_each_kind_of_anchor_at_every_split() {
    let mut setup = setup();
    setup.policy.redaction.groups.pii.mode = portcullis_engine::Mode::Redact;
    // Values that pass are judged by the same text, however it came.
    let allowed = "EXAMPLE-VALUE-THAT-PASSES".to_owned();
    setup.policy.redaction.allow =
        vec![AllowConfig { value: Some(allowed), ..AllowConfig::default() }];
    let policy = setup.compile();
    let rules = policy.rules();
    for wanted in [
        // By a head, by what stands before it, within a run, by a padding, by a tilde; by lines; by
        // names, words, a scheme, an address, a variable, a number.
        "github-classic-pat",
        "aws-access-key",
        "jwt",
        "discord-bot-token",
        "slack-webhook",
        "azure-storage-key",
        "azure-ad-secret",
        "private-key",
        "aws-secret-key",
        "datadog-key",
        "basic-auth",
        "bearer-token",
        "url-password",
        "env-var-value",
        "password",
        "generic-api-key",
        "random-value",
        "payment-card",
        "email",
    ] {
        let Some(id) = rules.iter().find(|id| rules.info(*id).name == wanted) else {
            panic!("there is no rule {wanted}");
        };
        let (text, place) = rules.example_at(id, 1).expect("an example");
        let line = format!(
            "{{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{{\"note\":\"{}\",\"t\":[]}}}}\n",
            ascii(&text),
        );
        let whole = cut(&setup, &policy, line.as_bytes(), line.len());
        let secret = ascii(&text[place]);
        assert!(hides(&whole, &secret) && !whole.bytes[0].is_empty(), "{wanted} {whole:?}");
        for at in 1..line.len() {
            assert_eq!(cut(&setup, &policy, line.as_bytes(), at), whole, "{wanted} at {at}");
        }
        for size in [1, 2, 3, 63, 64, 65] {
            let steps = [Step::Bytes(Side::Server, line.clone().into_bytes())];
            let schedule = Schedule { chunks: Sizes::Fixed(size), ..Schedule::PLAIN };
            assert_eq!(run_with(&setup, &policy, &steps, schedule).0, whole, "{wanted} by {size}");
        }
    }
}

#[test]
fn a_row_of_unseen_characters_at_every_split() {
    let setup = setup();
    let policy = setup.compile();
    let secret = portcullis_proptests::secrets::critical(4).text;
    let (head, tail) = secret.split_at(20);
    for unseen in ["\u{e0041}", "\u{200b}", "\u{ad}"] {
        for count in [1, 2, 17, 20, 40, 80] {
            let row = unseen.repeat(count);
            let text = format!("{{\"v\":[\"{head}{row}{tail}\"]}}");
            let line = format!("{{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{text}}}\n");
            for at in 1..line.len() {
                let output = cut(&setup, &policy, line.as_bytes(), at);
                let is_told = !output.bytes[0].is_empty();
                assert!(is_told && hides(&output, &format!("{head}{unseen}")), "{at} {output:?}");
            }
        }
    }
}

/// What comes out if a line comes in two pieces.
fn cut(setup: &Setup, policy: &Arc<Policy>, line: &[u8], at: usize) -> Output {
    let mut world = World::new(setup, Arc::clone(policy), Schedule::PLAIN);
    let mut all = Output::default();
    for piece in [&line[..at], &line[at..]] {
        all.append(world.step(&Step::Bytes(Side::Server, piece.to_vec())));
    }
    all.append(world.finish());
    all
}

#[test]
fn a_line_that_is_cut_shows_no_part_of_a_secret() {
    let rules = Arc::new(Rules::default());
    let secret = portcullis_proptests::secrets::critical(1).text;
    let limit = 64 << 10;
    for before in limit - 1100..limit {
        // No space stands near the cut.
        let line = format!("{},{secret},{}\n", "x".repeat(before), "b,".repeat(800));
        let mut redactor = TextRedactor::new(Arc::clone(&rules));
        let mut out = Vec::new();
        redactor.push(line.as_bytes(), &mut out);
        redactor.finish(&mut out);
        let shown = out.windows(5).any(|window| window == &secret.as_bytes()[..5]);
        assert!(!shown, "{before}");
        assert!(out.ends_with(b" [cut]\n"), "{before}");
    }
}

#[test]
fn decoys_in_every_view_before_the_secret() {
    let setup = setup();
    let policy = setup.compile();
    let secret = portcullis_proptests::secrets::critical(9).text;
    let spelled = spell(&secret, Spelling::Hex).replace('\\', "\\\\");
    for decoy in ["%41", "\\\\u0041", "a\u{200b}b", "password=", "AKIA", "://a:b@", "x\\/y"] {
        for count in [511, 512, 513, 3000] {
            let all: Vec<_> = (0..count).map(|_| format!("\"{decoy}\"")).collect();
            let raw = format!("\"k\":[{},\"{secret}\",{{\"{spelled}\":0}}]", all.join(","));
            let output = told(&setup, &policy, &raw);
            assert!(!output.bytes[Receiver::Client as usize].is_empty(), "{decoy}");
            assert!(hides(&output, &secret) && hides(&output, &spelled[..60]), "{decoy} {count}");
        }
    }
}
