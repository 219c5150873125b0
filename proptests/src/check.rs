//! Judges what came out, without knowing what should have.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use portcullis_engine::{Receiver, Side};

use crate::base64;
use crate::json::{self, Json};
use crate::world::{Output, Step, in_words};

/// Whether every line for a peer is one whole JSON text that serde_json takes, and no control
/// character but the line end's own stands in it.
///
/// # Errors
/// The first line that is not.
pub fn lines_parse(output: &Output) -> Result<(), String> {
    for to in [Receiver::Client, Receiver::Server] {
        if output.bytes[to as usize].is_empty() {
            continue;
        }
        for line in output.lines(to) {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let controls = line.iter().any(|&byte| byte < 0x20 && byte != b'\t');
            if controls || !json::is_json(line) {
                return Err(format!("{to:?} gets a line that is no message: {}", shown(line)));
            }
        }
    }
    Ok(())
}

/// Whether every line for a peer is a line of the other side as it came, a member of an array of
/// it, such a one edited, or a message of ours.
///
/// # Errors
/// The first line that is none of these: a byte left that nobody judged.
pub fn lines_have_a_source(output: &Output, steps: &[Step]) -> Result<(), String> {
    for (to, from) in [(Receiver::Client, Side::Server), (Receiver::Server, Side::Client)] {
        if output.bytes[to as usize].is_empty() {
            continue;
        }
        let mut sources = sources(steps, from);
        for line in output.lines(to) {
            if let Some(left) = sources.get_mut(line).filter(|left| **left > 0) {
                *left -= 1;
            } else if !is_ours(line) && !is_edited(line, &sources) {
                return Err(format!("{to:?} gets what nobody sent: {}", shown(line)));
            }
        }
    }
    Ok(())
}

/// The lines of a side and the members of its arrays, and how often each came.
fn sources(steps: &[Step], from: Side) -> BTreeMap<Vec<u8>, usize> {
    let mut all = Vec::new();
    for step in steps {
        match step {
            Step::Bytes(side, bytes) if *side == from => all.extend_from_slice(bytes),
            // Nobody reads what a side sends after its end.
            Step::Close(side) if *side == from => break,
            _ => {}
        }
    }
    let mut sources = BTreeMap::new();
    for line in all.split(|&byte| byte == b'\n') {
        *sources.entry(line.to_vec()).or_insert(0) += 1;
        let members = std::str::from_utf8(line).ok().and_then(json::elements).unwrap_or_default();
        for member in members {
            *sources.entry(member.as_bytes().to_vec()).or_insert(0) += 1;
        }
    }
    sources
}

/// Whether a line is one that the engine writes itself: an error, a result that refuses, a
/// cancellation, or an array of answers.
fn is_ours(line: &[u8]) -> bool {
    match json::read(line) {
        // Whether the parts of an array are somebody's is for the model to say.
        Some(Json::Array(_)) => true,
        Some(message) => reason_of(&message).is_some() || is_cancel(&message),
        None => false,
    }
}

/// `error.data.reason` of an answer.
#[must_use]
pub fn reason_of(message: &Json) -> Option<&[u8]> {
    if let Some(reason) = message.get("error").and_then(|error| error.get("data")?.get("reason")) {
        return reason.text();
    }
    let result = message.get("result")?;
    (result.get("isError") == Some(&Json::Atom("true".to_owned()))).then_some(b"")
}

fn is_cancel(message: &Json) -> bool {
    message.get("method").and_then(Json::text) == Some(b"notifications/cancelled")
}

/// Whether what is left of a line without its marks stands in one of the sources, in this order,
/// and what is missing there was a secret, a token or a list item. A mark may be encoded.
fn is_edited(line: &[u8], sources: &BTreeMap<Vec<u8>, usize>) -> bool {
    let Ok(text) = std::str::from_utf8(line) else { return false };
    let parts = Part::all(text);
    sources.keys().any(|source| {
        std::str::from_utf8(source).is_ok_and(|source| is_subsequence(&parts, source))
    })
}

/// A line, taken apart where something stands in it that the engine wrote.
enum Part<'a> {
    /// What has to stand in the source.
    Text(&'a str),
    /// A mark, as it is or spelled so that nothing around it is touched.
    Mark,
    /// What a stretch of base64 decodes to that holds a mark: its digits hold its neighbours, too.
    Base64(String),
}

impl<'a> Part<'a> {
    fn all(line: &'a str) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        let mut from = 0;
        for run in base64::runs(line) {
            // Its first digits may be those of a word before it.
            let decoded = (0..4.min(run.len()))
                .map(|lead| (lead, base64::decode(&line[run.clone()][lead..])));
            if let Some((lead, text)) = decoded.into_iter().find(|(_, text)| text.contains(MARK)) {
                Part::cut(&line[from..run.start + lead], &mut parts);
                parts.push(Part::Base64(text));
                from = run.end;
            }
        }
        Part::cut(&line[from..], &mut parts);
        parts
    }

