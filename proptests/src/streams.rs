//! What peers may send: frames, good ones and those with one thing wrong, policies, scripts.
//!
//! Everything is plain data that proptest makes and makes smaller; bytes come last. Ids, methods
//! and tools come from small tables, so that they meet.

use std::sync::LazyLock;

use portcullis_engine::{
    AuthConfig, BatchConfig, Limits, PolicyConfig, RefusalConfig, RequestConfig, Side, TokenConfig,
    ToolConfig, UnreadableId,
};
use proptest::prelude::*;

use crate::secrets::{self, Fake, Spelling, TOKEN, WRONG_TOKEN, spell};
use crate::world::Step;

/// The secret that frames of this module hold.
pub static FAKE: LazyLock<Fake> = LazyLock::new(|| secrets::critical(7));
/// Ids that are ids; the third and fourth are one value.
const IDS: [&str; 8] =
    ["1", "2", "\"a\"", "\"\\u0061\"", "\"1\"", "-7", "9007199254740993", "\"\\/\u{e9}\""];
/// Ids that are none.
const BAD_IDS: [&str; 8] = ["1.0", "-0", "1e2", "null", "[1]", "{}", "true", "\"\\ud800\""];
const METHODS: [&str; 7] = [
    "tools/call",
    "ping",
    "tools/list",
    "initialize",
    "subscriptions/listen",
    "resources/read",
    "tools\\/call",
];
/// The first is denied by policies that deny.
const TOOLS: [&str; 3] = ["denied", "echo", "\\u0064enied"];
/// Values that every parser has to leave alone.
const VALUES: [&str; 10] = [
    "0",
    "\"x\"",
    "[1.0,-0,1e2,1E400]",
    "123456789012345678901234567890",
    "\"\\u00e9\\/\\n\u{2028}\u{e9}\"",
    "\"\\ud83d\\ude80 \\ud800 \\u0000\"",
    "{\"a\":1,\"a\":2}",
    "[[[{\"b\":[]}]],null,true]",
    "{}",
    "\"\\\\\\\"{\\\"id\\\":5}\"",
];
/// A revision of the modern era, and one that is not.
const REVISIONS: [&str; 2] = ["2026-07-28", "2025-06-18"];

/// What a frame wants to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `method` and `id`.
    Request,
    /// `method`.
    Notification,
    /// `notifications/cancelled` of the id.
    Cancel,
    /// `result`.
    Result,
    /// `result` with a list of tools.
    Tools,
    /// `error`.
    Error,
}

/// The one thing that is wrong with a frame, or odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it; `render` shows it")]
pub enum Quirk {
    None,
    Crlf,
    Spaces,
    EscapedNames,
    TwoOf(u8),
    FoldedTwin(u8),
    FoldedOnly(u8),
    NoVersion,
    BadVersion,
    BothOutcomes,
    NoOutcome,
    MethodIsNoText,
    ParamsIsArray,
    NoParams,
    TwoParams,
    FoldedName,
    NameIsNoText,
    MetaIsNoObject,
    TwoMeta,
    LoneInMethod,
    LoneInName,
    LoneInKey,
    ErrorIsNoObject,
    BadId(u8),
    NoId,
    LongId,
    BareCr(u8),
    Truncated(u8),
    Trailing,
    Mark,
    Control,
    BadUtf8,
    BadEscape,
    Deep(u8),
}

impl Quirk {
    /// Whether the line cannot be read as one JSON text that every peer takes for one.
    fn spoils(self) -> bool {
        matches!(
            self,
            Quirk::Crlf
                | Quirk::BareCr(_)
                | Quirk::Truncated(_)
                | Quirk::Trailing
                | Quirk::Mark
                | Quirk::Control
                | Quirk::BadUtf8
                | Quirk::BadEscape
                | Quirk::Deep(_)
        )
    }
}

/// `auth_token`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Token {
    None,
    Good,
    GoodEscaped,
    GoodFirst,
    Wrong,
    Empty,
    NoText,
    InParams,
    Twice,
}

