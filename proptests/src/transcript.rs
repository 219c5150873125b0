//! Transcripts: what two peers said and when, so that hosts in several languages can be held against
//! each other.
//!
//! ```text
//! recv SIDE MONOTONIC_MS LENGTH    then so many bytes and a newline; SIDE is `client` or `server`
//! close SIDE MONOTONIC_MS
//! tick MONOTONIC_MS
//! ```
//!
//! [`make`] writes a long conversation in which something of everything happens; [`replay`] is the
//! host in Rust, and says by its code what the others have to do.

use std::fmt::Write as _;
use std::sync::Arc;

use portcullis_engine::{
    Answer, Engine, Event, Facts, Label, Ledger, Limits, Policy, PolicyConfig, Receiver, Rules,
    Side, Time, Wanted,
};

use crate::base64;
use crate::random::Random;

/// The policy that the conversation is made for.
pub const POLICY: &str = r#"{
  "redaction": {
    "groups": {"pii": "mask"},
    "rules": {"random-value": "log", "github-classic-pat": "mask", "github-app-token": "mask",
              "stripe-secret-key": "block", "slack-bot-token": "block"},
    "patterns": [{"name": "ticket-number", "pattern": "TICKET-[0-9]{6}", "replacement": "[TICKET]"}]
  },
  "sanitise": {"zero_width": "strip"},
  "requests": {"timeouts": {"resources/read": 2000}},
  "tools": {"deny": ["delete_all"], "ask": ["deploy"]},
  "rights": {
    "default": {"prompts": "deny"},
    "rules": [{"name": "no-etc", "effect": "deny", "resources": ["file:///etc/*"]},
              {"name": "greetings", "prompts": ["hello*"]},
              {"name": "no-sampling", "effect": "deny", "methods": ["sampling/*"]}]
  },
  "arguments": [
    {"name": "below-data", "tools": ["open_*"], "at": "/path", "path": {"roots": ["/data"]}},
    {"name": "links", "tools": ["open_link"], "at": "/path", "path": {}, "resolve": true},
    {"name": "public-only", "tools": ["fetch"], "at": "/urls/*", "url": {}}
  ],
  "quotas": {
    "rates": [{"name": "searches", "per": "tool", "count": 40, "every": "minute", "tools": ["search*"]}],
    "concurrency": [{"name": "fetches", "max": 2, "tools": ["fetch"]}],
    "responses": {"tools": {"search": {"bytes_max": 300, "action": "truncate"}}},
    "timeouts": {"search_slow": 500},
    "open_report_ms": 1500
  }
}
"#;
/// The wall clock at monotonic time 0, in milliseconds since 1970.
const WALL_MS: u64 = 1_795_000_000_000;

/// A conversation of at least so many frames; the same for the same seed.
#[must_use]
pub fn make(seed: u64, frames: usize) -> Vec<u8> {
    let mut made = Conversation {
        random: Random::new(seed),
        rules: Rules::default(),
        out: Vec::new(),
        held: [Vec::new(), Vec::new()],
        now_ms: 0,
        frames: 0,
        next_id: 0,
        modern: false,
    };
    made.open();
    while made.frames < frames {
        made.turn();
        if !made.modern && made.frames > frames / 2 {
            made.grow_modern();
        }
    }
    made.end();
    made.out
}

struct Conversation {
    random: Random,
    rules: Rules,
    out: Vec<u8>,
    /// What a side has said and nobody has read yet.
    held: [Vec<u8>; 2],
    now_ms: u64,
    frames: usize,
    next_id: u64,
    modern: bool,
}

impl Conversation {
    fn open(&mut self) {
        self.say(
            Side::Client,
            r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}"#,
        );
        self.say(
            Side::Server,
            r#"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-03-26","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}}"#,
        );
        self.say(Side::Client, r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        self.flush();
    }

