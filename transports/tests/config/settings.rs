//! What loads takes effect.

use std::ffi::OsString;
use std::path::Path;

use portcullis_engine::{Effect, Ledger, Limits, PolicyConfig, UnreadableId};
use portcullis_transports::config::{
    self, ApprovalSettings, LogSettings, ServeSettings, SocketSettings,
};
use portcullis_transports::log::{Format, Level};

use super::support::{finish, portcullis};
use super::{loaded, read};

#[test]
fn the_printed_defaults_are_the_defaults() {
    let settings = loaded(config::DEFAULT);
    assert_eq!(settings.policy, PolicyConfig::default());
    assert_eq!(settings.limits, Limits::default());
    assert_eq!(settings.warnings, []);
    assert_eq!(settings.socket, SocketSettings::default());
    assert_eq!(settings.serve, ServeSettings::default());
    assert_eq!(settings.approvals, ApprovalSettings::default());
    assert_eq!(settings.log, LogSettings::default());
    assert_eq!((settings.servers.len(), settings.audit, settings.allow.len()), (0, None, 0));
    assert_eq!((settings.frame_bytes_max, settings.frame_ms_max), ([None; 2], None));
    let (status, output, _) = finish(portcullis("config").arg("default"));
    assert_eq!((status, output.as_str()), (0, config::DEFAULT));
}

#[test]
fn the_printed_ranges_are_the_ranges() {
    let (mut told, mut checked) = (String::new(), 0);
    for line in config::DEFAULT.lines().map(str::trim) {
        let Some((key, _)) = line.split_once(':').filter(|_| !line.starts_with('#')) else {
            let comment = line.strip_prefix('#').unwrap_or_default();
            told = if comment.is_empty() { String::new() } else { told + comment };
            continue;
        };
        let section = ["server", "serve", "limits"].into_iter().find(|section| {
            let text = format!("{section}: {{{key}: 4294967295}}");
            !read(&text).unwrap_err().to_string().contains("no such key")
        });
        if let Some(section) = section {
            let fault = read(&format!("{section}: {{{key}: 4294967295}}")).unwrap_err().to_string();
            let (_, range) = fault.split_once("has to lie between ").expect(&fault);
            let (low, high) = range.split_once(" and ").unwrap();
            let plain = format!("{low} to {high}");
            let said = told.contains(&plain) || told.contains("4KiB to 1GiB");
            assert!(said, "{key}: {plain} is not in: {told}");
            checked += 1;
        }
        told.clear();
    }
    assert_eq!(checked, 15);
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
    assert_eq!(
        settings.policy.auth.tokens[0].token.as_deref().map(String::as_str),
        Some("your-secret-token")
    );
    assert!(settings.holds_token);
    let settings = loaded("server:\n  max_batch_size: 7 # Default: 100, 0 = unlimited\n");
    assert_eq!(settings.limits.batch_window, 7);
    assert_eq!(loaded("server: {max_batch_size: 0}").limits.batch_window, 0);
    let settings = loaded("socket:\n  perm: 0700\n  rate_limit: 100\n");
    assert_eq!((settings.socket.perm, settings.socket.rate_limit), (0o700, Some(100)));
}

#[test]
fn the_documented_file_loads_and_takes_effect() {
    let settings = loaded(
        r#"
bouncer:
  enabled: true
  patterns:
    - {name: my-secret, type: regex, pattern: "MY_SECRET=[A-Za-z0-9]{32,}", replacement: "MY_SECRET=REDACTED"}
socket: {auth_token: "your-secret-token", perm: 0700, rate_limit: 100}   # 0700, "0700" and 0o700 are one; per second, burst ten times that
server: {max_batch_size: 100}
servers:                       # our own part
  - {name: files, command: [mcp-server-filesystem, /data], env: {pass: [PATH, HOME]}, socket: files.sock}
"#,
    );
    assert!(settings.policy.redaction.enabled);
    assert_eq!(settings.policy.redaction.patterns[0].name, "my-secret");
    assert_eq!(
        settings.policy.auth.tokens[0].token.as_deref().map(String::as_str),
        Some("your-secret-token")
    );
    assert_eq!((settings.socket.perm, settings.socket.rate_limit), (0o700, Some(100)));
    assert_eq!(settings.limits.batch_window, 100);
    let server = &settings.servers[0];
    assert_eq!(server.name, "files");
    assert_eq!(server.command, ["mcp-server-filesystem", "/data"]);
    assert_eq!(server.environment.pass, ["PATH", "HOME"]);
    assert_eq!(server.socket.path(), std::env::current_dir().unwrap().join("files.sock"));
    assert_eq!((server.place.line, server.place.column), (9, 5));
    // The token of the document is one that its own advice calls weak.
    let warned: Vec<String> = settings.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warned,
        [concat!(
            "f.yaml:6:22: socket.auth_token: the token is weak: it has under 32 characters; ",
            "make one with: portcullis token new"
        )]
    );
    assert_eq!(settings.idle_keys(), []);
}

