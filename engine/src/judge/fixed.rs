//! The members that are only handed back: one changed byte would break the exchange, so nothing in
//! them is ever changed.
//!
//! Each is named by its exact path in the protocol, never by its name alone, or a member of that
//! name in a tool's own data would be a tunnel.

use crate::wire::cursor::{self, Cursor};
use crate::wire::scanner::Scanner;
use crate::wire::text;

/// Ties a message to a task (2025-11-25).
const RELATED_TASK: &str = "io.modelcontextprotocol/related-task";
/// Longest spelling of such a name: each character as an escape.
const NAME_BYTES_MAX: usize = 6 * 40;
/// Bytes of the shortest member that is only handed back: `"cursor":0,`.
pub(crate) const FIXED_BYTES_MIN: usize = 11;
/// Members of `params` and of results that come back to their sender as they were.
const FIXED_HERE: [&str; 7] = [
    "cursor",
    "nextCursor",
    "progressToken",
    "requestState",
    "taskId",
    "elicitationId",
    "subscriptionId",
];
/// Members of `_meta` that do.
const FIXED_META: [&str; 6] = [
    "progressToken",
    "io.modelcontextprotocol/subscriptionId",
    "traceparent",
    "tracestate",
    "baggage",
    "taskId",
];

/// Where the one of these strings opens that a stretch of the frame lies in.
pub(crate) fn around(frame: &[u8], fixed: &[usize], start: usize, end: usize) -> Option<usize> {
    let at = fixed[fixed.partition_point(|&at| at < start).checked_sub(1)?];
    (end < cursor::string_end(frame, at)).then_some(at)
}

/// Where the strings open that may not be changed, each at its exact path in the protocol, in
/// rising order. One pass over the envelope's objects; deeper ones are entered by name only.
pub(crate) fn collect(frame: &[u8], scan: &Scanner, fixed: &mut Vec<usize>) {
    for top in scan.top() {
        let name = &frame[top.at.name.clone()];
        let at = top.at.value.start;
        if text::equals(name, b"error") {
            collect_elicitations(frame, at, fixed);
        }
        if !text::equals(name, b"params") && !text::equals(name, b"result") {
            continue;
        }
        collect_in_object(frame, at, fixed);
        collect_exchange(frame, at, "inputRequests", Some("params"), fixed);
        collect_exchange(frame, at, "inputResponses", None, fixed);
    }
    fixed.sort_unstable();
}

/// The keys of what a server asks inside a result, or of the answers, and the fixed members of each
/// (basic/patterns/mrtr, 2026-07-28).
fn collect_exchange(
    frame: &[u8],
    at: usize,
    name: &str,
    inside: Option<&str>,
    fixed: &mut Vec<usize>,
) {
    let Some(all) = member(frame, at, name) else { return };
    let mut cursor = Cursor::new(frame, all);
    if !cursor.enter(b'{') {
        return;
    }
    while let Some(one) = cursor.member() {
        fixed.push(one.name.start - 1);
        let body = match inside {
            None => Some(one.value.start),
            Some(inside) => member(frame, one.value.start, inside),
        };
        if let Some(body) = body {
            collect_in_object(frame, body, fixed);
        }
    }
}

/// `error.data.elicitations[].elicitationId` (error -32042 of 2025-11-25).
fn collect_elicitations(frame: &[u8], at: usize, fixed: &mut Vec<usize>) {
    let list = member(frame, at, "data").and_then(|data| member(frame, data, "elicitations"));
    collect_each(frame, list, "elicitationId", fixed);
}

/// The member of this name of each object in an array.
fn collect_each(frame: &[u8], list: Option<usize>, name: &str, fixed: &mut Vec<usize>) {
    let Some(list) = list else { return };
    let mut cursor = Cursor::new(frame, list);
    if cursor.enter(b'[') {
        while let Some(one) = cursor.element() {
            collect_named(frame, one.start, &[name], fixed);
        }
    }
}

/// The fixed members of one `params` or result.
fn collect_in_object(frame: &[u8], at: usize, fixed: &mut Vec<usize>) {
    let mut decoded = Vec::new();
    let mut cursor = Cursor::new(frame, at);
    if !cursor.enter(b'{') {
        return;
    }
    while let Some(found) = cursor.member() {
        let raw = &frame[found.name.clone()];
        decoded.clear();
        text::decode(&raw[..raw.len().min(NAME_BYTES_MAX)], &mut decoded);
        match &decoded[..] {
            b"_meta" => {
                collect_named(frame, found.value.start, &FIXED_META, fixed);
                if let Some(task) = member(frame, found.value.start, RELATED_TASK) {
                    collect_named(frame, task, &["taskId"], fixed);
                }
            }
            b"tasks" => collect_each(frame, Some(found.value.start), "taskId", fixed),
            b"notifications" => {
                let mut ids = Cursor::new(
                    frame,
                    member(frame, found.value.start, "taskIds").unwrap_or(frame.len()),
                );
                if ids.enter(b'[') {
                    while let Some(id) = ids.element() {
                        fixed.push(id.start);
                    }
                }
            }
            b"task" => collect_named(frame, found.value.start, &["taskId"], fixed),
            b"requestId" => fixed.push(found.value.start),
            b"content" => collect_contents(frame, found.value.start, fixed),
            b"messages" => {
                let mut messages = Cursor::new(frame, found.value.start);
                if messages.enter(b'[') {
                    while let Some(message) = messages.element() {
                        if let Some(content) = member(frame, message.start, "content") {
                            collect_contents(frame, content, fixed);
                        }
                    }
                }
            }
            name if FIXED_HERE.iter().any(|fixed| fixed.as_bytes() == name) => {
                fixed.push(found.value.start);
            }
            _ => {}
        }
    }
}

/// `toolUseId` of one content block or of an array of them.
fn collect_contents(frame: &[u8], at: usize, fixed: &mut Vec<usize>) {
    let mut cursor = Cursor::new(frame, at);
    if !cursor.enter(b'[') {
        return collect_named(frame, at, &["toolUseId"], fixed);
    }
    while let Some(block) = cursor.element() {
        collect_named(frame, block.start, &["toolUseId"], fixed);
    }
}

fn collect_named(frame: &[u8], at: usize, names: &[&str], fixed: &mut Vec<usize>) {
    let mut cursor = Cursor::new(frame, at);
    if !cursor.enter(b'{') {
        return;
    }
    while let Some(found) = cursor.member() {
        let raw = &frame[found.name.clone()];
        if names.iter().any(|name| text::equals(raw, name.as_bytes())) {
            fixed.push(found.value.start);
        }
    }
}

/// Where the value of this member of an object starts.
fn member(frame: &[u8], at: usize, name: &str) -> Option<usize> {
    let mut cursor = Cursor::new(frame, at);
    if !cursor.enter(b'{') {
        return None;
    }
    std::iter::from_fn(|| cursor.member())
        .find(|found| text::equals(&frame[found.name.clone()], name.as_bytes()))
        .map(|found| found.value.start)
}
