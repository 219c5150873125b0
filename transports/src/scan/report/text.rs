//! Findings for people: `path:line:column: severity rule (provider): excerpt`.

use std::io::{self, Write};

use anstyle::{AnsiColor, Effects, Style};
use portcullis_engine::{RuleInfo, Severity};

use super::{Count, Line};

pub(super) fn finding(line: &Line<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Line { path, finding, info, .. } = line;
    let path = path.display().to_string();
    let (place, style) = (Style::new().effects(Effects::BOLD), style(info.severity));
    writeln!(
        out,
        "{place}{}:{}:{}{place:#}: {style}{}{style:#} {} ({}): {}",
        path.escape_debug(),
        finding.start.line,
        finding.start.column,
        info.severity.name(),
        info.name.escape_debug(),
        info.provider,
        finding.excerpt,
    )
}

/// One line for each rule that found something, the busiest first.
pub(super) fn summary(counts: &[(RuleInfo<'_>, Count)], out: &mut dyn Write) -> io::Result<()> {
    let width = counts.iter().map(|(info, _)| info.name.len()).max().unwrap_or_default();
    for (info, count) in counts {
        let style = style(info.severity);
        let files =
            if count.files == 1 { "1 file".to_owned() } else { format!("{} files", count.files) };
        writeln!(
            out,
            "{:>7}  {:width$}  {style}{:8}{style:#}  in {files}",
            count.findings,
            info.name.escape_debug().to_string(),
            info.severity.name(),
        )?;
    }
    Ok(())
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::Red.on_default().effects(Effects::BOLD),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
    }
}
