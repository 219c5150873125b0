//! Which tool made a task: limits of the tool hold for the result of its task as well.
//!
//! Invariant: at most [`TASKS_MAX`] tasks are known, each once. A task that is not known may be any
//! tool's, and the strictest limit of a tool holds for its result.

use std::collections::VecDeque;

use super::engine::Engine;
use super::pending::{Slot, SlotNumber};
use super::verdict::Examined;
use crate::base::event::Label;
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::case::Case;
use crate::judge::envelope::Method;
use crate::judge::metering::ToolName;
use crate::judge::tasks::{self, TaskId};

/// The tasks of a session, the oldest first.
#[derive(Default)]
pub(crate) struct Tasks {
    known: VecDeque<(TaskId, Label)>,
    /// Digests of those that were known before.
    past: Vec<u64>,
}

impl Tasks {
    /// Most bytes of memory. A queue doubles as it grows, and is there twice while it does.
    pub(crate) const MEMORY_MAX: usize =
        2 * TASKS_MAX * size_of::<(TaskId, Label)>() + 2 * PAST_MAX * size_of::<u64>();

    /// A call of this tool made a task. The oldest is forgotten where there are too many; that there
    /// was one of its id is not, as long as there is room, since the id of a task that had a strict
    /// limit may be given again to one that has none.
    pub(crate) fn make(&mut self, task: TaskId, tool: Label) {
        if let Some((_, known)) = self.known.iter_mut().find(|(known, _)| *known == task) {
            // Servers choose ids: one that is given to two tools says nothing of either.
            if *known != tool {
                *known = Label::EMPTY;
            }
            return;
        }
        let is_new = self.past.len() < PAST_MAX && !self.past.contains(&task.word());
        if self.known.len() >= TASKS_MAX
            && let Some((oldest, _)) = self.known.pop_front()
            && self.past.len() < PAST_MAX
        {
            self.past.push(oldest.word());
        }
        self.known.push_back((task, if is_new { tool } else { Label::EMPTY }));
    }

    /// The tool that made this task; no name if that is not known.
    pub(crate) fn tool(&self, task: TaskId) -> Label {
        let found = self.known.iter().find(|(known, _)| *known == task);
        found.map_or(Label::EMPTY, |&(_, tool)| tool)
    }

    pub(crate) fn memory(&self) -> usize {
        self.known.capacity() * size_of::<(TaskId, Label)>()
            + self.past.capacity() * size_of::<u64>()
    }
}

impl Slot {
    /// The tool whose answer is awaited, if one is; of a task that is not known, any.
    pub(crate) fn of_tool(&self) -> Option<ToolName<'_>> {
        let known = match &self.long_tool {
            Some(name) => ToolName { name, is_cut: false },
            None => ToolName { name: self.tool.as_str(), is_cut: self.tool.is_cut() },
        };
        match self.method {
            Method::ToolsCall => Some(known),
            Method::TaskResult => {
                Some(ToolName { is_cut: known.is_cut || known.name.is_empty(), ..known })
            }
            _ => None,
        }
    }
}

impl Engine {
    /// The task that a message makes, or whose result it asks for, where limits of tools ask.
    ///
    /// # Errors
    /// Two peers may read its id differently.
    pub(crate) fn task_of(
        &self,
        case: &Case<'_>,
        answers: Option<SlotNumber>,
    ) -> Result<Option<TaskId>, Reason> {
        if !self.policy.metering.is_by_tool() {
            return Ok(None);
        }
        let pending = &self.lanes[case.side.other() as usize].pending;
        let answered = answers.map(|number| pending.slot(number).method);
        match (case.side, answered) {
            (Side::Client, None) if case.calls(&[Method::TaskResult]) => tasks::asked(case),
            (Side::Server, Some(Method::ToolsCall)) if case.envelope.is_result => tasks::made(case),
            _ => Ok(None),
        }
    }

