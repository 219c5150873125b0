//! The compiled rules, and the one function that asks them.
//!
//! Invariant: `rulings` of a kind hold exactly the rules that name something of that kind, those
//! that deny first; the sieve of a kind stands for their names, in the same order.

use super::config::{Effect, RightConfig, RightsConfig};
use super::selector::{Selector, Who};
use super::spelling::Spellings;
use crate::base::error::ConfigError;
use crate::base::glob::{GlobSet, Sieve};

/// What may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tool = 0,
    Resource = 1,
    Prompt = 2,
    Method = 3,
}

/// Which rule says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// The rule at this place of the configuration.
    Rule(u16),
    /// None allows it, and the default is no.
    Default,
    /// The short list of tools that nobody may use.
    Tools,
}

/// One rule, for one kind.
#[derive(Debug)]
struct Entry {
    rule: u16,
    effect: Effect,
    selector: std::sync::Arc<Selector>,
    names: GlobSet,
}

/// Who may use what.
#[derive(Debug, Default)]
pub(crate) struct Rights {
    rulings: [Vec<Entry>; 4],
    sieves: [Sieve; 4],
    defaults: [Effect; 4],
}

impl Rights {
    /// # Errors
    /// A rule names nothing, or a pattern is none.
    pub(crate) fn compile(config: &RightsConfig) -> Result<Self, ConfigError> {
        let default = config.default;
        let mut rights = Self {
            rulings: Default::default(),
            sieves: Default::default(),
            defaults: [default.tools, default.resources, default.prompts, default.methods],
        };
        for (rule, right) in config.rules.iter().enumerate() {
            rights.add(rule, right)?;
        }
        for entries in &mut rights.rulings {
            entries.sort_by_key(|entry| entry.effect == Effect::Allow);
        }
        let sieve =
            |entries: &Vec<Entry>| Sieve::of(entries.iter().map(|entry| Some(&entry.names)));
        rights.sieves = rights.rulings.each_ref().map(sieve);
        Ok(rights)
    }

    fn add(&mut self, rule: usize, right: &RightConfig) -> Result<(), ConfigError> {
        let key = format!("rights.rules[{rule}]");
        let lists = [&right.principals, &right.roles, &right.scopes, &right.servers];
        let selector = Selector::compile(&key, lists.map(Vec::as_slice))?;
        let selector = std::sync::Arc::new(selector);
        let kinds = [
            ("tools", &right.tools),
            ("resources", &right.resources),
            ("prompts", &right.prompts),
            ("methods", &right.methods),
        ];
        if kinds.iter().all(|(_, names)| names.is_empty()) {
            let what = "names no tools, resources, prompts or methods, so it does nothing: name \
                        some, or remove it";
            return Err(ConfigError::Setting(key, what.into()));
        }
        for ((name, names), entries) in kinds.into_iter().zip(&mut self.rulings) {
            if names.is_empty() {
                continue;
            }
            let names = GlobSet::parse(names, &format!("{key}.{name}"))?;
            let selector = std::sync::Arc::clone(&selector);
            entries.push(Entry { rule: rule as u16, effect: right.effect, selector, names });
        }
        Ok(())
    }

    /// Whether anything of this kind may be refused at all.
    pub(crate) fn judges(&self, kind: Kind) -> bool {
        let entries = &self.rulings[kind as usize];
        self.defaults[kind as usize] == Effect::Deny
            || entries.first().is_some_and(|entry| entry.effect == Effect::Deny)
    }

    /// Whether what may be used of this kind depends on who asks.
    pub(crate) fn is_personal(&self, kind: Kind) -> bool {
        self.judges(kind)
            && self.rulings[kind as usize].iter().any(|entry| entry.selector.is_personal())
    }

    /// Whether this may be used.
    ///
    /// # Errors
    /// The rule that says no.
    pub(crate) fn judge(&self, kind: Kind, name: &str, who: Who<'_>) -> Result<(), Ruling> {
        if !self.judges(kind) {
            return Ok(());
        }
        match kind {
            Kind::Resource => {
                let spellings = Spellings::of(name);
                let denies = |names: &GlobSet| {
                    spellings.is_unclear || spellings.iter().any(|name| names.matches_any(name))
                };
                let allows = |names: &GlobSet| {
                    !spellings.is_unclear && spellings.iter().all(|name| names.matches_any(name))
                };
                let entries = self.rulings[kind as usize].iter();
                self.fold(entries, kind, who, denies, allows)
            }
            _ => {
                let matches = |names: &GlobSet| names.matches_any(name);
                let candidates = self.sieves[kind as usize].candidates(name);
                let entries = candidates.map(|place| &self.rulings[kind as usize][place]);
                self.fold(entries, kind, who, matches, matches)
            }
        }
    }

