//! What has to change in a frame: secrets, the token, denied list items. The frame is not rebuilt;
//! an edit names a range and what stands there instead.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::auth::Tokens;
use super::envelope::Envelope;
use super::policy::Policy;
use super::reply::Refusal;
use crate::base::limits::{Limits, edits_max};
use crate::base::reason::Reason;
use crate::redact::{Match, RuleId, Rules, Severity};
use crate::wire::cursor::{self, Cursor};
use crate::wire::scanner::Scanner;
use crate::wire::text::{self, RawWalk};

/// What stands in the place of what was taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Nothing,
    /// The replacement of this rule.
    Rule(RuleId),
    /// The mark for the token that the frame presented.
    Token,
    /// `"private"`, for a cache scope that filtering made untrue.
    Private,
    /// The credential, where nothing is taken out.
    Credential,
}

/// The mark for a token that a frame presented and also holds elsewhere.
pub(crate) const TOKEN_MARK: &str = "[REDACTED:auth-token]";
/// What a cache scope becomes.
pub(crate) const PRIVATE: &str = "\"private\"";
/// A shorter token, where none is configured, is no secret that could be told from ordinary text.
const TOKEN_BYTES_MIN: usize = 8;

impl By {
    /// The bytes that are written; those of the policy that judged.
    pub(crate) fn bytes(self, policy: &Policy) -> &[u8] {
        match self {
            By::Nothing => b"",
            By::Rule(rule) => policy.rules.replacement_json(rule),
            By::Token => TOKEN_MARK.as_bytes(),
            By::Private => PRIVATE.as_bytes(),
            By::Credential => policy.credential(),
        }
    }
}

/// One change: offsets of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub start: u32,
    pub end: u32,
    pub by: By,
}

impl Edit {
    pub(crate) fn new(range: Range<usize>, by: By) -> Self {
        Self { start: range.start as u32, end: range.end as u32, by }
    }
}

/// Memory that is used again from frame to frame.
#[derive(Default)]
pub(crate) struct Scratch {
    pub edits: Vec<Edit>,
    /// Hashes of the names of one object.
    pub seen: Vec<u64>,
    /// Rules that found something they may not take out.
    pub reported: u32,
    /// The first of them.
    pub reported_rule: Option<RuleId>,
    /// A name of the envelope holds what a rule without an anchor found; it passes untold.
    pub conceals: bool,
    decoded: Vec<u8>,
    matches: Vec<Match>,
    fixed: Vec<usize>,
}

impl Scratch {
    pub(crate) fn clear(&mut self) {
        self.edits.clear();
        self.reported = 0;
        self.reported_rule = None;
        self.conceals = false;
    }

    pub(crate) fn shrink(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn memory(&self) -> usize {
        self.edits.capacity() * size_of::<Edit>()
            + self.seen.capacity() * size_of::<u64>()
            + self.decoded.capacity()
            + self.matches.capacity() * size_of::<Match>()
            + self.fixed.capacity() * size_of::<usize>()
    }
}

impl Scratch {
    /// Most bytes of memory for frames of this length.
    pub(crate) fn memory_max(frame_bytes_max: usize, limits: &Limits) -> usize {
        let edits = edits_max(frame_bytes_max) + 16;
        // A buffer that grows doubles; the presented token is a copy of its own.
        2 * edits * (size_of::<Edit>() + 3 * size_of::<Match>())
            + 2 * limits.members_max as usize * size_of::<u64>()
            + 3 * frame_bytes_max
            // A string that may not be changed takes at least the bytes of its name.
            + 2 * frame_bytes_max / FIXED_BYTES_MIN * size_of::<usize>()
    }
}

/// A frame, and what was read of it.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub frame: &'a [u8],
    pub scan: &'a Scanner,
    pub envelope: &'a Envelope,
    pub rules: &'a Rules,
    /// If tokens are demanded, the one presented is taken out wherever it stands.
    pub tokens: &'a Tokens,
}

