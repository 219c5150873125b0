//! Check digits and other inner order of numbers that people go by.
//!
//! A check is given the characters of a number without its separators, letters in upper case, of the
//! kinds and in the count that its form says. It answers whether such a number can have been issued.

/// ISO/IEC 7812-1 annex B (Luhn): cards.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let doubled = |d: u32| if d > 4 { 2 * d - 9 } else { 2 * d };
    let places = digits.iter().rev().enumerate();
    sum(places.map(|(i, b)| if i % 2 == 1 { doubled(digit(*b)) } else { digit(*b) })) % 10 == 0
}

/// ISO 7064 mod 97-10 over an account number whose first four characters stand last: IBAN.
pub(crate) fn iban(chars: &[u8]) -> bool {
    let moved = chars[4..].iter().chain(&chars[..4]);
    let rest = moved.fold(0, |rest: u32, b| match b {
        b'0'..=b'9' => (rest * 10 + digit(*b)) % 97,
        _ => (rest * 100 + u32::from(b - b'A') + 10) % 97,
    });
    rest == 1
}

/// A social security number of the USA: areas, groups and serials that are not given out.
pub(crate) fn ssn(d: &[u8]) -> bool {
    let (area, group, serial) = (number(&d[..3]), number(&d[3..5]), number(&d[5..]));
    !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0 && !is_example_ssn(area, group)
}

/// The number of a wallet's advertisement, which is void, and a row of one digit.
fn is_example_ssn(area: u32, group: u32) -> bool {
    (area, group) == (78, 5) || (area.is_multiple_of(111) && area / 111 * 11 == group)
}

/// A telephone number of North America: neither area nor exchange begins with 0 or 1 or is a
/// service such as 911.
pub(crate) fn nanp(d: &[u8]) -> bool {
    let is_code = |d: &[u8]| d[0] >= b'2' && d[1..] != *b"11";
    is_code(&d[..3]) && is_code(&d[3..6])
}

