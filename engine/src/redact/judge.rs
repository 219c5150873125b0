//! Guesses: whether a name says "secret", and whether a value looks like one.
//!
//! Wrong guesses are what users of such tools complain about most, so a value has to look drawn at
//! random, and source code, templates, masks and references are told apart from it. Pure functions
//! of a name or a value, without a place.

use super::context::NAME_MAX;

/// Names of things that are handed to and fro and are no secrets: cursors above all.
pub(crate) fn is_passing(name: &[u8]) -> bool {
    let mut folded = [0u8; NAME_MAX];
    let folded = &mut folded[..name.len()];
    folded.copy_from_slice(name);
    folded.make_ascii_lowercase();
    ["next", "page", "cursor", "progress", "continu", "public", "cancel", "idempot"]
        .iter()
        .any(|word| memchr::memmem::find(folded, word.as_bytes()).is_some())
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
    let dotted = word && value.contains(&b'.');
    path || call || url || dotted || is_uuid(value) || ((number || word) && !strong)
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
    secret && !HARMLESS.contains(&last)
}
