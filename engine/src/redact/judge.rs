//! Guesses: whether a name says "secret", and whether a value looks like one.
//!
//! Wrong guesses are what users of such tools complain about most, so a value has to look drawn at
//! random, and source code, templates, masks and references are told apart from it. Pure functions
//! of a name or a value, without a place.

use super::context::NAME_MAX;
use super::entropy;
use super::matcher;
use super::names::Kind;

/// Names of things that are handed to and fro and are no secrets: cursors above all, and what every
/// page shows.
pub(crate) fn is_passing(name: &[u8]) -> bool {
    const WORDS: [&str; 8] =
        ["cursor", "progress", "continu", "cancel", "idempot", "public", "csrf", "xsrf"];
    let mut folded = [0u8; NAME_MAX];
    let folded = &mut folded[..name.len()];
    folded.copy_from_slice(name);
    folded.make_ascii_lowercase();
    let has = |word: &&str| memchr::memmem::find(folded, word.as_bytes()).is_some();
    // Such a thing is called a token or a key, never a secret.
    let is_secret = ["secret", "word", "phrase"].iter().any(|end| folded.ends_with(end.as_bytes()));
    !is_secret && (WORDS.iter().any(has) || is_position(folded))
}

/// Whether a name, in lower case, speaks of what comes next: `next_token`, `nextPageToken`, but not
/// of what only begins so: `nextcloud`, `pager`.
fn is_position(name: &[u8]) -> bool {
    const FOLLOWING: [&[u8]; 7] =
        [b"page", b"token", b"cursor", b"sync", b"key", b"batch", b"link"];
    let is_mark = |rest: &[u8]| rest.first().is_some_and(|b| !b.is_ascii_alphabetic());
    let behind = |word: &'static [u8]| {
        memchr::memmem::find_iter(name, word).map(move |at| &name[at + word.len()..])
    };
    let follows =
        |rest: &[u8]| is_mark(rest) || FOLLOWING.iter().any(|word| rest.starts_with(word));
    behind(b"next").any(follows) || behind(b"page").any(follows)
}

/// Whether a value reads like words of a program rather than like something drawn at random.
///
/// What a generator draws changes between lower case, upper case and digits every other character;
/// an identifier keeps to words. A capital before a word belongs to it.
pub(crate) fn is_words(value: &[u8]) -> bool {
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
    if is_versioned(value) {
        return true;
    }
    let dense = pieces * 16 > (digits + letters) * 5;
    let counted = digits * 4 >= value.len() || (marks < 2 && digits >= 3);
    !(dense || counted) || is_uuid(value)
}

/// Whether a value is words and then the numbers of a version: `some-package-1.12.3`.
fn is_versioned(value: &[u8]) -> bool {
    let version = value.iter().rev().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
    let (name, version) = value.split_at(value.len() - version);
    version.split(|b| *b == b'.').filter(|number| (1..=4).contains(&number.len())).count() >= 3
        && matches!(name.last(), Some(b'-' | b'_' | b'/' | b'@' | b':' | b'v'))
        && name.iter().all(|b| !b.is_ascii_digit())
}

/// Whether a value is the number of a version or a range of them: `1.12.3`, `^0.4.0`, `>=2.1`.
fn is_version(value: &[u8]) -> bool {
    let numbers = value.trim_ascii_start();
    let marks = numbers.iter().take_while(|b| b"^~<>=v".contains(b)).count();
    let numbers = &numbers[marks..];
    numbers.contains(&b'.')
        && numbers.split(|b| *b == b'.').all(|n| {
            (1..=4).contains(&n.len()) && n.iter().all(|b| b.is_ascii_digit() || *b == b'x')
        })
}

/// Eight, four, four, four and twelve hexadecimal digits.
pub(crate) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// What kind of text a value stands in: how much the text itself says that this is a value and no
/// code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// A member of JSON, an element, a parameter, an option: a value for certain.
    Data,
    /// A literal in quotes, of a program or of settings.
    Quoted,
    /// Without quotes, up to the end of its line, as settings are written.
    Config,
    /// Without quotes, in the middle of a line: perhaps code.
    Bare,
}

/// The shortest number of a session.
const SESSION_MIN: usize = 20;

