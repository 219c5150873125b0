//! What a host says about redaction. Plain data; nothing is compiled here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
            rules: BTreeMap::new(),
            seal_key: None,
            disable: Vec::new(),
            patterns: Vec::new(),
            names: NameConfig::default(),
        }
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
    /// What is wrong with it.
    pub reason: String,
    /// Where in the pattern, in bytes.
    pub at: Option<usize>,
}
