//! Which limits a message counts towards: the rules of quotas, with their patterns compiled.

use super::names::{NamesFrom, RuleNames};
use super::reply::Cause;
use crate::base::error::ConfigError;
use crate::base::glob::{Glob, GlobSet};
use crate::quota::{
    BreakerConfig, Charge, Crowd, Gauge, Hold, Origin, Per, QuotaConfig, Quotas, RateLimit,
    ResponseAction, ResponseLimit, SessionConfig, Subject, Tag,
};

/// What a message is, as far as limits ask.
#[derive(Clone, Copy)]
pub(crate) struct Metered<'a> {
    pub method: &'a str,
    /// The tool that is called, or whose answer it is.
    pub tool: Option<&'a str>,
    /// Only the beginning of the method's or the tool's name is known: rules that name any of the
    /// kind are about it.
    pub method_is_cut: bool,
    pub tool_is_cut: bool,
    pub server: &'a str,
    pub subjects: Subjects,
}

/// The tool whose answer is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ToolName<'a> {
    pub name: &'a str,
    /// It is not known, or only its beginning is.
    pub is_cut: bool,
}

/// Whom limits count apart; what is not known counts as its session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subjects {
    pub address: Subject,
    pub principal: Subject,
    pub session: Subject,
    pub server: Subject,
}

impl Default for Subjects {
    fn default() -> Self {
        let all = Subject::GLOBAL;
        Self { address: all, principal: all, session: all, server: all }
    }
}

impl Metered<'_> {
    fn subject(&self, per: Per, tool: &mut impl FnMut(&Self) -> Subject) -> Subject {
        match per {
            Per::Global => Subject::GLOBAL,
            Per::Address => self.subjects.address,
            Per::Principal => self.subjects.principal,
            Per::Session => self.subjects.session,
            Per::Server => self.subjects.server,
            Per::Tool => tool(self),
        }
    }
}

/// What a rule is about; an empty part is about all.
#[derive(Debug)]
struct About {
    tools: GlobSet,
    methods: GlobSet,
    servers: GlobSet,
}

impl About {
    fn compile(key: &str, [tools, methods, servers]: [&[String]; 3]) -> Result<Self, ConfigError> {
        Ok(Self {
            tools: GlobSet::parse(tools, &format!("{key}.tools"))?,
            methods: GlobSet::parse(methods, &format!("{key}.methods"))?,
            servers: GlobSet::parse(servers, &format!("{key}.servers"))?,
        })
    }

    fn is_about(&self, what: &Metered<'_>, per: Per) -> bool {
        let is_in = |set: &GlobSet, name: &str| set.is_empty() || set.matches_any(name);
        let tool = match what.tool {
            Some(tool) => what.tool_is_cut || is_in(&self.tools, tool),
            None => self.tools.is_empty() && per != Per::Tool,
        };
        tool && (what.method_is_cut || is_in(&self.methods, what.method))
            && is_in(&self.servers, what.server)
    }
}

/// The limits of a policy.
#[derive(Debug)]
pub(crate) struct Metering {
    rates: Vec<(RateLimit, About)>,
    bytes: Vec<(RateLimit, About)>,
    concurrency: Vec<(Gauge, About)>,
    timeouts: Vec<(Glob, u64)>,
    responses: Vec<(Glob, ResponseLimit)>,
    response: ResponseLimit,
    names: [NamesFrom; 3],
    pub breaker: BreakerConfig,
    pub sessions: SessionConfig,
    pub open_report_ms: u64,
}

/// What a message takes.
#[derive(Clone, Copy)]
pub(crate) struct Spend {
    /// Who sent it.
    pub from: Origin,
    /// It counts towards rates.
    pub says: bool,
    pub bytes: u64,
}

/// Which list of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meter {
    Rates = 0,
    Bytes = 1,
    Concurrency = 2,
}

impl Metering {
    /// # Errors
    /// What cannot be, by its key.
    pub(crate) fn compile(
        config: &QuotaConfig,
        names: &mut RuleNames,
    ) -> Result<Self, ConfigError> {
        let Quotas { rates, bytes, concurrency, .. } = Quotas::compile(config)?;
        if concurrency.len() > CONCURRENCY_MAX {
            let what = "has more than 16 rules, and each open call would hold them all: join some";
            return Err(ConfigError::Setting("quotas.concurrency".into(), what.into()));
        }
        let names = [
            names.add("quotas.rates", rates.iter().map(|rule| rule.name.as_str()))?,
            names.add("quotas.bytes", bytes.iter().map(|rule| rule.name.as_str()))?,
            names.add("quotas.concurrency", concurrency.iter().map(|rule| rule.name.as_str()))?,
        ];
        let limits = |key: &str, rules: Vec<RateLimit>| {
            let about = |(place, rule): (usize, RateLimit)| {
                let parts = [&rule.tools, &rule.methods, &rule.servers].map(Vec::as_slice);
                let about = About::compile(&format!("{key}[{place}]"), parts)?;
                Ok((rule, about))
            };
            rules.into_iter().enumerate().map(about).collect::<Result<Vec<_>, ConfigError>>()
        };
        let gauge = |(place, rule): (usize, Gauge)| {
            let parts = [rule.tools.as_slice(), &[], rule.servers.as_slice()];
            let about = About::compile(&format!("quotas.concurrency[{place}]"), parts)?;
            Ok((rule, about))
        };
        let response = &config.responses;
        Ok(Self {
            rates: limits("quotas.rates", rates)?,
            bytes: limits("quotas.bytes", bytes)?,
            concurrency: concurrency
                .into_iter()
                .enumerate()
                .map(gauge)
                .collect::<Result<_, _>>()?,
            timeouts: by_tool("quotas.timeouts", config.timeouts.iter().map(|(k, v)| (k, *v)))?,
            responses: by_tool(
                "quotas.responses.tools",
                response.tools.iter().map(|(tool, limit)| (tool, *limit)),
            )?,
            response: ResponseLimit { bytes_max: response.bytes_max, action: response.action },
            names,
            breaker: config.breaker,
            sessions: config.sessions,
            open_report_ms: config.open_report_ms,
        })
    }

