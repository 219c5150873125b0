//! Sizes, offsets and constants, as a C compiler sees them and as Rust does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::mem::offset_of;
use std::path::Path;
use std::process::Command;

use portcullis_engine::Reason;

use super::library::strip_comments;
use super::{header, sources};
use crate::event::{portcullis_event, portcullis_label, portcullis_time};
use crate::facts::portcullis_facts;
use crate::finder::{portcullis_match, portcullis_unseen};
use crate::gate::portcullis_cors_request;
use crate::ledger::portcullis_ledger_counts;
use crate::limits::portcullis_limits;
use crate::metrics::portcullis_metrics;
use crate::policy::{portcullis_fault, portcullis_rule};
use crate::question::portcullis_question;
use crate::verdict::portcullis_verdict;

/// Sizes and offsets of structs, by name and by name and member.
type Layout = BTreeMap<String, u64>;

macro_rules! layout {
    ($($name:ident { $($member:ident),* $(,)? })*) => {{
        let mut layout = Layout::new();
        $(
            layout.insert(stringify!($name).to_owned(), size_of::<$name>() as u64);
            $(layout.insert(
                concat!(stringify!($name), ".", stringify!($member)).to_owned(),
                offset_of!($name, $member) as u64,
            );)*
        )*
        layout
    }};
}

fn in_rust() -> Layout {
    let mut layout = layout! {
        portcullis_time { monotonic_ms, wall_ms }
        portcullis_label { len, cut, text }
        portcullis_event {
            struct_size, kind, from, message, reason, code, time, session, bytes_in, bytes_out, count,
            id_digest, duration_ms, ticket, server, method, tool, rule, check,
        }
        portcullis_limits {
            struct_size, frame_bytes_max, frame_depth_max, id_bytes_max, members_max,
            requests_open_max, answers_owed_max, batch_window, batches_max, tickets_max, events_max,
            refused_in_a_row_max, ids_taken_max, listens_max, seals_max, frame_ms_max, ticket_ms,
            id_taken_ms,
        }
        portcullis_metrics {
            struct_size, reserved, bytes_in, bytes_out, frames, passed, changed, refused, dropped,
            edits, requests_open, answers_owed, events_dropped, noise_bytes, noise_bytes_dropped,
            memory_bytes,
        }
        portcullis_ledger_counts {
            struct_size, reserved, frames, refused, changed, requests_open, auth_failures,
        }
        portcullis_fault { struct_size, has_at, index, at, name, name_len, reason, reason_len }
        portcullis_rule {
            struct_size, id, severity, group, kind, action, proven, checked, anchored, custom, slow,
            reserved, name, name_len, provider, provider_len, replacement, replacement_len,
            replacement_json, replacement_json_len,
        }
        portcullis_match { struct_size, rule, start, end, plain, verified }
        portcullis_unseen { struct_size, kind, start, end }
        portcullis_facts {
            struct_size, has_user, user, source, session, name, name_len, address, address_len,
            credential, credential_len, origin, origin_len, host, host_len,
        }
        portcullis_cors_request {
            struct_size, private_network, method, method_len, origin, origin_len, request_method,
            request_method_len, request_headers, request_headers_len,
        }
        portcullis_verdict { struct_size, allowed, rule, why }
        portcullis_question { struct_size, kind, text, text_len, message, message_len }
    };
    layout.extend(sources::constants());
    layout.extend(Reason::ALL.iter().map(|reason| {
        let name = format!("PORTCULLIS_REASON_{}", reason.name().to_uppercase());
        (name, u64::from(reason.number()))
    }));
    layout
}

/// Everything in the header that has a size, a place or a value, as C expressions.
fn in_header() -> BTreeMap<String, String> {
    let text = strip_comments(&header::committed());
    let mut named = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("#define PORTCULLIS_")) {
        if let Some((name, _)) = line.split_once(' ') {
            named.insert(format!("PORTCULLIS_{name}"), format!("PORTCULLIS_{name}"));
        }
    }
    for body in text.split("typedef struct ").skip(1) {
        let Some((name, body)) = body.split_once(" {") else { continue };
        let (body, _) = body.split_once('}').expect("a struct has an end");
        named.insert(name.to_owned(), format!("sizeof({name})"));
        for member in body.split(';').filter(|member| !member.trim().is_empty()) {
            let member = member.split('[').next().unwrap_or_default();
            let member = member.rsplit([' ', '*']).next().unwrap_or_default().trim();
            named.insert(format!("{name}.{member}"), format!("offsetof({name}, {member})"));
        }
    }
    named
}

#[test]
fn c_and_rust_see_the_same() {
    let named = in_header();
    let mut program =
        String::from("#include <stdio.h>\n#include \"portcullis.h\"\nint main(void) {\n");
    for (name, value) in &named {
        let _ =
            writeln!(program, "printf(\"%s %llu\\n\", \"{name}\", (unsigned long long)({value}));");
    }
    program.push_str("return 0; }\n");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (source, binary) = (folder.path().join("layout.c"), folder.path().join("layout"));
    fs::write(&source, program).expect("it can be written");
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include");
    let compiled = Command::new(compiler)
        .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I"])
        .arg(include)
        .arg("-o")
        .args([&binary, &source])
        .status();
    assert!(compiled.expect("cc runs: it is what Rust links with").success());
    let printed = Command::new(&binary).output().expect("it runs").stdout;
    let printed = String::from_utf8(printed).expect("it is ASCII");
    let in_c: Layout = printed
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, value)| (name.to_owned(), value.parse().expect("a number")))
        .collect();
    assert!(in_c.len() > 150, "{} were found", in_c.len());
    let in_rust = in_rust();
    let names: BTreeSet<&String> = in_c.keys().chain(in_rust.keys()).collect();
    let differs = |name: &&&String| in_c.get(**name) != in_rust.get(**name);
    let differing: Vec<&&String> = names.iter().filter(differs).collect();
    assert!(differing.is_empty(), "C and Rust differ in {differing:?}");
}
