//! Second views: what is found in them, and what stands there afterwards.

use super::*;

/// A way to spell a text, and to read it again; what is found in it is what is found in plain text.
struct Spelled {
    name: &'static str,
    write: fn(&str) -> String,
    read: fn(&str) -> String,
}

const ALL: &[Spelled] = &[
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

fn base64(text: &str, url: bool) -> String {
    let plain = sample::base64(text.as_bytes());
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
    format!("\\u{first:04X}{}", inside(&text[1..]).replace('/', "\\/"))
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
    assert!(announced(rules, raw.as_bytes(), false) > 0, "{name}: {raw}");
    let raw = ascii_json(&view);
    assert!(announced(rules, raw.as_bytes(), false) > 0, "{name}: {raw}");
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
