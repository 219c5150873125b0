//! Memory, counted by the allocator: never over the limit, nothing on the pass path, little at
//! rest.

use std::sync::Arc;

use portcullis_engine::identity::Credential;
use portcullis_engine::quota::{GaugeRule, Per};
use portcullis_engine::{
    CredentialSource, Engine, Facts, Ledger, Limits, Mode, Policy, PolicyConfig, Receiver, SealKey,
    Side, Time, Wanted,
};
use portcullis_proptests::counting::{Counting, counts, reset_peak};
use portcullis_proptests::random::Random;
use portcullis_proptests::secrets::{TOKEN, WRONG_TOKEN, fake};
use portcullis_proptests::seed;
use portcullis_proptests::streams::{FAKE, auth_by_token};
use portcullis_proptests::{base64, factor};

#[global_allocator]
static COUNTING: Counting = Counting;

/// A host that keeps nothing: every byte that it holds is the engine's.
struct Host {
    engine: Engine,
    ledger: Ledger,
    now: u64,
    /// Bytes held before the engine was made.
    base: isize,
}

impl Host {
    fn new(policy: &Arc<Policy>, limits: Limits, wanted: Wanted) -> Self {
        let base = counts().held;
        reset_peak();
        let engine = Engine::new(Arc::clone(policy), limits, wanted, Time::new(0, 0));
        Self { engine: engine.expect("limits in range"), ledger: Ledger::new(), now: 0, base }
    }

    /// Sends as much of the bytes as is taken; how much.
    fn send(&mut self, side: Side, bytes: &[u8]) -> usize {
        self.engine.recv_copy(&mut self.ledger, side, bytes, Time::new(self.now, 0))
    }

    /// Reads up to so many bytes.
    fn read(&mut self, to: Receiver, most: usize) -> usize {
        let mut left = most;
        while left > 0 {
            let count = self.engine.send_ready(to).len().min(left);
            if count == 0 {
                break;
            }
            self.engine.send_commit(&mut self.ledger, to, count);
            left -= count;
        }
        most - left
    }

    fn read_all(&mut self) {
        loop {
            self.tick(0);
            let read: usize = RECEIVERS.into_iter().map(|to| self.read(to, usize::MAX)).sum();
            let mut any = read > 0;
            while self.engine.next_event().is_some() {
                any = true;
            }
            if !any {
                return;
            }
        }
    }

    fn tick(&mut self, ms: u64) {
        self.now += ms;
        self.engine.tick(&mut self.ledger, Time::new(self.now, 0));
    }

    /// Most bytes that the engine held at once, besides itself.
    fn peak(&self) -> usize {
        (counts().peak - self.base) as usize
    }

    /// Bytes that the engine holds, itself included.
    fn held(&self) -> usize {
        (counts().held - self.base) as usize + size_of::<Engine>()
    }
}

const RECEIVERS: [Receiver; 3] = [Receiver::Client, Receiver::Server, Receiver::Noise];

fn policy(config: &PolicyConfig) -> Arc<Policy> {
    Arc::new(Policy::compile(config).expect("a policy without fault"))
}

/// The limits at their smallest, so that every one of them is met.
fn smallest(random: &mut Random) -> Limits {
    let mut limits = Limits::default();
    let frame = *random.pick(&[4 << 10, 8 << 10, 100 << 10, 300 << 10]);
    limits.frame_bytes_max = [frame, *random.pick(&[4 << 10, frame])];
    limits.members_max = *random.pick(&[16, 1_024]);
    limits.requests_open_max = *random.pick(&[1, 8, 200]);
    limits.answers_owed_max = *random.pick(&[1, 8]);
    limits.batch_window = *random.pick(&[0, 1, 10]);
    limits.batches_max = *random.pick(&[1, 4]);
    limits.tickets_max = *random.pick(&[1, 4]);
    limits.events_max = *random.pick(&[8, 64]);
    limits.ids_taken_max = *random.pick(&[1, 16]);
    limits.listens_max = *random.pick(&[1, 4]);
    limits.id_bytes_max = *random.pick(&[16, 256, 4_096]);
    limits
}

