//! Names under Unicode simple case folding, as Go's decoder compares them.

use super::text;

/// A hash of the name that is equal for all names that some decoder takes for the same: escapes
/// decoded, case folded. Unequal names share one by accident once in 2^64; then both are refused.
pub(crate) fn hash(raw: &[u8]) -> u64 {
    if raw.iter().all(|&byte| byte.is_ascii() && byte != b'\\') {
        return raw.iter().fold(SEED, |hash, byte| mix(hash, u32::from(byte.to_ascii_lowercase())));
    }
    let mut bytes = text::decoded(raw);
    let mut hash = SEED;
    while let Some(c) = next_char(&mut bytes) {
        hash = mix(hash, fold(c) as u32);
    }
    hash
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// One step of FNV-1a over a whole character.
const fn mix(hash: u64, c: u32) -> u64 {
    (hash ^ c as u64).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23)
}

/// The hash of a name of the protocol: lower-case ASCII.
pub(crate) const fn hash_of(name: &str) -> u64 {
    let (bytes, mut hash, mut i) = (name.as_bytes(), SEED, 0);
    while i < bytes.len() {
        hash = mix(hash, bytes[i].to_ascii_lowercase() as u32);
        i += 1;
    }
    hash
}

/// The same character for all that are equal under simple case folding (Unicode CaseFolding.txt,
/// status C and S). By way of upper case, which unites what lower case keeps apart: U+017F and `s`,
/// U+212A and `k`.
fn fold(c: char) -> char {
    // Three pairs whose upper case is more than one character each.
    let c = match c {
        '\u{1fd3}' => '\u{390}',
        '\u{1fe3}' => '\u{3b0}',
        '\u{fb05}' => '\u{fb06}',
        // Its upper case is that of `i`; the tables keep it apart.
        '\u{131}' => return c,
        _ => c,
    };
    let one = |mut all: std::char::ToUppercase| match (all.next(), all.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    };
    let upper = one(c.to_uppercase()).unwrap_or(c);
    let mut lower = upper.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(only), None) => only,
        _ => upper,
    }
}

/// The next character of decoded, valid UTF-8.
fn next_char(bytes: &mut impl Iterator<Item = u8>) -> Option<char> {
    let first = bytes.next()?;
    let more = match first {
        0..0xc0 => return Some(char::from(first)),
        0xc0..0xe0 => 1,
        0xe0..0xf0 => 2,
        _ => 3,
    };
    let code = (0..more).fold(u32::from(first) & (0x3f >> more), |code, _| {
        code << 6 | u32::from(bytes.next().unwrap_or_default()) & 0x3f
    });
    Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}

#[cfg(test)]
mod tests {
    use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange};

    use super::*;

    #[test]
    fn folding_unites_exactly_what_the_unicode_tables_unite() {
        // Characters that the standard library's tables know and the older ones do not.
        let newer = regex_syntax::parse(r"\p{Cn}").expect("a class");
        let regex_syntax::hir::HirKind::Class(Class::Unicode(newer)) = newer.into_kind() else {
            panic!("not a class");
        };
        let is_newer = |c: &char| newer.ranges().iter().any(|r| (r.start()..=r.end()).contains(c));
        for c in ('\0'..=char::MAX).filter(|c| fold(*c) != *c || !c.is_numeric()) {
            if is_newer(&c) {
                continue;
            }
            let mut class = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
            class.case_fold_simple();
            let is_one =
                |other| class.ranges().iter().any(|r| (r.start()..=r.end()).contains(&other));
            assert!(is_one(fold(c)), "{c:?} is folded to {:?}", fold(c));
            for range in class.ranges() {
                for other in range.start()..=range.end() {
                    assert_eq!(fold(c), fold(other), "{c:?} {other:?}");
                }
            }
        }
    }

    #[test]
    fn names_that_go_takes_for_one() {
        for (a, b, same) in [
            ("method", "METHOD", true),
            ("params", "param\\u017f", true),
            ("auth_token", "auth_to\u{212a}en", true),
            ("auth_token", "\\u0061uth_token", true),
            ("a", "b", false),
            ("ab", "ba", false),
        ] {
            assert_eq!(hash(a.as_bytes()) == hash(b.as_bytes()), same, "{a} {b}");
        }
        assert_eq!(hash(b"METHOD"), hash_of("method"));
    }
}
