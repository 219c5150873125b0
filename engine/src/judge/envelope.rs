//! The JSON-RPC envelope: what a frame is, and the few members a decision rests on.
//!
//! No decision rests on a member whose object was not read whole: a second member of the same
//! name, after decoding escapes and folding case, refuses the frame, since two peers would read
//! two different messages.

use std::borrow::Cow;
use std::ops::Range;

use crate::base::event::{Label, Message};
use crate::base::limits::Limits;
use crate::base::reason::Reason;
use crate::wire::cursor::{Cursor, Member};
use crate::wire::fold;
use crate::wire::grammar::TopMember;
use crate::wire::id::IdText;
use crate::wire::scanner::Scanner;
use crate::wire::text;

/// The methods that the engine itself has to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Method {
    #[default]
    Other,
    Initialize,
    ToolsCall,
    ToolsList,
    /// `resources/read`, `resources/subscribe`, `resources/unsubscribe`.
    Resource,
    ResourcesList,
    TemplatesList,
    /// `prompts/get`.
    Prompt,
    PromptsList,
    Complete,
    Cancelled,
    /// `subscriptions/listen`.
    Listen,
    /// `tasks/result`.
    TaskResult,
}

impl Method {
    pub(crate) fn of(name: &[u8]) -> Self {
        match name {
            b"initialize" => Self::Initialize,
            b"tools/call" => Self::ToolsCall,
            b"tools/list" => Self::ToolsList,
            b"resources/read" | b"resources/subscribe" | b"resources/unsubscribe" => Self::Resource,
            b"resources/list" => Self::ResourcesList,
            b"resources/templates/list" => Self::TemplatesList,
            b"prompts/get" => Self::Prompt,
            b"prompts/list" => Self::PromptsList,
            b"completion/complete" => Self::Complete,
            b"notifications/cancelled" => Self::Cancelled,
            b"subscriptions/listen" => Self::Listen,
            b"tasks/result" => Self::TaskResult,
            _ => Self::Other,
        }
    }

    /// Whether a request may stay open for good.
    pub(crate) fn may_stay(self) -> bool {
        matches!(self, Self::Listen | Self::TaskResult)
    }
}

/// What was read of a frame; offsets are those of the frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct Envelope {
    pub message: Message,
    /// The spelling of the id, if it is one.
    pub id: Option<Range<usize>>,
    pub method: Method,
    pub method_label: Label,
    pub tool: Label,
    /// The decoded name of the tool was too long for its label.
    pub tool_is_cut: bool,
    /// The request names a revision in `_meta`, as only those of 2026-07-28 and later do.
    pub modern: bool,
    /// The response is a result.
    pub is_result: bool,
    /// What `notifications/cancelled` takes back.
    pub target: Option<Range<usize>>,
    /// The value of `auth_token`, and what has to be cut to remove it.
    pub token: Option<Range<usize>>,
    pub token_cut: Option<Range<usize>>,
    /// The raw value of `params.name`.
    pub params_name: Option<Range<usize>>,
    pub method_at: Option<Range<usize>>,
    /// Which of the members of objects are those of `params`, and which those of `result`, or else
    /// of `error`.
    pub params: Range<usize>,
    pub outcome: Range<usize>,
    /// There is a `jsonrpc` member; without one this is no message at all.
    pub claims: bool,
    /// Why the frame is refused, whatever the policy says.
    pub fault: Option<Reason>,
}

const KNOWN: [(&str, u64); 7] = [
    known("jsonrpc"),
    known("id"),
    known("method"),
    known("params"),
    known("result"),
    known("error"),
    known("auth_token"),
];

const fn known(name: &'static str) -> (&'static str, u64) {
    (name, fold::hash_of(name))
}

/// The place of `id` among the known names.
const ID: usize = 1;
const META: (&str, u64) = known("_meta");
const NAME: (&str, u64) = known("name");
const REQUEST_ID: (&str, u64) = known("requestId");
const REVISION: (&str, u64) = known("io.modelcontextprotocol/protocolVersion");

impl Envelope {
    /// The whole name of the tool that is called, however long.
    pub(crate) fn tool_name<'a>(&'a self, frame: &'a [u8]) -> Cow<'a, str> {
        if !self.tool_is_cut {
            return Cow::Borrowed(self.tool.as_str());
        }
        let value = self.params_name.clone().unwrap_or_default();
        let mut decoded = Vec::new();
        text::decode(string(frame, &value).unwrap_or_default(), &mut decoded);
        Cow::Owned(String::from_utf8(decoded).unwrap_or_default())
    }

