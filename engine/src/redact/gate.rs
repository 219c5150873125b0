//! The first question at every place: a few look-ups in tables, and no for nearly all of them.
//!
//! The gate serves raw and decoded text alike and is willing: what it turns away holds nothing, what
//! it lets through has to be looked at. It never looks further than a few bytes.

use super::class::{self, Class};
use super::index;
use super::names::{self, Names};
use super::rule::Part;
use crate::bits::kernel::BLOCK;

/// What a few bytes before a run tell.
#[derive(Clone)]
pub(crate) struct Gate {
    /// One bit for each hash of three bytes that an anchor ends with.
    threes: Box<[u64; 1024]>,
    /// How long a run is at least that an anchor of one byte stands before, for each byte; if a
    /// capital or a digit stands before that, or anything else.
    lasts: Box<[[u8; 256]; 2]>,
}

impl Default for Gate {
    /// A gate of no rules.
    fn default() -> Gate {
        let mut gate = Gate { threes: Box::new([0; 1024]), lasts: Box::new([[u8::MAX; 256]; 2]) };
        // An escape, an encoded byte, the end of a control sequence.
        for byte in *b"\\%[;" {
            gate.lasts.iter_mut().for_each(|lasts| lasts[usize::from(byte)] = 0);
        }
        gate
    }
}

impl Gate {
    /// Lets these anchors pass, nearest first, and behind them a run of at least so many bytes.
    pub(crate) fn behind(&mut self, before: &[Part], length: usize) {
        let (Some(Part::Lit(text) | Part::Context(text)), rest) =
            (before.first(), before.get(1..).unwrap_or_default())
        else {
            unreachable!("the part next to the run is a text: a test holds the catalogue to it")
        };
        let [last] = *text.as_bytes() else { return self.ends_with(text.as_bytes()) };
        let may_stand = |class: Class| match rest.first() {
            Some(Part::Run(of, ..) | Part::Exact(of, _)) => {
                of.members().any(|byte| class.has(byte))
            }
            _ => true,
        };
        let length = length.min(BLOCK) as u8;
        for (lasts, class) in self.lasts.iter_mut().zip([OTHER, Class::UPNUM]) {
            if may_stand(class) {
                let known = &mut lasts[usize::from(last)];
                *known = (*known).min(length);
            }
        }
    }

    /// Lets every run pass that such a text of two bytes or more stands before.
    fn ends_with(&mut self, text: &[u8]) {
        let mut set = |three: [u8; 3]| {
            let place = index::hash(index::key(three));
            self.threes[place >> 6] |= 1 << (place & 63);
        };
        match *text {
            [.., a, b, c] => set([a, b, c]),
            [b, c] => (0..=u8::MAX).for_each(|a| set([a, b, c])),
            _ => unreachable!("texts of one byte have a table of their own"),
        }
    }

    /// Whether something may stand before a run of so many bytes that gives it a meaning, ending with
    /// these bytes. A length of 64 stands for more as well.
    #[inline(always)]
    pub(crate) fn before(&self, three: [u8; 3], length: usize) -> bool {
        let place = index::hash(index::key(three));
        let is_other = !(three[1].is_ascii_digit() | three[1].is_ascii_uppercase());
        let lasts = &self.lasts[usize::from(!is_other)];
        (self.threes[place >> 6] >> (place & 63) & 1 != 0)
            | (length >= usize::from(lasts[usize::from(three[2])]))
            | ((three[1] == b'\\') & (three[2] == b'u'))
    }
}

/// What is no capital and no digit, of what a token is made of.
const OTHER: Class = Class::LOWER.or(Class::DASH).or(Class::UNDER).or(Class::DOT);

/// Bytes that may stand between a name and its sign.
static GAP: [bool; 256] = class::table(b" \t\"'`\\])?:.|+");

/// So many bytes before a sign are looked at.
pub(crate) const BACK: usize = 8;

/// Whether a name that matters may end before a sign: it touches the sign, or there is little
/// between them. `back` stands before the sign and `next` behind it.
#[inline(always)]
pub(crate) fn may_assign(names: &Names, back: [u8; BACK], sign: u8, next: u8) -> bool {
    let is_variable = |b: u8| b.is_ascii_uppercase() | b.is_ascii_digit() | (b == b'_');
    // A comparison, a path, or the first half of a sign.
    if matches!(next, b'=' | b':') {
        return (sign == b'=') & is_variable(back[BACK - 1]);
    }
    let is_gap = |n: usize| GAP[usize::from(back[BACK - 1 - n])];
    let first = is_gap(0);
    let second = first & is_gap(1);
    let gap = usize::from(first) + usize::from(second) + usize::from(second & is_gap(2));
    // The last character of the name comes first.
    let name = u64::from_le_bytes(back) << (8 * gap);
    let [a, b, c, d, e, ..] = name.to_be_bytes();
    GAP[usize::from(a)]
        | (b == b'\\')
        | names::is_spelled(&back, BACK - gap)
        | names.may_be([a, b, c, d, e], &back[..BACK - gap], true)
        | ((sign == b'=') & is_variable(a) & is_variable(b))
}

/// Whether a word for what follows ends before a space: `Bearer`, `Basic`, `login`, `machine`.
#[inline(always)]
pub(crate) fn may_announce(last: [u8; 3]) -> bool {
    matches!(
        last.map(|b| b | 0x20),
        [b'r', b'e', b'r'] | [b's', b'i', b'c'] | [b'g', b'i', b'n'] | [b'i', b'n', b'e']
    )
}

/// Whether an option may begin at `at` that a value follows, or is glued to.
#[inline(always)]
pub(crate) fn may_be_option(names: &Names, text: &[u8], at: usize, end: usize) -> bool {
    match text.get(at + 1) {
        Some(b'p' | b'u') | None => true,
        Some(b'-') if text.get(at + 2) == Some(&b'u') => true,
        Some(_) => text.get(end).is_none_or(|b| *b == b' ') && names.may_end(text, end),
    }
}
