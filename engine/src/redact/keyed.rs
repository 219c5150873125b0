//! Secrets that nothing in their own characters tells, but the name of their provider before them
//! does.
//!
//! ```text
//!   DATADOG_API_KEY = "0123…cdef"       hex, 32: the length selects the rules,
//!   words before it     run             the words before it the one among them
//! ```
//!
//! The search goes from the value to its name: a run whose length no rule has ends it at once, and
//! so does one that holds no digit. Then the words of the name and of the line before it, at most
//! [`WINDOW`] bytes, are looked up in a table. Beside the provider's word there has to be one that
//! says "key": so trace ids and commits, which have the same shape, stay. Work at one run is
//! bounded.

use std::ops::Range;

use memchr::memmem;

use super::catalogue::CATALOGUE;
use super::class::{self, Class};
use super::context::{NAME_MAX, View};
use super::entropy;
use super::judge;
use super::matcher;
use super::rule::{Form, Keyed, Shape};

/// Bytes before a value in which its name is looked for.
const WINDOW: usize = 64;
/// So many quotes, spaces and signs may stand between a name and its value.
const GAP_MAX: usize = 12;
/// No value of such a rule is longer.
const RUN_MAX: usize = 100;
/// A value of the entropy rule is at least as long.
const RANDOM_MIN: usize = 20;

/// Words that say that a key follows: one of them has to stand in the name or near it.
const KEY_WORDS: &[&str] = &[
    "key",
    "token",
    "secret",
    "password",
    "passwd",
    "auth",
    "api",
    "credential",
    "access",
    "private",
    "pat",
    "pwd",
    "signing",
    "login",
    "cred",
];

