//! The configuration: what loads, what it means, and what each fault says. No fault may show
//! anything of the file's values.

mod compat;
mod examples;
mod faults;
mod host_faults;
mod policy;
mod redaction;
mod seeds;
mod settings;
#[path = "../support/mod.rs"]
mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use portcullis_transports::config::{self, Settings};
use support::{finish, portcullis};

fn environment(name: &str) -> Option<String> {
    match name {
        "TOKEN" => Some("SECRET-FROM-ENV-0123456789-ABCDEF".into()),
        "SHORT" => Some("SECRET-SHORT".into()),
        "HUNDRED" => Some("100".into()),
        "YES" => Some("true".into()),
        "EMPTY" => Some(String::new()),
        "PERM" => Some("0600".into()),
        _ => None,
    }
}

fn read(text: &str) -> Result<Settings, config::Faults> {
    config::read(text, Path::new("f.yaml"), &environment)
}

fn loaded(text: &str) -> Settings {
    read(text).unwrap_or_else(|faults| panic!("{faults}\nin:\n{text}"))
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        path
    }
}

fn folder() -> Folder {
    Folder(tempfile::tempdir().unwrap())
}

#[test]
fn a_file_that_cannot_be_trusted_is_refused_with_what_mends_it() {
    let folder = folder();
    let check = |name: &str, text: &str, mode, want: Option<&str>| {
        let file = folder.file(name, text, mode);
        let (status, _, errors) = finish(portcullis("config").arg("check").arg(&file));
        assert_eq!(status, if want.is_some() { 2 } else { 0 }, "{name} {errors}");
        if let Some(want) = want {
            assert!(errors.contains(&format!("{want} {}", file.display())), "{errors}");
        }
    };
    let token = "socket: {auth_token: SECRET-0123456789-ABCDEFGHIJKLM}\n";
    let server = "servers: [{name: a, command: [b], env: {set: {API_KEY: SECRET-1}}}]\n";
    check("open.yaml", "{}", 0o644, None);
    check("private.yaml", token, 0o600, None);
    check("written.yaml", "{}", 0o666, Some("chmod go-w"));
    check("group.yaml", "{}", 0o664, Some("chmod go-w"));
    check("token.yaml", token, 0o644, Some("chmod 600"));
    check("group-token.yaml", token, 0o640, Some("chmod 600"));
    check("key.yaml", server, 0o644, Some("chmod 600"));
    check("own-key.yaml", server, 0o600, None);
    check("named-key.yaml", &server.replace("SECRET-1", "\"${HOME}\""), 0o644, None);
    check(
        "digest.yaml",
        &format!("socket: {{auth_tokens: [{{sha256: \"{}\"}}]}}", "0".repeat(64)),
        0o644,
        None,
    );
}

#[test]
fn a_directory_that_cannot_be_trusted_is_refused_with_what_mends_it() {
    let folder = folder();
    let file = folder.file("open/c.yaml", "{}", 0o600);
    let directory = file.parent().unwrap();
    let set = |mode| {
        std::fs::set_permissions(directory, PermissionsExt::from_mode(mode)).unwrap();
    };
    let check = |at: &Path, file: &str| {
        let mut command = portcullis("config");
        let (status, _, errors) = finish(command.current_dir(at).args(["check", file]));
        (status, errors)
    };
    let whole = file.to_str().unwrap();
    for mode in [0o700, 0o755, 0o1777, 0o1775, 0o500] {
        set(mode);
        assert_eq!(check(directory, whole), (0, String::new()), "{mode:o}");
        assert_eq!(check(directory, "c.yaml"), (0, String::new()), "{mode:o}");
    }
    let link = folder.0.path().join("link.yaml");
    std::os::unix::fs::symlink("open/c.yaml", &link).unwrap();
    for mode in [0o777, 0o770, 0o722] {
        set(mode);
        for (at, name, shown) in [
            (directory, whole, directory.to_str().unwrap()),
            (directory, "c.yaml", "."),
            (folder.0.path(), "open/c.yaml", "open"),
            (folder.0.path(), "link.yaml", directory.to_str().unwrap()),
        ] {
            let (status, errors) = check(at, name);
            assert_eq!(status, 2, "{mode:o} {name}");
            let want = format!(
                "{name}: others can write the directory; mend it with: chmod go-w {shown}\n"
            );
            assert!(errors.ends_with(&want), "{errors}");
        }
    }
}

