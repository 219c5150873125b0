//! One walk over the arguments of a call, which judges each value where it stands.
//!
//! Never goes back and calls nothing of itself: what is open is a row of levels. A byte is looked at
//! once as text and once more if it is decoded; a value is compared with each rule for the call in
//! as many steps as the rule's place has, however deep it stands. Elements of one array differ by
//! their numbers alone, so the array is compared for them all when it opens.
//!
//! The invariant: there is one level for each container that is open; `hashes` holds the names met
//! so far of each open object, and `asked` the rules about elements of each open array, outer ones
//! first.

use std::borrow::Cow;
use std::ops::Range;

use super::check::{Check, Denial, Role, Value};
use super::place::Fit;
use super::rules::{Active, Asked, QUESTIONS_MAX, Question, Refused, Rule, Scratch};
use crate::base::limits::Limits;
use crate::base::reason::Reason;
use crate::redact::meter;
use crate::wire::{cursor, fold, text};

/// An open container, and which of its values the walk is in.
pub(super) struct Level {
    pub is_object: bool,
    /// The next string is the name of a member.
    wants_name: bool,
    /// So many members or elements were met.
    pub count: u32,
    /// The name of the member that the walk is in: where it stands, and its hash.
    name: Range<usize>,
    pub hash: u64,
    /// Where the hashes of the names begin.
    hashes_from: usize,
    /// Where the rules about its elements begin.
    asked_from: usize,
}

/// A walk.
pub(super) struct Walk<'w, R> {
    rules: &'w [Rule],
    frame: &'w [u8],
    limits: &'w Limits,
    raw: R,
    scratch: &'w mut Scratch,
    questions: Vec<Question>,
}

impl<'w, 'a, R: Fn(Range<usize>) -> Cow<'a, [u8]>> Walk<'w, R> {
    pub(super) fn new(
        rules: &'w [Rule],
        frame: &'w [u8],
        limits: &'w Limits,
        raw: R,
        scratch: &'w mut Scratch,
    ) -> Self {
        scratch.levels.clear();
        scratch.hashes.clear();
        scratch.asked.clear();
        Self { rules, frame, limits, raw, scratch, questions: Vec::new() }
    }

    /// Walks over the value that stands here.
    pub(super) fn run(mut self, range: Range<usize>) -> Result<Vec<Question>, Refused> {
        let frame = self.frame;
        let (mut at, end) = (range.start, range.end.min(frame.len()));
        while at < end {
            let start = at;
            match frame[start] {
                b'"' => {
                    at = cursor::string_end(frame, start);
                    self.string(start + 1..(at - 1).max(start + 1))?;
                }
                b'{' => {
                    self.value(Value::Object)?;
                    self.open(true)?;
                    at += 1;
                }
                b'[' => {
                    self.value(Value::Array)?;
                    self.open(false)?;
                    at += 1;
                }
                b'}' | b']' => {
                    self.close()?;
                    at += 1;
                }
                b',' => {
                    if let Some(level) = self.scratch.levels.last_mut() {
                        level.wants_name = level.is_object;
                    }
                    at += 1;
                }
                b':' | b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                _ => {
                    at = cursor::atom_end(frame, start).max(start + 1);
                    self.value(atom(&frame[start..at]))?;
                }
            }
            meter(at - start);
        }
        Ok(self.questions)
    }

    fn open(&mut self, is_object: bool) -> Result<(), Refused> {
        if self.scratch.levels.len() >= self.limits.frame_depth_max as usize {
            return Err(Refused::unruly(Reason::TooDeep));
        }
        let asked_from = self.scratch.asked.len();
        self.scratch.levels.push(Level {
            is_object,
            wants_name: is_object,
            count: 0,
            name: 0..0,
            hash: 0,
            hashes_from: self.scratch.hashes.len(),
            asked_from,
        });
        if !is_object {
            self.ask_about_elements();
        }
        Ok(())
    }

    /// Decides which rules may be about elements of the array that just opened.
    fn ask_about_elements(&mut self) {
        let Scratch { levels, active, loose, asked, .. } = &mut *self.scratch;
        let Some((_, above)) = levels.split_last() else { return };
        let name = |level: &Level| (self.raw)(level.name.clone());
        let member = above.last().filter(|level| level.is_object);
        for at in near(member.is_some(), active, loose) {
            let Active { number, leaf, .. } = active[at];
            let rule = &self.rules[usize::from(number)];
            let is_other = member.is_some_and(|level| leaf.is_some_and(|leaf| leaf != level.hash));
            let is_named = rule.place.is_named();
            if is_named && is_other {
                // Nearly every array is the member of another name.
                continue;
            }
            let fit = if is_named {
                Fit::No
            } else {
                meter(rule.place.steps());
                rule.place.fit(levels, name)
            };
            let is_for_each = rule.is_for_elements && !is_other && {
                meter(rule.place.steps());
                rule.place.fit(above, name) == Fit::Yes
            };
            if fit != Fit::No || is_for_each {
                asked.push(Asked { at: at as u16, fit, is_for_each });
            }
        }
    }

