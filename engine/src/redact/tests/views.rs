//! Second views: what is found in them, and what stands there afterwards.

use super::*;

/// A way to spell a text, and to read it again; what is found in it is what is found in plain text.
pub(super) struct Spelled {
    name: &'static str,
    pub(super) write: fn(&str) -> String,
    read: fn(&str) -> String,
}

pub(super) const ALL: &[Spelled] = &[
    Spelled { name: "base64", write: |t| lines(&base64(t, false), 0, ""), read: from_base64 },
    Spelled { name: "base64url", write: |t| unpadded(&base64(t, true)), read: from_base64 },
    Spelled { name: "MIME", write: |t| lines(&base64(t, false), 76, "\r\n"), read: from_base64 },
    Spelled { name: "armour", write: |t| lines(&base64(t, false), 64, "\n"), read: from_base64 },
    Spelled {
        name: "indented",
        write: |t| lines(&base64(t, false), 76, "\n    "),
        read: from_base64,
    },
    Spelled { name: "quoted", write: |t| lines(&base64(t, false), 60, "\\n"), read: from_base64 },
    Spelled { name: "hex", write: |t| hex(t, false), read: from_hex },
    Spelled { name: "HEX", write: |t| hex(t, true), read: from_hex },
    Spelled { name: "percent", write: percent, read: from_percent },
    Spelled { name: "all percent", write: all_percent, read: from_percent },
    Spelled { name: "once", write: |t| numbers(t, 1), read: |t| from_json(t, 1) },
    Spelled { name: "twice", write: |t| numbers(t, 2), read: |t| from_json(t, 2) },
    Spelled { name: "slashes", write: slashes, read: |t| from_json(t, 1) },
    Spelled { name: "unseen", write: unseen, read: seen },
];

pub(super) fn base64(text: &str, url: bool) -> String {
    let plain = encoding::base64(text.as_bytes());
    if url { plain.replace('+', "-").replace('/', "_") } else { plain }
}

fn unpadded(text: &str) -> String {
    text.trim_end_matches('=').to_owned()
}

/// Broken into lines of so many characters; 0: not at all.
fn lines(text: &str, length: usize, between: &str) -> String {
    if length == 0 {
        return text.to_owned();
    }
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(length)
        .map(|line| std::str::from_utf8(line).expect("ASCII"))
        .collect();
    lines.join(between)
}

fn from_base64(text: &str) -> String {
    let mut bits = Vec::new();
    let text = text.replace("\\n", "");
    for c in text.chars() {
        let value = match c {
            'A'..='Z' => c as u32 - 'A' as u32,
            'a'..='z' => c as u32 - 'a' as u32 + 26,
            '0'..='9' => c as u32 - '0' as u32 + 52,
            '+' | '-' => 62,
            '/' | '_' => 63,
            _ => continue,
        };
        bits.extend((0..6).rev().map(|i| value >> i & 1));
    }
    let bytes = bits.chunks_exact(8).map(|b| b.iter().fold(0, |v, b| v << 1 | *b as u8)).collect();
    String::from_utf8(bytes).expect("text")
}

fn hex(text: &str, upper: bool) -> String {
    text.bytes().map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") }).collect()
}

fn from_hex(text: &str) -> String {
    let byte = |i| u8::from_str_radix(&text[i..i + 2], 16).expect("digits");
    String::from_utf8((0..text.len()).step_by(2).map(byte).collect()).expect("text")
}

/// What a form or a query writes.
fn percent(text: &str) -> String {
    let encoded = |b: u8| match b {
        b if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    // One letter at least has to be encoded, or it is no view.
    let mut out: String = text.bytes().map(encoded).collect();
    if let Some(at) = out.bytes().rposition(|b| b.is_ascii_alphabetic()) {
        let byte = out.as_bytes()[at];
        if !out[at.saturating_sub(2)..at].contains('%') {
            out.replace_range(at..=at, &format!("%{byte:02x}"));
        }
    }
    out
}

fn all_percent(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02x}")).collect()
}

