//! The places of a text at which a secret may be recognised, as bit masks.
//!
//! The frame scanner asks about them on raw text, the finder on decoded text: both see the same
//! places, so what is found at one of them was announced there. This says where to look, and never
//! what stands there; the [sieve](super::sieve) takes away what a few bytes rule out.

use crate::bits::kernel::{self, BLOCK, Ends, Masks, Threes};
use crate::bits::mask;

/// What a block of a text holds. In a frame only what stands within strings counts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    /// `A-Z a-z 0-9 _ -`; in raw text without the byte that an escape ends with.
    pub token: u64,
    /// The same, `+` and `/`.
    pub code: u64,
    /// `=`
    pub equals: u64,
    /// `:`
    pub colons: u64,
    /// `%`
    pub percent: u64,
    /// Bytes that are no ASCII.
    pub high: u64,
    /// The space character.
    pub space: u64,
    /// `>`
    pub greater: u64,
    /// `~`
    pub tilde: u64,
    /// `-`
    pub dash: u64,
    /// The rest is of use beside these only: digits, `_` and `-`, backslashes, the letters of escapes by
    /// number, slashes, what names of variables are made of, and what names end with.
    pub digit: u64,
    pub mark: u64,
    pub backslash: u64,
    pub number: u64,
    pub slash: u64,
    pub variable: u64,
    pub ends: Ends,
}

/// The places of a block. Each is the first byte of what it names.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Places {
    /// Runs of ten and more token bytes, that a token may begin with.
    pub runs: u64,
    /// Runs of fifteen and more that may be a value behind the word of its provider.
    pub keyed: u64,
    /// Runs in the middle of which a token may begin.
    pub inner: u64,
    /// Runs around which a blob of base64 or hexadecimal digits may lie.
    pub blobs: u64,
    /// `=` and `:` that may give a name its value.
    pub signs: u64,
    /// `=` that a signed key may end with.
    pub paddings: u64,
    /// `://` that may have a password behind it.
    pub urls: u64,
    /// Spaces behind a word that says what follows.
    pub words: u64,
    /// `>` behind a name.
    pub closes: u64,
    /// `~`
    pub tildes: u64,
    /// The dashes of an option.
    pub options: u64,
    /// `%`
    pub percent: u64,
    /// First bytes that are no ASCII, not behind a space.
    pub hidden: u64,
}

impl Window {
    /// A block of decoded text.
    #[inline]
    pub(crate) fn of(masks: &Masks, ends: Ends) -> Window {
        Window { ends, ..Window::within(masks, u64::MAX, 0) }
    }

    /// A block of raw text: what lies inside of its strings, and which of it an escape ends with.
    #[inline(always)]
    pub(crate) fn within(masks: &Masks, inside: u64, escaped: u64) -> Window {
        let token = masks.token & inside & !escaped;
        Window {
            token,
            code: token | (masks.plus | masks.slash) & inside & !escaped,
            equals: masks.equals & inside,
            colons: masks.colon & inside,
            percent: masks.percent & inside,
            high: masks.high & inside,
            space: masks.space & inside,
            greater: masks.greater & inside,
            tilde: masks.tilde & inside,
            dash: masks.dash & inside,
            digit: masks.digit,
            mark: masks.mark,
            backslash: masks.backslash,
            // What stands before the block may be a backslash.
            number: masks.letter_u & (masks.backslash << 1 | 1),
            slash: masks.slash,
            variable: masks.token & !masks.small | masks.digit,
            ends: Ends::default(),
        }
    }
}

/// A block with the one before it and the one behind.
struct Around<'a> {
    before: &'a Window,
    now: &'a Window,
    next: &'a Window,
}

