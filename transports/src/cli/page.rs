//! A page of the manual: what the command line says of a command, then the parts of its help.
//!
//! Paragraphs and lists are filled by man(1), examples stay lines. Nothing is written here that the
//! help does not say.

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::help::{self, EXAMPLES, PARTS};

/// The page about a command. What is the same for all commands stands in each page.
pub(super) fn render(mut command: Command, page: &mut Vec<u8>) -> io::Result<()> {
    // The maker of pages forgets the `--` and the values of flags.
    let usage = command.render_usage().to_string();
    let command = command.override_usage(usage.trim_start_matches("Usage: ").to_owned());
    let notes = command.get_after_long_help().or_else(|| command.get_after_help());
    let notes = notes.map(ToString::to_string).unwrap_or_default();
    let (has_commands, is_main) = (command.has_subcommands(), command.get_name() == NAME);
    let man = Man::new(command).source(concat!("portcullis ", env!("CARGO_PKG_VERSION")));
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    paragraphs(&notes).to_writer(page)?;
    man.render_options_section(page)?;
    if has_commands {
        man.render_subcommands_section(page)?;
    }
    for heading in PARTS {
        let common = if COMMON.contains(&heading) { part(help::MAIN, heading) } else { None };
        if let Some(lines) = part(&notes, heading).or(common) {
            section(heading, lines).to_writer(page)?;
        }
    }
    if !is_main {
        let mut roff = Roff::new();
        roff.control("SH", ["SEE ALSO"]).text([bold(NAME), roman("(1)")]);
        roff.to_writer(page)?;
    }
    Ok(())
}

/// What is no part with a name.
fn paragraphs(notes: &str) -> Roff {
    let mut roff = Roff::new();
    let is_named = |text: &&str| PARTS.iter().any(|name| text.lines().next() == Some(*name));
    for text in notes.split("\n\n").filter(|text| !text.is_empty() && !is_named(text)) {
        roff.control("PP", []);
        text.lines().for_each(|line| {
            roff.text([roman(line)]);
        });
    }
    roff
}

/// The lines of a part.
fn part<'a>(notes: &'a str, heading: &str) -> Option<&'a str> {
    notes.split("\n\n").find_map(|text| text.strip_prefix(heading)?.strip_prefix('\n'))
}

fn section(heading: &str, lines: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [heading.trim_end_matches(':').to_uppercase().as_str()]);
    if heading == EXAMPLES {
        roff.control("nf", []);
        lines.lines().for_each(|line| {
            roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
        });
        roff.control("fi", []);
        return roff;
    }
    let mut lines = lines.lines().peekable();
    while let Some(line) = lines.next() {
        let has_more = lines.peek().is_some_and(|next| next.starts_with("   "));
        match line.trim().split_once("  ") {
            Some((word, text)) => {
                roff.control("TP", []).text([bold(word)]).text([roman(text.trim())]);
            }
            None if has_more => {
                roff.control("TP", []).text([bold(line.trim())]);
            }
            None => {
                roff.control("PP", []).text([roman(line.trim())]);
            }
        }
        while let Some(more) = lines.next_if(|next| next.starts_with("   ")) {
            roff.text([roman(more.trim())]);
        }
    }
    roff
}

/// Parts of the main help that hold for every command.
const COMMON: [&str; 2] = ["Environment:", "Files:"];

const NAME: &str = "portcullis";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_become_sections() {
        let notes = "One\ntwo.\n\nSignals:\n  TERM, INT  end\n             it\n  a whole line\n  \
                     FILE\n      is that\n\nExamples:\n  a |\n      b";
        let shown = |roff: Roff| roff.to_roff();
        assert_eq!(shown(paragraphs(notes)), ".PP\nOne\ntwo.\n");
        assert_eq!(
            shown(section("Signals:", part(notes, "Signals:").unwrap())),
            ".SH SIGNALS\n.TP\n\\fBTERM, INT\\fR\nend\nit\n.PP\na whole line\n.TP\n\\fBFILE\\fR\nis that\n"
        );
        assert_eq!(
            shown(section(EXAMPLES, part(notes, EXAMPLES).unwrap())),
            ".SH EXAMPLES\n.nf\na |\n    b\n.fi\n"
        );
        assert_eq!(part(notes, "Files:"), None);
    }
}
