//! The library as hosts link it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{header, sources};

/// Builds the library as it is built for this test, and says where it is. Cargo does not do that by
/// itself: a test links no cdylib.
pub(super) fn build() -> PathBuf {
    let test = std::env::current_exe().expect("a test is a file");
    let folder = test.parent().and_then(Path::parent).expect("target/PROFILE/deps").to_owned();
    let target = folder.parent().expect("target/PROFILE");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked", "--lib", "--package", "portcullis-ffi"]);
    cargo.arg("--target-dir").arg(target).current_dir(env!("CARGO_MANIFEST_DIR"));
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    assert!(cargo.status().expect("cargo runs").success());
    folder
}

/// The names of the functions in the header.
fn declared() -> BTreeSet<String> {
    let text = strip_comments(&header::committed());
    let names = text.split("portcullis_").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        rest[end..].starts_with('(').then(|| format!("portcullis_{}", &rest[..end]))
    });
    names.collect()
}

/// The header without its comments.
pub(super) fn strip_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        rest = comment.split_once("*/").expect("a comment has an end").1;
    }
    out + rest
}

#[test]
fn the_header_declares_what_the_library_exports_and_nothing_else() {
    let library = build().join(format!(
        "{}portcullis{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    ));
    let nm = Command::new("nm").args(["-D", "--defined-only"]).arg(&library).output();
    let nm = nm.expect("nm runs: it is a part of binutils, as the linker is");
    assert!(nm.status.success(), "{}", String::from_utf8_lossy(&nm.stderr));
    let listed = String::from_utf8(nm.stdout).expect("names are ASCII");
    let exported: BTreeSet<String> =
        listed.lines().filter_map(|line| line.split(' ').nth(2)).map(str::to_owned).collect();
    assert_eq!(exported, declared());
    let written: BTreeSet<String> =
        sources::exports().iter().map(|export| export.sig.ident.to_string()).collect();
    assert_eq!(written, declared());
}

/// Whoever links by the soname has to get the ABI that it was compiled for.
#[test]
fn the_soname_has_the_number_of_the_abi() {
    let manifest = include_str!("../../Cargo.toml");
    let (_, section) = manifest.split_once("[package.metadata.capi.library]").expect("it is there");
    let version = section.lines().find_map(|line| line.strip_prefix("version = \""));
    let first = version.and_then(|version| version.split('.').next());
    assert_eq!(first, Some(&*crate::PORTCULLIS_ABI.to_string()));
    let readme = include_str!("../../README.md");
    assert!(readme.contains(&format!(
        "| {} | {} |",
        crate::PORTCULLIS_ABI,
        env!("CARGO_PKG_VERSION")
    )));
}