    /// Reads the envelope of a validated object.
    pub(crate) fn read(frame: &[u8], scan: &Scanner, limits: &Limits, seen: &mut Vec<u64>) -> Self {
        let mut envelope = Self::default();
        envelope.fault = envelope.fill(frame, scan, limits, seen).err();
        envelope
    }

    /// Goes on after a fault as far as the asker and its id can be told, so that the right request
    /// gets the error.
    fn fill(
        &mut self,
        frame: &[u8],
        scan: &Scanner,
        limits: &Limits,
        seen: &mut Vec<u64>,
    ) -> Result<(), Reason> {
        let top = scan.top();
        let unique = members_unique(frame, top.iter().map(|member| &member.at), seen);
        let mut found: [Option<&TopMember>; KNOWN.len()] = [None; KNOWN.len()];
        let (mut folded, mut ids) = (false, 0);
        for member in top {
            match known_index(&frame[member.at.name.clone()]) {
                Known::Exactly(index) => {
                    ids += usize::from(index == ID);
                    found[index] = Some(member);
                }
                Known::Folded(index) => {
                    ids += usize::from(index == ID);
                    folded = true;
                }
                Known::No => {}
            }
        }
        let [version, id, method, params, result, error, token] = found;
        let id_is_plain = ids == usize::from(id.is_some());
        self.tell(frame, limits, id_is_plain, id, method, result.or(error));
        self.is_result = result.is_some();
        let inner = |member: Option<&TopMember>| member.map_or(0..0, |it| it.inner.clone());
        (self.params, self.outcome) = (inner(params), inner(result.or(error)));
        self.claims = version.is_some();
        if let Some(member) = token {
            self.token = Some(member.at.value.clone());
            self.token_cut = Some(cut(frame, top, member));
        }
        if scan.has_overflow() && (top.len() >= limits.members_max as usize || params.is_some()) {
            return Err(Reason::TooManyMembers);
        }
        if !unique {
            return Err(Reason::DuplicateMember);
        }
        if folded {
            return Err(Reason::FoldedMember);
        }
        if version.is_none_or(|member| !is_string(frame, &member.at.value, b"2.0")) {
            return Err(Reason::BadVersion);
        }
        let parts = [method.is_some(), result.is_some(), error.is_some()];
        if parts.into_iter().filter(|&is| is).count() != 1 {
            return Err(Reason::Ambiguous);
        }
        if id.is_some() && self.id.is_none() {
            return Err(Reason::BadId);
        }
        if scan.has_surrogate() && has_lone_name(frame, scan) {
            return Err(Reason::LoneSurrogate);
        }
        match method {
            Some(method) => self.read_call(frame, scan, limits, method, params, seen),
            None if error.is_some_and(|error| frame[error.at.value.start] != b'{') => {
                Err(Reason::Ambiguous)
            }
            None if id.is_none() && result.is_some() => Err(Reason::BadId),
            None => Ok(()),
        }
    }

    /// What kind of message this is, and its id, as far as that can be told.
    fn tell(
        &mut self,
        frame: &[u8],
        limits: &Limits,
        id_is_plain: bool,
        id: Option<&TopMember>,
        method: Option<&TopMember>,
        outcome: Option<&TopMember>,
    ) {
        self.message = match (method, outcome, id) {
            (None, Some(_), _) => Message::Response,
            (_, _, Some(_)) => Message::Request,
            (Some(_), _, None) => Message::Notification,
            (None, None, None) => Message::None,
        };
        self.id = id.map(|member| member.at.value.clone()).filter(|value| {
            id_is_plain
                && IdText::parse(&frame[value.clone()], limits.id_bytes_max as usize).is_some()
        });
        if let Some(method) = method {
            self.method_at = Some(method.at.value.clone());
            if let Some(raw) = string(frame, &method.at.value) {
                self.method_label = label(raw);
                self.method = Method::of(self.method_label.as_str().as_bytes());
            }
        }
    }