/// UK National Health Service: mod 11, weights 10 to 2.
pub(crate) fn nhs(d: &[u8]) -> bool {
    let rest = 11 - weighted(d, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    rest % 11 == digit(d[9]) && !is_repeated(d)
}

/// UK National Insurance: letters that are not given out, and a suffix from A to D.
pub(crate) fn nino(chars: &[u8]) -> bool {
    let prefix = &chars[..2];
    !b"DFIQUV".contains(&prefix[0])
        && !b"DFIOQUV".contains(&prefix[1])
        && ![*b"BG", *b"GB", *b"KN", *b"NK", *b"NT", *b"TN", *b"ZZ"].iter().any(|p| p == prefix)
        && (b'A'..=b'D').contains(&chars[8])
}

/// Brazil, Cadastro de Pessoas Físicas: two digits mod 11.
pub(crate) fn cpf(d: &[u8]) -> bool {
    let expected = |weights: &[u32]| match weighted(d, weights) % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    expected(&[10, 9, 8, 7, 6, 5, 4, 3, 2]) == digit(d[9])
        && expected(&[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) == digit(d[10])
        && !is_repeated(d)
}

/// China, resident identity number (GB 11643): province, date of birth, ISO 7064 mod 11-2.
pub(crate) fn resident(chars: &[u8]) -> bool {
    let (year, month, day) =
        (number(&chars[6..10]), number(&chars[10..12]), number(&chars[12..14]));
    let rest = weighted(chars, &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
    (11..=82).contains(&number(&chars[..2]))
        && (1900..=2099).contains(&year)
        && is_date(month, day)
        && chars[17] == b"10X98765432"[rest as usize]
}

/// India, Aadhaar: the first digit is at least 2; Verhoeff's check digit.
pub(crate) fn aadhaar(d: &[u8]) -> bool {
    // The dihedral group of ten elements, and the permutation that the place decides on.
    const PRODUCT: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const PERMUTATION: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    let step = |state: u8, (i, b): (usize, &u8)| {
        PRODUCT[state as usize][PERMUTATION[i % 8][digit(*b) as usize] as usize]
    };
    d[0] >= b'2' && d.iter().rev().enumerate().fold(0, step) == 0 && !is_repeated(d)
}

/// Germany, tax identification number: one digit occurs twice or three times among the first ten,
/// no other more than once; ISO 7064 mod 11,10.
pub(crate) fn tax_id(d: &[u8]) -> bool {
    let mut counts = [0u8; 10];
    d[..10].iter().for_each(|b| counts[digit(*b) as usize] += 1);
    let repeated = counts.iter().filter(|count| **count > 1);
    let product = d[..10].iter().fold(10, |product, b| match (digit(*b) + product) % 10 {
        0 => 10 * 2 % 11,
        sum => sum * 2 % 11,
    });
    d[0] != b'0'
        && repeated.clone().count() == 1
        && repeated.into_iter().all(|count| *count <= 3)
        && (11 - product) % 10 == digit(d[10])
}

/// The Netherlands, Burgerservicenummer: the test of eleven, the last digit counting down.
pub(crate) fn bsn(d: &[u8]) -> bool {
    let sum = weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2]);
    sum % 11 == digit(d[8]) && number(d) > 9_999_999 && !is_repeated(d)
}

/// Spain, DNI and NIE: a letter by the rest of 23; X, Y and Z count as 0, 1 and 2.
pub(crate) fn dni(chars: &[u8]) -> bool {
    let lead = match chars[0] {
        b @ b'X'..=b'Z' => u32::from(b - b'X'),
        b @ b'0'..=b'9' => digit(b),
        _ => return false,
    };
    let (body, letter) = (&chars[1..chars.len() - 1], chars[chars.len() - 1]);
    let value = lead * 10u32.pow(body.len() as u32) + number(body);
    value != 0 && letter == b"TRWAGMYFPDXBNJZSQVHLCKE"[value as usize % 23]
}

/// France, NIR: sex, month, and a key of 97; the Corsican departments 2A and 2B count as 19 and 18.
pub(crate) fn nir(chars: &[u8]) -> bool {
    let mut body = [0; 13];
    body.copy_from_slice(&chars[..13]);
    match (body[5], body[6]) {
        (b'2', b'A') => (body[5], body[6]) = (b'1', b'9'),
        (b'2', b'B') => (body[5], body[6]) = (b'1', b'8'),
        (_, b'0'..=b'9') => {}
        _ => return false,
    }
    let rest = body.iter().fold(0, |rest, b| (rest * 10 + digit(*b)) % 97);
    let month = number(&body[3..5]);
    matches!(body[0], b'1' | b'2')
        && matches!(month, 1..=12 | 20 | 30..=42 | 50..=99)
        && 97 - rest == number(&chars[13..])
}

/// Poland, PESEL: date of birth with the century in the month, weights 1, 3, 7, 9.
pub(crate) fn pesel(d: &[u8]) -> bool {
    let sum = weighted(d, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    is_date(number(&d[2..4]) % 20, number(&d[4..6])) && (10 - sum % 10) % 10 == digit(d[10])
}

/// A routing number of the American Bankers Association: district, weights 3, 7, 1.
pub(crate) fn aba(d: &[u8]) -> bool {
    let district = number(&d[..2]);
    matches!(district, 1..=12 | 21..=32 | 61..=72 | 80)
        && weighted(d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}

/// A vehicle identification number (49 CFR 565): letters by their values, mod 11 at the ninth place.
pub(crate) fn vin(chars: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |b: u8| match b {
        b'0'..=b'9' => digit(b),
        b'A'..=b'H' => u32::from(b - b'A') + 1,
        b'J'..=b'R' => u32::from(b - b'J') + 1,
        _ => u32::from(b - b'S') + 2,
    };
    let rest = sum(chars.iter().zip(WEIGHTS).map(|(b, weight)| value(*b) * weight)) % 11;
    chars[8] == b"0123456789X"[rest as usize]
}

/// Whether all digits are one.
fn is_repeated(d: &[u8]) -> bool {
    d.iter().all(|b| *b == d[0])
}

fn is_date(month: u32, day: u32) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// The sum of the first digits, each times its weight.
fn weighted(d: &[u8], weights: &[u32]) -> u32 {
    sum(d.iter().zip(weights).map(|(b, weight)| digit(*b) * weight))
}

fn sum(numbers: impl Iterator<Item = u32>) -> u32 {
    numbers.sum()
}

/// The number that up to nine digits spell.
fn number(d: &[u8]) -> u32 {
    d.iter().fold(0, |value, b| value * 10 + digit(*b))
}

fn digit(b: u8) -> u32 {
    u32::from(b.wrapping_sub(b'0') % 10)
}
