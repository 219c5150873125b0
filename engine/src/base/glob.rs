//! Patterns of names: `*` is any run of characters, `?` is one, the rest stands for itself.
//!
//! A pattern without question marks is a few texts: the name begins with the first, ends with the
//! last and holds the others between them, one behind the other; each is looked for once, from where
//! the one before was found. Most names are told apart by their first byte.
//!
//! A pattern with question marks is a row of states, one for each character that it wants, and a
//! star is a state that stays. All states that a text may be in are the bits of one number, so each
//! character of the text costs one look-up, one mask and one shift, whatever was before: there is no
//! backtracking, and the work is the length of the text times at most four words.
//!
//! ```text
//! g?t_*  wants   g ? t _     bit n: n of them were met; bit 4 has a star, so it stays
//! "get_a"        00001 -> 00010 -> 00100 -> 01000 -> 10000 -> 10000    bit 4 at the end: a match
//! ```

use std::fmt;

use memchr::memmem;

use crate::base::error::ConfigError;

/// A pattern of a name. The whole name has to match, letter by letter: case counts, and so does
/// the way in which an accent is written. A star runs over any character, `/` and `.` too.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    /// The byte that the name begins with; none, if that may be any.
    first: Option<u8>,
    /// What the name begins with.
    head: Box<str>,
    rest: Rest,
    pattern: Box<str>,
}

/// What stands behind the head of a pattern.
#[derive(Clone, PartialEq, Eq)]
enum Rest {
    /// Nothing.
    End,
    /// One star, and this text.
    Star(Box<str>),
    /// Several stars, and these texts between and behind them.
    Stars(Box<[Box<str>]>),
    /// More, which the states of the whole pattern know.
    Row(Box<Row>),
}

impl Glob {
    /// Reads a pattern of at most 255 characters. `\*`, `\?` and `\\` stand for the character alone,
    /// and so do `\[` and `\{`, which other kinds of pattern take for something else.
    ///
    /// # Errors
    /// What is wrong with it, and the remedy; nothing of the pattern.
    pub(crate) fn parse(pattern: &str) -> Result<Self, &'static str> {
        if pattern.is_empty() {
            return Err("is empty, and matches no name: remove it, or write \"*\" for any");
        }
        let (mut row, mut texts, mut has_any) = (Row::default(), vec![String::new()], false);
        let mut characters = pattern.chars();
        while let Some(character) = characters.next() {
            let literal = match character {
                '*' => {
                    row.stays.set(row.end);
                    texts.push(String::new());
                    continue;
                }
                '?' => {
                    row.step(None)?;
                    texts.push(String::new());
                    has_any = true;
                    continue;
                }
                '[' | '{' => return Err(CLASS),
                '\\' => match characters.next() {
                    Some(literal @ ('*' | '?' | '\\' | '[' | '{')) => literal,
                    _ => return Err("has a single \"\\\": write \"\\\\\" for the character"),
                },
                literal => literal,
            };
            row.step(Some(literal))?;
            texts.last_mut().expect("there is always one").push(literal);
        }
        let rest = match &texts[1..] {
            _ if has_any => Rest::Row(Box::new(row.sorted())),
            [] => Rest::End,
            [tail] => Rest::Star(tail.as_str().into()),
            [between @ .., tail] => {
                let between = between.iter().filter(|text| !text.is_empty());
                Rest::Stars(between.chain([tail]).map(|text| text.as_str().into()).collect())
            }
        };
        let head: Box<str> = texts.swap_remove(0).into();
        Ok(Self { first: head.bytes().next(), head, rest, pattern: pattern.into() })
    }

    /// Whether the whole of this name matches.
    #[inline]
    pub(crate) fn matches(&self, name: &str) -> bool {
        if self.first.is_some_and(|first| name.as_bytes().first() != Some(&first)) {
            return false;
        }
        self.matches_all(name)
    }

    fn matches_all(&self, name: &str) -> bool {
        let Some(behind) = name.strip_prefix(&*self.head) else { return false };
        match &self.rest {
            Rest::End => behind.is_empty(),
            Rest::Star(tail) => behind.ends_with(&**tail),
            Rest::Stars(texts) => holds(behind, texts),
            Rest::Row(row) => row.matches(name),
        }
    }

    /// The byte that the name ends with; none, if that may be any.
    fn last(&self) -> Option<u8> {
        let tail = match &self.rest {
            Rest::End => &self.head,
            Rest::Star(tail) => tail,
            Rest::Stars(texts) => texts.last()?,
            Rest::Row(_) => return None,
        };
        tail.bytes().next_back()
    }
}

