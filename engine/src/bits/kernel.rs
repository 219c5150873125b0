//! Classifies bytes, 64 at a time, into bit masks; bit `i` stands for byte `i`.
//!
//! The only module of the engine with `unsafe`. Which kernel runs is found out at run time; each has
//! the scalar twin below, and a test holds them against each other. Nothing here knows what the bits
//! mean.
//!
//! ```text
//!   64 bytes ──> low nibble ──> table ─┐
//!           └──> high nibble ─> table ─┴─ and ─> eight classes a byte ──> masks of sums of classes
//!           └──> compared with one byte each ───────────────────────────> masks of single bytes
//! ```

/// How many bytes one block has.
pub(crate) const BLOCK: usize = 64;

/// The classes of the bytes of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Masks {
    /// `"`
    pub quote: u64,
    /// `\`
    pub backslash: u64,
    /// Below 0x20.
    pub control: u64,
    /// 0x80 and above.
    pub high: u64,
    /// `{ } [ ] , :`
    pub structure: u64,
    /// `:`
    pub colon: u64,
    /// The space character.
    pub space: u64,
    /// `A-Z a-z 0-9 _ -`
    pub token: u64,
    /// `=`
    pub equals: u64,
    /// `%`
    pub percent: u64,
    /// `n`
    pub letter_n: u64,
    /// `u`
    pub letter_u: u64,
    /// `/`
    pub slash: u64,
    /// `+`
    pub plus: u64,
    /// `0-9`
    pub digit: u64,
    /// `_ -`
    pub mark: u64,
    /// `-`
    pub dash: u64,
    /// `>`
    pub greater: u64,
    /// `~`
    pub tilde: u64,
    /// Bytes with the bit that small letters and digits have, and capitals have not.
    pub small: u64,
}

/// What the rows of bytes of a block are like that a name may end with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ends {
    /// First bytes of three that may be the last ones of a name.
    pub three: u64,
    /// Bytes that may stand between a name and its sign.
    pub gap: u64,
}

/// Rows of three bytes, told by the halves of their bytes: a few more are taken for one than are.
/// Each byte has eight bits in each table, one for a group of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Threes {
    low: [[u8; 16]; 3],
    high: [[u8; 16]; 3],
}

impl Threes {
    /// Takes up a byte at a place in the rows of a group, which may be mixed up. What is no ASCII is
    /// never known.
    pub(crate) fn add(&mut self, place: usize, byte: u8, group: usize) {
        self.low[place][usize::from(byte & 15)] |= 1 << (group % 8);
        self.high[place][usize::from(byte >> 4)] |= 1 << (group % 8);
    }

    /// The groups that a byte at a place in a row may belong to.
    #[cfg(any(test, not(target_arch = "x86_64")))]
    fn groups(&self, n: usize, byte: u8) -> u8 {
        let [low, high] = [&self.low[n], &self.high[n]];
        if byte < 0x80 { low[usize::from(byte & 15)] & high[usize::from(byte >> 4)] } else { 0 }
    }
}

