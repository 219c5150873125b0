//! Keys of the Compozy MCP proxy: `auth` with a type, `security`, `cors`, `tls`, and the servers of
//! `mcps`.
//!
//! Each takes effect, or one sentence says what is not in force, and what to write instead.

use portcullis_engine::TokenConfig;
use portcullis_engine::net::{AddressEntry, CorsConfig};
use portcullis_engine::quota::{Every, Per, RateRule};

use super::Schema;
use super::servers::Given;
use crate::config::fault::Place;
use crate::config::settings::Alias;
use crate::config::tree::{Node, Value};

const AUTH: &[&str] = &["type", "token", "header", "prefix"];
const SECURITY: &[&str] = &["ip_whitelist", "ip_blacklist", "rate_limit", "cors", "tls"];
const RATE_LIMIT: &[&str] = &[
    "requests_per_minute",
    "requests_per_hour",
    "requests_per_day",
    "burst_size",
    "per_ip_requests_per_minute",
    "per_ip_requests_per_hour",
    "per_ip_requests_per_day",
    "per_ip_burst_size",
    "per_token_requests_per_minute",
    "per_token_requests_per_hour",
    "per_token_requests_per_day",
    "per_token_burst_size",
];
/// How keys of `rate_limit` begin, and for whom they count apart.
const SUBJECTS: [(&str, Per); 3] =
    [("", Per::Global), ("per_ip_", Per::Address), ("per_token_", Per::Principal)];
/// How they end, shortest time first.
const TIMES: [(&str, Every); 3] = [
    ("requests_per_minute", Every::Minute),
    ("requests_per_hour", Every::Hour),
    ("requests_per_day", Every::Day),
];
const TLS: &[&str] = &[
    "enabled",
    "cert_file",
    "key_file",
    "ca_file",
    "insecure_skip_verify",
    "min_version",
    "max_version",
    "cipher_suites",
];
const MCP: &[&str] =
    &["id", "url", "transport", "command", "env", "socket", "auth", "security", "cors", "tls"];
/// Longest name of a rule.
const RULE_BYTES_MAX: usize = 62;

/// One key of `rate_limit`.
struct Limit {
    key: &'static str,
    path: String,
    place: Place,
    count: u32,
}

