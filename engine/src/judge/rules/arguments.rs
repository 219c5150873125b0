//! What the arguments of a call may be.

use std::borrow::Cow;

use super::Verdict;
use crate::arguments::Scratch;
use crate::judge::case::Case;
use crate::judge::envelope::Method;

pub(super) fn judge(case: &Case<'_>, scratch: &mut Scratch) -> Verdict {
    if !case.calls(&[Method::ToolsCall]) {
        return Verdict::Pass;
    }
    let (policy, frame, server) = (case.policy, case.frame, case.who.server);
    let tool = case.envelope.tool_name(frame);
    let Some(rules) = policy.arguments().choose(server, &tool, scratch) else {
        return Verdict::Pass;
    };
    let arguments = match case.param("arguments") {
        Ok(arguments) => arguments,
        Err(reason) => return reason.into(),
    };
    // What a client says leaves as it came, but for secrets.
    let raw = |range| Cow::Borrowed(&frame[range]);
    match rules.judge(frame, arguments, case.limits, raw) {
        Ok(questions) if questions.is_empty() => Verdict::Pass,
        Ok(questions) => Verdict::Ask(questions.into_iter().map(Into::into).collect()),
        Err(refused) => Verdict::Refuse(policy.refused(refused)),
    }
}
