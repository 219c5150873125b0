//! Calls are held to the schemas that their server listed.
#![cfg(feature = "schema")]

use std::sync::Arc;

use portcullis_engine::{
    Engine, Ledger, Limits, Policy, PolicyConfig, Receiver, Side, Time, Wanted,
};
use serde_json::{Value, json};

struct World {
    engine: Engine,
    ledger: Ledger,
}

impl World {
    fn new(config: Value) -> Self {
        let config: PolicyConfig = serde_json::from_value(config).expect("a configuration");
        let policy = Arc::new(Policy::compile(&config).expect("a policy"));
        let engine = Engine::new(policy, Limits::default(), Wanted::NONE, Time::new(0, 0));
        Self { engine: engine.expect("limits hold"), ledger: Ledger::new() }
    }

    fn say(&mut self, side: Side, line: &str) {
        let line = format!("{line}\n");
        self.engine.recv_copy(&mut self.ledger, side, line.as_bytes(), Time::new(0, 0));
    }

    fn got(&mut self, receiver: Receiver) -> String {
        let ready = self.engine.send_ready(receiver).to_vec();
        self.engine.send_commit(&mut self.ledger, receiver, ready.len());
        String::from_utf8(ready).expect("text")
    }

    fn list(&mut self, tools: &str) -> String {
        self.say(Side::Client, r#"{"jsonrpc":"2.0","id":"list","method":"tools/list"}"#);
        self.got(Receiver::Server);
        self.say(
            Side::Server,
            &format!(r#"{{"jsonrpc":"2.0","id":"list","result":{{"tools":{tools}}}}}"#),
        );
        self.got(Receiver::Client)
    }

    /// What becomes of a call: the reason of its refusal, or nothing.
    fn call(&mut self, id: u32, params: &str) -> Option<String> {
        self.say(
            Side::Client,
            &format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{params}}}"#),
        );
        self.got(Receiver::Server);
        let answer: Value = serde_json::from_str(&self.got(Receiver::Client)).ok()?;
        answer["error"]["data"]["reason"].as_str().map(str::to_owned)
    }
}

const TOOLS: &str = r#"[{"name":"add","inputSchema":{"type":"object","required":["a"],
    "properties":{"a":{"type":"integer","minimum":1}},"additionalProperties":false}}]"#;

fn tools() -> String {
    TOOLS.replace('\n', " ")
}

#[test]
fn arguments_are_held_to_the_schema_that_passed() {
    let mut world = World::new(json!({"schema": {"validate": true}}));
    assert!(world.list(&tools()).contains("inputSchema"));
    for (id, (params, wanted)) in (0..).zip([
        (r#"{"name":"add","arguments":{"a":1}}"#, None),
        (r#"{"name":"add","arguments":{"a":0}}"#, Some("schema_mismatch")),
        (r#"{"name":"add","arguments":{"a":"1"}}"#, Some("schema_mismatch")),
        (r#"{"name":"add","arguments":{"a":1,"bcc":2}}"#, Some("schema_mismatch")),
        (r#"{"name":"add","arguments":{}}"#, Some("schema_mismatch")),
        (r#"{"name":"add"}"#, Some("schema_mismatch")),
        (r#"{"name":"\u0061dd","arguments":{"a":0}}"#, Some("schema_mismatch")),
        (r#"{"name":"add","arguments":{"a":0,"a":1}}"#, Some("duplicate_member")),
        (r#"{"name":"unknown","arguments":{"a":0}}"#, None),
    ]) {
        assert_eq!(world.call(id, params).as_deref(), wanted, "{params}");
    }
}

#[test]
fn what_a_schema_refused_passes_when_validation_alone_is_off() {
    let mut world = World::new(json!({}));
    world.list(&tools());
    assert_eq!(world.call(1, r#"{"name":"add","arguments":{"a":0}}"#), None);
}

#[test]
fn an_unknown_tool_is_refused_where_the_policy_says_so() {
    let mut world = World::new(json!({"schema": {"validate": true, "unknown": "refuse"}}));
    assert_eq!(
        world.call(1, r#"{"name":"add","arguments":{"a":1}}"#).as_deref(),
        Some("undecided")
    );
    world.list(&tools());
    assert_eq!(world.call(2, r#"{"name":"add","arguments":{"a":1}}"#), None);
}

#[test]
fn a_list_that_two_peers_read_differently_is_refused() {
    let mut world = World::new(json!({"schema": {"validate": true}}));
    let listed = world.list(r#"[{"name":"add","Name":"other","inputSchema":{}}]"#);
    assert!(listed.contains("bad_response"), "{listed}");
}
