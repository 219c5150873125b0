//! `scan`: what is found, where it says it is, and what it leaves alone. Secrets are made here, from
//! the rules' own descriptions.

mod support;

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use portcullis_engine::{Group, Mode, RedactionConfig, Rules};
use serde_json::Value;
use support::{Session, portcullis, shown};

/// A secret of a rule.
fn secret(rule: &str, seed: u64) -> String {
    let rules = Rules::default();
    let id = rules.iter().find(|id| rules.info(*id).name == rule).expect("a built-in rule");
    let (text, span) = rules.example_at(id, seed).expect("a built-in rule makes examples");
    text[span].to_owned()
}

fn github(seed: u64) -> String {
    secret("github-classic-pat", seed)
}

/// A private key over many lines.
fn key() -> String {
    let label = "PRIVATE KEY-----";
    let line = "Zm9vYmFyYmF6cXV1eGNvcmdlZ3JhdWx0Z2FycGx5d2FsZG9mcmVkcGx1Z2h4eXp6";
    format!("-----BEGIN {label}\n{}-----END {label}", format!("{line}\n").repeat(24))
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Runs `scan` in a folder with this on standard input; status, output, errors.
fn feed(folder: &Path, words: &[&str], input: &[u8]) -> (i32, String, String) {
    let (status, output, errors) = feed_bytes(folder, words, input);
    (status, String::from_utf8(output).unwrap(), errors)
}

fn feed_bytes(folder: &Path, words: &[&str], input: &[u8]) -> (i32, Vec<u8>, String) {
    let mut process = command(folder, words).spawn().unwrap();
    let mut stdin = process.stdin.take().unwrap();
    let input = input.to_vec();
    // A command that wants no input may be gone already.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = process.wait_with_output().unwrap();
    writer.join().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    (shown(output.status), output.stdout, errors)
}

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = portcullis("scan");
    command.args(words).current_dir(folder);
    command
}

/// Without standard input.
fn scan(folder: &Path, words: &[&str]) -> (i32, String, String) {
    let mut command = command(folder, words);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (shown(output.status), text(output.stdout), text(output.stderr))
}

/// The paths of findings, in order.
fn paths(output: &str) -> Vec<&str> {
    output.lines().map(|line| line.split(':').next().unwrap()).collect()
}

fn objects(output: &str) -> Vec<Value> {
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_finding_says_where_and_not_what() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (github(1), github(2));
    write(folder.path(), "src/a.rs", format!("fn a() {{}}\r\n\u{e9}\u{e9} {one} {two}\r\n"));
    write(folder.path(), "b.txt", "nothing\n");
    let (status, output, errors) = scan(folder.path(), &[]);
    assert_eq!(status, 1, "{errors}");
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines.len(), 2, "{output}");
    assert!(lines[0].starts_with("src/a.rs:2:4: critical github-classic-pat (GitHub): "));
    let column = 5 + one.len();
    assert!(lines[1].starts_with(&format!("src/a.rs:2:{column}: ")), "{output}");
    for secret in [&one, &two] {
        assert!(!output.contains(&secret[6..]) && !errors.contains(&secret[6..]), "{output}");
    }
    assert!(errors.contains("searching the current directory"), "{errors}");
    assert!(errors.contains("2 secrets in 1 of 2 texts"), "{errors}");
    let (status, output, errors) = scan(folder.path(), &["b.txt", "-q"]);
    assert_eq!((status, output.as_str(), errors.as_str()), (0, "", ""));
}

#[test]
fn objects_have_the_place_in_bytes_too() {
    let folder = tempfile::tempdir().unwrap();
    let (one, key) = (github(1), key());
    write(folder.path(), "a", format!("\u{e9}: {one}\n\n{key}\n"));
    let (status, output, _) = scan(folder.path(), &["--format", "json", "a"]);
    assert_eq!(status, 1);
    let found = objects(&output);
    assert_eq!(found.len(), 2, "{output}");
    assert_eq!((&found[0]["path"], &found[0]["rule"]), (&"a".into(), &"github-classic-pat".into()));
    for (name, want) in [("line", 1), ("column", 4), ("offset", 4), ("end_line", 1)] {
        assert_eq!(found[0][name], want, "{name}");
    }
    assert_eq!(found[0]["length"], one.len());
    for (name, want) in [("line", 3), ("column", 1), ("end_line", 28), ("length", key.len())] {
        assert_eq!(found[1][name], want, "{name}");
    }
    assert_eq!(found[1]["severity"], "critical");
    let (_, again, _) = scan(folder.path(), &["--format", "json", "a"]);
    assert_eq!(again, output);
    let (status, output, _) = scan(folder.path(), &["--format", "json", "--summary"]);
    let summary = &objects(&output)[0];
    assert_eq!((status, &summary["findings"], &summary["files"]), (1, &2.into(), &1.into()));
    assert_eq!(summary["rules"].as_array().unwrap().len(), 2);
}

