//! How a URL spells its host, before any parser has made one form of it.
//!
//! Programs differ in what they take for the host of a URL. The guard judges by the reading of the
//! WHATWG standard, which browsers and most libraries share, and looks here for the places at which
//! others read on, stop early or map differently.

use core::net::Ipv4Addr;

use url::quirks;

/// The parts of a URL as they are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spelling<'a> {
    /// What stands between the scheme and the host: `//` in a plain URL.
    slashes: &'a str,
    /// From there to the first `/`, `?` or `#`.
    authority: &'a str,
    /// From the authority's end to the first `/`.
    behind: &'a str,
}

impl<'a> Spelling<'a> {
    /// Takes a URL apart that a parser has read. A backslash counts as a slash.
    pub(super) fn of(url: &'a str) -> Self {
        let rest = url.split_once(':').map_or("", |(_, rest)| rest);
        let is_slash = |c: char| matches!(c, '/' | '\\');
        let after = rest.trim_start_matches(is_slash);
        let slashes = &rest[..rest.len() - after.len()];
        let end = after.find(|c| is_slash(c) || matches!(c, '?' | '#')).unwrap_or(after.len());
        let (authority, behind) = after.split_at(end);
        let end = behind.find(is_slash).unwrap_or(behind.len());
        Self { slashes, authority, behind: &behind[..end] }
    }

    /// Whether programs agree on where the authority begins and ends, and what in it is the host.
    pub(super) fn is_plain(&self) -> bool {
        let ats = self.authority.matches('@').count();
        self.slashes.len() == 2 && ats <= 1 && !self.behind.contains('@')
    }

    pub(super) fn has_userinfo(&self) -> bool {
        self.authority.contains('@')
    }

    /// The host as it is written, without the port.
    pub(super) fn host(&self) -> &'a str {
        let host = self.authority.rsplit_once('@').map_or(self.authority, |(_, host)| host);
        match host.rfind(':') {
            Some(colon) if !host[colon..].contains(']') => &host[..colon],
            _ => host,
        }
    }
}

/// Whether a character of this URL is dropped by some programs, and ends the URL for others.
pub(super) fn has_blank(url: &str) -> bool {
    url.bytes().any(|b| b <= b' ' || b == 0x7f)
}

/// Whether programs may look up another name than `ascii` for a host written like this: letters that
/// become other letters, and those that the two editions of IDNA treat differently (UTS 46).
pub(super) fn is_mapped(written: &str, ascii: &str) -> bool {
    const DEVIATING: [char; 5] = ['ß', 'ẞ', 'ς', '\u{200c}', '\u{200d}'];
    !written.is_ascii()
        && (written.contains(DEVIATING)
            || written.to_lowercase() != quirks::domain_to_unicode(ascii))
}

/// The address that a reader of plain decimal numbers finds in a host with leading zeros, which
/// others read as octal: `010.8.8.8` is 8.8.8.8 to a browser and 10.8.8.8 to some libraries.
pub(super) fn as_decimal(written: &str) -> Option<Ipv4Addr> {
    let folded: String = written.chars().map(fold_digit).collect();
    let mut octets = [0; 4];
    let mut parts = folded.strip_suffix('.').unwrap_or(&folded).split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let digits = part.trim_start_matches('0');
        *octet = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    }
    parts.next().is_none().then(|| Ipv4Addr::from(octets))
}

/// The ASCII digit or dot that a parser makes of this character, if it makes one of it.
fn fold_digit(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    // A letter behind it keeps the host from being read as a number.
    match quirks::domain_to_ascii(&format!("a{c}a")).as_bytes() {
        [b'a', mapped, b'a'] => char::from(*mapped),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_found_as_it_is_written() {
        for (url, host) in [
            ("http://a.example/", "a.example"),
            ("http://a.example:80?x", "a.example"),
            ("http://user:pw@a.example:80#x", "a.example"),
            ("http://[::1]:80/", "[::1]"),
            ("http://[::1]/", "[::1]"),
            ("http:\\\\a.example\\@b", "a.example"),
            ("http:a.example", "a.example"),
        ] {
            assert_eq!(Spelling::of(url).host(), host, "{url}");
        }
    }

    #[test]
    fn leading_zeros_are_read_both_ways() {
        let decimal = |text: &str| as_decimal(text).map(|address| address.to_string());
        assert_eq!(decimal("010.8.8.8").as_deref(), Some("10.8.8.8"));
        assert_eq!(decimal("０１０。８.8.8.").as_deref(), Some("10.8.8.8"));
        assert_eq!(decimal("⓪①⓪.8.8.8").as_deref(), Some("10.8.8.8"));
        assert_eq!(decimal("0.0.0.0").as_deref(), Some("0.0.0.0"));
        for text in ["0377.1.1.1", "0x7f.1.1.1", "1.1.1", "1.1.1.1.1", "1..1.1", ""] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
