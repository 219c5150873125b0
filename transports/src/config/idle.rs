//! Keys that have no effect as the file stands. Nothing is wrong with them, but somebody who wrote
//! one may count on it. A key with its default promises nothing, and is not told.

use portcullis_engine::{Limits, NetworkConfig};

use super::fault::Fault;
use super::settings::{ApprovalSettings, ServeSettings, Settings, SocketSettings};

impl Settings {
    /// The keys that have no effect as the file stands, in its order.
    #[must_use]
    pub fn idle_keys(&self) -> Vec<Fault> {
        let mut idle = Vec::new();
        let mut tell = |differs: bool, key: &str, what: &str, remedy: &str| {
            if differs && self.keys.iter().any(|(known, _)| known == key) {
                let what = format!("has no effect {what}");
                idle.push(self.fault(key, what, remedy));
            }
        };
        self.idle_without_servers(&mut tell);
        self.idle_beside_others(&mut tell);
        self.idle_without_http(&mut tell);
        for (index, allowed) in self.allow.iter().enumerate() {
            let unused = !self.locations().any(|location| location.base() == allowed);
            let what = "since no path leads there";
            tell(unused, &format!("paths.allow[{index}]"), what, "remove it");
        }
        idle.sort_by_key(|fault| fault.place);
        idle
    }

    fn idle_without_servers(&self, tell: &mut dyn FnMut(bool, &str, &str, &str)) {
        if !self.servers.is_empty() {
            return;
        }
        let (socket, serve) = (SocketSettings::default(), ServeSettings::default());
        let differing = [
            ("socket.perm", self.socket.perm != socket.perm),
            ("socket.allow_uids", self.socket.allow_uids != socket.allow_uids),
            ("serve.clients_max", self.serve.clients_max != serve.clients_max),
            ("serve.children_max", self.serve.children_max != serve.children_max),
            ("serve.drain_ms", self.serve.drain_ms != serve.drain_ms),
        ];
        for (key, differs) in differing {
            let remedy = "name a server, or remove the key";
            tell(differs, key, "without `servers`: it is for `portcullis serve`", remedy);
        }
    }

    /// Clients of `run` and `serve` have neither addresses nor headers.
    fn idle_without_http(&self, tell: &mut dyn FnMut(bool, &str, &str, &str)) {
        let (network, usual) = (&self.policy.network, NetworkConfig::default());
        let what = "in `run` and `serve`, whose clients have neither addresses nor headers yet";
        let remedy = "it is for hosts that embed the engine, and for `portcullis check`";
        let differing = [
            ("network.addresses", network.addresses != usual.addresses),
            ("network.origins", network.origins != usual.origins),
            ("network.cors", network.cors != usual.cors),
            ("network.headers", network.headers != usual.headers),
            ("auth.loopback", self.policy.auth.loopback),
        ];
        for (key, differs) in differing {
            tell(differs, key, what, remedy);
        }
    }

    fn idle_beside_others(&self, tell: &mut dyn FnMut(bool, &str, &str, &str)) {
        let redaction = &self.policy.redaction;
        if !redaction.enabled {
            let what = "while bouncer.enabled is false";
            tell(redaction.strict, "bouncer.strict", what, REMOVE);
            tell(!redaction.disable.is_empty(), "bouncer.disable", what, REMOVE);
            tell(!redaction.patterns.is_empty(), "bouncer.patterns", what, REMOVE);
        }
        if self.policy.tools.ask.is_empty() {
            let (asked, usual) = (&self.approvals, ApprovalSettings::default());
            let what = "while tools.ask names no tool";
            tell(asked.command != usual.command, "approvals.command", what, REMOVE);
            tell(asked.timeout_ms != usual.timeout_ms, "approvals.timeout_ms", what, REMOVE);
        }
        if !self.policy.batch.enabled {
            let (limits, what) = (Limits::default(), "while batch.enabled is false");
            let window = self.limits.batch_window != limits.batch_window;
            tell(window, "server.max_batch_size", what, REMOVE);
            let batches = self.limits.batches_max != limits.batches_max;
            tell(batches, "limits.batches_max", what, REMOVE);
        }
        if !self.servers.is_empty() {
            let closed = self.socket.perm & 0o022 == 0;
            let users = !self.socket.allow_uids.is_empty();
            let what = "while socket.perm lets only the owner write";
            tell(closed && users, "socket.allow_uids", what, "mend one of the two");
            let more = self.serve.children_max > self.serve.clients_max;
            let what = "above serve.clients_max: each client has one server";
            tell(more, "serve.children_max", what, REMOVE);
        }
    }
}

const REMOVE: &str = "remove it, or mend the other";
