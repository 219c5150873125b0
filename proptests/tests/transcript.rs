//! The transcript that hosts in several languages replay: long, the same every time, and with
//! something of everything in it.

use std::collections::BTreeSet;

use portcullis_proptests::transcript::{POLICY, make, replay};

#[test]
fn a_transcript_is_the_same_every_time() {
    assert_eq!(make(6, 500), make(6, 500));
    assert_ne!(make(6, 500), make(7, 500));
    let transcript = make(6, 500);
    assert_eq!(replay(POLICY, &transcript), replay(POLICY, &transcript));
}

#[test]
fn something_of_everything_happens() {
    let replayed = replay(POLICY, &make(6, 6_000));
    assert!(replayed.frames >= 2_000, "{} frames", replayed.frames);
    let events = String::from_utf8(replayed.events).expect("labels are in hexadecimal digits");
    let column = |at| events.lines().filter_map(move |line| line.split('\t').nth(at));
    let kinds: BTreeSet<&str> = column(0).collect();
    assert_eq!(kinds.len(), 5, "{kinds:?}");
    let messages: BTreeSet<&str> = column(2).collect();
    assert_eq!(messages.len(), 5, "{messages:?}");
    let reasons: BTreeSet<&str> = column(3).collect();
    for reason in [
        "not_json",
        "duplicate_member",
        "bad_id",
        "bare_cr",
        "invalid_utf8",
        "byte_order_mark",
        "empty_batch",
        "bad_version",
        "tool_denied",
        "redacted",
        "masked",
        "secret_blocked",
        "secret_seen",
        "token_cut",
        "list_filtered",
        "approval_asked",
        "approval_denied",
        "timeout",
        "late_response",
        "orphan_response",
        "noise",
        "cancelled",
        "sanitised",
        "unseen_text",
        "wrong_era",
        "closed_in_frame",
        "closed",
        "introduced",
        "resource_denied",
        "prompt_denied",
        "method_denied",
        "path_denied",
        "url_denied",
        "folded_member",
        "path_asked",
        "undecided",
        "rate_limited",
        "truncated",
        "open_long",
    ] {
        assert!(reasons.contains(reason), "{reason} does not occur");
    }
    let rules: BTreeSet<&str> = column(9).collect();
    assert!(rules.len() > 200, "{} rules decided", rules.len());
    assert!(column(15).any(|ticket| ticket != "0"), "no ticket");
    let passed = column(0).filter(|kind| *kind == "passed").count();
    assert!(3 * passed > replayed.frames as usize, "{passed} passed");
}
