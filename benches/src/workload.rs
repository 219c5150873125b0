//! Frames by how often they hold what a scanner looks for: never, rare, common, dense; and clean
//! ones by what tools answer with. The pathological ones are in [`hostile`](crate::hostile).
//!
//! Each workload is one tool result of about the asked size, on one line.

use serde_json::json;

use crate::mix;
use crate::random::{BASE64, Random};
use crate::secrets;

/// A name and a maker of one frame of about this many bytes.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// `density/what`.
    pub name: &'static str,
    /// Makes what the frame holds.
    body: Body,
}

/// What a tool answers with.
#[derive(Clone, Copy, Debug)]
enum Body {
    /// A text, which is escaped as JSON wants it.
    Text(fn(usize, &mut Random) -> String),
    /// A JSON value, spelled as it is.
    Json(fn(usize, &mut Random) -> String),
}

impl Workload {
    /// One whose answer is a text.
    #[must_use]
    pub const fn text(name: &'static str, text: fn(usize, &mut Random) -> String) -> Self {
        Self { name, body: Body::Text(text) }
    }

    /// One whose answer is a JSON value in this spelling.
    #[must_use]
    pub const fn json(name: &'static str, json: fn(usize, &mut Random) -> String) -> Self {
        Self { name, body: Body::Json(json) }
    }

    /// A `tools/call` request with this id, and its answer, a line each.
    #[must_use]
    pub fn turn(&self, id: u64, bytes: usize) -> (Vec<u8>, Vec<u8>) {
        self.turns(id, bytes, 1)
    }

    /// The same with so many times what it holds, so that nothing but the size differs.
    #[must_use]
    pub fn turns(&self, id: u64, bytes: usize, times: usize) -> (Vec<u8>, Vec<u8>) {
        let body = self.body(id, bytes, times);
        let ask =
            json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "x"}});
        let answer = match self.body {
            Body::Text(_) => {
                let content = json!([{"type": "text", "text": body}]);
                json!({"jsonrpc": "2.0", "id": id, "result": {"content": content}}).to_string()
            }
            Body::Json(_) => format!(
                "{{\"id\":{id},\"jsonrpc\":\"2.0\",\"result\":{{\"content\":[],\
                 \"structuredContent\":{{\"value\":{body}}}}}}}"
            ),
        };
        ((ask.to_string() + "\n").into_bytes(), (answer + "\n").into_bytes())
    }

    /// What the answer holds: the text before it is escaped, so many times, or a JSON value that is
    /// so many times as long.
    #[must_use]
    pub fn body(&self, id: u64, bytes: usize, times: usize) -> String {
        let random = &mut Random::new(id + 1);
        match self.body {
            Body::Text(make) => make(bytes, random).repeat(times),
            Body::Json(make) => make(bytes * times, random),
        }
    }
}

/// By density.
pub const WORKLOADS: &[Workload] = &[
    Workload::text("never/prose", prose),
    Workload::text("never/escapes", escapes),
    Workload::text("rare/code", rare),
    Workload::text("common/env", common),
    Workload::text("common/base64", base64),
    Workload::text("dense/tokens", dense),
];

/// Clean, by what tools answer with.
pub const KINDS: &[Workload] = &[
    Workload::text("prose", mix::prose),
    Workload::text("code", mix::code),
    Workload::text("logs", mix::logs),
    Workload::text("json_in_string", |bytes, random| mix::rows(bytes, random).to_string()),
    Workload::text("base64", base64),
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

/// Secrets, one behind the other.
fn dense(bytes: usize, random: &mut Random) -> String {
    let mut text = String::with_capacity(bytes + 64);
    for kind in 0.. {
        if text.len() >= bytes {
            break;
        }
        text.push_str(&secrets::secret(kind, random));
        text.push(' ');
    }
    text
}
