//! One line at a time through the public face, and serde_json beside it.

use std::sync::Arc;

use portcullis_engine::{
    Engine, EventKind, Ledger, Limits, Policy, Reason, Receiver, Side, Time, Wanted,
};

use crate::{check, json};

/// Reasons to refuse what serde_json takes as `IgnoredAny`.
pub const LISTED: [Reason; 23] = [
    // serde_json skips strings without looking whether they are UTF-8.
    Reason::InvalidUtf8,
    Reason::BareCr,
    Reason::TooDeep,
    Reason::LoneSurrogate,
    Reason::DuplicateMember,
    Reason::FoldedMember,
    Reason::TooManyMembers,
    // JSON, but no message.
    Reason::NotAnObject,
    Reason::BadVersion,
    Reason::BadId,
    Reason::BadMethod,
    Reason::Ambiguous,
    Reason::BadParams,
    Reason::BadParamsMember,
    Reason::DuplicateId,
    Reason::OrphanResponse,
    Reason::EmptyBatch,
    Reason::InitializeInBatch,
    Reason::Cancelled,
    // A message, but not one that may pass.
    Reason::SecretBlocked,
    Reason::SecretInEnvelope,
    Reason::TooManyEdits,
    Reason::TooManyInFlight,
];

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It left, changed or not.
    Passed,
    /// Nothing happened: a blank line, or an array that nobody answers.
    Ignored,
    /// It did not leave.
    Refused(Reason),
}

/// A client's line reader: an engine that judges one line after the other.
pub struct Judge {
    policy: Arc<Policy>,
    engine: Engine,
    ledger: Ledger,
    judged: u32,
    takes_cr: bool,
}

const NOW: Time = Time::new(0, 0);

impl Default for Judge {
    fn default() -> Self {
        let policy = Arc::new(Policy::default());
        let engine = new_engine(&policy);
        Self { policy, engine, ledger: Ledger::new(), judged: 0, takes_cr: false }
    }
}

impl Judge {
    /// One with a defect, which has to be noticed: a carriage return counts as white space.
    #[must_use]
    pub fn that_takes_cr() -> Self {
        Self { takes_cr: true, ..Self::default() }
    }

    /// Judges one line, which comes in chunks of this size.
    ///
    /// # Panics
    /// If the engine takes less than it is sent.
    pub fn judge(&mut self, line: &[u8], chunk: usize) -> Verdict {
        self.judged += 1;
        let left = self.engine.metrics().requests_open != [0, 0];
        if left || self.judged.is_multiple_of(900) {
            // Every line meets a session without a past; a thousand refused in a row would end it.
            self.engine = new_engine(&self.policy);
        }
        let mut line = line.to_vec();
        if self.takes_cr {
            line.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b' ');
        }
        line.push(b'\n');
        let mut verdict = Verdict::Ignored;
        for bytes in line.chunks(chunk.max(1)) {
            let mut sent = 0;
            while sent < bytes.len() {
                let rest = &bytes[sent..];
                sent += self.engine.recv_copy(&mut self.ledger, Side::Client, rest, NOW);
                self.drain(&mut verdict);
            }
        }
        verdict
    }

    /// Takes all that comes out.
    fn drain(&mut self, verdict: &mut Verdict) {
        loop {
            let mut moved = false;
            while let Some(event) = self.engine.next_event() {
                moved = true;
                *verdict = match (event.kind, event.reason) {
                    (EventKind::Passed | EventKind::Changed, _) => Verdict::Passed,
                    (_, Some(reason)) if *verdict == Verdict::Ignored => Verdict::Refused(reason),
                    _ => *verdict,
                };
            }
            for to in [Receiver::Client, Receiver::Server] {
                let count = self.engine.send_ready(to).len();
                self.engine.send_commit(&mut self.ledger, to, count);
                moved |= count > 0;
            }
            if !moved {
                return;
            }
        }
    }

    /// Judges a line and asks serde_json: what passes is JSON without a bare CR, and what does not
    /// pass although it is JSON has a listed reason.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn check(&mut self, line: &[u8], chunk: usize) -> Result<(), String> {
        let verdict = self.judge(line, chunk);
        let body = line.strip_suffix(b"\r").unwrap_or(line);
        let takes = json::is_json(body);
        let is_blank = body.iter().all(|byte| matches!(byte, b' ' | b'\t'));
        let fits = match verdict {
            Verdict::Passed => takes && !body.contains(&b'\r'),
            Verdict::Ignored => is_blank,
            Verdict::Refused(reason) if takes => LISTED.contains(&reason),
            Verdict::Refused(_) => true,
        };
        match fits {
            true => Ok(()),
            false => Err(format!("{}: {verdict:?}, serde_json: {takes}", check::shown(line))),
        }
    }
}

fn new_engine(policy: &Arc<Policy>) -> Engine {
    Engine::new(Arc::clone(policy), Limits::default(), Wanted::ALL, NOW).expect("in range")
}
