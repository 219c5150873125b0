//! A configuration that was read, checked and compiled, and the sizes that follow from it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use portcullis_engine::identity::JwtConfig;
use portcullis_engine::{Action, ConfigError, Engine, Ledger, Limits, Policy};

use super::settings::Settings;
use crate::approval::ARGUMENTS_BYTES_MAX;

/// A configuration that was read, checked and compiled.
#[derive(Debug)]
pub struct Loaded {
    /// The file, if there is one.
    pub file: Option<PathBuf>,
    /// What was read.
    pub settings: Settings,
    /// The compiled policy.
    pub policy: Arc<Policy>,
}

/// Longest frame of `serve` without a word in the file. 4 MiB: a daemon multiplies it by its
/// clients, and no tool's result that a model can read is as long.
const SERVE_FRAME_BYTES_MAX: u32 = 4 << 20;
/// Milliseconds that half a frame may take in `serve`. 30,000: a machine under load writes a frame
/// in less, and a client that sends a byte a second holds its place no longer.
const SERVE_FRAME_MS_MAX: u64 = 30_000;
/// Refusals that a client of `serve` is owed before it is read no further. 16: that many are judged
/// at once, some ten microseconds, while others wait for their turn.
const SERVE_ANSWERS_OWED_MAX: u32 = 16;
/// Requests a second, of all clients together: the documented default of `socket.rate_limit`.
const SERVE_RATE_LIMIT: u32 = 100;
/// What a session of `serve` holds beside its engine: a line of standard error that is not complete
/// (64 KiB) and what was found in it, what waits for the daemon's own standard error (64 KiB and
/// one read), the records of 64 events (1 KiB each); each in a buffer that may have doubled.
const SESSION_BYTES_MAX: u64 = 512 << 10;

/// What a session keeps of the schemas that its server listed, as `Limits::memory_max` has it.
const SCHEMAS_BYTES_MAX: u64 = 2 << 20;
/// A question less its arguments: a name of a tool is at most as long as other names of messages.
const QUESTION_BYTES_MAX: usize = 1 << 10;

impl Loaded {
    /// The engine's limits in `run`.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.settings.limits
    }

    /// The policy of `serve`: the documented rate limit, unless the file gives one.
    ///
    /// # Errors
    /// What the engine says against it.
    pub fn serve_policy(&self) -> Result<Arc<Policy>, ConfigError> {
        let mut config = self.settings.policy.clone();
        config.rate.per_second = self.settings.socket.rate_limit.unwrap_or(SERVE_RATE_LIMIT);
        Policy::compile(&config).map(Arc::new)
    }

    /// The engine's limits in `serve`: shorter frames, unless the file gives them.
    #[must_use]
    pub fn serve_limits(&self) -> Limits {
        let mut limits = self.settings.limits;
        let given = self.settings.frame_bytes_max;
        limits.frame_bytes_max = given.map(|bytes| bytes.unwrap_or(SERVE_FRAME_BYTES_MAX));
        if !self.settings.gives_answers_owed_max {
            limits.answers_owed_max = SERVE_ANSWERS_OWED_MAX;
        }
        limits.frame_ms_max = self.settings.frame_ms_max.unwrap_or(SERVE_FRAME_MS_MAX);
        limits
    }

    /// Most bytes that `serve` holds, whatever its clients and servers do; schemas that are compiled
    /// aside, since nobody knows their size.
    #[must_use]
    pub fn worst_case_bytes(&self) -> u64 {
        self.worst_case().bytes()
    }

    /// What a session holds at most of what is asked.
    fn questions_bytes_max(&self) -> u64 {
        let policy = &self.settings.policy;
        let asks = !policy.tools.ask.is_empty() || policy.arguments.iter().any(|rule| rule.resolve);
        let each = (ARGUMENTS_BYTES_MAX + QUESTION_BYTES_MAX) as u64;
        if asks { u64::from(self.settings.limits.tickets_max) * each } else { 0 }
    }

    /// What the ledger of all sessions holds at most. Without a limit that counts apart it has no
    /// tables; one with a place in each is more than that, and less than a session.
    fn ledger_bytes_max(&self) -> u64 {
        let (quotas, auth) = (&self.settings.policy.quotas, &self.settings.policy.auth);
        let sessions = &quotas.sessions;
        let has_tables = !quotas.rates.is_empty()
            || !quotas.bytes.is_empty()
            || !quotas.concurrency.is_empty()
            || quotas.breaker.enabled
            || sessions.per_principal_max > 0
            || sessions.per_address_max > 0
            || auth.lockout.failures > 0;
        let ledger = if has_tables { Ledger::new() } else { Ledger::with_keys_max(1) };
        ledger.memory_max() as u64
    }

    /// The same with its terms.
    #[must_use]
    pub fn worst_case(&self) -> WorstCase {
        let validates = self.settings.policy.schema.validate;
        let schemas = if validates { SCHEMAS_BYTES_MAX } else { 0 };
        WorstCase {
            clients: self.settings.serve.clients_max.into(),
            buffers: self.serve_limits().memory_max() as u64,
            engine: size_of::<Engine>() as u64,
            session: SESSION_BYTES_MAX + self.questions_bytes_max() + schemas,
            ledger: self.ledger_bytes_max(),
            validates,
        }
    }

    /// Whether a client has to show who it is.
    #[must_use]
    pub fn demands_token(&self) -> bool {
        let auth = &self.settings.policy.auth;
        !auth.tokens.is_empty() || auth.jwt.is_some()
    }

    /// Whether a token is held, or what may be a secret of a server, from wherever it came, or
    /// secrets are sealed.
    #[must_use]
    pub fn holds_token(&self) -> bool {
        let settings = &self.settings;
        let rules = self.policy.rules();
        let auth = &settings.policy.auth;
        let holds_secret = |jwt: &JwtConfig| jwt.keys.iter().any(|key| key.secret.is_some());
        !auth.tokens.is_empty()
            || auth.attach.is_some()
            || auth.jwt.as_ref().is_some_and(holds_secret)
            || rules.iter().any(|id| rules.action(id) == Action::Seal)
            || settings.servers.iter().any(|server| !server.environment.set.is_empty())
    }
}

/// The memory of `serve` at its worst: each client a session, each session at its limits, and the
/// ledger that they share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorstCase {
    /// Clients at once.
    pub clients: u64,
    /// What an engine with these limits holds.
    pub buffers: u64,
    /// The engine itself.
    pub engine: u64,
    /// What a session holds beside it.
    pub session: u64,
    /// What the ledger of all sessions holds.
    pub ledger: u64,
    /// Whether a session keeps compiled schemas, which are not counted.
    pub validates: bool,
}

impl WorstCase {
    /// The sum.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.clients * (self.buffers + self.engine + self.session) + self.ledger
    }
}

impl fmt::Display for WorstCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WorstCase { clients, buffers, engine, session, ledger, validates } = self;
        let terms = format_args!("{buffers} buffers + {engine} engine + {session} session");
        write!(f, "{} bytes = {clients} clients x ({terms}) + {ledger} ledger", self.bytes())?;
        if *validates { f.write_str(COMPILED) } else { Ok(()) }
    }
}

/// What stands beside the sum.
const COMPILED: &str = ", and 16 compiled schemas for each client";
