//! Second views of a text: what stands in it spelled otherwise than in its own characters.
//!
//! ```text
//!   text ──> as it is ──────────────> percent, base64, hexadecimal, unseen characters: once
//!     └─> unescaped ──> as it is ───> the same
//!           └─> unescaped ──> ...     three unescapes in all, that of the frame included
//! ```
//!
//! A view is found and bounded here, decoded, and searched like any text: escaped text by every
//! rule, encoded text only by rules that know a secret by itself. Nothing here changes a text; a
//! match says where a secret stands and, by its [`Writing`], how it is spelled there.
//!
//! The invariants: the span of a match is one of the text that was handed in, whatever views lie
//! between. A view is opened only for what one of the `may_` questions has announced on raw text.
//! Every view is at most as long as the text that it was read from, and there are so many of them
//! at most, so the work is linear and memory is bounded by the text.

mod blob;
mod hex;
mod hidden;
mod nested;
mod percent;
mod writing;

use std::fmt;

use blob::Blob;
use hidden::Hidden;
use percent::Percents;
use writing::Code;

use super::class::Class;
use super::finder::{self, Seen};
use super::matcher;
use super::places::{self, Places};
use super::rules::{Match, Rules};
use super::spelling::{self, Escapes, Spelling, Walk};
use crate::bits::kernel::{BLOCK, Threes};
use crate::bits::mask;

pub(crate) use hidden::may_hide;
pub(crate) use nested::may_escape;
pub(crate) use percent::may_percent;
pub use writing::Writing;

/// The start of a blob is looked for this far before a run in it.
const BACK_MAX: usize = 32;

/// Memory for decoded text, used again from text to text. Takes none as long as no view is opened.
#[derive(Clone, Default)]
pub(crate) struct Buffers {
    /// The text with its escapes decoded, once and twice.
    levels: [Vec<u8>; 2],
    /// One view of it.
    decoded: Vec<u8>,
    /// What was found on a level, and in a view.
    found: Vec<Match>,
    inner: Vec<Match>,
    /// Where blobs may lie.
    runs: Vec<usize>,
}

impl Buffers {
    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        let [first, second] = &self.levels;
        first.capacity()
            + second.capacity()
            + self.decoded.capacity()
            + (self.found.capacity() + self.inner.capacity()) * size_of::<Match>()
            + self.runs.capacity() * size_of::<usize>()
    }

    /// Most bytes of memory for texts of this length, of which so many matches are asked for.
    pub(crate) fn memory_max(text_bytes_max: usize, matches_max: usize) -> usize {
        let runs_max = text_bytes_max / finder::RUN_MIN;
        // The levels are reserved whole. What a blob decodes to, three quarters of it, grows from
        // below that to twice as much, and for a moment there are both.
        2 * text_bytes_max
            + 9 * text_bytes_max.div_ceil(4)
            // A table that grows doubles.
            + 2 * (2 * matches_max * size_of::<Match>() + runs_max * size_of::<usize>())
    }
}

impl fmt::Debug for Buffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffers").field("memory", &self.memory()).finish()
    }
}

/// Whether a blob may lie around the run of token bytes at `at`, of a text of which `text` is all
/// that is known.
#[inline]
pub(crate) fn may_hold_blob(text: &[u8], at: usize) -> bool {
    may_begin(text, at) || (may_begin_beside(text, at) && begins_beside(text, at))
}

/// Whether a blob may begin at another place than `at`: a quick no for most runs.
#[inline]
fn may_begin_beside(text: &[u8], at: usize) -> bool {
    // A dash may stand before it, or a prefix say that hexadecimal digits follow.
    if matches!(text.get(at), Some(b'-' | b'0')) {
        return true;
    }
    match at.checked_sub(1).map_or(b' ', |i| text[i]) {
        // What began with a run of its own was seen there.
        b'+' | b'/' => {
            let back = Class::BASE64.span_back(text, at, BACK_MAX);
            back < BACK_MAX && Class::TOKEN.span(text, at - back, finder::RUN_MIN) < finder::RUN_MIN
        }
        b'\\' | b'%' | b'u' => true,
        b'[' | b':'..=b'?' => matcher::behind_sequence(text, at).is_some(),
        _ => false,
    }
}

