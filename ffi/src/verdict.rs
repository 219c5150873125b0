//! What a check of a guard comes to, as C sees it.

use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::OnceLock;

use portcullis_engine::net::Denied;

use crate::border::Record;

/// What a check of a guard comes to. The texts live for ever, and a NUL stands behind them; they say
/// nothing of what was checked.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct portcullis_verdict {
    /// `sizeof(portcullis_verdict)`, set by the caller.
    pub struct_size: u32,
    /// 1 if it is allowed, else 0.
    pub allowed: u32,
    /// The stable word of the check that refused it, such as `private` or `denied-path`; NULL if it is
    /// allowed.
    pub rule: *const c_char,
    /// Why in words, and how to allow it; NULL if it is allowed.
    pub why: *const c_char,
}

// SAFETY: `repr(C)`, begins with `struct_size`, and holds numbers and pointers only.
unsafe impl Record for portcullis_verdict {}

impl portcullis_verdict {
    pub(crate) fn new<T>(checked: &Result<T, Denied>) -> Self {
        let (rule, why) = match checked {
            Ok(_) => (ptr::null(), ptr::null()),
            Err(denied) => words(*denied),
        };
        Self { struct_size: Self::SIZE, allowed: checked.is_ok().into(), rule, why }
    }
}

/// The word of a check and what it says, as texts that live for ever.
fn words(denied: Denied) -> (*const c_char, *const c_char) {
    static WORDS: OnceLock<Vec<(Denied, CString, CString)>> = OnceLock::new();
    let text = |text: &str| CString::new(text).unwrap_or_default();
    let words = WORDS.get_or_init(|| {
        let all = Denied::rules().map(|rule| Denied { rule });
        all.map(|denied| (denied, text(denied.rule), text(&denied.to_string()))).collect()
    });
    let found = words.iter().find(|(known, ..)| *known == denied);
    found.map_or((c"unknown".as_ptr(), c"unknown".as_ptr()), |(_, rule, why)| {
        (rule.as_ptr(), why.as_ptr())
    })
}
