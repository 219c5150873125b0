//! The grammar of a frame (RFC 8259, with a bound on nesting), followed from one structural position
//! to the next; and the places of its members at the top two levels.
//!
//! This sees only what stands outside of strings. It never looks at a byte between two positions,
//! except at the atoms, which it reads once.

use std::ops::Range;

use super::cursor::Member;
use super::hits::Hits;
use super::number;
use crate::base::limits::Limits;
use crate::base::reason::Reason;
use crate::bits::mask;
use crate::redact::Rules;

/// No atom is open.
const NONE: usize = usize::MAX;

/// What the top level of a frame is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shape {
    /// White space only.
    #[default]
    Blank,
    Object,
    Array,
    /// A string, number or word.
    Scalar,
}

/// A member of the envelope, and which of [`Scanner::inner`] are members of its value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TopMember {
    pub at: Member,
    pub inner: std::ops::Range<usize>,
}

/// What the grammar allows next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Expect {
    #[default]
    Value,
    ValueOrClose,
    Name,
    NameOrClose,
    Colon,
    CommaOrClose,
    Nothing,
}

/// Where in the grammar a frame stands, and the members that were seen.
#[derive(Debug, Default)]
pub(crate) struct Grammar {
    place: Place,
    top: Vec<TopMember>,
    inner: Vec<Member>,
    depth_max: u32,
    members_max: usize,
}

/// What changes from position to position.
#[derive(Debug)]
struct Place {
    expect: Expect,
    shape: Shape,
    depth: u32,
    /// One bit for each level: whether it is an object.
    objects: u128,
    atom: usize,
    name: [Range<usize>; 2],
    /// The name before the value that comes next may say that it is a secret.
    named: bool,
    value_at: [usize; 2],
    inner_from: usize,
    /// The members of the object at the second level are kept.
    records: bool,
    overflow: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            expect: Expect::default(),
            shape: Shape::default(),
            depth: 0,
            objects: 0,
            atom: NONE,
            name: [0..0, 0..0],
            named: false,
            value_at: [0; 2],
            inner_from: 0,
            records: false,
            overflow: false,
        }
    }
}

