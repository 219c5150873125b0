//! Runs the cases of `tests/cases/*.md`, each at every chunk size.
//!
//! A case is a heading of the second level, a sentence, and a block of steps:
//!
//! ```text
//! policy {"tools":{"deny":["rm"]}}     configuration of the policy, as JSON; its key seals
//! limits frame_bytes_max=4096          limits that differ from the default
//! detail                               events are told with lengths, session and server
//! c: LINE        the client sends a line; `c- LINE` sends it without a newline
//! s: LINE        the server sends a line; `s- LINE` likewise
//! c* 9 LINE      the client sends nine such lines at once; in them `«n»` counts from 0; `s*` likewise
//! C: LINE        the client gets this line; `C- LINE` without a newline
//! S: LINE        the server gets this line; `S- LINE` likewise
//! N: LINE        the host's standard error gets this line
//! S* 9 LINE      nine such lines; `C*` and `N*` likewise
//! ! EVENT        an event; those about frames that pass unchanged are not listed
//! !* 9 EVENT     nine equal ones in a row (told so from four on)
//! c. / s.        that side closes
//! @ 1000         it is so many milliseconds after the start
//! drain 30000    the host begins a drain until then
//! approve 1 / deny 1   the host answers a ticket; `stale 1`: it is open no more
//! ended c / finished / open   the lane has ended; the session is over; it is not
//! swap {"tools":{}}   from the next frame on this policy decides
//! facts c 7 NAME      who a peer is
//! peer {"session":7,"address":"192.0.2.1","user":1000,"bearer":"TOKEN","origin":"..","host":".."}
//!                     what the host says of the client; `header` and `query` as `bearer`
//! again 8             a second session, of this number, with the same policy and ledger
//! asks 1 path /x      what a ticket asks: call, path or name
//! resolved 1 TEXT     the host answers a ticket with what it found out
//! pause c / resume c  that side (or `events`, `noise`) is not read from here on; is read again
//! stalled s receiver  why that lane stands: receiver, sender, host, ended or nothing
//! compile {"auth":{}}   what a policy is refused for, or nothing: `F: FAULT`
//! check ticket_ms=0     what limits are refused for, or nothing: `F: FAULT`
//! ```
//!
//! In a line, `«0D»` is a byte in hexadecimal, `«CR»` a carriage return, `«a*300»` a text repeated
//! (in it `«n»` counts from 0), `«fake:NAME»` a made-up secret of that rule, `«json:NAME»` the same
//! as a JSON string spells it, `«mask:NAME»` what a mask leaves of it, `«hex:NAME»` in escapes by
//! number, lower case, `«HEX:NAME»` in upper case, `«base64|TEXT»` a text encoded (`base64url`,
//! `mime`, `digits`, `percent`, `nested`: escaped as in a string, `hidden`: with a zero-width space
//! behind each character). They may stand in each other. Outputs are expected after the input they
//! follow.
//! `PORTCULLIS_BLESS=1` writes what came into the files, to be read before it is committed;
//! `PORTCULLIS_BLESS=ids` into those with `ids` in their names only.

#![expect(clippy::disallowed_methods, reason = "the runner reads files and a switch")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use portcullis_engine::identity::{Credential, Source};
use portcullis_engine::{
    Answer, Engine, Event, EventKind, Facts, Label, Ledger, Limits, Policy, PolicyConfig, Question,
    Receiver, Rules, SealKey, Side, Stall, Ticket, Time, Wanted,
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
    if let Ok(wanted) = std::env::var("PORTCULLIS_BLESS") {
        files.iter().filter(|file| is_wanted(file, &wanted)).for_each(|file| bless(file));
        return;
    }
    let trials = files.iter().flat_map(|file| trials(file)).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

/// Whether a file is blessed; what is known to fail never is.
fn is_wanted(file: &Path, wanted: &str) -> bool {
    let stem = file.file_stem().expect("a name").to_string_lossy();
    !stem.starts_with("failing") && (wanted == "1" || stem.contains(wanted))
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
    let longest = block.lines().map(|line| bytes_of_step(line).len()).max().unwrap_or_default();
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
        let came = std::panic::catch_unwind(|| run(&block, usize::MAX, usize::MAX));
        let Ok(came) = came else {
            eprintln!("{}: {name} was left as it is", file.display());
            continue;
        };
        let from = text.find(&format!("\n## {name}\n")).expect("the case");
        let start = text[from..].find(&block).map_or(0, |at| from + at);
        text.replace_range(start..start + block.len(), &came);
    }
    std::fs::write(file, text).expect("a writable file");
}

