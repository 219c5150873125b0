//! Frames by how often they hold what a scanner looks for: never, rare, common, pathological.
//!
//! Each workload is one tool result of about the asked size, on one line. The pathological ones aim
//! at one part each: they are what an attacker would send to make judging slow.

use serde_json::{Value, json};

use crate::random::{ALNUM, BASE64, Random};
use crate::secrets;

/// A name and a maker of one frame of about this many bytes.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// `density/what`.
    pub name: &'static str,
    /// Makes the text of the frame.
    text: fn(usize, &mut Random) -> String,
}

impl Workload {
    /// A `tools/call` request with this id, and its answer, a line each.
    #[must_use]
    pub fn turn(&self, id: u64, bytes: usize) -> (Vec<u8>, Vec<u8>) {
        let text = (self.text)(bytes, &mut Random::new(id + 1));
        let ask =
            json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "x"}});
        let content = json!([{"type": "text", "text": text}]);
        let answer = json!({"jsonrpc": "2.0", "id": id, "result": {"content": content}});
        (line(&ask), line(&answer))
    }
}

fn line(value: &Value) -> Vec<u8> {
    let mut line = value.to_string().into_bytes();
    line.push(b'\n');
    line
}

/// All of them.
pub const WORKLOADS: &[Workload] = &[
    Workload { name: "never/prose", text: prose },
    Workload { name: "never/escapes", text: escapes },
    Workload { name: "rare/code", text: rare },
    Workload { name: "common/env", text: common },
    Workload { name: "common/base64", text: base64 },
    Workload { name: "pathological/prefixes", text: prefixes },
    Workload { name: "pathological/almost", text: almost },
    Workload { name: "pathological/pem", text: pem },
    Workload { name: "pathological/nested", text: nested },
    Workload { name: "pathological/escaped", text: escaped },
    Workload { name: "pathological/names", text: names },
    Workload { name: "pathological/equals", text: equals },
    Workload { name: "pathological/urls", text: urls },
    Workload { name: "pathological/marks", text: marks },
];

fn prose(bytes: usize, random: &mut Random) -> String {
    random.words(bytes / 6)
}

/// A backslash in every second byte of the frame.
fn escapes(bytes: usize, _: &mut Random) -> String {
    "\n\t\"\\".repeat(bytes / 8)
}

/// One secret in the whole text.
fn rare(bytes: usize, random: &mut Random) -> String {
    let mut text = random.words(bytes / 12);
    text = format!("{text} token = \"{}\" ", secrets::secret(1, random));
    text + &random.words(bytes / 12)
}

/// A line in four holds a secret.
fn common(bytes: usize, random: &mut Random) -> String {
    let mut text = String::with_capacity(bytes + 256);
    for kind in 0.. {
        if text.len() >= bytes {
            break;
        }
        text.push_str(&format!("KEY_{kind}={}\n", secrets::secret(kind, random)));
        text.push_str(&format!("{}\n{}\n\n", random.words(6), random.words(9)));
    }
    text
}

/// One run of token characters.
fn base64(bytes: usize, random: &mut Random) -> String {
    let mut text = String::with_capacity(bytes);
    random.text(BASE64, bytes, &mut text);
    text
}

/// Starts of secrets, and nothing else.
fn prefixes(bytes: usize, _: &mut Random) -> String {
    "AKIAghp_glpat-npm_sk_live_AIzaxoxb-eyJ".repeat(bytes / 38)
}

/// Secrets that are one character too short, or just long enough for some rules: dense edits.
fn almost(bytes: usize, random: &mut Random) -> String {
    let mut text = String::with_capacity(bytes + 64);
    for kind in 0.. {
        if text.len() >= bytes {
            break;
        }
        let mut secret = secrets::secret(kind, random);
        secret.pop();
        text.push_str(&secret);
        text.push(' ');
    }
    text
}

/// Heads of private keys that never end.
fn pem(bytes: usize, random: &mut Random) -> String {
    let mut text = String::with_capacity(bytes + 128);
    while text.len() < bytes {
        text.push_str("-----BEGIN RSA PRIVATE KEY-----\n");
        random.text(ALNUM, 16, &mut text);
    }
    text
}

/// JSON as text, deep.
fn nested(bytes: usize, _: &mut Random) -> String {
    "[{\"a\":".repeat(bytes / 8)
}

/// Secrets between escapes.
fn escaped(bytes: usize, random: &mut Random) -> String {
    let mut text = String::with_capacity(bytes + 64);
    for kind in 0.. {
        if text.len() >= bytes {
            break;
        }
        text.push_str("\"\n\\\u{1}");
        text.push_str(&secrets::secret(kind, random));
    }
    text
}

/// Names that ask for a value, and values that are none.
fn names(bytes: usize, _: &mut Random) -> String {
    "api_key: password=client_secret => \"access-token\" := aaaaaaaaaaaa_bbbbbbbbbbbb "
        .repeat(bytes / 82)
}

/// A `=` in every second byte.
fn equals(bytes: usize, _: &mut Random) -> String {
    "A=".repeat(bytes / 2)
}

/// Users and passwords that lack their host.
fn urls(bytes: usize, _: &mut Random) -> String {
    "postgres://user:pass".repeat(bytes / 20)
}

/// What rules look back for: tildes, dots, slashes, scheme words, dashes.
fn marks(bytes: usize, _: &mut Random) -> String {
    "abc8Q~aaaaaaaaaaaa.~~~Bearer Basic aaaaaaaaaa+/aaaaaaaaaaa----------".repeat(bytes / 67)
}
