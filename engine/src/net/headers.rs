//! The security headers of an answer over HTTP.
//!
//! Invariant: no value has a line break or another control character, so that none can add a header.

use super::config::HeaderConfig;
use crate::base::error::ConfigError;

/// The compiled form of [`HeaderConfig`].
#[derive(Clone, Debug, Default)]
pub struct HeaderSet {
    headers: Vec<(&'static str, String)>,
    hsts: Option<String>,
}

impl HeaderSet {
    /// Compiles a configuration; a fault is named by its key below `network.headers`.
    ///
    /// # Errors
    ///
    /// A value with a control character or a character that is not ASCII, or of over 4,096 bytes.
    pub fn compile(config: &HeaderConfig) -> Result<Self, ConfigError> {
        if !config.enabled {
            return Ok(Self::default());
        }
        let mut headers = Vec::new();
        for (key, name, value) in [
            ("content_type_options", "X-Content-Type-Options", &config.content_type_options),
            ("frame_options", "X-Frame-Options", &config.frame_options),
            ("content_security_policy", "Content-Security-Policy", &config.content_security_policy),
            ("referrer_policy", "Referrer-Policy", &config.referrer_policy),
            ("permissions_policy", "Permissions-Policy", &config.permissions_policy),
            ("xss_protection", "X-XSS-Protection", &config.xss_protection),
            ("dns_prefetch_control", "X-DNS-Prefetch-Control", &config.dns_prefetch_control),
            ("download_options", "X-Download-Options", &config.download_options),
            (
                "cross_domain_policies",
                "X-Permitted-Cross-Domain-Policies",
                &config.cross_domain_policies,
            ),
            ("cache_control", "Cache-Control", &config.cache_control),
        ] {
            let is_plain = value.bytes().all(|b| (b' '..=b'~').contains(&b));
            if !is_plain || value.len() > VALUE_BYTES_MAX {
                let why = "write one line of at most 4096 printable ASCII characters";
                return Err(ConfigError::Setting(format!("network.headers.{key}"), why.to_owned()));
            }
            if !value.trim().is_empty() {
                headers.push((name, value.trim().to_owned()));
            }
        }
        let below = if config.hsts_include_subdomains { "; includeSubDomains" } else { "" };
        let hsts = format!("max-age={}{below}", config.hsts_max_age);
        Ok(Self { headers, hsts: (config.hsts_max_age > 0).then_some(hsts) })
    }

    /// The headers to set, by name and value. `Strict-Transport-Security` is one of them over TLS
    /// alone: without it, whoever stands between could set it for a host that has no TLS.
    pub fn headers(&self, tls: bool) -> impl Iterator<Item = (&'static str, &str)> {
        let hsts = self.hsts.as_deref().filter(|_| tls);
        let hsts = hsts.map(|value| ("Strict-Transport-Security", value));
        self.headers.iter().map(|(name, value)| (*name, value.as_str())).chain(hsts)
    }
}

/// Much longer than any policy in use; servers take 8 KiB for all headers.
const VALUE_BYTES_MAX: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    fn set(config: &HeaderConfig, tls: bool) -> Vec<(&'static str, String)> {
        let set = HeaderSet::compile(config).expect("a configuration");
        set.headers(tls).map(|(name, value)| (name, value.to_owned())).collect()
    }

    #[test]
    fn the_seeds_headers_are_set_by_default() {
        let found = set(&HeaderConfig::default(), true);
        for (name, value) in [
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("X-XSS-Protection", "1; mode=block"),
            ("Referrer-Policy", "strict-origin-when-cross-origin"),
            ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
            ("X-DNS-Prefetch-Control", "off"),
            ("X-Download-Options", "noopen"),
            ("X-Permitted-Cross-Domain-Policies", "none"),
            ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
        ] {
            assert!(found.contains(&(name, value.to_owned())), "{name}");
        }
        let csp = found.iter().find(|(name, _)| *name == "Content-Security-Policy");
        assert!(csp.is_some_and(|(_, value)| value.starts_with("default-src 'self'")));
    }

    #[test]
    fn hsts_is_sent_over_tls_alone() {
        let has = |config: &HeaderConfig, tls| {
            set(config, tls).iter().any(|(name, _)| *name == "Strict-Transport-Security")
        };
        assert!(has(&HeaderConfig::default(), true));
        assert!(!has(&HeaderConfig::default(), false));
        assert!(!has(&HeaderConfig { hsts_max_age: 0, ..HeaderConfig::default() }, true));
    }

    #[test]
    fn each_header_can_be_left_out() {
        let config = HeaderConfig { frame_options: " ".to_owned(), ..HeaderConfig::default() };
        let all = set(&HeaderConfig::default(), false).len();
        assert_eq!(set(&config, false).len(), all - 1);
        let none = HeaderConfig { enabled: false, ..HeaderConfig::default() };
        assert!(set(&none, true).is_empty());
    }

    #[test]
    fn a_value_is_one_printable_line() {
        for value in ["a\r\nSet-Cookie: x=1", "a\nb", "a\rb", "a\0", "ä", "a\tb", "\u{7f}"] {
            let config =
                HeaderConfig { referrer_policy: value.to_owned(), ..HeaderConfig::default() };
            let Err(ConfigError::Setting(key, why)) = HeaderSet::compile(&config) else {
                panic!("{value:?}");
            };
            assert_eq!(key, "network.headers.referrer_policy");
            assert!(!why.contains("Cookie"));
        }
        for (length, fits) in [(4_095, true), (4_096, true), (4_097, false)] {
            let value = "a".repeat(length);
            let config = HeaderConfig { content_security_policy: value, ..HeaderConfig::default() };
            assert_eq!(HeaderSet::compile(&config).is_ok(), fits);
        }
    }
}