impl Grammar {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            depth_max: limits.frame_depth_max,
            members_max: limits.members_max as usize,
            ..Self::default()
        }
    }

    /// Ready for the next frame. Memory is kept.
    pub(crate) fn reset(&mut self) {
        self.place = Place::default();
        self.top.clear();
        self.inner.clear();
    }

    /// Gives back the memory that the members of frames took.
    pub(crate) fn shrink(&mut self) {
        self.top.shrink_to_fit();
        self.inner.shrink_to_fit();
    }

    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        self.top.capacity() * size_of::<TopMember>() + self.inner.capacity() * size_of::<Member>()
    }

    /// Most bytes of memory with these limits.
    pub(crate) fn memory_max(limits: &Limits) -> usize {
        2 * limits.members_max as usize * (size_of::<TopMember>() + size_of::<Member>())
    }

    pub(crate) fn shape(&self) -> Shape {
        self.place.shape
    }

    /// The members of the envelope, in their order.
    pub(crate) fn top(&self) -> &[TopMember] {
        &self.top
    }

    /// The members of the objects in the envelope, in their order.
    pub(crate) fn inner(&self) -> &[Member] {
        &self.inner
    }

    /// More members were there than the limit; those over it are not listed.
    pub(crate) fn has_overflow(&self) -> bool {
        self.place.overflow
    }

    /// Whether a frame that is `body` may end here, outside of a string.
    pub(crate) fn close(&mut self, body: &[u8]) -> Result<(), Reason> {
        self.end_atom(body, body.len())?;
        let ended = self.place.depth == 0 && self.place.expect == Expect::Nothing;
        if ended { Ok(()) } else { Err(Reason::NotJson) }
    }

    /// Follows the structural positions of the block at `base`: quotes that open a string, brackets,
    /// colons, commas, and the first bytes of numbers and words.
    #[inline]
    pub(crate) fn walk(
        &mut self,
        frame: &[u8],
        base: usize,
        positions: u64,
        rules: &Rules,
        hits: &mut Hits,
    ) -> Result<(), Reason> {
        for i in mask::places(positions) {
            let at = base + i;
            // The padding behind the end of a frame is white space, so every bit is a byte of it.
            match frame[at] {
                b'"' => self.string(at, hits)?,
                b':' => self.colon(frame, at, rules)?,
                b',' => self.comma(frame, at)?,
                b'{' => self.open(frame, at, true)?,
                b'[' => self.open(frame, at, false)?,
                b'}' => self.shut(frame, at, true)?,
                b']' => self.shut(frame, at, false)?,
                _ => {
                    self.begin(at, Shape::Scalar)?;
                    self.place.atom = at;
                }
            }
        }
        Ok(())
    }

    /// A value may begin here.
    fn begin(&mut self, at: usize, shape: Shape) -> Result<(), Reason> {
        if !matches!(self.place.expect, Expect::Value | Expect::ValueOrClose) {
            return Err(Reason::NotJson);
        }
        match self.place.depth {
            0 => self.place.shape = shape,
            depth @ (1 | 2) => self.place.value_at[depth as usize - 1] = at,
            _ => {}
        }
        self.place.named = false;
        self.place.expect =
            if self.place.depth == 0 { Expect::Nothing } else { Expect::CommaOrClose };
        Ok(())
    }

    fn string(&mut self, at: usize, hits: &mut Hits) -> Result<(), Reason> {
        if matches!(self.place.expect, Expect::Name | Expect::NameOrClose) {
            if let depth @ (1 | 2) = self.place.depth {
                self.place.name[depth as usize - 1].start = at + 1;
            }
            self.place.expect = Expect::Colon;
            return Ok(());
        }
        if self.place.named {
            hits.add(at);
        }
        self.begin(at, Shape::Scalar)
    }

    fn colon(&mut self, frame: &[u8], at: usize, rules: &Rules) -> Result<(), Reason> {
        if self.place.expect != Expect::Colon {
            return Err(Reason::NotJson);
        }
        if let depth @ (1 | 2) = self.place.depth {
            // Without the closing quote.
            self.place.name[depth as usize - 1].end = trimmed(frame, at) - 1;
        }
        self.place.named = rules.may_member(frame, at);
        self.place.expect = Expect::Value;
        Ok(())
    }

    fn comma(&mut self, frame: &[u8], at: usize) -> Result<(), Reason> {
        if self.place.expect != Expect::CommaOrClose {
            return Err(Reason::NotJson);
        }
        self.end_value(frame, at)?;
        self.place.expect = if self.in_object() { Expect::Name } else { Expect::Value };
        Ok(())
    }

    fn open(&mut self, frame: &[u8], at: usize, object: bool) -> Result<(), Reason> {
        self.begin(at, if object { Shape::Object } else { Shape::Array })?;
        if self.place.depth == self.depth_max {
            return Err(Reason::TooDeep);
        }
        self.place.depth += 1;
        self.place.objects = self.place.objects << 1 | u128::from(object);
        if self.place.depth == 2 {
            self.place.inner_from = self.inner.len();
            self.place.records =
                self.place.objects >> 1 & 1 == 1 && is_read(&frame[self.place.name[0].clone()]);
        }
        self.place.expect = if object { Expect::NameOrClose } else { Expect::ValueOrClose };
        Ok(())
    }

    fn shut(&mut self, frame: &[u8], at: usize, object: bool) -> Result<(), Reason> {
        let empty = if object { Expect::NameOrClose } else { Expect::ValueOrClose };
        let fits = self.place.depth > 0 && self.in_object() == object;
        if !fits || (self.place.expect != Expect::CommaOrClose && self.place.expect != empty) {
            return Err(Reason::NotJson);
        }
        if self.place.expect == Expect::CommaOrClose {
            self.end_value(frame, at)?;
        }
        self.place.depth -= 1;
        self.place.objects >>= 1;
        self.place.expect =
            if self.place.depth == 0 { Expect::Nothing } else { Expect::CommaOrClose };
        Ok(())
    }

    fn in_object(&self) -> bool {
        self.place.objects & 1 == 1
    }

    /// A value ends before the comma or bracket at `at`.
    fn end_value(&mut self, frame: &[u8], at: usize) -> Result<(), Reason> {
        self.end_atom(frame, at)?;
        let (depth @ (1 | 2), true) = (self.place.depth, self.in_object()) else { return Ok(()) };
        let level = depth as usize - 1;
        let value = self.place.value_at[level]..trimmed(frame, at);
        let member = Member { name: self.place.name[level].clone(), value };
        if depth == 1 {
            // Only an object has members; what an array or scalar left there is not theirs.
            let has_members = frame[member.value.start] == b'{';
            let from = if has_members { self.place.inner_from } else { self.inner.len() };
            if self.top.len() < self.members_max {
                self.top.push(TopMember { at: member, inner: from..self.inner.len() });
            } else {
                self.place.overflow = true;
            }
        } else if self.place.records {
            if self.inner.len() < self.members_max {
                self.inner.push(member);
            } else {
                self.place.overflow = true;
            }
        }
        Ok(())
    }

    fn end_atom(&mut self, frame: &[u8], at: usize) -> Result<(), Reason> {
        let start = std::mem::replace(&mut self.place.atom, NONE);
        if start != NONE && !number::is_atom(&frame[start..trimmed(frame, at)]) {
            return Err(Reason::NotJson);
        }
        Ok(())
    }
}

/// Whether a decision may rest on the members of this member of the envelope: those of others stay
/// free, however many they are. A name that is spelled oddly may be any.
fn is_read(name: &[u8]) -> bool {
    let is_odd = |byte: &u8| matches!(byte, b'\\' | b'A'..=b'Z' | 0x80..);
    matches!(name, b"params" | b"result") || name.iter().any(is_odd)
}

/// `at`, less the white space before it.
fn trimmed(frame: &[u8], at: usize) -> usize {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    frame[..at].iter().rposition(|byte| !is_space(byte)).map_or(0, |last| last + 1)
}
