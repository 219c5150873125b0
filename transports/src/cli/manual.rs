//! `portcullis completions` and `portcullis man`: made of the command line itself, so that they
//! never say anything else.

use std::path::Path;
use std::process::ExitCode;

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use super::{Arguments, BAD_CONFIGURATION, FOUND, fail, page, print_bytes};
use crate::paths;

pub(super) fn completions(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut visible(), NAME, &mut script);
    print_bytes(&script)
}

/// The page about a command, given by the words that lead to it.
pub(super) fn print(words: &[String]) -> ExitCode {
    let mut command = whole();
    for word in words {
        let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        match command.find_subcommand(word) {
            Some(found) => command = found.clone(),
            None => {
                let (word, about) = (word.escape_debug(), command.get_name());
                let what = match names[..] {
                    [] => format!("man: {about} has no commands of its own; leave {word} out"),
                    _ => {
                        format!("man: {about} has no command {word}; it has: {}", names.join(", "))
                    }
                };
                return fail(&what, BAD_CONFIGURATION);
            }
        }
    }
    print_bytes(&rendered(command))
}

/// Writes the pages of all commands, one file each.
pub(super) fn write(directory: &Path) -> ExitCode {
    let shown = directory.display().to_string().escape_debug().to_string();
    if let Err(fault) = paths::check(directory) {
        return fail(&format!("{shown}: {fault}"), BAD_CONFIGURATION);
    }
    let written = std::fs::create_dir_all(directory).and_then(|()| {
        let mut waiting = vec![whole()];
        while let Some(command) = waiting.pop() {
            waiting.extend(command.get_subcommands().cloned());
            let name = Man::new(command.clone()).get_filename();
            std::fs::write(directory.join(name), rendered(command))?;
        }
        Ok(())
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let what = format!("{shown}: {error}; name a directory that you may write");
            fail(&what, FOUND)
        }
    }
}

fn rendered(command: Command) -> Vec<u8> {
    let mut text = Vec::new();
    page::render(command, &mut text).expect("memory takes every text");
    text
}

/// The command line with all its commands filled in.
fn whole() -> Command {
    let mut command = visible().disable_help_subcommand(true);
    command.build();
    command
}

/// The command line without what is hidden: the makers of scripts show that too.
fn visible() -> Command {
    let all = Arguments::command();
    let shown = all.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    Command::new(NAME)
        .version(env!("CARGO_PKG_VERSION"))
        .about(all.get_about().cloned().unwrap_or_default())
        .after_long_help(all.get_after_long_help().cloned().unwrap_or_default())
        .args(all.get_arguments().cloned())
        .subcommands(shown)
}

const NAME: &str = "portcullis";