#[test]
fn a_file_that_is_not_there_has_its_remedy() {
    let folder = folder();
    let file = folder.0.path().join("nope.yaml");
    for name in [file.clone(), folder.0.path().join("none/c.yaml")] {
        let (status, _, errors) = finish(portcullis("config").arg("check").arg(&name));
        let want = "there is no such file; `portcullis config default` prints one\n";
        assert_eq!(status, 2);
        assert!(errors.ends_with(&format!("{}: {want}", name.display())), "{errors}");
    }
    let (status, _, errors) =
        finish(portcullis("config").args(["check", "."]).current_dir(folder.0.path()));
    assert!(status == 2 && errors.ends_with(".: is not a regular file; name a file\n"), "{errors}");
}

#[test]
fn warnings_are_counted_and_may_be_faults() {
    let folder = folder();
    let bad = "bouncer: {patterns: [{name: bad, pattern: \"([a-z]+)+\"}]}\n";
    let one = folder.file("one.yaml", bad, 0o600);
    let two = folder.file("two.yaml", &format!("{bad}socket: {{perm: 0660}}"), 0o600);
    let good = folder.file("good.yaml", "{}", 0o600);
    let check = |words: &[&str], file: &Path| {
        finish(portcullis("config").arg("check").args(words).arg(file))
    };
    for (file, told) in [(&good, ""), (&one, ", 1 warning"), (&two, ", 2 warnings")] {
        let (status, output, _) = check(&[], file);
        let want = format!("{}: no faults{told}\n", file.display());
        assert!(status == 0 && output.starts_with(&want), "{output}");
        assert_eq!(check(&["--quiet"], file).1, output);
    }
    assert_eq!(check(&["--strict"], &good).0, 0);
    for words in [&["--strict"][..], &["--strict", "--quiet"]] {
        let (status, output, errors) = check(words, &two);
        assert_eq!((status, output.as_str()), (2, ""));
        assert_eq!(errors.matches("portcullis: error: ").count(), 2, "{errors}");
        assert!(errors.contains("two.yaml:1:22: bouncer.patterns: "), "{errors}");
    }
}

#[test]
fn the_file_that_run_would_read_is_checked() {
    let folder = folder();
    let file = folder.file("portcullis/config.yaml", "{}", 0o600);
    let mut command = portcullis("config");
    let (status, output, _) = finish(command.arg("check").env("XDG_CONFIG_HOME", folder.0.path()));
    assert_eq!(status, 0);
    assert!(output.starts_with(&format!("{}: no faults\n", file.display())), "{output}");
    let (status, output, _) = finish(portcullis("config").arg("check"));
    assert_eq!(status, 0);
    assert!(output.starts_with("no configuration file, so the defaults: no faults\n"), "{output}");
}

#[test]
fn paths_that_lead_upwards_are_refused() {
    for path in ["../c.yaml", "a/../c.yaml", "%2e%2e/c.yaml", "..%2Fc.yaml", "c.yaml%00"] {
        let (status, _, errors) = finish(portcullis("config").args(["check", path]));
        assert_eq!(status, 2);
        assert!(errors.contains("plain or encoded"), "{errors}");
    }
}

