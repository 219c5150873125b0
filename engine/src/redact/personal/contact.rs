//! How people are reached: e-mail addresses and telephone numbers.

use crate::redact::class::{Class, meter};

/// The longest part before the `@` (RFC 5321 section 4.5.3.1).
const LOCAL_MAX: usize = 64;
/// The longest domain.
const DOMAIN_MAX: usize = 253;

/// Finds an address around the `@` at `at`.
///
/// What is written alike and is none: `git@host:path` and other logins of a shell, versions of
/// packages, retina images, the user part of a URL, and addresses that nobody reads.
pub(super) fn email(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let start = local_start(text, at)?;
    let end = domain_end(text, at + 1)?;
    let (local, domain) = (&text[start..at], &text[at + 1..end]);
    if local.eq_ignore_ascii_case(b"git") || is_unread(local) || is_unread(domain) {
        return None;
    }
    // A login names a path or a port behind a colon; a sentence goes on behind a space.
    let is_login = text[end..].starts_with(b":")
        && text.get(end + 1).is_some_and(|b| b.is_ascii_alphanumeric() || b"/~.".contains(b));
    (!is_login && !is_userinfo(text, start)).then_some((start, end))
}

fn local_start(text: &[u8], at: usize) -> Option<usize> {
    const LOCAL: Class = Class::DOTTED.or(Class::PLUS).or(Class::PERCENT);
    let count = LOCAL.span_back(text, at, LOCAL_MAX + 1);
    let mut start = at - count;
    // The letter of an escape belongs to the escape.
    start += usize::from(count > 0 && text[..start].ends_with(b"\\"));
    start += Class::DOT.or(Class::DASH).span(text, start, at - start);
    let is_local = start < at
        && at - start <= LOCAL_MAX
        && text[at - 1] != b'.'
        && (start == 0 || !matches!(text[start - 1], b'/' | b'@'));
    is_local.then_some(start)
}

/// Where the domain that starts at `start` ends; its last label is one that mail goes to.
fn domain_end(text: &[u8], start: usize) -> Option<usize> {
    const LABEL: Class = Class::ALNUM.or(Class::DASH);
    let span = LABEL.or(Class::DOT).span(text, start, DOMAIN_MAX + 1);
    if span > DOMAIN_MAX {
        return None;
    }
    let found = &text[start..start + span];
    let domain = found.trim_ascii_end();
    // A full stop ends the sentence, dashes draw a line.
    let kept = domain.iter().rposition(|b| b.is_ascii_alphanumeric())? + 1;
    let domain = &domain[..kept];
    let end = start + kept;
    let last = domain.iter().rposition(|b| *b == b'.')?;
    let labels = || domain.split(|b| *b == b'.');
    let is_number = |label: &[u8]| label.iter().all(u8::is_ascii_digit);
    let is_domain = labels().all(|l| !l.is_empty() && l.len() <= 63 && l[0] != b'-' && l[l.len() - 1] != b'-')
        // Two numbers in front are a version.
        && !labels().take(2).all(is_number)
        && is_top(&domain[last + 1..])
        && !text.get(end).is_some_and(|b| *b == b'_' || *b == b'@');
    is_domain.then_some(end)
}

/// Whether mail goes to addresses that end so: two letters are a country, unless files end so.
fn is_top(label: &[u8]) -> bool {
    let is = |known: &&str| label.eq_ignore_ascii_case(known.as_bytes());
    match label.len() {
        2 => label.iter().all(u8::is_ascii_alphabetic) && !["js", "ts"].iter().any(is),
        _ => TOPS.iter().any(is) || label.starts_with(b"xn--"),
    }
}