#[test]
fn a_mode_is_written_in_octal_in_three_ways() {
    for (text, want) in [
        ("0700", 0o700),
        ("\"0700\"", 0o700),
        ("0o700", 0o700),
        ("\"0o600\"", 0o600),
        ("\"${PERM}\"", 0o600),
        ("0711", 0o711),
    ] {
        let settings = loaded(&format!("socket: {{perm: {text}}}"));
        assert_eq!((settings.socket.perm, settings.warnings), (want, vec![]), "{text}");
    }
    for (text, who) in [("0660", "its group"), ("0620", "its group"), ("0606", "everybody")] {
        let settings = loaded(&format!("socket: {{perm: {text}}}"));
        let warning = settings.warnings[0].to_string();
        assert!(warning.contains(&format!("lets {who}")), "{warning}");
        assert!(warning.starts_with("f.yaml:1:16: socket.perm: "), "{warning}");
    }
}

#[test]
fn tokens_are_judged_by_their_length_and_digests_are_not() {
    let warned = |token: String| loaded(&format!("socket: {{auth_token: {token}}}")).warnings.len();
    for (length, want) in [(16, 1), (17, 1), (31, 1), (32, 0), (33, 0)] {
        assert_eq!(warned("x".repeat(length)), want, "{length}");
        assert_eq!(warned("\u{e9}".repeat(length)), want, "{length} characters of two bytes");
    }
    read(&format!("socket: {{auth_token: {}}}", "x".repeat(15))).expect_err("15 characters");
    let digest = "ab".repeat(32);
    let settings = loaded(&format!("socket: {{auth_tokens: [{{sha256: {digest}}}]}}"));
    assert_eq!(settings.warnings, []);
}

#[test]
fn servers_take_effect() {
    let settings = loaded(
        r#"
servers:
  - name: one
    command: [./bin/server, "--token=${TOKEN}"]
    env:
      pass: [PATH, GIT_*]
      set: {LEVEL: "3", API_TOKEN: "${TOKEN}", DOLLAR: "$${TOKEN}"}
  - {name: 2.b-c_D, command: [/opt/server], socket: run/two.sock}
"#,
    );
    let here = std::env::current_dir().unwrap();
    let [one, two] = &settings.servers[..] else { panic!("two servers") };
    let command: Vec<OsString> =
        vec![here.join("bin/server").into(), "--token=SECRET-FROM-ENV-0123456789-ABCDEF".into()];
    assert_eq!(one.command, command);
    assert_eq!(one.environment.pass, ["PATH", "GIT_*"]);
    assert_eq!(one.environment.set["LEVEL"], "3");
    assert_eq!(one.environment.set["API_TOKEN"], "SECRET-FROM-ENV-0123456789-ABCDEF");
    assert_eq!(one.environment.set["DOLLAR"], "${TOKEN}");
    assert_eq!(one.socket.path(), here.join("one.sock"), "beside the file");
    assert_eq!(two.command, ["/opt/server"]);
    assert_eq!(two.socket.path(), here.join("run/two.sock"));
    assert!(!settings.holds_token, "its secrets stand elsewhere");
    assert!(!format!("{settings:?}").contains("SECRET"), "and are not shown");
    let set = "servers: [{name: a, command: [b], env: {set: {GITHUB_TOKEN: SECRET-1}}}]";
    assert!(loaded(set).holds_token);
}

