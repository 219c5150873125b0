//! One message, as the rules see it.

use std::borrow::Cow;
use std::ops::Range;

use super::envelope::{Envelope, Method, few_unique, members_unique, named, string};
use super::peer::Peer;
use super::policy::Policy;
use crate::base::event::Message;
use crate::base::limits::Limits;
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::rights::Who;
use crate::wire::cursor::{Cursor, Member};
use crate::wire::fold;
use crate::wire::scanner::Scanner;
use crate::wire::text;

/// One message, and what is known beside it.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub policy: &'a Policy,
    pub limits: &'a Limits,
    /// Who sent it.
    pub side: Side,
    pub frame: &'a [u8],
    pub scan: &'a Scanner,
    pub envelope: &'a Envelope,
    pub who: Who<'a>,
    /// The server's name is longer than what is kept of it.
    pub server_is_cut: bool,
    /// What the host said of the client.
    pub peer: Option<&'a Peer>,
    /// The time on the wall.
    pub wall_ms: u64,
    /// The connection is one of 2026-07-28.
    pub modern: bool,
    /// `initialize` had its result.
    pub initialized: bool,
}

impl<'a> Case<'a> {
    /// Whether it asks or tells, rather than answers.
    pub(crate) fn says(&self) -> bool {
        matches!(self.envelope.message, Message::Request | Message::Notification)
    }

    /// Whether the client calls one of these methods.
    pub(crate) fn calls(&self, methods: &[Method]) -> bool {
        self.side == Side::Client && self.says() && methods.contains(&self.envelope.method)
    }

    /// The value of a member of `params`, which were read whole.
    ///
    /// # Errors
    /// A member that some decoder takes for it.
    pub(crate) fn param(&self, name: &'static str) -> Result<Option<Range<usize>>, Reason> {
        self.member(&self.scan.inner()[self.envelope.params.clone()], name)
    }

    /// The value of a member of `result`.
    ///
    /// # Errors
    /// As of [`outcome`](Self::outcome), and a member that some decoder takes for it.
    pub(crate) fn result(&self, name: &'static str) -> Result<Option<Range<usize>>, Reason> {
        match self.envelope.is_result {
            true => self.outcome()?.value(self.frame, name),
            false => Ok(None),
        }
    }

    /// What an answer brings, `result` or `error`. It is read whole before a decision rests on it.
    ///
    /// # Errors
    /// Two members that some decoder takes for one, or more than can be looked at.
    pub(crate) fn outcome(&self) -> Result<Outcome<'a>, Reason> {
        if self.scan.has_overflow() {
            return Err(Reason::TooManyMembers);
        }
        let members = &self.scan.inner()[self.envelope.outcome.clone()];
        let few = few_unique(self.frame, members.iter());
        match few.unwrap_or_else(|| members_unique(self.frame, members.iter(), &mut Vec::new())) {
            true => Ok(Outcome { members, is_plain: few.is_some() }),
            false => Err(Reason::DuplicateMember),
        }
    }

    /// The members of an object, each name once.
    ///
    /// # Errors
    /// It is no object, has too many members, or two that some decoder takes for one.
    pub(crate) fn members(&self, value: &Range<usize>) -> Result<Vec<Member>, Reason> {
        let mut cursor = Cursor::new(self.frame, value.start);
        if !cursor.enter(b'{') {
            return Err(Reason::BadParamsMember);
        }
        let max = self.limits.members_max as usize;
        let members: Vec<Member> = std::iter::from_fn(|| cursor.member()).take(max + 1).collect();
        if members.len() > max {
            return Err(Reason::TooManyMembers);
        }
        match members_unique(self.frame, members.iter(), &mut Vec::new()) {
            true => Ok(members),
            false => Err(Reason::DuplicateMember),
        }
    }

    /// The value of one of these members.
    ///
    /// # Errors
    /// A member that some decoder takes for it.
    pub(crate) fn member(
        &self,
        members: &[Member],
        name: &'static str,
    ) -> Result<Option<Range<usize>>, Reason> {
        let found = named(self.frame, members.iter(), (name, fold::hash_of(name)))?;
        Ok(found.map(|member| member.value.clone()))
    }

    /// The elements of an array, each where it stands.
    ///
    /// # Errors
    /// It is no array.
    pub(crate) fn elements(
        &self,
        value: &Range<usize>,
    ) -> Result<impl Iterator<Item = Range<usize>> + use<'a>, Reason> {
        let mut cursor = Cursor::new(self.frame, value.start);
        if !cursor.enter(b'[') {
            return Err(Reason::BadParamsMember);
        }
        Ok(std::iter::from_fn(move || cursor.element()))
    }

    /// The decoded text of a string, which leaves as it is judged.
    ///
    /// # Errors
    /// It is no string, holds half of a character, or comes from the server with a character that
    /// nobody sees and that may be taken out of it.
    pub(crate) fn text(&self, value: &Range<usize>) -> Result<Cow<'a, str>, Reason> {
        let text = self.decoded(value)?;
        if self.side == Side::Server && text.chars().any(is_unseen) {
            return Err(Reason::Undecided);
        }
        Ok(text)
    }

    fn decoded(&self, value: &Range<usize>) -> Result<Cow<'a, str>, Reason> {
        let raw = string(self.frame, value).ok_or(Reason::BadParamsMember)?;
        if !text::has_escape(raw) {
            return Ok(Cow::Borrowed(std::str::from_utf8(raw).unwrap_or_default()));
        }
        if text::has_lone_surrogate(raw) {
            return Err(Reason::LoneSurrogate);
        }
        let mut decoded = Vec::with_capacity(raw.len());
        text::decode(raw, &mut decoded);
        Ok(Cow::Owned(String::from_utf8(decoded).unwrap_or_default()))
    }
}

/// The members of what an answer brings, each name once.
#[derive(Clone, Copy)]
pub(crate) struct Outcome<'a> {
    members: &'a [Member],
    /// All names are spelled in ASCII without escapes.
    is_plain: bool,
}

impl Outcome<'_> {
    /// The value of one of them.
    ///
    /// # Errors
    /// A member that some decoder takes for it.
    pub(crate) fn value(
        &self,
        frame: &[u8],
        name: &'static str,
    ) -> Result<Option<Range<usize>>, Reason> {
        let mut members = self.members.iter();
        if !self.is_plain {
            let found = named(frame, members, (name, fold::hash_of(name)))?;
            return Ok(found.map(|member| member.value.clone()));
        }
        let raw = |member: &Member| &frame[member.name.clone()];
        match members.find(|member| raw(member).eq_ignore_ascii_case(name.as_bytes())) {
            Some(member) if raw(member) == name.as_bytes() => Ok(Some(member.value.clone())),
            Some(_) => Err(Reason::FoldedMember),
            None => Ok(None),
        }
    }
}

/// Whether a character is one that sanitising may take out: of no width, of direction, a tag, the
/// start of a sequence for a terminal.
pub(crate) fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{e0000}'..='\u{e0fff}' | '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
    )
}