    /// Reads the members of `params` that decisions rest on.
    fn read_call(
        &mut self,
        frame: &[u8],
        scan: &Scanner,
        limits: &Limits,
        method: &TopMember,
        params: Option<&TopMember>,
        seen: &mut Vec<u64>,
    ) -> Result<(), Reason> {
        let Some(raw) = string(frame, &method.at.value) else { return Err(Reason::BadMethod) };
        if text::has_lone_surrogate(raw) {
            return Err(Reason::LoneSurrogate);
        }
        let Some(params) = params else {
            let needs = matches!(self.method, Method::ToolsCall | Method::Cancelled);
            return if needs { Err(Reason::BadParams) } else { Ok(()) };
        };
        if frame[params.at.value.start] != b'{' {
            return Err(Reason::BadParams);
        }
        let inner = &scan.inner()[params.inner.clone()];
        if !members_unique(frame, inner.iter(), seen) {
            return Err(Reason::DuplicateMember);
        }
        if let Some(member) = named(frame, inner.iter(), NAME)? {
            self.params_name = Some(member.value.clone());
        }
        match self.method {
            Method::ToolsCall => self.read_tool(frame)?,
            Method::Cancelled => {
                let target = named(frame, inner.iter(), REQUEST_ID)?.ok_or(Reason::BadParams)?;
                let spelled = &frame[target.value.clone()];
                IdText::parse(spelled, limits.id_bytes_max as usize)
                    .ok_or(Reason::BadParamsMember)?;
                self.target = Some(target.value.clone());
            }
            _ => {}
        }
        if self.message == Message::Request
            && let Some(meta) = named(frame, inner.iter(), META)?
        {
            self.read_meta(frame, meta, limits, seen)?;
        }
        Ok(())
    }

    fn read_tool(&mut self, frame: &[u8]) -> Result<(), Reason> {
        let value = self.params_name.clone().ok_or(Reason::BadParams)?;
        let raw = string(frame, &value).ok_or(Reason::BadParamsMember)?;
        if text::has_lone_surrogate(raw) {
            return Err(Reason::LoneSurrogate);
        }
        self.tool = label(raw);
        self.tool_is_cut = self.tool.is_cut();
        Ok(())
    }

    fn read_meta(
        &mut self,
        frame: &[u8],
        meta: &Member,
        limits: &Limits,
        seen: &mut Vec<u64>,
    ) -> Result<(), Reason> {
        let mut cursor = Cursor::new(frame, meta.value.start);
        if !cursor.enter(b'{') {
            return Err(Reason::BadParamsMember);
        }
        let mut revision = None;
        let mut count = 0;
        seen.clear();
        while let Some(member) = cursor.member() {
            count += 1;
            if count > limits.members_max {
                return Err(Reason::TooManyMembers);
            }
            seen.push(fold::hash(&frame[member.name.clone()]));
            if seen.last() == Some(&REVISION.1) {
                revision = Some(member);
            }
        }
        if has_duplicate(seen) {
            return Err(Reason::DuplicateMember);
        }
        if let Some(revision) = named(frame, revision.iter(), REVISION)? {
            let value = string(frame, &revision.value).ok_or(Reason::BadParamsMember)?;
            self.modern = !LEGACY.iter().any(|legacy| text::equals(value, legacy));
        }
        Ok(())
    }
}

/// Revisions that know nothing of a version in `_meta`; whoever writes one there means the old ways.
const LEGACY: [&[u8]; 5] =
    [b"2024-10-07", b"2024-11-05", b"2025-03-26", b"2025-06-18", b"2025-11-25"];

/// How a name relates to the names of the envelope.
enum Known {
    Exactly(usize),
    Folded(usize),
    No,
}

fn known_index(name: &[u8]) -> Known {
    // Nearly every name is one of these as it stands.
    if let Some(index) = KNOWN.iter().position(|known| known.0.as_bytes() == name) {
        return Known::Exactly(index);
    }
    let hash = fold::hash(name);
    match KNOWN.iter().position(|known| known.1 == hash) {
        Some(index) if text::equals(name, KNOWN[index].0.as_bytes()) => Known::Exactly(index),
        Some(index) => Known::Folded(index),
        None => Known::No,
    }
}

/// The member of this name, or `None`; a variant of the name that some decoder takes for it is an
/// error.
pub(crate) fn named<'a>(
    frame: &[u8],
    mut members: impl Iterator<Item = &'a Member>,
    (name, hash): (&str, u64),
) -> Result<Option<&'a Member>, Reason> {
    let is_it = |member: &&Member| {
        let raw = &frame[member.name.clone()];
        // A plain name of another length is another name.
        (raw.len() == name.len() || !is_plain(raw)) && fold::hash(raw) == hash
    };
    match members.find(is_it) {
        Some(member) if text::equals(&frame[member.name.clone()], name.as_bytes()) => {
            Ok(Some(member))
        }
        Some(_) => Err(Reason::FoldedMember),
        None => Ok(None),
    }
}