impl Around<'_> {
    /// A mask so many bytes further on: what stands behind its places.
    #[inline(always)]
    fn behind(&self, of: fn(&Window) -> u64, by: usize) -> u64 {
        of(self.now) << by | of(self.before) >> (BLOCK - by)
    }

    /// A mask so many bytes back: what stands before its places.
    #[inline(always)]
    fn ahead(&self, of: fn(&Window) -> u64, by: usize) -> u64 {
        of(self.now) >> by | of(self.next) << (BLOCK - by)
    }

    /// Runs of ten and more token bytes, those of them with fifteen and more, and those around which
    /// a blob may lie.
    #[inline(always)]
    fn runs(&self) -> [u64; 3] {
        let Around { before, now, next } = self;
        let runs = mask::ten(now.token, next.token) & !self.behind(|w| w.token, 1);
        if runs == 0 {
            return [0; 3];
        }
        let rows = runs & self.behind(|w| w.code, 1);
        // What began deep in a row of digits was seen where it began.
        let deep = match rows {
            0 => 0,
            rows => rows & mask::thirty_two_before(before.code, now.code),
        };
        let blobs = (runs & mask::twenty_four(now.code, next.code) | rows) & !deep;
        [runs, runs & mask::fifteen(now.token, next.token), blobs]
    }

    /// Signs that may give a name its value.
    #[inline(always)]
    fn signs(&self) -> u64 {
        let signs = self.now.equals | self.now.colons;
        if signs == 0 {
            return 0;
        }
        // Of a sign of two the first one tells nothing, but behind a variable.
        let is_first = signs & self.ahead(|w| w.equals | w.colons, 1);
        let variable = self.now.equals & is_first & self.behind(|w| w.variable, 1);
        signs & !is_first & self.behind_names() | variable
    }

    /// The places behind what a name may end with and up to three bytes that may stand between a name
    /// and its sign.
    #[inline(always)]
    fn behind_names(&self) -> u64 {
        let wide = |of: fn(&Window) -> u64| {
            u128::from(of(self.before)) | u128::from(of(self.now)) << BLOCK
        };
        let gap = wide(|w| w.ends.gap);
        // Names may end with a mark.
        let behind_name = gap | wide(|w| w.mark);
        let over = |places: u128| {
            let one = (places & behind_name) << 1;
            let two = (one & behind_name) << 1;
            places | one | two | (two & behind_name) << 1
        };
        let (high, variable) = (wide(|w| w.high), wide(|w| w.variable));
        let named = wide(|w| w.ends.three) << 3 | high << 1 | high << 2 | high << 3;
        // The letter of an escape may stand for a gap, and its number for what is no ASCII.
        let letter = wide(|w| w.backslash) << 2 & !(gap << 1);
        let number = wide(|w| w.number);
        let letter = letter | number << 5 | number << 6 | number << 7;
        let wider = gap << 1 & gap << 2 & gap << 3 & gap << 4;
        let any = over(named | letter) | wider;
        let capitals = over(variable << 1 & variable << 2);
        (any >> BLOCK) as u64 | (capitals >> BLOCK) as u64 & self.now.equals
    }

    /// Dashes that an option may begin with. The letter of an escape may touch it, or its number.
    #[inline(always)]
    fn options(&self) -> u64 {
        let is_escaped = self.behind(|w| w.backslash, 2) | self.behind(|w| w.backslash, 6);
        let begins = !self.behind(|w| w.token, 1) | is_escaped;
        self.now.dash & self.ahead(|w| w.token, 1) & begins
    }

    #[inline(always)]
    fn places(&self) -> Places {
        let Around { before, now, .. } = self;
        let [runs, keyed, blobs] = self.runs();
        // The byte behind a name; what is no ASCII may end one, or stand shortly before its end.
        let high =
            self.behind(|w| w.high, 1) | self.behind(|w| w.high, 2) | self.behind(|w| w.high, 3);
        let number = |by| self.behind(|w| w.number, by);
        let named = self.behind(|w| w.ends.three, 3) | high | number(5) | number(6) | number(7);
        Places {
            runs,
            keyed,
            inner: keyed,
            blobs,
            signs: self.signs(),
            paddings: match now.equals {
                0 => 0,
                equals => equals & mask::ten_before(before.code, now.code),
            },
            urls: now.colons & self.ahead(|w| w.slash, 1) & self.ahead(|w| w.slash, 2),
            words: now.space & named,
            closes: now.greater & named,
            tildes: now.tilde,
            options: self.options(),
            percent: now.percent,
            hidden: now.high & !self.behind(|w| w.high | w.space, 1),
        }
    }
}

impl Places {
    /// The places of a block that one precedes and one follows.
    #[inline(always)]
    pub(crate) fn of(before: &Window, now: &Window, next: &Window) -> Places {
        Around { before, now, next }.places()
    }

    /// All of them.
    #[inline]
    pub(crate) fn all(&self) -> u64 {
        self.found() | self.encoded()
    }

