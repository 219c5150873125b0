//! Events, as C sees them.

use std::ffi::c_char;

use portcullis_engine::{Event, Label, Time};

use crate::border::Record;
use crate::numbers::PORTCULLIS_NEVER;

/// A moment, as the host's clocks show it. The engine has no clock: the host says what time it is.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct portcullis_time {
    /// Milliseconds since an origin that the host chooses; never goes backwards
    /// (`CLOCK_MONOTONIC`). The engine keeps the greatest that it has seen.
    pub monotonic_ms: u64,
    /// Milliseconds since 1970-01-01T00:00:00Z (`CLOCK_REALTIME`), for stamps in events.
    pub wall_ms: u64,
}

impl portcullis_time {
    pub(crate) fn time(self) -> Time {
        Time::new(self.monotonic_ms, self.wall_ms)
    }
}

/// A short text out of a peer's message: never trust it, and escape it where it is shown. It is a part
/// of an event, whose `struct_size` covers it, and stays as it is.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct portcullis_label {
    /// Its length in bytes, at most 62.
    pub len: u32,
    /// 1 if the text was longer and is cut, at a character; else 0.
    pub cut: u32,
    /// UTF-8, then NULs. The text itself may hold a NUL: `len` counts.
    pub text: [c_char; 64],
}

impl portcullis_label {
    fn new(label: &Label) -> Self {
        let bytes = label.as_str().as_bytes();
        let mut text = [0; 64];
        for (to, from) in text.iter_mut().zip(bytes) {
            *to = *from as c_char;
        }
        Self { len: bytes.len() as u32, cut: label.is_cut().into(), text }
    }
}

/// One fact for the audit log. Names, lengths and reasons; never content.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct portcullis_event {
    /// `sizeof(portcullis_event)`, set by the caller.
    pub struct_size: u32,
    /// What kind of fact, `PORTCULLIS_EVENT_...`.
    pub kind: u32,
    /// Who sent the frame, `PORTCULLIS_CLIENT` or `PORTCULLIS_SERVER`.
    pub from: u32,
    /// What the frame was, `PORTCULLIS_MESSAGE_...`.
    pub message: u32,
    /// Why, `PORTCULLIS_REASON_...`; 0 for a frame that passed as it came.
    pub reason: u32,
    /// The JSON-RPC error code that goes with the reason; 0 if there is none.
    pub code: i32,
    /// When it was decided.
    pub time: portcullis_time,
    /// The host's number for this session, from `portcullis_engine_facts`.
    pub session: u64,
    /// Length of the frame as it came, without its newline.
    pub bytes_in: u64,
    /// Length of the frame as it leaves; 0 if it does not.
    pub bytes_out: u64,
    /// How many places were changed, or how many events this one stands for.
    pub count: u64,
    /// A digest of the id, to tie a request to its answer; 0 if there is none.
    pub id_digest: u64,
    /// For an answer: milliseconds since its request was judged; else `PORTCULLIS_NEVER`.
    pub duration_ms: u64,
    /// The ticket: what it asks says `portcullis_engine_question`. 0 if the host is asked nothing.
    pub ticket: u64,
    /// The server's name, from `portcullis_engine_facts`.
    pub server: portcullis_label,
    /// The method; for a response that of its request.
    pub method: portcullis_label,
    /// The tool of a `tools/call`; for a response that of its request, and for the result of a task
    /// that of the call that made it, where limits of tools ask for it.
    pub tool: portcullis_label,
    /// The rule that decided, if one did.
    pub rule: portcullis_label,
    /// The check of that rule that refused, by its stable word, where a rule has several.
    pub check: portcullis_label,
}

// SAFETY: `repr(C)`, begins with `struct_size`, and holds numbers only.
unsafe impl Record for portcullis_event {}

impl portcullis_event {
    pub(crate) fn new(event: &Event) -> Self {
        Self {
            struct_size: Self::SIZE,
            kind: event.kind as u32,
            from: event.from as u32,
            message: event.message as u32,
            reason: event.reason.map_or(0, |reason| reason.number()),
            code: event.reason.map_or(0, |reason| reason.code()),
            time: portcullis_time {
                monotonic_ms: event.time.monotonic_ms,
                wall_ms: event.time.wall_ms,
            },
            session: event.session,
            bytes_in: event.bytes_in,
            bytes_out: event.bytes_out,
            count: event.count,
            id_digest: event.id_digest,
            duration_ms: event.duration_ms.unwrap_or(PORTCULLIS_NEVER),
            ticket: event.ticket.map_or(0, |ticket| ticket.0),
            server: portcullis_label::new(&event.server),
            method: portcullis_label::new(&event.method),
            tool: portcullis_label::new(&event.tool),
            rule: portcullis_label::new(&event.rule),
            check: portcullis_label::new(&Label::new(event.check)),
        }
    }
}
