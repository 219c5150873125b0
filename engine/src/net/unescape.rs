//! What a path becomes when a program decodes it: percent escapes, `file:` URLs, characters that
//! some systems fold to dots and slashes.

use std::borrow::Cow;

use url::Url;

use super::route::has_drive;

/// Decodes percent escapes once; `None` if there are none. A `%` that begins no escape stays.
///
/// Overlong UTF-8 (`%c0%ae`) becomes the ASCII character that a careless decoder makes of it, and so
/// does `%u002e`.
pub(super) fn percent(text: &[u8]) -> Option<Vec<u8>> {
    memchr::memchr(b'%', text)?;
    let mut out = Vec::with_capacity(text.len());
    let (mut at, mut found) = (0, false);
    while at < text.len() {
        if let Some((byte, length)) = escape(&text[at..]) {
            out.push(byte);
            at += length;
            found = true;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    found.then(|| shorten(&out))
}

/// What programs take a `file:` URL for.
pub(super) struct FileUrl {
    /// The path as it is written, still escaped.
    pub path: String,
    /// The path to a program that keeps to the URL standard (WHATWG), decoded; none, if the URL is
    /// none by it.
    pub standard: Option<String>,
    /// What other programs read: a path from where they stand, `?` and `#` in names, escapes
    /// decoded before `..` is taken out.
    pub others: Vec<String>,
}

/// Reads a `file:` URL; `None` if this is none.
pub(super) fn file_url(text: &str) -> Option<FileUrl> {
    if !text.starts_with(['f', 'F']) {
        return None;
    }
    let blank = ['\t', '\n', '\r'];
    let kept = match text.contains(blank) {
        true => Cow::Owned(text.replace(blank, "")),
        false => Cow::Borrowed(text),
    };
    let rest = behind_scheme(&kept)?;
    let mut others = Vec::new();
    // Tabs and ends of lines are taken out by the standard, and not by all programs.
    for rest in [Some(rest), behind_scheme(text)].into_iter().flatten() {
        let written = behind_host(rest);
        for written in [written, before_query(written)] {
            for path in [from_top(written), written.to_owned()] {
                others.extend(percent(path.as_bytes()).map(lossy));
                others.push(path);
            }
        }
    }
    Some(FileUrl {
        path: from_top(before_query(behind_host(rest))),
        standard: Url::parse(&kept).ok().map(|url| {
            let path = percent(url.path().as_bytes()).map_or_else(|| url.path().to_owned(), lossy);
            match url.host_str() {
                Some(host) => format!("//{host}{path}"),
                None => behind_slash(&path).to_owned(),
            }
        }),
        others,
    })
}

/// The path with characters in it that Windows and normalising programs make dots and separators of;
/// `None` if there are none.
pub(super) fn fold(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut found = false;
    for c in text.chars() {
        let plain = match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
            '\u{2024}' | '\u{fe52}' | '\u{3002}' | '\u{ff61}' => Some('.'),
            '\u{2044}' | '\u{2215}' | '\u{29f8}' => Some('/'),
            '\u{2216}' | '\u{fe68}' | '\u{29f5}' | '\u{29f9}' => Some('\\'),
            // A name with these inside is one without them to some file systems.
            '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => None,
            '\u{2025}' => {
                out.push('.');
                Some('.')
            }
            _ => {
                out.push(c);
                continue;
            }
        };
        found = true;
        out.extend(plain);
    }
    found.then_some(out)
}

fn behind_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_at_checked(5)?;
    scheme.eq_ignore_ascii_case("file:").then_some(rest)
}

/// Without the host, which is this one; another one is a share, and stays as `//host/...`.
fn behind_host(rest: &str) -> &str {
    let Some(after) = rest.strip_prefix("//") else { return behind_slash(rest) };
    match after.find('/') {
        Some(slash) if slash == 0 || after[..slash].eq_ignore_ascii_case("localhost") => {
            behind_slash(&after[slash..])
        }
        _ => rest,
    }
}

/// A drive stands behind a slash in a URL.
fn behind_slash(path: &str) -> &str {
    if path.starts_with('/') && has_drive(&path[1..]) { &path[1..] } else { path }
}

fn before_query(path: &str) -> &str {
    &path[..path.find(['?', '#']).unwrap_or(path.len())]
}

/// To the standard the path of a `file:` URL begins at the top, with a slash or without.
fn from_top(path: &str) -> String {
    let is_absolute = path.starts_with(['/', '\\']) || has_drive(path);
    if is_absolute { path.to_owned() } else { format!("/{path}") }
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

/// The byte that an escape at the front stands for, and the length of the escape.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    let hex = |at: usize| text.get(at).and_then(|b| char::from(*b).to_digit(16));
    if text.first() != Some(&b'%') {
        return None;
    }
    if let (Some(high), Some(low)) = (hex(1), hex(2)) {
        return Some(((high * 16 + low) as u8, 3));
    }
    if !matches!(text.get(1), Some(b'u' | b'U')) {
        return None;
    }
    let number = (2..6).try_fold(0, |number, at| Some(number * 16 + hex(at)?))?;
    // The full-width forms of ASCII are ASCII to whoever decodes this form at all.
    let number = if (0xff01..=0xff5e).contains(&number) { number - 0xfee0 } else { number };
    (number < 0x80).then_some((number as u8, 6))
}

/// Makes ASCII of overlong sequences of two to four bytes.
fn shorten(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let low = |byte: u8| byte & 0x3f;
        let (byte, length) = match *rest {
            [a @ (0xc0 | 0xc1), b, ..] => ((a & 1) << 6 | low(b), 2),
            [0xe0, b @ (0x80 | 0x81), c, ..] => ((b & 1) << 6 | low(c), 3),
            [0xf0, 0x80, c @ (0x80 | 0x81), d, ..] => ((c & 1) << 6 | low(d), 4),
            [byte, ..] => (byte, 1),
            [] => break,
        };
        out.push(byte);
        at += length;
    }
    out
}
