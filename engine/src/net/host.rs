//! Host names and addresses as URLs, origins and Host headers name them, and patterns for them.
//!
//! A name is compared in one form: lower case, ASCII (punycode), without the dot at its end. A
//! wildcard ends on the border of a label, so that `*.example.com` is not `evilexample.com`; nor is
//! it `example.com` itself.

use core::net::IpAddr;

use url::Host;

use super::address::{canonical, parse_port};

/// The host of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlHost {
    /// A name, in lower case, ASCII and without a dot at its end. What it resolves to is still to be
    /// checked, with [`UrlGuard::check_addresses`](super::UrlGuard::check_addresses).
    Name(String),
    /// An address, whatever its spelling was.
    Address(IpAddr),
}

impl UrlHost {
    /// Reads a host as browsers do (WHATWG URL); `None` if they would not.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::of(&Host::parse(text).ok()?)
    }

    pub(crate) fn of<S: AsRef<str>>(host: &Host<S>) -> Option<Self> {
        Some(match host {
            Host::Ipv4(address) => Self::Address(IpAddr::V4(*address)),
            Host::Ipv6(address) => Self::Address(canonical(IpAddr::V6(*address))),
            Host::Domain(name) => {
                let name = name.as_ref();
                let name = name.strip_suffix('.').unwrap_or(name);
                if name.is_empty() {
                    return None;
                }
                Self::Name(name.to_ascii_lowercase())
            }
        })
    }

    /// Whether this is an address, or a name in letters, digits, `-`, `_` and single dots.
    pub(crate) fn is_plain(&self) -> bool {
        let Self::Name(name) = self else { return true };
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        name.len() <= 253 && name.split('.').all(is_label)
    }
}

/// Whether this name is that domain or lies below it.
pub(crate) fn is_within(name: &str, domain: &str) -> bool {
    name == domain || is_below(name, domain)
}

fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|front| front.len() > 1 && front.ends_with('.'))
}

/// A pattern for hosts and their ports: `example.com`, `*.example.com:443`, `[::1]:*`, `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostPattern {
    host: Hosts,
    /// What is said of the port.
    pub(crate) port: Ports,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    Any,
    Address(IpAddr),
    Name(String),
    /// Names below this one.
    Below(String),
}

/// What a pattern says of the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ports {
    /// Nothing.
    Unsaid,
    /// `:*`.
    Any,
    /// This one.
    One(u16),
}

impl HostPattern {
    /// Reads a pattern; otherwise says what is wrong with it, without its text.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (host, port) =
            split_port(text).ok_or("write a port as a number from 0 to 65535 or *")?;
        let host = match host.strip_prefix("*.") {
            _ if host == "*" => Hosts::Any,
            Some(domain) => match UrlHost::parse(domain) {
                Some(UrlHost::Name(name)) => Hosts::Below(name),
                _ => return Err("after *. comes a name such as example.com"),
            },
            None => match UrlHost::parse(host) {
                Some(UrlHost::Name(name)) => Hosts::Name(name),
                Some(UrlHost::Address(address)) => Hosts::Address(address),
                None => return Err("write a name, an address, or *.name, and no scheme or path"),
            },
        };
        let plain = match &host {
            Hosts::Name(name) | Hosts::Below(name) => UrlHost::Name(name.clone()).is_plain(),
            Hosts::Any | Hosts::Address(_) => true,
        };
        match plain {
            true => Ok(Self { host, port }),
            false => Err("write a name, an address, or *.name; a * stands only at the front"),
        }
    }

    /// Whether the host is meant; the port is the caller's to compare.
    pub(crate) fn has_host(&self, host: &UrlHost) -> bool {
        match (&self.host, host) {
            (Hosts::Any, _) => true,
            (Hosts::Address(want), UrlHost::Address(have)) => want == have,
            (Hosts::Name(want), UrlHost::Name(have)) => want == have,
            (Hosts::Below(want), UrlHost::Name(have)) => is_below(have, want),
            _ => false,
        }
    }

    /// Whether host and port are meant. A pattern without a port means all of them.
    pub(crate) fn has(&self, host: &UrlHost, port: Option<u16>) -> bool {
        let has_port = match self.port {
            Ports::Unsaid | Ports::Any => true,
            Ports::One(want) => port == Some(want),
        };
        has_port && self.has_host(host)
    }
}

/// Splits `host:port`; an IPv6 address may stand without brackets where no port is given.
fn split_port(text: &str) -> Option<(&str, Ports)> {
    let colon = match text.rfind(':') {
        Some(colon) if !text[colon..].contains(']') => colon,
        _ => return Some((text, Ports::Unsaid)),
    };
    let (host, port) = (&text[..colon], &text[colon + 1..]);
    let port = match port {
        "*" => Ports::Any,
        _ => Ports::One(parse_port(port)?),
    };
    Some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(pattern: &str, host: &str, port: Option<u16>) -> bool {
        let host = UrlHost::parse(host).expect("a host");
        HostPattern::parse(pattern).expect("a pattern").has(&host, port)
    }

    #[test]
    fn a_wildcard_ends_on_the_border_of_a_label() {
        assert!(has("*.example.com", "a.example.com", None));
        assert!(has("*.example.com", "a.b.EXAMPLE.com.", None));
        assert!(!has("*.example.com", "example.com", None));
        assert!(!has("*.example.com", "evilexample.com", None));
        assert!(!has("*.example.com", "a.example.com.evil.com", None));
        assert!(has("*", "anything.example", Some(1)));
    }

    #[test]
    fn names_and_addresses_are_compared_in_one_form() {
        assert!(has("Bücher.example", "xn--bcher-kva.example", None));
        assert!(has("xn--bcher-kva.example", "BÜCHER.example.", None));
        assert!(has("127.0.0.1", "0x7f.1", None));
        assert!(has("[::1]:80", "[0:0::1]", Some(80)));
        assert!(has("[::ffff:192.0.2.1]", "192.0.2.1", None));
        assert!(!has("127.0.0.1", "127.0.0.1.evil.com", None));
    }

    #[test]
    fn a_port_is_one_or_all() {
        assert!(has("a.example:443", "a.example", Some(443)));
        assert!(!has("a.example:443", "a.example", Some(444)));
        assert!(!has("a.example:443", "a.example", None));
        assert!(has("a.example:*", "a.example", Some(1)));
        assert!(has("a.example", "a.example", Some(1)));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "",
            "*.",
            "*.*",
            "*.127.0.0.1",
            "a.*.example",
            "*a.example",
            "https://a.example",
            "a.example/",
            "a b",
            "a.example:",
            "a.example:x",
            "a.example:65536",
            "user@a.example",
            "a..example",
            "[::1",
            "a,b",
        ] {
            assert!(HostPattern::parse(text).is_err(), "{text}");
        }
    }
}
