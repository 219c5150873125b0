//! The spellings of a URI that a rule has to look at.
//!
//! A server that reads `file:///%65tc/passwd` opens `/etc/passwd`, so a rule that denies the one has
//! to deny the other. What a server makes of `..` is not known, so nobody who denies lets it pass.

use std::borrow::Cow;

/// So often may a URI be encoded; what is encoded still then is taken for a trick.
const ROUNDS_MAX: usize = 3;

/// A longer URI is no name of anything, and is not looked through.
const BYTES_MAX: usize = 8 << 10;

/// A URI as it came and as it may be read.
pub(crate) struct Spellings<'a> {
    /// As it came, as URL parsers write it, with single slashes; then each of these without its
    /// percent-encoding, as often as it has one.
    all: Vec<Cow<'a, str>>,
    /// It leads through a segment that is `.` or `..`, is encoded too often, or holds what parsers
    /// drop or turn round: blanks around it, a control character, a backslash.
    pub is_unclear: bool,
}

impl<'a> Spellings<'a> {
    pub(crate) fn of(uri: &'a str) -> Self {
        let mut spellings = Self { all: Vec::new(), is_unclear: uri.len() > BYTES_MAX };
        if spellings.is_unclear {
            return spellings;
        }
        spellings.add(Cow::Borrowed(uri));
        if let Ok(url) = url::Url::parse(uri) {
            spellings.add(Cow::Owned(url.into()));
        }
        for place in 0..spellings.all.len() {
            if let Some(single) = single_slashes(&spellings.all[place]) {
                spellings.add(Cow::Owned(single));
            }
        }
        spellings
    }

    /// Adds a spelling with all that it decodes to.
    fn add(&mut self, spelling: Cow<'a, str>) {
        let mut last = spelling;
        for round in 0..=ROUNDS_MAX {
            let turns = |byte: u8| byte < b' ' || byte == b'\\' || byte == 0x7f;
            self.is_unclear |= has_dots(&last) || last.bytes().any(turns) || *last != *last.trim();
            let next = decoded(&last);
            if !self.all.contains(&last) {
                self.all.push(last);
            }
            match next {
                Some(next) if round < ROUNDS_MAX => last = Cow::Owned(next),
                Some(_) => return self.is_unclear = true,
                None => return,
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|spelling| &**spelling)
    }
}

/// The path with one slash where several follow each other; `None` if it is so.
fn single_slashes(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    let (host, path) = rest.split_at(rest.find('/')?);
    path.contains("//").then(|| {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        format!("{scheme}://{host}/{}", parts.join("/"))
    })
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
        for uri in ["FILE:///etc/a", "file:/etc/a", "file://localhost/etc/a", "file:////etc/a"] {
            assert!(all(uri).contains(&"file:///etc/a".to_owned()), "{uri}");
        }
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
            ("file:///e\ttc", true),
            (" file:///etc", true),
            ("file:\\etc", true),
            ("file:///a%20b c", false),
            ("file:///{name}", false),
            ("x:%25252541", true),
            ("x:%252541", false),
            (&"x".repeat(BYTES_MAX), false),
            (&"x".repeat(BYTES_MAX + 1), true),
        ] {
            assert_eq!(Spellings::of(uri).is_unclear, is_unclear, "{uri}");
        }
    }
}
