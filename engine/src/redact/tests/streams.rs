//! Plain text in pieces.

use std::sync::Arc;

use super::*;

fn stream(rules: &Arc<Rules>, text: &[u8], chunk: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut redactor = TextRedactor::new(rules.clone());
    text.chunks(chunk).for_each(|c| redactor.push(c, &mut out));
    redactor.finish(&mut out);
    out
}

#[test]
fn every_chunking_gives_the_same_text() {
    let rules = Arc::new(Rules::default());
    let pat = secret(&rules, "github-classic-pat", 1);
    let block = secret(&rules, "private-key", 2);
    let text = format!(
        "start {pat}\r\nline\r{pat}\n2026 INFO {block}\nbetween\n{block}, {pat}\n\nBearer {pat}"
    );
    let want = "start [P]\r\nline\r[P]\n2026 INFO [K]\nbetween\n[K]\n, [P]\n\nBearer [P]"
        .replace("[P]", "[REDACTED:github-classic-pat]")
        .replace("[K]", "[REDACTED:private-key]");
    for chunk in 1..text.len() {
        let got = stream(&rules, text.as_bytes(), chunk);
        assert_eq!(String::from_utf8_lossy(&got), want, "chunks of {chunk}");
    }
}

#[test]
fn clean_bytes_pass_as_they_are() {
    let rules = Arc::new(Rules::default());
    let bytes: Vec<u8> = (0..4096u32).map(|n| (n * 7 % 256) as u8).collect();
    for chunk in [1, 2, 3, 7, 64, 4096] {
        assert_eq!(stream(&rules, &bytes, chunk), bytes);
    }
}

#[test]
fn long_lines_are_cut_with_a_mark() {
    let rules = Arc::new(Rules::default());
    let limit = 64 << 10;
    for (length, cut) in [(limit - 1, false), (limit, false), (limit + 1, true), (3 * limit, true)]
    {
        let text = format!("{}\nnext\n", "word ".repeat(length / 5 + 1).split_at(length).0);
        for chunk in [1000, 4096, 1 << 20] {
            let got = String::from_utf8(stream(&rules, text.as_bytes(), chunk)).expect("text");
            assert_eq!(got.contains(" [cut]\nnext\n"), cut, "{length}");
            assert_eq!(got == text, !cut);
        }
    }
}

#[test]
fn a_cut_shows_no_part_of_a_secret() {
    let rules = Arc::new(Rules::default());
    let pat = secret(&rules, "github-classic-pat", 1);
    for offset in 0..pat.len() + 2 {
        let text = format!("{} {pat} end\n", "x".repeat((64 << 10) - offset));
        let got = String::from_utf8(stream(&rules, text.as_bytes(), 1 << 16)).expect("text");
        assert!(!got.contains(&pat[..5]), "{offset}");
    }
}

#[test]
fn an_open_key_block_is_bounded() {
    let rules = Arc::new(Rules::default());
    let header = format!("-----{} RSA PRIVATE KEY-----\n", "BEGIN");
    let text = header + &"log line\n".repeat(20_000) + "last\n";
    let got = String::from_utf8(stream(&rules, text.as_bytes(), 1 << 12)).expect("text");
    assert!(got.starts_with("[REDACTED:private-key]\nlog line\n") && got.ends_with("last\n"));
    assert!(got.len() > text.len() - (66 << 10));
}

#[test]
fn nothing_held_is_shown_by_debug() {
    let mut redactor = TextRedactor::new(Arc::new(Rules::default()));
    redactor.push(b"SECRET-1", &mut Vec::new());
    assert!(!format!("{redactor:?}").contains("SECRET-1"));
}
