//! The policy chain: finds out all about one message, and changes nothing.

use std::ops::Range;
use std::sync::Arc;

use super::engine::Engine;
use super::pending::{IdBuf, Slot, SlotNumber};
use crate::base::event::{Label, Message};
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::identity::{Denied, Identity, Source};
use crate::judge::asking::Asked;
use crate::judge::case::Case;
use crate::judge::edits::{self, Scratch, Subject};
use crate::judge::envelope::{Envelope, Method, string};
use crate::judge::lists;
use crate::judge::opening;
use crate::judge::policy::Policy;
use crate::judge::reply::{Cause, Refusal};
use crate::judge::rules;
use crate::judge::sanitise;
use crate::judge::seal::Sealer;
use crate::judge::tasks::TaskId;
use crate::judge::truncate;
use crate::quota::ResponseAction;
use crate::rights::Who;
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
    /// What has to be asked of the host before it may go on, in this order.
    pub asked: Vec<Asked>,
    /// Where the arguments of a call, or the tools of a list, stand for its schema.
    pub schema_at: Option<Range<usize>>,
    /// The task that it made, or whose result it asks for, where limits of tools ask.
    pub task: Option<TaskId>,
    /// Who says it, if that is known.
    pub identity: Option<Arc<Identity>>,
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
            asked: Vec::new(),
            schema_at: None,
            task: None,
            identity: None,
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
            asked: Vec::new(),
            schema_at: None,
            task: None,
            identity: None,
            len: frame.len(),
            envelope,
        };
        let ruled = self.rule(side, frame, scan, &mut examined, scratch);
        match ruled {
            Ok(()) => {
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

    /// The policy chain: who says it, the rules that say yes or no, then what has to change.
    fn rule(
        &self,
        side: Side,
        frame: &[u8],
        scan: &Scanner,
        examined: &mut Examined,
        scratch: &mut Scratch,
    ) -> Result<(), Refusal> {
        let Examined { envelope, answers, asked, identity, filtered, .. } = examined;
        if let Some(fault) = envelope.fault {
            return Err(fault.into());
        }
        *identity = self.identify(side, frame, envelope)?;
        let case = self.case(side, frame, scan, envelope, identity.as_deref());
        *asked = rules::fold(&case, &mut scratch.arguments)?;
        examined.schema_at = self.schema_place(&case, *answers)?;
        examined.task = self.task_of(&case, *answers)?;
        self.change(&case, *answers, filtered, scratch)
    }

    fn case<'a>(
        &'a self,
        side: Side,
        frame: &'a [u8],
        scan: &'a Scanner,
        envelope: &'a Envelope,
        identity: Option<&'a Identity>,
    ) -> Case<'a> {
        let server = self.session.server.as_str();
        Case {
            policy: &self.policy,
            limits: &self.limits,
            side,
            frame,
            scan,
            envelope,
            who: Who { identity, server },
            server_is_cut: self.session.server.is_cut(),
            peer: self.session.peer.as_deref(),
            wall_ms: self.now.wall_ms,
            modern: self.session.modern,
            initialized: self.session.initialized,
        }
    }

    /// What has to be taken out, put in or cut.
    fn change(
        &self,
        case: &Case<'_>,
        answers: Option<SlotNumber>,
        filtered: &mut bool,
        scratch: &mut Scratch,
    ) -> Result<(), Refusal> {
        let Case { side, frame, scan, envelope, .. } = *case;
        let subject = self.subject(side, frame, scan, envelope);
        let limit = self.limits.frame_bytes_max[side as usize] as usize;
        if side == Side::Server {
            let max = self.limits.members_max as usize;
            sanitise::survey(subject, &self.policy.sanitise, limit, max, scratch)?;
        }
        edits::collect(subject, limit, scratch)?;
        sanitise::strip(limit, scratch)?;
        if case.calls(&[Method::ToolsCall]) {
            self.open_sealed(subject, limit, scratch)?;
        }
        if let Some(number) = answers {
            let slot = self.lanes[side.other() as usize].pending.slot(number);
            // What the asker may see now, whatever it was when it asked.
            let identity = slot.identity.as_ref().and_then(|it| self.policy.principals.current(it));
            let asker = Who { identity: identity.as_deref(), ..case.who };
            *filtered = lists::filter(case, slot.method, asker, scratch)?;
            lists::keep_private(case, slot.method, scratch)?;
            if side == Side::Server {
                self.shorten(case, slot, scratch)?;
            }
        }
        if case.says() && self.policy.attaches_for(side) {
            edits::attach(frame, &mut scratch.edits);
        }
        let len = edits::edited_len(frame.len(), &scratch.edits, &self.policy);
        if len > frame.len() && len > limit {
            return Err(Reason::FrameTooLarge.into());
        }
        Ok(())
    }

    /// Holds an answer to the length that policy gives it.
    fn shorten(&self, case: &Case<'_>, slot: &Slot, scratch: &mut Scratch) -> Result<(), Refusal> {
        let limit = self.policy.metering.response(slot.of_tool());
        let Some((bytes_max, action)) = limit else { return Ok(()) };
        let len = edits::edited_len(case.frame.len(), &scratch.edits, &self.policy);
        let rule = Some(Cause::Word("quotas.responses"));
        let fits = match action {
            _ if len <= bytes_max => return Ok(()),
            ResponseAction::Truncate if case.envelope.is_result => {
                truncate::fit(case, bytes_max, scratch)
            }
            _ => Err(Reason::ResponseTooLarge),
        };
        fits.map_err(|reason| Refusal { rule, ..reason.into() })
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
        let tool = envelope.tool_name(frame);
        opening::open(subject, arguments, &tool, &self.limits, limit, scratch)
    }

    fn subject<'a>(
        &'a self,
        side: Side,
        frame: &'a [u8],
        scan: &'a Scanner,
        envelope: &'a Envelope,
    ) -> Subject<'a> {
        let Policy { rules, principals, seal_key, .. } = &*self.policy;
        let seals = &self.seals;
        // Only the server takes back what was sealed, so only its secrets are.
        let key = seal_key.as_ref().filter(|_| side == Side::Server);
        let session = self.session.number;
        let max = self.limits.seals_max;
        let sealer = key.map(|key| Sealer { table: seals, key, session, side, max });
        Subject { frame, scan, envelope, rules, principals, seals, sealer }
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

    /// Who says it; nobody in particular where no credential is demanded.
    ///
    /// # Errors
    /// A credential is demanded, and none that is live was brought.
    fn identify(
        &self,
        side: Side,
        frame: &[u8],
        envelope: &Envelope,
    ) -> Result<Option<Arc<Identity>>, Refusal> {
        if self.policy.attaches_for(side) {
            // Two tokens would leave it to the reader which one counts.
            return match envelope.token {
                Some(_) => Err(Reason::TokenPresent.into()),
                None => Ok(None),
            };
        }
        let says = matches!(envelope.message, Message::Request | Message::Notification);
        if !self.policy.principals.are_required() || !says {
            return Ok(self.speaker(side));
        }
        if side == Side::Server {
            let speaker = self.speaker(side).filter(|identity| {
                identity.check(self.now.wall_ms, self.session.server.as_str()).is_ok()
            });
            let known = self.session.authenticated && speaker.is_some();
            return if known { Ok(speaker) } else { Err(Reason::PeerUnauthenticated.into()) };
        }
        let presented = match &envelope.token {
            Some(value) => self.admit_member(frame, value),
            None => self.admit_facts(),
        };
        match presented.ok_or(Reason::AuthRequired)? {
            Ok(identity) => Ok(Some(identity)),
            Err(denied) => Err(denied.into()),
        }
    }

    /// Who speaks where nobody has to show a credential.
    fn speaker(&self, side: Side) -> Option<Arc<Identity>> {
        self.session.speaker.clone().filter(|_| side == Side::Server)
    }

    /// Whose the token of a message is; `None` if it is no token.
    fn admit_member(
        &self,
        frame: &[u8],
        value: &Range<usize>,
    ) -> Option<Result<Arc<Identity>, Denied>> {
        let raw = string(frame, value).filter(|raw| !raw.is_empty())?;
        let mut token = zeroize::Zeroizing::new(Vec::with_capacity(raw.len()));
        text::decode(raw, &mut token);
        let (wall_ms, server) = (self.now.wall_ms, self.session.server.as_str());
        Some(self.policy.principals.admit(&token, Source::Member, wall_ms, server))
    }

    /// Who the client is by what the host said of it.
    fn admit_facts(&self) -> Option<Result<Arc<Identity>, Denied>> {
        let peer = self.session.peer.as_ref()?;
        let principals = &self.policy.principals;
        let presented = peer.identity(principals, self.now.wall_ms, self.session.server.as_str());
        let loopback = principals.loopback().filter(|_| peer.is_loopback());
        presented.or_else(|| loopback.map(|identity| Ok(Arc::clone(identity))))
    }
}
