//! Lines of a server that are no messages, redacted, for the host's standard error.

use crate::base::limits::NOISE_BYTES;
use crate::redact::Rules;

/// Keeps the last few kilobytes; what nobody takes is dropped and counted.
#[derive(Debug, Default)]
pub(crate) struct Noise {
    bytes: Vec<u8>,
    pub total: u64,
    pub dropped: u64,
}

impl Noise {
    /// Adds one line, given without its newline.
    pub(crate) fn push(&mut self, line: &[u8], rules: &Rules) {
        self.total += line.len() as u64 + 1;
        let kept = &line[..line.len().min(NOISE_BYTES)];
        let mut out = Vec::with_capacity(kept.len() + 1);
        let mut matches = Vec::new();
        if rules.enabled() {
            rules.find(line, &mut matches);
        }
        let mut at = 0;
        for found in &matches {
            out.extend_from_slice(&line[at..found.start]);
            out.extend_from_slice(rules.replacement(found.rule).as_bytes());
            at = found.end;
            if out.len() > NOISE_BYTES {
                break;
            }
        }
        out.extend_from_slice(kept.get(at..).unwrap_or_default());
        out.truncate(NOISE_BYTES - 1);
        out.push(b'\n');
        let over = (self.bytes.len() + out.len()).saturating_sub(NOISE_BYTES);
        self.bytes.drain(..over);
        self.dropped += over as u64;
        self.bytes.extend_from_slice(&out);
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
