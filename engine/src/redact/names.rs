//! Names that say "secret": of members, variables, headers, parameters and options.
//!
//! The list is data. A name is told by its end (`DB_PASSWORD`, `stripe.secretKey`), in any case and
//! with any `_`, `-`, `.` or space between its words. Nothing here looks at a value, and no name is
//! followed further back than [`NAME_MAX`].

use super::config::NameConfig;
use super::context::NAME_MAX;
use super::matcher;
use crate::base::error::ConfigError;
use crate::bits::kernel::Threes;

/// What a name says about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Chosen by people: short, with signs, perhaps a word.
    Password,
    /// Made by machines: long and random.
    Key,
    /// `Authorization`: a scheme word and a credential.
    Authorization,
    /// What a session is known by; short ones are ordinary identifiers.
    Session,
}

/// An entry of the list.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Lower-case letters and digits.
    text: &'static str,
    kind: Kind,
    /// It has to begin where a word does: it is part of other words.
    whole: bool,
}

const fn part(text: &'static str, kind: Kind) -> Entry {
    Entry { text, kind, whole: false }
}

const fn word(text: &'static str, kind: Kind) -> Entry {
    Entry { text, kind, whole: true }
}

/// What names end with. Plural and counting forms (`max_tokens`, `token_count`) end otherwise.
#[rustfmt::skip]
static DEFAULT: &[Entry] = &[
    part("password", Kind::Password), part("passwd", Kind::Password), part("passphrase", Kind::Password),
    part("passcode", Kind::Password), part("passwort", Kind::Password), part("kennwort", Kind::Password),
    part("motdepasse", Kind::Password), part("contrasena", Kind::Password), part("wachtwoord", Kind::Password),
    part("dbpass", Kind::Password), part("userpass", Kind::Password), part("smtppass", Kind::Password),
    part("dbpwd", Kind::Password), part("userpwd", Kind::Password), part("pswd", Kind::Password),
    word("pwd", Kind::Password), word("pass", Kind::Password), word("pword", Kind::Password),
    part("apikey", Kind::Key), part("accesskey", Kind::Key), part("secretkey", Kind::Key),
    part("privatekey", Kind::Key), part("authkey", Kind::Key), part("signingkey", Kind::Key),
    part("encryptionkey", Kind::Key), part("masterkey", Kind::Key), part("accountkey", Kind::Key),
    part("sharedkey", Kind::Key), part("storagekey", Kind::Key), part("consumerkey", Kind::Key),
    part("applicationkey", Kind::Key), part("appkey", Kind::Key), part("servicekey", Kind::Key),
    part("serverkey", Kind::Key), part("deploykey", Kind::Key), part("licensekey", Kind::Key),
    part("licencekey", Kind::Key), part("subscriptionkey", Kind::Key), part("hmackey", Kind::Key),
    part("secret", Kind::Key), part("token", Kind::Key), part("credential", Kind::Key),
    part("credentials", Kind::Key), word("cred", Kind::Key), word("creds", Kind::Key),
    word("bearer", Kind::Key), word("jwt", Kind::Key), word("auth", Kind::Key),
    part("authorization", Kind::Authorization),
    part("sessionid", Kind::Session), part("sessid", Kind::Session), word("session", Kind::Session),
    part("sessionkey", Kind::Session), word("sid", Kind::Session),
];

/// No entry is longer, so that the end of a name is folded into memory of a fixed size.
const ENTRY_MAX: usize = 32;
/// No entry is shorter: the first table below looks at so many characters.
const ENTRY_MIN: usize = 3;
/// So many characters at the end of a name are looked at first.
pub(crate) const LAST: usize = 5;

/// The names in force, ordered for look-up.
#[derive(Clone)]
pub(crate) struct Names {
    /// One bit for each three characters that an entry ends with: the last two select the word, the
    /// one before them the bit.
    ends: Box<[u32; 1024]>,
    /// The same for the third, fourth and fifth character from the end.
    middles: Box<[u32; 1024]>,
    /// The same three bytes for the kernel.
    threes: Threes,
    /// The last ones of them.
    lasts: Vec<u8>,
    /// Entries from their last character to the first, sorted.
    entries: Vec<(Box<[u8]>, Kind, bool)>,
}