/// The classes of the first bytes of `text`, as many whole blocks as there is room for in `out`; how
/// many blocks that is.
#[inline]
pub(crate) fn classify(text: &[u8], out: &mut [Masks]) -> usize {
    let (blocks, _) = text.as_chunks::<BLOCK>();
    let count = blocks.len().min(out.len());
    let (blocks, out) = (&blocks[..count], &mut out[..count]);
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512bw") {
            // SAFETY: the processor has AVX-512 BW, and with it F.
            unsafe { avx512::classify(blocks, out) };
        } else if avx2::is_there() {
            // SAFETY: the processor has AVX2.
            unsafe { avx2::classify(blocks, out) };
        } else {
            // SAFETY: SSE2 is part of the x86-64 baseline; every processor that runs this has it.
            unsafe { sse2::classify(blocks, out) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    for (masks, block) in out.iter_mut().zip(blocks) {
        *masks = scalar(block);
    }
    count
}

/// Which bytes of a block may begin or follow the end of a name: one block for each of `out`. What is
/// not there of the last one, and of the two bytes behind it, are spaces.
#[inline]
pub(crate) fn ends(text: &[u8], threes: &Threes, out: &mut [Ends]) {
    let whole = out.len().min(text.len().saturating_sub(2) / BLOCK);
    let (there, rest) = out.split_at_mut(whole);
    ends_of(text, threes, there);
    for (n, out) in rest.iter_mut().enumerate() {
        let mut block = [b' '; BLOCK + 2];
        let text = text.get((whole + n) * BLOCK..).unwrap_or_default();
        let len = text.len().min(BLOCK + 2);
        block[..len].copy_from_slice(&text[..len]);
        ends_of(&block, threes, std::slice::from_mut(out));
    }
}

/// The same of whole blocks with two bytes behind them.
#[inline]
fn ends_of(text: &[u8], threes: &Threes, out: &mut [Ends]) {
    assert!(out.is_empty() || text.len() >= out.len() * BLOCK + 2, "there are two bytes more");
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512bw") {
            // SAFETY: the processor has AVX-512 BW, and with it F; there are two bytes more.
            unsafe { avx512::ends(text, threes, out) };
        } else if avx2::is_there() {
            // SAFETY: the processor has AVX2; there are two bytes more.
            unsafe { avx2::ends(text, threes, out) };
        } else {
            // Without a shuffle the tables cost more than they save.
            out.fill(Ends { three: u64::MAX, gap: u64::MAX });
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    scalar_ends(text, threes, out);
}

/// The plain way.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn scalar_ends(text: &[u8], threes: &Threes, out: &mut [Ends]) {
    for (n, out) in out.iter_mut().enumerate() {
        *out = Ends::default();
        for i in 0..BLOCK {
            let at = n * BLOCK + i;
            let is_three = (0..3).fold(0xff, |all, n| all & threes.groups(n, text[at + n])) != 0;
            out.three |= u64::from(is_three) << i;
            out.gap |= u64::from(b" \t\"'`\\])?:.|+".contains(&text[at])) << i;
        }
    }
}

/// Work that is worth compiling for what the processor has beyond the baseline: arithmetic on masks
/// takes half the instructions there.
pub(crate) trait Work {
    /// Does it. Has to be inlined always, and so has what it calls: what is not is compiled for the
    /// baseline.
    fn run(self);
}

/// Does some work as fast as the processor can.
#[inline]
pub(crate) fn tuned(work: impl Work) {
    #[cfg(target_arch = "x86_64")]
    {
        if avx2::is_there() {
            // SAFETY: the processor has what it is compiled for.
            return unsafe { avx2::tuned(work) };
        }
    }
    work.run();
}

