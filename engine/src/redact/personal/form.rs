//! Numbers of a fixed form: which characters in which places, how people write them down, and the
//! words that tell them from other numbers.

use crate::redact::class::meter;

/// What is known of a number of fixed form.
///
/// In a template `9` is a digit, `A` a letter, `X` a digit or an X; everything else stands for
/// itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// Ways to write it that nothing else is written in.
    pub(crate) marked: &'static [&'static str],
    /// Ways to write it that need a word before them.
    pub(crate) worded: &'static [&'static str],
    /// These words, in lower case. One that ends with `*` may go on.
    pub(crate) words: &'static [&'static str],
    /// Whether such a number can have been issued.
    pub(crate) check: fn(&[u8]) -> bool,
    /// An example without its check digits: a `?` is any digit.
    pub(crate) example: &'static str,
}

/// No form has more characters besides its separators.
pub(super) const CHARS_MAX: usize = 18;
/// A word stands at most this far before the number.
const WORD_BACK_MAX: usize = 48;

/// The characters of a number at `start` that is written like `template`, and how many.
pub(super) fn read(template: &[u8], text: &[u8], start: usize) -> Option<([u8; CHARS_MAX], usize)> {
    let written = text.get(start..start + template.len())?;
    let (mut chars, mut count) = ([0; CHARS_MAX], 0);
    for (place, b) in template.iter().zip(written) {
        let fits = match place {
            b'9' => b.is_ascii_digit(),
            b'A' => b.is_ascii_alphabetic(),
            b'X' => b.is_ascii_digit() || matches!(b, b'X' | b'x'),
            _ if place == b => continue,
            _ => false,
        };
        if !fits {
            return None;
        }
        chars[count] = b.to_ascii_uppercase();
        count += 1;
    }
    meter(template.len());
    Some((chars, count))
}

/// Whether a number may stand between these two places: it is no piece of a word, of a fraction, or
/// of a longer number with the same separators.
pub(super) fn is_apart(text: &[u8], start: usize, end: usize, separators: &[u8]) -> bool {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let before = match two_before(text, start) {
        // The letter of an escape belongs to the escape.
        [second, first] if is_word(first) => second == b'\\' && !first.is_ascii_digit(),
        [second, b'-' | b'.'] => !is_word(second),
        [second, first] => !(separators.contains(&first) && second.is_ascii_digit()),
    };
    let after = match text[end..] {
        [first, ..] if is_word(first) => false,
        [b'-', second, ..] => !is_word(second),
        [first, second, ..] if first == b'.' || separators.contains(&first) => {
            !second.is_ascii_digit()
        }
        _ => true,
    };
    before && after
}

/// The two bytes before a place; zeros before the beginning.
pub(super) fn two_before(text: &[u8], at: usize) -> [u8; 2] {
    [2, 1].map(|back| at.checked_sub(back).map_or(0, |i| text[i]))
}

/// Whether one of the words stands a little before the place, or is in the name of the member.
pub(super) fn has_word(words: &[&str], name: Option<&[u8]>, text: &[u8], at: usize) -> bool {
    let near = &text[at.saturating_sub(WORD_BACK_MAX)..at];
    meter(near.len() * words.len());
    [name.unwrap_or_default(), near].iter().any(|text| words.iter().any(|w| holds_word(text, w)))
}

/// Whether a text holds a word, apart from others: between marks, or by a capital letter.
fn holds_word(text: &[u8], word: &str) -> bool {
    let (word, open) = match word.strip_suffix('*') {
        Some(word) => (word.as_bytes(), true),
        None => (word.as_bytes(), false),
    };
    let parts = |a: u8, b: u8| {
        !a.is_ascii_alphabetic() || (a.is_ascii_lowercase() && b.is_ascii_uppercase())
    };
    text.windows(word.len()).enumerate().any(|(at, there)| {
        there.eq_ignore_ascii_case(word)
            && (at == 0
                || parts(text[at - 1], there[0])
                // The letter of an escape belongs to the escape.
                || (at >= 2 && text[at - 2] == b'\\'))
            && (open
                || text.get(at + word.len()).is_none_or(|next| {
                    !next.is_ascii_alphabetic() || parts(there[word.len() - 1], *next)
                }))
    })
}

/// What keeps the groups of a template apart.
pub(super) fn separators(template: &[u8]) -> &[u8] {
    let is_separator = |b: &u8| matches!(b, b' ' | b'-' | b'.' | b'/');
    match template.iter().rposition(is_separator) {
        Some(i) => &template[i..=i],
        None => &[],
    }
}
