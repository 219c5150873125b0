//! The limits of an engine, as C sees them.

use portcullis_engine::Limits;

use crate::border::{self, Record};

/// The limits of one engine. Fill it with `portcullis_limits_default`, then change what differs. A
/// number outside of its range is refused by `portcullis_engine_new`, which names it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct portcullis_limits {
    /// `sizeof(portcullis_limits)`, set by the caller.
    pub struct_size: u32,
    /// Longest frame in bytes, without its newline, by the side that sends it (client, server).
    /// 16 MiB; 4 KiB to 1 GiB.
    pub frame_bytes_max: [u32; 2],
    /// Deepest nesting of a frame. 128; 8 to 128.
    pub frame_depth_max: u32,
    /// Longest id in bytes, as it is spelled. 256; 16 to 4,096.
    pub id_bytes_max: u32,
    /// Most members of an object that a decision reads. 1,024; 16 to 65,536.
    pub members_max: u32,
    /// Most open requests in each direction. 16,384; 1 to 1,048,576. Memory is taken as needed.
    pub requests_open_max: u32,
    /// Most refusals that one side is owed before its lane waits. 64; 1 to 4,096.
    pub answers_owed_max: u32,
    /// Requests of one batch that are open at once; 0 for as many as there are slots. 100.
    pub batch_window: u32,
    /// Batches at work in each direction. 4; 1 to 64.
    pub batches_max: u32,
    /// Calls that wait for a ticket, in each direction. 16; 1 to 1,024.
    pub tickets_max: u32,
    /// Events kept until the host collects them. 64; 8 to 4,096.
    pub events_max: u32,
    /// Refused frames in a row that end a session. 1,000; 1 to 1,000,000.
    pub refused_in_a_row_max: u32,
    /// Ids of cancelled or timed-out requests that stay taken. 256; 1 to 65,536.
    pub ids_taken_max: u32,
    /// Requests that may stay open for good (`subscriptions/listen`). 256; 1 to 65,536.
    pub listens_max: u32,
    /// Sealed secrets that a session keeps. 64; 0 to 4,096.
    pub seals_max: u32,
    /// Milliseconds for which the beginning of a client's frame may wait for its end; then the session
    /// ends with `frame_too_slow`. 0, the default: for ever. A host of many clients wants one, such as
    /// 30,000. At most 86,400,000.
    pub frame_ms_max: u64,
    /// Milliseconds until an unanswered ticket is a no. 45,000; 1 to 86,400,000.
    pub ticket_ms: u64,
    /// Milliseconds for which the id of a request that ended without its answer stays taken.
    /// 300,000; 1 to 86,400,000.
    pub id_taken_ms: u64,
}

// SAFETY: `repr(C)`, begins with `struct_size`, and holds numbers only.
unsafe impl Record for portcullis_limits {}

impl portcullis_limits {
    fn new(limits: &Limits) -> Self {
        Self {
            struct_size: Self::SIZE,
            frame_bytes_max: limits.frame_bytes_max,
            frame_depth_max: limits.frame_depth_max,
            id_bytes_max: limits.id_bytes_max,
            members_max: limits.members_max,
            requests_open_max: limits.requests_open_max,
            answers_owed_max: limits.answers_owed_max,
            batch_window: limits.batch_window,
            batches_max: limits.batches_max,
            tickets_max: limits.tickets_max,
            events_max: limits.events_max,
            refused_in_a_row_max: limits.refused_in_a_row_max,
            ids_taken_max: limits.ids_taken_max,
            listens_max: limits.listens_max,
            seals_max: limits.seals_max,
            frame_ms_max: limits.frame_ms_max,
            ticket_ms: limits.ticket_ms,
            id_taken_ms: limits.id_taken_ms,
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        limits.frame_bytes_max = self.frame_bytes_max;
        limits.frame_depth_max = self.frame_depth_max;
        limits.id_bytes_max = self.id_bytes_max;
        limits.members_max = self.members_max;
        limits.requests_open_max = self.requests_open_max;
        limits.answers_owed_max = self.answers_owed_max;
        limits.batch_window = self.batch_window;
        limits.batches_max = self.batches_max;
        limits.tickets_max = self.tickets_max;
        limits.events_max = self.events_max;
        limits.refused_in_a_row_max = self.refused_in_a_row_max;
        limits.ids_taken_max = self.ids_taken_max;
        limits.listens_max = self.listens_max;
        limits.seals_max = self.seals_max;
        limits.frame_ms_max = self.frame_ms_max;
        limits.ticket_ms = self.ticket_ms;
        limits.id_taken_ms = self.id_taken_ms;
        limits
    }
}

/// Fills in the defaults, which suit one client and one server.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_limits_default(limits: *mut portcullis_limits) -> u32 {
    border::guard(|| {
        border::record(limits)?.write(portcullis_limits::new(&Limits::default()));
        Ok(())
    })
}

/// The most bytes of memory that an engine with these limits ever takes. A bound for the worst case,
/// far above what sessions use.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_limits_memory_max(
    limits: *const portcullis_limits,
    bytes: *mut u64,
) -> u32 {
    border::guard(|| {
        let limits = border::read(limits)?.limits();
        let bytes = border::out(bytes)?;
        limits.check().map_err(|_| crate::status::PORTCULLIS_STATUS_BAD_CONFIG)?;
        bytes.write(limits.memory_max() as u64);
        Ok(())
    })
}
