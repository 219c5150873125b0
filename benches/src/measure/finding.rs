//! The finder alone, with all rules and all views in force by default, against a JSON parser that
//! keeps nothing, and against other engines over the same frames.

use std::hint::black_box;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use portcullis_engine::{Match, Mode, Policy, PolicyConfig, RedactionConfig, Rules, Side};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::Setup;
use super::guard::engine;
use crate::clock::{Paired, spent};
use crate::counting::count;
use crate::figure::{Figure, Goal};
use crate::plant;
use crate::planted::{Planted, Secret};
use crate::random::Random;
use crate::references::References;
use crate::span::meets;
use crate::stats::{median, range};

/// `Rules::find` frame by frame, each of seven passes between two of `IgnoredAny`; the secrets that
/// were planted; other engines on a part of the frames; how long the rules take to be ready.
///
/// # Errors
/// A corpus that cannot be made, or a frame that is not JSON.
///
/// # Panics
/// If the default rules do not compile.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let ready = ready(setup.pick(5, 21));
    let corpus = Planted::load(setup)?;
    let frames: Vec<&[u8]> = corpus.lines().map(|(_, line)| line).collect();
    for frame in &frames {
        serde_json::from_slice::<IgnoredAny>(frame)?;
    }
    let (rules, _) = Rules::compile(&RedactionConfig::default()).expect("default rules compile");
    let rounds = setup.pick(3, PASSES);
    let (mut out, mut found) = (Vec::new(), 0);
    let paired =
        Paired::rounds(rounds, || ignored(&frames), || found = find(&rules, &frames, &mut out));
    let ((), counted) = count(|| found = find(&rules, &frames, &mut out));
    let bytes = corpus.frames.len();
    let note = format!(
        "{} rules, all views; {}; {found} found, {} allocations; {}",
        rules.len(),
        paired.spread(),
        counted.allocations,
        corpus.note
    );
    let mut figures = vec![
        Figure::new("finding.rate_vs_ignored_any", paired.ratio(), "ratio")
            .goal(Goal::AtLeast(2.0))
            .note(note),
        Figure::new("finding.rate", paired.rate(bytes), "MB/s"),
        Figure::new("finding.rate.ignored_any", paired.yardstick_rate(bytes), "MB/s"),
    ];
    figures.extend(others(&rules, part(&frames, OTHERS_BYTES), setup.pick(3, OTHERS_PASSES)));
    figures.push(common(&rules, part(&frames, OTHERS_BYTES), rounds));
    figures.extend(planted(&rules, &corpus));
    figures.push(ready);
    Ok(figures)
}

fn ignored(frames: &[&[u8]]) {
    for frame in frames {
        let _ = black_box(serde_json::from_slice::<IgnoredAny>(black_box(frame)));
    }
}

fn find(rules: &Rules, frames: &[&[u8]], out: &mut Vec<Match>) -> usize {
    let mut found = 0;
    for frame in frames {
        out.clear();
        rules.find(black_box(frame), out);
        found += out.len();
    }
    found
}

/// The first frames, about so many bytes.
fn part<'a, 'b>(frames: &'b [&'a [u8]], bytes: usize) -> &'b [&'a [u8]] {
    let mut sum = 0;
    let fits = |frame: &&&[u8]| {
        sum += frame.len();
        sum <= bytes
    };
    &frames[..frames.iter().take_while(fits).count()]
}

/// A frame as a proxy sees it that looks at nothing but the envelope.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<&'a RawValue>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

fn envelope(frame: &[u8]) -> usize {
    let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(frame) else { return 0 };
    let Envelope { id, method, params, result, error } = envelope;
    [id, method, params, result, error].into_iter().flatten().count()
}