/// Where a secret is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Plant {
    None,
    Value,
    Twice,
    Key,
    Nested,
    Id,
    Method,
    Name,
    TopName,
    Cursor,
    Token,
}

/// One message.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Frame {
    pub kind: Kind,
    pub id: u8,
    pub method: u8,
    pub tool: u8,
    pub value: u8,
    pub revision: Option<u8>,
    pub quirk: Quirk,
    pub token: Token,
    pub plant: Plant,
    pub spelling: Spelling,
}

impl Frame {
    /// A request with nothing special about it.
    pub const PLAIN: Frame = Frame {
        kind: Kind::Request,
        id: 0,
        method: 1,
        tool: 1,
        value: 0,
        revision: None,
        quirk: Quirk::None,
        token: Token::None,
        plant: Plant::None,
        spelling: Spelling::Plain,
    };

    /// Its bytes, without a newline.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        let mut members = self.members();
        self.twist(&mut members);
        let (comma, colon) = match self.quirk {
            Quirk::Spaces => (" ,\t", " : "),
            _ => (",", ":"),
        };
        let all: Vec<String> =
            members.iter().map(|(name, value)| format!("\"{name}\"{colon}{value}")).collect();
        let mut text = format!("{{{}}}", all.join(comma)).into_bytes();
        if self.quirk == Quirk::Spaces {
            text = [b" ".as_slice(), &text, b"\t "].concat();
        }
        self.spoil(&mut text);
        text
    }

    fn members(&self) -> Vec<(String, String)> {
        let mut members = Vec::new();
        let mut add = |name: &str, value: String| members.push((name.to_owned(), value));
        if self.token == Token::GoodFirst {
            add("auth_token", format!("\"{TOKEN}\""));
        }
        add("jsonrpc", "\"2.0\"".to_owned());
        let id = self.id_text();
        match self.kind {
            Kind::Request | Kind::Result | Kind::Tools | Kind::Error => add("id", id.clone()),
            Kind::Notification | Kind::Cancel => {}
        }
        match self.kind {
            Kind::Request | Kind::Notification | Kind::Cancel => {
                add("method", self.method_text());
                add("params", self.params(&id));
            }
            Kind::Result => add("result", self.content()),
            Kind::Tools => add("result", self.tools()),
            Kind::Error => {
                add("error", format!("{{\"code\":-5,\"message\":{}}}", self.text()));
            }
        }
        if self.plant == Plant::TopName {
            add(&spell(&FAKE.text, self.spelling), "1".to_owned());
        }
        match self.token {
            Token::None | Token::GoodFirst | Token::InParams => {}
            Token::Good => add("auth_token", format!("\"{TOKEN}\"")),
            Token::GoodEscaped => {
                add("\\u0061uth_token", format!("\"{}\"", spell(TOKEN, Spelling::Hex)));
            }
            Token::Wrong => add("auth_token", format!("\"{WRONG_TOKEN}\"")),
            Token::Empty => add("auth_token", "\"\"".to_owned()),
            Token::NoText => add("auth_token", "17".to_owned()),
            Token::Twice => {
                add("auth_token", format!("\"{WRONG_TOKEN}\""));
                add("auth_token", format!("\"{TOKEN}\""));
            }
        }
        members
    }

    fn id_text(&self) -> String {
        match (self.quirk, self.plant) {
            (Quirk::BadId(which), _) => BAD_IDS[usize::from(which) % BAD_IDS.len()].to_owned(),
            (Quirk::LongId, _) => format!("\"{}\"", "i".repeat(300)),
            (_, Plant::Id) => format!("\"{}\"", spell(&FAKE.text, self.spelling)),
            _ => IDS[usize::from(self.id) % IDS.len()].to_owned(),
        }
    }

    fn method_text(&self) -> String {
        let method = match self.kind {
            Kind::Cancel => "notifications/cancelled",
            Kind::Notification => "notifications/progress",
            _ => METHODS[usize::from(self.method) % METHODS.len()],
        };
        match (self.quirk, self.plant) {
            (Quirk::MethodIsNoText, _) => "7".to_owned(),
            (Quirk::LoneInMethod, _) => "\"\\udfff\"".to_owned(),
            (_, Plant::Method) => format!("\"x/{}\"", spell(&FAKE.text, self.spelling)),
            _ => format!("\"{method}\""),
        }
    }

    fn params(&self, id: &str) -> String {
        let mut all = Vec::new();
        match self.kind {
            Kind::Cancel => all.push(format!("\"requestId\":{id}")),
            _ => {
                let tool = match (self.quirk, self.plant) {
                    (Quirk::NameIsNoText, _) => "[]".to_owned(),
                    (Quirk::LoneInName, _) => "\"\\ud800\"".to_owned(),
                    (_, Plant::Name) => format!("\"{}\"", spell(&FAKE.text, self.spelling)),
                    _ => format!("\"{}\"", TOOLS[usize::from(self.tool) % TOOLS.len()]),
                };
                all.push(format!("\"name\":{tool}"));
                all.push(format!("\"arguments\":{}", self.content()));
            }
        }
        if self.plant == Plant::Cursor {
            all.push(format!("\"cursor\":\"{}\"", spell(&FAKE.text, self.spelling)));
        }
        if self.token == Token::InParams {
            all.push(format!("\"auth_token\":\"{TOKEN}\""));
        }
        match (self.quirk, self.revision) {
            (Quirk::MetaIsNoObject, _) => all.push("\"_meta\":[]".to_owned()),
            (Quirk::TwoMeta, _) => all.push("\"_meta\":{\"a\":1,\"A\":2}".to_owned()),
            (_, Some(which)) => all.push(format!(
                "\"_meta\":{{\"io.modelcontextprotocol/protocolVersion\":\"{}\"}}",
                REVISIONS[usize::from(which) % REVISIONS.len()]
            )),
            _ => {}
        }
        match self.quirk {
            Quirk::TwoParams => all.push("\"NAME\":1,\"name\":2".to_owned()),
            Quirk::FoldedName => all[0] = "\"Name\":\"echo\",\"requestid\":1".to_owned(),
            _ => {}
        }
        format!("{{{}}}", all.join(","))
    }

    /// An object with what is planted.
    fn content(&self) -> String {
        let key = match (self.quirk, self.plant) {
            (Quirk::LoneInKey, _) => "\\ud800".to_owned(),
            (_, Plant::Key) => format!("a {} b", spell(&FAKE.text, self.spelling)),
            _ => "k".to_owned(),
        };
        let value = VALUES[usize::from(self.value) % VALUES.len()];
        let nested = match self.quirk {
            Quirk::Deep(levels) => {
                let levels = 100 + usize::from(levels);
                format!("{}{}", "[".repeat(levels), "]".repeat(levels))
            }
            _ => "[]".to_owned(),
        };
        format!("{{\"{key}\":{value},\"text\":{},\"deep\":{nested}}}", self.text())
    }

    /// A string with what is planted.
    fn text(&self) -> String {
        let secret = spell(&FAKE.text, self.spelling);
        match self.plant {
            Plant::Value => format!("\"is {secret}.\""),
            Plant::Twice => format!("\"{secret} and {secret}\""),
            Plant::Nested => format!("\"{{\\\"k\\\":\\\"{secret}\\\"}}\""),
            Plant::Token => format!("\"t {} t\"", spell(TOKEN, self.spelling)),
            _ => "\"nothing \\u0061t all\"".to_owned(),
        }
    }

    fn tools(&self) -> String {
        let item = |name: &str| format!("{{\"name\":\"{name}\",\"d\":{}}}", self.text());
        let all: Vec<String> = match self.tool % 4 {
            0 => vec![item("denied")],
            1 => vec![item("echo"), item("denied"), item("\\u0064enied")],
            2 => vec![item("denied"), item("echo"), item("denied"), item("x")],
            _ => vec![],
        };
        format!("{{\"tools\":[{}],\"cacheScope\":\"public\"}}", all.join(", "))
    }

    /// Quirks of the list of members.
    fn twist(&self, members: &mut Vec<(String, String)>) {
        let len = members.len();
        let at = |which: u8| usize::from(which) % len;
        match self.quirk {
            Quirk::TwoOf(which) => members.push(members[at(which)].clone()),
            Quirk::FoldedTwin(which) => {
                let (name, value) = members[at(which)].clone();
                members.push((folded(&name), value));
            }
            Quirk::FoldedOnly(which) => {
                let name = folded(&members[at(which)].0);
                members[at(which)].0 = name;
            }
            Quirk::EscapedNames => {
                for (name, _) in members.iter_mut().filter(|(name, _)| !name.contains('\\')) {
                    *name = spell(name, Spelling::SomeHex);
                }
            }
            Quirk::NoVersion => members.retain(|(name, _)| name != "jsonrpc"),
            Quirk::BadVersion => {
                if let Some(version) = members.iter_mut().find(|(name, _)| name == "jsonrpc") {
                    version.1 = "2.0".to_owned();
                }
            }
            Quirk::NoId => members.retain(|(name, _)| name != "id"),
            Quirk::NoOutcome => {
                members.retain(|(name, _)| !matches!(&name[..], "method" | "result" | "error"));
            }
            Quirk::BothOutcomes => {
                members.push(("error".to_owned(), "{}".to_owned()));
                members.push(("result".to_owned(), "{}".to_owned()));
            }
            Quirk::ParamsIsArray => {
                members.retain(|(name, _)| name != "params");
                members.push(("params".to_owned(), "[]".to_owned()));
            }
            Quirk::NoParams => members.retain(|(name, _)| name != "params"),
            Quirk::ErrorIsNoObject => {
                if let Some(error) = members.iter_mut().find(|(name, _)| name == "error") {
                    error.1 = "\"oh\"".to_owned();
                }
            }
            _ => {}
        }
    }

    /// Quirks of the bytes.
    fn spoil(&self, text: &mut Vec<u8>) {
        match self.quirk {
            Quirk::Crlf => text.push(b'\r'),
            Quirk::BareCr(which) => {
                let places: Vec<usize> =
                    (0..text.len()).filter(|&at| matches!(text[at], b',' | b'{')).collect();
                text.insert(places[usize::from(which) % places.len()] + 1, b'\r');
            }
            Quirk::Truncated(by) => text.truncate(text.len() - 1 - usize::from(by) % 20),
            Quirk::Trailing => text.extend_from_slice(b" ]"),
            Quirk::Mark => text.splice(0..0, "\u{feff}".bytes()).for_each(drop),
            Quirk::Control => replace(text, b"nothing", b"n\x00thing"),
            Quirk::BadUtf8 => replace(text, b"nothing", b"n\xc3\x28thing"),
            Quirk::BadEscape => replace(text, b"nothing", b"n\\x00thing"),
            _ => {}
        }
    }
}

