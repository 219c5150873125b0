//! Finds secrets in decoded text.
//!
//! ```text
//!   text  ──> places: run starts, '=', "://" ──> rules that the index names ──> smallest form ──> grown ──> merged
//! ```
//!
//! The places are the same three that the frame scanner reports on raw text, so what is found here
//! cannot begin where the scanner is silent. Work is linear: runs are disjoint, look-backs are
//! bounded, a token that has grown is not looked into again, and values that may hold one another
//! grow to one end that is remembered.

use std::cmp::Reverse;

use super::action::Action;
use super::assign::{self, Assigned};
use super::block;
use super::class::Class;
use super::context::{self, View};
use super::index::{self, Index};
use super::inner;
use super::matcher::{self, Step};
use super::option;
use super::places::{self, BATCH, Places};
use super::rule::Scheme;
use super::rules::{Match, RuleId};
use super::sieve;
use super::signed;
use super::spelling::hex4;
use super::url;
use super::view::{self, Writing};
use crate::bits::kernel::BLOCK;
use crate::bits::mask;

/// A run is looked at from this length on: every anchored token begins with one at least as long.
pub(crate) const RUN_MIN: usize = 10;
/// So many dashes before a token are looked past, as in a removed line of a diff.
const DASHES_MAX: usize = 8;

/// What a text may hold besides: second views that are worth a look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// A part of it may be encoded.
    pub(crate) code: bool,
    /// An escape in it may hide a character.
    pub(crate) escape: bool,
}

/// Appends what the built-in rules find, in no particular order and with overlaps.
///
/// At `max` matches it finds no more; its work goes on, so that it stays the same.
pub(crate) fn find(index: &Index, text: &[u8], max: usize, out: &mut Vec<Match>) -> Seen {
    let mut work = Work {
        index,
        text,
        out,
        max,
        token_end: 0,
        env_end: 0,
        env_from: 0,
        assigned_end: 0,
        netrc_end: 0,
        seen: Seen::default(),
    };
    let mut sifted = [Places::default(); BATCH];
    work.seen.escape = places::each(text, index.names.threes(), |base, windows| {
        sieve::sift(index, text, base, windows, &mut sifted);
        for (n, places) in sifted[..windows.len() - 2].iter().enumerate() {
            work.look(base.wrapping_add(n * BLOCK), places);
        }
    });
    work.seen
}

/// Sorts, and joins what overlaps: the strictest action gives its rule, then the longest, then the
/// more specific, then the lower number. What is only told of is never joined with what is changed:
/// where they meet, it goes untold.
pub(crate) fn merge(out: &mut Vec<Match>, from: usize, kind: impl Fn(RuleId) -> (Action, bool)) {
    let found = &mut out[from..];
    if found.len() < 2 {
        return;
    }
    let rank = |m: &Match| {
        let (action, anchored) = kind(m.rule);
        (action, m.end - m.start, anchored, Reverse(m.rule))
    };
    found.sort_unstable_by_key(|m| (m.start, Reverse(m.end), m.writing, m.rule));
    let mut kept = 0;
    let mut best = rank(&found[0]);
    for i in 1..found.len() {
        let next = found[i];
        let rank = rank(&next);
        let [stays, comes] = [best.0, rank.0].map(|action| action != Action::Log);
        if next.start >= found[kept].end {
            kept += 1;
            found[kept] = next;
            best = rank;
        } else if comes && !stays {
            found[kept] = next;
            best = rank;
        } else if comes == stays {
            if next.end > found[kept].end {
                found[kept].end = next.end;
                found[kept].writing = found[kept].writing.join(next.writing);
            }
            if rank > best {
                best = rank;
                found[kept].rule = next.rule;
            }
        }
    }
    out.truncate(from + kept + 1);
}

