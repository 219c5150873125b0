//! `portcullis run`.

use std::process::ExitCode;

use anstyle::AnsiColor;

use super::{RunArguments, complain, say, warn};
use crate::audit::Audit;
use crate::config;
use crate::driver::{Driver, Setup};
use crate::error::RunError;
use crate::process::no_core_dumps;

pub(super) fn run(arguments: RunArguments) -> ExitCode {
    let loaded = match config::load(arguments.config.as_deref()) {
        Ok(loaded) => loaded,
        Err(faults) => {
            complain(&faults);
            return FAILED.into();
        }
    };
    warn(&loaded.settings.warnings);
    if rustix::process::geteuid().is_root() {
        let what = "running as root: the server, and whoever takes it over, is root too";
        say("warning", AnsiColor::Yellow, &what);
    }
    let audit = match arguments.audit.as_deref().map(Audit::open).transpose() {
        Ok(audit) => audit,
        Err(what) => {
            say("error", AnsiColor::Red, &what);
            return FAILED.into();
        }
    };
    if loaded.holds_token() {
        no_core_dumps();
    }
    let setup = Setup {
        command: arguments.command,
        limits: loaded.limits(),
        policy: loaded.policy,
        audit,
        stats: arguments.stats,
    };
    match Driver::start(setup).and_then(Driver::run) {
        Ok(status) => status.into(),
        Err(error) => {
            say("error", AnsiColor::Red, &error);
            error.exit_code().into()
        }
    }
}

/// Portcullis itself failed, as env(1) and timeout(1) have it.
const FAILED: u8 = RunError::FAILED;
