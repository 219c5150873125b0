//! An allocator that counts for the thread that asks, on top of the system's.
//!
//! Tests run on many threads at once; a count of all of them together says nothing about one
//! engine. So the counts are thread-local, and a test sees only what it did itself. A block that is
//! freed on another thread than it was made on would be counted wrong; no test here does that.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// To be put into `#[global_allocator]` of a test binary.
pub struct Counting;

/// What this thread has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Blocks asked for, those that grew included.
    pub allocations: u64,
    /// Bytes held now.
    pub held: isize,
    /// Most bytes held at once since the last [`reset_peak`].
    pub peak: isize,
}

thread_local! {
    // Constant and without destructor: touching it never allocates, so the allocator may.
    static COUNTS: Cell<Counts> = const { Cell::new(Counts { allocations: 0, held: 0, peak: 0 }) };
}

/// The counts of this thread.
#[must_use]
pub fn counts() -> Counts {
    COUNTS.get()
}

/// The peak starts again from what is held now.
pub fn reset_peak() {
    let counts = COUNTS.get();
    COUNTS.set(Counts { peak: counts.held, ..counts });
}

fn count(allocations: u64, bytes: isize) {
    let mut counts = COUNTS.get();
    counts.allocations += allocations;
    counts.held += bytes;
    counts.peak = counts.peak.max(counts.held);
    COUNTS.set(counts);
}

// SAFETY: every call is handed on to the system's allocator with the same arguments, so its
// promises are ours; counting touches neither the block nor the layout.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as isize);
        // SAFETY: the caller's promise about `layout`, handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as isize);
        // SAFETY: the caller's promise about `layout`, handed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(0, -(layout.size() as isize));
        // SAFETY: the caller's promise about `block` and `layout`, handed on.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both blocks exist while the bytes are copied, unless the system grows in place: counted
        // as if it never did.
        count(1, size as isize);
        count(0, -(layout.size() as isize));
        // SAFETY: the caller's promise about `block`, `layout` and `size`, handed on.
        unsafe { System.realloc(block, layout, size) }
    }
}
