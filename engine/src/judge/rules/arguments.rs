//! What the arguments of a call may be.

use super::Verdict;
use crate::judge::case::Case;

pub(super) fn judge(_case: &Case<'_>) -> Verdict {
    Verdict::Pass
}
