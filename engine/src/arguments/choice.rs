//! A value that is one of a few.

use super::check::Denial;

/// At most so many.
pub(super) const CHOICES_MAX: usize = 4_096;

/// The values, sorted.
#[derive(Debug)]
pub(super) struct Choice(Box<[Box<str>]>);

impl Choice {
    pub(super) const DENIAL: Denial = Denial::of("one_of");

    pub(super) fn new(words: &[String]) -> Self {
        let mut words: Vec<Box<str>> = words.iter().map(|word| word.as_str().into()).collect();
        words.sort_unstable();
        Self(words.into())
    }

    /// Judges a text, or how a number or a word is spelled.
    pub(super) fn judge(&self, text: &str) -> Result<(), Denial> {
        let found = self.0.binary_search_by(|word| (**word).cmp(text));
        found.map(|_| ()).map_err(|_| Self::DENIAL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_of_them_letter_by_letter() {
        let choice = Choice::new(&["read".into(), "list".into(), "1".into()]);
        for (text, is_one) in [
            ("read", true),
            ("list", true),
            ("1", true),
            ("Read", false),
            ("read ", false),
            ("", false),
            ("1.0", false),
        ] {
            assert_eq!(choice.judge(text).is_ok(), is_one, "{text:?}");
        }
    }
}
