//! Commands that do no relaying: what they print, where, and their exit statuses.

mod support;

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::{PORTCULLIS, finish, portcullis, shown};

/// A command of several words.
fn command(words: &[&str]) -> Command {
    let mut command = portcullis(words[0]);
    command.args(&words[1..]);
    command
}

/// Runs a command to its end with this on standard input.
fn feed(words: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut process = command(words).spawn().unwrap();
    // A command that wants no input may be gone already.
    let _ = process.stdin.take().unwrap().write_all(input);
    let output = process.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (shown(output.status), text(output.stdout), text(output.stderr))
}

fn run(words: &[&str]) -> (i32, String, String) {
    finish(&mut command(words))
}

fn file(folder: &Path, name: &str, text: &str, mode: u32) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    path
}

/// Made here, so that no file holds anything of this shape.
fn secret() -> String {
    format!("{}{}", "AKIA", "QZ7XM2KD5RWT4VNB")
}

#[test]
fn tokens_are_random_and_stand_alone() {
    let (status, first, errors) = run(&["token", "new"]);
    assert_eq!((status, errors.as_str()), (0, ""));
    let digits = first.strip_suffix('\n').unwrap();
    assert_eq!(digits.len(), 64);
    assert!(digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{digits}");
    assert_ne!(run(&["token", "new"]).1, first);
    for (bytes, status, length) in [("15", 2, 0), ("16", 0, 33), ("1024", 0, 2049), ("1025", 2, 0)]
    {
        let (got, output, errors) = run(&["token", "new", "--bytes", bytes]);
        assert_eq!((got, output.len()), (status, length), "{bytes}: {errors}");
    }
}

#[test]
fn a_digest_is_that_of_the_token_from_wherever_it_comes() {
    // sha256sum says so of 32 times `a`.
    let token = "a".repeat(32);
    let digest = "3ba3f5f43b92602683c19aee62a20342b084dd5971ddd33808d81a328879a547\n";
    for end in ["", "\n", "\r\n"] {
        let (status, output, errors) = feed(&["token", "hash"], format!("{token}{end}").as_bytes());
        assert_eq!((status, output.as_str(), errors.as_str()), (0, digest, ""));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "token", &format!("{token}\n"), 0o600);
    let (_, output, errors) = run(&["token", "hash", "--token-file", path.to_str().unwrap()]);
    assert_eq!((output.as_str(), errors.as_str()), (digest, ""));
    let mut command = command(&["token", "hash", "--token-env", "MY_TOKEN"]);
    assert_eq!(finish(command.env("MY_TOKEN", &token)).1, digest);
}

#[test]
fn weak_tokens_are_told_apart() {
    for (count, status, word) in
        [(15, 1, "error"), (16, 0, "warning"), (31, 0, "warning"), (32, 0, "")]
    {
        let token = "SECRET-1".repeat(4)[..count].to_owned();
        let (got, output, errors) = feed(&["token", "hash"], token.as_bytes());
        assert_eq!(got, status, "{count}: {errors}");
        assert_eq!(output.len(), if status == 0 { 65 } else { 0 });
        assert!(errors.contains(word) && errors.is_empty() == word.is_empty(), "{count}: {errors}");
        assert!(!errors.contains("SECRET"), "{errors}");
    }
    let (_, _, errors) = feed(&["token", "hash", "--quiet"], &[b'x'; 20]);
    assert_eq!(errors, "", "a warning is not said quietly");
}

#[test]
fn what_holds_no_token_is_named_with_its_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |words: &[&str], hints: &[&str]| {
        let (status, output, errors) = feed(&[&["token", "hash"], words].concat(), b"");
        assert_eq!((status, output.as_str()), (2, ""), "{words:?}: {errors}");
        for hint in hints {
            assert!(errors.contains(hint), "{words:?}: {errors}");
        }
        assert!(!errors.contains("SECRET"), "{errors}");
    };
    refused(&[], &["standard input holds no token", "portcullis token new"]);
    refused(&["--token-env", "NO_SUCH"], &["the variable NO_SUCH is not set", "export it"]);
    let path = |name: &str, text: &str, mode| {
        file(folder.path(), name, text, mode).to_str().unwrap().to_owned()
    };
    let open = path("open", "SECRET-1\n", 0o644);
    refused(&["--token-file", &open], &[&open, "chmod 600"]);
    let writable = path("writable", "SECRET-1\n", 0o620);
    refused(&["--token-file", &writable], &[&writable, "chmod go-w"]);
    let lines = path("lines", "SECRET-1\nSECRET-2\n", 0o600);
    refused(&["--token-file", &lines], &[&lines, "more than one line"]);
    let empty = path("empty", "\n", 0o600);
    refused(&["--token-file", &empty], &[&empty, "no token"]);
    let large = path("large", &"S".repeat((64 << 10) + 1), 0o600);
    refused(&["--token-file", &large], &[&large, "64 KiB"]);
    refused(&["--token-file", "/nonexistent"], &["/nonexistent", "cannot be read"]);
    refused(&["--token-file", "/dev/null"], &["/dev/null", "not a regular file"]);
    refused(&["--token-file", "a/../b"], &["`..`"]);
    // An argument would be seen by others.
    assert_eq!(run(&["token", "hash", "SECRET-1"]).0, 2);
}

