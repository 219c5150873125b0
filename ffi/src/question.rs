//! Questions to the host, as C sees them.

use std::ffi::c_char;
use std::ptr;

use portcullis_engine::Question;

use crate::border::Record;
use crate::numbers::PORTCULLIS_QUESTION_NONE;

/// What a ticket asks. The texts are on loan, as all that an engine lends; no NUL stands behind them.
/// They come from a peer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct portcullis_question {
    /// `sizeof(portcullis_question)`, set by the caller.
    pub struct_size: u32,
    /// What is asked, `PORTCULLIS_QUESTION_...`.
    pub kind: u32,
    /// The name of the tool, whole; the path as the call gives it; or the name of a host.
    pub text: *const c_char,
    /// Its length in bytes.
    pub text_len: usize,
    /// For a call: the message as it will leave, without its newline. NULL if there is none to be seen:
    /// a sealed secret was opened in it, which is for the tool alone.
    pub message: *const u8,
    /// Its length in bytes.
    pub message_len: usize,
}

// SAFETY: `repr(C)`, begins with `struct_size`, and holds numbers and pointers only.
unsafe impl Record for portcullis_question {}

impl portcullis_question {
    pub(crate) fn new(question: Option<Question<'_>>) -> Self {
        let (text, message) = match question {
            Some(Question::Call { tool, message }) => (Some(tool), message),
            Some(Question::Path { path }) => (Some(path), None),
            Some(Question::Name { name }) => (Some(name), None),
            _ => (None, None),
        };
        Self {
            struct_size: Self::SIZE,
            kind: question.map_or(PORTCULLIS_QUESTION_NONE, Question::number),
            text: text.map_or(ptr::null(), |text| text.as_ptr().cast()),
            text_len: text.map_or(0, str::len),
            message: message.map_or(ptr::null(), <[u8]>::as_ptr),
            message_len: message.map_or(0, <[u8]>::len),
        }
    }
}
