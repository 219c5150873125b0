//! The same text as others would write it: in JSON, in base64, percent-encoded, with characters
//! that do not show.
//!
//! The invariant: where a secret stands in a text is known in every spelling of the text, so that
//! a match beside it is not taken for one.

use std::ops::Range;

/// A way to write a text.
#[derive(Clone, Copy, Debug)]
pub struct Spelling {
    /// In figures.
    pub name: &'static str,
    /// Whether the whole text is wrapped, so that a name in front of a secret is hidden with it:
    /// rules that go by surroundings need not see through.
    pub blob: bool,
    write: fn(Text<'_>) -> Written,
}

/// A text and where its secret stands.
type Text<'a> = (&'a [u8], Option<Range<usize>>);
type Written = (Vec<u8>, Option<Range<usize>>);

impl Spelling {
    /// Writes a text; and where its secret stands then.
    #[must_use]
    pub fn write(&self, text: &[u8], secret: Option<Range<usize>>) -> Written {
        (self.write)((text, secret))
    }
}

/// The text as it is.
pub const PLAIN: Spelling =
    Spelling { name: "plain", blob: false, write: |(text, secret)| (text.to_vec(), secret) };

/// The others.
pub const SPELLINGS: &[Spelling] = &[
    Spelling { name: "escaped", blob: false, write: |text| json(text, escape) },
    Spelling {
        name: "escaped_twice",
        blob: false,
        write: |text| twice(text, |text| json(text, escape)),
    },
    Spelling {
        name: "escaped_three_deep",
        blob: false,
        write: |text| {
            let (text, secret) = json(text, escape);
            twice((&text, secret), |text| json(text, escape))
        },
    },
    Spelling { name: "html_safe", blob: false, write: |text| json(text, escape_html) },
    Spelling { name: "base64", blob: true, write: |text| base64(text, false) },
    Spelling { name: "base64url", blob: true, write: |text| base64(text, true) },
    Spelling { name: "percent", blob: true, write: |text| each(text, percent) },
    Spelling { name: "hex", blob: true, write: |text| each(text, hex) },
    Spelling { name: "zero_width", blob: false, write: zero_width },
];

/// Writes byte by byte.
fn each((text, secret): Text<'_>, one: fn(u8, &mut Vec<u8>)) -> Written {
    let mut out = Vec::with_capacity(text.len() * 2);
    let (mut start, mut end) = (0, 0);
    for (at, byte) in text.iter().enumerate() {
        one(*byte, &mut out);
        if let Some(secret) = &secret {
            start = if at + 1 == secret.start { out.len() } else { start };
            end = if at + 1 == secret.end { out.len() } else { end };
        }
    }
    (out, secret.map(|_| start..end))
}

/// A JSON object with the text in it.
fn json(text: Text<'_>, one: fn(u8, &mut Vec<u8>)) -> Written {
    const BEFORE: &[u8] = b"{\"text\":\"";
    let (inner, secret) = each(text, one);
    let shift = |secret: Range<usize>| secret.start + BEFORE.len()..secret.end + BEFORE.len();
    ([BEFORE, &inner, b"\"}"].concat(), secret.map(shift))
}

fn twice(text: Text<'_>, write: fn(Text<'_>) -> Written) -> Written {
    let (once, secret) = write(text);
    write((&once, secret))
}

fn escape(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'"' | b'\\' => out.extend([b'\\', byte]),
        b'\n' => out.extend(b"\\n"),
        b'\r' => out.extend(b"\\r"),
        b'\t' => out.extend(b"\\t"),
        0..0x20 => out.extend(format!("\\u{byte:04x}").bytes()),
        _ => out.push(byte),
    }
}

/// As encoders do whose output has to stand in HTML.
fn escape_html(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'/' => out.extend(b"\\/"),
        b'<' | b'>' | b'&' | b'\'' | b'=' | b'+' => out.extend(format!("\\u{byte:04x}").bytes()),
        _ => escape(byte, out),
    }
}

