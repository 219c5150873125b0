//! Engines: the constructor and the verbs.

use std::cell::Cell;
use std::ffi::c_char;
use std::sync::Arc;

use ::portcullis_engine::{
    Answer, Engine, EventKind, Facts, Ledger, Receiver, Side, Ticket, Wanted,
};

use crate::border::{self, Handle};
use crate::event::{portcullis_event, portcullis_time};
use crate::facts::portcullis_facts;
use crate::ledger::portcullis_ledger;
use crate::limits::portcullis_limits;
use crate::metrics::portcullis_metrics;
use crate::numbers::{
    self, PORTCULLIS_NEVER, PORTCULLIS_STALL_NONE, PORTCULLIS_WAKE_NONE, PORTCULLIS_WANT_ALL,
    PORTCULLIS_WANT_DROPPING,
};
use crate::policy::portcullis_policy;
use crate::question::portcullis_question;
use crate::status::{
    Done, PORTCULLIS_STATUS_BAD_CONFIG, PORTCULLIS_STATUS_BAD_NUMBER, PORTCULLIS_STATUS_NOT_LENT,
};

/// A guard between one client and one server. It may move between threads; one call at a time.
pub struct portcullis_engine {
    engine: Engine,
    /// Used where the host hands over none.
    ledger: Option<Box<Ledger>>,
    loan: Loan,
    poisoned: Cell<bool>,
}

/// What is on loan: whose memory, and how much of it.
#[derive(Clone, Copy)]
enum Loan {
    None,
    Recv(Side, usize),
    Send(Receiver, usize),
}

impl Handle for portcullis_engine {
    #[inline]
    fn poisoned(&self) -> &Cell<bool> {
        &self.poisoned
    }
}

/// Runs a verb that needs a ledger. It ends the loan.
#[inline]
fn judge(
    engine: Option<&mut portcullis_engine>,
    ledger: Option<&mut portcullis_ledger>,
    verb: impl FnOnce(&mut Engine, &mut Ledger, Loan) -> Done,
) -> u32 {
    border::guard_handle(engine, |handle| {
        let ledger = match ledger {
            Some(lent) => &mut lent.ledger,
            None => handle.ledger.get_or_insert_default(),
        };
        verb(&mut handle.engine, ledger, handle.loan)?;
        handle.loan = Loan::None;
        Ok(())
    })
}

/// Makes an engine for one session.
///
/// - `limits`: NULL for the defaults.
/// - `wanted`: the events that are to be made, a sum of `PORTCULLIS_WANT_...`. Those that are wanted
///   have to be collected: judging stops while `events_max` of them wait. A policy that asks the host
///   (`tools.ask`) wants `PORTCULLIS_WANT_LIFECYCLE`: its tickets come with such events.
/// - `message`, `message_capacity`: what is wrong, on `PORTCULLIS_STATUS_BAD_CONFIG`; as in
///   `portcullis_policy_new`. It is a limit that is out of its range.
///
/// An idle engine takes less than 8 KiB.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_new(
    abi: u32,
    policy: Option<&portcullis_policy>,
    limits: *const portcullis_limits,
    wanted: u32,
    now: portcullis_time,
    message: *mut c_char,
    message_capacity: usize,
    engine: *mut *mut portcullis_engine,
) -> u32 {
    border::guard(|| {
        border::check_abi(abi)?;
        let policy = border::given(policy)?;
        let place = border::out(engine)?;
        let limits = match limits.is_null() {
            true => Default::default(),
            false => border::read(limits)?.limits(),
        };
        let engine = Engine::new(Arc::clone(&policy.policy), limits, kinds(wanted)?, now.time());
        let engine = engine.map_err(|why| {
            border::say(&why.to_string(), message, message_capacity);
            PORTCULLIS_STATUS_BAD_CONFIG
        })?;
        let made = portcullis_engine {
            engine,
            ledger: None,
            loan: Loan::None,
            poisoned: Cell::new(false),
        };
        place.write(Box::into_raw(Box::new(made)));
        Ok(())
    })
}

