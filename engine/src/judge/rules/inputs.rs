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
    let is_result = case.envelope.message == Message::Response && case.envelope.is_result;
    if case.side != Side::Server
        || !is_result
        || !kinds.iter().any(|kind| case.policy.judges(*kind))
    {
        return Verdict::Pass;
    }
    all(case).into()
}

fn all(case: &Case<'_>) -> Result<(), Refusal> {
    let Some(requests) = case.result("inputRequests")? else { return Ok(()) };
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
