//! One pass over a frame as it arrives: its end, its strict validity, its members, and the strings
//! in which a secret may stand.
//!
//! Blocks of 64 bytes become bit masks; a walk over the structural positions checks the grammar
//! (RFC 8259, less a bare CR, a byte order mark and deep nesting).
//! Work is done once a byte, however the bytes are cut: blocks are aligned to the start of the
//! frame, so the result does not depend on how it arrived.
//!
//! Invariant: `at <= seen.max(at) <= frame.len()`; bytes before `at` are never looked at again,
//! except at the place where a member or a candidate stands.

use memchr::memchr;

use super::cursor::Member;
use super::number;
use crate::base::limits::Limits;
use crate::base::reason::Reason;
use crate::bits::kernel::{self, BLOCK, Masks};
use crate::bits::mask;
use crate::redact::{self, Rules, Trigger, Window};

/// Bytes that have to follow a block before it is scanned: an escape is read whole.
const LOOKAHEAD: usize = 8;
/// Blocks that are classified at a time. What lies behind the end of the frame is in vain.
const BATCH: usize = 8;
/// Strings with candidates that are kept; after the last one every string is one.
const HITS_MAX: usize = 512;
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

/// The block before the one that is scanned: its places wait until what follows them is known.
#[derive(Clone, Copy, Debug, Default)]
struct Before {
    window: Window,
    percent: u64,
    /// Bytes that are no ASCII, behind a token byte.
    hidden: u64,
    opens: u64,
    /// Where the string that is open at the start of the block opens.
    string_at: usize,
    base: usize,
}

/// The state between two blocks, and what was found in the frame so far.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    at: usize,
    seen: usize,
    in_string: u64,
    escape: u64,
    scalar_carry: u64,
    high: bool,
    fault: Option<Reason>,
    expect: Expect,
    shape: Shape,
    depth: u32,
    objects: u128,
    atom: usize,
    name: [std::ops::Range<usize>; 2],
    /// The name before the value that comes next may say that it is a secret.
    named: bool,
    value_at: [usize; 2],
    inner_from: usize,
    /// The members of the object at the second level are kept.
    records: bool,
    before: Before,
    string_at: usize,
    hits: Vec<u32>,
    /// Every string that opens at or after this place is a candidate.
    hits_from: Option<usize>,
    surrogate: bool,
    escaped: bool,
    overflow: bool,
    top: Vec<TopMember>,
    inner: Vec<Member>,
    depth_max: u32,
    members_max: usize,
}

