//! Table-driven matchers for secrets that are recognised by their own characters.
//!
//! A matcher is asked at one place and answers with the smallest form of a secret there; the finder
//! lets it grow. It works alike on decoded text and on the raw text of a JSON string in which no
//! escape hides a character of ASCII: the bytes of a secret need no escape there, and every escape
//! ends a run just as the character that it stands for does. The one difference is the letter or
//! the number of an escape, which may touch what follows; `is_border` knows about it.

use super::checksum;
use super::class::Class;
use super::entropy;
use super::rule::{Need, Part, Token};

/// The answer of a matcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// No secret of this kind stands here.
    No,
    /// The text ends before that can be told.
    Short,
    /// The smallest form of a secret: its first byte and the one after its last.
    Yes(usize, usize),
}

/// A run before the head is followed back at most this far.
const BACK_MAX: usize = 40;

/// Whether a token may start at `at`: nothing of `class` stands before it, or only the letter or the
/// number of an escape does.
pub(crate) fn is_border(text: &[u8], at: usize, class: Class) -> bool {
    at == 0
        || !class.has(text[at - 1])
        || (at >= 2 && text[at - 2] == b'\\')
        || is_behind_number(text, at)
        || is_in_sequence(text, at - 1)
}

/// Whether an escape by number ends before `at`, or an encoded byte: its last digit touches what
/// follows.
pub(super) fn is_behind_number(text: &[u8], at: usize) -> bool {
    let digits = match text[..at] {
        [.., b'\\', b'u', a, b, c, d] => [a, b, c, d],
        [.., b'\\', b'x', a, b] | [.., b'%', a, b] => [a, b, a, b],
        _ => return false,
    };
    digits.iter().all(u8::is_ascii_hexdigit)
}

/// A control sequence of a terminal has at most so many bytes of parameters.
const PARAMETERS_MAX: usize = 16;

/// Whether the byte at `at` belongs to a control sequence of a terminal: ESC, `[`, parameters, and
/// one letter (ECMA-48 section 5.4). A colour in front of a token is no part of it.
fn is_in_sequence(text: &[u8], at: usize) -> bool {
    let low = at.saturating_sub(PARAMETERS_MAX);
    let parameters = text[low..at].iter().rev().take_while(|b| is_parameter(**b)).count();
    let before = &text[..at - parameters];
    before.ends_with(b"[") && ESCAPES.iter().any(|escape| before.ends_with(escape))
}

/// How a control sequence begins, also where a program wrote the character out.
const ESCAPES: [&[u8]; 4] = [b"\x1b[", b"\\x1b[", b"\\033[", b"\\e["];

/// Whether a control sequence that colours what follows ends before `at`.
pub(crate) fn is_behind_colour(text: &[u8], at: usize) -> bool {
    at > 0 && text[at - 1] == b'm' && is_in_sequence(text, at - 1)
}

/// Where the text goes on behind a control sequence that the run at `at` begins within.
pub(crate) fn behind_sequence(text: &[u8], at: usize) -> Option<usize> {
    if !is_in_sequence(text, at) {
        return None;
    }
    let rest = &text[at..text.len().min(at + PARAMETERS_MAX)];
    let parameters = rest.iter().take_while(|b| is_parameter(**b)).count();
    rest.get(parameters).is_some_and(|b| (0x40..0x7f).contains(b)).then_some(at + parameters + 1)
}

const fn is_parameter(byte: u8) -> bool {
    matches!(byte, b'0'..=b'?')
}

/// Looks for a token whose run starts at `at`.
pub(crate) fn token(rule: &Token, text: &[u8], at: usize) -> Step {
    let Some(start) = before(rule.before, text, at) else { return Step::No };
    let within = is_within_base64(text, start);
    let is_piece = |secret: &[u8]| within && Class::BASE64.all(secret);
    let mut short = false;
    for head in rule.heads {
        match literal(head, text, at) {
            Step::Yes(_, body) => match after(rule, text, at, body) {
                Step::Yes(_, end)
                    if !is_piece(&text[start..end])
                        && !is_dummy(&text[start..end])
                        && holds(rule.need, &text[start..end]) =>
                {
                    return Step::Yes(start, end);
                }
                Step::Yes(..) => {}
                Step::Short => short = true,
                Step::No => {}
            },
            Step::Short => short = true,
            Step::No => {}
        }
    }
    if short { Step::Short } else { Step::No }
}

