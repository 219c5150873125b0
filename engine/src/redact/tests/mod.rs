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
use crate::bits::kernel::{self, BLOCK};
use crate::bits::mask;
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

/// How often the sieve and the prefilter announce a secret in a raw JSON string, or what may hide
/// one, when they are asked as early as the frame scanner asks.
fn announced(rules: &Rules, raw: &[u8]) -> usize {
    let mut count = 0;
    let mut batch = places::Batch::after(&places::Recent::default());
    let (mut escape, mut base) = (0, 0usize.wrapping_sub(BLOCK));
    // A block is looked at as soon as the next one and a few bytes more have come.
    let mut look = |batch: &mut places::Batch, base: usize| {
        let known = &raw[..raw.len().min(base.wrapping_add(2 * BLOCK + 8))];
        let asked = &mut Asked::default();
        rules.announce(known, base, batch.windows(), asked, |_, _| 0, |_| count += 1);
        batch.advance();
    };
    for block in raw.chunks(BLOCK) {
        let masks = kernel::classify_rest(block);
        let (escaped, next) = mask::escaped(masks.backslash, escape);
        escape = next;
        batch.push(places::Window::within(&masks, u64::MAX, escaped));
        let mut ends = [kernel::Ends::default()];
        kernel::ends(&raw[base.wrapping_add(BLOCK)..], rules.threes(), &mut ends);
        batch.set_ends(&ends);
        look(&mut batch, base);
        base = base.wrapping_add(BLOCK);
    }
    batch.push(places::Window::default());
    look(&mut batch, base);
    let mut escaped = false;
    for (i, b) in raw.iter().enumerate() {
        count += usize::from(escaped && view::may_escape(raw, i));
        escaped = *b == b'\\' && !escaped;
    }
    count
}
