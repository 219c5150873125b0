//! `portcullis serve`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{
    BAD_CONFIGURATION, FOUND, ServeArguments, complain, fail, guarded, logging, tell, warn,
    warn_of_root,
};
use crate::config::{self, Faults, Loaded};
use crate::process::no_core_dumps;
use crate::program;
use crate::serve::activation::Handed;
use crate::serve::{Daemon, Plan, ServeError, Setup};

pub(super) fn serve(arguments: ServeArguments) -> ExitCode {
    let ServeArguments { config: file, audit } = arguments;
    let loaded = match load(file.as_ref()) {
        Ok(loaded) => loaded,
        Err(faults) => {
            complain(&faults);
            return BAD_CONFIGURATION.into();
        }
    };
    warn(&loaded.settings.warnings);
    warn(&program::missing(&loaded.settings));
    warn_of_root();
    let plan = match Plan::of(&loaded) {
        Ok(plan) => plan,
        Err(error) => return fail(&error, BAD_CONFIGURATION),
    };
    let recorder = match logging::recorder(&loaded.settings, audit.as_deref()) {
        Ok(recorder) => recorder,
        Err(what) => return fail(&what, BAD_CONFIGURATION),
    };
    if loaded.holds_token() {
        no_core_dumps();
    }
    let settings = loaded.settings;
    let reload = move || {
        let loaded = load(file.as_ref()).map_err(|faults| faults.to_string())?;
        if loaded.holds_token() {
            no_core_dumps();
        }
        let plan = Plan::of(&loaded).map_err(|error| error.to_string())?;
        Ok((plan, logging::recorder(&loaded.settings, audit.as_deref())?))
    };
    let setup = Setup { plan, recorder, handed: Handed::take(), reload: Box::new(reload) };
    let outcome = guarded(|| {
        let daemon = Daemon::start(setup)?;
        if logging::sources().warns() {
            for (name, path) in daemon.listening() {
                let path = path.display().to_string();
                tell(&format!("portcullis: {name} listens on {}\n", path.escape_debug()));
            }
        }
        daemon.run()
    });
    match outcome {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(ServeError::Bind(key, error))) => {
            complain(&settings.fault(&key, error.to_string(), "").into());
            FOUND.into()
        }
        Some(Err(error)) => fail(&error, FOUND),
        None => FOUND.into(),
    }
}

/// Loads a configuration that names a server.
fn load(file: Option<&PathBuf>) -> Result<Loaded, Faults> {
    let loaded = config::load(file.map(PathBuf::as_path))?;
    if loaded.settings.servers.is_empty() {
        let what = match &loaded.file {
            Some(_) => "there is no server in `servers`, so there is nothing to serve",
            None => "there is no such configuration, so there is nothing to serve",
        };
        let file = loaded.file.clone().or_else(config::default_path).unwrap_or_default();
        let remedy = "add one: servers: [{name: files, command: [mcp-server-filesystem, /data]}]";
        return Err(config::Fault::of_file(&file, what, remedy).into());
    }
    Ok(loaded)
}
