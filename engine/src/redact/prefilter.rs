//! Tells the frame scanner which places of a raw frame deserve a look, so that clean strings are
//! never decoded.
//!
//! The contract: in a JSON string, if `may_escape` says no to every escape, and [`announced`] to
//! every place that the [sieve](super::sieve) leaves, then the built-in rules find nothing in the
//! decoded string, neither as it is nor in a second view. The same matchers answer as in the finder,
//! on the raw bytes; where raw and decoded text differ they are the more willing ones.

use super::assign;
use super::block;
use super::context::{self, View};
use super::finder;
use super::index::{self, Index};
use super::inner;
use super::matcher::{self, Step};
use super::names;
use super::option;
use super::places::Places;
use super::signed;
use super::url;
use super::vicinity::Vicinity;
use super::view;
use crate::bits::mask;

/// The string that is being asked about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked {
    /// Its opening quote.
    string: u32,
    /// How many questions were asked.
    count: u32,
    /// It is known that a secret may stand in it: nothing more is asked.
    is_told: bool,
}

/// So many questions at the least are asked about a string,
const QUESTIONS_MIN: usize = 64;
/// and one more for so many bytes. A string with more of them is decoded and searched, which costs
/// less than to go on.
const QUESTION_BYTES: usize = 48;

impl Asked {
    /// Whether it is known of the string that opens at `start` that a secret may stand in it.
    pub(crate) fn has_told(&self, start: usize) -> bool {
        self.is_told && start as u32 == self.string
    }

    /// Asks about the place `at` of the string that opens at `start`; whether a secret may stand in
    /// it, if that is news.
    #[inline]
    fn ask(&mut self, start: usize, at: usize, may: impl FnOnce() -> bool) -> bool {
        if start as u32 != self.string {
            *self = Asked { string: start as u32, ..Asked::default() };
        }
        if self.is_told {
            return false;
        }
        self.count += 1;
        let most = QUESTIONS_MIN + (at - start) / QUESTION_BYTES;
        self.is_told = self.count as usize > most || may();
        self.is_told
    }
}

/// Tells `tell` the strings in which a secret may be recognised from one of the places in the block
/// at `base` of a raw frame, by their opening quotes. `around` tells the one around a place: what
/// stands before it is of no account. `frame` is all that is known.
#[inline]
pub(crate) fn announce(
    index: &Index,
    frame: &[u8],
    base: usize,
    places: &Places,
    asked: &mut Asked,
    around: impl Fn(usize) -> usize,
    mut tell: impl FnMut(usize),
) {
    let mut ask = |of: u64, may: fn(&Index, &[u8], usize) -> bool| {
        for i in mask::places(of) {
            let at = base.wrapping_add(i);
            let start = around(at);
            if asked.ask(start, at, || may(index, &frame[start..], at - start)) {
                tell(start);
            }
        }
    };
    // Of these the sieve has asked all there is to ask.
    ask(places.blobs, |_, _, _| true);
    ask(places.signs, may_sign);
    ask(places.runs, may_run);
    ask(places.keyed, may_be_keyed);
    ask(places.inner, may_inner);
    ask(places.urls, may_hold_userinfo);
    ask(places.words, may_follow_word);
    ask(places.options, may_be_option);
    ask(places.closes, |index, text, at| {
        names::is_spelled(text, at) || index.names.kind(text, at).is_some()
    });
    if places.paddings | places.tildes | places.percent | places.hidden != 0 {
        ask(places.paddings, may_be_signed);
        ask(places.tildes, |index, text, at| {
            index.tilde.is_some() && matcher::tilde(text, at + 1) != Step::No
        });
        ask(places.percent, |_, text, at| view::may_percent(text, at));
        ask(places.hidden, |_, text, at| view::may_hide(text, at));
    }
}

fn may_hold_userinfo(index: &Index, frame: &[u8], at: usize) -> bool {
    index.userinfo.is_some() && url::userinfo(frame, at, View::Raw) != Step::No
}

