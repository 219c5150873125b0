//! Values that a name says are secret: `name = value` in the many ways that people write it.
//!
//! ```text
//!   { \"db_password\" :   \"p@ss w0rd!\" }
//!       name        gap sign gap   value        read back from the sign, then on
//! ```
//!
//! A sign is `=` or `:`. What stands before it is read back over quotes and spaces to a name; what
//! follows it is a value in quotes, up to the closing one of the same depth, or a bare one, up to
//! white space or the separator of its syntax. A backslash is taken for the escape of a text within
//! a text. Whether a value is a secret is for the judge to say.
//!
//! Work at one sign is bounded; a value grows beyond that only once it is found.

use std::ops::Range;

use super::class::{self, Class};
use super::context::{JUDGED_MAX, NAME_MAX, View, gap};
use super::judge::{self, Syntax};
use super::names::{self, Kind, Names};

/// So many spaces may stand between a sign and its value, as in a table of settings.
const SPACES_MAX: usize = 24;
/// A sign has at most so many characters before its `=`: `::=`, `||=`, `.=`.
const SIGN_MAX: usize = 3;
/// So many backslashes may stand before a quote: three texts within each other.
const BACKSLASHES_MAX: usize = 7;

/// The smallest form of a value that a name says is secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Assigned {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    /// The end of what was judged; it may go on from here.
    pub(crate) end: usize,
    pub(crate) extent: Extent,
}

/// How a value ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// With this quote behind so many backslashes, or with the line.
    Quoted { quote: u8, depth: usize },
    /// With white space, a quote, or a separator; a parameter of a URL or a connection string ends
    /// with `&` too.
    Bare { list: bool },
    /// With the next tag.
    Element,
    /// With the text: it is the value of a member.
    Whole,
}

/// Looks for a value behind the sign at `sign` of decoded text.
pub(crate) fn find(names: &Names, text: &[u8], sign: usize) -> Option<Assigned> {
    let name_end = name_end(text, sign, View::Plain)?;
    let kind = names.kind(text, name_end)?;
    let name = name_end - Class::DOTTED.span_back(text, name_end, NAME_MAX)..name_end;
    let (value, extent) = value(text, sign, &name)?;
    let start = behind_scheme(text, value, kind);
    let end = start + extent.span(text, start, JUDGED_MAX);
    if text[sign] == b':' && text[end..].starts_with(b" =") {
        // The type of a variable.
        return None;
    }
    let syntax = syntax(text, sign, &name, end, extent);
    let is_secret =
        judge::is_secret(kind, &text[start..end], syntax) && !judge::is_passing(&text[name]);
    is_secret.then_some(Assigned { kind, start, end, extent })
}

/// Looks for a secret that is the value of a member of this name, decoded both.
pub(crate) fn member(names: &Names, name: &[u8], text: &[u8]) -> Option<Assigned> {
    let kind = names.kind(name, name.len())?;
    if judge::is_passing(&name[name.len() - name.len().min(NAME_MAX)..]) {
        return None;
    }
    let start = behind_scheme(text, 0, kind);
    let end = text.len().min(start + JUDGED_MAX);
    let is_secret = judge::is_secret(kind, &text[start..end], Syntax::Data);
    is_secret.then_some(Assigned { kind, start, end: text.len(), extent: Extent::Whole })
}

/// On raw text: whether the value of the member whose name ends before the colon at `colon` may be
/// secret by that name.
pub(crate) fn may_member(names: &Names, frame: &[u8], colon: usize) -> bool {
    let is_space = |b: &u8| matches!(b, b' ' | b'\t');
    let Some(end) = frame[..colon].iter().rposition(|b| !is_space(b)) else { return false };
    if names.may_end(frame, end) {
        let low = end.saturating_sub(NAME_MAX);
        let name = &frame[low..end];
        let start = low + memchr::memrchr(b'"', name).map_or(0, |i| i + 1);
        return names.kind(&frame[start..], end - start).is_some()
            || memchr::memchr(b'\\', &frame[start..end]).is_some();
    }
    // An escape of six bytes may spell one of the last characters.
    let Some(low) = end.checked_sub(5 + names::LAST) else { return frame[..end].contains(&b'\\') };
    frame[low..].first_chunk::<{ names::LAST }>().is_some_and(|bytes| bytes.contains(&b'\\'))
}

