//! Findings for programs: one JSON object a line.

use std::io::{self, Write};

use portcullis_engine::RuleInfo;
use serde::Serialize;

use super::{Count, Line, Totals};

#[derive(Serialize)]
struct Object<'a> {
    path: &'a str,
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    offset: u64,
    length: u64,
    rule: &'a str,
    provider: &'a str,
    severity: &'a str,
    excerpt: &'a str,
    fingerprint: &'a str,
}

pub(super) fn finding(line: &Line<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Line { path, finding, info, fingerprint } = line;
    let object = Object {
        path: &path.to_string_lossy(),
        line: finding.start.line,
        column: finding.start.column,
        end_line: finding.end.line,
        end_column: finding.end.column,
        offset: finding.offset,
        length: finding.length,
        rule: info.name,
        provider: info.provider,
        severity: info.severity.name(),
        excerpt: &finding.excerpt,
        fingerprint,
    };
    serde_json::to_writer(&mut *out, &object)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Summary<'a> {
    findings: u64,
    files_found: u64,
    files: u64,
    bytes: u64,
    binary: u64,
    too_long: u64,
    failed: u64,
    rules: Vec<OfRule<'a>>,
}

#[derive(Serialize)]
struct OfRule<'a> {
    rule: &'a str,
    severity: &'a str,
    findings: u64,
    files: u64,
}

pub(super) fn summary(
    counts: &[(RuleInfo<'_>, Count)],
    totals: &Totals,
    out: &mut dyn Write,
) -> io::Result<()> {
    let of_rule = |(info, count): &(RuleInfo<'_>, Count)| {
        (info.name.to_owned(), info.severity.name(), *count)
    };
    let counts: Vec<_> = counts.iter().map(of_rule).collect();
    let rules = counts.iter().map(|(rule, severity, count)| OfRule {
        rule,
        severity,
        findings: count.findings,
        files: count.files,
    });
    let summary = Summary {
        findings: totals.findings,
        files_found: totals.files_found,
        files: totals.files,
        bytes: totals.bytes,
        binary: totals.binary,
        too_long: totals.too_long,
        failed: totals.failed,
        rules: rules.collect(),
    };
    serde_json::to_writer(&mut *out, &summary)?;
    out.write_all(b"\n")
}
