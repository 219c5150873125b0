//! The one place of Portcullis that reads a clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use portcullis_engine::Time;

/// Monotonic time since the clock was made, and wall-clock time beside it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// A clock that starts at zero.
    #[must_use]
    pub fn start() -> Self {
        Clock { origin: Instant::now() }
    }

    /// Both clocks.
    #[must_use]
    pub fn now(&self) -> Time {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Time::new(millis(self.origin.elapsed()), millis(wall))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
