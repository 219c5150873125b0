//! `figures [--json] [--quick] [NAME...]`: measures and prints.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use portcullis_benches::corpus::Source;
use portcullis_benches::counting::Counting;
use portcullis_benches::measure::{GROUPS, Setup};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const USAGE: &str = "\
usage: figures [OPTION...] [NAME...]

Measures and prints; NAME is a group: echo, everything, bulk, guard, finding, sizes,
hostile, instructions (needs valgrind), policy (needs valgrind for most of it), hosts, scan,
start_up, memory, engine, socket, sessions, crowd.

  --json               one object a line: name, value, unit, goal, met
  --quick              fewer rounds, 10 MB
  --mb N               megabytes of clean frames (100)
  --corpus FILE        clean frames, one a line
  --generator SCRIPT   a Python script that makes them with --mb, --secret-rate 0 and --out
                       (../shared/corpus/gen_corpus.py where that is, else a mix of our own)
  --everything CMD     a server's command, split at spaces, for the group `everything`
                       (PORTCULLIS_EVERYTHING)
";

fn main() -> ExitCode {
    let (setup, names) = match options(std::env::args_os().skip(1)) {
        Ok(options) => options,
        Err(text) => {
            eprint!("{text}");
            return ExitCode::from(2);
        }
    };
    match print(&setup, &names) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("figures: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print(setup: &Setup, names: &[String]) -> io::Result<()> {
    for (name, measure) in GROUPS {
        if !names.is_empty() && !names.iter().any(|wanted| wanted == name) {
            continue;
        }
        let figures = measure(setup)
            .map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
        for figure in figures {
            println!("{}", if setup.json { figure.json() } else { figure.line() });
        }
    }
    Ok(())
}

fn options(mut given: impl Iterator<Item = OsString>) -> Result<(Setup, Vec<String>), String> {
    let binaries = std::env::current_exe().ok().and_then(|path| Some(path.parent()?.to_owned()));
    let binaries = binaries.ok_or("figures: cannot tell where its own binary is\n")?;
    let mut setup = Setup {
        quick: false,
        json: false,
        cache: binaries.with_file_name("corpus"),
        binaries,
        everything: std::env::var("PORTCULLIS_EVERYTHING").ok().as_deref().map(words),
        source: default_source(),
        megabytes: 0,
    };
    let mut names = Vec::new();
    while let Some(option) = given.next() {
        let option = option.to_str().ok_or(USAGE)?.to_owned();
        let mut value = || given.next().ok_or_else(|| format!("{option} needs a value\n{USAGE}"));
        match option.as_str() {
            "--json" => setup.json = true,
            "--quick" => setup.quick = true,
            "--corpus" => setup.source = Source::File(value()?.into()),
            "--generator" => setup.source = Source::Generator(value()?.into()),
            "--everything" => setup.everything = value()?.to_str().map(words),
            "--mb" => {
                let number = value()?.to_str().and_then(|text| text.parse().ok());
                setup.megabytes = number.filter(|&mb| mb > 0).ok_or(USAGE)?;
            }
            name if GROUPS.iter().any(|(group, _)| *group == name) => names.push(option),
            _ => return Err(format!("unknown: {option}\n{USAGE}")),
        }
    }
    if setup.megabytes == 0 {
        setup.megabytes = setup.pick(10, 100);
    }
    Ok((setup, names))
}

fn words(text: &str) -> Vec<OsString> {
    text.split_whitespace().map(OsString::from).collect()
}

/// The generator beside the project's folder, where somebody put one; else our own mix.
fn default_source() -> Source {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let script = |root: &Path| root.join("../shared/corpus/gen_corpus.py");
    match root.map(script).filter(|path: &PathBuf| path.is_file()) {
        Some(path) => Source::Generator(path),
        None => Source::BuiltIn,
    }
}
