//! One CPU for client, proxy and server.
//!
//! A call one by one is a strict turn of three processes, so one CPU loses no parallelism, and no
//! wake-up crosses CPUs, which costs more than the call and depends on what else runs. With many
//! frames in flight, one CPU makes the *sum* of all work count. Processes inherit the pin of the
//! thread that starts them.

/// Runs this with the current thread, and all processes that it starts, on one CPU: the last that
/// the thread may use. Where that cannot be done, runs it anyway.
pub fn on_one_cpu<T>(work: impl FnOnce() -> T) -> T {
    let before = pin();
    let result = work();
    if let Some(set) = before {
        restore(&set);
    }
    result
}

#[cfg(target_os = "linux")]
type Set = rustix::thread::CpuSet;

#[cfg(target_os = "linux")]
fn pin() -> Option<Set> {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    let before = sched_getaffinity(None).ok()?;
    let last = (0..CpuSet::MAX_CPU).rev().find(|&cpu| before.is_set(cpu))?;
    let mut one = CpuSet::new();
    one.set(last);
    sched_setaffinity(None, &one).ok()?;
    Some(before)
}

#[cfg(target_os = "linux")]
fn restore(set: &Set) {
    // The set is the one that the kernel named before; if it refuses, the pin stays, which
    // changes no figure.
    let _ = rustix::thread::sched_setaffinity(None, set);
}

#[cfg(not(target_os = "linux"))]
fn pin() -> Option<()> {
    None
}

#[cfg(not(target_os = "linux"))]
fn restore(_: &()) {}
