//! What a server of a daemon finds in its environment: what programs need to find their way, what
//! the configuration names, and nothing else of ours.

use std::ffi::OsString;

use crate::config::EnvironmentSettings;

/// The variables for one server, out of `ours`. What is set wins over what is passed on.
pub fn environment(
    settings: &EnvironmentSettings,
    ours: impl Iterator<Item = (OsString, OsString)>,
) -> Vec<(OsString, OsString)> {
    let wanted = |name: &str| {
        let named = settings.pass.iter().map(String::as_str);
        !settings.set.contains_key(name)
            && !name.starts_with("PORTCULLIS_")
            && !settings.withheld.contains(&name)
            && PASSED.iter().copied().chain(named).any(|pattern| matches(pattern, name))
    };
    let passed = ours.filter(|(name, _)| name.to_str().is_some_and(wanted));
    let set = settings.set.iter().map(|(name, value)| (name.into(), value.into()));
    passed.chain(set).collect()
}

/// A name, or with `*` at its end all that begin so.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => pattern == name,
    }
}

/// What every server gets: where things are, language and time, proxies and certificates.
pub const PASSED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_*",
    "TMPDIR",
    "TZ",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_is_passed_on() {
        let ours = [
            ("PATH", "/bin"),
            ("LC_TIME", "C"),
            ("LCX", "x"),
            ("AWS_SECRET_ACCESS_KEY", "SECRET-1"),
            ("GIT_AUTHOR_NAME", "me"),
            ("GIT_AUTHOR_TOKEN", "SECRET-3"),
            ("GIT_DIR", "x"),
            ("TZ", "UTC"),
            ("PORTCULLIS_TOKEN", "SECRET-2"),
            ("NOTIFY_SOCKET", "x"),
        ];
        let settings = EnvironmentSettings {
            pass: vec!["GIT_AUTHOR_*".into(), "PORTCULLIS_*".into()],
            set: [("TZ".to_owned(), "CET".to_owned()), ("B".to_owned(), String::new())].into(),
            withheld: vec!["GIT_AUTHOR_TOKEN", "B"],
        };
        let ours = ours.into_iter().map(|(name, value)| (name.into(), value.into()));
        let mut got = environment(&settings, ours);
        got.sort();
        let text: Vec<_> = got
            .iter()
            .map(|(name, value)| format!("{}={}", name.to_str().unwrap(), value.to_str().unwrap()))
            .collect();
        assert_eq!(text, ["B=", "GIT_AUTHOR_NAME=me", "LC_TIME=C", "PATH=/bin", "TZ=CET"]);
    }
}
