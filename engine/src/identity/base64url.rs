//! Base64url without padding (RFC 4648 section 5), read strictly: each text is one value, and each
//! value is one text.

/// The bytes, or none if the text is not what an encoder writes.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.chunks(4) {
        let mut bits = 0_u32;
        for &character in group {
            bits = bits << 6 | u32::from(value(character)?);
        }
        // The bits of a last group that are no whole byte have to be 0.
        let (count, spare) = match group.len() {
            4 => (3, 0),
            3 => (2, 2),
            2 => (1, 4),
            _ => return None,
        };
        if bits & ((1 << spare) - 1) != 0 {
            return None;
        }
        let whole = bits >> spare;
        bytes.extend((0..count).rev().map(|at| (whole >> (8 * at)) as u8));
    }
    Some(bytes)
}

fn value(character: u8) -> Option<u8> {
    Some(match character {
        b'A'..=b'Z' => character - b'A',
        b'a'..=b'z' => character - b'a' + 26,
        b'0'..=b'9' => character - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_an_encoder_writes_and_nothing_else() {
        for (text, bytes) in [
            // RFC 4648 section 10, less the padding.
            ("", Some(&b""[..])),
            ("Zg", Some(b"f")),
            ("Zm8", Some(b"fo")),
            ("Zm9v", Some(b"foo")),
            ("Zm9vYg", Some(b"foob")),
            ("Zm9vYmFy", Some(b"foobar")),
            ("-_8", Some(b"\xfb\xff")),
            ("+/8", None),
            ("Zg==", None),
            ("Zh", None),
            ("Zm9", None),
            ("Z", None),
            ("Zm9vY", None),
            ("Zm 9v", None),
            ("Zm9v\n", None),
        ] {
            assert_eq!(decode(text.as_bytes()).as_deref(), bytes, "{text:?}");
        }
    }
}
