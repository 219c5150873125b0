//! Checksums and structures within a secret, which tell an issued one from an invented one.
//!
//! Most are looked at only after a secret was found, so they may take their time; it is linear. The
//! answer is about confidence: what has the shape goes, whatever is said here, except under a rule
//! that demands its check. Those checks run wherever the anchor stands, so they look at no more than
//! the smallest form and allocate nothing.

use memchr::memmem;
use sha2::{Digest, Sha256};

use super::class::Class;
use super::encoding::{self, BASE32, BECH32, base62, decoded, digit_of, from_base58};
use super::rule::Check;

/// Whether the secret passes the check.
pub(crate) fn passes(check: Check, secret: &[u8]) -> bool {
    match check {
        Check::Base62Crc => base62_crc(secret),
        Check::Demanded => true,
        Check::HexCrc => hex_crc(secret),
        Check::GrafanaCrc => grafana_crc(secret),
        Check::AtlassianCrc => atlassian_crc(secret),
        Check::ConfluentCrc => confluent_crc(secret),
        Check::AwsAccount => aws_account(secret).is_some_and(|number| number < 1_000_000_000_000),
        Check::JoseHeader => jose_header(secret),
        Check::Macaroon => macaroon(secret).is_some(),
        Check::Base64Json => base64_json(secret),
        Check::Pem => pem(secret),
        Check::PgpCrc => pgp_crc(secret),
        Check::Bech32 => bech32(secret).is_some_and(|sum| sum == 1),
        Check::Base58 => base58(secret),
        Check::Snowflake => snowflake(secret),
        Check::GrafanaKey => grafana_key(secret),
    }
}

fn base62_crc(secret: &[u8]) -> bool {
    let Some(mark) = memchr::memchr(b'_', secret) else { return false };
    let body = &secret[mark + 1..];
    let Some((body, digits)) = body.split_last_chunk::<6>() else { return false };
    *digits == base62(crc32(body))
}

fn hex_crc(secret: &[u8]) -> bool {
    let marks = (memchr::memchr(b'_', secret), memchr::memrchr(b'_', secret));
    let (Some(first), Some(last)) = marks else { return false };
    first < last && hex(&secret[last + 1..]) == Some(crc32(&secret[first + 1..last]))
}

fn grafana_crc(secret: &[u8]) -> bool {
    let Some(mark) = memchr::memrchr(b'_', secret) else { return false };
    hex(&secret[mark + 1..]) == Some(crc32(&secret[..mark]).swap_bytes())
}

fn atlassian_crc(secret: &[u8]) -> bool {
    let Some(mark) = memchr::memrchr(b'=', secret) else { return false };
    hex(&secret[mark + 1..]) == Some(crc32(&secret[..=mark]))
}

fn confluent_crc(secret: &[u8]) -> bool {
    let Some(body) = secret.get(4..) else { return false };
    let Some((body, digits)) = body.split_last_chunk::<6>() else { return false };
    encoding::base64(&crc32(body).to_le_bytes()).as_bytes().starts_with(digits)
}

/// Eight hexadecimal digits, and nothing else.
fn hex(digits: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.len() == 8)?;
    u32::from_str_radix(digits, 16).ok()
}

/// The number of the account in the identifier of a key: 40 bits behind the first of 80.
fn aws_account(secret: &[u8]) -> Option<u64> {
    let digits = secret.get(4..14)?;
    let bits = digits
        .iter()
        .try_fold(0u64, |bits, b| Some(bits << 5 | u64::from(digit_of(BASE32, *b)?)))?;
    Some(bits >> 9 & 0xFF_FFFF_FFFF)
}

fn jose_header(secret: &[u8]) -> bool {
    const ALG: &[u8] = b"\"alg\"";
    let (mut last, mut matched, mut found) = (0, 0, false);
    for b in decoded(secret) {
        matched = match b == ALG[matched] {
            true => matched + 1,
            false => usize::from(b == ALG[0]),
        };
        found |= matched == ALG.len();
        matched %= ALG.len();
        last = if b.is_ascii_whitespace() { last } else { b };
    }
    decoded(secret).next() == Some(b'{') && last == b'}' && found
}

