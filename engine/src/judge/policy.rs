//! The policy: compiled once from its configuration, immutable, shared.

use core::net::IpAddr;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::auth::Attached;
use super::metering::Metering;
use super::names::{NamesFrom, RuleNames};
use super::network::{Network, NetworkConfig};
use super::reply::{Cause, Refusal};
use super::sanitise::SanitiseConfig;
use crate::arguments::{
    Answer as Found, ArgumentConfig, Arguments, NO_ANSWER, Refused, SchemaConfig,
};
use crate::base::error::ConfigError;
use crate::base::event::Label;
use crate::base::glob::GlobSet;
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::identity::{AuthConfig, Principals};
use crate::quota::{Every, LockoutConfig, QuotaConfig, Rate};
use crate::redact::{PatternFault, RedactionConfig, Rules, SealKey};
use crate::rights::{Kind, Rights, RightsConfig, Ruling, Who};

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
    /// Who may use what.
    pub rights: RightsConfig,
    /// What the arguments of calls may be.
    pub arguments: Vec<ArgumentConfig>,
    /// Whether arguments are held to the schemas that the server listed.
    pub schema: SchemaConfig,
    /// How often, how many and how much.
    pub quotas: QuotaConfig,
    /// Where clients may be, and where URLs may lead.
    pub network: NetworkConfig,
    /// How much clients may say, all together.
    pub rate: RateConfig,
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
    /// Requests of the client that come before `initialize` had its result are refused with
    /// `not_initialized`; of 2026-07-28, which has no such exchange, none is.
    pub require_initialize: bool,
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

/// Tools by patterns of their names, whoever calls them: `*` is any run of characters, `?` one.
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

impl RateConfig {
    fn compile(self) -> Option<Rate> {
        let burst = match self.burst {
            0 => 10 * u64::from(self.per_second),
            burst => u64::from(burst),
        };
        Rate::new(u64::from(self.per_second), Every::Second, burst)
    }
}

/// A compiled policy. One may serve any number of engines.
#[derive(Debug)]
pub struct Policy {
    pub(crate) principals: Principals,
    credential: Option<Attached>,
    pub(crate) sanitise: SanitiseConfig,
    /// What placeholders are made with.
    pub(crate) seal_key: Option<SealKey>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) batch_enabled: bool,
    pub(crate) refusals: RefusalConfig,
    pub(crate) rate: Option<Rate>,
    requests: RequestConfig,
    denied_tools: GlobSet,
    asked_tools: GlobSet,
    rights: Rights,
    arguments: Arguments,
    arguments_from: NamesFrom,
    pub(crate) schema: SchemaConfig,
    pub(crate) metering: Metering,
    pub(crate) lockout: LockoutConfig,
    network: Network,
    faults: Vec<PatternFault>,
    names: RuleNames,
    /// Some rule or token is for some servers only.
    names_servers: bool,
    rights_from: NamesFrom,
}

