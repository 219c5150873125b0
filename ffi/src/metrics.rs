//! Counts of one engine, as C sees them.

use portcullis_engine::Metrics;

use crate::border::Record;

/// Counts of one engine. Pairs are by the side that sent: client, server.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct portcullis_metrics {
    /// `sizeof(portcullis_metrics)`, set by the caller.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Bytes that were read.
    pub bytes_in: [u64; 2],
    /// Bytes that were written, by the side that they went to.
    pub bytes_out: [u64; 2],
    /// Frames that were judged; members of a batch count one each.
    pub frames: [u64; 2],
    /// Frames that passed as they came.
    pub passed: [u64; 2],
    /// Frames that passed changed.
    pub changed: [u64; 2],
    /// Frames that were refused.
    pub refused: [u64; 2],
    /// Answers to nobody, late answers, and noise.
    pub dropped: [u64; 2],
    /// Places that were changed in frames.
    pub edits: u64,
    /// Requests in flight, by the side that asked.
    pub requests_open: [u32; 2],
    /// Answers that are owed and not written yet, by the side that asked.
    pub answers_owed: [u32; 2],
    /// Events that were dropped, if the host chose that.
    pub events_dropped: u64,
    /// Bytes of lines that are no messages.
    pub noise_bytes: u64,
    /// Those of them that nobody took.
    pub noise_bytes_dropped: u64,
    /// Bytes of memory that the engine holds besides itself.
    pub memory_bytes: u64,
}

// SAFETY: `repr(C)`, begins with `struct_size`, and holds numbers only.
unsafe impl Record for portcullis_metrics {}

impl portcullis_metrics {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        Self {
            struct_size: Self::SIZE,
            reserved: 0,
            bytes_in: metrics.bytes_in,
            bytes_out: metrics.bytes_out,
            frames: metrics.frames,
            passed: metrics.passed,
            changed: metrics.changed,
            refused: metrics.refused,
            dropped: metrics.dropped,
            edits: metrics.edits,
            requests_open: metrics.requests_open,
            answers_owed: metrics.answers_owed,
            events_dropped: metrics.events_dropped,
            noise_bytes: metrics.noise_bytes,
            noise_bytes_dropped: metrics.noise_bytes_dropped,
            memory_bytes: metrics.memory_bytes,
        }
    }
}
