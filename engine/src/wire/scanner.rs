//! One pass over a frame as it arrives: its end, its strict validity, its members, and the strings
//! in which a secret may stand.
//!
//! ```text
//!   64 bytes ──> masks ──> what is escaped ──> what lies inside of strings ──> positions ──> grammar
//!                                                        └──> places of interest ──> hits
//! ```
//!
//! Some blocks are taken together, one step after the other, since each step is a tight loop. Work
//! is done once a byte, however the bytes are cut: blocks are aligned to the start of the frame, and
//! the first fault in it counts, so the result does not depend on how it arrived.
//!
//! Invariant: `at <= seen.max(at) <= frame.len()`; bytes before `at` are never looked at again,
//! except at the place where a member or a candidate stands.

use memchr::memchr;

use super::cursor::Member;
use super::grammar::{Grammar, Shape, TopMember};
use super::hits::Hits;
use crate::base::limits::Limits;
use crate::base::reason::Reason;
use crate::bits::kernel::{self, BLOCK, Ends, Masks};
use crate::bits::mask;
use crate::redact::{self, Asked, BATCH, Batch, Recent, Rules, Window};

/// Bytes that have to follow a block before it is scanned: an escape is read whole.
const LOOKAHEAD: usize = 8;

/// The state between two blocks, and what was found in the frame so far.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    at: usize,
    seen: usize,
    fault: Option<Reason>,
    carry: Carry,
    /// What was scanned last waits here until it is known what follows.
    recent: Recent,
    last: Strings,
    asked: Asked,
    grammar: Grammar,
    hits: Hits,
    surrogate: bool,
    escaped: bool,
}

/// What one block leaves to the next.
#[derive(Clone, Copy, Debug, Default)]
struct Carry {
    /// All bits are set within a string.
    in_string: u64,
    escape: u64,
    scalar: u64,
    /// A byte of 0x80 and above was seen.
    high: u64,
    /// Where the last string opens.
    string_at: usize,
}

/// The strings of a block.
#[derive(Clone, Copy, Debug, Default)]
struct Strings {
    opens: u64,
    /// Where the string that is open at the start of the block opens.
    string_at: usize,
}

impl Strings {
    /// Where the string around `at` opens, a place in this block.
    fn string_around(&self, at: usize) -> usize {
        let i = at % BLOCK;
        match self.opens & u64::MAX >> (BLOCK - 1 - i) {
            0 => self.string_at,
            below => at - i + 63 - below.leading_zeros() as usize,
        }
    }
}

