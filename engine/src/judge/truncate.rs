//! Cuts the texts of a result until it fits: the end of each goes, the longest first. What stays is
//! valid JSON and UTF-8: no escape, pair of surrogates, character or edit is cut through.

use std::cmp::Reverse;
use std::ops::Range;

use super::case::Case;
use super::edits::{By, Edit, Scratch, TRUNCATED_MARK, edited_len, insert_cuts};
use crate::base::reason::Reason;
use crate::wire::text;

/// The members of a result that hold what a model reads, as items with a `text` each.
const LISTS: [&str; 2] = ["content", "contents"];
/// Texts that are looked at; the others stay whole.
const TEXTS_MAX: usize = 4_096;

/// Cuts texts of the result, which is longer, until at most `bytes_max` leave.
///
/// # Errors
/// Its texts are not what is too long in it, or two peers may read it differently.
pub(crate) fn fit(case: &Case<'_>, bytes_max: usize, scratch: &mut Scratch) -> Result<(), Reason> {
    let edits = &mut scratch.edits;
    let mut len = edited_len(case.frame.len(), edits, case.policy);
    let mut texts = texts(case)?;
    texts.sort_by_key(|text| Reverse(text.len()));
    let mut cuts = Vec::new();
    for text in texts {
        let over = len.saturating_sub(bytes_max);
        if over == 0 {
            break;
        }
        if let Some((cut, saved)) = cut(case, text, over, edits) {
            len -= saved;
            cuts.push(cut);
        }
    }
    if len > bytes_max {
        return Err(Reason::ResponseTooLarge);
    }
    cuts.sort_unstable_by_key(|cut| cut.start);
    insert_cuts(edits, &cuts, By::Truncated);
    Ok(())
}

/// The insides of the texts, quotes excluded.
fn texts(case: &Case<'_>) -> Result<Vec<Range<usize>>, Reason> {
    let mut texts = Vec::new();
    for list in LISTS {
        let Some(items) = case.result(list)? else { continue };
        for item in case.elements(&items)? {
            if case.frame[item.start] != b'{' {
                continue;
            }
            let members = case.members(&item)?;
            let Some(text) = case.member(&members, "text")? else { continue };
            if case.frame[text.start] == b'"' && texts.len() < TEXTS_MAX {
                texts.push(text.start + 1..text.end - 1);
            }
        }
    }
    Ok(texts)
}

/// What has to go of a text so that `over` bytes fewer leave, or all of it; how many fewer leave.
/// Nothing if the mark is longer than the text.
fn cut(
    case: &Case<'_>,
    text: Range<usize>,
    over: usize,
    edits: &[Edit],
) -> Option<(Range<usize>, usize)> {
    let from = edits.partition_point(|edit| (edit.start as usize) < text.start);
    let within = edits[from..].partition_point(|edit| (edit.end as usize) <= text.end);
    let inner = &edits[from..from + within];
    let leaves = text.len() + written(inner, case) - taken(inner);
    let most = leaves.checked_sub(TRUNCATED_MARK.len())?;
    let Some(kept_max) = most.checked_sub(over) else { return Some((text, most)) };
    let (mut at, mut kept, mut passed) = (text.start, 0, 0);
    loop {
        let edit = inner.get(passed);
        let is_here = edit.is_some_and(|edit| edit.start as usize == at);
        let (raw, leaving) = match edit {
            Some(edit) if is_here => ((edit.end - edit.start) as usize, edit.by.len(case.policy)),
            edit => {
                let until = edit.map_or(text.end, |edit| edit.start as usize);
                match text::piece_len(&case.frame[at..until]) {
                    0 => break,
                    len => (len, len),
                }
            }
        };
        if kept + leaving > kept_max {
            break;
        }
        passed += usize::from(is_here);
        (at, kept) = (at + raw, kept + leaving);
    }
    Some((at..text.end, most - kept))
}

/// Bytes that edits write.
fn written(edits: &[Edit], case: &Case<'_>) -> usize {
    edits.iter().map(|edit| edit.by.len(case.policy)).sum()
}

/// Bytes that edits take out.
fn taken(edits: &[Edit]) -> usize {
    edits.iter().map(|edit| (edit.end - edit.start) as usize).sum()
}
