//! Every limit, its default, and why that number.

use super::error::ConfigError;

/// The limits of one engine. [`Limits::default`] suits `portcullis run`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Longest frame in bytes, without its newline, by the side that sends it (client, server).
    ///
    /// 16 MiB: the largest that the Go and Rust SDKs read; TypeScript closes at 10 MiB, Python has
    /// no limit. 4 KiB to 1 GiB.
    pub frame_bytes_max: [u32; 2],
    /// Milliseconds for which the beginning of a client's frame may wait for its end; then the frame
    /// is refused with `frame_too_slow` and ends the session. 0, the default: for ever, since a
    /// client that started us alone harms nobody else. A host of many clients wants one, such as
    /// 30,000: half a frame holds a session and up to a frame limit of memory. 1 to 86,400,000.
    ///
    /// Counted while the lane is willing to read; after a time in which it stood for its receiver,
    /// its sender or its host, the count starts anew. A server has no such limit: one that prints
    /// half a line and thinks is no attack.
    pub frame_ms_max: u64,
    /// Deepest nesting of a frame. 128, as serde_json: a level costs us one bit. 8 to 128.
    pub frame_depth_max: u32,
    /// Longest id in bytes, as it is spelled. 256: uuids and composed ids fit four times over.
    /// 16 to 4,096.
    pub id_bytes_max: u32,
    /// Most members of an object that a decision reads. 1,024: far over any params of the
    /// protocol. 16 to 65,536.
    pub members_max: u32,
    /// Most open requests in each direction. 16,384: 10,000 calls written at once have 1,505 open
    /// with a quick server. Memory is taken as needed. 1 to 1,048,576.
    pub requests_open_max: u32,
    /// Most refusals that one side is owed before its lane waits. 64: a side that does not read
    /// them does not need more. 1 to 4,096.
    pub answers_owed_max: u32,
    /// Requests of one batch that are open at once; 0 for as many as there are slots. 100, the
    /// documented default of `max_batch_size`.
    pub batch_window: u32,
    /// Batches at work in each direction. 4. 1 to 64.
    pub batches_max: u32,
    /// Calls that wait for a ticket, in each direction. 16. 1 to 1,024.
    pub tickets_max: u32,
    /// Milliseconds until an unanswered ticket is a no. 45,000: the common clients give up at
    /// 60,000.
    pub ticket_ms: u64,
    /// Events kept until the host collects them. 64. 8 to 4,096.
    pub events_max: u32,
    /// Refused frames in a row that end a session. 1,000. 1 to 1,000,000. What only came too soon
    /// (`rate_limited`) does not count.
    pub refused_in_a_row_max: u32,
    /// Ids of cancelled or timed-out requests that stay taken. 256, oldest first.
    pub ids_taken_max: u32,
    /// Milliseconds for which such an id stays taken. 300,000.
    pub id_taken_ms: u64,
    /// Requests that may stay open for good (`subscriptions/listen`, `tasks/result`). 256.
    pub listens_max: u32,
    /// Sealed secrets that a session keeps, with a KiB for each. 64: a conversation that handles
    /// more credentials is none that a model should hold together. At the limit secrets are
    /// redacted instead. 0 to 4,096.
    pub seals_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes_max: [16 << 20; 2],
            frame_ms_max: 0,
            frame_depth_max: 128,
            id_bytes_max: 256,
            members_max: 1_024,
            requests_open_max: 16_384,
            answers_owed_max: 64,
            batch_window: 100,
            batches_max: 4,
            tickets_max: 16,
            ticket_ms: 45_000,
            events_max: 64,
            refused_in_a_row_max: 1_000,
            ids_taken_max: 256,
            id_taken_ms: 300_000,
            listens_max: 256,
            seals_max: 64,
        }
    }
}

/// A buffer starts with this many bytes: most frames of a conversation fit.
pub(crate) const BUFFER_BYTES_MIN: usize = 2 << 10;
/// A buffer grows to this on its own, and further only for a frame that needs it. 64 KiB is what a
/// pipe holds.
pub(crate) const BUFFER_BYTES_SOFT: usize = 64 << 10;
/// Milliseconds after which an empty buffer gives back what is above the soft limit.
pub(crate) const BUFFER_SOFT_MS: u64 = 1_000;
/// Milliseconds after which an empty buffer gives back all but the minimum.
pub(crate) const BUFFER_IDLE_MS: u64 = 30_000;
/// Short pieces are gathered into a stage of this size.
pub(crate) const STAGE_BYTES: usize = 16 << 10;
/// Noise that is kept for the host.
pub(crate) const NOISE_BYTES: usize = 4 << 10;
/// Most edits of one frame: one for each 64 bytes of its limit.
pub(crate) const fn edits_max(frame_bytes_max: usize) -> usize {
    frame_bytes_max / 64
}

impl Limits {
    /// Says which limit lies outside what the engine can keep.
    ///
    /// # Errors
    /// [`ConfigError::Limit`], with the name of the first such limit.
    pub fn check(&self) -> Result<(), ConfigError> {
        let checks = [
            ("frame_bytes_max", u64::from(self.frame_bytes_max[0]), 4 << 10, 1 << 30),
            ("frame_bytes_max", u64::from(self.frame_bytes_max[1]), 4 << 10, 1 << 30),
            ("frame_ms_max", self.frame_ms_max, 0, 86_400_000),
            ("frame_depth_max", u64::from(self.frame_depth_max), 8, 128),
            ("id_bytes_max", u64::from(self.id_bytes_max), 16, 4_096),
            ("members_max", u64::from(self.members_max), 16, 65_536),
            ("requests_open_max", u64::from(self.requests_open_max), 1, 1 << 20),
            ("answers_owed_max", u64::from(self.answers_owed_max), 1, 4_096),
            ("batch_window", u64::from(self.batch_window), 0, 1 << 20),
            ("batches_max", u64::from(self.batches_max), 1, 64),
            ("tickets_max", u64::from(self.tickets_max), 1, 1_024),
            ("ticket_ms", self.ticket_ms, 1, 86_400_000),
            ("events_max", u64::from(self.events_max), 8, 4_096),
            ("refused_in_a_row_max", u64::from(self.refused_in_a_row_max), 1, 1_000_000),
            ("ids_taken_max", u64::from(self.ids_taken_max), 1, 65_536),
            ("id_taken_ms", self.id_taken_ms, 1, 86_400_000),
            ("listens_max", u64::from(self.listens_max), 1, 65_536),
            ("seals_max", u64::from(self.seals_max), 0, 4_096),
        ];
        match checks.into_iter().find(|&(_, value, low, high)| !(low..=high).contains(&value)) {
            Some((name, _, low, high)) => Err(ConfigError::Limit(name, low, high)),
            None => Ok(()),
        }
    }
}