/// The places at which a token may start within the run at `at`: an escape, an encoded byte, the
/// end of a terminal's control sequence or dashes may stand before it.
pub(crate) fn starts(text: &[u8], at: usize) -> [Option<usize>; 3] {
    let before = if at > 0 { text[at - 1] } else { 0 };
    let is_encoded =
        |at: usize| text.get(at..at + 2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    let second = match before {
        // The number of a character that is no part of a token, or the letter of another escape.
        b'\\' if text[at] == b'u' && hex4(text, at + 1).is_some() => Some(at + 5),
        b'\\' if text[at] == b'x' && is_encoded(at + 1) => Some(at + 3),
        b'\\' => Some(at + 1),
        // The frame scanner has left out the letter.
        b'u' if text[..at - 1].ends_with(b"\\") && hex4(text, at).is_some() => Some(at + 4),
        b'%' if is_encoded(at) => Some(at + 2),
        _ => matcher::behind_sequence(text, at),
    };
    let is_dash = |at: &usize| text.get(*at) == Some(&b'-');
    let dashes = Some(at).filter(is_dash).or(second.filter(is_dash));
    let third = dashes.map(|at| at + Class::DASH.span(text, at, DASHES_MAX));
    [Some(at), second, third]
}

/// One text being searched.
struct Work<'a> {
    index: &'a Index,
    text: &'a [u8],
    out: &'a mut Vec<Match>,
    max: usize,
    /// Runs below this belong to a token that was found.
    token_end: usize,
    /// The stretch of non-space text that environment values were last seen in.
    env_from: usize,
    env_end: usize,
    /// Signs below this lie within a value that was found.
    assigned_end: usize,
    /// Behind the words of a `.netrc` passwords were looked for up to here.
    netrc_end: usize,
    seen: Seen,
}

