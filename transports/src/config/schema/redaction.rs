//! `redaction`: what becomes of what is found, by group and by rule; names that say "secret"; what
//! a reader does not see.

use portcullis_engine::{AllowConfig, Mode, RuleConfig, Sanitise};

use super::Schema;
use crate::config::tree::{Node, Value};

const REDACTION: &[&str] = &["groups", "rules", "names", "allow", "sanitise"];
const ALLOWED: &[&str] = &["value", "sha256", "regex", "path", "linear", "rules"];
const GROUPS: &[&str] = &["secrets", "pii", "entropy"];
const RULE: &[&str] = &["action", "to", "replacement"];
const NAMES: &[&str] = &["add", "remove"];
const UNSEEN: &[&str] = &["zero_width", "bidi", "tags", "ansi"];
/// What becomes of a secret.
pub(super) const MODES: &[(&str, Mode)] = &[
    ("off", Mode::Off),
    ("on", Mode::On),
    ("log", Mode::Log),
    ("mask", Mode::Mask),
    ("redact", Mode::Redact),
    ("seal", Mode::Seal),
    ("block", Mode::Block),
];
const SANITISES: &[(&str, Sanitise)] = &[
    ("off", Sanitise::Off),
    ("log", Sanitise::Log),
    ("strip", Sanitise::Strip),
    ("block", Sanitise::Block),
];

impl Schema<'_> {
    pub(super) fn redaction(&mut self, node: Node, path: &str) {
        for (name, path, node) in self.walk.members(node, path, REDACTION) {
            match name {
                "groups" => self.groups(node, &path),
                "rules" => self.rules(node, &path),
                "names" => self.names(node, &path),
                "allow" => {
                    for (index, item) in self.walk.items(node, &path).into_iter().enumerate() {
                        self.allowed_entry(item, &format!("{path}[{index}]"));
                    }
                }
                _ => self.sanitise(node, &path),
            }
        }
    }

    fn groups(&mut self, node: Node, path: &str) {
        for (name, path, node) in self.walk.members(node, path, GROUPS) {
            let place = node.place;
            let Some(rule) = self.rule(node, &path) else { continue };
            self.settings.places.push((name.to_owned(), place));
            let groups = &mut self.settings.policy.redaction.groups;
            match name {
                "secrets" => groups.secrets = rule,
                "pii" => groups.pii = rule,
                _ => groups.entropy = rule,
            }
        }
    }

    fn rules(&mut self, node: Node, path: &str) {
        for (name, node) in self.walk.entries(node, path) {
            let place = node.place;
            // A key that is no rule may be anything, so it is not shown before it is known to be one.
            if let Some(rule) = self.rule(node, path) {
                self.settings.places.push((name.clone(), place));
                self.settings.policy.redaction.rules.insert(name, rule);
            }
        }
    }

    /// One word, or an action with its parts.
    fn rule(&mut self, node: Node, path: &str) -> Option<RuleConfig> {
        if !matches!(node.value, Value::Map(_)) {
            return self.walk.choice(node, path, "action", MODES).map(RuleConfig::from);
        }
        let faults = self.walk.faults.len();
        let mut rule = RuleConfig::default();
        for (name, path, node) in self.walk.members(node, path, RULE) {
            match name {
                "action" => {
                    let mode = self.walk.choice(node, &path, "action", MODES);
                    rule.mode = mode.unwrap_or_default();
                }
                "to" => rule.to = self.texts(node, &path),
                _ => rule.replacement = self.walk.text(node, &path),
            }
        }
        (self.walk.faults.len() == faults).then_some(rule)
    }

    fn names(&mut self, node: Node, path: &str) {
        for (name, path, node) in self.walk.members(node, path, NAMES) {
            for (index, item) in self.walk.items(node, &path).into_iter().enumerate() {
                let place = item.place;
                let Some(text) = self.walk.text(item, &format!("{path}[{index}]")) else {
                    continue;
                };
                self.settings.places.push((text.clone(), place));
                let names = &mut self.settings.policy.redaction.names;
                match name {
                    "add" => names.add.push(text),
                    _ => names.remove.push(text),
                }
            }
        }
    }

    /// A value or a place that passes although a rule finds something there.
    fn allowed_entry(&mut self, node: Node, path: &str) {
        let faults = self.walk.faults.len();
        self.walk.keys.push((path.to_owned(), node.place));
        let mut entry = AllowConfig::default();
        for (name, path, node) in self.walk.members(node, path, ALLOWED) {
            match name {
                "value" => {
                    entry.value = self.walk.text(node, &path);
                    // Who lets a value pass does not mean to show it to everybody.
                    self.settings.holds_token = true;
                }
                "sha256" => entry.sha256 = self.walk.text(node, &path),
                "regex" => entry.regex = self.walk.text(node, &path),
                "path" => entry.path = self.walk.text(node, &path),
                "linear" => entry.linear = self.walk.boolean(node, &path).unwrap_or_default(),
                _ => entry.rules = self.texts(node, &path),
            }
        }
        if self.walk.faults.len() == faults {
            self.settings.policy.redaction.allow.push(entry);
        }
    }

    fn sanitise(&mut self, node: Node, path: &str) {
        for (name, path, node) in self.walk.members(node, path, UNSEEN) {
            let Some(choice) = self.walk.choice(node, &path, "action", SANITISES) else { continue };
            let sanitise = &mut self.settings.policy.sanitise;
            match name {
                "zero_width" => sanitise.zero_width = choice,
                "bidi" => sanitise.bidi = choice,
                "tags" => sanitise.tags = choice,
                _ => sanitise.ansi = choice,
            }
        }
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, node: Node, path: &str) -> Vec<String> {
        let items = self.walk.items(node, path).into_iter().enumerate();
        items
            .filter_map(|(index, item)| self.walk.text(item, &format!("{path}[{index}]")))
            .collect()
    }
}