fn kinds(bits: u32) -> Result<Wanted, u32> {
    if bits & !(PORTCULLIS_WANT_ALL | PORTCULLIS_WANT_DROPPING) != 0 {
        return Err(PORTCULLIS_STATUS_BAD_NUMBER);
    }
    let kinds = EventKind::ALL.iter().filter(|kind| bits & 1 << **kind as u32 != 0);
    let wanted = kinds.fold(Wanted::NONE, |wanted, kind| wanted.and(*kind));
    Ok(if bits & PORTCULLIS_WANT_DROPPING != 0 { wanted.dropping() } else { wanted })
}

/// Frees an engine and what it still holds. NULL is fine, and so is a poisoned engine.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_free(engine: Option<Box<portcullis_engine>>) {
    border::free(engine);
}

/// Lends memory to read bytes of a side into. `*len` is 0 while that side must not be read: stop
/// watching it for readability until it is not.
///
/// After the read, `portcullis_engine_recv_commit` says how many bytes came.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_recv_space(
    engine: Option<&mut portcullis_engine>,
    from: u32,
    data: *mut *mut u8,
    len: *mut usize,
) -> u32 {
    border::guard_handle(engine, |handle| {
        let (data, len) = (border::out(data)?, border::out(len)?);
        let side = numbers::side(from)?;
        let space = handle.engine.recv_space(side);
        handle.loan = Loan::Recv(side, space.len());
        data.write(space.as_mut_ptr());
        len.write(space.len());
        Ok(())
    })
}

/// Says that `count` bytes were read into the memory on loan, and judges what they complete. Ends the
/// loan.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_recv_commit(
    engine: Option<&mut portcullis_engine>,
    ledger: Option<&mut portcullis_ledger>,
    from: u32,
    count: usize,
    now: portcullis_time,
) -> u32 {
    judge(engine, ledger, |engine, ledger, loan| {
        let side = numbers::side(from)?;
        if count > 0 && !matches!(loan, Loan::Recv(lent, len) if lent == side && count <= len) {
            return Err(PORTCULLIS_STATUS_NOT_LENT);
        }
        engine.recv_commit(ledger, side, count, now.time());
        Ok(())
    })
}

/// Takes as many of these bytes as there is room for, and judges what they complete: for hosts that
/// hold the bytes already, elsewhere than in memory on loan. `*taken` is how many; hand over the rest
/// when the engine has moved on.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_recv_copy(
    engine: Option<&mut portcullis_engine>,
    ledger: Option<&mut portcullis_ledger>,
    from: u32,
    data: *const u8,
    len: usize,
    now: portcullis_time,
    taken: *mut usize,
) -> u32 {
    judge(engine, ledger, |engine, ledger, _| {
        let taken = border::out(taken)?;
        let side = numbers::side(from)?;
        let bytes = border::bytes(data, len)?;
        taken.write(engine.recv_copy(ledger, side, bytes, now.time()));
        Ok(())
    })
}

/// Says that a side will send no more. A last line without newline is judged; the other side gets
/// what is under way, and answers to what it asked this one. What was ready for the server when the
/// server closed is dropped: nobody would read it.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_recv_close(
    engine: Option<&mut portcullis_engine>,
    ledger: Option<&mut portcullis_ledger>,
    from: u32,
    now: portcullis_time,
) -> u32 {
    judge(engine, ledger, |engine, ledger, _| {
        engine.recv_close(ledger, numbers::side(from)?, now.time());
        Ok(())
    })
}

/// Lends the bytes that are to be written to a receiver. `*len` is 0 while there are none: stop
/// watching it for writability until there are.
///
/// After the write, `portcullis_engine_send_commit` says how many bytes went. There may be more
/// behind them: ask again. Where a write goes on while other calls are made (a completion that comes
/// later, a stream with a queue of its own), copy the bytes and commit them at once.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_send_ready(
    engine: Option<&mut portcullis_engine>,
    to: u32,
    data: *mut *const u8,
    len: *mut usize,
) -> u32 {
    border::guard_handle(engine, |handle| {
        let (data, len) = (border::out(data)?, border::out(len)?);
        let receiver = numbers::receiver(to)?;
        let ready = handle.engine.send_ready(receiver);
        handle.loan = Loan::Send(receiver, ready.len());
        data.write(ready.as_ptr());
        len.write(ready.len());
        Ok(())
    })
}