/// Looks for the text of an element of XML at `value`, right behind its opening tag.
pub(crate) fn element(names: &Names, text: &[u8], value: usize) -> Option<Assigned> {
    let name_end = value.checked_sub(1).filter(|end| text[*end] == b'>')?;
    let kind = names.kind(text, name_end)?;
    let name = name_end - Class::DOTTED.span_back(text, name_end, NAME_MAX);
    if name == 0 || !matches!(text[name - 1], b'<' | b':') {
        return None;
    }
    let extent = Extent::Element;
    let end = value + extent.span(text, value, JUDGED_MAX);
    let is_secret = judge::is_secret(kind, &text[value..end], Syntax::Data);
    is_secret.then_some(Assigned { kind, start: value, end, extent })
}

/// Where the name ends that the sign at `sign` gives a value to.
pub(crate) fn name_end(text: &[u8], sign: usize, view: View) -> Option<usize> {
    let mut end = sign;
    // A comparison, or the first half of a sign, which is told by its second.
    if matches!(text.get(sign + 1), Some(b'=' | b':')) {
        return None;
    }
    match (text[sign], end.checked_sub(1).map(|i| text[i])?) {
        (b'=', b':' | b'.' | b'?' | b'|' | b'+') | (b':', b'?') => {
            let is_sign = |b: &&u8| matches!(**b, b':' | b'.' | b'?' | b'|' | b'+');
            end -= text[..end].iter().rev().take(SIGN_MAX).take_while(is_sign).count();
        }
        (_, b'=' | b':' | b'!' | b'<' | b'>' | b'/') => return None,
        _ => {}
    }
    end = gap(text, end, view);
    (end > 0).then_some(end)
}

/// Where the value begins behind the sign at `sign`, and how it ends.
fn value(text: &[u8], sign: usize, name: &Range<usize>) -> Option<(usize, Extent)> {
    let mut at = sign + 1;
    if text[sign] == b'=' && text.get(at) == Some(&b'>') {
        at += 1;
    }
    let low = at;
    while at < text.len() && at - low < SPACES_MAX && matches!(text[at], b' ' | b'\t') {
        at += 1;
    }
    // The mark of a literal in some languages: bytes, raw, wide.
    if let [b'b' | b'r' | b'u' | b'L' | b'@', b'"' | b'\'', ..] = text[at..] {
        at += 1;
    }
    let rest = &text[at..];
    let is_parameter = name.start > 0 && matches!(text[name.start - 1], b'?' | b'&');
    if is_parameter && matches!(rest.first(), Some(b'"' | b'\'' | b'`')) {
        // The string ends here, and the value is what code puts behind it.
        return None;
    }
    let depth = rest.iter().take(BACKSLASHES_MAX + 1).take_while(|b| **b == b'\\').count();
    match rest.get(depth) {
        Some(quote @ (b'"' | b'\'' | b'`')) => {
            let mut start = at + depth + 1;
            if depth == 0 && text[start..].starts_with(&[*quote; 2]) {
                start += 2;
            }
            Some((start, Extent::Quoted { quote: *quote, depth }))
        }
        Some(_) if depth == 0 => Some((at, Extent::Bare { list: is_in_list(text, name) })),
        _ => None,
    }
}

/// Whether a name is one of a URL's parameters or of a connection string.
fn is_in_list(text: &[u8], name: &Range<usize>) -> bool {
    name.start > 0 && matches!(text[name.start - 1], b'?' | b'&' | b';')
}

