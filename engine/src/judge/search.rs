//! Looks for what must not pass in the strings of a frame: secrets, and the token that it presented.
//!
//! Only strings that the scanner named are decoded, or all of them where that is not enough, and
//! those of which something is taken out that nobody sees: these twice, as they came and as they
//! leave. What is found either way becomes an edit; whether it may stand is judged above.

use memchr::{memchr, memmem};

use super::bare::{Bare, Touched};
use super::edits::{By, Edit, Scratch, Subject};
use super::reply::Refusal;
use crate::base::reason::Reason;
use crate::redact::{Action, Buffers, Match, Passing, Writing};
use crate::wire::cursor;
use crate::wire::text::{self, RawWalk};
use crate::wire::trail::Trail;

impl Subject<'_> {
    /// Searches the strings that may hold a secret, or all of them, and those that are others when
    /// they leave.
    pub(super) fn search(
        &self,
        everywhere: bool,
        token: Option<&[u8]>,
        edits_max: usize,
        scratch: &mut Scratch,
    ) -> Result<(), Refusal> {
        scratch.trail.reset();
        let touched = std::mem::take(&mut scratch.touched);
        let searched = self.search_strings(everywhere, token, &touched, edits_max, scratch);
        scratch.touched = touched;
        searched
    }

    fn search_strings(
        &self,
        everywhere: bool,
        token: Option<&[u8]>,
        touched: &[Touched],
        edits_max: usize,
        scratch: &mut Scratch,
    ) -> Result<(), Refusal> {
        let scan = self.scan;
        let all_from = if everywhere { Some(0) } else { scan.hits_from() };
        let is_single = |at: &usize| all_from.is_none_or(|from| *at < from);
        let mut hits = scan.hits().iter().map(|&at| at as usize).peekable();
        let mut touched = touched.iter().peekable();
        loop {
            let next = [hits.peek().copied(), touched.peek().map(|touched| touched.at as usize)];
            let Some(at) = next.into_iter().flatten().min().filter(is_single) else { break };
            hits.next_if_eq(&at);
            let touched = touched.next_if(|touched| touched.at as usize == at);
            self.search_string(at, touched, token, edits_max, scratch)?;
        }
        let Some(mut at) = all_from else { return Ok(()) };
        while let Some(found) = memchr(b'"', &self.frame[at..]) {
            let touched = touched.next_if(|touched| touched.at as usize == at + found);
            at = self.search_string(at + found, touched, token, edits_max, scratch)?;
        }
        Ok(())
    }

    /// Searches the string that opens at `at`, as it came and as it leaves; the offset behind it.
    fn search_string(
        &self,
        at: usize,
        touched: Option<&Touched>,
        token: Option<&[u8]>,
        edits_max: usize,
        scratch: &mut Scratch,
    ) -> Result<usize, Refusal> {
        let end = cursor::string_end(self.frame, at);
        let range = at + 1..end - 1;
        let Scratch { decoded, bare, bare_decoded, name, unseen, .. } = scratch;
        let Scratch { matches, views, trail, edits, .. } = scratch;
        matches.clear();
        // Overlaps are matches of their own until they are joined.
        let most = matches_max(edits_max);
        let raw = &self.frame[range.clone()];
        let plain = decoded_text(raw, decoded);
        let named = member_name(self.frame, at, name).then_some(&name[..]);
        self.find(at, named, plain, most, (views, trail, matches))?;
        place(raw, matches, |offset, _| range.start + offset);
        let mut left = b"".as_slice();
        if let Some(touched) = touched {
            let named = match touched.name {
                Some(opens) => {
                    self.bare_name(opens as usize, unseen, bare, name);
                    Some(&name[..])
                }
                None => named,
            };
            let mut way = Bare::new(range.clone(), unseen);
            way.write(self.frame, bare);
            left = decoded_text(bare, bare_decoded);
            let from = matches.len();
            self.find(at, named, left, most + from, (views, trail, matches))?;
            place(bare, &mut matches[from..], |offset, is_end| way.frame_at(offset, is_end));
            self.rules.join(matches, 0);
        }
        let found = matches
            .iter()
            .map(|found| (found.start, found.end, By::Rule(found.rule), found.writing));
        let came = tokens(token, raw, plain, |offset, _| range.start + offset);
        let mut way = Bare::new(range.clone(), unseen);
        let left = tokens(token, bare, left, |offset, is_end| way.frame_at(offset, is_end));
        push_joined(merged(merged(found, came), left), |(start, end, by, writing)| {
            if edits.len() < edits_max {
                edits.push(Edit { writing, ..Edit::new(start..end, by) });
                return Ok(());
            }
            match by {
                // It changes nothing; the first of them are told of.
                By::Rule(rule) if self.rules.action(rule) == Action::Log => Ok(()),
                _ => Err(Reason::TooManyEdits.into()),
            }
        })?;
        Ok(end)
    }

    /// Appends what rules find in the decoded text of the string that opens at `at`, without what
    /// passes there and what was sealed.
    fn find(
        &self,
        at: usize,
        name: Option<&[u8]>,
        plain: &[u8],
        most: usize,
        (views, trail, out): (&mut Buffers, &mut Trail, &mut Vec<Match>),
    ) -> Result<(), Refusal> {
        if !self.rules.enabled() {
            return Ok(());
        }
        let from = out.len();
        let mut all = self.rules.find_at_most(name, plain, most, views, out);
        if out.len() > from {
            match self.passing(at, trail) {
                Passing::Nothing => {}
                Passing::Everything => {
                    out.truncate(from);
                    all = true;
                }
                Passing::Rules(passing) => {
                    // What other rules find was joined with it.
                    out.truncate(from);
                    let rules = self.rules.letting_pass(passing);
                    all = rules.find_at_most(name, plain, most, views, out);
                }
            }
        }
        if !all {
            return Err(Reason::TooManyEdits.into());
        }
        // What is sealed is no secret, whatever it resembles or is the value of.
        let mut places = self.seals.places(plain).peekable();
        if places.peek().is_some() {
            let mut kept = from;
            for i in from..out.len() {
                let found = out[i];
                while places.next_if(|place| place.end < found.end).is_some() {}
                if places.peek().is_none_or(|place| found.start < place.start) {
                    out[kept] = found;
                    kept += 1;
                }
            }
            out.truncate(kept);
        }
        Ok(())
    }

    /// Decodes into `name` the end of a name as it leaves, of which `unseen` is taken out.
    fn bare_name(&self, opens: usize, unseen: &[Edit], bare: &mut Vec<u8>, name: &mut Vec<u8>) {
        let closes = cursor::string_end(self.frame, opens) - 1;
        Bare::new(opens + 1..closes, unseen).write(self.frame, bare);
        name.clear();
        text::decode(&bare[bare.len().saturating_sub(MEMBER_NAME_MAX)..], name);
    }

    /// Finds what stands as it is in the string that opens at `at`.
    pub(super) fn find_bare(
        &self,
        at: usize,
        decoded: &mut Vec<u8>,
        matches: &mut Vec<Match>,
        trail: &mut Trail,
    ) {
        let raw = &self.frame[at + 1..cursor::string_end(self.frame, at) - 1];
        text::decode_into(raw, decoded);
        matches.clear();
        match self.passing(at, trail) {
            Passing::Nothing => self.rules.find_bare(decoded, matches),
            Passing::Rules(passing) => {
                self.rules.letting_pass(passing).find_bare(decoded, matches);
            }
            Passing::Everything => {}
        }
    }

    /// What passes in the string that opens at `at`, by its place in the message.
    pub(super) fn passing(&self, at: usize, trail: &mut Trail) -> Passing {
        if !self.rules.has_paths() || !trail.walk_to(self.frame, at) {
            return Passing::Nothing;
        }
        self.rules.passing(|path| trail.fits(self.frame, path))
    }
}

