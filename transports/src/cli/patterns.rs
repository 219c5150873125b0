//! `portcullis patterns`.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use anstyle::AnsiColor;

use super::{BAD_CONFIGURATION, PatternsCommand, complain, print};
use crate::config::{self, Loaded};

pub(super) fn patterns(command: &PatternsCommand) -> ExitCode {
    let (file, show): (Option<&Path>, fn(&Loaded) -> ExitCode) = match command {
        PatternsCommand::List { config } => (config.as_deref(), list),
        PatternsCommand::Check { file } => (file.as_deref(), check),
    };
    match config::load(file) {
        Ok(loaded) => show(&loaded),
        Err(faults) => {
            complain(&faults);
            BAD_CONFIGURATION.into()
        }
    }
}

/// One line for each rule in force.
fn list(loaded: &Loaded) -> ExitCode {
    let rules = loaded.policy.rules();
    let infos: Vec<_> = rules.iter().map(|id| rules.info(id)).collect();
    let width = infos.iter().map(|info| info.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for info in &infos {
        let severity = format!("{:?}", info.severity).to_lowercase();
        writeln!(text, "{:width$}  {severity:8}  {}", info.name, info.provider)
            .expect("memory takes every text");
    }
    print(&text)
}

/// One line for each pattern of the configuration; status 1 if one of them is refused.
fn check(loaded: &Loaded) -> ExitCode {
    let patterns = &loaded.settings.policy.redaction.patterns;
    let faults = loaded.policy.faults();
    let (good, bad) = (AnsiColor::Green.on_default(), AnsiColor::Red.on_default());
    let mut text = String::new();
    for pattern in patterns {
        let name = pattern.name.escape_debug();
        let line = match faults.iter().find(|fault| fault.name == pattern.name) {
            None => writeln!(text, "{good}ok{good:#}       {name}"),
            Some(fault) => {
                let at = fault.at.map(|at| format!(" (at byte {at})")).unwrap_or_default();
                writeln!(text, "{bad}refused{bad:#}  {name}: {}{at}", fault.reason)
            }
        };
        line.expect("memory takes every text");
    }
    let refused =
        patterns.iter().filter(|pattern| faults.iter().any(|fault| fault.name == pattern.name));
    let refused = refused.count();
    writeln!(text, "{} patterns, {refused} refused", patterns.len())
        .expect("memory takes every text");
    let printed = print(&text);
    if refused > 0 { ExitCode::from(1) } else { printed }
}