/// Says that `count` of the bytes on loan were written, and judges what waited for that. Ends the
/// loan.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_send_commit(
    engine: Option<&mut portcullis_engine>,
    ledger: Option<&mut portcullis_ledger>,
    to: u32,
    count: usize,
) -> u32 {
    judge(engine, ledger, |engine, ledger, loan| {
        let receiver = numbers::receiver(to)?;
        if count > 0 && !matches!(loan, Loan::Send(lent, len) if lent == receiver && count <= len) {
            return Err(PORTCULLIS_STATUS_NOT_LENT);
        }
        engine.send_commit(ledger, receiver, count);
        Ok(())
    })
}

/// Takes the oldest event that waits. `*found` is 1, or 0 if none waits; then `event` is left as it
/// was.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_next_event(
    engine: Option<&mut portcullis_engine>,
    event: *mut portcullis_event,
    found: *mut u32,
) -> u32 {
    border::guard_handle(engine, |handle| {
        let (event, found) = (border::record(event)?, border::out(found)?);
        handle.loan = Loan::None;
        let next = handle.engine.next_event();
        found.write(next.is_some().into());
        if let Some(next) = next {
            event.write(portcullis_event::new(&next));
        }
        Ok(())
    })
}

/// When to call `portcullis_engine_tick` at the latest: `*at_ms` in monotonic milliseconds, and what
/// for, `PORTCULLIS_WAKE_...`. `PORTCULLIS_NEVER` and `PORTCULLIS_WAKE_NONE` if nothing is due.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_deadline(
    engine: Option<&portcullis_engine>,
    at_ms: *mut u64,
    wake: *mut u32,
) -> u32 {
    border::guard_query(engine, |handle| {
        let (at_ms, wake) = (border::out(at_ms)?, border::out(wake)?);
        let due = handle.engine.deadline();
        at_ms.write(due.map_or(PORTCULLIS_NEVER, |(at, _)| at));
        wake.write(due.map_or(PORTCULLIS_WAKE_NONE, |(_, wake)| wake as u32));
        Ok(())
    })
}

/// Says what time it is: ends what has run out of time, gives memory back, goes on with what waited.
/// Afterwards the deadline is later than `now`, or there is none.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_tick(
    engine: Option<&mut portcullis_engine>,
    ledger: Option<&mut portcullis_ledger>,
    now: portcullis_time,
) -> u32 {
    judge(engine, ledger, |engine, ledger, _| {
        engine.tick(ledger, now.time());
        Ok(())
    })
}

/// Whether the session is over and all that was owed has left: `*finished` is 1 or 0. Events may
/// still wait, and so may noise. It is over when the server has closed and nothing is open or owed
/// any more; in a drain as soon as nothing is, whoever has closed. A host that reads on after that
/// hands over frames that are refused, and answered.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_is_finished(
    engine: Option<&portcullis_engine>,
    finished: *mut u32,
) -> u32 {
    border::guard_query(engine, |handle| {
        border::out(finished)?.write(handle.engine.is_finished().into());
        Ok(())
    })
}

/// Tells who a peer is: the host's number for the session (that of the client's facts counts) and the
/// peer's name (that of the server is shown), UTF-8, cut to 62 bytes. `portcullis_engine_introduce`
/// tells more; what it told before is taken back.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_facts(
    engine: Option<&mut portcullis_engine>,
    side: u32,
    session: u64,
    name: *const c_char,
    name_len: usize,
) -> u32 {
    border::guard_handle(engine, |handle| {
        let side = numbers::side(side)?;
        let facts = Facts::new(session, border::text(name, name_len)?);
        handle.loan = Loan::None;
        handle.engine.facts(side, facts);
        Ok(())
    })
}

/// Tells all that the host knows of a peer. From the next frame on rules, limits and events know it, and
/// what was told before is forgotten. `PORTCULLIS_STATUS_BAD_NUMBER` if the address or the source is none.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_introduce(
    engine: Option<&mut portcullis_engine>,
    side: u32,
    facts: *const portcullis_facts,
) -> u32 {
    border::guard_handle(engine, |handle| {
        let side = numbers::side(side)?;
        let facts = border::read(facts)?.facts()?;
        handle.loan = Loan::None;
        handle.engine.facts(side, facts);
        Ok(())
    })
}

