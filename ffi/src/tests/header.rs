//! The header: generated, committed, documented.
//!
//! `PORTCULLIS_BLESS=1 cargo test -p portcullis-ffi header` writes it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use portcullis_engine::Reason;

/// The header as the sources say.
pub(super) fn fresh() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).expect("it is TOML");
    config.header = Some(fs::read_to_string(folder.join("preface.h")).expect("it is there"));
    config.after_includes = Some(reasons());
    let sources = cbindgen::Builder::new().with_crate(folder).with_config(config);
    let mut text = Vec::new();
    sources.generate().expect("the sources hold no surprise").write(&mut text);
    unsigned(&String::from_utf8(text).expect("it is UTF-8"))
}

/// Makes every constant a `uint32_t` or `uint64_t`: a plain number is an `int`, or a `long`, and warns
/// where a C programmer composes bits or prints.
fn unsigned(text: &str) -> String {
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((_, "18446744073709551615ull")) => {
            line.replace("18446744073709551615ull", "UINT64_MAX")
        }
        Some((_, number))
            if line.starts_with("#define PORTCULLIS_")
                && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            format!("{line}u")
        }
        _ => line.to_owned(),
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

/// The constants of the reasons, whose one list is the engine's.
fn reasons() -> String {
    let mut text = String::from(
        "\n/*\n * Why a frame did not pass as it came, or what else an event tells of. The number and the word\n \
         * (`portcullis_reason_str`) are stable; 0 is no reason. In brackets the JSON-RPC error code that\n \
         * a peer gets with it, where one does.\n */\n",
    );
    for reason in Reason::ALL {
        let (name, number) = (reason.name().to_uppercase(), reason.number());
        let _ = match reason.code() {
            0 => writeln!(text, "/** {} */", reason.message()),
            code => writeln!(text, "/** {} [{code}] */", reason.message()),
        };
        let _ = writeln!(text, "#define PORTCULLIS_REASON_{name} {number}");
    }
    text
}

/// The header as it is committed.
pub(super) fn committed() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/portcullis.h");
    fs::read_to_string(path).expect("include/portcullis.h is there")
}

#[test]
fn the_header_is_what_the_sources_say() {
    let fresh = fresh();
    if std::env::var_os("PORTCULLIS_BLESS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/portcullis.h");
        fs::write(path, &fresh).expect("the header can be written");
    }
    let first = fresh.lines().zip(committed().lines().map(str::to_owned)).position(|(a, b)| a != b);
    assert!(
        fresh == committed(),
        "include/portcullis.h differs from line {first:?} on: PORTCULLIS_BLESS=1 cargo test -p portcullis-ffi header"
    );
}

#[test]
fn half_of_the_header_is_documentation() {
    let text = committed();
    let (mut comment, mut all, mut inside) = (0, 0, false);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        all += 1;
        inside |= line.starts_with("/*");
        comment += usize::from(inside);
        inside &= !line.ends_with("*/");
    }
    assert!(2 * comment >= all, "{comment} of {all} lines");
}

#[test]
fn the_header_can_be_read_without_rust() {
    for word in ["Option<", "Vec<", "`&", "Arc", "Some(", "None`", "[`", "crate::", "# Errors"] {
        let text = committed();
        let line = text.lines().find(|line| line.contains(word));
        assert_eq!(line, None, "{word} means nothing in C");
    }
}