/// Location, identifier, caveats, and a signature of 32 bytes; each a kind, a length and the data.
fn macaroon(secret: &[u8]) -> Option<()> {
    let body = secret.strip_prefix(b"pypi-")?;
    let bytes: Vec<u8> = decoded(body).collect();
    let mut rest = bytes.strip_prefix(&[2])?;
    // The sections end with a zero, and so does the row of sections.
    let (mut open, mut sections) = (false, 0);
    while sections < 64 {
        let (kind, after) = rest.split_first()?;
        rest = after;
        match kind {
            0 if !open => {
                let signature = rest.strip_prefix(&[6, 32])?;
                return (sections > 0 && signature.len() == 32).then_some(());
            }
            0 => {
                open = false;
                sections += 1;
            }
            _ => {
                open = true;
                let (length, after) = varint(rest)?;
                rest = after.get(length..)?;
            }
        }
    }
    None
}

/// Seven bits a byte, the lowest first.
fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match *bytes {
        [low @ 0..0x80, ref rest @ ..] => Some((usize::from(low), rest)),
        [low, high @ 0..0x80, ref rest @ ..] => {
            Some((usize::from(low & 0x7F) | usize::from(high) << 7, rest))
        }
        _ => None,
    }
}

/// Digits, and nothing else, up to the first dot.
fn snowflake(secret: &[u8]) -> bool {
    decoded(secret).take(12).all(|b| b.is_ascii_digit()) && decoded(secret).nth(12).is_some()
}

/// Behind the name of the member there are a key's first 24 characters.
fn grafana_key(secret: &[u8]) -> bool {
    const MEMBER: &[u8] = br#"{"k":""#;
    let mut bytes = decoded(secret);
    bytes.by_ref().take(MEMBER.len()).eq(MEMBER.iter().copied())
        && bytes.take(24).all(|b| b.is_ascii_alphanumeric())
}

fn base64_json(secret: &[u8]) -> bool {
    let body = match memchr::memchr(b'_', secret) {
        Some(mark) if mark < 8 => &secret[mark + 1..],
        _ => secret,
    };
    // Behind the object there may be an `_` and more.
    let body = &body[..Class::BASE64.span(body, 0, usize::MAX)];
    let object: Vec<u8> = decoded(body).collect();
    object.starts_with(b"{\"") && object.trim_ascii_end().ends_with(b"}")
}

fn pem(secret: &[u8]) -> bool {
    let Some(body) = armoured(secret) else { return false };
    if memmem::find(body, b"DEK-Info").is_some() {
        return true;
    }
    let digits: Vec<u8> = lines(body).flatten().copied().collect();
    let bytes: Vec<u8> = decoded(&digits).collect();
    match *bytes {
        [0x30, 0x81, length, ref rest @ ..] => rest.len() == usize::from(length),
        [0x30, 0x82, high, low, ref rest @ ..] => {
            rest.len() == usize::from(u16::from_be_bytes([high, low]))
        }
        _ => bytes.starts_with(b"openssh-key-v1\0"),
    }
}

fn pgp_crc(secret: &[u8]) -> bool {
    let Some(body) = armoured(secret) else { return false };
    let (mut digits, mut sum) = (Vec::new(), None);
    for line in lines(body) {
        match line {
            [b'=', four @ ..] if four.len() == 4 => sum = Some(four),
            // The headers of the armour.
            _ if line.contains(&b':') => digits.clear(),
            _ => digits.extend_from_slice(line),
        }
    }
    let bytes: Vec<u8> = decoded(&digits).collect();
    sum.is_some_and(|sum| decoded(sum).eq(crc24(&bytes).to_be_bytes().into_iter().skip(1)))
}

/// What stands between the first line and the last.
fn armoured(secret: &[u8]) -> Option<&[u8]> {
    let begin = memmem::find(secret, b"KEY")?;
    let start = begin + memmem::find(&secret[begin + 3..], b"-----")? + 8;
    let end = memmem::find(&secret[start..], b"-----END ")?;
    Some(&secret[start..start + end])
}

/// Lines, whose ends may be written out as escapes, without what is put around them.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    const LINE: Class = Class::BASE64.or(Class::EQUALS);
    let mut escaped = false;
    text.split(move |b| {
        let letter = std::mem::replace(&mut escaped, *b == b'\\');
        letter || matches!(b, b'\\' | b'\n' | b'\r')
    })
    .map(|line| {
        let start = line.iter().position(|b| LINE.has(*b)).unwrap_or(line.len());
        line[start..].trim_ascii_end()
    })
    .filter(|line| !line.is_empty())
}