/// The bytes that a line of a case stands for.
fn bytes_of(line: &str) -> Vec<u8> {
    expand(line, 0)
}

/// The bytes that the line stands for where `«n»` is this number.
fn expand(line: &str, n: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('«') {
        let mut depth = 1;
        let end = after.char_indices().find(|&(_, c)| {
            depth += i32::from(c == '«') - i32::from(c == '»');
            depth == 0
        });
        let (end, _) = end.expect("« is closed by »");
        out.extend_from_slice(before.as_bytes());
        out.extend(expand_macro(&after[..end], n));
        rest = &after[end + '»'.len_utf8()..];
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// What stands for the text between `«` and `»`.
fn expand_macro(text: &str, n: usize) -> Vec<u8> {
    if let Some((how, text)) = text.split_once('|') {
        return encoded(how, &expand(text, n)).into_bytes();
    }
    if let Some((text, count)) = text.rsplit_once('*') {
        let count = String::from_utf8(expand(count, n)).expect("a count");
        let count: usize = count.parse().expect("a count");
        return (0..count).flat_map(|n| expand(text, n)).collect();
    }
    if let Some((how, name)) = text.split_once(':') {
        let secret = fake(name);
        let spelled = match how {
            "fake" => secret,
            "json" => secret.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"),
            "mask" => masked(&secret),
            "hex" => secret.bytes().map(|byte| format!("\\u{byte:04x}")).collect(),
            "HEX" => secret.bytes().map(|byte| format!("\\u{byte:04X}")).collect(),
            _ => panic!("no such macro: {text}"),
        };
        return spelled.into_bytes();
    }
    match text {
        "n" => n.to_string().into_bytes(),
        "CR" => vec![b'\r'],
        _ => {
            let digits = text.as_bytes().chunks(2).map(|pair| {
                let pair = std::str::from_utf8(pair).expect("hexadecimal digits");
                u8::from_str_radix(pair, 16).expect("hexadecimal digits")
            });
            digits.collect()
        }
    }
}

/// A text as this encoder writes it.
fn encoded(how: &str, text: &[u8]) -> String {
    let each = |write: fn(u8) -> String| text.iter().map(|b| write(*b)).collect();
    let base64 = |digits: &[u8]| {
        let mut out = String::new();
        for three in text.chunks(3) {
            let bytes = three.iter().zip([16, 8, 0]);
            let word = bytes.fold(0_u32, |word, (b, at)| word | u32::from(*b) << at);
            for at in 0..=three.len() {
                out.push(char::from(digits[(word >> (18 - 6 * at)) as usize & 63]));
            }
        }
        out
    };
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let padded = |text: String| format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4));
    match how {
        "base64" => padded(base64(format!("{LETTERS}+/").as_bytes())),
        "base64url" => base64(format!("{LETTERS}-_").as_bytes()),
        "mime" => {
            let all = padded(base64(format!("{LETTERS}+/").as_bytes()));
            let lines = all.as_bytes().chunks(76).map(String::from_utf8_lossy);
            lines.collect::<Vec<_>>().join("\\r\\n")
        }
        "digits" => each(|b| format!("{b:02x}")),
        "percent" => each(|b| match b {
            b'a'..=b'z' | b'0'..=b'9' => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        }),
        "nested" => serde_json::to_string(&String::from_utf8_lossy(text))
            .map(|text| text[1..text.len() - 1].to_owned())
            .expect("any text may be a string"),
        "hidden" => each(|b| format!("{}\u{200b}", char::from(b))),
        _ => panic!("no such encoder: {how}"),
    }
}

/// The bytes of all lines that a step or an output stands for, joined by newlines.
fn bytes_of_step(line: &str) -> Vec<u8> {
    match counted(line) {
        Some((count, text)) => {
            let lines: Vec<_> = (0..count).map(|n| expand(text, n)).collect();
            lines.join(&b'\n')
        }
        None => bytes_of(line),
    }
}

/// The count and the text of `c* 9 TEXT`.
fn counted(line: &str) -> Option<(usize, &str)> {
    let (_, rest) =
        line.split_once(' ').filter(|(word, _)| word.len() == 2 && word.ends_with('*'))?;
    let (count, text) = rest.split_once(' ')?;
    Some((count.parse().expect("a count"), text))
}

/// A made-up secret that this rule finds, the same for each call.
fn fake(name: &str) -> String {
    let rules = Rules::default();
    let id = rules.iter().find(|&id| rules.info(id).name == name);
    let id = id.unwrap_or_else(|| panic!("there is no rule {name}"));
    rules.example(id, 1).unwrap_or_else(|| panic!("rule {name} has no example"))
}

