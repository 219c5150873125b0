//! What a host says where it makes no engine.

use std::ffi::c_char;

use portcullis_engine::notice;

use crate::border;
use crate::numbers;
use crate::status::PORTCULLIS_STATUS_BAD_NUMBER;

/// Writes the line that a host may send to a client for which it makes no engine, newline included:
/// an error with this reason, one that has a code, which answers no request in particular. At most
/// 512 bytes; `*len` is how many, and no NUL stands behind them.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_notice(
    reason: u32,
    buffer: *mut c_char,
    capacity: usize,
    len: *mut usize,
) -> u32 {
    border::guard(|| {
        let len = border::out(len)?;
        let reason = numbers::reason(reason)?;
        if reason.code() == 0 {
            return Err(PORTCULLIS_STATUS_BAD_NUMBER);
        }
        let line = notice(reason);
        border::copy(&line, buffer, capacity)?;
        len.write(line.len());
        Ok(())
    })
}