/// Whether a text ends with the last of these, and holds the others before that, in this order.
fn holds(text: &str, wanted: &[Box<str>]) -> bool {
    let Some((tail, between)) = wanted.split_last() else { return true };
    let Some(text) = text.strip_suffix(&**tail) else { return false };
    let mut rest = text.as_bytes();
    for wanted in between.iter().map(|wanted| wanted.as_bytes()) {
        // The first place is the best one: what follows has the most room behind it.
        let found = match wanted {
            [byte] => memchr::memchr(*byte, rest),
            _ => memmem::find(rest, wanted),
        };
        let Some(found) = found else { return false };
        rest = &rest[found + wanted.len()..];
    }
    true
}

/// The states of a pattern.
#[derive(Clone, PartialEq, Eq)]
struct Row {
    /// For each character that the pattern names, by its value: the states that it leads on from.
    wanted: Vec<(char, States)>,
    /// The place in `wanted` of each ASCII character, from 1; 0 for none.
    places: [u8; 128],
    /// The states that any character leads on from.
    any: States,
    /// The states that any character stays in.
    stays: States,
    /// The state of a match.
    end: usize,
}

impl Default for Row {
    fn default() -> Self {
        let [any, stays] = [States::default(); 2];
        Self { wanted: Vec::new(), places: [0; 128], any, stays, end: 0 }
    }
}

impl Row {
    /// One more character is wanted: this, or any.
    fn step(&mut self, wanted: Option<char>) -> Result<(), &'static str> {
        if self.end == States::LAST {
            return Err("has more than 255 characters: shorten it with \"*\"");
        }
        let states = match wanted {
            None => &mut self.any,
            Some(wanted) => match self.wanted.iter().position(|(known, _)| *known == wanted) {
                Some(place) => &mut self.wanted[place].1,
                None => {
                    self.wanted.push((wanted, States::default()));
                    &mut self.wanted.last_mut().expect("one was pushed").1
                }
            },
        };
        states.set(self.end);
        self.end += 1;
        Ok(())
    }

    /// The same, so that characters can be looked for.
    fn sorted(mut self) -> Self {
        self.wanted.sort_unstable_by_key(|(character, _)| *character);
        for (place, (character, _)) in self.wanted.iter().enumerate() {
            if let Some(entry) = self.places.get_mut(*character as usize) {
                *entry = place as u8 + 1;
            }
        }
        self
    }

    fn matches(&self, name: &str) -> bool {
        let mut states = States::default();
        states.set(0);
        for character in name.chars() {
            states = states.step(self.leads_on(character), self.any, self.stays);
            if states == States::default() {
                return false;
            }
        }
        states.has(self.end)
    }

    fn leads_on(&self, character: char) -> States {
        let place = match self.places.get(character as usize) {
            Some(0) => None,
            Some(place) => Some(usize::from(*place) - 1),
            None => self.wanted.binary_search_by_key(&character, |(wanted, _)| *wanted).ok(),
        };
        place.map_or(States::default(), |place| self.wanted[place].1)
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Glob({:?})", self.pattern)
    }
}

const CLASS: &str = "has a \"[\" or \"{\", which mean nothing here: write one pattern for each name, \
    or \"\\[\" for the character";

/// Several patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GlobSet {
    globs: Vec<Glob>,
}

impl GlobSet {
    /// Reads the patterns of a list of the configuration; `key` is its path.
    ///
    /// # Errors
    /// The first that is none, by its path.
    pub(crate) fn parse(patterns: &[String], key: &str) -> Result<Self, ConfigError> {
        let parse = |(at, pattern): (usize, &String)| {
            let fault = |what: &str| ConfigError::Setting(format!("{key}[{at}]"), what.to_owned());
            Glob::parse(pattern).map_err(fault)
        };
        Ok(Self { globs: patterns.iter().enumerate().map(parse).collect::<Result<_, _>>()? })
    }

    /// Whether there is no pattern. None matches nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.globs.is_empty()
    }

    /// Whether a pattern matches the whole of this name.
    pub(crate) fn matches_any(&self, name: &str) -> bool {
        self.globs.iter().any(|glob| glob.matches(name))
    }
}

/// Which of several sets a name has to be held against, told by its first byte and its last one.
///
/// ```text
/// sets   0 [read_*]   1 [*_file, stat]   2 [*]      first   r: 0 1 2   w: 1 2
/// name   write_file                                 last    e: 0 1 2       -> 1, 2
/// ```
#[derive(Debug, Default)]
pub(crate) struct Sieve {
    /// So many words of bits are in a row; a set has a bit.
    words: usize,
    /// A row for each first byte, and one for each last byte.
    rows: [Box<[u64]>; 2],
}

impl Sieve {
    /// One row is for bytes that differ in their two highest bits alone: letters of one case have
    /// a row of their own.
    const ROWS: usize = 64;

