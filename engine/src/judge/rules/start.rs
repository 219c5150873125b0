//! A session begins with `initialize`, where the policy demands it (lifecycle, up to 2025-11-25).

use super::Verdict;
use crate::base::event::Message;
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::case::Case;
use crate::judge::envelope::Method;

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    let is_held = case.policy.requires_initialize()
        && !case.initialized
        && case.side == Side::Client
        && case.envelope.message == Message::Request
        && !case.envelope.modern
        && !case.modern;
    // A client may ping before the answer (lifecycle, initialization).
    let is_free =
        case.envelope.method == Method::Initialize || case.envelope.method_label.as_str() == "ping";
    match is_held && !is_free {
        true => Reason::NotInitialized.into(),
        false => Verdict::Pass,
    }
}
