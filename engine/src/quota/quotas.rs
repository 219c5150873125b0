//! Limits, compiled: checked once, with their rates and the tags of their keys.

use super::config::{
    BreakerConfig, ByteRule, GaugeRule, LockoutConfig, Origin, Per, QuotaConfig, RateRule,
};
use super::key::{Crowd, Key, Subject, Tag};
use super::rate::{Every, Rate};
use crate::base::error::ConfigError;

/// The longest span that a configuration may name: a day.
const SPAN_MS_MAX: u64 = 86_400_000;
/// Most rules of one list. 256: a message asks each that matches it.
const RULES_MAX: usize = 256;
/// Longest name of a rule, in bytes.
const NAME_BYTES_MAX: usize = 62;

/// A rule with its rate.
#[derive(Clone, Debug, PartialEq)]
pub struct RateLimit {
    /// Its name.
    pub name: String,
    /// For whom it counts apart.
    pub per: Per,
    /// Who sends what it counts; a rule of messages counts those of clients.
    pub from: Origin,
    /// The rate.
    pub rate: Rate,
    /// Globs of the tools, methods and servers that it counts; empty: all.
    pub tools: Vec<String>,
    /// As `tools`.
    pub methods: Vec<String>,
    /// As `tools`.
    pub servers: Vec<String>,
    tag: Tag,
}

impl RateLimit {
    /// The key of a subject under this rule.
    #[must_use]
    pub const fn key(&self, subject: Subject) -> Key {
        self.tag.key(subject)
    }
}

/// A rule of how many are open at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    /// Its name.
    pub name: String,
    /// For whom it counts apart.
    pub per: Per,
    /// Most at once.
    pub max: u32,
    /// Globs of the tools and servers that it counts; empty: all.
    pub tools: Vec<String>,
    /// As `tools`.
    pub servers: Vec<String>,
    tag: Tag,
}

impl Gauge {
    /// The key of a subject under this rule.
    #[must_use]
    pub const fn key(&self, subject: Subject) -> Key {
        self.tag.key(subject)
    }
}

/// The lists of [`QuotaConfig`], compiled. What else it holds is taken as it is, after
/// [`compile`](Self::compile) has checked it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quotas {
    /// Rules of messages, in the order of the configuration.
    pub rates: Vec<RateLimit>,
    /// Rules of bytes.
    pub bytes: Vec<RateLimit>,
    /// Rules of calls that are open.
    pub concurrency: Vec<Gauge>,
}

impl Quotas {
    /// A message counts towards so many rules of rates and of bytes at most.
    pub(crate) const CHARGES_MAX: usize = 2 * RULES_MAX;

    /// Compiles the rules, and checks the rest.
    ///
    /// # Errors
    /// [`ConfigError::Setting`]: the key as a path from `quotas` on, and what is wrong.
    pub fn compile(config: &QuotaConfig) -> Result<Self, ConfigError> {
        check_list("quotas.rates", config.rates.iter().map(|rule| &*rule.name))?;
        check_list("quotas.bytes", config.bytes.iter().map(|rule| &*rule.name))?;
        check_list("quotas.concurrency", config.concurrency.iter().map(|rule| &*rule.name))?;
        for (tool, &ms) in &config.timeouts {
            check_span(&format!("quotas.timeouts.{tool}"), ms)?;
        }
        check_breaker(&config.breaker)?;
        let rates = config.rates.iter().enumerate().map(|(place, rule)| message_limit(place, rule));
        let bytes = config.bytes.iter().enumerate().map(|(place, rule)| byte_limit(place, rule));
        let gauges = config.concurrency.iter().enumerate().map(|(place, rule)| gauge(place, rule));
        Ok(Self {
            rates: rates.collect::<Result<_, _>>()?,
            bytes: bytes.collect::<Result<_, _>>()?,
            concurrency: gauges.collect::<Result<_, _>>()?,
        })
    }
}

