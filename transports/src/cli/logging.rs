//! The flags that every command takes: what is said about its own work, and where.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory};

use super::Arguments;
use crate::append::AppendFile;
use crate::audit::{self, Audit};
use crate::config::{LogSettings, Settings};
use crate::log::{self, Choices, Format, Level, Sources};
use crate::paths::Location;
use crate::recorder::Recorder;

#[derive(Debug, Args)]
#[command(next_help_heading = "Log")]
pub(super) struct LogArguments {
    /// Log this and what is worse: error, warn, info or debug [default: PORTCULLIS_LOG, or warn]
    #[arg(long, global = true, value_name = "LEVEL", value_enum, hide_possible_values = true)]
    log_level: Option<Level>,
    /// Append the log to this file instead of standard error
    #[arg(long, global = true, value_name = "FILE")]
    log_file: Option<PathBuf>,
    /// How entries are spelled: text or json [default: text]. Faults of the command line and the
    /// configuration, and what is said at the start, are always text on standard error
    #[arg(long, global = true, value_name = "FORMAT", value_enum, hide_possible_values = true)]
    log_format: Option<Format>,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "log_level")]
    quiet: bool,
}

impl LogArguments {
    /// Keeps what the flags and the environment say, for the whole program.
    ///
    /// # Errors
    /// A sentence that names the variable whose value is none.
    pub fn settle(self) -> Result<(), String> {
        // Flags on both sides of a subcommand are told apart too late for the parser to compare.
        if self.quiet && self.log_level.is_some() {
            let what = "--quiet and --log-level contradict each other; keep one of them";
            Arguments::command().error(ErrorKind::ArgumentConflict, what).exit();
        }
        let level = if self.quiet { Some(Level::Error) } else { self.log_level };
        let flags = Choices { level, file: self.log_file, format: self.log_format };
        let sources = Sources { flags, environment: log::level_from_environment()? };
        SOURCES.set(sources).expect("the command line is read once");
        Ok(())
    }
}

/// Opens the audit log and the log as flags, environment and file say.
///
/// # Errors
/// A sentence that names the file and what mends it.
pub(super) fn recorder(settings: &Settings, audit: Option<&Path>) -> Result<Recorder, String> {
    let audit = match (audit, &settings.audit) {
        (Some(path), _) => Some(Audit::open(path)?),
        (None, Some(location)) => Some(Audit::new(open(location, audit::NOUN)?)),
        (None, None) => None,
    };
    let LogSettings { level, file, format } = &settings.log;
    let choices = Choices { level: *level, file: file.as_ref(), format: *format };
    let log = sources().open(choices, |location| open(location, log::NOUN))?;
    Ok(Recorder::new(audit, log))
}

/// The log as flags and environment say.
///
/// # Errors
/// A sentence that names the file and what mends it.
pub(super) fn recorder_without_file() -> Result<Recorder, String> {
    recorder(&Settings::default(), None)
}

/// Opens a file that the configuration names.
fn open(location: &Location, noun: &str) -> Result<AppendFile, String> {
    let path = location.path();
    let (directory, name) = location
        .open_parent(true)
        .map_err(|fault| format!("{}: {fault}", path.display().to_string().escape_debug()))?;
    AppendFile::open_at(directory, &name, &path, noun)
}

/// What the flags and the environment say.
pub(super) fn sources() -> &'static Sources {
    SOURCES.get_or_init(Sources::default)
}

/// A process has one command line, and warnings are said in many places.
static SOURCES: OnceLock<Sources> = OnceLock::new();
