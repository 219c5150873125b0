//! Whether the page that sent a request, and the name under which it reached the server, are known.
//!
//! A page of another site can send requests to a server on this machine, with an `Origin` that
//! names that site; a name that its owner points at 127.0.0.1 stands in the `Host`. Both are
//! compared whole: scheme, host and port (RFC 6454, RFC 9110 section 7.2).
//!
//! Invariant: a list that is given lets nothing through that none of its entries means.

use super::config::OriginConfig;
use super::denied::Denied;
use super::host::{HostPattern, Ports, UrlHost};
use super::url::{each, is_scheme};
use crate::base::error::ConfigError;

/// The compiled form of [`OriginConfig`].
#[derive(Clone, Debug, Default)]
pub struct OriginGuard {
    origins: OriginList,
    require_origin: bool,
    hosts: Vec<HostPattern>,
}

impl OriginGuard {
    /// Compiles a configuration; a fault is named by its key below `network.origins`.
    ///
    /// # Errors
    ///
    /// An entry that is no origin or no host.
    pub fn compile(config: &OriginConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            origins: OriginList::compile(&config.origins, "network.origins.origins")?,
            require_origin: config.require_origin,
            hosts: each(&config.hosts, "network.origins.hosts", HostPattern::parse)?,
        })
    }

    /// Judges the value of the `Origin` header, if there is one. Of several headers the values are
    /// handed in joined with commas, which no origin has, so that they are refused.
    ///
    /// # Errors
    ///
    /// `origin`, `null-origin` or `origin-missing`.
    pub fn check_origin(&self, origin: Option<&str>) -> Result<(), Denied> {
        let rule = match origin {
            _ if self.origins.is_empty() => return Ok(()),
            None if self.require_origin => "origin-missing",
            None => return Ok(()),
            Some(origin) if self.origins.has(origin) => return Ok(()),
            Some("null") => "null-origin",
            Some(_) => "origin",
        };
        Err(Denied::new(rule))
    }

    /// Judges the value of the `Host` header, or of `:authority`. Where hosts are listed, one has
    /// to be there.
    ///
    /// # Errors
    ///
    /// `host`.
    pub fn check_host(&self, host: Option<&str>) -> Result<(), Denied> {
        let known = match host.and_then(read_host) {
            _ if self.hosts.is_empty() => true,
            Some((host, port)) => self.hosts.iter().any(|pattern| pattern.has(&host, port)),
            None => false,
        };
        if known { Ok(()) } else { Err(Denied::new("host")) }
    }
}

/// Origins that are allowed.
#[derive(Clone, Debug, Default)]
pub(crate) struct OriginList {
    patterns: Vec<OriginPattern>,
    /// Whether `null` stands among them.
    null: bool,
    /// Whether `*` does.
    pub(crate) any: bool,
}

#[derive(Clone, Debug)]
struct OriginPattern {
    scheme: String,
    host: HostPattern,
}

impl OriginList {
    pub(crate) fn compile(list: &[String], key: &str) -> Result<Self, ConfigError> {
        let mut found = Self::default();
        for pattern in each(list, key, |text| match text {
            "*" | "null" => Ok(None),
            _ => OriginPattern::parse(text).map(Some),
        })? {
            found.patterns.extend(pattern);
        }
        found.null = list.iter().any(|text| text == "null");
        found.any = list.iter().any(|text| text == "*");
        Ok(found)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.patterns.is_empty() && !self.null && !self.any
    }

    /// Whether the value of an `Origin` header is among them. `*` is every origin, but not `null`.
    pub(crate) fn has(&self, origin: &str) -> bool {
        if origin == "null" {
            return self.null;
        }
        let Some(origin) = Origin::parse(origin) else { return false };
        self.any || self.patterns.iter().any(|pattern| pattern.has(&origin))
    }
}