/// The same frames through other engines, each against `IgnoredAny` as the finder is.
fn others(rules: &Rules, frames: &[&[u8]], rounds: usize) -> Vec<Figure> {
    let others = References::of(rules);
    let bytes: usize = frames.iter().map(|frame| frame.len()).sum();
    let prefixes = format!("{} prefixes of rules", others.prefixes.len());
    let measure = |name: &'static str, note: &str, frame: &dyn Fn(&[u8]) -> usize| {
        let all = || frames.iter().map(|line| frame(black_box(line))).sum::<usize>();
        let paired = Paired::rounds(rounds, || ignored(frames), || _ = black_box(all()));
        let note = format!("{:.0} MB/s; {}{note}", paired.rate(bytes), paired.spread());
        Figure::new(name, paired.ratio(), "ratio").note(note)
    };
    let with = |note: &str| format!("; {prefixes}{note}");
    vec![
        measure("finding.memchr_vs_ignored_any", "; a byte that is not there", &|frame| {
            memchr::memchr(0, frame).unwrap_or_default()
        }),
        measure("finding.raw_value_vs_ignored_any", "; the envelope only", &envelope),
        measure("finding.regexes_vs_ignored_any", &with(", one after the other"), &|frame| {
            others.each.iter().map(|regex| regex.find_iter(frame).count()).sum()
        }),
        measure("finding.regex_set_vs_ignored_any", &with(""), &|frame| {
            others.set.matches(frame).iter().count()
        }),
        measure("finding.aho_corasick_vs_ignored_any", &with(", texts only"), &|frame| {
            others.texts.find_iter(frame).count()
        }),
        measure("finding.aho_corasick_dfa_vs_ignored_any", &with(", texts only"), &|frame| {
            others.texts_dfa.find_iter(frame).count()
        }),
    ]
}

/// A secret in each frame, against the same frames without.
fn common(rules: &Rules, frames: &[&[u8]], rounds: usize) -> Figure {
    let (mut random, mut planted) = (Random::new(7), Vec::new());
    let mut without = 0;
    for (kind, frame) in frames.iter().enumerate() {
        let mut out = Vec::new();
        without += usize::from(!plant::plant(frame, kind, &mut random, &mut out));
        planted.push(out);
    }
    let planted: Vec<&[u8]> = planted.iter().map(Vec::as_slice).collect();
    let bytes = |frames: &[&[u8]]| frames.iter().map(|frame| frame.len()).sum::<usize>() as f64;
    let (mut out, mut found) = (Vec::new(), 0);
    let mut other = Vec::new();
    let paired = Paired::rounds(
        rounds,
        || _ = find(rules, frames, &mut other),
        || found = find(rules, &planted, &mut out),
    );
    let ratio = paired.ratio() * bytes(&planted) / bytes(frames);
    let note = format!(
        "times the clean rate; {found} found in {} frames, {without} without",
        planted.len()
    );
    Figure::new("finding.common_vs_clean", ratio, "ratio").note(note)
}

/// How many of the secrets that the generator planted are found in their raw frames, and how many
/// no longer stand in what leaves an engine; nothing where none was planted. Personal data is off by
/// default, so what is not found is looked for once more with it.
fn planted(rules: &Rules, corpus: &Planted) -> Vec<Figure> {
    let total = corpus.secrets.len() as f64;
    if corpus.secrets.is_empty() {
        return Vec::new();
    }
    let (mut found, mut kept) = (Counted::default(), Counted::default());
    let mut config = PolicyConfig::default();
    let policy = Arc::new(Policy::compile(&config).expect("the default policy compiles"));
    config.redaction.groups.pii = Mode::On.into();
    let personal = Arc::new(Policy::compile(&config).expect("a group can be switched on"));
    let (all_rules, _) = Rules::compile(&config.redaction).expect("a group can be switched on");
    let mut secrets = corpus.secrets.iter().peekable();
    for (start, frame) in corpus.lines() {
        while let Some(secret) = secrets.next_if(|secret| secret.start < start + frame.len()) {
            let range = secret.start - start..secret.end - start;
            let finds = |rules: &Rules| touches(rules, frame, &range);
            found.note(secret, finds(rules), || finds(&all_rules));
            let keeps = |policy: &Arc<Policy>| !leaves(policy, frame, &frame[range.clone()]);
            kept.note(secret, keeps(&policy), || keeps(&personal));
        }
    }
    let figure = |name, of: Counted| {
        let note = format!("of {total}{}", of.text());
        Figure::new(name, of.found as f64, "secrets").goal(Goal::AtLeast(total)).note(note)
    };
    vec![figure("finding.planted", found), figure("guard.planted", kept)]
}

