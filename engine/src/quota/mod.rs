//! How often, how many and how much: arithmetic of limits, and the bounded tables that keep them.
//!
//! [`QuotaConfig`] says what is limited and [`Quotas`] is that, compiled. A [`Bucket`] keeps a rate,
//! [`Buckets`] those of all keys; [`Lockouts`] count failures, [`Bans`] are the host's word,
//! [`Breakers`] watch servers, [`Gauges`] count what is open. The [`Ledger`](crate::Ledger) holds one
//! of each.
//!
//! Nothing here knows a frame or reads a clock: each call brings the monotonic time in
//! milliseconds. Each table has a limit, takes memory as needed, and never forgets what it refuses.

mod breaker;
mod bucket;
mod buckets;
mod config;
mod gauge;
mod heap;
mod key;
mod lockout;
mod quotas;
mod rate;
mod table;

pub use breaker::{Breaker, Breakers, Outcome, Turn};
pub use bucket::Bucket;
pub use buckets::{Buckets, Charge, Limited};
pub use config::{
    BreakerConfig, ByteRule, GaugeRule, LockoutConfig, Origin, Per, QuotaConfig, RateRule,
    ResponseAction, ResponseConfig, ResponseLimit, SessionConfig,
};
pub use gauge::{Gauges, Hold};
pub(crate) use key::Crowd;
pub use key::{Key, Subject, Tag};
pub use lockout::{Bans, Lockouts};
pub use quotas::{Gauge, Quotas, RateLimit};
pub use rate::{Every, Rate};
pub use table::{Span, Table};

pub(crate) use bucket::told_ms;
