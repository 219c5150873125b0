//! Cuts the texts of a result until it fits: the end of each goes, the longest first. What stays is
//! valid JSON and UTF-8: no escape, pair of surrogates, character or edit is cut through.

use std::cmp::Reverse;
use std::ops::Range;

use super::case::Case;
use super::edits::{By, Edit, Scratch, TRUNCATED_MARK, edited_len};
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
    for text in texts {
        len -= cut(case, text, len.saturating_sub(bytes_max), edits);
        if len <= bytes_max {
            return Ok(());
        }
    }
    Err(Reason::ResponseTooLarge)
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

/// Cuts so much of a text that `over` bytes fewer leave, or all of it; how many fewer leave.
fn cut(case: &Case<'_>, text: Range<usize>, over: usize, edits: &mut Vec<Edit>) -> usize {
    let from = edits.partition_point(|edit| (edit.start as usize) < text.start);
    let within = edits[from..].partition_point(|edit| (edit.end as usize) <= text.end);
    let inner = &edits[from..from + within];
    let leaves = text.len() + written(inner, case) - taken(inner);
    let Some(kept_max) = leaves.checked_sub(over.saturating_add(TRUNCATED_MARK.len())) else {
        return whole(text, from..from + within, leaves, edits);
    };
    let (mut at, mut kept, mut passed) = (text.start, 0, 0);
    loop {
        let (raw, leaving) = match inner.get(passed) {
            Some(edit) if edit.start as usize == at => {
                ((edit.end - edit.start) as usize, written(&inner[passed..=passed], case))
            }
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
        passed += usize::from(inner.get(passed).is_some_and(|edit| edit.start as usize == at));
        (at, kept) = (at + raw, kept + leaving);
    }
    let cut = Edit::new(at..text.end, By::Truncated);
    edits.splice(from + passed..from + within, [cut]);
    leaves - kept - TRUNCATED_MARK.len()
}

/// Takes the whole text, if the mark is shorter than it.
fn whole(text: Range<usize>, inner: Range<usize>, leaves: usize, edits: &mut Vec<Edit>) -> usize {
    let Some(saved) = leaves.checked_sub(TRUNCATED_MARK.len()) else { return 0 };
    edits.splice(inner, [Edit::new(text, By::Truncated)]);
    saved
}

/// Bytes that edits write.
fn written(edits: &[Edit], case: &Case<'_>) -> usize {
    edits.iter().map(|edit| edit.by.len(case.policy)).sum()
}

/// Bytes that edits take out.
fn taken(edits: &[Edit]) -> usize {
    edits.iter().map(|edit| (edit.end - edit.start) as usize).sum()
}
