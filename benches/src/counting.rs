//! An allocator that counts, thread by thread.
//!
//! A binary that wants to count makes it its global allocator:
//!
//! ```
//! use portcullis_benches::counting::{Counting, count};
//!
//! #[global_allocator]
//! static ALLOCATOR: Counting = Counting;
//!
//! let (_held, counted) = count(|| vec![0u8; 100]);
//! assert_eq!((counted.allocations, counted.live_bytes), (1, 100));
//! ```
//!
//! Memory that one thread takes and another gives back counts as live for the first and as negative
//! for the second, so measure on one thread. The counters never allocate and need no destructor.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, with a count for each thread.
#[derive(Debug)]
pub struct Counting;

/// What a piece of code did with the allocator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Blocks taken, and blocks that were grown or shrunk.
    pub allocations: u64,
    /// Bytes taken less bytes given back.
    pub live_bytes: i64,
}

thread_local! {
    static COUNTED: Cell<Counted> = const {
        Cell::new(Counted { allocations: 0, live_bytes: 0 })
    };
}

/// Runs this on the current thread and says what it allocated. All is zero unless [`Counting`] is
/// the global allocator.
pub fn count<T>(work: impl FnOnce() -> T) -> (T, Counted) {
    let before = COUNTED.get();
    let result = work();
    let after = COUNTED.get();
    let allocations = after.allocations - before.allocations;
    (result, Counted { allocations, live_bytes: after.live_bytes - before.live_bytes })
}

fn note(allocations: u64, bytes: i64) {
    // A thread that is being torn down has no counter left, and nobody to read it.
    let _ = COUNTED.try_with(|counted| {
        let Counted { allocations: so_far, live_bytes } = counted.get();
        counted.set(Counted {
            allocations: so_far + allocations,
            live_bytes: live_bytes.wrapping_add(bytes),
        });
    });
}

// SAFETY: every call is handed to `System` unchanged, which keeps the contract; counting neither
// allocates (the counters are const-initialised cells without a destructor) nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as i64);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as i64);
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(0, -(layout.size() as i64));
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(1, size as i64 - layout.size() as i64);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(block, layout, size) }
    }
}