    /// The first that denies decides, then the first that allows, then the default.
    fn fold<'e>(
        &self,
        entries: impl Iterator<Item = &'e Entry>,
        kind: Kind,
        who: Who<'_>,
        denies: impl Fn(&GlobSet) -> bool,
        allows: impl Fn(&GlobSet) -> bool,
    ) -> Result<(), Ruling> {
        for entry in entries {
            let names_it = match entry.effect {
                Effect::Deny => denies(&entry.names),
                Effect::Allow => allows(&entry.names),
            };
            if names_it && entry.selector.is_about(who) {
                return match entry.effect {
                    Effect::Deny => Err(Ruling::Rule(entry.rule)),
                    Effect::Allow => Ok(()),
                };
            }
        }
        match self.defaults[kind as usize] {
            Effect::Allow => Ok(()),
            Effect::Deny => Err(Ruling::Default),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: Who<'static> = Who { identity: None, server: "files" };

    fn rule(effect: Effect, tools: &[&str], resources: &[&str]) -> RightConfig {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        RightConfig {
            name: "r".into(),
            effect,
            tools: owned(tools),
            resources: owned(resources),
            ..RightConfig::default()
        }
    }

    fn rights(default: Effect, rules: Vec<RightConfig>) -> Rights {
        let mut config = RightsConfig { rules, ..RightsConfig::default() };
        config.default.tools = default;
        config.default.resources = default;
        Rights::compile(&config).expect("rights")
    }

    #[test]
    fn denying_goes_first_and_the_default_last() {
        use Effect::{Allow, Deny};
        let rules =
            || vec![rule(Allow, &["read_*"], &[]), rule(Deny, &["read_secret", "drop_?"], &[])];
        for (default, name, wanted) in [
            (Allow, "read_file", Ok(())),
            (Allow, "read_secret", Err(Ruling::Rule(1))),
            (Allow, "drop_a", Err(Ruling::Rule(1))),
            (Allow, "drop_ab", Ok(())),
            (Deny, "read_file", Ok(())),
            (Deny, "read_secret", Err(Ruling::Rule(1))),
            (Deny, "drop_ab", Err(Ruling::Default)),
            (Deny, "", Err(Ruling::Default)),
        ] {
            let rights = rights(default, rules());
            assert_eq!(rights.judge(Kind::Tool, name, NOBODY), wanted, "{default:?} {name}");
            assert_eq!(rights.judge(Kind::Prompt, name, NOBODY), Ok(()), "{name}");
        }
    }

    #[test]
    fn a_uri_is_denied_in_every_spelling_and_allowed_in_none_that_is_unclear() {
        use Effect::{Allow, Deny};
        let denying = rights(Allow, vec![rule(Deny, &[], &["file:///etc/*"])]);
        let allowing = rights(Deny, vec![rule(Allow, &[], &["file:///data/*"])]);
        for uri in ["file:///etc/passwd", "file:///%65tc/passwd", "file:///%2565tc/x", "x/../y"] {
            assert!(denying.judge(Kind::Resource, uri, NOBODY).is_err(), "{uri}");
        }
        assert!(denying.judge(Kind::Resource, "file:///etcetera", NOBODY).is_ok());
        for (uri, wanted) in [
            ("file:///data/a", true),
            ("file:///data/%61", true),
            ("file:///data/../etc/passwd", false),
            ("file:///data/%2e%2e/etc/passwd", false),
            ("file:///%64ata/a", false),
        ] {
            assert_eq!(allowing.judge(Kind::Resource, uri, NOBODY).is_ok(), wanted, "{uri}");
        }
    }

    #[test]
    fn a_rule_that_names_nothing_is_an_error() {
        let config =
            RightsConfig { rules: vec![rule(Effect::Deny, &[], &[])], ..RightsConfig::default() };
        let Err(ConfigError::Setting(key, _)) = Rights::compile(&config) else {
            panic!("no fault");
        };
        assert_eq!(key, "rights.rules[0]");
    }
}
