//! Policies of a size that somebody writes, the peers that they are for, and policies that grow.

use std::fmt;
use std::sync::Arc;

use portcullis_engine::identity::Credential;
use portcullis_engine::{
    CredentialSource, Engine, Facts, Limits, Policy, PolicyConfig, Side, Time, Wanted,
};
use serde_json::{Value, json};

use crate::corpus::{Conversation, Pieces};
use crate::drive::Driver;

/// Which parts of the typical policy are in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// None: the default policy, and a host that tells of nobody.
    Default,
    /// The token alone, presented once, beside the messages.
    Credential,
    /// The same and eleven rules: rights, and tools that nobody calls.
    Rights,
    /// The same and seven rules for arguments.
    Arguments,
    /// The same and a list of addresses.
    Addresses,
    /// The same and five limits.
    Limits,
    /// All of it: a token, 20 rules, 5 limits.
    Whole,
    /// All of it, the token in each message of the client.
    WholeByMember,
    /// The token alone, in each message of the client.
    Member,
}

impl Part {
    /// Each of them, the default first.
    pub const ALL: [Self; 9] = [
        Self::Default,
        Self::Credential,
        Self::Rights,
        Self::Arguments,
        Self::Addresses,
        Self::Limits,
        Self::Whole,
        Self::WholeByMember,
        Self::Member,
    ];

    fn has(self, part: Self) -> bool {
        self == part || matches!(self, Self::Whole | Self::WholeByMember)
    }

    /// Whether the token comes in each message.
    #[must_use]
    pub fn is_by_member(self) -> bool {
        matches!(self, Self::Member | Self::WholeByMember)
    }

    /// This part as a configuration.
    #[must_use]
    pub fn config(self) -> PolicyConfig {
        let mut config = json!({});
        if self == Self::Default {
            return read(config);
        }
        config["auth"] = json!({"tokens": [{"name": "agent-7", "token": TOKEN}]});
        if self.has(Self::Rights) {
            config["rights"] = rights();
            config["tools"] = json!({"deny": ["debug_*"]});
        }
        if self.has(Self::Arguments) {
            config["arguments"] = arguments();
        }
        if self.has(Self::Addresses) {
            config["network"] = json!({"addresses": {
                "allow": [{"net": "10.0.0.0/8"}, {"net": "192.0.2.0/24"}],
                "deny": [{"net": "192.0.2.66"}],
            }});
        }
        if self.has(Self::Limits) {
            config["quotas"] = limits();
        }
        read(config)
    }

    /// A driver of an engine with this part, and with its peers.
    #[must_use]
    pub fn driver(self) -> Driver {
        let mut driver = driver(&self.config());
        if self != Self::Default {
            introduce(&mut driver, !self.is_by_member());
        }
        driver
    }