    /// Cuts a text at its marks.
    fn cut(mut text: &'a str, parts: &mut Vec<Part<'a>>) {
        while let Some((before, after)) = SPELLINGS
            .iter()
            .filter_map(|(start, end)| {
                let (before, rest) = text.split_once(start)?;
                Some((before, rest.split_once(end)?.1))
            })
            .min_by_key(|(before, _)| before.len())
        {
            parts.extend([Part::Text(before), Part::Mark]);
            text = after;
        }
        parts.push(Part::Text(text));
    }
}

/// How a mark begins.
const MARK: &str = "[REDACTED:";
/// How marks begin and end: as they are, percent-encoded, and in hexadecimal.
const SPELLINGS: [(&str, &str); 5] = [
    (MARK, "]"),
    ("%5BREDACTED%3A", "%5D"),
    ("%5bREDACTED%3a", "%5d"),
    ("5b52454441435445443a", "5d"),
    ("5B52454441435445443A", "5D"),
];

/// Whether all of a line but marks of the engine stands in `source`, in the same order.
fn is_subsequence(parts: &[Part<'_>], source: &str) -> bool {
    let mut rest = source;
    let (mut len, mut marks) = (0, 0);
    let mut is_made_private = false;
    for part in parts {
        match part {
            Part::Mark => marks += 1,
            Part::Text(text) => {
                len += text.len();
                is_made_private |= text.contains("\"private\"");
                match behind(text, rest) {
                    Some(behind) => rest = behind,
                    None => return is_made_private && source.contains("\"public\""),
                }
            }
            Part::Base64(text) => {
                len += text.len();
                // A replacement may be filled up with full stops to the end of its digits.
                let mut inner = Vec::new();
                Part::cut(text, &mut inner);
                for at in 1..inner.len() {
                    if let (Part::Mark, Part::Text(text)) = (&inner[at - 1], &inner[at]) {
                        let fill = text.bytes().take(2).take_while(|b| *b == b'.').count();
                        inner[at] = Part::Text(&text[fill..]);
                    }
                }
                let found = base64::runs(rest).into_iter().find(|run| {
                    let digits = &rest[run.clone()];
                    (0..4.min(digits.len()))
                        .any(|lead| is_subsequence(&inner, &base64::decode(&digits[lead..])))
                });
                let Some(run) = found else { return false };
                rest = &rest[run.end..];
            }
        }
    }
    len < source.len() + 64 * marks
}

/// What stands in `source` behind all characters of `text`, in the same order.
fn behind<'a>(text: &str, source: &'a str) -> Option<&'a str> {
    text.chars().try_fold(source, |rest, c| Some(&rest[rest.find(c)? + c.len_utf8()..]))
}

/// Whether none of the secrets stands in anything that came out: bytes for a peer (raw or decoded),
/// noise, events, or the text of `debug`.
///
/// # Errors
/// Where the first one stands.
pub fn keeps_secrets(output: &Output, debug: &str, secrets: &[&str]) -> Result<(), String> {
    let mut events = String::new();
    for event in &output.events {
        let _ = writeln!(events, "{event:?} {}", in_words(event));
    }
    for secret in secrets {
        for (name, bytes) in ["client", "server", "noise"].iter().zip(&output.bytes) {
            for line in bytes.split(|&byte| byte == b'\n') {
                if holds(line, secret.as_bytes()) || decoded_holds(line, secret.as_bytes()) {
                    return Err(format!("a secret leaves for {name}: {}", shown(line)));
                }
            }
        }
        if let Some(line) = events.lines().find(|line| line.contains(secret)) {
            return Err(format!("a secret stands in an event: {line}"));
        }
        if debug.contains(secret) {
            return Err("a secret stands in Debug".to_owned());
        }
    }
    Ok(())
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Whether a decoded string of a line, a name included, holds this.
fn decoded_holds(line: &[u8], part: &[u8]) -> bool {
    let mut open = vec![json::read(line.strip_suffix(b"\r").unwrap_or(line))];
    while let Some(next) = open.pop() {
        match next {
            Some(Json::Text(text)) if holds(&text, part) => return true,
            Some(Json::Array(items)) => open.extend(items.into_iter().map(Some)),
            Some(Json::Object(members)) => {
                if members.iter().any(|(name, _)| holds(name, part)) {
                    return true;
                }
                open.extend(members.into_iter().map(|(_, value)| Some(value)));
            }
            _ => {}
        }
    }
    false
}

/// Bytes for people.
#[must_use]
pub fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}
