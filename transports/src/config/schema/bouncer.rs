//! `bouncer`: what is taken out of what passes.

use portcullis_engine::PatternConfig;

use super::Schema;
use super::redaction::MODES;
use crate::config::tree::Node;

const BOUNCER: &[&str] = &["enabled", "strict", "disable", "patterns"];
const PATTERN: &[&str] = &["name", "type", "pattern", "replacement", "action", "to", "linear"];
const TYPES: &[(&str, &str)] = &[("regex", "regex"), ("literal", "literal"), ("glob", "glob")];

impl Schema<'_> {
    pub(super) fn bouncer(&mut self, node: Node, path: &str) {
        for (name, path, node) in self.walk.members(node, path, BOUNCER) {
            let place = node.place;
            match name {
                "enabled" => {
                    if let Some(value) = self.walk.boolean(node, &path) {
                        self.settings.policy.redaction.enabled = value;
                    }
                    if !self.settings.policy.redaction.enabled {
                        self.walk.warn(place, &path, "secrets are not taken out", "");
                    }
                }
                "strict" => {
                    if let Some(value) = self.walk.boolean(node, &path) {
                        self.settings.policy.redaction.strict = value;
                    }
                }
                "disable" => {
                    for (index, item) in self.walk.items(node, &path).into_iter().enumerate() {
                        let place = item.place;
                        if let Some(rule) = self.walk.text(item, &format!("{path}[{index}]")) {
                            self.settings.places.push((rule.clone(), place));
                            self.settings.policy.redaction.disable.push(rule);
                        }
                    }
                }
                _ => {
                    for (index, item) in self.walk.items(node, &path).into_iter().enumerate() {
                        self.pattern(item, &format!("{path}[{index}]"));
                    }
                }
            }
        }
    }

    fn pattern(&mut self, node: Node, path: &str) {
        let place = node.place;
        let faults = self.walk.faults.len();
        let mut members = serde_json::Map::new();
        for (name, path, node) in self.walk.members(node, path, PATTERN) {
            let value = match name {
                "linear" => self.walk.boolean(node, &path).map(serde_json::Value::from),
                "type" => self.walk.choice(node, &path, "type", TYPES).map(serde_json::Value::from),
                "action" => {
                    let mode = self.walk.choice(node, &path, "action", MODES);
                    mode.map(|mode| serde_json::Value::from(mode.name()))
                }
                "to" => Some(serde_json::Value::from(self.texts(node, &path))),
                _ => self.walk.text(node, &path).map(serde_json::Value::from),
            };
            let Some(value) = value else { continue };
            members.insert(name.to_owned(), value);
        }
        for name in ["name", "pattern"] {
            let empty = members.get(name).is_none_or(|value| value == "");
            if empty && self.walk.faults.len() == faults {
                self.missing(place, path, name);
            }
        }
        if self.walk.faults.len() > faults {
            return;
        }
        match serde_json::from_value::<PatternConfig>(members.into()) {
            Ok(pattern) => {
                self.settings.places.push((pattern.name.clone(), place));
                self.settings.policy.redaction.patterns.push(pattern);
            }
            // Its own words might quote the pattern.
            Err(_) => self.walk.fault(place, path, "this is no pattern", ""),
        }
    }
}
