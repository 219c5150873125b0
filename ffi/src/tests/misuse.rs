//! Calls that no host should make: each has its status, and leaves its outputs alone.
//!
//! `tests/misuse.c` does the same from C. What only Rust can do is here: a defect in the middle of a
//! call.

use std::ffi::{CStr, c_char};
use std::{mem, ptr};

use crate::PORTCULLIS_ABI;
use crate::border::{self, Record};
use crate::engine::*;
use crate::event::{portcullis_event, portcullis_time};
use crate::limits::portcullis_limits;
use crate::metrics::portcullis_metrics;
use crate::numbers::*;
use crate::policy::*;
use crate::question::portcullis_question;
use crate::status::*;

pub(super) fn time(monotonic_ms: u64) -> portcullis_time {
    portcullis_time { monotonic_ms, wall_ms: monotonic_ms }
}

/// What a configuration comes to, and what is said about it.
fn compile(json: &str) -> (u32, *mut portcullis_policy, String) {
    let (mut policy, mut why) = (ptr::null_mut(), [0; 1024]);
    let status = portcullis_policy_new(
        PORTCULLIS_ABI,
        json.as_ptr().cast(),
        json.len(),
        ptr::null(),
        0,
        why.as_mut_ptr(),
        why.len(),
        &mut policy,
    );
    (status, policy, text(&why))
}

fn text(bytes: &[c_char]) -> String {
    let bytes: Vec<u8> = bytes.iter().map(|byte| *byte as u8).collect();
    let text = CStr::from_bytes_until_nul(&bytes).expect("a NUL stands behind it");
    text.to_str().expect("it is UTF-8").to_owned()
}

pub(super) fn policy(json: &str) -> *mut portcullis_policy {
    let (status, policy, why) = compile(json);
    assert_eq!((status, &why[..]), (PORTCULLIS_STATUS_OK, ""));
    policy
}

pub(super) fn engine(policy: *mut portcullis_policy) -> *mut portcullis_engine {
    let mut engine = ptr::null_mut();
    let status = portcullis_engine_new(
        PORTCULLIS_ABI,
        // SAFETY: the test owns the policy.
        unsafe { policy.as_ref() },
        ptr::null(),
        0,
        time(0),
        ptr::null_mut(),
        0,
        &mut engine,
    );
    assert_eq!(status, PORTCULLIS_STATUS_OK);
    engine
}

#[test]
fn a_poisoned_engine_can_only_be_freed() {
    let policy = policy("");
    // SAFETY: both came from their `_new`, and are owned from here on.
    let (policy, mut engine) = unsafe { (Box::from_raw(policy), Box::from_raw(engine(policy))) };
    let status = border::guard_handle(Some(&mut *engine), |_| panic!("on purpose"));
    assert_eq!(status, PORTCULLIS_STATUS_PANICKED);

    const KEPT: usize = 77;
    let (mut data, mut ready, mut len) = (ptr::null_mut(), ptr::null(), KEPT);
    let (mut number, mut at) = (KEPT as u32, KEPT as u64);
    // SAFETY: any bytes are a value of these.
    let (mut event, mut metrics, mut question) = unsafe {
        (
            mem::zeroed::<portcullis_event>(),
            mem::zeroed::<portcullis_metrics>(),
            mem::zeroed::<portcullis_question>(),
        )
    };
    (event.struct_size, metrics.struct_size) = (portcullis_event::SIZE, portcullis_metrics::SIZE);
    question.struct_size = portcullis_question::SIZE;
    question.kind = KEPT as u32;
    event.session = 77;
    metrics.edits = 77;
    let all = [
        portcullis_engine_recv_space(Some(&mut engine), 0, &mut data, &mut len),
        portcullis_engine_recv_commit(Some(&mut engine), None, 0, 0, time(0)),
        portcullis_engine_recv_copy(
            Some(&mut engine),
            None,
            0,
            b"x".as_ptr(),
            1,
            time(0),
            &mut len,
        ),
        portcullis_engine_recv_close(Some(&mut engine), None, 0, time(0)),
        portcullis_engine_send_ready(Some(&mut engine), 0, &mut ready, &mut len),
        portcullis_engine_send_commit(Some(&mut engine), None, 0, 0),
        portcullis_engine_next_event(Some(&mut engine), &mut event, &mut number),
        portcullis_engine_deadline(Some(&engine), &mut at, &mut number),
        portcullis_engine_tick(Some(&mut engine), None, time(0)),
        portcullis_engine_is_finished(Some(&engine), &mut number),
        portcullis_engine_facts(Some(&mut engine), 0, 1, ptr::null(), 0),
        portcullis_engine_introduce(Some(&mut engine), 0, ptr::null()),
        portcullis_engine_swap_policy(Some(&mut engine), Some(&policy)),
        portcullis_engine_begin_drain(Some(&mut engine), time(0), 1),
        portcullis_engine_question(Some(&engine), 1, &mut question),
        portcullis_engine_answer(Some(&mut engine), None, 1, 1, time(0), &mut number),
        portcullis_engine_resolve(Some(&mut engine), None, 1, ptr::null(), 0, time(0), &mut number),
        portcullis_engine_stalled(Some(&engine), 0, &mut number),
        portcullis_engine_metrics(Some(&engine), &mut metrics),
    ];
    assert_eq!(all, [PORTCULLIS_STATUS_POISONED; 19]);
    assert!(data.is_null() && ready.is_null(), "an output was touched");
    assert_eq!((len, number, at), (KEPT, KEPT as u32, KEPT as u64));
    assert_eq!((event.session, metrics.edits, question.kind), (77, 77, KEPT as u32));
    portcullis_engine_free(Some(engine));
    portcullis_policy_free(Some(policy));
}

