//! A JSON Web Token that a host hands over decides who speaks, what is listed and what is called.
#![cfg(feature = "jwt")]

use std::sync::Arc;

use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use portcullis_engine::identity::{Credential, Source};
use portcullis_engine::{
    Engine, Facts, Ledger, Limits, Policy, PolicyConfig, Receiver, Side, Time, Wanted,
};
use serde_json::{Value, json};

/// In seconds.
const NOW: u64 = 1_800_000_000;

struct World {
    engine: Engine,
    ledger: Ledger,
    secret: String,
    now: Time,
}

impl World {
    fn new() -> Self {
        // Made here, so that no file holds a key.
        let secret = "k".repeat(32);
        let config: PolicyConfig = serde_json::from_value(json!({
            "auth": {"jwt": {
                "algorithms": ["HS256"], "issuer": "https://id.example", "audience": ["portcullis"],
                "keys": [{"algorithm": "HS256", "secret": secret}], "skew_ms": 0}},
            "rights": {"default": {"tools": "deny"}, "rules": [
                {"name": "writers", "roles": ["writer"], "tools": ["*"]},
                {"name": "readers", "scopes": ["read"], "tools": ["read_*"]}]},
        }))
        .expect("a configuration");
        let policy = Arc::new(Policy::compile(&config).expect("a policy"));
        let now = Time::new(0, NOW * 1_000);
        let engine = Engine::new(policy, Limits::default(), Wanted::NONE, now);
        Self { engine: engine.expect("limits hold"), ledger: Ledger::new(), secret, now }
    }

    fn token(&self, claims: &Value) -> String {
        let _ = DEFAULT_PROVIDER.install_default();
        let key = EncodingKey::from_secret(self.secret.as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).expect("a token")
    }

    fn present(&mut self, token: &str) {
        let mut facts = Facts::new(1, "");
        facts.credential = Credential::new(Source::Bearer, token);
        self.engine.facts(Side::Client, facts);
    }

    fn say(&mut self, side: Side, line: &str) {
        let line = format!("{line}\n");
        let taken = self.engine.recv_copy(&mut self.ledger, side, line.as_bytes(), self.now);
        assert_eq!(taken, line.len());
    }

    fn got(&mut self, receiver: Receiver) -> String {
        let ready = self.engine.send_ready(receiver).to_vec();
        self.engine.send_commit(&mut self.ledger, receiver, ready.len());
        String::from_utf8(ready).expect("text")
    }

    /// What becomes of a call: the reason and rule of its refusal, or nothing.
    fn call(&mut self, id: u32, tool: &str) -> Option<(String, String)> {
        let params = json!({"name": tool});
        let line = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
        self.say(Side::Client, &line.to_string());
        self.got(Receiver::Server);
        let answer: Value = serde_json::from_str(&self.got(Receiver::Client)).ok()?;
        let data = &answer["error"]["data"];
        let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
        Some((text("reason"), text("rule")))
    }
}

fn claims(more: &Value) -> Value {
    let mut claims = json!({"iss": "https://id.example", "aud": "portcullis", "sub": "ada",
        "exp": NOW + 60, "scope": "read other"});
    for (name, value) in more.as_object().expect("claims") {
        claims[name] = value.clone();
    }
    claims
}

fn refusal(reason: &str, rule: &str) -> Option<(String, String)> {
    Some((reason.to_owned(), rule.to_owned()))
}

#[test]
fn claims_decide_what_is_called_and_listed() {
    let mut world = World::new();
    let token = world.token(&claims(&json!({})));
    world.present(&token);
    assert_eq!(world.call(1, "read_file"), None);
    assert_eq!(world.call(2, "write_file"), refusal("tool_denied", "rights.default"));
    world.say(Side::Client, r#"{"jsonrpc":"2.0","id":3,"method":"tools/list"}"#);
    world.got(Receiver::Server);
    let tools = r#"{"tools":[{"name":"read_file"},{"name":"write_file"}]}"#;
    world.say(Side::Server, &format!(r#"{{"jsonrpc":"2.0","id":3,"result":{tools}}}"#));
    let listed = world.got(Receiver::Client);
    assert!(listed.contains("read_file") && !listed.contains("write_file"), "{listed}");
    let token = world.token(&claims(&json!({"roles": ["writer"]})));
    world.present(&token);
    assert_eq!(world.call(4, "write_file"), None);
}

#[test]
fn a_token_is_taken_until_it_expires_and_from_whom_it_is_for() {
    let mut world = World::new();
    let other = |name: &str, value: Value| claims(&json!({name: value}));
    for (claims, wanted) in [
        (claims(&json!({})), None),
        (other("aud", json!("others")), refusal("auth_failed", "jwt-audience")),
        (other("iss", json!("https://evil.example")), refusal("auth_failed", "jwt-issuer")),
        (other("exp", json!(NOW)), refusal("auth_failed", "jwt-expired")),
        (other("exp", json!(NOW + 1)), None),
        (other("nbf", json!(NOW + 1)), refusal("auth_failed", "jwt-not-yet-valid")),
    ] {
        let token = world.token(&claims);
        world.present(&token);
        assert_eq!(world.call(7, "read_file"), wanted, "{claims}");
        world.say(Side::Server, r#"{"jsonrpc":"2.0","id":7,"result":{}}"#);
        world.got(Receiver::Client);
    }
    let token = world.token(&claims(&json!({"exp": NOW + 1})));
    world.present(&token);
    world.now.wall_ms = NOW * 1_000 + 999;
    assert_eq!(world.call(8, "read_file"), None);
    world.now.wall_ms += 1;
    assert_eq!(world.call(9, "read_file"), refusal("auth_failed", "jwt-expired"));
}

#[test]
fn a_changed_token_is_none() {
    let mut world = World::new();
    let token = world.token(&claims(&json!({})));
    let (rest, signature) = token.rsplit_once('.').expect("three parts");
    // Another first letter is another signature, and still base64url.
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    world.present(&format!("{rest}.{first}{}", &signature[1..]));
    assert_eq!(world.call(1, "read_file"), refusal("auth_failed", "jwt-signature"));
}
