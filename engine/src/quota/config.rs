//! What limits are made of, as a configuration says it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rate::Every;

/// How often, how many and how much (key `quotas`). Everything is off by default.
///
/// Where a rule has `servers`, `tools` or `methods`, these are globs, and an empty list means all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuotaConfig {
    /// How many requests and notifications of clients pass. A message passes only if all rules that
    /// match it let it; else it takes from none.
    pub rates: Vec<RateRule>,
    /// How many bytes pass.
    pub bytes: Vec<ByteRule>,
    /// How many calls are open at once.
    pub concurrency: Vec<GaugeRule>,
    /// Milliseconds until a call of a tool is ended, by the glob of its name; of several that match
    /// the shortest counts. 1 to 86,400,000.
    pub timeouts: BTreeMap<String, u64>,
    /// When a server that does not answer is left alone.
    pub breaker: BreakerConfig,
    /// Sessions at once.
    pub sessions: SessionConfig,
    /// How long answers may be.
    pub responses: ResponseConfig,
    /// Milliseconds after which a call that is still open is reported, once; 0: never. 60,000: the
    /// time at which the common clients give up.
    pub open_report_ms: u64,
}

impl Default for QuotaConfig {
    fn default() -> Self {
        Self {
            rates: Vec::new(),
            bytes: Vec::new(),
            concurrency: Vec::new(),
            timeouts: BTreeMap::new(),
            breaker: BreakerConfig::default(),
            sessions: SessionConfig::default(),
            responses: ResponseConfig::default(),
            open_report_ms: 60_000,
        }
    }
}

/// For whom a limit counts apart.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// All together.
    #[default]
    Global,
    /// Each address of a client; of IPv6 each /64.
    Address,
    /// Each principal, whatever its sessions.
    Principal,
    /// Each session.
    Session,
    /// Each server.
    Server,
    /// Each tool of each server.
    Tool,
}

impl Per {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Address => "address",
            Self::Principal => "principal",
            Self::Session => "session",
            Self::Server => "server",
            Self::Tool => "tool",
        }
    }
}

/// How many messages pass.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateRule {
    /// Its name, for refusals and logs. No two rules of a list have one name; a rule that keeps its
    /// name keeps its counts when the policy is swapped.
    pub name: String,
    /// For whom it counts apart.
    pub per: Per,
    /// How many, in the long run. 1 to 4,294,967,295; no limit is spelled by leaving the rule out.
    pub count: u32,
    /// In how much time.
    pub every: Every,
    /// How many at once after a quiet time; 0: as many as `count`.
    pub burst: u32,
    /// Tools that it counts. A rule with tools counts calls of tools alone.
    pub tools: Vec<String>,
    /// Methods that it counts.
    pub methods: Vec<String>,
    /// Servers that it counts.
    pub servers: Vec<String>,
}

/// Who sends what a rule counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The client.
    #[default]
    Client,
    /// The server.
    Server,
}

/// How many bytes of frames pass.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ByteRule {
    /// Its name, as of a [`RateRule`].
    pub name: String,
    /// For whom it counts apart.
    pub per: Per,
    /// Who sends them.
    pub from: Origin,
    /// How many bytes, in the long run. 1 to 68,719,476,736 (64 GiB).
    pub count: u64,
    /// In how much time.
    pub every: Every,
    /// How many at once after a quiet time; 0: as many as `count`. A larger frame passes when so
    /// many are there, and what it has more is owed before the next passes. Up to 68,719,476,736.
    pub burst: u64,
    /// Tools whose calls, or whose answers, it counts.
    pub tools: Vec<String>,
    /// Methods that it counts; of an answer that of its request.
    pub methods: Vec<String>,
    /// Servers that it counts.
    pub servers: Vec<String>,
}

/// How many calls of tools are open at once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GaugeRule {
    /// Its name, as of a [`RateRule`].
    pub name: String,
    /// For whom it counts apart.
    pub per: Per,
    /// Most at once. At least 1.
    pub max: u32,
    /// Tools that it counts.
    pub tools: Vec<String>,
    /// Servers that it counts.
    pub servers: Vec<String>,
}

/// When a server that does not answer is left alone.
///
/// A deadline that passed, a server that is gone and an answer that is none are failures. Every
/// other answer is none, also one with an `error`, and starts the count anew: one slow tool does not
/// take a server away whose other tools answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakerConfig {
    /// Off: calls are sent whatever became of those before.
    pub enabled: bool,
    /// Failures in a row that open it. At least 1.
    pub failures: u32,
    /// Milliseconds without a failure after which those before are forgotten. 1 to 86,400,000.
    pub window_ms: u64,
    /// Milliseconds for which calls are refused. 1 to 86,400,000.
    pub open_ms: u64,
    /// Calls that pass then, and all have to be answered. At least 1.
    pub probes: u32,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self { enabled: false, failures: 5, window_ms: 60_000, open_ms: 30_000, probes: 1 }
    }
}

/// Sessions at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionConfig {
    /// Most of one principal; 0: no limit.
    pub per_principal_max: u32,
    /// Most of one address, of IPv6 of one /64; 0: no limit.
    pub per_address_max: u32,
    /// Milliseconds without a frame of the client, and with nothing open, after which a session
    /// ends; 0: never.
    pub idle_ms: u64,
}

/// What becomes of an answer that is too long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseAction {
    /// The client gets an error instead, with `response_too_large`.
    #[default]
    Block,
    /// Its texts are cut, with a mark, until it fits; it stays valid JSON and UTF-8.
    Truncate,
}

/// How long answers of a server may be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResponseConfig {
    /// Most bytes of one; 0: no limit beyond that of a frame.
    pub bytes_max: u64,
    /// What becomes of a longer one.
    pub action: ResponseAction,
    /// The same for tools by the glob of their names, instead of what is said above; of several
    /// that match the smallest limit counts.
    pub tools: BTreeMap<String, ResponseLimit>,
}

/// How long answers of a tool may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResponseLimit {
    /// Most bytes of one; 0: no limit beyond that of a frame.
    pub bytes_max: u64,
    /// What becomes of a longer one.
    pub action: ResponseAction,
}

/// When a peer that fails to authenticate is locked out.
///
/// Of failures between which less than `window_ms` lie, the last of `failures` locks out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LockoutConfig {
    /// Failures that lock a peer out; 0: never.
    pub failures: u32,
    /// Milliseconds without a failure after which those before are forgotten. 1 to 86,400,000.
    pub window_ms: u64,
    /// Milliseconds for which it is locked out. 1 to 86,400,000.
    pub ban_ms: u64,
    /// A success makes the peer's failures forgotten. Opens an attack: who has a token of his own
    /// presents it between guesses of others', and is never locked out.
    pub success_clears: bool,
}

impl Default for LockoutConfig {
    fn default() -> Self {
        Self { failures: 0, window_ms: 60_000, ban_ms: 300_000, success_clears: false }
    }
}
