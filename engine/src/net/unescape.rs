//! What a path becomes when a program decodes it: percent escapes, `file:` URLs, characters that
//! some systems fold to dots and slashes.

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

/// The path that a `file:` URL names, still escaped; `None` if this is no such URL.
pub(super) fn file_url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_at_checked(5)?;
    if !scheme.eq_ignore_ascii_case("file:") {
        return None;
    }
    let path = match rest.strip_prefix("//") {
        // The host, which is this one; another one is a share, and stays as `//host/...`.
        Some(after) => match after.find('/') {
            Some(slash) if slash == 0 || after[..slash].eq_ignore_ascii_case("localhost") => {
                &after[slash..]
            }
            _ => rest,
        },
        None => rest,
    };
    // A drive stands behind a slash there.
    let path = match path.as_bytes() {
        [b'/', letter, b':', ..] if letter.is_ascii_alphabetic() => &path[1..],
        _ => path,
    };
    let end = path.find(['?', '#']).unwrap_or(path.len());
    Some(path[..end].to_owned())
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
