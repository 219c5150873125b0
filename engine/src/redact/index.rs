//! Which rules may match at a place, found out without asking them all.
//!
//! The first three bytes of a run select the rules with a head; the byte before it selects the
//! rules whose anchor stands there, and whether a name or a scheme word may. Built once from the
//! catalogue and what the host switched off.

use super::assign;
use super::catalogue::CATALOGUE;
use super::class::Class;
use super::context::{self, View};
use super::gate::Gate;
use super::inner::Inner;
use super::keyed::KeyedIndex;
use super::matcher::Step;
use super::names::{Kind, Names};
use super::option;
use super::personal::Personal;
use super::rule::{Block, Named, Part, Scheme, Shape, Signed, Token};

use crate::bits::kernel::BLOCK;

/// The rules in force, ordered for look-up.
#[derive(Clone)]
pub(crate) struct Index {
    /// One bit for each hash of the first four bytes of a head: 8 KiB, so that it stays in the first
    /// cache.
    fours: Box<[u64; 1024]>,
    /// The same of the first three, for shorter heads; of two bytes with what may follow them.
    threes: Box<[u64; 1024]>,
    /// Three bytes and a rule, sorted.
    heads: Vec<(u32, u16)>,
    /// The byte before the run, the one before that (0: any), a rule, and how long the run is at
    /// least, sorted.
    behind: Vec<(u8, u8, u16, u8)>,
    /// For each byte before a run, its stretch of `behind`.
    stretches: Box<[(u8, u8); 256]>,
    /// Names that say what their values are.
    pub(crate) names: Names,
    /// Rules that look at every run that begins with so many bytes of a class, and have a certain
    /// byte behind these: the class, how many, the byte, and the rule.
    bare: Vec<(Class, usize, u8, u16)>,
    pub(crate) gate: Gate,
    pub(crate) named: Vec<u16>,
    pub(crate) schemes: Vec<(u16, Scheme)>,
    pub(crate) blocks: Vec<(u16, Block)>,
    pub(crate) signed: Vec<(u16, Signed)>,
    pub(crate) inner: Inner,
    pub(crate) keyed: KeyedIndex,
    pub(crate) env: Option<u16>,
    pub(crate) password: Option<u16>,
    pub(crate) key: Option<u16>,
    pub(crate) userinfo: Option<u16>,
    pub(crate) tilde: Option<u16>,
    pub(crate) personal: Personal,
}

/// A token without an anchor at its beginning is no shorter.
pub(crate) const BARE_MIN: usize = 32;
/// A run is long from here on.
pub(crate) const LONG_MIN: usize = 15;

impl Index {
    /// An index of the built-in rules that `keep` says are in force.
    pub(crate) fn new(names: Names, keep: impl Fn(u16) -> bool) -> Index {
        let mut index = Index {
            fours: Box::new([0; 1024]),
            threes: Box::new([0; 1024]),
            heads: Vec::new(),
            behind: Vec::new(),
            stretches: Box::new([(0, 0); 256]),
            names,
            bare: Vec::new(),
            gate: Gate::default(),
            named: Vec::new(),
            schemes: Vec::new(),
            blocks: Vec::new(),
            keyed: KeyedIndex::new(&keep),
            signed: Vec::new(),
            inner: Inner::new(),
            env: None,
            password: None,
            key: None,
            userinfo: None,
            tilde: None,
            personal: Personal::default(),
        };
        option::NETRC_WORDS.iter().for_each(|word| index.names.announce(word));
        for (id, rule) in (0u16..).zip(CATALOGUE).filter(|(id, _)| keep(*id)) {
            match &rule.shape {
                Shape::Token(token) => index.add_token(id, token),
                Shape::Tilde => index.tilde = Some(id),
                Shape::Named(named) => {
                    index.named.push(id);
                    named.names.iter().for_each(|name| index.names.admit(name));
                }
                Shape::Scheme(scheme) => {
                    index.names.announce(scheme.word());
                    index.schemes.push((id, *scheme));
                }
                Shape::Signed(signed) => index.signed.push((id, *signed)),
                Shape::Block(block) => {
                    index.blocks.push((id, *block));
                    let four = block.begin.as_bytes().first_chunk::<4>().copied();
                    set(&mut index.fours, four_hash(four.expect("a line is longer")));
                }
                Shape::Keyed(_) | Shape::Random => {}
                Shape::Personal(kind) => index.personal.add(id, *kind),
                Shape::Env => index.env = Some(id),
                Shape::Password => index.password = Some(id),
                Shape::Key => index.key = Some(id),
                Shape::Userinfo => index.userinfo = Some(id),
            }
        }
        index.heads.sort_unstable();
        index.heads.dedup();
        index.inner.sort();
        index.behind.sort_unstable();
        for (n, (last, ..)) in (0u8..).zip(&index.behind) {
            let stretch = &mut index.stretches[*last as usize];
            *stretch = if stretch.1 == 0 { (n, n + 1) } else { (stretch.0, n + 1) };
        }
        index
    }