/// Whether a `+` stands before `at` and a digit of base64 before that: then the run is a piece of
/// something longer, unless it holds what is no such digit. What an escape is spelled with is none.
fn is_within_base64(text: &[u8], at: usize) -> bool {
    const ESCAPE_MAX: usize = 6;
    at >= 2
        && text[at - 1] == b'+'
        && Class::BASE64.has(text[at - 2])
        && !text[at.saturating_sub(1 + ESCAPE_MAX)..at].contains(&b'\\')
}

/// Whether a secret passes the check that its rule demands, if it demands one.
fn holds(need: Need, secret: &[u8]) -> bool {
    match need {
        Need::Check(check) => checksum::passes(check, secret),
        _ => true,
    }
}

/// How far a token goes on behind its smallest form. A full stop at its end belongs to the
/// sentence.
pub(crate) fn grown(grow: Class, text: &[u8], end: usize) -> usize {
    let mut last = end + grow.span(text, end, usize::MAX);
    while last > end && matches!(text[last - 1], b'.' | b':') {
        last -= 1;
    }
    last
}

/// Whether a digit and a letter are among these bytes.
pub(crate) fn is_mixed(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_digit) && bytes.iter().any(u8::is_ascii_alphabetic)
}

/// Whether letters of both cases and a digit are among these bytes.
fn is_cased(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_digit)
        && bytes.iter().any(u8::is_ascii_lowercase)
        && bytes.iter().any(u8::is_ascii_uppercase)
}

/// Whether this stands in a manual in the place of a token: the same character eight times in a row,
/// or the word EXAMPLE. In something drawn at random neither happens. Bits that are all equal do,
/// so their digits in base64 do not count.
pub(super) fn is_dummy(bytes: &[u8]) -> bool {
    const ROW: usize = 8;
    const JUDGED_MAX: usize = 256;
    let bytes = &bytes[..bytes.len().min(JUDGED_MAX)];
    let mut row = 1;
    for two in bytes.windows(2) {
        row = if two[0] == two[1] && !matches!(two[0], b'A' | b'/' | b'_') { row + 1 } else { 1 };
        if row == ROW {
            return true;
        }
    }
    memchr::memmem::find(bytes, b"EXAMPLE").is_some()
}

/// Whether the kind of character changes as often as in something drawn at random: words in camel
/// case change at most twice a word, random letters at every other place.
pub(crate) fn is_random(bytes: &[u8]) -> bool {
    let kind = |b: u8| (b.is_ascii_digit(), b.is_ascii_uppercase());
    let changes = bytes.windows(2).filter(|two| kind(two[0]) != kind(two[1])).count();
    changes * 25 > bytes.len() * 7
}

/// Follows the parts before the run, nearest first; where the secret starts.
fn before(parts: &[Part], text: &[u8], at: usize) -> Option<usize> {
    let mut i = at;
    for (n, part) in parts.iter().enumerate() {
        let last = n + 1 == parts.len();
        match *part {
            Part::Context(lit) => return text[..i].ends_with(lit.as_bytes()).then_some(i),
            Part::Lit(lit) => {
                if !text[..i].ends_with(lit.as_bytes()) {
                    return None;
                }
                i -= lit.len();
                if last && !is_border(text, i, Class::TOKEN) {
                    return None;
                }
            }
            Part::Exact(class, count) => {
                if class.span_back(text, i, count) < count {
                    return None;
                }
                i -= count;
            }
            Part::Run(class, min, _) => {
                let mut count = class.span_back(text, i, BACK_MAX + 7);
                count -= touching(text, i - count, count - count.min(min));
                if count < min || count > BACK_MAX {
                    return None;
                }
                i -= count;
            }
        }
    }
    Some(i)
}

/// How much of the run at `at` belongs to what stands before it, at most so much: the letter of an
/// escape, its number too, the digits of an encoded byte, or the end of a control sequence.
fn touching(text: &[u8], at: usize, most: usize) -> usize {
    let is_escaped = text[..at].ends_with(b"\\");
    let letter = text.get(at).is_some_and(|b| b"abefnrtuvx0".contains(b));
    let behind = |end: usize| end <= at + most && is_behind_number(text, end);
    let count = match behind_sequence(text, at) {
        Some(end) => end - at,
        None if is_escaped && behind(at + 5) => 5,
        None if is_escaped && behind(at + 3) => 3,
        None if text[..at].ends_with(b"%") && behind(at + 2) => 2,
        None => usize::from(is_escaped && letter),
    };
    if count <= most { count } else { 0 }
}