/// A spelling of the name that some decoders take for it.
fn folded(name: &str) -> String {
    match name {
        "params" => "param\u{17f}".to_owned(),
        "auth_token" => "auth_to\\u212aen".to_owned(),
        _ => name.to_uppercase().replace("\\U", "\\u"),
    }
}

fn replace(text: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    if let Some(at) = text.windows(from.len()).position(|window| window == from) {
        text.splice(at..at + from.len(), to.iter().copied());
    }
}

/// What happens, before it becomes bytes.
#[derive(Clone, Debug)]
pub enum Action {
    /// A side sends one message in a line.
    Line(Side, Frame),
    /// A side sends an array.
    Array(Side, Vec<Frame>),
    /// A side sends a line that is none.
    Junk(Side, u8),
    /// Time passes.
    Wait(u64),
    /// A side closes.
    Close(Side),
    /// A side sends a line without its end, and closes.
    LastLine(Side, Frame),
    /// The host drains.
    Drain(u64),
}

/// Lines that are no messages.
const JUNK: [&[u8]; 12] = [
    b"",
    b" \t ",
    b"\r",
    b"Listening on stdio",
    b"17",
    b"\"text\"",
    b"null",
    b"[]",
    b"[[]]",
    b"[1,{}]",
    b"\xff\xfe",
    b"{\"jsonrpc\":\"2.0\"",
];

