//! Everything in order: figures with their goals, tables and lists for a reader.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use portcullis_engine::{Policy, Rules};

use super::alarm::Alarms;
use super::clean::{self, Folder, Kind};
use super::example::{self, Example};
use super::frame;
use super::known::{self, Known};
use super::recall::{self, Listed};
use super::rulebook::{self, Row};
use super::spelling::{PLAIN, SPELLINGS};
use crate::figure::{Figure, Goal};

/// What is asked for.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Examples of secrets and of what is none.
    pub examples: Option<PathBuf>,
    /// Directories of clean text; none: the dependency tree.
    pub clean: Vec<PathBuf>,
    /// Lists of what was missed and flagged, too.
    pub list: bool,
    /// The lock file that names the dependency tree.
    pub lock: PathBuf,
}

/// What is printed: figures, and text for a reader behind them.
#[derive(Debug, Default)]
pub struct Report {
    /// In order.
    pub figures: Vec<Figure>,
    /// Tables and lists.
    pub text: String,
}

impl Report {
    /// Measures.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn new(wanted: &Wanted) -> io::Result<Report> {
        let mut report = Report::default();
        let rules = Rules::default();
        let examples = match &wanted.examples {
            Some(path) => example::read(path)?,
            None => {
                report.text += NO_EXAMPLES;
                Vec::new()
            }
        };
        if !examples.is_empty() {
            report.recall(&rules, &examples);
            report.spellings(&rules, &examples);
        }
        report.rulebook(&rulebook::rows(&rules, &examples), !examples.is_empty());
        if wanted.list {
            report.lists(&rules, &examples);
        }
        report.alarms(&rules, wanted)?;
        Ok(report)
    }

    fn figure(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        self.text.write_fmt(line).expect("memory takes every text");
        self.text.push('\n');
    }

    /// Plain text, by source.
    fn recall(&mut self, rules: &Rules, examples: &[Example]) {
        let all = recall::in_spelling(rules, examples, &PLAIN);
        let note = |share: recall::Share| format!("{} of {}", share.part, share.whole);
        let recall = Figure::new("recall.plain", all.secret.percent(), "%");
        self.figure(recall.goal(Goal::AtLeast(75.0)).note(note(all.secret)));
        let flagged = Figure::new("flagged.clean", all.clean.percent(), "%");
        self.figure(flagged.goal(Goal::AtMost(8.0)).note(note(all.clean)));
        let contested = recall::contested(rules, examples);
        let figure = Figure::new("flagged.contested", contested.part as f64, "lines");
        let text = format!("of {} flagged, whose value is a secret elsewhere", contested.whole);
        self.figure(figure.note(text));
        self.line(format_args!("\n{:16} {:>22} {:>22}", "source", "found", "clean ones flagged"));
        for (source, found) in recall::by_source(rules, examples) {
            let shown = [found.secret, found.clean]
                .map(|share| format!("{:.1} % of {}", share.percent(), share.whole));
            self.line(format_args!("{source:16} {:>22} {:>22}", shown[0], shown[1]));
        }
    }

    /// Each spelling beside plain text.
    fn spellings(&mut self, rules: &Rules, examples: &[Example]) {
        let plain = recall::in_spelling(rules, examples, &PLAIN).secret.percent();
        for (spelling, name) in SPELLINGS.iter().zip(FIGURES) {
            let found = recall::in_spelling(rules, examples, spelling);
            let percent = found.secret.percent();
            let figure = Figure::new(name, percent - plain, "points");
            let note = format!("{percent:.1} % found, {:.1} % flagged", found.clean.percent());
            self.figure(figure.goal(Goal::AtLeast(-2.0)).note(note));
        }
        for (spelling, name) in SPELLINGS.iter().filter(|spelling| spelling.blob).zip(ANCHORED) {
            let share = recall::anchored(rules, examples, spelling);
            let figure = Figure::new(name, share.percent() - 100.0, "points");
            let note =
                format!("{} of {} that a rule with an anchor finds", share.part, share.whole);
            self.figure(figure.goal(Goal::AtLeast(-2.0)).note(note));
        }
        let framed = frame::recall(&Arc::new(Policy::default()), examples).percent();
        let figure = Figure::new("recall.frame", framed - plain, "points");
        let note = format!("{framed:.1} % do not leave the engine");
        self.figure(figure.goal(Goal::AtLeast(-2.0)).note(note));
    }

    /// The rules, and who has seen them work.
    fn rulebook(&mut self, rows: &[Row], has_examples: bool) {
        self.figure(Figure::new("rules", rows.len() as f64, "rules").goal(Goal::AtLeast(250.0)));
        let unproven = rows.iter().filter(|row| !row.proven).count();
        let proven = rows.len() - unproven;
        self.figure(Figure::new("rules.proven", proven as f64, "rules"));
        let note = "no example of anybody else is known";
        self.figure(Figure::new("rules.unproven", unproven as f64, "rules").note(note));
        let own: Vec<&Row> = rows.iter().filter(|row| row.own_missed > 0).collect();
        let figure = Figure::new("rules.own_missed", own.len() as f64, "rules");
        let note = format!("of {} made examples each, one or more not found", rulebook::SEEDS);
        self.figure(figure.goal(Goal::AtMost(0.0)).note(note));
        for row in &own {
            self.line(format_args!(
                "rule {} does not find {} of its own examples",
                row.name, row.own_missed
            ));
        }
        if !has_examples {
            return;
        }
        let seen = rows.iter().filter(|row| !row.lines.is_empty()).count();
        self.figure(Figure::new("rules.met", seen as f64, "rules").note("by an example"));
        let single: Vec<&Row> = rows.iter().filter(|row| row.lines.len() == 1).collect();
        let only = single.iter().filter(|row| row.own_missed as u64 == rulebook::SEEDS).count();
        let figure = Figure::new("rules.one_line_only", only as f64, "rules");
        let note = format!("meet one example and none of their own; {} meet one", single.len());
        self.figure(figure.goal(Goal::AtMost(0.0)).note(note));
        let names = |rows: Vec<&Row>| {
            let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
            names.join(", ")
        };
        self.line(format_args!("\nrules that meet one example: {}", names(single)));
        let unmet = |proven: bool| {
            let unmet = rows.iter().filter(|row| row.lines.is_empty() && row.proven == proven);
            names(unmet.collect())
        };
        self.line(format_args!("\nproven rules that meet none of these: {}", unmet(true)));
        self.line(format_args!("\nunproven rules: {}", unmet(false)));
        let met = rows.iter().filter(|row| !row.lines.is_empty() && !row.proven).collect();
        self.line(format_args!("\nunproven rules that meet one, so are proven: {}", names(met)));
    }

    fn lists(&mut self, rules: &Rules, examples: &[Example]) {
        self.listed("missed in plain text", &recall::missed(rules, examples, &PLAIN));
        self.listed("clean ones flagged, by rule of ours", &recall::flagged(rules, examples));
        for spelling in SPELLINGS {
            let title = format!("found in plain text, missed when {}", spelling.name);
            self.listed(&title, &recall::missed(rules, examples, spelling));
        }
    }

    /// Names, how many, and the lines of the examples file.
    fn listed(&mut self, title: &str, listed: &Listed) {
        self.line(format_args!("\n{title} (name, count, lines):"));
        for (name, lines) in listed {
            let numbers: Vec<String> = lines.iter().take(12).map(ToString::to_string).collect();
            let more = if lines.len() > 12 { " ..." } else { "" };
            self.line(format_args!("  {name:40} {:>4}  {}{more}", lines.len(), numbers.join(" ")));
        }
    }

    /// What is found in clean text.
    fn alarms(&mut self, rules: &Rules, wanted: &Wanted) -> io::Result<()> {
        let known = Known::new(known::LIST)
            .map_err(|line| io::Error::other(format!("known-test-keys.txt: line {line}")))?;
        let folders: Vec<Folder> = match wanted.clean.is_empty() {
            false => wanted.clean.iter().cloned().map(Folder::new).collect(),
            true => {
                let (folders, absent) = clean::dependencies(&wanted.lock)?;
                if absent > 0 {
                    let remedy = "cargo fetch gets them";
                    self.line(format_args!(
                        "\n{absent} packages are not on this machine; {remedy}"
                    ));
                }
                folders
            }
        };
        let mut alarms = Alarms::search(rules, &folders, &known)?;
        let lock = std::fs::read(&wanted.lock)?;
        alarms.text(rules, &known, Kind::Lock, "Cargo.lock", &lock);
        for (kind, name) in Kind::ALL.into_iter().zip(ALARMS) {
            let bytes = alarms.bytes.get(&kind).copied().unwrap_or(0);
            let per_10_mb = alarms.rate(kind, 1e7);
            let goal = match kind {
                Kind::Source => Goal::Below(1.0),
                Kind::Lock | Kind::GitHash | Kind::Integrity | Kind::Uuid => Goal::AtMost(0.0),
                _ => Goal::None,
            };
            let megabytes = bytes as f64 / 1e6;
            let note = format!("{} in {megabytes:.1} MB", alarms.false_ones(kind));
            self.figure(Figure::new(name, per_10_mb, "per 10 MB").goal(goal).note(note));
        }
        let of_known = alarms.list.iter().filter(|alarm| alarm.known).count();
        let figure = Figure::new("alarms.known_test_keys", of_known as f64, "findings");
        self.figure(figure.note("of real shape, and no false alarms"));
        self.line(format_args!("\nfalse alarms by rule:"));
        for (rule, count) in alarms.by_rule() {
            self.line(format_args!("  {rule:40} {count:>4}"));
        }
        for (title, is_known) in [("false alarms", false), ("known test keys", true)] {
            self.line(format_args!("\n{title}:"));
            for alarm in alarms.list.iter().filter(|alarm| alarm.known == is_known) {
                self.line(format_args!("  {} {} {}", alarm.place, alarm.rule, alarm.excerpt));
            }
        }
        Ok(())
    }
}

