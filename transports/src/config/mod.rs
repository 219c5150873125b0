//! The configuration: where it is looked for, how it is read, what it means.
//!
//! It is never looked for in the working directory, which may be a stranger's project. No message
//! holds an excerpt of a file, since a file may hold a token.

mod bridge;
pub mod environment;
pub mod fault;
mod file;
mod idle;
mod key_files;
mod loaded;
mod schema;
mod seal_key;
mod settings;
mod tree;
mod walk;

use std::env::VarError;
use std::path::Path;
use std::sync::Arc;

use portcullis_engine::{ConfigError, Policy};

use crate::paths::{Location, PathFault};

pub use fault::{Fault, Faults, Place};
pub use file::{Found, default_path, find};
pub use loaded::{Loaded, WorstCase};
pub use settings::{
    Alias, ApprovalSettings, EnvironmentSettings, KeyFile, LogSettings, ServeSettings,
    ServerSettings, Settings, SocketSettings,
};

/// The complete default configuration, with a comment for each key.
pub const DEFAULT: &str = include_str!("default.yaml");

/// Loads what [`find`] finds, or the defaults.
///
/// # Errors
/// Every fault that was found.
pub fn load(flag: Option<&Path>) -> Result<Loaded, Faults> {
    match find(flag)? {
        Found::File(file) => load_file(&file),
        Found::Nothing => Ok(Loaded {
            file: None,
            settings: Settings::default(),
            policy: Arc::new(Policy::default()),
        }),
    }
}

/// Loads this file.
///
/// # Errors
/// Every fault that was found.
pub fn load_file(file: &Path) -> Result<Loaded, Faults> {
    let opened = file::open(file)?;
    let settings = read(&opened.text, file, &|name| std::env::var(name).ok())?;
    check_taken(&settings)?;
    if settings.holds_token {
        file::check_private(&opened, file)?;
    }
    check_locations(&settings)?;
    let mut settings = settings;
    key_files::read(&mut settings)?;
    settings.policy.redaction.seal_key = seal_key::of_process();
    let (policy, warnings) = compile(&settings, file)?;
    settings.warnings.extend(warnings);
    Ok(Loaded { file: Some(file.to_owned()), settings, policy: Arc::new(policy) })
}

/// Reads and interprets a text; `file` is only named.
///
/// # Errors
/// Every fault that was found.
pub fn read(
    text: &str,
    file: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, Faults> {
    let root = tree::read(text).map_err(|(place, what)| {
        let number = usize::try_from(place.line).unwrap_or_default();
        let line = text.lines().nth(number.saturating_sub(1)).unwrap_or_default();
        let remedy = match environment::unquoted(line) {
            Some(remedy) => remedy,
            None if line.starts_with('\t') => "indent with spaces, not with tabs",
            None => "mend the line, or compare it with `portcullis config default`",
        };
        Faults(vec![Fault { place, ..Fault::of_file(file, what, remedy) }])
    })?;
    schema::interpret(root, file, environment)
}

/// What is read of the environment has to be text; nothing of it is skipped.
fn check_taken(settings: &Settings) -> Result<(), Faults> {
    let is_odd = |name: &&&str| matches!(std::env::var(name), Err(VarError::NotUnicode(_)));
    let fault = |name: &&str| {
        let what = format!("the variable {name} is not UTF-8");
        settings.fault("compat", what, "mend it, or unset it")
    };
    let faults: Vec<Fault> = settings.taken.iter().filter(is_odd).map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
}

/// Looks at every place that the file names, as far as it exists; what is missing is made when it
/// is needed. So a link that leads out, or a directory of somebody else, is told before the start.
fn check_locations(settings: &Settings) -> Result<(), Faults> {
    let fault = |location: &Location| match location.open_parent(false) {
        Ok(_) | Err(PathFault::Missing(_)) => None,
        Err(fault) => Some(settings.fault(location.key(), fault.to_string(), "")),
    };
    let mut faults: Vec<Fault> = settings.locations().filter_map(fault).collect();
    faults.sort_by_key(|fault| fault.place);
    if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
}

/// Groups of rules, as the engine names them.
const GROUPS: [&str; 3] = ["secrets", "pii", "entropy"];

/// Compiles the policy. A pattern that is skipped is a warning; if the file says `strict`, a fault.
fn compile(settings: &Settings, file: &Path) -> Result<(Policy, Vec<Fault>), Faults> {
    let place = |name: &str| {
        let found = settings.places.iter().find(|(known, _)| known == name);
        found.map_or(Place::default(), |&(_, place)| place)
    };
    let fault = |name: &str, key: &str, what: String, remedy: &str| Fault {
        place: place(name),
        key: key.to_owned(),
        ..Fault::of_file(file, what, remedy)
    };
    let policy = Policy::compile(&settings.policy).map_err(|error| match &error {
        ConfigError::UnknownRule(name, nearest) => {
            let key = match settings.policy.redaction.rules.contains_key(name) {
                true => "redaction.rules",
                false => "bouncer.disable",
            };
            let remedy = match nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "`portcullis patterns list` names them".to_owned(),
            };
            fault(name, key, "there is no rule of this name".to_owned(), &remedy)
        }
        ConfigError::RuleSetting(name, why) => {
            let key = if GROUPS.contains(&name.as_str()) { "groups" } else { "rules" };
            fault(name, &format!("redaction.{key}.{name}"), (*why).to_owned(), "")
        }
        ConfigError::Allow(number, why) => {
            settings.fault(&format!("redaction.allow[{}]", number - 1), why.clone(), "")
        }
        ConfigError::SecretName(name) => {
            let what = "this name can be neither added nor removed";
            let remedy = "a name to add has 3 to 32 letters and digits, and a name to remove is \
                          one of the built-in list";
            fault(name, "redaction.names", what.to_owned(), remedy)
        }
        ConfigError::Pattern(name, why) => {
            fault(name, "bouncer.patterns", why.clone(), "`portcullis patterns check` tells more")
        }
        ConfigError::Setting(key, why) => settings.fault(key, why.clone(), ""),
        other => Fault::of_file(file, other.to_string(), ""),
    })?;
    let skipped = policy.faults().iter().map(|skipped| {
        let what = format!("the pattern is skipped: {}", skipped.reason);
        fault(&skipped.name, "bouncer.patterns", what, "mend it, or it takes nothing out")
    });
    let warnings = skipped.collect();
    Ok((policy, warnings))
}