#[test]
fn a_text_is_tried_and_its_secrets_are_not_shown() {
    let (secret, find) = (secret(), "aws-access-key, bytes 4..24\n");
    let text = format!("key={secret} end");
    let clean = "key=[REDACTED:aws-access-key] end";
    let (status, output, errors) = run(&["patterns", "test", &text]);
    assert_eq!((status, output, errors.as_str()), (1, format!("{clean}\n"), find));
    for words in [&["patterns", "test"][..], &["patterns", "test", "-"]] {
        let (status, output, errors) = feed(words, text.as_bytes());
        assert_eq!((status, output.as_str(), errors.as_str()), (1, clean, find));
    }
    for words in ["nothing here", "--no-flag", "--"] {
        let (status, output, errors) = run(&["patterns", "test", "--", words]);
        assert_eq!((status, output, errors.as_str()), (0, format!("{words}\n"), ""));
    }
    assert_eq!(run(&["patterns", "test", "-----BEGIN"]).1, "-----BEGIN\n");
}

#[test]
fn a_text_is_tried_against_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let write =
        |text: &str| file(folder.path(), "c.yaml", text, 0o600).to_str().unwrap().to_owned();
    let path = write(
        "bouncer: {patterns: [{name: mine, type: literal, pattern: hush-hush, replacement: X}]}",
    );
    let test = |path: &str, text: &str| run(&["patterns", "test", "--config", path, text]);
    let (status, output, errors) = test(&path, "a hush-hush b");
    assert_eq!((status, output.as_str(), errors.as_str()), (1, "a X b\n", "mine, bytes 2..11\n"));
    let path = write("bouncer: {enabled: false}");
    let (status, output, errors) = test(&path, &secret());
    assert_eq!((status, output), (0, secret() + "\n"));
    assert!(errors.contains("bouncer.enabled is false"), "{errors}");
    assert_eq!(test("/nonexistent.yaml", "x").0, 2);
}

#[test]
fn what_is_tried_on_standard_input_is_bounded() {
    let text = vec![b'x'; 16 << 20];
    assert_eq!(feed(&["patterns", "test"], &text).0, 0);
    let (status, output, errors) = feed(&["patterns", "test"], &[&text[..], b"x"].concat());
    assert_eq!((status, output.as_str()), (2, ""));
    assert!(errors.contains("16 MiB"), "{errors}");
}

#[test]
fn patterns_go_by_two_names() {
    let folder = tempfile::tempdir().unwrap();
    let text = "bouncer: {patterns: [{name: bad, pattern: \"(a+)+\"}, {name: good, pattern: \"k[0-9]{8}\"}]}";
    let path = file(folder.path(), "c.yaml", text, 0o600);
    let path = path.to_str().unwrap();
    let list = run(&["patterns", "list", "--config", path]);
    assert_eq!(list, run(&["bouncer", "list-patterns", "--config", path]));
    assert!(list.1.lines().any(|line| line.starts_with("good ")), "{list:?}");
    let check = run(&["patterns", "check", path]);
    assert_eq!(check, run(&["bouncer", "validate-patterns", path]));
    assert_eq!(check.0, 1);
    assert!(check.1.ends_with(&format!("{path}: 2 patterns, 1 refused\n")), "{check:?}");
    assert!(list.2.contains("the pattern is skipped"), "{list:?}");
    assert!(check.1.contains("refused  bad: ") && check.1.contains("ok       good"), "{check:?}");
}