/// The decoded text of a string, in `room` if it differs from the raw one.
fn decoded_text<'a>(raw: &'a [u8], room: &'a mut Vec<u8>) -> &'a [u8] {
    if !text::has_escape(raw) {
        return raw;
    }
    text::decode_into(raw, room);
    room
}

/// Moves matches from a decoded string to the frame; `frame_at` says where an offset of the raw one
/// lies there, and is asked about starts and ends in turn.
fn place(raw: &[u8], matches: &mut [Match], mut frame_at: impl FnMut(usize, bool) -> usize) {
    let mut walk = RawWalk::new(raw);
    for found in matches {
        found.start = frame_at(walk.start_of(found.start), false);
        found.end = frame_at(walk.end_of(found.end), true);
    }
}

/// Where a token stands in a decoded string, as stretches of the frame.
fn tokens<'a>(
    token: Option<&'a [u8]>,
    raw: &'a [u8],
    plain: &'a [u8],
    mut frame_at: impl FnMut(usize, bool) -> usize + 'a,
) -> impl Iterator<Item = Spot> + 'a {
    let mut walk = RawWalk::new(raw);
    let starts = token.into_iter().flat_map(move |token| {
        memmem::find_iter(plain, token).map(move |start| (start, start + token.len()))
    });
    starts.map(move |(start, end)| {
        let start = frame_at(walk.start_of(start), false);
        (start, frame_at(walk.end_of(end), true), By::Token, Writing::PLAIN)
    })
}

