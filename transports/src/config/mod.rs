//! The configuration: where it is looked for, how it is read, what it means.
//!
//! It is never looked for in the working directory, which may be a stranger's project. No message
//! holds an excerpt of a file, since a file may hold a token.

pub mod environment;
pub mod fault;
mod file;
mod schema;
mod settings;
mod tree;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis_engine::{ConfigError, Limits, Policy};

pub use fault::{Fault, Faults, Place};
pub use file::{Found, default_path, find};
pub use settings::{
    EnvironmentSettings, LogSettings, ServeSettings, ServerSettings, Settings, SocketSettings,
};

/// The complete default configuration, with a comment for each key.
pub const DEFAULT: &str = include_str!("default.yaml");

/// A configuration that was read, checked and compiled.
#[derive(Debug)]
pub struct Loaded {
    /// The file, if there is one.
    pub file: Option<PathBuf>,
    /// What was read.
    pub settings: Settings,
    /// The compiled policy.
    pub policy: Arc<Policy>,
}

impl Loaded {
    /// The engine's limits.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.settings.limits
    }

    /// Whether a token is held, from wherever it came.
    #[must_use]
    pub fn holds_token(&self) -> bool {
        !self.settings.policy.auth.tokens.is_empty()
    }
}

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
    if settings.holds_token {
        file::check_private(&opened, file)?;
    }
    let (policy, warnings) = compile(&settings, file)?;
    let mut settings = settings;
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
        let line = usize::try_from(place.line).ok().and_then(|line| text.lines().nth(line - 1));
        let remedy = match line {
            Some(line) if line.contains("{{") => "put `{{ .env.NAME }}` in quotes",
            Some(line) if line.starts_with('\t') => "indent with spaces, not with tabs",
            _ => "mend the line, or compare it with `portcullis config default`",
        };
        Faults(vec![Fault { place, ..Fault::of_file(file, what, remedy) }])
    })?;
    schema::interpret(root, file, environment)
}

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
        ConfigError::UnknownRule(name) => {
            let remedy = "`portcullis patterns list` names them";
            fault(name, "bouncer.disable", "there is no rule of this name".to_owned(), remedy)
        }
        ConfigError::Pattern(name, why) => {
            fault(name, "bouncer.patterns", why.clone(), "`portcullis patterns check` tells more")
        }
        other => Fault::of_file(file, other.to_string(), ""),
    })?;
    let skipped = policy.faults().iter().map(|skipped| {
        let what = format!("the pattern is skipped: {}", skipped.reason);
        fault(&skipped.name, "bouncer.patterns", what, "mend it, or it takes nothing out")
    });
    let warnings = skipped.collect();
    Ok((policy, warnings))
}