impl Scanner {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            atom: NONE,
            depth_max: limits.frame_depth_max,
            members_max: limits.members_max as usize,
            ..Self::default()
        }
    }

    /// Ready for the next frame. Memory is kept.
    pub(crate) fn reset(&mut self) {
        let mut old = std::mem::take(self);
        old.top.clear();
        old.inner.clear();
        old.hits.clear();
        *self = Self {
            atom: NONE,
            depth_max: old.depth_max,
            members_max: old.members_max,
            top: old.top,
            inner: old.inner,
            hits: old.hits,
            ..Self::default()
        };
    }

    /// Gives memory back that a frame with many members took.
    pub(crate) fn shrink(&mut self) {
        self.top.shrink_to(16);
        self.inner.shrink_to(16);
        self.hits.shrink_to(16);
    }

    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        self.top.capacity() * size_of::<TopMember>()
            + self.inner.capacity() * size_of::<Member>()
            + self.hits.capacity() * size_of::<u32>()
    }

    /// Most bytes of memory with these limits.
    pub(crate) fn memory_max(limits: &Limits) -> usize {
        let members = limits.members_max as usize;
        2 * members * (size_of::<TopMember>() + size_of::<Member>())
            + 2 * HITS_MAX * size_of::<u32>()
    }

    /// Scans what is new in `frame`, which starts where the frame starts and holds all of it that
    /// has arrived. The offset of its newline, if that has.
    pub(crate) fn feed(&mut self, frame: &[u8], rules: &Rules) -> Option<usize> {
        let mut batch = [Masks::default(); BATCH];
        while self.fault.is_none() && frame.len() - self.at >= BLOCK + LOOKAHEAD {
            let count = kernel::classify(&frame[self.at..frame.len() - LOOKAHEAD], &mut batch);
            for masks in &batch[..count] {
                if masks.control != 0
                    && let Some(found) = memchr(b'\n', &frame[self.at..self.at + BLOCK])
                {
                    let end = self.at + found;
                    self.finish(frame, end, true, rules);
                    return Some(end);
                }
                self.block(frame, masks, rules);
                if self.fault.is_some() {
                    break;
                }
                self.at += BLOCK;
            }
        }
        let from = self.seen.max(self.at);
        let Some(found) = memchr(b'\n', &frame[from..]) else {
            self.seen = frame.len();
            return None;
        };
        self.finish(frame, from + found, true, rules);
        Some(from + found)
    }

    /// Scans a text that is here as a whole: the member of a batch, or a last line.
    pub(crate) fn whole(&mut self, text: &[u8], rules: &Rules) {
        self.finish(text, text.len(), false, rules);
    }

    /// Treats every string as one that may hold a secret: the rules have changed meanwhile.
    pub(crate) fn distrust(&mut self) {
        self.hits_from = Some(0);
    }

    /// Whether the frame may go on, or why not. Final once the frame has ended.
    pub(crate) fn fault(&self) -> Option<Reason> {
        self.fault
    }

    pub(crate) fn shape(&self) -> Shape {
        self.shape
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
        self.overflow
    }

    /// An escape in the frame spells a surrogate; whether its other half follows is not known yet.
    pub(crate) fn has_surrogate(&self) -> bool {
        self.surrogate
    }

    /// An escape in the frame may spell a character that stands for itself elsewhere.
    pub(crate) fn has_hiding_escape(&self) -> bool {
        self.escaped
    }

    /// A byte of the frame is no ASCII.
    pub(crate) fn has_high(&self) -> bool {
        self.high
    }

    /// Where the strings open that may hold a secret, in rising order.
    pub(crate) fn hits(&self) -> &[u32] {
        &self.hits
    }

    /// From here on every string may hold a secret.
    pub(crate) fn hits_from(&self) -> Option<usize> {
        self.hits_from
    }

    /// The frame ends before `end`, with a newline there or without one.
    fn finish(&mut self, frame: &[u8], end: usize, newline: bool, rules: &Rules) {
        let crlf = newline && frame[..end].ends_with(b"\r");
        let body = &frame[..end - usize::from(crlf)];
        let mut batch = [Masks::default(); BATCH];
        while self.fault.is_none() && self.at < body.len() {
            let count = match kernel::classify(&body[self.at..], &mut batch) {
                0 => {
                    batch[0] = kernel::classify_rest(&body[self.at..]);
                    1
                }
                count => count,
            };
            for masks in &batch[..count] {
                self.block(body, masks, rules);
                if self.fault.is_some() {
                    break;
                }
                self.at += BLOCK;
            }
        }
        if self.fault.is_none() {
            self.triggers(body, Before { base: self.at, ..Before::default() }, rules);
            self.fault = self.close(body).err();
        }
    }

    /// Whether a frame may end here.
    fn close(&mut self, body: &[u8]) -> Result<(), Reason> {
        if body.starts_with("\u{feff}".as_bytes()) {
            return Err(Reason::ByteOrderMark);
        }
        if self.high && std::str::from_utf8(body).is_err() {
            return Err(Reason::InvalidUtf8);
        }
        if self.shape == Shape::Blank {
            return Ok(());
        }
        self.end_atom(body, body.len())?;
        let ended = self.in_string == 0 && self.depth == 0 && self.expect == Expect::Nothing;
        if ended { Ok(()) } else { Err(Reason::NotJson) }
    }

    /// Scans one block.
    fn block(&mut self, frame: &[u8], masks: &Masks, rules: &Rules) {
        let base = self.at;
        let (escaped, carry) = mask::escaped(masks.backslash, self.escape);
        self.escape = carry;
        let quotes = masks.quote & !escaped;
        // From an opening quote up to, but without, the closing one.
        let inside = mask::prefix_xor(quotes) ^ self.in_string;
        self.in_string = ((inside as i64) >> 63) as u64;
        let opens = quotes & inside;
        self.high |= masks.high != 0;
        let token = masks.token & inside & !escaped;
        let now = Before {
            window: Window {
                token,
                equals: masks.equals & inside,
                colon: masks.colon & inside,
                carry: self.before.window.token >> 63,
            },
            percent: masks.percent & inside,
            hidden: masks.high & inside & (token << 1 | self.before.window.token >> 63),
            opens,
            string_at: self.string_at,
            base,
        };
        // Most escapes are these, and spell what ends a token.
        let plain = masks.quote | masks.letter_n;
        let checked = self
            .check_controls(frame, masks.control, inside)
            .and_then(|()| self.check_escapes(frame, escaped & inside & !plain, &now))
            .and_then(|()| self.walk(frame, masks, inside, quotes, rules));
        if let Err(reason) = checked {
            self.fault = Some(if base == 0 && frame.starts_with("\u{feff}".as_bytes()) {
                Reason::ByteOrderMark
            } else {
                reason
            });
            return;
        }
        self.triggers(frame, now, rules);
        if opens != 0 {
            self.string_at = base + 63 - opens.leading_zeros() as usize;
        }
    }

    /// No control character stands in a string, and outside only tab, or the CR of the line end.
    fn check_controls(&self, frame: &[u8], control: u64, inside: u64) -> Result<(), Reason> {
        for i in mask::places(control) {
            match frame[self.at + i] {
                b'\t' if inside >> i & 1 == 0 => {}
                b'\r' if frame.get(self.at + i + 1) == Some(&b'\n') => {}
                b'\r' if inside >> i & 1 == 0 => return Err(Reason::BareCr),
                _ => return Err(Reason::ControlCharacter),
            }
        }
        Ok(())
    }

    /// Every escape is one of RFC 8259 section 7; the commonest need no look.
    fn check_escapes(&mut self, frame: &[u8], escaped: u64, now: &Before) -> Result<(), Reason> {
        for i in mask::places(escaped) {
            let at = self.at + i;
            // A backslash at the very end escapes the padding behind the frame.
            let Some(&byte) = frame.get(at) else { return Err(Reason::NotJson) };
            match byte {
                b'b' | b'f' | b'r' | b't' => continue,
                b'\\' if !matches!(frame.get(at + 1), Some(b'/' | b'u') | None) => continue,
                b'\\' | b'/' => {}
                b'u' => {
                    let digits = frame.get(at + 1..at + 5).ok_or(Reason::NotJson)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return Err(Reason::NotJson);
                    }
                    self.surrogate |= matches!(
                        digits,
                        [b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F', ..]
                    );
                }
                _ => return Err(Reason::NotJson),
            }
            self.escaped |= byte != b'\\';
            if redact::may_escape(frame, at) {
                self.hit(now, at);
            }
        }
        Ok(())
    }

    /// Checks the grammar from one structural position to the next.
    fn walk(
        &mut self,
        frame: &[u8],
        masks: &Masks,
        inside: u64,
        quotes: u64,
        rules: &Rules,
    ) -> Result<(), Reason> {
        let structure = masks.structure;
        let scalar = !(structure | masks.space | masks.control | inside | quotes);
        let starts = scalar & !(scalar << 1 | self.scalar_carry);
        self.scalar_carry = scalar >> 63;
        for i in mask::places(structure & !inside | quotes & inside | starts) {
            let at = self.at + i;
            // The padding behind the end of a frame is white space, so every bit is a byte of it.
            match frame[at] {
                b'"' => self.string(at)?,
                b':' => self.colon(frame, at, rules)?,
                b',' => self.comma(frame, at)?,
                b'{' => self.open(frame, at, true)?,
                b'[' => self.open(frame, at, false)?,
                b'}' => self.shut(frame, at, true)?,
                b']' => self.shut(frame, at, false)?,
                _ => {
                    self.begin(at, Shape::Scalar)?;
                    self.atom = at;
                }
            }
        }
        Ok(())
    }

    /// A value may begin here.
    fn begin(&mut self, at: usize, shape: Shape) -> Result<(), Reason> {
        if !matches!(self.expect, Expect::Value | Expect::ValueOrClose) {
            return Err(Reason::NotJson);
        }
        match self.depth {
            0 => self.shape = shape,
            depth @ (1 | 2) => self.value_at[depth as usize - 1] = at,
            _ => {}
        }
        self.named = false;
        self.expect = if self.depth == 0 { Expect::Nothing } else { Expect::CommaOrClose };
        Ok(())
    }

    fn string(&mut self, at: usize) -> Result<(), Reason> {
        if matches!(self.expect, Expect::Name | Expect::NameOrClose) {
            if let depth @ (1 | 2) = self.depth {
                self.name[depth as usize - 1].start = at + 1;
            }
            self.expect = Expect::Colon;
            return Ok(());
        }
        if self.named {
            self.hit_string(at);
        }
        self.begin(at, Shape::Scalar)
    }

    fn colon(&mut self, frame: &[u8], at: usize, rules: &Rules) -> Result<(), Reason> {
        if self.expect != Expect::Colon {
            return Err(Reason::NotJson);
        }
        if let depth @ (1 | 2) = self.depth {
            // Without the closing quote.
            self.name[depth as usize - 1].end = trimmed(frame, at) - 1;
        }
        self.named = rules.may_member(frame, at);
        self.expect = Expect::Value;
        Ok(())
    }

    fn comma(&mut self, frame: &[u8], at: usize) -> Result<(), Reason> {
        if self.expect != Expect::CommaOrClose {
            return Err(Reason::NotJson);
        }
        self.end_value(frame, at)?;
        self.expect = if self.in_object() { Expect::Name } else { Expect::Value };
        Ok(())
    }

    fn open(&mut self, frame: &[u8], at: usize, object: bool) -> Result<(), Reason> {
        self.begin(at, if object { Shape::Object } else { Shape::Array })?;
        if self.depth == self.depth_max {
            return Err(Reason::TooDeep);
        }
        self.depth += 1;
        self.objects = self.objects << 1 | u128::from(object);
        if self.depth == 2 {
            self.inner_from = self.inner.len();
            self.records = self.objects >> 1 & 1 == 1 && is_read(&frame[self.name[0].clone()]);
        }
        self.expect = if object { Expect::NameOrClose } else { Expect::ValueOrClose };
        Ok(())
    }

    fn shut(&mut self, frame: &[u8], at: usize, object: bool) -> Result<(), Reason> {
        let empty = if object { Expect::NameOrClose } else { Expect::ValueOrClose };
        let fits = self.depth > 0 && self.in_object() == object;
        if !fits || (self.expect != Expect::CommaOrClose && self.expect != empty) {
            return Err(Reason::NotJson);
        }
        if self.expect == Expect::CommaOrClose {
            self.end_value(frame, at)?;
        }
        self.depth -= 1;
        self.objects >>= 1;
        self.expect = if self.depth == 0 { Expect::Nothing } else { Expect::CommaOrClose };
        Ok(())
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    /// A value ends before the comma or bracket at `at`.
    fn end_value(&mut self, frame: &[u8], at: usize) -> Result<(), Reason> {
        self.end_atom(frame, at)?;
        let (depth @ (1 | 2), true) = (self.depth, self.in_object()) else { return Ok(()) };
        let level = depth as usize - 1;
        let value = self.value_at[level]..trimmed(frame, at);
        let member = Member { name: self.name[level].clone(), value };
        if depth == 1 {
            // Only an object has members; what an array or scalar left there is not theirs.
            let has_members = frame[member.value.start] == b'{';
            let from = if has_members { self.inner_from } else { self.inner.len() };
            if self.top.len() < self.members_max {
                self.top.push(TopMember { at: member, inner: from..self.inner.len() });
            } else {
                self.overflow = true;
            }
        } else if self.records {
            if self.inner.len() < self.members_max {
                self.inner.push(member);
            } else {
                self.overflow = true;
            }
        }
        Ok(())
    }

    fn end_atom(&mut self, frame: &[u8], at: usize) -> Result<(), Reason> {
        let start = std::mem::replace(&mut self.atom, NONE);
        if start != NONE && !number::is_atom(&frame[start..trimmed(frame, at)]) {
            return Err(Reason::NotJson);
        }
        Ok(())
    }

    /// Asks about the places of the block before `now` where a secret may begin.
    fn triggers(&mut self, frame: &[u8], now: Before, rules: &Rules) {
        let before = std::mem::replace(&mut self.before, now);
        if !rules.enabled() {
            return;
        }
        for i in mask::places(before.window.runs(&now.window).ten) {
            if rules.may_start(frame, before.base + i, Trigger::Run) {
                self.hit(&before, before.base + i);
            }
        }
        for i in mask::places(before.window.equals) {
            if rules.may_start(frame, before.base + i, Trigger::Equals) {
                self.hit(&before, before.base + i);
            }
        }
        for i in mask::places(before.percent) {
            if redact::may_percent(frame, before.base + i) {
                self.hit(&before, before.base + i);
            }
        }
        for i in mask::places(before.hidden) {
            if redact::may_hide(frame, before.base + i) {
                self.hit(&before, before.base + i);
            }
        }
        for i in mask::places(before.window.colon) {
            let at = before.base + i;
            let is_scheme = frame.get(at + 1..at + 3).is_none_or(|next| next == b"//");
            if (is_scheme && rules.may_start(frame, at, Trigger::Scheme))
                || rules.may_start(frame, at, Trigger::Colon)
            {
                self.hit(&before, at);
            }
        }
    }

    /// The string around `at`, a place in the block `around`, may hold a secret.
    fn hit(&mut self, around: &Before, at: usize) {
        let below = around.opens & u64::MAX >> (63 - (at - around.base) as u32);
        let opens = match below {
            0 => around.string_at,
            _ => around.base + 63 - below.leading_zeros() as usize,
        };
        self.hit_string(opens);
    }

    /// The string that opens at `opens` may hold a secret.
    fn hit_string(&mut self, opens: usize) {
        if self.hits_from.is_some() {
            return;
        }
        // Escapes and names are seen one block before the triggers of the same string.
        match self.hits.binary_search(&(opens as u32)) {
            Ok(_) => {}
            Err(_) if self.hits.len() == HITS_MAX => self.hits_from = Some(self.hits[0] as usize),
            Err(place) => self.hits.insert(place, opens as u32),
        }
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
