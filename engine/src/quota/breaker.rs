//! A server that does not answer is left alone for a while, then tried with a few calls.
//!
//! ```text
//!            failures in a row              open_ms later
//!   closed ---------------------> open ----------------------> trial
//!     ^                            ^                             |
//!     |                            +-------- a failure ----------+
//!     +--------------------------- as many answers as probes ----+
//! ```

use super::bucket::told_ms;
use super::config::BreakerConfig;
use super::key::Key;
use super::table::{Span, Table};

/// What became of a call. A call that its client cancelled says nothing, and is no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Any answer, also one with an `error`: the server lives, and said what it wanted to say.
    Answered,
    /// No answer: the deadline passed, the server is gone, or what it wrote is none.
    Failed,
}

/// What an outcome turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Calls are refused from now on.
    Opened,
    /// Calls pass again.
    Closed,
}

/// The state of one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// Calls pass.
    Closed {
        /// Failures since the last answer.
        failures: u32,
        /// When these are forgotten, if none comes.
        until_ms: u64,
    },
    /// Calls are refused.
    Open {
        /// When it is tried.
        until_ms: u64,
    },
    /// A few calls pass.
    Trial {
        /// Calls that passed.
        sent: u32,
        /// Answers.
        answered: u32,
        /// When as many pass again, if these came to no end.
        until_ms: u64,
    },
}

impl Default for Breaker {
    fn default() -> Self {
        Self::Closed { failures: 0, until_ms: 0 }
    }
}

impl Breaker {
    /// In how many milliseconds a call passes; 0: at once.
    #[must_use]
    pub fn wait_ms(&self, config: &BreakerConfig, now_ms: u64) -> u64 {
        match *self {
            Self::Trial { sent, .. } if sent < config.probes => 0,
            Self::Open { until_ms } | Self::Trial { until_ms, .. } => {
                until_ms.saturating_sub(now_ms)
            }
            Self::Closed { .. } => 0,
        }
    }

    /// A call passes, which [`wait_ms`](Self::wait_ms) let through.
    pub fn send(&mut self, config: &BreakerConfig, now_ms: u64) {
        let (sent, answered) = match *self {
            Self::Closed { .. } => return,
            Self::Trial { sent, answered, .. } if sent < config.probes => (sent + 1, answered),
            // The first, or the first again: those before it came to no end, since their clients
            // cancelled them or are gone.
            Self::Open { .. } | Self::Trial { .. } => (1, 0),
        };
        let until_ms = now_ms.saturating_add(config.open_ms);
        *self = Self::Trial { sent, answered, until_ms };
    }

    /// A call ended. While open, what ends was sent before, and turns nothing.
    pub fn end(&mut self, outcome: Outcome, config: &BreakerConfig, now_ms: u64) -> Option<Turn> {
        let open = Self::Open { until_ms: now_ms.saturating_add(config.open_ms) };
        let (next, turn) = match (*self, outcome) {
            (Self::Open { .. }, _) => return None,
            (Self::Closed { .. }, Outcome::Answered) => (Self::default(), None),
            (Self::Closed { failures, until_ms }, Outcome::Failed) => {
                let before = if now_ms < until_ms { failures } else { 0 };
                let failures = before.saturating_add(1);
                let until_ms = now_ms.saturating_add(config.window_ms);
                match failures < config.failures {
                    true => (Self::Closed { failures, until_ms }, None),
                    false => (open, Some(Turn::Opened)),
                }
            }
            (Self::Trial { .. }, Outcome::Failed) => (open, Some(Turn::Opened)),
            (Self::Trial { sent, answered, until_ms }, Outcome::Answered) => {
                match answered + 1 < config.probes {
                    true => (Self::Trial { sent, answered: answered + 1, until_ms }, None),
                    false => (Self::default(), Some(Turn::Closed)),
                }
            }
        };
        *self = next;
        turn
    }

    /// One that is open is kept until it is tried, and forgotten before others as long after.
    fn span(&self, config: &BreakerConfig) -> Span {
        match *self {
            Self::Closed { until_ms, .. } => Span { blocked_ms: 0, clear_ms: until_ms },
            Self::Open { until_ms } | Self::Trial { until_ms, .. } => {
                let clear_ms = until_ms.saturating_add(config.open_ms);
                Span { blocked_ms: until_ms, clear_ms }
            }
        }
    }
}

/// A breaker for each server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakers(Table<Breaker>);

impl Breakers {
    /// Breakers of so many servers. One that finds no place is taken as closed: the breaker keeps
    /// nobody out, it only spares a wait.
    #[must_use]
    pub const fn new(keys_max: u32) -> Self {
        Self(Table::new(keys_max))
    }

    /// The table.
    #[must_use]
    pub const fn table(&self) -> &Table<Breaker> {
        &self.0
    }

    /// The state of this server.
    #[must_use]
    pub fn state(&self, key: &Key) -> Breaker {
        self.0.get(key).map_or_else(Breaker::default, |(breaker, _)| breaker)
    }

    /// Whether a call would pass; nothing changes.
    ///
    /// # Errors
    /// It would not, for so many milliseconds.
    pub fn check(&self, key: &Key, config: &BreakerConfig, now_ms: u64) -> Result<(), u32> {
        if !config.enabled {
            return Ok(());
        }
        match self.state(key).wait_ms(config, now_ms) {
            0 => Ok(()),
            wait => Err(told_ms(wait)),
        }
    }

    /// A call passes to this server, which [`check`](Self::check) let through.
    pub fn send(&mut self, key: Key, config: &BreakerConfig, now_ms: u64) {
        if config.enabled {
            let mut breaker = self.state(&key);
            breaker.send(config, now_ms);
            self.keep(key, breaker, config, now_ms);
        }
    }

