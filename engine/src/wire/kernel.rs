//! Classifies 64 bytes at a time into bit masks; bit `i` stands for byte `i`.
//!
//! The only module of the engine with `unsafe`. Each vector kernel has the scalar twin below, and a
//! test holds them against each other. Nothing here knows what the bits mean.

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
    /// `{ } [ ] ,`
    pub bracket: u64,
    /// `:`
    pub colon: u64,
    /// The space character.
    pub space: u64,
    /// `A-Z a-z 0-9 _ -`
    pub token: u64,
    /// `=`
    pub equals: u64,
}

/// The classes of these bytes.
#[inline]
pub(crate) fn classify(block: &[u8; BLOCK]) -> Masks {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE2 is part of the x86-64 baseline; every processor that runs this has it.
    return unsafe { sse2::classify(block) };
    #[cfg(not(target_arch = "x86_64"))]
    return scalar(block);
}

/// One bit for each byte whose table entry has this bit set.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn scalar(block: &[u8; BLOCK]) -> Masks {
    let mut masks = Masks::default();
    for (i, &byte) in block.iter().enumerate() {
        let bit = |is: bool| u64::from(is) << i;
        masks.quote |= bit(byte == b'"');
        masks.backslash |= bit(byte == b'\\');
        masks.control |= bit(byte < 0x20);
        masks.high |= bit(byte >= 0x80);
        masks.bracket |= bit(matches!(byte, b'{' | b'}' | b'[' | b']' | b','));
        masks.colon |= bit(byte == b':');
        masks.space |= bit(byte == b' ');
        masks.token |= bit(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        masks.equals |= bit(byte == b'=');
    }
    masks
}

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x,
        _mm_set1_epi8, _mm_sub_epi8,
    };

    use super::{BLOCK, Masks};

    #[inline]
    #[target_feature(enable = "sse2")]
    pub(super) fn classify(block: &[u8; BLOCK]) -> Masks {
        let mut masks = Masks::default();
        let (chunks, _) = block.as_chunks::<16>();
        for (i, chunk) in chunks.iter().enumerate() {
            let v = load(chunk);
            let at = |mask: __m128i| u64::from(_mm_movemask_epi8(mask) as u16) << (16 * i);
            let is = |byte: u8| _mm_cmpeq_epi8(v, _mm_set1_epi8(byte as i8));
            // `{` and `[`, `}` and `]`, upper and lower case differ in this one bit.
            let lower = _mm_or_si128(v, _mm_set1_epi8(0x20));
            let open = _mm_cmpeq_epi8(lower, _mm_set1_epi8(b'{' as i8));
            let close = _mm_cmpeq_epi8(lower, _mm_set1_epi8(b'}' as i8));
            let letter = at_most(_mm_sub_epi8(lower, _mm_set1_epi8(b'a' as i8)), 25);
            let digit = at_most(_mm_sub_epi8(v, _mm_set1_epi8(b'0' as i8)), 9);
            let mark = _mm_or_si128(is(b'_'), is(b'-'));
            masks.quote |= at(is(b'"'));
            masks.backslash |= at(is(b'\\'));
            masks.control |= at(at_most(v, 0x1f));
            masks.high |= at(v);
            masks.bracket |= at(_mm_or_si128(_mm_or_si128(open, close), is(b',')));
            masks.colon |= at(is(b':'));
            masks.space |= at(is(b' '));
            masks.token |= at(_mm_or_si128(_mm_or_si128(letter, digit), mark));
            masks.equals |= at(is(b'='));
        }
        masks
    }

    /// Written so that no pointer is needed; the compiler makes one unaligned load of it.
    #[inline]
    #[target_feature(enable = "sse2")]
    fn load(chunk: &[u8; 16]) -> __m128i {
        let whole = u128::from_le_bytes(*chunk);
        _mm_set_epi64x((whole >> 64) as i64, whole as i64)
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

    #[test]
    fn vector_kernel_equals_its_scalar_twin() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for round in 0..20_000_u32 {
            let mut block = [0_u8; BLOCK];
            for byte in &mut block {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *byte = (state >> 33) as u8;
            }
            // Every byte value at every place is met, whatever the generator does.
            block[round as usize % BLOCK] = (round / 64) as u8;
            assert_eq!(classify(&block), scalar(&block), "{block:?}");
        }
    }
}