const NO_EXAMPLES: &str = "no examples: --examples FILE gives them, one JSON object a line with \
    source, rule, text, expect (secret or clean) and, where known, span\n";

/// The figures of `SPELLINGS`, in its order.
const FIGURES: [&str; 9] = [
    "recall.escaped",
    "recall.escaped_twice",
    "recall.escaped_three_deep",
    "recall.html_safe",
    "recall.base64",
    "recall.base64url",
    "recall.percent",
    "recall.hex",
    "recall.zero_width",
];

/// The figures of those of `SPELLINGS` that hide a name with its secret, in its order.
const ANCHORED: [&str; 4] = [
    "recall.base64.anchored",
    "recall.base64url.anchored",
    "recall.percent.anchored",
    "recall.hex.anchored",
];

/// The figures of `Kind::ALL`, in its order.
const ALARMS: [&str; 8] = [
    "alarms.source",
    "alarms.licence",
    "alarms.lock",
    "alarms.minified",
    "alarms.uuid",
    "alarms.git_hash",
    "alarms.integrity",
    "alarms.image",
];

#[cfg(test)]
mod tests {
    use super::super::spelling::Spelling;
    use super::*;

    #[test]
    fn every_spelling_and_kind_has_its_figure() {
        for (spelling, name) in SPELLINGS.iter().zip(FIGURES) {
            assert_eq!(name, format!("recall.{}", spelling.name));
        }
        let blobs: Vec<&Spelling> = SPELLINGS.iter().filter(|spelling| spelling.blob).collect();
        for (spelling, name) in blobs.iter().zip(ANCHORED) {
            assert_eq!(name, format!("recall.{}.anchored", spelling.name));
        }
        assert_eq!(blobs.len(), ANCHORED.len());
        for (kind, name) in Kind::ALL.into_iter().zip(ALARMS) {
            assert_eq!(name, format!("alarms.{}", kind.name()));
        }
        assert_eq!((SPELLINGS.len(), Kind::ALL.len()), (FIGURES.len(), ALARMS.len()));
    }
}