impl Names {
    /// The default list as the configuration has it. Values of names that it adds are passwords to
    /// us: whatever they hold is a secret.
    pub(crate) fn compile(config: &NameConfig) -> Result<Names, ConfigError> {
        let fold = |name: &String| {
            let folded = folded(name);
            let fits = (ENTRY_MIN..=ENTRY_MAX).contains(&folded.len());
            if fits { Ok(folded) } else { Err(ConfigError::SecretName(name.clone())) }
        };
        let add = config.add.iter().map(fold).collect::<Result<Vec<_>, _>>()?;
        let remove = config.remove.iter().map(fold).collect::<Result<Vec<_>, _>>()?;
        let is_known = |name: &&String| DEFAULT.iter().any(|entry| entry.text == name.as_str());
        if let Some(n) = remove.iter().position(|name| !is_known(&name)) {
            return Err(ConfigError::SecretName(config.remove[n].clone()));
        }
        let kept = DEFAULT.iter().filter(|entry| !remove.iter().any(|name| name == entry.text));
        let own = add.iter().map(|name| (reversed(name), Kind::Password, true));
        let mut names = Names {
            ends: Box::new([0; 1024]),
            middles: Box::new([0; 1024]),
            threes: Threes::default(),
            lasts: Vec::new(),
            entries: kept.map(|e| (reversed(e.text), e.kind, e.whole)).chain(own).collect(),
        };
        names.entries.sort_by(|a, b| a.0.cmp(&b.0));
        for n in 0..names.entries.len() {
            let last: Vec<u8> = names.entries[n].0.iter().take(LAST).copied().collect();
            names.expect(&last);
        }
        Ok(names)
    }

    /// Lets [`Names::may_end`] say yes to names that end with this, lower case and without marks:
    /// rules with names of their own ask it too.
    pub(crate) fn admit(&mut self, name: &str) {
        let last: Vec<u8> = name.bytes().rev().take(LAST).collect();
        self.expect(&last);
    }

    /// Takes up the last characters of a name, the last one first. What stands before a short name,
    /// or behind a mark within a longer one, may be anything.
    fn expect(&mut self, last: &[u8]) {
        self.tell([last[0], last[1], last[2]]);
        let [a, b, c] = [0, 1, 2].map(|n| fold(last[n]));
        self.ends[place(a, b)] |= 1 << c;
        let Some(d) = last.get(3).map(|d| fold(*d)) else {
            (0..32).for_each(|d| self.middles[place(c, d)] = u32::MAX);
            return;
        };
        self.middles[place(c, MARK)] = u32::MAX;
        self.middles[place(c, d)] |= last.get(4).map_or(u32::MAX, |e| 1 << fold(*e) | 1 << MARK);
    }

    /// Lets the kernel know a word that may stand before a value.
    pub(super) fn announce(&mut self, word: &[u8]) {
        if let [.., c, b, a] = *word {
            self.tell([a, b, c]);
        }
    }

    /// Lets the kernel know what may end with these characters, the last one first: in either case,
    /// and with a mark between two of them. What is no ASCII it passes.
    fn tell(&mut self, [a, b, c]: [u8; 3]) {
        const PLAIN: usize = 6;
        let known = self.lasts.iter().position(|last| *last == a);
        let group = known.unwrap_or(self.lasts.len());
        if known.is_none() {
            self.lasts.push(a);
        }
        let marks = b"_-. ";
        let rows: [(usize, [&[u8]; 3]); 3] = [
            (group % PLAIN, [&[c], &[b], &[a]]),
            (PLAIN, [marks, &[b], &[a]]),
            (PLAIN + 1, [&[b], marks, &[a]]),
        ];
        for (group, row) in rows {
            for (place, bytes) in row.into_iter().enumerate() {
                for byte in bytes.iter().filter(|byte| byte.is_ascii()) {
                    self.threes.add(place, *byte, group);
                    self.threes.add(place, byte.to_ascii_uppercase(), group);
                }
            }
        }
    }

    /// What names may end with.
    pub(crate) fn threes(&self) -> &Threes {
        &self.threes
    }

    /// Whether a name that ends at `end` may be one of the list: a quick no for most.
    #[inline]
    pub(crate) fn may_end(&self, text: &[u8], end: usize) -> bool {
        let Some(text) = text.get(..end) else { return false };
        match text.last_chunk::<LAST>() {
            Some([e, d, c, b, a]) => self.may_be([*a, *b, *c, *d, *e], text, false),
            None => self.may_be_marked(text, false),
        }
    }

