//! How many of the examples are found, and how many of those marked clean.

use std::collections::BTreeMap;

use portcullis_engine::{Match, RuleId, Rules};

use super::example::{Example, Expect};
use super::spelling::{PLAIN, Spelling};
use crate::span::meets;

/// So many out of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// So many.
    pub part: usize,
    /// Out of so many.
    pub whole: usize,
}

impl Share {
    /// Counts one more.
    pub fn count(&mut self, is_part: bool) {
        self.whole += 1;
        self.part += usize::from(is_part);
    }

    /// In percent; of nothing, zero.
    #[must_use]
    pub fn percent(self) -> f64 {
        if self.whole == 0 { 0.0 } else { 100.0 * self.part as f64 / self.whole as f64 }
    }
}

/// What was found in examples of one source, or of all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Recall {
    /// Secrets found.
    pub secret: Share,
    /// Clean ones flagged.
    pub clean: Share,
}

impl Recall {
    fn count(&mut self, expect: Expect, is_found: bool) {
        match expect {
            Expect::Secret => self.secret.count(is_found),
            Expect::Clean => self.clean.count(is_found),
        }
    }
}

/// The rules that meet the secret of an example in a spelling; where its place is not known, all
/// that meet anything.
pub fn meet(rules: &Rules, example: &Example, spelling: &Spelling) -> Vec<RuleId> {
    let (text, secret) = spelling.write(example.text(), example.span());
    let mut found: Vec<Match> = Vec::new();
    rules.find(&text, &mut found);
    let counts = |found: &&Match| secret.as_ref().is_none_or(|secret| meets(found, secret));
    found.iter().filter(counts).map(|found| found.rule).collect()
}

/// Plain text, source by source.
#[must_use]
pub fn by_source(rules: &Rules, examples: &[Example]) -> BTreeMap<String, Recall> {
    let mut sources: BTreeMap<String, Recall> = BTreeMap::new();
    for example in examples {
        let is_found = !meet(rules, example, &PLAIN).is_empty();
        sources.entry(example.source.clone()).or_default().count(example.expect, is_found);
    }
    sources
}

/// All sources in one spelling.
#[must_use]
pub fn in_spelling(rules: &Rules, examples: &[Example], spelling: &Spelling) -> Recall {
    let mut all = Recall::default();
    for example in examples {
        all.count(example.expect, !meet(rules, example, spelling).is_empty());
    }
    all
}

/// Of the secrets that a rule with an anchor finds in plain text, how many are found in a spelling.
#[must_use]
pub fn anchored(rules: &Rules, examples: &[Example], spelling: &Spelling) -> Share {
    let mut share = Share::default();
    for example in examples.iter().filter(|example| example.expect == Expect::Secret) {
        if meet(rules, example, &PLAIN).iter().any(|id| rules.info(*id).anchored) {
            share.count(!meet(rules, example, spelling).is_empty());
        }
    }
    share
}

/// Lines behind a name, most first.
pub type Listed = Vec<(String, Vec<usize>)>;

/// What was missed in a spelling that is found in plain text, or in plain text at all, by source
/// and rule of that source.
#[must_use]
pub fn missed(rules: &Rules, examples: &[Example], spelling: &Spelling) -> Listed {
    let mut missed: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for example in examples.iter().filter(|example| example.expect == Expect::Secret) {
        let is_plain = spelling.name == PLAIN.name;
        let is_wanted = is_plain || !meet(rules, example, &PLAIN).is_empty();
        if is_wanted && meet(rules, example, spelling).is_empty() {
            let name = format!("{} {}", example.source, example.rule);
            missed.entry(name).or_default().push(example.line);
        }
    }
    most_first(missed)
}

/// Clean examples that are flagged, by rule of ours.
#[must_use]
pub fn flagged(rules: &Rules, examples: &[Example]) -> Listed {
    let mut flagged: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for example in examples.iter().filter(|example| example.expect == Expect::Clean) {
        for rule in meet(rules, example, &PLAIN) {
            let name = rules.info(rule).name.to_owned();
            flagged.entry(name).or_default().push(example.line);
        }
    }
    most_first(flagged)
}

/// Of the clean examples that are flagged, those in which what is found is a secret by another
/// example: the same value, a longer or a shorter one. They are clean only for the rule that they
/// were written for.
#[must_use]
pub fn contested(rules: &Rules, examples: &[Example]) -> Share {
    let known = |example: &&Example| example.expect == Expect::Secret;
    let secrets: Vec<&[u8]> = examples
        .iter()
        .filter(known)
        .filter_map(|example| Some(&example.text()[example.span()?]))
        .filter(|secret| secret.len() >= CONTESTED_MIN)
        .collect();
    let is_known = |value: &[u8]| {
        let holds = |long: &[u8], short: &[u8]| memchr::memmem::find(long, short).is_some();
        value.len() >= CONTESTED_MIN
            && secrets.iter().any(|secret| holds(secret, value) || holds(value, secret))
    };
    let mut share = Share::default();
    for example in examples.iter().filter(|example| example.expect == Expect::Clean) {
        let mut found = Vec::new();
        rules.find(example.text(), &mut found);
        if !found.is_empty() {
            let texts = found.iter().map(|found| &example.text()[found.start..found.end]);
            share.count(texts.into_iter().any(is_known));
        }
    }
    share
}

/// Shorter values are the same by chance.
const CONTESTED_MIN: usize = 12;

fn most_first(lines: BTreeMap<String, Vec<usize>>) -> Listed {
    let mut listed: Listed = lines.into_iter().collect();
    for (_, lines) in &mut listed {
        lines.dedup();
    }
    listed.sort_by_key(|(_, lines)| std::cmp::Reverse(lines.len()));
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_line_is_contested_by_a_secret_of_another() {
        let rules = Rules::default();
        let id = rules.iter().next().expect("a rule");
        let [one, other] = [1, 2].map(|seed| rules.example_at(id, seed).expect("an example"));
        let example = |(text, span): &(String, std::ops::Range<usize>), expect: &str| {
            let value = serde_json::json!({
                "source": "s", "rule": "r", "text": text, "expect": expect,
                "span": [span.start, span.end],
            });
            serde_json::from_value(value).expect("an example")
        };
        let examples: Vec<Example> = vec![
            example(&one, "secret"),
            example(&one, "clean"),
            example(&other, "clean"),
            example(&("nothing".to_owned(), 0..7), "clean"),
        ];
        assert_eq!(contested(&rules, &examples), Share { part: 1, whole: 2 });
    }
}