#[test]
fn completions_and_pages_are_made_for_everything_that_shows() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (status, output, errors) = run(&["completions", shell]);
        assert_eq!((status, errors.as_str()), (0, ""), "{shell}");
        assert!(output.contains("list-patterns") && output.contains("log-level"), "{shell}");
        assert!(!output.contains("demo-server") && !output.contains("__guard"), "{shell}");
    }
    assert_eq!(run(&["completions", "no-shell"]).0, 2);
    let (status, main, _) = run(&["man"]);
    assert_eq!(status, 0);
    assert!(main.contains(".TH portcullis 1"), "{main}");
    assert!(!main.contains("demo\\-server") && !main.contains("__guard"), "{main}");
    let words =
        ["demo", "run", "check", "patterns", "bouncer", "token", "config", "completions", "man"];
    for word in words {
        assert!(main.contains(&format!("portcullis\\-{word}(1)")), "{word}");
        let (status, page, _) = run(&["man", word]);
        assert_eq!(status, 0);
        assert!(page.contains(&format!(".TH portcullis-{word} 1")), "{page}");
    }
    let (_, page, _) = run(&["man", "token", "hash"]);
    assert!(page.contains("token\\-file") && page.contains("EXIT STATUS"), "{page}");
    for (words, want) in [
        (&["nothing"][..], "[possible values: demo, run,"),
        (&["list"], "portcullis has no command list; it has: demo"),
        (&["run", "list"], "has no commands of its own; leave list out"),
        (&["run", "--dir", "x"], "cannot be used with"),
        (&["--dir", "../x"], "`..`"),
    ] {
        let (status, output, errors) = run(&[&["man"][..], words].concat());
        assert_eq!((status, output.as_str()), (2, ""), "{words:?}");
        assert!(errors.contains(want), "{errors}");
    }
}

#[test]
fn all_pages_are_written_with_their_sections() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("share/man1");
    let write = |directory: &Path| run(&["man", "--dir", directory.to_str().unwrap()]);
    assert_eq!(write(&directory), (0, String::new(), String::new()));
    assert_eq!(write(&directory).0, 0, "again");
    let (_, main, _) = run(&["man"]);
    let mut pages = 0;
    for entry in std::fs::read_dir(&directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().strip_suffix(".1").unwrap();
        let page = std::fs::read_to_string(&path).unwrap();
        let words: Vec<&str> = match name {
            "portcullis" => vec!["man"],
            _ => {
                let listed = format!("{}(1)", name.replace('-', "\\-"));
                let groups = ["check", "patterns", "bouncer", "token", "config"];
                let own = |word: &&str| name.starts_with(&format!("portcullis-{word}-"));
                match groups.into_iter().find(own) {
                    Some(group) => vec!["man", group, &name["portcullis--".len() + group.len()..]],
                    None => {
                        assert!(main.contains(&listed), "{name}");
                        vec!["man", &name["portcullis-".len()..]]
                    }
                }
            }
        };
        // Each word is one that `man` takes.
        assert_eq!(run(&words).1, page, "{words:?}");
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "FILES"] {
            assert_eq!(page.matches(&format!(".SH {section}\n")).count(), 1, "{name} {section}");
        }
        assert_eq!(page.contains(".SH \"SEE ALSO\"\n"), name != "portcullis", "{page}");
        pages += 1;
    }
    assert_eq!(pages, 30);
    let serve = std::fs::read_to_string(directory.join("portcullis-serve.1")).unwrap();
    for section in ["\"EXIT STATUS\"", "SIGNALS", "EXAMPLES"] {
        assert!(serve.contains(&format!(".SH {section}\n")), "{serve}");
    }
    let in_file = directory.join("portcullis.1");
    let (status, _, errors) = write(&in_file);
    assert!(status == 1 && errors.contains("name a directory that you may write"), "{errors}");
}

