//! One entry, and how it is spelled: for people, or as a JSON object.
//!
//! ```text
//! 2026-11-22T06:00:00.123Z warn portcullis files#7: refused tool=read_file reason=tool_denied
//! {"time":"2026-11-22T06:00:00.123Z","level":"warn","session":7,"server":"files","what":"refused",...}
//! ```
//!
//! An entry is one line whatever a peer named its tools: what is not printable is escaped, and a
//! text that could be taken for more than one field stands in quotes.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::str::FromStr;

use anstyle::AnsiColor;
use clap::ValueEnum;
use portcullis_engine::{Label, Time};
use serde::ser::{SerializeMap, Serializer};
use serde_json::ser::Formatter;

use crate::clock::stamp;

/// How much an entry matters; the less it does, the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Level {
    /// Something cannot be done.
    Error,
    /// Something was refused, or is odd.
    Warn,
    /// Something was changed; something began or ended.
    Info,
    /// Every frame.
    Debug,
}

impl Level {
    /// The word for this level.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
            Level::Debug => "debug",
        }
    }

    fn colour(self) -> AnsiColor {
        match self {
            Level::Error => AnsiColor::Red,
            Level::Warn => AnsiColor::Yellow,
            Level::Info => AnsiColor::Green,
            Level::Debug => AnsiColor::Blue,
        }
    }
}

impl FromStr for Level {
    /// What may stand there instead.
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let all = [Level::Error, Level::Warn, Level::Info, Level::Debug];
        let found = all.into_iter().find(|level| level.name() == word);
        found.ok_or("it is error, warn, info or debug")
    }
}

/// How entries are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl FromStr for Format {
    /// What may stand there instead.
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "text" => Ok(Format::Text),
            "json" => Ok(Format::Json),
            _ => Err("it is text or json"),
        }
    }
}

/// What an entry says beyond its sentence. Never content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number: bytes, a signal, a process.
    Number(u64),
    /// A word of ours.
    Name(&'static str),
    /// A word of the configuration: a path, the name of a server.
    Text(&'a str),
    /// A word of a peer: a method, a tool.
    Label(&'a Label),
}

/// Something that is told.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// How much it matters.
    pub level: Level,
    /// When it was.
    pub time: Time,
    /// The number of the session, if it is about one.
    pub session: Option<u64>,
    /// The name of the server; empty if it is about none.
    pub server: &'a str,
    /// What happened: a word or a short sentence of ours.
    pub what: &'a str,
    /// More about it. No name is `time`, `level`, `session`, `server` or `what`.
    pub fields: &'a [(&'a str, Value<'a>)],
}

impl Entry<'_> {
    /// Appends the line, its newline included.
    pub(super) fn render(&self, format: Format, coloured: bool, lines: &mut Vec<u8>) {
        match format {
            Format::Text => lines.extend_from_slice(self.text(coloured).as_bytes()),
            Format::Json => self.json(lines).expect("memory takes every text"),
        }
        lines.push(b'\n');
    }

    fn text(&self, coloured: bool) -> String {
        let style = if coloured { self.level.colour().on_default() } else { anstyle::Style::new() };
        let (time, level) = (stamp(self.time.wall_ms), self.level.name());
        let mut text = format!("{time} {style}{level}{style:#} portcullis");
        if !self.server.is_empty() {
            text.push(' ');
            push_word(&mut text, self.server, "");
        }
        if let Some(session) = self.session {
            let space = if self.server.is_empty() { " " } else { "" };
            write!(text, "{space}#{session}").expect("memory takes every text");
        }
        write!(text, ": {}", self.what.escape_debug()).expect("memory takes every text");
        for (name, value) in self.fields {
            text.push(' ');
            text.push_str(name);
            text.push('=');
            match value {
                Value::Number(number) => {
                    write!(text, "{number}").expect("memory takes every text");
                }
                Value::Name(word) | Value::Text(word) => push_word(&mut text, word, ""),
                Value::Label(label) => push_word(&mut text, label.as_str(), mark(label)),
            }
        }
        text
    }

    fn json(&self, lines: &mut Vec<u8>) -> serde_json::Result<()> {
        let mut serializer = serde_json::Serializer::with_formatter(lines, Printable);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("time", &stamp(self.time.wall_ms))?;
        map.serialize_entry("level", self.level.name())?;
        if let Some(session) = self.session {
            map.serialize_entry("session", &session)?;
        }
        if !self.server.is_empty() {
            map.serialize_entry("server", self.server)?;
        }
        map.serialize_entry("what", self.what)?;
        for (name, value) in self.fields {
            debug_assert!(!OWN.contains(name), "{name} would stand there twice");
            match value {
                Value::Number(number) => map.serialize_entry(name, number)?,
                Value::Name(word) | Value::Text(word) => map.serialize_entry(name, word)?,
                Value::Label(label) => {
                    map.serialize_entry(name, &format!("{}{}", label.as_str(), mark(label)))?;
                }
            }
        }
        map.end()
    }
}

