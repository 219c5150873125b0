//! What the keys of a configuration mean: from a tree to a policy and limits.

use std::path::Path;

use portcullis_engine::{ConfigError, Limits, PatternConfig, TokenConfig, UnreadableId};

use super::environment::replace;
use super::fault::Faults;
use super::settings::Settings;
use super::tree::{Node, Value};
use super::walk::{Force, Known, Walk};

/// Interprets a document.
///
/// # Errors
/// Every fault that was found, in the order of the file.
pub fn interpret(
    root: Node,
    file: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, Faults> {
    let walk = Walk { file: file.into(), environment, faults: Vec::new(), warnings: Vec::new() };
    let mut schema = Schema { walk, settings: Settings::default() };
    schema.root(root);
    let Schema { walk, mut settings } = schema;
    settings.warnings = walk.warnings;
    settings.warnings.sort_by_key(|warning| warning.place);
    if walk.faults.is_empty() {
        Ok(settings)
    } else {
        let mut faults = walk.faults;
        faults.sort_by_key(|fault| fault.place);
        Err(Faults(faults))
    }
}

const ROOT: &[Known] = &[
    ("bouncer", Force::Now),
    ("socket", Force::Now),
    ("server", Force::Now),
    ("servers", Force::Idle),
    ("limits", Force::Now),
    ("requests", Force::Now),
    ("batch", Force::Now),
    ("refusals", Force::Now),
    ("tools", Force::Later),
    ("paths", Force::Later),
];
const BOUNCER: &[Known] = &[
    ("enabled", Force::Now),
    ("strict", Force::Now),
    ("disable", Force::Now),
    ("patterns", Force::Now),
];
const PATTERN: &[Known] = &[
    ("name", Force::Now),
    ("type", Force::Now),
    ("pattern", Force::Now),
    ("replacement", Force::Now),
    ("linear", Force::Now),
];
const SOCKET: &[Known] = &[
    ("auth_token", Force::Now),
    ("auth_tokens", Force::Now),
    ("perm", Force::Idle),
    ("rate_limit", Force::Idle),
];
const TOKEN: &[Known] = &[("name", Force::Now), ("token", Force::Now), ("sha256", Force::Now)];
const LIMITS: &[Known] = &[
    ("frame_bytes_max", Force::Now),
    ("frame_depth_max", Force::Now),
    ("id_bytes_max", Force::Now),
    ("members_max", Force::Now),
    ("requests_open_max", Force::Now),
    ("answers_owed_max", Force::Now),
    ("batches_max", Force::Now),
    ("listens_max", Force::Now),
    ("refused_in_a_row_max", Force::Now),
];
const SIDES: &[Known] = &[("client", Force::Now), ("server", Force::Now)];

struct Schema<'a> {
    walk: Walk<'a>,
    settings: Settings,
}

