//! Finds personal data: cards, accounts, addresses, telephone numbers, numbers of the state.
//!
//! ```text
//!   text ──> digit runs and '@' ──> forms that have a run of this length ──> border ──> check digit ──> a word near by
//! ```
//!
//! Off by default, so every string of a frame is searched when it is on, and clean text is passed
//! over 32 bytes at a time. Nothing is kept between calls. Every look around a place is bounded, so
//! the work is linear.
//!
//! The invariant: what is found in a decoded string, [`Personal::may_hold`] has announced on its
//! raw text.

mod account;
pub(crate) mod check;
mod contact;
pub(crate) mod form;
pub(crate) mod sample;

pub(crate) use form::Form;

/// What personal data looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A payment card.
    Card,
    /// An international bank account number.
    Iban,
    /// An e-mail address.
    Email,
    /// A telephone number behind a plus and the code of a country.
    International,
    /// A vehicle; the words that tell it from a serial number.
    Vehicle(&'static [&'static str]),
    /// A number of fixed form.
    Form(&'static Form),
}

/// The rules for personal data in force, ordered for look-up.
#[derive(Clone, Default)]
pub(crate) struct Personal {
    card: Option<u16>,
    iban: Option<u16>,
    email: Option<u16>,
    international: Option<u16>,
    vehicle: Option<(u16, &'static [&'static str])>,
    /// By the length of the first run of digits: the ways to write a number.
    written: [Vec<Written>; RUN_MAX + 1],
    on: bool,
}

/// A way to write a number.
#[derive(Clone, Copy)]
struct Written {
    rule: u16,
    form: &'static Form,
    template: &'static [u8],
    /// What stands before its first digit.
    lead: usize,
    /// What follows its first run of digits, if that is a certain byte.
    next: Option<u8>,
    /// It needs a word.
    worded: bool,
}

/// No form begins with more digits.
const RUN_MAX: usize = 18;

impl Personal {
    /// Adds a rule.
    pub(crate) fn add(&mut self, rule: u16, kind: Kind) {
        self.on = true;
        match kind {
            Kind::Card => self.card = Some(rule),
            Kind::Iban => self.iban = Some(rule),
            Kind::Email => self.email = Some(rule),
            Kind::International => self.international = Some(rule),
            Kind::Vehicle(words) => self.vehicle = Some((rule, words)),
            Kind::Form(form) => {
                for (template, worded) in form
                    .marked
                    .iter()
                    .map(|t| (t.as_bytes(), false))
                    .chain(form.worded.iter().map(|t| (t.as_bytes(), true)))
                {
                    self.add_written(rule, form, template, worded);
                }
            }
        }
    }

    fn add_written(
        &mut self,
        rule: u16,
        form: &'static Form,
        template: &'static [u8],
        worded: bool,
    ) {
        let lead = template.iter().take_while(|b| **b != b'9').count();
        let run = template[lead..].iter().take_while(|b| **b == b'9').count();
        let next = template.get(lead + run).copied().filter(|b| !b"AX".contains(b));
        let written = Written { rule, form, template, lead, next, worded };
        self.written[run].push(written);
        // The X behind them may be a digit.
        if template.get(lead + run) == Some(&b'X') {
            self.written[run + 1].push(written);
        }
    }

    /// Whether any rule of the group is in force.
    pub(crate) fn is_on(&self) -> bool {
        self.on
    }

    /// Whether a string of a raw frame may hold personal data. A quick no for frames of prose, and
    /// for few others.
    pub(crate) fn may_hold(&self, raw: &[u8]) -> bool {
        let mut at = 0;
        while let Some(i) = next_place(raw, at) {
            // Every number has two digits side by side somewhere.
            if raw[i] == b'@' || raw.get(i + 1).is_some_and(u8::is_ascii_digit) {
                return true;
            }
            at = i + 1;
        }
        false
    }

    /// Calls `found` with rule, first byte and end of whatever is found, with overlaps. `name` is
    /// the name of the member whose value the text is.
    pub(crate) fn find(
        &self,
        name: Option<&[u8]>,
        text: &[u8],
        mut found: impl FnMut(u16, usize, usize),
    ) {
        let mut at = 0;
        while let Some(i) = next_place(text, at) {
            at = i + 1;
            if text[i] == b'@' {
                if let (Some(rule), Some((start, end))) = (self.email, contact::email(text, i)) {
                    found(rule, start, end);
                }
                continue;
            }
            while text.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            self.number(name, text, i, at, &mut found);
        }
    }

    /// A run of digits stands between `at` and `end`.
    fn number(
        &self,
        name: Option<&[u8]>,
        text: &[u8],
        at: usize,
        end: usize,
        found: &mut impl FnMut(u16, usize, usize),
    ) {
        let run = end - at;
        let before = if at > 0 { text[at - 1] } else { 0 };
        let mut tell = |rule: Option<u16>, place: Option<(usize, usize)>| {
            if let (Some(rule), Some((start, end))) = (rule, place) {
                found(rule, start, end);
            }
        };
        if self.card.is_some() && matches!(run, 4 | 13..=19) {
            tell(self.card, account::card(text, at, end));
        }
        if self.iban.is_some() && run >= 2 && before.is_ascii_uppercase() {
            tell(self.iban, account::iban(text, at));
        }
        if self.international.is_some() && before == b'+' {
            tell(self.international, contact::international(text, at));
        }
        if let Some((rule, words)) = self.vehicle
            && let Some((start, end)) = account::vin(text, at, end)
            && form::has_word(words, name, text, start)
        {
            tell(Some(rule), Some((start, end)));
        }
        for written in self.written.get(run).into_iter().flatten() {
            if written.next.is_some() && written.next.as_ref() != text.get(end) {
                continue;
            }
            tell(Some(written.rule), written.find(name, text, at));
        }
    }
}

impl Written {
    /// Looks for a number that is written this way and whose first digit is at `at`.
    fn find(&self, name: Option<&[u8]>, text: &[u8], at: usize) -> Option<(usize, usize)> {
        let start = at.checked_sub(self.lead)?;
        let (chars, count) = form::read(self.template, text, start)?;
        let end = start + self.template.len();
        let is_number = (self.form.check)(&chars[..count])
            && form::is_apart(text, start, end, form::separators(self.template))
            && (!self.worded || form::has_word(self.form.words, name, text, start));
        is_number.then_some((start, end))
    }
}

/// The next digit or `@`.
fn next_place(text: &[u8], from: usize) -> Option<usize> {
    // So many at once that the compiler compares them side by side; where digits are, more are
    // near.
    const BLOCK: usize = 32;
    const NEAR: usize = 12;
    let is_place = |b: u8| b.is_ascii_digit() || b == b'@';
    let near = text.get(from..)?.iter().take(NEAR);
    let mut at = from + near.len();
    if let Some(i) = near.into_iter().position(|b| is_place(*b)) {
        return Some(from + i);
    }
    for block in text[at..].chunks(BLOCK) {
        if block.iter().fold(false, |any, b| any | is_place(*b)) {
            return block.iter().position(|b| is_place(*b)).map(|i| at + i);
        }
        at += block.len();
    }
    None
}