    /// A string: the name of a member, or a value.
    fn string(&mut self, inside: Range<usize>) -> Result<(), Refused> {
        let is_name = self.scratch.levels.last().is_some_and(|level| level.wants_name);
        if is_name { self.name(inside) } else { self.text(inside) }
    }

    fn name(&mut self, inside: Range<usize>) -> Result<(), Refused> {
        let raw = (self.raw)(inside.clone());
        let hash = fold::hash(&raw);
        let Scratch { levels, hashes, active, has_members, text: decoded, .. } = &mut *self.scratch;
        let Some((level, above)) = levels.split_last_mut() else { return Ok(()) };
        hashes.push(hash);
        level.count += 1;
        level.wants_name = false;
        level.name = inside;
        level.hash = hash;
        if level.count > self.limits.members_max {
            return Err(Refused::unruly(Reason::TooManyMembers));
        }
        if !*has_members {
            return Ok(());
        }
        decoded.clear();
        for &Active { number, .. } in &*active {
            let rule = &self.rules[usize::from(number)];
            let members = rule.checks.iter().find_map(|check| match check {
                Check::Members(members) => Some(members),
                _ => None,
            });
            let Some(members) = members else { continue };
            meter(rule.place.steps());
            if rule.place.fit(above, |level| (self.raw)(level.name.clone())) != Fit::Yes {
                continue;
            }
            if decoded.is_empty() {
                text::decode_into(&raw, decoded);
            }
            members.judge(decoded).map_err(|denial| denial.by(number))?;
        }
        Ok(())
    }

    /// A string that is a value: decoded only if a rule looks at it.
    fn text(&mut self, inside: Range<usize>) -> Result<(), Refused> {
        self.count();
        let mut decoded = std::mem::take(&mut self.scratch.text);
        // What stands there is of another string.
        decoded.clear();
        let mut raw = None;
        let mut judged = Ok(());
        for at in self.asked() {
            let (number, role) = match self.role(at) {
                Ok(Some(found)) => found,
                Ok(None) => continue,
                Err(refused) => {
                    judged = Err(refused);
                    break;
                }
            };
            let raw = &**raw.get_or_insert_with(|| (self.raw)(inside.clone()));
            judged = read(raw, &mut decoded)
                .map_err(|denial| denial.by(number))
                .and_then(|text| self.judge(number, Value::Text(text), role));
            if judged.is_err() {
                break;
            }
        }
        self.scratch.text = decoded;
        judged
    }

    /// Any other value.
    fn value(&mut self, value: Value<'_>) -> Result<(), Refused> {
        self.count();
        for at in self.asked() {
            if let Some((number, role)) = self.role(at)? {
                self.judge(number, value, role)?;
            }
        }
        Ok(())
    }

    /// One more element, if the value is one.
    fn count(&mut self) {
        if let Some(level) = self.scratch.levels.last_mut().filter(|level| !level.is_object) {
            level.count += 1;
        }
    }

    /// The rules to ask about the value that the walk is at: of `asked`, if it is an element, and
    /// of all that are active otherwise.
    fn asked(&self) -> Range<usize> {
        match self.scratch.levels.last() {
            Some(level) if !level.is_object => level.asked_from..self.scratch.asked.len(),
            _ => 0..self.scratch.active.len(),
        }
    }

    /// As what one of these rules looks at the value that the walk is at, if it does.
    fn role(&mut self, at: usize) -> Result<Option<(u16, Role)>, Refused> {
        let levels = &self.scratch.levels[..];
        let Some(level) = levels.last().filter(|level| !level.is_object) else {
            let Active { number, leaf, .. } = self.scratch.active[at];
            if let (Some(level), Some(leaf)) = (levels.last(), leaf)
                && level.hash != leaf
            {
                // Nearly every value is the member of another name.
                return Ok(None);
            }
            let place = &self.rules[usize::from(number)].place;
            meter(place.steps());
            let fit = place.fit(levels, |level| (self.raw)(level.name.clone()));
            return self.role_by(at, fit, false);
        };
        meter(1);
        let Asked { at, fit, is_for_each } = self.scratch.asked[at];
        let at = usize::from(at);
        let place = &self.rules[usize::from(self.scratch.active[at].number)].place;
        let is_met = fit != Fit::No && place.takes(levels.len(), level.count - 1);
        self.role_by(at, if is_met { fit } else { Fit::No }, is_for_each)
    }

