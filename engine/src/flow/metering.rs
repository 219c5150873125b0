//! Holds messages to the limits of quotas: how often, how many at once, how much, how long.
//!
//! Asked last, so that what is refused anyhow takes nothing from the others; and all limits are
//! asked before any is taken from.

use std::sync::Arc;

use super::engine::Engine;
use super::ledger::Ledger;
use super::passing::Source;
use super::pending::{Slot, SlotNumber, State, TOOL_BYTES_MAX};
use super::verdict::Examined;
use crate::base::event::{EventKind, Message};
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::identity::Identity;
use crate::judge::envelope::Method;
use crate::judge::metering::{CONCURRENCY_MAX, Meter, Metered, Spend, Subjects};
use crate::judge::reply::{Cause, Refusal};
use crate::quota::{Charge, Hold, Key, Origin, Outcome, Quotas, Subject, Turn};

/// What a message takes, and by which rules; memory that is used again.
#[derive(Default)]
pub(crate) struct Charges {
    rules: Vec<(Meter, u16)>,
    charges: Vec<Charge>,
    holds: Vec<Hold>,
    /// Lists of what requests held that are open no more.
    spare: Vec<Vec<Key>>,
    recent: RecentTools,
    /// Who holds places in the ledger for the message, if it is a call that may.
    holder: Option<u64>,
}

/// Tools that were called lately, and whom limits count for them: a digest, which most calls of a
/// session need again.
#[derive(Default)]
struct RecentTools {
    known: Vec<RecentTool>,
    /// Which of them goes next, when there are as many as may be.
    next: usize,
}

struct RecentTool {
    server: Subject,
    name: Box<str>,
    subject: Subject,
}

impl RecentTools {
    const COUNT_MAX: usize = 16;

    /// Whom limits count for this tool of this server.
    fn subject(&mut self, what: &Metered<'_>) -> Subject {
        let (server, name) = (what.subjects.server, what.tool.unwrap_or_default());
        let known = self.known.iter().find(|tool| *tool.name == *name && tool.server == server);
        if let Some(tool) = known {
            return tool.subject;
        }
        let subject = Subject::tool(what.server, name);
        if name.len() <= TOOL_BYTES_MAX {
            self.keep(RecentTool { server, name: name.into(), subject });
        }
        subject
    }

    fn keep(&mut self, tool: RecentTool) {
        if self.known.len() < Self::COUNT_MAX {
            self.known.push(tool);
        } else {
            self.known[self.next] = tool;
            self.next = (self.next + 1) % Self::COUNT_MAX;
        }
    }

    fn memory(&self) -> usize {
        self.known.capacity() * size_of::<RecentTool>()
            + self.known.iter().map(|tool| tool.name.len()).sum::<usize>()
    }
}

impl Charges {
    /// Most bytes that it ever holds. Lists that double count twice.
    pub(crate) const MEMORY_MAX: usize =
        2 * Quotas::CHARGES_MAX * (size_of::<(Meter, u16)>() + size_of::<Charge>())
            + 2 * CONCURRENCY_MAX * size_of::<Hold>()
            + 2 * SPARE_MAX * (size_of::<Vec<Key>>() + CONCURRENCY_MAX * size_of::<Key>())
            + 2 * RecentTools::COUNT_MAX * (size_of::<RecentTool>() + TOOL_BYTES_MAX);

    pub(crate) fn memory(&self) -> usize {
        self.rules.capacity() * size_of::<(Meter, u16)>()
            + self.charges.capacity() * size_of::<Charge>()
            + self.holds.capacity() * size_of::<Hold>()
            + self.spare.capacity() * size_of::<Vec<Key>>()
            + self.spare.iter().map(|keys| keys.capacity() * size_of::<Key>()).sum::<usize>()
            + self.recent.memory()
    }

    fn clear(&mut self) {
        self.rules.clear();
        self.charges.clear();
    }

    /// Keeps a list for the next request.
    fn keep(&mut self, mut keys: Vec<Key>) {
        if keys.capacity() > 0 && self.spare.len() < SPARE_MAX {
            keys.clear();
            self.spare.push(keys);
        }
    }
}