#[test]
fn a_socket_is_by_default_where_the_user_has_such_things() {
    let text = "servers: [{name: a, command: [b]}]";
    for (runtime, want) in [
        (Some("/run/user/7"), Path::new("/run/user/7/portcullis/a.sock")),
        (Some("run"), Path::new("/etc/p/a.sock")),
        (Some("/run/../etc"), Path::new("/etc/p/a.sock")),
        (None, Path::new("/etc/p/a.sock")),
    ] {
        let environment =
            |name: &str| runtime.filter(|_| name == "XDG_RUNTIME_DIR").map(str::to_owned);
        let settings = config::read(text, Path::new("/etc/p/f.yaml"), &environment).unwrap();
        assert_eq!(settings.servers[0].socket.path(), want, "{runtime:?}");
    }
}

#[test]
fn files_are_named_below_the_directory_of_the_file_or_an_allowed_one() {
    let text = "audit: {file: logs/audit.jsonl}\nlog: {level: info, file: /var/log/p/q/log, \
        format: json}\npaths: {allow: [/var/log/p, /srv]}\n";
    let settings = config::read(text, Path::new("/etc/p/f.yaml"), &|_| None).unwrap();
    let (audit, log) = (settings.audit.as_ref().unwrap(), settings.log.file.as_ref().unwrap());
    assert_eq!(audit.path(), Path::new("/etc/p/logs/audit.jsonl"));
    assert_eq!(audit.base(), Path::new("/etc/p"));
    assert_eq!(log.path(), Path::new("/var/log/p/q/log"));
    assert_eq!(log.base(), Path::new("/var/log/p"));
    assert_eq!((settings.log.level, settings.log.format), (Some(Level::Info), Some(Format::Json)));
    let idle: Vec<String> = settings.idle_keys().iter().map(ToString::to_string).collect();
    assert_eq!(
        idle,
        ["/etc/p/f.yaml:3:29: paths.allow[1]: has no effect since no path leads there; remove it"]
    );
}

#[test]
fn serve_has_smaller_frames_unless_the_file_says_otherwise() {
    let limits = |text: &str| {
        let folder = super::folder();
        let loaded = config::load_file(&folder.file("f.yaml", text, 0o600)).unwrap();
        let serve = loaded.serve_limits();
        assert_eq!(
            loaded.worst_case_bytes(),
            loaded.worst_case().ledger
                + u64::from(loaded.settings.serve.clients_max)
                    * (loaded.worst_case().engine
                        + loaded.worst_case().session
                        + serve.memory_max() as u64)
        );
        (loaded.limits().frame_bytes_max, serve.frame_bytes_max, loaded.serve_limits().frame_ms_max)
    };
    const MIB: u32 = 1 << 20;
    assert_eq!(limits("{}"), ([16 * MIB; 2], [4 * MIB; 2], 30_000));
    assert_eq!(limits(config::DEFAULT), ([16 * MIB; 2], [4 * MIB; 2], 30_000));
    assert_eq!(
        limits("limits: {frame_bytes_max: 16MiB, frame_ms_max: 5}"),
        ([16 * MIB; 2], [16 * MIB; 2], 5)
    );
    assert_eq!(
        limits("limits: {frame_bytes_max: {client: 1MiB}}"),
        ([MIB, 16 * MIB], [MIB, 4 * MIB], 30_000)
    );
}

#[test]
fn the_worst_case_is_told_with_its_terms() {
    let folder = super::folder();
    let file = folder.file("f.yaml", "serve: {clients_max: 3}", 0o600);
    let loaded = config::load_file(&file).unwrap();
    let (status, output, errors) = finish(portcullis("config").arg("check").arg(&file));
    assert_eq!((status, errors.as_str()), (0, ""));
    let want = format!("{} bytes = 3 clients x (", loaded.worst_case_bytes());
    assert!(output.lines().any(|line| line.contains(&want)), "{output}");
}

