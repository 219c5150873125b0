//! The atoms of JSON: numbers and the three words (RFC 8259 sections 3 and 6).

/// Whether these bytes are exactly one number, `true`, `false` or `null`.
pub(crate) fn is_atom(text: &[u8]) -> bool {
    match text {
        b"true" | b"false" | b"null" => true,
        _ => is_number(text),
    }
}

/// Whether these bytes are exactly one number.
fn is_number(text: &[u8]) -> bool {
    let mut rest = text.strip_prefix(b"-").unwrap_or(text);
    rest = match rest {
        [b'0', tail @ ..] => tail,
        [b'1'..=b'9', ..] => skip_digits(rest),
        _ => return false,
    };
    if let [b'.', fraction @ ..] = rest {
        rest = skip_digits(fraction);
        if rest.len() == fraction.len() {
            return false;
        }
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let digits = match exponent {
            [b'+' | b'-', tail @ ..] => tail,
            _ => exponent,
        };
        rest = skip_digits(digits);
        if rest.len() == digits.len() {
            return false;
        }
    }
    rest.is_empty()
}

fn skip_digits(text: &[u8]) -> &[u8] {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    &text[count..]
}

#[cfg(test)]
mod tests {
    use super::is_atom;

    /// Every text of up to six bytes over an alphabet that spells all of the grammar.
    #[test]
    fn small_world_agrees_with_serde_json() {
        let alphabet = b"-+.eE019";
        for len in 1..=6_u32 {
            for n in 0..8_u32.pow(len) {
                let text: Vec<u8> =
                    (0..len).map(|i| alphabet[(n >> (3 * i)) as usize & 7]).collect();
                let wanted = serde_json::from_slice::<serde::de::IgnoredAny>(&text).is_ok();
                assert_eq!(is_atom(&text), wanted, "{}", String::from_utf8_lossy(&text));
            }
        }
    }

    #[test]
    fn words() {
        for (text, wanted) in [("true", true), ("nul", false), ("True", false), ("", false)] {
            assert_eq!(is_atom(text.as_bytes()), wanted, "{text}");
        }
    }
}
