//! Secrets of command lines: `--password hunter2`, `curl -u user:pass`, `mysql -pSECRET`, and the
//! words of a `.netrc`.
//!
//! Between an option and its value stands a space, as between any two words; so the option has to
//! begin with a dash, and what has none needs the words of its file around it. Every look-back is
//! bounded. Pure functions of a text and a place.

use std::ops::Range;

use memchr::memmem;

use super::assign::{Assigned, Extent};
use super::class::{self, Class};
use super::context::{JUDGED_MAX, NAME_MAX};
use super::judge::{self, Syntax};
use super::matcher;
use super::names::{Kind, Names};

/// So many spaces may stand between an option and its value.
const SPACES_MAX: usize = 3;
/// So many quotes, and backslashes before them, may stand before a value.
const QUOTES_MAX: usize = 8;
/// A command stands at most so far before its option.
const COMMAND_BACK_MAX: usize = 80;
/// The words of a `.netrc` that a password follows.
pub(crate) const NETRC_WORDS: [&[u8]; 2] = [b"login", b"machine"];
/// In a `.netrc` a password's name ends at most so far behind one of these words.
const NETRC_MAX: usize = 160;
/// Commands that take a password right behind `-p`.
const COMMANDS: [&[u8]; 4] = [b"mysql", b"mariadb", b"sshpass", b"mongo"];

/// Looks for a secret at the option that starts at `at`: with its value behind it or in one with it,
/// or with a login.
pub(crate) fn find(names: &Names, text: &[u8], at: usize) -> Option<Assigned> {
    if !matcher::is_border(text, at, Class::TOKEN) {
        return None;
    }
    if let Some(colon) = login_colon(text, at) {
        return login(text, colon);
    }
    let (kind, value) = place(names, text, at)?;
    given(kind, text, value)
}

/// On raw text: whether such a secret may stand there.
pub(crate) fn may_find(names: &Names, frame: &[u8], at: usize) -> bool {
    matcher::is_border(frame, at, Class::TOKEN)
        && (login_colon(frame, at).is_some() || place(names, frame, at).is_some())
}

/// The value at `value` that was given to an option.
fn given(kind: Kind, text: &[u8], value: usize) -> Option<Assigned> {
    let (start, extent) = quoted(text, value);
    let end = start + extent.span(text, start, JUDGED_MAX);
    // A usage text names the value in capitals or between brackets.
    let is_usage = text[start..end].iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
    (!is_usage && judge::is_secret(kind, &text[start..end], Syntax::Config)).then_some(Assigned {
        kind,
        start,
        end,
        extent,
    })
}

/// What the value is that belongs to the option at `at`, and where it begins.
fn place(names: &Names, text: &[u8], at: usize) -> Option<(Kind, usize)> {
    let end = at + Class::TOKEN.span(text, at, NAME_MAX);
    if text[at..].starts_with(b"-p") && is_command(text, at) {
        return Some((Kind::Password, at + 2));
    }
    let spaces = text[end..].iter().take(SPACES_MAX).take_while(|b| **b == b' ').count();
    let kind = if spaces > 0 || end == text.len() { names.kind(text, end) } else { None };
    kind.map(|kind| (kind, end + spaces))
}

/// Looks for the passwords of a `.netrc` in what lies behind one of its words.
pub(crate) fn netrc(
    names: &Names,
    text: &[u8],
    within: Range<usize>,
    mut found: impl FnMut(Assigned),
) {
    passwords(names, text, within)
        .filter_map(|at| given(Kind::Password, text, at))
        .for_each(&mut found);
}

/// How far behind the word before the space at `space` a password's name may end, if it is a word of
/// a `.netrc`.
pub(crate) fn netrc_reach(text: &[u8], space: usize) -> Option<Range<usize>> {
    let is_word = NETRC_WORDS.iter().any(|word| text[..space].ends_with(word));
    (is_word && text.get(space) == Some(&b' '))
        .then(|| space + 1..text.len().min(space + 1 + NETRC_MAX))
}

