//! What a reader does not see, in what the server says: told of, taken out, or refused.
//!
//! A model reads characters that its user never sees: instructions in tags, text that is turned
//! round, a terminal's control sequences. All strings of results, errors and params are looked at,
//! names of members too; what the protocol itself reads stays as it is.
//!
//! Invariant: edits stay in rising order and apart from each other.

use std::ops::Range;

use memchr::memchr;
use serde::{Deserialize, Serialize};

use super::edits::{By, Edit, Scratch, Subject};
use super::fixed;
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

/// Looks for what is not seen in a frame of the server, and adds what is taken out to the edits.
///
/// # Errors
/// A kind that is refused was found, or more has to be taken out than a frame may have changed.
pub(crate) fn sanitise(
    subject: Subject<'_>,
    config: &SanitiseConfig,
    frame_bytes_max: usize,
    scratch: &mut Scratch,
) -> Result<(), Refusal> {
    let Subject { frame, scan, .. } = subject;
    // What is not seen is no ASCII, or spelled by number.
    let may_hold = scan.has_high() || scan.has_hiding_escape();
    if !may_hold || !config.is_on() || !Unseen::may_hold(frame) {
        return Ok(());
    }
    let secrets = scratch.edits.len();
    let mut search =
        Search { config, edits_max: edits_max(frame_bytes_max), secrets, found: Vec::new() };
    for top in scan.top() {
        let name = &frame[top.at.name.clone()];
        if ["params", "result", "error"].iter().any(|said| text::equals(name, said.as_bytes())) {
            search.value(frame, top.at.value.clone(), scratch)?;
        }
    }
    if scratch.edits.len() > secrets {
        scratch.edits.sort_unstable_by_key(|edit| (edit.start, edit.end));
        spare_fixed(subject, scratch);
    }
    Ok(())
}

struct Search<'a> {
    config: &'a SanitiseConfig,
    edits_max: usize,
    /// So many edits were there before, in rising order.
    secrets: usize,
    found: Vec<Unseen>,
}

impl Search<'_> {
    /// Searches the strings of a value.
    fn value(
        &mut self,
        frame: &[u8],
        value: Range<usize>,
        scratch: &mut Scratch,
    ) -> Result<(), Refusal> {
        let mut at = value.start;
        while let Some(found) = memchr(b'"', &frame[at..value.end]) {
            let start = at + found + 1;
            at = cursor::string_end(frame, at + found);
            let raw = &frame[start..at - 1];
            if Unseen::may_hold(raw) {
                self.string(raw, start, scratch)?;
            }
        }
        Ok(())
    }

    fn string(&mut self, raw: &[u8], start: usize, scratch: &mut Scratch) -> Result<(), Refusal> {
        let Scratch { edits, reports, decoded: plain, .. } = scratch;
        text::decode_into(raw, plain);
        self.found.clear();
        Unseen::find(plain, &mut self.found);
        let mut walk = RawWalk::new(raw);
        for &Unseen { start: from, end: to, kind } in &self.found {
            let place = start + walk.start_of(from)..start + walk.end_of(to);
            match self.config.of(kind) {
                Sanitise::Off => {}
                Sanitise::Log => reports.add(Reason::UnseenText, Some(Cause::Unseen(kind))),
                Sanitise::Block => return Err(blocked(kind)),
                Sanitise::Strip => strip(edits, self.secrets, place, kind),
            }
            if edits.len() > self.edits_max {
                return Err(Reason::TooManyEdits.into());
            }
        }
        Ok(())
    }
}

fn blocked(kind: UnseenKind) -> Refusal {
    Refusal { rule: Some(Cause::Unseen(kind)), ..Reason::UnseenBlocked.into() }
}

/// Takes a stretch out, as far as it does not go with a secret: behind the edits that were there,
/// the first `secrets` of them.
fn strip(edits: &mut Vec<Edit>, secrets: usize, mut place: Range<usize>, kind: UnseenKind) {
    let mut next = edits[..secrets].partition_point(|edit| edit.end as usize <= place.start);
    while let Some(&Edit { start, end, .. }) =
        edits[..secrets].get(next).filter(|edit| (edit.start as usize) < place.end)
    {
        if place.start < start as usize {
            edits.push(Edit::new(place.start..start as usize, By::Unseen(kind)));
        }
        place.start = place.end.min(end as usize);
        next += 1;
    }
    if !place.is_empty() {
        edits.push(Edit::new(place, By::Unseen(kind)));
    }
}

/// What the protocol only hands back stays as it is, and is told of.
fn spare_fixed(subject: Subject<'_>, scratch: &mut Scratch) {
    let Scratch { edits, fixed, reports, .. } = scratch;
    fixed.clear();
    fixed::collect(subject.frame, subject.scan, fixed);
    edits.retain(|edit| {
        let By::Unseen(kind) = edit.by else { return true };
        let (start, end) = (edit.start as usize, edit.end as usize);
        let is_fixed = fixed::around(subject.frame, fixed, start, end).is_some();
        if is_fixed {
            reports.add(Reason::UnseenText, Some(Cause::Unseen(kind)));
        }
        !is_fixed
    });
}
