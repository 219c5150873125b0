//! What a search prints: a line for each finding, a JSON object for each, or a SARIF document.
//!
//! Findings are written as they come, so that a search of any size takes little memory.

mod json;
mod sarif;
mod text;

use std::collections::BTreeMap;
use std::io::{self, Write};

use portcullis_engine::{RuleId, RuleInfo, Rules};

use super::file::End;
use super::finding::Finding;
use super::fingerprint;
use super::walk::Target;
use super::work::Totals;

/// How findings are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A line for each.
    #[default]
    Text,
    /// A JSON object for each, one a line.
    Json,
    /// One document in SARIF 2.1.0, for code hosts and editors.
    Sarif,
}

/// Writes the findings of a search.
#[derive(Debug)]
pub struct Report<'a> {
    format: Format,
    rules: &'a Rules,
    /// Only how many there are of each rule.
    summary: bool,
    by_rule: BTreeMap<RuleId, Count>,
    /// How often each rule found each digest in the current file.
    seen: BTreeMap<(RuleId, Option<String>), u64>,
    /// What failed, for formats that say it at their end.
    failed: Vec<String>,
    written: u64,
}

/// Findings of a rule.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    findings: u64,
    files: u64,
}

impl<'a> Report<'a> {
    /// In this format; with `summary` only how many there are of each rule.
    #[must_use]
    pub fn new(format: Format, summary: bool, rules: &'a Rules) -> Report<'a> {
        Report {
            format,
            rules,
            summary,
            by_rule: BTreeMap::new(),
            seen: BTreeMap::new(),
            failed: Vec::new(),
            written: 0,
        }
    }

    /// Before the first finding.
    ///
    /// # Errors
    /// Those of `out`; so in the others.
    pub fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            Format::Sarif => sarif::begin(self.rules, out),
            Format::Text | Format::Json => Ok(()),
        }
    }

    /// A finding.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub fn finding(
        &mut self,
        target: &Target,
        finding: &Finding,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let seen = self.seen.entry((finding.rule, finding.digest.clone())).or_default();
        *seen += 1;
        let count = self.by_rule.entry(finding.rule).or_default();
        count.findings += 1;
        if self.summary {
            return Ok(());
        }
        let info = self.rules.info(finding.rule);
        let path = target.shown();
        let digest = finding.digest.as_deref().unwrap_or_default();
        let which = format!("{digest}#{seen}");
        let line = Line {
            path,
            finding,
            info,
            fingerprint: fingerprint::name(&path.to_string_lossy(), info.name, &which),
        };
        self.written += 1;
        match self.format {
            Format::Text => text::finding(&line, out),
            Format::Json => json::finding(&line, out),
            Format::Sarif => sarif::finding(&line, self.written == 1, self.rules, out),
        }
    }

    /// The end of a file; what failed is kept.
    pub fn end_of_file(&mut self, end: &End) {
        let mut counted = None;
        for ((rule, _), _) in std::mem::take(&mut self.seen) {
            if counted != Some(rule) {
                self.by_rule.entry(rule).or_default().files += 1;
                counted = Some(rule);
            }
        }
        if let End::Failed(what) = end {
            self.failure(what);
        }
    }

    /// Something else that failed.
    pub fn failure(&mut self, what: &str) {
        if self.format == Format::Sarif {
            self.failed.push(what.to_owned());
        }
    }

    /// Behind the last finding.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub fn end(&self, totals: &Totals, out: &mut dyn Write) -> io::Result<()> {
        let mut counts: Vec<(RuleInfo<'_>, Count)> =
            self.by_rule.iter().map(|(id, count)| (self.rules.info(*id), *count)).collect();
        counts.sort_by_key(|(info, count)| (std::cmp::Reverse(count.findings), info.name));
        match self.format {
            Format::Text if self.summary => text::summary(&counts, out),
            Format::Json if self.summary => json::summary(&counts, totals, out),
            Format::Sarif => sarif::end(&self.failed, out),
            Format::Text | Format::Json => Ok(()),
        }
    }
}

/// A finding and what is said of it.
struct Line<'a> {
    path: &'a std::path::Path,
    finding: &'a Finding,
    info: RuleInfo<'a>,
    fingerprint: String,
}
