//! Anchors in the middle of a run: `KEY_ghp_...`, `my-glpat-...`.
//!
//! A run is looked at where it starts, so what is glued to the front of a token would hide it. To
//! ask at every byte would cost more than all else. But the heads that are long enough to be
//! unmistakable end with `_` or `-`: so it is enough to ask at these, with the four bytes that end
//! there, near the beginning of a run that is long enough. Names are no longer than `REACH`, and
//! what follows a token is part of it.
//!
//! A match at such a place has less to show than one at a border, so a token has to look drawn at
//! random when a letter or digit is glued to it, and to hold both letters and digits in any case.

use super::class::{self, Class};
use super::context::View;
use super::matcher;
use super::rule::{Part, Token};
use crate::bits::mask;

/// An anchor is looked for this far into a run.
const REACH: usize = 64;
/// And so much further in raw text, where a run may begin with the digits of an escape.
const REACH_RAW: usize = REACH + 16;
/// A run is looked into from this length on: no head and what it demands are shorter.
pub(crate) const LENGTH_MIN: usize = 24;
/// What a token demands behind its head.
const BODY_MIN: usize = 16;
/// A shorter head is no more than a syllable: a sign has to stand before it.
const LONE_MIN: usize = 6;

/// The heads that are known in the middle of a run, by the four bytes that they end with.
#[derive(Clone)]
pub(crate) struct Inner {
    /// One bit for each hash of four bytes.
    bits: [u64; 64],
    /// Four bytes, how long the head is, and the rule, sorted.
    heads: Vec<(u32, u8, u16)>,
}

impl Inner {
    pub(crate) fn new() -> Inner {
        Inner { bits: [0; 64], heads: Vec::new() }
    }

    /// Takes up those heads of a rule that are unmistakable.
    pub(crate) fn add(&mut self, id: u16, token: &Token) {
        let demanded = match token.after.first() {
            Some(Part::Run(_, count, _) | Part::Exact(_, count)) => *count,
            _ => 0,
        };
        if token.word || !token.before.is_empty() || demanded < BODY_MIN {
            return;
        }
        for head in token.heads.iter().map(|head| head.as_bytes()) {
            if let [.., a, b, c, last @ (b'_' | b'-')] = head
                && head.len() + demanded < u8::MAX.into()
            {
                let key = u32::from_be_bytes([*a, *b, *c, *last]);
                self.heads.push((key, head.len() as u8, id));
                self.bits[hash(key) >> 6] |= 1 << (hash(key) & 63);
            }
        }
    }

    /// To be called when all are taken up, before anything is asked.
    pub(crate) fn sort(&mut self) {
        self.heads.sort_unstable();
    }

    /// Whether a head may end at one of the `_` and `-` that the mask tells of, from `at` on.
    #[inline]
    pub(crate) fn may_hold(&self, text: &[u8], at: usize, marks: u64) -> bool {
        // The head at `at` itself is not asked about.
        mask::places(marks & !7).any(|i| {
            let four = text.get(at + i - 3..).and_then(|text| text.first_chunk::<4>());
            four.is_none_or(|four| {
                let key = u32::from_be_bytes(*four);
                self.bits[hash(key) >> 6] >> (hash(key) & 63) & 1 != 0
            })
        })
    }

    /// Asks about every head within the run at `at`, which goes on to the end of `text` or to
    /// another byte; whether one of the answers was yes. The head at `at` itself is not asked about.
    /// Of raw text that ends within the run it is taken to be so.
    #[inline]
    pub(crate) fn any(
        &self,
        text: &[u8],
        at: usize,
        view: View,
        ask: impl FnMut(u16, usize) -> bool,
    ) -> bool {
        // Most runs are short: four looks at single bytes tell so.
        let is_short = |ahead: &usize| text.get(at + ahead).is_some_and(|b| !Class::TOKEN.has(*b));
        if [LENGTH_MIN - 1, 17, 13, 20].iter().any(is_short) {
            return false;
        }
        let reach = if view == View::Raw { REACH_RAW } else { REACH };
        let near = &text[at..text.len().min(at + reach)];
        self.any_within(near, at, ask)
            || (view == View::Raw
                && near.len() < reach
                && near.iter().all(|b| Class::TOKEN.has(*b)))
    }

    fn any_within(&self, near: &[u8], at: usize, mut ask: impl FnMut(u16, usize) -> bool) -> bool {
        class::meter(near.len());
        for i in memchr::memchr2_iter(b'_', b'-', near) {
            let Some(four) = near[..=i].last_chunk::<4>() else { continue };
            let key = u32::from_be_bytes(*four);
            if self.bits[hash(key) >> 6] >> (hash(key) & 63) & 1 == 0 {
                continue;
            }
            let low = self.heads.partition_point(|(k, ..)| *k < key);
            for (_, length, id) in self.heads[low..].iter().take_while(|(k, ..)| *k == key) {
                if !Class::TOKEN.all(&near[..i]) {
                    return false;
                }
                let start = (i + 1).checked_sub(usize::from(*length)).filter(|start| *start > 0);
                if start.is_some_and(|start| ask(*id, at + start)) {
                    return true;
                }
            }
        }
        false
    }
}

/// Whether the smallest form of a token with a head of this length, from `start` to `end`, may stand
/// in the middle of a run.
pub(crate) fn is_token(token: &Token, text: &[u8], start: usize, end: usize) -> bool {
    let Some(head) = token.heads.iter().find(|head| text[start..].starts_with(head.as_bytes()))
    else {
        return false;
    };
    let body = &text[start + head.len()..end];
    let is_apart = matches!(text[start - 1], b'_' | b'-');
    matcher::is_mixed(body) && (is_apart || (head.len() >= LONE_MIN && matcher::is_random(body)))
}

/// Twelve bits out of four bytes.
const fn hash(key: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B1) >> 20) as usize
}
