//! The configuration: what loads, what it means, and what each fault says. No fault may show
//! anything of the file's values.

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use portcullis_engine::{Limits, PolicyConfig, UnreadableId};
use portcullis_transports::config::{self, Settings};
use support::{finish, portcullis};

fn environment(name: &str) -> Option<String> {
    match name {
        "TOKEN" => Some("SECRET-FROM-ENV".into()),
        "HUNDRED" => Some("100".into()),
        "YES" => Some("true".into()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn read(text: &str) -> Result<Settings, config::Faults> {
    config::read(text, Path::new("f.yaml"), &environment)
}

fn loaded(text: &str) -> Settings {
    read(text).unwrap_or_else(|faults| panic!("{faults}\nin:\n{text}"))
}

#[test]
fn the_printed_defaults_are_the_defaults() {
    let settings = loaded(config::DEFAULT);
    assert_eq!(settings.policy, PolicyConfig::default());
    assert_eq!(settings.limits, Limits::default());
    assert_eq!(settings.warnings, []);
    let (status, output, _) = finish(portcullis("config").arg("default"));
    assert_eq!((status, output.as_str()), (0, config::DEFAULT));
}

#[test]
fn the_documented_snippets_load_and_take_effect() {
    let settings = loaded(
        r#"
bouncer:
  enabled: true
  patterns:
    - name: "my-secret"
      type: "regex"
      pattern: "MY_SECRET=[A-Za-z0-9]{32,}"
      replacement: "MY_SECRET=REDACTED"
"#,
    );
    let pattern = &settings.policy.redaction.patterns[0];
    assert_eq!(pattern.name, "my-secret");
    assert_eq!(pattern.replacement.as_deref(), Some("MY_SECRET=REDACTED"));
    let settings = loaded("socket:\n  auth_token: \"your-secret-token\"\n");
    assert_eq!(settings.policy.auth.tokens[0].token.as_deref(), Some("your-secret-token"));
    assert!(settings.holds_token);
    let settings = loaded("server:\n  max_batch_size: 7 # Default: 100, 0 = unlimited\n");
    assert_eq!(settings.limits.batch_window, 7);
    assert_eq!(loaded("server: {max_batch_size: 0}").limits.batch_window, 0);
    for perm in ["0700", "\"0700\"", "0o700"] {
        let text = format!(
            "socket: {{auth_token: t, perm: {perm}, rate_limit: 100}}\nservers:\n  - {{name: files, \
             command: [mcp-server-filesystem, /data], env: {{pass: [PATH, HOME]}}, socket: f.sock}}\n"
        );
        let warned: Vec<String> =
            loaded(&text).warnings.into_iter().map(|warning| warning.key).collect();
        assert_eq!(warned, ["socket.perm", "socket.rate_limit", "servers"], "{perm}");
    }
}

#[test]
fn every_key_takes_effect() {
    let digest = "ab".repeat(32);
    let settings = loaded(&format!(
        r#"{{
  "bouncer": {{"enabled": false, "strict": true, "disable": ["aws-access-key"]}},
  "socket": {{"auth_tokens": [{{"name": "a", "token": "x"}}, {{"name": "b", "sha256": "{digest}"}}]}},
  "limits": {{"frame_bytes_max": {{"client": "1MiB", "server": 2097152}}, "frame_depth_max": 64,
    "id_bytes_max": 100, "members_max": 99, "requests_open_max": 98, "answers_owed_max": 97,
    "batches_max": 9, "listens_max": 95, "refused_in_a_row_max": 94}},
  "requests": {{"timeout_ms": 1000, "timeouts": {{"tools/call": 2000}}}},
  "batch": {{"enabled": false}},
  "refusals": {{"as_result": true, "unreadable_id": "absent"}}
}}"#
    ));
    let policy = &settings.policy;
    assert!(!policy.redaction.enabled && policy.redaction.strict && !policy.batch.enabled);
    assert_eq!(policy.redaction.disable, ["aws-access-key"]);
    assert_eq!(policy.auth.tokens[0].token.as_deref(), Some("x"));
    assert_eq!(policy.auth.tokens[1].sha256.as_deref(), Some(digest.as_str()));
    assert_eq!(policy.requests.timeout_ms, Some(1000));
    assert_eq!(policy.requests.timeouts["tools/call"], 2000);
    assert!(policy.refusals.as_result);
    assert_eq!(policy.refusals.unreadable_id, UnreadableId::Absent);
    let limits = settings.limits;
    assert_eq!(limits.frame_bytes_max, [1 << 20, 2 << 20]);
    assert_eq!((limits.frame_depth_max, limits.id_bytes_max, limits.members_max), (64, 100, 99));
    assert_eq!((limits.requests_open_max, limits.answers_owed_max), (98, 97));
    assert_eq!((limits.batches_max, limits.listens_max, limits.refused_in_a_row_max), (9, 95, 94));
    assert_eq!(
        loaded("refusals: {unreadable_id: null}").policy.refusals.unreadable_id,
        UnreadableId::Null
    );
    assert_eq!(loaded("limits: {frame_bytes_max: 4KiB}").limits.frame_bytes_max, [4096; 2]);
    for nothing in ["", "{}", "# only a comment\n", "---\n", "bouncer:\nsocket:\nlimits:\n"] {
        assert_eq!(loaded(nothing).policy, PolicyConfig::default(), "{nothing:?}");
    }
}

#[test]
fn values_come_from_the_environment() {
    for text in ["socket: {auth_token: \"${TOKEN}\"}", "socket:\n  auth_token: '{{ .env.TOKEN }}'"]
    {
        let settings = loaded(text);
        let token = &settings.policy.auth.tokens[0];
        assert_eq!(token.token.as_deref(), Some("SECRET-FROM-ENV"));
        assert!(!settings.holds_token, "the file holds none itself");
        assert!(!format!("{settings:?}").contains("SECRET"), "tokens are not shown");
    }
    // Part of a token in the file is a token in the file.
    let settings = loaded("socket: {auth_token: \"REST-OF-IT${TOKEN}\"}");
    assert!(settings.holds_token);
    let settings = loaded("server: {max_batch_size: \"${HUNDRED}\"}\nbatch: {enabled: \"${YES}\"}");
    assert_eq!(settings.limits.batch_window, 100);
}

/// Each text, and the whole line that `config check` prints about it, without the file's name.
const FAULTS: &[(&str, &str)] = &[
    ("bounser: {}", "1:1: bounser: there is no such key; did you mean `bouncer`?"),
    (
        "socket:\n  auth-token: SECRET-1",
        "2:3: socket.auth-token: there is no such key; did you mean `auth_token`?",
    ),
    (
        "limits: {frame_byte_max: 1}",
        "1:10: limits.frame_byte_max: there is no such key; did you mean `frame_bytes_max`?",
    ),
    (
        "SECRET-1: x",
        "1:1: the top level has no such key; it takes: bouncer, socket, server, servers, limits, requests, batch, refusals, tools, paths",
    ),
    (
        "socket: {SECRET-1: x}",
        "1:10: socket: socket has no such key; it takes: auth_token, auth_tokens, perm, rate_limit",
    ),
    ("batch: {}\nbatch: {}", "2:1: batch: the key stands here twice; remove one of them"),
    (
        "bouncer:\n  enabled: true\n  enabled: false",
        "3:3: bouncer.enabled: the key stands here twice; remove one of them",
    ),
    (
        "requests: {timeouts: {a: 1, a: 2}}",
        "1:29: requests.timeouts: a key stands here twice; remove one of them",
    ),
    ("SECRET-1", "1:1: has to be a mapping, and text stands here"),
    ("- SECRET-1", "1:1: has to be a mapping, and a list stands here"),
    ("bouncer: SECRET-1", "1:10: bouncer: has to be a mapping, and text stands here"),
    (
        "bouncer: {enabled: SECRET-1}",
        "1:20: bouncer.enabled: has to be true or false, and text stands here; write true or false, without quotes",
    ),
    (
        "bouncer: {enabled: yes}",
        "1:20: bouncer.enabled: has to be true or false, and text stands here; write true or false, without quotes",
    ),
    (
        "bouncer: {enabled: 1}",
        "1:20: bouncer.enabled: has to be true or false, and a number stands here",
    ),
    (
        "bouncer: {disable: SECRET-1}",
        "1:20: bouncer.disable: has to be a list, and text stands here",
    ),
    (
        "bouncer: {patterns: [{name: a}]}",
        "1:22: bouncer.patterns[0]: the key `pattern` is missing or empty; add it",
    ),
    (
        "bouncer: {patterns: [{name: a, pattern: SECRET-1, type: SECRET-2}]}",
        "1:57: bouncer.patterns[0].type: there is no such type; it is regex, literal or glob",
    ),
    (
        "bouncer: {patterns: [{name: a, pattern: SECRET-1, replace: x}]}",
        "1:51: bouncer.patterns[0]: bouncer.patterns[0] has no such key; it takes: name, type, pattern, replacement, linear",
    ),
    (
        "socket:\n  auth_token: \"\"",
        "2:15: socket.auth_token: an empty token would let everybody in; give it a value, or remove the key to switch authentication off",
    ),
    (
        "socket: {auth_token: \"${EMPTY}\"}",
        "1:22: socket.auth_token: an empty token would let everybody in; give it a value, or remove the key to switch authentication off",
    ),
    (
        "socket: {auth_token: \"${MY-TOKEN}\"}",
        "1:22: socket.auth_token: what looks like a variable is none; spell it ${NAME}, or $${ for the text ${ itself",
    ),
    (
        "socket: {auth_token: }",
        "1:20: socket.auth_token: has to be text, and nothing stands here; put it in quotes",
    ),
    (
        "socket: {auth_token: 90210}",
        "1:22: socket.auth_token: has to be text, and a number stands here; put it in quotes",
    ),
    (
        "socket: {auth_token: [SECRET-1]}",
        "1:22: socket.auth_token: has to be text, and a list stands here",
    ),
    (
        "socket:\n  auth_token: ${NOT_SET}",
        "2:15: socket.auth_token: the environment variable NOT_SET is not set, or not UTF-8; export NOT_SET, or write $${NOT_SET} for the text itself",
    ),
    (
        "socket: {auth_tokens: [{sha256: SECRET-1}]}",
        "1:33: socket.auth_tokens[0].sha256: is not 64 hexadecimal digits; printf %s \"$TOKEN\" | sha256sum",
    ),
    (
        "socket: {auth_tokens: [{name: a}]}",
        "1:24: socket.auth_tokens[0]: has to have exactly one of `token` and `sha256`; keep one of them",
    ),
    (
        "server: {max_batch_size: -1}",
        "1:26: server.max_batch_size: has to be a whole number, from 0 on",
    ),
    (
        "server: {max_batch_size: \"SECRET-1\"}",
        "1:26: server.max_batch_size: has to be a whole number, from 0 on",
    ),
    (
        "server: {max_batch_size: 1.5}",
        "1:26: server.max_batch_size: has to be a whole number, and a fraction stands here",
    ),
    (
        "limits: {frame_bytes_max: 1}",
        "1:27: limits.frame_bytes_max: has to lie between 4096 and 1073741824",
    ),
    (
        "limits: {frame_bytes_max: 2GiB}",
        "1:27: limits.frame_bytes_max: has to lie between 4096 and 1073741824",
    ),
    (
        "limits: {frame_bytes_max: SECRET-1}",
        "1:27: limits.frame_bytes_max: has to be a size such as 1048576 or 1MiB, from 0 on",
    ),
    (
        "limits: {frame_depth_max: 129}",
        "1:27: limits.frame_depth_max: has to lie between 8 and 128",
    ),
    (
        "requests: {timeout_ms: 0}",
        "1:24: requests.timeout_ms: is 0 milliseconds, so every request would fail; remove the key for no time-out",
    ),
    (
        "refusals: {unreadable_id: SECRET-1}",
        "1:27: refusals.unreadable_id: there is no such form; it is revision, null, absent or none",
    ),
    (
        "tools: {deny: [x]}",
        "1:1: tools: is not in force yet in this version, so nothing would keep it; remove it",
    ),
    (
        "socket: {auth_token: {{ .env.TOKEN }}}",
        "1:23: a value of this kind cannot stand here; put `{{ .env.NAME }}` in quotes",
    ),
    (
        "socket: {auth_token: \"SECRET-1",
        "1:22: not YAML: unclosed quote; mend the line, or compare it with `portcullis config default`",
    ),
    (
        "a: SECRET-1: b",
        "1:12: not YAML: mapping values are not allowed in this context; mend the line, or compare it with `portcullis config default`",
    ),
    (
        "a: *SECRET-1",
        "1:4: an alias names no anchor; mend the line, or compare it with `portcullis config default`",
    ),
    (
        "a: !SECRET-1 b",
        "1:14: a value of this kind cannot stand here; mend the line, or compare it with `portcullis config default`",
    ),
];

#[test]
fn each_fault_has_its_place_and_remedy_and_shows_no_value() {
    for (text, want) in FAULTS {
        let faults = read(text).expect_err(text).to_string();
        assert_eq!(faults.strip_prefix("f.yaml:"), Some(*want), "{text}");
        assert!(!faults.contains("SECRET"), "{faults}");
    }
}

#[test]
fn all_faults_of_a_file_are_told_in_its_order() {
    let faults =
        read("bouncer: {enabled: 3}\nsocket: {auth_token: \"\"}\nbatsh: {}\n").unwrap_err();
    let lines: Vec<u64> = faults.0.iter().map(|fault| fault.place.line).collect();
    assert_eq!(lines, [1, 2, 3]);
}

#[test]
fn bombs_are_refused() {
    let mut text = String::from("a: &a [x,x,x,x,x,x,x,x,x,x]\n");
    for (name, of) in ["b", "c", "d", "e", "f", "g", "h", "i"]
        .iter()
        .zip(["a", "b", "c", "d", "e", "f", "g", "h"])
    {
        let list = vec![format!("*{of}"); 10].join(",");
        text.push_str(&format!("{name}: &{name} [{list}]\n"));
    }
    read(&text).expect_err("ten to the ninth items");
    read(&"[".repeat(100_000)).expect_err("a hundred thousand levels");
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
    let token = "socket: {auth_token: SECRET-1}\n";
    check("open.yaml", "{}", 0o644, None);
    check("private.yaml", token, 0o600, None);
    check("written.yaml", "{}", 0o666, Some("chmod go-w"));
    check("group.yaml", "{}", 0o664, Some("chmod go-w"));
    check("token.yaml", token, 0o644, Some("chmod 600"));
    check("group-token.yaml", token, 0o640, Some("chmod 600"));
    check(
        "digest.yaml",
        &format!("socket: {{auth_tokens: [{{sha256: \"{}\"}}]}}", "0".repeat(64)),
        0o644,
        None,
    );
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
    assert!(said.contains("config.yaml: cannot be read"), "{said}");
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
