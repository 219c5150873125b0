//! The rules for arguments: compiled once, asked for each call.

use core::net::IpAddr;
use std::borrow::Cow;
use std::ops::Range;

use super::check::{Check, Denial};
use super::choice::{CHOICES_MAX, Choice};
use super::config::ArgumentConfig;
use super::length::Length;
use super::members::{MEMBERS_MAX, Members};
use super::path::PathCheck;
use super::pattern::{Budget, Pattern};
use super::place::{Fit, Place};
use super::range;
use super::url::UrlCheck;
use super::walk::{Level, Walk};
use crate::base::error::ConfigError;
use crate::base::glob::{GlobSet, Sieve};
use crate::base::limits::{BUFFER_BYTES_SOFT, Limits};
use crate::base::reason::Reason;

/// A policy with more rules is not written by hand, and each is compared with each value.
pub(crate) const RULES_MAX: usize = 256;
/// A host is asked at most so many questions about one call.
pub(crate) const QUESTIONS_MAX: usize = 8;
/// The word of the check that needs to know what nobody found out.
pub(crate) const NO_ANSWER: &str = "answer";
/// The name of a rule has at most so many bytes: it fits into a record whole.
const NAME_BYTES_MAX: usize = 62;

/// The rules in force, in the order of the configuration.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    rules: Box<[Rule]>,
    /// By the names of tools.
    sieve: Sieve,
}

/// The rules for one call.
pub(crate) struct Chosen<'c> {
    rules: &'c [Rule],
    scratch: &'c mut Scratch,
}

/// A call, as far as a schema looks at it.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    /// The decoded name of the tool.
    pub tool: &'a str,
    /// A validated frame.
    pub frame: &'a [u8],
    /// Where in it the value of `params.arguments` stands, if there is one.
    pub arguments: Option<Range<usize>>,
}

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The rule that refused, by its number; none, if two peers would read the arguments
    /// differently.
    pub rule: Option<u16>,
    pub reason: Reason,
    /// The stable word of the check.
    pub word: &'static str,
}

impl Refused {
    pub(super) const fn unruly(reason: Reason) -> Self {
        Self { rule: None, reason, word: reason.name() }
    }
}

/// What a host has to find out before a call is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub kind: QuestionKind,
    /// The path or the name, as the rule read it.
    pub text: Box<str>,
    /// The rule that asks, by its number.
    pub rule: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuestionKind {
    /// Where a path leads when symlinks are followed.
    Path,
    /// Which addresses a name has.
    Name,
}

/// What a host found out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer<'a> {
    /// The absolute path without symlinks.
    Path(&'a str),
    /// All addresses of the name.
    Addresses(&'a [IpAddr]),
}

/// One rule.
#[derive(Debug)]
pub(super) struct Rule {
    name: Box<str>,
    tools: GlobSet,
    servers: GlobSet,
    pub place: Place,
    pub checks: Box<[Check]>,
    required: bool,
    /// It has a check that judges the elements of an array one by one.
    pub is_for_elements: bool,
    /// It has a check of the names of members.
    has_members: bool,
}

/// A rule for this call.
pub(super) struct Active {
    pub number: u16,
    /// A value stood at its place.
    pub met: bool,
    /// The hash of the last name of its place; none, if that may be any.
    pub leaf: Option<u64>,
}

/// A rule that is about elements of an open array, or may be.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    /// Which of the active ones it is.
    pub at: u16,
    /// How elements stand to its place, but for their number.
    pub fit: Fit,
    /// The array stands at its place, and it judges elements one by one.
    pub is_for_each: bool,
}