/// Collects the edits of one frame in `scratch.edits`, in rising order and apart from each other.
///
/// # Errors
/// A secret stands where nothing may be changed, or there are more than `edits_limit`.
pub(crate) fn collect(
    subject: Subject<'_>,
    edits_limit: usize,
    scratch: &mut Scratch,
) -> Result<(), Refusal> {
    let token = subject.presented_token();
    let everywhere = subject.must_read_everything(token.as_deref());
    if everywhere || !subject.scan.hits().is_empty() || subject.scan.hits_from().is_some() {
        subject.search(everywhere, token.as_deref(), edits_limit, scratch)?;
        subject.place(scratch)?;
    }
    if let Some(cut) = &subject.envelope.token_cut {
        insert_cut(&mut scratch.edits, cut.clone());
    }
    Ok(())
}

/// Adds a cut; what would have been changed inside it goes with it.
pub(crate) fn insert_cut(edits: &mut Vec<Edit>, cut: Range<usize>) {
    let (start, end) = (cut.start as u32, cut.end as u32);
    edits.retain(|edit| edit.end <= start || edit.start >= end);
    let place = edits.partition_point(|edit| edit.start < start);
    edits.insert(place, Edit::new(cut, By::Nothing));
}

/// Puts the credential behind the brace that opens the frame, an object that is not empty. Every
/// other edit stands behind it: the brace is followed by a name.
pub(crate) fn attach(frame: &[u8], edits: &mut Vec<Edit>) {
    if let Some(brace) = memchr(b'{', frame) {
        edits.insert(0, Edit::new(brace + 1..brace + 1, By::Credential));
    }
}

/// How long the frame is once it is edited.
pub(crate) fn edited_len(frame_len: usize, edits: &[Edit], policy: &Policy) -> usize {
    edits.iter().fold(frame_len, |len, edit| {
        len - (edit.end - edit.start) as usize + edit.by.bytes(policy).len()
    })
}

/// Appends the edited frame.
pub(crate) fn render(frame: &[u8], edits: &[Edit], policy: &Policy, out: &mut Vec<u8>) {
    let mut at = 0;
    for edit in edits {
        out.extend_from_slice(&frame[at..edit.start as usize]);
        out.extend_from_slice(edit.by.bytes(policy));
        at = edit.end as usize;
    }
    out.extend_from_slice(&frame[at..]);
}

