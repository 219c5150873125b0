//! Which methods may be used, by either side.

use super::{Verdict, permits};
use crate::base::side::Side;
use crate::judge::case::Case;
use crate::rights::Kind;

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    if !case.says() || !case.policy.judges(Kind::Method) {
        return Verdict::Pass;
    }
    if !case.envelope.method_label.is_cut() && case.side == Side::Client {
        return permits(case, Kind::Method, case.envelope.method_label.as_str()).into();
    }
    let at = case.envelope.method_at.clone().unwrap_or_default();
    match case.text(&at) {
        Ok(method) => permits(case, Kind::Method, &method).into(),
        Err(reason) => reason.into(),
    }
}
