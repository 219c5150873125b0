//! Checksums and structures within a secret, which tell an issued one from an invented one.
//!
//! They are looked at only after a secret was found, so they may take their time; it is linear. The
//! answer is about confidence: what has the shape goes, whatever is said here, except under a rule
//! that demands its check.

use super::rule::Check;

/// Whether the secret passes the check.
pub(crate) fn passes(check: Check, secret: &[u8]) -> bool {
    match check {
        Check::Base62Crc => base62_crc(secret),
        Check::Demanded => true,
    }
}

/// Six digits in base 62 hold the CRC-32 of what stands between the prefix and them.
fn base62_crc(secret: &[u8]) -> bool {
    let Some(mark) = memchr::memchr(b'_', secret) else { return false };
    let body = &secret[mark + 1..];
    let Some((body, digits)) = body.split_last_chunk::<6>() else { return false };
    *digits == base62(crc32(body))
}

/// A number in base 62: digits, upper case, lower case; filled up with zeros.
pub(crate) fn base62(mut number: u32) -> [u8; 6] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = [b'0'; 6];
    for digit in out.iter_mut().rev() {
        *digit = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    out
}

/// CRC-32 as in IEEE 802.3, reflected.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, b| CRC32[usize::from(crc as u8 ^ b)] ^ (crc >> 8))
}

const CRC32: [u32; 256] = {
    let mut table = [0u32; 256];
    let mut n = 0;
    while n < 256 {
        let mut crc = n as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 != 0 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[n] = crc;
        n += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32_is_the_usual_one() {
        // The check value that catalogues of such sums give.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn base62_counts_digits_first() {
        assert_eq!(&base62(0), b"000000");
        assert_eq!(&base62(61), b"00000z");
        assert_eq!(&base62(u32::MAX), b"4gfFC3");
    }
}
