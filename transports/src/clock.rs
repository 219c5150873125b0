//! The one place of Portcullis that reads a clock, and how times are written.

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

/// Wall-clock time as RFC 3339 has it, in UTC, to the millisecond.
#[must_use]
pub fn stamp(wall_ms: u64) -> String {
    let time =
        i64::try_from(wall_ms).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    format!("{:.3}", time.unwrap_or(jiff::Timestamp::UNIX_EPOCH))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