/// Members that every object may have.
const OWN: [&str; 5] = ["time", "level", "session", "server", "what"];

fn mark(label: &Label) -> &'static str {
    if label.is_cut() { "..." } else { "" }
}

/// A word as it is, or in quotes and escaped if it could be taken for something else.
fn push_word(text: &mut String, word: &str, mark: &str) {
    let plain = |c: char| is_printable(c) && !" \"'=\\#".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        write!(text, "{word}{mark}")
    } else {
        write!(text, "\"{}{mark}\"", word.escape_debug())
    }
    .expect("memory takes every text");
}

/// Whether a terminal shows this character as itself: no control, no change of direction.
fn is_printable(c: char) -> bool {
    matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1
}

/// JSON in one line that a terminal may show: a control character that JSON would let pass, such as
/// U+009B, is escaped as well.
struct Printable;

impl Formatter for Printable {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut from = 0;
        for (at, c) in fragment.char_indices().filter(|&(_, c)| !is_printable(c)) {
            writer.write_all(&fragment.as_bytes()[from..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            from = at + c.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[from..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(entry: &Entry<'_>, format: Format) -> String {
        let mut lines = Vec::new();
        entry.render(format, false, &mut lines);
        String::from_utf8(lines).unwrap()
    }

    #[test]
    fn a_line_stays_one_line_whatever_a_peer_says() {
        let tool = Label::new("a\nb \"c\" \u{1b}[31m\u{9b}2J\u{202e}\u{1f680}");
        let fields = [("tool", Value::Label(&tool)), ("count", Value::Number(2))];
        let time = Time::new(0, 1_795_327_200_123);
        let entry = Entry {
            level: Level::Warn,
            time,
            session: None,
            server: "my files",
            what: "refused",
            fields: &fields,
        };
        let text = rendered(&entry, Format::Text);
        assert_eq!(
            text,
            "2026-11-22T06:00:00.123Z warn portcullis \"my files\": refused \
             tool=\"a\\nb \\\"c\\\" \\u{1b}[31m\\u{9b}2J\\u{202e}\u{1f680}\" count=2\n"
        );
        let json = rendered(&entry, Format::Json);
        assert_eq!(json.matches('\n').count(), 1);
        assert!(json.chars().all(|c| c == '\n' || is_printable(c)), "{json}");
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["tool"], tool.as_str());
        assert_eq!(value["server"], "my files");
        assert!(value.get("session").is_none());
        let order: Vec<_> = ["time", "level", "server", "what", "tool", "count"]
            .map(|name| json.find(&format!("\"{name}\":")).unwrap())
            .into();
        assert!(order.is_sorted(), "{json}");
    }

    #[test]
    fn only_the_level_is_coloured_and_only_in_text() {
        let entry = Entry {
            level: Level::Warn,
            time: Time::default(),
            session: None,
            server: "",
            what: "x",
            fields: &[],
        };
        let mut lines = Vec::new();
        entry.render(Format::Text, true, &mut lines);
        let text = String::from_utf8(lines).unwrap();
        assert_eq!(text, "1970-01-01T00:00:00.000Z \x1b[33mwarn\x1b[0m portcullis: x\n");
        let mut lines = Vec::new();
        entry.render(Format::Json, true, &mut lines);
        assert!(!lines.contains(&b'\x1b'));
    }

    #[test]
    fn a_word_that_was_cut_is_marked() {
        let label = Label::new(&"x".repeat(100));
        let fields = [("method", Value::Label(&label)), ("rule", Value::Name(""))];
        let entry = Entry {
            level: Level::Debug,
            time: Time::default(),
            session: Some(1),
            server: "",
            what: "passed",
            fields: &fields,
        };
        let text = rendered(&entry, Format::Text);
        let cut = "x".repeat(Label::BYTES_MAX);
        assert_eq!(
            text,
            format!(
                "1970-01-01T00:00:00.000Z debug portcullis #1: passed method={cut}... rule=\"\"\n"
            )
        );
    }

    #[test]
    fn levels_and_formats_have_one_spelling() {
        for level in Level::value_variants() {
            assert_eq!(level.name().parse(), Ok(*level));
            assert_eq!(level.to_possible_value().unwrap().get_name(), level.name());
        }
        assert_eq!("json".parse(), Ok(Format::Json));
        assert!("WARN".parse::<Level>().is_err() && "".parse::<Format>().is_err());
    }
}
