//! SHA-256 of what a peer presents, at a cost that does not follow its length: two blocks up to 119
//! bytes, seventeen up to 1,024.
//!
//! A plain digest compresses as many blocks as its input fills. Here the input is laid out in all of
//! them, padded as FIPS 180-4 section 5.1.1 says where it ends, and every block is compressed; the
//! state behind the block in which the padding ends is the digest, and is picked without a branch.
//!
//! ```text
//! "abc":        [abc 80 0 ... length][0 ...]     both are compressed, the first state is taken
//! 100 bytes:    [100 bytes, .........][80 0 ... length]        the second is
//! ```

use sha2::block_api::compress256;
use subtle::{ConditionallySelectable, ConstantTimeEq, ConstantTimeLess};
use zeroize::Zeroize;

/// The most bytes that a token has.
pub(crate) const TOKEN_BYTES_MAX: usize = 1_024;

/// SHA-256 of a token; none if it is too long to be one.
pub(crate) fn of_token(token: &[u8]) -> Option<[u8; 32]> {
    match token.len() {
        // What a token has almost always, and whoever guesses one.
        0..=119 => Some(padded::<2>(token)),
        120..=TOKEN_BYTES_MAX => Some(padded::<17>(token)),
        _ => None,
    }
}

/// The digest of a token of at most 64 * BLOCKS - 9 bytes.
fn padded<const BLOCKS: usize>(token: &[u8]) -> [u8; 32] {
    let last = (token.len() + 8) / 64;
    debug_assert!(last < BLOCKS, "the caller chose enough blocks");
    let mut blocks = [[0; 64]; BLOCKS];
    lay_out(token, blocks.as_flattened_mut());
    let bits = (token.len() as u64 * 8).to_be_bytes();
    let (mut state, mut taken) = (INITIAL, [0; 8]);
    for (number, block) in blocks.iter_mut().enumerate() {
        let is_last = (number as u64).ct_eq(&(last as u64));
        for (byte, length) in block[56..].iter_mut().zip(bits) {
            byte.conditional_assign(&length, is_last);
        }
        compress256(&mut state, std::slice::from_ref(block));
        for (taken, state) in taken.iter_mut().zip(state) {
            taken.conditional_assign(&state, is_last);
        }
    }
    blocks.zeroize();
    let mut digest = [0; 32];
    for (bytes, word) in digest.chunks_exact_mut(4).zip(taken) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

/// The token, then a bit, then nothing: as many steps whatever its length is.
fn lay_out(token: &[u8], space: &mut [u8]) {
    let len = token.len() as u64;
    // There is always a byte to read; what stands behind the token's end is not kept.
    let token = if token.is_empty() { &[0] } else { token };
    for (at, byte) in space.iter_mut().enumerate() {
        let at = at as u64;
        let inside = at.ct_lt(&len);
        let read = token[u64::conditional_select(&0, &at, inside) as usize];
        *byte = u8::conditional_select(&0, &read, inside);
        byte.conditional_assign(&0x80, at.ct_eq(&len));
    }
}

/// FIPS 180-4 section 5.3.3.
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn it_is_the_plain_digest_of_every_length() {
        let text: Vec<u8> = (0..TOKEN_BYTES_MAX + 1).map(|at| (at * 7 + at / 256) as u8).collect();
        for length in 0..=TOKEN_BYTES_MAX {
            let plain: [u8; 32] = Sha256::digest(&text[..length]).into();
            assert_eq!(of_token(&text[..length]), Some(plain), "{length}");
        }
        assert_eq!(of_token(&text), None);
    }
}