fn base64((text, secret): Text<'_>, url: bool) -> Written {
    let digits: &[u8; 64] = match url {
        true => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        false => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    };
    let mut out = Vec::with_capacity(text.len() * 2);
    for three in text.chunks(3) {
        let places = three.iter().zip([16, 8, 0]);
        let word = places.fold(0u32, |word, (byte, shift)| word | u32::from(*byte) << shift);
        let sixes = [18, 12, 6, 0].map(|shift| digits[(word >> shift & 63) as usize]);
        out.extend(&sixes[..three.len() + 1]);
        if !url {
            out.extend(&b"=="[three.len() - 1..]);
        }
    }
    let place = |secret: Range<usize>| secret.start / 3 * 4..(secret.end * 4).div_ceil(3);
    (out, secret.map(place))
}

/// As `encodeURIComponent` writes it.
fn percent(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => out.push(byte),
        _ if byte.is_ascii_alphanumeric() => out.push(byte),
        _ => out.extend(format!("%{byte:02X}").bytes()),
    }
}

fn hex(byte: u8, out: &mut Vec<u8>) {
    out.extend(format!("{byte:02x}").bytes());
}

/// A zero-width space in the middle of the secret; where that is not known, of the longest run of
/// token characters.
fn zero_width((text, secret): Text<'_>) -> Written {
    const SPACE: &str = "\u{200b}";
    let run = secret.clone().unwrap_or_else(|| longest_run(text));
    let mut middle = run.start + run.len() / 2;
    while text.get(middle).is_some_and(|byte| byte & 0xc0 == 0x80) {
        middle += 1;
    }
    let out = [&text[..middle], SPACE.as_bytes(), &text[middle..]].concat();
    (out, secret.map(|secret| secret.start..secret.end + SPACE.len()))
}

fn longest_run(text: &[u8]) -> Range<usize> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let (mut longest, mut start) = (0..0, 0);
    for at in 0..=text.len() {
        if text.get(at).is_none_or(|byte| !token(*byte)) {
            if at - start > longest.len() {
                longest = start..at;
            }
            start = at + 1;
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_name(name: &str) -> &'static Spelling {
        SPELLINGS.iter().find(|spelling| spelling.name == name).expect("one of ours")
    }

    #[test]
    fn spellings_are_those_of_encoders() {
        let text = "a\"b\n/+ =\u{e9}";
        for (name, want) in [
            ("escaped", r#"{"text":"a\"b\n/+ =é"}"#),
            ("escaped_twice", r#"{"text":"{\"text\":\"a\\\"b\\n/+ =é\"}"}"#),
            ("html_safe", r#"{"text":"a\"b\n\/\u002b \u003dé"}"#),
            ("base64", "YSJiCi8rID3DqQ=="),
            ("base64url", "YSJiCi8rID3DqQ"),
            ("percent", "a%22b%0A%2F%2B%20%3D%C3%A9"),
            ("hex", "6122620a2f2b203dc3a9"),
        ] {
            let (written, place) = by_name(name).write(text.as_bytes(), None);
            assert_eq!(String::from_utf8_lossy(&written), want, "{name}");
            assert_eq!(place, None);
        }
    }

    #[test]
    fn the_secret_is_where_it_is_said_to_be() {
        let (text, secret) = (b"key=\"SECRET-1\"\nend", 5..13);
        for spelling in SPELLINGS {
            let (written, place) = spelling.write(text, Some(secret.clone()));
            let place = place.expect("a place stays one");
            let shown = String::from_utf8_lossy(&written[place]).replace('\u{200b}', "");
            let want = match spelling.name {
                "base64" | "base64url" => "PSJTRUNSRVQtMS",
                "hex" => "5345435245542d31",
                _ => "SECRET-1",
            };
            assert_eq!(shown, want, "{}", spelling.name);
        }
    }

    #[test]
    fn a_hidden_space_goes_into_the_longest_run() {
        let (written, _) = by_name("zero_width").write(b"ab abcdef x", None);
        assert_eq!(String::from_utf8_lossy(&written), "ab abc\u{200b}def x");
    }
}