impl Scanner {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { grammar: Grammar::new(limits), ..Self::default() }
    }

    /// Ready for the next frame. Memory is kept.
    pub(crate) fn reset(&mut self) {
        self.at = 0;
        self.seen = 0;
        self.fault = None;
        self.carry = Carry::default();
        self.recent = Recent::default();
        self.last = Strings::default();
        self.asked = Asked::default();
        self.grammar.reset();
        self.hits.reset();
        self.surrogate = false;
        self.escaped = false;
    }

    /// Gives back the memory that frames took.
    pub(crate) fn shrink(&mut self) {
        self.grammar.shrink();
        self.hits.shrink();
    }

    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        self.grammar.memory() + self.hits.memory()
    }

    /// Most bytes of memory with these limits.
    pub(crate) fn memory_max(limits: &Limits) -> usize {
        Grammar::memory_max(limits) + Hits::memory_max()
    }

    /// Scans what is new in `frame`, which starts where the frame starts and holds all of it that
    /// has arrived. The offset of its newline, if that has.
    pub(crate) fn feed(&mut self, frame: &[u8], rules: &Rules) -> Option<usize> {
        let mut batch = [Masks::default(); BATCH];
        while self.fault.is_none() && frame.len() - self.at >= BLOCK + LOOKAHEAD {
            let count = kernel::classify(&frame[self.at..frame.len() - LOOKAHEAD], &mut batch);
            let end = batch[..count].iter().enumerate().find_map(|(i, masks)| {
                let from = self.at + i * BLOCK;
                let found = (masks.control != 0).then(|| memchr(b'\n', &frame[from..from + BLOCK]));
                found.flatten().map(|found| (i, from + found))
            });
            self.blocks(frame, &batch[..end.map_or(count, |(i, _)| i)], rules);
            if let (Some((_, end)), None) = (end, self.fault) {
                self.finish(frame, end, true, rules);
                return Some(end);
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
        self.hits.add_all();
    }

    /// Whether the frame may go on, or why not. Final once the frame has ended.
    pub(crate) fn fault(&self) -> Option<Reason> {
        self.fault
    }

    pub(crate) fn shape(&self) -> Shape {
        self.grammar.shape()
    }

    /// The members of the envelope, in their order.
    pub(crate) fn top(&self) -> &[TopMember] {
        self.grammar.top()
    }

    /// The members of the objects in the envelope, in their order.
    pub(crate) fn inner(&self) -> &[Member] {
        self.grammar.inner()
    }

    /// More members were there than the limit; those over it are not listed.
    pub(crate) fn has_overflow(&self) -> bool {
        self.grammar.has_overflow()
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
        self.carry.high != 0
    }

    /// Where the strings open that may hold a secret, in rising order.
    pub(crate) fn hits(&self) -> &[u32] {
        self.hits.single()
    }

    /// From here on every string may hold a secret.
    pub(crate) fn hits_from(&self) -> Option<usize> {
        self.hits.from()
    }

    /// The frame ends before `end`, with a newline there or without one.
    fn finish(&mut self, frame: &[u8], end: usize, newline: bool, rules: &Rules) {
        let crlf = newline && frame[..end].ends_with(b"\r");
        let body = &frame[..end - usize::from(crlf)];
        let mut batch = [Masks::default(); BATCH];
        while self.fault.is_none() && self.at < body.len() {
            let mut count = kernel::classify(&body[self.at..], &mut batch);
            if count < BATCH && self.at + count * BLOCK < body.len() {
                batch[count] = kernel::classify_rest(&body[self.at + count * BLOCK..]);
                count += 1;
            }
            self.blocks(body, &batch[..count], rules);
        }
        if self.fault.is_none() {
            if rules.enabled() {
                let mut places = Batch::after(&self.recent);
                places.push(Window::default());
                self.look(body, &places, &[], rules);
            }
            self.fault = self.close(body).err();
        }
    }

    /// Whether a frame may end here.
    fn close(&mut self, body: &[u8]) -> Result<(), Reason> {
        if body.starts_with("\u{feff}".as_bytes()) {
            return Err(Reason::ByteOrderMark);
        }
        if self.carry.high != 0 && std::str::from_utf8(body).is_err() {
            return Err(Reason::InvalidUtf8);
        }
        if self.shape() == Shape::Blank {
            return Ok(());
        }
        if self.carry.in_string != 0 {
            return Err(Reason::NotJson);
        }
        self.grammar.close(body)
    }

    /// Scans some blocks, up to the first one with a fault.
    fn blocks(&mut self, frame: &[u8], batch: &[Masks], rules: &Rules) {
        let base = self.at;
        let mut strings = [Strings::default(); BATCH];
        let mut places = Batch::after(&self.recent);
        let mut positions = [0; BATCH];
        let mut fault = None;
        let mut count = 0;
        for masks in batch {
            match self.block(frame, base + count * BLOCK, masks, &mut places) {
                Ok(scanned) => (strings[count], positions[count]) = scanned,
                Err(reason) => {
                    fault = Some(reason);
                    break;
                }
            }
            count += 1;
        }
        for (i, positions) in positions[..count].iter().enumerate() {
            let base = base + i * BLOCK;
            if let Err(reason) = self.grammar.walk(frame, base, *positions, rules, &mut self.hits) {
                (fault, count) = (Some(reason), i);
                break;
            }
        }
        if let Some(reason) = fault {
            let is_marked = base + count == 0 && frame.starts_with("\u{feff}".as_bytes());
            self.fault = Some(if is_marked { Reason::ByteOrderMark } else { reason });
            return;
        }
        if rules.enabled() {
            let mut ends = [Ends::default(); BATCH];
            kernel::ends(&frame[base..], rules.threes(), &mut ends[..count]);
            places.set_ends(&ends[..count]);
            self.look(frame, &places, &strings[..count], rules);
        }
        self.recent = places.recent();
        self.at += count * BLOCK;
    }

    /// What a block comes to, and its structural positions: quotes that open a string, brackets,
    /// colons, commas, and the first bytes of numbers and words.
    #[inline]
    fn block(
        &mut self,
        frame: &[u8],
        base: usize,
        masks: &Masks,
        places: &mut Batch,
    ) -> Result<(Strings, u64), Reason> {
        let carry = &mut self.carry;
        let (escaped, escape) = mask::escaped(masks.backslash, carry.escape);
        carry.escape = escape;
        let quotes = masks.quote & !escaped;
        // From an opening quote up to, but without, the closing one.
        let inside = mask::prefix_xor(quotes) ^ carry.in_string;
        carry.in_string = ((inside as i64) >> 63) as u64;
        carry.high |= masks.high;
        let opens = quotes & inside;
        let strings = Strings { opens, string_at: carry.string_at };
        places.push(Window::within(masks, inside, escaped));
        if opens != 0 {
            carry.string_at = base + 63 - opens.leading_zeros() as usize;
        }
        let outside = masks.structure & !inside;
        let scalar = !(masks.structure | masks.space | masks.control | inside | quotes);
        let starts = scalar & !(scalar << 1 | carry.scalar);
        carry.scalar = scalar >> 63;
        if masks.control != 0 {
            check_controls(frame, base, masks.control, inside)?;
        }
        // Most escapes are these, and spell what ends a token; of a backslash as long as it begins no
        // escape of a text within the text.
        let hiding = (masks.letter_u | masks.slash) >> 1 | 1 << (BLOCK - 1);
        let plain = masks.quote | masks.letter_n | masks.backslash & !hiding;
        let rare = escaped & inside & !plain;
        if rare != 0 {
            self.check_escapes(frame, base, rare, &strings)?;
        }
        Ok((strings, outside | opens | starts))
    }

    /// Every escape is one of RFC 8259 section 7; the commonest need no look.
    fn check_escapes(
        &mut self,
        frame: &[u8],
        base: usize,
        escaped: u64,
        strings: &Strings,
    ) -> Result<(), Reason> {
        for i in mask::places(escaped) {
            let at = base + i;
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
                self.hits.add(strings.string_around(at));
            }
        }
        Ok(())
    }

    /// Asks about the places where a secret may begin, of the block that waited and of all but the
    /// last of these.
    #[inline]
    fn look(&mut self, frame: &[u8], places: &Batch, strings: &[Strings], rules: &Rules) {
        let last = self.last;
        let around = |n: usize, at| {
            let block = if n == 0 { &last } else { &strings[n - 1] };
            block.string_around(at)
        };
        let is_one = last.opens == 0 && strings.iter().all(|strings| strings.opens == 0);
        if !(is_one && self.asked.has_told(last.string_at)) {
            let (asked, hits) = (&mut self.asked, &mut self.hits);
            let windows = places.windows();
            // Before the first block stands an empty one.
            let base = self.at.wrapping_sub(BLOCK);
            rules.announce(frame, base, windows, asked, around, |opens| hits.add(opens));
        }
        self.last = strings.last().copied().unwrap_or(last);
    }
}

/// No control character stands in a string, and outside only tab, or the CR of the line end.
fn check_controls(frame: &[u8], base: usize, control: u64, inside: u64) -> Result<(), Reason> {
    for i in mask::places(control) {
        match frame[base + i] {
            b'\t' if inside >> i & 1 == 0 => {}
            b'\r' if frame.get(base + i + 1) == Some(&b'\n') => {}
            b'\r' if inside >> i & 1 == 0 => return Err(Reason::BareCr),
            _ => return Err(Reason::ControlCharacter),
        }
    }
    Ok(())
}