    /// A sieve of these sets, in their order; what is none is for every name.
    pub(crate) fn of<'a>(sets: impl ExactSizeIterator<Item = Option<&'a GlobSet>>) -> Self {
        let words = sets.len().div_ceil(64);
        let rows = || vec![0; words * Self::ROWS].into();
        let mut sieve = Self { words, rows: [rows(), rows()] };
        for (place, set) in sets.enumerate() {
            match set {
                None => sieve.add(place, [None; 2]),
                Some(set) => {
                    set.globs.iter().for_each(|glob| sieve.add(place, [glob.first, glob.last()]));
                }
            }
        }
        sieve
    }

    /// The places of the sets that may match this name, in their order.
    pub(crate) fn candidates(&self, name: &str) -> impl Iterator<Item = usize> {
        // What matches the empty name is in every row.
        let row = |end: usize, byte: Option<&u8>| {
            let from = self.words * Self::row(byte.copied().unwrap_or_default());
            &self.rows[end][from..from + self.words]
        };
        let name = name.as_bytes();
        let (first, last) = (row(0, name.first()), row(1, name.last()));
        let mut words = first.iter().zip(last).map(|(first, last)| first & last);
        let (mut base, mut bits) = (0, words.next().unwrap_or_default());
        std::iter::from_fn(move || {
            while bits == 0 {
                bits = words.next()?;
                base += 64;
            }
            let bit = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            Some(base + bit)
        })
    }

    /// The set at this place may match names with these ends.
    fn add(&mut self, place: usize, ends: [Option<u8>; 2]) {
        for (rows, byte) in self.rows.iter_mut().zip(ends) {
            let all = byte.map_or(0..Self::ROWS, |byte| Self::row(byte)..Self::row(byte) + 1);
            for row in all {
                rows[row * self.words + place / 64] |= 1 << (place % 64);
            }
        }
    }

    fn row(byte: u8) -> usize {
        usize::from(byte) % Self::ROWS
    }
}

/// A set of states, one bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct States([u64; 4]);

impl States {
    const LAST: usize = 255;

    fn set(&mut self, state: usize) {
        self.0[state / 64] |= 1 << (state % 64);
    }

    fn has(self, state: usize) -> bool {
        self.0[state / 64] >> (state % 64) & 1 == 1
    }

