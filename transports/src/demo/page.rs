//! What the demo shows: lines that fit a terminal, in colour where it is one.

use std::io::{self, ErrorKind, Write};

use anstyle::{AnsiColor, Effects, Style};
use serde_json::Value;

/// The page, and the count of its checks.
pub struct Page {
    out: anstream::AutoStream<std::io::Stdout>,
    held: u32,
    checks: u32,
    failed: bool,
    /// Why a line did not reach standard output.
    unwritten: Option<io::Error>,
}

const TITLE: Style = Style::new().effects(Effects::BOLD);
const DIM: Style = Style::new().effects(Effects::DIMMED);
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const WHY: Style = AnsiColor::Yellow.on_default();
/// No line is longer.
const WIDTH: usize = 96;
/// The word before each line.
const INDENT: usize = 14;

impl Page {
    pub fn new() -> Self {
        let out = anstream::stdout();
        let mut page = Page { out, held: 0, checks: 0, failed: false, unwritten: None };
        page.line(&format!(
            "{TITLE}portcullis demo{TITLE:#}  a client, a server that leaks, and the guard between them"
        ));
        page
    }

    /// A new scene.
    pub fn scene(&mut self, title: &str, off: bool) {
        let off = if off { format!("  {BAD}(switched off){BAD:#}") } else { String::new() };
        self.line("");
        self.line(&format!("{TITLE}{title}{TITLE:#}{off}"));
    }

    /// What came in, with the part that must not pass.
    pub fn came(&mut self, from: &str, text: &str, marked: &str) {
        self.shown(&format!("{from} said"), text, marked, BAD);
    }

    /// What went out, with the part that stands for it.
    pub fn left(&mut self, to: &str, text: &str, marked: &str) {
        self.shown(&format!("{to} got"), text, marked, GOOD);
    }

    /// Why, as the audit log has it.
    pub fn why(&mut self, events: &[Value]) {
        for event in events {
            let mut words = vec![text(event, "kind")];
            for (before, key) in [("", "reason"), ("rule ", "rule"), ("check ", "check")] {
                let word = text(event, key);
                if !word.is_empty() {
                    words.push(format!("{before}{word}"));
                }
            }
            let bytes = format!("{} -> {} bytes", event["bytes_in"], event["bytes_out"]);
            words.push(bytes);
            let words = words.join(", ");
            self.line(&format!("  {DIM}{:12}{DIM:#}{WHY}{words}{WHY:#}", "audit"));
        }
    }

    /// One check.
    pub fn check(&mut self, held: bool, what: &str) {
        self.checks += 1;
        self.held += u32::from(held);
        if held {
            self.line(&format!("  {GOOD}held{GOOD:#}        {what}"));
        } else {
            self.line(&format!("  {BAD}FAILED{BAD:#}      {what}"));
        }
    }

    /// The demo itself could not go on.
    pub fn failure(&mut self, what: &str) {
        self.failed = true;
        self.line(&format!("  {BAD}FAILED{BAD:#}      the demo could not go on: {what}"));
    }

    /// The last line; whether all is well.
    ///
    /// # Errors
    /// Why standard output did not take all of the page.
    pub fn finish(mut self) -> io::Result<bool> {
        let well = !self.failed && self.checks > 0 && self.held == self.checks;
        let style = if well { GOOD } else { BAD } | Effects::BOLD;
        let (held, checks) = (self.held, self.checks);
        self.line("");
        self.line(&format!("{style}{held} of {checks} checks held{style:#}"));
        self.unwritten.map_or(Ok(well), Err)
    }

    /// A line of a peer in one line of ours: cut around the part that matters, which is shown in
    /// colour and itself cut, so that no whole secret, though false, ends up in anybody's log.
    fn shown(&mut self, who: &str, text: &str, marked: &str, style: Style) {
        let who = format!("{who:12}");
        let room = WIDTH - INDENT;
        let (before, after) = match text.find(marked) {
            Some(at) if !marked.is_empty() => (&text[..at], &text[at + marked.len()..]),
            _ => (text, ""),
        };
        let marked = if after.is_empty() && before == text { "" } else { marked };
        let core = visible(marked, if style == GOOD { 40 } else { 14 });
        let left = room.saturating_sub(core.chars().count());
        let tail = visible(after, left.min(after.chars().count()).min(left / 3));
        let head = visible_end(before, left - tail.chars().count());
        self.line(&format!("  {DIM}{who}{DIM:#}{head}{style}{core}{style:#}{tail}"));
    }

    fn line(&mut self, text: &str) {
        // Nobody reading is no reason to stop: the exit status still tells.
        if let Err(error) = writeln!(self.out, "{text}")
            && error.kind() != ErrorKind::BrokenPipe
        {
            self.unwritten.get_or_insert(error);
        }
    }
}

fn text(event: &Value, key: &str) -> String {
    event[key].as_str().unwrap_or_default().to_owned()
}

/// The first characters of a text, control characters made visible.
fn visible(text: &str, room: usize) -> String {
    let text = printable(text);
    if text.chars().count() <= room {
        return text;
    }
    text.chars().take(room.saturating_sub(3)).chain("...".chars()).collect()
}

/// The last characters of a text, likewise.
fn visible_end(text: &str, room: usize) -> String {
    let text = printable(text);
    let count = text.chars().count();
    if count <= room {
        return text;
    }
    "...".chars().chain(text.chars().skip(count - room.saturating_sub(3))).collect()
}

fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\r' => '\u{240d}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}
