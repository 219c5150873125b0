//! What `portcullis approve` and a daemon say to each other, over a socket of their own beside that
//! of a server: one line with an order, one line with a reply, and the end.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::approval::{Code, Question};

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Order {
    /// What waits.
    List,
    /// This call may go on.
    Approve(Code),
    /// This call may not.
    Deny(Code),
}

/// What a daemon says. New members may come; those that are there keep their meaning.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reply {
    /// The daemon's process.
    pub pid: u32,
    /// Calls that wait, oldest first, at most `LISTED_MAX`.
    #[serde(default)]
    pub waiting: Vec<Waits>,
    /// How many more there are.
    #[serde(default)]
    pub more: u64,
    /// The call that was answered; nothing if none waits under this code.
    #[serde(default)]
    pub answered: Option<Waits>,
}

/// A call that waits.
#[derive(Debug, Serialize, Deserialize)]
pub struct Waits {
    /// By which it is answered.
    pub code: Code,
    /// The number of the session.
    pub session: u64,
    /// The name of the server.
    pub server: String,
    /// The tool.
    pub tool: String,
    /// The rule that asks.
    pub rule: String,
    /// For how long it has waited.
    pub waits_ms: u64,
    /// The arguments as they will leave, if they are short enough to be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Box<RawValue>>,
}

impl Waits {
    /// What is told of a question.
    #[must_use]
    pub fn of(question: &Question, now_ms: u64) -> Self {
        let shown = |raw: &&RawValue| raw.get().len() <= SHOWN_BYTES_MAX;
        Waits {
            code: question.code.clone(),
            session: question.session,
            server: question.server.clone(),
            tool: question.tool.clone(),
            rule: question.rule.clone(),
            waits_ms: now_ms.saturating_sub(question.since_ms),
            arguments: question.arguments.as_deref().filter(shown).map(ToOwned::to_owned),
        }
    }
}

/// Nobody reads more at once.
pub const LISTED_MAX: usize = 64;
/// Longer arguments are left to the hook.
const SHOWN_BYTES_MAX: usize = 4 << 10;
/// An order is shorter.
pub const ORDER_BYTES_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_short_lines() {
        let code = Code::new(u64::MAX, u64::MAX);
        for order in [Order::List, Order::Approve(code.clone()), Order::Deny(code)] {
            let line = serde_json::to_string(&order).unwrap();
            assert!(line.len() < ORDER_BYTES_MAX, "{line}");
            assert_eq!(serde_json::from_str::<Order>(&line).unwrap(), order);
        }
    }
}