fn begins_beside(text: &[u8], at: usize) -> bool {
    blob_starts(text, at).into_iter().flatten().any(|start| may_begin(text, start))
}

#[inline]
fn may_begin(text: &[u8], at: usize) -> bool {
    blob::begins(text, at).unwrap_or(true) || hex::begins(text, at).unwrap_or(true)
}

/// Appends what stands in second views of a text. `out[from..]` holds what was found in the text
/// as it is, sorted and without overlaps; what it covers is not told again.
pub(crate) fn find(
    rules: &Rules,
    text: &[u8],
    seen: Seen,
    max: usize,
    buffers: &mut Buffers,
    from: usize,
    out: &mut Vec<Match>,
) {
    if seen == Seen::default() {
        return;
    }
    let Buffers { levels: [first, second], decoded, found, inner, runs } = buffers;
    let mut known = Known { from, to: out.len(), max };
    if seen.code {
        let memory = (&mut *decoded, &mut *inner, &mut *runs);
        search_codes(rules, text, max, memory, |found| known.add(rules, found, out));
    }
    let mut level = |text: &[u8], escapes: u8, found: &mut Vec<Match>| {
        found.clear();
        let seen = rules.find_plain(None, text, max, found);
        let to = found.len();
        let level = Known { from: 0, to, max };
        if seen.code {
            search_codes(rules, text, max, (decoded, inner, runs), |view| {
                level.add(rules, view, found)
            });
        }
        rules.merge(text, found, 0);
        found.iter_mut().for_each(|found| found.writing = found.writing.escaped(escapes));
    };
    if !seen.escape || !nested::hides(text) {
        return;
    }
    first.clear();
    spelling::decode::<Escapes>(text, first);
    level(first, 1, found);
    place::<Escapes>(text, found);
    found.iter().for_each(|found| known.add(rules, *found, out));
    if !nested::hides(first) {
        return;
    }
    rules.merge(text, out, from);
    known.to = out.len();
    second.clear();
    spelling::decode::<Escapes>(first, second);
    level(second, 2, found);
    place::<Escapes>(first, found);
    place::<Escapes>(text, found);
    found.iter().for_each(|found| known.add(rules, *found, out));
}

/// What is known before a view is searched: a stretch of the matches, sorted and apart.
#[derive(Clone, Copy)]
struct Known {
    from: usize,
    to: usize,
    max: usize,
}

impl Known {
    /// Appends a match unless a known one covers it.
    fn add(&self, rules: &Rules, found: Match, out: &mut Vec<Match>) {
        let known = &out[self.from..self.to];
        let place = known.partition_point(|known| known.end < found.end);
        let covers = known.get(place).is_some_and(|known| {
            let is_equal = (known.start, known.end) == (found.start, found.end);
            let is_milder = rules.action(known.rule) < rules.action(found.rule);
            known.start <= found.start && !is_milder && (!is_equal || known.rule == found.rule)
        });
        if !covers && out.len() < self.max {
            out.push(found);
        }
    }
}

/// Tells `tell` what stands in the encoded parts of a text.
fn search_codes(
    rules: &Rules,
    text: &[u8],
    max: usize,
    (decoded, found, runs): (&mut Vec<u8>, &mut Vec<Match>, &mut Vec<usize>),
    mut tell: impl FnMut(Match),
) {
    let search = |decoded: &[u8], found: &mut Vec<Match>| {
        found.clear();
        rules.find_decoded(decoded, max, found);
        rules.merge(decoded, found, 0);
    };
    let survey = Survey::of(text, runs);
    if survey.percent {
        decoded.clear();
        spelling::decode::<Percents>(text, decoded);
        search(decoded, found);
        place::<Percents>(text, found);
        found.iter().for_each(|found| tell(written(*found, Code::Percent)));
    }
    if survey.hidden {
        decoded.clear();
        spelling::decode::<Hidden>(text, decoded);
        search(decoded, found);
        place::<Hidden>(text, found);
        found.iter().for_each(|found| tell(written(*found, Code::Hidden)));
    }
    let mut at = 0;
    for run in runs.drain(..) {
        if run < at {
            continue;
        }
        for start in blob_starts(text, run).into_iter().flatten() {
            decoded.clear();
            // Digits of the one are digits of the other, and sixteen of them say more than 64.
            if hex::begins(text, start) == Some(true) {
                let digits = hex::span(text, start);
                at = at.max(start + digits);
                if digits.is_multiple_of(2) {
                    hex::decode(&text[start..start + digits], decoded);
                    search(decoded, found);
                    for found in &*found {
                        let place = |at| start + 2 * at;
                        let (start, end) = (place(found.start), place(found.end));
                        tell(written(Match { start, end, ..*found }, Code::Hex));
                    }
                }
                break;
            }
            if let Some(blob) = Blob::at(text, start) {
                at = at.max(blob.end());
                if blob.decode(text, decoded) {
                    search(decoded, found);
                    tell_blob(&blob, found, &mut tell);
                }
                break;
            }
        }
    }
}