impl Schema<'_> {
    /// One token, for this server or for all.
    pub(super) fn compozy_auth(&mut self, node: Node, path: &str, server: Option<&str>) {
        let place = node.place;
        let faults = self.walk.faults.len();
        let mut config = TokenConfig::default();
        let mut key = path.to_owned();
        let mut in_header = None;
        for (name, path, node) in self.walk.members(node, path, AUTH) {
            let place = node.place;
            match name {
                "type" => self.auth_type(node, &path),
                "token" => {
                    config.token = self.token(node, &path);
                    key = path;
                }
                _ => {
                    self.walk.text(node, &path);
                    in_header.get_or_insert((place, path));
                }
            }
        }
        if self.walk.faults.len() > faults {
            return;
        }
        if config.token.is_none() {
            return self.missing(place, path, "token");
        }
        if let Some((place, path)) = in_header {
            let what = "no transport of this version has headers yet, so clients send the token \
                        as the member auth_token of each message";
            self.walk.warn(place, &path, what, "");
        }
        config.servers = server.map(str::to_owned).into_iter().collect();
        self.hold(config, &key);
    }

    fn auth_type(&mut self, node: Node, path: &str) {
        let place = node.place;
        if self.walk.text(node, path).is_some_and(|kind| kind != "token") {
            let remedy = "it is token; for JSON Web Tokens write auth.jwt instead";
            self.walk.fault(place, path, "there is no such type", remedy);
        }
    }

    /// Limits of this server, or of all.
    pub(super) fn security(&mut self, node: Node, path: &str, server: Option<&str>) {
        for (name, path, node) in self.walk.members(node, path, SECURITY) {
            match name {
                "rate_limit" => self.rate_limit(node, &path, server),
                "tls" => self.tls(node, &path),
                _ if server.is_some() => self.for_all_only(node.place, &path, name),
                "cors" => self.cors(node, &path),
                _ => self.ip_list(node, &path, name == "ip_whitelist"),
            }
        }
    }

    fn for_all_only(&mut self, place: Place, path: &str, name: &str) {
        let what = "addresses and origins are not told apart by servers yet, so nothing of it \
                    would be in force";
        let remedy = format!("write security.{name} at the top level, for all servers together");
        self.walk.fault(place, path, what, &remedy);
    }

    fn ip_list(&mut self, node: Node, path: &str, allows: bool) {
        let place = node.place;
        let items = self.walk.items(node, path);
        if !items.is_empty() {
            let what = "no client of this version has an address, since pipes and Unix sockets \
                        have none, so the list keeps nobody out of `run` and `serve`";
            self.walk.warn(place, path, what, "");
        }
        for (index, item) in items.into_iter().enumerate() {
            let file = format!("{path}[{index}]");
            self.walk.keys.push((file.clone(), item.place));
            let Some(net) = self.walk.text(item, &file) else { continue };
            let addresses = &mut self.settings.policy.network.addresses;
            let (list, key) = match allows {
                true => (&mut addresses.allow, "allow"),
                false => (&mut addresses.deny, "deny"),
            };
            let engine = format!("network.addresses.{key}[{}]", list.len());
            list.push(AddressEntry { net, until_ms: None });
            self.settings.aliases.push(Alias { engine, file });
        }
    }

    fn rate_limit(&mut self, node: Node, path: &str, server: Option<&str>) {
        let mut limits = Vec::new();
        for (key, path, node) in self.walk.members(node, path, RATE_LIMIT) {
            let place = node.place;
            if let Some(count) = self.walk.ranged(node, &path, 1..=u64::from(u32::MAX)) {
                limits.push(Limit { key, path, place, count: count as u32 });
            }
        }
        for (prefix, per) in SUBJECTS {
            let find =
                |end: &str| limits.iter().find(|limit| limit.key.strip_prefix(prefix) == Some(end));
            let burst = find("burst_size");
            let rates: Vec<(&Limit, Every)> =
                TIMES.iter().filter_map(|(end, every)| Some((find(end)?, *every))).collect();
            if let (Some(burst), []) = (burst, &rates[..]) {
                let what = "there is no rate that it is the burst of";
                let remedy = format!("add {prefix}requests_per_minute");
                self.walk.fault(burst.place, &burst.path, what, &remedy);
            }
            if let (Per::Address, [(limit, _), ..]) = (per, &rates[..]) {
                let what = "no client of this version has an address, since pipes and Unix \
                            sockets have none, so the limit counts each session apart";
                self.walk.warn(limit.place, &limit.path, what, "");
            }
            for (at, (limit, every)) in rates.into_iter().enumerate() {
                // What comes at once is most of all a matter of the shortest time.
                let burst = burst.filter(|_| at == 0).map_or(0, |burst| burst.count);
                self.rate(limit, RateRule { per, every, burst, ..RateRule::default() }, server);
            }
        }
    }

    fn rate(&mut self, limit: &Limit, rule: RateRule, server: Option<&str>) {
        let name = match server {
            None => format!("security.rate_limit.{}", limit.key),
            Some(server) => format!("{server}.{}", limit.key),
        };
        if name.len() > RULE_BYTES_MAX {
            let what = "the name of its rule, made of the server's, would have over 62 bytes";
            return self.walk.fault(limit.place, &limit.path, what, "give the server a shorter id");
        }
        let servers = server.map(str::to_owned).into_iter().collect();
        let rates = &mut self.settings.policy.quotas.rates;
        let engine = format!("quotas.rates[{}]", rates.len());
        rates.push(RateRule { name, count: limit.count, servers, ..rule });
        self.settings.aliases.push(Alias { engine, file: limit.path.clone() });
    }

    /// What web pages of other origins are told, and which of them may ask.
    pub(super) fn cors(&mut self, node: Node, path: &str) {
        let place = node.place;
        if matches!(node.value, Value::Null) {
            return;
        }
        let cors: CorsConfig = self.part(node, path);
        if let Some(other) = CORS.iter().find(|key| **key != path && self.gives(key)) {
            let what = format!("{other} says the same");
            return self.walk.fault(place, path, what, "keep one of them");
        }
        if cors.enabled {
            let what = "web pages do not reach `run` and `serve`, which have no HTTP yet";
            self.walk.warn(place, path, what, "");
            for (index, origin) in cors.allowed_origins.iter().enumerate() {
                let origins = &mut self.settings.policy.network.origins.origins;
                let engine = format!("network.origins.origins[{}]", origins.len());
                origins.push(origin.clone());
                let file = format!("{path}.allowed_origins[{index}]");
                self.settings.aliases.push(Alias { engine, file });
            }
        }
        self.settings.policy.network.cors = cors;
        self.settings.aliases.push(Alias { engine: "cors".to_owned(), file: path.to_owned() });
    }

    /// Nothing of it is in force, so it is refused, unless it is switched off.
    pub(super) fn tls(&mut self, node: Node, path: &str) {
        let place = node.place;
        let members = self.walk.members(node, path, TLS);
        let is_off = |(name, _, node): &(&str, String, Node)| {
            *name == "enabled" && matches!(node.value, Value::Bool(false))
        };
        if !members.is_empty() && !members.iter().any(is_off) {
            let what = "no transport of this version has TLS yet, so nothing of it would be in \
                        force";
            let remedy = "remove it, and put a proxy with TLS in front where one is needed";
            self.walk.fault(place, path, what, remedy);
        }
    }

    /// Servers as Compozy lists them.
    pub(super) fn mcps(&mut self, node: Node, path: &str) {
        for (index, item) in self.walk.items(node, path).into_iter().enumerate() {
            self.mcp(item, &format!("{path}[{index}]"));
        }
    }

    fn mcp(&mut self, node: Node, path: &str) {
        let place = node.place;
        self.walk.keys.push((path.to_owned(), place));
        let faults = self.walk.faults.len();
        let mut members = self.walk.members(node, path, MCP);
        if let Some((_, path, node)) = members.iter().find(|(name, ..)| *name == "url") {
            let what = "servers behind a URL are not reached yet: this version has no HTTP";
            let remedy = "name a `command` that speaks over its standard input and output";
            return self.walk.fault(node.place, path, what, remedy);
        }
        // What belongs to a server is told apart by its name.
        members.sort_by_key(|(name, ..)| *name != "id");
        let mut given = Given::default();
        for (name, path, node) in members {
            match name {
                "id" => given.name = self.server_name(node, &path),
                "transport" => self.transport(node, &path),
                "command" | "env" | "socket" => self.server_member(name, node, &path, &mut given),
                "tls" => self.tls(node, &path),
                "cors" => self.for_all_only(node.place, &path, name),
                _ => {
                    let Some(id) = given.name.clone() else { continue };
                    match name {
                        "auth" => self.compozy_auth(node, &path, Some(&id)),
                        _ => self.security(node, &path, Some(&id)),
                    }
                }
            }
        }
        if self.walk.faults.len() == faults {
            self.add_server(given, place, path, "id");
        }
    }

    fn transport(&mut self, node: Node, path: &str) {
        let place = node.place;
        if self.walk.text(node, path).is_some_and(|name| name != "stdio") {
            let what = "this version has no other transport than stdio yet";
            self.walk.fault(place, path, what, "name a `command`, and remove the key");
        }
    }
}

/// Where `cors` may stand.
const CORS: [&str; 3] = ["network.cors", "security.cors", "cors"];
