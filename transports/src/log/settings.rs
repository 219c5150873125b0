//! Where the log goes and what it takes: flags before the environment, the environment before the
//! file, the file before the defaults.

use super::entry::{Format, Level};

/// What one source says; nothing is said where it is `None`. `F` is how it names a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choices<F> {
    /// The level.
    pub level: Option<Level>,
    /// The file.
    pub file: Option<F>,
    /// The format.
    pub format: Option<Format>,
}

/// What holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings<F> {
    /// The level.
    pub level: Level,
    /// The file; standard error without one.
    pub file: Option<F>,
    /// The format.
    pub format: Format,
}

impl<F> Settings<F> {
    /// Each setting from the first source that has it.
    #[must_use]
    pub fn resolve(flags: Choices<F>, environment: Option<Level>, file: Choices<F>) -> Self {
        Settings {
            level: flags.level.or(environment).or(file.level).unwrap_or(Level::Warn),
            file: flags.file.or(file.file),
            format: flags.format.or(file.format).unwrap_or(Format::Text),
        }
    }
}

impl<F> Default for Choices<F> {
    /// Says nothing.
    fn default() -> Self {
        Choices { level: None, file: None, format: None }
    }
}

/// The level that the environment asks for. An empty variable asks for none.
///
/// # Errors
/// A sentence that names the variable and its values.
pub fn level_from_environment() -> Result<Option<Level>, String> {
    let Some(value) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let level = value.to_str().unwrap_or_default().parse();
    level.map(Some).map_err(|values| format!("the variable {VARIABLE} holds no level; {values}"))
}

/// The variable that holds a level.
pub const VARIABLE: &str = "PORTCULLIS_LOG";

/// What the file is, in messages about it.
pub const NOUN: &str = "a log file";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_before_environment_before_file_before_defaults() {
        let none = Choices::<&str>::default();
        let flags =
            Choices { level: Some(Level::Debug), file: Some("flag"), format: Some(Format::Json) };
        let file =
            Choices { level: Some(Level::Error), file: Some("file"), format: Some(Format::Json) };
        let resolve = Settings::resolve;
        let settings = |level, file, format| Settings { level, file, format };
        let (text, json) = (Format::Text, Format::Json);
        assert_eq!(resolve(none, None, none), settings(Level::Warn, None, text));
        assert_eq!(resolve(none, None, file), settings(Level::Error, Some("file"), json));
        let environment = Some(Level::Info);
        assert_eq!(resolve(none, environment, file), settings(Level::Info, Some("file"), json));
        let both = Choices { format: None, ..flags };
        assert_eq!(resolve(both, environment, file), settings(Level::Debug, Some("flag"), json));
        let quiet = Choices { level: Some(Level::Error), ..none };
        assert_eq!(resolve(quiet, environment, none), settings(Level::Error, None, text));
    }
}
