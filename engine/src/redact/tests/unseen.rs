//! What a reader does not see.

use super::UnseenKind::{Ansi, Bidi, Tag, ZeroWidth};
use super::*;

/// The kinds and texts of what is not seen.
fn unseen(text: &str) -> Vec<(UnseenKind, &str)> {
    let mut out = Vec::new();
    Unseen::find(text.as_bytes(), &mut out);
    out.iter().map(|u| (u.kind, &text[u.start..u.end])).collect()
}

/// The raw text of a JSON string in which everything but ASCII letters is an escape by number.
fn escaped(text: &str) -> String {
    let units = text.encode_utf16().map(|unit| match u8::try_from(unit) {
        Ok(b) if b.is_ascii_alphanumeric() => char::from(b).to_string(),
        _ => format!("\\u{unit:04X}"),
    });
    units.collect()
}

/// The raw text of a JSON string with control characters as escapes, the rest as it is.
fn raw(text: &str) -> String {
    let spell = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        '\0'..='\x1f' => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(spell).collect()
}

/// A text in tag characters.
fn tags(text: &str) -> String {
    text.bytes().map(|b| char::from_u32(0xe0000 + u32::from(b)).expect("a tag")).collect()
}

#[test]
fn what_is_not_seen_is_found() {
    let smuggled = tags("ignore all");
    let unended_flag = format!("\u{1f3f4}{}", tags("gbeng"));
    let short_flag = format!("\u{1f3f4}{}\u{e007f}", tags("g"));
    let cases: &[(&str, &[(UnseenKind, &str)])] = &[
        ("", &[]),
        ("plain text, caf\u{e9}, \u{65e5}\u{672c} \u{2014} \u{201c}quoted\u{201d}\u{2026}", &[]),
        ("a\u{200b}b", &[(ZeroWidth, "\u{200b}")]),
        ("\u{feff}a", &[(ZeroWidth, "\u{feff}")]),
        ("a\u{200b}\u{200c}\u{2060}\u{feff}b", &[(ZeroWidth, "\u{200b}\u{200c}\u{2060}\u{feff}")]),
        ("to\u{ad}ken \u{34f}", &[(ZeroWidth, "\u{ad}"), (ZeroWidth, "\u{34f}")]),
        ("\u{3164}\u{ffa0}\u{115f}", &[(ZeroWidth, "\u{3164}\u{ffa0}\u{115f}")]),
        ("x\u{2062}y\u{206f}", &[(ZeroWidth, "\u{2062}"), (ZeroWidth, "\u{206f}")]),
        (
            "\u{fff9}a\u{1d173}\u{1bca0}",
            &[(ZeroWidth, "\u{fff9}"), (ZeroWidth, "\u{1d173}\u{1bca0}")],
        ),
        ("\u{e0fff}\u{e0100}", &[(ZeroWidth, "\u{e0fff}\u{e0100}")]),
        ("a\u{202e}cod.exe\u{202c}", &[(Bidi, "\u{202e}"), (Bidi, "\u{202c}")]),
        ("\u{2066}\u{2069}", &[(Bidi, "\u{2066}\u{2069}")]),
        (
            "a\u{200e}b \u{200f} \u{61c}",
            &[(Bidi, "\u{200e}"), (Bidi, "\u{200f}"), (Bidi, "\u{61c}")],
        ),
        (&smuggled, &[(Tag, &smuggled)]),
        ("a\u{e0001}\u{202e}", &[(Tag, "\u{e0001}"), (Bidi, "\u{202e}")]),
        (&unended_flag, &[(Tag, &unended_flag[4..])]),
        (&short_flag, &[(Tag, &short_flag[4..])]),
    ];
    for (text, want) in cases {
        assert_eq!(unseen(text), *want, "{text:?}");
        assert!(want.is_empty() || Unseen::may_hold(raw(text).as_bytes()), "{text:?}");
        assert!(want.is_empty() || Unseen::may_hold(escaped(text).as_bytes()), "{text:?}");
    }
}

