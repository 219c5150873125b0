//! Patterns of names: `*` is any run of characters, `?` is one, the rest stands for itself.
//!
//! A pattern is a row of states, one for each character that it wants, and a star is a state that
//! stays. All states that a text may be in are the bits of one number, so each character of the
//! text costs one look-up, one mask and one shift, whatever was before: there is no backtracking,
//! and the work is the length of the text times at most four words. What stands before the first
//! star or question mark is compared as it is, and so is all of a pattern that has but one star:
//! most names are told apart by that.
//!
//! ```text
//! get_*  wants   g e t _     bit n: n of them were met; bit 4 has a star, so it stays
//! "get_a"        00001 -> 00010 -> 00100 -> 01000 -> 10000 -> 10000    bit 4 at the end: a match
//! ```

use std::fmt;

use crate::base::error::ConfigError;

/// A pattern of a name. The whole name has to match, letter by letter: case counts, and so does
/// the way in which an accent is written. A star runs over any character, `/` and `.` too.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    pattern: Box<str>,
    /// For each character that the pattern names, by its value: the states that it leads on from.
    wanted: Vec<(char, States)>,
    /// The place in `wanted` of each ASCII character, from 1; 0 for none.
    places: Box<[u8; 128]>,
    /// The states that any character leads on from.
    any: States,
    /// The states that any character stays in.
    stays: States,
    /// The state of a match.
    end: usize,
    /// What the name begins with.
    head: Box<str>,
    rest: Rest,
}

/// What stands behind the head of a pattern.
#[derive(Clone, PartialEq, Eq)]
enum Rest {
    /// Nothing.
    End,
    /// One star, and this text.
    Star(Box<str>),
    /// More, which the states know.
    States,
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
        let mut glob = Self {
            pattern: pattern.into(),
            wanted: Vec::new(),
            places: Box::new([0; 128]),
            any: States::default(),
            stays: States::default(),
            end: 0,
            head: "".into(),
            rest: Rest::States,
        };
        let (mut texts, mut has_any) = (vec![String::new()], false);
        let mut characters = pattern.chars();
        while let Some(character) = characters.next() {
            let literal = match character {
                '*' => {
                    glob.stays.set(glob.end);
                    texts.push(String::new());
                    continue;
                }
                '?' => {
                    glob.step(None)?;
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
            glob.step(Some(literal))?;
            texts.last_mut().expect("there is always one").push(literal);
        }
        glob.rest = match &texts[..] {
            _ if has_any => Rest::States,
            [_] => Rest::End,
            [_, tail] => Rest::Star(tail.as_str().into()),
            _ => Rest::States,
        };
        glob.head = texts.swap_remove(0).into();
        glob.wanted.sort_unstable_by_key(|(character, _)| *character);
        for (place, (character, _)) in glob.wanted.iter().enumerate() {
            if let Some(entry) = glob.places.get_mut(*character as usize) {
                *entry = place as u8 + 1;
            }
        }
        Ok(glob)
    }

    /// Whether the whole of this name matches.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let Some(behind) = name.strip_prefix(&*self.head) else { return false };
        match &self.rest {
            Rest::End => behind.is_empty(),
            Rest::Star(tail) => behind.ends_with(&**tail),
            Rest::States => self.walk(name),
        }
    }

    fn walk(&self, name: &str) -> bool {
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
        let pattern = format!("{}b", "*a".repeat(127));
        assert!(!matches(&pattern, &"a".repeat(1 << 20)));
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
}
