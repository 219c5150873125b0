//! A transcript guarded as fast as it goes: the yardstick of the hosts in other languages.
//!
//! ```text
//! recv SIDE MONOTONIC_MS LENGTH    then so many bytes and a newline; SIDE is `client` or `server`
//! ```
//!
//! The binary `feed` does in Rust what `examples/c/feed.c` and its like do: for each line of standard
//! input one pass with a fresh engine, and the nanoseconds that it took.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use portcullis_engine::{Engine, Ledger, Limits, Policy, Receiver, Side, Time, Wanted};

use crate::corpus::Conversation;

/// What one side said.
#[derive(Clone, Debug)]
pub struct Record {
    from: Side,
    now: Time,
    bytes: Range<usize>,
}

/// Writes a conversation as a transcript: a window of requests, then their answers.
#[must_use]
pub fn transcript(talk: &Conversation) -> Vec<u8> {
    let mut out = Vec::with_capacity(talk.bytes() + talk.bytes() / 64);
    for first in (0..talk.up.len()).step_by(WINDOW) {
        let window = first..talk.up.len().min(first + WINDOW);
        for (side, pieces) in [(Side::Client, &talk.up), (Side::Server, &talk.down)] {
            let bytes = pieces.between(window.clone());
            let line = format!("recv {} 0 {}\n", side.name(), bytes.len());
            out.extend_from_slice(line.as_bytes());
            out.extend_from_slice(bytes);
            out.push(b'\n');
        }
    }
    out
}

/// Reads a transcript of `recv` alone.
///
/// # Errors
/// Something else stands in it.
pub fn records(transcript: &[u8]) -> io::Result<Vec<Record>> {
    let mut records = Vec::new();
    let mut at = 0;
    while at < transcript.len() {
        let (record, behind) = record(transcript, at).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, format!("no `recv` stands at byte {at}"))
        })?;
        records.push(record);
        at = behind;
    }
    Ok(records)
}

fn record(transcript: &[u8], at: usize) -> Option<(Record, usize)> {
    let len = transcript[at..].iter().position(|&byte| byte == b'\n')?;
    let line = std::str::from_utf8(&transcript[at..at + len]).ok()?;
    let mut words = line.split(' ');
    let is_recv = words.next() == Some("recv");
    let side = words.next()?;
    let from = Side::ALL.into_iter().find(|known| known.name() == side)?;
    let ms = words.next()?.parse().ok()?;
    let start = at + len + 1;
    let end = start.checked_add(words.next()?.parse().ok()?)?;
    let ends = transcript.get(end) == Some(&b'\n') && words.next().is_none();
    let record = Record { from, now: Time::new(ms, ms), bytes: start..end };
    (is_recv && ends).then_some((record, end + 1))
}

/// A fresh engine with this policy.
///
/// # Panics
/// If default limits do not fit it.
#[must_use]
pub fn engine(policy: &Arc<Policy>) -> Engine {
    let engine = Engine::new(policy.clone(), Limits::default(), Wanted::NONE, Time::default());
    engine.expect("default limits fit")
}

/// Hands over all that was said as read(2) would write it into the loan, and takes what leaves.
///
/// # Panics
/// If a lane stands although everything was taken.
#[inline(never)]
pub fn feed(engine: &mut Engine, records: &[Record], transcript: &[u8]) {
    let mut ledger = Ledger::new();
    for said in records {
        let mut bytes = &transcript[said.bytes.clone()];
        while !bytes.is_empty() {
            let space = engine.recv_space(said.from);
            let count = space.len().min(bytes.len()).min(READ_BYTES);
            assert!(count > 0, "the lane stands");
            space[..count].copy_from_slice(&bytes[..count]);
            engine.recv_commit(&mut ledger, said.from, count, said.now);
            bytes = &bytes[count..];
            take(engine, &mut ledger);
        }
    }
}

fn take(engine: &mut Engine, ledger: &mut Ledger) {
    for to in Receiver::ALL {
        loop {
            let count = engine.send_ready(to).len();
            if count == 0 {
                break;
            }
            engine.send_commit(ledger, to, count);
        }
    }
}

/// As many requests in flight as in `bulk`.
const WINDOW: usize = 64;
/// What a pipe gives at once.
const READ_BYTES: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_is_read_as_it_was_written() {
        let talk = Conversation::of(b"{\"id\":1,\"method\":\"m\"}\n{\"method\":\"n\"}\n").unwrap();
        let transcript = transcript(&talk);
        let records = records(&transcript).unwrap();
        let said: Vec<_> =
            records.iter().map(|said| (said.from, &transcript[said.bytes.clone()])).collect();
        assert_eq!(said[0], (Side::Client, &b"{\"id\":1,\"method\":\"m\"}\n"[..]));
        assert_eq!(said[1].0, Side::Server);
        assert_eq!(said.len(), 2);
        assert!(super::records(b"close client 0\n").is_err());
        assert!(super::records(b"recv client 0 9\nx\n").is_err());
    }
}
