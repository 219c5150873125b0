//! What a server asks inside a result (`inputRequests`, 2026-07-28) is judged like a request of its
//! own: its method, and the name of what it wants.

use std::ops::Range;

use super::{Verdict, permits};
use crate::base::event::Message;
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::case::Case;
use crate::judge::envelope::Method;
use crate::judge::reply::Refusal;
use crate::rights::Kind;

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    let kinds = [Kind::Method, Kind::Tool, Kind::Resource, Kind::Prompt];
    if case.side != Side::Server || !kinds.iter().any(|kind| case.policy.judges(*kind)) {
        return Verdict::Pass;
    }
    let judged = match case.envelope.message {
        Message::Response if case.envelope.is_result => answer(case),
        Message::Response => error(case),
        Message::Notification => notification(case),
        _ => Ok(()),
    };
    judged.into()
}

/// A result, or that of a task inside it.
fn answer(case: &Case<'_>) -> Result<(), Refusal> {
    let result = case.outcome()?;
    all(case, result.value(case.frame, "inputRequests")?)?;
    match result.value(case.frame, "result")? {
        Some(inner) if case.frame[inner.start] == b'{' => {
            all(case, case.member(&case.members(&inner)?, "inputRequests")?)
        }
        _ => Ok(()),
    }
}

/// An error that asks for an elicitation first (-32042, 2025-11-25).
fn error(case: &Case<'_>) -> Result<(), Refusal> {
    let Some(data) = case.outcome()?.value(case.frame, "data")? else { return Ok(()) };
    if case.frame[data.start] != b'{' {
        return Ok(());
    }
    match case.member(&case.members(&data)?, "elicitations")? {
        Some(_) => permits(case, Kind::Method, "elicitation/create"),
        None => Ok(()),
    }
}

/// The state of a task that needs input (`notifications/tasks`).
fn notification(case: &Case<'_>) -> Result<(), Refusal> {
    all(case, case.param("inputRequests")?)
}

fn all(case: &Case<'_>, requests: Option<Range<usize>>) -> Result<(), Refusal> {
    let Some(requests) = requests else { return Ok(()) };
    for request in case.members(&requests)? {
        one(case, &request.value)?;
    }
    Ok(())
}

fn one(case: &Case<'_>, request: &Range<usize>) -> Result<(), Refusal> {
    let members = case.members(request)?;
    let method = case.member(&members, "method")?.ok_or(Reason::BadParamsMember)?;
    let method = case.text(&method)?;
    permits(case, Kind::Method, &method)?;
    let (kind, name) = match Method::of(method.as_bytes()) {
        Method::ToolsCall => (Kind::Tool, "name"),
        Method::Resource => (Kind::Resource, "uri"),
        Method::Prompt => (Kind::Prompt, "name"),
        _ => return Ok(()),
    };
    let params = case.member(&members, "params")?.ok_or(Reason::BadParamsMember)?;
    let params = case.members(&params)?;
    let name = case.member(&params, name)?.ok_or(Reason::BadParamsMember)?;
    permits(case, kind, &case.text(&name)?)
}
