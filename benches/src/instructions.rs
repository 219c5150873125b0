//! Pieces of work whose instructions are counted, each at one size and at eight times that size.
//!
//! The binary `instructions` does them one after the other below callgrind, which writes a count
//! for each call of [`counted`]. Each piece runs once before it counts, so that memory is there.

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;

use portcullis_engine::{
    Engine, Limits, PatternConfig, PatternKind, Policy, PolicyConfig, RedactionConfig, Rules, Side,
    TextRedactor, Time, Wanted, all_rules,
};

use crate::drive::Driver;
use crate::hostile::HOSTILE;
use crate::mix;
use crate::workload::{KINDS, Workload};

/// What looks at every byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scanner {
    /// The engine with redaction switched off: framing and the strict protocol.
    Frame,
    /// The engine with its default policy.
    Guard,
    /// `Rules::find` with the default rules.
    Finder,
    /// `TextRedactor`, as for standard error.
    Text,
    /// `Rules::find` with nothing but patterns of a host's own.
    Custom,
    /// `Rules::find` with so many rules in force, over clean frames.
    Rules(usize),
}

/// One piece of work.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What looks.
    pub scanner: Scanner,
    /// At what; nothing for clean frames of all kinds.
    pub input: Option<&'static Workload>,
    /// How many bytes, about.
    pub bytes: usize,
    /// How many times that.
    pub times: usize,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let input = self.input.map_or("mix", |input| input.name);
        write!(f, "{:?} {input} {} times {}", self.scanner, self.times, self.bytes)
    }
}

/// Every scanner with every input at both sizes, then the numbers of rules.
#[must_use]
pub fn cases(quick: bool) -> Vec<Case> {
    let mut cases = Vec::new();
    for scanner in SCANNERS {
        for input in KINDS.iter().chain(HOSTILE) {
            let bytes = match scanner {
                // So quick that the fixed cost of a frame would bend the line.
                Scanner::Frame => 4 * SIZE,
                // A longer line is cut, which takes less, not more.
                Scanner::Text => SIZE / 4,
                _ if quick => SIZE / 4,
                _ => SIZE,
            };
            for times in [1, 8] {
                cases.push(Case { scanner, input: Some(input), bytes, times });
            }
        }
    }
    for count in RULES {
        cases.push(Case {
            scanner: Scanner::Rules(count),
            input: None,
            bytes: 16 * SIZE,
            times: 1,
        });
    }
    cases
}

/// Does the work once uncounted, and once in [`counted`].
///
/// # Panics
/// If default limits, rules or patterns do not fit.
pub fn run(case: &Case) {
    let (ask, answer) = match case.input {
        Some(input) => input.turns(1, case.bytes, case.times),
        None => (Vec::new(), mix::clean(case.bytes, 1)),
    };
    match case.scanner {
        Scanner::Frame => engine(false, &ask, &answer),
        Scanner::Guard => engine(true, &ask, &answer),
        Scanner::Finder => find(&RedactionConfig::default(), &answer),
        Scanner::Custom => find(&custom(), &answer),
        Scanner::Rules(count) => find(&only(count), &answer),
        Scanner::Text => {
            let body = case.input.map(|input| input.body(1, case.bytes, case.times));
            let body = body.unwrap_or_default();
            let rules = Arc::new(Rules::default());
            let mut out = Vec::with_capacity(2 * body.len());
            twice(&mut || {
                out.clear();
                let mut redactor = TextRedactor::new(rules.clone());
                redactor.push(black_box(body.as_bytes()), &mut out);
                redactor.finish(&mut out);
            });
        }
    }
}

fn engine(redaction: bool, ask: &[u8], answer: &[u8]) {
    let mut config = PolicyConfig::default();
    config.redaction.enabled = redaction;
    let policy = Arc::new(Policy::compile(&config).expect("the default policy compiles"));
    let engine = Engine::new(policy, Limits::default(), Wanted::NONE, Time::default());
    let mut driver = Driver::new(engine.expect("default limits and policy fit"));
    twice(&mut || {
        driver.feed(Side::Client, ask);
        driver.feed(Side::Server, answer);
    });
}

fn find(config: &RedactionConfig, frames: &[u8]) {
    let (rules, faults) = Rules::compile(config).expect("the rules compile");
    assert!(faults.is_empty(), "a pattern was not admitted: {faults:?}");
    let mut out = Vec::new();
    twice(&mut || {
        for frame in frames.split_inclusive(|&byte| byte == b'\n') {
            out.clear();
            rules.find(black_box(frame), &mut out);
        }
    });
}

/// Does it once uncounted, and once counted.
pub(crate) fn twice(work: &mut dyn FnMut()) {
    work();
    counted(work);
}

/// What callgrind counts, by the name of this function.
#[inline(never)]
pub fn counted(work: &mut dyn FnMut()) {
    work();
    // Work in a tail call would not be counted as ours.
    black_box(());
}

/// Patterns of a host's own, and no built-in rule: some that demand a text, some that demand none.
fn custom() -> RedactionConfig {
    let pattern = |(number, (kind, pattern)): (usize, &(PatternKind, &str))| PatternConfig {
        name: format!("own-{number}"),
        kind: *kind,
        pattern: (*pattern).to_owned(),
        ..PatternConfig::default()
    };
    RedactionConfig {
        disable: all_rules().map(|rule| rule.name.to_owned()).collect(),
        patterns: PATTERNS.iter().enumerate().map(pattern).collect(),
        ..RedactionConfig::default()
    }
}

/// So many of the rules that are on by default, spread over the catalogue.
fn only(count: usize) -> RedactionConfig {
    let default = Rules::default();
    let names: Vec<&str> = default.iter().map(|id| default.info(id).name).collect();
    let is_in = |i: usize| (i + 1) * count / names.len() > i * count / names.len();
    let out = (0..names.len()).filter(|&i| count < names.len() && !is_in(i));
    RedactionConfig {
        disable: out.map(|i| names[i].to_owned()).collect(),
        ..RedactionConfig::default()
    }
}

const SCANNERS: [Scanner; 5] =
    [Scanner::Frame, Scanner::Guard, Scanner::Finder, Scanner::Text, Scanner::Custom];
/// The first is the yardstick of the others; the last is more than there are, so all.
pub const RULES: [usize; 3] = [50, 400, 1_000];
const SIZE: usize = 32_000;
const PATTERNS: [(PatternKind, &str); 6] = [
    (PatternKind::Regex, r"[a-z]{3}\d{4,9}"),
    (PatternKind::Regex, r"corp-[a-z0-9]{8,32}"),
    (PatternKind::Regex, r"(?i)internal[ _-]?key\s*[:=]\s*\S{8,64}"),
    (PatternKind::Regex, r"a{4}[a-z]*!"),
    (PatternKind::Literal, "aaaaaaaaaaaaaaab"),
    (PatternKind::Glob, "password=*;"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_rules_are_in_force() {
        for count in &RULES[..2] {
            let (rules, _) = Rules::compile(&only(*count)).expect("the rules compile");
            assert_eq!(rules.len(), *count);
        }
        let (all, _) = Rules::compile(&only(RULES[2])).expect("the rules compile");
        assert_eq!(all.len(), Rules::default().len());
    }

    #[test]
    fn custom_patterns_are_all_there_is() {
        let (rules, faults) = Rules::compile(&custom()).expect("the rules compile");
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(rules.len(), PATTERNS.len());
    }

    #[test]
    fn each_case_runs() {
        let small = |case: &Case| Case { bytes: 500, ..*case };
        cases(true).iter().map(small).for_each(|case| run(&case));
    }
}