#[test]
fn a_sarif_document_has_rules_places_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (github(1), github(2));
    write(folder.path(), "a b.txt", format!("x {one}\n"));
    write(folder.path(), "c", format!("{one}\n{one}\n{two}\n"));
    let sarif = |words: &[&str]| -> Value {
        let (_, output, _) = scan(folder.path(), &[&["--format", "sarif"], words].concat());
        assert!(!output.contains(&one[6..]), "{output}");
        serde_json::from_str(&output).unwrap()
    };
    let document = sarif(&[]);
    assert_eq!(document["version"], "2.1.0");
    let run = &document["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 4);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        assert_eq!(result["level"], "error");
    }
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.txt");
    let region = &place["region"];
    let places = ["startLine", "startColumn", "byteOffset"].map(|name| region[name].as_u64());
    assert_eq!(places, [Some(1), Some(3), Some(2)]);
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    // Fingerprints are the same in each run, and all different within one.
    let prints = |document: &Value| -> Vec<String> {
        let results = document["runs"][0]["results"].as_array().unwrap().clone();
        let name = "portcullis/v1";
        results.iter().map(|one| one["partialFingerprints"][name].to_string()).collect()
    };
    let plain = prints(&document);
    assert!((1..4).all(|n| !plain[..n].contains(&plain[n])), "{plain:?}");
    assert_eq!(prints(&sarif(&[])), plain);
    // Without a key the secret has no part in them; with one it has, and another key differs.
    write(folder.path(), "c", format!("{two}\n{one}\n{two}\n"));
    assert_eq!(prints(&sarif(&[])), plain);
    let keyed = |key: &str| {
        let mut command = command(folder.path(), &["--format", "sarif", "--key-env", "KEY", "c"]);
        let output = command.env("KEY", key).stdin(Stdio::null()).output().unwrap();
        prints(&serde_json::from_slice(&output.stdout).unwrap())
    };
    let (first, second) = (keyed("SECRET-1-of-the-fingerprints"), keyed("SECRET-2"));
    assert!(first.iter().all(|print| !second.contains(print) && !plain.contains(print)));
    let empty = sarif(&["--rules", "jwt"]);
    assert_eq!(empty["runs"][0]["results"].as_array().unwrap().len(), 0);
}

#[test]
fn the_order_is_that_of_the_paths() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..60 {
        let filler = "a line of text\n".repeat(if n % 7 == 0 { 4000 } else { 3 });
        write(folder.path(), &format!("d{}/f{n:02}", n % 5), format!("{filler}{}\n", github(n)));
    }
    let (_, one, _) = scan(folder.path(), &["--jobs", "1", "--format", "json"]);
    assert_eq!(one.lines().count(), 60);
    for jobs in ["2", "7", "64"] {
        let (_, many, _) = scan(folder.path(), &["--jobs", jobs, "--format", "json"]);
        assert_eq!(many, one, "{jobs}");
    }
    let found = objects(&one);
    assert!(found.is_sorted_by_key(|one| one["path"].as_str().unwrap().to_owned()));
    for jobs in ["0", "257", "many"] {
        assert_eq!(scan(folder.path(), &["--jobs", jobs]).0, 2, "{jobs}");
    }
}

