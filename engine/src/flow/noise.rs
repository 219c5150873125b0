//! Lines of a server that are no messages, redacted, for the host's standard error.

use std::sync::Arc;

use crate::base::limits::NOISE_BYTES;
use crate::redact::{Rules, TextRedactor};

/// Keeps the last few kilobytes; what nobody takes is dropped and counted.
pub(crate) struct Noise {
    rules: Arc<Rules>,
    /// Made for the first line: most servers have none.
    redactor: Option<Box<TextRedactor>>,
    line: Vec<u8>,
    bytes: Vec<u8>,
    pub total: u64,
    pub dropped: u64,
}

impl Noise {
    pub(crate) fn new(rules: Arc<Rules>) -> Self {
        Self { rules, redactor: None, line: Vec::new(), bytes: Vec::new(), total: 0, dropped: 0 }
    }

    /// Adds one line, given without its newline. A key that runs over many lines is found.
    pub(crate) fn push(&mut self, line: &[u8]) {
        self.total += line.len() as u64 + 1;
        self.line.clear();
        let redactor = self
            .redactor
            .get_or_insert_with(|| Box::new(TextRedactor::new(Arc::clone(&self.rules))));
        redactor.push(line, &mut self.line);
        redactor.push(b"\n", &mut self.line);
        let cut = self.line.len().saturating_sub(NOISE_BYTES);
        let over = (self.bytes.len() + self.line.len() - cut).saturating_sub(NOISE_BYTES);
        self.bytes.drain(..over);
        self.dropped += (over + cut) as u64;
        self.bytes.extend_from_slice(&self.line[cut..]);
        self.line = Vec::new();
    }

    /// From here on other rules redact.
    pub(crate) fn swap_rules(&mut self, rules: Arc<Rules>) {
        self.rules = rules;
        self.redactor = None;
    }

    pub(crate) fn ready(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn commit(&mut self, count: usize) {
        self.bytes.drain(..count);
        if self.bytes.is_empty() {
            self.bytes = Vec::new();
        }
    }

    pub(crate) fn memory(&self) -> usize {
        self.bytes.capacity()
    }
}