    /// From here on the connection speaks the revision without sessions.
    fn grow_modern(&mut self) {
        self.modern = true;
        let id = self.id();
        self.say(Side::Client, &format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"server/discover","params":{{"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}}}}"#,
        ));
        self.say(
            Side::Server,
            &format!(
                r#"{{"jsonrpc":"2.0","id":{id},"result":{{"supportedVersions":["2026-07-28"]}}}}"#
            ),
        );
        self.flush();
    }

    /// Both sides close, the client in the middle of a line.
    fn end(&mut self) {
        self.flush();
        self.write(Side::Client, b"{\"jsonrpc\":\"2.0\",\"meth");
        self.record(&format!("close client {}\n", self.now_ms));
        self.write(Side::Server, b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}");
        self.record(&format!("close server {}\n", self.now_ms));
    }

    fn turn(&mut self) {
        match self.random.below(28) {
            0..=6 => self.clean_call(),
            7..=9 => self.leaking_call(),
            10 => self.leaking_arguments(),
            11 => self.token(),
            12 => self.list(),
            13 => self.refused_tool(),
            14 => self.approval(),
            15 => self.batch(),
            16 => self.server_asks(),
            17..=18 => self.broken(),
            19 => self.unasked(),
            20 => self.unseen(),
            21 => self.cancelled(),
            22 => self.slow(),
            23 => self.rights(),
            24..=25 => self.arguments(),
            26 => self.searches(),
            _ => self.own_pattern(),
        }
        if self.random.once_in(3) {
            self.flush();
        }
        if self.random.once_in(9) {
            self.now_ms += self.random.number() % 400;
        }
    }

    fn clean_call(&mut self) {
        let id = self.id();
        let words = 3 + self.random.below(300);
        let text = self.words(words);
        let value = *self.random.pick(&VALUES);
        self.call(&id, "echo", &format!(r#"{{"message":"{text}","value":{value}}}"#));
        self.text_result(&id, &text);
    }

    fn leaking_call(&mut self) {
        let id = self.id();
        let secret = self.secret();
        self.call(&id, "read_file", r#"{"path":"/etc/app.env"}"#);
        let (before, after) = (self.words(9), self.words(5));
        let quoted = serde_json::Value::String(format!("{before}\n{secret}\n{after}")).to_string();
        let text = match self.random.below(4) {
            0 => serde_json::Value::String(format!(r#"{{"stdout":{quoted}}}"#)).to_string(),
            1 => format!("\"{before} {}\"", base64::encode(&secret)),
            _ => quoted,
        };
        self.say(Side::Server, &format!(
            r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":[{{"type":"text","text":{text}}}]}}}}"#
        ));
    }

    fn leaking_arguments(&mut self) {
        let id = self.id();
        let secret = serde_json::Value::String(self.secret()).to_string();
        self.call(&id, "post", &format!(r#"{{"body":{secret}}}"#));
        self.text_result(&id, "posted");
    }

    fn token(&mut self) {
        let id = self.id();
        self.say(Side::Client, &format!(
            r#"{{"jsonrpc":"2.0","auth_token":"none-of-yours-{id}","id":{id},"method":"ping"}}"#,
        ));
        self.say(Side::Server, &format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#));
    }

    fn list(&mut self) {
        let id = self.id();
        self.say(Side::Client, &format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/list"}}"#));
        let items: Vec<String> = ["echo", "delete_all", "read_file"]
            .iter()
            .map(|name| format!(r#"{{"name":"{name}","inputSchema":{{"type":"object"}}}}"#))
            .collect();
        let cache = if self.modern { r#","cacheScope":"public""# } else { "" };
        self.say(Side::Server, &format!(
            r#"{{"jsonrpc":"2.0","id":{id},"result":{{"tools":[{}],"nextCursor":"x"{cache}}}}}"#,
            items.join(", ")
        ));
    }

    fn refused_tool(&mut self) {
        let id = self.id();
        self.call(&id, "delete_all", "{}");
    }

    fn approval(&mut self) {
        let id = self.id();
        self.call(&id, "deploy", r#"{"where":"here"}"#);
        self.flush();
        // Every second call is approved; the answers to the others are orphans.
        self.text_result(&id, "deployed");
    }

    fn batch(&mut self) {
        let ids = [self.id(), self.id(), self.id()];
        let members = [
            format!(r#"{{"jsonrpc":"2.0","id":{},"method":"ping"}}"#, ids[0]),
            self.call_text(&ids[1], "delete_all", "{}"),
            r#"{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}"#.to_owned(),
            r#"{"jsonrpc":"1.0","id":5,"method":"ping"}"#.to_owned(),
            self.call_text(&ids[2], "echo", "{}"),
        ];
        self.frames += members.len();
        self.say(Side::Client, &format!("[{}]", members.join(",")));
        self.flush();
        self.text_result(&ids[2], "second");
        self.say(Side::Server, &format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{}}}}"#, ids[0]));
    }

    fn server_asks(&mut self) {
        let id = self.id();
        self.say(Side::Server, &format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"roots/list"}}"#));
        self.flush();
        self.say(
            Side::Client,
            &format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"roots":[]}}}}"#),
        );
    }

    fn broken(&mut self) {
        let from = if self.random.once_in(3) { Side::Server } else { Side::Client };
        let line = *self.random.pick(&BROKEN);
        self.say_bytes(from, line);
        // Too many refused in a row would end the session.
        self.clean_call();
    }

    fn unasked(&mut self) {
        let id = self.id();
        self.text_result(&id, "nobody asked");
        self.say(Side::Server, "listening on stdio");
        let secret = self.secret().replace('\n', " ");
        self.say(Side::Server, &format!("DEBUG {secret}"));
    }

    fn unseen(&mut self) {
        let id = self.id();
        self.call(&id, "echo", "{}");
        self.text_result(&id, "ab\u{200b}cd \u{202e}txet\u{202c} \u{e0041}\u{e0042} \\u200b");
    }

    fn cancelled(&mut self) {
        let id = self.id();
        let tool = *self.random.pick(&["echo", "deploy"]);
        self.call(&id, tool, "{}");
        self.say(Side::Client, &format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#
        ));
        self.flush();
        self.text_result(&id, "too late");
    }

    fn slow(&mut self) {
        let id = self.id();
        self.say(Side::Client, &format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"resources/read","params":{{"uri":"file:///x"}}}}"#
        ));
        self.flush();
        self.now_ms += 1_000 + self.random.number() % 2_000;
        self.record(&format!("tick {}\n", self.now_ms));
        self.say(
            Side::Server,
            &format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"contents":[]}}}}"#),
        );
    }

