//! What may be shown of a finding: the line around it without its secrets, and where it stands.

use portcullis_engine::Match;

use crate::span::meets;

/// Where a match stands: line and column, from 1.
#[must_use]
pub fn place(text: &[u8], at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    (line, at - memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1) + 1)
}

/// The line of a match, every secret in it masked, cut to what fits on a line of a terminal.
#[must_use]
pub fn masked(text: &[u8], matches: &[Match], which: usize) -> String {
    let found = matches[which];
    let low = found.start.saturating_sub(AROUND);
    let low = memchr::memrchr(b'\n', &text[low..found.start]).map_or(low, |at| low + at + 1);
    let high = text.len().min(found.end + AROUND);
    let high = memchr::memchr(b'\n', &text[found.end..high]).map_or(high, |at| found.end + at);
    let (mut out, mut from) = (Vec::new(), low);
    for other in matches.iter().filter(|other| meets(other, &(low..high))) {
        out.extend_from_slice(&text[from.min(other.start)..other.start]);
        out.extend_from_slice(&mask(&text[other.start..other.end]));
        from = other.end;
    }
    out.extend_from_slice(text.get(from..high).unwrap_or_default());
    String::from_utf8_lossy(&out).escape_debug().collect()
}

/// The first characters of a long secret, and how long it is.
fn mask(secret: &[u8]) -> Vec<u8> {
    let shown = if secret.len() >= SHOWN_FROM { SHOWN } else { 0 };
    [&secret[..shown], format!("<{} more>", secret.len() - shown).as_bytes()].concat()
}

/// So much is shown on each side.
const AROUND: usize = 40;
/// So many characters of a secret are shown: what most kinds begin with.
const SHOWN: usize = 4;
/// Of a shorter one none are.
const SHOWN_FROM: usize = 20;

#[cfg(test)]
mod tests {
    use portcullis_engine::Rules;

    use super::*;

    #[test]
    fn places_count_from_one() {
        let text = b"ab\ncd\n\nef";
        let want = [(0, (1, 1)), (1, (1, 2)), (2, (1, 3)), (3, (2, 1)), (7, (4, 1))];
        for (at, place_of) in want {
            assert_eq!(place(text, at), place_of, "{at}");
        }
    }

    #[test]
    fn an_excerpt_shows_the_line_and_no_secret() {
        let rules = Rules::default();
        let first = rules.iter().next().expect("a rule");
        let (example, span) = rules.example_at(first, 3).expect("a built-in rule makes examples");
        let secret = &example[span];
        let text = format!("before\nkey {secret} and {secret}!\nbehind");
        let mut matches = Vec::new();
        rules.find(text.as_bytes(), &mut matches);
        assert_eq!(matches.len(), 2);
        let shown = masked(text.as_bytes(), &matches, 0);
        assert!(shown.starts_with("key ") && !shown.contains("before"), "{shown}");
        assert!(!shown.contains(secret) && !shown.contains(&secret[5..]), "{shown}");
    }
}
