//! What the engine of a session asks its host: the question goes to those who answer, the answer
//! back to the engine.

use std::sync::Arc;

use portcullis_engine::{Answer, Event, Ticket};

use super::Session;
use crate::approval::{Code, Key, Question, Verdict};
use crate::host::World;

impl Session {
    /// Hands a question on.
    pub(super) fn ask(&mut self, event: &Event, ticket: Ticket, world: &mut World<'_>) {
        let key = Key { first: self.first, session: event.session, ticket };
        let question = Question {
            ticket: ticket.0,
            session: event.session,
            server: event.server.as_str().to_owned(),
            tool: event.tool.as_str().to_owned(),
            rule: event.rule.as_str().to_owned(),
            arguments: None,
            code: Code::new(event.session, ticket.0),
            since_ms: world.now.monotonic_ms,
        };
        world.approvals.ask(key, question, Arc::clone(&self.rules));
    }

    /// Forgets the questions whose calls wait no more: cancelled, too late, or the end came.
    pub(super) fn forget_settled(&self, world: &mut World<'_>) {
        if !world.approvals.is_empty() {
            world.approvals.keep(self.first, |_| true);
        }
    }

    /// Forgets all questions, since the session ends.
    pub fn forget_questions(&self, world: &mut World<'_>) {
        world.approvals.keep(self.first, |_| false);
    }

    /// Tells the engine what was said of a call that waits.
    pub fn answer(&mut self, verdict: Verdict, world: &mut World<'_>) {
        let answer = if verdict.approved { Answer::Approved } else { Answer::Denied };
        self.engine.answer(world.ledger, verdict.key.ticket, answer, world.now);
    }
}