impl Subject<'_> {
    /// The token that the frame presents, decoded, if it is to be taken out elsewhere.
    fn presented_token(&self) -> Option<Vec<u8>> {
        let value = self.envelope.token.as_ref()?;
        let raw = super::envelope::string(self.frame, value)?;
        let mut token = Vec::new();
        text::decode(raw, &mut token);
        let least = if self.tokens.are_required() { 1 } else { TOKEN_BYTES_MIN };
        (token.len() >= least).then_some(token)
    }

    /// Whether candidates alone are not enough.
    fn must_read_everything(&self, token: Option<&[u8]>) -> bool {
        let holds_token = token.is_some_and(|token| {
            // Its own member holds it once; an escape may hide it anywhere.
            self.scan.has_hiding_escape()
                || token.iter().any(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
                || memmem::find_iter(self.frame, token).nth(1).is_some()
        });
        holds_token || (self.rules.enabled() && self.rules.custom_may_match(self.frame))
    }

    /// Whether the string at this place holds a secret or the token that the frame presented, or is
    /// a live token that it did not present. For what is told of a frame that is refused before its
    /// content was judged.
    pub(crate) fn is_secret(&self, value: &Range<usize>) -> bool {
        let Some(raw) = super::envelope::string(self.frame, value) else { return false };
        let (mut decoded, mut matches) = (Vec::new(), Vec::new());
        text::decode(raw, &mut decoded);
        if self.rules.enabled() {
            self.rules.find_at_most(&decoded, 1, &mut matches);
        }
        let token = self.presented_token();
        !matches.is_empty()
            || token.is_some_and(|token| memmem::find(&decoded, &token).is_some())
            || self.tokens.admit(&decoded)
    }

    /// Searches the strings that may hold a secret, or all of them.
    fn search(
        &self,
        everywhere: bool,
        token: Option<&[u8]>,
        edits_max: usize,
        scratch: &mut Scratch,
    ) -> Result<(), Refusal> {
        let scan = self.scan;
        let all_from = if everywhere { Some(0) } else { scan.hits_from() };
        let single = scan.hits().iter().map(|&at| at as usize);
        for at in single.take_while(|&at| all_from.is_none_or(|from| at < from)) {
            self.search_string(at, token, edits_max, scratch)?;
        }
        let Some(mut at) = all_from else { return Ok(()) };
        while let Some(found) = memchr(b'"', &self.frame[at..]) {
            at = self.search_string(at + found, token, edits_max, scratch)?;
        }
        Ok(())
    }

    /// Searches the string that opens at `at`; the offset behind it.
    fn search_string(
        &self,
        at: usize,
        token: Option<&[u8]>,
        edits_max: usize,
        scratch: &mut Scratch,
    ) -> Result<usize, Refusal> {
        let end = cursor::string_end(self.frame, at);
        let raw = &self.frame[at + 1..end - 1];
        let Scratch { decoded, matches, edits, .. } = scratch;
        let plain = if text::has_escape(raw) {
            decoded.clear();
            text::decode(raw, decoded);
            &decoded[..]
        } else {
            raw
        };
        matches.clear();
        // Overlaps are matches of their own until they are joined.
        if self.rules.enabled() && !self.rules.find_at_most(plain, 2 * edits_max + 64, matches) {
            return Err(Refusal::from(Reason::TooManyEdits));
        }
        let mut walk = RawWalk::new(raw);
        let mut push = |start: usize, to: usize, by: By| {
            let range = at + 1 + walk.start_of(start)..at + 1 + walk.end_of(to);
            if edits.len() >= edits_max {
                return Err(Refusal::from(Reason::TooManyEdits));
            }
            edits.push(Edit::new(range, by));
            Ok(())
        };
        let found = matches.iter().map(|found| (found.start, found.end, By::Rule(found.rule)));
        let tokens = token.into_iter().flat_map(|token| {
            memmem::find_iter(plain, token).map(|start| (start, start + token.len(), By::Token))
        });
        // What a rule and the token share, and what lies around it, goes as one.
        let mut open: Option<(usize, usize, By)> = None;
        for (start, to, by) in merged(found, tokens) {
            match &mut open {
                Some((_, end, mark)) if start < *end => {
                    *end = to.max(*end);
                    *mark = By::Token;
                }
                _ => {
                    if let Some((start, end, mark)) = open.replace((start, to, by)) {
                        push(start, end, mark)?;
                    }
                }
            }
        }
        if let Some((start, end, mark)) = open {
            push(start, end, mark)?;
        }
        Ok(end)
    }

    /// Judges where the edits stand: some places refuse the frame, some may not be changed.
    fn place(&self, scratch: &mut Scratch) -> Result<(), Refusal> {
        let Scratch { edits, fixed, reported, reported_rule, conceals, .. } = scratch;
        let envelope = self.envelope;
        fixed.clear();
        if edits.is_empty() {
            return Ok(());
        }
        collect_fixed(self.frame, self.scan, fixed);
        let own = envelope.token.clone().unwrap_or_default();
        let mut refused = None;
        edits.retain(|edit| {
            let (start, end) = (edit.start as usize, edit.end as usize);
            let within = |range: &Range<usize>| range.start <= start && end <= range.end;
            if within(&own) {
                return false;
            }
            // The token that the frame presented is a secret of the highest severity.
            let (rule, anchored, critical) = match edit.by {
                By::Rule(rule) => {
                    let info = self.rules.info(rule);
                    (Some(rule), info.anchored, info.severity == Severity::Critical)
                }
                _ => (None, true, true),
            };
            if self.is_in_envelope(&within) {
                *conceals = true;
                if anchored {
                    refused.get_or_insert((Reason::SecretInEnvelope, rule));
                }
                return false;
            }
            let string_at = fixed.partition_point(|&at| at < start).checked_sub(1);
            if string_at.is_some_and(|at| end < cursor::string_end(self.frame, fixed[at])) {
                if anchored && critical {
                    refused.get_or_insert((Reason::SecretBlocked, rule));
                }
                *reported += 1;
                *reported_rule = reported_rule.or(rule);
                return false;
            }
            true
        });
        match refused {
            Some((reason, rule)) => Err(Refusal { rule, ..reason.into() }),
            None => Ok(()),
        }
    }

    /// Whether it stands where the protocol reads names.
    fn is_in_envelope(&self, within: &impl Fn(&Range<usize>) -> bool) -> bool {
        let envelope = self.envelope;
        [&envelope.id, &envelope.method_at, &envelope.params_name].into_iter().flatten().any(within)
            || self.scan.top().iter().any(|member| within(&member.at.name))
    }
}

