//! Tells the frame scanner which places of a raw frame deserve a look, so that clean strings are
//! never decoded.
//!
//! The contract: in a JSON string, if `may_escape` says no to every escape, `may_percent` to every
//! `%`, `may_hide` to every first byte from 0x80 up of a row that no space precedes, and the answer here is no at
//! every place that a [`Trigger`] describes, then the built-in rules find nothing in the decoded
//! string, neither as it is nor in a second view. The same matchers answer as in the finder, on the
//! raw bytes; where raw and decoded text differ they are the more willing ones.

use super::assign;
use super::block;
use super::class::Class;
use super::context::{self, View};
use super::finder;
use super::index::{self, Index};
use super::inner;
use super::matcher::{self, Step};
use super::option;
use super::places::Run;
use super::rule::Scheme;
use super::signed;
use super::url;
use super::view;

/// The kind of a place that a secret may be recognised from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The first byte of a run of ten or more of `A-Z a-z 0-9 _ -`. The byte that follows the
    /// backslash of an escape is in no run.
    Run,
    /// A `=`.
    Equals,
    /// A `:` that is followed by `//`.
    Scheme,
    /// Any other `:`.
    Colon,
}

/// Whether a secret may be recognised from the place `at` of a raw frame, of which `frame` is all
/// that is known.
#[inline]
pub(crate) fn may_start(index: &Index, frame: &[u8], at: usize, trigger: Trigger) -> bool {
    match trigger {
        Trigger::Run => may_run(index, frame, at, Run::UNKNOWN) || view::may_hold_blob(frame, at),
        Trigger::Equals | Trigger::Colon => {
            (trigger == Trigger::Equals && may_be_signed(index, frame, at))
                || (index.may_assign(frame, at) && may_sign(index, frame, at))
        }
        Trigger::Scheme => {
            index.userinfo.is_some() && url::userinfo(frame, at, View::Raw) != Step::No
        }
    }
}

/// Whether a token may begin with the run at `at`, or a value whose scheme stands before it.
#[inline]
pub(crate) fn may_run(index: &Index, frame: &[u8], at: usize, run: Run) -> bool {
    (run.is_long && (may_be_keyed(index, frame, at) || may_inner(index, frame, at)))
        || (index.may_run(frame, at, run)
            && (may_run_at(index, frame, at) || may_be_option(index, frame, at)))
}

/// Whether the run at `at`, or what of it stands behind the letter of an escape, may be a value
/// behind the word of its provider.
#[inline]
fn may_be_keyed(index: &Index, frame: &[u8], at: usize) -> bool {
    index.keyed.may_find(frame, at)
        || (frame[..at].ends_with(b"\\") && index.keyed.may_find(frame, at + 1))
}

/// Whether an option with a value, or the value of one, may stand at `at`.
#[inline]
fn may_be_option(index: &Index, frame: &[u8], at: usize) -> bool {
    let may = |at: usize| option::may_find(&index.names, frame, at);
    index.assigns() && {
        let [first, second, _] = finder::starts(frame, at);
        first.is_some_and(may) || second.is_some_and(may)
    }
}

fn may_run_at(index: &Index, frame: &[u8], at: usize) -> bool {
    if at + finder::RUN_MIN > frame.len() {
        return true;
    }
    let before = if at > 0 { frame[at - 1] } else { 0 };
    let plain = !matches!(before, b'\\' | b'u' | b'%' | b'[' | b';') && frame[at] != b'-';
    if may_head(index, frame, at)
        || may_inner(index, frame, at)
        || (!plain
            && finder::starts(frame, at).into_iter().flatten().any(|at| may_head(index, frame, at)))
    {
        return true;
    }
    let meaning = index.before(before);
    if meaning & index::BEHIND != 0 && index.behind(frame, at).any(|id| is_token(frame, id, at)) {
        return true;
    }
    if meaning & index::WITHIN != 0
        && index.tilde.is_some()
        && matcher::tilde(frame, at) != Step::No
    {
        return true;
    }
    if meaning & index::WITHIN == 0 && !matches!(before, b' ' | b'>') {
        return false;
    }
    context::value_start(frame, at).is_some_and(|value| {
        let is_scheme = |s: Scheme| context::scheme(s, frame, value, View::Raw) != Step::No;
        let is_element = frame[..value].ends_with(b">") && index.names.may_end(frame, value - 1);
        (is_element && index.assigns())
            || index.schemes.iter().any(|(_, scheme)| is_scheme(*scheme))
    })
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

/// Whether the sign at `at` may give a name a secret.
fn may_sign(index: &Index, frame: &[u8], at: usize) -> bool {
    let is_variable =
        frame[at] == b'=' && index.env.is_some() && context::env(frame, at, View::Raw) != Step::No;
    is_variable || may_assign(index, frame, at) || may_be_long(index, frame, at)
}

/// Whether a signed key may end with the `=` at `at`.
#[inline]
fn may_be_signed(index: &Index, frame: &[u8], at: usize) -> bool {
    signed::may_end(frame, at)
        && index.signed.iter().any(|(_, rule)| signed::at_padding(rule, frame, at).is_some())
}

/// Whether a long value of base64 may stand behind the sign at `at`; its names are rare.
fn may_be_long(index: &Index, frame: &[u8], at: usize) -> bool {
    if index.named.is_empty() {
        return false;
    }
    let mut value = at + 1;
    while value < frame.len() && value - at <= 17 && b" \"'`\\>".contains(&frame[value]) {
        value += 1;
    }
    if frame[..value].ends_with(b"\\") && frame.get(value) == Some(&b't') {
        return true;
    }
    if value == frame.len() {
        return true;
    }
    // Most of what is assigned ends long before a key of that length would.
    let found = Class::BASE64.span(frame, value, LONG_VALUE_MIN);
    if found < LONG_VALUE_MIN && value + found < frame.len() {
        return false;
    }
    let Some(name) = context::name_end(frame, value, View::Raw) else { return false };
    index
        .named
        .iter()
        .any(|id| context::named(index::named_of(*id), frame, value, name) != Step::No)
}

/// No base64 value of the catalogue is shorter; a test holds the catalogue to it.
pub(super) const LONG_VALUE_MIN: usize = 32;

/// Whether a value that a name says is secret may stand behind the sign at `at`.
#[inline]
pub(super) fn may_assign(index: &Index, frame: &[u8], at: usize) -> bool {
    index.assigns()
        && (assign::may_follow(&index.names, frame, at)
            || (frame[at] == b':' && option::login_value(frame, at).is_some()))
}

/// Whether the string behind the colon at `colon`, which ends the name of a member, may be secret by
/// that name.
#[inline]
pub(crate) fn may_member(index: &Index, frame: &[u8], colon: usize) -> bool {
    index.assigns() && assign::may_member(&index.names, frame, colon)
}