/// What a mask leaves of a secret: of sixteen characters on a quarter, four at each end at most.
fn masked(secret: &str) -> String {
    let kept = if secret.len() < 16 { 0 } else { (secret.len() / 4).min(8) };
    let (head, tail) = (&secret[..kept.div_ceil(2)], &secret[secret.len() - kept / 2..]);
    format!("{head}********{tail}")
}

/// A session that follows a script.
struct World {
    engine: Engine,
    /// Sessions before this one; they are open still.
    others: Vec<Engine>,
    policy: Arc<Policy>,
    limits: Limits,
    ledger: Ledger,
    now: Time,
    portion: usize,
    /// What came out: for the server, the client, the host's standard error.
    out: [Vec<u8>; 3],
    events: Vec<Event>,
    detail: bool,
    /// Who is not read: as `out`, and the events.
    paused: [bool; 4],
    /// What a side has sent and the engine has not taken, and how much of it it has.
    unsent: [(Vec<u8>, usize); 2],
    closing: [bool; 2],
}

/// Receivers in the order in which their lines are told.
const RECEIVERS: [(Receiver, char); 3] =
    [(Receiver::Server, 'S'), (Receiver::Client, 'C'), (Receiver::Noise, 'N')];

/// The log of a case: its inputs, and after each what came.
fn run(block: &str, chunk: usize, portion: usize) -> String {
    let mut head = BTreeMap::new();
    let mut log = String::new();
    let mut world: Option<World> = None;
    for line in block.lines() {
        if line.is_empty() || line.starts_with(['#', 'C', 'S', 'N', 'F', '!']) {
            if line.is_empty() || line.starts_with('#') {
                let _ = writeln!(log, "{line}");
            }
            continue;
        }
        let _ = writeln!(log, "{line}");
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let fault = match word {
            "policy" | "limits" | "detail" => {
                head.insert(word.to_owned(), rest.to_owned());
                continue;
            }
            "compile" => {
                let config = serde_json::from_str(rest).expect("a policy");
                Policy::compile(&config).err()
            }
            "check" => limits(rest).check().err(),
            _ => {
                let world = world.get_or_insert_with(|| World::new(&head, portion));
                world.step(word, rest, line, chunk);
                world.report(block, &mut log);
                None
            }
        };
        if let Some(fault) = fault {
            let _ = writeln!(log, "F: {fault}");
        }
    }
    log
}

thread_local! {
    /// The policies of the cases: each is compiled once, and used for every portion.
    static POLICIES: RefCell<BTreeMap<String, Arc<Policy>>> = const { RefCell::new(BTreeMap::new()) };
}

fn policy(json: &str) -> Arc<Policy> {
    POLICIES.with_borrow_mut(|policies| match policies.get(json) {
        Some(policy) => policy.clone(),
        None => {
            let policy = compiled(json);
            policies.insert(json.to_owned(), policy.clone());
            policy
        }
    })
}

fn compiled(json: &str) -> Arc<Policy> {
    let mut config: PolicyConfig = serde_json::from_str(json).expect("a policy");
    config.redaction.seal_key = Some(SealKey::new([7; 32]));
    Arc::new(Policy::compile(&config).expect("a policy without fault"))
}

/// What the host says of the client.
fn peer(json: &str) -> Facts {
    let said: serde_json::Value = serde_json::from_str(json).expect("facts");
    let text = |name: &str| said[name].as_str().map(str::to_owned);
    let mut facts = Facts::new(said["session"].as_u64().unwrap_or_default(), "");
    facts.address = text("address").map(|address| address.parse().expect("an address"));
    facts.user = said["user"].as_u64().map(|user| user as u32);
    facts.origin = text("origin");
    facts.host = text("host");
    let sources = [Source::Bearer, Source::Header, Source::Query];
    facts.credential = sources.into_iter().find_map(|source| {
        Some(Credential::new(source, &text(source.name())?).expect("a credential"))
    });
    facts
}

impl World {
    fn new(head: &BTreeMap<String, String>, portion: usize) -> Self {
        let policy = policy(head.get("policy").map_or("{}", String::as_str));
        let limits = head.get("limits").map_or_else(Limits::default, |text| limits(text));
        let now = Time::new(0, 0);
        let engine = Engine::new(Arc::clone(&policy), limits, Wanted::ALL, now);
        Self {
            engine: engine.expect("limits in range"),
            others: Vec::new(),
            policy,
            limits,
            ledger: Ledger::new(),
            now,
            portion,
            out: Default::default(),
            events: Vec::new(),
            detail: head.contains_key("detail"),
            paused: [false; 4],
            unsent: Default::default(),
            closing: [false; 2],
        }
    }