/// Whether a value that a name says is secret looks like one.
pub(crate) fn is_secret(kind: Kind, value: &[u8], syntax: Syntax) -> bool {
    let least = if kind == Kind::Session { SESSION_MIN } else { 4 };
    // Ids of all kinds look so, and stand behind all kinds of names.
    if value.len() < least || is_uuid(value) {
        return false;
    }
    if value.iter().any(|b| *b < 0x20) || is_no_secret(value, syntax) {
        return false;
    }
    let traits = Traits::of(value);
    if traits.top * 5 >= value.len() * 3 || traits.distinct < 3 {
        // A mask, or a stand-in: mostly one character.
        return false;
    }
    match kind {
        Kind::Password => is_password(value, &traits, syntax),
        Kind::Key | Kind::Authorization => is_key(value, &traits, syntax),
        Kind::Session => traits.spaces == 0 && !is_words(value) && !is_code(value, syntax),
    }
}

/// Whether a value is no stand-in: neither a mask nor a word for it.
pub(crate) fn is_varied(value: &[u8]) -> bool {
    let traits = Traits::of(value);
    traits.top * 5 < value.len() * 3 && traits.distinct >= 5 && !is_stand_in(value)
}

/// Whether letters and digits are mixed, in no long words.
pub(crate) fn is_dense(value: &[u8]) -> bool {
    let traits = Traits::of(value);
    traits.digits >= 3 && traits.letters >= 3 && !is_words(value) && !is_constant(value)
}

/// Counts over a value.
struct Traits {
    digits: usize,
    letters: usize,
    uppers: usize,
    spaces: usize,
    /// Punctuation other than what joins words: `_ - . ,`
    signs: usize,
    /// Changes between letters, digits and signs.
    changes: usize,
    /// How often the most frequent byte occurs.
    top: usize,
    /// How many different bytes there are.
    distinct: usize,
}

impl Traits {
    fn of(value: &[u8]) -> Traits {
        let mut t = Traits {
            digits: 0,
            letters: 0,
            uppers: 0,
            spaces: 0,
            signs: 0,
            changes: 0,
            top: 0,
            distinct: 0,
        };
        let mut counts = [0u8; 256];
        let mut last = 0;
        for b in value {
            let count = &mut counts[usize::from(*b)];
            *count = count.saturating_add(1);
            t.distinct += usize::from(*count == 1);
            t.top = t.top.max(usize::from(*count));
            let kind = match b {
                b'0'..=b'9' => 1,
                b'a'..=b'z' | 0x80.. => 2,
                b'A'..=b'Z' => 3,
                b' ' | b'\t' => 4,
                b'_' | b'-' | b'.' | b',' => 5,
                _ => 6,
            };
            t.digits += usize::from(kind == 1);
            t.letters += usize::from(kind == 2 || kind == 3);
            t.uppers += usize::from(kind == 3);
            t.spaces += usize::from(kind == 4);
            t.signs += usize::from(kind == 6);
            t.changes += usize::from(last != 0 && kind != last && !(last == 3 && kind == 2));
            last = kind;
        }
        t
    }
}

/// A password: anything that is no word of a program, and in data even a word.
fn is_password(value: &[u8], t: &Traits, syntax: Syntax) -> bool {
    if t.spaces > 0 {
        // Labels and sentences stand behind such names in every translation file.
        return matches!(syntax, Syntax::Data | Syntax::Quoted)
            && t.spaces <= 3
            && has_sign_within_word(value);
    }
    if is_identifier(value) {
        let marks = value.iter().any(|b| matches!(b, b'_' | b'-' | b'.' | b':' | b'/'));
        let camel =
            value.windows(2).any(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase());
        return !marks
            && !camel
            && match syntax {
                // A single plain word is what examples and made-up records hold.
                Syntax::Data => value.len() >= 7 || (value.len() >= 5 && t.digits > 0),
                Syntax::Quoted | Syntax::Config => value.len() >= 7 && t.digits > 0,
                Syntax::Bare => false,
            };
    }
    match syntax {
        Syntax::Data => true,
        Syntax::Quoted => value.len() >= 5 && t.letters + t.digits > 0,
        Syntax::Config => {
            value.len() >= 6 && t.letters > 0 && t.letters + t.digits > 2 && !is_code(value, syntax)
        }
        Syntax::Bare => {
            value.len() >= 8
                && t.digits > 0
                && t.letters > 0
                && t.changes >= 3
                && !is_code(value, syntax)
        }
    }
}

