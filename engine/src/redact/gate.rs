//! The first question at every place: a few look-ups in tables, and no for nearly all of them.
//!
//! The gate serves raw and decoded text alike and is willing: what it turns away holds nothing, what
//! it lets through has to be looked at. It never looks further than a few bytes.

use memchr::{memrchr, memrchr3};

use super::names::Names;
use super::places::Run;

/// What the two bytes before a run say together: a place is looked at if both have a bit in common.
#[derive(Clone)]
pub(crate) struct Gate {
    first: Box<[u8; 256]>,
    second: Box<[u8; 256]>,
    /// One bit for each pair of bytes that an anchor before a run ends with.
    pairs: Box<[u64; 1024]>,
    /// Those of them that a short run may follow.
    short_pairs: Box<[u64; 1024]>,
}

/// Whatever stands before it, this byte before a run means something.
const ALWAYS: u8 = 1;
/// A space behind the last letter of a scheme word.
const SCHEME: u8 = 2;
/// The letter of an escape by number.
const NUMBER: u8 = 4;
/// A space or a quote, behind which the value of an option may stand.
const OPTION: u8 = 8;
/// An anchor may end here.
const BEHIND: u8 = 16;
/// A value may go on over this byte.
const WITHIN: u8 = 32;
/// A value is followed back at most this far, and the word before it a little further.
const WITHIN_MAX: usize = 44;

impl Default for Gate {
    /// A gate of no rules.
    fn default() -> Gate {
        let mut gate = Gate {
            first: Box::new([0; 256]),
            second: Box::new([ALWAYS | OPTION | BEHIND | WITHIN; 256]),
            pairs: Box::new([0; 1024]),
            short_pairs: Box::new([0; 1024]),
        };
        // An escape, an encoded byte, a control sequence of a terminal, an element of XML.
        gate.mark(b"\\%[;>", ALWAYS);
        gate.mark(b" ", SCHEME);
        gate.mark(b" \"'", OPTION);
        gate.mark(b"+/.~", WITHIN);
        gate.mark(b"u", NUMBER);
        for byte in b"rRcC" {
            gate.second[usize::from(*byte)] |= SCHEME;
        }
        gate.second[usize::from(b'\\')] |= NUMBER;
        gate
    }
}

impl Gate {
    fn mark(&mut self, bytes: &[u8], meaning: u8) {
        bytes.iter().for_each(|byte| self.first[usize::from(*byte)] |= meaning);
    }

    /// Lets an anchor pass that ends with these bytes, the first being any if it is 0; behind it
    /// stands a run that is long, or any.
    pub(crate) fn behind(&mut self, last: u8, second: u8, is_long: bool) {
        self.mark(&[last], BEHIND);
        let seconds = if second == 0 { 0..=u8::MAX } else { second..=second };
        for second in seconds {
            let (word, bit) = pair(second, last);
            self.pairs[word] |= bit;
            if !is_long {
                self.short_pairs[word] |= bit;
            }
        }
    }

    /// Whether something may stand before the run at `at` that gives it a meaning.
    #[inline]
    pub(crate) fn before(&self, names: &Names, text: &[u8], at: usize, run: Run) -> bool {
        let Some([second, first]) = at.checked_sub(2).and_then(|from| text.get(from..at)) else {
            return true;
        };
        let meaning = self.first[usize::from(*first)] & self.second[usize::from(*second)];
        meaning != 0 && self.means(meaning, [*second, *first], names, text, at, run)
    }

    fn means(
        &self,
        meaning: u8,
        [second, first]: [u8; 2],
        names: &Names,
        text: &[u8],
        at: usize,
        run: Run,
    ) -> bool {
        let (word, bit) = pair(second, first);
        let pairs = if run.is_long { &self.pairs } else { &self.short_pairs };
        meaning & (ALWAYS | SCHEME | NUMBER) != 0
            || (meaning & BEHIND != 0 && pairs[word] & bit != 0)
            || (meaning & WITHIN != 0 && run.is_long && !run.is_deep && may_be_within(text, at))
            || (meaning & OPTION != 0 && may_be_value(names, text, at))
    }
}

const fn pair(second: u8, last: u8) -> (usize, u64) {
    let place = (second as usize) << 8 | last as usize;
    (place >> 6, 1 << (place & 63))
}

/// Whether the run at `at` may lie in a value behind a scheme word or in an element of XML, or
/// behind the tilde of an anchor: no space stands in such a value.
fn may_be_within(text: &[u8], at: usize) -> bool {
    let near = &text[at.saturating_sub(WITHIN_MAX)..at];
    if near.len() < WITHIN_MAX {
        return true;
    }
    memrchr3(b' ', b'>', b'~', near).is_some_and(|i| {
        near[i] != b' ' || i == 0 || matches!(near[i - 1], b'r' | b'R' | b'c' | b'C')
    })
}

/// Whether the value of an option may begin with the run at `at`: behind a name, spaces and quotes.
#[inline]
fn may_be_value(names: &Names, text: &[u8], at: usize) -> bool {
    let is_quote = |b: &&u8| matches!(**b, b'"' | b'\'' | b'\\');
    let end = at - text[at.saturating_sub(8)..at].iter().rev().take_while(is_quote).count();
    let is_space = |b: &&u8| **b == b' ';
    let spaces = text[end.saturating_sub(3)..end].iter().rev().take_while(is_space).count();
    spaces > 0 && names.may_end(text, end - spaces)
}

/// Bytes that may stand between a name and its sign.
static GAP: [bool; 256] = {
    let mut gap = [false; 256];
    let bytes = b" \t\"'`\\])?:.|+";
    let mut i = 0;
    while i < bytes.len() {
        gap[bytes[i] as usize] = true;
        i += 1;
    }
    gap
};

/// The option stands at most so far before the colon of a login: a user, quotes and a space.
const LOGIN_MAX: usize = 76;

/// Whether a name that matters may end before the sign at `sign`: it touches the sign, or there is
/// little between them.
#[inline]
pub(crate) fn may_assign(names: &Names, text: &[u8], sign: usize) -> bool {
    const BACK: usize = 8;
    let Some(back) = sign.checked_sub(BACK).map(|from| &text[from..sign]) else { return true };
    let next = text.get(sign + 1).copied().unwrap_or(b'x');
    // A comparison, a path, or the first half of a sign.
    let is_variable = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    if matches!(next, b'=' | b':') {
        return text[sign] == b'=' && is_variable(back[BACK - 1]);
    }
    if text[sign] == b':' && !matches!(next, b' ' | b'"' | b'\'' | b'\\' | b'/') {
        // A login: what stands before it is no name.
        let near = &text[sign.saturating_sub(LOGIN_MAX)..sign];
        if memrchr(b' ', near).is_some_and(|i| i == 0 || matches!(near[i - 1], b'u' | b'r')) {
            return true;
        }
    }
    let mut end = BACK;
    for _ in 0..3 {
        end -= usize::from(GAP[usize::from(back[end - 1])]);
    }
    let [second, last] = [back[end - 2], back[end - 1]];
    if GAP[usize::from(last)] || second == b'\\' {
        return true;
    }
    names.may_end(back, end) || (text[sign] == b'=' && is_variable(last) && is_variable(second))
}
