//! One message, as a plain JSON library reads it.

use portcullis_engine::{Limits, Message, Reason};

use crate::json::{self, Json};

/// The value of an id: two are the same if type and value are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Id {
    Number(String),
    Text(Vec<u8>),
}

impl Id {
    /// The id that a value spells, or `None` if peers may read it differently.
    pub(super) fn parse(spelled: &str, bytes_max: usize) -> Option<Self> {
        if spelled.len() > bytes_max {
            return None;
        }
        match json::read(spelled.as_bytes())? {
            Json::Text(text) => std::str::from_utf8(&text).is_ok().then_some(Id::Text(text)),
            Json::Atom(atom) => {
                let digits = atom.strip_prefix('-').unwrap_or(&atom);
                let integer = digits.bytes().all(|byte| byte.is_ascii_digit()) && atom != "-0";
                integer.then_some(Id::Number(atom))
            }
            _ => None,
        }
    }
}

/// A message, whatever is wrong with it.
pub(super) struct Msg {
    pub kind: Message,
    pub id: Option<(Id, String)>,
    pub json: Json,
    pub fault: Option<Reason>,
    pub modern: bool,
    pub is_result: bool,
    pub target: Option<Id>,
}

const KNOWN: [&str; 7] = ["jsonrpc", "id", "method", "params", "result", "error", "auth_token"];
const REVISION: &str = "io.modelcontextprotocol/protocolVersion";
const LEGACY: [&[u8]; 5] =
    [b"2024-10-07", b"2024-11-05", b"2025-03-26", b"2025-06-18", b"2025-11-25"];

impl Msg {
    /// Reads a text that is an object.
    pub(super) fn read(text: &str, limits: &Limits) -> Self {
        let json = json::read(text.as_bytes()).unwrap_or(Json::Object(Vec::new()));
        let spelled = json::members(text).unwrap_or_default();
        let has = |name: &str| json.get(name).is_some();
        let kind = match (has("method"), has("result") || has("error"), has("id")) {
            (false, true, _) => Message::Response,
            (_, _, true) => Message::Request,
            (true, _, false) => Message::Notification,
            (false, false, false) => Message::None,
        };
        let id = spelled.iter().rev().find(|(name, _)| name == b"id").map(|(_, value)| *value);
        let id_bytes_max = limits.id_bytes_max as usize;
        let ids = json.members().unwrap_or_default().iter().filter(|(name, _)| fold(name) == "id");
        let id = id.filter(|_| ids.count() == 1);
        let id = id.and_then(|id| Some((Id::parse(id, id_bytes_max)?, id.to_owned())));
        let is_result = has("result");
        let (fault, modern, target) = (None, false, None);
        let mut msg = Self { kind, id, json, fault, modern, is_result, target };
        msg.fault = msg.find_fault(&spelled, id_bytes_max).err();
        msg
    }

    /// Whether it says that it is a message.
    pub(super) fn claims(&self) -> bool {
        self.json.get("jsonrpc").is_some()
    }

    pub(super) fn method(&self) -> &[u8] {
        self.json.get("method").and_then(Json::text).unwrap_or_default()
    }

    pub(super) fn is_tool_call(&self) -> bool {
        self.method() == b"tools/call"
    }

    pub(super) fn may_stay(&self) -> bool {
        matches!(self.method(), b"subscriptions/listen" | b"tasks/result")
    }

    pub(super) fn tool(&self) -> Option<&[u8]> {
        self.json.get("params")?.get("name")?.text()
    }

    pub(super) fn token(&self) -> Option<&Json> {
        self.json.get("auth_token")
    }

    fn find_fault(&mut self, spelled: &[(Vec<u8>, &str)], id_max: usize) -> Result<(), Reason> {
        let has = |name: &str| self.json.get(name).is_some();
        if !is_unique(&self.json) {
            return Err(Reason::DuplicateMember);
        }
        if KNOWN.iter().any(|name| !has(name) && get_folded(&self.json, name).is_some()) {
            return Err(Reason::FoldedMember);
        }
        if self.json.get("jsonrpc").and_then(Json::text) != Some(b"2.0") {
            return Err(Reason::BadVersion);
        }
        let outcomes = ["method", "result", "error"];
        if outcomes.into_iter().filter(|name| has(name)).count() != 1 {
            return Err(Reason::Ambiguous);
        }
        if has("id") && self.id.is_none() {
            return Err(Reason::BadId);
        }
        if self.json.has_lone_name() {
            return Err(Reason::LoneSurrogate);
        }
        if has("method") {
            let params = spelled.iter().find(|(name, _)| name == b"params");
            return self.find_fault_in_call(params.map(|(_, text)| *text), id_max);
        }
        if self.json.get("error").is_some_and(|error| error.members().is_none()) {
            return Err(Reason::Ambiguous);
        }
        if has("result") && !has("id") { Err(Reason::BadId) } else { Ok(()) }
    }

