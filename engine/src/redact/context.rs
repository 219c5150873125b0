//! Values that are recognised by what stands in front of them: a name and `=` or `:`, or a scheme
//! word.
//!
//! Every look-back is bounded, and forgiving where raw JSON text differs from decoded text: a quote
//! is then written with a backslash, and a tab with a backslash and a letter. On raw text a plain
//! quote is the start of the string.

use super::class::{self, Class};
use super::judge::{
    self, is_no_value, is_placeholder, is_plain, is_secret_variable, is_user_and_password, is_words,
};
use super::matcher::{Step, is_border};
use super::rule::{Named, Scheme, Value};

/// Which spelling of a text is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// Decoded text, whole.
    Plain,
    /// Raw JSON text, perhaps not all of it yet.
    Raw,
}

/// So many quotes, spaces and backslashes may stand between a name, its sign and the value.
const GAP_MAX: usize = 8;
/// A name is read back this far.
pub(crate) const NAME_MAX: usize = 64;
/// A value is judged by this much of it.
pub(crate) const JUDGED_MAX: usize = 128;

/// Where the name ends that the value at `value` is given to, if `=` or `:` stands between them.
pub(crate) fn name_end(text: &[u8], value: usize, view: View) -> Option<usize> {
    let sign = gap(text, value, view);
    let mut i = sign;
    match *text.get(i.wrapping_sub(1))? {
        b'=' | b':' => i -= 1,
        b'>' if i >= 2 && text[i - 2] == b'=' => i -= 2,
        // An element of XML: the name has to touch the bracket.
        b'>' if sign == value => return Some(i - 1),
        _ => return None,
    }
    if i > 0 && text[i] == b'=' && text[i - 1] == b':' {
        i -= 1;
    }
    Some(gap(text, i, view))
}

/// Goes back over quotes, spaces and the like.
pub(crate) fn gap(text: &[u8], from: usize, view: View) -> usize {
    let limit = if view == View::Raw { 2 * GAP_MAX + 2 } else { GAP_MAX };
    let low = from.saturating_sub(limit);
    let mut i = from;
    while i > low {
        match text[i - 1] {
            b'"' if view == View::Raw && (i < 2 || text[i - 2] != b'\\') => break,
            b' ' | b'\t' | b'"' | b'\'' | b'`' | b'\\' | b']' | b')' => i -= 1,
            b't' if i >= 2 && text[i - 2] == b'\\' => i -= 2,
            _ => break,
        }
    }
    i
}

/// Whether the name that ends at `end` ends with one of `names`, in any case and with any `_` and
/// `-`.
pub(crate) fn is_named(text: &[u8], end: usize, names: &[&str]) -> bool {
    names.iter().any(|name| ends_folded(text, end, name.as_bytes()).is_some())
}

/// Where `name` starts, if the text before `end` ends with it.
fn ends_folded(text: &[u8], end: usize, name: &[u8]) -> Option<usize> {
    let mut i = end;
    for want in name.iter().rev() {
        while i > 0 && matches!(text[i - 1], b'_' | b'-') && i < end {
            i -= 1;
        }
        if i == 0 || text[i - 1].to_ascii_lowercase() != *want {
            return None;
        }
        i -= 1;
    }
    Some(i)
}

/// Looks for a value of this rule at `value`, behind a name.
pub(crate) fn named(rule: &Named, text: &[u8], value: usize, name: usize) -> Step {
    if !is_named(text, name, rule.names) {
        return Step::No;
    }
    match rule.value {
        Value::Base64(min) => {
            let found = Class::BASE64.span(text, value, min);
            match found == min {
                true if is_words(&text[value..value + min]) => Step::No,
                true => Step::Yes(value, value + min),
                false if value + found == text.len() => Step::Short,
                false => Step::No,
            }
        }
    }
}

/// How far an opaque value goes on: over both base64 alphabets, then padding.
pub(crate) fn value_grown(text: &[u8], end: usize) -> usize {
    let last = super::matcher::grown(Class::VALUE, text, end);
    last + Class::EQUALS.span(text, last, 3)
}

/// Looks for a value behind `Bearer ` or `Basic `, which ends right before `value`.
pub(crate) fn scheme(rule: Scheme, text: &[u8], value: usize, view: View) -> Step {
    let word = rule.word();
    let Some(end) = value.checked_sub(1).filter(|i| text[*i] == b' ') else { return Step::No };
    let Some(start) = end.checked_sub(word.len()) else { return Step::No };
    if !text[start..end].eq_ignore_ascii_case(word) || !is_border(text, start, Class::TOKEN) {
        return Step::No;
    }
    let found = Class::VALUE.span(text, value, JUDGED_MAX);
    if value + found == text.len() && view == View::Raw {
        return Step::Short;
    }
    let judged = &text[value..value + found];
    let secret = match rule {
        Scheme::Bearer => found >= 16 && !is_words(judged) && !is_placeholder(judged),
        Scheme::Basic => found >= 8 && is_user_and_password(judged),
    };
    if secret { Step::Yes(value, value + found) } else { Step::No }
}

/// Where the name of a variable that holds a secret starts, if one ends before the `=` at `equals`.
pub(crate) fn variable(text: &[u8], equals: usize) -> Option<usize> {
    let count = (Class::UPNUM.or(Class::UNDER)).span_back(text, equals, NAME_MAX);
    let start = equals - count;
    (count >= 3 && is_secret_variable(&text[start..equals])).then_some(start)
}

/// Looks for the value of an environment variable behind the `=` at `equals`.
pub(crate) fn env(text: &[u8], equals: usize) -> Step {
    let Some(start) = variable(text, equals) else { return Step::No };
    let mut value = equals + 1;
    let mut quotes = 0;
    while quotes < 4 && matches!(text.get(value), Some(b'"' | b'\'' | b'`' | b'\\')) {
        quotes += 1;
        value += 1;
    }
    const MIN: usize = 8;
    let found = env_span(text, value, JUDGED_MAX);
    let judged = &text[value..value + found];
    let name = &text[start..equals];
    if found < MIN
        || is_no_value(judged)
        || is_placeholder(judged)
        || judge::is_stand_in(judged)
        || is_plain(judged, name)
    {
        return Step::No;
    }
    Step::Yes(value, value + found)
}

/// How many bytes of an environment value stand at `at`.
pub(crate) fn env_span(text: &[u8], at: usize, limit: usize) -> usize {
    let end = text.len().min(at.saturating_add(limit));
    let ends = |i: &usize| match text[*i] {
        b'"' | b'\'' | b'`' | b'\\' | 0 => true,
        // The end of an element, as in a page that shows a configuration.
        b'<' => text.get(i + 1) == Some(&b'/'),
        b => b.is_ascii_whitespace(),
    };
    let found = (at..end).find(ends).unwrap_or(end.max(at)) - at;
    class::meter(found);
    found
}