#[test]
fn the_worst_case_counts_what_limits_and_schemas_keep() {
    let folder = super::folder();
    let worst_case = |text: &str| {
        let file = folder.file("f.yaml", text, 0o600);
        config::load_file(&file).unwrap().worst_case()
    };
    let usual = worst_case("{}");
    assert!(usual.ledger < 64 << 10, "{usual}");
    assert_eq!(worst_case(config::DEFAULT), usual);
    let tables = Ledger::new().memory_max() as u64;
    for text in [
        "quotas: {rates: [{name: a, count: 1}]}",
        "quotas: {bytes: [{name: a, count: 1}]}",
        "quotas: {concurrency: [{name: a, max: 1}]}",
        "quotas: {breaker: {enabled: true}}",
        "quotas: {sessions: {per_principal_max: 1}}",
        "quotas: {sessions: {per_address_max: 1}}",
        "auth: {lockout: {failures: 1}}",
    ] {
        let case = worst_case(text);
        assert_eq!(case.ledger, tables, "{text}");
        assert_eq!(case.bytes(), usual.bytes() - usual.ledger + tables, "one for all: {text}");
    }
    assert_eq!(worst_case("quotas: {timeouts: {a: 1}, sessions: {idle_ms: 9}}"), usual);
    if cfg!(feature = "schema") {
        let case = worst_case("schema: {validate: true}");
        assert_eq!(case.bytes(), usual.bytes() + case.clients * (2 << 20));
        assert!(case.to_string().ends_with(" ledger, and 16 compiled schemas for each client"));
    }
    assert!(usual.to_string().ends_with(" ledger"), "{usual}");
}

#[test]
fn keys_without_an_effect_are_told_with_their_places() {
    let check = |text: &str, want: &[&str]| {
        let idle = loaded(text).idle_keys();
        let told: Vec<String> = idle
            .iter()
            .map(|fault| format!("{}:{} {}", fault.place.line, fault.place.column, fault.key))
            .collect();
        assert_eq!(told, want, "{text}");
        for fault in &idle {
            assert!(fault.what.starts_with("has no effect ") && !fault.remedy.is_empty());
        }
    };
    check(config::DEFAULT, &[]);
    check("socket: {perm: 0600, rate_limit: 9}\nserve: {drain_ms: 30000}", &[]);
    let server = "servers: [{name: a, command: [b]}]\n";
    let idle = "socket: {allow_uids: [7], perm: 0660}\nserve: {clients_max: 9, drain_ms: 1}";
    check(
        idle,
        &[
            "1:10 socket.allow_uids",
            "1:27 socket.perm",
            "2:9 serve.clients_max",
            "2:25 serve.drain_ms",
        ],
    );
    check(&format!("{server}{idle}"), &[]);
    check(
        &format!("{server}socket: {{allow_uids: [7]}}\nserve: {{children_max: 300}}"),
        &["2:10 socket.allow_uids", "3:9 serve.children_max"],
    );
    check(
        "bouncer: {enabled: false, strict: true, disable: [aws-access-key], patterns: []}",
        &["1:27 bouncer.strict", "1:41 bouncer.disable"],
    );
    check(
        "approvals: {command: [a], timeout_ms: 1}",
        &["1:13 approvals.command", "1:27 approvals.timeout_ms"],
    );
    check("approvals: {command: [a], timeout_ms: 1}\ntools: {ask: [b]}", &[]);
    check(
        "network: {origins: {hosts: [a]}, cors: {enabled: false}, urls: {ports: [1]}}\n\
         auth: {loopback: true}",
        &["1:11 network.origins", "2:8 auth.loopback"],
    );
    check(
        "batch: {enabled: false}\nserver: {max_batch_size: 7}\nlimits: {batches_max: 7}",
        &["2:10 server.max_batch_size", "3:10 limits.batches_max"],
    );
}