    fn step(&mut self, word: &str, rest: &str, line: &str, chunk: usize) {
        let side = side_of(if rest.is_empty() || word.len() == 2 { word } else { rest });
        match word {
            "c:" | "s:" | "c-" | "s-" | "c*" | "s*" => {
                let bytes = if word.ends_with('*') { bytes_of_step(line) } else { bytes_of(rest) };
                let unsent = &mut self.unsent[side as usize].0;
                unsent.extend(bytes);
                if !word.ends_with('-') {
                    unsent.push(b'\n');
                }
            }
            "c." | "s." => self.closing[side as usize] = true,
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
            "stale" => {
                let ticket = Ticket(rest.parse().expect("a ticket"));
                assert!(!self.engine.answer(&mut self.ledger, ticket, Answer::Approved, self.now));
            }
            "swap" => self.engine.swap_policy(policy(rest)),
            "facts" => {
                let mut parts = rest.splitn(3, ' ').skip(1);
                let session = parts.next().expect("a session").parse().expect("a number");
                self.engine.facts(side, Facts::new(session, parts.next().unwrap_or_default()));
            }
            "peer" => self.engine.facts(Side::Client, peer(rest)),
            "again" => {
                let made =
                    Engine::new(Arc::clone(&self.policy), self.limits, Wanted::ALL, self.now);
                let made = made.expect("limits in range");
                self.others.push(std::mem::replace(&mut self.engine, made));
                self.engine.facts(Side::Client, Facts::new(rest.parse().expect("a number"), ""));
            }
            "asks" => {
                let (ticket, wanted) = rest.split_once(' ').expect("a ticket and a question");
                let question = self.engine.question(Ticket(ticket.parse().expect("a ticket")));
                let told = match question.expect("an open ticket") {
                    Question::Call { tool, .. } => format!("call {tool}"),
                    Question::Path { path } => format!("path {path}"),
                    Question::Name { name } => format!("name {name}"),
                    _ => panic!("a question of no known kind"),
                };
                assert_eq!(told, wanted);
            }
            "resolved" => {
                let (ticket, text) = rest.split_once(' ').unwrap_or((rest, ""));
                let ticket = Ticket(ticket.parse().expect("a ticket"));
                let answer = Answer::Resolved(text);
                assert!(self.engine.answer(&mut self.ledger, ticket, answer, self.now));
            }
            "pause" => self.paused[reader(rest)] = true,
            "resume" => self.paused[reader(rest)] = false,
            "stalled" => {
                let stall = self.engine.stalled(side);
                let stall = stall.map_or("nothing".into(), |stall| format!("{stall:?}"));
                assert_eq!(stall.to_lowercase(), rest[2..], "why the lane stands");
            }
            "ended" => assert_eq!(self.engine.stalled(side), Some(Stall::Ended)),
            "finished" => assert!(self.engine.is_finished(), "not finished"),
            "open" => assert!(!self.engine.is_finished(), "finished"),
            _ => panic!("no such step: {word}"),
        }
        self.settle();
        while Side::ALL.into_iter().any(|side| self.feed(side, chunk)) {}
    }

    /// Hands over what a side has sent, as far as it is taken; whether anything moved.
    fn feed(&mut self, side: Side, chunk: usize) -> bool {
        let mut any = false;
        while self.unsent[side as usize].1 < self.unsent[side as usize].0.len() {
            let (bytes, at) = &self.unsent[side as usize];
            let piece = &bytes[*at..bytes.len().min(at.saturating_add(chunk))];
            let taken = self.engine.recv_copy(&mut self.ledger, side, piece, self.now);
            self.unsent[side as usize].1 += taken;
            let moved = self.settle();
            if taken == 0 && !moved {
                let over = self.engine.stalled(side) == Some(Stall::Ended);
                assert!(over || self.paused.contains(&true), "the engine takes no more");
                return any;
            }
            any = true;
        }
        self.unsent[side as usize] = (Vec::new(), 0);
        if std::mem::take(&mut self.closing[side as usize]) {
            self.engine.recv_close(&mut self.ledger, side, self.now);
            self.settle();
            any = true;
        }
        any
    }