/// From the next frame on another policy decides. What was judged leaves as it was judged.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_swap_policy(
    engine: Option<&mut portcullis_engine>,
    policy: Option<&portcullis_policy>,
) -> u32 {
    border::guard_handle(engine, |handle| {
        let policy = border::given(policy)?;
        handle.loan = Loan::None;
        handle.engine.swap_policy(Arc::clone(&policy.policy));
        Ok(())
    })
}

/// Begins the end of the session: new requests are refused, open ones may be answered until
/// `until_ms` (monotonic), then they are refused as well. It judges nothing by itself: tick after it.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_begin_drain(
    engine: Option<&mut portcullis_engine>,
    now: portcullis_time,
    until_ms: u64,
) -> u32 {
    border::guard_handle(engine, |handle| {
        handle.loan = Loan::None;
        handle.engine.begin_drain(now.time(), until_ms);
        Ok(())
    })
}

/// What a ticket asks that an event brought. One call may ask several questions, one after the other,
/// each with a ticket of its own. `PORTCULLIS_QUESTION_NONE` if the ticket is not open (any more).
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_question(
    engine: Option<&portcullis_engine>,
    ticket: u64,
    question: *mut portcullis_question,
) -> u32 {
    border::guard_query(engine, |handle| {
        let question = border::record(question)?;
        question.write(portcullis_question::new(handle.engine.question(Ticket(ticket))));
        Ok(())
    })
}

/// Answers a ticket with `PORTCULLIS_ANSWER_APPROVED` or `PORTCULLIS_ANSWER_DENIED`. `*known` is 0 if
/// the ticket is not open (any more), else 1. To approve what was to be resolved refuses the call with
/// `undecided`.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_answer(
    engine: Option<&mut portcullis_engine>,
    ledger: Option<&mut portcullis_ledger>,
    ticket: u64,
    answer: u32,
    now: portcullis_time,
    known: *mut u32,
) -> u32 {
    judge(engine, ledger, |engine, ledger, _| {
        let known = border::out(known)?;
        let answer = numbers::answer(answer)?;
        known.write(engine.answer(ledger, Ticket(ticket), answer, now.time()).into());
        Ok(())
    })
}

/// Answers a ticket with what its question asks for: a path, or addresses with spaces between them.
/// The rule that asked judges it; what is no answer to the question refuses the call with `undecided`,
/// and so does no text at all. A call that is to be approved is not approved by this. `*known` as above.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_resolve(
    engine: Option<&mut portcullis_engine>,
    ledger: Option<&mut portcullis_ledger>,
    ticket: u64,
    text: *const c_char,
    text_len: usize,
    now: portcullis_time,
    known: *mut u32,
) -> u32 {
    judge(engine, ledger, |engine, ledger, _| {
        let known = border::out(known)?;
        let answer = Answer::Resolved(border::text(text, text_len)?);
        known.write(engine.answer(ledger, Ticket(ticket), answer, now.time()).into());
        Ok(())
    })
}

/// Why nothing moves from a side, `PORTCULLIS_STALL_...`; `PORTCULLIS_STALL_NONE` if it does. While
/// events wait for the host to collect them, that is what is said, whatever else is so.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_stalled(
    engine: Option<&portcullis_engine>,
    from: u32,
    stall: *mut u32,
) -> u32 {
    border::guard_query(engine, |handle| {
        let stall = border::out(stall)?;
        let stalled = handle.engine.stalled(numbers::side(from)?);
        stall.write(stalled.map_or(PORTCULLIS_STALL_NONE, |why| why as u32));
        Ok(())
    })
}

/// What was counted so far.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_engine_metrics(
    engine: Option<&portcullis_engine>,
    metrics: *mut portcullis_metrics,
) -> u32 {
    border::guard_query(engine, |handle| {
        border::record(metrics)?.write(portcullis_metrics::new(&handle.engine.metrics()));
        Ok(())
    })
}

/// Panics: for tests of what follows.
#[cfg(feature = "panic-on-purpose")]
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_test_panic(engine: Option<&mut portcullis_engine>) -> u32 {
    border::guard_handle(engine, |_| panic!("on purpose"))
}
