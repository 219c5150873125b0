//! Passwords in URLs: `scheme://user:password@host`. Only the password goes, so that the text stays
//! of use.

use super::class::{self, Class};
use super::context::View;
use super::judge;
use super::matcher::Step;

/// Looks for a password in a URL whose `://` starts at `colon`.
pub(crate) fn userinfo(text: &[u8], colon: usize, view: View) -> Step {
    const USER_MAX: usize = 64;
    const PASSWORD_MAX: usize = 256;
    // In raw text an escape by number may be any character that is no ASCII.
    let goes_on = |at: usize| view == View::Raw && text[at..].starts_with(b"\\u");
    let short = |at: usize| match at >= text.len() || goes_on(at) {
        true => Step::Short,
        false => Step::No,
    };
    let ends = |b: u8| {
        b <= b' '
            || matches!(b, b'/' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'?' | b'#' | b'|')
    };
    if colon == 0 || !Class::ALNUM.has(text[colon - 1]) {
        return Step::No;
    }
    if text.len() < colon + 3 {
        return if b"://".starts_with(&text[colon..]) { Step::Short } else { Step::No };
    }
    if &text[colon..colon + 3] != b"://" {
        return Step::No;
    }
    let user = colon + 3;
    let mut i = user;
    while i < text.len() && i - user < USER_MAX && !ends(text[i]) && !matches!(text[i], b':' | b'@')
    {
        i += 1;
    }
    if text.get(i) != Some(&b':') {
        return short(i);
    }
    let password = i + 1;
    let mut at = None;
    i = password;
    while i < text.len() && i - password < PASSWORD_MAX && !ends(text[i]) {
        if text[i] == b'@' {
            at = Some(i);
        }
        i += 1;
    }
    class::meter(i - colon);
    let Some(end) = at else { return short(i) };
    let found = &text[password..end];
    let masked =
        found.iter().all(|b| matches!(b, b'*' | b'.' | b'x' | b'X' | b'\xe2' | b'\x80' | b'\xa2'));
    // The usual stand-ins of documentation, and accounts that come with a service.
    let plain = STAND_INS.iter().any(|word| found.eq_ignore_ascii_case(word.as_bytes()))
        || found == &text[user..password - 1]
        || found.windows(2).all(|two| two[0] == two[1])
        || judge::is_constant(found)
        || judge::is_stand_in(found);
    let template =
        matches!(found.first(), Some(b'$' | b'{' | b'[' | b'%' | b'(')) && !is_percent(found);
    match view {
        View::Raw if i >= text.len() || goes_on(i) => Step::Short,
        _ if found.len() < 3 || masked || plain || template => Step::No,
        _ => Step::Yes(password, end),
    }
}

/// What documentation writes where a password stands.
const STAND_INS: [&str; 14] = [
    "password",
    "passwd",
    "pass",
    "pwd",
    "pw",
    "user",
    "secret",
    "foo",
    "bar",
    "baz",
    "foobar",
    "changeme",
    "mypassword",
    "abc",
];

/// Whether a value begins with a percent-encoded byte rather than with a template's mark.
fn is_percent(value: &[u8]) -> bool {
    value.len() > 2 && value[0] == b'%' && value[1..3].iter().all(u8::is_ascii_hexdigit)
}
