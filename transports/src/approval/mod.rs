//! Calls that wait for somebody's word: who is asked, and what they said.
//!
//! ```text
//!  session ── a ticket ──> Approvals ──> hook: a process that reads one line and writes one
//!     ^                        │    ├──> people: `portcullis approve` (serve)
//!     │                        │    └──> lookup: where a path leads, the addresses of a name
//!     └─── yes or no ──────────┘
//! ```
//!
//! It never waits, and never looks at what is asked. Invariant: each question is answered once, or
//! its ticket is over; whatever goes wrong is a no. What a hook has started is killed with its
//! question.

mod answer;
mod hook;
mod lookup;
mod question;

use std::io;
use std::sync::Arc;

use mio::Registry;
use portcullis_engine::{Rules, Ticket, Time};

use crate::log::{Entry, Level, Value};
use crate::process::{Child, Launch};
use crate::recorder::Recorder;
use crate::stdio::Errors;
use hook::{Failure, Hook, Outcome};
pub use lookup::{LOOKUP_ARGUMENT, LOOKUP_BYTES_MAX, Lookup, LookupKind, look_up};
pub use question::{ARGUMENTS_BYTES_MAX, Code, Question, arguments_of};

/// The program that is asked.
#[derive(Clone, Debug)]
pub struct HookPlan {
    /// How it is started.
    pub launch: Launch,
    /// Milliseconds that it has.
    pub timeout_ms: u64,
}

/// Which call a question is about: the first token of its session, the session's number, which is
/// never used twice, and the ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The session's first token.
    pub first: usize,
    /// The session's number.
    pub session: u64,
    /// The engine's ticket.
    pub ticket: Ticket,
}

/// What was said of a call.
pub struct Verdict {
    /// Which call.
    pub key: Key,
    /// What was said.
    pub said: Said,
}

/// The answer to a question.
pub enum Said {
    /// The call may go on.
    Approved,
    /// It may not, or nobody knows what was asked.
    Denied,
    /// What was asked for is this.
    Resolved(String),
}

impl From<bool> for Said {
    fn from(approved: bool) -> Self {
        if approved { Said::Approved } else { Said::Denied }
    }
}

/// All calls of a process that wait.
#[derive(Default)]
pub struct Approvals {
    plan: Option<Arc<HookPlan>>,
    by_hand: bool,
    /// Oldest first.
    waiting: Vec<Waiting>,
    /// What was said at once or by hand, and is not handed on yet.
    said: Vec<Verdict>,
    /// Processes that were killed and are not reaped yet.
    dying: Vec<Child>,
}

struct Waiting {
    key: Key,
    matter: Matter,
    rules: Arc<Rules>,
    asked: Asked,
}

/// What is asked.
enum Matter {
    /// Whether a call may go on.
    Call(Question),
    /// What we find out ourselves.
    Lookup(Lookup),
}

/// Who has been asked.
enum Asked {
    /// Nobody, or people only.
    Nobody,
    /// The hook.
    Hook(Box<Hook>),
}

/// What the work needs of its host.
pub struct Desk<'a> {
    /// Where descriptors are registered.
    pub registry: &'a Registry,
    /// What time it is.
    pub now: Time,
    /// Where it is told.
    pub recorder: &'a mut Recorder,
    /// Our standard error, to which that of hooks goes.
    pub errors: &'a mut Errors,
}

/// So many hooks run at once; the questions of others wait, as long as their tickets do. A person
/// answers fewer, and a program that answers by itself takes milliseconds.
const HOOKS_MAX: usize = 16;

impl Approvals {
    /// Who is asked from now on: this program, and with `by_hand` whoever uses `portcullis approve`.
    pub fn configure(&mut self, plan: Option<HookPlan>, by_hand: bool) {
        self.plan = plan.map(Arc::new);
        self.by_hand = by_hand;
    }

    /// Takes a question.
    pub fn ask(&mut self, key: Key, question: Question, rules: Arc<Rules>) {
        let matter = Matter::Call(question);
        self.waiting.push(Waiting { key, matter, rules, asked: Asked::Nobody });
    }

