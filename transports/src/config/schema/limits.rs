//! `limits`, `requests`, `server`, `batch`, `refusals`: what the engine keeps.

use portcullis_engine::{ConfigError, Limits, UnreadableId};

use super::Schema;
use crate::config::tree::{Node, Value};

const LIMITS: &[&str] = &[
    "frame_bytes_max",
    "frame_ms_max",
    "frame_depth_max",
    "id_bytes_max",
    "members_max",
    "requests_open_max",
    "answers_owed_max",
    "batches_max",
    "listens_max",
    "seals_max",
    "refused_in_a_row_max",
];
const SIDES: &[&str] = &["client", "server"];
const FORMS: &[(&str, UnreadableId)] = &[
    ("revision", UnreadableId::Revision),
    ("null", UnreadableId::Null),
    ("absent", UnreadableId::Absent),
    ("none", UnreadableId::None),
];
/// A day: longer is none.
const FRAME_MS_MAX: u64 = 86_400_000;

impl Schema<'_> {
    pub(super) fn server(&mut self, node: Node, path: &str) {
        for (_, path, node) in self.walk.members(node, path, &["max_batch_size"]) {
            self.limit(node, &path, false, |limits, value| limits.batch_window = value);
        }
    }

    pub(super) fn limits(&mut self, node: Node, path: &str) {
        for (name, path, node) in self.walk.members(node, path, LIMITS) {
            match name {
                "frame_bytes_max" => self.frame_bytes(node, &path),
                "frame_ms_max" => {
                    // As for `frame_bytes_max`.
                    if !matches!(node.value, Value::Null) {
                        let value = self.walk.ranged(node, &path, 0..=FRAME_MS_MAX);
                        self.settings.frame_ms_max = value;
                        self.settings.limits.frame_ms_max = value.unwrap_or_default();
                    }
                }
                "frame_depth_max" => self.limit(node, &path, false, |l, v| l.frame_depth_max = v),
                "id_bytes_max" => self.limit(node, &path, true, |l, v| l.id_bytes_max = v),
                "members_max" => self.limit(node, &path, false, |l, v| l.members_max = v),
                "requests_open_max" => {
                    self.limit(node, &path, false, |l, v| l.requests_open_max = v);
                }
                "answers_owed_max" => {
                    // As for `frame_bytes_max`.
                    if !matches!(node.value, Value::Null) {
                        self.settings.gives_answers_owed_max = true;
                        self.limit(node, &path, false, |l, v| l.answers_owed_max = v);
                    }
                }
                "batches_max" => self.limit(node, &path, false, |l, v| l.batches_max = v),
                "seals_max" => self.limit(node, &path, false, |l, v| l.seals_max = v),
                "listens_max" => self.limit(node, &path, false, |l, v| l.listens_max = v),
                _ => self.limit(node, &path, false, |l, v| l.refused_in_a_row_max = v),
            }
        }
    }

    fn frame_bytes(&mut self, node: Node, path: &str) {
        // Nothing is the default, which `run` and `serve` have each their own of.
        if matches!(node.value, Value::Null) {
            return;
        }
        if !matches!(node.value, Value::Map(_)) {
            self.limit(node, path, true, |l, v| l.frame_bytes_max = [v; 2]);
            self.settings.frame_bytes_max = self.settings.limits.frame_bytes_max.map(Some);
            return;
        }
        for (name, path, node) in self.walk.members(node, path, SIDES) {
            let side = usize::from(name == "server");
            self.limit(node, &path, true, |l, v| l.frame_bytes_max[side] = v);
            self.settings.frame_bytes_max[side] = Some(self.settings.limits.frame_bytes_max[side]);
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

    pub(super) fn requests(&mut self, node: Node, path: &str) {
        let known = &["timeout_ms", "timeouts", "require_initialize"];
        for (name, path, node) in self.walk.members(node, path, known) {
            if name == "timeout_ms" {
                // Nothing is the default: no time-out.
                if !matches!(node.value, Value::Null) {
                    self.settings.policy.requests.timeout_ms = self.timeout(node, &path);
                }
                continue;
            }
            if name == "require_initialize" {
                let value = self.walk.boolean(node, &path);
                self.settings.policy.requests.require_initialize = value.unwrap_or_default();
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

    pub(super) fn batch(&mut self, node: Node, path: &str) {
        for (_, path, node) in self.walk.members(node, path, &["enabled"]) {
            if let Some(value) = self.walk.boolean(node, &path) {
                self.settings.policy.batch.enabled = value;
            }
        }
    }

    pub(super) fn refusals(&mut self, node: Node, path: &str) {
        let known = &["as_result", "unreadable_id"];
        for (name, path, node) in self.walk.members(node, path, known) {
            if name == "as_result" {
                if let Some(value) = self.walk.boolean(node, &path) {
                    self.settings.policy.refusals.as_result = value;
                }
                continue;
            }
            // `null` may be written bare: YAML then says nothing, and means the same here.
            let form = match node.value {
                Value::Null => Some(UnreadableId::Null),
                _ => self.walk.choice(node, &path, "form", FORMS),
            };
            if let Some(form) = form {
                self.settings.policy.refusals.unreadable_id = form;
            }
        }
    }
}
