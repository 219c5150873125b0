//! The same question to the whole engine: does the secret leave in a frame?

use std::sync::Arc;

use portcullis_engine::{Engine, Ledger, Limits, Policy, Receiver, Side, Time, Wanted};

use super::example::{Example, Expect};
use super::recall::Share;

/// How many of the secrets do not come out of the engine as they went in, as the text of a
/// notification.
///
/// # Panics
/// If the default policy does not compile.
#[must_use]
pub fn recall(policy: &Arc<Policy>, examples: &[Example]) -> Share {
    let mut share = Share::default();
    let mut ledger = Ledger::new();
    for example in examples.iter().filter(|example| example.expect == Expect::Secret) {
        let engine = Engine::new(policy.clone(), Limits::default(), Wanted::NONE, Time::default());
        let mut engine = engine.expect("default limits and policy fit");
        let (frame, secret) = framed(example);
        engine.recv_copy(&mut ledger, Side::Server, &frame, Time::default());
        let sent = engine.send_ready(Receiver::Client);
        let wanted = secret.as_deref().unwrap_or(&frame);
        share.count(memchr::memmem::find(sent, wanted).is_none());
    }
    share
}

/// A frame with the text of an example, and its secret as it is spelled there.
fn framed(example: &Example) -> (Vec<u8>, Option<Vec<u8>>) {
    let text = String::from_utf8_lossy(example.text());
    let frame = serde_json::json!({
        "jsonrpc": "2.0",
        "method": "notifications/message",
        "params": {"level": "info", "data": text},
    });
    let secret = example.span().map(|secret| {
        let secret = String::from_utf8_lossy(&example.text()[secret]);
        let quoted = serde_json::Value::from(secret).to_string();
        quoted.as_bytes()[1..quoted.len() - 1].to_vec()
    });
    ((frame.to_string() + "\n").into_bytes(), secret)
}
