//! A string that no program takes for an option.

use super::check::Denial;
use crate::net::is_blank;

pub(super) const DENIAL: Denial = Denial::of("no_leading_dash");

/// White space before the dash is looked over: some servers trim what they get, or hand a line to a
/// shell. The dashes of typesetting count as well, since PowerShell takes them for `-`.
pub(super) fn judge(text: &str) -> Result<(), Denial> {
    let is_dash = |c: char| {
        matches!(
            c,
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
        )
    };
    // Also a NUL and its like are looked over: what drops them sees the dash.
    match text.trim_start_matches(is_blank).starts_with(is_dash) {
        true => Err(DENIAL),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dash_counts_at_the_start_alone() {
        for (text, is_denied) in [
            ("", false),
            ("a-b", false),
            ("a -b", false),
            ("-", true),
            ("--output=x", true),
            (" -x", true),
            ("\n\t-x", true),
            ("\0-x", true),
            ("\u{2013}x", true),
            ("\u{a0}-x", true),
            ("\u{200b}-x", true),
            ("\u{feff}\u{fe63}x", true),
            ("./-x", false),
        ] {
            assert_eq!(judge(text).is_err(), is_denied, "{text:?}");
        }
    }
}