    /// The same, if it is known how the value stands to the place of an active rule.
    fn role_by(
        &mut self,
        at: usize,
        fit: Fit,
        is_for_each: bool,
    ) -> Result<Option<(u16, Role)>, Refused> {
        let active = &mut self.scratch.active[at];
        let number = active.number;
        match fit {
            Fit::Yes => {
                active.met = true;
                let is_open = self.rules[usize::from(number)].place.is_open();
                Ok(Some((number, if is_open { Role::Below } else { Role::Value })))
            }
            Fit::Folded => {
                let reason = Reason::FoldedMember;
                Err(Refused { rule: Some(number), reason, word: reason.name() })
            }
            Fit::No => Ok(is_for_each.then_some((number, Role::Element))),
        }
    }

    /// Judges a value by all checks of a rule.
    fn judge(&mut self, number: u16, value: Value<'_>, role: Role) -> Result<(), Refused> {
        let rules = self.rules;
        for check in &*rules[usize::from(number)].checks {
            let asked = check.judge(value, role).map_err(|denial| denial.by(number))?;
            if let Some((kind, text)) = asked {
                self.ask(Question { kind, text, rule: number })?;
            }
        }
        Ok(())
    }

    fn ask(&mut self, question: Question) -> Result<(), Refused> {
        if self.questions.contains(&question) {
            return Ok(());
        }
        if self.questions.len() == QUESTIONS_MAX {
            let denial = Denial { reason: Reason::Undecided, word: "questions" };
            return Err(denial.by(question.rule));
        }
        self.questions.push(question);
        Ok(())
    }

    /// Leaves a container, of which all is known.
    fn close(&mut self) -> Result<(), Refused> {
        let Some(level) = self.scratch.levels.pop() else { return Ok(()) };
        if level.is_object {
            let names = &mut self.scratch.hashes[level.hashes_from..];
            if has_duplicate(names) {
                return Err(Refused::unruly(Reason::DuplicateMember));
            }
            self.scratch.hashes.truncate(level.hashes_from);
            return Ok(());
        }
        self.scratch.asked.truncate(level.asked_from);
        let Scratch { levels, active, loose, .. } = &*self.scratch;
        let member = levels.last().filter(|level| level.is_object);
        for at in near(member.is_some(), active, loose) {
            let Active { number, leaf, .. } = active[at];
            if member.is_some_and(|level| leaf.is_some_and(|leaf| leaf != level.hash)) {
                continue;
            }
            let rule = &self.rules[usize::from(number)];
            let length = rule.checks.iter().find_map(|check| match check {
                Check::Length(length) => Some(length),
                _ => None,
            });
            let Some(length) = length else { continue };
            meter(rule.place.steps());
            let name = |level: &Level| (self.raw)(level.name.clone());
            if rule.place.fit(levels, name) == Fit::Yes {
                length.judge(u64::from(level.count)).map_err(|denial| denial.by(number))?;
            }
        }
        Ok(())
    }
}

/// Which of the active rules may be about an array or its elements: all of them, if it is the member
/// of an object, and the loose ones, if it is itself an element.
fn near(is_member: bool, active: &[Active], loose: &[u16]) -> impl Iterator<Item = usize> {
    let (all, loose) = if is_member { (active.len(), &[][..]) } else { (0, loose) };
    (0..all).chain(loose.iter().map(|at| usize::from(*at)))
}

/// The decoded text of a string. If it has to be decoded, it stands in `decoded`, which is empty at
/// first; asked again, it stands there already.
fn read<'t>(raw: &'t [u8], decoded: &'t mut Vec<u8>) -> Result<&'t str, Denial> {
    let bytes = if text::has_escape(raw) {
        if text::has_lone_surrogate(raw) {
            return Err(Denial {
                reason: Reason::LoneSurrogate,
                word: Reason::LoneSurrogate.name(),
            });
        }
        if decoded.is_empty() {
            text::decode_into(raw, decoded);
        }
        &**decoded
    } else {
        raw
    };
    std::str::from_utf8(bytes).map_err(|_| Denial { reason: Reason::Undecided, word: "utf8" })
}

/// A number or a word.
fn atom(spelled: &[u8]) -> Value<'_> {
    let spelled = std::str::from_utf8(spelled).unwrap_or_default();
    match spelled {
        "true" | "false" => Value::Bool(spelled),
        "null" => Value::Null,
        _ => Value::Number(spelled),
    }
}

/// Whether a number occurs twice. The order is lost.
fn has_duplicate(hashes: &mut [u64]) -> bool {
    if hashes.len() <= 8 {
        return (1..hashes.len()).any(|at| hashes[..at].contains(&hashes[at]));
    }
    hashes.sort_unstable();
    hashes.windows(2).any(|pair| pair[0] == pair[1])
}