#[test]
fn faults_of_a_configuration_tell_the_place_and_no_value() {
    for (json, said) in [
        ("{", "line 1, column 1: EOF while parsing an object"),
        (
            r#"{"redaction":{"groups":{"secrets":{"redact":null}}}}"#,
            "secrets is an object where a word",
        ),
        (
            r#"{"refusals":{"unreadable_id":{"null":null}}}"#,
            "unreadable_id is an object where a word",
        ),
        (r#"{"redaction":{"rules":{"jwt":["block"]}}}"#, "jwt is a list where a word belongs"),
        (r#"{"auth":"SECRET-1"}"#, "line 1, column 18: invalid type: string, expected an object"),
        (r#"{"batch":null}"#, "line 1, column 13: invalid type: null, expected an object"),
        (
            r#"{"rate":{"burst":-1}}"#,
            "line 1, column 19: invalid value: integer, expected a whole number",
        ),
        ("[]", "the configuration is a list where an object belongs"),
        (r#"{"tools":[["rm"],[]]}"#, "tools is a list where an object belongs"),
        (r#"{"redaction":{"patterns":[["a","regex","b"]]}}"#, "patterns is a list where"),
        (r#"{"redactoin":{}}"#, "line 1, column 12: unknown field `redactoin`, expected one of "),
        ("{\"tools\":\n {\"deny\":[]},\"tools\":{}}", "line 2, column 20: duplicate key `tools`"),
        (r#"{"requests":{"timeouts":{"a":1,"a":2}}}"#, "line 1, column 34: duplicate key `a`"),
        (
            r#"{"auth":{"tokens":"SECRET-1"}}"#,
            "line 1, column 28: invalid type: string, expected a list",
        ),
        (
            r#"{"redaction":{"rules":{"jwt":"SECRET-1"}}}"#,
            "line 1, column 40: a rule is one of off, on, log, mask, ",
        ),
        (r#"{"auth":{"tokens":[{"token":""}]}}"#, "an auth token is empty: "),
        (
            r#"{"redaction":{"disable":["jwtt"]}}"#,
            "there is no redaction rule named \"jwtt\"; \"jwt\"",
        ),
        ("\u{feff}{}", "line 1, column 1: "),
    ] {
        let (status, policy, why) = compile(json);
        assert_eq!(status, PORTCULLIS_STATUS_BAD_CONFIG, "{json}");
        assert!(policy.is_null(), "an output was touched");
        assert!(why.starts_with(said), "{json}: {why}");
        for word in ["SECRET-1", "struct ", "u32", "u64", "sequence", "enum ", "variant "] {
            assert!(!why.contains(word), "{word} in {why}");
        }
    }
}

/// What a build leaves out it refuses, and says so.
#[test]
fn a_policy_gets_what_was_built_or_a_sentence() {
    let jwt = r#"{"auth":{"jwt":{"algorithms":["HS256"],"issuer":"i","audience":["a"],
        "keys":[{"algorithm":"HS256","secret":"SECRET-1-SECRET-1-SECRET-1-SECRET-1"}]}}}"#;
    for (json, is_built, key) in [
        (jwt, cfg!(feature = "jwt"), "auth.jwt"),
        (r#"{"schema":{"validate":true}}"#, cfg!(feature = "schema"), "schema.validate"),
    ] {
        let (status, policy, why) = compile(json);
        match is_built {
            true => {
                assert_eq!((status, &why[..]), (PORTCULLIS_STATUS_OK, ""));
                // SAFETY: it came from its `_new`.
                unsafe { portcullis_policy_free(Some(Box::from_raw(policy))) };
            }
            false => {
                assert_eq!(status, PORTCULLIS_STATUS_BAD_CONFIG);
                assert!(why.starts_with(key) && why.contains("feature"), "{why}");
                assert!(!why.contains("SECRET-1"), "{why}");
            }
        }
    }
}

#[test]
fn a_message_is_cut_at_a_character() {
    let json = r#"{"é":1}"#;
    for capacity in 0..40 {
        let (mut policy, mut why) = (ptr::null_mut(), [b'x' as c_char; 40]);
        let status = portcullis_policy_new(
            PORTCULLIS_ABI,
            json.as_ptr().cast(),
            json.len(),
            ptr::null(),
            0,
            why.as_mut_ptr(),
            capacity,
            &mut policy,
        );
        assert_eq!(status, PORTCULLIS_STATUS_BAD_CONFIG);
        let whole = compile(json).2;
        if capacity > 0 {
            let said = text(&why[..capacity]);
            assert!(whole.starts_with(&said) && said.len() + 3 > capacity.min(whole.len() + 1));
        }
        assert!(why[capacity..].iter().all(|byte| *byte == b'x' as c_char), "out of bounds");
    }
}

#[test]
fn a_limit_out_of_its_range_is_named() {
    let policy = policy("");
    // SAFETY: any bytes are a value.
    let mut limits = unsafe { mem::zeroed::<portcullis_limits>() };
    limits.struct_size = portcullis_limits::SIZE;
    assert_eq!(crate::limits::portcullis_limits_default(&mut limits), PORTCULLIS_STATUS_OK);
    limits.tickets_max = 0;
    let (mut engine, mut why) = (ptr::null_mut(), [0; 128]);
    let status = portcullis_engine_new(
        PORTCULLIS_ABI,
        // SAFETY: the test owns the policy.
        unsafe { policy.as_ref() },
        &limits,
        PORTCULLIS_WANT_ALL,
        time(0),
        why.as_mut_ptr(),
        why.len(),
        &mut engine,
    );
    assert_eq!(status, PORTCULLIS_STATUS_BAD_CONFIG);
    assert_eq!(text(&why), "tickets_max has to lie between 1 and 1024");
    assert!(engine.is_null());
    // SAFETY: it came from its `_new`.
    unsafe { portcullis_policy_free(Some(Box::from_raw(policy))) };
}

#[test]
fn every_limit_goes_over_the_border() {
    // SAFETY: any bytes are a value.
    let mut given = unsafe { mem::zeroed::<portcullis_limits>() };
    let len = size_of::<portcullis_limits>() / 4;
    // Every number another one: none is mixed up with its neighbour, none is left out.
    let numbers: Vec<u32> = (1..=len as u32).collect();
    // SAFETY: a `portcullis_limits` is as many numbers of 32 bits, and any bytes are a value.
    unsafe { ptr::copy_nonoverlapping(numbers.as_ptr(), (&raw mut given).cast(), len) };
    let limits = given.limits();
    let text = format!("{limits:?}");
    let wide = |low: u64| (low + 1) << 32 | low;
    for (name, number) in [
        ("frame_bytes_max", "[2, 3]".to_owned()),
        ("frame_depth_max", "4".to_owned()),
        ("seals_max", "16".to_owned()),
        ("frame_ms_max", wide(17).to_string()),
        ("ticket_ms", wide(19).to_string()),
        ("id_taken_ms", wide(21).to_string()),
    ] {
        assert!(text.contains(&format!("{name}: {number}")), "{name} in {text}");
    }
    // What is not named above is in order, too: no number occurs twice.
    for number in 2..=16 {
        let count =
            text.split([' ', ',', '[', ']']).filter(|word| *word == number.to_string()).count();
        assert_eq!(count, 1, "{number} in {text}");
    }
}

/// A handle may go to another thread, and a policy may be used by several at once.
#[test]
fn handles_may_move_between_threads() {
    fn may_move<T: Send>() {}
    fn may_be_shared<T: Sync>() {}
    may_move::<portcullis_engine>();
    may_move::<portcullis_policy>();
    may_move::<crate::ledger::portcullis_ledger>();
    may_move::<crate::finder::portcullis_finder>();
    may_move::<crate::redactor::portcullis_redactor>();
    may_be_shared::<portcullis_policy>();
}
