//! Which task a message is about (basic/utilities/tasks, 2025-11-25).
//!
//! A call with `task` in its `params` is answered at once, with the id of a task: what the tool has
//! to say comes later, as the answer to `tasks/result`. Two peers have to read the id alike, or the
//! limits of one tool would be those of another.

use std::ops::Range;

use super::case::Case;
use crate::base::reason::Reason;
use crate::quota::Subject;

/// The digest of a task's id. The server chooses ids, so neither their length nor their likeness is
/// left to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TaskId(Subject);

impl TaskId {
    pub(crate) fn of(id: &str) -> Self {
        Self(Subject::of(&[b"task", id.as_bytes()]))
    }

    /// Half of the digest.
    pub(crate) fn word(self) -> u64 {
        self.0.word()
    }
}

/// The task that a result says it made: `result.task.taskId`.
///
/// # Errors
/// Two peers may read it differently.
pub(crate) fn made(case: &Case<'_>) -> Result<Option<TaskId>, Reason> {
    let Some(task) = case.result("task")? else { return Ok(None) };
    if case.frame[task.start] != b'{' {
        return Ok(None);
    }
    let members = case.members(&task)?;
    id(case, case.member(&members, "taskId")?)
}

/// The task whose result is asked for: `params.taskId`.
///
/// # Errors
/// As of [`made`].
pub(crate) fn asked(case: &Case<'_>) -> Result<Option<TaskId>, Reason> {
    id(case, case.param("taskId")?)
}

/// What is no string names no task.
fn id(case: &Case<'_>, value: Option<Range<usize>>) -> Result<Option<TaskId>, Reason> {
    let value = value.filter(|value| case.frame[value.start] == b'"');
    value.map(|value| Ok(TaskId::of(&case.text(&value)?))).transpose()
}