/// Top-level domains of more than two letters under which people have addresses, and those that
/// stay within a house or an example.
const TOPS: [&str; 60] = [
    "com",
    "net",
    "org",
    "edu",
    "gov",
    "mil",
    "int",
    "info",
    "biz",
    "name",
    "pro",
    "mobi",
    "asia",
    "aero",
    "coop",
    "museum",
    "jobs",
    "travel",
    "cat",
    "tel",
    "post",
    "app",
    "dev",
    "xyz",
    "online",
    "site",
    "tech",
    "store",
    "shop",
    "cloud",
    "email",
    "agency",
    "company",
    "digital",
    "systems",
    "solutions",
    "network",
    "group",
    "team",
    "studio",
    "design",
    "media",
    "consulting",
    "services",
    "support",
    "engineering",
    "software",
    "technology",
    "health",
    "bank",
    "london",
    "berlin",
    "paris",
    "example",
    "test",
    "local",
    "internal",
    "corp",
    "lan",
    "invalid",
];

/// Whether an address says that nobody reads it.
fn is_unread(part: &[u8]) -> bool {
    let begins = |text: &[u8], word: &str| {
        text.get(..word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word.as_bytes()))
    };
    part.split(|b| matches!(b, b'.' | b'+')).any(|l| {
        ["noreply", "no-reply", "no_reply", "donotreply", "do-not-reply"]
            .iter()
            .any(|w| begins(l, w))
    })
}

/// Whether the text before `start` is the beginning of a URL that has not come to its host.
fn is_userinfo(text: &[u8], start: usize) -> bool {
    const BACK_MAX: usize = 128;
    const USER: Class = Class::VALUE.or(Class::PERCENT);
    let mut at = start;
    while at > 0 && start - at < BACK_MAX && (text[at - 1] == b':' || USER.has(text[at - 1])) {
        if text[at - 1] == b'/' {
            break;
        }
        at -= 1;
    }
    meter(start - at);
    text[..at].ends_with(b"://")
}

/// Finds a telephone number with its country whose first digit is at `digits`, behind a plus.
///
/// Its groups may be kept apart by a space, a dash, a dot or brackets.
pub(super) fn international(text: &[u8], digits: usize) -> Option<(usize, usize)> {
    const DIGITS_MAX: usize = 15;
    let start = digits.checked_sub(1).filter(|i| text[*i] == b'+')?;
    let is_apart = match super::form::two_before(text, start) {
        // The letter of an escape belongs to the escape; base64 ends with two signs of equality.
        [second, first] if first.is_ascii_alphanumeric() => second == b'\\',
        [second, b'='] => second != b'=',
        [_, first] => !b"+/_".contains(&first),
    };
    if !is_apart {
        return None;
    }
    let (mut number, mut count) = ([0; DIGITS_MAX], 0);
    let (mut at, mut found) = (digits, None);
    loop {
        let run = Class::DIGIT.span(text, at, DIGITS_MAX + 1);
        if count + run > DIGITS_MAX {
            break;
        }
        number[count..count + run].copy_from_slice(&text[at..at + run]);
        (count, at) = (count + run, at + run);
        if is_assigned_number(&number[..count], at == digits + count) {
            found = Some(at);
        }
        // As long as this in one row, it is complete.
        if run >= 8 {
            break;
        }
        // One mark, or a bracket with a space beside it.
        let marks = text[at..].iter().take(2).take_while(|b| b" -.()".contains(b)).count();
        if marks == 0 || text.get(at..at + marks) == Some(b"  ") {
            break;
        }
        at += marks;
        if !text.get(at).is_some_and(u8::is_ascii_digit) {
            break;
        }
    }
    let end = found?;
    let is_apart = !text.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    is_apart.then_some((start, end))
}

/// Whether there is such a country and its numbers may have this length. A row of eight digits
/// without groups is more often a date.
fn is_assigned_number(d: &[u8], in_one: bool) -> bool {
    match *d {
        [b'1', ref rest @ ..] => rest.len() == 10 && super::check::nanp(rest),
        [b'7', ref rest @ ..] => rest.len() == 10 && !matches!(rest[0], b'0' | b'1' | b'2'),
        [b'0', ..] | [] => false,
        // Codes that are not assigned (ITU-T E.164).
        [b'2' | b'8', b'8', ..] | [b'8', b'3' | b'9', ..] => false,
        _ => d.len() >= 8 + usize::from(in_one),
    }
}