impl OriginPattern {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let wrong = "write a scheme and a host, such as https://app.example.com, or null, or *";
        let (scheme, host) = text.split_once("://").ok_or(wrong)?;
        if !is_scheme(scheme) {
            return Err(wrong);
        }
        Ok(Self { scheme: scheme.to_ascii_lowercase(), host: HostPattern::parse(host)? })
    }

    fn has(&self, origin: &Origin) -> bool {
        let has_port = match self.host.port {
            Ports::Any => true,
            Ports::One(want) => origin.port == Some(want),
            Ports::Unsaid => origin.port == default_port(&self.scheme),
        };
        self.scheme == origin.scheme && has_port && self.host.has_host(&origin.host)
    }
}

/// An origin as a browser sends it.
struct Origin {
    scheme: String,
    host: UrlHost,
    port: Option<u16>,
}

impl Origin {
    /// Strict: `scheme://host[:port]` and nothing else.
    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let odd = |b: u8| b <= b' ' || b >= 0x7f || b"/\\?#@,%".contains(&b);
        if text.len() > ORIGIN_BYTES_MAX || rest.is_empty() || rest.bytes().any(odd) {
            return None;
        }
        if !is_scheme(scheme) {
            return None;
        }
        let (host, port) = read_host(rest)?;
        let scheme = scheme.to_ascii_lowercase();
        let port = port.or(default_port(&scheme));
        Some(Self { scheme, host, port })
    }
}

/// Reads `host` or `host:port`, as a Host header has it.
fn read_host(text: &str) -> Option<(UrlHost, Option<u16>)> {
    let odd = |b: u8| b <= b' ' || b >= 0x7f || b"/\\?#@,%".contains(&b);
    if text.len() > ORIGIN_BYTES_MAX || text.bytes().any(odd) {
        return None;
    }
    let (host, port) = match text.rfind(':') {
        Some(colon) if !text[colon..].contains(']') => {
            (&text[..colon], Some(super::address::parse_port(&text[colon + 1..])?))
        }
        _ => (text, None),
    };
    let host = UrlHost::parse(host)?;
    host.is_plain().then_some((host, port))
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    }
}

