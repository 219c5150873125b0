//! The way out, as arithmetic: when which step is due. It reads no clock and signals nobody.
//!
//! Clients close our input, wait two seconds, and then send SIGTERM. So everything fits into less:
//!
//! ```text
//! 0 s  the input ended, or a signal came: last answers go out, the server's input is closed
//! 1 s  SIGTERM to the server's group
//! 1.6  SIGKILL to the group
//! 1.9  we go, whatever still waits for a reader
//! ```

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask the group to end.
    Term,
    /// End the group.
    Kill,
    /// End ourselves, even if not everything was written.
    Go,
}

/// Which steps were taken, and when the next is due. Times are monotonic milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Leave {
    /// When the server's group began to be ended.
    begun: Option<u64>,
    /// When we go ourselves; not set while a client may still read at its leisure.
    go_at: Option<u64>,
    taken: u8,
}

/// After so many milliseconds each step is due.
const STEPS: [(u64, Step); 2] = [(1_000, Step::Term), (1_600, Step::Kill)];
const GO_MS: u64 = 1_900;
/// What a second signal leaves for the last bytes.
const HASTE_MS: u64 = 100;

impl Leave {
    /// The server's side is over: its processes are to end.
    pub fn begin(&mut self, now: u64) {
        self.begun.get_or_insert(now);
    }

    /// The client's side is over: so are we.
    pub fn begin_limited(&mut self, now: u64) {
        self.begin(now);
        self.go_at.get_or_insert(now + GO_MS);
    }

    /// Somebody is impatient: the group is to be killed now.
    pub fn hasten(&mut self, now: u64) -> Step {
        self.begin(now);
        self.taken = STEPS.len() as u8;
        let soon = now + HASTE_MS;
        self.go_at = Some(self.go_at.map_or(soon, |at| at.min(soon)));
        Step::Kill
    }

    /// Whether the way out has begun.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.begun.is_some()
    }

    /// When the next step is due.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        let step = self.begun.and_then(|at| Some(at + STEPS.get(usize::from(self.taken))?.0));
        step.into_iter().chain(self.go_at).min()
    }

    /// The next step that is due; each is told once, but for the last.
    pub fn due(&mut self, now: u64) -> Option<Step> {
        if let (Some(at), Some(&(after, step))) = (self.begun, STEPS.get(usize::from(self.taken)))
            && now >= at + after
        {
            self.taken += 1;
            return Some(step);
        }
        self.go_at.filter(|&at| now >= at).map(|_| Step::Go)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_come_in_order_and_within_two_seconds() {
        let mut leave = Leave::default();
        assert_eq!((leave.deadline(), leave.due(9_999)), (None, None));
        leave.begin_limited(500);
        leave.begin_limited(600);
        let mut told = Vec::new();
        while let Some(at) = leave.deadline() {
            assert_eq!(leave.due(at - 1), None);
            let step = leave.due(at).expect("a step is due at the deadline");
            told.push((at - 500, step));
            if step == Step::Go {
                break;
            }
        }
        assert_eq!(told, [(1_000, Step::Term), (1_600, Step::Kill), (1_900, Step::Go)]);
    }

    #[test]
    fn a_server_that_ends_first_leaves_the_client_all_the_time_it_wants() {
        let mut leave = Leave::default();
        leave.begin(0);
        assert_eq!(leave.due(1_000), Some(Step::Term));
        assert_eq!(leave.due(1_600), Some(Step::Kill));
        assert_eq!((leave.due(1 << 40), leave.deadline()), (None, None));
        leave.begin_limited(5_000);
        assert_eq!(leave.deadline(), Some(6_900));
    }
}