#[test]
fn what_is_ignored_hidden_or_linked_is_left_out_until_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let (root, secret) = (folder.path(), github(1));
    write(root, ".git/config", &secret);
    write(root, ".gitignore", "build/\n");
    write(root, ".ignore", "*.log\n");
    for name in ["a", "build/b", "c.log", ".d"] {
        write(root, name, &secret);
    }
    std::os::unix::fs::symlink("a", root.join("link")).unwrap();
    std::os::unix::fs::symlink(".", root.join("loop")).unwrap();
    for (words, want) in [
        (&[][..], &["a"][..]),
        (&["--no-ignore"], &["a", "build/b", "c.log"]),
        (&["--hidden"], &[".d", "a"]),
        (&["--hidden", "--no-ignore"], &[".d", "a", "build/b", "c.log"]),
        // What is named itself is wanted.
        (&["c.log", ".d", "build", "link"], &[".d", "build/b", "c.log", "link"]),
        (&["a", "a", "."], &["a"]),
    ] {
        let (status, output, errors) = scan(root, words);
        assert_eq!((status, paths(&output)), (1, want.to_vec()), "{words:?}: {errors}");
    }
}

#[test]
fn what_is_no_text_is_left_out_until_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let secret = github(1);
    write(folder.path(), "binary", format!("\0ELF {secret}\n"));
    write(folder.path(), "late", format!("{}\0\n{secret}\n", "x".repeat(8 << 10)));
    write(
        folder.path(),
        "latin",
        [&b"caf\xe9 \xff\xfe "[..], secret.as_bytes(), b" \xe9"].concat(),
    );
    let (status, output, errors) = scan(folder.path(), &["."]);
    assert_eq!((status, paths(&output)), (1, vec!["late", "latin"]), "{errors}");
    assert!(errors.contains("1 no text"), "{errors}");
    assert!(output.contains("latin:1:"), "{output}");
    let (status, output, errors) = scan(folder.path(), &["binary"]);
    assert_eq!((status, output.as_str()), (0, ""));
    assert!(errors.contains("binary") && errors.contains("--binary searches it"), "{errors}");
    let (_, output, _) = scan(folder.path(), &["--binary", "."]);
    assert_eq!(paths(&output), ["binary", "late", "latin"]);
    // What is piped in is wanted, whatever it is.
    let input = format!("\0\0 {secret}\n");
    assert_eq!(feed(folder.path(), &[], input.as_bytes()).0, 1);
}

#[test]
fn standard_input_is_searched() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a", github(1));
    let input = format!("one\ntwo {}\n", github(2));
    for words in [&[][..], &["-"]] {
        let (status, output, errors) = feed(folder.path(), words, input.as_bytes());
        assert_eq!((status, paths(&output)), (1, vec!["-"]), "{words:?}: {errors}");
        assert!(output.starts_with("-:2:5: "), "{output}");
    }
    let (status, output, _) = feed(folder.path(), &["a", "-"], input.as_bytes());
    assert_eq!((status, paths(&output)), (1, vec!["-", "a"]));
    assert_eq!(feed(folder.path(), &[], b"nothing\n").0, 0);
    // Nothing piped in must not pass for a clean tree.
    assert_eq!(paths(&scan(folder.path(), &[]).1), ["a"]);
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_searched() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "clean", "nothing\n");
    let (status, output, errors) = scan(folder.path(), &["missing", "clean"]);
    assert_eq!((status, output.as_str()), (2, ""));
    assert!(errors.contains("missing: ") && errors.contains("1 not to be searched"), "{errors}");
    write(folder.path(), "found", github(1));
    let (status, output, errors) = scan(folder.path(), &["missing", "found"]);
    assert_eq!((status, paths(&output)), (1, vec!["found"]));
    assert!(errors.contains("missing: "), "{errors}");
    let (_, output, _) = scan(folder.path(), &["--format", "sarif", "missing"]);
    let document: Value = serde_json::from_str(&output).unwrap();
    let invocation = &document["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let note = &invocation["toolExecutionNotifications"][0]["message"]["text"];
    assert!(note.as_str().unwrap().contains("missing"), "{note}");
    let locked = folder.path().join("clean");
    std::fs::set_permissions(&locked, PermissionsExt::from_mode(0o000)).unwrap();
    if std::fs::File::open(&locked).is_ok() {
        eprintln!("a file without permissions was not tried: root can read it");
        return;
    }
    let (status, output, errors) = scan(folder.path(), &["."]);
    assert_eq!((status, paths(&output)), (1, vec!["found"]));
    assert!(errors.contains("clean: permission denied"), "{errors}");
}

