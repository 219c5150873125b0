//! A second implementation of the protocol, to hold the engine against: it takes whole lines, reads
//! them with a plain JSON library, keeps everything in lists, and is slow.
//!
//! Of the engine it knows the policy's configuration, the limits, and the words for events and
//! reasons; nothing else. It has no schedule: a line goes in, lines and facts come out. It says
//! *that* a line leaves as it came, or what it means after its edits, not how it is spelled then.
//!
//! Not modelled: frames over their limit, tickets, tables that overflow, what is written to noise.

mod edit;
mod message;

use std::fmt;

use portcullis_engine::{EventKind, Limits, Message, PolicyConfig, Reason, Side, UnreadableId};

use self::edit::Edited;
use self::message::{Id, Msg};
use crate::json::{self, Json};
use crate::secrets::Fake;
use crate::world::Step;

/// A line that has to come out.
#[derive(Clone, PartialEq, Eq)]
pub enum Line {
    /// These bytes.
    Same(Vec<u8>),
    /// Bytes with this meaning.
    Means(Json),
    /// A refusal.
    Refusal {
        /// The id as it is spelled, or what stands for one that cannot be read.
        id: Shown,
        /// Why.
        reason: Reason,
        /// As a result that the model sees.
        as_result: bool,
    },
    /// A `notifications/cancelled` for this id.
    Cancel(String),
    /// An array of answers.
    Array(Vec<Line>),
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Line::Same(bytes) => write!(f, "as it came: {}", bytes.escape_ascii()),
            Line::Means(json) => write!(f, "changed: {json}"),
            Line::Refusal { id, reason, as_result } => {
                write!(f, "refusal of {id:?}: {} (as a result: {as_result})", reason.name())
            }
            Line::Cancel(id) => write!(f, "cancel of {id}"),
            Line::Array(lines) => f.debug_list().entries(lines).finish(),
        }
    }
}

/// How an answer shows the id of its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As its sender spelled it.
    Spelled(String),
    /// `null`.
    Null,
    /// Not at all.
    Absent,
}

/// An event, as far as the model says: kind, sender, message, reason.
pub type Fact = (EventKind, Side, Message, Option<Reason>);

/// What has to come out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Lines for the client and for the server.
    pub lines: [Vec<Line>; 2],
    /// Events in their order.
    pub facts: Vec<Fact>,
}

/// A request in flight, or an id that stays taken.
struct Open {
    number: u64,
    id: Id,
    spelled: String,
    method: Vec<u8>,
    modern: bool,
    deadline: u64,
    /// When it is told that it is still open.
    report: u64,
    /// Since when it is no more than a taken id, and until when.
    taken_until: Option<u64>,
    place: Option<(u64, usize)>,
}

impl Open {
    fn may_stay(&self) -> bool {
        matches!(&self.method[..], b"subscriptions/listen" | b"tasks/result")
    }
}

struct Batch {
    number: u64,
    members: Vec<String>,
    next: usize,
    open: u32,
    in_chunk: u32,
    cancelled: Vec<Id>,
    answers: Vec<Option<Line>>,
}

/// A proxy of whole lines.
pub struct Model {
    policy: PolicyConfig,
    limits: Limits,
    fake: Fake,
    now: u64,
    modern: bool,
    /// The last request of the client that named a modern revision.
    last_modern: u64,
    authenticated: bool,
    drain_until: Option<u64>,
    open: [Vec<Open>; 2],
    batches: [Vec<Batch>; 2],
    partial: [Vec<u8>; 2],
    ended: [bool; 2],
    ending: [Option<Reason>; 2],
    numbers: u64,
    out: Expected,
}

impl Model {
    /// A session in which nothing has happened.
    #[must_use]
    pub fn new(policy: PolicyConfig, limits: Limits, fake: Fake) -> Self {
        Self {
            policy,
            limits,
            fake,
            now: 1_000,
            modern: false,
            last_modern: 0,
            authenticated: false,
            drain_until: None,
            open: Default::default(),
            batches: Default::default(),
            partial: Default::default(),
            ended: [false; 2],
            ending: [None; 2],
            numbers: 0,
            out: Expected::default(),
        }
    }