fn from_percent(text: &str) -> String {
    let (mut out, mut at) = (Vec::new(), 0);
    while at < text.len() {
        match text.as_bytes()[at] {
            b'%' => {
                out.push(u8::from_str_radix(&text[at + 1..at + 3], 16).expect("digits"));
                at += 3;
            }
            b => {
                out.push(b);
                at += 1;
            }
        }
    }
    String::from_utf8(out).expect("text")
}

/// Every third character by its number, in a string of JSON so many strings deep.
fn numbers(text: &str, depth: usize) -> String {
    let spelled = |(i, c): (usize, char)| match c {
        c if i % 3 == 1 && c.is_ascii() => format!("\\u{:04x}", u32::from(c)),
        c => inside(&c.to_string()),
    };
    let mut out: String = text.chars().enumerate().map(spelled).collect();
    for _ in 1..depth {
        out = inside(&out);
    }
    out
}

fn inside(text: &str) -> String {
    let quoted = json(text);
    quoted[1..quoted.len() - 1].to_owned()
}

/// As an encoder writes it that puts a backslash before each slash; the first letter by number.
fn slashes(text: &str) -> String {
    let first = text.chars().next().map_or(0, u32::from);
    let rest = &text[text.chars().next().map_or(0, char::len_utf8)..];
    format!("\\u{first:04X}{}", inside(rest).replace('/', "\\/"))
}

fn from_json(text: &str, depth: usize) -> String {
    (0..depth).fold(text.to_owned(), |text, _| {
        serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|e| panic!("{e}: {text}"))
    })
}

const UNSEEN: [char; 6] = ['\u{200b}', '\u{2060}', '\u{feff}', '\u{ad}', '\u{e0041}', '\u{fe0f}'];

/// With a character that nobody sees behind every fifth.
fn unseen(text: &str) -> String {
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        out.push(c);
        if i % 5 == 2 && c.is_ascii_alphanumeric() {
            out.push(UNSEEN[i % UNSEEN.len()]);
        }
    }
    out
}

fn seen(text: &str) -> String {
    text.chars().filter(|c| !UNSEEN.contains(c)).collect()
}

/// The text with every secret replaced, as the writing of each match says.
fn edited(rules: &Rules, text: &str) -> String {
    let (mut out, mut from) = (Vec::new(), 0);
    for m in find(rules, text) {
        out.extend_from_slice(&text.as_bytes()[from..m.start]);
        let spelled = &text.as_bytes()[m.start..m.end];
        m.writing.write(spelled, rules.replacement(m.rule).as_bytes(), &mut out);
        from = m.end;
    }
    out.extend_from_slice(&text.as_bytes()[from..]);
    String::from_utf8(out).expect("text")
}

fn anchored(rules: &Rules) -> Vec<RuleId> {
    rules.iter().filter(|id| rules.info(*id).anchored).collect()
}

