//! What a peer presents to prove who it is, and the way in which it came. The helpers read what an
//! HTTP server holds; they know no request and no connection.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The way in which a credential comes. The numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// The member `auth_token` of a message.
    Member = 0,
    /// The `Authorization` header of a request.
    Bearer = 1,
    /// Another header.
    Header = 2,
    /// The query of the URL.
    Query = 3,
}

impl Source {
    /// Every way, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Member, Self::Bearer, Self::Header, Self::Query];

    /// The word that stands for it, in configurations, too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Bearer => "bearer",
            Self::Header => "header",
            Self::Query => "query",
        }
    }
}

/// What a peer presents, not judged yet: never empty, at most 16 KiB. `Debug` shows only the way;
/// dropped, it is wiped.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    source: Source,
    token: Zeroizing<String>,
}

impl Credential {
    /// A token that came in this way; none if it is empty or over 16 KiB.
    #[must_use]
    pub fn new(source: Source, token: &str) -> Option<Self> {
        let fits = (1..=CREDENTIAL_BYTES_MAX).contains(&token.len());
        fits.then(|| Self { source, token: Zeroizing::new(token.to_owned()) })
    }

    /// The token in the value of an `Authorization` header (RFC 6750 section 2.1): the scheme in any
    /// case, spaces, and one token of the characters that it may have. Anything else is none, and so
    /// is anything behind the token. `scheme` is `Bearer`, unless the host has another.
    #[must_use]
    pub fn from_authorization(value: &[u8], scheme: &str) -> Option<Self> {
        let value = std::str::from_utf8(trim(value)).ok()?;
        let (given, token) = value.split_once(' ')?;
        if scheme.is_empty() || !given.eq_ignore_ascii_case(scheme) {
            return None;
        }
        let token = token.trim_start_matches(' ');
        let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
        let inner = token.trim_end_matches('=');
        if inner.is_empty() || !inner.bytes().all(is_inner) {
            return None;
        }
        Self::new(Source::Bearer, token)
    }

    /// The token that is the whole value of another header, without the white space around it (RFC
    /// 9110 section 5.5); none if a control character stands in it.
    #[must_use]
    pub fn from_header(value: &[u8]) -> Option<Self> {
        let value = std::str::from_utf8(trim(value)).ok()?;
        if value.chars().any(char::is_control) {
            return None;
        }
        Self::new(Source::Header, value)
    }

    /// The token in the parameter of this name in the query of a URL, without its `?`, in the form
    /// that HTML gives queries: `+` is a space. None if it stands there twice, under whatever
    /// spelling, since the server behind may take the other one; none if it cannot be decoded.
    #[must_use]
    pub fn from_query(query: &str, name: &str) -> Option<Self> {
        let mut found = None;
        for pair in query.split('&') {
            let (given, value) = pair.split_once('=').unwrap_or((pair, ""));
            if decode(given).is_some_and(|given| *given == *name) {
                if found.is_some() {
                    return None;
                }
                found = Some(decode(value)?);
            }
        }
        Self::new(Source::Query, &found?)
    }

    /// The way in which it came.
    #[must_use]
    pub fn source(&self) -> Source {
        self.source
    }

    /// The token itself.
    #[must_use]
    pub fn token(&self) -> &[u8] {
        self.token.as_bytes()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({})", self.source.name())
    }
}

/// A JSON Web Token with many roles has some KiB, and the common HTTP servers take headers up to
/// 8 or 16 KiB.
pub(crate) const CREDENTIAL_BYTES_MAX: usize = 16 << 10;

fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

fn decode(text: &str) -> Option<Zeroizing<String>> {
    let mut decoded = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let mut digit = || (bytes.next()? as char).to_digit(16);
                (digit()? << 4 | digit()?) as u8
            }
            b'+' => b' ',
            byte => byte,
        });
    }
    Some(Zeroizing::new(std::str::from_utf8(&decoded).ok()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(credential: Option<Credential>) -> Option<String> {
        credential.map(|it| String::from_utf8(it.token().to_vec()).expect("text"))
    }

    #[test]
    fn an_authorization_is_one_scheme_and_one_token() {
        for (value, token) in [
            ("Bearer abc", Some("abc")),
            ("bEARER   a-._~+/9==", Some("a-._~+/9==")),
            (" \tBearer abc \t", Some("abc")),
            ("Bearer", None),
            ("Bearer ", None),
            ("Bearer ==", None),
            ("Bearerabc", None),
            ("Bearer\tabc", None),
            ("Basic abc", None),
            ("Bearer abc def", None),
            ("Bearer abc, Bearer def", None),
            ("Bearer abc,def", None),
            ("Bearer a=b", None),
            ("Bearer abc\n", None),
            ("Bearer caf\u{e9}", None),
            ("Bearer \"abc\"", None),
        ] {
            let found = Credential::from_authorization(value.as_bytes(), "Bearer");
            assert_eq!(shown(found).as_deref(), token, "{value:?}");
        }
        assert_eq!(Credential::from_authorization(b"Bearer \xff", "Bearer"), None);
        assert_eq!(Credential::from_authorization(b" abc", ""), None);
        let own = Credential::from_authorization(b"Token abc", "Token").expect("another scheme");
        assert_eq!(own.source(), Source::Bearer);
    }

    #[test]
    fn a_header_is_its_whole_value() {
        for (value, token) in [
            (&b"abc"[..], Some("abc")),
            (b" a b,c \t", Some("a b,c")),
            (b"", None),
            (b" ", None),
            (b"a\nb", None),
            (b"abc\r", None),
            (b"abc\0", None),
            (b"\xff", None),
        ] {
            assert_eq!(shown(Credential::from_header(value)).as_deref(), token, "{value:?}");
        }
    }

    #[test]
    fn a_query_names_its_token_once() {
        for (query, token) in [
            ("token=abc", Some("abc")),
            ("a=1&token=a%2Bb%20c+d&b", Some("a+b c d")),
            ("tok%65n=abc", Some("abc")),
            ("token=abc&token=abc", None),
            ("token=abc&tok%65n=def", None),
            ("token=abc&token", None),
            ("token=%zz", None),
            ("token=%4", None),
            ("token=%ff", None),
            ("token=", None),
            ("token", None),
            ("Token=abc", None),
            ("?token=abc", None),
            ("", None),
        ] {
            assert_eq!(shown(Credential::from_query(query, "token")).as_deref(), token, "{query}");
        }
    }

    #[test]
    fn a_credential_has_a_limit_and_shows_nothing() {
        for (bytes, fits) in [(0, false), (1, true), (16 << 10, true), ((16 << 10) + 1, false)] {
            assert_eq!(Credential::new(Source::Header, &"a".repeat(bytes)).is_some(), fits);
        }
        let credential = Credential::new(Source::Query, "SECRET-1").expect("a credential");
        assert_eq!(format!("{credential:?}"), "Credential(query)");
    }

    #[test]
    fn the_numbers_and_words_of_sources_are_stable() {
        let wanted = [(0, "member"), (1, "bearer"), (2, "header"), (3, "query")];
        assert_eq!(Source::ALL.map(|source| (source as u32, source.name())), wanted);
    }
}