/// A key: drawn at random.
fn is_key(value: &[u8], t: &Traits, syntax: Syntax) -> bool {
    if t.spaces > 0
        || is_uuid(value)
        || (matches!(syntax, Syntax::Bare | Syntax::Config) && is_code(value, syntax))
    {
        return false;
    }
    if value.len() >= 16 {
        // A date has two letters, a version one or two words.
        return t.letters > 2 && !is_words(value) && !is_constant(value);
    }
    let dense = t.digits >= 2 && t.letters >= 2 && t.changes >= 3 && !is_short_dummy(value);
    match syntax {
        Syntax::Data => value.len() >= 8 && !is_identifier(value) && (dense || t.signs > 0),
        Syntax::Quoted | Syntax::Config => {
            value.len() >= 10 && !is_identifier(value) && dense && t.changes >= 4
        }
        Syntax::Bare => false,
    }
}

/// Words with marks between them, each of letters or of digits, or with a few digits behind its
/// letters: `user_password_1`, `db.pass`, `sha256`.
fn is_identifier(value: &[u8]) -> bool {
    let is_mark = |b: &u8| matches!(b, b'_' | b'-' | b'.' | b':' | b'/' | b'\\');
    value.split(is_mark).all(|word| {
        let letters = word.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let digits = word[letters..].iter().take_while(|b| b.is_ascii_digit()).count();
        letters + digits == word.len() && (letters > 0 || word.is_empty()) && digits <= 4
    })
}

/// A sign or a digit between two letters of one word, as in `p@ss` or `w0rd`; an apostrophe or a
/// hyphen there is a word's own.
fn has_sign_within_word(value: &[u8]) -> bool {
    value.windows(3).any(|w| {
        let letter = |b: u8| b.is_ascii_alphabetic();
        let is_sign = matches!(
            w[1],
            b'0'..=b'9' | b'@' | b'#' | b'$' | b'%' | b'^' | b'*' | b'!' | b'+' | b'='
        );
        letter(w[0]) && letter(w[2]) && is_sign
    })
}

/// The name of a constant: capitals and digits, with marks between them.
pub(crate) fn is_constant(value: &[u8]) -> bool {
    let is_part = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
    value.iter().all(is_part) && value.iter().filter(|b| **b == b'_').count() >= 2
}

/// What code holds: brackets and paths; in the middle of a line operators too.
fn is_code(value: &[u8], syntax: Syntax) -> bool {
    let is_bare = syntax == Syntax::Bare;
    let is_mark = |b: &u8| match b {
        b'(' | b'[' | b'{' | b'<' | b'>' | b'"' => true,
        b'|' | b'&' | b'*' => is_bare,
        _ => false,
    };
    (is_bare && is_expression(value))
        || value.iter().any(is_mark)
        || memchr::memmem::find(value, b"::").is_some()
}

/// Whether a value without quotes begins with a name or a member of something, and goes on as code
/// does: `o.password,retries:3`, `t.key}else`, `a?b:c`.
fn is_expression(value: &[u8]) -> bool {
    let is_end =
        |b: &u8| matches!(b, b',' | b';' | b')' | b'}' | b'?' | b':' | b'&' | b'|' | b'=' | b'+');
    let end = value.iter().position(is_end).unwrap_or(value.len());
    let (first, rest) = value.split_at(end);
    !rest.is_empty() && !first.is_empty() && is_identifier(first)
}

