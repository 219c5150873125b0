//! The policy: compiled once from its configuration, immutable, shared.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::auth::{Credential, Tokens};
use super::sanitise::SanitiseConfig;
use crate::base::error::ConfigError;
use crate::base::side::Side;
use crate::redact::{PatternFault, RedactionConfig, Rules, SealKey};

/// What a policy is made of. Every part has a default; an unknown member is an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyConfig {
    /// Who may send.
    pub auth: AuthConfig,
    /// What is taken out of frames.
    pub redaction: RedactionConfig,
    /// What becomes of characters that a reader does not see.
    pub sanitise: SanitiseConfig,
    /// Arrays of messages.
    pub batch: BatchConfig,
    /// Requests in flight.
    pub requests: RequestConfig,
    /// How a refusal is told.
    pub refusals: RefusalConfig,
    /// Tools that are denied or need the host's approval.
    pub tools: ToolConfig,
    /// How much clients may say, all together.
    pub rate: RateConfig,
}

/// Who may send. `Debug` shows no token and no credential; dropped, both are wiped.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// The live tokens. None: every client is taken as it is.
    pub tokens: Vec<TokenConfig>,
    /// A token that is put into each request and notification of the client as its `auth_token`,
    /// for a client that is not to hold it. Never together with `tokens`.
    ///
    /// A message of the client that brings an `auth_token` is refused with `token_present`. Answers
    /// of the client get none, since they need none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attach: Option<Zeroizing<String>>,
}

impl fmt::Debug for AuthConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthConfig")
            .field("tokens", &self.tokens)
            .field("attaches", &self.attach.is_some())
            .finish()
    }
}

/// One live token, in clear or as a digest. `Debug` shows neither; dropped, the token is wiped.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenConfig {
    /// A name for people.
    pub name: String,
    /// The token itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Zeroizing<String>>,
    /// SHA-256 of the token, 64 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl fmt::Debug for TokenConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenConfig").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Arrays of messages (revision 2025-03-26).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BatchConfig {
    /// Off: an array is refused with `batch_disabled`.
    pub enabled: bool,
}

impl Default for BatchConfig {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// Requests in flight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequestConfig {
    /// Milliseconds until a request without an answer is ended; none by default, since ending long
    /// calls would change what a session does.
    pub timeout_ms: Option<u64>,
    /// The same for single methods.
    pub timeouts: BTreeMap<String, u64>,
}

/// How a refusal is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RefusalConfig {
    /// Answers a `tools/call` that policy refuses by a result with `isError: true`, which the model
    /// sees, instead of by an error.
    pub as_result: bool,
    /// What stands for the id of a request whose id cannot be read.
    pub unreadable_id: UnreadableId,
}

/// What stands for the id of a request whose id cannot be read; no form suits every SDK.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnreadableId {
    /// `null` (JSON-RPC 2.0 section 5) until the connection is known to be 2026-07-28, then no
    /// `id` member.
    #[default]
    Revision,
    /// Always `null`.
    Null,
    /// Never an `id` member.
    Absent,
    /// No answer at all.
    None,
}

/// Tools by their exact names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ToolConfig {
    /// Neither listed nor called.
    pub deny: Vec<String>,
    /// Called only when the host approves: the call waits for a [`Ticket`](crate::Ticket).
    pub ask: Vec<String>,
}

/// How many requests and notifications of clients pass, over all engines that share a
/// [`Ledger`](crate::Ledger). Members of a batch count one each. Answers are free, and so is a
/// `notifications/cancelled` that ends an open request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateConfig {
    /// How many a second, in the long run; 0: as many as come.
    pub per_second: u32,
    /// How many at once after a quiet time; 0: ten times as many as a second.
    pub burst: u32,
}

/// A rate that limits something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub per_second: u32,
    /// At least 1.
    pub burst: u64,
}

impl Rate {
    fn compile(config: RateConfig) -> Option<Self> {
        let RateConfig { per_second, burst } = config;
        let burst = match burst {
            0 => 10 * u64::from(per_second),
            burst => u64::from(burst),
        };
        (per_second > 0).then_some(Self { per_second, burst })
    }
}

/// A compiled policy. One may serve any number of engines.
#[derive(Debug)]
pub struct Policy {
    pub(crate) tokens: Tokens,
    credential: Option<Credential>,
    pub(crate) sanitise: SanitiseConfig,
    /// What placeholders are made with.
    pub(crate) seal_key: Option<SealKey>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) batch_enabled: bool,
    pub(crate) refusals: RefusalConfig,
    pub(crate) rate: Option<Rate>,
    requests: RequestConfig,
    tools: ToolConfig,
    faults: Vec<PatternFault>,
    /// The names of the rules that refuse, as the configuration gives them.
    names: Vec<Box<str>>,
}

impl Policy {
    /// Compiles a configuration.
    ///
    /// # Errors
    /// An empty token or credential, tokens beside a credential, a digest that is none, an unknown
    /// rule; with `strict` any refused pattern.
    pub fn compile(config: &PolicyConfig) -> Result<Self, ConfigError> {
        let (rules, faults) = Rules::compile(&config.redaction)?;
        let mut tools = config.tools.clone();
        tools.deny.sort_unstable();
        tools.ask.sort_unstable();
        Ok(Self {
            tokens: Tokens::compile(&config.auth.tokens)?,
            credential: Credential::compile(&config.auth)?,
            sanitise: config.sanitise,
            seal_key: config.redaction.seal_key.clone(),
            rules: Arc::new(rules),
            batch_enabled: config.batch.enabled,
            refusals: config.refusals,
            rate: Rate::compile(config.rate),
            requests: config.requests.clone(),
            tools,
            faults,
            names: Vec::new(),
        })
    }

    /// The patterns that were skipped, and why.
    #[must_use]
    pub fn faults(&self) -> &[PatternFault] {
        &self.faults
    }

    /// The redaction rules.
    #[must_use]
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// The name of one of the rules that the configuration gives.
    pub(crate) fn rule_name(&self, place: u16) -> &str {
        self.names.get(usize::from(place)).map_or("", |name| name)
    }

    /// Whether requests and notifications of this side get the credential.
    pub(crate) fn attaches_for(&self, side: Side) -> bool {
        side == Side::Client && self.credential.is_some()
    }

    /// What is put behind the opening brace of a message that gets the credential.
    pub(crate) fn credential(&self) -> &[u8] {
        self.credential.as_ref().map_or(&[], Credential::member)
    }

    /// Milliseconds that a request of this method may take.
    pub(crate) fn timeout(&self, method: &str) -> Option<u64> {
        self.requests.timeouts.get(method).copied().or(self.requests.timeout_ms)
    }

    pub(crate) fn denies_any_tool(&self) -> bool {
        !self.tools.deny.is_empty()
    }

    pub(crate) fn denies_tool(&self, name: &str) -> bool {
        self.tools.deny.binary_search_by(|denied| denied.as_str().cmp(name)).is_ok()
    }

    pub(crate) fn asks_for_any_tool(&self) -> bool {
        !self.tools.ask.is_empty()
    }

    pub(crate) fn asks_for_tool(&self, name: &str) -> bool {
        self.tools.ask.binary_search_by(|asked| asked.as_str().cmp(name)).is_ok()
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::compile(&PolicyConfig::default()).expect("the default configuration has no fault")
    }
}
