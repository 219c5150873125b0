//! `portcullis config`.

use std::process::ExitCode;

use super::{BAD_CONFIGURATION, ConfigCommand, FOUND, complain, print, tell, warn};
use crate::config::{self, Faults, Found, Loaded};

pub(super) fn config(command: ConfigCommand) -> ExitCode {
    match command {
        ConfigCommand::Default => print(config::DEFAULT),
        ConfigCommand::Check { strict, file } => match config::load(file.as_deref()) {
            Ok(loaded) => checked(loaded, strict),
            Err(faults) => {
                complain(&faults);
                BAD_CONFIGURATION.into()
            }
        },
        ConfigCommand::Path => path(),
    }
}

/// Says that there is nothing wrong, and how much is odd; if that is as good as wrong, what.
fn checked(loaded: Loaded, strict: bool) -> ExitCode {
    let memory = loaded.worst_case();
    let warnings = loaded.settings.warnings;
    if strict && !warnings.is_empty() {
        complain(&Faults(warnings));
        return BAD_CONFIGURATION.into();
    }
    warn(&warnings);
    let place = match &loaded.file {
        Some(file) => file.display().to_string().escape_debug().to_string(),
        None => "no configuration file, so the defaults".to_owned(),
    };
    let odd = match warnings.len() {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        count => format!(", {count} warnings"),
    };
    print(&format!("{place}: no faults{odd}\nmemory of `serve` at most: {memory}\n"))
}

/// The file that `run` would read on standard output; without one, status 1 and a word about where
/// it would be.
fn path() -> ExitCode {
    match config::find(None) {
        Ok(Found::File(file)) => print(&format!("{}\n", file.display())),
        Ok(Found::Nothing) => {
            let place = config::default_path().map(|path| path.display().to_string());
            let place = place.unwrap_or_else(|| "nowhere, since HOME is not set".to_owned());
            let place = place.escape_debug();
            tell(&format!(
                "portcullis: there is no configuration, so the defaults apply; it would be {place}\n"
            ));
            FOUND.into()
        }
        Err(faults) => {
            complain(&faults);
            BAD_CONFIGURATION.into()
        }
    }
}