#[test]
fn long_lines_are_searched_whole() {
    let folder = tempfile::tempdir().unwrap();
    let secret = github(1);
    // A window ends at every 4 MiB, less its context, and long lines go on behind it.
    let filler = r#"{"id":12345,"name":"a name","tags":["one","two"]},"#;
    let mut text = String::new();
    let mut want = Vec::new();
    for length in [100, 70 << 10, (4 << 20) - (64 << 10) - 20, (4 << 20) - 20, 9 << 20] {
        while text.len() + filler.len() < length {
            text += filler;
        }
        want.push(text.len() as u64 + 1);
        text += &format!("\"{secret}\",");
    }
    text += filler;
    write(folder.path(), "long.json", &text);
    let (status, output, _) = scan(folder.path(), &["--format", "json", "long.json"]);
    assert_eq!(status, 1);
    let found = objects(&output);
    let offsets: Vec<u64> = found.iter().map(|one| one["offset"].as_u64().unwrap()).collect();
    assert_eq!(offsets, want);
    assert!(
        found.iter().all(|one| one["column"].as_u64() == Some(one["offset"].as_u64().unwrap() + 1))
    );
    assert!(output.lines().all(|line| line.len() < 1000), "excerpts are short");
    let (status, output, _) = feed_bytes(folder.path(), &["--redact"], text.as_bytes());
    let want = text.replace(&secret, "[REDACTED:github-classic-pat]");
    assert!(status == 1 && output == want.as_bytes(), "the text is the same but for its secrets");
}

#[test]
fn a_secret_at_the_edge_of_a_window_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (secret, key) = (github(1), key());
    let edge = (4 << 20) - (64 << 10);
    for (n, shift) in [1700, 800, 60, 20, 1, 0].into_iter().enumerate() {
        for (m, secret) in [&secret, &key].into_iter().enumerate() {
            let lines = "a line of text \n".repeat((edge - shift) / 16);
            let before = format!("{lines}{}\n", "x".repeat((edge - shift) % 16));
            let behind = "some more of it\n".repeat(10_000);
            write(folder.path(), &format!("{n}{m}"), format!("{before}{secret}\n{behind}"));
        }
    }
    let (status, output, _) = scan(folder.path(), &["--format", "json"]);
    let found = objects(&output);
    assert_eq!((status, found.len()), (1, 12), "{output}");
    for one in found {
        let want = if one["rule"] == "private-key" { key.len() } else { secret.len() };
        assert_eq!(one["length"], want, "{one}");
    }
}

#[test]
fn a_file_that_is_too_long_is_named() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a", format!("{} {}", github(1), "x".repeat(1024)));
    let (status, output, errors) = scan(folder.path(), &["--max-bytes", "1K"]);
    assert_eq!((status, output.as_str()), (0, ""));
    assert!(errors.contains("a: left out") && errors.contains("1 too long"), "{errors}");
    assert_eq!(scan(folder.path(), &["--max-bytes", "2K"]).0, 1);
    for wrong in ["", "K", "1T", "-1", "99999999999G"] {
        assert_eq!(scan(folder.path(), &["--max-bytes", wrong]).0, 2, "{wrong}");
    }
}

#[test]
fn a_filter_passes_everything_but_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let (secret, key) = (github(1), key());
    let text = [
        b"\xff\xfe\0 bytes\r\n",
        format!("a {secret} b\n{key}\nend without a line feed").as_bytes(),
    ]
    .concat();
    let want = [
        &b"\xff\xfe\0 bytes\r\n"[..],
        b"a [REDACTED:github-classic-pat] b\n[REDACTED:private-key]\nend without a line feed",
    ]
    .concat();
    let (status, output, errors) = feed_bytes(folder.path(), &["--redact"], &text);
    assert_eq!((status, &output), (1, &want), "{errors}");
    assert!(errors.contains("2 secrets"), "{errors}");
    // What went through once passes unchanged.
    let (status, again, _) = feed_bytes(folder.path(), &["--redact", "-"], &output);
    assert_eq!((status, again), (0, want.clone()));
    write(folder.path(), "file", &text);
    let (status, output, _) = feed_bytes(folder.path(), &["--redact", "file"], b"");
    assert_eq!((status, output), (1, want));
    assert_eq!(feed_bytes(folder.path(), &["--redact", "missing"], b"").0, 2);
}

