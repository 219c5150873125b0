//! In 2026-07-28 servers ask nothing, and clients answer nothing.

use super::Verdict;
use crate::base::event::Message;
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::case::Case;

pub(super) fn judge(case: &Case<'_>) -> Verdict {
    let message = case.envelope.message;
    let asks_back = case.side == Side::Server && message == Message::Request;
    let answers_back = case.side == Side::Client && message == Message::Response;
    match case.modern && (asks_back || answers_back) {
        true => Reason::WrongEra.into(),
        false => Verdict::Pass,
    }
}