#[test]
fn every_key_takes_effect() {
    let digest = "ab".repeat(32);
    let token = "x".repeat(32);
    let settings = loaded(&format!(
        r#"{{
  "bouncer": {{"enabled": false, "strict": true, "disable": ["aws-access-key"]}},
  "socket": {{"auth_tokens": [{{"name": "a", "token": "{token}"}}, {{"name": "b", "sha256": "{digest}"}}],
    "perm": "0600", "rate_limit": 0, "allow_uids": [0, 1000]}},
  "limits": {{"frame_bytes_max": {{"client": "1MiB", "server": 2097152}}, "frame_depth_max": 64,
    "id_bytes_max": 100, "members_max": 99, "requests_open_max": 98, "answers_owed_max": 97,
    "batches_max": 9, "frame_ms_max": 93, "listens_max": 95, "refused_in_a_row_max": 94}},
  "requests": {{"timeout_ms": 1000, "timeouts": {{"tools/call": 2000}}}},
  "batch": {{"enabled": false}},
  "refusals": {{"as_result": true, "unreadable_id": "absent"}},
  "serve": {{"clients_max": 1, "children_max": 65536, "drain_ms": 0}}
}}"#
    ));
    let policy = &settings.policy;
    assert!(!policy.redaction.enabled && policy.redaction.strict && !policy.batch.enabled);
    assert_eq!(policy.redaction.disable, ["aws-access-key"]);
    assert_eq!(policy.auth.tokens[0].token.as_deref().map(String::as_str), Some(token.as_str()));
    assert_eq!(policy.auth.tokens[1].sha256.as_deref(), Some(digest.as_str()));
    assert_eq!(policy.requests.timeout_ms, Some(1000));
    assert_eq!(policy.requests.timeouts["tools/call"], 2000);
    assert!(policy.refusals.as_result);
    assert_eq!(policy.refusals.unreadable_id, UnreadableId::Absent);
    let socket = SocketSettings { perm: 0o600, rate_limit: Some(0), allow_uids: vec![0, 1000] };
    assert_eq!(settings.socket, socket);
    let serve = ServeSettings { clients_max: 1, children_max: 65_536, drain_ms: 0 };
    assert_eq!(settings.serve, serve);
    assert_eq!(settings.frame_ms_max, Some(93));
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
        assert_eq!(
            token.token.as_deref().map(String::as_str),
            Some("SECRET-FROM-ENV-0123456789-ABCDEF")
        );
        assert!(!settings.holds_token, "the file holds none itself");
        assert!(!format!("{settings:?}").contains("SECRET"), "tokens are not shown");
    }
    // Part of a token in the file is a token in the file.
    let settings = loaded("socket: {auth_token: \"REST-OF-IT${TOKEN}\"}");
    assert!(settings.holds_token);
    let settings = loaded("server: {max_batch_size: \"${HUNDRED}\"}\nbatch: {enabled: \"${YES}\"}");
    assert_eq!(settings.limits.batch_window, 100);
}

#[test]
fn tools_rights_and_approvals_take_effect() {
    let settings = loaded(
        "tools: {deny: [rm], ask: [\"delete_*\"]}\n\
         rights: {default: {tools: deny}, rules: [{name: a, tools: [read], servers: [files]}]}\n\
         approvals: {command: [./ask.sh, -q], timeout_ms: 5000}\n\
         requests: {require_initialize: true}",
    );
    let policy = &settings.policy;
    assert_eq!(
        (&policy.tools.deny[..], &policy.tools.ask[..]),
        (&["rm".into()][..], &["delete_*".into()][..])
    );
    assert_eq!(policy.rights.default.tools, Effect::Deny);
    assert_eq!(policy.rights.rules[0].tools, ["read"]);
    assert!(policy.requests.require_initialize);
    let command = &settings.approvals.command;
    assert!(
        Path::new(&command[0]).is_absolute() && command[0].to_str().unwrap().ends_with("/ask.sh")
    );
    assert_eq!((command[1].to_str(), settings.approvals.timeout_ms), (Some("-q"), 5_000));
    assert!(settings.hook().is_some());
}

#[test]
fn what_the_engine_says_of_a_part_has_its_place() {
    let folder = super::folder();
    let text =
        "rights:\n  rules:\n    - {name: a, tools: [SECRET-1]}\n    - {name: a, tools: [b]}\n";
    let file = folder.file("rights.yaml", text, 0o600);
    let (status, _, errors) = finish(portcullis("config").arg("check").arg(&file));
    assert_eq!(status, 2);
    assert!(errors.contains("rights.yaml:4:8: rights.rules[1].name: "), "{errors}");
    assert!(!errors.contains("SECRET"), "{errors}");
}