impl LockoutConfig {
    /// Says what cannot be, under this key.
    ///
    /// # Errors
    /// [`ConfigError::Setting`].
    pub fn check(&self, key: &str) -> Result<(), ConfigError> {
        if self.failures == 0 {
            return Ok(());
        }
        check_span(&format!("{key}.window_ms"), self.window_ms)?;
        check_span(&format!("{key}.ban_ms"), self.ban_ms)
    }
}

fn message_limit(place: usize, rule: &RateRule) -> Result<RateLimit, ConfigError> {
    let key = format!("quotas.rates[{place}]");
    let (count, burst) = (u64::from(rule.count), u64::from(rule.burst));
    Ok(RateLimit {
        name: rule.name.clone(),
        per: rule.per,
        from: Origin::Client,
        rate: rate(&key, (count, u64::from(u32::MAX)), rule.every, burst)?,
        tools: rule.tools.clone(),
        methods: rule.methods.clone(),
        servers: rule.servers.clone(),
        tag: tag("rate", &rule.name, rule.per, &[rule.every as u8]),
    })
}

fn byte_limit(place: usize, rule: &ByteRule) -> Result<RateLimit, ConfigError> {
    let key = format!("quotas.bytes[{place}]");
    Ok(RateLimit {
        name: rule.name.clone(),
        per: rule.per,
        from: rule.from,
        rate: rate(&key, (rule.count, Rate::MAX), rule.every, rule.burst)?,
        tools: rule.tools.clone(),
        methods: rule.methods.clone(),
        servers: rule.servers.clone(),
        tag: tag("bytes", &rule.name, rule.per, &[rule.every as u8, rule.from as u8]),
    })
}

fn gauge(place: usize, rule: &GaugeRule) -> Result<Gauge, ConfigError> {
    if rule.max == 0 {
        let why = "has to be at least 1; deny the tools to forbid their calls";
        return fault(format!("quotas.concurrency[{place}].max"), why);
    }
    Ok(Gauge {
        name: rule.name.clone(),
        per: rule.per,
        max: rule.max,
        tools: rule.tools.clone(),
        servers: rule.servers.clone(),
        tag: tag("open", &rule.name, rule.per, &[]),
    })
}

/// A rate of so many pieces, of which there may be so many.
fn rate(
    key: &str,
    (count, most): (u64, u64),
    every: Every,
    burst: u64,
) -> Result<Rate, ConfigError> {
    if !(1..=most).contains(&count) {
        let why = format!("has to lie between 1 and {most}; remove the rule to lift the limit");
        return fault(format!("{key}.count"), &why);
    }
    // As many as count: a rule that says no burst lets a whole span's worth come at once.
    let burst = if burst == 0 { count } else { burst };
    match Rate::new(count, every, burst) {
        Some(rate) => Ok(rate),
        None => fault(format!("{key}.burst"), &format!("has to lie between 0 and {most}")),
    }
}

fn tag(kind: &str, name: &str, per: Per, more: &[u8]) -> Tag {
    let crowd = match per {
        Per::Tool => Crowd::Tools,
        Per::Address => Crowd::Addresses,
        Per::Global | Per::Principal | Per::Session | Per::Server => Crowd::Known,
    };
    Tag::of(&[kind.as_bytes(), name.as_bytes(), per.name().as_bytes(), more]).by(crowd)
}

fn check_list<'a>(
    key: &str,
    names: impl ExactSizeIterator<Item = &'a str>,
) -> Result<(), ConfigError> {
    if names.len() > RULES_MAX {
        return fault(key.to_owned(), &format!("has more than {RULES_MAX} rules"));
    }
    let mut seen = std::collections::BTreeSet::new();
    for (place, name) in names.enumerate() {
        let key = || format!("{key}[{place}].name");
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            let why = format!("a rule has a name of 1 to {NAME_BYTES_MAX} bytes");
            return fault(key(), &why);
        }
        if !seen.insert(name) {
            return fault(key(), "another rule of the list has this name");
        }
    }
    Ok(())
}

