//! Which rules have been seen to work on examples that nobody here made.

use portcullis_engine::{Match, RuleId, Rules};

use super::example::{Example, Expect};
use super::recall::meet;
use super::spelling::PLAIN;

/// A rule beside the examples.
#[derive(Clone, Debug)]
pub struct Row {
    /// The rule.
    pub name: String,
    /// Whether its author has seen an example that nobody here made.
    pub proven: bool,
    /// The lines of the examples that it meets.
    pub lines: Vec<usize>,
    /// How many of the examples made from its own description it does not find.
    pub own_missed: usize,
}

/// All built-in rules in force.
#[must_use]
pub fn rows(rules: &Rules, examples: &[Example]) -> Vec<Row> {
    let built_in = rules.iter().filter(|id| !rules.info(*id).custom);
    let mut rows: Vec<(RuleId, Row)> = built_in
        .map(|id| {
            let own_missed = (0..SEEDS).filter(|seed| !finds_own(rules, id, *seed)).count();
            let info = rules.info(id);
            let (name, proven) = (info.name.to_owned(), info.proven);
            (id, Row { name, proven, lines: Vec::new(), own_missed })
        })
        .collect();
    for example in examples.iter().filter(|example| example.expect == Expect::Secret) {
        let mut met = meet(rules, example, &PLAIN);
        met.sort_unstable();
        met.dedup();
        for (_, row) in rows.iter_mut().filter(|(id, _)| met.contains(id)) {
            row.lines.push(example.line);
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Whether an example made from the rule's description is found whole; by which rule does not
/// matter.
fn finds_own(rules: &Rules, id: RuleId, seed: u64) -> bool {
    let Some((text, secret)) = rules.example_at(id, seed) else { return false };
    let mut found: Vec<Match> = Vec::new();
    rules.find(text.as_bytes(), &mut found);
    found.iter().any(|found| found.start <= secret.start && secret.end <= found.end)
}

/// So many examples of its own are made of each rule.
pub const SEEDS: u64 = 16;
