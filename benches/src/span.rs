//! Where a finding stands beside a stretch of its text.

use std::ops::Range;

use portcullis_engine::Match;

/// Whether a finding lies in the stretch, or over one of its edges.
#[must_use]
pub fn meets(found: &Match, stretch: &Range<usize>) -> bool {
    found.start < stretch.end && stretch.start < found.end
}