impl Action {
    /// As steps of a world.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let line = |side, mut bytes: Vec<u8>| {
            bytes.push(b'\n');
            vec![Step::Bytes(side, bytes)]
        };
        match self {
            Action::Line(side, frame) => line(*side, frame.render()),
            Action::Array(side, frames) => {
                let mut frames = frames.clone();
                let mut spoilt = false;
                for frame in &mut frames {
                    // Of two reasons not to read a line, which is met first is nobody's business.
                    if spoilt && frame.quirk.spoils() {
                        frame.quirk = Quirk::None;
                    }
                    spoilt |= frame.quirk.spoils();
                }
                let all: Vec<Vec<u8>> = frames.iter().map(Frame::render).collect();
                line(*side, [b"[".as_slice(), &all.join(b", ".as_slice()), b"]"].concat())
            }
            Action::Junk(side, which) => {
                line(*side, JUNK[usize::from(*which) % JUNK.len()].to_vec())
            }
            Action::Wait(ms) => vec![Step::Wait(*ms)],
            Action::Close(side) => vec![Step::Close(*side)],
            Action::LastLine(side, frame) => {
                vec![Step::Bytes(*side, frame.render()), Step::Close(*side)]
            }
            Action::Drain(ms) => vec![Step::Drain(*ms)],
        }
    }
}