    /// Those that tell of a text as it is.
    #[inline]
    pub(crate) fn found(&self) -> u64 {
        self.runs
            | self.keyed
            | self.inner
            | self.signs
            | self.paddings
            | self.urls
            | self.words
            | self.closes
            | self.tildes
            | self.options
    }

    /// Those that tell of a second view.
    #[inline]
    pub(crate) fn encoded(&self) -> u64 {
        self.blobs | self.percent | self.hidden
    }
}

/// Blocks that are looked at together.
pub(crate) const BATCH: usize = 8;

/// Some blocks of a text in a row, with the one before them and the one behind.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    windows: [Window; BATCH + 2],
    count: usize,
}

/// The last two blocks: what follows the second one is not known yet, and of the first one only what
/// matters to the second.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent {
    token: u64,
    code: u64,
    high: u64,
    space: u64,
    mark: u64,
    backslash: u64,
    number: u64,
    variable: u64,
    ends: Ends,
    last: Window,
}

impl Batch {
    /// Goes on behind two blocks; before the first ones of a text stand empty ones.
    #[inline]
    pub(crate) fn after(recent: &Recent) -> Batch {
        let mut windows = [Window::default(); BATCH + 2];
        let Recent { token, code, high, space, mark, backslash, number, variable, ends, last } =
            *recent;
        let empty = Window::default();
        windows[0] =
            Window { token, code, high, space, mark, backslash, number, variable, ends, ..empty };
        windows[1] = last;
        Batch { windows, count: 0 }
    }

    /// Adds a block; the one before it is now complete.
    #[inline]
    pub(crate) fn push(&mut self, window: Window) {
        self.windows[self.count + 2] = window;
        self.count += 1;
    }

    /// Says what the names may end with that the last blocks hold.
    #[inline]
    pub(crate) fn set_ends(&mut self, ends: &[Ends]) {
        let from = self.count + 2 - ends.len();
        for (window, ends) in self.windows[from..].iter_mut().zip(ends) {
            window.ends = *ends;
        }
    }

    /// The windows: one that is past, those to be looked at, and one that tells what follows them.
    #[inline]
    pub(crate) fn windows(&self) -> &[Window] {
        &self.windows[..self.count + 2]
    }

    /// The last two blocks.
    #[inline]
    pub(crate) fn recent(&self) -> Recent {
        let last = self.windows[self.count + 1];
        let Window { token, code, high, space, mark, backslash, number, variable, ends, .. } =
            self.windows[self.count];
        Recent { token, code, high, space, mark, backslash, number, variable, ends, last }
    }

    /// Goes on behind what was looked at.
    #[inline]
    pub(crate) fn advance(&mut self) {
        self.windows[0] = self.windows[self.count];
        self.windows[1] = self.windows[self.count + 1];
        self.count = 0;
    }
}

/// Calls `look` with the blocks of a decoded text, some at a time: where the first one to be looked
/// at starts, and the windows around them. `threes` are what names may end with. Whether the text
/// may hold an escape by number or of a slash.
#[inline]
pub(crate) fn each(text: &[u8], threes: &Threes, mut look: impl FnMut(usize, &[Window])) -> bool {
    let mut ends = [Ends::default(); BATCH];
    let mut masks = [Masks::default(); BATCH];
    let mut batch = Batch::after(&Recent::default());
    let (mut at, mut backslash, mut escapes) = (0, 0, 0);
    while at < text.len() {
        let count = match kernel::classify(&text[at..], &mut masks) {
            0 => {
                masks[0] = kernel::classify_rest(&text[at..]);
                1
            }
            count => count,
        };
        kernel::ends(&text[at..], threes, &mut ends[..count]);
        for (masks, ends) in masks[..count].iter().zip(ends) {
            batch.push(Window::of(masks, ends));
            let follows = masks.backslash << 1 | backslash;
            escapes |= follows & (masks.letter_u | masks.slash);
            backslash = masks.backslash >> (BLOCK - 1);
        }
        // Before the first block stands an empty one.
        look(at.wrapping_sub(BLOCK), batch.windows());
        batch.advance();
        at += count * BLOCK;
    }
    batch.push(Window::default());
    look(at.wrapping_sub(BLOCK), batch.windows());
    escapes != 0
}
