//! Numbers whose length depends on how they begin: payment cards, bank accounts, vehicles.

use super::{check, form};
use crate::redact::class::{Class, meter};

/// The longest card number.
const CARD_DIGITS_MAX: usize = 19;
/// The longest account number.
const IBAN_CHARS_MAX: usize = 34;

/// Finds a card whose first run of digits lies between these places: digits in one row, or in the
/// groups that are printed on cards.
pub(super) fn card(text: &[u8], start: usize, run_end: usize) -> Option<(usize, usize)> {
    let separator = *text.get(run_end).filter(|b| matches!(b, b' ' | b'-')).unwrap_or(&0);
    // Most runs of four digits are years.
    if !matches!(text[start], b'2'..=b'6')
        || (run_end - start == 4
            && !(separator != 0 && text.get(run_end + 1).is_some_and(u8::is_ascii_digit)))
    {
        return None;
    }
    let (mut digits, mut count, mut at) = ([0; CARD_DIGITS_MAX], 0, start);
    // For each group, its size and where it ends.
    let (mut sizes, mut ends, mut groups) = ([0u8; GROUPS_MAX], [0; GROUPS_MAX], 0);
    while groups < GROUPS_MAX {
        let size = Class::DIGIT.span(text, at, CARD_DIGITS_MAX + 1);
        if size == 0 || count + size > CARD_DIGITS_MAX {
            break;
        }
        digits[count..count + size].copy_from_slice(&text[at..at + size]);
        (sizes[groups], ends[groups]) = (size as u8, at + size);
        (count, at, groups) = (count + size, at + size, groups + 1);
        if separator == 0 || text.get(at) != Some(&separator) {
            break;
        }
        at += 1;
    }
    // What follows a card in the same row, such as the three digits on its back, is none of it.
    (1..=groups).rev().find_map(|n| {
        let count = sizes[..n].iter().map(|size| usize::from(*size)).sum();
        let is_printed = n == 1 || LAYOUTS.contains(&&sizes[..n]);
        let separators: &[u8] = if separator == b'-' { b"-" } else { b"" };
        let end = ends[n - 1];
        let is_card = is_printed
            && is_issued(&digits[..count])
            && check::luhn(&digits[..count])
            && form::is_apart(text, start, end, separators);
        is_card.then_some((start, end))
    })
}

const GROUPS_MAX: usize = 5;

/// The sizes of the groups, as they are printed.
const LAYOUTS: [&[u8]; 5] =
    [&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3], &[4, 4, 4, 1]];

/// Whether a network issues numbers that begin like this in this length (ISO/IEC 7812).
///
/// None begins with 1, so times in milliseconds and microseconds are no cards.
fn is_issued(d: &[u8]) -> bool {
    let Some(six) = d.get(..6) else { return false };
    let six = six.iter().fold(0u32, |n, b| n * 10 + u32::from(b - b'0'));
    let lengths: &[usize] = match six {
        400_000..=499_999 => &[13, 16, 19],
        510_000..=559_999 | 222_100..=272_099 => &[16],
        340_000..=349_999 | 370_000..=379_999 => &[15],
        601_100..=601_199 | 644_000..=659_999 => &[16, 17, 18, 19],
        352_800..=358_999 => &[16, 17, 18, 19],
        300_000..=305_999 | 309_500..=309_599 | 360_000..=369_999 | 380_000..=399_999 => {
            &[14, 16, 19]
        }
        620_000..=629_999 => &[16, 17, 18, 19],
        _ => &[],
    };
    lengths.contains(&d.len())
}

/// Finds an account number whose check digits start at `digits`: the country before them, then as
/// many characters as this country has, in one row or in groups of four.
pub(super) fn iban(text: &[u8], digits: usize) -> Option<(usize, usize)> {
    let start = digits.checked_sub(2)?;
    let country = &text[start..digits];
    let (_, length) = IBAN_LENGTHS.iter().find(|(code, _)| code.as_bytes() == country)?;
    let mut chars = [0; IBAN_CHARS_MAX];
    let separator = text.get(start + 4).filter(|b| matches!(b, b' ' | b'-'));
    let mut at = start;
    meter(IBAN_CHARS_MAX + 9);
    for (i, char) in chars[..*length].iter_mut().enumerate() {
        if i > 0 && i % 4 == 0 && separator.is_some() {
            if text.get(at) != separator {
                return None;
            }
            at += 1;
        }
        *char = *text.get(at).filter(|b| b.is_ascii_uppercase() || b.is_ascii_digit())?;
        at += 1;
    }
    let is_account = chars[3].is_ascii_digit()
        && check::iban(&chars[..*length])
        && form::is_apart(text, start, at, b"");
    is_account.then_some((start, at))
}

/// Finds a vehicle's number that ends with the run of digits that ends at `end`. The last four
/// characters are always digits.
pub(super) fn vin(text: &[u8], run: usize, end: usize) -> Option<(usize, usize)> {
    const LENGTH: usize = 17;
    let start = end.checked_sub(LENGTH).filter(|_| end - run >= 4)?;
    if !form::is_apart(text, start, end, b"") {
        return None;
    }
    meter(LENGTH);
    let mut chars = [0; LENGTH];
    for (char, b) in chars.iter_mut().zip(&text[start..end]) {
        *char = b.to_ascii_uppercase();
    }
    let is_char = |b: &u8| b.is_ascii_alphanumeric() && !matches!(b, b'I' | b'O' | b'Q');
    (chars.iter().all(is_char) && check::vin(&chars)).then_some((start, end))
}

/// Countries and how many characters their account numbers have (the registry of SWIFT, ISO 13616).
pub(super) const IBAN_LENGTHS: [(&str, usize); 89] = [
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
    ("YE", 30),
];