    /// The conversation as this policy wants it.
    #[must_use]
    pub fn talk(self, talk: &Conversation) -> Conversation {
        if !self.is_by_member() {
            return talk.clone();
        }
        let mut up = Pieces::default();
        for piece in talk.up.iter() {
            let mut with = Vec::with_capacity(piece.len() + 64);
            for line in piece.split_inclusive(|&byte| byte == b'\n') {
                with.extend_from_slice(format!("{{\"auth_token\":\"{TOKEN}\",").as_bytes());
                with.extend_from_slice(line.get(1..).unwrap_or_default());
            }
            up.push(&with);
        }
        Conversation { up, down: talk.down.clone() }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// Ten rules; the one that lets the traffic pass is asked last.
fn rights() -> Value {
    let allow = |name: &str, principals: &str, tools: &[&str]| {
        json!({"name": name, "effect": "allow", "principals": [principals],
            "servers": ["files-*"], "tools": tools})
    };
    json!({"default": {"tools": "deny"}, "rules": [
        {"name": "no-shell", "effect": "deny", "tools": ["shell_*", "exec*", "*_exec", "sudo?*"]},
        {"name": "no-drop", "effect": "deny", "servers": ["files-*", "db-*"], "tools": ["drop_*"]},
        {"name": "guests", "effect": "deny", "principals": ["guest-*"], "tools": ["*"]},
        {"name": "agents", "effect": "deny", "principals": ["agent-*"], "servers": ["db-*"],
            "tools": ["*"]},
        {"name": "no-etc", "effect": "deny", "resources": ["file:///etc/*"]},
        {"name": "no-level", "effect": "deny", "principals": ["agent-*"],
            "methods": ["logging/setLevel"]},
        allow("admins", "admin-*", &["*"]),
        allow("writers", "writer-?", &["write_*", "edit_*"]),
        allow("searchers", "agent-*", &["search_*", "find_*"]),
        allow("readers", "agent-*", &["read*", "list_*", "*_*"]),
    ]})
}

/// Seven rules, four of them for what the traffic calls.
fn arguments() -> Value {
    json!([
        {"name": "path", "at": "/path", "path": {"roots": ["/home/dev", "/srv/files"]}},
        {"name": "dash", "tools": ["*_*"], "at": "/query", "no_leading_dash": true},
        {"name": "query", "tools": ["*_*"], "at": "/query", "regex": "[A-Za-z0-9 .,:-]*"},
        {"name": "limit", "at": "/limit", "range": {"min": 0, "max": 10000}},
        {"name": "url", "tools": ["fetch_*", "open_url"], "at": "/url",
            "url": {"allow": ["*.example.com"]}},
        {"name": "mode", "tools": ["write_*"], "at": "/mode", "one_of": ["append", "replace"]},
        {"name": "rows", "tools": ["query_*"], "servers": ["db-*"], "at": "/rows/*/name",
            "length": {"max": 64}},
    ])
}

/// Five limits that nobody reaches.
fn limits() -> Value {
    json!({
        "rates": [
            {"name": "all", "count": 1_000_000, "every": "second"},
            {"name": "each", "per": "principal", "count": 60_000_000, "every": "minute"},
            {"name": "tool", "per": "tool", "count": 60_000_000, "every": "minute"},
        ],
        "concurrency": [{"name": "open", "per": "server", "max": 64}],
        "bytes": [{"name": "volume", "per": "principal", "from": "server",
            "count": 60_000_000_000_u64, "every": "minute"}],
    })
}

/// What grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Growth {
    /// Rules of rights that deny other tools to this principal on this server. Their names begin as
    /// that of the tool that is called does: others are told apart all at once.
    Rights,
    /// Rules of arguments for the tool that is called; five checks in turn, all at places where
    /// something stands.
    ArgumentsAbout,
    /// The same for another tool, whose name begins alike.
    ArgumentsOther,
    /// Rates for each principal.
    Rates,
    /// Rates for each tool.
    ToolRates,
}

impl Growth {
    /// Each of them.
    pub const ALL: [Self; 5] =
        [Self::Rights, Self::ArgumentsAbout, Self::ArgumentsOther, Self::Rates, Self::ToolRates];

    /// How many rules.
    #[must_use]
    pub fn sizes(self) -> &'static [usize] {
        match self {
            Self::Rates | Self::ToolRates => &[0, 1, 2, 4, 8, 16, 32],
            _ => &[0, 5, 10, 20, 40, 80, 160],
        }
    }

    /// What a figure calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rights => "policy.rights",
            Self::ArgumentsAbout => "policy.arguments",
            Self::ArgumentsOther => "policy.arguments_of_others",
            Self::Rates => "policy.rates",
            Self::ToolRates => "policy.tool_rates",
        }
    }

    /// A driver of an engine with so many of them, and with the peers that they are for.
    #[must_use]
    pub fn driver(self, count: usize) -> Driver {
        let mut config = json!({"auth": {"tokens": [{"name": "agent-7", "token": TOKEN}]}});
        let rules: Vec<Value> = (0..count).map(|number| self.rule(number)).collect();
        match self {
            Self::Rights => config["rights"] = json!({"rules": rules}),
            Self::ArgumentsAbout | Self::ArgumentsOther => config["arguments"] = json!(rules),
            Self::Rates | Self::ToolRates => config["quotas"] = json!({"rates": rules}),
        }
        let mut driver = driver(&read(config));
        introduce(&mut driver, true);
        driver
    }

    fn rule(self, number: usize) -> Value {
        let name = format!("rule-{number}");
        match self {
            Self::Rights => {
                json!({"name": name, "effect": "deny", "principals": ["agent-*"],
                    "servers": ["files-*"], "tools": [format!("remove_{number:03}_*")]})
            }
            Self::ArgumentsAbout => argument(number, &name, "read_*"),
            Self::ArgumentsOther => argument(number, &name, "rewrite_*"),
            Self::Rates => {
                json!({"name": name, "per": "principal", "count": 60_000_000, "every": "minute"})
            }
            Self::ToolRates => {
                json!({"name": name, "per": "tool", "count": 60_000_000, "every": "minute"})
            }
        }
    }
}

fn argument(number: usize, name: &str, tools: &str) -> Value {
    let mut rule = json!({"name": name, "tools": [tools]});
    let (at, check, how) = match number % 5 {
        0 => ("/path", "path", json!({"roots": ["/home/dev"]})),
        1 => ("/url", "url", json!({"allow": ["*.example.com"]})),
        2 => ("/query", "regex", json!("[A-Za-z0-9 .,:-]*")),
        3 => ("/mode", "one_of", json!(["text", "binary"])),
        _ => ("/query", "no_leading_dash", json!(true)),
    };
    rule["at"] = at.into();
    rule[check] = how;
    rule
}