impl Extent {
    /// How many bytes of such a value stand at `at`, at most `limit`.
    pub(crate) fn span(self, text: &[u8], at: usize, limit: usize) -> usize {
        let end = text.len().min(at.saturating_add(limit));
        let found = match self {
            Extent::Quoted { quote, depth } => quoted_span(&text[at..end], quote, depth),
            Extent::Bare { list } => bare_span(text, at, end, list),
            Extent::Element => (at..end).find(|i| text[*i] == b'<').unwrap_or(end.max(at)) - at,
            Extent::Whole => end.saturating_sub(at),
        };
        class::meter(found);
        found
    }
}

/// Up to the closing quote. Within the value each quote has more backslashes before it, in the
/// rows that escaping makes of them.
fn quoted_span(text: &[u8], quote: u8, depth: usize) -> usize {
    let mut backslashes = 0;
    for (i, b) in text.iter().enumerate() {
        match *b {
            b'\\' => backslashes += 1,
            b if b == quote => {
                if backslashes <= depth || (backslashes - depth).is_multiple_of(2 * (depth + 1)) {
                    return i - backslashes.min(depth);
                }
                backslashes = 0;
            }
            b'\n' | b'\r' if quote != b'`' => return i,
            _ => backslashes = 0,
        }
    }
    text.len()
}

fn bare_span(text: &[u8], at: usize, end: usize, list: bool) -> usize {
    let ends = |i: &usize| match text[*i] {
        b'"' | b'\'' | b'`' | b'\\' | b';' | 0 => true,
        b'&' => list,
        // A list goes on behind a space; a comma within a password does not.
        b',' => {
            text.get(i + 1).is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\''))
        }
        // The end of an element, as in a page that shows a configuration.
        b'<' => text.get(i + 1) == Some(&b'/'),
        b => b.is_ascii_whitespace(),
    };
    let mut last = (at..end).find(ends).unwrap_or(end.max(at));
    // Marks of what stands around the value.
    while last > at && matches!(text[last - 1], b',' | b'.' | b':' | b')' | b']' | b'}') {
        last -= 1;
    }
    last - at
}

/// What kind of text the value stands in.
fn syntax(text: &[u8], sign: usize, name: &Range<usize>, end: usize, extent: Extent) -> Syntax {
    let is_option = text[name.clone()].starts_with(b"--");
    match extent {
        // A member of JSON: the quote of its name touches the name.
        Extent::Quoted { quote: b'"', .. }
            if text[sign] == b':' && matches!(text[name.end], b'"' | b'\\') =>
        {
            Syntax::Data
        }
        Extent::Quoted { .. } if is_option => Syntax::Data,
        Extent::Quoted { .. } => Syntax::Quoted,
        Extent::Element | Extent::Whole | Extent::Bare { list: true } => Syntax::Data,
        Extent::Bare { .. } if is_option => Syntax::Data,
        Extent::Bare { .. } => match text.get(end) {
            None | Some(b'\n' | b'\r' | b'\\') => Syntax::Config,
            Some(_) => Syntax::Bare,
        },
    }
}

/// The words that a credential may have before it in the same value.
const SCHEMES: [&str; 7] = ["bearer", "basic", "token", "apikey", "api-key", "key", "bot"];

/// Where the credential begins: a value may begin with a word that says what it is.
fn behind_scheme(text: &[u8], value: usize, kind: Kind) -> usize {
    if !matches!(kind, Kind::Key | Kind::Authorization) {
        return value;
    }
    let word = Class::TOKEN.span(text, value, 8);
    let is_scheme =
        |scheme: &&str| scheme.as_bytes().eq_ignore_ascii_case(&text[value..value + word]);
    match text.get(value + word) {
        Some(b' ') if SCHEMES.iter().any(is_scheme) => value + word + 1,
        _ => value,
    }
}
