//! Arithmetic on masks of 64 bits, one for each byte of a block.

/// Bit `i` is the exclusive or of all bits up to `i`.
#[inline(always)]
pub(crate) fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// The places of the bits that are set, in rising order.
#[inline(always)]
pub(crate) fn places(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        if mask == 0 {
            return None;
        }
        let place = mask.trailing_zeros() as usize;
        mask &= mask - 1;
        Some(place)
    })
}

/// Which bytes stand behind a backslash that is not escaped itself, and whether the first byte of
/// the next block does; `carry` says the same of this block (simdjson's arithmetic: a carry runs
/// through each row of backslashes and tells whether its length is odd).
#[inline(always)]
pub(crate) fn escaped(backslash: u64, carry: u64) -> (u64, u64) {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    if backslash == 0 {
        return (carry, 0);
    }
    let backslash = backslash & !carry;
    let follows = backslash << 1 | carry;
    let odd_starts = backslash & !EVEN & !follows;
    let (even_rows, carry) = odd_starts.overflowing_add(backslash);
    ((EVEN ^ (even_rows << 1)) & follows, u64::from(carry))
}

/// From where on ten and more bits are set in a mask that goes on with `next`.
#[inline(always)]
pub(crate) fn ten(mask: u64, next: u64) -> u64 {
    let all = u128::from(mask) | u128::from(next) << 64;
    let two = all & all >> 1;
    let four = two & two >> 2;
    let ten = four & four >> 4 & two >> 8;
    ten as u64
}

/// From where on fifteen and more bits are set in a mask that goes on with `next`.
#[inline(always)]
pub(crate) fn fifteen(mask: u64, next: u64) -> u64 {
    let eight = eight(mask, next);
    (eight & eight >> 7) as u64
}

/// From where on 24 and more bits are set in a mask that goes on with `next`.
#[inline(always)]
pub(crate) fn twenty_four(mask: u64, next: u64) -> u64 {
    let eight = eight(mask, next);
    (eight & eight >> 8 & eight >> 16) as u64
}

/// Before which places 32 and more bits are set in a mask that follows `before`.
#[inline(always)]
pub(crate) fn thirty_two_before(before: u64, mask: u64) -> u64 {
    let all = u128::from(before) | u128::from(mask) << 64;
    let two = all & all << 1;
    let four = two & two << 2;
    let eight = four & four << 4;
    let sixteen = eight & eight << 8;
    ((sixteen & sixteen << 16) << 1 >> 64) as u64
}

/// Before which places ten and more bits are set in a mask that follows `before`.
#[inline(always)]
pub(crate) fn ten_before(before: u64, mask: u64) -> u64 {
    let all = u128::from(before) | u128::from(mask) << 64;
    let two = all & all << 1;
    let four = two & two << 2;
    ((four & four << 4 & two << 8) << 1 >> 64) as u64
}

/// From where on eight and more bits are set.
#[inline(always)]
fn eight(mask: u64, next: u64) -> u128 {
    let all = u128::from(mask) | u128::from(next) << 64;
    let two = all & all >> 1;
    let four = two & two >> 2;
    four & four >> 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bit_by_bit(backslash: u64, carry: u64) -> (u64, u64) {
        let (mut escaped, mut is_next) = (0, carry == 1);
        for i in 0..64 {
            let is_escaped = std::mem::take(&mut is_next);
            escaped |= u64::from(is_escaped) << i;
            is_next = backslash >> i & 1 == 1 && !is_escaped;
        }
        (escaped, u64::from(is_next))
    }

    #[test]
    fn escapes_and_runs_agree_with_counting_by_hand() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state ^ state >> 29
        };
        for round in 0..20_000 {
            let dense = |a: u64, b: u64| if round % 2 == 0 { a | b } else { a & b };
            let (mask, after) = (dense(next(), next() | next()), dense(next(), next() | next()));
            let carry = next() & 1;
            assert_eq!(escaped(mask, carry), bit_by_bit(mask, carry), "{mask:064b} {carry}");
            let long = [
                (10, ten(mask, after)),
                (15, fifteen(mask, after)),
                (24, twenty_four(mask, after)),
            ];
            let has = |i: u32| if i < 64 { mask >> i & 1 == 1 } else { after >> (i - 64) & 1 == 1 };
            for i in 0..64 {
                let is = |count: u32| (i..i + count).all(has);
                let deep = thirty_two_before(after, mask) >> i & 1 == 1;
                let had =
                    |at: i32| if at >= 0 { has(at as u32) } else { after >> (64 + at) & 1 == 1 };
                let i32 = i as i32;
                assert_eq!(deep, (i32 - 32..i32).all(had), "{mask:064b} {after:064b} {i}");
                let behind = ten_before(after, mask) >> i & 1 == 1;
                assert_eq!(behind, (i32 - 10..i32).all(had), "{mask:064b} {after:064b} {i}");
                for (count, long) in long {
                    assert_eq!(long >> i & 1 == 1, is(count), "{mask:064b} {after:064b} {i}");
                }
            }
            assert_eq!(places(mask).fold(0, |all, i| all | 1 << i), mask);
        }
    }
}
