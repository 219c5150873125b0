//! `portcullis scan`.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anstyle::AnsiColor;
use portcullis_engine::{Mode, Rules, all_rules};

use super::arguments::ScanArguments;
use super::{BAD_CONFIGURATION, FOUND, WARNING, complain, fail, logging, say, tell, warn};
use crate::config::{self, Loaded};
use crate::credential;
use crate::paths;
use crate::process;
use crate::scan::{
    Bounds, Choice, Destination, End, FilterError, Format, Key, Progress, Report, Scan, Target,
    Totals, Walked, filter, walk,
};

pub(super) fn scan(mut arguments: ScanArguments) -> ExitCode {
    process::no_core_dumps();
    let rules = match rules(&arguments) {
        Ok(rules) => rules,
        Err(status) => return status,
    };
    if arguments.paths.is_empty() {
        arguments.paths.push(default_path(arguments.redact));
    }
    let destination = match destination(&arguments) {
        Ok(Some(destination)) => Some(destination),
        Ok(None) if arguments.redact => return redacted(&arguments, &rules),
        Ok(None) => None,
        Err(what) => return fail(&what, BAD_CONFIGURATION),
    };
    let key = match key(&arguments) {
        Ok(key) => key,
        Err(what) => return fail(&what, BAD_CONFIGURATION),
    };
    let choice = Choice { hidden: arguments.hidden, ignored: arguments.no_ignore };
    let walked = walk(&arguments.paths, choice);
    let bounds = Bounds { bytes_max: arguments.max_bytes, binary: arguments.binary };
    let processors = || std::thread::available_parallelism().map_or(1, |count| count.get());
    let scan = Scan {
        rules: &rules,
        targets: &walked.targets,
        bounds,
        key: key.as_ref(),
        destination: destination.as_ref(),
        jobs: arguments.jobs.map_or_else(processors, usize::from),
    };
    let report = Report::new(arguments.format, arguments.summary, &rules);
    let colours = arguments.format == Format::Text;
    match searched(&scan, &walked, report, colours) {
        Ok(totals) => {
            if !is_quiet() {
                tell(&format!("portcullis: {}\n", said(&totals)));
            }
            status(&totals)
        }
        // Only findings are written, and what frames them, so whoever had enough has seen some.
        Err((error, totals)) if error.kind() == io::ErrorKind::BrokenPipe => status(&totals),
        Err((error, _)) => fail(&format!("standard output could not be written ({error})"), FOUND),
    }
}

/// Searches and reports. An error is one of standard output, with what was told until then.
fn searched(
    scan: &Scan<'_>,
    walked: &Walked,
    mut report: Report<'_>,
    colours: bool,
) -> Result<Totals, (io::Error, Totals)> {
    let progress = match is_quiet() {
        true => Progress::none(),
        false => Progress::of(walked.targets.iter().map(|target| target.bytes).sum()),
    };
    let mut told = Totals::default();
    let mut output = Output { waiting: Vec::new(), colours };
    let mut work = || -> io::Result<Totals> {
        report.begin(&mut output.waiting)?;
        for what in &walked.faults {
            progress.aside(|| say("error", AnsiColor::Red, what));
            report.failure(what);
        }
        let mut totals = scan.run(&progress, |target, word| {
            match word {
                Ok(finding) => {
                    told.findings += 1;
                    report.finding(target, finding, &mut output.waiting)?;
                    return output.put(&progress, OUTPUT_BYTES);
                }
                Err(end) => {
                    report.end_of_file(end);
                    output.put(&progress, 1)?;
                    progress.aside(|| tell_of(target, end));
                }
            }
            Ok(())
        })?;
        totals.failed += walked.faults.len() as u64;
        report.end(&totals, &mut output.waiting)?;
        output.put(&progress, 1)?;
        Ok(totals)
    };
    let done = work();
    progress.end();
    done.map_err(|error| (error, told))
}