/// Holds one view of one text to what is found in the text as it is.
fn check(rules: &Rules, spelled: &Spelled, before: &str, text: &str, after: &str) {
    let view = format!("{before}{}{after}", (spelled.write)(text));
    let name = spelled.name;
    let plain = find(rules, text);
    let got = find(rules, &view);
    let names = |found: &[Match]| -> Vec<String> {
        found.iter().map(|m| rules.info(m.rule).name.to_owned()).collect()
    };
    assert_eq!(names(&got), names(&plain), "{name}: {text:?} as {view:?}");
    for (got, plain) in got.iter().zip(&plain) {
        let mut secret = Vec::new();
        // What a rule finds as it is, it takes as it is, whatever it might stand for.
        let is_plain = got.writing == Writing::PLAIN;
        if !is_plain && got.writing.read(&view.as_bytes()[got.start..got.end], &mut secret) {
            let secret = String::from_utf8_lossy(&secret).into_owned();
            assert_eq!(secret, text[plain.start..plain.end], "{name}: {view:?}");
        }
    }
    let left = edited(rules, &view);
    if name.ends_with("percent") && got.iter().any(|m| m.writing == Writing::PLAIN) {
        // Some secrets are mostly written so: their rule takes all encoded bytes behind them.
        return;
    }
    let body = left.strip_prefix(before).and_then(|left| left.strip_suffix(after));
    let body = body.unwrap_or_else(|| panic!("{name}: what stands around was changed: {left:?}"));
    let mut read = (spelled.read)(body);
    for m in &plain {
        // A replacement may be filled up.
        let replacement = rules.replacement(m.rule);
        for fill in ["..", "."] {
            read = read.replace(&format!("{replacement}{fill}"), replacement);
        }
    }
    let want = edited(rules, text);
    let want = want.replace("]...", "]").replace("]..", "]").replace("].", "]");
    assert_eq!(read, want, "{name}: {text:?} as {view:?}, then {left:?}");
    assert_eq!(names(&find(rules, &left)), Vec::<String>::new(), "{name}: {left:?}");
    let raw = json(&view);
    assert!(announced(rules, raw.as_bytes()) > 0, "{name}: {raw}");
    let raw = ascii_json(&view);
    assert!(announced(rules, raw.as_bytes()) > 0, "{name}: {raw}");
}

#[test]
fn every_anchored_rule_finds_in_every_view_what_it_finds_in_plain_text() {
    let rules = Rules::default();
    for id in anchored(&rules) {
        for seed in 0..4 {
            let sample = sample(&rules, id, seed);
            for spelled in ALL {
                // Every place of a group of digits, with text on both sides.
                for lead in ["", "x ", "ab ", "the key: "] {
                    for tail in ["", " ", "\nx", " and on it goes"] {
                        let text = format!("{lead}{}{tail}", sample.text);
                        if text.len() >= 24 {
                            check(&rules, spelled, "see ", &text, " there");
                        }
                    }
                }
            }
        }
    }
}

/// One rule of each kind of anchor: head, head with a border, behind, bare, tilde, address, block.
const KINDS: &[&str] = &[
    "github-classic-pat",
    "twilio-key",
    "sendgrid-key",
    "slack-webhook",
    "mailchimp-key",
    "azure-ad-secret",
    "jwt",
    "url-password",
    "private-key",
];

#[test]
fn a_view_is_found_at_every_offset() {
    let rules = Rules::default();
    for name in KINDS {
        let sample = sample(&rules, id(&rules, name), 5);
        for spelled in ALL {
            let view = (spelled.write)(&sample.text);
            for offset in 0..70 {
                let text = format!("{} {view} {}", ".".repeat(offset), "x".repeat(offset % 9));
                let got = found(&rules, &text);
                assert_eq!(got.len(), 1, "{name}, {} at {offset}: {text}", spelled.name);
                assert_eq!(got[0].0, *name);
                assert!(announced(&rules, json(&text).as_bytes()) > 0, "{name}");
            }
        }
    }
}

#[test]
fn a_secret_is_found_at_every_offset_of_a_view() {
    let rules = Rules::default();
    for name in KINDS {
        let sample = sample(&rules, id(&rules, name), 6);
        for spelled in ALL {
            for offset in 0..70 {
                let text =
                    format!("{} {}", "lorem-ipsum ".repeat(6).split_at(offset).0, sample.text);
                check(&rules, spelled, "(", &text, ")");
            }
        }
    }
}

#[test]
fn neighbours_in_one_group_of_digits_both_go() {
    let rules = Rules::default();
    let (a, b) = (secret(&rules, "aws-access-key", 1), secret(&rules, "github-classic-pat", 2));
    for lead in 0..3 {
        for between in [",", ", ", "/", " - "] {
            let text = format!("{}{a}{between}{b}{between}{a} end", "x ".repeat(lead));
            for spelled in ALL {
                check(&rules, spelled, "", &text, "");
            }
        }
    }
}