#[test]
fn a_server_without_its_dashes_is_told_about_them() {
    let tip = "put `--` in front of the server's command";
    for words in [&["run", "npx", "foo"][..], &["-q", "run", "--stats", "npx"], &["run", "--foo"]] {
        let (status, _, errors) = run(words);
        assert_eq!(status, 2, "{words:?}");
        assert!(errors.contains(tip), "{errors}");
    }
    for words in [&["run", "--sats"][..], &["run", "--foo", "--", "npx"], &["config", "path", "x"]]
    {
        let (status, _, errors) = run(words);
        assert_eq!(status, 2, "{words:?}");
        assert!(!errors.contains(tip), "{errors}");
    }
}

#[test]
fn log_flags_stand_anywhere_and_are_checked() {
    for words in [
        &["--log-level", "info", "config", "default"][..],
        &["config", "--log-level", "debug", "default"],
        &["config", "default", "--log-format", "json", "--log-file", "/nonexistent/log"],
        &["-q", "config", "default"],
    ] {
        assert_eq!(run(words).0, 0, "{words:?}");
    }
    for words in [
        &["config", "default", "--log-level", "loud"][..],
        &["config", "default", "--log-format", "xml"],
        &["config", "default", "-q", "--log-level", "info"],
        &["-q", "config", "default", "--log-level", "info"],
        &["--log-level", "info", "config", "default", "-q"],
    ] {
        let (status, output, errors) = run(words);
        assert_eq!((status, output.as_str()), (2, ""), "{words:?}");
        assert!(errors.contains("--log-") && errors.contains("error"), "{errors}");
    }
}

#[test]
fn the_variable_for_the_level_is_checked() {
    let with = |value: &str| finish(command(&["config", "default"]).env("PORTCULLIS_LOG", value));
    for value in ["", "error", "warn", "info", "debug"] {
        assert_eq!(with(value).0, 0, "{value}");
    }
    for value in ["loud", "WARN", "1"] {
        let (status, output, errors) = with(value);
        assert_eq!((status, output.as_str()), (2, ""), "{value}");
        assert!(
            errors.contains("PORTCULLIS_LOG") && errors.contains("error, warn, info or debug"),
            "{errors}"
        );
    }
}

#[test]
fn colours_are_for_terminals_or_whoever_forces_them() {
    let errors = |name: &str, value: &str| {
        let mut command = command(&["patterns", "list", "--config", "/nonexistent.yaml"]);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        finish(command.env(name, value)).2
    };
    assert!(!errors("OTHER", "1").contains('\x1b'), "a pipe is no terminal");
    assert!(!errors("NO_COLOR", "1").contains('\x1b'));
    assert!(errors("CLICOLOR_FORCE", "1").contains("\x1b["));
}

#[test]
fn streams_that_are_closed_or_full_are_no_disaster() {
    let secret = secret();
    for words in [
        &["token", "new"][..],
        &["patterns", "test", &secret],
        &["patterns", "list"],
        &["completions", "bash"],
        &["man"],
        &["config", "default"],
        &["demo"],
    ] {
        let found = i32::from(words[1..].contains(&"test"));
        let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut to_full = command(words);
        to_full.stdin(Stdio::null()).stdout(full()).stderr(Stdio::piped());
        let output = to_full.spawn().unwrap().wait_with_output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{words:?}: {errors}");
        assert!(errors.contains("standard output could not be written"), "{words:?}: {errors}");
        let mut errors_full = command(words);
        errors_full.stdin(Stdio::null()).stdout(Stdio::null()).stderr(full());
        assert_eq!(shown(errors_full.status().unwrap()), found, "{words:?}");
        for close in [">&-", "2>&-", ">&- 2>&- <&-"] {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("exec \"$0\" \"$@\" {close}"), PORTCULLIS]).args(words);
            shell.env("XDG_CONFIG_HOME", "/nonexistent");
            assert_eq!(finish(&mut shell).0, found, "{words:?} {close}");
        }
    }
    // Without a configuration there is only something to say, and nobody to hear it.
    let mut path = command(&["config", "path"]);
    path.stderr(std::fs::File::options().write(true).open("/dev/full").unwrap());
    assert_eq!(shown(path.status().unwrap()), 1);
}