    /// Takes something to be found out.
    pub fn look_up(&mut self, key: Key, lookup: Lookup, rules: Arc<Rules>) {
        let matter = Matter::Lookup(lookup);
        self.waiting.push(Waiting { key, matter, rules, asked: Asked::Nobody });
    }

    /// Takes an answer that needs nobody.
    pub fn say(&mut self, verdict: Verdict) {
        self.said.push(verdict);
    }

    /// Forgets the calls of a session whose tickets are over.
    pub fn keep(&mut self, first: usize, is_open: impl Fn(Ticket) -> bool) {
        let dying = &mut self.dying;
        self.waiting.retain_mut(|waiting| {
            let key = waiting.key;
            let stays = key.first != first || is_open(key.ticket);
            if !stays {
                waiting.end(dying);
            }
            stays
        });
    }

    /// Whether nobody waits, so that there is nothing to forget.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes note of an edge of any hook: which of them it was is found by looking.
    pub fn note(&mut self, registry: &Registry) {
        for waiting in &mut self.waiting {
            if let Asked::Hook(hook) = &mut waiting.asked {
                hook.note(registry);
            }
        }
    }

    /// When [`Approvals::work`] is due, whatever happens; monotonic milliseconds.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        let hooks = self.waiting.iter().filter_map(|waiting| match &waiting.asked {
            Asked::Hook(hook) => Some(hook.due_ms()),
            Asked::Nobody => None,
        });
        hooks.min()
    }

    /// Does what can be done now; what was said since the last time.
    pub fn work(&mut self, desk: &mut Desk<'_>) -> Vec<Verdict> {
        if !self.dying.is_empty() {
            self.dying.retain_mut(|child| !child.is_reaped());
        }
        let mut verdicts = std::mem::take(&mut self.said);
        if self.waiting.is_empty() {
            return verdicts;
        }
        let mut done = Vec::new();
        for (at, waiting) in self.waiting.iter_mut().enumerate() {
            let Asked::Hook(hook) = &mut waiting.asked else { continue };
            if let Some(outcome) = hook.work(desk) {
                done.push((at, waiting.matter.judge(outcome, desk)));
            }
        }
        if self.plan.is_none() && !self.by_hand {
            for (at, waiting) in self.waiting.iter().enumerate() {
                if let (Asked::Nobody, Matter::Call(question)) = (&waiting.asked, &waiting.matter) {
                    question.tell(desk, Level::Warn, NOBODY, &[]);
                    done.push((at, Said::Denied));
                }
            }
            done.sort_unstable_by_key(|(at, _)| *at);
        }
        for (at, said) in done.into_iter().rev() {
            let mut waiting = self.waiting.remove(at);
            waiting.end(&mut self.dying);
            verdicts.push(Verdict { key: waiting.key, said });
        }
        if let Some(plan) = self.plan.clone() {
            verdicts.extend(self.start_hooks(&Ok(plan), false, desk));
        }
        if self.waiting.iter().any(|waiting| waiting.matter.is_lookup()) {
            verdicts.extend(self.start_hooks(&lookup::plan(), true, desk));
        }
        verdicts
    }

    /// Starts a process for those who wait for it, as far as there are places.
    fn start_hooks(
        &mut self,
        plan: &io::Result<Arc<HookPlan>>,
        lookups: bool,
        desk: &mut Desk<'_>,
    ) -> Vec<Verdict> {
        let mut failed = Vec::new();
        while let Some(at) = self.next_to_ask(lookups) {
            let Waiting { matter, rules, .. } = &self.waiting[at];
            let (line, name) = match matter {
                Matter::Call(question) => (question.line(), "approvals.command"),
                Matter::Lookup(lookup) => (lookup.line(), "look-up"),
            };
            let plan = plan.as_ref().map_err(|error| Failure::NoPipe(error.kind().into()));
            match plan.and_then(|plan| Hook::start(plan, line, name, rules, desk)) {
                Ok(hook) => self.waiting[at].asked = Asked::Hook(Box::new(hook)),
                Err(failure) => {
                    let waiting = self.waiting.remove(at);
                    let said = waiting.matter.judge(Err(failure), desk);
                    failed.push(Verdict { key: waiting.key, said });
                }
            }
        }
        failed
    }

    /// Who is asked next: of those who wait, the oldest of the session that has the fewest hooks
    /// already, so that one busy client does not hold all places. What people may take long for
    /// holds no place of what takes milliseconds.
    fn next_to_ask(&self, lookups: bool) -> Option<usize> {
        let all = || self.waiting.iter().enumerate();
        let alike = || all().filter(|(_, waiting)| waiting.matter.is_lookup() == lookups);
        let runs = |waiting: &Waiting| matches!(waiting.asked, Asked::Hook(_));
        let running = || alike().filter(|(_, waiting)| runs(waiting));
        if running().count() >= HOOKS_MAX {
            return None;
        }
        let of = |first| running().filter(|(_, waiting)| waiting.key.first == first).count();
        let waits = alike().filter(|(_, waiting)| !runs(waiting));
        waits.min_by_key(|(at, waiting)| (of(waiting.key.first), *at)).map(|(at, _)| at)
    }

    /// The questions that people may answer, oldest first.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.waiting.iter().filter_map(|waiting| waiting.matter.question())
    }

    /// Somebody answers by hand; the question, if it is still open.
    pub fn answer(&mut self, code: &Code, approved: bool) -> Option<Question> {
        // Without random bytes a question has no code, and nobody may answer it.
        let is_meant = |question: &Question| !code.is_empty() && question.code == *code;
        let at = self.waiting.iter().position(|it| it.matter.question().is_some_and(is_meant))?;
        let mut waiting = self.waiting.remove(at);
        waiting.end(&mut self.dying);
        self.said.push(Verdict { key: waiting.key, said: approved.into() });
        match waiting.matter {
            Matter::Call(question) => Some(question),
            Matter::Lookup(_) => None,
        }
    }
}