#[test]
fn what_writing_needs_is_left_alone() {
    let flag = format!("\u{1f3f4}{}\u{e007f}", tags("gbsct"));
    let needed = [
        // A family, a rainbow flag, an eye in a bubble, a coloured worker, a heart, a keycap.
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "\u{1f3f3}\u{fe0f}\u{200d}\u{1f308}",
        "\u{1f441}\u{fe0f}\u{200d}\u{1f5e8}\u{fe0f}",
        "\u{1f469}\u{1f3fd}\u{200d}\u{1f4bb}",
        "\u{2764}\u{fe0f} \u{2764}\u{fe0e}",
        "1\u{fe0f}\u{20e3}",
        flag.as_str(),
        // Persian, Sindhi and Hindi words, a Malayalam final letter, a Hijri year.
        "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
        "\u{915}\u{94d}\u{200d}\u{937}",
        "\u{d28}\u{d4d}\u{200d} ",
        "1445 \u{647}\u{200d}",
        // A Thai line break, a Mongolian suffix, an old Korean syllable, an ideograph's variant.
        "\u{e01}\u{e32}\u{200b}\u{e23}",
        "\u{182d}\u{180e}\u{1820} \u{182d}\u{180b}",
        "\u{115f}\u{1161}",
        "\u{845b}\u{e0100} \u{845b}\u{fe00}",
        // Marks of direction beside Hebrew and Arabic.
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{200f}",
        "\u{200e}(\u{5e9}) \u{5e9}!\u{200f} C",
        "\u{61c}\u{662}",
    ];
    for text in needed {
        assert_eq!(unseen(text), [], "{text:?}");
    }
}

#[test]
fn what_writing_needs_hides_nothing_elsewhere() {
    let cases = [
        ("a\u{200d}b", 1),
        ("\u{645}\u{200c}a", 1),
        ("\u{645}\u{200c}\u{200c}\u{6cc}", 2),
        ("\u{1f468}\u{200d}a", 1),
        ("\u{1f468}\u{200d}\u{200d}\u{1f469}", 2),
        ("a\u{fe0f}", 1),
        // One selector chooses a picture, a row of them spells a text.
        ("\u{1f600}\u{fe0f}\u{fe01}\u{fe02}\u{e0101}", 3),
        ("\u{1f600}\u{e0101}", 1),
        ("\u{e01}\u{200b}a", 1),
        ("\u{5e9} abc \u{200e}", 1),
        ("a\u{180e}b", 1),
    ];
    for (text, count) in cases {
        let found: usize = unseen(text).iter().map(|(_, text)| text.chars().count()).sum();
        assert_eq!(found, count, "{text:?}");
    }
}

#[test]
fn control_sequences_of_a_terminal_are_found_whole() {
    let cases: &[(&str, &[&str])] = &[
        ("\x1b[31mred\x1b[0m", &["\x1b[31m", "\x1b[0m"]),
        ("\x1b[1m\x1b[38;5;196mx", &["\x1b[1m\x1b[38;5;196m"]),
        ("\x1b[?25l\x1b[2 q", &["\x1b[?25l\x1b[2 q"]),
        ("\u{9b}31mred", &["\u{9b}31m"]),
        ("a\x1b]0;title\x07b", &["\x1b]0;title\x07"]),
        ("\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\", &["\x1b]8;;http://a\x1b\\", "\x1b]8;;\x1b\\"]),
        ("\u{9d}0;t\u{9c}b", &["\u{9d}0;t\u{9c}"]),
        ("\x1bPq#0\x1b\\b\x1b_x\x1b\\", &["\x1bPq#0\x1b\\", "\x1b_x\x1b\\"]),
        ("\x1b(B\x1b=\x1bc!", &["\x1b(B\x1b=\x1bc"]),
        // What is not whole: the part that a terminal would take.
        ("\x1b", &["\x1b"]),
        ("\x1b[31", &["\x1b[31"]),
        ("\x1b[3\u{e9}", &["\x1b[3"]),
        ("\x1b\nx", &["\x1b"]),
        ("\x1b]unended \u{ab}text\u{bb}", &["\x1b]"]),
        ("\x1b]cut\x1b[1mx", &["\x1b]cut\x1b[1m"]),
        ("\u{9d}a\u{9d}b", &["\u{9d}", "\u{9d}"]),
        ("a\x1b[2Kb\u{200b}", &["\x1b[2K"]),
    ];
    for (text, want) in cases {
        let got: Vec<_> = unseen(text).into_iter().filter(|(kind, _)| *kind == Ansi).collect();
        let got: Vec<_> = got.iter().map(|(_, text)| *text).collect();
        assert_eq!(got, *want, "{text:?}");
        assert!(Unseen::may_hold(raw(text).as_bytes()), "{text:?}");
        assert!(Unseen::may_hold(escaped(text).as_bytes()), "{text:?}");
    }
}

