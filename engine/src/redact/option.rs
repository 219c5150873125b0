//! Secrets of command lines: `--password hunter2`, `curl -u user:pass`, `mysql -pSECRET`, and the
//! words of a `.netrc`.
//!
//! Between an option and its value stands a space, as between any two words; so the option has to
//! begin with a dash, and what has none needs the words of its file around it. Every look-back is
//! bounded. Pure functions of a text and a place.

use memchr::memmem;

use super::assign::{Assigned, Extent};
use super::class::Class;
use super::context::{JUDGED_MAX, NAME_MAX};
use super::judge::{self, Syntax};
use super::names::{Kind, Names};

/// So many spaces may stand between an option and its value.
const SPACES_MAX: usize = 3;
/// So many quotes, and backslashes before them, may stand before a value.
const QUOTES_MAX: usize = 8;
/// A command stands at most so far before its option.
const COMMAND_BACK_MAX: usize = 80;
/// The words of a `.netrc` stand at most so far before the password.
const NETRC_BACK_MAX: usize = 160;
/// Commands that take a password right behind `-p`.
const COMMANDS: [&[u8]; 4] = [b"mysql", b"mariadb", b"sshpass", b"mongo"];

/// Looks for a secret at the run that starts at `at`: it is an option with a value behind it, or the
/// value behind an option, or an option with its value in one.
pub(crate) fn find(names: &Names, text: &[u8], at: usize) -> Option<Assigned> {
    let (kind, value) = place(names, text, at)?;
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

/// On raw text: whether such a secret may stand there.
pub(crate) fn may_find(names: &Names, frame: &[u8], at: usize) -> bool {
    place(names, frame, at).is_some()
}

/// What the value is that belongs to the run at `at`, and where it begins.
fn place(names: &Names, text: &[u8], at: usize) -> Option<(Kind, usize)> {
    if *text.get(at)? == b'-' {
        let end = at + Class::TOKEN.span(text, at, NAME_MAX);
        if text[at..].starts_with(b"-p") && is_command(text, at) {
            return Some((Kind::Password, at + 2));
        }
        let spaces = text[end..].iter().take(SPACES_MAX).take_while(|b| **b == b' ').count();
        let kind = if spaces > 0 || end == text.len() { names.kind(text, end) } else { None };
        return kind.map(|kind| (kind, end + spaces));
    }
    let mut end = at;
    while end > 0 && at - end < QUOTES_MAX && matches!(text[end - 1], b'"' | b'\'' | b'\\') {
        end -= 1;
    }
    let value = end;
    while end > 0 && value - end < SPACES_MAX && text[end - 1] == b' ' {
        end -= 1;
    }
    if end == value || !names.may_end(text, end) {
        return None;
    }
    let kind = names.kind(text, end)?;
    let name = end - Class::DOTTED.span_back(text, end, NAME_MAX);
    // The letter of an escape may touch the dash.
    let is_behind_escape = name > 0 && text[name - 1] == b'\\' && text[name..end].contains(&b'-');
    let is_option = text[name] == b'-' || is_behind_escape;
    let is_netrc = kind == Kind::Password && {
        let before = &text[name.saturating_sub(NETRC_BACK_MAX)..name];
        memmem::find(before, b"login ").is_some() || memmem::find(before, b"machine ").is_some()
    };
    (is_option || is_netrc).then_some((kind, value))
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
pub(crate) fn login(text: &[u8], colon: usize) -> Option<Assigned> {
    let start = login_value(text, colon)?;
    let extent = Extent::Bare { list: false };
    let end = start + extent.span(text, start, JUDGED_MAX);
    let is_secret = judge::is_secret(Kind::Password, &text[start..end], Syntax::Data);
    is_secret.then_some(Assigned { kind: Kind::Password, start, end, extent })
}

/// Where the value begins behind the colon of `-u user:`.
pub(crate) fn login_value(text: &[u8], colon: usize) -> Option<usize> {
    let before = *text.get(colon.checked_sub(1)?)?;
    let after = text.get(colon + 1).copied().unwrap_or(b'x');
    let is_time = before.is_ascii_digit() && after.is_ascii_digit();
    if !is_user(before) || is_time || matches!(after, b' ' | b'"' | b'\'' | b'\\' | b'/' | b':') {
        return None;
    }
    let low = colon.saturating_sub(NAME_MAX);
    let user = (low..colon).rev().find(|i| !is_user(text[*i])).map_or(low, |i| i + 1);
    let quotes = |b: &&u8| matches!(**b, b'"' | b'\'' | b'\\');
    let end = user - text[..user].iter().rev().take(QUOTES_MAX).take_while(quotes).count();
    let option = text[..end].strip_suffix(b" ")?;
    (option.ends_with(b" -u") || option.ends_with(b" --user")).then_some(colon + 1)
}

const fn is_user(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'@' | b'+' | b'%')
}
