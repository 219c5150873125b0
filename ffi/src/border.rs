//! The border: pointers become references, panics become statuses. All `unsafe` code of the crate.
//!
//! Nothing is decided here. What C promises for every call stands in the header: a pointer is NULL
//! or points to what its type says, for the time of the call; a handle came from its `_new` and was
//! not freed; nobody else uses it meanwhile. What can be checked of that is checked.

use std::cell::Cell;
use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use crate::PORTCULLIS_ABI;
use crate::status::{
    Done, PORTCULLIS_STATUS_BAD_ABI, PORTCULLIS_STATUS_BAD_NUMBER,
    PORTCULLIS_STATUS_BAD_STRUCT_SIZE, PORTCULLIS_STATUS_BAD_UTF8, PORTCULLIS_STATUS_NULL,
    PORTCULLIS_STATUS_OK, PORTCULLIS_STATUS_PANICKED, PORTCULLIS_STATUS_POISONED,
    PORTCULLIS_STATUS_TOO_SMALL,
};

/// A handle that a call may change. Once a call panicked, nothing is known of it.
pub(crate) trait Handle {
    fn poisoned(&self) -> &Cell<bool>;
}

/// Runs a call that changes no handle.
pub(crate) fn guard(work: impl FnOnce() -> Done) -> u32 {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => PORTCULLIS_STATUS_OK,
        Ok(Err(status)) => status,
        Err(payload) => {
            // Dropping what was thrown may throw again; that is dropped no more.
            if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(again);
            }
            PORTCULLIS_STATUS_PANICKED
        }
    }
}

/// Runs a call that may change this handle, and poisons it if the call panics.
#[inline]
pub(crate) fn guard_handle<T: Handle>(
    handle: Option<&mut T>,
    work: impl FnOnce(&mut T) -> Done,
) -> u32 {
    let Some(handle) = handle else { return PORTCULLIS_STATUS_NULL };
    if handle.poisoned().get() {
        return PORTCULLIS_STATUS_POISONED;
    }
    let status = guard(|| work(handle));
    poison_after(handle, status)
}

/// Runs a call that only asks a handle something. It ends no loan.
#[inline]
pub(crate) fn guard_query<T: Handle>(handle: Option<&T>, work: impl FnOnce(&T) -> Done) -> u32 {
    let Some(handle) = handle else { return PORTCULLIS_STATUS_NULL };
    if handle.poisoned().get() {
        return PORTCULLIS_STATUS_POISONED;
    }
    poison_after(handle, guard(|| work(handle)))
}

fn poison_after<T: Handle>(handle: &T, status: u32) -> u32 {
    if status == PORTCULLIS_STATUS_PANICKED {
        handle.poisoned().set(true);
    }
    status
}

/// Frees a handle; NULL is none. A defect on the way leaks what is left of it.
pub(crate) fn free<T>(handle: Option<Box<T>>) {
    guard(|| {
        drop(handle);
        Ok(())
    });
}

/// Refuses a caller with another header.
pub(crate) fn check_abi(abi: u32) -> Done {
    if abi == PORTCULLIS_ABI { Ok(()) } else { Err(PORTCULLIS_STATUS_BAD_ABI) }
}

/// What a pointer that must not be NULL refers to.
pub(crate) fn given<T>(pointer: Option<T>) -> Result<T, u32> {
    pointer.ok_or(PORTCULLIS_STATUS_NULL)
}

/// Bytes of the caller. Length 0 is no bytes, whatever the pointer.
pub(crate) fn bytes<'a>(data: *const u8, len: usize) -> Result<&'a [u8], u32> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(PORTCULLIS_STATUS_NULL);
    }
    if isize::try_from(len).is_err() {
        return Err(PORTCULLIS_STATUS_BAD_NUMBER);
    }
    // SAFETY: not NULL, of a length that an object may have; the caller promises that so many bytes
    // are there for the time of the call, and bytes have no alignment.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// A text of the caller.
pub(crate) fn text<'a>(data: *const c_char, len: usize) -> Result<&'a str, u32> {
    std::str::from_utf8(bytes(data.cast(), len)?).map_err(|_| PORTCULLIS_STATUS_BAD_UTF8)
}

/// A place for one output of the caller, which may hold anything so far.
pub(crate) struct Out<T>(NonNull<T>);

impl<T> Out<T> {
    /// Writes the output.
    pub(crate) fn write(self, value: T) {
        // SAFETY: not NULL and aligned, see `out`; the caller promises that it may be written. What
        // stood there is not dropped: it is plain numbers and pointers.
        unsafe { self.0.write(value) }
    }
}

/// Where an output goes.
pub(crate) fn out<T: Copy>(place: *mut T) -> Result<Out<T>, u32> {
    let place = NonNull::new(place).ok_or(PORTCULLIS_STATUS_NULL)?;
    if !place.is_aligned() {
        return Err(PORTCULLIS_STATUS_BAD_NUMBER);
    }
    Ok(Out(place))
}

/// A struct of the header whose first member is its own size in bytes.
///
/// # Safety
/// It is `repr(C)`, begins with a `u32`, and is made of numbers, and of pointers that nothing here
/// follows: any bytes are a value.
pub(crate) unsafe trait Record: Copy {
    /// Its size in bytes, as the caller has to write it into its first member.
    const SIZE: u32 = {
        assert!(size_of::<Self>() <= u32::MAX as usize && align_of::<Self>() >= align_of::<u32>());
        size_of::<Self>() as u32
    };
}

/// Where a struct of the caller goes that says its own size.
pub(crate) fn record<T: Record>(place: *mut T) -> Result<Out<T>, u32> {
    let place = out(place)?;
    check_size::<T>(place.0)?;
    Ok(place)
}

/// A struct of the caller that says its own size.
pub(crate) fn read<T: Record>(place: *const T) -> Result<T, u32> {
    let place = out(place.cast_mut())?;
    check_size::<T>(place.0)?;
    // SAFETY: not NULL, aligned, and as large as it says; any bytes are a value (`Record`).
    Ok(unsafe { place.0.read() })
}

fn check_size<T: Record>(place: NonNull<T>) -> Done {
    // SAFETY: not NULL and aligned; a `Record` begins with a `u32`, which the caller has set.
    let said = unsafe { place.cast::<u32>().read() };
    if said == T::SIZE { Ok(()) } else { Err(PORTCULLIS_STATUS_BAD_STRUCT_SIZE) }
}

/// Copies bytes into a buffer of the caller.
pub(crate) fn copy(from: &[u8], buffer: *mut c_char, capacity: usize) -> Done {
    if from.len() > capacity {
        return Err(PORTCULLIS_STATUS_TOO_SMALL);
    }
    let buffer = NonNull::new(buffer).ok_or(PORTCULLIS_STATUS_NULL)?;
    // SAFETY: not NULL; the caller promises `capacity` writable bytes, and `from` is ours, so the
    // two do not overlap.
    unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), buffer.as_ptr().cast(), from.len()) }
    Ok(())
}

/// Writes as much of a text as fits into a buffer of the caller, and a NUL behind it. Writes nothing
/// where there is no buffer.
pub(crate) fn say(text: &str, buffer: *mut c_char, capacity: usize) {
    let Some(room) = capacity.checked_sub(1) else { return };
    let mut end = text.len().min(room);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut said = Vec::with_capacity(end + 1);
    said.extend(text.as_bytes()[..end].iter().map(|byte| if *byte == 0 { b' ' } else { *byte }));
    said.push(0);
    // Without a buffer nobody wants to be told.
    let _ = copy(&said, buffer, capacity);
}