    /// A call of this server ended.
    pub fn end(
        &mut self,
        key: Key,
        outcome: Outcome,
        config: &BreakerConfig,
        now_ms: u64,
    ) -> Option<Turn> {
        if !config.enabled {
            return None;
        }
        let mut breaker = self.state(&key);
        let turn = breaker.end(outcome, config, now_ms);
        self.keep(key, breaker, config, now_ms);
        turn
    }

    /// A call that tried this server came to no end: another may take its place at once.
    pub fn give_back(&mut self, key: Key, config: &BreakerConfig, now_ms: u64) {
        let mut breaker = self.state(&key);
        if let Breaker::Trial { sent, answered, .. } = &mut breaker
            && *sent > *answered
        {
            *sent -= 1;
            self.keep(key, breaker, config, now_ms);
        }
    }

    fn keep(&mut self, key: Key, breaker: Breaker, config: &BreakerConfig, now_ms: u64) {
        if breaker == Breaker::default() {
            self.0.remove(&key);
        } else {
            // No place: taken as closed.
            let _ = self.0.put(key, breaker, breaker.span(config), now_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::{Subject, Tag};
    use super::*;

    const CONFIG: BreakerConfig =
        BreakerConfig { enabled: true, failures: 3, window_ms: 1_000, open_ms: 5_000, probes: 2 };

    fn key(number: u64) -> Key {
        Tag::of(&[]).key(Subject::session(number))
    }

    fn fail(breakers: &mut Breakers, now: u64) -> Option<Turn> {
        breakers.end(key(1), Outcome::Failed, &CONFIG, now)
    }

    fn answer(breakers: &mut Breakers, now: u64) -> Option<Turn> {
        breakers.end(key(1), Outcome::Answered, &CONFIG, now)
    }

    /// A breaker that opened at 0.
    fn opened() -> Breakers {
        let mut breakers = Breakers::new(4);
        let turns = [0; 3].map(|now| fail(&mut breakers, now));
        assert_eq!(turns, [None, None, Some(Turn::Opened)]);
        breakers
    }

    #[test]
    fn the_last_failure_opens_it_and_none_before() {
        let breakers = opened();
        for (now, left) in [(0, Err(5_000)), (4_999, Err(1)), (5_000, Ok(()))] {
            assert_eq!(breakers.check(&key(1), &CONFIG, now), left);
        }
        assert_eq!(breakers.check(&key(2), &CONFIG, 0), Ok(()), "no other server");
    }

    #[test]
    fn an_answer_and_quiet_start_the_count_anew() {
        for (between, now, turn) in [
            (None, 999, Some(Turn::Opened)),
            (None, 1_000, None),
            (Some(Outcome::Answered), 0, None),
        ] {
            let mut breakers = Breakers::new(4);
            assert_eq!((fail(&mut breakers, 0), fail(&mut breakers, 0)), (None, None));
            if let Some(outcome) = between {
                breakers.end(key(1), outcome, &CONFIG, 0);
                assert!(breakers.table().is_empty());
            }
            assert_eq!(fail(&mut breakers, now), turn, "{now}");
        }
    }

    #[test]
    fn as_many_probes_pass_and_close_it() {
        let mut breakers = opened();
        for sent in 0..CONFIG.probes {
            assert_eq!(breakers.check(&key(1), &CONFIG, 5_000), Ok(()), "{sent}");
            breakers.send(key(1), &CONFIG, 5_000);
        }
        assert_eq!(breakers.check(&key(1), &CONFIG, 5_001), Err(4_999), "no more");
        assert_eq!(answer(&mut breakers, 5_002), None);
        assert_eq!(answer(&mut breakers, 5_003), Some(Turn::Closed));
        assert_eq!(breakers.check(&key(1), &CONFIG, 5_003), Ok(()));
        assert!(breakers.table().is_empty());
    }

    #[test]
    fn a_failed_probe_opens_it_again() {
        let mut breakers = opened();
        breakers.send(key(1), &CONFIG, 5_000);
        assert_eq!(fail(&mut breakers, 6_000), Some(Turn::Opened));
        assert_eq!(breakers.check(&key(1), &CONFIG, 6_000), Err(5_000));
    }

    #[test]
    fn probes_that_never_end_are_sent_again() {
        let mut breakers = opened();
        for _ in 0..CONFIG.probes {
            breakers.send(key(1), &CONFIG, 5_000);
        }
        assert_eq!(breakers.check(&key(1), &CONFIG, 9_999), Err(1));
        assert_eq!(breakers.check(&key(1), &CONFIG, 10_000), Ok(()));
        breakers.send(key(1), &CONFIG, 10_000);
        let trial = Breaker::Trial { sent: 1, answered: 0, until_ms: 15_000 };
        assert_eq!(breakers.state(&key(1)), trial);
    }

    #[test]
    fn what_was_sent_before_turns_nothing_while_open() {
        let mut breakers = opened();
        assert_eq!((answer(&mut breakers, 1), fail(&mut breakers, 4_000)), (None, None));
        assert_eq!(breakers.check(&key(1), &CONFIG, 4_999), Err(1), "neither shorter nor longer");
    }

    #[test]
    fn off_it_counts_nothing() {
        let off = BreakerConfig { enabled: false, ..CONFIG };
        let mut breakers = Breakers::new(4);
        for now in 0..10 {
            assert_eq!(breakers.end(key(1), Outcome::Failed, &off, now), None);
        }
        assert!(breakers.table().is_empty());
        assert_eq!(opened().check(&key(1), &off, 0), Ok(()));
    }
}
