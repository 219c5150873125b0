//! `portcullis config`.

use std::process::ExitCode;

use super::{BAD_CONFIGURATION, ConfigCommand, FOUND, complain, print, tell, warn};
use crate::config::{self, Found};

pub(super) fn config(command: ConfigCommand) -> ExitCode {
    match command {
        ConfigCommand::Default => print(config::DEFAULT),
        ConfigCommand::Check { file } => match config::load_file(&file) {
            Ok(loaded) => {
                warn(&loaded.settings.warnings);
                let shown = file.display().to_string().escape_debug().to_string();
                let memory = loaded.worst_case();
                print(&format!("{shown}: no faults\nmemory of `serve` at most: {memory}\n"))
            }
            Err(faults) => {
                complain(&faults);
                BAD_CONFIGURATION.into()
            }
        },
        ConfigCommand::Path => path(),
    }
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
