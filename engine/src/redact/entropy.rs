//! Whether a value was drawn at random, or made of words.
//!
//! Counting different characters is not enough: an identifier of twenty letters has as many as a
//! key. What tells them apart is which letters follow each other, and how often the kind of
//! character changes. Pure functions of a value.

/// Pairs of letters that follow each other in English and in the names of programs far more often
/// than chance has it: the 90 most frequent ones.
const COMMON: &str = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le \
                      ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec \
                      pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po";

/// One bit for each second letter, for each first one.
const PAIRS: [u32; 26] = {
    let mut pairs = [0u32; 26];
    let bytes = COMMON.as_bytes();
    let mut i = 0;
    while i + 1 < bytes.len() {
        if bytes[i] == b' ' {
            i += 1;
            continue;
        }
        pairs[(bytes[i] - b'a') as usize] |= 1 << (bytes[i + 1] - b'a');
        i += 2;
    }
    pairs
};

/// Whether a value of token characters was drawn at random: digits stand here and there among its
/// letters, few of its letters follow each other as in words, marks are rare, and no character makes
/// up a large part of it.
pub(crate) fn is_random(value: &[u8]) -> bool {
    let (mut numbers, mut letters, mut marks) = (0, 0, 0);
    let (mut pairs, mut common, mut changes) = (0, 0, 0);
    let mut counts = [0u8; 128];
    let mut last = 0u8;
    for b in value {
        let folded = b.to_ascii_lowercase();
        counts[usize::from(b & 127)] = counts[usize::from(b & 127)].saturating_add(1);
        numbers += usize::from(b.is_ascii_digit() && !last.is_ascii_digit());
        marks += usize::from(kind(*b) == 4);
        letters += usize::from(b.is_ascii_alphabetic());
        if last.is_ascii_alphabetic() && b.is_ascii_alphabetic() {
            pairs += 1;
            let first = usize::from(last.to_ascii_lowercase() - b'a');
            common += usize::from(PAIRS[first] >> (folded - b'a') & 1 != 0);
        }
        changes += usize::from(last != 0 && kind(*b) != kind(last));
        last = *b;
    }
    let top = counts.iter().copied().max().map_or(0, usize::from);
    let distinct = counts.iter().filter(|count| **count > 0).count();
    numbers >= 3
        && marks * 10 <= value.len()
        && letters >= 4
        && changes * 5 >= value.len()
        && common * 5 <= pairs * 2
        && distinct * 3 >= value.len().min(36)
        && top * 4 <= value.len()
}

/// Whether a value was typed in order, as dummies are: `abcdef1234`, `a1b2c3d4e5`, `AbCdEfGhIj`. Its
/// letters by themselves, and its digits by themselves, follow each other in the order of the
/// alphabet three times in five; of what is drawn at random one in ten does.
pub(crate) fn is_in_order(value: &[u8]) -> bool {
    const JUDGED_MAX: usize = 128;
    let value = &value[..value.len().min(JUDGED_MAX)];
    let (mut letter, mut digit) = (0u8, 0u8);
    let (mut pairs, mut rising) = (0, 0);
    for b in value.iter().map(u8::to_ascii_lowercase) {
        let last = match b {
            b'a'..=b'z' => &mut letter,
            b'0'..=b'9' => &mut digit,
            _ => continue,
        };
        pairs += usize::from(*last != 0);
        rising += usize::from(b == *last + 1 || (b == b'0' && *last == b'9'));
        *last = b;
    }
    pairs >= 8 && rising * 5 >= pairs * 3
}

/// Lower case, upper case, digit or mark.
const fn kind(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 1,
        b'a'..=b'z' => 2,
        b'A'..=b'Z' => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::class::Class;
    use crate::redact::sample::Dice;

    #[test]
    fn dummies_are_in_order_and_draws_are_not() {
        let rising = |from: u8, count: u8| (from..from + count).map(char::from);
        let straight: String = rising(b'a', 6).chain(rising(b'1', 9)).collect();
        let turns: String =
            rising(b'a', 9).zip(rising(b'0', 9)).flat_map(|(a, b)| [a, b]).collect();
        let cased: String = straight.chars().map(|c| c.to_ascii_uppercase()).collect();
        for dummy in [straight.repeat(2), turns, format!("tok_{cased}{straight}")] {
            assert!(is_in_order(dummy.as_bytes()), "{dummy}");
        }
        for (class, count) in [(Class::HEX, 16), (Class::HEX, 32), (Class::ALNUM, 12)] {
            let drawn =
                (0..1000).filter(|n| is_in_order(Dice::new(*n).of(class, count).as_bytes()));
            assert_eq!(drawn.count(), 0);
        }
    }

    #[test]
    fn words_are_not_random_and_draws_are() {
        for words in [
            "AuthenticationTokenV2Builder",
            "some_function_name_with_2_numbers",
            "x86_64-unknown-linux-gnu-2024",
            "getUserById2AndPassword",
            "application-default-credentials-1",
            "aaaaaaaaaaaaaaaaaaaaaaaa1",
            "2024-01-15T10-20-30Z-backup",
            "1234567890123456789012345",
        ] {
            assert!(!is_random(words.as_bytes()), "{words}");
        }
        let drawn = (0..1000).filter(|n| is_random(Dice::new(*n).of(Class::ALNUM, 32).as_bytes()));
        assert!(drawn.count() > 950);
    }
}