    /// The rules whose head begins with the three bytes at `at`, or with the first two if it has no
    /// more.
    #[inline]
    pub(crate) fn heads(&self, text: &[u8], at: usize) -> impl Iterator<Item = u16> + '_ {
        let three = text.get(at..at + 3).filter(|_| self.may_head(text, at));
        let of = |key: u32| {
            let low = self.heads.partition_point(|(k, _)| *k < key);
            let count = self.heads[low..].partition_point(|(k, _)| *k == key);
            &self.heads[low..low + count]
        };
        let [long, short] = match three {
            Some(three) => {
                [of(key([three[0], three[1], three[2]])), of(key([three[0], three[1], 0]))]
            }
            None => [&[][..], &[]],
        };
        long.iter().chain(short).map(|(_, id)| *id)
    }

    /// Whether a head or a block may begin with the three bytes at `at`.
    #[inline]
    pub(crate) fn may_head(&self, text: &[u8], at: usize) -> bool {
        match text.get(at..).unwrap_or_default() {
            [a, b, c, d, ..] => self.may_begin([*a, *b, *c, *d]),
            // What follows is not known yet.
            [_, _, _] => true,
            _ => false,
        }
    }

    /// Whether a head or a block may begin with these bytes. No branch depends on them.
    #[inline]
    pub(crate) fn may_begin(&self, four: [u8; 4]) -> bool {
        let [a, b, c, _] = four;
        has(&self.fours, four_hash(four)) | has(&self.threes, hash(key([a, b, c])))
    }

    /// The rules without an anchor at the beginning of the run, if the run at `at` begins as theirs
    /// do.
    #[inline]
    pub(crate) fn bare<'a>(&'a self, text: &'a [u8], at: usize) -> impl Iterator<Item = u16> + 'a {
        let four = text.get(at..at + 4).and_then(|t| t.first_chunk::<4>().copied());
        let begins =
            move |class: &Class| four.is_some_and(|four| four.iter().all(|b| class.has(*b)));
        // Most runs are short: a few looks at single bytes tell so.
        const WIDE: Class = Class::TOKEN.or(Class::BASE64);
        let goes_on = |ahead: usize| text.get(at + ahead).is_none_or(|b| WIDE.has(*b));
        let is_long = goes_on(BARE_MIN - 1) && goes_on(20) && goes_on(14);
        let fits = move |(class, count, byte, _): &&(Class, usize, u8, u16)| {
            is_long && text.get(at + count).is_none_or(|behind| behind == byte) && begins(class)
        };
        self.bare.iter().filter(fits).map(|(.., id)| *id)
    }

    /// The rules whose anchor may end right before `at`, where a run starts that is long enough.
    #[inline]
    pub(crate) fn behind(&self, text: &[u8], at: usize) -> impl Iterator<Item = u16> + '_ {
        let (second, last) = match *text[..at].last_chunk::<2>().unwrap_or(&[0, text[0]]) {
            [second, last] if at > 0 => (second, last),
            _ => (0, 0),
        };
        let (low, high) = self.stretches[usize::from(last)];
        let count = match low < high {
            true => Class::TOKEN.span(text, at, BLOCK),
            false => 0,
        };
        // Of raw text that ends within the run more may come.
        let length = if at + count == text.len() { BLOCK } else { count };
        self.behind[low as usize..high as usize]
            .iter()
            .filter(move |(_, before, ..)| *before == 0 || *before == second)
            .filter(move |(.., least)| length >= usize::from(*least))
            .map(|(_, _, id, _)| *id)
    }

    /// Whether any rule goes by a name alone.
    #[inline]
    pub(crate) fn assigns(&self) -> bool {
        self.password.is_some() || self.key.is_some()
    }

    /// The rule for values of such names.
    pub(crate) fn assigned(&self, kind: Kind) -> Option<u16> {
        if kind == Kind::Password { self.password } else { self.key }
    }

    /// Whether a name before the sign at `at` of decoded text gives it a secret.
    pub(crate) fn is_given(&self, text: &[u8], at: usize) -> bool {
        (self.assigns() && assign::find(&self.names, text, at).is_some())
            || (text[at] == b'=' && self.env.is_some() && context::env(text, at) != Step::No)
            || self.long_value(text, at).is_some()
    }

    /// The value of base64 behind the sign at `at`, if its name has such a value: its rule, where it
    /// starts, and where its smallest form ends.
    pub(crate) fn long_value(&self, text: &[u8], at: usize) -> Option<(u16, usize, usize)> {
        let mut value = at + 1;
        while value < text.len() && value - at <= 8 && b" \t\"'`\\>".contains(&text[value]) {
            value += 1;
        }
        if !Class::BASE64.has(*text.get(value)?) {
            return None;
        }
        let name = context::name_end(text, value, View::Plain)?;
        self.named.iter().find_map(|id| match context::named(named_of(*id), text, value, name) {
            Step::Yes(start, end) => Some((*id, start, end)),
            _ => None,
        })
    }

    fn add_token(&mut self, id: u16, token: &Token) {
        self.inner.add(id, token);
        if let Some(part) = token.before.first() {
            let (Part::Lit(lit) | Part::Context(lit)) = part else {
                unreachable!("the part next to the run is a text: a test holds the catalogue to it")
            };
            let (second, last) = match *lit.as_bytes() {
                [.., second, last] => (second, last),
                [last] => (0, last),
                [] => unreachable!("texts of the catalogue are not empty"),
            };
            self.behind.push((last, second, id, demanded(token).min(BLOCK) as u8));
            self.gate.behind(token.before, demanded(token));
            return;
        }
        for head in token.heads {
            match *head.as_bytes() {
                [] => self.bare.push(bare_of(token, id)),
                [a, b, c] => {
                    self.heads.push((key([a, b, c]), id));
                    set(&mut self.threes, hash(key([a, b, c])));
                }
                [a, b, c, d, ..] => {
                    self.heads.push((key([a, b, c]), id));
                    set(&mut self.fours, four_hash([a, b, c, d]));
                }
                // A short head stands for all that may follow it.
                [a, b] => {
                    self.heads.push((key([a, b, 0]), id));
                    let follows = match token.after.first() {
                        Some(Part::Run(class, ..) | Part::Exact(class, _)) => *class,
                        _ => Class::TOKEN,
                    };
                    for c in follows.members() {
                        set(&mut self.threes, hash(key([a, b, c])));
                    }
                }
                [_] => unreachable!("no head is one byte long: a test holds the catalogue to it"),
            }
        }
    }
}

