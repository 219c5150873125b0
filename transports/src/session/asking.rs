//! What the engine of a session asks its host: the question goes to those who answer, the answer
//! back to the engine.

use std::sync::Arc;

use portcullis_engine::{self as engine, Answer, Event, Ticket};

use super::Session;
use crate::approval::{
    Code, Key, LOOKUP_BYTES_MAX, Lookup, LookupKind, Question, Said, Verdict, arguments_of,
};
use crate::host::World;

impl Session {
    /// Hands a question on.
    pub(super) fn ask(&mut self, event: &Event, ticket: Ticket, world: &mut World<'_>) {
        let key = Key { first: self.first, session: event.session, ticket };
        // It may be over already: judging goes on while events wait.
        let Some(asked) = self.engine.question(ticket) else { return };
        let (tool, message) = match asked {
            engine::Question::Call { tool, message } => (tool, message),
            engine::Question::Path { path } => {
                return self.look_up(LookupKind::Path, path, key, event, world);
            }
            engine::Question::Name { name } => {
                return self.look_up(LookupKind::Name, name, key, event, world);
            }
            // What this host does not know, it does not say yes to.
            _ => return world.approvals.say(Verdict { key, said: Said::Denied }),
        };
        let question = Question {
            ticket: ticket.0,
            session: event.session,
            server: event.server.as_str().to_owned(),
            tool: tool.to_owned(),
            rule: event.rule.as_str().to_owned(),
            arguments: message.and_then(arguments_of),
            code: Code::new(event.session, ticket.0),
            since_ms: world.now.monotonic_ms,
        };
        world.approvals.ask(key, question, Arc::clone(&self.rules));
    }

    /// Has a path or a name looked up.
    fn look_up(
        &self,
        kind: LookupKind,
        text: &str,
        key: Key,
        event: &Event,
        world: &mut World<'_>,
    ) {
        if text.len() > LOOKUP_BYTES_MAX {
            return world.approvals.say(Verdict { key, said: Said::Denied });
        }
        let lookup = Lookup {
            kind,
            text: text.to_owned(),
            ticket: key.ticket.0,
            session: event.session,
            server: event.server.as_str().to_owned(),
        };
        world.approvals.look_up(key, lookup, Arc::clone(&self.rules));
    }

    /// Forgets the questions whose calls wait no more: cancelled, too late, or the end came.
    pub(super) fn forget_settled(&self, world: &mut World<'_>) {
        if !world.approvals.is_empty() {
            let engine = &self.engine;
            world.approvals.keep(self.first, |ticket| engine.question(ticket).is_some());
        }
    }

    /// Forgets all questions, since the session ends.
    pub fn forget_questions(&self, world: &mut World<'_>) {
        world.approvals.keep(self.first, |_| false);
    }

    /// Tells the engine what was said.
    pub fn answer(&mut self, verdict: &Verdict, world: &mut World<'_>) {
        let answer = match &verdict.said {
            Said::Approved => Answer::Approved,
            Said::Denied => Answer::Denied,
            Said::Resolved(text) => Answer::Resolved(text),
        };
        // One that is over by now needs no answer.
        let _ = self.engine.answer(world.ledger, verdict.key.ticket, answer, world.now);
    }
}
