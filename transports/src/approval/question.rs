//! What is asked, in the words of the hook and of `portcullis approve`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A call that waits. Holds what a peer said: `Debug` shows none of the arguments.
#[derive(Serialize)]
pub struct Question {
    /// The engine's ticket.
    pub ticket: u64,
    /// The number of the session.
    pub session: u64,
    /// The name of the server.
    pub server: String,
    /// The tool, by its whole name.
    pub tool: String,
    /// The rule that asks.
    pub rule: String,
    /// The arguments as they will leave; nothing if there are none, if they are longer than
    /// [`ARGUMENTS_BYTES_MAX`], or if a sealed secret stands open in them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Box<RawValue>>,
    /// By which people name it.
    #[serde(skip)]
    pub code: Code,
    /// When it was asked; monotonic milliseconds.
    #[serde(skip)]
    pub since_ms: u64,
}

/// Longer arguments are not shown: nobody reads them, and each call that waits would hold them
/// twice.
pub const ARGUMENTS_BYTES_MAX: usize = 64 << 10;

impl Question {
    /// The line that a hook reads.
    #[must_use]
    pub fn line(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).expect("texts, numbers and JSON are JSON");
        line.push(b'\n');
        line
    }
}

/// The arguments of a call, out of the message that will leave.
#[must_use]
pub fn arguments_of(message: &[u8]) -> Option<Box<RawValue>> {
    #[derive(Deserialize)]
    struct Call<'a> {
        #[serde(borrow)]
        params: Params<'a>,
    }
    #[derive(Deserialize)]
    struct Params<'a> {
        #[serde(borrow)]
        arguments: Option<&'a RawValue>,
    }
    let call: Call<'_> = serde_json::from_slice(message).ok()?;
    let arguments = call.params.arguments?;
    (arguments.get().len() <= ARGUMENTS_BYTES_MAX).then(|| arguments.to_owned())
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question").field("code", &self.code).finish_non_exhaustive()
    }
}

/// How people name a call that waits: session, ticket, and a word that nobody can guess, so that
/// neither a slip of the finger nor a daemon that was started anew makes it another call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(String);

impl Code {
    /// A new one. Without random bytes of the system there is none that could be answered.
    #[must_use]
    pub fn new(session: u64, ticket: u64) -> Self {
        let mut word = [0; 4];
        match getrandom::fill(&mut word) {
            Ok(()) => Code(format!("{session}.{ticket}-{:08x}", u32::from_be_bytes(word))),
            Err(_) => Code::default(),
        }
    }

    /// Whether there is none, so that nobody can answer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Code {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let parts = text.split_once('.').and_then(|(session, rest)| {
            let (ticket, word) = rest.split_once('-')?;
            let hex = word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
            (digits(session) && digits(ticket) && hex && text.len() <= CODE_BYTES_MAX).then_some(())
        });
        parts.map(|()| Code(text.to_owned())).ok_or("no ticket such as 7.1-0a1b2c3d")
    }
}

/// Two numbers of 64 bits, a word, and what stands between.
const CODE_BYTES_MAX: usize = 20 + 1 + 20 + 1 + 8;

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_written_and_never_comes_again() {
        let (one, other) = (Code::new(7, 1), Code::new(7, 1));
        assert_ne!(one, other);
        assert_eq!(one.as_str().parse::<Code>().as_ref(), Ok(&one));
        for text in ["", "7", "7.1", "7.1-", "7.1-xyzw0123", "-7.1-01234567", "7.1-012345678"] {
            assert!(text.parse::<Code>().is_err(), "{text}");
        }
    }

    #[test]
    fn arguments_are_shown_as_they_stand() {
        let of = |text: &str| arguments_of(text.as_bytes()).map(|raw| raw.get().to_owned());
        let call = |arguments: &str| {
            format!(r#"{{"id":1,"params":{{"name":"x","arguments":{arguments}}},"method":"m"}}"#)
        };
        let odd = r#"{"n": 1e400, "n": 12345678901234567890123, "t":"\u0041"}"#;
        assert_eq!(of(&call(odd)).as_deref(), Some(odd));
        assert_eq!(of(r#"{"params":{"name":"x"}}"#), None);
        let fits = format!("\"{}\"", "x".repeat(ARGUMENTS_BYTES_MAX - 2));
        assert_eq!(of(&call(&fits)).map(|text| text.len()), Some(ARGUMENTS_BYTES_MAX));
        assert_eq!(
            of(&call(&format!("{fits} "))).map(|text| text.len()),
            Some(ARGUMENTS_BYTES_MAX)
        );
        assert_eq!(of(&call(&format!("[{fits}]"))), None);
    }
}