#[test]
fn a_filter_does_not_wait_for_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::start(command(folder.path(), &["--redact"]));
    session.send("first");
    assert_eq!(session.output.next().as_deref(), Some("first"));
    session.send(&format!("key {}", github(1)));
    assert_eq!(session.output.next().as_deref(), Some("key [REDACTED:github-classic-pat]"));
    // A key comes line by line, and none of it leaves.
    for line in key().lines() {
        session.send(line);
    }
    session.send("behind");
    session.close();
    let rest = session.output.rest();
    assert_eq!(rest.last().map(String::as_str), Some("behind"), "{rest:?}");
    assert!(rest.iter().all(|line| !line.contains("Zm9v")), "{rest:?}");
    assert_eq!(session.wait().0, 1);
}

#[test]
fn copies_are_made_where_nothing_is() {
    let folder = tempfile::tempdir().unwrap();
    let secret = github(1);
    write(folder.path(), "logs/a/one", format!("x {secret}\n"));
    write(folder.path(), "logs/two", "clean\n");
    write(folder.path(), "logs/binary", "\0");
    let out = folder.path().join("out");
    let words = ["--redact", "--output", "out", "logs", "--format", "json"];
    let (status, output, errors) = scan(folder.path(), &words);
    assert_eq!((status, objects(&output).len()), (1, 1), "{errors}");
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    assert_eq!(read("logs/a/one"), "x [REDACTED:github-classic-pat]\n");
    assert_eq!(read("logs/two"), "clean\n");
    assert!(!out.join("logs/binary").exists());
    std::fs::write(out.join("logs/two"), "mine\n").unwrap();
    std::fs::remove_file(folder.path().join("logs/a/one")).unwrap();
    let (status, _, errors) = scan(folder.path(), &words);
    assert_eq!(status, 2, "{errors}");
    assert!(errors.contains("choose an empty directory"), "{errors}");
    assert_eq!(read("logs/two"), "mine\n");
}

#[test]
fn files_are_changed_only_where_it_is_said_and_needed() {
    let folder = tempfile::tempdir().unwrap();
    let secret = github(1);
    let path = |name: &str| folder.path().join(name);
    let text = format!("x {secret}\n");
    for name in ["found", "clean", "twin"] {
        write(folder.path(), name, if name == "clean" { "clean\n" } else { &text });
    }
    std::fs::hard_link(path("twin"), path("twin2")).unwrap();
    std::os::unix::fs::symlink("found", path("link")).unwrap();
    std::fs::set_permissions(path("found"), PermissionsExt::from_mode(0o640)).unwrap();
    let before = path("clean").metadata().unwrap().modified().unwrap();
    for words in [&["--redact", "found", "clean"][..], &["--redact", "."]] {
        let (status, output, errors) = scan(folder.path(), words);
        assert_eq!((status, output.as_str()), (2, ""));
        assert!(errors.contains("--in-place") && errors.contains("--output"), "{errors}");
    }
    assert_eq!(std::fs::read_to_string(path("found")).unwrap(), text);
    let (status, _, errors) = scan(folder.path(), &["--redact", "--in-place", "link"]);
    assert!(status == 1 && errors.contains("no regular file"), "{errors}");
    let (status, _, errors) = scan(folder.path(), &["--redact", "--in-place", "."]);
    assert!(status == 1 && errors.contains("hard links"), "{errors}");
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    assert_eq!(read("found"), "x [REDACTED:github-classic-pat]\n");
    assert_eq!(path("found").metadata().unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!((read("twin"), read("clean")), (text, "clean\n".to_owned()));
    assert_eq!(path("clean").metadata().unwrap().modified().unwrap(), before);
    let names = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 5, "nothing is left beside the files");
}

