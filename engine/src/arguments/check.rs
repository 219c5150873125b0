//! One thing that has to be so of a value, and what it makes of values of another type.

use super::choice::Choice;
use super::config::Kind;
use super::dash;
use super::kind;
use super::length::Length;
use super::members::Members;
use super::path::PathCheck;
use super::pattern::Pattern;
use super::range::Range;
use super::rules::QuestionKind;
use super::url::UrlCheck;
use crate::base::reason::Reason;

/// A value of the arguments as a check sees it: strings decoded, containers without what is in them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Text(&'a str),
    /// As it is spelled.
    Number(&'a str),
    /// `true` or `false`, as it is spelled.
    Bool(&'a str),
    Null,
    Array,
    Object,
}

/// As what a value is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It stands at the place itself.
    Value,
    /// It is an element of the array that stands there.
    Element,
    /// It is one of all values below.
    Below,
}

/// A check that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Denial {
    pub reason: Reason,
    /// The stable word of the check.
    pub word: &'static str,
}

impl Denial {
    pub(super) const fn of(word: &'static str) -> Self {
        Self { reason: Reason::ArgumentDenied, word }
    }
}

/// What a host has to find out before a check holds.
pub(super) type Asked = Option<(QuestionKind, Box<str>)>;

#[derive(Debug)]
pub(super) enum Check {
    Kind(Kind),
    Dash,
    Path(PathCheck),
    Url(UrlCheck),
    Regex(Pattern),
    NotRegex(Pattern),
    OneOf(Choice),
    Length(Length),
    Range(Range),
    Members(Members),
}

impl Check {
    /// Whether it judges the elements of an array one by one.
    pub(super) fn is_for_elements(&self) -> bool {
        use Check::{Dash, NotRegex, OneOf, Path, Regex, Url};
        matches!(self, Dash | Path(_) | Url(_) | Regex(_) | NotRegex(_) | OneOf(_))
    }

    /// Judges a value. The length of an array and the members of an object are judged where they
    /// are known.
    pub(super) fn judge(&self, value: Value<'_>, role: Role) -> Result<Asked, Denial> {
        if role == Role::Element && !self.is_for_elements() {
            return Ok(None);
        }
        match (self, value) {
            (Self::Kind(wanted), value) => kind::judge(*wanted, value).map(|()| None),
            (Self::Dash, Value::Text(text)) => dash::judge(text).map(|()| None),
            (Self::Path(path), Value::Text(text)) => path.judge(text),
            (Self::Url(url), Value::Text(text)) => url.judge(text),
            (Self::Regex(pattern), Value::Text(text)) => pattern.demand(text).map(|()| None),
            (Self::NotRegex(pattern), Value::Text(text)) => pattern.forbid(text).map(|()| None),
            (Self::OneOf(choice), Value::Text(text) | Value::Number(text) | Value::Bool(text)) => {
                choice.judge(text).map(|()| None)
            }
            (Self::OneOf(choice), Value::Null) => choice.judge("null").map(|()| None),
            (Self::Length(length), Value::Text(text)) => length.judge_text(text).map(|()| None),
            (Self::Range(range), Value::Number(number)) => range.judge(number).map(|()| None),
            (Self::Length(_), Value::Array) | (Self::Members(_), Value::Object) => Ok(None),
            (_, Value::Array) if self.is_for_elements() && role == Role::Value => Ok(None),
            _ if role == Role::Below => Ok(None),
            _ => Err(self.denial()),
        }
    }

    /// What a value of another type is told.
    fn denial(&self) -> Denial {
        match self {
            Self::Path(_) => PathCheck::NO_TEXT,
            Self::Url(_) => UrlCheck::NO_TEXT,
            Self::Kind(_) => kind::DENIAL,
            Self::Dash => dash::DENIAL,
            Self::Regex(_) => Pattern::DEMANDED,
            Self::NotRegex(_) => Pattern::FORBIDDEN,
            Self::OneOf(_) => Choice::DENIAL,
            Self::Length(_) => Length::DENIAL,
            Self::Range(_) => Range::DENIAL,
            Self::Members(_) => Members::DENIAL,
        }
    }
}