/// Standard output, written to in pieces of a size.
struct Output {
    waiting: Vec<u8>,
    colours: bool,
}

impl Output {
    /// Writes what waits, if it is as much.
    fn put(&mut self, progress: &Progress, least: usize) -> io::Result<()> {
        if self.waiting.len() < least {
            return Ok(());
        }
        let written = progress.aside(|| match self.colours {
            true => {
                let mut output = anstream::stdout();
                output.write_all(&self.waiting).and_then(|()| output.flush())
            }
            false => {
                let mut output = io::stdout();
                output.write_all(&self.waiting).and_then(|()| output.flush())
            }
        });
        self.waiting.clear();
        written
    }
}

/// Says why a file was not searched, where somebody may think that it was.
fn tell_of(target: &Target, end: &End) {
    let path = target.shown().display().to_string().escape_debug().to_string();
    match end {
        End::Failed(what) => say("error", AnsiColor::Red, what),
        End::TooLong => {
            let what = format!("{path}: left out, since it is too long; --max-bytes allows more");
            say(WARNING, AnsiColor::Yellow, &what);
        }
        End::Binary if target.named => {
            let what = format!("{path}: left out, since it is no text; --binary searches it");
            say(WARNING, AnsiColor::Yellow, &what);
        }
        End::Binary | End::Searched(_) => {}
    }
}

/// `--redact` to standard output.
fn redacted(arguments: &ScanArguments, rules: &Rules) -> ExitCode {
    let [path] = &arguments.paths[..] else {
        let what = "--redact of several files: say where to, with --output DIR, or --in-place";
        return fail(&what, BAD_CONFIGURATION);
    };
    if path.is_dir() {
        let what = "--redact of a directory: say where to, with --output DIR, or --in-place";
        return fail(&what, BAD_CONFIGURATION);
    }
    if arguments.format != Format::Text || arguments.summary {
        let what = "--redact writes the text to standard output, so there is no place for findings; leave --format and --summary out, or give --output DIR or --in-place";
        return fail(&what, BAD_CONFIGURATION);
    }
    let target = Target { path: path.clone(), below: PathBuf::new(), named: true, bytes: 0 };
    let mut output = BufWriter::with_capacity(OUTPUT_BYTES, io::stdout());
    let (totals, ended) = filter(rules, &target, &mut output);
    match ended {
        Ok(()) if !is_quiet() => tell(&format!("portcullis: {}\n", said(&totals))),
        Ok(()) => {}
        Err(FilterError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(FilterError::Output(error)) => {
            return fail(&format!("standard output could not be written ({error})"), FOUND);
        }
        Err(FilterError::Input(error)) => {
            let path = path.display().to_string().escape_debug().to_string();
            return fail(&format!("{path}: {error}"), BAD_CONFIGURATION);
        }
    }
    status(&totals)
}

/// The rules that the flags and the configuration put in force.
fn rules(arguments: &ScanArguments) -> Result<Arc<Rules>, ExitCode> {
    let loaded = config::load(arguments.config.as_deref()).map_err(|faults| {
        complain(&faults);
        ExitCode::from(BAD_CONFIGURATION)
    })?;
    warn(&loaded.settings.warnings);
    let rules = match arguments.rules.is_empty() {
        true => loaded.policy.rules().clone(),
        false => only(&loaded, &arguments.rules).map_err(|what| fail(&what, BAD_CONFIGURATION))?,
    };
    if !rules.enabled() {
        let what = "bouncer.enabled is false, so nothing would be found; set it to true";
        return Err(fail(&what, BAD_CONFIGURATION));
    }
    Ok(rules)
}

/// These rules and no others.
fn only(loaded: &Loaded, wanted: &[String]) -> Result<Arc<Rules>, String> {
    let mut config = loaded.settings.policy.redaction.clone();
    let own = config.patterns.iter().map(|pattern| pattern.name.clone());
    let mut names: Vec<String> = all_rules().map(|info| info.name.to_owned()).collect();
    names.extend(own);
    for name in wanted {
        if !names.contains(name) {
            let near = names.iter().max_by(|a, b| {
                strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name))
            });
            let near = near.map(|near| format!("; is {near} meant?")).unwrap_or_default();
            let name = name.escape_debug();
            return Err(format!(
                "--rules: there is no rule {name}{near} `portcullis patterns list` has them all"
            ));
        }
    }
    for name in wanted {
        // Whoever names a rule wants it, also one of a group that is off.
        let rule = config.rules.entry(name.clone()).or_default();
        if rule.mode == Mode::Off {
            rule.mode = Mode::On;
        }
    }
    names.retain(|name| !wanted.contains(name));
    config.disable = names;
    let (rules, _) = Rules::compile(&config).map_err(|error| error.to_string())?;
    Ok(Arc::new(rules))
}