    /// What comes of one step.
    pub fn step(&mut self, step: &Step) -> Expected {
        match step {
            Step::Bytes(side, bytes) if !self.ended[*side as usize] => {
                self.partial[*side as usize].extend_from_slice(bytes);
                while let Some(end) =
                    self.partial[*side as usize].iter().position(|&byte| byte == b'\n')
                {
                    let line: Vec<u8> = self.partial[*side as usize].drain(..=end).collect();
                    let line = line.strip_suffix(b"\n").unwrap_or(&line);
                    self.line(*side, line.strip_suffix(b"\r").unwrap_or(line), line);
                    self.settle();
                }
            }
            Step::Close(side) if !self.ended[*side as usize] => self.close(*side),
            Step::Wait(ms) => self.wait(*ms),
            Step::Drain(ms) => {
                if self.drain_until.is_none() {
                    self.lifecycle(Side::Client, Reason::DrainBegun);
                }
                self.drain_until = Some(self.now + ms);
            }
            _ => {}
        }
        self.settle();
        std::mem::take(&mut self.out)
    }

    fn close(&mut self, side: Side) {
        let last = std::mem::take(&mut self.partial[side as usize]);
        if !last.is_empty() {
            match message::unreadable(&last, self.limits.frame_depth_max) {
                Some(Reason::NotJson) => self.fact((
                    EventKind::Protocol,
                    side,
                    Message::None,
                    Some(Reason::ClosedInFrame),
                )),
                _ => self.line(side, &last, &last),
            }
            self.settle();
        }
        self.ended[side as usize] = true;
        self.lifecycle(side, Reason::Closed);
        let reason = match side {
            Side::Client => Reason::PeerClosed,
            _ => Reason::ServerExited,
        };
        self.ending[side.other() as usize].get_or_insert(reason);
        if side == Side::Server {
            // It has exited: nobody reads what it is still owed.
            self.out.lines[side as usize].clear();
            self.batches[side as usize].clear();
            self.open[side as usize].retain(|open| open.taken_until.is_some());
        }
    }

    fn wait(&mut self, ms: u64) {
        let end = self.now + ms;
        loop {
            let deadlines =
                self.open.iter().flatten().flat_map(|open| [open.deadline, open.report]);
            let next = deadlines.chain(self.drain_until).filter(|&at| at > self.now).min();
            self.now = next.unwrap_or(end).min(end);
            for side in Side::ALL {
                while let Some(at) = self.open[side as usize]
                    .iter()
                    .position(|open| open.taken_until.is_none() && open.deadline <= self.now)
                {
                    self.end(side, at, Reason::Timeout);
                }
            }
            self.tell_open();
            self.settle();
            for open in &mut self.open {
                open.retain(|open| open.taken_until.is_none_or(|until| until > self.now));
            }
            if self.now == end {
                return;
            }
        }
    }

    /// Tells once of each request that is open for long.
    fn tell_open(&mut self) {
        for side in Side::ALL {
            let due = |open: &&mut Open| open.taken_until.is_none() && open.report <= self.now;
            let told = self.open[side as usize].iter_mut().filter(due);
            let told = told.map(|open| open.report = u64::MAX).count();
            let reason = Some(Reason::OpenLong);
            for _ in 0..told {
                self.fact((EventKind::Protocol, side, Message::Request, reason));
            }
        }
    }

    /// Goes on with batches and endings until nothing moves.
    fn settle(&mut self) {
        while Side::ALL.into_iter().any(|side| self.end_one(side) || self.advance(side)) {}
        let Some(until) = self.drain_until else { return };
        let held = self.batches.iter().any(|batches| !batches.is_empty())
            || self
                .open
                .iter()
                .flatten()
                .any(|open| open.taken_until.is_none() && !open.may_stay());
        if until <= self.now || !held {
            for ending in &mut self.ending {
                ending.get_or_insert(Reason::Draining);
            }
            while Side::ALL.into_iter().any(|side| self.end_one(side) || self.advance(side)) {}
        }
    }

    fn end_one(&mut self, side: Side) -> bool {
        let Some(reason) = self.ending[side as usize] else { return false };
        let open = self.open[side as usize].iter().position(|open| open.taken_until.is_none());
        open.is_some_and(|at| {
            self.end(side, at, reason);
            true
        })
    }