impl Work<'_> {
    fn found(&mut self, rule: u16, start: usize, end: usize) {
        if self.out.len() < self.max {
            self.out.push(Match { start, end, rule: RuleId(rule), writing: Writing::PLAIN });
        }
    }

    /// A token: what lies within it is not searched again.
    fn found_token(&mut self, rule: u16, start: usize, end: usize) {
        self.token_end = self.token_end.max(end);
        self.found(rule, start, end);
    }

    /// Looks at the places of the block at `base`, in rising order.
    #[inline]
    fn look(&mut self, base: usize, places: &Places) {
        if places.all() != 0 {
            self.look_at(base, places);
        }
    }

    fn look_at(&mut self, base: usize, places: &Places) {
        let text = self.text;
        for i in mask::places(places.found()) {
            let at = base + i;
            let is = |of: u64| of >> i & 1 != 0;
            if is(places.runs | places.keyed | places.inner) && at >= self.token_end {
                if is(places.keyed) {
                    self.keyed(at);
                }
                if is(places.runs) {
                    self.run(at);
                }
                if is(places.inner) && self.token_end <= at {
                    self.inner(at);
                }
            }
            if is(places.options) {
                self.option(at);
            }
            if is(places.urls) {
                self.url(at);
            }
            if is(places.paddings) {
                self.padding(at);
            }
            if is(places.signs) {
                self.sign(at);
            }
            if is(places.words) {
                self.word(at);
            }
            if is(places.closes)
                && let Some(found) = assign::element(&self.index.names, text, at + 1)
            {
                self.found_assigned(found);
            }
            if is(places.tildes) && at >= self.token_end {
                self.tilde(at);
            }
        }
        if !self.seen.code && places.encoded() != 0 {
            let Places { blobs, percent, hidden, .. } = *places;
            self.seen.code = blobs != 0
                || mask::places(percent).any(|i| view::may_percent(text, base + i))
                || mask::places(hidden).any(|i| view::may_hide(text, base + i));
        }
    }

    /// A run of fifteen bytes or more starts at `at`.
    fn keyed(&mut self, at: usize) {
        let (index, text) = (self.index, self.text);
        // Behind a backslash the first byte may be the letter of an escape.
        let escaped = text[..at].ends_with(b"\\");
        for start in at..=at + usize::from(escaped) {
            if let Some((id, end)) = index.keyed.find(text, start) {
                self.found(id, start, end);
            }
        }
    }

    /// The run at `at` is one that something tells of.
    fn run(&mut self, at: usize) {
        let (index, text) = (self.index, self.text);
        let starts = starts(text, at);
        if let [_, Some(behind), _] = starts
            && text.get(behind) == Some(&b'-')
        {
            self.option(behind);
        }
        for start in starts.into_iter().flatten() {
            index.bare(text, start).for_each(|id| self.try_token(id, start));
            if !index.may_head(text, start) {
                continue;
            }
            index.heads(text, start).for_each(|id| self.try_token(id, start));
            self.block(start);
        }
        index.behind(text, at).for_each(|id| self.try_token(id, at));
    }

    /// An option starts at `at`.
    fn option(&mut self, at: usize) {
        if at >= self.assigned_end
            && let Some(found) = option::find(&self.index.names, self.text, at)
        {
            self.found_assigned(found);
        }
    }

    /// A tilde stands at `at`.
    fn tilde(&mut self, at: usize) {
        if let Some(id) = self.index.tilde
            && let Step::Yes(start, end) = matcher::tilde(self.text, at + 1)
        {
            let end = matcher::grown(Class::DOTTED.or(Class::TILDE), self.text, end);
            self.found_token(id, start, end);
        }
    }

    /// A key may end with the `=` at `at`.
    fn padding(&mut self, at: usize) {
        let (index, text) = (self.index, self.text);
        if signed::may_end(text, at) {
            for (id, rule) in &index.signed {
                if let Some((start, end)) = signed::at_padding(rule, text, at) {
                    self.found_token(*id, start, end);
                }
            }
        }
    }

    /// A sign stands at `at`, behind what may be a name.
    fn sign(&mut self, at: usize) {
        let (index, text) = (self.index, self.text);
        if text[at] == b'='
            && let Some(id) = index.env
            && at >= self.env_from
            && let Step::Yes(start, end) = context::env(text, at)
        {
            if end > self.env_end {
                self.env_end = end + context::env_span(text, end, usize::MAX);
            }
            // What follows within the same stretch is part of this value.
            self.env_from = self.env_end;
            self.assigned_end = self.assigned_end.max(self.env_end);
            self.found(id, start, env_trimmed(text, start, self.env_end));
        } else {
            self.assign(at);
        }
        if let Some((id, start, end)) = index.long_value(text, at) {
            let end = end + Class::BASE64.or(Class::EQUALS).span(text, end, usize::MAX);
            self.found_token(id, start, end);
        }
    }

    /// A sign that assigns stands at `at`.
    fn assign(&mut self, at: usize) {
        let (index, text) = (self.index, self.text);
        if at < self.assigned_end {
            return;
        }
        if let Some(found) = assign::find(&index.names, text, at) {
            self.found_assigned(found);
        }
    }

    /// A value with a name: signs within it assign nothing.
    fn found_assigned(&mut self, found: Assigned) {
        if let Some(id) = self.index.assigned(found.kind) {
            let end = found.start + found.extent.span(self.text, found.start, usize::MAX);
            self.assigned_end = self.assigned_end.max(end);
            self.found(id, found.start, end);
        }
    }

    /// A `://` stands at `at`.
    fn url(&mut self, at: usize) {
        if let Some(id) = self.index.userinfo
            && let Step::Yes(start, end) = url::userinfo(self.text, at, View::Plain)
        {
            self.found(id, start, end);
        }
    }

    /// A word that says what follows may end before the space at `space`.
    fn word(&mut self, space: usize) {
        let (index, text) = (self.index, self.text);
        let value = space + 1;
        for (id, scheme) in &index.schemes {
            if let Step::Yes(start, end) = context::scheme(*scheme, text, value, View::Plain) {
                let end = match scheme {
                    Scheme::Bearer => context::value_grown(text, end),
                    Scheme::Basic => {
                        end + Class::BASE64.or(Class::EQUALS).span(text, end, usize::MAX)
                    }
                };
                // What lies within it may be told better.
                self.found(*id, start, end);
            }
        }
        if let Some(reach) = option::netrc_reach(text, space) {
            let from = reach.start.max(self.netrc_end);
            self.netrc_end = reach.end;
            option::netrc(&index.names, text, from..reach.end, |found| self.found_assigned(found));
        }
    }

    fn try_token(&mut self, id: u16, at: usize) {
        let token = index::token_of(id);
        if let Step::Yes(start, end) = matcher::token(token, self.text, at) {
            self.found_token(id, start, matcher::grown(token.grow, self.text, end));
        }
    }

    /// A token may stand within the run at `at`.
    fn inner(&mut self, at: usize) {
        let (index, text) = (self.index, self.text);
        index.inner.any(text, at, View::Plain, |id, start| {
            let token = index::token_of(id);
            match matcher::token(token, text, start) {
                Step::Yes(start, end) if inner::is_token(token, text, start, end) => {
                    self.found_token(id, start, matcher::grown(token.grow, text, end));
                    true
                }
                _ => false,
            }
        });
    }

    fn block(&mut self, at: usize) {
        for (id, block) in &self.index.blocks {
            if let Step::Yes(start, end) = block::header(block, self.text, at)
                && block::has_body(block, self.text, end)
            {
                self.found_token(*id, start, block::end(block, self.text, end));
            }
        }
    }
}

/// An environment value without the mark that ends its statement or its place in a list.
fn env_trimmed(text: &[u8], start: usize, end: usize) -> usize {
    let mut last = end;
    while last > start + 8 && matches!(text[last - 1], b',' | b';' | b')' | b']' | b'}' | b'.') {
        last -= 1;
    }
    last
}
