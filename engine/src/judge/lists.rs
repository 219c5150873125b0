//! Denied items leave lists: what may not be used is not shown either.

use std::ops::Range;

use super::bare::Bare;
use super::case::Case;
use super::edits::{By, Edit, Scratch, insert_cuts};
use super::envelope::{Method, members_unique, string};
use crate::base::limits::edits_max;
use crate::base::reason::Reason;
use crate::rights::{Kind, Who};
use crate::wire::cursor::{Cursor, Member};
use crate::wire::grammar::TopMember;
use crate::wire::text;

/// A kind of list: the member of the result that holds it, what names an item, and what that is.
type List = (&'static str, &'static str, Kind);

/// The list that answers this method, if it does.
fn list_of(method: Method) -> Option<List> {
    match method {
        Method::ToolsList => Some(("tools", "name", Kind::Tool)),
        Method::ResourcesList => Some(("resources", "uri", Kind::Resource)),
        Method::TemplatesList => Some(("resourceTemplates", "uriTemplate", Kind::Resource)),
        Method::PromptsList => Some(("prompts", "name", Kind::Prompt)),
        _ => None,
    }
}

/// Cuts what the asker may not use out of the result of a list; whether any was there.
///
/// The cursor stays; a page may become empty. The decision rests on the result's members and on
/// those of each item, so these objects are read whole.
///
/// # Errors
/// The list is not one that two peers read alike.
pub(crate) fn filter(
    case: &Case<'_>,
    method: Method,
    asker: Who<'_>,
    scratch: &mut Scratch,
) -> Result<bool, Reason> {
    let Some((list, name, kind)) = list_of(method) else { return Ok(false) };
    if !case.policy.judges(kind) {
        return Ok(false);
    }
    let Case { frame, scan, .. } = *case;
    let Scratch { seen, edits, unseen, bare, .. } = scratch;
    let is_result = |top: &&TopMember| text::equals(&frame[top.at.name.clone()], b"result");
    let Some(result) = scan.top().iter().find(is_result) else { return Ok(false) };
    if frame[result.at.value.start] != b'{' {
        return Err(Reason::BadParamsMember);
    }
    let inner = &scan.inner()[result.inner.clone()];
    if scan.has_overflow() {
        return Err(Reason::TooManyMembers);
    }
    if !members_unique(frame, inner.iter(), seen) {
        return Err(Reason::DuplicateMember);
    }
    let Some(items) = find(frame, inner, list)? else { return Ok(false) };
    let mut cursor = Cursor::new(frame, items.value.start);
    if !cursor.enter(b'[') {
        return Err(Reason::BadParamsMember);
    }
    let mut cuts: Vec<Range<usize>> = Vec::new();
    let (mut kept_end, mut cut_from, mut last_end) = (None, None, 0);
    let mut filtered = false;
    while let Some(item) = cursor.element() {
        last_end = item.end;
        item_name(case, item.start, name, (seen, unseen, bare))?;
        let mut decoded = Vec::new();
        text::decode(bare, &mut decoded);
        let decoded = std::str::from_utf8(&decoded).unwrap_or_default();
        if case.policy.permits(kind, decoded, asker).is_err() {
            filtered = true;
            cut_from.get_or_insert(item.start);
            continue;
        }
        kept_end = Some(item.end);
        if let Some(from) = cut_from.take() {
            cuts.push(from..item.start);
        }
    }
    if let Some(from) = cut_from {
        cuts.push(kept_end.unwrap_or(from)..last_end);
    }
    let limit = case.limits.frame_bytes_max[case.side as usize] as usize;
    insert_cuts(edits, &cuts, By::Nothing);
    if edits.len() > edits_max(limit) {
        return Err(Reason::TooManyEdits);
    }
    if filtered || case.policy.is_personal(kind) {
        narrow(case, &mut scratch.edits)?;
    }
    Ok(filtered)
}

/// Makes the cache scope of what one principal reads, and another may not, a private one.
///
/// # Errors
/// The result is not one that two peers read alike.
pub(crate) fn keep_private(
    case: &Case<'_>,
    method: Method,
    scratch: &mut Scratch,
) -> Result<(), Reason> {
    let kind = match method {
        Method::Resource => Kind::Resource,
        Method::Prompt => Kind::Prompt,
        Method::ToolsCall => Kind::Tool,
        _ => return Ok(()),
    };
    let is_told = case.policy.is_personal(kind) && case.envelope.is_result;
    if is_told { narrow(case, &mut scratch.edits) } else { Ok(()) }
}

fn narrow(case: &Case<'_>, edits: &mut Vec<Edit>) -> Result<(), Reason> {
    let Some(scope) = case.result("cacheScope")? else { return Ok(()) };
    // What is no plain text may be "public" once it has left.
    if case.text(&scope).map_or(true, |scope| scope == "public") {
        // What would have been taken out of it goes with it.
        let (start, end) = (scope.start as u32, scope.end as u32);
        edits.retain(|edit| edit.end <= start || edit.start >= end);
        let place = edits.partition_point(|edit| edit.start < start);
        edits.insert(place, Edit::new(scope, By::Private));
    }
    Ok(())
}

/// Writes the raw name of the item that stands here, as it leaves: by that the client uses it.
fn item_name(
    case: &Case<'_>,
    at: usize,
    name: &str,
    (seen, unseen, bare): (&mut Vec<u64>, &[Edit], &mut Vec<u8>),
) -> Result<(), Reason> {
    let (frame, members_max) = (case.frame, case.limits.members_max as usize);
    let mut cursor = Cursor::new(frame, at);
    if !cursor.enter(b'{') {
        return Err(Reason::BadParamsMember);
    }
    let members: Vec<Member> =
        std::iter::from_fn(|| cursor.member()).take(members_max + 1).collect();
    if members.len() > members_max {
        return Err(Reason::TooManyMembers);
    }
    if !members_unique(frame, members.iter(), seen) {
        return Err(Reason::DuplicateMember);
    }
    let Some(name) = find(frame, &members, name)? else { return Err(Reason::BadParamsMember) };
    string(frame, &name.value).ok_or(Reason::BadParamsMember)?;
    Bare::new(name.value.start + 1..name.value.end - 1, unseen).write(frame, bare);
    Ok(())
}

/// The member of this name. One that differs by case only is an error: some decoders take it.
fn find<'a>(frame: &[u8], members: &'a [Member], name: &str) -> Result<Option<&'a Member>, Reason> {
    let wanted = crate::wire::fold::hash_of(name);
    let found = members
        .iter()
        .find(|member| crate::wire::fold::hash(&frame[member.name.clone()]) == wanted);
    match found {
        Some(member) if text::equals(&frame[member.name.clone()], name.as_bytes()) => {
            Ok(Some(member))
        }
        Some(_) => Err(Reason::FoldedMember),
        None => Ok(None),
    }
}