#[test]
fn what_only_looks_encoded_stays() {
    let rules = Rules::default();
    let dice = &mut Dice::new(3);
    let mut texts = vec![
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk".into(),
        "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7".into(),
        "https://example.net/a%20b?q=caf%C3%A9&u=https%3A%2F%2Fexample.org%2Fa%2Fb%3Fx%3D1".into(),
        "path C:\\Users\\u0041lice\\repo, \\d+\\/\\w+, 100% sure, 5%-10%".into(),
        "some\u{ad}thing soft, a\u{200b}b, 1\u{fe0f}\u{20e3}, \u{feff}start".into(),
        format!("plain base64: {}", base64("Nothing to see here, move along; but read on.", false)),
        format!("plain hex: {}", hex("Nothing to see here, move along.", false)),
    ];
    for _ in 0..200 {
        texts.push(format!("sha256:{}", dice.of(class::Class::HEX, 64).to_lowercase()));
        texts.push(format!("sha512-{}==", dice.of(class::Class::BASE64, 86)));
        texts.push(format!(
            "{}\n{}",
            dice.of(class::Class::BASE64, 76),
            dice.of(class::Class::BASE64, 76)
        ));
    }
    for text in texts {
        assert_eq!(found(&rules, &text), [], "{text}");
    }
}

#[test]
fn what_is_no_text_is_not_announced() {
    let dice = &mut Dice::new(9);
    let mut announced = 0;
    for _ in 0..10_000 {
        let text = dice.of(class::Class::ALNUM, 64);
        announced += usize::from(view::may_hold_blob(text.as_bytes(), 0));
        let text = dice.of(class::Class::HEX, 64);
        announced += usize::from(view::may_hold_blob(text.as_bytes(), 0));
    }
    assert!(announced < 20, "{announced} of 20,000");
    for word in
        ["internationalization", "get_user_by_identifier_and_name", "/usr/share/documentation"]
    {
        assert!(!view::may_hold_blob(format!("{word} ").as_bytes(), 0), "{word}");
    }
}

