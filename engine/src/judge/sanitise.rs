//! What a reader does not see, in what the server says: told of, taken out, or refused.
//!
//! A model reads characters that its user never sees: instructions in tags, text that is turned
//! round, a terminal's control sequences. All strings of results, errors and params are looked at,
//! names of members too; what the protocol itself reads stays as it is.
//!
//! It has two halves, around the search for secrets: what is taken out is known before, so that
//! strings are searched as they leave, and done behind, so that a secret takes along what lies in
//! it. Invariant: edits stay in rising order and apart from each other.

use std::ops::Range;

use memchr::memchr;
use serde::{Deserialize, Serialize};

use super::bare::Touched;
use super::edits::{By, Edit, Scratch, Subject};
use super::fixed;
use super::renamed;
use super::reply::{Cause, Refusal};
use crate::base::limits::edits_max;
use crate::base::reason::Reason;
use crate::redact::{Unseen, UnseenKind};
use crate::wire::cursor;
use crate::wire::text::{self, RawWalk};

/// What becomes of characters that a reader does not see, in what the server sends. Those that
/// writing needs are no such characters: joiners in emoji and between letters, marks beside
/// right-to-left text, flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SanitiseConfig {
    /// Characters without width. Told of by default: text from the web is full of them, and most
    /// mean no harm.
    pub zero_width: Sanitise,
    /// Turns of direction. Told of by default: right-to-left text may need them where it is mixed.
    pub bidi: Sanitise,
    /// Tag characters, a second ASCII that nobody sees. Taken out by default: outside of flags,
    /// which stay, nothing but hidden text is written in them.
    pub tags: Sanitise,
    /// Control sequences of a terminal. Off by default: every coloured output of a shell has them.
    pub ansi: Sanitise,
}

impl Default for SanitiseConfig {
    fn default() -> Self {
        Self {
            zero_width: Sanitise::Log,
            bidi: Sanitise::Log,
            tags: Sanitise::Strip,
            ansi: Sanitise::Off,
        }
    }
}

impl SanitiseConfig {
    fn of(&self, kind: UnseenKind) -> Sanitise {
        match kind {
            UnseenKind::ZeroWidth => self.zero_width,
            UnseenKind::Bidi => self.bidi,
            UnseenKind::Tag => self.tags,
            UnseenKind::Ansi => self.ansi,
        }
    }

    /// Whether anything is looked for.
    fn is_on(&self) -> bool {
        UnseenKind::ALL.iter().any(|kind| self.of(*kind) != Sanitise::Off)
    }
}

/// What becomes of one kind of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sanitise {
    /// They pass untold.
    Off,
    /// They are told of and pass.
    Log,
    /// They are taken out.
    Strip,
    /// The frame is refused.
    Block,
}

/// Looks for what is not seen in a frame of the server, and notes what is taken out of which string,
/// so that these are searched as they leave.
///
/// # Errors
/// A kind that is refused was found, more has to be taken out than a frame may have changed, or names
/// would become what parsers read in two ways.
pub(crate) fn survey(
    subject: Subject<'_>,
    config: &SanitiseConfig,
    frame_bytes_max: usize,
    members_max: usize,
    scratch: &mut Scratch,
) -> Result<(), Refusal> {
    let Subject { frame, scan, .. } = subject;
    // What is not seen is no ASCII, or spelled by number.
    let may_hold = scan.has_high() || scan.has_hiding_escape();
    if !may_hold || !config.is_on() || !Unseen::may_hold(frame) {
        return Ok(());
    }
    scratch.fixed.clear();
    fixed::collect(frame, scan, &mut scratch.fixed);
    let edits_max = edits_max(frame_bytes_max);
    let mut search = Search { frame, config, edits_max, renames: false };
    for top in scan.top() {
        let name = &frame[top.at.name.clone()];
        if ["params", "result", "error"].iter().any(|said| text::equals(name, said.as_bytes())) {
            search.renames = false;
            search.value(top.at.value.clone(), scratch)?;
            if search.renames {
                let Scratch { unseen, bare, .. } = &mut *scratch;
                renamed::judge(frame, top.at.value.clone(), unseen, members_max, bare)?;
            }
        }
    }
    Ok(())
}