/// Longer than any host name, a scheme and a port.
const ORIGIN_BYTES_MAX: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    fn guard(origins: &str, hosts: &str) -> OriginGuard {
        let config = OriginConfig {
            origins: words(origins),
            hosts: words(hosts),
            ..OriginConfig::default()
        };
        OriginGuard::compile(&config).expect("a configuration")
    }

    fn refuses(list: &str, origin: &str, rule: &str) {
        let found = guard(list, "").check_origin(Some(origin)).expect_err(origin);
        assert_eq!(found.rule, rule, "{origin}");
        assert_eq!(guard("", "").check_origin(Some(origin)), Ok(()));
    }

    #[test]
    fn seed_3_patterns_mean_what_they_say() {
        let list = "http://localhost:*,https://*.smithery.ai";
        for origin in [
            "http://localhost",
            "http://localhost:3000",
            "http://LOCALHOST.:80",
            "https://a.smithery.ai",
            "https://a.b.smithery.ai",
            "https://A.Smithery.AI.:443",
        ] {
            assert_eq!(guard(list, "").check_origin(Some(origin)), Ok(()), "{origin}");
        }
        for origin in [
            "https://evilsmithery.ai",
            "https://smithery.ai",
            "http://a.smithery.ai",
            "https://a.smithery.ai:8443",
            "https://a.smithery.ai.evil.com",
            "https://localhost",
            "http://localhost.evil.com",
            "http://evil.com#localhost",
            "http://localhost@evil.com",
            "http://evil.com/http://localhost",
            "http://localhost:3000,http://evil.com",
            "http://localhost:3000 http://evil.com",
            "http://localhost:",
            "http://localhost:x",
            "http://localhost/",
            "localhost",
            "//localhost",
            "http://",
            "",
            "http://local\thost",
            "https://a..smithery.ai",
            "https://%61.smithery.ai",
            "https://.smithery.ai",
            "http://localhost\\",
            "h\u{e4}://localhost",
            "https://\u{212a}.smithery.ai",
        ] {
            refuses(list, origin, "origin");
        }
    }

    #[test]
    fn a_wildcard_ends_on_a_label_and_needs_its_scheme_and_port() {
        let list = "https://*.example.com,https://example.org:8443,https://b\u{fc}cher.example";
        for origin in
            ["https://a.example.com", "https://example.org:8443", "https://xn--bcher-kva.example"]
        {
            assert_eq!(guard(list, "").check_origin(Some(origin)), Ok(()), "{origin}");
        }
        for origin in [
            "https://evilexample.com",
            "https://example.com",
            "http://a.example.com",
            "https://example.org",
            "https://example.org:443",
            "https://b\u{fc}cher.example",
            "https://xn--bcher-kva.example:8443",
            "wss://a.example.com",
        ] {
            refuses(list, origin, "origin");
        }
        refuses("*,https://example.com", "null", "null-origin");
        assert_eq!(guard("*", "").check_origin(Some("https://any.example:1")), Ok(()));
        assert!(guard("*", "").check_origin(Some("no origin")).is_err());
        assert_eq!(guard("null", "").check_origin(Some("null")), Ok(()));
        refuses("null", "https://example.com", "origin");
        refuses("null", "NULL", "origin");
    }

    #[test]
    fn no_origin_passes_unless_one_is_required() {
        let config = OriginConfig {
            origins: words("https://example.com"),
            require_origin: true,
            ..OriginConfig::default()
        };
        let strict = OriginGuard::compile(&config).expect("a configuration");
        assert_eq!(strict.check_origin(None).expect_err("none").rule, "origin-missing");
        assert_eq!(guard("https://example.com", "").check_origin(None), Ok(()));
    }

    #[test]
    fn the_host_header_names_a_known_host() {
        let list = "localhost,127.0.0.1:3000,*.example.com:443,[::1]";
        for host in [
            "localhost",
            "LOCALHOST:3000",
            "localhost.:1",
            "127.0.0.1:3000",
            "a.example.com:443",
            "[::1]:80",
            "[0::1]",
        ] {
            assert_eq!(guard("", list).check_host(Some(host)), Ok(()), "{host}");
        }
        for host in [
            "127.0.0.1.evil.com",
            "127.0.0.1.evil.com:3000",
            "127.0.0.1",
            "127.0.0.1:3001",
            "evil.com",
            "localhost.evil.com",
            "a.example.com",
            "example.com:443",
            "user@localhost",
            "localhost/",
            "localhost,evil.com",
            "localhost evil.com",
            "localhost:",
            "",
            "::1",
            "localhost:99999",
            "localhost:80:80",
            "[::1",
            "local%68ost",
            "http://localhost",
            "evil.com:80#localhost",
            "localhost\\evil.com",
        ] {
            let found = guard("", list).check_host(Some(host)).expect_err(host);
            assert_eq!(found.rule, "host", "{host}");
            assert_eq!(guard("", "").check_host(Some(host)), Ok(()), "{host}");
        }
        assert!(guard("", list).check_host(None).is_err());
        assert_eq!(guard("", "*").check_host(Some("any.example:1")), Ok(()));
    }

    #[test]
    fn a_fault_of_the_configuration_is_named_by_its_key() {
        for text in ["example.com", "https://", "https://a/b", "://a", "https://*.*", "1x://a", ""]
        {
            let config = OriginConfig {
                origins: vec!["*".to_owned(), text.to_owned()],
                ..OriginConfig::default()
            };
            let Err(ConfigError::Setting(key, _)) = OriginGuard::compile(&config) else {
                panic!("{text}");
            };
            assert_eq!(key, "network.origins.origins[1]");
        }
    }
}
