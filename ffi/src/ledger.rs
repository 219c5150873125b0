//! Ledgers: what outlives a session.

use portcullis_engine::Ledger;

use crate::border::{self, Record};
use crate::event::portcullis_time;
use crate::facts::portcullis_facts;
use crate::numbers;
use crate::status::PORTCULLIS_STATUS_BAD_NUMBER;

/// Counts over all sessions of a host, and what is left of the limits that they share. The host makes
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

/// The same, each of whose tables holds so many keys at most: addresses, principals, tools. 4,096 is what
/// `portcullis_ledger_new` takes, about a MiB when they are full. Who refuses more at once refuses every
/// newcomer until the first of them may come again. At least 1.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_ledger_new_sized(
    abi: u32,
    keys_max: u32,
    ledger: *mut *mut portcullis_ledger,
) -> u32 {
    border::guard(|| {
        border::check_abi(abi)?;
        let place = border::out(ledger)?;
        if keys_max == 0 {
            return Err(PORTCULLIS_STATUS_BAD_NUMBER);
        }
        let made = portcullis_ledger { ledger: Ledger::with_keys_max(keys_max) };
        place.write(Box::into_raw(Box::new(made)));
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

/// Bans a peer: its messages are refused with `locked_out`, in every session of the ledger, until
/// `until_ms` (monotonic; `PORTCULLIS_NEVER`: for good). `peer` is as it was introduced: its address
/// counts, of IPv6 the first 64 bits, else its user, else its session.
///
/// `*full_until_ms` is 0 if it is banned. Else as many others are banned as the ledger has places, and it
/// is the first time at which one of them is not.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_ledger_ban(
    ledger: Option<&mut portcullis_ledger>,
    peer: *const portcullis_facts,
    until_ms: u64,
    now: portcullis_time,
    full_until_ms: *mut u64,
) -> u32 {
    border::guard(|| {
        let ledger = &mut border::given(ledger)?.ledger;
        let full = border::out(full_until_ms)?;
        let peer = border::read(peer)?.subject()?;
        ledger.advance(now.monotonic_ms);
        full.write(ledger.ban(peer, until_ms).err().unwrap_or_default());
        Ok(())
    })
}

/// Lifts a ban of the host. `*lifted` is 1, or 0 if there was none.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_ledger_lift_ban(
    ledger: Option<&mut portcullis_ledger>,
    peer: *const portcullis_facts,
    lifted: *mut u32,
) -> u32 {
    border::guard(|| {
        let ledger = &mut border::given(ledger)?.ledger;
        let lifted = border::out(lifted)?;
        lifted.write(ledger.lift_ban(border::read(peer)?.subject()?).into());
        Ok(())
    })
}

/// For how many milliseconds more the host's ban of a peer goes on; 0 if it is not banned.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_ledger_banned(
    ledger: Option<&mut portcullis_ledger>,
    peer: *const portcullis_facts,
    now: portcullis_time,
    left_ms: *mut u32,
) -> u32 {
    border::guard(|| {
        let ledger = &mut border::given(ledger)?.ledger;
        let left = border::out(left_ms)?;
        let peer = border::read(peer)?.subject()?;
        ledger.advance(now.monotonic_ms);
        left.write(ledger.banned_ms(peer).unwrap_or_default());
        Ok(())
    })
}

/// Lets go all that a session holds, by its number: a host that frees an engine in the middle of a session
/// says so; otherwise its open calls, and the session, stay counted.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_ledger_forget_session(
    ledger: Option<&mut portcullis_ledger>,
    session: u64,
) -> u32 {
    border::guard(|| {
        border::given(ledger)?.ledger.forget_session(session);
        Ok(())
    })
}

/// How many bytes of memory a ledger holds besides itself, and the most that it ever holds.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_ledger_memory(
    ledger: Option<&portcullis_ledger>,
    bytes: *mut u64,
    bytes_max: *mut u64,
) -> u32 {
    border::guard(|| {
        let ledger = &border::given(ledger)?.ledger;
        let (bytes, max) = (border::out(bytes)?, border::out(bytes_max)?);
        bytes.write(ledger.memory() as u64);
        max.write(ledger.memory_max() as u64);
        Ok(())
    })
}
