//! `portcullis run`.

use std::path::Path;
use std::process::ExitCode;

use super::{RunArguments, complain, fail, guarded, logging, warn, warn_of_root};
use crate::config::{self, Fault, Settings};
use crate::driver::{Driver, Ended, Setup, Upstream};
use crate::error::RunError;
use crate::process::{Environment, Launch, exit_code, no_core_dumps};
use crate::program;

pub(super) fn run(arguments: RunArguments) -> ExitCode {
    let loaded = match config::load(arguments.config.as_deref()) {
        Ok(loaded) => loaded,
        Err(faults) => {
            complain(&faults);
            return FAILED.into();
        }
    };
    warn(&loaded.settings.warnings);
    warn(&warnings_about_asking(&loaded.settings));
    warn_of_root();
    let recorder = match logging::recorder(&loaded.settings, arguments.audit.as_deref()) {
        Ok(recorder) => recorder,
        Err(what) => return fail(&what, FAILED),
    };
    if loaded.holds_token() {
        no_core_dumps();
    }
    let name = Path::new(&arguments.command[0]).file_name().unwrap_or_default();
    let setup = Setup {
        name: name.to_string_lossy().into_owned(),
        limits: loaded.limits(),
        policy: loaded.policy,
        recorder,
        stats: arguments.stats,
        hook: loaded.settings.hook(),
        upstream: Upstream::Command(Launch {
            command: arguments.command,
            environment: Environment::Less(loaded.settings.taken),
            descriptors: None,
        }),
    };
    // What unwinds kills the server's group on its way.
    match guarded(|| Driver::start(setup).and_then(Driver::run)) {
        Some(Ok(Ended::Child(status))) => exit_code(status).into(),
        Some(Ok(Ended::Client | Ended::Socket)) => unreachable!("`run` has a child"),
        Some(Err(error)) => fail(&error, error.exit_code()),
        None => FAILED.into(),
    }
}

/// What keeps everybody from being asked.
fn warnings_about_asking(settings: &Settings) -> Vec<Fault> {
    let asks = !settings.policy.tools.ask.is_empty();
    if asks && settings.approvals.command.is_empty() {
        let what = "calls of these tools are refused, since `run` has nobody to ask";
        return vec![settings.fault("tools.ask", what, "name a program in approvals.command")];
    }
    program::missing_hook(settings).into_iter().collect()
}

/// Portcullis itself failed, as env(1) and timeout(1) have it.
const FAILED: u8 = RunError::FAILED;