impl Policy {
    /// Compiles a configuration.
    ///
    /// # Errors
    /// An empty token or credential, tokens beside a credential, a digest that is none, an unknown
    /// rule; with `strict` any refused pattern.
    pub fn compile(config: &PolicyConfig) -> Result<Self, ConfigError> {
        let (rules, faults) = Rules::compile(&config.redaction)?;
        let mut names = RuleNames::default();
        let right_names = config.rights.rules.iter().map(|rule| rule.name.as_str());
        let rights_from = names.add("rights.rules", right_names)?;
        config.auth.lockout.check("auth.lockout")?;
        config.schema.check()?;
        let argument_names = config.arguments.iter().map(|rule| rule.name.as_str());
        Ok(Self {
            principals: Principals::compile(&config.auth)?,
            credential: Attached::compile(&config.auth)?,
            sanitise: config.sanitise,
            seal_key: config.redaction.seal_key.clone(),
            rules: Arc::new(rules),
            batch_enabled: config.batch.enabled,
            refusals: config.refusals,
            rate: config.rate.compile(),
            requests: config.requests.clone(),
            denied_tools: GlobSet::parse(&config.tools.deny, "tools.deny")?,
            asked_tools: GlobSet::parse(&config.tools.ask, "tools.ask")?,
            rights: Rights::compile(&config.rights)?,
            arguments: Arguments::compile(&config.arguments)?,
            arguments_from: names.add("arguments", argument_names)?,
            schema: config.schema,
            metering: Metering::compile(&config.quotas, &mut names)?,
            lockout: config.auth.lockout,
            network: Network::compile(&config.network)?,
            faults,
            names,
            names_servers: names_servers(config),
            rights_from,
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

    /// The name of what decided.
    pub(crate) fn label(&self, cause: Cause) -> Label {
        match cause {
            Cause::Rule(rule) => Label::new(self.rules.info(rule).name),
            Cause::Unseen(kind) => Label::new(kind.name()),
            Cause::Named(place) => Label::new(self.names.get(place)),
            Cause::Word(word) => Label::new(word),
        }
    }

    /// What is told when the rule at this place of the rights decides.
    pub(crate) fn right_cause(&self, rule: u16) -> Cause {
        self.rights_from.cause(rule)
    }

    /// What the arguments of calls may be.
    pub(crate) fn arguments(&self) -> &Arguments {
        &self.arguments
    }

    /// What is told when the rule at this place of the arguments decides.
    pub(crate) fn argument_cause(&self, rule: u16) -> Cause {
        self.arguments_from.cause(rule)
    }

    /// What is told when the arguments of a call are refused.
    pub(crate) fn refused(&self, refused: Refused) -> Refusal {
        let Refused { rule, reason, word } = refused;
        let by_word = (word != reason.name()).then_some(Cause::Word(word));
        // A word that only says the reason again, or that is told as the rule, is no news.
        let check = if rule.is_some() && by_word.is_some() { word } else { "" };
        let rule = rule.map(|rule| self.argument_cause(rule)).or(by_word);
        Refusal { rule, check, ..reason.into() }
    }

    /// What is told when a rule of arguments has to know what nobody found out.
    pub(crate) fn unanswered(&self, rule: u16) -> Refusal {
        let rule = Some(self.argument_cause(rule));
        Refusal { rule, check: NO_ANSWER, ..Reason::Undecided.into() }
    }

    /// What a rule of arguments says of where a path was found to lead.
    ///
    /// # Errors
    /// What says no.
    pub(crate) fn settle_path(&self, rule: u16, path: &str) -> Result<(), Refusal> {
        let settled = self.arguments.settle(rule, Found::Path(path));
        settled.map_err(|refused| self.refused(refused))
    }

    /// What a rule of arguments says of the addresses that a name was found to have, separated by
    /// spaces.
    ///
    /// # Errors
    /// What says no; a word among them is no address.
    pub(crate) fn settle_name(&self, rule: u16, text: &str) -> Result<(), Refusal> {
        let addresses: Option<Vec<IpAddr>> =
            text.split_ascii_whitespace().map(|word| word.parse().ok()).collect();
        let Some(addresses) = addresses else {
            return Err(self.unanswered(rule));
        };
        let settled = self.arguments.settle(rule, Found::Addresses(&addresses));
        settled.map_err(|refused| self.refused(refused))
    }

    /// Whether some rule or token is for some servers only.
    pub(crate) fn names_servers(&self) -> bool {
        self.names_servers
    }

    /// Whether anything of this kind may be refused at all.
    pub(crate) fn judges(&self, kind: Kind) -> bool {
        self.rights.judges(kind) || (kind == Kind::Tool && !self.denied_tools.is_empty())
    }

    /// Whether what may be used of this kind depends on who asks.
    pub(crate) fn is_personal(&self, kind: Kind) -> bool {
        self.rights.is_personal(kind)
    }

    /// Whether this may be used.
    ///
    /// # Errors
    /// What says no.
    pub(crate) fn permits(&self, kind: Kind, name: &str, who: Who<'_>) -> Result<(), Ruling> {
        if kind == Kind::Tool && self.denied_tools.matches_any(name) {
            return Err(Ruling::Tools);
        }
        self.rights.judge(kind, name, who)
    }

    pub(crate) fn requires_initialize(&self) -> bool {
        self.requests.require_initialize
    }

    /// Where clients may be, and where URLs may lead: for hosts that ask alone.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Whether requests and notifications of this side get the credential.
    pub(crate) fn attaches_for(&self, side: Side) -> bool {
        side == Side::Client && self.credential.is_some()
    }

    /// What is put behind the opening brace of a message that gets the credential.
    pub(crate) fn credential(&self) -> &[u8] {
        self.credential.as_ref().map_or(&[], Attached::member)
    }

    /// Milliseconds that a request of this method may take.
    pub(crate) fn timeout(&self, method: &str) -> Option<u64> {
        self.timeout_of(method).or(self.requests.timeout_ms)
    }

    /// The same for one that may stay open unless the policy names it.
    pub(crate) fn timeout_of(&self, method: &str) -> Option<u64> {
        self.requests.timeouts.get(method).copied()
    }

    pub(crate) fn asks_for_any_tool(&self) -> bool {
        !self.asked_tools.is_empty()
    }

    pub(crate) fn asks_for_tool(&self, name: &str) -> bool {
        self.asked_tools.matches_any(name)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::compile(&PolicyConfig::default()).expect("the default configuration has no fault")
    }
}

fn names_servers(config: &PolicyConfig) -> bool {
    let PolicyConfig { auth, rights, arguments, quotas, .. } = config;
    let lists = auth.tokens.iter().map(|token| &token.servers);
    let lists = lists.chain(rights.rules.iter().map(|rule| &rule.servers));
    let lists = lists.chain(arguments.iter().map(|rule| &rule.servers));
    let lists = lists.chain(quotas.rates.iter().map(|rule| &rule.servers));
    let lists = lists.chain(quotas.bytes.iter().map(|rule| &rule.servers));
    let mut lists = lists.chain(quotas.concurrency.iter().map(|rule| &rule.servers));
    let by_claim = auth.jwt.as_ref().is_some_and(|jwt| jwt.servers_claim.is_some());
    by_claim || lists.any(|servers| !servers.is_empty())
}
