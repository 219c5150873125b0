//! What the engine takes for JSON is a subset of what serde_json does, and what it refuses beyond
//! that has a reason on a list.

use portcullis_engine::{
    Engine, EventKind, Ledger, Limits, Policy, Reason, Receiver, Side, Time, Wanted,
};
use portcullis_proptests::random::Random;
use portcullis_proptests::streams::KNOWN_BUGS;
use portcullis_proptests::{check, factor, json, seed};
use std::sync::Arc;

/// Reasons to refuse what serde_json takes as `IgnoredAny`.
const LISTED: [Reason; 19] = [
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
    Reason::SecretBlocked,
    Reason::SecretInEnvelope,
];

/// An engine that judges one line after the other.
struct Judge {
    policy: Arc<Policy>,
    engine: Engine,
    ledger: Ledger,
    judged: u32,
}

/// What became of a line.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Passed,
    Ignored,
    Refused(Reason),
}

impl Judge {
    fn new() -> Self {
        let policy = Arc::new(Policy::default());
        let engine = Self::engine(&policy);
        Self { policy, engine, ledger: Ledger::new(), judged: 0 }
    }

    fn engine(policy: &Arc<Policy>) -> Engine {
        Engine::new(Arc::clone(policy), Limits::default(), Wanted::ALL, NOW).expect("in range")
    }

    fn judge(&mut self, line: &[u8]) -> Verdict {
        self.judged += 1;
        if self.judged % 900 == 0 {
            // A thousand refused in a row would end the session.
            self.engine = Self::engine(&self.policy);
        }
        for bytes in [line, b"\n"] {
            let taken = self.engine.recv_copy(&mut self.ledger, Side::Client, bytes, NOW);
            assert_eq!(taken, bytes.len());
        }
        let mut verdict = Verdict::Ignored;
        while let Some(event) = self.engine.next_event() {
            verdict = match (event.kind, event.reason) {
                (EventKind::Passed | EventKind::Changed, _) => Verdict::Passed,
                (_, Some(reason)) => Verdict::Refused(reason),
                (_, None) => continue,
            };
        }
        for to in [Receiver::Client, Receiver::Server] {
            loop {
                let count = self.engine.send_ready(to).len();
                if count == 0 {
                    break;
                }
                self.engine.send_commit(&mut self.ledger, to, count);
            }
        }
        verdict
    }

    fn check(&mut self, line: &[u8]) {
        if KNOWN_BUGS.contains(&12) && line.contains(&b'\\') {
            return;
        }
        let verdict = self.judge(line);
        let body = line.strip_suffix(b"\r").unwrap_or(line);
        let takes = json::is_json(body);
        let fits = match verdict {
            Verdict::Passed => takes,
            Verdict::Ignored => body.iter().all(|byte| matches!(byte, b' ' | b'\t')),
            Verdict::Refused(reason) if takes => LISTED.contains(&reason),
            Verdict::Refused(_) => true,
        };
        assert!(fits, "{}: {verdict:?}, serde_json: {takes}", check::shown(line));
    }
}

/// Longest text of the small world.
const LEN_MAX: usize = 6;
const NOW: Time = Time::new(0, 0);
const ALPHABET: &[u8] = br#"{}[]":,\ 1ae-."#;

/// Calls `check` with every text of `len` bytes over the alphabet whose first byte is the `first`.
fn every_text(len: usize, first: usize, mut check: impl FnMut(&[u8])) {
    let mut text = vec![ALPHABET[0]; len];
    text[0] = ALPHABET[first];
    let mut digits = vec![0_usize; len];
    loop {
        check(&text);
        let Some(at) = (1..len).rev().find(|&at| digits[at] + 1 < ALPHABET.len()) else { return };
        digits[at] += 1;
        text[at] = ALPHABET[digits[at]];
        for at in at + 1..len {
            digits[at] = 0;
            text[at] = ALPHABET[0];
        }
    }
}