/// The steps of all actions. `glued`: lines of one side that follow each other come together.
#[must_use]
pub fn script(actions: &[Action], glued: bool) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for step in actions.iter().flat_map(Action::steps) {
        match (steps.last_mut(), step) {
            (Some(Step::Bytes(last, bytes)), Step::Bytes(side, more)) if glued && *last == side => {
                bytes.extend(more);
            }
            (_, step) => steps.push(step),
        }
    }
    steps
}

/// Either side.
pub fn side() -> impl Strategy<Value = Side> {
    prop_oneof![2 => Just(Side::Client), 1 => Just(Side::Server)]
}

fn quirk() -> impl Strategy<Value = Quirk> {
    let plain = prop_oneof![
        30 => Just(Quirk::None),
        2 => Just(Quirk::Crlf),
        2 => Just(Quirk::Spaces),
        1 => Just(Quirk::EscapedNames),
    ];
    let numbered = prop_oneof![
        any::<u8>().prop_map(Quirk::TwoOf),
        any::<u8>().prop_map(Quirk::FoldedTwin),
        any::<u8>().prop_map(Quirk::FoldedOnly),
        any::<u8>().prop_map(Quirk::BadId),
        any::<u8>().prop_map(Quirk::BareCr),
        any::<u8>().prop_map(Quirk::Truncated),
        (20..40_u8).prop_map(Quirk::Deep),
    ];
    let others = proptest::sample::select(vec![
        Quirk::NoVersion,
        Quirk::BadVersion,
        Quirk::BothOutcomes,
        Quirk::NoOutcome,
        Quirk::MethodIsNoText,
        Quirk::ParamsIsArray,
        Quirk::NoParams,
        Quirk::TwoParams,
        Quirk::FoldedName,
        Quirk::NameIsNoText,
        Quirk::MetaIsNoObject,
        Quirk::TwoMeta,
        Quirk::LoneInMethod,
        Quirk::LoneInName,
        Quirk::LoneInKey,
        Quirk::ErrorIsNoObject,
        Quirk::NoId,
        Quirk::LongId,
        Quirk::Trailing,
        Quirk::Mark,
        Quirk::Control,
        Quirk::BadUtf8,
        Quirk::BadEscape,
    ]);
    prop_oneof![5 => plain, 1 => numbered, 1 => others]
}

fn token() -> impl Strategy<Value = Token> {
    let rare = proptest::sample::select(vec![
        Token::GoodEscaped,
        Token::GoodFirst,
        Token::Wrong,
        Token::Empty,
        Token::NoText,
        Token::InParams,
        Token::Twice,
    ]);
    prop_oneof![4 => Just(Token::None), 4 => Just(Token::Good), 1 => rare]
}