    /// An open request ends with an error of ours.
    fn end(&mut self, asker: Side, at: usize, reason: Reason) {
        self.fact((EventKind::Refused, asker, Message::Request, Some(reason)));
        let until = self.now + self.limits.id_taken_ms;
        let open = &mut self.open[asker as usize][at];
        open.taken_until = Some(until);
        open.deadline = u64::MAX;
        let (spelled, place) = (open.spelled.clone(), open.place);
        let is_call = open.method == b"tools/call";
        if reason == Reason::BadResponse {
            // Its answer came: no other will.
            self.open[asker as usize].remove(at);
        }
        let refusal = self.refusal(Some(spelled.clone()), is_call, reason);
        match place {
            Some(place) => self.gather(asker, place, refusal),
            None => self.send(asker, refusal),
        }
        let taken_back = matches!(reason, Reason::Timeout | Reason::Draining);
        if taken_back && !self.ended[asker.other() as usize] {
            self.send(asker.other(), Some(Line::Cancel(spelled)));
        }
    }

    /// Judges a line: `text` without its end, `bytes` as they leave.
    fn line(&mut self, side: Side, text: &[u8], bytes: &[u8]) {
        if text.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return;
        }
        if let Some(reason) = message::unreadable(text, self.limits.frame_depth_max) {
            return self.unread(side, text, reason);
        }
        // Readable text is UTF-8.
        let text = std::str::from_utf8(text).unwrap_or_default();
        match text.trim_start_matches([' ', '\t']).as_bytes().first() {
            Some(b'{') => self.message(side, text, bytes, None),
            Some(b'[') => self.array(side, text),
            _ => self.unread(side, text.as_bytes(), Reason::NotAnObject),
        }
    }

    /// A line of which only the asker can be told.
    fn unread(&mut self, side: Side, text: &[u8], reason: Reason) {
        if side == Side::Server && matches!(reason, Reason::NotJson | Reason::NotAnObject) {
            return self.fact((EventKind::Protocol, side, Message::None, Some(Reason::Noise)));
        }
        let (kind, id) = match reason {
            Reason::NotJson => (Message::None, None),
            _ => message::glance(text, &self.limits),
        };
        let id = id.filter(|id| self.secret().is_none_or(|secret| !edit::is_in(secret, id)));
        self.refuse(side, kind, id, false, reason, None);
    }

    fn array(&mut self, side: Side, text: &str) {
        let members = json::elements(text).unwrap_or_default();
        if side == Side::Server && !members.iter().any(|member| member.starts_with('{')) {
            return self.unread(side, text.as_bytes(), Reason::NotAnObject);
        }
        let reason = if !self.policy.batch.enabled {
            Some(Reason::BatchDisabled)
        } else if members.is_empty() {
            Some(Reason::EmptyBatch)
        } else if self.batches[side as usize].len() >= self.limits.batches_max as usize {
            Some(Reason::Busy)
        } else {
            None
        };
        if let Some(reason) = reason {
            return self.refuse(side, Message::Batch, None, false, reason, None);
        }
        self.numbers += 1;
        self.batches[side as usize].push(Batch {
            number: self.numbers,
            members: members.into_iter().map(str::to_owned).collect(),
            next: 0,
            open: 0,
            in_chunk: 0,
            cancelled: Vec::new(),
            answers: Vec::new(),
        });
    }

    /// Goes on with the first batch that can; false if none can.
    fn advance(&mut self, side: Side) -> bool {
        let open = self.open_count(side);
        let (window, room) = (self.limits.batch_window, self.limits.requests_open_max);
        let ready = self.batches[side as usize].iter().position(|batch| {
            let chunk_open = window == 0 || batch.in_chunk < window || batch.open == 0;
            let done = batch.next == batch.members.len() && batch.open == 0;
            let more = batch.next < batch.members.len();
            done || (more && chunk_open && (batch.open == 0 || open < room))
        });
        let Some(at) = ready else { return false };
        let batch = &mut self.batches[side as usize][at];
        if batch.next == batch.members.len() {
            let batch = self.batches[side as usize].remove(at);
            let answers: Vec<Line> = batch.answers.into_iter().flatten().collect();
            if !answers.is_empty() {
                self.send(side, Some(Line::Array(answers)));
            }
            return true;
        }
        let text = batch.members[batch.next].clone();
        batch.next += 1;
        let number = batch.number;
        self.member(side, at, number, &text);
        true
    }

    fn member(&mut self, side: Side, at: usize, number: u64, text: &str) {
        let msg = text.starts_with('{').then(|| self.read(side, text));
        let kind = msg.as_ref().map_or(Message::None, |msg| msg.kind);
        let batch = &mut self.batches[side as usize][at];
        let id = msg.as_ref().and_then(|msg| msg.id.as_ref());
        let taken_back = id.is_some_and(|(id, _)| batch.cancelled.contains(id));
        if kind == Message::Request && taken_back {
            return self.fact((EventKind::Protocol, side, kind, Some(Reason::Cancelled)));
        }
        let place = (number, batch.answers.len());
        if matches!(kind, Message::Request | Message::None) {
            batch.answers.push(None);
            batch.open += 1;
            batch.in_chunk += 1;
        }
        match msg {
            Some(_) => self.message(side, text, text.as_bytes(), Some(place)),
            None => self.refuse(side, kind, None, false, Reason::NotAnObject, Some(place)),
        }
    }

    fn read(&self, side: Side, text: &str) -> Msg {
        let mut msg = Msg::read(text, &self.limits);
        let asks = msg.kind == Message::Request && msg.json.get("method").is_none();
        let names_one = |(id, _): &(Id, String)| self.find(side.other(), id).is_some();
        if asks && msg.id.as_ref().is_some_and(names_one) {
            // Neither a request nor a response, but it names one that waits.
            msg.kind = Message::Response;
        }
        msg
    }

    /// Judges a message.
    fn message(&mut self, side: Side, text: &str, bytes: &[u8], place: Option<(u64, usize)>) {
        let msg = self.read(side, text);
        let asker = side.other();
        let answered = match (&msg.kind, &msg.id) {
            (Message::Response, Some((id, _))) => self.find(asker, id),
            _ => None,
        };
        if side == Side::Server && place.is_none() && !msg.claims() && answered.is_none() {
            // A line of structured log.
            return self.unread(side, text.as_bytes(), Reason::NotAnObject);
        }
        if msg.kind == Message::Response && self.drop_response(side, answered) {
            return;
        }
        let is_list =
            answered.is_some_and(|at| self.open[asker as usize][at].method == b"tools/list");
        let verdict = self
            .rules(side, &msg, is_list)
            .and_then(|edited| self.objection(side, &msg, place).map_or(Ok(edited), Err));
        let edited = match verdict {
            Ok(edited) => edited,
            Err(reason) => {
                let required = !self.policy.auth.tokens.is_empty();
                let hidden = edit::hides_id(&msg, self.secret(), required);
                let id = msg.id.clone().filter(|_| !hidden).map(|(_, spelled)| spelled);
                if let (Message::Response, Some(at)) = (msg.kind, answered) {
                    self.fact((EventKind::Refused, side, msg.kind, Some(reason)));
                    return self.end(asker, at, Reason::BadResponse);
                }
                return self.refuse(side, msg.kind, id, msg.is_tool_call(), reason, place);
            }
        };
        if side == Side::Client && msg.kind != Message::Response {
            self.authenticated |= !self.policy.auth.tokens.is_empty();
        }
        let line = match edited.changes.is_empty() {
            true => Line::Same(bytes.to_vec()),
            false => Line::Means(edited.json),
        };
        let changes = edited.changes.iter().map(|&reason| (EventKind::Changed, Some(reason)));
        let passed = [(EventKind::Passed, None)].into_iter().filter(|_| edited.changes.is_empty());
        let facts: Vec<Fact> =
            changes.chain(passed).map(|(kind, reason)| (kind, side, msg.kind, reason)).collect();
        match msg.kind {
            Message::Request => self.open_request(side, &msg, place),
            Message::Response => {
                let at = answered.unwrap_or_default();
                let open = self.open[asker as usize].remove(at);
                if asker == Side::Client && open.modern {
                    if self.last_modern == open.number {
                        self.modern = msg.is_result;
                    }
                } else if asker == Side::Client && open.method == b"initialize" && msg.is_result {
                    self.modern = false;
                }
                if let Some(place) = open.place {
                    // White space around it says nothing.
                    let line = match line {
                        Line::Same(_) => Line::Same(text.trim().as_bytes().to_vec()),
                        other => other,
                    };
                    self.gather(asker, place, Some(line));
                    return self.out.facts.extend(facts);
                }
            }
            _ => self.take_back(side, &msg),
        }
        self.send(side.other(), Some(line));
        self.out.facts.extend(facts);
    }

    /// Drops a response that answers nothing open; false if it does answer something.
    fn drop_response(&mut self, side: Side, answered: Option<usize>) -> bool {
        let open = &mut self.open[side.other() as usize];
        let reason = match answered {
            Some(at) if open[at].taken_until.is_none() => return false,
            Some(at) => {
                open.remove(at);
                Reason::LateResponse
            }
            None => Reason::OrphanResponse,
        };
        self.fact((EventKind::Protocol, side, Message::Response, Some(reason)));
        true
    }

    /// What the message itself and the policy say.
    fn rules(&self, side: Side, msg: &Msg, is_list: bool) -> Result<Edited, Reason> {
        if let Some(fault) = msg.fault {
            return Err(fault);
        }
        let required = !self.policy.auth.tokens.is_empty();
        if required && msg.kind != Message::Response {
            let known = |token: &[u8]| {
                let tokens = &self.policy.auth.tokens;
                tokens
                    .iter()
                    .any(|live| live.token.as_ref().is_some_and(|live| live.as_bytes() == token))
            };
            match msg.token().and_then(Json::text).filter(|token| !token.is_empty()) {
                _ if side == Side::Server && self.authenticated => {}
                _ if side == Side::Server => return Err(Reason::PeerUnauthenticated),
                None => return Err(Reason::AuthRequired),
                Some(token) if !known(token) => return Err(Reason::AuthFailed),
                Some(_) => {}
            }
        }
        let back = match msg.kind {
            Message::Request => side == Side::Server,
            Message::Response => side == Side::Client,
            _ => false,
        };
        if self.modern && back {
            return Err(Reason::WrongEra);
        }
        let deny = &self.policy.tools.deny;
        let denied = |tool: &[u8]| deny.iter().any(|name| name.as_bytes() == tool);
        if msg.is_tool_call() && msg.tool().is_some_and(denied) {
            return Err(Reason::ToolDenied);
        }
        let mut edited = Edited::new(msg, self.secret(), required)?;
        if is_list && !deny.is_empty() {
            edited.filter_tools(denied);
        }
        Ok(edited)
    }

    fn secret(&self) -> Option<&Fake> {
        self.policy.redaction.enabled.then_some(&self.fake)
    }

    /// What the state of the session says.
    fn objection(&self, side: Side, msg: &Msg, place: Option<(u64, usize)>) -> Option<Reason> {
        let gone = self.ended[side.other() as usize].then_some(match side {
            Side::Client => Reason::ServerExited,
            _ => Reason::PeerClosed,
        });
        if msg.kind != Message::Request {
            if self.drain_until.is_some_and(|until| until <= self.now) {
                return Some(Reason::Draining);
            }
            return gone.filter(|_| side == Side::Client);
        }
        let (id, _) = msg.id.as_ref()?;
        let listens = self.open[side as usize].iter().filter(|open| open.may_stay()).count();
        let full = self.open_count(side) >= self.limits.requests_open_max
            || (msg.may_stay() && listens >= self.limits.listens_max as usize);
        let reasons = [
            (self.drain_until.is_some(), Reason::Draining),
            (self.find(side, id).is_some(), Reason::DuplicateId),
            (place.is_some() && msg.method() == b"initialize", Reason::InitializeInBatch),
            (full, Reason::TooManyInFlight),
        ];
        gone.or_else(|| reasons.into_iter().find(|(is, _)| *is).map(|(_, reason)| reason))
    }

    fn open_request(&mut self, side: Side, msg: &Msg, place: Option<(u64, usize)>) {
        let Some((id, spelled)) = msg.id.clone() else { return };
        self.numbers += 1;
        if side == Side::Client && msg.modern {
            self.last_modern = self.numbers;
        }
        let timeout = self.policy.requests.timeout_ms.filter(|_| !msg.may_stay());
        let told = Some(self.policy.quotas.open_report_ms).filter(|_| !msg.may_stay());
        self.open[side as usize].push(Open {
            number: self.numbers,
            id,
            spelled,
            method: msg.method().to_vec(),
            modern: msg.modern,
            deadline: timeout.map_or(u64::MAX, |ms| self.now + ms),
            report: told.map_or(u64::MAX, |ms| self.now + ms),
            taken_until: None,
            place,
        });
    }

    /// A notification may take a request back.
    fn take_back(&mut self, side: Side, msg: &Msg) {
        let Some(target) = &msg.target else { return };
        let Some(at) = self.find(side, target) else {
            for batch in &mut self.batches[side as usize] {
                if batch.next < batch.members.len() {
                    batch.cancelled.push(target.clone());
                }
            }
            return;
        };
        let until = self.now + self.limits.id_taken_ms;
        let open = &mut self.open[side as usize][at];
        if open.method == b"initialize" || open.taken_until.is_some() {
            return;
        }
        open.taken_until = Some(until);
        open.deadline = u64::MAX;
        if let Some(place) = open.place {
            self.gather(side, place, None);
        }
    }

    fn refuse(
        &mut self,
        side: Side,
        kind: Message,
        id: Option<String>,
        is_call: bool,
        reason: Reason,
        place: Option<(u64, usize)>,
    ) {
        self.fact((EventKind::Refused, side, kind, Some(reason)));
        match kind {
            Message::Response => {
                let id = id.and_then(|id| Id::parse(&id, self.limits.id_bytes_max as usize));
                let at = id.and_then(|id| self.find(side.other(), &id));
                let open = &self.open[side.other() as usize];
                if let Some(at) = at.filter(|&at| open[at].taken_until.is_none()) {
                    self.end(side.other(), at, Reason::BadResponse);
                }
            }
            Message::Notification => {}
            Message::None if side == Side::Server && place.is_none() => {}
            _ => {
                let refusal = self.refusal(id, is_call, reason);
                match place {
                    Some(place) => self.gather(side, place, refusal),
                    None => self.send(side, refusal),
                }
            }
        }
    }

    fn refusal(&self, id: Option<String>, is_call: bool, reason: Reason) -> Option<Line> {
        let refusals = self.policy.refusals;
        let is_policy = (-31_605..=-31_600).contains(&reason.code());
        let as_result = refusals.as_result && is_call && is_policy && id.is_some();
        let id = match (id, refusals.unreadable_id) {
            (Some(id), _) => Shown::Spelled(id),
            (None, UnreadableId::None) => return None,
            (None, UnreadableId::Null) => Shown::Null,
            (None, UnreadableId::Revision) if !self.modern => Shown::Null,
            (None, _) => Shown::Absent,
        };
        Some(Line::Refusal { id, reason, as_result })
    }

    /// The answer to a member of a batch, or that there will be none.
    fn gather(&mut self, asker: Side, (number, entry): (u64, usize), line: Option<Line>) {
        let batch = self.batches[asker as usize].iter_mut().find(|batch| batch.number == number);
        let Some(batch) = batch else { return };
        batch.answers[entry] = line;
        batch.open -= 1;
        if batch.open == 0 {
            batch.in_chunk = 0;
        }
    }

    fn send(&mut self, to: Side, line: Option<Line>) {
        self.out.lines[to as usize].extend(line);
    }

    fn fact(&mut self, fact: Fact) {
        self.out.facts.push(fact);
    }

    fn lifecycle(&mut self, side: Side, reason: Reason) {
        self.fact((EventKind::Lifecycle, side, Message::None, Some(reason)));
    }

    fn find(&self, asker: Side, id: &Id) -> Option<usize> {
        self.open[asker as usize].iter().position(|open| open.id == *id)
    }

    fn open_count(&self, side: Side) -> u32 {
        self.open[side as usize].iter().filter(|open| open.taken_until.is_none()).count() as u32
    }
}
