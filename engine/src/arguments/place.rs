//! Whether a value stands at the place of a rule.
//!
//! Names are told apart by their hashes under case folding first, so a value whose name differs from
//! the rule's by case only is seen as well: some servers take it for the one that is meant.

use super::walk::Level;
use crate::redact::{Path, Refusal, Step};
use crate::wire::{fold, text};

/// The place of a rule, from `arguments`.
#[derive(Debug)]
pub(super) struct Place {
    /// The steps from the top; all of them, if there is no tail.
    head: Box<[Named]>,
    /// The steps at the end, with any others before them.
    tail: Option<Box<[Named]>>,
}

/// One step: a name with the hash that its variants share, or any.
#[derive(Debug)]
enum Named {
    Any,
    Name { name: Box<str>, hash: u64, index: Option<u32> },
}

/// How a value stands to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    No,
    /// A name on the way differs by case from the one that is meant.
    Folded,
    Yes,
}

impl Place {
    /// Reads a place; the empty one is `arguments` itself.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        if text.is_empty() {
            return Ok(Self { head: Box::default(), tail: None });
        }
        let path = Path::within(text)?;
        let (head, tail) = path.parts();
        let named = |steps: &[Step]| steps.iter().map(Named::of).collect();
        Ok(Self { head: named(head), tail: tail.map(named) })
    }

    /// It is `arguments` itself.
    pub(super) fn is_root(&self) -> bool {
        self.head.is_empty() && self.tail.is_none()
    }

    /// It is every value below another.
    pub(super) fn is_open(&self) -> bool {
        self.tail.as_ref().is_some_and(|tail| tail.is_empty())
    }

    /// It is one value at most.
    pub(super) fn is_single(&self) -> bool {
        self.tail.is_none() && !self.head.iter().any(|step| matches!(step, Named::Any))
    }

    /// The hash of the last name of all values that stand here, if they are in objects; none, if
    /// that may be any.
    pub(super) fn leaf(&self) -> Option<u64> {
        match self.tail.as_ref().unwrap_or(&self.head).last() {
            Some(Named::Name { hash, .. }) => Some(*hash),
            Some(Named::Any) | None => None,
        }
    }

    /// Its last step is a name that is the number of no element.
    pub(super) fn is_named(&self) -> bool {
        let last = self.tail.as_ref().unwrap_or(&self.head).last();
        matches!(last, Some(Named::Name { index: None, .. }))
    }

    /// Whether the value below these levels stands here; `name` gives the raw name of the member
    /// that a level is in. An array of which no element was met is taken to be in any: which of them
    /// it has to be, [`Place::takes`] says.
    pub(super) fn fit<'a>(
        &self,
        levels: &[Level],
        name: impl Fn(&Level) -> std::borrow::Cow<'a, [u8]>,
    ) -> Fit {
        let tail = self.tail.as_deref().unwrap_or_default();
        let steps = self.head.len() + tail.len();
        if levels.len() < steps || (self.tail.is_none() && levels.len() > steps) {
            return Fit::No;
        }
        let behind = &levels[levels.len() - tail.len()..];
        let mut fit = Fit::Yes;
        for (step, level) in self.head.iter().zip(levels).chain(tail.iter().zip(behind)) {
            let Named::Name { name: wanted, hash, index } = step else { continue };
            if !level.is_object {
                let is_met = |index| level.count == 0 || index == level.count - 1;
                if !index.is_some_and(is_met) {
                    return Fit::No;
                }
            } else if level.hash != *hash {
                return Fit::No;
            } else if !text::equals(&name(level), wanted.as_bytes()) {
                fit = Fit::Folded;
            }
        }
        fit
    }

    /// Whether the last of so many steps to a value that stands here may be this element.
    pub(super) fn takes(&self, steps: usize, element: u32) -> bool {
        let last = match self.tail.as_deref() {
            Some(tail) if !tail.is_empty() => tail.last(),
            _ if steps == self.head.len() => self.head.last(),
            // `**` stands for it.
            _ => None,
        };
        match last {
            Some(Named::Name { index, .. }) => *index == Some(element),
            Some(Named::Any) | None => true,
        }
    }

    /// How many comparisons one question may take.
    pub(super) fn steps(&self) -> usize {
        self.head.len() + self.tail.as_ref().map_or(0, |tail| tail.len())
    }
}

impl Named {
    fn of(step: &Step) -> Self {
        match step {
            Step::Any => Self::Any,
            Step::Named(name, index) => {
                // The hash is one of raw names.
                let mut raw = Vec::new();
                text::encode(name, &mut raw);
                Self::Name { name: name.clone(), hash: fold::hash(&raw), index: *index }
            }
        }
    }
}