#[test]
fn a_checksum_is_asked_of_the_decoded_secret() {
    let rules = Rules::default();
    let mut asked = 0;
    for id in anchored(&rules).into_iter().filter(|id| rules.info(*id).checked) {
        let sample = sample(&rules, id, 2);
        for spelled in ALL {
            let view = format!("see {} there", (spelled.write)(&sample.text));
            for found in find(&rules, &view).iter().filter(|found| found.rule == id) {
                let whole = found.writing != Writing::PLAIN
                    && found.writing.read(&view.as_bytes()[found.start..found.end], &mut vec![]);
                if whole {
                    let verified = rules.verified(found, view.as_bytes());
                    assert_eq!(verified, Some(true), "{}: {view}", spelled.name);
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 50, "{asked}");
    let (a, b) = (secret(&rules, "npm-token", 1), secret(&rules, "npm-token", 2));
    let shared = (0..3).map(|lead| base64(&format!("{}{a},{b} more", "x ".repeat(lead)), false));
    let verified: Vec<_> = shared
        .flat_map(|view| {
            find(&rules, &view)
                .iter()
                .map(|found| rules.verified(found, view.as_bytes()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(verified.contains(&None) && !verified.contains(&Some(false)), "{verified:?}");
}

#[test]
fn a_space_in_percent_signs_parts_a_value_from_its_word() {
    let rules = Rules::default();
    for seed in 0..50 {
        let value = Dice::new(seed).of(class::Class::HEX, 32).to_lowercase();
        for words in ["datadog secret", "acme SECRET"] {
            let text = format!("see {words} {value} there");
            let plain = found(&rules, &text);
            assert_eq!(plain.len(), 1, "{text}");
            let view = text.replace(' ', "%20");
            assert_eq!(found(&rules, &view), plain, "{view}");
            assert!(announced(&rules, json(&view).as_bytes()) > 0, "{view}");
            // Wherever what has come so far ends, the answer is not taken back.
            let at = view.find(&value).expect("the value is left as it is") - 3;
            for end in at + 1..view.len() {
                assert!(view::may_percent(&view.as_bytes()[..end], at), "{view} up to {end}");
            }
        }
    }
    for text in ["a%20b", "x%20internationalization%20y", "x%202024-01-01%20y", "100%20"] {
        let at = text.find('%').expect("a percent sign");
        assert!(!view::may_percent(format!("{text} and so on, and on").as_bytes(), at), "{text}");
    }
}

#[test]
fn a_secret_is_read_whole_or_said_not_to_be() {
    let rules = Rules::default();
    let (a, b) = (secret(&rules, "npm-token", 1), secret(&rules, "groq-key", 2));
    let mut cut = 0;
    for lead in 0..3 {
        let view = base64(&format!("{}{a},{b} and so on", "x ".repeat(lead)), false);
        let read: Vec<_> = find(&rules, &view)
            .iter()
            .map(|m| {
                let mut out = Vec::new();
                let whole = m.writing.read(&view.as_bytes()[m.start..m.end], &mut out);
                (whole, String::from_utf8(out).expect("text"))
            })
            .collect();
        assert_eq!(read.len(), 2);
        for ((whole, got), want) in read.iter().zip([&a, &b]) {
            cut += usize::from(!whole);
            assert!(if *whole { got == want } else { want.starts_with(got.as_str()) });
        }
    }
    assert!(cut > 0, "some group of digits is shared");
}

#[test]
fn hostile_views_cost_linear_work() {
    let rules = Rules::default();
    let text = base64("just some text that goes on and on and on and on; ", false);
    let mime = lines(&base64(&"text, and more text; ".repeat(40), false), 76, "\n") + "\n";
    let pat = secret(&rules, "github-classic-pat", 1);
    let units = [
        "%41",
        "%",
        "%25",
        "%2",
        "%20BEGIN",
        "%20aaaaaaaaaaaaaaa1",
        "%20aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1",
        "41",
        "4142434445464748 ",
        "\\",
        "\"",
        "\\\"",
        "\\/",
        "\\u0041",
        "\\\\u0041",
        "\\u",
        "{\"a\":\"",
        "QUJD",
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY+",
        "QUJD/",
        "a\u{200b}",
        "\u{200b}",
        "a\u{e0041}",
        "aaaaaaaaaaaa\u{ad}",
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY\n",
        &text,
        &mime,
        &base64(&pat, true),
        &hex(&pat, false),
        &all_percent(&pat),
    ];
    costs_linear_work(&units, 96, |text| drop(find(&rules, text)));
}

/// What a text becomes when it is nested and edited at any depth is valid at every depth.
#[test]
fn nested_json_stays_json() {
    let rules = Rules::default();
    for name in KINDS {
        let sample = sample(&rules, id(&rules, name), 8);
        for spelled in ALL.iter().filter(|spelled| spelled.name != "quoted") {
            let view = (spelled.write)(&sample.text);
            let mut nested = view.clone();
            for depth in 0..4 {
                let left = edited(&rules, &nested);
                let mut inner = left;
                for _ in 0..depth {
                    let value: serde_json::Value = serde_json::from_str(&inner)
                        .unwrap_or_else(|e| panic!("{name}, {}: {e}: {inner}", spelled.name));
                    inner = value["k"].as_str().expect("a string").to_owned();
                }
                // A view of escapes is one level, or two, deeper than the others.
                let deeper = match spelled.name {
                    "once" | "slashes" => 1,
                    "twice" => 2,
                    _ => 0,
                };
                if depth + deeper <= 2 {
                    assert_eq!(found(&rules, &inner), [], "{name}, {} at {depth}", spelled.name);
                }
                nested = format!("{{\"k\":\"{}\"}}", inside(&nested));
            }
        }
    }
}
