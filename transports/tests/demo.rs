//! The demo holds, and each of its parts can fail.

mod support;

use support::{finish, portcullis};

#[test]
fn every_check_holds() {
    let (status, output, errors) = finish(&mut portcullis("demo"));
    assert_eq!(status, 0, "{output}{errors}");
    let last = output.lines().last().unwrap();
    let (held, of) = last.split_once(" of ").unwrap();
    assert_eq!(of, format!("{held} checks held"), "{output}");
    assert!(output.lines().all(|line| line.chars().count() <= 100), "{output}");
    assert!(!output.contains('\u{1b}'), "colours are for terminals");
}

#[test]
fn a_part_that_is_switched_off_is_noticed() {
    for part in ["redaction", "strict", "auth", "batch"] {
        let (status, output, _) = finish(portcullis("demo").args(["--break", part]));
        assert_eq!(status, 1, "{part}: {output}");
        assert!(output.contains("FAILED") && output.contains("(switched off)"), "{output}");
        assert!(!output.contains("could not go on"), "{output}");
    }
    assert_eq!(finish(portcullis("demo").args(["--break", "nothing"])).0, 2);
}

#[test]
fn nothing_is_left_of_it() {
    let folder = tempfile::tempdir().unwrap();
    finish(portcullis("demo").env("TMPDIR", folder.path()));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