/// Ties a message to a task (2025-11-25).
const RELATED_TASK: &str = "io.modelcontextprotocol/related-task";
/// Longest spelling of such a name: each character as an escape.
const NAME_BYTES_MAX: usize = 6 * 40;
/// Bytes of the shortest member that is only handed back: `"cursor":0,`.
const FIXED_BYTES_MIN: usize = 11;
/// Two rows of spans in the order of their starts as one.
fn merged(
    a: impl Iterator<Item = (usize, usize, By)>,
    b: impl Iterator<Item = (usize, usize, By)>,
) -> impl Iterator<Item = (usize, usize, By)> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    std::iter::from_fn(move || match (a.peek(), b.peek()) {
        (Some(one), Some(other)) if other.0 < one.0 => b.next(),
        (Some(_), _) => a.next(),
        (None, _) => b.next(),
    })
}

/// Members of `params` and of results that come back to their sender as they were.
const FIXED_HERE: [&str; 7] = [
    "cursor",
    "nextCursor",
    "progressToken",
    "requestState",
    "taskId",
    "elicitationId",
    "subscriptionId",
];
/// Members of `_meta` that do.
const FIXED_META: [&str; 6] = [
    "progressToken",
    "io.modelcontextprotocol/subscriptionId",
    "traceparent",
    "tracestate",
    "baggage",
    "taskId",
];

/// Where the strings open that may not be changed, each at its exact path in the protocol, in
/// rising order. One pass over the envelope's objects; deeper ones are entered by name only.
fn collect_fixed(frame: &[u8], scan: &Scanner, fixed: &mut Vec<usize>) {
    for top in scan.top() {
        let name = &frame[top.at.name.clone()];
        let at = top.at.value.start;
        if text::equals(name, b"error") {
            collect_elicitations(frame, at, fixed);
        }
        if !text::equals(name, b"params") && !text::equals(name, b"result") {
            continue;
        }
        collect_in_object(frame, at, fixed);
        collect_exchange(frame, at, "inputRequests", Some("params"), fixed);
        collect_exchange(frame, at, "inputResponses", None, fixed);
    }
    fixed.sort_unstable();
}

/// The keys of what a server asks inside a result, or of the answers, and the fixed members of each
/// (basic/patterns/mrtr, 2026-07-28).
fn collect_exchange(
    frame: &[u8],
    at: usize,
    name: &str,
    inside: Option<&str>,
    fixed: &mut Vec<usize>,
) {
    let Some(all) = member(frame, at, name) else { return };
    let mut cursor = Cursor::new(frame, all);
    if !cursor.enter(b'{') {
        return;
    }
    while let Some(one) = cursor.member() {
        fixed.push(one.name.start - 1);
        let body = match inside {
            None => Some(one.value.start),
            Some(inside) => member(frame, one.value.start, inside),
        };
        if let Some(body) = body {
            collect_in_object(frame, body, fixed);
        }
    }
}

