//! Which rules may match at a place, found out without asking them all.
//!
//! The first three bytes of a run select the rules with a head; the byte before it selects the
//! rules whose anchor stands there, and whether a name or a scheme word may. Built once from the
//! catalogue and what the host switched off.

use super::catalogue::CATALOGUE;
use super::class::Class;
use super::gate::{self, Gate};
use super::inner::Inner;
use super::keyed::KeyedIndex;
use super::names::{Kind, Names};
use super::personal::Personal;
use super::places::Run;
use super::rule::{Block, Named, Part, Scheme, Shape, Signed, Token};

/// The rules in force, ordered for look-up.
#[derive(Clone)]
pub(crate) struct Index {
    /// One bit for each hash of the first four bytes of a head: 8 KiB, so that it stays in the first
    /// cache. What is shorter has tables of its own.
    fours: Box<[u64; 1024]>,
    threes: [u64; 64],
    twos: [u64; 64],
    /// Three bytes and a rule, sorted.
    heads: Vec<(u32, u16)>,
    /// The byte before the run, the one before that (0: any), and a rule, sorted.
    behind: Vec<(u8, u8, u16)>,
    /// For each byte before a run, its stretch of `behind`.
    stretches: Box<[(u8, u8); 256]>,
    /// Names that say what their values are.
    pub(crate) names: Names,
    /// What a byte before a run may mean.
    before: Box<[u8; 256]>,
    /// Rules that look at every run that begins with so many bytes of a class, and have a certain
    /// byte behind these: the class, how many, the byte, and the rule.
    bare: Vec<(Class, usize, u8, u16)>,
    gate: Gate,
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

/// An anchor may end with this byte.
pub(crate) const BEHIND: u8 = 1;
/// A name or a scheme word may stand before this byte.
pub(crate) const CONTEXT: u8 = 2;
/// A value may go on over this byte.
pub(crate) const WITHIN: u8 = 4;
/// This byte may stand before the space that stands before a value.
pub(crate) const NEAR: u8 = 8;

/// A token without an anchor at its beginning is no shorter.
pub(crate) const BARE_MIN: usize = 32;
/// A run is long from here on.
pub(crate) const LONG_MIN: usize = 15;

impl Index {
    /// An index of the built-in rules that `keep` says are in force.
    pub(crate) fn new(names: Names, keep: impl Fn(u16) -> bool) -> Index {
        let mut index = Index {
            fours: Box::new([0; 1024]),
            threes: [0; 64],
            twos: [0; 64],
            heads: Vec::new(),
            behind: Vec::new(),
            stretches: Box::new([(0, 0); 256]),
            names,
            before: Box::new([0; 256]),
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
        index.mark(b" \t\"'`\\])=:>trRcC", NEAR);
        for (id, rule) in (0u16..).zip(CATALOGUE).filter(|(id, _)| keep(*id)) {
            match &rule.shape {
                Shape::Token(token) => index.add_token(id, token),
                Shape::Tilde => {
                    index.tilde = Some(id);
                    index.mark(b".~", WITHIN);
                }
                Shape::Named(named) => {
                    index.named.push(id);
                    named.names.iter().for_each(|name| index.names.admit(name));
                    index.mark(b" \t\"'`\\=:>tn", CONTEXT);
                    index.mark(b"+/.~", WITHIN);
                }
                Shape::Scheme(scheme) => {
                    index.schemes.push((id, *scheme));
                    index.mark(b" ", CONTEXT);
                    index.mark(b"+/.~", WITHIN);
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

    /// Whether the run at `at` deserves a look: no for nearly all.
    #[inline]
    pub(crate) fn may_run(&self, text: &[u8], at: usize, run: Run) -> bool {
        self.may_head(text, at)
            || self.gate.before(&self.names, text, at, run)
            || text[at] == b'-'
            || self.bare(text, at).next().is_some()
    }

    /// Whether the sign at `at` deserves a look: no for nearly all.
    #[inline]
    pub(crate) fn may_assign(&self, text: &[u8], at: usize) -> bool {
        gate::may_assign(&self.names, text, at)
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
            [a, b, c, d, ..] => {
                has(&self.fours, four_hash([*a, *b, *c, *d]))
                    || has(&self.threes, hash(key([*a, *b, *c])))
                    || has(&self.twos, hash(key([*a, *b, 0])))
            }
            // What follows is not known yet.
            [_, _, _] => true,
            _ => false,
        }
    }

    /// What the byte before a run may mean: a union of the constants above.
    #[inline]
    pub(crate) fn before(&self, byte: u8) -> u8 {
        self.before[byte as usize]
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

    /// The rules whose anchor may end right before `at`.
    #[inline]
    pub(crate) fn behind(&self, text: &[u8], at: usize) -> impl Iterator<Item = u16> + '_ {
        let (second, last) = match *text[..at].last_chunk::<2>().unwrap_or(&[0, text[0]]) {
            [second, last] if at > 0 => (second, last),
            _ => (0, 0),
        };
        let (low, high) = self.stretches[usize::from(last)];
        self.behind[low as usize..high as usize]
            .iter()
            .filter(move |(_, before, _)| *before == 0 || *before == second)
            .map(|(.., id)| *id)
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
            self.behind.push((last, second, id));
            self.gate.behind(last, second, demanded(token) >= LONG_MIN);
            self.mark(&[last], BEHIND);
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
                    set(&mut self.twos, hash(key([a, b, 0])));
                }
                [_] => unreachable!("no head is one byte long: a test holds the catalogue to it"),
            }
        }
    }

    fn mark(&mut self, bytes: &[u8], meaning: u8) {
        bytes.iter().for_each(|b| self.before[*b as usize] |= meaning);
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

const fn key(three: [u8; 3]) -> u32 {
    (three[0] as u32) << 16 | (three[1] as u32) << 8 | three[2] as u32
}

/// Twelve bits out of three bytes.
const fn hash(key: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B1) >> 20) as usize
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