/// The rules of this kind, ordered for look-up.
#[derive(Clone)]
pub(crate) struct KeyedIndex {
    /// For each length of a run, the rules that have values of it: a bit for each in `rules`.
    lengths: Box<[u128; RUN_MAX + 1]>,
    /// One bit for each of them up to 63.
    has_length: u64,
    rules: Vec<(u16, &'static Keyed)>,
    /// Providers' words with their rules, sorted.
    words: Vec<(&'static str, u128)>,
    /// One bit for each hash of three letters that some word begins with.
    begins: [u64; 16],
    /// The rule for random values with no provider.
    entropy: Option<u16>,
}

/// What the words before a value say.
#[derive(Clone, Copy, Default)]
struct Words {
    /// The rules of the providers that are named.
    rules: u128,
    /// A word says "key".
    key: bool,
    /// The last word does.
    key_last: bool,
    /// The last word stands in capitals, as in `FLICKR SECRET` or `flickrKEY`.
    loud: bool,
    /// What is named is handed to and fro, or public.
    passing: bool,
}

impl KeyedIndex {
    /// Of the rules of the catalogue that `keep` says are in force.
    pub(crate) fn new(keep: impl Fn(u16) -> bool) -> KeyedIndex {
        let mut index = KeyedIndex {
            lengths: Box::new([0; RUN_MAX + 1]),
            has_length: 0,
            rules: Vec::new(),
            words: Vec::new(),
            begins: [0; 16],
            entropy: None,
        };
        for (id, rule) in (0u16..).zip(CATALOGUE).filter(|(id, _)| keep(*id)) {
            match &rule.shape {
                Shape::Keyed(keyed) => index.add(id, keyed),
                Shape::Random => index.entropy = Some(id),
                _ => {}
            }
        }
        index.words.sort_unstable();
        if index.entropy.is_some() {
            for n in RANDOM_MIN..=RUN_MAX {
                index.lengths[n] |= 1 << 127;
            }
        }
        for word in KEY_WORDS {
            index.begin(word);
        }
        index.has_length = (0..64).fold(0, |all, n| all | u64::from(index.lengths[n] != 0) << n);
        index
    }

    fn add(&mut self, id: u16, keyed: &'static Keyed) {
        let bit = 1u128 << self.rules.len();
        self.rules.push((id, keyed));
        for form in keyed.forms {
            let (min, max) = form.lengths();
            self.lengths[min..=max].iter_mut().for_each(|rules| *rules |= bit);
        }
        for word in keyed.words {
            match self.words.iter_mut().find(|(known, _)| known == word) {
                Some((_, rules)) => *rules |= bit,
                None => self.words.push((word, bit)),
            }
            self.begin(word);
        }
    }

    fn begin(&mut self, word: &str) {
        if let [a, b, ..] = *word.as_bytes() {
            let hash = hash(a, b);
            self.begins[hash >> 6] |= 1 << (hash & 63);
        }
    }

    /// Looks for a value that the run at `at` is; the rule and where it ends.
    pub(crate) fn find(&self, text: &[u8], at: usize) -> Option<(u16, usize)> {
        let end = self.name_end(text, at, View::Plain)?;
        let count = self.fitting(text, at, View::Plain)?;
        if text.get(at + count) == Some(&b'(') {
            // The name of a function.
            return None;
        }
        let part = line(text, end, View::Plain);
        if !has_key_word(&text[part.clone()]) {
            return None;
        }
        let words = self.read(text, part);
        self.judge(&text[at..at + count], words).map(|id| (id, at + count))
    }

    /// The rule for a text that is the value of a member of this name.
    pub(crate) fn member(&self, name: &[u8], text: &[u8]) -> Option<u16> {
        let is_run = text.len() <= RUN_MAX && Class::TOKEN.all(text);
        if !is_run || self.lengths[text.len()] == 0 || !text.iter().any(u8::is_ascii_digit) {
            return None;
        }
        let low = name.len().saturating_sub(WINDOW);
        self.judge(text, self.read(name, low..name.len()))
    }

    /// On raw text: whether such a value may begin at `at`.
    pub(crate) fn may_find(&self, frame: &[u8], at: usize) -> bool {
        let Some(end) = self.name_end(frame, at, View::Raw) else { return false };
        let Some(count) = self.fitting(frame, at, View::Raw) else { return false };
        at + count == frame.len() || self.may_be_told(frame, end, count)
    }

    /// Whether the words before `end` may tell what the value is, `count` bytes long.
    fn may_be_told(&self, frame: &[u8], end: usize, count: usize) -> bool {
        let part = line(frame, end, View::Raw);
        if !has_key_word(&frame[part.clone()]) {
            return false;
        }
        let words = self.read(frame, part);
        (words.key && words.rules & self.lengths[count] != 0)
            || (words.key_last && self.entropy.is_some() && count >= RANDOM_MIN)
    }

    /// Which rule a run belongs to that has these words before it.
    fn judge(&self, run: &[u8], words: Words) -> Option<u16> {
        let mut fits = if words.key { words.rules & self.lengths[run.len()] } else { 0 };
        while fits != 0 {
            let (id, keyed) = self.rules[fits.trailing_zeros() as usize];
            if keyed.forms.iter().any(|form| form.is(run)) {
                return Some(id);
            }
            fits &= fits - 1;
        }
        // Behind such a word a value need not look random, only like no word.
        if words.loud
            && run.len() >= RANDOM_MIN
            && !matches!(run.len(), 36 | 40 | 64)
            && judge::is_dense(run)
            && judge::is_varied(run)
        {
            return self.entropy;
        }
        let is_random = words.key_last
            && run.len() >= RANDOM_MIN
            && !Class::HEX.or(Class::DASH).all(run)
            && entropy::is_random(run)
            && !judge::is_stand_in(run);
        self.entropy.filter(|_| is_random && !words.passing)
    }

    /// Where the name of the value at `at` ends, unless its last word says that the value is no key.
    #[inline]
    fn name_end(&self, text: &[u8], at: usize, view: View) -> Option<usize> {
        let is_behind_escape = at >= 2 && text[at - 2] == b'\\';
        if !is_gap(text[at.checked_sub(1)?]) && !is_behind_escape {
            return None;
        }
        let raw = if view == View::Raw { 2 } else { 1 };
        let end = gap_start(text, at, GAP_MAX * raw);
        (!names_no_key(&text[..end])).then_some(end)
    }

    /// The length of the run at `at`, if a rule has values of that length and it may be one.
    fn fitting(&self, text: &[u8], at: usize, view: View) -> Option<usize> {
        let count = Class::TOKEN.span(text, at, RUN_MAX + 1);
        if view == View::Raw && at + count == text.len() {
            return Some(count);
        }
        let rules = self.lengths.get(count)?;
        (*rules != 0 && may_be_value(&text[at..at + count])).then_some(count)
    }

    /// Whether a run of so many bytes may be such a value, with these bytes before it. A length of
    /// 64 stands for more as well.
    #[inline]
    pub(crate) fn may_be(&self, second: u8, last: u8, length: usize, has_digit: bool) -> bool {
        let is_behind_escape = (second == b'\\') | (last == b'\\');
        let is_behind = GAPS[usize::from(last)] | is_behind_escape;
        let is_known = self.has_length >> (length % 64) & 1 != 0;
        let has_length = is_known | (length >= 64) | is_behind_escape;
        is_behind & has_length & has_digit
    }

    /// Reads the words in a part of a text.
    fn read(&self, text: &[u8], part: Range<usize>) -> Words {
        class::meter(part.len());
        let mut words = Words::default();
        let before = |i: usize| i.checked_sub(1).map_or(0, |i| text[i]);
        let letters = text[part.clone()].windows(2).enumerate();
        for (i, two) in letters.filter(|(_, two)| self.may_begin(two[0], two[1])) {
            let i = part.start + i;
            let (last, b) = (before(i), two[0]);
            let begins = b.is_ascii_alphabetic()
                && (!last.is_ascii_alphabetic()
                    || (b.is_ascii_uppercase() && last.is_ascii_lowercase())
                    || (i >= 2 && text[i - 2] == b'\\')
                    || matcher::is_behind_number(text, i)
                    || matcher::is_behind_colour(text, i));
            if begins {
                self.word(&text[i..part.end], &mut words);
            }
        }
        words.key_last = ends_with_key_word(&text[part.clone()]);
        words.key |= words.key_last;
        words.loud = words.key_last && ends_loud(&text[part.clone()]);
        let name = Class::DOTTED.span_back(text, part.end, part.len().min(NAME_MAX));
        words.passing = words.key_last && judge::is_passing(&text[part.end - name..part.end]);
        words
    }

    /// Whether some word may begin with these two letters.
    #[inline]
    fn may_begin(&self, first: u8, second: u8) -> bool {
        let hash = hash(first, second);
        self.begins[hash >> 6] >> (hash & 63) & 1 != 0
    }

    /// Looks up the word that `rest` begins with.
    #[inline]
    fn word(&self, rest: &[u8], words: &mut Words) {
        let [a, b, ..] = *rest else { return };
        words.key |= rest.first_chunk().is_some_and(begins_key_word)
            && KEY_WORDS.iter().any(|word| begins_with(rest, word));
        let two = [a.to_ascii_lowercase(), b.to_ascii_lowercase()];
        let from = self.words.partition_point(|(word, _)| word.as_bytes()[..2] < two[..]);
        let near = self.words[from..].iter().take_while(|(word, _)| word.as_bytes()[..2] == two);
        for (word, rules) in near {
            if begins_with(rest, word) && (word.len() > 4 || ends_word(rest, word.len())) {
                words.rules |= rules;
            }
        }
    }
}

impl Form {
    pub(crate) const fn lengths(&self) -> (usize, usize) {
        match self {
            Form::Run(_, min, max) => (*min, *max),
            Form::Uuid => (36, 36),
        }
    }

    /// Whether a run has this form.
    fn is(&self, run: &[u8]) -> bool {
        match self {
            Form::Run(class, min, max) => {
                (*min..=*max).contains(&run.len())
                    && class.all(run)
                    && (*class == Class::HEX || !Class::HEX.all(run))
                    && (*class == Class::HEX || !judge::is_words(run))
                    && judge::is_varied(run)
            }
            Form::Uuid => judge::is_uuid(run),
        }
    }
}

/// Whether a run may be a value at all: digits stand in it, and it is no row of words.
fn may_be_value(run: &[u8]) -> bool {
    let digits = run.iter().filter(|b| b.is_ascii_digit()).count();
    digits > 0
        && (digits * 4 >= run.len()
            || Class::HEX.or(Class::DASH).all(run)
            || !judge::is_words(run)
            || entropy::is_random(run))
}

/// What stands before `end`, where a name ends, of one line; in raw text of more than that.
fn line(text: &[u8], end: usize, view: View) -> Range<usize> {
    let raw = if view == View::Raw { 2 } else { 1 };
    let mut low = end.saturating_sub(WINDOW * raw);
    if view == View::Raw && memmem::find(&text[low..end], b"\\u").is_some() {
        // Two bytes of a character that is no ASCII take six.
        low = end.saturating_sub(WINDOW * 3);
    }
    match view {
        View::Plain => memchr::memrchr(b'\n', &text[low..end]).map_or(low, |i| low + i + 1)..end,
        View::Raw => low..end,
    }
}

/// Words for what is known to all: an id, a digest, a version.
const NO_KEYS: [&str; 12] = [
    "id", "sha", "hash", "digest", "commit", "checksum", "etag", "uuid", "guid", "revision",
    "version", "pod",
];

/// One bit for each letter before the last that such a word ends with, for each last one.
static NO_KEY_ENDS: [u32; 32] = {
    let mut ends = [0u32; 32];
    let mut i = 0;
    while i < NO_KEYS.len() {
        let word = NO_KEYS[i].as_bytes();
        ends[(word[word.len() - 1] & 31) as usize] |= 1 << (word[word.len() - 2] & 31);
        i += 1;
    }
    ends
};

/// Whether a name ends with a word for what is known to all.
fn names_no_key(name: &[u8]) -> bool {
    let Some([a, b]) = name.last_chunk::<2>() else { return false };
    if NO_KEY_ENDS[usize::from(b & 31)] >> (a & 31) & 1 == 0 {
        return false;
    }
    let is = |word: &&str| {
        let Some(start) = name.len().checked_sub(word.len()) else { return false };
        name[start..].eq_ignore_ascii_case(word.as_bytes()) && begins_word(name, start)
    };
    NO_KEYS.iter().any(is)
}

/// Whether a word begins at `at`: no letter stands before it, or a small one before a capital.
fn begins_word(text: &[u8], at: usize) -> bool {
    at == 0
        || !text[at - 1].is_ascii_alphabetic()
        || (text[at].is_ascii_uppercase() && text[at - 1].is_ascii_lowercase())
        || (at >= 2 && text[at - 2] == b'\\')
}

/// One bit for each third letter that a word of [`KEY_WORDS`] begins with, for each two before it.
static BEGINS: [u32; 1024] = {
    let mut begins = [0u32; 1024];
    let mut i = 0;
    while i < KEY_WORDS.len() {
        let word = KEY_WORDS[i].as_bytes();
        begins[hash(word[0], word[1])] |= 1 << (word[2] & 31);
        i += 1;
    }
    begins
};

#[inline]
fn begins_key_word(three: &[u8; 3]) -> bool {
    BEGINS[hash(three[0], three[1])] >> (three[2] & 31) & 1 != 0
}

/// Whether a word that says "key" stands in these bytes, or a part of a word that looks like one: a
/// quick no for most.
fn has_key_word(line: &[u8]) -> bool {
    class::meter(line.len());
    let at_word = |i: usize| KEY_WORDS.iter().any(|word| begins_with(&line[i..], word));
    let may = |three: &[u8]| three.first_chunk().is_some_and(begins_key_word);
    line.windows(3).enumerate().any(|(i, three)| may(three) && at_word(i))
}

/// What may stand between a name and its value.
static GAPS: [bool; 256] = class::table(b" \t\n\"'`=:,(>|\\]");

fn is_gap(byte: u8) -> bool {
    GAPS[usize::from(byte)]
}

/// Goes back over what stands between a name and the value at `at`.
fn gap_start(text: &[u8], at: usize, limit: usize) -> usize {
    let low = at.saturating_sub(limit);
    let mut i = at;
    while i > low {
        if is_gap(text[i - 1]) {
            i -= 1;
        } else if i >= 2 && text[i - 2] == b'\\' && matches!(text[i - 1], b'n' | b't' | b'r') {
            i -= 2;
        } else {
            break;
        }
    }
    i
}

/// Whether a name ends with a word that says that a key follows.
fn ends_with_key_word(tail: &[u8]) -> bool {
    const ENDS: [&str; 9] = [
        "key",
        "token",
        "secret",
        "password",
        "passwd",
        "credential",
        "credentials",
        "private",
        "auth",
    ];
    ENDS.iter().any(|word| {
        tail.len() >= word.len()
            && tail[tail.len() - word.len()..].eq_ignore_ascii_case(word.as_bytes())
    })
}

/// Whether the word that a name ends with stands in capitals, behind something else than capitals.
fn ends_loud(name: &[u8]) -> bool {
    let capitals = name.iter().rev().take_while(|b| b.is_ascii_uppercase()).count();
    let before = name.len().checked_sub(capitals + 1).map(|i| name[i]);
    (3..=8).contains(&capitals)
        && before.is_some_and(|b| b.is_ascii_lowercase() || matches!(b, b' ' | b'-'))
}

fn begins_with(rest: &[u8], word: &str) -> bool {
    rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word.as_bytes())
}

/// Whether a word ends at `end`: behind it stands no letter, or a capital behind a small letter.
fn ends_word(rest: &[u8], end: usize) -> bool {
    rest.get(end).is_none_or(|b| {
        !b.is_ascii_alphabetic() || (b.is_ascii_uppercase() && rest[end - 1].is_ascii_lowercase())
    })
}

const fn hash(a: u8, b: u8) -> usize {
    ((a & 31) as usize) << 5 | (b & 31) as usize
}