/// What is searched if nothing is named: standard input where something is piped in, else the
/// current directory. A job without a terminal often has /dev/null there, which must not pass for a
/// clean tree.
fn default_path(redact: bool) -> PathBuf {
    let stdin = crate::scan::STDIN.into();
    if redact {
        return stdin;
    }
    let is_piped = std::fs::metadata("/dev/stdin").is_ok_and(|data| {
        let kind = data.file_type();
        kind.is_file() || kind.is_fifo() || kind.is_socket()
    });
    if is_piped && !io::stdin().is_terminal() {
        return stdin;
    }
    if !is_quiet() {
        tell("portcullis: searching the current directory; - is standard input\n");
    }
    PathBuf::from(".")
}

fn destination(arguments: &ScanArguments) -> Result<Option<Destination>, String> {
    let has_stdin = arguments.paths.iter().any(|path| path.as_os_str() == crate::scan::STDIN);
    if has_stdin && (arguments.output.is_some() || arguments.in_place) {
        return Err(
            "standard input has no place to be written to; name files or directories".to_owned()
        );
    }
    if arguments.in_place {
        return Ok(Some(Destination::InPlace));
    }
    let Some(directory) = &arguments.output else { return Ok(None) };
    let shown = directory.display().to_string().escape_debug().to_string();
    paths::check(directory).map_err(|fault| format!("{shown}: {fault}"))?;
    Ok(Some(Destination::Directory(directory.clone())))
}

fn key(arguments: &ScanArguments) -> Result<Option<Key>, String> {
    let text = match (&arguments.key_env, &arguments.key_file) {
        (Some(name), _) => credential::from_variable(name)?,
        (None, Some(path)) => credential::from_file(path)?,
        (None, None) => return Ok(None),
    };
    Ok(Some(Key::new(text.as_bytes())))
}

/// The sums in words.
fn said(totals: &Totals) -> String {
    let some = |count: u64, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    };
    let mut text = match totals.findings {
        0 => "no secrets".to_owned(),
        count => some(count, "secret", "secrets"),
    };
    if totals.findings > 0 {
        text += &format!(" in {} of", totals.files_found);
    } else {
        text += " in";
    }
    text += &format!(" {}, {}", some(totals.files, "text", "texts"), megabytes(totals.bytes));
    for (count, what) in [
        (totals.binary, "no text"),
        (totals.too_long, "too long"),
        (totals.failed, "not to be searched or written"),
    ] {
        if count > 0 {
            text += &format!("; {count} {what}");
        }
    }
    text
}

fn megabytes(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn status(totals: &Totals) -> ExitCode {
    match totals {
        Totals { findings: 1.., .. } => FOUND.into(),
        Totals { failed: 1.., .. } => BAD_CONFIGURATION.into(),
        _ => ExitCode::SUCCESS,
    }
}

fn is_quiet() -> bool {
    !logging::sources().warns()
}

/// So much is written at a time.
const OUTPUT_BYTES: usize = 64 << 10;
