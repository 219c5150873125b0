//! Finds what a reader does not see: characters without width, turns of direction, tags, and the
//! control sequences of a terminal.
//!
//! ```text
//!   raw string ──> Unseen::may_hold ──> no, almost always
//!                       │ yes
//!                       v
//!   decoded text ──> Unseen::find ──> places and kinds, neighbours of one kind joined
//! ```
//!
//! Nothing is judged here: a word may be hidden for good reasons, and who strips or refuses is
//! decided above. Characters that writing needs are left alone where it needs them: a joiner within
//! an emoji or between letters that join, a mark of direction beside right-to-left letters, a flag
//! made of tags.
//!
//! The invariant: what [`Unseen::find`] finds in a decoded string, [`Unseen::may_hold`] has
//! announced on its raw text. Every look around is bounded, so the work is linear.

use super::class::meter;

/// A stretch of text that a reader does not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// What it is.
    pub kind: UnseenKind,
}

/// What is not seen. The numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnseenKind {
    /// Characters without width or ink: zero-width spaces and joiners, variation selectors,
    /// fillers, a byte order mark.
    ZeroWidth = 1,
    /// Marks, embeddings, overrides and isolates of the bidirectional algorithm: the text is read
    /// in another order than it stands.
    Bidi = 2,
    /// Tag characters, a second ASCII that nobody sees.
    Tag = 3,
    /// A control sequence of a terminal (ECMA-48).
    Ansi = 4,
}

impl UnseenKind {
    /// Every kind.
    pub const ALL: [UnseenKind; 4] = [Self::ZeroWidth, Self::Bidi, Self::Tag, Self::Ansi];

    /// The name in configurations and events.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ZeroWidth => "zero-width",
            Self::Bidi => "bidi",
            Self::Tag => "tag",
            Self::Ansi => "ansi",
        }
    }
}

impl Unseen {
    /// Appends what is not seen in a decoded text, from left to right.
    pub fn find(text: &[u8], out: &mut Vec<Unseen>) {
        Unseen::each(text, |found| out.push(found));
    }

    /// Tells what is not seen in a decoded text, from left to right, without memory.
    pub(crate) fn each(text: &[u8], mut tell: impl FnMut(Unseen)) {
        let mut open: Option<Unseen> = None;
        let mut strings_end = true;
        let mut at = 0;
        while let Some(start) = next_suspect::<ESC>(text, at) {
            let Some((kind, len)) = kind_at(text, start) else {
                at = flag_end(text, start).unwrap_or(start + 1);
                continue;
            };
            at = start + len;
            if kind == UnseenKind::Ansi {
                at = sequence_end(text, start, at, &mut strings_end);
            } else if is_needed(text, start, at) {
                continue;
            }
            match &mut open {
                Some(last) if last.end == start && last.kind == kind => last.end = at,
                _ => {
                    if let Some(found) = open.replace(Unseen { start, end: at, kind }) {
                        tell(found);
                    }
                }
            }
        }
        open.into_iter().for_each(tell);
    }

    /// Whether the raw text of a JSON string may hold such a thing: as it is, as `\u200b`, or as a
    /// pair of surrogates, also where its backslash is itself escaped. A quick no for most.
    pub fn may_hold(raw: &[u8]) -> bool {
        let mut at = 0;
        while let Some(found) = next_suspect::<b'\\'>(raw, at) {
            if raw[found] == b'\\' {
                if code_of_escape(raw, found).is_some_and(is_suspect_code) {
                    return true;
                }
            } else if kind_at(raw, found).is_some() {
                return true;
            }
            at = found + 1;
        }
        false
    }
}

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;

/// The next byte that is no ASCII, or `MARK`.
fn next_suspect<const MARK: u8>(text: &[u8], from: usize) -> Option<usize> {
    // So many at once that the compiler compares them side by side.
    const BLOCK: usize = 32;
    let is_suspect = |b: u8| b >= 0x80 || b == MARK;
    let mut at = from;
    // Text of another script than Latin has the next one right here.
    if is_suspect(*text.get(at)?) {
        return Some(at);
    }
    for block in text[from..].chunks(BLOCK) {
        if block.iter().fold(false, |any, b| any | is_suspect(*b)) {
            return block.iter().position(|b| is_suspect(*b)).map(|i| at + i);
        }
        at += block.len();
    }
    None
}