/// Adds what is taken out to the edits, as far as it does not go with a secret.
///
/// # Errors
/// More has to be changed than a frame may have changed.
pub(crate) fn strip(frame_bytes_max: usize, scratch: &mut Scratch) -> Result<(), Refusal> {
    let Scratch { edits, unseen, .. } = scratch;
    if unseen.is_empty() {
        return Ok(());
    }
    let secrets = edits.len();
    for taken in &*unseen {
        strip_one(edits, secrets, *taken);
        if edits.len() > edits_max(frame_bytes_max) {
            return Err(Reason::TooManyEdits.into());
        }
    }
    edits.sort_unstable_by_key(|edit| (edit.start, edit.end));
    Ok(())
}

struct Search<'a> {
    frame: &'a [u8],
    config: &'a SanitiseConfig,
    edits_max: usize,
    /// Something is taken out of a name.
    renames: bool,
}

impl Search<'_> {
    /// Searches the strings of a value.
    fn value(&mut self, value: Range<usize>, scratch: &mut Scratch) -> Result<(), Refusal> {
        let mut at = value.start;
        while let Some(found) = memchr(b'"', &self.frame[at..value.end]) {
            let open = at + found;
            at = cursor::string_end(self.frame, open);
            if Unseen::may_hold(&self.frame[open + 1..at - 1]) {
                self.string(open, at, scratch)?;
            }
        }
        Ok(())
    }

    /// Searches the string that opens at `open` and ends before `end`.
    fn string(&mut self, open: usize, end: usize, scratch: &mut Scratch) -> Result<(), Refusal> {
        let Scratch { unseen, touched, reports, fixed, decoded: plain, .. } = scratch;
        let raw = &self.frame[open + 1..end - 1];
        text::decode_into(raw, plain);
        let mut walk = RawWalk::new(raw);
        let before = unseen.len();
        let mut judged = Ok(());
        Unseen::each(plain, |Unseen { start, end, kind }| {
            if judged.is_err() {
                return;
            }
            let place = open + 1 + walk.start_of(start)..open + 1 + walk.end_of(end);
            let is_fixed = || fixed::around(self.frame, fixed, place.start, place.end).is_some();
            match self.config.of(kind) {
                Sanitise::Off => {}
                Sanitise::Block => judged = Err(blocked(kind)),
                // What the protocol only hands back stays as it is.
                Sanitise::Strip if !is_fixed() => {
                    unseen.push(Edit::new(place, By::Unseen(kind)));
                    if unseen.len() > self.edits_max {
                        judged = Err(Reason::TooManyEdits.into());
                    }
                }
                Sanitise::Log | Sanitise::Strip => {
                    reports.add(Reason::UnseenText, Some(Cause::Unseen(kind)));
                }
            }
        });
        judged?;
        if unseen.len() > before {
            self.touch(open, end, touched);
        }
        Ok(())
    }

    /// Notes a string of which something is taken out; if it is a name, its value is another one
    /// too.
    fn touch(&mut self, open: usize, end: usize, touched: &mut Vec<Touched>) {
        if touched.last().is_none_or(|last| (last.at as usize) < open) {
            touched.push(Touched { at: open as u32, name: None });
        }
        let frame = self.frame;
        let behind = |at: usize| {
            let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
            at + frame[at..].iter().take_while(|byte| is_space(byte)).count()
        };
        if !cursor::is_name(self.frame, end) {
            return;
        }
        self.renames = true;
        let value = behind(behind(end) + 1);
        if self.frame.get(value) == Some(&b'"') {
            touched.push(Touched { at: value as u32, name: Some(open as u32) });
        }
    }
}

fn blocked(kind: UnseenKind) -> Refusal {
    Refusal { rule: Some(Cause::Unseen(kind)), ..Reason::UnseenBlocked.into() }
}

/// Takes a stretch out behind the edits that were there, the first `secrets` of them.
fn strip_one(edits: &mut Vec<Edit>, secrets: usize, taken: Edit) {
    let mut place = taken.start..taken.end;
    let mut next = edits[..secrets].partition_point(|edit| edit.end <= place.start);
    while let Some(&Edit { start, end, .. }) =
        edits[..secrets].get(next).filter(|edit| edit.start < place.end)
    {
        if place.start < start {
            edits.push(Edit { start: place.start, end: start, ..taken });
        }
        place.start = place.end.min(end);
        next += 1;
    }
    if !place.is_empty() {
        edits.push(Edit { start: place.start, end: place.end, ..taken });
    }
}
