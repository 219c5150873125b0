//! The policy chain: finds out all about one message, and changes nothing.

use std::ops::Range;

use super::engine::Engine;
use super::pending::{IdBuf, SlotNumber};
use crate::base::event::{Label, Message};
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::edits::{self, Scratch, Subject};
use crate::judge::envelope::{Envelope, Method, string};
use crate::judge::lists;
use crate::judge::opening;
use crate::judge::policy::Policy;
use crate::judge::reply::Refusal;
use crate::judge::sanitise;
use crate::judge::seal::Sealer;
use crate::wire::scanner::Scanner;
use crate::wire::text;

/// What was found out about a message.
pub(crate) struct Examined {
    pub envelope: Envelope,
    pub id: Option<IdBuf>,
    /// What a `notifications/cancelled` takes back.
    pub target: Option<IdBuf>,
    pub refusal: Option<Refusal>,
    /// For a response: the request that it answers.
    pub answers: Option<SlotNumber>,
    /// Denied items were taken out of a list.
    pub filtered: bool,
    /// The host has to approve the call.
    pub asks: bool,
    pub len: usize,
}

impl Examined {
    /// A message that is refused without being read.
    pub(crate) fn unread(message: Message, id: Option<IdBuf>, reason: Reason, len: usize) -> Self {
        Self {
            envelope: Envelope { message, ..Envelope::default() },
            id,
            target: None,
            refusal: Some(reason.into()),
            answers: None,
            filtered: false,
            asks: false,
            len,
        }
    }
}

impl Engine {
    /// Finds out all about a message, changing nothing but `scratch`.
    pub(crate) fn examine(
        &self,
        side: Side,
        frame: &[u8],
        scan: &Scanner,
        scratch: &mut Scratch,
    ) -> Examined {
        let envelope = Envelope::read(frame, scan, &self.limits, &mut scratch.seen);
        let buf =
            |range: &Option<Range<usize>>| range.clone().map(|range| IdBuf::new(&frame[range]));
        let id = buf(&envelope.id);
        let other = &self.lanes[side.other() as usize].pending;
        let mut envelope = envelope;
        if envelope.message == Message::Request
            && envelope.method_at.is_none()
            && id.as_ref().is_some_and(|id| other.find(id).is_some())
        {
            // Neither a request nor a response, but it names one that waits.
            envelope.message = Message::Response;
        }
        let answers = match (envelope.message, &id) {
            (Message::Response, Some(id)) => self.lanes[side.other() as usize].pending.find(id),
            _ => None,
        };
        let mut examined = Examined {
            target: buf(&envelope.target),
            id,
            answers,
            refusal: None,
            filtered: false,
            asks: side == Side::Client && self.asks_for_tool(frame, &envelope),
            len: frame.len(),
            envelope,
        };
        let ruled = self.rule(side, frame, scan, &examined, scratch);
        match ruled {
            Ok(filtered) => {
                examined.filtered = filtered;
                if scratch.conceals {
                    let id = examined.id.clone();
                    self.conceal(side, frame, scan, &mut examined);
                    examined.id = id;
                }
            }
            Err(refusal) => {
                scratch.edits.clear();
                examined.refusal = Some(refusal);
                self.conceal(side, frame, scan, &mut examined);
            }
        }
        examined
    }

    /// The policy chain: the first rule that objects decides.
    pub(crate) fn rule(
        &self,
        side: Side,
        frame: &[u8],
        scan: &Scanner,
        examined: &Examined,
        scratch: &mut Scratch,
    ) -> Result<bool, Refusal> {
        let envelope = &examined.envelope;
        if let Some(fault) = envelope.fault {
            return Err(fault.into());
        }
        self.rule_auth(side, frame, envelope)?;
        let asks_back = side == Side::Server && envelope.message == Message::Request;
        let answers_back = side == Side::Client && envelope.message == Message::Response;
        if self.session.modern && (asks_back || answers_back) {
            return Err(Reason::WrongEra.into());
        }
        if envelope.method == Method::ToolsCall && self.tool_is_denied(frame, envelope) {
            return Err(Reason::ToolDenied.into());
        }
        let subject = self.subject(side, frame, scan, envelope);
        let limit = self.limits.frame_bytes_max[side as usize] as usize;
        if side == Side::Server {
            let max = self.limits.members_max as usize;
            sanitise::survey(subject, &self.policy.sanitise, limit, max, scratch)?;
        }
        edits::collect(subject, limit, scratch)?;
        sanitise::strip(limit, scratch)?;
        if side == Side::Client && envelope.method == Method::ToolsCall {
            self.open_sealed(subject, limit, scratch)?;
        }
        let mut filtered = false;
        if let Some(number) = examined.answers {
            let slot = self.lanes[side.other() as usize].pending.slot(number);
            if slot.method == Method::ToolsList && self.policy.denies_any_tool() {
                let max = self.limits.members_max as usize;
                filtered = lists::filter_tools(frame, scan, max, &self.policy, scratch)?;
            }
        }
        let says = matches!(envelope.message, Message::Request | Message::Notification);
        if says && self.policy.attaches_for(side) {
            edits::attach(frame, &mut scratch.edits);
        }
        let len = edits::edited_len(frame.len(), &scratch.edits, &self.policy);
        if len > frame.len() && len > limit {
            return Err(Reason::FrameTooLarge.into());
        }
        Ok(filtered)
    }