#[test]
fn the_file_is_looked_for_in_order_and_never_in_the_working_directory() {
    let folder = folder();
    let own = folder.file("xdg/portcullis/config.yaml", "{}", 0o600);
    let home = folder.file("home/.config/portcullis/config.yaml", "{}", 0o600);
    for name in ["config.yaml", "portcullis.yaml", ".portcullis.yaml", "portcullis/config.yaml"] {
        folder.file(name, "SECRET-1", 0o600);
    }
    let path = |settings: &[(&str, &str)]| {
        let mut command = portcullis("config");
        command.arg("path").current_dir(folder.0.path());
        command.env_remove("XDG_CONFIG_HOME").env_remove("HOME");
        command.envs(settings.iter().copied());
        let (status, output, _) = finish(&mut command);
        (status, output.trim_end().to_owned())
    };
    let (xdg, home_folder) = (folder.0.path().join("xdg"), folder.0.path().join("home"));
    let (xdg, home_folder) = (xdg.to_str().unwrap(), home_folder.to_str().unwrap());
    let shown = |path: &Path| (0, path.display().to_string());
    assert_eq!(path(&[]), (1, String::new()));
    assert_eq!(path(&[("HOME", home_folder)]), shown(&home));
    assert_eq!(path(&[("HOME", home_folder), ("XDG_CONFIG_HOME", xdg)]), shown(&own));
    assert_eq!(path(&[("XDG_CONFIG_HOME", "portcullis")]), (1, String::new()), "not absolute");
    assert_eq!(path(&[("XDG_CONFIG_HOME", xdg), ("PORTCULLIS_CONFIG", "/x")]), (0, "/x".into()));
}

#[test]
fn patterns_are_listed_and_checked() {
    let folder = folder();
    let (status, output, _) = finish(portcullis("patterns").arg("list"));
    assert!(status == 0 && output.lines().count() >= 48, "{output}");
    assert!(output.contains("aws-access-key"));
    let good = "bouncer: {patterns: [{name: mine, type: literal, pattern: SECRET-1}]}";
    let good = folder.file("good.yaml", good, 0o600);
    let (status, output, _) = finish(portcullis("patterns").arg("check").arg(&good));
    assert_eq!(status, 0);
    assert!(output.contains("1 patterns, 0 refused") && !output.contains("SECRET"), "{output}");
    let bad = "bouncer: {patterns: [{name: bad, pattern: \"([a-z]+)+\"}, {name: open, pattern: \"(SECRET\"}]}";
    let bad = folder.file("bad.yaml", bad, 0o600);
    let (status, output, _) = finish(portcullis("patterns").arg("check").arg(&bad));
    assert_eq!(status, 1);
    assert!(output.contains("2 patterns, 2 refused") && !output.contains("SECRET"), "{output}");
    // They are skipped with a warning that says where they stand, or an error if that is wanted.
    let (status, _, errors) = finish(portcullis("config").arg("check").arg(&bad));
    assert_eq!(status, 0);
    assert!(
        errors.contains("bad.yaml:1:22: bouncer.patterns") && !errors.contains("SECRET"),
        "{errors}"
    );
    let strict =
        std::fs::read_to_string(&bad).unwrap().replace("{patterns", "{strict: true, patterns");
    let strict = folder.file("strict.yaml", &strict, 0o600);
    let (status, _, errors) = finish(portcullis("config").arg("check").arg(&strict));
    assert_eq!(status, 2);
    assert!(
        errors.contains("strict.yaml:1:36: bouncer.patterns") && !errors.contains("SECRET"),
        "{errors}"
    );
    let unknown = folder.file("unknown.yaml", "bouncer: {disable: [nothing-such]}", 0o600);
    let (status, _, errors) = finish(portcullis("config").arg("check").arg(&unknown));
    assert_eq!(status, 2);
    assert!(errors.contains("unknown.yaml:1:21: bouncer.disable"), "{errors}");
}

#[test]
fn what_is_no_file_is_neither_waited_for_nor_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("portcullis");
    std::fs::create_dir(&home).unwrap();
    let config = home.join("config.yaml");
    let run = || {
        let mut command = std::process::Command::new(support::PORTCULLIS);
        command.args(["run", "--", "true"]).env("XDG_CONFIG_HOME", folder.path());
        support::finish(command.env_remove("PORTCULLIS_CONFIG"))
    };
    std::os::unix::fs::symlink(folder.path().join("nowhere"), &config).unwrap();
    let (status, _, said) = run();
    assert_eq!(status, 125, "{said}");
    assert!(said.contains("config.yaml: is a symbolic link that leads nowhere; "), "{said}");
    std::fs::remove_file(&config).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &config,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    let (status, _, said) = run();
    assert_eq!(status, 125, "{said}");
    assert!(said.contains("is not a regular file"), "{said}");
}