#[test]
fn wrong_usage_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (words, hint) in [
        (&["--rules", "github-clasic-pat"][..], "is github-classic-pat meant?"),
        (&["--output", "x"], "--redact"),
        (&["--in-place"], "--redact"),
        (&["--redact", "--in-place", "--output", "x"], "cannot be used with"),
        (&["--redact", "--in-place", "-"], "standard input has no place"),
        (&["--redact", "--output", "../x", "."], "`..`"),
        (&["--redact", "--format", "json", "-"], "no place for findings"),
        (&["--format", "xml"], "[possible values: text, json, sarif]"),
        (&["--key-env", "NO_SUCH_VARIABLE"], "NO_SUCH_VARIABLE is not set"),
        (&["--config", "/nonexistent.yaml"], "/nonexistent.yaml"),
    ] {
        let (status, output, errors) = scan(folder.path(), words);
        assert_eq!((status, output.as_str()), (2, ""), "{words:?}: {errors}");
        assert!(errors.contains(hint), "{words:?}: {errors}");
    }
}

#[test]
fn the_configuration_says_what_is_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let config = |text: &str| {
        let path = folder.path().join("c.yaml");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    };
    let input = format!("hush-hush {}\n", github(1));
    let found = |words: &[&str]| {
        let words = [&["--config", "c.yaml", "--format", "json", "-"], words].concat();
        let (status, output, errors) = feed(folder.path(), &words, input.as_bytes());
        assert_eq!(status, i32::from(!output.is_empty()), "{errors}");
        let name = |one: &Value| one["rule"].as_str().unwrap().to_owned();
        objects(&output).iter().map(name).collect::<Vec<_>>()
    };
    config("bouncer: {patterns: [{name: mine, type: literal, pattern: hush-hush}]}");
    assert_eq!(found(&[]), ["mine", "github-classic-pat"]);
    assert_eq!(found(&["--rules", "mine"]), ["mine"]);
    assert_eq!(found(&["--rules", "jwt,github-classic-pat"]), ["github-classic-pat"]);
    config("bouncer: {enabled: false}");
    let (status, _, errors) = feed(folder.path(), &["--config", "c.yaml"], input.as_bytes());
    assert!(status == 2 && errors.contains("bouncer.enabled is false"), "{errors}");
}

#[test]
fn a_rule_of_a_group_that_is_off_is_there_for_who_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = RedactionConfig::default();
    config.groups.pii = Mode::On.into();
    let (rules, _) = Rules::compile(&config).unwrap();
    let id = rules.iter().find(|id| rules.info(*id).group == Group::Personal).unwrap();
    let text = rules.example(id, 5).unwrap();
    assert_eq!(feed(folder.path(), &["-"], text.as_bytes()).0, 0);
    let words = ["--rules", rules.info(id).name, "--format", "json", "-"];
    let (status, output, errors) = feed(folder.path(), &words, text.as_bytes());
    assert_eq!(status, 1, "{errors}");
    assert_eq!(objects(&output)[0]["rule"], rules.info(id).name);
}

#[test]
fn a_reader_that_leaves_or_a_full_disk_ends_the_search() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{}\n", github(1)).repeat(20_000);
    write(folder.path(), "a", &text);
    let mut session = Session::start(command(folder.path(), &["a"]));
    drop(std::mem::replace(&mut session.output, support::Lines::of(std::io::empty())));
    assert_eq!(session.wait().0, 1);
    for words in [&["a"][..], &["--redact", "a"]] {
        let mut shell = Command::new("sh");
        let line = "\"$0\" scan \"$@\" | head -n 1 > /dev/null";
        shell.args(["-c", line, support::PORTCULLIS]).args(words);
        let errors = shell.current_dir(folder.path()).output().unwrap().stderr;
        assert!(!String::from_utf8(errors).unwrap().contains("error"), "{words:?}");
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command(folder.path(), words).stdout(full).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(errors.contains("standard output could not be written"), "{errors}");
    }
}

#[test]
fn colours_are_for_terminals_or_whoever_forces_them() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a", github(1));
    let output = |name: &str, words: &[&str]| {
        let mut command = command(folder.path(), words);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env(name, "1");
        command.stdin(Stdio::null()).output().unwrap().stdout
    };
    assert!(!output("OTHER", &["a"]).contains(&0x1b), "a pipe is no terminal");
    assert!(!output("NO_COLOR", &["a"]).contains(&0x1b));
    assert!(output("CLICOLOR_FORCE", &["a"]).contains(&0x1b));
    assert!(!output("CLICOLOR_FORCE", &["a", "--format", "json"]).contains(&0x1b));
}
