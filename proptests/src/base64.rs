//! Base64 (RFC 4648), read leniently: what an encoder in either alphabet wrote, in one line or in
//! several.

use std::ops::Range;

/// Shorter runs hold no mark.
const RUN_MIN: usize = 16;

/// The runs of digits in a text, the line breaks between them included.
#[must_use]
pub fn runs(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut runs = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() {
            match (digit(bytes[at]), gap(&text[at..])) {
                (Some(_), _) => at += 1,
                (None, 0) => break,
                (None, len) => at += len,
            }
        }
        if at - start >= RUN_MIN {
            runs.push(start..at);
        }
        at += 1;
        while at < bytes.len() && !text.is_char_boundary(at) {
            at += 1;
        }
    }
    runs
}

/// What a run stands for, each byte as the character of its number.
#[must_use]
pub fn decode(run: &str) -> String {
    let mut digits = Vec::with_capacity(run.len());
    let mut at = 0;
    while at < run.len() {
        match digit(run.as_bytes()[at]) {
            Some(digit) => {
                digits.push(digit);
                at += 1;
            }
            None => at += gap(&run[at..]).max(1),
        }
    }
    let bytes = digits.chunks(4).flat_map(|four| {
        let word = four.iter().fold(0, |word, digit| word << 6 | digit) << (6 * (4 - four.len()));
        word.to_be_bytes()[1..].iter().take(four.len() * 3 / 4).copied().collect::<Vec<u8>>()
    });
    bytes.map(char::from).collect()
}

/// The text in digits of the standard alphabet, filled up.
#[must_use]
pub fn encode(text: &str) -> String {
    let digits = text.as_bytes().chunks(3).flat_map(|three| {
        let word = three.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
        let word = word << (8 * (3 - three.len()));
        (0..4).map(move |at| match at <= three.len() {
            true => char::from(DIGITS[(word >> (18 - 6 * at)) as usize & 63]),
            false => '=',
        })
    });
    digits.collect()
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn digit(byte: u8) -> Option<u32> {
    let standard = match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte,
    };
    DIGITS.iter().position(|digit| *digit == standard).map(|at| at as u32)
}

/// How long that is which a JSON text spells here between two digits, however deep: a line break, or
/// what stands before an escaped slash.
fn gap(text: &str) -> usize {
    let slashes = text.bytes().take_while(|b| *b == b'\\').count();
    match text.as_bytes().get(slashes) {
        Some(b'n' | b'r') if slashes > 0 => slashes + 1,
        Some(b'/') => slashes,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_read_again() {
        for len in 0..9 {
            let text = "a mark: x"[..len].to_owned();
            assert_eq!(decode(&encode(&text)), text);
        }
        let text = format!("x \"{}\\n{}\" y", encode("line one of ten"), encode("and two 2"));
        let first = &text[runs(&text)[0].clone()];
        assert_eq!(first, &text[3..text.len() - 3]);
        let slashed = encode("a mark: ??? ??? ???").replace('/', "\\/");
        assert!(slashed.contains('\\') && decode(&slashed) == "a mark: ??? ??? ???");
    }
}
