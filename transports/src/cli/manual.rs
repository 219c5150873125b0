//! `portcullis completions` and `portcullis man`: made of the command line itself, so that they
//! never say anything else.

use std::io;
use std::process::ExitCode;

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::{Arguments, BAD_CONFIGURATION, fail, print_bytes};

pub(super) fn completions(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut visible(), NAME, &mut script);
    print_bytes(&script)
}

/// The page about a command, given by the words that lead to it.
pub(super) fn page(words: &[String]) -> ExitCode {
    let mut command = visible().disable_help_subcommand(true);
    command.build();
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
    let mut page = Vec::new();
    render(command, &mut page).expect("memory takes every text");
    print_bytes(&page)
}

fn render(command: Command, page: &mut Vec<u8>) -> io::Result<()> {
    let notes = command.get_after_help().map(ToString::to_string);
    let has_commands = command.has_subcommands();
    let man = Man::new(command).source(concat!("portcullis ", env!("CARGO_PKG_VERSION")));
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if has_commands {
        man.render_subcommands_section(page)?;
    }
    let mut roff = Roff::new();
    roff.control("SH", ["NOTES"]);
    // Examples are lines, not a paragraph.
    roff.control("nf", []);
    notes.iter().flat_map(|notes| notes.lines()).for_each(|line| {
        roff.text([roman(line)]);
    });
    roff.control("fi", []);
    if notes.is_some() { roff.to_writer(page) } else { Ok(()) }
}

/// The command line without what is hidden: the makers of scripts show that too.
fn visible() -> Command {
    let all = Arguments::command();
    let shown = all.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    Command::new(NAME)
        .version(env!("CARGO_PKG_VERSION"))
        .about(all.get_about().cloned().unwrap_or_default())
        .after_help(all.get_after_help().cloned().unwrap_or_default())
        .args(all.get_arguments().cloned())
        .subcommands(shown)
}

const NAME: &str = "portcullis";
