//! A regular expression that a string has to match whole, or that must not occur in it.
//!
//! The engine is linear in the string whatever the pattern is. Patterns are admitted as those of
//! redaction are: no nested repetition unless the host says `linear`, a limit on each and on all.

use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, Look};

use super::check::Denial;
use crate::redact::{NEST_MAX, PATTERN_BYTES_MAX, admit, build_regex};

/// All patterns together take at most this much, compiled.
const COMPILED_BYTES_SUM: usize = 16 << 20;

#[derive(Debug)]
pub(super) struct Pattern(Box<Regex>);

/// What may still be spent on patterns.
pub(super) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(COMPILED_BYTES_SUM)
    }
}

impl Pattern {
    pub(super) const DEMANDED: Denial = Denial::of("regex");
    pub(super) const FORBIDDEN: Denial = Denial::of("not_regex");

    /// A pattern for the whole of a string.
    pub(super) fn whole(text: &str, linear: bool, budget: &mut Budget) -> Result<Self, String> {
        // Put together behind the parser, so that no comment or flag in the pattern reaches the ends.
        let hir = parse(text, linear)?;
        let ends = [Hir::look(Look::Start), hir, Hir::look(Look::End)];
        Self::build(&Hir::concat(ends.into()), budget)
    }

    /// A pattern for any part of a string.
    pub(super) fn part(text: &str, linear: bool, budget: &mut Budget) -> Result<Self, String> {
        let hir = parse(text, linear)?;
        if hir.properties().minimum_len() == Some(0) {
            return Err("the pattern matches the empty text, which occurs in every string".into());
        }
        Self::build(&hir, budget)
    }

    /// The string has to match.
    pub(super) fn demand(&self, text: &str) -> Result<(), Denial> {
        let input = Input::new(text).anchored(Anchored::Yes);
        if self.0.is_match(input) { Ok(()) } else { Err(Self::DEMANDED) }
    }

    /// Nothing in the string may match.
    pub(super) fn forbid(&self, text: &str) -> Result<(), Denial> {
        if self.0.is_match(text) { Err(Self::FORBIDDEN) } else { Ok(()) }
    }

    fn build(hir: &Hir, budget: &mut Budget) -> Result<Self, String> {
        let regex = build_regex(hir).map_err(|(why, _)| why)?;
        let rest = budget.0.checked_sub(regex.memory_usage());
        budget.0 = rest.ok_or_else(|| {
            format!(
                "all patterns together take more than {COMPILED_BYTES_SUM} bytes compiled; narrow \
                 their classes or counts"
            )
        })?;
        Ok(Self(Box::new(regex)))
    }
}

fn parse(text: &str, linear: bool) -> Result<Hir, String> {
    if text.len() > PATTERN_BYTES_MAX {
        return Err(format!("the pattern is longer than {PATTERN_BYTES_MAX} bytes"));
    }
    admit(text, linear).map_err(|(why, at)| match at {
        Some(at) => format!("at byte {at}: {why}"),
        None => why,
    })?;
    let hir = ParserBuilder::new().nest_limit(NEST_MAX).build().parse(text);
    // The message quotes the pattern.
    let hir =
        hir.map_err(|_| "the pattern cannot be read; matching is by characters".to_owned())?;
    match hir.properties().minimum_len() {
        None => Err("the pattern matches no text at all".to_owned()),
        Some(_) => Ok(hir),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Pattern {
        Pattern::whole(text, false, &mut Budget::default()).expect("a pattern")
    }

    #[test]
    fn the_whole_string_has_to_match() {
        for (pattern, text, is_match) in [
            ("[a-z]+", "abc", true),
            ("[a-z]+", "abc1", false),
            ("[a-z]+", "1abc", false),
            ("[a-z]+", "abc\n", false),
            ("[a-z]*", "", true),
            ("a|ab", "ab", true),
            ("a|ab", "abb", false),
            ("(?m)^a$", "a\nb", false),
            ("(?x) a # comment", "a", true),
            ("(?x) a # comment", "ab", false),
            (".", "\u{1f600}", true),
        ] {
            assert_eq!(whole(pattern).demand(text).is_ok(), is_match, "{pattern} {text:?}");
        }
    }

    #[test]
    fn nothing_of_the_string_may_match() {
        let pattern = Pattern::part("[;&|`]", false, &mut Budget::default()).expect("a pattern");
        assert!(pattern.forbid("ls -l").is_ok());
        assert!(pattern.forbid("").is_ok());
        assert!(pattern.forbid("ls; rm").is_err());
    }

    #[test]
    fn patterns_are_admitted_as_those_of_redaction() {
        let refused =
            |text: &str, linear| Pattern::whole(text, linear, &mut Budget::default()).err();
        assert!(refused("(a+)+", false).is_some_and(|why| why.contains("linear: true")));
        assert!(refused("(a+)+", true).is_none());
        assert!(refused("(", false).is_some() && refused("[^\\s\\S]", false).is_some());
        assert!(refused(&"a".repeat(PATTERN_BYTES_MAX), false).is_none());
        assert!(refused(&"a".repeat(PATTERN_BYTES_MAX + 1), false).is_some());
        assert!(Pattern::part("a*", false, &mut Budget::default()).is_err());
    }

    #[test]
    fn what_all_take_together_is_limited() {
        let mut budget = Budget::default();
        let admitted = |n: &usize| {
            let pattern = format!("[\\w]{{1,9}}{n}");
            Pattern::whole(&pattern, false, &mut budget).is_ok()
        };
        let count = (0..1_000).take_while(admitted).count();
        assert!((1..1_000).contains(&count), "{count}");
    }
}
