//! The rules in force: the catalogue, what the host added and what it took away.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use memchr::memmem;

use super::action::{self, Action};
use super::admission::Refusal;
use super::allow::{AllowList, Passing};
use super::assign;
use super::catalogue::CATALOGUE;
use super::checksum;
use super::config::{PatternConfig, PatternFault, PatternKind, RedactionConfig};
use super::finder::{self, Seen};
use super::index::Index;
use super::names::Names;
use super::needles::{Needles, PatternSet};
use super::path::Path;
use super::pattern::{Budget, PATTERNS_MAX, Pattern};
use super::places::{BATCH, Places, Window};
use super::prefilter::{self, Asked};
use super::rule::{Block, Group, Rule, RuleKind, Severity};
use super::ruling::{self, Ruling, Rulings};
use super::sample;
use super::sieve;
use super::view::{self, Buffers, Writing};
use crate::base::error::ConfigError;
use crate::bits::kernel::{BLOCK, Threes};

/// The number of a rule within one [`Rules`]: built-in rules first, then the host's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u16);

/// A secret in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// The rule that found it.
    pub rule: RuleId,
    /// How it is spelled there.
    pub writing: Writing,
}

/// What there is to say about a rule. Holds no pattern text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// Who issues such secrets; `generic` if nobody in particular, `custom` for the host's own
    /// patterns.
    pub provider: &'a str,
    /// How much harm a leak does.
    pub severity: Severity,
    /// The group that it is switched with.
    pub group: Group,
    /// Whether an example of such a secret was found outside this project; true for a pattern of
    /// the host's own.
    pub proven: bool,
    /// Whether a checksum or a structure within the secret is verified.
    pub checked: bool,
    /// Whether the secret itself shows what it is, rather than its surroundings.
    pub anchored: bool,
    /// Whether it is a pattern of the host's own.
    pub custom: bool,
    /// How it recognises its secrets.
    pub kind: RuleKind,
    /// Whether it has to be searched for in every string, for want of a text that all its matches
    /// hold.
    pub slow: bool,
}

/// Compiled rules. Read-only, so one value serves any number of sessions.
#[derive(Clone)]
pub struct Rules {
    compiled: Arc<Compiled>,
    /// Rules whose matches pass, sorted; beside none but for single strings.
    passing: Vec<u16>,
}

/// What a configuration was compiled to.
#[derive(Clone)]
struct Compiled {
    enabled: bool,
    index: Index,
    /// For each built-in rule, whether it is in force.
    active: Vec<bool>,
    customs: Vec<Custom>,
    /// For each rule, what becomes of its matches.
    rulings: Vec<Ruling>,
    /// For each rule, what stands in for a match: as plain text, and as JSON spells it.
    replacements: Vec<(String, Vec<u8>)>,
    /// The texts that the custom patterns demand.
    needles: Needles,
    /// The custom patterns that have to be searched for in every string.
    slow: PatternSet,
    /// What the custom patterns cost.
    budget: Budget,
    /// What passes although it is found.
    allow: AllowList,
}

#[derive(Clone)]
struct Custom {
    name: String,
    kind: PatternKind,
    pattern: Pattern,
}

impl Rules {
    /// Compiles a configuration. Patterns that are not admitted are skipped and reported, or an
    /// error when the configuration is strict.
    pub fn compile(config: &RedactionConfig) -> Result<(Rules, Vec<PatternFault>), ConfigError> {
        let rulings = Rulings::new(config)?;
        let built_in: Vec<_> =
            CATALOGUE.iter().map(|rule| rulings.of(rule.name, rule.group)).collect();
        let active: Vec<bool> = built_in.iter().map(Option::is_some).collect();
        let index = Index::new(Names::compile(&config.names)?, |id| active[id as usize]);
        let mut compiled = Compiled {
            enabled: config.enabled,
            index,
            active,
            customs: Vec::new(),
            rulings: Vec::new(),
            replacements: Vec::new(),
            needles: Needles::new(),
            slow: PatternSet::default(),
            budget: Budget::default(),
            allow: AllowList::default(),
        };
        for (rule, ruling) in CATALOGUE.iter().zip(built_in) {
            compiled.rule(rule.name, ruling.unwrap_or_default());
        }
        let mut faults = Vec::new();
        for (n, pattern) in config.patterns.iter().enumerate() {
            let ruling = rulings.of_pattern(pattern);
            match compiled.admit(n, pattern, ruling) {
                Ok(()) => {}
                Err((reason, at)) if config.strict => {
                    let at = at.map(|at| format!(" at byte {at}")).unwrap_or_default();
                    return Err(ConfigError::Pattern(pattern.name.clone(), reason + &at));
                }
                Err((reason, at)) => {
                    faults.push(PatternFault { name: pattern.name.clone(), index: n, reason, at });
                }
            }
        }
        compiled.needles.finish();
        compiled.allow = compiled.allow_list(config)?;
        let rules = Rules { compiled: Arc::new(compiled), passing: Vec::new() };
        let seals = |id: &RuleId| rules.action(*id) == Action::Seal;
        let sealing = rules.iter().find(seals);
        if let (Some(id), None) = (sealing, &config.seal_key) {
            return Err(ConfigError::NoSealKey(rules.info(id).name.to_owned()));
        }
        Ok((rules, faults))
    }

