//! Where the log goes and what it takes: flags before the environment, the environment before the
//! file, the file before the defaults.

use std::path::PathBuf;

use super::Log;
use super::entry::{Format, Level};
use crate::append::AppendFile;

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

/// What was said before any file was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The flags of the command line.
    pub flags: Choices<PathBuf>,
    /// The level that the environment asks for.
    pub environment: Option<Level>,
}

impl Sources {
    /// Opens the log. `open` opens a file that the configuration names.
    ///
    /// # Errors
    /// A sentence that names the file and what mends it.
    pub fn open<F>(
        &self,
        file: Choices<F>,
        open: impl FnOnce(F) -> Result<AppendFile, String>,
    ) -> Result<Log, String> {
        let flags = Choices {
            level: self.flags.level,
            file: self.flags.file.as_ref().map(Place::Flag),
            format: self.flags.format,
        };
        let file = Choices {
            level: file.level,
            file: file.file.map(Place::Configured),
            format: file.format,
        };
        let settings = Settings::resolve(flags, self.environment, file);
        let file = match settings.file {
            None => return Ok(Log::new(settings.level, settings.format)),
            Some(Place::Flag(path)) => AppendFile::open(path, NOUN)?,
            Some(Place::Configured(file)) => open(file)?,
        };
        Ok(Log::to_file(settings.level, settings.format, file))
    }

    /// Whether warnings about the configuration are said.
    #[must_use]
    pub fn warns(&self) -> bool {
        self.flags.level.or(self.environment) != Some(Level::Error)
    }
}

/// A file, and who named it.
enum Place<'a, F> {
    Flag(&'a PathBuf),
    Configured(F),
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

    #[test]
    fn a_file_is_opened_by_who_named_it() {
        let folder = tempfile::tempdir().unwrap();
        let (flag, configured) = (folder.path().join("flag"), folder.path().join("configured"));
        let file = || Choices { file: Some(configured.clone()), ..Choices::default() };
        let open = |path: PathBuf| AppendFile::open(&path, NOUN);
        let mut sources = Sources::default();
        sources.flags.file = Some(flag.clone());
        sources.open(file(), open).unwrap();
        assert!(flag.exists() && !configured.exists());
        sources.flags.file = None;
        assert_eq!(sources.open(file(), open).unwrap().level(), Level::Warn);
        assert!(configured.exists());
        sources.flags.file = Some(folder.path().join("none/x"));
        let fault = sources.open(file(), open).unwrap_err();
        assert!(fault.contains("none/x: its directory does not exist"), "{fault}");
    }
}
