//! Tests of the layer as a whole. Secrets are made when a test runs; none is written down.

mod allow;
mod anchors;
mod contract;
mod custom;
mod finding;
mod lengths;
mod names;
mod personal;
mod streams;
mod unseen;
mod views;

use super::*;
use sample::Dice;

/// What a set of rules finds in a text.
fn find(rules: &Rules, text: &str) -> Vec<Match> {
    let mut out = Vec::new();
    rules.find(text.as_bytes(), &mut out);
    out
}

/// The names and texts of what is found.
fn found(rules: &Rules, text: &str) -> Vec<(String, String)> {
    let name = |m: &Match| rules.info(m.rule).name.to_owned();
    find(rules, text).iter().map(|m| (name(m), text[m.start..m.end].to_owned())).collect()
}

/// The text without its secrets.
fn redact(rules: &Rules, text: &str) -> String {
    let (mut out, mut from) = (String::new(), 0);
    for m in find(rules, text) {
        out += &text[from..m.start];
        out += rules.replacement(m.rule);
        from = m.end;
    }
    out + &text[from..]
}

/// The number of a rule.
fn id(rules: &Rules, name: &str) -> RuleId {
    rules.iter().find(|id| rules.info(*id).name == name).expect("the rule is in the catalogue")
}

/// A text with a made-up secret of this kind.
fn sample(rules: &Rules, id: RuleId, seed: u64) -> sample::Sample {
    let (text, place) = rules.example_at(id, seed).expect("built-in rules have examples");
    sample::Sample { text, start: place.start, end: place.end }
}

/// A made-up secret of this kind, alone.
fn secret(rules: &Rules, name: &str, seed: u64) -> String {
    let sample = sample(rules, id(rules, name), seed);
    sample.text[sample.start..sample.end].to_owned()
}

/// The bytes looked at in a search.
fn work(search: impl FnOnce()) -> u64 {
    class::METER.set(0);
    search();
    class::METER.get()
}

/// Holds a search of hostile texts, each piece again and again, to its bound: so many bytes looked
/// at for each byte of the text, and for twice the text twice the work and no more.
fn costs_linear_work(pieces: &[&str], bound: u64, search: impl Fn(&str)) {
    for piece in pieces {
        let [once, twice] = [16, 17].map(|bits| piece.repeat((1 << bits) / piece.len()));
        let [a, b] = [&once, &twice].map(|text| work(|| search(text)));
        assert!(b <= 2 * a + 8192, "{piece:?}: {a} bytes looked at, then {b}");
        assert!(b <= bound * twice.len() as u64, "{piece:?}: {b} looked at in {}", twice.len());
    }
}

/// The raw text of a JSON string: short escapes where there are such, as most encoders write them.
fn json(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            '\u{8}' => out += "\\b",
            '\u{c}' => out += "\\f",
            c => out.push(c),
        }
    }
    out + "\""
}

/// The same with a number for each character that is no ASCII.
fn ascii_json(text: &str) -> String {
    let mut out = String::new();
    for c in json(text).chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|unit| out += &format!("\\u{unit:04x}"));
        }
    }
    out
}

/// Whether the prefilter announces anything in a raw JSON string, asked at every place that a
/// trigger describes.
fn announced(rules: &Rules, raw: &[u8]) -> usize {
    let token = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let mut count = 0;
    let (mut run, mut escaped, mut start) = (0, false, 0);
    for (i, b) in raw.iter().enumerate() {
        let ends_escape = escaped;
        count += usize::from(ends_escape && view::may_escape(raw, i));
        count += usize::from(*b == b'%' && view::may_percent(raw, i));
        let is_apart = i > 0 && (raw[i - 1] >= 0x80 || raw[i - 1] == b' ');
        count += usize::from(*b >= 0x80 && !is_apart && view::may_hide(raw, i));
        escaped = *b == b'\\' && !escaped;
        if token(*b) && !ends_escape {
            if run == 0 {
                start = i;
            }
            run += 1;
            if run == finder::RUN_MIN {
                count += usize::from(rules.may_start(raw, start, Trigger::Run));
            }
            continue;
        }
        run = 0;
        if *b == b'=' {
            count += usize::from(rules.may_start(raw, i, Trigger::Equals));
        }
        if raw[i..].starts_with(b"://") {
            count += usize::from(rules.may_start(raw, i, Trigger::Scheme));
        } else if *b == b':' {
            count += usize::from(rules.may_start(raw, i, Trigger::Colon));
        }
    }
    count
}
