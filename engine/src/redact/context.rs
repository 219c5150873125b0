//! Values that are recognised by what stands in front of them: a name and `=` or `:`, a scheme word, a URL.
//!
//! Every look-back is bounded, and forgiving where raw JSON text differs from decoded text: a quote is then written
//! with a backslash, and a tab with a backslash and a letter. On raw text a plain quote is the start of the string.

use super::class::Class;
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
const GAP_MAX: usize = 6;
/// A name is read back this far.
const NAME_MAX: usize = 64;
/// A value's beginning is looked for this far before a run in it.
const VALUE_BACK_MAX: usize = 40;
/// A value is judged by this much of it.
const JUDGED_MAX: usize = 128;

/// Where the value begins that the run at `at` lies in. Only `+ / . ~` before a run can make it a later one.
pub(crate) fn value_start(text: &[u8], at: usize) -> Option<usize> {
    if at == 0 || !matches!(text[at - 1], b'+' | b'/' | b'.' | b'~') {
        return Some(at);
    }
    let count = Class::VALUE.span_back(text, at, VALUE_BACK_MAX + 1);
    (count <= VALUE_BACK_MAX).then_some(at - count)
}

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
fn gap(text: &[u8], from: usize, view: View) -> usize {
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

/// Whether the name that ends at `end` ends with one of `names`, in any case and with any `_` and `-`.
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
pub(crate) fn named(rule: &Named, text: &[u8], value: usize, name: usize, view: View) -> Step {
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
        Value::Opaque => {
            const MIN: usize = 16;
            let found = Class::TOKEN.span(text, value, JUDGED_MAX);
            if value + found == text.len() && view == View::Raw {
                return Step::Short;
            }
            let run = &text[value..value + found];
            if found < MIN || is_words(run) || is_placeholder(run) {
                return Step::No;
            }
            let after = text.get(value + found);
            if view == View::Plain && (after == Some(&b'(') || is_passing(text, name)) {
                return Step::No;
            }
            Step::Yes(value, value + found)
        }
    }
}

/// How far an opaque value goes on: over both base64 alphabets, then padding.
pub(crate) fn value_grown(text: &[u8], end: usize) -> usize {
    let last = super::matcher::grown(Class::VALUE, text, end);
    last + Class::EQUALS.span(text, last, 3)
}

/// Names of things that are handed to and fro and are no secrets: cursors above all.
fn is_passing(text: &[u8], name: usize) -> bool {
    let start = name - Class::TOKEN.span_back(text, name, NAME_MAX);
    let mut folded = [0u8; NAME_MAX];
    let name = &text[start..name];
    let folded = &mut folded[..name.len()];
    folded.copy_from_slice(name);
    folded.make_ascii_lowercase();
    ["next", "page", "cursor", "progress", "continu", "public", "cancel", "idempot"]
        .iter()
        .any(|word| memchr::memmem::find(folded, word.as_bytes()).is_some())
}

/// Whether a value reads like words of a program rather than like something drawn at random.
///
/// What a generator draws changes between lower case, upper case and digits every other character; an identifier
/// keeps to words. A capital before a word belongs to it.
fn is_words(value: &[u8]) -> bool {
    let (mut digits, mut letters, mut pieces, mut marks) = (0, 0, 0, 0);
    let mut last = 0u8;
    for b in value {
        let kind = match b {
            b'0'..=b'9' => 1,
            b'a'..=b'z' => 2,
            b'A'..=b'Z' => 3,
            _ => 4,
        };
        digits += usize::from(kind == 1);
        letters += usize::from(kind == 2 || kind == 3);
        marks += usize::from(kind == 4);
        pieces += usize::from(kind != last && kind != 4 && !(last == 3 && kind == 2));
        last = kind;
    }
    if digits == 0 || letters == 0 {
        return digits > 0 || letters == 0 || pieces * 3 < letters;
    }
    let dense = pieces * 16 > (digits + letters) * 5;
    let counted = digits * 4 >= value.len() || (marks < 2 && digits >= 3);
    !(dense || counted) || is_uuid(value)
}

