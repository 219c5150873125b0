//! What the border adds to the engine: nothing on the clean path, a few words when idle.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

use super::misuse::{engine, policy, time};
use crate::engine::{
    portcullis_engine, portcullis_engine_free, portcullis_engine_recv_commit,
    portcullis_engine_recv_space, portcullis_engine_send_commit, portcullis_engine_send_ready,
    portcullis_engine_tick,
};
use crate::numbers::{PORTCULLIS_CLIENT, PORTCULLIS_SERVER};
use crate::policy::portcullis_policy_free;
use crate::status::PORTCULLIS_STATUS_OK;

/// Counts what the thread allocates.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static LIVE_BYTES: Cell<i64> = const { Cell::new(0) };
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: hands everything over to the system's allocator, and counts in numbers of the thread, which
// allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        let _ = LIVE_BYTES.try_with(|live| live.set(live.get() + layout.size() as i64));
        // SAFETY: the caller's promise is the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        let _ = LIVE_BYTES.try_with(|live| live.set(live.get() - layout.size() as i64));
        // SAFETY: the caller's promise is the system's.
        unsafe { System.dealloc(at, layout) }
    }
}

/// Guards a frame from one side to the other, as a host does.
fn pass(engine: *mut portcullis_engine, from: u32, frame: &[u8]) {
    // SAFETY: the tests below own the engine.
    let engine = || unsafe { engine.as_mut() };
    let (mut space, mut len, mut at) = (ptr::null_mut(), 0, 0);
    while at < frame.len() {
        let status = portcullis_engine_recv_space(engine(), from, &mut space, &mut len);
        assert_eq!(status, PORTCULLIS_STATUS_OK);
        let count = len.min(frame.len() - at);
        assert!(count > 0, "the lane stands");
        // SAFETY: `count` bytes are on loan.
        unsafe { ptr::copy_nonoverlapping(frame[at..].as_ptr(), space, count) };
        let status = portcullis_engine_recv_commit(engine(), None, from, count, time(0));
        assert_eq!(status, PORTCULLIS_STATUS_OK);
        at += count;
        take(engine(), 1 - from);
    }
}

fn take(engine: Option<&mut portcullis_engine>, to: u32) {
    let engine = engine.expect("an engine");
    let (mut ready, mut len) = (ptr::null(), 0);
    loop {
        portcullis_engine_send_ready(Some(engine), to, &mut ready, &mut len);
        if len == 0 {
            return;
        }
        portcullis_engine_send_commit(Some(engine), None, to, len);
    }
}

fn talk(engine: *mut portcullis_engine, frames: &[(Vec<u8>, Vec<u8>)]) {
    for (ask, answer) in frames {
        pass(engine, PORTCULLIS_CLIENT, ask);
        pass(engine, PORTCULLIS_SERVER, answer);
    }
}

fn frames() -> Vec<(Vec<u8>, Vec<u8>)> {
    let frame = |id: usize| {
        let text = "words and more words ".repeat(1 << (id % 12));
        let ask = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"ping\",\"params\":{{\"x\":\"{text}\"}}}}\n"
        );
        let answer =
            format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{\"x\":\"{text}\"}}}}\n");
        (ask.into_bytes(), answer.into_bytes())
    };
    (0..100).map(frame).collect()
}

#[test]
fn clean_frames_allocate_nothing_through_the_border() {
    let policy = policy("");
    let engine = engine(policy);
    let frames = frames();
    talk(engine, &frames);
    let before = ALLOCATIONS.get();
    talk(engine, &frames);
    assert_eq!(ALLOCATIONS.get() - before, 0);
    // SAFETY: both came from their `_new`.
    unsafe {
        portcullis_engine_free(Some(Box::from_raw(engine)));
        portcullis_policy_free(Some(Box::from_raw(policy)));
    }
}

#[test]
fn an_idle_engine_takes_less_than_8_kib_with_a_ledger_of_its_own() {
    let policy = policy("");
    let before = LIVE_BYTES.get();
    let engine = engine(policy);
    talk(engine, &frames());
    for at in [1_000, 31_000, 70_000] {
        // SAFETY: the test owns the engine.
        portcullis_engine_tick(unsafe { engine.as_mut() }, None, time(at));
    }
    let idle = LIVE_BYTES.get() - before;
    assert!(idle < 8 << 10, "{idle} bytes");
    // SAFETY: both came from their `_new`.
    unsafe { portcullis_engine_free(Some(Box::from_raw(engine))) };
    assert_eq!(LIVE_BYTES.get() - before, 0, "something was leaked");
    // SAFETY: as above.
    unsafe { portcullis_policy_free(Some(Box::from_raw(policy))) };
}