impl Engine {
    /// What the limits say of a message; what a request holds from now on if they let it.
    ///
    /// # Errors
    /// The limit that is reached, and when it is worth trying again.
    pub(crate) fn meter(
        &mut self,
        side: Side,
        examined: &Examined,
        source: &Source,
        ledger: &mut Ledger,
    ) -> Result<Vec<Key>, Refusal> {
        let policy = Arc::clone(&self.policy);
        let is_request = examined.envelope.message == Message::Request;
        let metering = &policy.metering;
        if side == Side::Client && is_request && metering.breaker.enabled {
            let server = self.session.subjects.server;
            ledger.check_breaker(server, &metering.breaker).map_err(|ms| Refusal {
                rule: Some(Cause::Word("quotas.breaker")),
                ..limited(Reason::CircuitOpen, ms)
            })?;
        }
        let is_free = self.is_free(side, examined);
        if let Some(rate) = policy.rate.filter(|_| !is_free) {
            ledger.look(rate).map_err(|ms| limited(Reason::RateLimited, ms))?;
        }
        let mut held = Vec::new();
        if metering.counts() || metering.holds() {
            let mut charges = std::mem::take(&mut self.charges);
            let is_call = is_request && examined.envelope.method == Method::ToolsCall;
            let may_hold = side == Side::Client && is_call && metering.holds();
            charges.holder = may_hold.then(|| self.session.holder());
            let taken = self.count_message(side, examined, source, is_free, &mut charges, ledger);
            self.charges = charges;
            held = taken?;
        }
        if let Some(rate) = policy.rate.filter(|_| !is_free) {
            // It was looked at above, so there is one.
            let _ = ledger.take(rate);
        }
        Ok(held)
    }

    /// Takes what the rules want of a message; what a request holds from now on.
    fn count_message(
        &self,
        side: Side,
        examined: &Examined,
        source: &Source,
        is_free: bool,
        charges: &mut Charges,
        ledger: &mut Ledger,
    ) -> Result<Vec<Key>, Refusal> {
        let pending = &self.lanes[side.other() as usize].pending;
        let answered = examined.answers.map(|number| pending.slot(number));
        let tool = examined.envelope.tool_name(self.frame_of(side, source));
        let what = self.metered(examined, answered, &tool, self.session.server.as_str());
        let mut held = Vec::new();
        let holder = charges.holder.unwrap_or_default();
        if charges.holder.is_some() {
            held = self.hold(&what, charges, ledger)?;
        }
        let charged = self.charge(side, examined, &what, is_free, charges, ledger);
        if let Err(refusal) = charged {
            held.iter().for_each(|key| ledger.leave(holder, key));
            charges.keep(held);
            return Err(refusal);
        }
        Ok(held)
    }

    /// Whether a message counts towards no rate: what a server says, answers, and what ends a
    /// request, which has paid and cannot be ended twice.
    fn is_free(&self, side: Side, examined: &Examined) -> bool {
        match examined.envelope.message {
            _ if side == Side::Server => true,
            Message::Response => true,
            Message::Notification => {
                let target = examined.target.as_ref();
                target.is_some_and(|id| self.to_cancel(side, id).is_some())
            }
            _ => false,
        }
    }