/// Memory that is used again from call to call.
#[derive(Default)]
pub(crate) struct Scratch {
    /// The rules for this call.
    pub(super) active: Vec<Active>,
    /// Those of them, by their place there, that an element of an array in an array may meet.
    pub(super) loose: Vec<u16>,
    /// The rules about elements of each open array, outer ones first.
    pub(super) asked: Vec<Asked>,
    /// One of them has a check of the names of members.
    pub(super) has_members: bool,
    pub(super) levels: Vec<Level>,
    /// Hashes of the names of the members of every open object.
    pub(super) hashes: Vec<u64>,
    /// A decoded string.
    pub(super) text: Vec<u8>,
}

impl Scratch {
    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        self.active.capacity() * size_of::<Active>()
            + self.loose.capacity() * size_of::<u16>()
            + self.asked.capacity() * size_of::<Asked>()
            + self.levels.capacity() * size_of::<Level>()
            + self.hashes.capacity() * size_of::<u64>()
            + self.text.capacity()
    }

    /// Most bytes for arguments of this size in bytes, in a frame that is so deep, whose objects have
    /// so many members. Lists that double count twice.
    pub(crate) const fn memory_max(bytes: usize, depth: usize, members: usize) -> usize {
        let rules = size_of::<Active>() + size_of::<u16>() + depth * size_of::<Asked>();
        let level = size_of::<Level>() + members * size_of::<u64>();
        bytes + 2 * (RULES_MAX * rules + depth * level)
    }

    /// For another call, of which no rule is known.
    fn clear(&mut self) {
        self.active.clear();
        self.loose.clear();
        self.has_members = false;
    }

    /// Gives back what a large call took.
    fn settle_down(&mut self) {
        if self.memory() > BUFFER_BYTES_SOFT {
            self.asked = Vec::new();
            self.levels = Vec::new();
            self.hashes = Vec::new();
            self.text = Vec::new();
        }
    }
}

impl Arguments {
    /// Compiles the rules.
    ///
    /// # Errors
    /// The first rule that says nothing, too much, or what cannot be, by its key.
    pub(crate) fn compile(configs: &[ArgumentConfig]) -> Result<Self, ConfigError> {
        if configs.len() > RULES_MAX {
            return fault("arguments", &format!("has more than {RULES_MAX} rules; join some"));
        }
        let mut budget = Budget::default();
        let mut rules: Vec<Rule> = Vec::with_capacity(configs.len());
        for (number, config) in configs.iter().enumerate() {
            let key = format!("arguments[{number}]");
            if rules.iter().any(|rule| *rule.name == *config.name) {
                return fault(&format!("{key}.name"), "another rule has this name already");
            }
            rules.push(Rule::compile(config, &key, &mut budget)?);
        }
        let tools = rules.iter().map(|rule| Some(&rule.tools).filter(|tools| !tools.is_empty()));
        let sieve = Sieve::of(tools);
        Ok(Self { rules: rules.into(), sieve })
    }

    /// The rules that are for calls of this tool, if there are any.
    pub(crate) fn choose<'c>(
        &'c self,
        server: &str,
        tool: &str,
        scratch: &'c mut Scratch,
    ) -> Option<Chosen<'c>> {
        scratch.clear();
        for number in self.sieve.candidates(tool) {
            let rule = &self.rules[number];
            if rule.is_for(server, tool) {
                scratch.has_members |= rule.has_members;
                let leaf = rule.place.leaf();
                if !rule.place.is_named() {
                    scratch.loose.push(scratch.active.len() as u16);
                }
                scratch.active.push(Active { number: number as u16, met: false, leaf });
            }
        }
        (!scratch.active.is_empty()).then_some(Chosen { rules: &self.rules, scratch })
    }

    /// The name of a rule.
    #[cfg(test)]
    pub(crate) fn name(&self, rule: u16) -> &str {
        self.rules.get(usize::from(rule)).map_or("", |rule| &rule.name)
    }

    /// Judges what a host found out for a question of this rule.
    ///
    /// # Errors
    /// The check that does not hold; [`Reason::Undecided`] for an answer to something else.
    pub(crate) fn settle(&self, rule: u16, answer: Answer<'_>) -> Result<(), Refused> {
        let checks = self.rules.get(usize::from(rule)).map_or(&[] as &[Check], |rule| &rule.checks);
        let settled = match answer {
            Answer::Path(path) => checks.iter().find_map(|check| match check {
                Check::Path(check) => Some(check.settle(path)),
                _ => None,
            }),
            Answer::Addresses(addresses) => checks.iter().find_map(|check| match check {
                Check::Url(check) => Some(check.settle(addresses)),
                _ => None,
            }),
        };
        let undecided = Denial { reason: Reason::Undecided, word: NO_ANSWER };
        settled.unwrap_or(Err(undecided)).map_err(|denial| denial.by(rule))
    }
}

