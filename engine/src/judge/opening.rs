//! Turns placeholders back into the secrets that they stand for, in the arguments of a call to a
//! tool that their rules name.
//!
//! It runs after the search for secrets and all other rules, so nothing that it writes is judged,
//! reported or sealed again. A placeholder counts as a whole string, or between characters that are
//! no token characters; a secret is escaped anew for the depth at which it stands. Placeholders
//! that are spelled with escapes, or in the name of a member, stay what they are.

use std::ops::Range;

use memchr::{memchr, memmem};
use zeroize::Zeroizing;

use super::edits::{By, Edit, How, Scratch, Subject};
use super::seal::{HEAD, SealTable, Sealed};
use crate::base::limits::{Limits, edits_max};
use crate::base::reason::Reason;
use crate::redact::{RuleId, Rules};
use crate::wire::cursor;
use crate::wire::grammar::Shape;
use crate::wire::scanner::Scanner;
use crate::wire::text::{self, RawWalk};

/// JSON is looked for in strings of JSON so deep.
pub(crate) const DEPTH_MAX: usize = 3;

/// Turns back what this tool may see, within `arguments`; edits stay in order.
///
/// # Errors
/// More is written or changed than one frame may have.
pub(crate) fn open(
    subject: Subject<'_>,
    arguments: Range<usize>,
    tool: &str,
    limits: &Limits,
    frame_bytes_max: usize,
    scratch: &mut Scratch,
) -> Result<(), Reason> {
    let Subject { frame, rules, seals: table, .. } = subject;
    if memmem::find(&frame[arguments.clone()], HEAD).is_none() {
        return Ok(());
    }
    let before = scratch.edits.len();
    let mut opener = Opener { rules, tool, table, limits, frame_bytes_max, scratch };
    let (mut at, end) = (arguments.start, arguments.end);
    while let Some(found) = memchr(b'"', &frame[at..end]) {
        let open = at + found;
        at = cursor::string_end(frame, open);
        opener.string(frame, open..at, 1, &mut |offset, _| offset)?;
    }
    if scratch.edits.len() > edits_max(frame_bytes_max) {
        return Err(Reason::TooManyEdits);
    }
    // What was found by rules goes before: a placeholder inside it does not stand alone.
    let (found, opened) = scratch.edits.split_at(before);
    let is_free = |edit: &&Edit| {
        let place = found.partition_point(|other| other.end <= edit.start);
        found.get(place).is_none_or(|other| other.start >= edit.end)
    };
    let opened: Vec<Edit> = opened.iter().filter(is_free).copied().collect();
    scratch.edits.truncate(before);
    scratch.edits.extend(opened);
    scratch.edits.sort_unstable_by_key(|edit| edit.start);
    Ok(())
}

/// Where the `arguments` of a call stand, if it has any.
pub(crate) fn arguments(frame: &[u8], scan: &Scanner) -> Option<Range<usize>> {
    let named = |name: &Range<usize>, wanted: &[u8]| text::equals(&frame[name.clone()], wanted);
    let params = scan.top().iter().find(|top| named(&top.at.name, b"params"))?;
    let inner = &scan.inner()[params.inner.clone()];
    inner.iter().find(|member| named(&member.name, b"arguments")).map(|found| found.value.clone())
}

/// From an offset of a text to one of the frame; true for the end of a stretch.
type Place<'a> = &'a mut dyn FnMut(usize, bool) -> usize;

struct Opener<'a> {
    rules: &'a Rules,
    tool: &'a str,
    table: &'a SealTable,
    limits: &'a Limits,
    frame_bytes_max: usize,
    scratch: &'a mut Scratch,
}

impl Opener<'_> {
    /// Opens within one string of a JSON text, `quoted` with its quotes. Depth is bounded by
    /// [`DEPTH_MAX`], not by the text.
    fn string(
        &mut self,
        json: &[u8],
        quoted: Range<usize>,
        depth: usize,
        place: Place<'_>,
    ) -> Result<(), Reason> {
        let raw = &json[quoted.start + 1..quoted.end - 1];
        if memmem::find(raw, HEAD).is_none() || is_name(json, quoted.end) {
            return Ok(());
        }
        // The first level has memory that is used again; it is put back.
        let mut plain = std::mem::take(&mut self.scratch.decoded);
        text::decode_into(raw, &mut plain);
        let opened = self.text(raw, quoted.start + 1, &mut plain, depth, place);
        self.scratch.decoded = plain;
        opened
    }

    /// Opens within the decoded text of a string, whose raw bytes start at `start`.
    fn text(
        &mut self,
        raw: &[u8],
        start: usize,
        plain: &mut [u8],
        depth: usize,
        place: Place<'_>,
    ) -> Result<(), Reason> {
        let mut walk = RawWalk::new(raw);
        let mut place = |offset: usize, is_end: bool| {
            let at = if is_end { walk.end_of(offset) } else { walk.start_of(offset) };
            place(start + at, is_end)
        };
        if depth <= DEPTH_MAX && self.is_json(plain) {
            let mut at = 0;
            while let Some(found) = memchr(b'"', &plain[at..]) {
                let open = at + found;
                at = cursor::string_end(plain, open);
                self.string(plain, open..at, depth + 1, &mut place)?;
            }
            return Ok(());
        }
        let mut at = 0;
        while let Some(found) = memmem::find(&plain[at..], HEAD) {
            let start = at + found;
            at = start + HEAD.len();
            let Some(sealed) = self.table.at(plain, start) else { continue };
            let end = start + sealed.placeholder().len();
            let (before, behind) = (start.checked_sub(1).map(|at| plain[at]), plain.get(end));
            at = end;
            if is_token(before) || is_token(behind.copied()) {
                continue;
            }
            if let Some(rule) = self.rules.opening(sealed.rule(), self.tool) {
                let range = place(start, false)..place(end, true);
                self.write(sealed, rule, depth, range)?;
            }
        }
        Ok(())
    }

    /// Whether the text is JSON that may hold strings. White space that one line cannot hold is
    /// made plain; no offset changes.
    fn is_json(&self, plain: &mut [u8]) -> bool {
        let first = plain.iter().find(|byte| !byte.is_ascii_whitespace());
        if !first.is_some_and(|byte| b"{[\"".contains(byte)) {
            return false;
        }
        for byte in plain.iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')) {
            *byte = b' ';
        }
        let mut scanner = Scanner::new(self.limits);
        scanner.whole(plain, self.rules);
        scanner.fault().is_none() && scanner.shape() != Shape::Blank
    }

    /// Writes a secret into the place of its placeholder, escaped for each level it stands in.
    fn write(
        &mut self,
        sealed: &Sealed,
        rule: RuleId,
        depth: usize,
        range: Range<usize>,
    ) -> Result<(), Reason> {
        let Scratch { edits, made, .. } = &mut *self.scratch;
        let mut spelled = Zeroizing::new(sealed.secret().to_vec());
        for _ in 0..depth {
            // Memory that moved would leave a copy behind.
            let mut deeper = Zeroizing::new(Vec::with_capacity(text::encoded_len(&spelled)));
            text::encode_bytes(&spelled, &mut deeper);
            spelled = deeper;
        }
        if made.len() + spelled.len() > self.frame_bytes_max {
            return Err(Reason::FrameTooLarge);
        }
        let (from, len) = (made.push(&spelled, self.frame_bytes_max), spelled.len() as u32);
        edits.push(Edit::new(range, By::Made { from, len, how: How::Opened, rule }));
        Ok(())
    }
}

/// Whether the string that ends here is the name of a member.
fn is_name(json: &[u8], end: usize) -> bool {
    json[end..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

fn is_token(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}
