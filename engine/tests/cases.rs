//! Runs the cases of `tests/cases/*.md`, each at every chunk size.
//!
//! A case is a heading of the second level, a sentence, and a block of steps:
//!
//! ```text
//! policy {"tools":{"deny":["rm"]}}     configuration of the policy, as JSON
//! limits frame_bytes_max=4096          limits that differ from the default
//! c: LINE        the client sends a line; `c- LINE` sends it without a newline
//! s: LINE        the server sends a line; `s- LINE` likewise
//! C: LINE        the client gets this line; `C- LINE` without a newline
//! S: LINE        the server gets this line; `S- LINE` likewise
//! N: LINE        the host's standard error gets this line
//! ! EVENT        an event; those about frames that pass unchanged are not listed
//! c. / s.        that side closes
//! @ 1000         it is so many milliseconds after the start
//! drain 30000    the host begins a drain until then
//! approve 1 / deny 1   the host answers a ticket
//! ended c / finished   the lane has ended; the session is over
//! ```
//!
//! In a line, `«0D»` is a byte in hexadecimal, `«a*300»` a text repeated, `«fake:NAME»` a made-up
//! secret of that rule, and `«CR»` a carriage return. Outputs are expected after the input they
//! follow. `PORTCULLIS_BLESS=1` writes what came into the files, to be read before it is committed.

#![expect(clippy::disallowed_methods, reason = "the runner reads files and a switch")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use portcullis_engine::{
    Answer, Engine, Event, EventKind, Ledger, Limits, Policy, PolicyConfig, Receiver, Rules, Side,
    Stall, Ticket, Time, Wanted,
};