impl Chosen<'_> {
    /// Judges the arguments of the call in one walk, and says what the host has to find out.
    ///
    /// `arguments` is where the value of `params.arguments` stands in a validated frame, if there
    /// is one. `raw` gives the inside of a string as it leaves, still escaped: without the
    /// characters that are taken out of it.
    ///
    /// # Errors
    /// The first check that does not hold, in the order of the text and then of the rules; more
    /// questions than [`QUESTIONS_MAX`]; an object that two peers may read differently.
    pub(crate) fn judge<'a>(
        self,
        frame: &[u8],
        arguments: Option<Range<usize>>,
        limits: &Limits,
        raw: impl Fn(Range<usize>) -> Cow<'a, [u8]>,
    ) -> Result<Vec<Question>, Refused> {
        let Self { rules, scratch } = self;
        let questions = match arguments {
            Some(at) if frame.get(at.start) != Some(&b'{') => {
                return Err(Refused::unruly(Reason::BadParamsMember));
            }
            Some(at) => Walk::new(rules, frame, limits, raw, scratch).run(at),
            None => Ok(Vec::new()),
        };
        let is_missing = |rule: &&Active| !rule.met && rules[usize::from(rule.number)].required;
        let missing = scratch.active.iter().find(is_missing).map(|rule| Refused {
            rule: Some(rule.number),
            reason: Reason::ArgumentDenied,
            word: "required",
        });
        scratch.settle_down();
        let questions = questions?;
        missing.map_or(Ok(questions), Err)
    }
}

/// Refuses a call whose arguments hold an object that two peers may read differently, whatever
/// stands in it: for who judges the arguments by other means than rules.
///
/// # Errors
/// Two members of one name, too many members, or no object.
pub(super) fn check_members(
    frame: &[u8],
    at: Range<usize>,
    limits: &Limits,
    scratch: &mut Scratch,
) -> Result<(), Refused> {
    if frame.get(at.start) != Some(&b'{') {
        return Err(Refused::unruly(Reason::BadParamsMember));
    }
    scratch.clear();
    let raw = |range: Range<usize>| Cow::Borrowed(&frame[range]);
    let walked = Walk::new(&[], frame, limits, raw, scratch).run(at);
    scratch.settle_down();
    walked.map(|_| ())
}

impl Denial {
    pub(super) const fn by(self, rule: u16) -> Refused {
        Refused { rule: Some(rule), reason: self.reason, word: self.word }
    }
}

impl Rule {
    fn compile(
        config: &ArgumentConfig,
        key: &str,
        budget: &mut Budget,
    ) -> Result<Self, ConfigError> {
        if config.name.is_empty() || config.name.len() > NAME_BYTES_MAX {
            return fault(&format!("{key}.name"), "a name has 1 to 62 bytes");
        }
        let place = Place::parse(&config.at)
            .or_else(|(why, _)| fault(&format!("{key}.at"), &format!("{why} (from arguments)")))?;
        let checks = checks(config, key, budget)?;
        let rule = Self {
            name: config.name.as_str().into(),
            tools: GlobSet::parse(&config.tools, &format!("{key}.tools"))?,
            servers: GlobSet::parse(&config.servers, &format!("{key}.servers"))?,
            is_for_elements: checks.iter().any(Check::is_for_elements) && !place.is_open(),
            has_members: checks.iter().any(|check| matches!(check, Check::Members(_))),
            place,
            checks: checks.into(),
            required: config.required,
        };
        rule.make_sense(config, key)?;
        Ok(rule)
    }