    /// Appends the secrets in a decoded text to `out`, sorted and without overlaps. Where several
    /// rules meet, all that any of them found is one match, named after the longest, then the more
    /// specific, then the lower number.
    pub fn find(&self, text: &[u8], out: &mut Vec<Match>) {
        self.find_at_most(None, text, usize::MAX, &mut Buffers::default(), out);
    }

    /// The same for a text that is the value of a member of an object, whose decoded name may say
    /// that it is a secret.
    pub fn find_value(&self, name: Option<&[u8]>, text: &[u8], out: &mut Vec<Match>) {
        self.find_at_most(name, text, usize::MAX, &mut Buffers::default(), out);
    }

    /// The same, but stops to look when `out` holds `max` matches, overlaps included: then false.
    /// The caller must not let such a text pass.
    pub(crate) fn find_at_most(
        &self,
        name: Option<&[u8]>,
        text: &[u8],
        max: usize,
        views: &mut Buffers,
        out: &mut Vec<Match>,
    ) -> bool {
        let from = out.len();
        if let Some((start, end, id)) = name.and_then(|name| self.by_name(name, text))
            && out.len() < max
        {
            out.push(Match { start, end, rule: RuleId(id), writing: Writing::PLAIN });
        }
        let seen = self.find_plain(name, text, max, out);
        let mut complete = out.len() < max;
        self.merge(text, out, from);
        view::find(self, text, seen, max, views, from, out);
        complete &= out.len() < max;
        self.merge(text, out, from);
        complete
    }

    /// What a text is by the name of the member that it is the value of: its secret part and the
    /// rule.
    fn by_name(&self, name: &[u8], text: &[u8]) -> Option<(usize, usize, u16)> {
        if let Some(id) = self.compiled.index.keyed.member(name, text) {
            return Some((0, text.len(), id));
        }
        let found = assign::member(&self.compiled.index.names, name, text)?;
        Some((found.start, found.end, self.compiled.index.assigned(found.kind)?))
    }

    /// Appends what is found in a text as it is, with overlaps; the name of the member whose value
    /// it is tells numbers apart.
    pub(super) fn find_plain(
        &self,
        name: Option<&[u8]>,
        text: &[u8],
        max: usize,
        out: &mut Vec<Match>,
    ) -> Seen {
        let seen = finder::find(&self.compiled.index, text, max, out);
        if self.compiled.index.personal.is_on() {
            self.compiled.index.personal.find(name, text, |rule, start, end| {
                if out.len() < max {
                    out.push(Match { start, end, rule: RuleId(rule), writing: Writing::PLAIN });
                }
            });
        }
        if !self.compiled.customs.is_empty() {
            self.find_customs(text, max, out);
        }
        seen
    }

    /// Searches for the host's own patterns whose texts the string holds.
    fn find_customs(&self, text: &[u8], max: usize, out: &mut Vec<Match>) {
        let mut wanted = self.compiled.slow;
        self.compiled.needles.collect(text, &mut wanted);
        for (number, custom) in (0u8..=u8::MAX).zip(&self.compiled.customs) {
            if !wanted.has(number) {
                continue;
            }
            let id = CATALOGUE.len() as u16 + u16::from(number);
            custom.pattern.find(text, |start, end| {
                if out.len() < max {
                    out.push(Match { start, end, rule: RuleId(id), writing: Writing::PLAIN });
                }
            });
        }
    }

    /// Appends what is found in a text as it is, and nothing of what is encoded in it, sorted and
    /// without overlaps.
    pub(crate) fn find_bare(&self, text: &[u8], out: &mut Vec<Match>) {
        let from = out.len();
        self.find_plain(None, text, usize::MAX, out);
        self.merge(text, out, from);
    }

