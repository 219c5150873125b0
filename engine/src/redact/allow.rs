//! What passes although a rule finds it: keys of examples, hashes of what is public, a place in a
//! message that is meant for secrets.
//!
//! An entry names a value, the SHA-256 of one, a regular expression for the whole of one, or a path
//! in the message, and perhaps the rules that it is for. Exact values are kept as digests only, so
//! neither a list on disk nor the memory of this process has to hold them. Looked at only where
//! something was found. Paths are for those who have a message: they ask for them by themselves.
//!
//! The invariant: what passes is exactly what an entry says. The secret is read out of its spelling
//! first, and one character more or less is another value.

use regex_automata::Anchored;
use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_syntax::hir::{Hir, Look};
use sha2::{Digest, Sha256};

use super::admission::{self, Refusal};
use super::config::AllowConfig;
use super::path::Path;
use super::pattern;
use super::rules::Match;

/// A list is at most this long: a longer one is kept up by nobody.
pub(crate) const ENTRIES_MAX: usize = 1024;
/// At most so many entries are regular expressions: each is tried on each secret found.
pub(crate) const REGEXES_MAX: usize = 64;
/// At most so many entries are paths: each is compared for each string in which something is found.
pub(crate) const PATHS_MAX: usize = 64;
/// Longer secrets never pass by their value. Keys in PEM form have 4 KiB.
pub(crate) const VALUE_BYTES_MAX: usize = 8 << 10;

/// The entries of an allow-list.
#[derive(Clone, Default)]
pub(crate) struct AllowList {
    /// Digests and the rules that they are for, sorted by digest.
    digests: Vec<([u8; 32], For)>,
    regexes: Vec<(Regex, For)>,
    paths: Vec<(Path, For)>,
}

/// What passes in one string, by its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Passing {
    Nothing,
    /// What these rules find; sorted.
    Rules(Vec<u16>),
    Everything,
}

/// The rules that an entry is for, sorted; none: every rule.
type For = Option<Box<[u16]>>;

impl AllowList {
    /// Adds an entry, which is for these rules, or says why not.
    pub(crate) fn add(&mut self, entry: &AllowConfig, rules: For) -> Result<(), Refusal> {
        let refuse = |why: &str| Err((why.to_owned(), None));
        if self.digests.len() + self.regexes.len() + self.paths.len() >= ENTRIES_MAX {
            return refuse("there are more than 1024 entries; take out what is no longer needed");
        }
        match (&entry.value, &entry.sha256, &entry.regex, &entry.path) {
            (Some(value), None, None, None) => match value.len() {
                0 => refuse("the value is empty"),
                1..=VALUE_BYTES_MAX => {
                    self.digests.push((Sha256::digest(value).into(), rules));
                    Ok(())
                }
                _ => refuse("the value is longer than 8192 bytes; switch its rule off instead"),
            },
            (None, Some(digest), None, None) => match digest_of(digest) {
                Some(digest) => {
                    self.digests.push((digest, rules));
                    Ok(())
                }
                None => refuse("sha256 is not 64 hexadecimal digits (printf %s VALUE | sha256sum)"),
            },
            (None, None, Some(regex), None) if self.regexes.len() < REGEXES_MAX => {
                self.regexes.push((whole(regex, entry.linear)?, rules));
                Ok(())
            }
            (None, None, Some(_), None) => {
                refuse("there are more than 64 regular expressions; join some, or name values")
            }
            (None, None, None, Some(path)) if self.paths.len() < PATHS_MAX => {
                self.paths.push((Path::parse(path)?, rules));
                Ok(())
            }
            (None, None, None, Some(_)) => {
                refuse("there are more than 64 paths; join some by `*`, or name values")
            }
            _ => refuse("an entry has one of value, sha256, regex and path"),
        }
    }

    /// Makes ready for look-ups; to be called when all are added.
    pub(crate) fn finish(&mut self) {
        self.digests.sort_unstable();
    }

    /// Whether no value passes wherever it stands.
    pub(crate) fn is_empty(&self) -> bool {
        self.digests.is_empty() && self.regexes.is_empty()
    }

    /// Whether any place is named.
    pub(crate) fn has_paths(&self) -> bool {
        !self.paths.is_empty()
    }

    /// What passes at a place; `is_at` says whether a path leads there.
    pub(crate) fn passing(&self, is_at: impl Fn(&Path) -> bool) -> Passing {
        let mut passing = Vec::new();
        for (_, rules) in self.paths.iter().filter(|(path, _)| is_at(path)) {
            match rules {
                None => return Passing::Everything,
                Some(rules) => passing.extend_from_slice(rules),
            }
        }
        passing.sort_unstable();
        if passing.is_empty() { Passing::Nothing } else { Passing::Rules(passing) }
    }

    /// Whether a secret that was found in `text` passes.
    pub(crate) fn allows(&self, found: &Match, text: &[u8], secret: &mut Vec<u8>) -> bool {
        let spelled = &text[found.start..found.end];
        secret.clear();
        if spelled.len() > SPELLED_BYTES_MAX || !found.writing.read(spelled, secret) {
            return false;
        }
        if secret.len() > VALUE_BYTES_MAX {
            return false;
        }
        let is_for = |rules: &For| {
            rules.as_ref().is_none_or(|rules| rules.binary_search(&found.rule.0).is_ok())
        };
        self.holds_digest(secret, is_for)
            || self.regexes.iter().any(|(regex, rules)| {
                is_for(rules) && regex.is_match(Input::new(secret).anchored(Anchored::Yes))
            })
    }

    fn holds_digest(&self, secret: &[u8], is_for: impl Fn(&For) -> bool) -> bool {
        if self.digests.is_empty() {
            return false;
        }
        let digest: [u8; 32] = Sha256::digest(secret).into();
        let low = self.digests.partition_point(|(known, _)| *known < digest);
        let same = self.digests[low..].iter().take_while(|(known, _)| *known == digest);
        same.into_iter().any(|(_, rules)| is_for(rules))
    }
}

/// In three levels of escapes and in percent each byte takes less than this.
const SPELLED_BYTES_MAX: usize = VALUE_BYTES_MAX * 16;

/// Sixty-four hexadecimal digits.
fn digest_of(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    let pairs = text.as_bytes().chunks(2);
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(pairs) {
        let value = |b: u8| (b as char).to_digit(16).unwrap_or(0) as u8;
        *byte = value(pair[0]) << 4 | value(pair[1]);
    }
    Some(digest)
}

/// A regular expression for the whole of a value.
fn whole(regex: &str, linear: bool) -> Result<Regex, Refusal> {
    admission::admit(regex, linear)?;
    // Put together behind the parser, so that no comment or flag in the pattern reaches the ends.
    let hir = pattern::parse(regex)?;
    let ends = |look| Hir::look(look);
    pattern::build(&Hir::concat(vec![ends(Look::Start), hir, ends(Look::End)]))
}
