//! Time as two numbers that the host hands in. The engine owns no clock.

/// A moment, as the host's clocks show it.
///
/// The engine keeps the greatest `monotonic_ms` it has seen, so a clock that goes backwards moves
/// nothing. `wall_ms` is used for stamps in events and for the validity of credentials only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    /// Milliseconds since an origin that the host chooses; never goes backwards.
    pub monotonic_ms: u64,
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub wall_ms: u64,
}

impl Time {
    /// A time whose two clocks are given.
    #[must_use]
    pub const fn new(monotonic_ms: u64, wall_ms: u64) -> Self {
        Self { monotonic_ms, wall_ms }
    }
}

/// Why [`tick`](crate::Engine::tick) is wanted at a certain time. The numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wake {
    /// A request in flight reaches its deadline.
    Request = 1,
    /// A ticket reaches its deadline.
    Ticket = 2,
    /// A drain reaches its end.
    Drain = 3,
    /// A buffer that is empty gives memory back.
    Memory = 4,
    /// The id of a request that ended without its answer becomes free.
    Id = 5,
    /// The beginning of a client's frame has waited for its end as long as it may.
    Frame = 6,
    /// A request is open for so long that it is told.
    Report = 7,
    /// A session says nothing for as long as it may.
    Idle = 8,
}

impl Wake {
    /// Every reason to wake, in the order of their numbers.
    pub const ALL: [Wake; 8] = [
        Wake::Request,
        Wake::Ticket,
        Wake::Drain,
        Wake::Memory,
        Wake::Id,
        Wake::Frame,
        Wake::Report,
        Wake::Idle,
    ];

    /// A word for logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Wake::Request => "request",
            Wake::Ticket => "ticket",
            Wake::Drain => "drain",
            Wake::Memory => "memory",
            Wake::Id => "id",
            Wake::Frame => "frame",
            Wake::Report => "report",
            Wake::Idle => "idle",
        }
    }
}

/// The later of two clocks, clock by clock: monotonic time never goes backwards.
pub(crate) fn advance(seen: Time, now: Time) -> Time {
    Time { monotonic_ms: seen.monotonic_ms.max(now.monotonic_ms), wall_ms: now.wall_ms }
}
