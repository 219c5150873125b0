//! Findings for code hosts and editors: SARIF 2.1.0 (OASIS), one run.
//!
//! Of a secret it holds nothing but its place and its masked excerpt. Fingerprints are made of path
//! and rule, and of a digest of the secret only where somebody gave a key for it.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use portcullis_engine::{Rules, Severity};
use serde_json::{Value, json};

use super::Line;

/// Everything before the results.
pub(super) fn begin(rules: &Rules, out: &mut dyn Write) -> io::Result<()> {
    let table: Vec<Value> = rules.iter().map(|id| rule(rules, id)).collect();
    let driver = json!({
        "name": "portcullis",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": table,
    });
    writeln!(out, "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{")?;
    writeln!(out, "\"tool\":{{\"driver\":{driver}}},")?;
    writeln!(out, "\"columnKind\":\"unicodeCodePoints\",\n\"results\":[")
}

fn rule(rules: &Rules, id: portcullis_engine::RuleId) -> Value {
    let info = rules.info(id);
    json!({
        "id": info.name,
        "shortDescription": {"text": format!("A secret of the kind {} ({})", info.name, info.provider)},
        "defaultConfiguration": {"level": level(info.severity)},
        "properties": {
            "tags": ["security", info.severity.name()],
            "security-severity": score(info.severity),
        },
    })
}

pub(super) fn finding(
    line: &Line<'_>,
    is_first: bool,
    rules: &Rules,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Line { path, finding, info, fingerprint } = line;
    let index = rules.iter().position(|id| id == finding.rule);
    let result = json!({
        "ruleId": info.name,
        "ruleIndex": index,
        "level": level(info.severity),
        "message": {"text": format!("{} ({}): {}", info.name, info.provider, finding.excerpt)},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(path)},
            "region": {
                "startLine": finding.start.line,
                "startColumn": finding.start.column,
                "endLine": finding.end.line,
                "endColumn": finding.end.column,
                "byteOffset": finding.offset,
                "byteLength": finding.length,
            },
        }}],
        "partialFingerprints": {"portcullis/v1": fingerprint},
    });
    write!(out, "{}{result}", if is_first { "" } else { ",\n" })
}

/// Everything behind the results.
pub(super) fn end(failed: &[String], out: &mut dyn Write) -> io::Result<()> {
    let note = |what: &String| json!({"level": "error", "message": {"text": what}});
    let notes: Vec<Value> = failed.iter().map(note).collect();
    let invocation = json!({
        "executionSuccessful": failed.is_empty(),
        "toolExecutionNotifications": notes,
    });
    writeln!(out, "\n],\n\"invocations\":[{invocation}]}}]}}")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The middle of the range that code hosts give each word.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

/// A path as a URI reference (RFC 3986): relative as it is given, absolute with its scheme.
fn uri(path: &Path) -> String {
    let mut uri = String::from(if path.is_absolute() { "file://" } else { "" });
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(*byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            _ => write!(uri, "%{byte:02X}").expect("memory takes every text"),
        }
    }
    uri
}

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references() {
        for (path, want) in [
            ("src/a b.rs", "src/a%20b.rs"),
            ("c:d#e?f%", "c%3Ad%23e%3Ff%25"),
            ("/tmp/\u{e9}", "file:///tmp/%C3%A9"),
            ("-", "-"),
        ] {
            assert_eq!(uri(Path::new(path)), want);
        }
    }
}