    fn metered<'a>(
        &self,
        examined: &'a Examined,
        answered: Option<&'a Slot>,
        tool: &'a str,
        server: &'a str,
    ) -> Metered<'a> {
        let envelope = &examined.envelope;
        let identity = match answered {
            Some(slot) => slot.identity.as_ref(),
            None => examined.identity.as_ref(),
        };
        let awaited = answered.and_then(Slot::of_tool);
        let is_call = answered.is_none() && envelope.method == Method::ToolsCall;
        let method = answered.map_or(&envelope.method_label, |slot| &slot.method_label);
        Metered {
            method: method.as_str(),
            method_is_cut: method.is_cut(),
            tool: awaited.map(|tool| tool.name).or(is_call.then_some(tool)),
            tool_is_cut: awaited.is_some_and(|tool| tool.is_cut),
            server,
            subjects: self.subjects(identity),
        }
    }

    /// Whom limits count for what this principal says.
    pub(crate) fn subjects(&self, identity: Option<&Arc<Identity>>) -> Subjects {
        // Nobody in particular: who that is, the session tells.
        let session = self.session.subjects.session;
        let principal = identity.map_or(session, |identity| identity.subject());
        Subjects { principal, ..self.session.subjects }
    }

    fn hold(
        &self,
        what: &Metered<'_>,
        charges: &mut Charges,
        ledger: &mut Ledger,
    ) -> Result<Vec<Key>, Refusal> {
        let metering = &self.policy.metering;
        let Charges { rules, holds, spare, recent, holder, .. } = charges;
        let holder = holder.unwrap_or_default();
        rules.clear();
        holds.clear();
        metering.hold(what, &mut |what| recent.subject(what), |place, hold| {
            rules.push((Meter::Concurrency, place));
            holds.push(hold);
        });
        let entered = ledger.enter(holder, holds).map_err(|place| {
            let rule = Some(metering.cause(Meter::Concurrency, rules[place].1));
            Refusal { rule, ..limited(Reason::ConcurrencyLimited, RETRY_MS) }
        });
        rules.clear();
        entered?;
        let mut held = match holds.is_empty() {
            true => Vec::new(),
            false => spare.pop().unwrap_or_default(),
        };
        held.extend(holds.iter().map(|hold| hold.key));
        Ok(held)
    }

    fn charge(
        &self,
        side: Side,
        examined: &Examined,
        what: &Metered<'_>,
        is_free: bool,
        taken: &mut Charges,
        ledger: &mut Ledger,
    ) -> Result<(), Refusal> {
        let origin = match side {
            Side::Client => Origin::Client,
            Side::Server => Origin::Server,
        };
        let Charges { rules, charges, recent, .. } = &mut *taken;
        let metering = &self.policy.metering;
        let spend = Spend { from: origin, says: !is_free, bytes: examined.len as u64 };
        metering.charge(what, spend, &mut |what| recent.subject(what), |meter, place, charge| {
            rules.push((meter, place));
            charges.push(charge);
        });
        let admitted = ledger.admit(charges).map_err(|reached| {
            let (meter, place) = rules[reached.place];
            let reason = match meter {
                Meter::Bytes => Reason::BytesLimited,
                _ => Reason::RateLimited,
            };
            let rule = Some(metering.cause(meter, place));
            Refusal { rule, ..limited(reason, reached.retry_after_ms) }
        });
        taken.clear();
        admitted
    }

    /// A request of the client leaves for its server; whether it tries a server that had failed.
    pub(crate) fn send_call(&self, asker: Side, ledger: &mut Ledger) -> bool {
        let breaker = &self.policy.metering.breaker;
        if asker != Side::Client || !breaker.enabled {
            return false;
        }
        let server = self.session.subjects.server;
        ledger.send_call(server, breaker);
        ledger.is_on_trial(server)
    }

    /// A request of `asker` is open no more, whatever became of it: what it held is let go.
    pub(crate) fn let_down(
        &mut self,
        asker: Side,
        number: SlotNumber,
        outcome: Option<Outcome>,
        ledger: &mut Ledger,
    ) {
        ledger.requests_open = ledger.requests_open.saturating_sub(1);
        let held = self.lanes[asker as usize].pending.take_holds(number);
        if !held.is_empty() {
            let holder = self.session.holder();
            held.iter().for_each(|key| ledger.leave(holder, key));
            self.charges.keep(held);
        }
        let slot = self.lanes[asker as usize].pending.slot(number);
        let (was_sent, is_probe) = (slot.state == State::Open, slot.is_probe);
        self.session.heard_ms = self.now.monotonic_ms;
        if !was_sent || asker != Side::Client || !self.policy.metering.breaker.enabled {
            return;
        }
        let server = self.session.subjects.server;
        let Some(outcome) = outcome else {
            if is_probe {
                ledger.give_back_probe(server, &self.policy.metering.breaker);
            }
            return;
        };
        if ledger.is_on_trial(server) && !is_probe {
            // It was sent before, and says nothing of how the server is now.
            return;
        }
        let reason = match ledger.end_call(server, outcome, &self.policy.metering.breaker) {
            Some(Turn::Opened) => Reason::CircuitOpened,
            Some(Turn::Closed) => Reason::CircuitClosed,
            None => return,
        };
        self.note(EventKind::Lifecycle, Side::Server, Some(reason));
    }

    /// Takes a place among the sessions of its principal and address, once.
    ///
    /// # Errors
    /// As many are open as may be.
    pub(crate) fn enter_session(
        &mut self,
        identity: Option<&Arc<Identity>>,
        ledger: &mut Ledger,
    ) -> Result<(), Refusal> {
        if self.session.entered.is_some() || self.lanes[Side::Client as usize].ended {
            return Ok(());
        }
        let holds = self.policy.metering.session_holds(&self.subjects(identity));
        // The number is settled by the first place that is taken, and by no other.
        if !holds.is_empty() && ledger.enter(self.session.holder(), &holds).is_err() {
            let rule = Some(Cause::Word("quotas.sessions"));
            return Err(Refusal { rule, ..limited(Reason::TooManySessions, RETRY_MS) });
        }
        self.session.entered = Some(holds.iter().map(|hold| hold.key).collect());
        Ok(())
    }

    /// The session is over: its place is free.
    pub(crate) fn leave_session(&mut self, ledger: &mut Ledger) {
        for key in self.session.entered.take().into_iter().flatten() {
            ledger.leave(self.session.holder(), &key);
        }
    }
}

/// So many lists are kept for the requests to come.
const SPARE_MAX: usize = 16;

/// Nothing tells when somebody else's call ends.
const RETRY_MS: u32 = 1_000;

fn limited(reason: Reason, retry_after_ms: u32) -> Refusal {
    Refusal { retry_after_ms: Some(retry_after_ms), ..reason.into() }
}