    /// Refuses what would refuse every call, or do nothing.
    fn make_sense(&self, config: &ArgumentConfig, key: &str) -> Result<(), ConfigError> {
        let place = &self.place;
        if self.checks.is_empty() && !self.required {
            return fault(key, "has no check: give one, such as path, regex or required");
        }
        if place.is_root() && self.checks.iter().any(|check| !matches!(check, Check::Members(_))) {
            let why = "is empty, which is arguments itself: for this only members and required can \
                       be given; name a place within, such as /path";
            return fault(&format!("{key}.at"), why);
        }
        if place.is_open() && config.kind.is_some() {
            let why =
                "cannot be given at a place that ends in **: the values there are of all types";
            return fault(&format!("{key}.kind"), why);
        }
        if config.required && !place.is_single() {
            let why = "needs a place of names alone, without * and **";
            return fault(&format!("{key}.required"), why);
        }
        if config.resolve && config.path.is_none() && config.url.is_none() {
            return fault(&format!("{key}.resolve"), "means nothing without path or url");
        }
        if config.linear && config.regex.is_none() && config.not_regex.is_none() {
            return fault(&format!("{key}.linear"), "means nothing without regex or not_regex");
        }
        Ok(())
    }

    fn is_for(&self, server: &str, tool: &str) -> bool {
        (self.tools.is_empty() || self.tools.matches_any(tool))
            && (self.servers.is_empty() || self.servers.matches_any(server))
    }
}

/// The checks of a rule; those that cost least come first.
fn checks(
    config: &ArgumentConfig,
    key: &str,
    budget: &mut Budget,
) -> Result<Vec<Check>, ConfigError> {
    let mut checks = Vec::new();
    checks.extend(config.kind.map(Check::Kind));
    if let Some(names) = &config.members {
        if names.len() > MEMBERS_MAX {
            return fault(&format!("{key}.members"), "has more than 4096 names");
        }
        checks.push(Check::Members(Members::new(names)));
    }
    if let Some(length) = config.length {
        let length = Length::compile(length).or_else(|why| fault(&format!("{key}.length"), why))?;
        checks.push(Check::Length(length));
    }
    if let Some(range) = &config.range {
        let compiled = range::Range::compile(range);
        checks.push(Check::Range(compiled.or_else(|why| fault(&format!("{key}.range"), why))?));
    }
    if !config.one_of.is_empty() {
        if config.one_of.len() > CHOICES_MAX {
            return fault(&format!("{key}.one_of"), "has more than 4096 values");
        }
        checks.push(Check::OneOf(Choice::new(&config.one_of)));
    }
    if config.no_leading_dash {
        checks.push(Check::Dash);
    }
    if let Some(regex) = &config.regex {
        let pattern = Pattern::whole(regex, config.linear, budget);
        checks.push(Check::Regex(pattern.or_else(|why| fault(&format!("{key}.regex"), &why))?));
    }
    if let Some(regex) = &config.not_regex {
        let pattern = Pattern::part(regex, config.linear, budget);
        let pattern = pattern.or_else(|why| fault(&format!("{key}.not_regex"), &why))?;
        checks.push(Check::NotRegex(pattern));
    }
    if let Some(path) = &config.path {
        checks.push(Check::Path(PathCheck::compile(path, config.resolve, &format!("{key}.path"))?));
    }
    if let Some(url) = &config.url {
        checks.push(Check::Url(UrlCheck::compile(url, config.resolve, &format!("{key}.url"))?));
    }
    Ok(checks)
}

fn fault<T>(key: &str, why: &str) -> Result<T, ConfigError> {
    Err(ConfigError::Setting(key.to_owned(), why.to_owned()))
}
