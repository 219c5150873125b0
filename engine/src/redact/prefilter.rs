//! Tells the frame scanner which places of a raw frame deserve a look, so that clean strings are
//! never decoded.
//!
//! The contract: in a JSON string, if `may_escape` says no to every escape, `may_percent` to every
//! `%`, `may_hide` to every first byte from 0x80 up behind a token byte, and the answer here is no at
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
use super::signed;
use super::url;
use super::view;

/// The kind of a place that a secret may be recognised from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The first byte of a run of ten or more of `A-Z a-z 0-9 _ -`. The byte after a backslash is
    /// in no run.
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
pub(crate) fn may_start(index: &Index, frame: &[u8], at: usize, trigger: Trigger) -> bool {
    match trigger {
        Trigger::Run => may_run(index, frame, at) || view::may_run(frame, at),
        Trigger::Equals => may_equal(index, frame, at),
        Trigger::Colon => may_assign(index, frame, at),
        Trigger::Scheme => {
            index.userinfo.is_some() && url::userinfo(frame, at, View::Raw) != Step::No
        }
    }
}

/// `\\x` as text is a backslash and an x. A scanner that leaves out the byte after every backslash
/// has dropped the x with it, so the run is also looked at with that byte.
#[inline]
fn may_run(index: &Index, frame: &[u8], at: usize) -> bool {
    if may_be_keyed(index, frame, at) || may_be_option(index, frame, at) {
        return true;
    }
    if is_plain_word(index, frame, at) {
        return false;
    }
    may_run_at(index, frame, at)
        || (at >= 2
            && frame[at - 2] == b'\\'
            && Class::TOKEN.has(frame[at - 1])
            && may_run_at(index, frame, at - 1))
}

/// Whether the run at `at`, with the byte before it or without its first, may be a value behind the
/// word of its provider.
#[inline]
fn may_be_keyed(index: &Index, frame: &[u8], at: usize) -> bool {
    let Some([second, first]) = frame[..at].last_chunk::<2>() else { return false };
    index.keyed.may_find(frame, at)
        || (*first == b'\\' && index.keyed.may_find(frame, at + 1))
        || (*second == b'\\' && Class::TOKEN.has(*first) && index.keyed.may_find(frame, at - 1))
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

/// A quick no for most runs: no head begins like it, and nothing before it has a meaning.
#[inline]
fn is_plain_word(index: &Index, frame: &[u8], at: usize) -> bool {
    let Some(head) = frame.get(at..at + finder::RUN_MIN) else { return false };
    if at < 2
        || index.may_head(head, 0)
        || index.bare(frame, at).next().is_some()
        || head[0] == b'-'
        || may_inner(index, frame, at)
    {
        return false;
    }
    let (second, first) = (frame[at - 2], frame[at - 1]);
    (second != b'\\' || !Class::TOKEN.has(first))
        && first != b'\\'
        && first != b'%'
        && match index.before(first) & !index::NEAR {
            0 => true,
            index::CONTEXT => is_prose(index, frame, at) || !has_sign(frame, at),
            _ => false,
        }
}

/// Whether something that assigns, or the last letter of a scheme word, stands before the gap before
/// `at`. A gap is taken to be at least as long as where it is read exactly.
#[inline]
fn has_sign(frame: &[u8], at: usize) -> bool {
    let low = at.saturating_sub(16);
    let mut i = at;
    while i > low {
        match frame[i - 1] {
            b' ' | b'\t' | b'"' | b'\'' | b'`' | b'\\' | b']' | b')' => i -= 1,
            b't' if i >= 2 && frame[i - 2] == b'\\' => i -= 2,
            before => return matches!(before, b'=' | b':' | b'>' | b'r' | b'R' | b'c' | b'C'),
        }
    }
    true
}

fn may_run_at(index: &Index, frame: &[u8], at: usize) -> bool {
    if at + finder::RUN_MIN > frame.len() {
        return true;
    }
    let before = if at > 0 { frame[at - 1] } else { 0 };
    let plain = !matches!(before, b'\\' | b'%') && frame[at] != b'-';
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
    if meaning & (index::WITHIN | index::CONTEXT) == 0 || is_prose(index, frame, at) {
        return false;
    }
    let Some(value) = context::value_start(frame, at) else { return false };
    let is_assigned = value == at
        || value == 0
        || (index.before(frame[value - 1]) & index::CONTEXT != 0 && !is_prose(index, frame, value));
    is_assigned && may_value(index, frame, value)
}

/// Whether the run at `at` is a word after another word, with a space between them and neither a
/// sign nor the last letter of a scheme word; or whether the string begins with it.
#[inline]
fn is_prose(index: &Index, frame: &[u8], at: usize) -> bool {
    let Some([second, first]) = frame[..at].last_chunk::<2>() else { return true };
    match first {
        b' ' => index.before(*second) & index::NEAR == 0,
        b'"' => *second != b'\\',
        _ => false,
    }
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

fn may_value(index: &Index, frame: &[u8], value: usize) -> bool {
    if index.schemes.iter().any(|(_, s)| context::scheme(*s, frame, value, View::Raw) != Step::No) {
        return true;
    }
    if index.assigns() && frame[..value].ends_with(b">") && index.names.may_end(frame, value - 1) {
        return true;
    }
    context::name_end(frame, value, View::Raw).is_some_and(|name| {
        index.names.may_end(frame, name)
            && index.named.iter().any(|id| {
                let named = index::named_of(*id);
                context::named(named, frame, value, name) != Step::No
            })
    })
}

fn may_equal(index: &Index, frame: &[u8], at: usize) -> bool {
    if signed::may_end(frame, at)
        && index.signed.iter().any(|(_, rule)| signed::at_padding(rule, frame, at).is_some())
    {
        return true;
    }
    if (index.env.is_some() && context::env(frame, at, View::Raw) != Step::No)
        || may_assign(index, frame, at)
    {
        return true;
    }
    // Only the long base64 values are reached from here; their names are rare.
    if index.named.is_empty() || !may_be_named(index, frame, at) {
        return false;
    }
    let mut value = at + 1;
    while value < frame.len() && value - at <= 17 && b" \"'`\\".contains(&frame[value]) {
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
    index.names.may_end(frame, name)
        && index
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

/// Whether a name may end before the `=` at `at`: a quick no for most.
fn may_be_named(index: &Index, frame: &[u8], at: usize) -> bool {
    match at.checked_sub(1).map(|i| frame[i]) {
        None => false,
        Some(b' ' | b'"' | b'\'' | b'`' | b'\\' | b']' | b')' | b't' | b':') => true,
        Some(_) => index.names.may_end(frame, at),
    }
}
