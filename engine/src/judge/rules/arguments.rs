//! What the arguments of a call may be.

use std::borrow::Cow;

use super::Verdict;
use crate::arguments::{Call, Scratch};
use crate::judge::case::Case;
use crate::judge::envelope::Method;

pub(super) fn judge(case: &Case<'_>, scratch: &mut Scratch) -> Verdict {
    if !case.calls(&[Method::ToolsCall]) {
        return Verdict::Pass;
    }
    let (policy, frame, server) = (case.policy, case.frame, case.who.server);
    let tool = case.envelope.tool_name(frame);
    if !policy.arguments().applies(server, &tool) {
        return Verdict::Pass;
    }
    let arguments = match case.param("arguments") {
        Ok(arguments) => arguments,
        Err(reason) => return reason.into(),
    };
    let call = Call { server, tool: &tool, frame, arguments };
    // What a client says leaves as it came, but for secrets.
    let raw = |range| Cow::Borrowed(&frame[range]);
    match policy.arguments().judge(&call, case.limits, raw, scratch) {
        Ok(questions) if questions.is_empty() => Verdict::Pass,
        Ok(questions) => Verdict::Ask(questions.into_iter().map(Into::into).collect()),
        Err(refused) => Verdict::Refuse(policy.refused(refused)),
    }
}