    /// Takes all that comes out, until nothing moves; whether anything did.
    fn settle(&mut self) -> bool {
        let mut any = false;
        loop {
            let mut moved = false;
            self.engine.tick(&mut self.ledger, self.now);
            for (index, (to, _)) in RECEIVERS.into_iter().enumerate() {
                while !self.paused[index] {
                    let ready = self.engine.send_ready(to);
                    let count = ready.len().min(self.portion);
                    if count == 0 {
                        break;
                    }
                    self.out[index].extend_from_slice(&ready[..count]);
                    self.engine.send_commit(&mut self.ledger, to, count);
                    moved = true;
                }
            }
            while !self.paused[3]
                && let Some(event) = self.engine.next_event()
            {
                self.events.push(event);
                moved = true;
            }
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
        for ((_, mark), bytes) in RECEIVERS.into_iter().zip(std::mem::take(&mut self.out)) {
            let lines: Vec<_> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
            let mut rest = &lines[..];
            while let [line, tail @ ..] = rest {
                if let Some((known, count)) = many(block, mark, rest) {
                    let _ = writeln!(log, "{known}");
                    rest = &rest[count..];
                    continue;
                }
                let (mark, line) = match line.strip_suffix(b"\n") {
                    Some(line) => (format!("{mark}:"), line),
                    None => (format!("{mark}-"), *line),
                };
                let spelled = spelling(block, &mark, line);
                let _ = writeln!(log, "{mark} {spelled}");
                rest = tail;
            }
        }
        let events = std::mem::take(&mut self.events).into_iter();
        let events: Vec<_> = events
            .filter(|event| self.detail || event.kind != EventKind::Passed)
            .map(|event| veiled(block, describe(&event, self.detail)))
            .collect();
        for equal in events.chunk_by(|a, b| a == b) {
            match equal {
                [_, _, _, _, ..] => {
                    let _ = writeln!(log, "!* {} {}", equal.len(), equal[0]);
                }
                few => few.iter().for_each(|event| {
                    let _ = writeln!(log, "! {event}");
                }),
            }
        }
    }
}

fn side_of(name: &str) -> Side {
    if name.starts_with('c') { Side::Client } else { Side::Server }
}

/// The place among what is read of one that a case names.
fn reader(name: &str) -> usize {
    let names = ["s", "c", "noise", "events"];
    names.into_iter().position(|known| known == name).expect("s, c, noise or events")
}

/// The line of the case that stands for several of these lines, and for how many.
fn many<'a>(block: &'a str, mark: char, lines: &[&[u8]]) -> Option<(&'a str, usize)> {
    let known = block.lines().filter(|known| known.starts_with([mark]));
    known.filter_map(|known| Some((known, counted(known)?))).find_map(|(known, (count, text))| {
        let whole = lines.get(..count)?;
        let equal = whole
            .iter()
            .enumerate()
            .all(|(n, line)| line.strip_suffix(b"\n").is_some_and(|line| line == expand(text, n)));
        (equal && count > 0).then_some((known, count))
    })
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
        let spelled = line.utf8_chunks().fold(String::new(), |mut out, chunk| {
            out.push_str(&chunk.valid().replace('\r', "«CR»"));
            chunk.invalid().iter().for_each(|byte| {
                let _ = write!(out, "«{byte:02X}»");
            });
            out
        });
        veiled(block, spelled)
    })
}

/// The text with the macros of the case where their made-up secrets stand: no file shows one.
fn veiled(block: &str, text: String) -> String {
    let names = block.split("«fake:").skip(1).filter_map(|rest| rest.split_once('»'));
    names.fold(text, |text, (name, _)| {
        let secret = fake(name);
        let text = text.replace(&secret, &format!("«fake:{name}»"));
        text.replace(&masked(&secret), &format!("«mask:{name}»"))
    })
}

/// An event in words: kind, sender, message, reason, and what else it has.
fn describe(event: &Event, detail: bool) -> String {
    let reason = event.reason.map_or("-", |reason| reason.name());
    let mut out =
        format!("{} {} {} {reason}", event.kind.name(), event.from.name(), event.message.name());
    let check = Label::new(event.check);
    for (name, label) in
        [("", event.method), ("tool=", event.tool), ("rule=", event.rule), ("check=", check)]
    {
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
    if detail {
        let Event { bytes_in, bytes_out, session, server, .. } = event;
        let _ = write!(out, " in={bytes_in} out={bytes_out} session={session} server={server}");
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
            "client_frame_bytes_max" => limits.frame_bytes_max[0] = value,
            "server_frame_bytes_max" => limits.frame_bytes_max[1] = value,
            "frame_ms_max" => limits.frame_ms_max = u64::from(value),
            "ticket_ms" => limits.ticket_ms = u64::from(value),
            "id_taken_ms" => limits.id_taken_ms = u64::from(value),
            "events_max" => limits.events_max = value,
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
            "seals_max" => limits.seals_max = value,
            "refused_in_a_row_max" => limits.refused_in_a_row_max = value,
            _ => panic!("no such limit: {name}"),
        }
    }
    limits
}
