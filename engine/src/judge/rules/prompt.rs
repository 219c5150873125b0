//! Which prompts may be fetched and completed.

use super::{Verdict, permits};
use crate::base::reason::Reason;
use crate::judge::case::Case;
use crate::judge::envelope::Method;
use crate::judge::reply::Refusal;
use crate::rights::Kind;

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    if !case.calls(&[Method::Prompt, Method::Complete]) || !case.policy.judges(Kind::Prompt) {
        return Verdict::Pass;
    }
    name(case).into()
}

fn name(case: &Case<'_>) -> Result<(), Refusal> {
    let name = match case.envelope.method {
        Method::Prompt => Some(case.param("name")?.ok_or(Reason::BadParams)?),
        _ => {
            let what = case.param("ref")?.ok_or(Reason::BadParams)?;
            case.member(&case.members(&what)?, "name")?
        }
    };
    match name {
        Some(name) => permits(case, Kind::Prompt, &case.text(&name)?),
        None => Ok(()),
    }
}
