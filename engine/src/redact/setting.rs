//! What a host says about a rule or a group: whether it is in force, and what becomes of a match.
//! Plain data.

use serde::{Deserialize, Serialize};

use super::action::Action;

/// What becomes of the matches of one rule, or of a group of rules.
///
/// Written as one word (`off`, `on`, `log`, `mask`, `redact`, `seal`, `block`), or with its parts:
/// `{"action": "seal", "to": ["db_*"]}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct RuleConfig {
    /// Whether the rule is in force, and its action.
    pub mode: Mode,
    /// For `seal`: the tools for which the placeholder is turned back, by exact name or by its
    /// beginning and `*`. None: it never is.
    pub to: Vec<String>,
    /// What stands in for a match where it is redacted, instead of `[REDACTED:name]`.
    pub replacement: Option<String>,
}

impl From<Mode> for RuleConfig {
    fn from(mode: Mode) -> Self {
        Self { mode, ..Self::default() }
    }
}

/// Whether a rule is in force, and its action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nothing is looked for.
    Off,
    /// In force, with the action of its group; for a group `redact`.
    #[default]
    On,
    /// [`Action::Log`].
    Log,
    /// [`Action::Mask`].
    Mask,
    /// [`Action::Redact`].
    Redact,
    /// [`Action::Seal`].
    Seal,
    /// [`Action::Block`].
    Block,
}

impl Mode {
    /// Every mode there is.
    pub const ALL: [Mode; 7] =
        [Mode::Off, Mode::On, Mode::Log, Mode::Mask, Mode::Redact, Mode::Seal, Mode::Block];

    /// Its name in a configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Off => "off",
            Mode::On => "on",
            Mode::Log => "log",
            Mode::Mask => "mask",
            Mode::Redact => "redact",
            Mode::Seal => "seal",
            Mode::Block => "block",
        }
    }

    /// The action that it names.
    #[must_use]
    pub const fn action(self) -> Option<Action> {
        match self {
            Mode::Off | Mode::On => None,
            Mode::Log => Some(Action::Log),
            Mode::Mask => Some(Action::Mask),
            Mode::Redact => Some(Action::Redact),
            Mode::Seal => Some(Action::Seal),
            Mode::Block => Some(Action::Block),
        }
    }
}

/// Most names of tools that one rule opens for.
const TOOLS_MAX: usize = 64;

impl RuleConfig {
    /// What is wrong with it, if anything is.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let seals = self.mode == Mode::Seal;
        let redacts = matches!(self.mode, Mode::On | Mode::Redact | Mode::Seal);
        let is_plain = |tool: &String| {
            !tool.is_empty() && !tool[..tool.len() - 1].contains('*') && tool.len() <= 256
        };
        match self {
            _ if !seals && !self.to.is_empty() => Some("`to` needs `action: seal`"),
            _ if self.to.len() > TOOLS_MAX => Some("`to` names more than 64 tools"),
            _ if !self.to.iter().all(is_plain) => {
                Some("`to` names tools, each exactly or by its beginning and `*` at the end")
            }
            Self { replacement: Some(_), .. } if !redacts => {
                Some("`replacement` needs `action: redact` or `action: seal`")
            }
            Self { replacement: Some(text), .. } if text.len() > REPLACEMENT_BYTES_MAX => {
                Some("`replacement` is longer than 1024 bytes")
            }
            _ => None,
        }
    }

    /// Whether placeholders are turned back for this tool.
    #[must_use]
    pub fn opens_for(&self, tool: &str) -> bool {
        self.to.iter().any(|known| match known.strip_suffix('*') {
            Some(beginning) => tool.starts_with(beginning),
            None => tool == known,
        })
    }
}

/// A replacement is at most this long, so that a frame cannot grow by much.
pub(crate) const REPLACEMENT_BYTES_MAX: usize = 1 << 10;

/// The two ways to write it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Word(Mode),
    Parts(Parts),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    #[serde(default)]
    action: Mode,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    to: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replacement: Option<String>,
}

impl From<Written> for RuleConfig {
    fn from(written: Written) -> Self {
        match written {
            Written::Word(mode) => mode.into(),
            Written::Parts(Parts { action, to, replacement }) => {
                Self { mode: action, to, replacement }
            }
        }
    }
}

impl From<RuleConfig> for Written {
    fn from(config: RuleConfig) -> Self {
        match config {
            RuleConfig { mode, to, replacement: None } if to.is_empty() => Written::Word(mode),
            RuleConfig { mode, to, replacement } => {
                Written::Parts(Parts { action: mode, to, replacement })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_a_word_or_parts() {
        for mode in Mode::ALL {
            let word = format!("\"{}\"", mode.name());
            let read: RuleConfig = serde_json::from_str(&word).expect("a word");
            assert_eq!(read, RuleConfig::from(mode));
            assert_eq!(serde_json::to_string(&read).expect("json"), word);
        }
        let parts = r#"{"action":"seal","to":["db_*","query"]}"#;
        let read: RuleConfig = serde_json::from_str(parts).expect("parts");
        assert_eq!(serde_json::to_string(&read).expect("json"), parts);
        assert_eq!(read.fault(), None);
        for (tool, opens) in [("db_x", true), ("db_", true), ("db", false), ("query2", false)] {
            assert_eq!(read.opens_for(tool), opens, "{tool}");
        }
        assert!(serde_json::from_str::<RuleConfig>(r#"{"action":"eat"}"#).is_err());
        assert!(serde_json::from_str::<RuleConfig>(r#"{"actions":"log"}"#).is_err());
    }

    #[test]
    fn parts_that_mean_nothing_are_faults() {
        for (text, faulty) in [
            (r#"{"action":"log","to":["a"]}"#, true),
            (r#"{"action":"block","replacement":"x"}"#, true),
            (r#"{"action":"seal","to":["a*b"]}"#, true),
            (r#"{"action":"seal","to":[""]}"#, true),
            (r#"{"action":"seal","to":["*"]}"#, false),
            (r#"{"replacement":"x"}"#, false),
        ] {
            let read: RuleConfig = serde_json::from_str(text).expect("parts");
            assert_eq!(read.fault().is_some(), faulty, "{text}");
        }
        let long = RuleConfig { replacement: Some("x".repeat(1_025)), ..RuleConfig::default() };
        assert!(long.fault().is_some());
    }
}