/// What was found of the planted.
#[derive(Default)]
struct Counted {
    found: usize,
    /// The kinds that are personal data.
    personal: Vec<String>,
    missed: Vec<String>,
}

impl Counted {
    fn note(&mut self, secret: &Secret, found: bool, personal: impl FnOnce() -> bool) {
        if found || personal() {
            self.found += 1;
            if !found {
                self.personal.push(secret.kind.clone());
            }
        } else {
            self.missed.push(secret.kind.clone());
        }
    }

    fn text(&self) -> String {
        let list = |what: &str, kinds: &[String]| match kinds {
            [] => String::new(),
            kinds => format!("; {what}: {}", kinds.join(", ")),
        };
        list("with the group pii only", &self.personal) + &list("missed", &self.missed)
    }
}

/// Whether a match lies in this part of a text, or over its edge: of the address of a data base
/// only the password is a secret.
fn touches(rules: &Rules, text: &[u8], range: &Range<usize>) -> bool {
    let mut found = Vec::new();
    rules.find(text, &mut found);
    found.iter().any(|found| meets(found, range))
}

/// Whether an engine lets the frame pass with this in it.
fn leaves(policy: &Arc<Policy>, frame: &[u8], secret: &[u8]) -> bool {
    let (from, ask) = direction(frame);
    let mut driver = engine(policy);
    driver.feed(Side::Client, &ask);
    let mut left = Vec::new();
    driver.feed_into(from, frame, &mut left);
    assert!(!left.is_empty(), "a frame with a secret is changed and goes on");
    memchr::memmem::find(&left, secret).is_some()
}

/// Who sends a frame, and what has to be asked before.
fn direction(frame: &[u8]) -> (Side, Vec<u8>) {
    let envelope = serde_json::from_slice::<Envelope<'_>>(frame);
    let id = envelope.as_ref().ok().and_then(|envelope| envelope.id);
    let is_answer = envelope.as_ref().is_ok_and(|envelope| envelope.method.is_none());
    let Some(id) = id else { return (Side::Server, Vec::new()) };
    if !is_answer {
        return (Side::Client, Vec::new());
    }
    let ask = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"tools/call\",\"params\":{{\"name\":\"x\"}}}}\n",
        id.get()
    );
    (Side::Server, ask.into_bytes())
}

/// How long it takes until the default rules can be asked.
fn ready(rounds: usize) -> Figure {
    let compile = || _ = black_box(Rules::compile(black_box(&RedactionConfig::default())));
    let first = spent(compile) * 1e3;
    let times: Vec<f64> = (0..rounds).map(|_| spent(compile) * 1e3).collect();
    let (low, high) = range(&times);
    let note = format!("the first {first:.2} ms, then {low:.2} to {high:.2}");
    Figure::new("rules.ready_ms", median(&times).max(first), "ms").goal(Goal::Below(5.0)).note(note)
}

const PASSES: usize = 7;
const OTHERS_PASSES: usize = 5;
/// Other engines get a part: some need seconds for a megabyte.
const OTHERS_BYTES: usize = 8_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_touches_what_it_overlaps() {
        let rules = Rules::default();
        let text = format!("a {} b", crate::secrets::secret(1, &mut Random::new(3)));
        let touches = |range| touches(&rules, text.as_bytes(), &range);
        assert!(touches(0..4) && touches(2..text.len()) && touches(5..6));
        assert!(!touches(0..2) && !touches(text.len() - 2..text.len()));
    }

    #[test]
    fn a_planted_secret_leaves_no_engine() {
        let policy = Arc::new(Policy::default());
        let leaves = |frame: &[u8], secret: &[u8]| leaves(&policy, frame, secret);
        let secret = crate::secrets::secret(1, &mut Random::new(3));
        let frame =
            format!("{{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{{\"x\":\"{secret}\"}}}}\n");
        assert!(!leaves(frame.as_bytes(), secret.as_bytes()));
        assert!(leaves(frame.as_bytes(), b"result"));
        let frame = frame.replace("result", "method\":\"m\",\"params");
        assert!(!leaves(frame.as_bytes(), secret.as_bytes()));
    }
}