    /// Resources and prompts, of which some are denied; a server that asks what it may not.
    fn rights(&mut self) {
        let id = self.id();
        let (method, params) = *self.random.pick(&[
            ("resources/read", r#"{"uri":"file:///%65tc/passwd"}"#),
            ("resources/read", r#"{"uri":"file:///data/a"}"#),
            ("prompts/get", r#"{"name":"hello-there"}"#),
            ("prompts/get", r#"{"name":"other"}"#),
            ("prompts/list", "{}"),
        ]);
        self.say(
            Side::Client,
            &format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#),
        );
        self.say(Side::Server, &format!(
            r#"{{"jsonrpc":"2.0","id":{id},"result":{{"prompts":[{{"name":"other"}},{{"name":"hello"}}]}}}}"#
        ));
        self.say(Side::Server, &format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"sampling/createMessage","params":{{"messages":[]}}}}"#
        ));
    }

    /// Paths and URLs, of which some lead where they may not, and some have to be asked about.
    fn arguments(&mut self) {
        let id = self.id();
        let (tool, arguments) = *self.random.pick(&[
            ("open_file", r#"{"path":"/data/a"}"#),
            ("open_file", r#"{"path":"/data/%2e%2e/etc/passwd"}"#),
            ("open_file", r#"{"path":"/data/a","Path":"/etc/passwd"}"#),
            ("open_link", r#"{"path":"/data/link"}"#),
            ("fetch", r#"{"urls":["https://example.com/","http://0x7f.1/"]}"#),
            ("fetch", r#"{"urls":["https://example.com/"]}"#),
        ]);
        self.call(&id, tool, arguments);
        self.flush();
        self.text_result(&id, "opened");
    }

    /// Answers that are too long, and now and then one too late.
    fn searches(&mut self) {
        for _ in 0..1 + self.random.below(4) {
            let id = self.id();
            self.call(&id, "search", "{}");
            let words = 10 + self.random.below(90);
            let text = self.words(words);
            self.text_result(&id, &text);
        }
        let id = self.id();
        self.call(&id, "search_slow", "{}");
        self.flush();
        self.now_ms += self.random.number() % 1_000;
        self.record(&format!("tick {}\n", self.now_ms));
        self.text_result(&id, "found");
    }

    fn own_pattern(&mut self) {
        let id = self.id();
        self.call(&id, "echo", "{}");
        let number = 100_000 + self.random.below(900_000);
        self.text_result(&id, &format!("see TICKET-{number}, 4111 1111 1111 1111"));
    }

    fn call(&mut self, id: &str, tool: &str, arguments: &str) {
        let text = self.call_text(id, tool, arguments);
        self.say(Side::Client, &text);
    }

    fn call_text(&self, id: &str, tool: &str, arguments: &str) -> String {
        let meta = match self.modern {
            true => r#","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#,
            false => "",
        };
        format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}{meta}}}}}"#
        )
    }

    fn text_result(&mut self, id: &str, text: &str) {
        self.say(Side::Server, &format!(
            r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":[{{"type":"text","text":"{text}"}}]}}}}"#
        ));
    }

    fn id(&mut self) -> String {
        self.next_id += 1;
        match self.next_id % 3 {
            0 => format!("\"r-{}\"", self.next_id),
            _ => self.next_id.to_string(),
        }
    }

    fn words(&mut self, count: usize) -> String {
        let words: Vec<&str> = (0..count).map(|_| *self.random.pick(&WORDS)).collect();
        words.join(" ")
    }

    /// A text with a made-up secret of one of the built-in rules.
    fn secret(&mut self) -> String {
        let ids: Vec<_> = self.rules.iter().collect();
        let id = *self.random.pick(&ids);
        let seed = self.random.number() % 1_000;
        self.rules.example(id, seed).expect("a built-in rule has examples")
    }

    fn say(&mut self, from: Side, line: &str) {
        self.say_bytes(from, line.as_bytes());
    }

    fn say_bytes(&mut self, from: Side, line: &[u8]) {
        self.frames += 1;
        // The other side answers what it has read.
        if !self.held[from.other() as usize].is_empty() {
            self.flush();
        }
        self.held[from as usize].extend_from_slice(line);
        self.held[from as usize].push(b'\n');
    }

    /// Has read what was said, cut somewhere.
    fn flush(&mut self) {
        for side in Side::ALL {
            let said = std::mem::take(&mut self.held[side as usize]);
            let cut = if said.is_empty() { 0 } else { self.random.below(said.len()) };
            for part in [&said[..cut], &said[cut..]] {
                if !part.is_empty() {
                    self.write(side, part);
                }
            }
        }
    }

    fn write(&mut self, side: Side, bytes: &[u8]) {
        self.record(&format!("recv {} {} {}\n", side.name(), self.now_ms, bytes.len()));
        self.out.extend_from_slice(bytes);
        self.out.push(b'\n');
    }

    fn record(&mut self, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
    }
}

const WORDS: [&str; 12] = [
    "the",
    "file",
    "holds",
    "seven",
    "lines",
    "and",
    "no",
    "key",
    "\\u00e9t\\u00e9",
    "\\\"quoted\\\"",
    "日本",
    "path\\/to",
];
const VALUES: [&str; 8] = [
    "0",
    "[1.0,-0,1e2,1E400]",
    "123456789012345678901234567890",
    "null",
    "{\"a\":1,\"b\":[{}]}",
    "\"\\ud83d\\ude80 \\ud800\"",
    "true",
    "[[[[]]]]",
];
/// Lines that are refused, or dropped where the server says them.
const BROKEN: [&[u8]; 14] = [
    b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"",
    b"{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"ping\"}",
    b"{\"jsonrpc\":\"2.0\",\"id\":1.0,\"method\":\"ping\"}",
    b"{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"ping\",\"METHOD\":\"tools/call\"}",
    b"{\"jsonrpc\":\"1.0\",\"id\":\"y\",\"method\":\"ping\"}",
    b"{\"jsonrpc\":\"2.0\",\"method\":\"ping\xff\"}",
    b"{\"jsonrpc\":\"2.0\",\r\"method\":\"ping\"}",
    b"\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}",
    b"{\"jsonrpc\":\"2.0\",\"id\":\"z\",\"method\":7}",
    b"{\"jsonrpc\":\"2.0\",\"id\":\"z\",\"result\":1,\"error\":{\"code\":1,\"message\":\"\"}}",
    b"[]",
    b"\"text\"",
    b"{\"jsonrpc\":\"2.0\",\"id\":\"m\",\"method\":\"tools/call\",\"params\":{\"name\":\"\\ud800\"}}",
    b"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}",
];

/// What a host got out of a transcript.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// What was written to the client, the server, and standard error.
    pub sent: [Vec<u8>; 3],
    /// A line for each event.
    pub events: Vec<u8>,
    /// Frames that were judged.
    pub frames: u64,
}