    /// Whether any rule counts messages or bytes.
    pub(crate) fn counts(&self) -> bool {
        !self.rates.is_empty() || !self.bytes.is_empty()
    }

    /// Whether any rule counts what is open.
    pub(crate) fn holds(&self) -> bool {
        !self.concurrency.is_empty()
    }

    /// Hands on what a message takes; `tool` says whom limits count for its tool.
    pub(crate) fn charge(
        &self,
        what: &Metered<'_>,
        Spend { from, says, bytes }: Spend,
        tool: &mut impl FnMut(&Metered<'_>) -> Subject,
        mut out: impl FnMut(Meter, u16, Charge),
    ) {
        let mut add = |meter: Meter, rules: &[(RateLimit, About)], pieces: u64| {
            for (place, (rule, about)) in rules.iter().enumerate() {
                if rule.from == from && about.is_about(what, rule.per) {
                    let key = rule.key(what.subject(rule.per, tool));
                    out(meter, place as u16, Charge { key, rate: rule.rate, pieces });
                }
            }
        };
        if says {
            add(Meter::Rates, &self.rates, 1);
        }
        add(Meter::Bytes, &self.bytes, bytes);
    }

    /// Hands on what a call holds while it is open; `tool` says whom limits count for its tool.
    pub(crate) fn hold(
        &self,
        what: &Metered<'_>,
        tool: &mut impl FnMut(&Metered<'_>) -> Subject,
        mut out: impl FnMut(u16, Hold),
    ) {
        for (place, (rule, about)) in self.concurrency.iter().enumerate() {
            if about.is_about(what, rule.per) {
                let key = rule.key(what.subject(rule.per, tool));
                out(place as u16, Hold { key, max: rule.max });
            }
        }
    }

    /// What a session holds while it is open.
    pub(crate) fn session_holds(&self, subjects: &Subjects) -> Vec<Hold> {
        let SessionConfig { per_principal_max, per_address_max, .. } = self.sessions;
        let hold = |name: &[u8], crowd, subject, max| -> Option<Hold> {
            let tag = || Tag::of(&[b"sessions", name]).by(crowd);
            (max > 0).then(|| Hold { key: tag().key(subject), max })
        };
        [
            hold(b"principal", Crowd::Known, subjects.principal, per_principal_max),
            hold(b"address", Crowd::Addresses, subjects.address, per_address_max),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether what comes of a tool has limits of its own.
    pub(crate) fn is_by_tool(&self) -> bool {
        let mut bytes = self.bytes.iter();
        !self.timeouts.is_empty()
            || !self.responses.is_empty()
            || bytes.any(|(rule, about)| rule.per == Per::Tool || !about.tools.is_empty())
    }

    /// Milliseconds that a call of this tool may take; of any, if it is not known.
    pub(crate) fn timeout(&self, tool: Option<&str>) -> Option<u64> {
        let is_it = |glob: &Glob| tool.is_none_or(|tool| glob.matches(tool));
        let about = self.timeouts.iter().filter(|(glob, _)| is_it(glob));
        about.map(|&(_, ms)| ms).min()
    }

    /// How long an answer may be, and what becomes of a longer one.
    pub(crate) fn response(&self, tool: Option<ToolName<'_>>) -> Option<(usize, ResponseAction)> {
        // Of a tool that is not known any of them may be the one, or none.
        let is_it = |glob: &Glob| tool.is_some_and(|it| it.is_cut || glob.matches(it.name));
        let about = self.responses.iter().filter(|(glob, _)| is_it(glob)).map(|(_, limit)| *limit);
        let default = tool.filter(|tool| tool.is_cut).map(|_| self.response);
        let limited = about.chain(default).min_by_key(|limit| match limit.bytes_max {
            0 => u64::MAX,
            bytes => bytes,
        });
        let limit = limited.unwrap_or(self.response);
        (limit.bytes_max > 0)
            .then(|| (usize::try_from(limit.bytes_max).unwrap_or(usize::MAX), limit.action))
    }

    /// What is told when a rule refuses.
    pub(crate) fn cause(&self, meter: Meter, place: u16) -> Cause {
        self.names[meter as usize].cause(place)
    }
}

fn by_tool<'a, T>(
    key: &str,
    entries: impl Iterator<Item = (&'a String, T)>,
) -> Result<Vec<(Glob, T)>, ConfigError> {
    entries
        .map(|(pattern, value)| {
            let fault =
                |what: &str| ConfigError::Setting(format!("{key}.{pattern}"), what.to_owned());
            Ok((Glob::parse(pattern).map_err(fault)?, value))
        })
        .collect()
}

/// A call holds a place under each rule that is about it.
pub(crate) const CONCURRENCY_MAX: usize = 16;
