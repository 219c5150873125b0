//! A finding: where, by which rule, and what may be shown of it.

use portcullis_engine::{Match, RuleId};

use super::fingerprint::Key;
use super::place::Place;
use super::window::Step;

/// A secret that was found. It is not in here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where it begins.
    pub start: Place,
    /// Behind its last character.
    pub end: Place,
    /// Its first byte, from 0.
    pub offset: u64,
    /// Its bytes.
    pub length: u64,
    /// The rule that found it.
    pub rule: RuleId,
    /// The line around it, every secret in it masked.
    pub excerpt: String,
    /// A keyed digest of it, for those who gave a key.
    pub digest: Option<String>,
}

/// Makes findings of the steps of one text, in order.
pub(super) struct Finder<'a> {
    place: Place,
    key: Option<&'a Key>,
}

impl<'a> Finder<'a> {
    /// At the beginning of a text.
    pub(super) fn new(key: Option<&'a Key>) -> Self {
        Finder { place: Place::START, key }
    }

    /// Appends what a step found.
    pub(super) fn take(&mut self, step: &Step<'_>, out: &mut Vec<Finding>) {
        let mut at = step.from;
        for found in step.matches {
            // What was judged before is not looked at again: a key whose first line was let go is
            // told of where it goes on.
            let begin = found.start.max(step.from);
            self.place = self.place.after(&step.text[at..begin]);
            at = begin;
            let secret = &step.text[begin..found.end];
            out.push(Finding {
                start: self.place,
                end: self.place.after(secret),
                offset: step.base + begin as u64,
                length: secret.len() as u64,
                rule: found.rule,
                excerpt: excerpt(step.text, step.in_view, found),
                digest: self.key.map(|key| digest(key, step.text, found)),
            });
        }
        self.place = self.place.after(&step.text[at..step.to]);
    }
}

/// A digest of the secret itself, however it is spelled.
fn digest(key: &Key, text: &[u8], found: &Match) -> String {
    let mut secret = zeroize::Zeroizing::new(Vec::new());
    let spelled = &text[found.start..found.end];
    if !found.writing.read(spelled, &mut secret) {
        secret.clear();
        secret.extend_from_slice(spelled);
    }
    key.digest(&secret)
}

/// The line of a match, cut to what fits on a line of a terminal. All secrets in view are masked,
/// not only this one.
fn excerpt(text: &[u8], in_view: &[Match], found: &Match) -> String {
    let low = found.start.saturating_sub(AROUND);
    let low = memchr::memrchr(b'\n', &text[low..found.start]).map_or(low, |at| low + at + 1);
    let low = low + text[low..found.start].iter().take_while(|byte| **byte & 0xc0 == 0x80).count();
    let high = text.len().min(found.end + AROUND);
    let high = memchr::memchr(b'\n', &text[found.end..high]).map_or(high, |at| found.end + at);
    let first = in_view.partition_point(|other| other.end <= low);
    let (mut out, mut from) = (String::new(), low);
    for other in in_view[first..].iter().take_while(|other| other.start < high) {
        shown(&text[from..other.start.max(from)], &mut out);
        mask(&text[other.start..other.end], &mut out);
        from = other.end;
    }
    shown(&text[from.min(high)..high], &mut out);
    out.trim().to_owned()
}

/// A text as a terminal may show it: nothing in it moves the cursor or turns the line around.
fn shown(text: &[u8], out: &mut String) {
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' | '\'' | '\\' => out.push(character),
                '\t' | '\r' => out.push(' '),
                _ => out.extend(character.escape_debug()),
            }
        }
        if !chunk.invalid().is_empty() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
    }
}

/// What a long secret begins with, which says of what kind it is, and how long it is.
fn mask(secret: &[u8], out: &mut String) {
    let head = if secret.len() >= SHOWN_FROM { SHOWN } else { 0 };
    shown(&secret[..head], out);
    out.push_str(&format!("[... {} bytes]", secret.len()));
}

/// So much of the line is shown on each side.
const AROUND: usize = 40;
/// So much of a secret is shown: the fixed beginning of most kinds is as long.
const SHOWN: usize = 4;
/// Of a shorter one nothing is.
const SHOWN_FROM: usize = 20;

#[cfg(test)]
mod tests {
    use super::super::window::{Sizes, Source, Windows};
    use super::*;
    use portcullis_engine::Rules;

    impl Source for &[u8] {}

    fn findings(rules: &Rules, text: &str) -> Vec<Finding> {
        let (mut bytes, mut out, mut finder) = (Vec::new(), Vec::new(), Finder::new(None));
        let mut windows = Windows::new(text.as_bytes(), rules, Sizes::DEFAULT, &mut bytes);
        while let Some(step) = windows.step().unwrap() {
            finder.take(&step, &mut out);
        }
        out
    }

    fn secret(rules: &Rules, seed: u64) -> String {
        let id = rules.iter().find(|id| rules.info(*id).name == "github-classic-pat");
        let (text, span) = rules.example_at(id.unwrap(), seed).unwrap();
        text[span].to_owned()
    }

    #[test]
    fn a_finding_has_its_place_and_nothing_of_the_secret() {
        let rules = Rules::default();
        let (one, two) = (secret(&rules, 1), secret(&rules, 2));
        let text = format!("\u{e9}\r\n\u{e9} a {one} and {two}\r\nend");
        let found = findings(&rules, &text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].start, Place { line: 2, column: 5 });
        assert_eq!(found[0].end, Place { line: 2, column: 5 + one.len() as u64 });
        assert_eq!((found[0].offset, found[0].length), (9, one.len() as u64));
        let want = format!("\u{e9} a ghp_[... {0} bytes] and ghp_[... {0} bytes]", one.len());
        assert_eq!(found[0].excerpt, want);
        // It begins within the first, which is masked all the same.
        assert_eq!(found[1].excerpt, want[want.find("ghp_").unwrap()..]);
    }

    #[test]
    fn an_excerpt_of_a_long_line_is_short_and_whole() {
        let rules = Rules::default();
        let one = secret(&rules, 3);
        let text = format!("{} {one} {}", "\u{e9}\u{202e}\x1b[2J".repeat(90), "x ".repeat(90));
        let found = findings(&rules, &text);
        let excerpt = &found[0].excerpt;
        assert!(excerpt.len() < 400 && !excerpt.contains('\u{fffd}'), "{excerpt}");
        assert!(!excerpt.contains('\u{202e}') && !excerpt.contains('\x1b'), "{excerpt}");
        assert!(!excerpt.contains(&one[4..12]), "{excerpt}");
    }
}