fn main() {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    files.sort();
    if std::env::var_os("PORTCULLIS_BLESS").is_some() {
        files.iter().for_each(|file| bless(file));
        return;
    }
    let trials = files.iter().flat_map(|file| trials(file)).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

/// One test for each case of a file.
fn trials(file: &Path) -> Vec<Trial> {
    let text = std::fs::read_to_string(file).expect("a readable file");
    let stem = file.file_stem().expect("a name").to_string_lossy().into_owned();
    let cases = cases(&text);
    assert!(!cases.is_empty(), "{stem} has no case");
    cases
        .into_iter()
        .map(|(name, block)| {
            let name = format!("{stem}::{name}");
            Trial::test(name, move || check(&block).map_err(Failed::from))
        })
        .collect()
}

/// The names and blocks of a file.
fn cases(text: &str) -> Vec<(String, String)> {
    let mut cases = Vec::new();
    for part in text.split("\n## ").skip(1) {
        let (name, rest) = part.split_once('\n').expect("a heading ends its line");
        let block = rest.split("```steps\n").nth(1).and_then(|rest| rest.split("```").next());
        let block = block.unwrap_or_else(|| panic!("case {name} has no block of steps"));
        cases.push((name.trim().to_owned(), block.to_owned()));
    }
    cases
}

/// The case says what comes; it has to come at every chunk size, and in portions of every size.
fn check(block: &str) -> Result<(), String> {
    let longest = block.lines().map(|line| bytes_of(line).len()).max().unwrap_or_default();
    let sizes = (1..=longest.min(80)).chain([97, 128, 255, 1_000, 4_096, 1 << 20]);
    // A long line in single bytes costs much and shows nothing that a shorter one does not.
    let sizes = sizes.filter(|size| longest / size < 20_000);
    for size in sizes {
        for portion in [usize::MAX, 1 + size % 7] {
            let came = run(block, size, if longest > 5_000 { usize::MAX } else { portion });
            if came != block {
                return Err(format!(
                    "at chunks of {size} and portions of {portion}\n--- expected\n{block}\n--- came\n{came}"
                ));
            }
        }
    }
    Ok(())
}

/// Writes what comes into the file.
fn bless(file: &Path) {
    let mut text = std::fs::read_to_string(file).expect("a readable file");
    for (name, block) in cases(&text) {
        let came = run(&block, usize::MAX, usize::MAX);
        let from = text.find(&format!("\n## {name}\n")).expect("the case");
        let start = text[from..].find(&block).map_or(0, |at| from + at);
        text.replace_range(start..start + block.len(), &came);
    }
    std::fs::write(file, text).expect("a writable file");
}

/// The bytes that a line of a case stands for.
fn bytes_of(line: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('«') {
        let (macro_text, after) = after.split_once('»').expect("« is closed by »");
        out.extend_from_slice(before.as_bytes());
        if let Some(name) = macro_text.strip_prefix("fake:") {
            out.extend_from_slice(fake(name).as_bytes());
        } else if let Some((text, count)) = macro_text.rsplit_once('*') {
            let count: usize = count.parse().expect("a count");
            out.extend(bytes_of(text).repeat(count));
        } else if macro_text == "CR" {
            out.push(b'\r');
        } else {
            for pair in macro_text.as_bytes().chunks(2) {
                let digits = std::str::from_utf8(pair).expect("hexadecimal digits");
                out.push(u8::from_str_radix(digits, 16).expect("hexadecimal digits"));
            }
        }
        rest = after;
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// A made-up secret that this rule finds, the same for each call.
fn fake(name: &str) -> String {
    let rules = Rules::default();
    let id = rules.iter().find(|&id| rules.info(id).name == name);
    let id = id.unwrap_or_else(|| panic!("there is no rule {name}"));
    rules.example(id, 1).unwrap_or_else(|| panic!("rule {name} has no example"))
}

/// A session that follows a script.
struct World {
    engine: Engine,
    ledger: Ledger,
    now: Time,
    portion: usize,
    client: Vec<u8>,
    server: Vec<u8>,
    noise: Vec<u8>,
    events: Vec<Event>,
}

/// The log of a case: its inputs, and after each what came.
fn run(block: &str, chunk: usize, portion: usize) -> String {
    let mut head = BTreeMap::new();
    let mut log = String::new();
    let mut world: Option<World> = None;
    for line in block.lines() {
        if line.is_empty() || line.starts_with(['#', 'C', 'S', 'N', '!']) {
            if line.is_empty() || line.starts_with('#') {
                let _ = writeln!(log, "{line}");
            }
            continue;
        }
        let _ = writeln!(log, "{line}");
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if matches!(word, "policy" | "limits") {
            head.insert(word.to_owned(), rest.to_owned());
            continue;
        }
        let world = world.get_or_insert_with(|| World::new(&head, portion));
        world.step(word, rest, chunk);
        world.report(block, &mut log);
    }
    log
}

impl World {
    fn new(head: &BTreeMap<String, String>, portion: usize) -> Self {
        let config: PolicyConfig = match head.get("policy") {
            Some(json) => serde_json::from_str(json).expect("a policy"),
            None => PolicyConfig::default(),
        };
        let limits = head.get("limits").map_or_else(Limits::default, |text| limits(text));
        let policy = Arc::new(Policy::compile(&config).expect("a policy without fault"));
        let now = Time::new(0, 0);
        let engine = Engine::new(policy, limits, Wanted::ALL, now).expect("limits in range");
        let (client, server, noise, events) = Default::default();
        Self { engine, ledger: Ledger::new(), now, portion, client, server, noise, events }
    }

    fn step(&mut self, word: &str, rest: &str, chunk: usize) {
        let side = if word.starts_with('c') { Side::Client } else { Side::Server };
        match word {
            "c:" | "s:" | "c-" | "s-" => {
                let mut bytes = bytes_of(rest);
                if word.ends_with(':') {
                    bytes.push(b'\n');
                }
                self.feed(side, &bytes, chunk);
            }
            "c." | "s." => self.engine.recv_close(&mut self.ledger, side, self.now),
            "@" => {
                let ms: u64 = rest.parse().expect("milliseconds");
                self.now = Time::new(ms, ms);
            }
            "drain" => self.engine.begin_drain(self.now, rest.parse().expect("milliseconds")),
            "approve" | "deny" => {
                let answer = if word == "approve" { Answer::Approved } else { Answer::Denied };
                let ticket = Ticket(rest.parse().expect("a ticket"));
                assert!(self.engine.answer(&mut self.ledger, ticket, answer, self.now));
            }
            "ended" => {
                let side = if rest == "c" { Side::Client } else { Side::Server };
                assert_eq!(self.engine.stalled(side), Some(Stall::Ended));
            }
            "finished" => assert!(self.engine.is_finished(), "not finished"),
            "open" => assert!(!self.engine.is_finished(), "finished"),
            _ => panic!("no such step: {word}"),
        }
        self.settle();
    }

    fn feed(&mut self, side: Side, bytes: &[u8], chunk: usize) {
        for piece in bytes.chunks(chunk.min(bytes.len()).max(1)) {
            let mut rest = piece;
            while !rest.is_empty() {
                let taken = self.engine.recv_copy(&mut self.ledger, side, rest, self.now);
                rest = &rest[taken..];
                assert!(self.settle() || taken > 0, "the engine takes no more");
            }
        }
    }

    /// Takes all that comes out, until nothing moves; whether anything did.
    fn settle(&mut self) -> bool {
        let mut any = false;
        loop {
            let mut moved = false;
            let sinks = [
                (Receiver::Client, &mut self.client),
                (Receiver::Server, &mut self.server),
                (Receiver::Noise, &mut self.noise),
            ];
            for (to, sink) in sinks {
                loop {
                    let ready = self.engine.send_ready(to);
                    let count = ready.len().min(self.portion);
                    if count == 0 {
                        break;
                    }
                    sink.extend_from_slice(&ready[..count]);
                    self.engine.send_commit(&mut self.ledger, to, count);
                    moved = true;
                }
            }
            while let Some(event) = self.engine.next_event() {
                self.events.push(event);
                moved = true;
            }
            self.engine.tick(&mut self.ledger, self.now);
            any |= moved;
            if !moved {
                let deadline = self.engine.deadline();
                assert!(
                    deadline.is_none_or(|(at, _)| at > self.now.monotonic_ms),
                    "the deadline {deadline:?} is not later than now"
                );
                return any;
            }
        }
    }

    /// Writes down what came, spelled as the case spells it.
    fn report(&mut self, block: &str, log: &mut String) {
        for (mark, bytes) in [
            ('S', std::mem::take(&mut self.server)),
            ('C', std::mem::take(&mut self.client)),
            ('N', std::mem::take(&mut self.noise)),
        ] {
            for line in bytes.split_inclusive(|&byte| byte == b'\n') {
                let (mark, line) = match line.strip_suffix(b"\n") {
                    Some(line) => (format!("{mark}:"), line),
                    None => (format!("{mark}-"), line),
                };
                let spelled = spelling(block, &mark, line);
                let _ = writeln!(log, "{mark} {spelled}");
            }
        }
        for event in std::mem::take(&mut self.events) {
            if event.kind != EventKind::Passed {
                let _ = writeln!(log, "! {}", describe(&event));
            }
        }
    }
}

/// A line as the case spells it, if the case has one that stands for these bytes.
fn spelling(block: &str, mark: &str, line: &[u8]) -> String {
    let lower = mark.to_lowercase();
    let known = block.lines().find_map(|known| {
        let text = known.strip_prefix(mark).or_else(|| {
            ["c: ", "s: ", "c- ", "s- ", &lower]
                .iter()
                .find_map(|prefix| known.strip_prefix(prefix))
        })?;
        let text = text.strip_prefix(' ').unwrap_or(text);
        (bytes_of(text) == line).then(|| text.to_owned())
    });
    known.unwrap_or_else(|| {
        line.utf8_chunks().fold(String::new(), |mut out, chunk| {
            out.push_str(&chunk.valid().replace('\r', "«CR»"));
            chunk.invalid().iter().for_each(|byte| {
                let _ = write!(out, "«{byte:02X}»");
            });
            out
        })
    })
}

/// An event in words: kind, sender, message, reason, and what else it has.
fn describe(event: &Event) -> String {
    let reason = event.reason.map_or("-", |reason| reason.name());
    let mut out =
        format!("{} {} {} {reason}", event.kind.name(), event.from.name(), event.message.name());
    for (name, label) in [("", event.method), ("tool=", event.tool), ("rule=", event.rule)] {
        if !label.is_empty() {
            let _ = write!(out, " {name}{label}");
        }
    }
    if event.count > 0 {
        let _ = write!(out, " x{}", event.count);
    }
    if let Some(ms) = event.duration_ms {
        let _ = write!(out, " {ms}ms");
    }
    if let Some(Ticket(number)) = event.ticket {
        let _ = write!(out, " ticket={number}");
    }
    out
}

/// Limits that differ from the default.
fn limits(text: &str) -> Limits {
    let mut limits = Limits::default();
    for part in text.split_whitespace() {
        let (name, value) = part.split_once('=').expect("name=value");
        let value: u32 = value.parse().expect("a number");
        match name {
            "frame_bytes_max" => limits.frame_bytes_max = [value; 2],
            "frame_depth_max" => limits.frame_depth_max = value,
            "id_bytes_max" => limits.id_bytes_max = value,
            "members_max" => limits.members_max = value,
            "requests_open_max" => limits.requests_open_max = value,
            "answers_owed_max" => limits.answers_owed_max = value,
            "batch_window" => limits.batch_window = value,
            "batches_max" => limits.batches_max = value,
            "tickets_max" => limits.tickets_max = value,
            "ids_taken_max" => limits.ids_taken_max = value,
            "listens_max" => limits.listens_max = value,
            "refused_in_a_row_max" => limits.refused_in_a_row_max = value,
            _ => panic!("no such limit: {name}"),
        }
    }
    limits
}