/// Eight, four, four, four and twelve hexadecimal digits.
fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Words that stand where a secret would.
fn is_placeholder(value: &[u8]) -> bool {
    const WORDS: &[&str] = &[
        "your",
        "xxxx",
        "****",
        "....",
        "changeme",
        "change_me",
        "change-me",
        "placeholder",
        "redacted",
        "undefined",
        "process.env",
        "os.environ",
        "os.getenv",
        "import.meta",
        "system.getenv",
        "secrets.",
        "env.",
        "<",
        "example_",
        "password",
        "sha256-",
        "sha384-",
        "sha512-",
        "-----begin",
    ];
    WORDS.iter().any(|word| {
        value.len() >= word.len() && value[..word.len()].eq_ignore_ascii_case(word.as_bytes())
    })
}

/// Looks for a value behind `Bearer ` or `Basic `, which ends right before `value`.
pub(crate) fn scheme(rule: Scheme, text: &[u8], value: usize, view: View) -> Step {
    let word: &[u8] = match rule {
        Scheme::Bearer => b"bearer",
        Scheme::Basic => b"basic",
    };
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

/// Whether base64 text decodes to printable ASCII with a colon in it.
fn is_user_and_password(base64: &[u8]) -> bool {
    let (mut bits, mut held, mut colon) = (0u32, 0u32, false);
    for b in base64 {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return false,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            let byte = (bits >> held) as u8;
            colon |= byte == b':';
            if !(0x20..0x7f).contains(&byte) {
                return false;
            }
        }
    }
    colon
}

/// Looks for the value of an environment variable behind the `=` at `equals`.
///
/// `limit` is an end of a value found before: a value has no end of its own within another.
pub(crate) fn env(text: &[u8], equals: usize, view: View) -> Step {
    let count = (Class::UPNUM.or(Class::UNDER)).span_back(text, equals, NAME_MAX);
    if count < 3 || !is_secret_variable(&text[equals - count..equals]) {
        return Step::No;
    }
    let mut value = equals + 1;
    let mut quotes = 0;
    let quotes_max = if view == View::Raw { 9 } else { 4 };
    while quotes < quotes_max && matches!(text.get(value), Some(b'"' | b'\'' | b'`' | b'\\')) {
        quotes += 1;
        value += 1;
    }
    const MIN: usize = 8;
    if view == View::Raw {
        return raw_env(text, value, MIN);
    }
    let found = env_span(text, value, JUDGED_MAX);
    let judged = &text[value..value + found];
    let name = &text[equals - count..equals];
    if found < MIN || is_no_value(judged) || is_placeholder(judged) || is_plain(judged, name) {
        return Step::No;
    }
    Step::Yes(value, value + found)
}

/// How many bytes of an environment value stand at `at`.
pub(crate) fn env_span(text: &[u8], at: usize, limit: usize) -> usize {
    let end = text.len().min(at.saturating_add(limit));
    let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`' | b'\\' | 0);
    text[at.min(end)..end].iter().position(ends).unwrap_or(end - at.min(end))
}

/// On raw text: whether eight characters may stand there that could belong to a value.
fn raw_env(text: &[u8], value: usize, min: usize) -> Step {
    let mut i = value;
    for _ in 0..min {
        match text.get(i) {
            None => return Step::Short,
            Some(b' ' | b'"' | b'\'' | b'`') => return Step::No,
            Some(b'\\') => match text.get(i + 1) {
                None => return Step::Short,
                // A backspace or a form feed: nothing that ends a word for certain.
                Some(b'b') => i += 2,
                Some(_) => return Step::No,
            },
            Some(_) => i += 1,
        }
    }
    if is_no_value(&text[value..i]) { Step::No } else { Step::Yes(value, i) }
}

/// Whether the value begins with what a reference, a template or a mask begins with.
fn is_no_value(value: &[u8]) -> bool {
    matches!(
        value.first(),
        None | Some(
            b'$' | b'<'
                | b'{'
                | b'*'
                | b'('
                | b'['
                | b'%'
                | b'='
                | b'|'
                | b'>'
                | b','
                | b';'
                | b')'
                | b'#'
                | b'&'
        )
    )
}