/// One line that costs something somewhere. `size` is what it may have.
fn hostile(random: &mut Random, size: usize, number: u64) -> Vec<u8> {
    let pad = |len: usize| "x".repeat(len.min(size));
    let room = size.saturating_sub(200);
    let long_id = format!("\"{}{number}\"", pad(random.below(300)));
    let id = if random.once_in(3) { long_id } else { (number % 300).to_string() };
    let auth = *random.pick(&["", ",\"auth_token\":\"@\"", ",\"auth_token\":\"!\""]);
    let auth = auth.replace('@', TOKEN).replace('!', WRONG_TOKEN);
    let call = |params: &str| {
        format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{params}{auth}}}"#)
    };
    let repeat = |part: &str| {
        let count = (room / (part.len() + 1)).max(1);
        vec![part; count].join(",")
    };
    let text = match random.below(16) {
        0 => call(&format!(
            r#"{{"name":"x","arguments":{{"k":"{}"}}}}"#,
            pad(random.below(room + 1))
        )),
        1 => call(&format!(r#"{{"name":"asked","arguments":"{}"}}"#, pad(random.below(room + 1)))),
        2 => call(&format!(r#"{{"name":"x","k":[{}]}}"#, repeat(&format!("\"{}\"", FAKE.text)))),
        3 => call(&format!(r#"{{"name":"x","k":"{}"}}"#, repeat(&FAKE.text))),
        4 => {
            let members: Vec<String> = (0..room / 10).map(|n| format!("\"{n:x}\":0")).collect();
            call(&format!("{{\"name\":\"x\",{}}}", members.join(",")))
        }
        5 => format!("[{}]", repeat(r#"{"jsonrpc":"2.0","method":"n"}"#)),
        6 => {
            let member = |n: usize| {
                format!(r#"{{"jsonrpc":"2.0","id":"b{number}.{n}","method":"x"{auth}}}"#)
            };
            let members: Vec<String> = (0..1 + random.below(size / 600)).map(member).collect();
            format!("[{}]", members.join(","))
        }
        7 => format!("[{}]", repeat("1")),
        8 => format!(
            r#"{{"jsonrpc":"2.0","id":{id},"result":{{"k":"{}"}}}}"#,
            pad(random.below(room + 1))
        ),
        9 => format!(
            r#"{{"jsonrpc":"2.0","id":"b{number}.0","result":"{}"}}"#,
            pad(random.below(room + 1))
        ),
        10 => format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}{auth}}}"#
        ),
        11 => format!("noise {} {}", FAKE.text, pad(random.below(2 * size))),
        12 => call(&format!("\"{}\"", pad(2 * size))) + &pad(size),
        13 => format!("{{{}", repeat("\"\\u0061\":[{\"a\":[]}]")),
        14 => format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/list"{auth}}}"#),
        _ => call(&format!(
            r#"{{"name":"x","cursor":"c","_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","k":"{}"}}}}"#,
            "\\u0041".repeat(room / 7)
        )),
    };
    text.into_bytes()
}

/// Peers that send what costs, and read when they like; a host that is late with everything.
fn hostile_session(seed: u64, lines: &[(Side, Vec<u8>)], policy: &Arc<Policy>, limits: Limits) {
    let mut random = Random::new(seed);
    let wanted = *random.pick(&[Wanted::NONE, Wanted::ALL, Wanted::ALL.dropping()]);
    let reads = *random.pick(&[0, 1, 20]);
    let mut host = Host::new(policy, limits, wanted);
    for (side, line) in lines {
        let mut sent = 0;
        for _ in 0..20 {
            sent += host.send(*side, &line[sent..]);
            if sent == line.len() {
                break;
            }
            let to = *random.pick(&RECEIVERS);
            host.read(to, 1 + random.below(5_000));
            let some_events = random.below(100);
            for _ in 0..some_events {
                host.engine.next_event();
            }
            host.tick(random.below(3) as u64);
        }
        if random.below(100) < reads {
            host.read_all();
        }
    }
    if random.once_in(2) {
        let now = Time::new(host.now, 0);
        host.engine.recv_close(&mut host.ledger, *random.pick(&Side::ALL), now);
        host.read_all();
    }
    let max = limits.memory_max();
    assert!(host.peak() <= max, "seed {seed}: {} bytes of {max}, {limits:?}", host.peak());
}

#[test]
fn memory_never_exceeds_its_limit() {
    let mut config = PolicyConfig::default();
    config.tools.ask.push("asked".to_owned());
    let open = policy(&config);
    config.auth = auth_by_token();
    let guarded = policy(&config);
    config.redaction.seal_key = Some(SealKey::new([9; 32]));
    config.redaction.groups.secrets = Mode::Mask.into();
    config.redaction.rules.insert("github-classic-pat".to_owned(), Mode::Seal.into());
    let acting = policy(&config);
    for round in 0..150 * u64::from(factor()) {
        let mut random = Random::new(seed().wrapping_mul(1 << 32).wrapping_add(round));
        let limits = smallest(&mut random);
        let lines: Vec<(Side, Vec<u8>)> = (0..60)
            .map(|number| {
                let side = *random.pick(&Side::ALL);
                let size = limits.frame_bytes_max[side as usize] as usize;
                let mut line = hostile(&mut random, size, number / 3);
                line.push(b'\n');
                (side, line)
            })
            .collect();
        let policy = *random.pick(&[&guarded, &open, &acting]);
        hostile_session(random.number(), &lines, policy, limits);
    }
}

/// Lines that fill every store at once: batches whose answers wait, frames that are all secrets,
/// and peers that read nothing. What one frame needs while it is judged is kept for the next, so
/// each of several fills a part of it; what is made while one is sealed or opened is not kept, so not
/// more than this can be seen at once.
#[test]
fn memory_is_reached_to_the_half() {
    const FRAME: usize = 1 << 20;
    let mut limits = Limits::default();
    limits.frame_bytes_max = [FRAME as u32; 2];
    limits.batches_max = 1;
    limits.requests_open_max = 64;
    limits.batch_window = 0;
    limits.members_max = 64;
    limits.ids_taken_max = 1;
    let mut config = PolicyConfig::default();
    config.redaction.seal_key = Some(SealKey::new([9; 32]));
    config.redaction.rules.insert("github-classic-pat".to_owned(), Mode::Seal.into());
    let policy = policy(&config);
    let answer = |id: &str, len: usize| {
        format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":\"{}\"}}\n", "x".repeat(len))
    };
    let batch = format!(
        "[{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"}},{{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"x\",\"p\":\"{}\"}},{{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"x\"}}]\n",
        "y".repeat(FRAME - 3_000)
    );
    // The second answer makes the store of the first double.
    let answers = [answer("1", FRAME - 20_000), answer("2", 1_000)];
    // One edit more than a power of two makes the queue of what leaves double, too. Sealed, each
    // secret takes more room than before; the frame has to stay within its limit.
    let secrets = vec![&FAKE.text[..]; FRAME / 64].join(&" ".repeat(8));
    let dense = notification(&secrets);
    let nested = format!("{{\\\"k\\\":\\\"\\\\\\\\u0041{}\\\"}}", "z".repeat(FRAME - 1_000));
    let escaped = notification(&nested);
    // More short secrets than are collected, once in escapes of escapes and once percent-encoded.
    let short = fake("aws-access-key", 3).text + " ";
    let many = short.repeat((FRAME - 1_000) / short.len());
    let views = [
        notification(&format!("\\\\u0041 {many}")),
        notification(&format!("%41 {many}")),
        notification(&many),
        // Digits that may begin a blob, in as many runs as there can be.
        notification(&(base64::encode("abcdefgh~ijklmnopq") + " ").repeat((FRAME - 1_000) / 25)),
    ];
    // A string that leaves without what nobody sees in it is kept in that form, too.
    let unseen = notification(&format!("\\n\u{e0041}{}", "z".repeat(64)).repeat(FRAME / 72));
    let mut host = Host::new(&policy, limits, Wanted::ALL);
    for side in Side::ALL {
        // An array at work in each direction, all of its answers but one gathered.
        drive(&mut host, side, batch.as_bytes());
    }
    for side in Side::ALL {
        for line in answers.iter().chain([&escaped]).chain(&views) {
            drive(&mut host, side, line.as_bytes());
        }
    }
    drive(&mut host, Side::Server, unseen.as_bytes());
    for side in Side::ALL {
        while host.engine.next_event().is_some() {}
        let sent = host.send(side, dense.as_bytes());
        assert_eq!(sent, dense.len());
    }
    let (peak, max) = (host.peak(), limits.memory_max());
    assert!(peak <= max, "{peak} bytes of {max}");
    assert!(2 * peak >= max, "{peak} bytes of {max}: the limit is said too high");
}

/// Text of which every other character is one that nobody sees, told of by default: it is decoded, and
/// read once more without them, and they are counted rather than kept.
#[test]
fn what_is_not_seen_is_told_of_without_memory_for_each() {
    const FRAME: usize = 1 << 20;
    let policy = policy(&PolicyConfig::default());
    let mut limits = Limits::default();
    limits.frame_bytes_max = [FRAME as u32; 2];
    let mut host = Host::new(&policy, limits, Wanted::ALL);
    let plain = notification(&"z".repeat(FRAME - 100));
    let dense = notification(&"z\u{200b}".repeat(FRAME / 4 - 100));
    drive(&mut host, Side::Server, plain.as_bytes());
    let held = host.held();
    reset_peak();
    drive(&mut host, Side::Server, dense.as_bytes());
    let more = host.peak().saturating_sub(held);
    assert!(more < 5 * FRAME / 2, "{more} bytes more than for plain text");
}

fn notification(text: &str) -> String {
    format!("{{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{{\"k\":\"{text}\"}}}}\n")
}

/// Sends it all, while everybody reads.
fn drive(host: &mut Host, side: Side, bytes: &[u8]) {
    let mut sent = 0;
    while sent < bytes.len() {
        sent += host.send(side, &bytes[sent..]);
        host.read_all();
    }
}

/// What passes: requests and their answers, by the spelling of the id, and notifications.
fn exchange(id: &str, pad: usize, meta: &str) -> [(Side, String); 4] {
    let pad = "p".repeat(pad);
    [
        (
            Side::Client,
            format!(
                "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{{\"name\":\"echo\",\"arguments\":{{\"text\":\"{pad}\"}}{meta}}}}}\n"
            ),
        ),
        (
            Side::Server,
            format!(
                "{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{{\"progressToken\":{id},\"progress\":1}}}}\n"
            ),
        ),
        (
            Side::Server,
            format!(
                "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":\"{pad}\"}}]}}}}\n"
            ),
        ),
        (Side::Client, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n".to_owned()),
    ]
}

/// Blocks asked for by a hundred exchanges after the first few.
fn allocations(wanted: Wanted, ids: &[String], pad: usize, meta: &str) -> u64 {
    allocations_under(&PolicyConfig::default(), wanted, ids, pad, meta)
}

fn allocations_under(
    config: &PolicyConfig,
    wanted: Wanted,
    ids: &[String],
    pad: usize,
    meta: &str,
) -> u64 {
    let policy = policy(config);
    let all: Vec<_> = ids.iter().map(|id| exchange(id, pad, meta)).collect();
    let mut host = Host::new(&policy, Limits::default(), wanted);
    introduce(&mut host);
    let mut run = |frames: &[[(Side, String); 4]]| {
        for (side, line) in frames.iter().flatten() {
            drive(&mut host, *side, line.as_bytes());
        }
        counts().allocations
    };
    let (first, rest) = all.split_at(2);
    let before = run(first);
    run(rest) - before
}

#[test]
fn clean_frames_allocate_nothing_after_the_first_of_their_size() {
    let numbers: Vec<String> = (0..100).map(|n| (n * 7 + 1_000).to_string()).collect();
    let texts: Vec<String> =
        (0..100).map(|n| format!("\"1b671a64-40d5-491e-99b0-da01ff1f{n:04}\"")).collect();
    for wanted in [Wanted::NONE, Wanted::ALL] {
        for ids in [&numbers, &texts] {
            for pad in [0, 10, 1_000, 3_000, 20_000, 100_000] {
                let count = allocations(wanted, ids, pad, "");
                assert_eq!(count, 0, "{wanted:?} {} {pad}", ids[0]);
            }
        }
    }
}

/// Tells of an agent with a bearer token and of a server, as rules name them.
fn introduce(host: &mut Host) {
    let mut client = Facts::new(7, "agent");
    client.address = Some([192, 0, 2, 7].into());
    client.credential = Credential::new(CredentialSource::Bearer, TOKEN);
    host.engine.facts(Side::Client, client);
    host.engine.facts(Side::Server, Facts::new(0, "files-eu"));
}

/// A policy with rights, limits and rules for arguments, which let everything pass.
fn ruling() -> PolicyConfig {
    let text = r#"{
        "auth": {"tokens": [{"name": "agent-7", "token": "@"}]},
        "rights": {"default": {"tools": "deny"}, "rules": [
            {"name": "shell", "effect": "deny", "tools": ["shell_*", "*_exec?"]},
            {"name": "levels", "effect": "deny", "methods": ["logging/*"]},
            {"name": "agents", "effect": "allow", "principals": ["agent-*"],
                "servers": ["files-*"], "tools": ["e*o"]}]},
        "tools": {"deny": ["debug_*"]},
        "arguments": [
            {"name": "dash", "at": "/text", "no_leading_dash": true},
            {"name": "text", "tools": ["echo"], "at": "/text", "regex": "[a-z]*",
                "length": {"max": 1000000}},
            {"name": "kind", "at": "/kind", "one_of": ["a", "b"]}],
        "network": {"addresses": {"allow": [{"net": "192.0.2.0/24"}]}},
        "quotas": {
            "rates": [
                {"name": "all", "count": 1000000, "every": "second"},
                {"name": "each", "per": "principal", "count": 1000000},
                {"name": "tool", "per": "tool", "count": 1000000}],
            "bytes": [{"name": "up", "count": 1000000000},
                {"name": "down", "per": "tool", "from": "server", "count": 1000000000}]}}"#;
    serde_json::from_str(&text.replace('@', TOKEN)).expect("a configuration")
}

#[test]
fn clean_frames_allocate_nothing_under_rights_limits_and_rules_for_arguments_either() {
    let numbers: Vec<String> = (0..100).map(|n| (n * 7 + 1_000).to_string()).collect();
    for wanted in [Wanted::NONE, Wanted::ALL] {
        for pad in [0, 10, 1_000, 20_000] {
            let count = allocations_under(&ruling(), wanted, &numbers, pad, "");
            assert_eq!(count, 0, "{wanted:?} {pad}");
        }
    }
}

/// The ledger counts what is open in a tree, whose one node comes and goes with a call that is
/// open alone.
#[test]
fn a_call_that_is_counted_while_it_is_open_takes_one_block_of_the_ledger() {
    let mut config = ruling();
    let gauge =
        |name: &str, per| GaugeRule { name: name.to_owned(), per, max: 64, ..GaugeRule::default() };
    config.quotas.concurrency = vec![gauge("open", Per::Server), gauge("mine", Per::Tool)];
    let numbers: Vec<String> = (0..100).map(|n| (n * 7 + 1_000).to_string()).collect();
    let count = allocations_under(&config, Wanted::NONE, &numbers, 10, "");
    assert_eq!(count, 98, "two of a hundred calls are not counted");
}

#[test]
fn clean_frames_of_the_modern_era_allocate_nothing_either() {
    let meta = ",\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"x\":1}";
    let ids: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    for wanted in [Wanted::NONE, Wanted::ALL] {
        let count = allocations(wanted, &ids, 100, meta);
        assert_eq!(count, 0, "{wanted:?}");
    }
}

/// An idle session costs less than this, the engine's own size included.
const IDLE_MAX: usize = 8 << 10;

#[test]
fn an_idle_engine_is_small() {
    let policy = policy(&PolicyConfig::default());
    let host = Host::new(&policy, Limits::default(), Wanted::ALL);
    assert!(
        host.held() < IDLE_MAX,
        "{} bytes, {} of them inline",
        host.held(),
        size_of::<Engine>()
    );
}

/// After so much traffic, and 31 seconds of ticks at each deadline.
fn held_after(lines: &[(Side, String)], wanted: Wanted) -> usize {
    let policy = policy(&PolicyConfig::default());
    let mut host = Host::new(&policy, Limits::default(), wanted);
    for (side, line) in lines {
        drive(&mut host, *side, line.as_bytes());
    }
    let end = host.now + 31_000;
    let mut ticks = 0;
    while let Some((at, _)) = host.engine.deadline().filter(|&(at, _)| at <= end) {
        host.tick(at - host.now);
        ticks += 1;
        assert!(ticks < 100, "a hundred deadlines in 31 seconds of nothing");
    }
    host.held()
}

#[test]
fn memory_is_given_back() {
    let clean: Vec<_> = (0..50).flat_map(|n| exchange(&n.to_string(), n * 300, "")).collect();
    let large: Vec<_> = exchange("1", 3 << 20, "").into_iter().collect();
    let many: Vec<(Side, String)> = (0..2_000)
        .map(|n| (Side::Client, format!("{{\"jsonrpc\":\"2.0\",\"id\":{n},\"method\":\"x\"}}\n")))
        .chain((0..2_000).map(|n| {
            (Side::Server, format!("{{\"jsonrpc\":\"2.0\",\"id\":{n},\"result\":{{}}}}\n"))
        }))
        .collect();
    let bad: Vec<(Side, String)> = (0..300)
        .map(|_| (Side::Client, "{\"id\":[]}\n".to_owned()))
        .chain([(Side::Server, "noise\n".to_owned())])
        .collect();
    let secrets: Vec<(Side, String)> = (0..5)
        .map(|_| {
            let all = vec![format!("\"{}\"", FAKE.text); 300].join(",");
            (
                Side::Server,
                format!("{{\"jsonrpc\":\"2.0\",\"method\":\"n\",\"params\":{{\"k\":[{all}]}}}}\n"),
            )
        })
        .collect();
    let batch: Vec<(Side, String)> = [
        (Side::Client, "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"}]\n".to_owned()),
        (Side::Server, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n".to_owned()),
    ]
    .into();
    let cancelled: Vec<(Side, String)> = (0..20)
        .flat_map(|n| {
            [
                format!("{{\"jsonrpc\":\"2.0\",\"id\":{n},\"method\":\"x\"}}\n"),
                format!("{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{{\"requestId\":{n}}}}}\n"),
            ]
        })
        .map(|line| (Side::Client, line))
        .collect();
    for (name, lines) in [
        ("clean", &clean),
        ("large", &large),
        ("many", &many),
        ("bad", &bad),
        ("secrets", &secrets),
        ("batch", &batch),
        ("cancelled", &cancelled),
    ] {
        for wanted in [Wanted::NONE, Wanted::ALL] {
            let held = held_after(lines, wanted);
            // Twenty ids that stay taken for five minutes have their slots.
            let max = if name == "cancelled" { 3 * IDLE_MAX } else { IDLE_MAX };
            assert!(held < max, "{name} {wanted:?}: {held} bytes");
        }
    }
}

#[test]
fn the_engine_knows_what_it_holds() {
    let policy = policy(&PolicyConfig::default());
    let mut host = Host::new(&policy, Limits::default(), Wanted::ALL);
    for (side, line) in (0..50).flat_map(|n| exchange(&n.to_string(), 40 * n, "")) {
        drive(&mut host, side, line.as_bytes());
    }
    let held = host.held() - size_of::<Engine>();
    let said = host.engine.metrics().memory_bytes as usize;
    assert!(held.abs_diff(said) < 1_024, "it holds {held} bytes and says {said}");
}
