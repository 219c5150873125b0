//! The rules that say yes or no to a message, one a file, and the one function that folds them.
//!
//! A rule sees the message as it came and changes nothing. The first that refuses decides; what is
//! to be asked of the host is gathered from all.

mod arguments;
mod era;
mod inputs;
mod method;
mod peer;
mod prompt;
mod resource;
mod start;
mod tool;

use super::asking::Asked;
use super::case::Case;
use super::reply::{Cause, Refusal};
use crate::arguments::Scratch;
use crate::base::reason::Reason;
use crate::rights::{Kind, Ruling};

/// What a rule says of a message.
pub(crate) enum Verdict {
    /// Nothing stands against it.
    Pass,
    /// The host has to be asked first.
    Ask(Vec<Asked>),
    /// It is refused.
    Refuse(Refusal),
}

type Rule = fn(&Case<'_>) -> Verdict;

/// In this order; the arguments of calls come last.
const RULES: [Rule; 8] = [
    peer::judge,
    era::judge,
    start::judge,
    method::judge,
    tool::judge,
    resource::judge,
    prompt::judge,
    inputs::judge,
];

/// Asks all rules; what has to be asked of the host, in the order of the rules.
///
/// # Errors
/// The first refusal.
pub(crate) fn fold(case: &Case<'_>, scratch: &mut Scratch) -> Result<Vec<Asked>, Refusal> {
    let mut asked = Vec::new();
    let mut take = |verdict| {
        match verdict {
            Verdict::Pass => {}
            Verdict::Ask(more) => asked.extend(more),
            Verdict::Refuse(refusal) => return Err(refusal),
        }
        Ok(())
    };
    RULES.iter().try_for_each(|rule| take(rule(case)))?;
    take(arguments::judge(case, scratch))?;
    Ok(asked)
}

impl From<Reason> for Verdict {
    fn from(reason: Reason) -> Self {
        Verdict::Refuse(reason.into())
    }
}

impl From<Result<(), Refusal>> for Verdict {
    fn from(result: Result<(), Refusal>) -> Self {
        match result {
            Ok(()) => Verdict::Pass,
            Err(refusal) => Verdict::Refuse(refusal),
        }
    }
}

/// Whether rights let this be used.
fn permits(case: &Case<'_>, kind: Kind, name: &str) -> Result<(), Refusal> {
    let reason = match kind {
        Kind::Tool => Reason::ToolDenied,
        Kind::Resource => Reason::ResourceDenied,
        Kind::Prompt => Reason::PromptDenied,
        Kind::Method => Reason::MethodDenied,
    };
    case.policy.permits(kind, name, case.who).map_err(|ruling| {
        let rule = match ruling {
            Ruling::Rule(rule) => case.policy.right_cause(rule),
            Ruling::Default => Cause::Word("rights.default"),
            Ruling::Tools => Cause::Word("tools.deny"),
        };
        Refusal { rule: Some(rule), ..reason.into() }
    })
}