/// Follows the parts behind the head, which ends at `body`; the smallest form.
fn after(rule: &Token, text: &[u8], at: usize, body: usize) -> Step {
    let mut i = body;
    for (n, part) in rule.after.iter().enumerate() {
        let last = n + 1 == rule.after.len();
        match *part {
            Part::Lit(lit) | Part::Context(lit) => match literal(lit, text, i) {
                Step::Yes(_, end) => i = end,
                other => return other,
            },
            Part::Exact(class, count) | Part::Run(class, count, _) => {
                let found = class.span(text, i, count);
                if found < count {
                    return if i + found == text.len() { Step::Short } else { Step::No };
                }
                i += count;
                if let (true, true, Part::Run(.., usual)) = (last, rule.whole, part) {
                    i += class.span(text, i, usual - count);
                }
                if !last && matches!(part, Part::Run(..)) {
                    i += class.span(text, i, usize::MAX);
                    if i == text.len() {
                        return Step::Short;
                    }
                }
            }
        }
    }
    if rule.whole && text.get(i).is_some_and(|b| Class::TOKEN.has(*b)) {
        return Step::No;
    }
    match rule.need {
        Need::Nothing | Need::Check(_) => Step::Yes(at, i),
        Need::Mix if is_mixed(&text[body..i]) => Step::Yes(at, i),
        Need::Random if is_random(&text[body..i]) && !entropy::is_in_order(&text[body..i]) => {
            Step::Yes(at, i)
        }
        Need::Cased if is_cased(&text[body..i]) => Step::Yes(at, i),
        Need::Mix | Need::Cased | Need::Random => Step::No,
        Need::Infix(infix) => {
            let end = i + Class::TOKEN.span(text, i, usize::MAX);
            match memchr::memmem::find(&text[body..end], infix.as_bytes()) {
                Some(_) => Step::Yes(at, i),
                None if end == text.len() => Step::Short,
                None => Step::No,
            }
        }
    }
}

/// Whether `lit` stands at `at`; an end of the text within it leaves that open.
fn literal(lit: &str, text: &[u8], at: usize) -> Step {
    let lit = lit.as_bytes();
    let there = &text[at.min(text.len())..text.len().min(at + lit.len())];
    match lit.starts_with(there) {
        true if there.len() == lit.len() => Step::Yes(at, at + lit.len()),
        true => Step::Short,
        false => Step::No,
    }
}

/// Looks for a secret of Microsoft's directory around the run at `at`: three characters, a digit,
/// `Q~`, 31 or more.
///
/// The tilde and dots end runs, so the run may be any one behind the tilde; the look-back is
/// bounded.
pub(crate) fn tilde(text: &[u8], at: usize) -> Step {
    const BODY: Class = Class::DOTTED.or(Class::TILDE);
    const BODY_MIN: usize = 31;
    let low = at.saturating_sub(24);
    let Some(mark) = memchr::memrchr(b'~', &text[low..at]).map(|i| low + i) else {
        return Step::No;
    };
    let mut mark = mark;
    // A tilde within the body is not the mark: the mark has a Q and a digit before it.
    loop {
        if mark >= 5 && text[mark - 1] == b'Q' && text[mark - 2].is_ascii_digit() {
            break;
        }
        match memchr::memrchr(b'~', &text[low..mark]) {
            Some(i) => mark = low + i,
            None => return Step::No,
        }
    }
    let start = mark - 5;
    if Class::TOKEN.or(Class::TILDE).or(Class::DOT).span_back(text, mark - 2, 3) < 3
        || !is_border(text, start, Class::TOKEN)
    {
        return Step::No;
    }
    let found = BODY.span(text, mark + 1, BODY_MIN);
    if found < BODY_MIN {
        return if mark + 1 + found == text.len() { Step::Short } else { Step::No };
    }
    Step::Yes(start, mark + 1 + BODY_MIN)
}
