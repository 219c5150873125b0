//! Names that say "secret": of members, variables, headers, parameters and options.
//!
//! The list is data. A name is told by its end (`DB_PASSWORD`, `stripe.secretKey`), in any case and
//! with any `_`, `-`, `.` or space between its words. Nothing here looks at a value, and no name is
//! followed further back than [`NAME_MAX`].

use super::config::NameConfig;
use super::context::NAME_MAX;
use super::matcher;
use crate::base::error::ConfigError;

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
/// No entry is shorter: the table below looks at so many characters.
const ENTRY_MIN: usize = 3;

/// The names in force, ordered for look-up.
#[derive(Clone)]
pub(crate) struct Names {
    /// One bit for each three characters that an entry ends with: the last two select the word, the
    /// one before them the bit.
    ends: Box<[u32; 1024]>,
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
            entries: kept.map(|e| (reversed(e.text), e.kind, e.whole)).chain(own).collect(),
        };
        names.entries.sort_by(|a, b| a.0.cmp(&b.0));
        for (entry, ..) in &names.entries {
            if let [a, b, c, ..] = **entry {
                names.ends[place(a, b)] |= bit(c);
            }
        }
        Ok(names)
    }

    /// Lets [`Names::may_end`] say yes to names that end with this, lower case and without marks:
    /// rules with names of their own ask it too.
    pub(crate) fn admit(&mut self, name: &str) {
        if let [.., c, b, a] = *name.as_bytes() {
            self.ends[place(a, b)] |= bit(c);
        }
    }

    /// Whether a name that ends at `end` may be one of the list: a quick no for most.
    #[inline]
    pub(crate) fn may_end(&self, text: &[u8], end: usize) -> bool {
        let Some([c, b, a]) = text.get(..end).and_then(|t| t.last_chunk::<3>().copied()) else {
            return false;
        };
        // A mark within the last three is rare: then the characters before it count.
        let (a, b, c) = match is_mark(a) | is_mark(b) | is_mark(c) {
            false => (a, b, c),
            true => match last_three(text, end) {
                Some(three) => three,
                None => return false,
            },
        };
        self.ends[place(a.to_ascii_lowercase(), b.to_ascii_lowercase())]
            & bit(c.to_ascii_lowercase())
            != 0
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

/// The last three characters of a name that are no marks, from the last one on.
fn last_three(text: &[u8], end: usize) -> Option<(u8, u8, u8)> {
    let mut three = text[..end].iter().rev().take(8).filter(|b| !is_mark(**b));
    Some((*three.next()?, *three.next()?, *three.next()?))
}

/// Letters keep apart; what else a name holds shares their places, which costs a look and no more.
const fn place(last: u8, second: u8) -> usize {
    ((last & 31) as usize) << 5 | (second & 31) as usize
}

const fn bit(third: u8) -> u32 {
    1 << (third & 31)
}

fn reversed(name: &str) -> Box<[u8]> {
    name.bytes().rev().collect()
}