/// Tells what was found in a blob. Two secrets may share a group of digits: it goes with the later
/// one.
fn tell_blob(blob: &Blob, found: &[Match], tell: &mut impl FnMut(Match)) {
    let mut open: Option<Match> = None;
    let mut before = 0;
    for found in found {
        let (start, end, ends) = blob.spelling(found.start, found.end, before);
        before = found.end;
        let next = written(Match { start, end, ..*found }, Code::Base64(ends));
        if let Some(last) = open.replace(next) {
            let is_shared = ends.drop > 0;
            let writing = if is_shared { last.writing.cut() } else { last.writing };
            let end = if is_shared { blob.behind(start) } else { last.end };
            tell(Match { end, writing, ..last });
        }
    }
    open.into_iter().for_each(tell);
}

fn written(found: Match, code: Code) -> Match {
    Match { writing: Writing::coded(code), ..found }
}

/// Moves matches from a decoded text to the one that it was decoded from.
fn place<S: Spelling>(raw: &[u8], found: &mut [Match]) {
    let mut walk = Walk::<S>::new(raw);
    for found in found {
        found.start = walk.start_of(found.start);
        found.end = walk.end_of(found.end);
    }
}

/// The encodings that a text may hold.
#[derive(Default)]
struct Survey {
    percent: bool,
    hidden: bool,
}

impl Survey {
    /// Looks at the places that the frame scanner looks at too. Appends the runs around which a
    /// blob may lie.
    fn of(text: &[u8], runs: &mut Vec<usize>) -> Survey {
        let mut survey = Survey::default();
        places::each(text, &Threes::default(), |base, windows| {
            for (n, three) in windows.windows(3).enumerate() {
                let [before, now, next] = three else { unreachable!("a window of three") };
                let base = base.wrapping_add(n * BLOCK);
                let Places { blobs, percent, hidden, .. } = Places::of(before, now, next);
                let found = mask::places(blobs).map(|i| base + i);
                runs.extend(found.filter(|at| may_hold_blob(text, *at)));
                survey.percent |= !survey.percent
                    && mask::places(percent).any(|i| percent::is_telling(text, base + i));
                survey.hidden |=
                    !survey.hidden && mask::places(hidden).any(|i| hidden::hides(text, base + i));
            }
        });
        survey
    }
}

/// Where a blob may begin to which the run at `at` belongs: the signs of standard base64 end runs,
/// and a prefix may say that hexadecimal digits follow.
fn blob_starts(text: &[u8], at: usize) -> [Option<usize>; 6] {
    let first = match at.checked_sub(1).map(|i| text[i]) {
        Some(b'+' | b'/') => {
            let back = Class::BASE64.span_back(text, at, BACK_MAX);
            (back < BACK_MAX).then_some(at - back)
        }
        _ => None,
    };
    // The letter of an escape may touch it.
    let behind = first.filter(|start| text[..*start].ends_with(b"\\")).map(|start| start + 1);
    let [second, third, fourth] = finder::starts(text, at);
    let prefixed = matches!(text.get(at..at + 2), Some(b"0x" | b"0X")).then_some(at + 2);
    [first, behind, second, third, fourth, prefixed]
}