/// Whether no two of the names are the same to any decoder.
pub(crate) fn members_unique<'a>(
    frame: &[u8],
    members: impl Iterator<Item = &'a Member> + Clone,
    seen: &mut Vec<u64>,
) -> bool {
    if let Some(unique) = few_unique(frame, members.clone()) {
        return unique;
    }
    seen.clear();
    seen.extend(members.map(|member| fold::hash(&frame[member.name.clone()])));
    !has_duplicate(seen)
}

/// The same for a few plain names, which fold to no other length: they are compared in pairs.
/// Nothing of others.
pub(crate) fn few_unique<'a>(
    frame: &[u8],
    members: impl Iterator<Item = &'a Member> + Clone,
) -> Option<bool> {
    const FEW: usize = 8;
    let mut names: [&[u8]; FEW] = [&[]; FEW];
    let mut count = 0;
    for member in members {
        let raw = &frame[member.name.clone()];
        if !is_plain(raw) {
            return None;
        }
        *names.get_mut(count)? = raw;
        count += 1;
    }
    let names = &names[..count];
    let twice = |at: usize| names[..at].iter().any(|name| name.eq_ignore_ascii_case(names[at]));
    Some(!(1..count).any(twice))
}

/// Whether a name is spelled in ASCII without escapes.
fn is_plain(raw: &[u8]) -> bool {
    raw.iter().all(|&byte| byte.is_ascii() && byte != b'\\')
}

/// Whether a number occurs twice. The order is lost.
fn has_duplicate(seen: &mut [u64]) -> bool {
    if seen.len() <= 8 {
        return (1..seen.len()).any(|at| seen[..at].contains(&seen[at]));
    }
    seen.sort_unstable();
    seen.windows(2).any(|pair| pair[0] == pair[1])
}

/// What removes a member: up to the name of the next one, or from the comma before it.
fn cut(frame: &[u8], top: &[TopMember], member: &TopMember) -> Range<usize> {
    let place = top.iter().position(|other| std::ptr::eq(other, member)).unwrap_or_default();
    let name_from = |member: &TopMember| member.at.name.start - 1;
    match (top.get(place + 1), place.checked_sub(1)) {
        (Some(next), _) => name_from(member)..name_from(next),
        (None, Some(before)) => {
            // The comma stands behind the value before, after white space at most.
            let behind = top[before].at.value.end;
            let spaces = frame[behind..].iter().take_while(|byte| **byte != b',').count();
            behind + spaces..member.at.value.end
        }
        (None, None) => name_from(member)..member.at.value.end,
    }
}

/// The inside of a string, or `None` for another value.
pub(crate) fn string<'a>(frame: &'a [u8], value: &Range<usize>) -> Option<&'a [u8]> {
    match &frame[value.clone()] {
        [b'"', inner @ .., b'"'] => Some(inner),
        _ => None,
    }
}

fn is_string(frame: &[u8], value: &Range<usize>, wanted: &[u8]) -> bool {
    string(frame, value).is_some_and(|raw| text::equals(raw, wanted))
}

/// A label of the decoded text.
fn label(raw: &[u8]) -> Label {
    if !text::has_escape(raw) {
        return Label::new(std::str::from_utf8(raw).unwrap_or_default());
    }
    // One byte more than a label holds is enough to see that it is cut; a character has four.
    let decoded: Vec<u8> = text::decoded(raw).take(Label::BYTES_MAX + 5).collect();
    match std::str::from_utf8(&decoded) {
        Ok(whole) => Label::new(whole),
        Err(error) => {
            Label::new(std::str::from_utf8(&decoded[..error.valid_up_to()]).unwrap_or_default())
        }
    }
}

/// Whether the name of any member, at any depth, holds half a surrogate pair.
fn has_lone_name(frame: &[u8], scan: &Scanner) -> bool {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'"', &frame[at..]) {
        let start = at + found;
        let end = crate::wire::cursor::string_end(frame, start);
        let rest = frame[end..].iter().find(|byte| !matches!(byte, b' ' | b'\t'));
        if rest == Some(&b':') && text::has_lone_surrogate(&frame[start + 1..end - 1]) {
            return true;
        }
        at = end;
    }
    debug_assert!(scan.has_surrogate(), "asked without need");
    false
}
