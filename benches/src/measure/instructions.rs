//! Straight lines: instructions at eight times the size, counted by callgrind.
//!
//! Instructions repeat on a busy machine where times do not, so a line that bends shows.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Scratch, Setup};
use crate::figure::{Figure, Goal};
use crate::instructions::{Case, RULES, Scanner, cases};

/// For each scanner the ratio that is furthest from eight, and its most expensive input; for the
/// rules, what more of them cost. Nothing where valgrind is missing, and a word about it.
///
/// # Errors
/// A binary that is missing, a valgrind that fails.
pub fn measure(setup: &Setup) -> io::Result<Vec<Figure>> {
    let binary = setup.binary("instructions", "portcullis-benches")?;
    if !has_valgrind("instructions") {
        return Ok(Vec::new());
    }
    let scratch = Scratch::new()?;
    let cases = cases(setup.quick);
    let quick = setup.quick.then_some("--quick");
    let counts = count(&binary, quick.as_slice(), scratch.path(), cases.len())?;
    let mut by_scanner: BTreeMap<&str, Vec<Line>> = BTreeMap::new();
    let mut rules = BTreeMap::new();
    for (case, count) in cases.iter().zip(&counts) {
        if let Scanner::Rules(number) = case.scanner {
            rules.insert(number, *count);
        }
    }
    for (pair, counts) in cases.chunks(2).zip(counts.chunks(2)) {
        let ([small, _], [one, eight]) = (pair, counts) else { continue };
        if let Some(name) = name(small.scanner) {
            by_scanner.entry(name).or_default().push(Line::of(small, *one, *eight));
        }
    }
    let mut figures: Vec<Figure> =
        by_scanner.into_iter().map(|(name, lines)| straight(name, &lines)).collect();
    let per_rules = |number: usize| rules[&number] as f64 / rules[&RULES[0]] as f64;
    let note = format!("clean frames; with all rules {:.3}", per_rules(RULES[2]));
    figures.push(
        Figure::new("instructions.400_rules_vs_50", per_rules(RULES[1]), "ratio")
            .goal(Goal::AtMost(1.1))
            .note(note),
    );
    Ok(figures)
}

/// Whether there is a valgrind; a word about it if not.
pub(super) fn has_valgrind(group: &str) -> bool {
    let is_there = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !is_there {
        eprintln!("figures: {group}: skipped, there is no valgrind");
    }
    is_there
}

/// One input at both sizes.
struct Line {
    input: &'static str,
    ratio: f64,
    /// Instructions a byte, by the asked size.
    each: f64,
}

impl Line {
    fn of(small: &Case, one: u64, eight: u64) -> Self {
        let input = small.input.map_or("mix", |input| input.name);
        let ratio = eight as f64 / one as f64;
        Self { input, ratio, each: eight as f64 / (8 * small.bytes) as f64 }
    }
}

fn name(scanner: Scanner) -> Option<&'static str> {
    match scanner {
        Scanner::Frame => Some("instructions.frame"),
        Scanner::Guard => Some("instructions.guard"),
        Scanner::Finder => Some("instructions.finder"),
        Scanner::Text => Some("instructions.text"),
        Scanner::Custom => Some("instructions.custom"),
        Scanner::Rules(_) => None,
    }
}

fn straight(name: &str, lines: &[Line]) -> Figure {
    let far = |line: &Line| (line.ratio - 8.0).abs();
    let worst = lines.iter().max_by(|a, b| far(a).total_cmp(&far(b)));
    let dear = lines.iter().max_by(|a, b| a.each.total_cmp(&b.each));
    let (Some(worst), Some(dear)) = (worst, dear) else {
        return Figure::new(name.to_owned(), f64::NAN, "times");
    };
    let bent: Vec<String> = lines
        .iter()
        .filter(|line| STRAIGHT.met(line.ratio) == Some(false))
        .map(|line| format!("{} {:.2}", line.input, line.ratio))
        .collect();
    let note = format!(
        "at {}; the dearest is {} with {:.0} a byte, {:.2} times; {} of {} bend: {}",
        worst.input,
        dear.input,
        dear.each,
        dear.ratio,
        bent.len(),
        lines.len(),
        bent.join(", ")
    );
    Figure::new(name.to_owned(), worst.ratio, "times").goal(STRAIGHT).note(note)
}

/// Instructions of each call of the function that is counted, in order.
pub(super) fn count(
    binary: &OsStr,
    options: &[&str],
    folder: &Path,
    calls: usize,
) -> io::Result<Vec<u64>> {
    let out = folder.join("callgrind");
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--collect-atstart=no"])
        .arg(format!("--toggle-collect={COUNTED}"))
        .arg(format!("--dump-after={DUMPED}"))
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(binary)
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()?;
    if !status.success() {
        return Err(io::Error::other(format!("valgrind: {status}")));
    }
    (1..=calls).map(|call| total(&out.with_extension(call.to_string()))).collect()
}

/// The sum that callgrind wrote into one of its files.
pub(super) fn total(path: &Path) -> io::Result<u64> {
    let text = fs::read_to_string(path)?;
    let sum = text.lines().find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok());
    let none = || io::Error::other(format!("{}: no instructions were counted", path.display()));
    sum.filter(|&sum: &u64| sum > 0).ok_or_else(none)
}

const COUNTED: &str = "*instructions::counted*";
/// The same in other words: callgrind keeps one wish for each pattern.
const DUMPED: &str = "portcullis_benches::instructions::counted";
/// Eight times, give or take a tenth.
const STRAIGHT: Goal = Goal::Between(7.2, 8.8);
