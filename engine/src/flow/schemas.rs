//! Holds calls to the schemas that their server listed.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::engine::Engine;
use super::passing::Source;
use super::pending::SlotNumber;
use super::verdict::Examined;
use crate::arguments::{Call, Scratch as ArgumentScratch};
use crate::base::reason::Reason;
use crate::base::side::Side;
use crate::judge::bare::Bare;
use crate::judge::case::Case;
use crate::judge::edits::Scratch;
use crate::judge::envelope::Method;
use crate::judge::reply::Refusal;

impl Engine {
    /// Judges a call by the schema of its tool, and keeps the schemas of a list that passes.
    ///
    /// # Errors
    /// The arguments are not what the schema says, or that cannot be told; a list is not one that
    /// two peers read alike.
    pub(crate) fn ask_schemas(
        &mut self,
        side: Side,
        examined: &Examined,
        source: &Source,
        scratch: &Scratch,
    ) -> Result<(), Refusal> {
        if !self.policy.schema.validate {
            return Ok(());
        }
        let policy = Arc::clone(&self.policy);
        let mut table = self.schemas.take().unwrap_or_default();
        let frame = self.frame_of(side, source);
        let is_call = examined.envelope.method == Method::ToolsCall;
        let judged = match (side, examined.schema_at.clone()) {
            (Side::Server, Some(tools)) => {
                // The client calls a tool by the name that it gets.
                let raw = |range| {
                    let mut bare = Vec::new();
                    Bare::new(range, &scratch.unseen).write(frame, &mut bare);
                    Cow::Owned(bare)
                };
                table.collect(frame, tools, &self.limits, raw).map_err(Refusal::from)
            }
            (Side::Client, arguments) if is_call => {
                let tool = examined.envelope.tool_name(frame);
                let call = Call { tool: &tool, frame, arguments };
                let mut own = ArgumentScratch::default();
                let judged = table.judge(policy.schema, &call, &self.limits, &mut own);
                judged.map_err(|refused| policy.refused(refused))
            }
            _ => Ok(()),
        };
        self.schemas = Some(table);
        judged
    }

    /// Where the list of tools stands in an answer, or the arguments in a call, if schemas are to
    /// be kept or asked.
    pub(crate) fn schema_place(
        &self,
        case: &Case<'_>,
        answers: Option<SlotNumber>,
    ) -> Result<Option<Range<usize>>, Reason> {
        if !self.policy.schema.validate {
            return Ok(None);
        }
        match (case.side, answers) {
            (Side::Server, Some(number)) => {
                let slot = self.lanes[Side::Client as usize].pending.slot(number);
                match slot.method == Method::ToolsList && case.envelope.is_result {
                    true => case.result("tools"),
                    false => Ok(None),
                }
            }
            (Side::Client, _) if case.calls(&[Method::ToolsCall]) => case.param("arguments"),
            _ => Ok(None),
        }
    }
}
