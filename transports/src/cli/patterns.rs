//! `portcullis patterns`, and `portcullis bouncer`, which is the same by other names.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use anstyle::AnsiColor;
use zeroize::Zeroizing;

use super::{
    BAD_CONFIGURATION, BouncerCommand, FOUND, PatternsCommand, WARNING, complain, fail, print,
    print_bytes, say, warn,
};
use crate::config::{self, Loaded};

pub(super) fn patterns(command: &PatternsCommand) -> ExitCode {
    let (PatternsCommand::List { config: file }
    | PatternsCommand::Check { file }
    | PatternsCommand::Test { config: file, .. }) = command;
    let loaded = match config::load(file.as_deref()) {
        Ok(loaded) => loaded,
        Err(faults) => {
            complain(&faults);
            return BAD_CONFIGURATION.into();
        }
    };
    match command {
        PatternsCommand::List { .. } => list(&loaded),
        PatternsCommand::Check { .. } => check(&loaded),
        PatternsCommand::Test { text, .. } => test(&loaded, text.as_deref()),
    }
}

impl From<BouncerCommand> for PatternsCommand {
    fn from(command: BouncerCommand) -> Self {
        match command {
            BouncerCommand::ListPatterns { config } => PatternsCommand::List { config },
            BouncerCommand::ValidatePatterns { file } => PatternsCommand::Check { file },
        }
    }
}

/// One line for each rule in force.
fn list(loaded: &Loaded) -> ExitCode {
    warn_of_gaps(loaded);
    let rules = loaded.policy.rules();
    let infos: Vec<_> = rules.iter().map(|id| rules.info(id)).collect();
    let width = infos.iter().map(|info| info.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for info in &infos {
        let severity = info.severity.name();
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
    let place = match &loaded.file {
        Some(file) => file.display().to_string().escape_debug().to_string(),
        None => "no configuration file".to_owned(),
    };
    writeln!(text, "{place}: {} patterns, {refused} refused", patterns.len())
        .expect("memory takes every text");
    let printed = print(&text);
    if refused > 0 { FOUND.into() } else { printed }
}

/// The text without its secrets, as the guard would pass it in a string of a message; status 1 if
/// there were any.
fn test(loaded: &Loaded, text: Option<&OsStr>) -> ExitCode {
    let mut input = Zeroizing::new(Vec::new());
    match text.filter(|text| *text != "-") {
        Some(text) => {
            input.extend_from_slice(text.as_bytes());
            input.push(b'\n');
        }
        None => {
            let read = std::io::stdin().take(TEXT_BYTES_MAX + 1).read_to_end(&mut input);
            if let Err(error) = read {
                return fail(&format!("standard input: {error}"), BAD_CONFIGURATION);
            }
            if input.len() as u64 > TEXT_BYTES_MAX {
                let what = "standard input: more than 16 MiB; give it in parts";
                return fail(&what, BAD_CONFIGURATION);
            }
        }
    }
    warn_of_gaps(loaded);
    let rules = loaded.policy.rules();
    let mut found = Vec::new();
    rules.find(&input, &mut found);
    let mut output = Zeroizing::new(Vec::with_capacity(input.len()));
    let (mut finds, mut from) = (String::new(), 0);
    for one in &found {
        output.extend_from_slice(&input[from..one.start]);
        output.extend_from_slice(rules.replacement(one.rule).as_bytes());
        from = one.end;
        let name = rules.info(one.rule).name.escape_debug();
        writeln!(finds, "{name}, bytes {}..{}", one.start, one.end)
            .expect("memory takes every text");
    }
    output.extend_from_slice(&input[from..]);
    let printed = print_bytes(&output);
    // These are results: a reader that takes its time still gets them all.
    let _ = std::io::stderr().write_all(finds.as_bytes());
    if found.is_empty() { printed } else { FOUND.into() }
}

/// Says why rules that somebody may expect are not in force.
fn warn_of_gaps(loaded: &Loaded) {
    warn(&loaded.settings.warnings);
    if !loaded.policy.rules().enabled() {
        let what = "bouncer.enabled is false, so nothing is looked for; set it to true";
        say(WARNING, AnsiColor::Yellow, &what);
    }
}

/// So much is read from standard input.
const TEXT_BYTES_MAX: u64 = 16 << 20;
