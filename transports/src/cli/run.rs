//! `portcullis run`.

use std::panic::{AssertUnwindSafe, catch_unwind};
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
    silence_panics();
    // A defect of ours ends the session like any other failure; what unwinds kills the server's
    // group on its way.
    let relay = AssertUnwindSafe(|| Driver::start(setup).and_then(Driver::run));
    match catch_unwind(relay) {
        Ok(Ok(status)) => status.into(),
        Ok(Err(error)) => {
            say("error", AnsiColor::Red, &error);
            error.exit_code().into()
        }
        Err(_) => FAILED.into(),
    }
}

/// A panic says where it happened and nothing else: its own words may quote what was relayed.
fn silence_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let what = format!("a defect of Portcullis at {place}; the session ends. Please report it");
        say("error", AnsiColor::Red, &what);
    }));
}

/// Portcullis itself failed, as env(1) and timeout(1) have it.
const FAILED: u8 = RunError::FAILED;
