//! Ledgers: what outlives a session.

use portcullis_engine::Ledger;

use crate::border::{self, Record};
use crate::numbers;

/// Counts over all sessions of a host, and what is left of the rate that they share. The host makes
/// one and hands it to the verbs that judge; where it hands over NULL, the engine uses one of its
/// own. Engines that share a ledger share its clock, and are called one at a time: from several
/// threads only under one lock. It outlives every call that it is handed to, nothing more.
pub struct portcullis_ledger {
    pub(crate) ledger: Ledger,
}

/// What a ledger has counted.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct portcullis_ledger_counts {
    /// `sizeof(portcullis_ledger_counts)`, set by the caller.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Frames that were judged.
    pub frames: u64,
    /// Frames and requests that were refused.
    pub refused: u64,
    /// Frames that left changed.
    pub changed: u64,
    /// Requests that are open, over all sessions. What an engine had open when it was freed in the
    /// middle of a session stays counted.
    pub requests_open: u64,
    /// Wrong or missing tokens.
    pub auth_failures: u64,
}

// SAFETY: `repr(C)`, begins with `struct_size`, and holds numbers only.
unsafe impl Record for portcullis_ledger_counts {}

/// Makes a ledger in which nothing has happened.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_ledger_new(abi: u32, ledger: *mut *mut portcullis_ledger) -> u32 {
    border::guard(|| {
        border::check_abi(abi)?;
        let made = portcullis_ledger { ledger: Ledger::new() };
        border::out(ledger)?.write(Box::into_raw(Box::new(made)));
        Ok(())
    })
}

/// Frees a ledger. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_ledger_free(ledger: Option<Box<portcullis_ledger>>) {
    border::free(ledger);
}

/// What was counted so far.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_ledger_count(
    ledger: Option<&portcullis_ledger>,
    counts: *mut portcullis_ledger_counts,
) -> u32 {
    border::guard(|| {
        let ledger = &border::given(ledger)?.ledger;
        border::record(counts)?.write(portcullis_ledger_counts {
            struct_size: portcullis_ledger_counts::SIZE,
            reserved: 0,
            frames: ledger.frames,
            refused: ledger.refused,
            changed: ledger.changed,
            requests_open: ledger.requests_open,
            auth_failures: ledger.auth_failures,
        });
        Ok(())
    })
}

/// How often frames and requests were refused for this reason, `PORTCULLIS_REASON_...`.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_ledger_refusals(
    ledger: Option<&portcullis_ledger>,
    reason: u32,
    count: *mut u64,
) -> u32 {
    border::guard(|| {
        let ledger = &border::given(ledger)?.ledger;
        let count = border::out(count)?;
        let reason = numbers::reason(reason)?;
        let counted = ledger.refusals().find(|(known, _)| *known == reason);
        count.write(counted.map_or(0, |(_, count)| count));
        Ok(())
    })
}