/// `error.data.elicitations[].elicitationId` (error -32042 of 2025-11-25).
fn collect_elicitations(frame: &[u8], at: usize, fixed: &mut Vec<usize>) {
    let list = member(frame, at, "data").and_then(|data| member(frame, data, "elicitations"));
    collect_each(frame, list, "elicitationId", fixed);
}

/// The member of this name of each object in an array.
fn collect_each(frame: &[u8], list: Option<usize>, name: &str, fixed: &mut Vec<usize>) {
    let Some(list) = list else { return };
    let mut cursor = Cursor::new(frame, list);
    if cursor.enter(b'[') {
        while let Some(one) = cursor.element() {
            collect_named(frame, one.start, &[name], fixed);
        }
    }
}

/// The fixed members of one `params` or result.
fn collect_in_object(frame: &[u8], at: usize, fixed: &mut Vec<usize>) {
    let mut decoded = Vec::new();
    let mut cursor = Cursor::new(frame, at);
    if !cursor.enter(b'{') {
        return;
    }
    while let Some(found) = cursor.member() {
        let raw = &frame[found.name.clone()];
        decoded.clear();
        text::decode(&raw[..raw.len().min(NAME_BYTES_MAX)], &mut decoded);
        match &decoded[..] {
            b"_meta" => {
                collect_named(frame, found.value.start, &FIXED_META, fixed);
                if let Some(task) = member(frame, found.value.start, RELATED_TASK) {
                    collect_named(frame, task, &["taskId"], fixed);
                }
            }
            b"tasks" => collect_each(frame, Some(found.value.start), "taskId", fixed),
            b"notifications" => {
                let mut ids = Cursor::new(
                    frame,
                    member(frame, found.value.start, "taskIds").unwrap_or(frame.len()),
                );
                if ids.enter(b'[') {
                    while let Some(id) = ids.element() {
                        fixed.push(id.start);
                    }
                }
            }
            b"task" => collect_named(frame, found.value.start, &["taskId"], fixed),
            b"requestId" => fixed.push(found.value.start),
            b"content" => collect_contents(frame, found.value.start, fixed),
            b"messages" => {
                let mut messages = Cursor::new(frame, found.value.start);
                if messages.enter(b'[') {
                    while let Some(message) = messages.element() {
                        if let Some(content) = member(frame, message.start, "content") {
                            collect_contents(frame, content, fixed);
                        }
                    }
                }
            }
            name if FIXED_HERE.iter().any(|fixed| fixed.as_bytes() == name) => {
                fixed.push(found.value.start);
            }
            _ => {}
        }
    }
}

/// `toolUseId` of one content block or of an array of them.
fn collect_contents(frame: &[u8], at: usize, fixed: &mut Vec<usize>) {
    let mut cursor = Cursor::new(frame, at);
    if !cursor.enter(b'[') {
        return collect_named(frame, at, &["toolUseId"], fixed);
    }
    while let Some(block) = cursor.element() {
        collect_named(frame, block.start, &["toolUseId"], fixed);
    }
}

fn collect_named(frame: &[u8], at: usize, names: &[&str], fixed: &mut Vec<usize>) {
    let mut cursor = Cursor::new(frame, at);
    if !cursor.enter(b'{') {
        return;
    }
    while let Some(found) = cursor.member() {
        let raw = &frame[found.name.clone()];
        if names.iter().any(|name| text::equals(raw, name.as_bytes())) {
            fixed.push(found.value.start);
        }
    }
}

/// Where the value of this member of an object starts.
fn member(frame: &[u8], at: usize, name: &str) -> Option<usize> {
    let mut cursor = Cursor::new(frame, at);
    if !cursor.enter(b'{') {
        return None;
    }
    std::iter::from_fn(|| cursor.member())
        .find(|found| text::equals(&frame[found.name.clone()], name.as_bytes()))
        .map(|found| found.value.start)
}