    /// As what a request of this side waits, and for which tool.
    pub(crate) fn awaited(&self, side: Side, examined: &Examined) -> (Method, Label) {
        match examined.envelope.method {
            // What a client works on is no tool.
            Method::TaskResult if side == Side::Server => (Method::Listen, Label::EMPTY),
            Method::TaskResult => {
                let tool = examined.task.map(|task| self.tasks.tool(task));
                (Method::TaskResult, tool.unwrap_or_default())
            }
            method => (method, examined.envelope.tool),
        }
    }

    /// When the result of a task of this tool has to be there. Nothing else ends the wait for it,
    /// which is as long as the task takes, unless the policy names the method.
    pub(crate) fn task_deadline(&self, method: &str, tool: &Label) -> u64 {
        let is_known = !tool.is_empty() && !tool.is_cut();
        let of_tool = self.policy.metering.timeout(is_known.then(|| tool.as_str()));
        let ms = self.policy.timeout_of(method).into_iter().chain(of_tool).min();
        ms.map_or(u64::MAX, |ms| self.now.monotonic_ms.saturating_add(ms))
    }
}

/// So many tasks of one session are known: more run at once nowhere, and their number is the
/// server's to choose.
const TASKS_MAX: usize = 1_024;
/// So many ids are known to have been given before. In a session with more tasks than these and
/// those, 9,216, the strictest limit holds for each later one.
const PAST_MAX: usize = 8_192;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_task_is_forgotten_and_memory_has_a_limit() {
        let mut tasks = Tasks::default();
        assert_eq!(tasks.memory(), 0);
        let id = |n: usize| TaskId::of(&n.to_string());
        for n in 0..=TASKS_MAX {
            tasks.make(id(n), Label::new("read"));
            tasks.make(id(n), Label::new("read"));
            assert!(tasks.memory() <= Tasks::MEMORY_MAX);
        }
        assert!(tasks.tool(id(0)).is_empty());
        for n in [1, TASKS_MAX] {
            assert_eq!(tasks.tool(id(n)).as_str(), "read", "{n}");
        }
    }

    /// An id that was forgotten is not a new one.
    #[test]
    fn an_id_that_is_given_again_after_it_was_forgotten_is_of_any_tool() {
        let mut tasks = Tasks::default();
        let id = |n: usize| TaskId::of(&n.to_string());
        tasks.make(id(0), Label::new("strict"));
        for n in 1..=TASKS_MAX {
            tasks.make(id(n), Label::new("lax"));
        }
        tasks.make(id(0), Label::new("lax"));
        assert!(tasks.tool(id(0)).is_empty());
        for (n, wanted) in [(TASKS_MAX + PAST_MAX - 1, "lax"), (TASKS_MAX + PAST_MAX + 9, "")] {
            for made in tasks.past.len() + TASKS_MAX..=n {
                tasks.make(id(made), Label::new("lax"));
            }
            assert_eq!(tasks.tool(id(n)).as_str(), wanted, "{n}");
            assert!(tasks.memory() <= Tasks::MEMORY_MAX);
        }
    }

    #[test]
    fn an_id_that_is_given_to_two_tools_is_of_neither() {
        let mut tasks = Tasks::default();
        let id = TaskId::of("t");
        for (tool, wanted) in [("lax", "lax"), ("strict", ""), ("lax", ""), ("strict", "")] {
            tasks.make(id, Label::new(tool));
            assert_eq!(tasks.tool(id).as_str(), wanted, "{tool}");
        }
    }

    #[test]
    fn a_result_is_of_the_tool_that_made_its_task_or_of_any() {
        let of = |method, tool: &str| {
            let slot = Slot { method, tool: Label::new(tool), ..Slot::new(None, 0) };
            slot.of_tool().map(|tool| (tool.name.to_owned(), tool.is_cut))
        };
        assert_eq!(of(Method::ToolsCall, "read"), Some(("read".into(), false)));
        assert_eq!(of(Method::TaskResult, "read"), Some(("read".into(), false)));
        assert_eq!(of(Method::TaskResult, ""), Some((String::new(), true)));
        assert_eq!(of(Method::Listen, "read"), None);
    }
}
