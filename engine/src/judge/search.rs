//! Looks for what must not pass in the strings of a frame: secrets, and the token that it presented.
//!
//! Only strings that the scanner named are decoded, or all of them where that is not enough. What is
//! found becomes an edit; whether it may stand is judged above.

use memchr::{memchr, memmem};

use super::edits::{By, Edit, Scratch, Subject};
use super::reply::Refusal;
use crate::base::reason::Reason;
use crate::redact::{Action, Match, Passing, Writing};
use crate::wire::cursor;
use crate::wire::text::{self, RawWalk};
use crate::wire::trail::Trail;

impl Subject<'_> {
    /// Searches the strings that may hold a secret, or all of them.
    pub(super) fn search(
        &self,
        everywhere: bool,
        token: Option<&[u8]>,
        edits_max: usize,
        scratch: &mut Scratch,
    ) -> Result<(), Refusal> {
        scratch.trail.reset();
        let scan = self.scan;
        let all_from = if everywhere { Some(0) } else { scan.hits_from() };
        let single = scan.hits().iter().map(|&at| at as usize);
        for at in single.take_while(|&at| all_from.is_none_or(|from| at < from)) {
            self.search_string(at, token, edits_max, scratch)?;
        }
        let Some(mut at) = all_from else { return Ok(()) };
        while let Some(found) = memchr(b'"', &self.frame[at..]) {
            at = self.search_string(at + found, token, edits_max, scratch)?;
        }
        Ok(())
    }

    /// Searches the string that opens at `at`; the offset behind it.
    fn search_string(
        &self,
        at: usize,
        token: Option<&[u8]>,
        edits_max: usize,
        scratch: &mut Scratch,
    ) -> Result<usize, Refusal> {
        let end = cursor::string_end(self.frame, at);
        let raw = &self.frame[at + 1..end - 1];
        let Scratch { decoded, name, matches, views, edits, trail, .. } = scratch;
        let plain = if text::has_escape(raw) {
            text::decode_into(raw, decoded);
            &decoded[..]
        } else {
            raw
        };
        matches.clear();
        // Overlaps are matches of their own until they are joined.
        let most = matches_max(edits_max);
        let name = member_name(self.frame, at, name).then_some(&name[..]);
        if self.rules.enabled() {
            let mut all = self.rules.find_at_most(name, plain, most, views, matches);
            if !matches.is_empty() {
                match self.passing(at, trail) {
                    Passing::Nothing => {}
                    Passing::Everything => {
                        matches.clear();
                        all = true;
                    }
                    Passing::Rules(passing) => {
                        // What other rules find was joined with it.
                        matches.clear();
                        let rules = self.rules.letting_pass(passing);
                        all = rules.find_at_most(name, plain, most, views, matches);
                    }
                }
            }
            if !all {
                return Err(Refusal::from(Reason::TooManyEdits));
            }
        }
        // What is sealed is no secret, whatever it resembles or is the value of.
        let mut places = self.seals.places(plain).peekable();
        if places.peek().is_some() {
            matches.retain(|found| {
                while places.next_if(|place| place.end < found.end).is_some() {}
                places.peek().is_none_or(|place| found.start < place.start)
            });
        }
        drop(places);
        let mut walk = RawWalk::new(raw);
        let mut push = |start: usize, to: usize, by: By, writing: Writing| {
            let range = at + 1 + walk.start_of(start)..at + 1 + walk.end_of(to);
            if edits.len() >= edits_max {
                if matches!(by, By::Rule(rule) if self.rules.action(rule) == Action::Log) {
                    // It changes nothing; the first of them are told of.
                    return Ok(());
                }
                return Err(Refusal::from(Reason::TooManyEdits));
            }
            edits.push(Edit { writing, ..Edit::new(range, by) });
            Ok(())
        };
        let found = matches
            .iter()
            .map(|found| (found.start, found.end, By::Rule(found.rule), found.writing));
        let tokens = token.into_iter().flat_map(|token| {
            let starts = memmem::find_iter(plain, token);
            starts.map(|start| (start, start + token.len(), By::Token, Writing::PLAIN))
        });
        // What a rule and the token share, and what lies around it, goes as one.
        let mut open: Option<Spot> = None;
        for (start, to, by, writing) in merged(found, tokens) {
            match &mut open {
                Some((_, end, mark, spelled)) if start < *end => {
                    *end = to.max(*end);
                    (*mark, *spelled) = (By::Token, Writing::PLAIN);
                }
                _ => {
                    if let Some((start, end, mark, writing)) =
                        open.replace((start, to, by, writing))
                    {
                        push(start, end, mark, writing)?;
                    }
                }
            }
        }
        if let Some((start, end, mark, writing)) = open {
            push(start, end, mark, writing)?;
        }
        Ok(end)
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

/// A stretch of a decoded string, what stands in its place, and how it is spelled.
type Spot = (usize, usize, By, Writing);

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
