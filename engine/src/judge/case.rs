//! One message, as the rules see it.

use std::borrow::Cow;
use std::ops::Range;

use super::envelope::{Envelope, Method, members_unique, named, string};
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
        Ok(self.inner(b"params", name)?.map(|member| member.value.clone()))
    }

    /// The value of a member of `result`.
    ///
    /// # Errors
    /// A member that some decoder takes for it, or more members than can be looked at.
    pub(crate) fn result(&self, name: &'static str) -> Result<Option<Range<usize>>, Reason> {
        if self.scan.has_overflow() {
            return Err(Reason::TooManyMembers);
        }
        Ok(self.inner(b"result", name)?.map(|member| member.value.clone()))
    }

    fn inner(&self, top: &[u8], name: &'static str) -> Result<Option<&'a Member>, Reason> {
        let is_it = |member: &[u8]| text::equals(member, top);
        let tops = self.scan.top();
        let Some(top) = tops.iter().find(|top| is_it(&self.frame[top.at.name.clone()])) else {
            return Ok(None);
        };
        let inner = &self.scan.inner()[top.inner.clone()];
        named(self.frame, inner.iter(), (name, fold::hash_of(name)))
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

    /// The decoded text of a string.
    ///
    /// # Errors
    /// It is no string, or holds half of a character.
    pub(crate) fn text(&self, value: &Range<usize>) -> Result<Cow<'a, str>, Reason> {
        let raw = string(self.frame, value).ok_or(Reason::BadParamsMember)?;
        if text::has_lone_surrogate(raw) {
            return Err(Reason::LoneSurrogate);
        }
        if !text::has_escape(raw) {
            return Ok(Cow::Borrowed(std::str::from_utf8(raw).unwrap_or_default()));
        }
        let mut decoded = Vec::with_capacity(raw.len());
        text::decode(raw, &mut decoded);
        Ok(Cow::Owned(String::from_utf8(decoded).unwrap_or_default()))
    }
}