/// What stands at `at`, if it may be unseen, and how many bytes it takes.
pub(super) fn kind_at(text: &[u8], at: usize) -> Option<(UnseenKind, usize)> {
    // Two bytes tell most text from what is looked for.
    let second = *text.get(at + 1).unwrap_or(&0);
    match (text[at], second) {
        (ESC, _) => return Some((UnseenKind::Ansi, 1)),
        (0xc2, 0x90 | 0x98 | 0x9b..=0x9f | 0xad)
        | (0xcd, 0x8f)
        | (0xd8, 0x9c)
        | (0xe1, 0x85 | 0x9e | 0xa0)
        | (0xe2, 0x80 | 0x81)
        | (0xe3, 0x85)
        | (0xef, 0xb8 | 0xb9 | 0xbb | 0xbe | 0xbf)
        | (0xf0, 0x9b | 0x9d)
        | (0xf3, 0xa0) => {}
        _ => return None,
    }
    let (code, len) = char_at(text, at)?;
    kind_of(code).map(|kind| (kind, len))
}

/// What a character is, if it may be unseen. (Unicode: Default_Ignorable_Code_Point, Bidi_Control,
/// and the C1 controls that begin a sequence.)
fn kind_of(code: u32) -> Option<UnseenKind> {
    match code {
        0x1b | 0x90 | 0x98 | 0x9b | 0x9d..=0x9f => Some(UnseenKind::Ansi),
        0x61c | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069 => Some(UnseenKind::Bidi),
        0xad
        | 0x34f
        | 0x115f
        | 0x1160
        | 0x17b4
        | 0x17b5
        | 0x180b..=0x180f
        | 0x200b..=0x200d
        | 0x2060..=0x206f
        | 0x3164
        | 0xfe00..=0xfe0f
        | 0xfeff
        | 0xffa0
        | 0xfff9..=0xfffb
        | 0x1bca0..=0x1bca3
        | 0x1d173..=0x1d17a
        | 0xe0080..=0xe0fff => Some(UnseenKind::ZeroWidth),
        0xe0000..=0xe007f => Some(UnseenKind::Tag),
        _ => None,
    }
}

/// Whether an escape by number stands for something unseen, or for the first half of it.
pub(super) fn is_suspect_code(unit: u32) -> bool {
    matches!(unit, 0xd82f | 0xd834 | 0xdb40..=0xdb43) || kind_of(unit).is_some()
}

/// The number of the `\uXXXX` at `at`.
fn code_of_escape(raw: &[u8], at: usize) -> Option<u32> {
    let digits = raw.get(at + 1..at + 6)?.strip_prefix(b"u")?;
    digits.iter().try_fold(0, |code, b| Some(code << 4 | char::from(*b).to_digit(16)?))
}

/// The character at `at` and its length; none within a character or in bytes that are not UTF-8.
fn char_at(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let four = text.get(at..text.len().min(at + 4))?;
    let c = four.utf8_chunks().next()?.valid().chars().next()?;
    Some((u32::from(c), c.len_utf8()))
}

/// The character that ends before `at`, and where it starts.
fn char_before(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let start = (at.saturating_sub(4)..at).rev().find(|i| text[*i] & 0xc0 != 0x80)?;
    let (code, len) = char_at(text, start)?;
    (start + len == at).then_some((code, start))
}

/// Whether writing needs this character where it stands, so that a reader sees what it does.
fn is_needed(text: &[u8], start: usize, end: usize) -> bool {
    let Some((code, _)) = char_at(text, start) else { return false };
    let (before, at) = char_before(text, start).unwrap_or((0, start));
    let after = char_at(text, end).map_or(0, |(code, _)| code);
    match code {
        0x200c | 0x200d if is_joining(before) => {
            is_joining(after) || is_virama(before) || (code == 0x200d && is_arabic(before))
        }
        0x200d => is_emoji(shown_before(text, before, at)) && is_emoji(after),
        0x200b => is_spaceless(before) && is_spaceless(after),
        0xfe00..=0xfe0f | 0xe0100..=0xe01ef => takes_variation(before, code),
        0x180b..=0x180f => is_mongolian(before) && (code != 0x180e || is_mongolian(after)),
        0x115f | 0x1160 => is_jamo(before) || is_jamo(after),
        0x200e | 0x200f | 0x61c => is_beside_rtl(text, start, end),
        _ => false,
    }
}

