//! `quality [--json] [--list] [--examples FILE] [--clean DIR...]`: how much the rules find, and how
//! much they find that is none.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use portcullis_benches::quality::report::{Report, Wanted};

const USAGE: &str = "\
usage: quality [OPTION...]

Prints how many of other people's examples of secrets the rules find, in plain text and as others
write it, and what they find in text that is known to hold none.

  --examples FILE      one JSON object a line: source, rule, text, expect (secret or clean), span
  --clean DIR...       directories of text without secrets, instead of the sources of all packages
                       of Cargo.lock in $CARGO_HOME/registry/src
  --list               what was missed and flagged, by rule and line of FILE
  --json               figures only, one object a line: name, value, unit, goal, met
";

fn main() -> ExitCode {
    let (wanted, json) = match options(std::env::args_os().skip(1)) {
        Ok(options) => options,
        Err(text) => {
            eprint!("{text}");
            return ExitCode::from(2);
        }
    };
    match Report::new(&wanted) {
        Ok(report) => {
            for figure in &report.figures {
                println!("{}", if json { figure.json() } else { figure.line() });
            }
            if !json {
                print!("{}", report.text);
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("quality: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(given: impl Iterator<Item = OsString>) -> Result<(Wanted, bool), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let mut wanted = Wanted { lock: root.join("Cargo.lock"), ..Wanted::default() };
    let mut json = false;
    let mut given = given.peekable();
    while let Some(option) = given.next() {
        let option = option.to_string_lossy().into_owned();
        let needs = || format!("{option} needs a value\n{USAGE}");
        match option.as_str() {
            "--json" => json = true,
            "--list" => wanted.list = true,
            "--examples" => wanted.examples = Some(given.next().ok_or_else(needs)?.into()),
            "--clean" => {
                wanted.clean.push(PathBuf::from(given.next().ok_or_else(needs)?));
                while let Some(more) =
                    given.next_if(|more| !more.to_string_lossy().starts_with('-'))
                {
                    wanted.clean.push(more.into());
                }
            }
            _ => return Err(format!("unknown: {option}\n{USAGE}")),
        }
    }
    Ok((wanted, json))
}