/// Values that are code, a path, a number or a plain word rather than a secret.
fn is_plain(value: &[u8], name: &[u8]) -> bool {
    let path = matches!(value, [b'/', ..] | [b'.', b'/', ..] | [b'.', b'.', ..] | [b'~', b'/', ..]);
    let call = value.contains(&b'(') || value.contains(&b'[') || value.contains(&b'{');
    let url = memchr::memmem::find(value, b"://").is_some();
    let number = value.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'_' | b',' | b'-'));
    let strong = [&b"PASS"[..], b"PWD", b"SECRET"]
        .iter()
        .any(|word| memchr::memmem::find(name, word).is_some());
    let word = value
        .iter()
        .all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.' | b',' | b';'));
    let dotted = word && value.contains(&b'.');
    path || call || url || dotted || is_uuid(value) || ((number || word) && !strong)
}

/// Whether a variable of this name holds a secret: one part of it says so, and its last part does not take it back.
fn is_secret_variable(name: &[u8]) -> bool {
    const SECRET: &[&[u8]] = &[
        b"KEY",
        b"KEYS",
        b"SECRET",
        b"SECRETS",
        b"TOKEN",
        b"PASSWORD",
        b"PASSWD",
        b"PWD",
        b"PASS",
        b"PASSPHRASE",
        b"CREDENTIAL",
        b"CREDENTIALS",
        b"APIKEY",
        b"AUTHTOKEN",
        b"SECRETKEY",
        b"ACCESSKEY",
        b"PGPASSWORD",
    ];
    const HARMLESS: &[&[u8]] = &[
        b"PATH",
        b"FILE",
        b"DIR",
        b"URL",
        b"URI",
        b"ENDPOINT",
        b"HOST",
        b"PORT",
        b"NAME",
        b"ID",
        b"TYPE",
        b"LEN",
        b"LENGTH",
        b"SIZE",
        b"COUNT",
        b"LIMIT",
        b"MAX",
        b"MIN",
        b"TTL",
        b"EXPIRY",
        b"EXPIRES",
        b"EXPIRATION",
        b"TIMEOUT",
        b"ALGORITHM",
        b"ALG",
        b"FORMAT",
        b"VERSION",
        b"REGEX",
        b"PATTERN",
        b"PREFIX",
        b"SUFFIX",
        b"HEADER",
        b"FIELD",
        b"LABEL",
        b"ENABLED",
        b"REQUIRED",
        b"COLUMN",
        b"INDEX",
        b"PUBLIC",
        b"MODE",
        b"POLICY",
    ];
    if name == b"PWD" || name == b"OLDPWD" {
        return false;
    }
    let mut last: &[u8] = b"";
    let mut secret = false;
    for part in name.split(|b| *b == b'_') {
        secret |= SECRET.contains(&part);
        last = part;
    }
    secret && !HARMLESS.contains(&last)
}

/// Looks for a password in a URL whose `://` starts at `colon`.
pub(crate) fn userinfo(text: &[u8], colon: usize, view: View) -> Step {
    const USER_MAX: usize = 64;
    const PASSWORD_MAX: usize = 256;
    let short = |at: usize| if at >= text.len() { Step::Short } else { Step::No };
    let ends = |b: u8| {
        b.is_ascii_whitespace()
            || matches!(
                b,
                b'/' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'?' | b'#' | b'|' | 0
            )
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
    let Some(end) = at else { return short(i) };
    let found = &text[password..end];
    let masked =
        found.iter().all(|b| matches!(b, b'*' | b'.' | b'x' | b'X' | b'\xe2' | b'\x80' | b'\xa2'));
    let plain = [&b"password"[..], b"pass", b"pw", b"user", b"PASSWORD"].contains(&found);
    let template =
        matches!(found.first(), Some(b'$' | b'{' | b'[' | b'%' | b'(')) && !is_percent(found);
    match view {
        View::Raw if i >= text.len() => Step::Short,
        _ if found.len() < 3 || masked || plain || template => Step::No,
        _ => Step::Yes(password, end),
    }
}

/// Whether a value begins with a percent-encoded byte rather than with a template's mark.
fn is_percent(value: &[u8]) -> bool {
    value.len() > 2 && value[0] == b'%' && value[1..3].iter().all(u8::is_ascii_hexdigit)
}