/// The matcher's data of a rule with characters of its own.
pub(crate) fn token_of(id: u16) -> &'static Token {
    match &CATALOGUE[id as usize].shape {
        Shape::Token(token) => token,
        _ => unreachable!("only such rules are put into these lists"),
    }
}

/// The matcher's data of a rule that goes by a name.
pub(crate) fn named_of(id: u16) -> &'static Named {
    match &CATALOGUE[id as usize].shape {
        Shape::Named(named) => named,
        _ => unreachable!("only such rules are put into this list"),
    }
}

/// What a rule without an anchor at the beginning looks for first.
fn bare_of(token: &Token, id: u16) -> (Class, usize, u8, u16) {
    let mut offset = 0;
    for part in token.after {
        match (part, token.after.first()) {
            (Part::Exact(_, count), _) => offset += count,
            (Part::Lit(lit), Some(Part::Exact(class, _))) => {
                return (*class, offset, lit.as_bytes()[0], id);
            }
            _ => break,
        }
    }
    unreachable!("such a rule has a length and a text behind it: a test holds it to that")
}

/// How many token bytes a run has at least that such a token begins with.
fn demanded(token: &Token) -> usize {
    let head = token.heads.iter().map(|head| head.len()).min().unwrap_or(0);
    let mut count = head;
    for part in token.after {
        match part {
            Part::Run(class, min, _) | Part::Exact(class, min) if is_token_class(*class) => {
                count += min;
                if matches!(part, Part::Run(..)) {
                    break;
                }
            }
            _ => break,
        }
    }
    count
}

/// Whether all bytes of a class are token bytes.
fn is_token_class(class: Class) -> bool {
    class.members().all(|byte| Class::TOKEN.has(byte))
}

pub(super) const fn key(three: [u8; 3]) -> u32 {
    (three[0] as u32) << 16 | (three[1] as u32) << 8 | three[2] as u32
}

/// Sixteen bits out of three bytes.
pub(super) const fn hash(key: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B1) >> 16) as usize
}

/// Sixteen bits out of four bytes.
const fn four_hash(four: [u8; 4]) -> usize {
    (u32::from_be_bytes(four).wrapping_mul(0x9E37_79B1) >> 16) as usize
}

#[inline]
fn has<const N: usize>(bits: &[u64; N], place: usize) -> bool {
    bits[place >> 6] >> (place & 63) & 1 != 0
}

fn set<const N: usize>(bits: &mut [u64; N], place: usize) {
    bits[place >> 6] |= 1 << (place & 63);
}
