//! What else could look for secrets: well-known engines with patterns made from the same rules.
//!
//! A rule shows no pattern, but makes examples. What all examples of an anchored rule begin with is
//! its prefix, and a prefix with the characters that tokens are made of is a fair regular
//! expression: it does less than the rule, which also looks at lengths, surroundings and checksums,
//! and it looks at one view only. So these figures flatter the other engines.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use portcullis_engine::{RuleKind, Rules};
use regex::bytes::{Regex, RegexSet};

/// Other engines, each with the same prefixes.
#[derive(Debug)]
pub struct References {
    /// What the tokens of one rule begin with; each prefix once.
    pub prefixes: Vec<String>,
    /// One regular expression each.
    pub each: Vec<Regex>,
    /// All of them in one automaton that says which match.
    pub set: RegexSet,
    /// The prefixes as texts, in the automaton that the crate chooses for so many.
    pub texts: AhoCorasick,
    /// The same in the fastest automaton for many texts, which takes the most memory.
    pub texts_dfa: AhoCorasick,
}

impl References {
    /// From the rules of tokens that begin with a prefix of their own.
    ///
    /// # Panics
    /// If an engine does not take the patterns.
    #[must_use]
    pub fn of(rules: &Rules) -> Self {
        let prefixes = prefixes(rules);
        let patterns: Vec<String> = prefixes
            .iter()
            .map(|prefix| format!(r"{}[A-Za-z0-9_.=+/-]{{10,256}}", regex::escape(prefix)))
            .collect();
        let each = patterns.iter().map(|pattern| Regex::new(pattern).expect("a short pattern"));
        let mut builder = regex::bytes::RegexSetBuilder::new(&patterns);
        let set = builder.size_limit(256 << 20).dfa_size_limit(64 << 20).build();
        let build = |kind| {
            let mut builder = AhoCorasick::builder();
            builder.kind(kind).match_kind(MatchKind::LeftmostLongest);
            builder.build(&prefixes).expect("a few hundred short texts")
        };
        let (texts, texts_dfa) = (build(None), build(Some(AhoCorasickKind::DFA)));
        Self {
            each: each.collect(),
            set: set.expect("within its limits"),
            texts,
            texts_dfa,
            prefixes,
        }
    }
}

/// What the examples of each rule of tokens begin with.
fn prefixes(rules: &Rules) -> Vec<String> {
    let mut prefixes: Vec<String> = rules
        .iter()
        .filter(|&id| rules.info(id).kind == RuleKind::Token && rules.info(id).anchored)
        .filter_map(|id| {
            let examples = (0..EXAMPLES).filter_map(|seed| {
                let (text, at) = rules.example_at(id, seed)?;
                Some(text.get(at)?.to_owned())
            });
            let prefix = examples.reduce(|prefix, example| common(&prefix, &example).to_owned())?;
            (prefix.len() >= LENGTH_MIN).then_some(prefix)
        })
        .collect();
    prefixes.sort();
    prefixes.dedup();
    prefixes
}

fn common<'a>(a: &'a str, b: &str) -> &'a str {
    let same = a.char_indices().zip(b.chars()).find(|((_, a), b)| a != b);
    same.map_or(&a[..a.len().min(b.len())], |((at, _), _)| &a[..at])
}

/// So many examples have no letter in common by chance.
const EXAMPLES: u64 = 12;
/// A shorter prefix is in every text.
const LENGTH_MIN: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_what_examples_share() {
        assert_eq!(common("abcd", "abxd"), "ab");
        assert_eq!(common("ab", "abc"), "ab");
        assert_eq!(common("xab", "abc"), "");
        let rules = Rules::default();
        let found = References::of(&rules);
        assert!(found.prefixes.len() >= 100, "{}", found.prefixes.len());
        assert!(found.prefixes.iter().any(|prefix| prefix == "ghp_"));
        assert_eq!(found.each.len(), found.set.len());
    }
}
