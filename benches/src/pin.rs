//! Which CPU client, proxy and server run on. A process inherits the pin of the thread that starts
//! it.
//!
//! Both proxies always get the same place, and there are two places to look from:
//!
//! - **One CPU for all three.** A call one by one is a strict turn of three processes, so this loses
//!   no parallelism, and no wake-up crosses CPUs, which costs more than the call and depends on what
//!   else runs. With many frames in flight, the *sum* of all work counts: a proxy that does anything
//!   at all shows.
//! - **One CPU for the proxy, another for client and server.** With many frames in flight, the three
//!   work side by side, as they do on a desk; what counts is the slower half.

use std::io;

/// Numbers of CPUs for the two halves; the same number twice where there is only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// For the client and the server.
    pub ends: usize,
    /// For the proxy.
    pub proxy: usize,
}

/// The last CPU that this thread may use, for all.
///
/// # Errors
/// Where threads cannot be pinned.
pub fn one_cpu() -> io::Result<Places> {
    let last = *affinity()?.last().ok_or(io::ErrorKind::NotFound)?;
    Ok(Places { ends: last, proxy: last })
}

/// The last one for the proxy, the one before it for the others.
///
/// # Errors
/// Where threads cannot be pinned.
pub fn two_cpus() -> io::Result<Places> {
    let allowed = affinity()?;
    let last = *allowed.last().ok_or(io::ErrorKind::NotFound)?;
    Ok(Places { ends: allowed[allowed.len().saturating_sub(2)], proxy: last })
}

/// Runs this with the current thread on one CPU, and puts it back.
///
/// # Errors
/// Where threads cannot be pinned, or what the work says.
pub fn on<T>(cpu: usize, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let before = affinity()?;
    to(cpu)?;
    let result = work();
    set_affinity(&before)?;
    result
}

/// Pins the current thread for good.
///
/// # Errors
/// A number that names no CPU of this thread, or a system without pins.
pub fn to(cpu: usize) -> io::Result<()> {
    set_affinity(&[cpu])
}

#[cfg(target_os = "linux")]
fn affinity() -> io::Result<Vec<usize>> {
    use rustix::thread::{CpuSet, sched_getaffinity};
    let set = sched_getaffinity(None)?;
    Ok((0..CpuSet::MAX_CPU).filter(|&cpu| set.is_set(cpu)).collect())
}

#[cfg(target_os = "linux")]
fn set_affinity(cpus: &[usize]) -> io::Result<()> {
    use rustix::thread::{CpuSet, sched_setaffinity};
    let mut set = CpuSet::new();
    for &cpu in cpus.iter().filter(|&&cpu| cpu < CpuSet::MAX_CPU) {
        set.set(cpu);
    }
    Ok(sched_setaffinity(None, &set)?)
}

#[cfg(not(target_os = "linux"))]
fn affinity() -> io::Result<Vec<usize>> {
    Ok(vec![0])
}

#[cfg(not(target_os = "linux"))]
fn set_affinity(_: &[usize]) -> io::Result<()> {
    Ok(())
}