/// The character that is shown: a variation selector changes the one before it.
fn shown_before(text: &[u8], before: u32, at: usize) -> u32 {
    match before {
        0xfe0f => char_before(text, at).map_or(0, |(code, _)| code),
        _ => before,
    }
}

/// Whether a right-to-left letter stands on one of the sides; spaces, digits and punctuation may lie
/// between.
fn is_beside_rtl(text: &[u8], start: usize, end: usize) -> bool {
    const NEUTRALS_MAX: usize = 3;
    let is_neutral = |code: u32| code < 0x80 && !(code as u8).is_ascii_alphabetic();
    let (mut low, mut high) = (start, end);
    meter(NEUTRALS_MAX);
    for _ in 0..=NEUTRALS_MAX {
        let Some((code, at)) = char_before(text, low) else { break };
        low = at;
        if is_rtl(code) {
            return true;
        }
        if !is_neutral(code) {
            break;
        }
    }
    for _ in 0..=NEUTRALS_MAX {
        let Some((code, len)) = char_at(text, high) else { break };
        high += len;
        if is_rtl(code) {
            return true;
        }
        if !is_neutral(code) {
            break;
        }
    }
    false
}

fn is_rtl(code: u32) -> bool {
    matches!(
        code,
        0x590..=0x61b | 0x61d..=0x8ff | 0xfb1d..=0xfdff | 0xfe70..=0xfefc | 0x10800..=0x10fff
            | 0x1e800..=0x1efff
    )
}

fn is_arabic(code: u32) -> bool {
    matches!(code, 0x620..=0x6ff | 0x750..=0x77f | 0x870..=0x8ff | 0xfb50..=0xfdff
        | 0xfe70..=0xfefc)
}

/// Letters and signs of the scripts in which a joiner changes the shape.
fn is_joining(code: u32) -> bool {
    is_arabic(code)
        || is_mongolian(code)
        || matches!(
            code,
            0x700..=0x74f | 0x7c0..=0x7ff | 0x840..=0x85f | 0x900..=0xdff | 0x1000..=0x109f
                | 0x1780..=0x17b3 | 0x17b6..=0x17dd | 0xa980..=0xa9df | 0xaa60..=0xaa7f
                | 0x11000..=0x11cff
        )
}

/// The sign that takes the vowel off a consonant; a joiner behind it changes the shape also at the
/// end of a word.
fn is_virama(code: u32) -> bool {
    matches!(code, 0x900..=0xd7f if code & 0x7f == 0x4d) || code == 0xdca
}

/// Scripts without spaces between words: a zero-width space says where a line may break.
fn is_spaceless(code: u32) -> bool {
    matches!(code, 0xe01..=0xe4e | 0xe81..=0xedf | 0x1000..=0x109f | 0x1780..=0x17dd
        | 0x1950..=0x19df)
}

fn is_mongolian(code: u32) -> bool {
    matches!(code, 0x1807 | 0x180a..=0x180d | 0x1820..=0x18aa)
}

fn is_jamo(code: u32) -> bool {
    matches!(code, 0x1100..=0x115e | 0x1161..=0x11ff | 0xa960..=0xa97c | 0xd7b0..=0xd7fb)
}

/// Pictographs, the symbols that may be shown as such, and the colours of skin and hair.
fn is_emoji(code: u32) -> bool {
    matches!(
        code,
        0xa9 | 0xae | 0x203c | 0x2049 | 0x2100..=0x214f | 0x2190..=0x21ff | 0x2300..=0x23ff
            | 0x2460..=0x24ff | 0x25a0..=0x27bf | 0x2900..=0x297f | 0x2b00..=0x2bff
            | 0x3030 | 0x303d | 0x3297 | 0x3299 | 0x1f000..=0x1faff
    )
}