/// A call that every growing policy lets pass, and its answer.
#[must_use]
pub fn turn(id: u64) -> (Vec<u8>, Vec<u8>) {
    let arguments = json!({
        "path": "/home/dev/portcullis/README.md", "url": "https://docs.example.com/read?page=2",
        "query": "how is a limit refilled", "mode": "text",
    });
    let params = json!({"name": "read_file", "arguments": arguments});
    let ask = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
    let content = json!([{"type": "text", "text": "as much as its count, spread evenly"}]);
    let answer = json!({"jsonrpc": "2.0", "id": id, "result": {"content": content}});
    [ask, answer].map(|frame| (frame.to_string() + "\n").into_bytes()).into()
}

/// The configuration with so many live tokens: this one, and others behind it. Redaction is off:
/// each policy has tables of names of its own, and to compare a name that lies across the border of
/// two pages takes eight instructions more, whatever the token is.
///
/// # Panics
/// If a token is none.
#[must_use]
pub fn tokens(first: &str, count: usize) -> PolicyConfig {
    let token = |number: usize| match number {
        0 => json!({"name": "agent-7", "token": first}),
        _ => json!({"name": format!("other-{number}"), "token": format!("another-{number}")}),
    };
    let tokens: Vec<Value> = (0..count).map(token).collect();
    read(json!({"auth": {"tokens": tokens}, "redaction": {"enabled": false}}))
}

/// A driver of a fresh engine with this policy.
///
/// # Panics
/// If the policy has a fault.
#[must_use]
pub fn driver(config: &PolicyConfig) -> Driver {
    let policy = Arc::new(Policy::compile(config).expect("the policy has no fault"));
    let engine = Engine::new(policy, Limits::default(), Wanted::NONE, Time::default());
    Driver::new(engine.expect("default limits fit"))
}

/// Says who the peers are, and hands over the token once, if it comes so.
fn introduce(driver: &mut Driver, with_token: bool) {
    let mut client = Facts::new(7, "agent");
    client.address = Some([192, 0, 2, 7].into());
    if with_token {
        client.credential = Credential::new(CredentialSource::Bearer, TOKEN);
    }
    driver.engine.facts(Side::Client, client);
    driver.engine.facts(Side::Server, Facts::new(0, "files-eu"));
}

fn read(config: Value) -> PolicyConfig {
    serde_json::from_value(config).expect("it is a configuration")
}

/// As long as 32 bytes in base64url. Stands for none of anybody.
pub const TOKEN: &str = "not-a-secret-not-a-secret-not-a-secret-0043";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{mix, policed};

    #[test]
    fn clean_traffic_passes_each_policy_unchanged() {
        let talk = Conversation::of(&mix::clean(200_000, 5)).expect("frames");
        for part in Part::ALL {
            let (mut driver, talk) = (part.driver(), part.talk(&talk));
            policed::pass(&mut driver, &talk);
            let metrics = driver.engine.metrics();
            let changed = if part.is_by_member() { talk.up.len() as u64 } else { 0 };
            assert_eq!(metrics.refused, [0; 2], "{part}");
            assert_eq!(metrics.changed[0], changed, "{part}: the token does not leave");
            assert_eq!(metrics.changed[1], 0, "{part}");
        }
    }

    #[test]
    fn a_typical_policy_has_20_rules_and_5_limits() {
        let config = Part::Whole.config();
        let addresses = &config.network.addresses;
        let lists =
            usize::from(!addresses.allow.is_empty()) + usize::from(!addresses.deny.is_empty());
        let rules = config.rights.rules.len() + config.arguments.len() + config.tools.deny.len();
        assert_eq!(rules + lists, 20);
        let quotas = &config.quotas;
        assert_eq!(quotas.rates.len() + quotas.bytes.len() + quotas.concurrency.len(), 5);
    }

    #[test]
    fn a_call_passes_however_many_rules_there_are() {
        for growth in Growth::ALL {
            for &count in growth.sizes() {
                let mut driver = growth.driver(count);
                let (ask, answer) = turn(1);
                driver.feed(Side::Client, &ask);
                driver.feed(Side::Server, &answer);
                let metrics = driver.engine.metrics();
                assert_eq!(
                    (metrics.refused, metrics.changed),
                    ([0; 2], [0; 2]),
                    "{growth:?} {count}"
                );
            }
        }
    }
}
