//! Redactors: plain text without its secrets.

use std::cell::Cell;
use std::sync::Arc;

use portcullis_engine::TextRedactor;

use crate::border::{self, Handle};
use crate::policy::portcullis_policy;
use crate::status::Done;

/// Takes secrets out of plain text that comes in pieces, such as the standard error of a server. It
/// judges whole lines, and key blocks of many lines; so the pieces in which the text came change
/// nothing. A line over 64 KiB is cut, with a mark. It may move between threads; one call at a time.
pub struct portcullis_redactor {
    redactor: TextRedactor,
    /// What may leave, on loan to the host.
    lent: Vec<u8>,
    /// What was lent before that; written next, so that a host may push what it was lent.
    spare: Vec<u8>,
    poisoned: Cell<bool>,
}

impl Handle for portcullis_redactor {
    fn poisoned(&self) -> &Cell<bool> {
        &self.poisoned
    }
}

/// Makes a redactor with the rules of a policy, at the beginning of a text.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_redactor_new(
    abi: u32,
    policy: Option<&portcullis_policy>,
    redactor: *mut *mut portcullis_redactor,
) -> u32 {
    border::guard(|| {
        border::check_abi(abi)?;
        let rules = Arc::clone(border::given(policy)?.policy.rules());
        let made = TextRedactor::new(rules);
        let made = portcullis_redactor {
            redactor: made,
            lent: Vec::new(),
            spare: Vec::new(),
            poisoned: Cell::new(false),
        };
        border::out(redactor)?.write(Box::into_raw(Box::new(made)));
        Ok(())
    })
}

/// Frees a redactor, and the line that it still holds. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_redactor_free(redactor: Option<Box<portcullis_redactor>>) {
    border::free(redactor);
}

/// Takes more of the text, and lends what may leave: all lines that are complete, perhaps none. They
/// are lent until the next call on this redactor.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_redactor_push(
    redactor: Option<&mut portcullis_redactor>,
    text: *const u8,
    text_len: usize,
    data: *mut *const u8,
    len: *mut usize,
) -> u32 {
    border::guard_handle(redactor, |redactor| {
        let text = border::bytes(text, text_len)?;
        lend(redactor, data, len, |redactor, out| redactor.push(text, out))
    })
}

/// Ends the text, and lends what is left of its last line. What is pushed after that is another text.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_redactor_finish(
    redactor: Option<&mut portcullis_redactor>,
    data: *mut *const u8,
    len: *mut usize,
) -> u32 {
    border::guard_handle(redactor, |redactor| {
        lend(redactor, data, len, |redactor, out| redactor.finish(out))
    })
}

fn lend(
    redactor: &mut portcullis_redactor,
    data: *mut *const u8,
    len: *mut usize,
    work: impl FnOnce(&mut TextRedactor, &mut Vec<u8>),
) -> Done {
    let (data, len) = (border::out(data)?, border::out(len)?);
    let portcullis_redactor { redactor, lent, spare, .. } = redactor;
    spare.clear();
    // A long text does not keep its memory for ever.
    spare.shrink_to(OUT_BYTES_KEPT);
    work(redactor, spare);
    std::mem::swap(lent, spare);
    data.write(lent.as_ptr());
    len.write(lent.len());
    Ok(())
}

/// What a redactor keeps of the memory of what it lent: two lines of the greatest length.
const OUT_BYTES_KEPT: usize = 128 << 10;