/// The sum over human-readable part and data, which is 1 if nothing was changed.
pub(crate) fn bech32(secret: &[u8]) -> Option<u32> {
    let mark = memchr::memrchr(b'1', secret)?;
    let (part, data) = (&secret[..mark], &secret[mark + 1..]);
    let part = part.iter().map(u8::to_ascii_lowercase);
    let mut sum = 1u32;
    let mut add = |five: u8| {
        const GENERATOR: [u32; 5] =
            [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3];
        let top = sum >> 25;
        sum = (sum & 0x1FF_FFFF) << 5 ^ u32::from(five);
        for (i, word) in GENERATOR.iter().enumerate() {
            sum ^= if top >> i & 1 != 0 { *word } else { 0 };
        }
    };
    part.clone().for_each(|b| add(b >> 5));
    add(0);
    part.for_each(|b| add(b & 31));
    for b in data {
        add(digit_of(BECH32, *b)?);
    }
    Some(sum)
}

/// 0x80, 32 bytes, perhaps a 1 that says how the public key is spelled, and the first four bytes of
/// a double hash.
fn base58(secret: &[u8]) -> bool {
    let holds = |bytes: &[u8]| {
        let (body, sum) = bytes.split_at(bytes.len() - 4);
        body[0] == 0x80 && double_hash(body)[..4] == *sum
    };
    match secret.len() {
        51 => from_base58::<37>(secret).is_some_and(|bytes| holds(&bytes)),
        52 => from_base58::<38>(secret).is_some_and(|bytes| bytes[33] == 1 && holds(&bytes)),
        _ => false,
    }
}

/// SHA-256 of SHA-256.
pub(crate) fn double_hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(bytes)).into()
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

/// CRC-24 as in OpenPGP.
pub(crate) fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0xB7_04CE, |mut crc, b| {
        crc ^= u32::from(*b) << 16;
        for _ in 0..8 {
            crc = if crc & 0x80_0000 != 0 { crc << 1 ^ 0x186_4CFB } else { crc << 1 };
        }
        crc & 0xFF_FFFF
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values that catalogues of such sums give.
    #[test]
    fn the_sums_are_the_usual_ones() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
        assert_eq!(crc24(b"123456789"), 0x21_CF02);
        assert_eq!(bech32(b"A12UEL5L"), Some(1));
        assert_eq!(bech32(b"A12UEL5Q").filter(|sum| *sum == 1), None);
    }

    #[test]
    fn the_account_in_the_identifier_of_a_key_is_read() {
        // 0, 40 bits, and what is left of 50.
        let bits: u64 = 123_456_789_012 << 9;
        let digits: String =
            (0..10).rev().map(|i| char::from(BASE32[(bits >> (5 * i)) as usize & 31])).collect();
        assert_eq!(aws_account(format!("AKIA{digits}ABCDEF").as_bytes()), Some(123_456_789_012));
        assert_eq!(aws_account(b"AKIA0"), None);
        assert_eq!(aws_account(b"AKIA0189018901890189"), None);
    }

    #[test]
    fn a_header_has_to_name_its_algorithm() {
        for (text, want) in [
            (&br#"{"alg":"HS256","typ":"JWT"}"#[..], true),
            (br#"{"typ":"JWT"}"#, false),
            (br#"{"alg":"HS256""#, false),
            (br#"["alg"]"#, false),
        ] {
            let token = format!("{}.x.y", encoding::base64url(text));
            assert_eq!(jose_header(token.as_bytes()), want);
        }
    }

    #[test]
    fn nothing_short_or_odd_passes_or_panics() {
        const ALL: [Check; 15] = [
            Check::Base62Crc,
            Check::HexCrc,
            Check::GrafanaCrc,
            Check::AtlassianCrc,
            Check::ConfluentCrc,
            Check::AwsAccount,
            Check::JoseHeader,
            Check::Macaroon,
            Check::Base64Json,
            Check::Pem,
            Check::PgpCrc,
            Check::Bech32,
            Check::Base58,
            Check::Snowflake,
            Check::GrafanaKey,
        ];
        let odd: [&[u8]; 12] = [
            b"",
            b"_",
            b"=",
            b"__",
            b"1",
            b".",
            b"pypi-",
            b"pypi-AgEI",
            b"KEY----------END ",
            b"-----BEGIN KEY-----END ",
            b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
            b"\\",
        ];
        for check in ALL {
            for text in odd {
                assert!(!passes(check, text), "{check:?}: {text:?}");
            }
        }
    }
}