fn check_breaker(breaker: &BreakerConfig) -> Result<(), ConfigError> {
    if !breaker.enabled {
        return Ok(());
    }
    for (key, number) in [("failures", breaker.failures), ("probes", breaker.probes)] {
        if number == 0 {
            let why = "has to be at least 1; enabled: false switches the breaker off";
            return fault(format!("quotas.breaker.{key}"), why);
        }
    }
    check_span("quotas.breaker.window_ms", breaker.window_ms)?;
    check_span("quotas.breaker.open_ms", breaker.open_ms)
}

fn check_span(key: &str, ms: u64) -> Result<(), ConfigError> {
    if (1..=SPAN_MS_MAX).contains(&ms) {
        return Ok(());
    }
    fault(key.to_owned(), &format!("has to lie between 1 and {SPAN_MS_MAX} ms"))
}

fn fault<T>(key: String, why: &str) -> Result<T, ConfigError> {
    Err(ConfigError::Setting(key, why.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, count: u32, burst: u32) -> RateRule {
        RateRule { name: name.to_owned(), count, burst, ..RateRule::default() }
    }

    fn rates(rates: Vec<RateRule>) -> Result<Quotas, String> {
        compiled(&QuotaConfig { rates, ..QuotaConfig::default() })
    }

    fn bytes(count: u64, burst: u64) -> Result<Quotas, String> {
        let rule = ByteRule { name: "b".to_owned(), count, burst, ..ByteRule::default() };
        compiled(&QuotaConfig { bytes: vec![rule], ..QuotaConfig::default() })
    }

    /// What is compiled, or the key at fault.
    fn compiled(config: &QuotaConfig) -> Result<Quotas, String> {
        Quotas::compile(config).map_err(|error| match error {
            ConfigError::Setting(key, _) => key,
            other => other.to_string(),
        })
    }

    #[test]
    fn nothing_said_limits_nothing() {
        assert_eq!(compiled(&QuotaConfig::default()), Ok(Quotas::default()));
        let empty: QuotaConfig = serde_json::from_str("{}").expect("a configuration");
        assert_eq!(empty, QuotaConfig::default());
    }

    #[test]
    fn no_burst_is_a_burst_of_as_many_as_the_count() {
        for (burst, at_once) in [(0, 60), (1, 1), (90, 90)] {
            let quotas = rates(vec![rule("r", 60, burst)]).expect("rules");
            assert_eq!(quotas.rates[0].rate.burst(), at_once);
        }
    }

    #[test]
    fn counts_lie_within_their_limits() {
        let at = |key: &str| Some(key.to_owned());
        assert_eq!(rates(vec![rule("r", 0, 5)]).err(), at("quotas.rates[0].count"));
        assert_eq!(rates(vec![rule("r", 1, 0), rule("s", u32::MAX, u32::MAX)]).err(), None);
        let most = Rate::MAX;
        assert_eq!(bytes(most - 1, most).err(), None);
        assert_eq!(bytes(most, most).err(), None);
        assert_eq!(bytes(most + 1, 1).err(), at("quotas.bytes[0].count"));
        assert_eq!(bytes(1, most + 1).err(), at("quotas.bytes[0].burst"));
    }

    #[test]
    fn names_are_there_and_differ() {
        let named = |names: &[&str]| {
            rates(names.iter().map(|name| rule(name, 1, 1)).collect()).err().unwrap_or_default()
        };
        let (fits, over) = ("n".repeat(62), "n".repeat(63));
        assert_eq!(named(&["a", "b", &fits]), "");
        assert_eq!(named(&["a", ""]), "quotas.rates[1].name");
        assert_eq!(named(&[&over]), "quotas.rates[0].name");
        assert_eq!(named(&["a", "b", "a"]), "quotas.rates[2].name");
        for (count, fault) in [(255, ""), (256, ""), (257, "quotas.rates")] {
            let names: Vec<String> = (0..count).map(|number| number.to_string()).collect();
            assert_eq!(named(&names.iter().map(String::as_str).collect::<Vec<_>>()), fault);
        }
    }

    #[test]
    fn spans_lie_within_a_day() {
        for (ms, fits) in [(0, false), (1, true), (SPAN_MS_MAX, true), (SPAN_MS_MAX + 1, false)] {
            let mut config = QuotaConfig::default();
            config.timeouts.insert("slow_*".to_owned(), ms);
            let fault = (!fits).then(|| "quotas.timeouts.slow_*".to_owned());
            assert_eq!(compiled(&config).err(), fault, "{ms}");
            let mut config = QuotaConfig::default();
            config.breaker = BreakerConfig { enabled: true, open_ms: ms, ..config.breaker };
            let fault = (!fits).then(|| "quotas.breaker.open_ms".to_owned());
            assert_eq!(compiled(&config).err(), fault, "{ms}");
            let lockout = LockoutConfig { failures: 1, ban_ms: ms, ..LockoutConfig::default() };
            assert_eq!(lockout.check("auth.lockout").is_ok(), fits, "{ms}");
        }
        let lockout = LockoutConfig { failures: 0, ban_ms: 0, ..LockoutConfig::default() };
        assert_eq!(lockout.check("auth.lockout"), Ok(()), "off");
    }

    #[test]
    fn a_breaker_and_a_gauge_start_at_one() {
        for (failures, probes, fault) in
            [(1, 1, None), (0, 1, Some("failures")), (1, 0, Some("probes"))]
        {
            let mut config = QuotaConfig::default();
            config.breaker = BreakerConfig { enabled: true, failures, probes, ..config.breaker };
            let fault = fault.map(|key| format!("quotas.breaker.{key}"));
            assert_eq!(compiled(&config).err(), fault);
            config.breaker.enabled = false;
            assert_eq!(compiled(&config).err(), None, "off");
        }
        for (max, fault) in [(0, Some("quotas.concurrency[0].max")), (1, None)] {
            let rule = GaugeRule { name: "g".to_owned(), max, ..GaugeRule::default() };
            let config = QuotaConfig { concurrency: vec![rule], ..QuotaConfig::default() };
            assert_eq!(compiled(&config).err().as_deref(), fault);
        }
    }

    #[test]
    fn a_rule_keeps_its_keys_wherever_it_stands_and_whatever_its_count() {
        let first = rates(vec![rule("a", 1, 1), rule("b", 2, 2)]).expect("rules");
        let later = rates(vec![rule("b", 9, 9), rule("a", 1, 1)]).expect("rules");
        let global = Subject::GLOBAL;
        assert_eq!(first.rates[0].key(global), later.rates[1].key(global));
        assert_ne!(first.rates[0].key(global), first.rates[1].key(global));
        let daily = RateRule { every: Every::Day, ..rule("a", 1, 1) };
        let daily = rates(vec![daily]).expect("rules");
        assert_ne!(daily.rates[0].key(global), first.rates[0].key(global), "other parts");
    }

    #[test]
    fn words_are_spelled_in_snake_case_and_unknown_keys_are_refused() {
        let read = serde_json::from_str::<QuotaConfig>;
        let text = r#"{"rates":[{"name":"r","per":"principal","count":1,"every":"hour"}],
            "bytes":[{"name":"b","from":"server","count":1}],
            "responses":{"action":"truncate","tools":{"x*":{"bytes_max":9}}}}"#;
        let config = read(text).expect("a configuration");
        assert_eq!((config.rates[0].per, config.rates[0].every), (Per::Principal, Every::Hour));
        assert_eq!(config.bytes[0].from, Origin::Server);
        assert_eq!(config.responses.tools["x*"].bytes_max, 9);
        assert!(read(r#"{"rate":[]}"#).is_err());
        assert!(read(r#"{"rates":[{"bursts":1}]}"#).is_err());
    }
}