/// Feeds a transcript to an engine, as every host does it.
///
/// # Panics
/// A policy or a transcript that is none, or a lane that stands.
#[must_use]
pub fn replay(policy: &str, transcript: &[u8]) -> Replayed {
    let config: PolicyConfig = serde_json::from_str(policy).expect("a policy");
    let policy = Arc::new(Policy::compile(&config).expect("a policy without faults"));
    let start = time(0);
    let engine = Engine::new(policy, Limits::default(), Wanted::ALL, start).expect("defaults hold");
    let mut host = Host { engine, ledger: Ledger::new(), out: Replayed::default() };
    for side in Side::ALL {
        host.engine.facts(side, Facts::new(7, "replay"));
    }
    host.drain(start);
    let mut rest = transcript;
    while !rest.is_empty() {
        rest = host.record(rest);
    }
    host.out.frames = host.engine.metrics().frames.iter().sum();
    host.out
}

fn time(monotonic_ms: u64) -> Time {
    Time::new(monotonic_ms, WALL_MS + monotonic_ms)
}

struct Host {
    engine: Engine,
    ledger: Ledger,
    out: Replayed,
}

impl Host {
    /// Does what a record says; what follows it.
    fn record<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let end = rest.iter().position(|byte| *byte == b'\n').expect("a line has an end");
        let line = std::str::from_utf8(&rest[..end]).expect("a record's line is text");
        let mut rest = &rest[end + 1..];
        let words: Vec<&str> = line.split(' ').collect();
        let number = |word: &str| word.parse().expect("a number");
        let side = |word| *Side::ALL.iter().find(|side| side.name() == word).expect("a side");
        let now = match words[..] {
            ["recv", from, ms, len] => {
                let (bytes, behind) = rest.split_at(number(len) as usize);
                rest = behind.strip_prefix(b"\n").expect("a record has an end");
                self.receive(side(from), bytes, time(number(ms)));
                time(number(ms))
            }
            ["close", from, ms] => {
                self.engine.recv_close(&mut self.ledger, side(from), time(number(ms)));
                time(number(ms))
            }
            ["tick", ms] => {
                self.engine.tick(&mut self.ledger, time(number(ms)));
                time(number(ms))
            }
            _ => panic!("no such record: {line}"),
        };
        self.drain(now);
        rest
    }

    fn receive(&mut self, from: Side, mut bytes: &[u8], now: Time) {
        while !bytes.is_empty() {
            let space = self.engine.recv_space(from);
            let count = space.len().min(bytes.len());
            space[..count].copy_from_slice(&bytes[..count]);
            self.engine.recv_commit(&mut self.ledger, from, count, now);
            bytes = &bytes[count..];
            assert!(self.drain(now) || count > 0, "the lane stands");
        }
    }

    /// Takes all that leaves, and all events; whether there was anything.
    fn drain(&mut self, now: Time) -> bool {
        let mut any = false;
        loop {
            let mut moved = false;
            for to in Receiver::ALL {
                loop {
                    let ready = self.engine.send_ready(to);
                    let count = ready.len();
                    if count == 0 {
                        break;
                    }
                    self.out.sent[to as usize].extend_from_slice(ready);
                    self.engine.send_commit(&mut self.ledger, to, count);
                    moved = true;
                }
            }
            while let Some(event) = self.engine.next_event() {
                write_event(&event, &mut self.out.events);
                if let Some(ticket) = event.ticket {
                    let answer = if ticket.0 % 2 == 1 { Answer::Approved } else { Answer::Denied };
                    self.engine.answer(&mut self.ledger, ticket, answer, now);
                }
                moved = true;
            }
            if !moved {
                return any;
            }
            self.engine.tick(&mut self.ledger, now);
            any = true;
        }
    }
}

