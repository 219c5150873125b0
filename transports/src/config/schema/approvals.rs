//! `approvals`: who is asked whether a call may go on.

use super::Schema;
use crate::config::tree::Node;

const APPROVALS: &[&str] = &["command", "timeout_ms"];
/// As long as a call waits at all.
const TIMEOUT_MS_MAX: u64 = 45_000;

impl Schema<'_> {
    pub(super) fn approvals(&mut self, node: Node, path: &str) {
        for (name, path, node) in self.walk.members(node, path, APPROVALS) {
            match name {
                "command" => self.settings.approvals.command = self.command(node, &path),
                _ => {
                    if let Some(value) = self.walk.ranged(node, &path, 1..=TIMEOUT_MS_MAX) {
                        self.settings.approvals.timeout_ms = value;
                    }
                }
            }
        }
    }
}
