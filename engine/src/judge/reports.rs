//! What is told of a frame beside its changes: what was found and had to stay as it is.
//!
//! Rules and counts, never what was found.

use super::reply::Cause;
use crate::base::reason::Reason;

/// So many kinds of reports are told apart for one frame; the last stands for all others.
pub(crate) const REPORTS_MAX: usize = 8;

/// Why something is told, what found it, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub reason: Reason,
    pub rule: Option<Cause>,
    pub count: u64,
}

/// The reports on one frame, in the order of their first places.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reports {
    kept: [Option<Report>; REPORTS_MAX],
}

impl Reports {
    pub(crate) fn add(&mut self, reason: Reason, rule: Option<Cause>) {
        let same = |kept: &Option<Report>| {
            kept.is_none_or(|kept| (kept.reason, kept.rule) == (reason, rule))
        };
        let place = self.kept.iter().position(same).unwrap_or(REPORTS_MAX - 1);
        self.kept[place].get_or_insert(Report { reason, rule, count: 0 }).count += 1;
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Report> {
        self.kept.iter().map_while(|kept| *kept)
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::RuleId;

    #[test]
    fn reports_are_counted_and_few() {
        let mut reports = Reports::default();
        for n in 0..100_u16 {
            reports.add(Reason::SecretSeen, Some(Cause::Rule(RuleId(n % 20))));
        }
        let counts: Vec<u64> = reports.iter().map(|report| report.count).collect();
        assert_eq!(counts, [5, 5, 5, 5, 5, 5, 5, 65]);
        reports.clear();
        assert_eq!(reports.iter().count(), 0);
    }
}