    fn find_fault_in_call(&mut self, params: Option<&str>, id_max: usize) -> Result<(), Reason> {
        let Some(Json::Text(method)) = self.json.get("method") else {
            return Err(Reason::BadMethod);
        };
        if std::str::from_utf8(method).is_err() {
            return Err(Reason::LoneSurrogate);
        }
        let needs = matches!(&method[..], b"tools/call" | b"notifications/cancelled");
        let Some(text) = params else {
            return if needs { Err(Reason::BadParams) } else { Ok(()) };
        };
        let params = self.json.get("params").filter(|params| params.members().is_some());
        let params = params.ok_or(Reason::BadParams)?.clone();
        if !is_unique(&params) {
            return Err(Reason::DuplicateMember);
        }
        let name = named(&params, "name")?;
        match &method[..] {
            b"tools/call" => match name.ok_or(Reason::BadParams)? {
                Json::Text(name) if std::str::from_utf8(name).is_ok() => {}
                Json::Text(_) => return Err(Reason::LoneSurrogate),
                _ => return Err(Reason::BadParamsMember),
            },
            b"notifications/cancelled" => {
                named(&params, "requestId")?.ok_or(Reason::BadParams)?;
                let spelled = json::members(text).unwrap_or_default();
                let target = spelled.iter().find(|(name, _)| name == b"requestId");
                let target = target.and_then(|(_, text)| Id::parse(text, id_max));
                self.target = Some(target.ok_or(Reason::BadParamsMember)?);
            }
            _ => {}
        }
        if self.kind == Message::Request
            && let Some(meta) = named(&params, "_meta")?
        {
            meta.members().ok_or(Reason::BadParamsMember)?;
            if !is_unique(meta) {
                return Err(Reason::DuplicateMember);
            }
            if let Some(revision) = named(meta, REVISION)? {
                let text = revision.text().ok_or(Reason::BadParamsMember)?;
                self.modern = !LEGACY.contains(&text);
            }
        }
        Ok(())
    }
}

/// Why a line cannot be read as one JSON text that every peer takes for one: not JSON at all, a
/// bare CR, too deep.
pub(super) fn unreadable(text: &[u8], depth_max: u32) -> Option<Reason> {
    match json::read(text) {
        _ if text.iter().all(|byte| matches!(byte, b' ' | b'\t')) => None,
        None => Some(Reason::NotJson),
        Some(_) if text.contains(&b'\r') => Some(Reason::BareCr),
        Some(json) if json.depth() > depth_max => Some(Reason::TooDeep),
        Some(_) => None,
    }
}

/// Kind and id of a message that is refused unread.
pub(super) fn glance(text: &[u8], limits: &Limits) -> (Message, Option<String>) {
    let text = String::from_utf8_lossy(text);
    let Some(members) = json::members(&text) else { return (Message::None, None) };
    let count = |wanted: &[u8]| members.iter().filter(|(name, _)| name == wanted).count();
    let outcome = count(b"result") + count(b"error") > 0;
    let kind = kind(count(b"method") > 0, outcome, count(b"id") > 0);
    let one = members.iter().find(|(name, _)| name == b"id").filter(|_| count(b"id") == 1);
    let id = one.filter(|(_, id)| Id::parse(id, limits.id_bytes_max as usize).is_some());
    (kind, id.map(|(_, id)| (*id).to_owned()))
}

fn kind(asks: bool, answers: bool, has_id: bool) -> Message {
    match (asks, answers, has_id) {
        (true, false, false) => Message::Notification,
        (true, false, true) => Message::Request,
        (false, true, _) => Message::Response,
        _ => Message::None,
    }
}

/// The member of this name; a variant that some decoder takes for it is an error.
fn named<'a>(object: &'a Json, name: &str) -> Result<Option<&'a Json>, Reason> {
    match (object.get(name), get_folded(object, name)) {
        (None, Some(_)) => Err(Reason::FoldedMember),
        (found, _) => Ok(found),
    }
}

fn get_folded<'a>(object: &'a Json, name: &str) -> Option<&'a Json> {
    let wanted = fold(name.as_bytes());
    object.members()?.iter().find(|(other, _)| fold(other) == wanted).map(|(_, value)| value)
}

/// Whether no two members have the same name to any decoder.
fn is_unique(object: &Json) -> bool {
    let mut names: Vec<String> =
        object.members().unwrap_or_default().iter().map(|(name, _)| fold(name)).collect();
    names.sort();
    names.windows(2).all(|pair| pair[0] != pair[1])
}

/// Enough of case folding for the names that tests use.
fn fold(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}