/// Whether a character is written in several ways, of which this selector chooses one. One selector
/// is the most it takes: a row of them is a text of its own.
fn takes_variation(code: u32, selector: u32) -> bool {
    let is_ideograph = matches!(
        code,
        0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x323af
    );
    match selector {
        0xfe0e | 0xfe0f => is_emoji(code) || matches!(code, 0x23 | 0x2a | 0x30..=0x39),
        0xfe00..=0xfe02 => {
            is_ideograph
                || matches!(code, 0x30 | 0x1000..=0x109f | 0x2018..=0x201d | 0x2200..=0x22ff
                    | 0x2a00..=0x2aff | 0x3000..=0x303f | 0xa840..=0xa877 | 0xff00..=0xff1f)
        }
        0xe0100..=0xe01ef => is_ideograph,
        _ => false,
    }
}

/// Where the flag that begins at `at` ends: a black flag, a region and a part of it in tags, and the
/// tag that ends them (UTS 51, emoji tag sequences).
fn flag_end(text: &[u8], at: usize) -> Option<usize> {
    const PARTS: std::ops::RangeInclusive<usize> = 3..=6;
    let mut end = text[at..].starts_with("\u{1f3f4}".as_bytes()).then_some(at + 4)?;
    for count in 0..=*PARTS.end() {
        let (code, len) = char_at(text, end)?;
        end += len;
        match code {
            0xe0061..=0xe007a => {}
            0xe0030..=0xe0039 if count >= 2 => {}
            0xe007f if PARTS.contains(&count) => return Some(end),
            _ => return None,
        }
    }
    None
}

/// Where the control sequence at `start` ends, whose introducer ends at `body`.
///
/// A string that nothing ends has nothing but its introducer removed, so that what it hid is seen;
/// `strings_end` remembers that no end follows, so that nobody looks for one again.
fn sequence_end(text: &[u8], start: usize, body: usize, strings_end: &mut bool) -> usize {
    let (kind, body) = match (text[start], text.get(body)) {
        (ESC, Some(b @ 0x40..=0x5f)) => (*b, body + 1),
        (ESC, Some(0x20..=0x2f)) => {
            let end = body + span(text, body, 0x20..=0x2f);
            return end + usize::from(text.get(end).is_some_and(|b| (0x30..=0x7e).contains(b)));
        }
        (ESC, Some(0x30..=0x3f | 0x60..=0x7e)) => return body + 1,
        (ESC, _) => return body,
        // The second byte of a C1 control is that of its two-byte form, 0x40 higher.
        (_, _) => (text[body - 1] - 0x40, body),
    };
    match kind {
        b'[' => {
            let body = body + span(text, body, 0x30..=0x3f);
            let end = body + span(text, body, 0x20..=0x2f);
            end + usize::from(text.get(end).is_some_and(|b| (0x40..=0x7e).contains(b)))
        }
        b']' | b'P' | b'X' | b'^' | b'_' if *strings_end => {
            let end = string_end(text, body);
            *strings_end = end.is_some();
            end.unwrap_or(body)
        }
        _ => body,
    }
}

/// Where a command string ends: behind BEL or ST, or before another escape, which cuts it off.
fn string_end(text: &[u8], body: usize) -> Option<usize> {
    let mut at = body;
    loop {
        let found = at + memchr::memchr3(BEL, ESC, 0xc2, &text[at..])?;
        meter(found - at + 1);
        match (text[found], text.get(found + 1)) {
            (BEL, _) => return Some(found + 1),
            (ESC, Some(b'\\')) | (0xc2, Some(0x9c)) => return Some(found + 2),
            (ESC, _) => return Some(found),
            _ => at = found + 1,
        }
    }
}

/// How many bytes from `at` on are in a range.
fn span(text: &[u8], at: usize, range: std::ops::RangeInclusive<u8>) -> usize {
    let count = text[at..].iter().take_while(|b| range.contains(b)).count();
    meter(count);
    count
}
