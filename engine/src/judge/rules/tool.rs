//! Which tools may be called, and which of them only when the host approves.

use super::{Verdict, permits};
use crate::base::side::Side;
use crate::judge::asking::Asked;
use crate::judge::case::Case;
use crate::judge::envelope::Method;
use crate::rights::Kind;

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    if !case.says() || case.envelope.method != Method::ToolsCall {
        return Verdict::Pass;
    }
    let judged = case.policy.judges(Kind::Tool);
    if !judged && !case.policy.asks_for_any_tool() {
        return Verdict::Pass;
    }
    let at = case.envelope.params_name.clone().unwrap_or_default();
    let tool = match case.side {
        // What it says leaves as it came.
        Side::Client => case.envelope.tool_name(case.frame),
        Side::Server => match case.text(&at) {
            Ok(tool) => tool,
            Err(reason) => return reason.into(),
        },
    };
    if judged && let Err(refusal) = permits(case, Kind::Tool, &tool) {
        return Verdict::Refuse(refusal);
    }
    match case.side == Side::Client && case.policy.asks_for_tool(&tool) {
        true => Verdict::Ask(vec![Asked::Call]),
        false => Verdict::Pass,
    }
}