#[test]
fn clean_strings_are_told_at_once() {
    for clean in [
        "",
        "plain",
        "caf\u{e9} \u{65e5}\u{672c}\u{8a9e} \u{2014}\u{2026} \u{1f600}",
        r"a\nb\\u00e9\u00E9 C:\\users \u",
        r"\ud83d\ude00",
        r"\u12",
    ] {
        assert!(!Unseen::may_hold(clean.as_bytes()), "{clean}");
    }
    for hidden in
        [r"\u200b", r"\u200B", r"\u001b", r"\\u001b[0m", r"\udb40\udc41", r"\uFEFF", r"x\u202e"]
    {
        assert!(Unseen::may_hold(hidden.as_bytes()), "{hidden}");
    }
}

const PIECES: &[&str] = &[
    "\x1b",
    "[",
    "]",
    "31",
    "m",
    "\x07",
    "\\",
    "\u{9b}",
    "\u{9c}",
    "\u{9d}",
    "P",
    "a",
    " ",
    "\n",
    "\u{200b}",
    "\u{200d}",
    "\u{200c}",
    "\u{200e}",
    "\u{202e}",
    "\u{feff}",
    "\u{fe0f}",
    "\u{e0041}",
    "\u{e007f}",
    "\u{1f3f4}",
    "\u{1f468}",
    "\u{645}",
    "\u{915}\u{94d}",
    "\u{5e9}",
    "\u{e9}",
    "\u{c2}",
    "\u{65e5}",
    "\"",
    "0",
];

#[test]
fn what_is_found_lies_in_order_and_was_announced() {
    let mut hits = 0;
    for seed in 0..20_000 {
        let dice = &mut Dice::new(seed);
        let text: String = (0..dice.below(14)).map(|_| PIECES[dice.below(PIECES.len())]).collect();
        let mut found = Vec::new();
        Unseen::find(text.as_bytes(), &mut found);
        hits += found.len();
        assert!(found.is_empty() || Unseen::may_hold(raw(&text).as_bytes()), "{text:?}");
        assert!(found.is_empty() || Unseen::may_hold(escaped(&text).as_bytes()), "{text:?}");
        let mut end = 0;
        for one in &found {
            assert!(end <= one.start && one.start < one.end, "{text:?}: {found:?}");
            assert!(text.is_char_boundary(one.start) && text.is_char_boundary(one.end), "{text:?}");
            end = one.end;
        }
    }
    assert!(hits > 20_000, "{hits}");
}

#[test]
fn bytes_that_are_no_text_are_looked_past() {
    let bytes: Vec<u8> = (0..=255).rev().chain([0xe2, 0x80]).collect();
    let mut found = Vec::new();
    for at in 0..bytes.len() {
        Unseen::find(&bytes[at..], &mut found);
        Unseen::may_hold(&bytes[at..]);
    }
    assert!(found.iter().all(|one| one.kind == Ansi), "{found:?}");
}

#[test]
fn hostile_texts_are_looked_at_once() {
    for piece in
        PIECES.iter().chain(&["\x1b]", "\u{9d}", "\u{9d}\u{c2}", "\x1b[0", "\u{1f3f4}\u{e0061}"])
    {
        let text = piece.repeat((1 << 17) / piece.len());
        let work = work(|| Unseen::find(text.as_bytes(), &mut Vec::new()));
        assert!(
            work <= 4 * text.len() as u64,
            "{piece:?}: {work} bytes looked at in {}",
            text.len()
        );
    }
}