/// A stretch of the frame, what stands in its place, and how it is spelled.
type Spot = (usize, usize, By, Writing);

/// Pushes the stretches of a row in the order of their starts, those that overlap as one: what a
/// rule and the token share, and what lies around it, goes with the token.
fn push_joined(
    spots: impl Iterator<Item = Spot>,
    mut push: impl FnMut(Spot) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut open: Option<Spot> = None;
    for spot in spots {
        match &mut open {
            Some((_, end, by, writing)) if spot.0 < *end => {
                *end = spot.1.max(*end);
                (*by, *writing) = (By::Token, Writing::PLAIN);
            }
            _ => open.replace(spot).map_or(Ok(()), &mut push)?,
        }
    }
    open.map_or(Ok(()), push)
}

/// Two rows of stretches in the order of their starts as one.
fn merged(
    a: impl Iterator<Item = Spot>,
    b: impl Iterator<Item = Spot>,
) -> impl Iterator<Item = Spot> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    std::iter::from_fn(move || match (a.peek(), b.peek()) {
        (Some(one), Some(other)) if other.0 < one.0 => b.next(),
        (Some(_), _) => a.next(),
        (None, _) => b.next(),
    })
}

/// A name is read back this far from its end, which is what tells: each character may be an escape.
pub(super) const MEMBER_NAME_MAX: usize = 6 * 64;

/// Decodes into `name` the end of the name of the member whose value is the string that opens at
/// `at`; whether it is one.
fn member_name(frame: &[u8], at: usize, name: &mut Vec<u8>) -> bool {
    let before = |mut at: usize| {
        while at > 0 && matches!(frame[at - 1], b' ' | b'\t') {
            at -= 1;
        }
        at
    };
    let colon = before(at);
    if !frame[..colon].ends_with(b":") {
        return false;
    }
    let close = before(colon - 1);
    if !frame[..close].ends_with(b"\"") {
        return false;
    }
    let low = (close - 1).saturating_sub(MEMBER_NAME_MAX);
    let tail = &frame[low..close - 1];
    let is_open = |&i: &usize| tail[i] == b'"' && (i == 0 || tail[i - 1] != b'\\');
    let start = (0..tail.len()).rev().find(is_open).map_or(0, |i| i + 1);
    name.clear();
    text::decode(&tail[start..], name);
    true
}

/// So many matches are collected in one string before overlaps are joined.
pub(super) fn matches_max(edits_max: usize) -> usize {
    2 * edits_max + 64
}