/// The classes of the last bytes of a text, no more than a block; behind them stand spaces.
#[inline]
pub(crate) fn classify_rest(rest: &[u8]) -> Masks {
    let mut block = [b' '; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    let mut masks = [Masks::default()];
    classify(&block, &mut masks);
    masks[0]
}

/// Classes that both nibbles of a byte agree on: the letters of rows 4 and 6, those of rows 5 and 7,
/// digits, dash, underscore; brackets, comma, colon.
#[cfg(target_arch = "x86_64")]
const TOKEN_CLASSES: u8 = 0b0001_1111;
#[cfg(target_arch = "x86_64")]
const STRUCTURE_CLASSES: u8 = 0b1110_0000;
#[cfg(target_arch = "x86_64")]
const DIGIT_CLASS: u8 = 0b0000_0100;
#[cfg(target_arch = "x86_64")]
const DASH_CLASS: u8 = 0b0000_1000;
#[cfg(target_arch = "x86_64")]
const MARK_CLASSES: u8 = 0b0001_1000;
/// The classes that a low nibble admits.
#[cfg(target_arch = "x86_64")]
const LOW: [u8; 16] = {
    let mut table = [0; 16];
    let mut i = 0;
    while i < 16 {
        table[i] = (i >= 1) as u8
            | ((i <= 10) as u8) << 1
            | ((i <= 9) as u8) << 2
            | ((i == 13) as u8) << 3
            | ((i == 15) as u8) << 4
            | ((i == 11 || i == 13) as u8) << 5
            | ((i == 12) as u8) << 6
            | ((i == 10) as u8) << 7;
        i += 1;
    }
    table
};
/// The classes that a high nibble admits.
#[cfg(target_arch = "x86_64")]
const HIGH: [u8; 16] = [
    0,
    0,
    1 << 3 | 1 << 6,
    1 << 2 | 1 << 7,
    1,
    2 | 1 << 4 | 1 << 5,
    1,
    2 | 1 << 5,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
];

/// What may stand between a name and its sign, in groups that both halves of a byte agree on:
/// `\ |`, `]`, space and backtick, `" ' + .`, `: ?`, tab and `)`.
#[cfg(target_arch = "x86_64")]
const GAP_LOW: [u8; 16] = [4, 0, 8, 0, 0, 0, 0, 8, 0, 32, 16, 8, 1, 2, 8, 16];
#[cfg(target_arch = "x86_64")]
const GAP_HIGH: [u8; 16] = [32, 0, 4 | 8 | 32, 16, 0, 1 | 2, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0];

/// One bit for each byte, the plain way.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn scalar(block: &[u8; BLOCK]) -> Masks {
    let mut masks = Masks::default();
    for (i, &byte) in block.iter().enumerate() {
        let bit = |is: bool| u64::from(is) << i;
        masks.quote |= bit(byte == b'"');
        masks.backslash |= bit(byte == b'\\');
        masks.control |= bit(byte < 0x20);
        masks.high |= bit(byte >= 0x80);
        masks.structure |= bit(matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':'));
        masks.colon |= bit(byte == b':');
        masks.space |= bit(byte == b' ');
        masks.token |= bit(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        masks.equals |= bit(byte == b'=');
        masks.percent |= bit(byte == b'%');
        masks.letter_n |= bit(byte == b'n');
        masks.letter_u |= bit(byte == b'u');
        masks.slash |= bit(byte == b'/');
        masks.plus |= bit(byte == b'+');
        masks.digit |= bit(byte.is_ascii_digit());
        masks.mark |= bit(matches!(byte, b'_' | b'-'));
        masks.dash |= bit(byte == b'-');
        masks.greater |= bit(byte == b'>');
        masks.tilde |= bit(byte == b'~');
        masks.small |= bit(byte & 0x20 != 0);
    }
    masks
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        __m512i, _mm_loadu_si128, _mm512_and_si512, _mm512_broadcast_i32x4, _mm512_cmpeq_epi8_mask,
        _mm512_cmplt_epu8_mask, _mm512_loadu_si512, _mm512_movepi8_mask, _mm512_set1_epi8,
        _mm512_shuffle_epi8, _mm512_srli_epi16, _mm512_test_epi8_mask,
    };

    use super::{
        BLOCK, DASH_CLASS, DIGIT_CLASS, Ends, GAP_HIGH, GAP_LOW, HIGH, LOW, MARK_CLASSES, Masks,
        STRUCTURE_CLASSES, TOKEN_CLASSES, Threes,
    };

    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn classify(blocks: &[[u8; BLOCK]], out: &mut [Masks]) {
        // SAFETY: both tables are sixteen bytes long.
        let (low, high) = unsafe {
            (_mm_loadu_si128(LOW.as_ptr().cast()), _mm_loadu_si128(HIGH.as_ptr().cast()))
        };
        let (low, high) = (_mm512_broadcast_i32x4(low), _mm512_broadcast_i32x4(high));
        for (masks, block) in out.iter_mut().zip(blocks) {
            // SAFETY: a block is 64 bytes long.
            let v = unsafe { _mm512_loadu_si512(block.as_ptr().cast()) };
            *masks = one(v, low, high);
        }
    }

    /// # Safety
    ///
    /// The text is two bytes longer than so many blocks.
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) unsafe fn ends(text: &[u8], threes: &Threes, out: &mut [Ends]) {
        let table = |table: &[u8; 16]| {
            // SAFETY: a table is sixteen bytes long.
            _mm512_broadcast_i32x4(unsafe { _mm_loadu_si128(table.as_ptr().cast()) })
        };
        let tables = [0, 1, 2].map(|n| (table(&threes.low[n]), table(&threes.high[n])));
        let gaps = (table(&GAP_LOW), table(&GAP_HIGH));
        let groups = |v, (low, high)| {
            let nibble = _mm512_and_si512(_mm512_srli_epi16::<4>(v), _mm512_set1_epi8(0x0f));
            _mm512_and_si512(_mm512_shuffle_epi8(low, v), _mm512_shuffle_epi8(high, nibble))
        };
        for (n, out) in out.iter_mut().enumerate() {
            let load = |ahead: usize| {
                // SAFETY: 64 bytes follow, since two more follow the last block.
                unsafe { _mm512_loadu_si512(text.as_ptr().add(n * BLOCK + ahead).cast()) }
            };
            let [a, b, c] = [0, 1, 2].map(load);
            let all = _mm512_and_si512(
                _mm512_and_si512(groups(a, tables[0]), groups(b, tables[1])),
                groups(c, tables[2]),
            );
            *out = Ends {
                three: _mm512_test_epi8_mask(all, all),
                gap: {
                    let gap = groups(a, gaps);
                    _mm512_test_epi8_mask(gap, gap)
                },
            };
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn one(v: __m512i, low: __m512i, high: __m512i) -> Masks {
        let is = |byte: u8| _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(byte as i8));
        let nibble = _mm512_and_si512(_mm512_srli_epi16::<4>(v), _mm512_set1_epi8(0x0f));
        let classes =
            _mm512_and_si512(_mm512_shuffle_epi8(low, v), _mm512_shuffle_epi8(high, nibble));
        let any = |wanted: u8| _mm512_test_epi8_mask(classes, _mm512_set1_epi8(wanted as i8));
        Masks {
            quote: is(b'"'),
            backslash: is(b'\\'),
            control: _mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(0x20)),
            high: _mm512_movepi8_mask(v),
            structure: any(STRUCTURE_CLASSES),
            colon: is(b':'),
            space: is(b' '),
            token: any(TOKEN_CLASSES),
            equals: is(b'='),
            percent: is(b'%'),
            letter_n: is(b'n'),
            letter_u: is(b'u'),
            slash: is(b'/'),
            plus: is(b'+'),
            digit: any(DIGIT_CLASS),
            mark: any(MARK_CLASSES),
            dash: any(DASH_CLASS),
            greater: is(b'>'),
            tilde: is(b'~'),
            small: _mm512_test_epi8_mask(v, _mm512_set1_epi8(0x20)),
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_set1_epi8,
        _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi16, _mm256_srli_epi16,
    };

    use super::{
        BLOCK, DASH_CLASS, DIGIT_CLASS, Ends, GAP_HIGH, GAP_LOW, HIGH, LOW, MARK_CLASSES, Masks,
        STRUCTURE_CLASSES, TOKEN_CLASSES, Threes,
    };

    /// Whether the processor has what processors with AVX2 have.
    #[inline(always)]
    pub(super) fn is_there() -> bool {
        std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("bmi1")
            && std::arch::is_x86_feature_detected!("bmi2")
            && std::arch::is_x86_feature_detected!("lzcnt")
            && std::arch::is_x86_feature_detected!("popcnt")
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub(super) fn tuned(work: impl super::Work) {
        work.run();
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn classify(blocks: &[[u8; BLOCK]], out: &mut [Masks]) {
        // SAFETY: both tables are sixteen bytes long.
        let (low, high) = unsafe {
            (_mm_loadu_si128(LOW.as_ptr().cast()), _mm_loadu_si128(HIGH.as_ptr().cast()))
        };
        let tables = (_mm256_broadcastsi128_si256(low), _mm256_broadcastsi128_si256(high));
        for (masks, block) in out.iter_mut().zip(blocks) {
            // SAFETY: a block is 64 bytes long, twice what each of the two reads.
            let (a, b) = unsafe {
                let start: *const __m256i = block.as_ptr().cast();
                (_mm256_loadu_si256(start), _mm256_loadu_si256(start.add(1)))
            };
            *masks = both(a, b, tables);
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn both(a: __m256i, b: __m256i, tables: (__m256i, __m256i)) -> Masks {
        let is = |byte: u8| {
            let wanted = _mm256_set1_epi8(byte as i8);
            joined(_mm256_cmpeq_epi8(a, wanted), _mm256_cmpeq_epi8(b, wanted))
        };
        let (a_classes, b_classes) = (classes(a, tables), classes(b, tables));
        let none = |wanted: u8| {
            let (wanted, zero) = (_mm256_set1_epi8(wanted as i8), _mm256_setzero_si256());
            let of = |classes| _mm256_cmpeq_epi8(_mm256_and_si256(classes, wanted), zero);
            joined(of(a_classes), of(b_classes))
        };
        let limit = _mm256_set1_epi8(0x1f);
        let below = |v| _mm256_cmpeq_epi8(_mm256_min_epu8(v, limit), v);
        Masks {
            quote: is(b'"'),
            backslash: is(b'\\'),
            control: joined(below(a), below(b)),
            high: joined(a, b),
            structure: !none(STRUCTURE_CLASSES),
            colon: is(b':'),
            space: is(b' '),
            token: !none(TOKEN_CLASSES),
            equals: is(b'='),
            percent: is(b'%'),
            letter_n: is(b'n'),
            letter_u: is(b'u'),
            slash: is(b'/'),
            plus: is(b'+'),
            digit: !none(DIGIT_CLASS),
            mark: !none(MARK_CLASSES),
            dash: !none(DASH_CLASS),
            greater: is(b'>'),
            tilde: is(b'~'),
            small: joined(_mm256_slli_epi16::<2>(a), _mm256_slli_epi16::<2>(b)),
        }
    }

    /// # Safety
    ///
    /// The text is two bytes longer than so many blocks.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn ends(text: &[u8], threes: &Threes, out: &mut [Ends]) {
        let table = |table: &[u8; 16]| {
            // SAFETY: a table is sixteen bytes long.
            _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast()) })
        };
        let tables = [0, 1, 2].map(|n| (table(&threes.low[n]), table(&threes.high[n])));
        let gaps = (table(&GAP_LOW), table(&GAP_HIGH));
        let none = |v| _mm256_cmpeq_epi8(v, _mm256_setzero_si256());
        for (n, out) in out.iter_mut().enumerate() {
            let half = |at: usize| {
                let load = |ahead: usize| {
                    // SAFETY: 32 bytes follow, since two more follow the last block.
                    unsafe { _mm256_loadu_si256(text.as_ptr().add(at + ahead).cast()) }
                };
                let [a, b, c] = [0, 1, 2].map(load);
                let first = _mm256_and_si256(classes(a, tables[0]), classes(b, tables[1]));
                let all = _mm256_and_si256(first, classes(c, tables[2]));
                (none(all), none(classes(a, gaps)))
            };
            let (low, high) = (half(n * BLOCK), half(n * BLOCK + BLOCK / 2));
            *out = Ends { three: !joined(low.0, high.0), gap: !joined(low.1, high.1) };
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn classes(v: __m256i, (low, high): (__m256i, __m256i)) -> __m256i {
        let nibble = _mm256_and_si256(_mm256_srli_epi16::<4>(v), _mm256_set1_epi8(0x0f));
        _mm256_and_si256(_mm256_shuffle_epi8(low, v), _mm256_shuffle_epi8(high, nibble))
    }

    /// The highest bits of the bytes of both halves.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn joined(a: __m256i, b: __m256i) -> u64 {
        let (a, b) = (_mm256_movemask_epi8(a) as u32, _mm256_movemask_epi8(b) as u32);
        u64::from(a) | u64::from(b) << 32
    }
}

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128,
        _mm_set1_epi8, _mm_slli_epi16, _mm_sub_epi8,
    };

    use super::{BLOCK, Masks};

    #[target_feature(enable = "sse2")]
    pub(super) fn classify(blocks: &[[u8; BLOCK]], out: &mut [Masks]) {
        for (masks, block) in out.iter_mut().zip(blocks) {
            *masks = Masks::default();
            let (chunks, _) = block.as_chunks::<16>();
            for (i, chunk) in chunks.iter().enumerate() {
                // SAFETY: a chunk is sixteen bytes long.
                let v = unsafe { _mm_loadu_si128(chunk.as_ptr().cast()) };
                add(masks, v, 16 * i);
            }
        }
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn add(masks: &mut Masks, v: __m128i, shift: usize) {
        let at = |mask: __m128i| u64::from(_mm_movemask_epi8(mask) as u16) << shift;
        let is = |byte: u8| _mm_cmpeq_epi8(v, _mm_set1_epi8(byte as i8));
        // `{` and `[`, `}` and `]`, upper and lower case differ in this one bit.
        let lower = _mm_or_si128(v, _mm_set1_epi8(0x20));
        let open = _mm_cmpeq_epi8(lower, _mm_set1_epi8(b'{' as i8));
        let close = _mm_cmpeq_epi8(lower, _mm_set1_epi8(b'}' as i8));
        let letter = at_most(_mm_sub_epi8(lower, _mm_set1_epi8(b'a' as i8)), 25);
        let digit = at_most(_mm_sub_epi8(v, _mm_set1_epi8(b'0' as i8)), 9);
        let mark = _mm_or_si128(is(b'_'), is(b'-'));
        let point = _mm_or_si128(is(b','), is(b':'));
        masks.quote |= at(is(b'"'));
        masks.backslash |= at(is(b'\\'));
        masks.control |= at(at_most(v, 0x1f));
        masks.high |= at(v);
        masks.structure |= at(_mm_or_si128(_mm_or_si128(open, close), point));
        masks.colon |= at(is(b':'));
        masks.space |= at(is(b' '));
        masks.token |= at(_mm_or_si128(_mm_or_si128(letter, digit), mark));
        masks.equals |= at(is(b'='));
        masks.percent |= at(is(b'%'));
        masks.letter_n |= at(is(b'n'));
        masks.letter_u |= at(is(b'u'));
        masks.slash |= at(is(b'/'));
        masks.plus |= at(is(b'+'));
        masks.digit |= at(digit);
        masks.mark |= at(mark);
        masks.dash |= at(is(b'-'));
        masks.greater |= at(is(b'>'));
        masks.tilde |= at(is(b'~'));
        masks.small |= at(_mm_slli_epi16::<2>(v));
    }

    /// Which bytes, taken as unsigned, are at most `limit`.
    #[inline]
    #[target_feature(enable = "sse2")]
    fn at_most(v: __m128i, limit: u8) -> __m128i {
        _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(limit as i8)), v)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks in which every byte value stands at every place, and others at random.
    fn blocks() -> Vec<[u8; BLOCK]> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let made = (0..20_000_u32).map(|round| {
            let mut block = [0_u8; BLOCK];
            for byte in &mut block {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *byte = (state >> 33) as u8;
            }
            block[round as usize % BLOCK] = (round / 64) as u8;
            block
        });
        made.collect()
    }

    type Kernel = fn(&[[u8; BLOCK]], &mut [Masks]);

    /// The kernels that this processor can run.
    fn kernels() -> Vec<(&'static str, Kernel)> {
        let mut all: Vec<(&'static str, Kernel)> = vec![("chosen", |blocks, out| {
            assert_eq!(classify(blocks.as_flattened(), out), blocks.len());
        })];
        #[cfg(target_arch = "x86_64")]
        {
            // SAFETY: each is in the list only if the processor has what it needs.
            all.push(("sse2", |blocks, out| unsafe { sse2::classify(blocks, out) }));
            if avx2::is_there() {
                // SAFETY: as above.
                all.push(("avx2", |blocks, out| unsafe { avx2::classify(blocks, out) }));
            }
            if std::arch::is_x86_feature_detected!("avx512bw") {
                // SAFETY: as above.
                all.push(("avx512", |blocks, out| unsafe { avx512::classify(blocks, out) }));
            }
        }
        all
    }

    #[test]
    fn vector_kernels_equal_their_scalar_twin() {
        let blocks = blocks();
        let wanted: Vec<Masks> = blocks.iter().map(scalar).collect();
        for (name, kernel) in kernels() {
            let mut out = vec![Masks::default(); blocks.len()];
            kernel(&blocks, &mut out);
            assert!(out == wanted, "{name} differs from its twin");
        }
    }

    #[test]
    fn vector_kernels_know_the_ends_that_their_scalar_twin_knows() {
        let mut threes = Threes::default();
        for (n, three) in ["key", "ken", "ord", "_id", "EN.", "u-h"].iter().enumerate() {
            let bytes = three.as_bytes();
            (0..3).for_each(|place| threes.add(place, bytes[place], n));
        }
        let mut text = blocks().concat();
        for (n, byte) in text.iter_mut().enumerate().filter(|(n, _)| n % 7 > 0) {
            *byte = b"keynord_idEN.u-h = \"'\t\xe9"[(*byte as usize + n) % 23];
        }
        let mut wanted = vec![Ends::default(); 9_000];
        scalar_ends(&text, &threes, &mut wanted);
        assert!(wanted.iter().any(|ends| ends.three != 0));
        let mut out = wanted.clone();
        out.fill(Ends::default());
        ends(&text, &threes, &mut out);
        let is_chosen = out[0] != Ends { three: u64::MAX, gap: u64::MAX };
        assert!(!is_chosen || out == wanted);
        #[cfg(target_arch = "x86_64")]
        if avx2::is_there() {
            // SAFETY: the processor has what it needs, and there are more bytes.
            unsafe { avx2::ends(&text, &threes, &mut out) };
            assert_eq!(out, wanted);
        }
        // The last block, cut off anywhere.
        for len in 0..BLOCK + 2 {
            let mut padded = text[..len].to_vec();
            padded.resize(BLOCK + 2, b' ');
            let mut wanted = [Ends::default()];
            scalar_ends(&padded, &threes, &mut wanted);
            let mut out = [Ends::default()];
            ends(&text[..len], &threes, &mut out);
            assert!(!is_chosen || out == wanted);
        }
    }

    #[test]
    fn a_rest_is_followed_by_spaces() {
        for len in 0..BLOCK {
            let rest = &b"{\"ab_c\":[1,%n/u+\\\"=\"]}\x01\xff".repeat(4)[..len];
            let mut block = [b' '; BLOCK];
            block[..len].copy_from_slice(rest);
            assert_eq!(classify_rest(rest), scalar(&block));
        }
    }
}