    /// The states after one character.
    fn step(self, leads_on: Self, any: Self, stays: Self) -> Self {
        let mut next = [0; 4];
        let mut carry = 0;
        for (at, next) in next.iter_mut().enumerate() {
            let on = self.0[at] & (leads_on.0[at] | any.0[at]);
            *next = on << 1 | carry | self.0[at] & stays.0[at];
            carry = on >> 63;
        }
        Self(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        Glob::parse(pattern).expect("a pattern").matches(name)
    }

    /// The same by its definition, for small worlds only.
    fn naive(pattern: &[char], name: &[char]) -> bool {
        match pattern {
            [] => name.is_empty(),
            ['*', rest @ ..] => (0..=name.len()).any(|at| naive(rest, &name[at..])),
            ['?', rest @ ..] => !name.is_empty() && naive(rest, &name[1..]),
            [one, rest @ ..] => name.first() == Some(one) && naive(rest, &name[1..]),
        }
    }

    fn words(letters: &[char], longest: usize) -> Vec<Vec<char>> {
        let mut all = vec![Vec::new()];
        let mut last = all.clone();
        for _ in 0..longest {
            let longer = |word: &Vec<char>| {
                let word = word.clone();
                letters.iter().map(move |letter| [&word[..], &[*letter]].concat())
            };
            last = last.iter().flat_map(longer).collect();
            all.extend_from_slice(&last);
        }
        all
    }

    #[test]
    fn every_small_pattern_says_of_every_small_name_what_its_definition_says() {
        let names = words(&['a', 'b', '\u{e9}'], 5);
        for pattern in words(&['a', '\u{e9}', '*', '?'], 4).iter().filter(|it| !it.is_empty()) {
            let glob = Glob::parse(&pattern.iter().collect::<String>()).expect("a pattern");
            for name in &names {
                let text: String = name.iter().collect();
                assert_eq!(glob.matches(&text), naive(pattern, name), "{glob:?} {text:?}");
            }
        }
    }

    #[test]
    fn texts_between_stars_are_found_one_behind_the_other() {
        let names = words(&['a', 'b'], 6);
        for pattern in words(&['a', 'b', '*'], 6).iter().filter(|it| !it.is_empty()) {
            let glob = Glob::parse(&pattern.iter().collect::<String>()).expect("a pattern");
            for name in &names {
                let text: String = name.iter().collect();
                assert_eq!(glob.matches(&text), naive(pattern, name), "{glob:?} {text:?}");
            }
        }
        assert!(matches("*_*", "get_user") && !matches("*_*", "get"));
        assert!(matches("a*\u{e9}b*b", "a\u{e9}\u{e9}bb") && !matches("a*\u{e9}b*b", "a\u{e9}b"));
    }

    #[test]
    fn names_match_whole_and_letter_by_letter() {
        for (pattern, name, matched) in [
            ("get_*", "get_", true),
            ("get_*", "get_user/../x", true),
            ("get_*", "Get_user", false),
            ("get_*", "xget_user", false),
            ("*", "", true),
            ("?", "", false),
            ("a?c", "a\u{1f600}c", true),
            ("caf\u{e9}", "cafe\u{301}", false),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
            ("\\[x]", "[x]", true),
            ("a", "a\n", false),
            ("a", "a\0", false),
        ] {
            assert_eq!(matches(pattern, name), matched, "{pattern:?} {name:?}");
        }
    }

    #[test]
    fn a_pattern_has_at_most_255_characters_and_stars_are_free() {
        for length in [63, 64, 65, 127, 128, 129, 254, 255] {
            let pattern = format!("*{}*", "a".repeat(length));
            assert!(matches(&pattern, &"a".repeat(length)), "{length}");
            assert!(matches(&pattern, &format!("b{}b", "a".repeat(length))), "{length}");
            assert!(!matches(&pattern, &"a".repeat(length - 1)), "{length}");
        }
        assert!(Glob::parse(&"a".repeat(256)).is_err());
        assert!(matches(&"*".repeat(300), "anything"));
    }

    #[test]
    fn what_blows_up_a_matcher_that_backtracks_is_one_walk_here() {
        for pattern in [
            format!("{}b", "*a".repeat(127)),
            format!("{}*b*", "*a".repeat(127)),
            format!("{}*b?", "*a".repeat(126)),
            format!("*{}b*", "a".repeat(254)),
        ] {
            assert!(!matches(&pattern, &"a".repeat(1 << 20)), "{pattern}");
        }
    }

    #[test]
    fn what_means_something_elsewhere_is_an_error() {
        for pattern in ["", "a\\", "a\\d", "[ab]", "{a,b}"] {
            assert!(Glob::parse(pattern).is_err(), "{pattern:?}");
        }
        let error = GlobSet::parse(&["a".into(), "[".into()], "tools.deny").expect_err("a class");
        assert!(error.to_string().starts_with("tools.deny[1]: has a \"[\""), "{error}");
    }

    #[test]
    fn no_pattern_matches_nothing() {
        let set = GlobSet::parse(&[], "x").expect("none");
        assert!(set.is_empty() && !set.matches_any("") && !set.matches_any("a"));
        let set = GlobSet::parse(&["a".into(), "b*".into()], "x").expect("two");
        assert!(!set.is_empty() && set.matches_any("bc") && !set.matches_any("c"));
    }

    #[test]
    fn a_sieve_lets_each_set_through_that_matches() {
        let patterns = ["read_*", "*_file", "stat", "*", "?tat", "st*t", "*_*", "a*b*c", "\u{e9}*"];
        let sets: Vec<Option<GlobSet>> = (0..200)
            .map(|n| match n % 11 {
                0 => None,
                1 => Some(GlobSet::default()),
                _ => {
                    let pattern = |n: usize| patterns[n % patterns.len()].to_owned();
                    let words = [pattern(n), pattern(n / 9)];
                    Some(GlobSet::parse(&words, "x").expect("patterns"))
                }
            })
            .collect();
        let names =
            ["", "s", "stat", "read_file", "read_", "_file", "a_b_c", "\u{e9}a", "a\u{e9}", "x"];
        for count in [0, 1, 63, 64, 65, 128, 200] {
            let sieve = Sieve::of(sets[..count].iter().map(Option::as_ref));
            for name in names {
                let found: Vec<usize> = sieve.candidates(name).collect();
                assert!(found.is_sorted() && found.iter().all(|&place| place < count));
                let matching =
                    |set: &Option<GlobSet>| set.as_ref().is_none_or(|set| set.matches_any(name));
                for (place, set) in sets[..count].iter().enumerate() {
                    assert!(found.contains(&place) || !matching(set), "{name} {place}");
                }
            }
        }
        let few = [GlobSet::parse(&["read_*".into()], "x").expect("one"), GlobSet::default()];
        let sieve = Sieve::of(few.iter().map(Some));
        assert_eq!(sieve.candidates("write_a").count(), 0);
        assert_eq!(sieve.candidates("read_a").collect::<Vec<_>>(), [0]);
    }
}
