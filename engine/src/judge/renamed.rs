//! Names of members of which something is taken out: what they become has to be unique.
//!
//! A name that is another one when it leaves may be that of its neighbour, and then parsers disagree
//! on which of the two counts. Only the objects that hold such a name are judged; what other names
//! they had before is nobody's business here.
//!
//! Invariant: one pass, and no more names are kept than one object may have.

use std::ops::Range;

use super::bare::Bare;
use super::edits::{By, Edit};
use super::reply::{Cause, Refusal};
use crate::base::reason::Reason;
use crate::wire::cursor;
use crate::wire::fold;

/// What is kept of a name: a hash of what it becomes, and whether it is another one then.
type Kept = (u64, bool);
/// Bytes of memory for each.
pub(crate) const KEPT_SIZE: usize = size_of::<Kept>();

/// An open object or array.
#[derive(Clone, Copy)]
struct Level {
    /// Its names are kept from here on.
    from: usize,
    /// It holds a name that is another one when it leaves.
    touched: bool,
    /// Not all of its names are kept.
    cut: bool,
}

/// Judges the names in `params`, a result or an error, of which `unseen` is taken out.
///
/// # Errors
/// Two names of one object become one, more names would have to be kept, or the name of a member
/// that the protocol itself reads would become another one.
pub(crate) fn judge(
    frame: &[u8],
    value: Range<usize>,
    unseen: &[Edit],
    members_max: usize,
    bare: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let low = unseen.partition_point(|edit| (edit.start as usize) < value.start);
    let mut unseen = &unseen[low..];
    let mut names: Vec<Kept> = Vec::new();
    let mut levels: Vec<Level> = Vec::new();
    let mut at = value.start;
    while at < value.end {
        let start = at;
        at += 1;
        match frame[start] {
            b'{' | b'[' => {
                levels.push(Level { from: names.len(), touched: false, cut: false });
            }
            b'}' | b']' => {
                if let Some(level) = levels.pop() {
                    level.close(&mut names)?;
                }
            }
            b'"' => {
                at = cursor::string_end(frame, start);
                let within = unseen.partition_point(|edit| (edit.end as usize) < at);
                let (own, rest) = unseen.split_at(within);
                unseen = rest;
                let depth = levels.len();
                let Some(level) = levels.last_mut().filter(|_| cursor::is_name(frame, at)) else {
                    continue;
                };
                if let Some(&Edit { by: By::Unseen(kind), .. }) = own.first() {
                    if depth == 1 {
                        let rule = Some(Cause::Unseen(kind));
                        return Err(Refusal { rule, ..Reason::UnseenBlocked.into() });
                    }
                    level.touched = true;
                }
                if names.len() == members_max {
                    level.cut = true;
                    continue;
                }
                Bare::new(start + 1..at - 1, own).write(frame, bare);
                names.push((fold::hash(bare), !own.is_empty()));
            }
            _ => {}
        }
    }
    Ok(())
}

impl Level {
    /// Judges the names of an object that ends, and forgets them.
    fn close(self, names: &mut Vec<Kept>) -> Result<(), Reason> {
        if self.touched && self.cut {
            return Err(Reason::TooManyMembers);
        }
        if self.touched {
            let own = &mut names[self.from..];
            own.sort_unstable();
            let is_twice = |pair: &[Kept]| pair[0].0 == pair[1].0 && pair[1].1;
            if own.windows(2).any(is_twice) {
                return Err(Reason::DuplicateMember);
            }
        }
        names.truncate(self.from);
        Ok(())
    }
}
