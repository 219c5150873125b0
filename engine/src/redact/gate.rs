//! The first question at every place: a few look-ups in tables, and no for nearly all of them.
//!
//! The gate serves raw and decoded text alike and is willing: what it turns away holds nothing, what
//! it lets through has to be looked at. It never looks further than a few bytes.

use super::index::{self, Index};
use super::names::Names;

/// What the two bytes before a run say together: a place is looked at if both have a bit in common.
#[derive(Clone)]
pub(crate) struct Gate {
    first: Box<[u8; 256]>,
    second: Box<[u8; 256]>,
}

/// Whatever stands before it, this byte before a run means something.
const ALWAYS: u8 = 1;
/// A space behind the last letter of a scheme word.
const SCHEME: u8 = 2;
/// The letter of an escape by number.
const NUMBER: u8 = 4;
/// A space or a quote, behind which the value of an option may stand.
const OPTION: u8 = 8;

impl Default for Gate {
    fn default() -> Gate {
        Gate { first: Box::new([0; 256]), second: Box::new([ALWAYS | OPTION; 256]) }
    }
}

impl Gate {
    /// A gate for these rules.
    pub(crate) fn new(index: &Index) -> Gate {
        let Gate { mut first, mut second } = Gate::default();
        for byte in 0..=u8::MAX {
            let meaning = index.before(byte);
            if meaning & (index::BEHIND | index::WITHIN) != 0 {
                first[usize::from(byte)] |= ALWAYS;
            }
        }
        // An escape, an encoded byte, a control sequence of a terminal, an element of XML.
        for byte in b"\\%[;>" {
            first[usize::from(*byte)] |= ALWAYS;
        }
        first[usize::from(b' ')] |= SCHEME;
        for byte in b"rRcC" {
            second[usize::from(*byte)] |= SCHEME;
        }
        for byte in b" \"'" {
            first[usize::from(*byte)] |= OPTION;
        }
        first[usize::from(b'u')] |= NUMBER;
        second[usize::from(b'\\')] |= NUMBER;
        Gate { first, second }
    }

    /// Whether something may stand before the run at `at` that gives it a meaning.
    #[inline]
    pub(crate) fn before(&self, names: &Names, text: &[u8], at: usize) -> bool {
        match at.checked_sub(2).and_then(|from| text.get(from..at)) {
            Some([second, first]) => {
                let meaning = self.first[usize::from(*first)] & self.second[usize::from(*second)];
                meaning & !OPTION != 0 || (meaning != 0 && may_be_value(names, text, at))
            }
            _ => true,
        }
    }
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
        return true;
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
