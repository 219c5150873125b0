//! What every call says about itself.

use std::ffi::{CStr, c_char};

/// Done; the outputs were written.
pub const PORTCULLIS_STATUS_OK: u32 = 0;
/// A pointer that must not be NULL is.
pub const PORTCULLIS_STATUS_NULL: u32 = 1;
/// A number names nothing: no such side, receiver, kind, answer, reason or index; a text is no
/// address; or a pointer is not aligned for its type.
pub const PORTCULLIS_STATUS_BAD_NUMBER: u32 = 2;
/// `struct_size` is not the size of any version of the struct that this library knows.
pub const PORTCULLIS_STATUS_BAD_STRUCT_SIZE: u32 = 3;
/// The header that the caller was compiled with has another ABI number than the library.
pub const PORTCULLIS_STATUS_BAD_ABI: u32 = 4;
/// More was committed than is on loan, or the loan has ended: another call came between.
pub const PORTCULLIS_STATUS_NOT_LENT: u32 = 5;
/// The configuration or a limit is refused; the message says why and how to mend it.
pub const PORTCULLIS_STATUS_BAD_CONFIG: u32 = 6;
/// A text is not UTF-8.
pub const PORTCULLIS_STATUS_BAD_UTF8: u32 = 7;
/// The buffer is too small for what has to be written into it.
pub const PORTCULLIS_STATUS_TOO_SMALL: u32 = 8;
/// This call met a defect of the library. The handle is poisoned: free it, and end the session.
pub const PORTCULLIS_STATUS_PANICKED: u32 = 9;
/// An earlier call met a defect of the library, and nothing is known of the handle any more. It can
/// only be freed.
pub const PORTCULLIS_STATUS_POISONED: u32 = 10;

/// A call that was refused, and with which status.
pub type Done = Result<(), u32>;

/// What a status means, in a few words of English. Never NULL; lives for ever.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_status_str(status: u32) -> *const c_char {
    let text: &CStr = match status {
        PORTCULLIS_STATUS_OK => c"done",
        PORTCULLIS_STATUS_NULL => c"a pointer is NULL",
        PORTCULLIS_STATUS_BAD_NUMBER => c"a number names nothing",
        PORTCULLIS_STATUS_BAD_STRUCT_SIZE => c"struct_size is wrong",
        PORTCULLIS_STATUS_BAD_ABI => c"header and library do not belong together",
        PORTCULLIS_STATUS_NOT_LENT => c"more is committed than is on loan",
        PORTCULLIS_STATUS_BAD_CONFIG => c"the configuration is refused",
        PORTCULLIS_STATUS_BAD_UTF8 => c"a text is not UTF-8",
        PORTCULLIS_STATUS_TOO_SMALL => c"the buffer is too small",
        PORTCULLIS_STATUS_PANICKED => c"a defect in portcullis: the handle is poisoned",
        PORTCULLIS_STATUS_POISONED => c"the handle is poisoned by an earlier defect",
        _ => c"an unknown status",
    };
    text.as_ptr()
}
