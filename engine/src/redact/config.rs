//! What a host says about redaction. Plain data; nothing is compiled here.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::rule::Group;
use super::seal_key::SealKey;
use super::setting::{Mode, RuleConfig};

/// Which rules are in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RedactionConfig {
    /// Whether anything is looked for at all.
    pub enabled: bool,
    /// Whether a pattern that is not admitted is an error rather than skipped.
    pub strict: bool,
    /// Which groups of built-in rules are in force, and what becomes of their matches.
    pub groups: GroupConfig,
    /// What becomes of the matches of single rules, by their names; the host's own patterns too.
    pub rules: BTreeMap<String, RuleConfig>,
    /// What the placeholders of sealed secrets are made with; needed where a rule seals. It comes
    /// from the host, never from a file.
    #[serde(skip)]
    pub seal_key: Option<SealKey>,
    /// Names of rules that are switched off, whatever else is said of them.
    pub disable: Vec<String>,
    /// The host's own patterns.
    pub patterns: Vec<PatternConfig>,
    /// Values and places that pass although a rule finds something there.
    pub allow: Vec<AllowConfig>,
    /// Names whose values are secret.
    pub names: NameConfig,
}

/// What the list of names whose values are secret (`password`, `api_key`, ...) differs by.
///
/// A name is told by its end, in any case and with any `_`, `-` and `.`: `db_password` and
/// `DB-Password` end with `password`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NameConfig {
    /// Names that say so too.
    pub add: Vec<String>,
    /// Names of the list that do not.
    pub remove: Vec<String>,
}

impl Default for RedactionConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            strict: false,
            groups: GroupConfig::default(),
            rules: BTreeMap::new(),
            seal_key: None,
            disable: Vec::new(),
            patterns: Vec::new(),
            allow: Vec::new(),
            names: NameConfig::default(),
        }
    }
}

/// Which groups of built-in rules are in force, and what becomes of their matches. What is said of a
/// single rule goes before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GroupConfig {
    /// Credentials.
    pub secrets: RuleConfig,
    /// Personal data: cards, accounts, addresses, numbers of the state. Off by default.
    pub pii: RuleConfig,
    /// Long random values beside a word such as key or token.
    pub entropy: RuleConfig,
}

impl GroupConfig {
    pub(crate) fn of(&self, group: Group) -> &RuleConfig {
        match group {
            Group::Secrets => &self.secrets,
            Group::Personal => &self.pii,
            Group::Entropy => &self.entropy,
        }
    }
}

impl Default for GroupConfig {
    fn default() -> Self {
        let on = RuleConfig::default();
        Self { secrets: on.clone(), pii: Mode::Off.into(), entropy: on }
    }
}

/// A pattern of the host's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternConfig {
    /// Its name, in replacements and in the audit: letters, digits, `.`, `_` and `-`.
    pub name: String,
    /// How the pattern is written.
    #[serde(rename = "type", default)]
    pub kind: PatternKind,
    /// The pattern.
    pub pattern: String,
    /// What stands in for a match, as it is; `[REDACTED:name]` by default.
    #[serde(default)]
    pub replacement: Option<String>,
    /// What becomes of a match; what `rules` says of its name goes before.
    #[serde(default)]
    pub action: Mode,
    /// For `action: seal`: the tools for which the placeholder is turned back.
    #[serde(default)]
    pub to: Vec<String>,
    /// Admits a regular expression that a backtracking engine would choke on. This one is linear
    /// either way.
    #[serde(default)]
    pub linear: bool,
}

/// A value that passes although a rule finds it, or a place in a message at which all values do. One
/// of `value`, `sha256`, `regex` and `path` is given.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AllowConfig {
    /// The value, as it is.
    pub value: Option<String>,
    /// The SHA-256 of the value in hexadecimal digits, for lists that others may read.
    pub sha256: Option<String>,
    /// A regular expression that the whole value has to match; admitted as a pattern is.
    pub regex: Option<String>,
    /// A place in a message, or many: a JSON pointer (RFC 6901) from the top of the message, in
    /// which `*` stands for one step and `**`, once, for any number of them. Strings there pass
    /// whole; the names of members have no path, and neither has plain text.
    pub path: Option<String>,
    /// Admits a regular expression that a backtracking engine would choke on.
    pub linear: bool,
    /// The rules that it is for, by their names; none: every rule.
    pub rules: Vec<String>,
}

/// Shows no value: it may be a secret that somebody lets pass.
impl fmt::Debug for AllowConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllowConfig")
            .field("value", &self.value.is_some())
            .field("sha256", &self.sha256)
            .field("regex", &self.regex.is_some())
            .field("path", &self.path)
            .field("linear", &self.linear)
            .field("rules", &self.rules)
            .finish()
    }
}

/// How a pattern is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PatternKind {
    /// A regular expression.
    #[default]
    Regex,
    /// A text that has to occur as it is.
    Literal,
    /// A text in which `*` stands for any run of characters without white space, and `?` for one
    /// such character.
    Glob,
}

/// A pattern that was skipped, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternFault {
    /// Its name.
    pub name: String,
    /// Its place among the patterns, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub reason: String,
    /// Where in the pattern, in bytes.
    pub at: Option<usize>,
}
