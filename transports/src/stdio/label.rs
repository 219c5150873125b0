//! What stands in front of each line of a server's standard error where several servers share ours.
//!
//! Without a label text goes straight on, and waits where it comes from while nobody reads ours.
//! With one, only whole lines go on, and what finds no room is dropped and counted: one daemon's
//! silent reader must not hold all servers up.

use super::Errors;

/// A line longer than this is told in parts.
const LINE_BYTES_MAX: usize = 8 << 10;

/// The label of one source of text, and the line that it has begun.
#[derive(Debug)]
pub struct Label {
    text: Option<Box<str>>,
    line: Vec<u8>,
    dropped: u64,
}

impl Label {
    /// No label: text goes straight on.
    #[must_use]
    pub fn none() -> Self {
        Label { text: None, line: Vec::new(), dropped: 0 }
    }

    /// This label, and a colon.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Label { text: Some(text.into()), ..Label::none() }
    }

    /// Whether more may come.
    #[must_use]
    pub fn has_room(&self, errors: &Errors) -> bool {
        self.text.is_some() || errors.has_room()
    }

    /// Where text is appended; [`Label::settle`] then brings it on.
    pub fn sink<'a>(&'a mut self, errors: &'a mut Errors) -> &'a mut Vec<u8> {
        if self.text.is_some() { &mut self.line } else { errors.tail() }
    }

    /// The text has ended, perhaps within a line.
    pub fn finish(&mut self) {
        if !self.line.is_empty() && !self.line.ends_with(b"\n") {
            self.line.push(b'\n');
        }
    }

    /// Brings whole lines on.
    pub fn settle(&mut self, errors: &mut Errors) {
        let Some(label) = &self.text else { return };
        let mut at = 0;
        while let Some(rest) = self.line.get(at..).filter(|rest| !rest.is_empty()) {
            let newline = memchr::memchr(b'\n', rest);
            let end = match newline {
                Some(end) => end.min(LINE_BYTES_MAX),
                None if rest.len() > LINE_BYTES_MAX => LINE_BYTES_MAX,
                None => break,
            };
            let line = &rest[..end];
            at += end + usize::from(newline == Some(end));
            if !errors.has_room() {
                self.dropped += line.len() as u64;
                continue;
            }
            let tail = errors.tail();
            let mut tell = |line: &[u8]| {
                tail.extend_from_slice(label.as_bytes());
                tail.extend_from_slice(b": ");
                // A line of one server must not look like one of another, or move the cursor.
                let mut before = 0;
                for &byte in line {
                    // C1 controls are two bytes in UTF-8, the first of which is harmless.
                    let is_c1 = before == 0xc2 && (0x80..0xa0).contains(&byte);
                    before = byte;
                    match byte {
                        b'\t' => tail.push(byte),
                        _ if is_c1 => {
                            tail.pop();
                            tail.extend_from_slice(format!("\\u{{{byte:x}}}").as_bytes());
                        }
                        0..0x20 | 0x7f => {
                            tail.extend_from_slice(format!("\\x{byte:02x}").as_bytes())
                        }
                        _ => tail.push(byte),
                    }
                }
                tail.push(b'\n');
            };
            if std::mem::take(&mut self.dropped) > 0 {
                tell(b"[lines were dropped here, since nobody read them]");
            }
            tell(line);
        }
        self.line.drain(..at);
        if self.line.is_empty() {
            self.line = Vec::new();
        }
    }
}
