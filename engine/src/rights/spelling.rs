//! The spellings of a URI that a rule has to look at.
//!
//! A server that reads `file:///%65tc/passwd` opens `/etc/passwd`, so a rule that denies the one has
//! to deny the other. What a server makes of `..` is not known, so nobody who denies lets it pass.

use std::borrow::Cow;

/// So often may a URI be encoded; what is encoded still then is taken for a trick.
const ROUNDS_MAX: usize = 3;

/// A longer URI is no name of anything, and is not looked through.
const BYTES_MAX: usize = 64 << 10;

/// A URI as it came and as it may be read.
pub(crate) struct Spellings<'a> {
    /// The first is the one that came; each is the one before without its percent-encoding.
    all: [Option<Cow<'a, str>>; ROUNDS_MAX + 1],
    /// It leads through a segment that is `.` or `..`, or it is encoded too often.
    pub is_unclear: bool,
}

impl<'a> Spellings<'a> {
    pub(crate) fn of(uri: &'a str) -> Self {
        let is_unclear = uri.len() > BYTES_MAX;
        let mut spellings = Self { all: [const { None }; ROUNDS_MAX + 1], is_unclear };
        if is_unclear {
            return spellings;
        }
        let mut last: Cow<'a, str> = Cow::Borrowed(uri);
        for place in 0..=ROUNDS_MAX {
            spellings.is_unclear |= has_dots(&last);
            let next = decoded(&last);
            spellings.all[place] = Some(last);
            match next {
                Some(next) if place < ROUNDS_MAX => last = Cow::Owned(next),
                Some(_) => {
                    spellings.is_unclear = true;
                    break;
                }
                None => break,
            }
        }
        spellings
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.all.iter().flatten().map(|spelling| &**spelling)
    }
}

/// Without percent-encoding; `None` if there is none. Bytes that are no UTF-8 become U+FFFD.
fn decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    memchr::memchr(b'%', bytes)?;
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut changed) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        let digit = |offset: usize| (*bytes.get(at + offset)? as char).to_digit(16);
        match (byte, digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high << 4 | low) as u8);
                at += 3;
                changed = true;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    changed.then(|| String::from_utf8_lossy(&out).into_owned())
}

/// Whether a segment is `.` or `..`; a backslash ends one as well.
fn has_dots(uri: &str) -> bool {
    uri.split(['/', '\\']).any(|segment| {
        let segment = segment.split(['?', '#']).next().unwrap_or_default();
        segment == "." || segment == ".."
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layer_of_encoding_is_a_spelling() {
        let all = |uri| Spellings::of(uri).iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(all("file:///a"), ["file:///a"]);
        assert_eq!(all("file:///%65tc"), ["file:///%65tc", "file:///etc"]);
        assert_eq!(all("x:%2565"), ["x:%2565", "x:%65", "x:e"]);
        assert_eq!(all("x:%"), ["x:%"]);
        assert_eq!(all("x:%zz%4"), ["x:%zz%4"]);
    }

    #[test]
    fn dots_and_endless_encoding_are_unclear() {
        for (uri, is_unclear) in [
            ("file:///a/../etc", true),
            ("file:///a/%2e%2e/etc", true),
            ("file:///a/..%5Cetc", true),
            ("file:///a/.", true),
            ("file:///a/..?x", true),
            ("file:///a..b/...", false),
            ("x:%25252541", true),
            ("x:%252541", false),
            (&"x".repeat(BYTES_MAX), false),
            (&"x".repeat(BYTES_MAX + 1), true),
        ] {
            assert_eq!(Spellings::of(uri).is_unclear, is_unclear, "{uri}");
        }
    }
}
