//! A refusal of the network checks: which check it was, and how to allow what it refused.

use std::fmt;

use super::address::AddressClass;

/// A check that refused. Says nothing of what was refused.
///
/// `Display` tells in words why, and how to allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The stable word of the check.
    pub rule: &'static str,
}

impl Denied {
    pub(crate) const fn new(rule: &'static str) -> Self {
        Self { rule }
    }

    pub(crate) const fn class(class: AddressClass) -> Self {
        Self { rule: class.name() }
    }

    /// Every check there is, by its word.
    pub fn rules() -> impl Iterator<Item = &'static str> {
        let classes = AddressClass::ALL.into_iter().filter(|class| *class != AddressClass::Public);
        classes.map(AddressClass::name).chain(RULES.iter().map(|(rule, _)| *rule))
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match RULES.iter().find(|(rule, _)| *rule == self.rule) {
            Some((_, words)) => f.write_str(words),
            None => write!(
                f,
                "the address is not on the public network ({0}): add {0:?} to urls.classes to let \
                 such addresses be, or its network to urls.nets",
                self.rule
            ),
        }
    }
}

impl std::error::Error for Denied {}

/// The word of each check that is no class of addresses, and what it says.
const RULES: &[(&str, &str)] = &[
    // URLs.
    ("url-length", "the URL is longer than urls.bytes_max: raise it to allow longer ones"),
    (
        "syntax",
        "the URL has characters or a form that programs read differently: write it plainly, or set \
         urls.loose_syntax",
    ),
    (
        "backslash",
        "the URL has a backslash, which some programs read as a slash: set urls.backslash to allow it",
    ),
    (
        "encoded-host",
        "the host of the URL is percent-encoded: write it plainly, or set urls.encoded_host",
    ),
    (
        "mapped-host",
        "the host of the URL has characters that some programs read as others: write it in ASCII \
         (xn--), or set urls.mapped_host",
    ),
    ("unreadable", "this is no absolute URL: write scheme://host/"),
    ("no-host", "the URL names no host: only URLs with a host can be allowed"),
    ("scheme", "the scheme of the URL is not allowed: add it to urls.schemes"),
    ("userinfo", "the URL carries a user name or a password: leave it out, or set urls.userinfo"),
    ("port", "the port of the URL is not allowed: add it to urls.ports"),
    ("host-denied", "the host is denied: remove it from urls.deny to allow it"),
    ("host-unlisted", "the host is not among those allowed: add it to urls.allow"),
    (
        "label",
        "the host has an inner name such as \"internal\": remove that word from urls.labels to allow it",
    ),
    (
        "single-label",
        "the host is a name without a dot, of an inner network: set urls.single_label to allow it",
    ),
    (
        "wildcard-dns",
        "the host belongs to a service that answers with any address a caller likes: set \
         urls.wildcard_dns to allow it",
    ),
    ("unresolved", "the host has no address that could be checked"),
    // Peers.
    (
        "address-denied",
        "the client's address is denied: remove it from addresses.deny, or wait until the entry \
         expires",
    ),
    (
        "address-unlisted",
        "the client's address is not among those allowed: add it to addresses.allow",
    ),
    ("origin", "the page's origin is not allowed: add it to origins.origins"),
    (
        "null-origin",
        "the page has no origin of its own: add \"null\" to origins.origins to allow it",
    ),
    (
        "origin-missing",
        "the request has no Origin header: unset origins.require_origin to allow that",
    ),
    ("host", "the server is not known by the name in the Host header: add it to origins.hosts"),
    // Cross-origin requests.
    ("cors-origin", "pages of this origin may not use the server: add it to cors.allowed_origins"),
    ("cors-method", "pages may not use this method: add it to cors.allowed_methods"),
    ("cors-header", "pages may not send one of these headers: add it to cors.allowed_headers"),
    (
        "cors-private-network",
        "pages may not reach into a private network: set cors.allow_private_network",
    ),
    // Paths.
    ("path-length", "the path is longer than paths.bytes_max: raise it to allow longer ones"),
    ("nul", "the path has a NUL, at which some programs end it: set paths.nul to allow it"),
    ("file-url", "the path is a file: URL: write it as a path, or set paths.file_url"),
    ("home", "the path begins with ~, which some programs expand: write it out, or set paths.home"),
    ("encoded", "the path has encoded separators or dots: write it plainly, or set paths.encoded"),
    ("windows", "the path is of a Windows form: set paths.windows where the server runs there"),
    (
        "windows-name",
        "the path has a name that Windows reads as another: set paths.windows_names to allow such \
         names",
    ),
    ("relative", "the path is relative: write it from the root, or set paths.relative"),
    ("dot-dot", "the path climbs above where it starts: write it without .., or set paths.dot_dot"),
    (
        "denied-path",
        "the path lies in a denied directory: remove that from paths.deny, or name a root below it",
    ),
    ("outside-roots", "the path lies outside the allowed directories: add one to paths.roots"),
    ("not-resolved", "the path was not resolved to an absolute one, so it cannot be allowed"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_one_word_and_says_how_to_allow() {
        let words: Vec<&str> = Denied::rules().collect();
        for (at, rule) in words.iter().enumerate() {
            assert!(!words[..at].contains(rule), "{rule} stands twice");
            assert!(rule.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{rule}");
            let text = Denied::new(rule).to_string();
            let hopeless = ["unreadable", "no-host", "unresolved", "not-resolved"];
            assert!(hopeless.contains(rule) || text.contains("s."), "{rule}: {text}");
        }
    }
}