    /// Appends what the built-in rules find in a text that was encoded.
    pub(super) fn find_decoded(&self, text: &[u8], max: usize, out: &mut Vec<Match>) {
        finder::find(&self.compiled.index, text, max, out);
    }

    /// Drops the matches from `from` on in `text` that are allowed, sorts the others, and joins
    /// what overlaps.
    pub(super) fn merge(&self, text: &[u8], out: &mut Vec<Match>, from: usize) {
        if (!self.compiled.allow.is_empty() || !self.passing.is_empty()) && out.len() > from {
            let mut secret = Vec::new();
            let mut kept = from;
            for i in from..out.len() {
                let passes = self.passing.binary_search(&out[i].rule.0).is_ok();
                if !passes && !self.compiled.allow.allows(&out[i], text, &mut secret) {
                    out[kept] = out[i];
                    kept += 1;
                }
            }
            out.truncate(kept);
        }
        self.join(out, from);
    }

    /// Sorts the matches from `from` on, and joins what overlaps.
    pub(crate) fn join(&self, out: &mut Vec<Match>, from: usize) {
        finder::merge(out, from, |id| (self.action(id), self.is_anchored(id)));
    }

    /// What the names end with that [`Rules::announce`] asks about.
    #[inline]
    pub(crate) fn threes(&self) -> &Threes {
        self.compiled.index.names.threes()
    }

    /// Tells `tell` in which strings of a raw frame a secret may stand, by their opening quotes: of
    /// some blocks, of which the first starts at `base`, `windows` say what they hold within strings,
    /// with the block before them and the one behind. `around` tells the opening quote of the string
    /// around a place; `frame` is all that has come so far, `asked` starts with the frame.
    ///
    /// Of what is not told the built-in rules find nothing, provided that
    /// [`may_escape`](view::may_escape) says no to its escapes. Where the answer depends on bytes that
    /// have not come, it is yes. The work is bounded.
    #[inline]
    pub(crate) fn announce(
        &self,
        frame: &[u8],
        base: usize,
        windows: &[Window],
        asked: &mut Asked,
        around: impl Fn(usize, usize) -> usize,
        mut tell: impl FnMut(usize),
    ) {
        let index = &self.compiled.index;
        let mut sifted = [Places::default(); BATCH];
        sieve::sift(index, frame, base, windows, &mut sifted);
        for (n, places) in sifted[..windows.len() - 2].iter().enumerate() {
            if places.all() == 0 {
                continue;
            }
            let base = base.wrapping_add(n * BLOCK);
            let around = |at| around(n, at);
            prefilter::announce(index, frame, base, places, asked, around, &mut tell);
        }
    }

    /// Whether the string behind the colon at `colon` of a raw frame, which follows the name of a
    /// member, may be a secret by that name. If not, [`Rules::find_value`] finds no more in it than
    /// [`Rules::find`]. The work is bounded.
    #[inline]
    pub fn may_member(&self, frame: &[u8], colon: usize) -> bool {
        prefilter::may_member(&self.compiled.index, frame, colon)
    }

    /// Whether one of the host's own patterns, or a rule for personal data, may match in some
    /// string of a raw frame. Asked once for each frame; if yes, every string of the frame has to
    /// be searched.
    pub fn custom_may_match(&self, frame: &[u8]) -> bool {
        let personal = &self.compiled.index.personal;
        if self.compiled.customs.is_empty() && !personal.is_on() {
            return false;
        }
        // An escape by number may hide any text.
        self.compiled.slow != PatternSet::default()
            || (personal.is_on() && personal.may_hold(frame))
            || self.compiled.needles.any(frame)
            || memmem::find(frame, b"\\u").is_some()
    }