/// Every text of up to so many bytes, put between these two.
fn small_world(before: &str, after: &str, len_max: usize) {
    let mut judge = Judge::new();
    for len in 1..=len_max {
        for first in 0..ALPHABET.len() {
            every_text(len, first, |text| {
                judge.check(&[before.as_bytes(), text, after.as_bytes()].concat());
            });
        }
    }
}

#[test]
fn small_world_as_a_line() {
    small_world("", "", LEN_MAX);
}

#[test]
fn small_world_as_a_value() {
    small_world(r#"{"jsonrpc":"2.0","method":"n","params":{"v":"#, "}}", LEN_MAX);
}

#[test]
fn small_world_in_a_string() {
    small_world(r#"{"jsonrpc":"2.0","method":"n","params":{"v":""#, "\"}}", LEN_MAX - 1);
}

#[test]
fn small_world_at_the_end_of_a_block() {
    // A block of the scanner ends within the text.
    let before =
        format!("{{\"jsonrpc\":\"2.0\",\"method\":\"n\"{},\"params\":[{{\"v\":", " ".repeat(16));
    assert_eq!(before.len() % 64, 61);
    small_world(&before, "}]}", LEN_MAX - 1);
}

/// Frames to start from.
const SAMPLES: [&str; 8] = [
    r#"{"jsonrpc":"2.0","method":"n","params":{"a":[1,-2.5e+10,0.1E-5,true,false,null,""],"b":{"c":{}}}}"#,
    r#"{"jsonrpc":"2.0","method":"n\/\u0061","params":{"\u00e9\n\t\"\\":"\ud83d\ude80 \ud800 é 漢"}}"#,
    r#" { "jsonrpc" : "2.0" ,	"method" : "n" , "params" : { } } "#,
    r#"{"jsonrpc":"2.0","method":"n","params":{"long":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\\\\\\\"}}"#,
    r#"{"jsonrpc":"2.0","method":"n","params":{"a":"{\"b\":\"\\u0041\"}","d":[[[[[[[[]]]]]]]]},"more":[{},{}]}"#,
    r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"x"},"id":null}"#,
    r#"{"jsonrpc":"2.0","id":"a","result":{"content":[{"type":"text","text":"..."}],"n":123456789012345678901234567890}}"#,
    r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"\b\f\r"},"auth_token":"t"}"#,
];
/// Bytes that matter to some parser.
const BYTES: &[u8] =
    b"{}[]\":,\\ \t\r01eE+-.aun/\x00\x01\x1f\x7f\x80\xbf\xc0\xc3\xe2\xed\xa0\xf0\xf5\xff";

#[test]
fn mutated_frames() {
    let mut random = Random::new(seed());
    let mut judge = Judge::new();
    for _ in 0..150_000 * factor() {
        let mut text = random.pick(&SAMPLES).as_bytes().to_vec();
        for _ in 0..1 + random.below(4) {
            let at = random.below(text.len());
            match random.below(6) {
                0 => text[at] ^= 1 << random.below(8),
                1 => text[at] = *random.pick(BYTES),
                2 => text.insert(at, *random.pick(BYTES)),
                3 => drop(text.remove(at)),
                4 => text.truncate(at.max(1)),
                _ => {
                    let from = random.below(text.len());
                    let part = text[from..(from + 1 + random.below(20)).min(text.len())].to_vec();
                    text.splice(at..at, part);
                }
            }
            if text.is_empty() {
                text.push(b' ');
            }
        }
        text.retain(|&byte| byte != b'\n');
        judge.check(&text);
    }
}

#[test]
fn depth_is_counted_exactly() {
    let mut judge = Judge::new();
    for levels in 120..=135_usize {
        let nested = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let line = format!(r#"{{"jsonrpc":"2.0","method":"n","more":{nested}}}"#);
        let wanted = match levels + 1 {
            ..=128 => Verdict::Passed,
            _ => Verdict::Refused(Reason::TooDeep),
        };
        assert_eq!(judge.judge(line.as_bytes()), wanted, "{levels}");
    }
}