impl Schema<'_> {
    fn root(&mut self, node: Node) {
        for (name, path, node) in self.walk.members(node, "", ROOT) {
            match name {
                "bouncer" => self.bouncer(node, &path),
                "socket" => self.socket(node, &path),
                "server" => self.server(node, &path),
                "limits" => self.limits(node, &path),
                "requests" => self.requests(node, &path),
                "batch" => self.batch(node, &path),
                _ => self.refusals(node, &path),
            }
        }
    }

    fn bouncer(&mut self, node: Node, path: &str) {
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
            let place = node.place;
            let value = if name == "linear" {
                self.walk.boolean(node, &path).map(serde_json::Value::from)
            } else {
                self.walk.text(node, &path).map(serde_json::Value::from)
            };
            let Some(value) = value else { continue };
            if name == "type" && !["regex", "literal", "glob"].iter().any(|kind| value == *kind) {
                self.walk.fault(
                    place,
                    &path,
                    "there is no such type",
                    "it is regex, literal or glob",
                );
            }
            members.insert(name.to_owned(), value);
        }
        for name in ["name", "pattern"] {
            let empty = members.get(name).is_none_or(|value| value == "");
            if empty && self.walk.faults.len() == faults {
                self.walk.fault(
                    place,
                    path,
                    format!("the key `{name}` is missing or empty"),
                    "add it",
                );
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

    fn socket(&mut self, node: Node, path: &str) {
        for (name, path, node) in self.walk.members(node, path, SOCKET) {
            if name == "auth_token" {
                let config = TokenConfig { token: self.token(node, &path), ..Default::default() };
                self.settings.policy.auth.tokens.push(config);
                continue;
            }
            for (index, item) in self.walk.items(node, &path).into_iter().enumerate() {
                self.named_token(item, &format!("{path}[{index}]"));
            }
        }
    }

    fn named_token(&mut self, node: Node, path: &str) {
        let place = node.place;
        let mut config = TokenConfig::default();
        let mut given = 0;
        for (name, path, node) in self.walk.members(node, path, TOKEN) {
            let place = node.place;
            match name {
                "name" => config.name = self.walk.text(node, &path).unwrap_or_default(),
                "token" => {
                    given += 1;
                    config.token = self.token(node, &path);
                }
                _ => {
                    given += 1;
                    config.sha256 = self.walk.text(node, &path);
                    let digits = |text: &String| {
                        text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
                    };
                    if config.sha256.as_ref().is_some_and(|text| !digits(text)) {
                        let remedy = "printf %s \"$TOKEN\" | sha256sum";
                        self.walk.fault(place, &path, "is not 64 hexadecimal digits", remedy);
                    }
                }
            }
        }
        if given != 1 {
            let what = "has to have exactly one of `token` and `sha256`";
            self.walk.fault(place, path, what, "keep one of them");
        }
        self.settings.policy.auth.tokens.push(config);
    }

    /// A token in clear: never empty, and remembered if it stands in the file itself.
    fn token(&mut self, node: Node, path: &str) -> Option<String> {
        let place = node.place;
        let written = match &node.value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        };
        let text = self.walk.text(node, path)?;
        if text.is_empty() {
            let remedy = "give it a value, or remove the key to switch authentication off";
            self.walk.fault(place, path, "an empty token would let everybody in", remedy);
            return None;
        }
        // What is left once the variables are gone stands in the file itself.
        let written = written.unwrap_or_default().replace("$${", "$");
        let literal = replace(&written, &|_| Some(String::new())).map(|left| left.text);
        let literal = literal.unwrap_or_default();
        self.settings.holds_token |= !literal.is_empty();
        if literal.contains("${") || literal.contains("{{") {
            let remedy = "spell it ${NAME}, or $${ for the text ${ itself";
            self.walk.fault(place, path, "what looks like a variable is none", remedy);
            return None;
        }
        Some(text)
    }

    fn server(&mut self, node: Node, path: &str) {
        for (_, path, node) in self.walk.members(node, path, &[("max_batch_size", Force::Now)]) {
            self.limit(node, &path, false, |limits, value| limits.batch_window = value);
        }
    }

    fn limits(&mut self, node: Node, path: &str) {
        for (name, path, node) in self.walk.members(node, path, LIMITS) {
            match name {
                "frame_bytes_max" => self.frame_bytes(node, &path),
                "frame_depth_max" => self.limit(node, &path, false, |l, v| l.frame_depth_max = v),
                "id_bytes_max" => self.limit(node, &path, true, |l, v| l.id_bytes_max = v),
                "members_max" => self.limit(node, &path, false, |l, v| l.members_max = v),
                "requests_open_max" => {
                    self.limit(node, &path, false, |l, v| l.requests_open_max = v);
                }
                "answers_owed_max" => self.limit(node, &path, false, |l, v| l.answers_owed_max = v),
                "batches_max" => self.limit(node, &path, false, |l, v| l.batches_max = v),
                "listens_max" => self.limit(node, &path, false, |l, v| l.listens_max = v),
                _ => self.limit(node, &path, false, |l, v| l.refused_in_a_row_max = v),
            }
        }
    }

    fn frame_bytes(&mut self, node: Node, path: &str) {
        if !matches!(node.value, Value::Map(_)) {
            return self.limit(node, path, true, |l, v| l.frame_bytes_max = [v; 2]);
        }
        for (name, path, node) in self.walk.members(node, path, SIDES) {
            let side = usize::from(name == "server");
            self.limit(node, &path, true, |l, v| l.frame_bytes_max[side] = v);
        }
    }

    /// Sets one limit if the engine can keep it.
    fn limit(&mut self, node: Node, path: &str, units: bool, set: impl Fn(&mut Limits, u32)) {
        let place = node.place;
        let Some(value) = self.walk.number(node, path, units) else { return };
        let mut limits = self.settings.limits;
        set(&mut limits, u32::try_from(value).unwrap_or(u32::MAX));
        match limits.check() {
            Ok(()) => self.settings.limits = limits,
            Err(ConfigError::Limit(_, low, high)) => {
                self.walk.fault(place, path, format!("has to lie between {low} and {high}"), "");
            }
            Err(other) => self.walk.fault(place, path, other.to_string(), ""),
        }
    }

    fn requests(&mut self, node: Node, path: &str) {
        let known = &[("timeout_ms", Force::Now), ("timeouts", Force::Now)];
        for (name, path, node) in self.walk.members(node, path, known) {
            if name == "timeout_ms" {
                // Nothing is the default: no time-out.
                if !matches!(node.value, Value::Null) {
                    self.settings.policy.requests.timeout_ms = self.timeout(node, &path);
                }
                continue;
            }
            for (method, node) in self.walk.entries(node, &path) {
                if let Some(value) = self.timeout(node, &path) {
                    self.settings.policy.requests.timeouts.insert(method, value);
                }
            }
        }
    }

    fn timeout(&mut self, node: Node, path: &str) -> Option<u64> {
        let place = node.place;
        let value = self.walk.number(node, path, false)?;
        if value == 0 {
            let what = "is 0 milliseconds, so every request would fail";
            self.walk.fault(place, path, what, "remove the key for no time-out");
        }
        Some(value)
    }

    fn batch(&mut self, node: Node, path: &str) {
        for (_, path, node) in self.walk.members(node, path, &[("enabled", Force::Now)]) {
            if let Some(value) = self.walk.boolean(node, &path) {
                self.settings.policy.batch.enabled = value;
            }
        }
    }

    fn refusals(&mut self, node: Node, path: &str) {
        let known = &[("as_result", Force::Now), ("unreadable_id", Force::Now)];
        for (name, path, node) in self.walk.members(node, path, known) {
            let place = node.place;
            if name == "as_result" {
                if let Some(value) = self.walk.boolean(node, &path) {
                    self.settings.policy.refusals.as_result = value;
                }
                continue;
            }
            // `null` may be written bare: YAML then says nothing, and means the same here.
            let text = match node.value {
                Value::Null => Some("null".to_owned()),
                _ => self.walk.text(node, &path),
            };
            let form = match text.as_deref() {
                Some("revision") => UnreadableId::Revision,
                Some("null") => UnreadableId::Null,
                Some("absent") => UnreadableId::Absent,
                Some("none") => UnreadableId::None,
                Some(_) => {
                    let remedy = "it is revision, null, absent or none";
                    self.walk.fault(place, &path, "there is no such form", remedy);
                    continue;
                }
                None => continue,
            };
            self.settings.policy.refusals.unreadable_id = form;
        }
    }
}
