//! What was decided about each rule: whether it is in force, and what becomes of its matches.

use super::action::Action;
use super::catalogue::CATALOGUE;
use super::config::{PatternConfig, RedactionConfig};
use super::rule::Group;
use super::setting::{Mode, RuleConfig};
use crate::base::error::ConfigError;

/// The ruling on one rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ruling {
    pub(crate) action: Action,
    /// What was said of it.
    config: RuleConfig,
}

impl Ruling {
    /// Whether a sealed secret is turned back for this tool.
    pub(crate) fn opens_for(&self, tool: &str) -> bool {
        self.action == Action::Seal && self.config.opens_for(tool)
    }

    /// What stands in for a redacted match.
    pub(crate) fn replacement(&self, name: &str) -> String {
        let own = self.config.replacement.clone();
        own.unwrap_or_else(|| format!("[REDACTED:{name}]"))
    }
}

/// The rulings of a configuration, asked for by name.
pub(crate) struct Rulings<'a> {
    config: &'a RedactionConfig,
}

impl<'a> Rulings<'a> {
    /// Looks at what a configuration says of rules.
    ///
    /// # Errors
    /// A name that no rule has; parts of a setting that mean nothing together.
    pub(crate) fn new(config: &'a RedactionConfig) -> Result<Self, ConfigError> {
        for name in config.disable.iter().chain(config.rules.keys()) {
            if !names(config).any(|known| known == name) {
                return Err(ConfigError::UnknownRule(name.clone(), nearest(name, names(config))));
            }
        }
        let groups = Group::ALL.map(|group| (group.name().to_owned(), config.groups.of(group)));
        let rules = config.rules.iter().map(|(name, rule)| (name.clone(), rule));
        for (name, rule) in rules.chain(groups) {
            if let Some(why) = rule.fault() {
                return Err(ConfigError::RuleSetting(name, why));
            }
        }
        Ok(Self { config })
    }

    /// The ruling on a built-in rule, if it is in force.
    pub(crate) fn of(&self, name: &str, group: Group) -> Option<Ruling> {
        self.ruling(name, self.config.groups.of(group).clone())
    }

    /// The ruling on a pattern of the host's own, if it is in force.
    pub(crate) fn of_pattern(&self, pattern: &PatternConfig) -> Option<Ruling> {
        self.ruling(&pattern.name, setting(pattern))
    }

    /// What is said of the name goes before what its group or its pattern says; `on` takes the
    /// action from there.
    fn ruling(&self, name: &str, base: RuleConfig) -> Option<Ruling> {
        let config = match self.config.rules.get(name) {
            None => base,
            Some(said) => {
                let replacement = said.replacement.clone().or(base.replacement);
                let (mode, to) = match (said.mode, base.mode) {
                    (Mode::On, Mode::Off) => (Mode::On, Vec::new()),
                    (Mode::On, mode) => (mode, base.to),
                    (mode, _) => (mode, said.to.clone()),
                };
                RuleConfig { mode, to, replacement }
            }
        };
        let is_off = config.mode == Mode::Off || self.config.disable.iter().any(|off| off == name);
        let action = config.mode.action().unwrap_or_default();
        (self.config.enabled && !is_off).then_some(Ruling { action, config })
    }
}

/// What is wrong with what a pattern says of its matches, if anything is.
pub(crate) fn pattern_fault(pattern: &PatternConfig) -> Option<&'static str> {
    setting(pattern).fault()
}

fn setting(pattern: &PatternConfig) -> RuleConfig {
    let PatternConfig { action, to, replacement, .. } = pattern.clone();
    RuleConfig { mode: action, to, replacement }
}

/// The names of all rules.
pub(super) fn names(config: &RedactionConfig) -> impl Iterator<Item = &str> {
    let own = config.patterns.iter().map(|pattern| pattern.name.as_str());
    CATALOGUE.iter().map(|rule| rule.name).chain(own)
}

/// The name that is meant, most likely: the nearest one, if it is near at all.
pub(super) fn nearest<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let (distance, name) = names.map(|name| (distance(wanted, name), name)).min()?;
    (distance <= 2 + wanted.len().min(64) / 6).then(|| name.to_owned())
}

/// How many bytes have to be put in, taken out or exchanged (Levenshtein), of names that are cut at
/// 64 bytes.
fn distance(a: &str, b: &str) -> usize {
    let [a, b] = [a, b].map(|name| &name.as_bytes()[..name.len().min(64)]);
    let mut row: [usize; 65] = std::array::from_fn(|i| i);
    for (i, one) in a.iter().enumerate() {
        let mut before = std::mem::replace(&mut row[0], i + 1);
        for (j, other) in b.iter().enumerate() {
            let exchanged = before + usize::from(one != other);
            before = row[j + 1];
            row[j + 1] = exchanged.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_rule_is_told_with_the_nearest_name() {
        for (wanted, told) in [("github-tokn", true), ("completely-other-thing", false)] {
            let known = ["github-token", "gitlab-token"].into_iter();
            let nearest = nearest(wanted, known);
            assert_eq!(nearest.as_deref(), told.then_some("github-token"), "{wanted}");
        }
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