    /// What there is to say about a rule.
    pub fn info(&self, id: RuleId) -> RuleInfo<'_> {
        match CATALOGUE.get(id.0 as usize) {
            Some(rule) => built_in(rule),
            None => {
                let custom = &self.compiled.customs[id.0 as usize - CATALOGUE.len()];
                RuleInfo {
                    name: &custom.name,
                    provider: "custom",
                    severity: Severity::High,
                    group: Group::Secrets,
                    proven: true,
                    checked: false,
                    anchored: false,
                    custom: true,
                    kind: match custom.kind {
                        PatternKind::Regex => RuleKind::Regex,
                        PatternKind::Literal => RuleKind::Literal,
                        PatternKind::Glob => RuleKind::Glob,
                    },
                    slow: custom.pattern.texts.is_none(),
                }
            }
        }
    }

    /// Whether what the secret itself holds, a checksum or a structure, is as its issuer makes it;
    /// none, if the rule knows of nothing to look at, or the secret cannot be read whole where it is
    /// encoded. `text` is what was searched.
    ///
    /// A yes raises confidence. A no does not clear: most examples in manuals fail.
    pub fn verified(&self, found: &Match, text: &[u8]) -> Option<bool> {
        let check = CATALOGUE.get(found.rule.0 as usize)?.check?;
        let spelled = text.get(found.start..found.end)?;
        if found.writing == Writing::PLAIN {
            return Some(checksum::passes(check, spelled));
        }
        let mut secret = Vec::with_capacity(spelled.len());
        found.writing.read(spelled, &mut secret).then(|| checksum::passes(check, &secret))
    }

    /// The rules in force.
    pub fn iter(&self) -> impl Iterator<Item = RuleId> + '_ {
        let built_in =
            (0u16..).zip(&self.compiled.active).filter(|(_, on)| **on).map(|(id, _)| RuleId(id));
        let customs =
            (CATALOGUE.len() as u16..).zip(&self.compiled.customs).map(|(id, _)| RuleId(id));
        built_in.chain(customs)
    }

    /// What becomes of a match of this rule.
    pub fn action(&self, id: RuleId) -> Action {
        self.compiled.rulings[id.0 as usize].action
    }

    /// Appends what stands in the place of a match in plain text, of which nothing is refused and
    /// in which nothing is turned back.
    pub(crate) fn write_plain(&self, found: &Match, text: &[u8], out: &mut Vec<u8>) {
        let Match { start, end, rule, writing } = *found;
        let spelled = &text[start..end];
        match self.action(rule) {
            Action::Log => out.extend_from_slice(spelled),
            Action::Mask => {
                let (mut secret, mut masked) = (Vec::new(), Vec::new());
                action::mask_spelled(writing, spelled, &mut secret, &mut masked);
                writing.write(spelled, &masked, out);
            }
            Action::Redact | Action::Seal | Action::Block => {
                writing.write(spelled, self.replacement(rule).as_bytes(), out);
            }
        }
    }

    /// The rule of this name, if it seals and what it sealed is turned back for this tool.
    pub(crate) fn opening(&self, name: &str, tool: &str) -> Option<RuleId> {
        let id = self.iter().find(|id| self.info(*id).name == name)?;
        self.compiled.rulings[id.0 as usize].opens_for(tool).then_some(id)
    }

    /// What stands in for a match in plain text.
    pub fn replacement(&self, id: RuleId) -> &str {
        &self.compiled.replacements[id.0 as usize].0
    }

    /// What stands in for a match within a JSON string, escaped and without quotes.
    pub fn replacement_json(&self, id: RuleId) -> &[u8] {
        &self.compiled.replacements[id.0 as usize].1
    }

    /// How many rules are in force.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether no rule is in force.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Whether redaction is switched on.
    pub fn enabled(&self) -> bool {
        self.compiled.enabled
    }

    /// A text that holds a made-up secret of a built-in rule; the same for the same seed.
    pub fn example(&self, id: RuleId, seed: u64) -> Option<String> {
        self.example_at(id, seed).map(|(text, _)| text)
    }

    /// The same text, and where the secret stands in it.
    pub fn example_at(&self, id: RuleId, seed: u64) -> Option<(String, Range<usize>)> {
        let sample = sample::make(CATALOGUE.get(id.0 as usize)?, seed);
        Some((sample.text, sample.start..sample.end))
    }

    /// The block rules in force.
    pub(crate) fn blocks(&self) -> &[(u16, Block)] {
        &self.compiled.index.blocks
    }

    fn is_anchored(&self, id: RuleId) -> bool {
        CATALOGUE.get(id.0 as usize).is_some_and(Rule::anchored)
    }

    /// Whether places in a message are named at which something passes.
    pub(crate) fn has_paths(&self) -> bool {
        self.compiled.allow.has_paths()
    }

    /// What passes at a place; `is_at` says whether a path leads there.
    pub(crate) fn passing(&self, is_at: impl Fn(&Path) -> bool) -> Passing {
        self.compiled.allow.passing(is_at)
    }

    /// The same rules, of which these, sorted, let pass what they find.
    pub(crate) fn letting_pass(&self, passing: Vec<u16>) -> Rules {
        Rules { compiled: Arc::clone(&self.compiled), passing }
    }
}