/// What stands where a secret would and is none: references, templates, masks, paths, calls.
fn is_no_secret(value: &[u8], syntax: Syntax) -> bool {
    let has = |text: &[u8]| memchr::memmem::find(value, text).is_some();
    let ends = |text: &[u8]| value.ends_with(text);
    let path = matches!(value, [b'/', ..] | [b'.', b'/', ..] | [b'.', b'.', ..] | [b'~', b'/', ..]);
    let open = match syntax {
        Syntax::Data | Syntax::Quoted => matches!(value[0], b'<' | b'{' | b'['),
        Syntax::Config | Syntax::Bare => {
            is_no_value(value) || matches!(value[0], b'!' | b'@' | b'-')
        }
    };
    let reference = match *value {
        [b'$', b, ..] => b == b'{' || b == b'(' || b.is_ascii_uppercase() || b == b'_',
        [b'%', ..] => ends(b"%") || matches!(value.get(1), Some(b's' | b'd' | b'v' | b'(')),
        _ => false,
    };
    let template = || {
        has(b"${")
            || has(b"{{")
            || has(b"#{")
            || has(b"$(")
            || has(b"{}")
            || has(b"%s")
            || (has(b"{") && ends(b"}"))
    };
    let call = || ends(b")") && has(b"(") || ends(b"]") && has(b"[");
    // What follows a string whose closing quote was taken for an opening one.
    let outside =
        matches!(value, [b',' | b')' | b';' | b'+' | b']', b' ' | b')' | b';' | b']', ..]);
    let pattern =
        || has(b"[a-") || has(b"[A-") || has(b"[0-") || has(b"\\w") || has(b".*") || has(b".+");
    is_literal(value)
        || is_version(value)
        || path
        || outside
        || open
        || reference
        || (value.iter().any(|b| {
            matches!(b, b'$' | b'%' | b'#' | b'{' | b'(' | b'[' | b'\\' | b'*' | b'+' | b'/')
        }) && (template() || call() || pattern() || has(b"://") || has(b"</")))
        || is_placeholder(value)
        || is_stand_in(value)
}

/// Words that are values or types of their own in some language.
fn is_literal(value: &[u8]) -> bool {
    const WORDS: [&str; 22] = [
        "null", "none", "nil", "true", "false", "string", "str", "text", "bytes", "bool",
        "boolean", "integer", "number", "object", "array", "hidden", "required", "optional",
        "secret", "token", "guest", "password",
    ];
    WORDS.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether a value is so short and so regular that nobody drew it.
fn is_short_dummy(value: &[u8]) -> bool {
    value.len() < 16 && entropy::is_in_order(value)
}

/// Words anywhere in a value that say that it stands for another.
pub(crate) fn is_stand_in(value: &[u8]) -> bool {
    const WORDS: [&str; 14] = [
        "example",
        "your",
        "changeme",
        "placeholder",
        "redacted",
        "undefined",
        "dummy",
        "xxxx",
        "****",
        "...",
        "\u{2022}\u{2022}",
        "insert",
        "replace",
        "getenv",
    ];
    if matcher::is_dummy(value) || is_unsigned(value) {
        return true;
    }
    let mut folded = [0u8; super::context::JUDGED_MAX];
    let folded = &mut folded[..value.len().min(super::context::JUDGED_MAX)];
    folded.copy_from_slice(&value[..folded.len()]);
    folded.make_ascii_lowercase();
    WORDS.iter().any(|word| memchr::memmem::find(folded, word.as_bytes()).is_some())
}

/// Whether a value is a token of JSON with a word where its signature stands, as manuals write it:
/// `eyJhbGciOiJIUzI1NiJ9.payload.signature`. The shortest signature has 43 digits.
fn is_unsigned(value: &[u8]) -> bool {
    const SIGNATURE_MIN: usize = 43;
    let mut parts = value.rsplit(|b| *b == b'.');
    let signature = parts.next().unwrap_or_default();
    value.starts_with(b"eyJ")
        && parts.count() == 2
        && (1..SIGNATURE_MIN).contains(&signature.len())
        && signature.iter().all(u8::is_ascii_lowercase)
}

/// Words that stand where a secret would.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
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
        "env:",
        "vault:",
        "op:",
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

/// Whether base64 text decodes to printable ASCII with a colon in it.
pub(crate) fn is_user_and_password(base64: &[u8]) -> bool {
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

/// Whether the value begins with what a reference, a template or a mask begins with.
pub(crate) fn is_no_value(value: &[u8]) -> bool {
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
                | b'}'
                | b']'
        )
    )
}

/// Values that are code, a path, a number or a plain word rather than a secret.
pub(crate) fn is_plain(value: &[u8], name: &[u8]) -> bool {
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
    let joined = value.iter().any(|b| matches!(b, b'.' | b'-' | b'_')) && is_identifier(value);
    let traits = Traits::of(value);
    let mask = traits.top * 5 >= value.len() * 3 || traits.distinct < 4;
    path || call
        || url
        || joined
        || mask
        || is_uuid(value)
        || is_short_dummy(value)
        || ((number || word) && !strong)
}

/// Whether a variable of this name holds a secret: one part of it says so, and its last part does
/// not take it back.
pub(crate) fn is_secret_variable(name: &[u8]) -> bool {
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
    secret && !HARMLESS.contains(&last) && !is_passing(name)
}
