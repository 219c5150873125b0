//! The built-in rules, as tables of data, one for each section.
//!
//! A rule is a line. Nothing here is a regular expression and nothing looks at text: the matchers
//! do. Lengths are the smallest ones ever issued or a little less, never the exact ones, because a
//! token that grew must go as a whole. A checksum raises confidence; its failure clears nothing,
//! unless the rule would be a mere guess without it and says so. The order is part of the interface
//! only in that lower numbers win ties: rules that know more come first.

mod chat;
mod clouds;
mod commerce;
mod generic;
mod hosting;
mod keyed;
mod models;
mod named;
mod personal;
mod services;

use super::class::Class;
use super::rule::{Check, Group, Need, Part, Rule, Severity, Shape, Signed, Token};

/// Every built-in rule; the place of a rule is its number.
pub(crate) static CATALOGUE: &[Rule] = &TABLE;

static TABLE: [Rule; COUNT] = table();

const SECTIONS: &[&[Rule]] = &[
    hosting::RULES,
    clouds::RULES,
    models::RULES,
    chat::RULES,
    commerce::RULES,
    services::RULES,
    generic::RULES,
    keyed::RULES,
    named::RULES,
    personal::RULES,
];

const COUNT: usize = {
    let (mut count, mut section) = (0, 0);
    while section < SECTIONS.len() {
        count += SECTIONS[section].len();
        section += 1;
    }
    count
};

/// The sections one after the other, put together when the program is compiled.
const fn table() -> [Rule; COUNT] {
    let mut table = [SECTIONS[0][0]; COUNT];
    let (mut at, mut section) = (0, 0);
    while section < SECTIONS.len() {
        let mut row = 0;
        while row < SECTIONS[section].len() {
            table[at] = SECTIONS[section][row];
            at += 1;
            row += 1;
        }
        section += 1;
    }
    table
}

const ALNUM: Class = Class::ALNUM;
const BASE64: Class = Class::BASE64;
const DIGIT: Class = Class::DIGIT;
const DOTTED: Class = Class::DOTTED;
const HEX: Class = Class::HEX;
const TOKEN: Class = Class::TOKEN;
const UPNUM: Class = Class::UPNUM;
/// Lower-case letters and digits.
const LOWNUM: Class = Class::LOWER.or(Class::DIGIT);
/// Both base64 alphabets and padding.
const PADDED: Class = Class::TOKEN.or(Class::BASE64).or(Class::EQUALS);
/// The alphabet of crypt(3).
const CRYPT: Class = Class::ALNUM.or(Class::DOT).or(Class::SLASH);

/// Eight, four, four, four and twelve hexadecimal digits.
const UUID: &[Part] = &[
    Part::Exact(HEX, 8),
    Part::Lit("-"),
    Part::Exact(HEX, 4),
    Part::Lit("-"),
    Part::Exact(HEX, 4),
    Part::Lit("-"),
    Part::Exact(HEX, 4),
    Part::Lit("-"),
    Part::Run(HEX, 12, 12),
];

/// A token that starts with one of `heads`.
const fn head(
    name: &'static str,
    provider: &'static str,
    severity: Severity,
    heads: &'static [&'static str],
    after: &'static [Part],
    grow: Class,
) -> Rule {
    behind(name, provider, severity, &[], heads, after, grow)
}

/// A token whose anchor, or part of it, stands before the run.
const fn behind(
    name: &'static str,
    provider: &'static str,
    severity: Severity,
    before: &'static [Part],
    heads: &'static [&'static str],
    after: &'static [Part],
    grow: Class,
) -> Rule {
    let token =
        Token { before, heads, after, grow, need: Need::Nothing, whole: false, word: false };
    shape(name, provider, severity, Shape::Token(token))
}

/// A key of Microsoft's with `sign` behind so many bytes of `class`.
const fn signed(
    name: &'static str,
    severity: Severity,
    sign: &'static str,
    class: Class,
    offset: usize,
) -> Rule {
    shape(name, "Azure", severity, Shape::Signed(Signed { sign, class, offset }))
}

/// A rule with a matcher of its own.
const fn shape(
    name: &'static str,
    provider: &'static str,
    severity: Severity,
    shape: Shape,
) -> Rule {
    Rule { name, provider, severity, group: Group::Secrets, shape, check: None, proven: true }
}

impl Rule {
    /// The token holds a digit and a letter: identifiers start so too.
    const fn mixed(self) -> Rule {
        self.needing(Need::Mix)
    }

    /// The token does not read like words: it has letters only, and so have words.
    const fn random(self) -> Rule {
        self.needing(Need::Random)
    }

    /// The token has letters of both cases and a digit: hashes are spelled in one case.
    const fn cased(self) -> Rule {
        self.needing(Need::Cased)
    }

    /// The token has `text` in its middle.
    const fn infix(self, text: &'static str) -> Rule {
        self.needing(Need::Infix(text))
    }

    /// The heads are words as well: in the middle of a name they say nothing.
    const fn word(mut self) -> Rule {
        match self.shape {
            Shape::Token(mut token) => {
                token.word = true;
                self.shape = Shape::Token(token);
            }
            _ => panic!("only a token has heads"),
        }
        self
    }

    /// The last part is at most as long as usual, and what follows it is no token character. For
    /// anchors so short that the length has to speak too.
    const fn whole(mut self) -> Rule {
        match self.shape {
            Shape::Token(mut token) => {
                token.whole = true;
                self.shape = Shape::Token(token);
            }
            _ => panic!("only a token is whole"),
        }
        self
    }

    const fn needing(mut self, need: Need) -> Rule {
        match self.shape {
            Shape::Token(mut token) => {
                token.need = need;
                self.shape = Shape::Token(token);
            }
            _ => panic!("only a token has such a need"),
        }
        self
    }

    /// What a secret of this kind holds can be checked.
    const fn checked(mut self, check: Check) -> Rule {
        self.check = Some(check);
        self
    }

    /// What a secret of this kind holds is checked, and only what passes is one.
    const fn demanding(self, check: Check) -> Rule {
        self.checked(check).needing(Need::Check(check))
    }

    /// No example was found outside this project.
    const fn unproven(mut self) -> Rule {
        self.proven = false;
        self
    }
}