fn may_be_option(index: &Index, frame: &[u8], at: usize) -> bool {
    index.assigns() && option::may_find(&index.names, frame, at)
}

/// Whether a word before the space at `at` says that the value behind it is secret.
fn may_follow_word(index: &Index, frame: &[u8], at: usize) -> bool {
    let follows = |scheme| context::scheme(scheme, frame, at + 1, View::Raw) != Step::No;
    index.schemes.iter().any(|(_, scheme)| follows(*scheme))
        || (index.assigns() && option::may_be_netrc(&index.names, frame, at))
}

/// Whether the run at `at`, or what of it stands behind the letter of an escape, may be a value
/// behind the word of its provider.
#[inline]
fn may_be_keyed(index: &Index, frame: &[u8], at: usize) -> bool {
    index.keyed.may_find(frame, at)
        || (frame[..at].ends_with(b"\\") && index.keyed.may_find(frame, at + 1))
}

/// Whether a token may begin with the run at `at`.
fn may_run(index: &Index, frame: &[u8], at: usize) -> bool {
    if at + finder::RUN_MIN > frame.len() {
        return true;
    }
    let before = if at > 0 { frame[at - 1] } else { 0 };
    let plain = !matches!(before, b'\\' | b'u' | b'%' | b'[' | b';') && frame[at] != b'-';
    let may_begin = |at: usize| {
        may_head(index, frame, at)
            || (frame.get(at) == Some(&b'-') && may_be_option(index, frame, at))
    };
    may_head(index, frame, at)
        || (!plain && finder::starts(frame, at).into_iter().flatten().any(may_begin))
        || index.behind(frame, at).any(|id| is_token(frame, id, at))
}

/// Whether a token may stand within the run at `at`.
#[inline]
fn may_inner(index: &Index, frame: &[u8], at: usize) -> bool {
    index.inner.any(frame, at, View::Raw, |id, start| {
        let token = index::token_of(id);
        match matcher::token(token, frame, start) {
            Step::Yes(start, end) => inner::is_token(token, frame, start, end),
            Step::Short => true,
            Step::No => false,
        }
    })
}

fn may_head(index: &Index, frame: &[u8], at: usize) -> bool {
    if index.bare(frame, at).any(|id| is_token(frame, id, at)) {
        return true;
    }
    index.may_head(frame, at)
        && (index.heads(frame, at).any(|id| is_token(frame, id, at))
            || index.blocks.iter().any(|(_, b)| block::header(b, frame, at) != Step::No))
}

fn is_token(frame: &[u8], id: u16, at: usize) -> bool {
    matcher::token(index::token_of(id), frame, at) != Step::No
}

/// Whether the sign at `at` gives a name a secret.
fn may_sign(index: &Index, frame: &[u8], at: usize) -> bool {
    let is_variable = || frame[at] == b'=' && context::variable(frame, at).is_some();
    let is_named = || {
        let end = assign::name_end(frame, at, View::Raw);
        end.is_some_and(|end| {
            names::is_spelled(frame, end) || index.names.kind(frame, end).is_some()
        })
    };
    (is_variable() || is_named())
        && Vicinity::of(frame, at).is_none_or(|near| {
            let (text, at) = near.text();
            index.is_given(text, at)
        })
}

/// Whether a signed key may end with the `=` at `at`.
#[inline]
fn may_be_signed(index: &Index, frame: &[u8], at: usize) -> bool {
    signed::may_end(frame, at)
        && index.signed.iter().any(|(_, rule)| signed::at_padding(rule, frame, at).is_some())
}

/// Whether the string behind the colon at `colon`, which ends the name of a member, may be secret by
/// that name.
#[inline]
pub(crate) fn may_member(index: &Index, frame: &[u8], colon: usize) -> bool {
    index.assigns() && assign::may_member(&index.names, frame, colon)
}
