//! What a started process must not inherit, and what must not be written to disk.

use std::os::fd::BorrowedFd;

use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};

/// Marks every descriptor but 0, 1 and 2 as closed on exec.
///
/// Ours are made so. But whoever started us may have left some open, a log or a socket, and they are
/// none of the server's business. To be called before other threads exist.
pub fn close_on_exec() {
    let Ok(entries) = std::fs::read_dir("/proc/self/fd").or_else(|_| std::fs::read_dir("/dev/fd"))
    else {
        return;
    };
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    for number in numbers.filter(|&number: &i32| number > 2).collect::<Vec<_>>() {
        set_close_on_exec(number);
    }
}

#[allow(unsafe_code)]
fn set_close_on_exec(number: i32) {
    // SAFETY: the number is borrowed for two calls that neither close nor read it. If nothing is
    // open under it (the listing's own descriptor), both calls fail with EBADF and change nothing.
    let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
    if let Ok(flags) = fcntl_getfd(descriptor) {
        let _ = fcntl_setfd(descriptor, flags | FdFlags::CLOEXEC);
    }
}

/// Switches core dumps of this process off. To be called once a token is held.
///
/// On Linux this also keeps other processes of the user from attaching to this one. It is not
/// inherited: the server decides for itself.
pub fn no_core_dumps() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
    #[cfg(not(target_os = "linux"))]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let maximum = getrlimit(Resource::Core).maximum;
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum });
    }
}