impl Matter {
    /// What becomes of what was written, and a line in the log about why.
    fn judge(&self, outcome: Outcome, desk: &mut Desk<'_>) -> Said {
        match self {
            Matter::Call(question) => answer::judge(outcome, question, desk).into(),
            Matter::Lookup(lookup) => lookup.judge(outcome, desk),
        }
    }

    fn is_lookup(&self) -> bool {
        matches!(self, Matter::Lookup(_))
    }

    fn question(&self) -> Option<&Question> {
        match self {
            Matter::Call(question) => Some(question),
            Matter::Lookup(_) => None,
        }
    }
}

impl Drop for Approvals {
    /// Nothing that was started outlives us; killed processes are gone in no time.
    fn drop(&mut self) {
        for waiting in &mut self.waiting {
            waiting.end(&mut self.dying);
        }
        for child in self.dying.drain(..) {
            let _ = child.end();
        }
    }
}

impl Waiting {
    /// Kills what was started for it.
    fn end(&mut self, dying: &mut Vec<Child>) {
        if let Asked::Hook(hook) = std::mem::replace(&mut self.asked, Asked::Nobody) {
            dying.extend(hook.kill());
        }
    }
}

impl Question {
    /// Says something about a call that waits.
    pub(crate) fn tell(
        &self,
        desk: &mut Desk<'_>,
        level: Level,
        what: &str,
        more: &[(&str, Value<'_>)],
    ) {
        let mut fields =
            vec![("ticket", Value::Number(self.ticket)), ("tool", Value::Text(&self.tool))];
        fields.extend_from_slice(more);
        desk.recorder.entry(&Entry {
            level,
            time: desk.now,
            session: Some(self.session),
            server: &self.server,
            what,
            fields: &fields,
        });
    }
}

const NOBODY: &str = "a call waits for approval, and nobody can be asked: it is not approved; \
                      name a program in approvals.command";