impl Compiled {
    /// What a configuration says of values that pass.
    fn allow_list(&self, config: &RedactionConfig) -> Result<AllowList, ConfigError> {
        let mut list = AllowList::default();
        for (n, entry) in config.allow.iter().enumerate() {
            let refuse = |why: String| ConfigError::Allow(n + 1, why);
            let mut numbers = Vec::new();
            for name in &entry.rules {
                if !ruling::names(config).any(|known| known == name) {
                    let nearest = ruling::nearest(name, ruling::names(config));
                    let nearest = nearest.map(|nearest| format!("; {nearest:?} is the nearest"));
                    let nearest = nearest.unwrap_or_default();
                    return Err(refuse(format!("there is no rule named {name:?}{nearest}")));
                }
                numbers.extend(self.number(name));
            }
            numbers.sort_unstable();
            let rules = (!entry.rules.is_empty()).then(|| numbers.into_boxed_slice());
            list.add(entry, rules).map_err(|(why, at)| {
                refuse(at.map_or(why.clone(), |at| format!("{why}, at byte {at} of its regex")))
            })?;
        }
        list.finish();
        Ok(list)
    }

    /// The number of the rule of this name, in force or not; none for a pattern that was skipped.
    fn number(&self, name: &str) -> Option<u16> {
        let built_in = CATALOGUE.iter().map(|rule| rule.name);
        let customs = self.customs.iter().map(|custom| custom.name.as_str());
        built_in.chain(customs).position(|known| known == name).map(|n| n as u16)
    }

    /// Takes in a pattern, unless it is refused; one without a ruling is only looked at.
    fn admit(
        &mut self,
        n: usize,
        config: &PatternConfig,
        ruling: Option<Ruling>,
    ) -> Result<(), Refusal> {
        if n >= PATTERNS_MAX {
            return Err((format!("there are more than {PATTERNS_MAX} patterns"), None));
        }
        if CATALOGUE.iter().any(|rule| rule.name == config.name) {
            return Err(("a built-in rule has this name".to_owned(), None));
        }
        if self.customs.iter().any(|custom| custom.name == config.name) {
            return Err(("another pattern has this name".to_owned(), None));
        }
        if let Some(why) = ruling::pattern_fault(config) {
            return Err((why.to_owned(), None));
        }
        let mut pattern = Pattern::new(config)?;
        let Some(ruling) = ruling else { return Ok(()) };
        const { assert!(PATTERNS_MAX <= PatternSet::MAX) };
        let number = self.customs.len() as u8;
        let mut budget = self.budget;
        budget.take_bytes(&pattern)?;
        if let Some(texts) = &pattern.texts
            && !self.needles.add(texts, number)
        {
            pattern.texts = None;
        }
        if pattern.texts.is_none() {
            budget.take_slow()?;
            self.slow.insert(number);
        }
        self.budget = budget;
        self.rule(&config.name, ruling);
        self.customs.push(Custom { name: config.name.clone(), kind: config.kind, pattern });
        Ok(())
    }

    /// Says what becomes of the matches of the next rule.
    fn rule(&mut self, name: &str, ruling: Ruling) {
        self.replacements.push(replacement_pair(ruling.replacement(name)));
        self.rulings.push(ruling);
    }
}

impl Default for Rules {
    /// All built-in rules.
    fn default() -> Self {
        match Rules::compile(&RedactionConfig::default()) {
            Ok((rules, _)) => rules,
            Err(_) => unreachable!("only what a configuration names can be refused"),
        }
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").field("enabled", &self.enabled()).field("len", &self.len()).finish()
    }
}

/// Every built-in rule, in force or not.
pub fn all() -> impl Iterator<Item = RuleInfo<'static>> {
    CATALOGUE.iter().map(built_in)
}

fn built_in(rule: &Rule) -> RuleInfo<'_> {
    RuleInfo {
        name: rule.name,
        provider: rule.provider,
        severity: rule.severity,
        group: rule.group,
        proven: rule.proven,
        checked: rule.check.is_some(),
        anchored: rule.anchored(),
        custom: false,
        kind: rule.kind(),
        slow: false,
    }
}

/// A text and its spelling in a JSON string.
fn replacement_pair(text: String) -> (String, Vec<u8>) {
    let mut json = Vec::with_capacity(text.len());
    for b in text.bytes() {
        match b {
            b'"' | b'\\' => json.extend([b'\\', b]),
            b'\n' => json.extend(b"\\n"),
            b'\r' => json.extend(b"\\r"),
            b'\t' => json.extend(b"\\t"),
            0..0x20 => json.extend(format!("\\u{b:04x}").bytes()),
            _ => json.push(b),
        }
    }
    (text, json)
}
