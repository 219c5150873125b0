//! Which resources may be read, followed and completed.

use super::{Verdict, permits};
use crate::base::reason::Reason;
use crate::judge::case::Case;
use crate::judge::envelope::Method;
use crate::judge::reply::Refusal;
use crate::rights::Kind;

const METHODS: [Method; 3] = [Method::Resource, Method::Complete, Method::Listen];

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    if !case.calls(&METHODS) || !case.policy.judges(Kind::Resource) {
        return Verdict::Pass;
    }
    let judged = match case.envelope.method {
        Method::Resource => read(case),
        Method::Complete => complete(case),
        _ => listen(case),
    };
    judged.into()
}

/// `resources/read`, `resources/subscribe`, `resources/unsubscribe`.
fn read(case: &Case<'_>) -> Result<(), Refusal> {
    let uri = case.param("uri")?.ok_or(Reason::BadParams)?;
    permits(case, Kind::Resource, &case.text(&uri)?)
}

/// `completion/complete`, of what a template leaves open.
fn complete(case: &Case<'_>) -> Result<(), Refusal> {
    let what = case.param("ref")?.ok_or(Reason::BadParams)?;
    match case.member(&case.members(&what)?, "uri")? {
        Some(uri) => permits(case, Kind::Resource, &case.text(&uri)?),
        None => Ok(()),
    }
}

/// `subscriptions/listen` (2026-07-28) names the resources that it follows.
fn listen(case: &Case<'_>) -> Result<(), Refusal> {
    let Some(what) = case.param("notifications")? else { return Ok(()) };
    let members = case.members(&what)?;
    let Some(uris) = case.member(&members, "resourceSubscriptions")? else { return Ok(()) };
    for uri in case.elements(&uris)? {
        permits(case, Kind::Resource, &case.text(&uri)?)?;
    }
    Ok(())
}