    /// Hands the tool what was sealed and is for it.
    fn open_sealed(
        &self,
        subject: Subject<'_>,
        limit: usize,
        scratch: &mut Scratch,
    ) -> Result<(), Reason> {
        let Subject { frame, scan, envelope, .. } = subject;
        if self.seals.is_empty() {
            return Ok(());
        }
        let Some(arguments) = opening::arguments(frame, scan) else { return Ok(()) };
        with_tool_name(frame, envelope, |tool| {
            opening::open(subject, arguments, tool, &self.limits, limit, scratch)
        })
    }

    fn subject<'a>(
        &'a self,
        side: Side,
        frame: &'a [u8],
        scan: &'a Scanner,
        envelope: &'a Envelope,
    ) -> Subject<'a> {
        let Policy { rules, tokens, seal_key, .. } = &*self.policy;
        let seals = &self.seals;
        // Only the server takes back what was sealed, so only its secrets are.
        let key = seal_key.as_ref().filter(|_| side == Side::Server);
        let session = self.session.facts(Side::Client).session;
        let max = self.limits.seals_max;
        let sealer = key.map(|key| Sealer { table: seals, key, session, side, max });
        Subject { frame, scan, envelope, rules, tokens, seals, sealer }
    }

    /// A frame that is refused leaves no secret in a record or a reply: neither by its method and
    /// tool, nor by an id, which then names nobody.
    fn conceal(&self, side: Side, frame: &[u8], scan: &Scanner, examined: &mut Examined) {
        let envelope = &examined.envelope;
        let subject = self.subject(side, frame, scan, envelope);
        let is_secret =
            |at: &Option<Range<usize>>| at.as_ref().is_some_and(|at| subject.is_secret(at));
        let [method, tool, id] =
            [&envelope.method_at, &envelope.params_name, &envelope.id].map(is_secret);
        if method {
            examined.envelope.method_label = Label::EMPTY;
        }
        if tool {
            examined.envelope.tool = Label::EMPTY;
        }
        if id {
            examined.id = None;
        }
    }

    /// Who may say something at all.
    fn rule_auth(&self, side: Side, frame: &[u8], envelope: &Envelope) -> Result<(), Reason> {
        if self.policy.attaches_for(side) {
            // Two tokens would leave it to the reader which one counts.
            return match envelope.token {
                Some(_) => Err(Reason::TokenPresent),
                None => Ok(()),
            };
        }
        let tokens = &self.policy.tokens;
        let says = matches!(envelope.message, Message::Request | Message::Notification);
        if !tokens.are_required() || !says {
            return Ok(());
        }
        if side == Side::Server {
            let known = self.session.authenticated;
            return if known { Ok(()) } else { Err(Reason::PeerUnauthenticated) };
        }
        let raw = envelope.token.as_ref().and_then(|value| string(frame, value));
        let Some(raw) = raw.filter(|raw| !raw.is_empty()) else {
            return Err(Reason::AuthRequired);
        };
        let mut token = zeroize::Zeroizing::new(Vec::with_capacity(raw.len()));
        text::decode(raw, &mut token);
        if tokens.admit(&token) { Ok(()) } else { Err(Reason::AuthFailed) }
    }

    fn asks_for_tool(&self, frame: &[u8], envelope: &Envelope) -> bool {
        self.policy.asks_for_any_tool()
            && envelope.method == Method::ToolsCall
            && with_tool_name(frame, envelope, |name| self.policy.asks_for_tool(name))
    }

    fn tool_is_denied(&self, frame: &[u8], envelope: &Envelope) -> bool {
        self.policy.denies_any_tool()
            && with_tool_name(frame, envelope, |name| self.policy.denies_tool(name))
    }
}

/// Calls `judge` with the whole name of the tool, however long.
fn with_tool_name<T>(frame: &[u8], envelope: &Envelope, judge: impl FnOnce(&str) -> T) -> T {
    if !envelope.tool_is_cut {
        return judge(envelope.tool.as_str());
    }
    let value = envelope.params_name.clone().unwrap_or_default();
    let mut decoded = Vec::new();
    text::decode(string(frame, &value).unwrap_or_default(), &mut decoded);
    judge(std::str::from_utf8(&decoded).unwrap_or_default())
}