    /// Whether a name whose last characters these are, the last one first, may be one of the list.
    /// `text` ends with it; it may be `cut` off at the front.
    #[inline(always)]
    pub(crate) fn may_be(&self, last: [u8; LAST], text: &[u8], cut: bool) -> bool {
        let [a, b, c, d, e] = last.map(fold);
        if (a == MARK) | (b == MARK) | (c == MARK) {
            return self.may_be_marked(text, cut);
        }
        (self.ends[place(a, b)] >> c & 1 != 0) & (self.middles[place(c, d)] >> e & 1 != 0)
    }

    /// The same where a mark is among the last three characters.
    fn may_be_marked(&self, text: &[u8], cut: bool) -> bool {
        let folds = text.iter().rev().take(NAME_MAX).map(|b| fold(*b));
        let mut last = folds.filter(|fold| *fold != MARK);
        let (Some(a), Some(b), Some(c)) = (last.next(), last.next(), last.next()) else {
            return cut;
        };
        self.ends[place(a, b)] >> c & 1 != 0
    }

    /// What the name that ends at `end` says, if it is one of the list: by the longest entry.
    pub(crate) fn kind(&self, text: &[u8], end: usize) -> Option<Kind> {
        if !self.may_end(text, end) {
            return None;
        }
        let mut name = [0u8; ENTRY_MAX];
        let mut starts = [0usize; ENTRY_MAX];
        let (mut count, mut i) = (0, end);
        while count < ENTRY_MAX && i > 0 && end - i < NAME_MAX {
            let b = text[i - 1];
            if b.is_ascii_alphanumeric() || b >= 0x80 {
                name[count] = b.to_ascii_lowercase();
                starts[count] = i - 1;
                count += 1;
            } else if !is_mark(b) && (b != b' ' || i == end || !text[i].is_ascii_alphanumeric()) {
                // One space may stand between two words of a name.
                break;
            }
            i -= 1;
        }
        let name = &name[..count];
        let three = name.get(..ENTRY_MIN)?;
        let from = self.entries.partition_point(|(entry, ..)| entry[..ENTRY_MIN] < *three);
        let near = self.entries[from..].iter().take_while(|(entry, ..)| entry.starts_with(three));
        let mut best = None;
        for (entry, kind, whole) in near {
            if !name.starts_with(entry) {
                continue;
            }
            let start = starts[entry.len() - 1];
            if !*whole || begins_word(text, start) {
                best = Some(*kind);
            }
        }
        best
    }
}

/// A name as the list spells it: lower case, letters and digits only.
fn folded(name: &str) -> String {
    let plain = |c: &char| !matches!(c, '_' | '-' | '.' | ' ');
    name.chars().filter(plain).map(|c| c.to_ascii_lowercase()).collect()
}

/// On raw text: whether the number of an escape spells one of the last characters before `end`.
#[inline]
pub(crate) fn is_spelled(text: &[u8], end: usize) -> bool {
    let near = &text[end.saturating_sub(ESCAPE + 2)..end];
    near.windows(2).any(|two| two == b"\\u")
}

/// An escape by number takes so many bytes.
const ESCAPE: usize = 6;

/// Whether a word begins at `at`: behind a mark, a digit or nothing, with a capital behind a small
/// letter, or behind the letter of an escape.
fn begins_word(text: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| text[i]) else { return true };
    (!before.is_ascii_alphabetic() && before < 0x80)
        || (before.is_ascii_lowercase() && text[at].is_ascii_uppercase())
        || (at >= 2 && text[at - 2] == b'\\')
        || matcher::is_behind_colour(text, at)
}

const fn is_mark(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.')
}

/// Five bits for a character: letters keep apart, digits and what is no ASCII share theirs, and so
/// does whatever may stand between the words of a name.
#[inline]
fn fold(byte: u8) -> u8 {
    FOLDS[usize::from(byte)]
}

/// What may stand between the words of a name.
const MARK: u8 = 0;

static FOLDS: [u8; 256] = {
    let mut folds = [31; 256];
    let mut b = 0;
    while b < 256 {
        folds[b] = match b as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => b as u8 & 31,
            b'_' | b'-' | b'.' | b' ' => MARK,
            b'0'..=b'9' => 29,
            0x80.. => 30,
            _ => 31,
        };
        b += 1;
    }
    folds
};

const fn place(last: u8, second: u8) -> usize {
    (last as usize) << 5 | second as usize
}

fn reversed(name: &str) -> Box<[u8]> {
    name.bytes().rev().collect()
}
