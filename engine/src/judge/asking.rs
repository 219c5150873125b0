//! What has to be known from the host before a call may go on.

use crate::arguments::{Question, QuestionKind};
use crate::base::reason::Reason;

/// One thing to ask.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Whether the call may go on.
    Call,
    /// Where a path leads.
    Path {
        /// The rule of arguments that wants to know.
        rule: u16,
        text: Box<str>,
    },
    /// The addresses of a name.
    Name {
        /// The rule of arguments that wants to know.
        rule: u16,
        text: Box<str>,
    },
}

impl Asked {
    /// What is told when the host is asked.
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Asked::Call => Reason::ApprovalAsked,
            Asked::Path { .. } => Reason::PathAsked,
            Asked::Name { .. } => Reason::NameAsked,
        }
    }

    /// Bytes of memory beside itself.
    pub(crate) fn memory(&self) -> usize {
        match self {
            Asked::Call => 0,
            Asked::Path { text, .. } | Asked::Name { text, .. } => text.len(),
        }
    }
}

impl From<Question> for Asked {
    fn from(question: Question) -> Self {
        let Question { kind, text, rule } = question;
        match kind {
            QuestionKind::Path => Asked::Path { rule, text },
            QuestionKind::Name => Asked::Name { rule, text },
        }
    }
}
