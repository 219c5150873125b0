//! What a host did wrong when it configured the engine.

use std::fmt;

/// A configuration that the engine refuses. Carries names of keys and rules, never their values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A limit lies outside what the engine can keep: its name, the smallest and greatest value.
    Limit(&'static str, u64, u64),
    /// A token is empty. No token at all is spelled by leaving the list empty.
    EmptyToken,
    /// The credential to attach is empty. Attaching none is spelled by leaving it out.
    EmptyCredential,
    /// A policy demands tokens of the client and attaches one for it: the two are the two ends of a
    /// connection, and one engine stands at one of them.
    TokensAndCredential,
    /// A digest is not 64 hexadecimal digits.
    BadDigest,
    /// A redaction rule of this name is not known; the nearest name that is.
    UnknownRule(String, Option<String>),
    /// What is said of the rule of this name means nothing: why.
    RuleSetting(String, &'static str),
    /// A name in `names.add` has less than 3 or more than 32 letters and digits, or one in
    /// `names.remove` is not on the list.
    SecretName(String),
    /// The rule of this name seals, and the host has handed in no key.
    NoSealKey(String),
    /// An entry of the allow-list is refused: its number, from 1, and the reason.
    Allow(usize, String),
    /// A pattern of the host's own is refused: its name and the reason.
    Pattern(String, String),
    /// What a key says cannot be: the key as a path such as `quotas.rates[2].burst`, and why.
    Setting(String, String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(name, low, high) => write!(f, "{name} has to lie between {low} and {high}"),
            Self::EmptyToken => write!(
                f,
                "an auth token is empty: give it a value, or remove it to switch authentication off"
            ),
            Self::EmptyCredential => write!(
                f,
                "the credential to attach is empty: give it a value, or remove it to attach none"
            ),
            Self::TokensAndCredential => write!(
                f,
                "auth tokens are demanded and a credential is attached: keep the tokens where the \
                 server is guarded, or the credential where its client connects"
            ),
            Self::BadDigest => {
                write!(f, "a token digest is not 64 hexadecimal digits (SHA-256 of the token)")
            }
            Self::UnknownRule(name, None) => {
                write!(f, "there is no redaction rule named {name:?}")
            }
            Self::UnknownRule(name, Some(nearest)) => {
                write!(f, "there is no redaction rule named {name:?}; {nearest:?} is the nearest")
            }
            Self::NoSealKey(name) => write!(
                f,
                "rule {name:?} seals, which needs a key: the host has to hand in 32 random bytes"
            ),
            Self::RuleSetting(name, why) => write!(f, "rule {name:?}: {why}"),
            Self::SecretName(name) => write!(
                f,
                "the name {name:?} can be neither added nor removed: a name to add has 3 to 32 \
                 letters and digits, and a name to remove is one of the built-in list"
            ),
            Self::Allow(number, why) => write!(f, "entry {number} of the allow-list: {why}"),
            Self::Setting(key, why) => write!(f, "{key}: {why}"),
            Self::Pattern(name, why) => write!(f, "pattern {name:?}: {why}"),
        }
    }
}

impl std::error::Error for ConfigError {}