/// On raw text: whether such a password may stand behind the word before the space at `space`.
pub(crate) fn may_be_netrc(names: &Names, frame: &[u8], space: usize) -> bool {
    // An escape takes up to six bytes for two.
    let more = |reach: Range<usize>| reach.start..frame.len().min(reach.start + 3 * NETRC_MAX);
    let reach = netrc_reach(frame, space).map(more);
    reach.is_some_and(|reach| {
        // A number may spell what the name ends with.
        reach.end == frame.len()
            || memmem::find(&frame[reach.clone()], b"\\u").is_some()
            || passwords(names, frame, reach).next().is_some()
    })
}

/// Where the values begin behind the names of passwords and a space.
fn passwords<'a>(
    names: &'a Names,
    text: &'a [u8],
    within: Range<usize>,
) -> impl Iterator<Item = usize> + 'a {
    class::meter(within.len());
    let spaces = memchr::memchr_iter(b' ', &text[within.clone()]);
    spaces.map(move |i| within.start + i).filter_map(move |space| {
        let is_password = names.kind(text, space) == Some(Kind::Password);
        let count = text[space..].iter().take(SPACES_MAX).take_while(|b| **b == b' ').count();
        is_password.then_some(space + count)
    })
}

/// Whether a command that takes a password behind `-p` stands before the option at `at`.
fn is_command(text: &[u8], at: usize) -> bool {
    let before = &text[at.saturating_sub(COMMAND_BACK_MAX)..at];
    before.ends_with(b" ") && COMMANDS.iter().any(|command| memmem::find(before, command).is_some())
}

/// Where the value that may have quotes around it begins, and how it ends.
fn quoted(text: &[u8], at: usize) -> (usize, Extent) {
    let depth = text[at..].iter().take(QUOTES_MAX).take_while(|b| **b == b'\\').count();
    match text.get(at + depth) {
        Some(quote @ (b'"' | b'\'')) => (at + depth + 1, Extent::Quoted { quote: *quote, depth }),
        _ => (at, Extent::Bare { list: false }),
    }
}

/// Looks for the password in `-u user:password` whose colon stands at `colon`.
fn login(text: &[u8], colon: usize) -> Option<Assigned> {
    let (start, extent) = (colon + 1, Extent::Bare { list: false });
    let end = start + extent.span(text, start, JUDGED_MAX);
    let is_secret = judge::is_secret(Kind::Password, &text[start..end], Syntax::Data);
    is_secret.then_some(Assigned { kind: Kind::Password, start, end, extent })
}

/// Where the colon of `-u user:password` stands, if that is the option at `at`.
fn login_colon(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..];
    let option = [&b"-u "[..], b"--user "].into_iter().find(|option| rest.starts_with(option))?;
    if !text[..at].ends_with(b" ") {
        return None;
    }
    let value = at + option.len();
    let is_quote = |b: &&u8| matches!(**b, b'"' | b'\'' | b'\\');
    let user = value + text[value..].iter().take(QUOTES_MAX).take_while(is_quote).count();
    let colon = user + text[user..].iter().take(NAME_MAX).take_while(|b| is_user(**b)).count();
    let before = *text.get(colon.checked_sub(1)?)?;
    let after = text.get(colon + 1).copied().unwrap_or(b'x');
    let is_time = before.is_ascii_digit() && after.is_ascii_digit();
    // An escape by number may be the first character of a password.
    let is_number = text[colon..].get(1..3) == Some(b"\\u");
    let is_end = matches!(after, b' ' | b'"' | b'\'' | b'\\' | b'/' | b':') && !is_number;
    (colon > user && text.get(colon) == Some(&b':') && !is_time && !is_end).then_some(colon)
}

const fn is_user(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'@' | b'+' | b'%')
}