fn plant() -> impl Strategy<Value = Plant> {
    let rare = proptest::sample::select(vec![
        Plant::Twice,
        Plant::Key,
        Plant::Nested,
        Plant::Id,
        Plant::Method,
        Plant::Name,
        Plant::TopName,
        Plant::Cursor,
        Plant::Token,
    ]);
    prop_oneof![8 => Just(Plant::None), 1 => Just(Plant::Value), 1 => rare]
}

/// A frame.
pub fn frame() -> impl Strategy<Value = Frame> {
    let kind = prop_oneof![
        4 => Just(Kind::Request),
        1 => Just(Kind::Notification),
        1 => Just(Kind::Cancel),
        2 => Just(Kind::Result),
        1 => Just(Kind::Tools),
        1 => Just(Kind::Error),
    ];
    let revision = prop_oneof![9 => Just(None), 1 => (0..2_u8).prop_map(Some)];
    let spelling = proptest::sample::select(Spelling::ALL.to_vec());
    let numbers = (0..8_u8, 0..7_u8, 0..4_u8, 0..10_u8);
    (kind, numbers, revision, quirk(), token(), plant(), spelling).prop_map(
        |(kind, (id, method, tool, value), revision, quirk, token, plant, spelling)| Frame {
            kind,
            id,
            method,
            tool,
            value,
            revision,
            quirk,
            token,
            plant,
            spelling,
        },
    )
}

/// An action.
pub fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        60 => (side(), frame()).prop_map(|(side, frame)| Action::Line(side, frame)),
        8 => (side(), proptest::collection::vec(frame(), 1..6))
            .prop_map(|(side, frames)| Action::Array(side, frames)),
        6 => (side(), any::<u8>()).prop_map(|(side, which)| Action::Junk(side, which)),
        4 => (1..400_u64).prop_map(Action::Wait),
        1 => Just(Action::Wait(400_000)),
        1 => side().prop_map(Action::Close),
        1 => (side(), frame()).prop_map(|(side, frame)| Action::LastLine(side, frame)),
        1 => (0..500_u64).prop_map(Action::Drain),
    ]
}

/// A script of at most so many actions.
pub fn actions(most: usize) -> impl Strategy<Value = Vec<Action>> {
    proptest::collection::vec(action(), 1..most)
}

/// A policy out of the switches that there are.
pub fn policy() -> impl Strategy<Value = PolicyConfig> {
    let unreadable_id = proptest::sample::select(vec![
        UnreadableId::Revision,
        UnreadableId::Null,
        UnreadableId::Absent,
        UnreadableId::None,
    ]);
    let refusals = (any::<bool>(), unreadable_id)
        .prop_map(|(as_result, unreadable_id)| RefusalConfig { as_result, unreadable_id });
    let timeout = prop_oneof![2 => Just(None), 1 => (100..1_000_u64).prop_map(Some)];
    let rarely = || prop_oneof![4 => Just(false), 1 => Just(true)];
    (rarely(), rarely(), rarely(), timeout, any::<bool>(), refusals).prop_map(
        |(auth, no_redaction, no_batch, timeout_ms, denies, refusals)| {
            let mut policy = PolicyConfig {
                batch: BatchConfig { enabled: !no_batch },
                requests: RequestConfig { timeout_ms, ..RequestConfig::default() },
                tools: ToolConfig {
                    deny: denies.then(|| "denied".to_owned()).into_iter().collect(),
                    ask: vec![],
                },
                refusals,
                ..PolicyConfig::default()
            };
            policy.redaction.enabled = !no_redaction;
            if auth {
                policy.auth = auth_by_token();
            }
            policy
        },
    )
}

/// One live token.
#[must_use]
pub fn auth_by_token() -> AuthConfig {
    let token = Some(TOKEN.to_owned().into());
    let token = TokenConfig { name: "t".to_owned(), token, ..TokenConfig::default() };
    AuthConfig { tokens: vec![token], ..AuthConfig::default() }
}

/// Limits at which things happen within a few frames.
#[must_use]
pub fn small_limits(window: u32) -> Limits {
    let mut limits = Limits::default();
    limits.frame_bytes_max = [8 << 10; 2];
    limits.batch_window = window;
    limits.requests_open_max = 6;
    limits
}