fn write_event(event: &Event, out: &mut Vec<u8>) {
    let reason = event.reason.map_or("-", |reason| reason.name());
    let code = event.reason.map_or(0, |reason| reason.code());
    let duration = event.duration_ms.map_or("-".to_owned(), |ms| ms.to_string());
    let [server, method, tool, rule, check] =
        [event.server, event.method, event.tool, event.rule, Label::new(event.check)].map(label);
    let line = format!(
        "{}\t{}\t{}\t{reason}\t{code}\t{}\t{server}\t{method}\t{tool}\t{rule}\t{check}\t{}\t{}\t{}\t{:016x}\t{duration}\t{}\t{}\t{}\n",
        event.kind.name(),
        event.from.name(),
        event.message.name(),
        event.session,
        event.bytes_in,
        event.bytes_out,
        event.count,
        event.id_digest,
        event.ticket.map_or(0, |ticket| ticket.0),
        event.time.monotonic_ms,
        event.time.wall_ms,
    );
    out.extend_from_slice(line.as_bytes());
}

fn label(label: Label) -> String {
    if label.is_empty() {
        return "-".to_owned();
    }
    let mut text = String::new();
    for byte in label.as_str().bytes() {
        let _ = write!(text, "{byte:02x}");
    }
    if label.is_cut() {
        text.push('~');
    }
    text
}
