//! What each fault of the host's keys says: servers, sockets, places, logs.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use portcullis_transports::config;

use super::support::{finish, portcullis};
use super::{faults, read};

/// Each text, and the whole line that `config check` prints about it, without the file's name.
const FAULTS: &[(&str, &str)] = &[
    (
        "socket: {auth_token: SECRET-1}",
        "1:22: socket.auth_token: a token under 16 characters can be guessed; make one with: portcullis token new",
    ),
    (
        "socket: {auth_tokens: [{token: \"${SHORT}\"}]}",
        "1:32: socket.auth_tokens[0].token: a token under 16 characters can be guessed; make one with: portcullis token new",
    ),
    (
        "socket: {perm: 700}",
        "1:16: socket.perm: is no mode of a file, or not written in octal; write it in octal: 0600",
    ),
    (
        "socket: {perm: \"700\"}",
        "1:16: socket.perm: is no mode of a file, or not written in octal; write it in octal: 0600",
    ),
    (
        "socket: {perm: 04700}",
        "1:16: socket.perm: is no mode of a file, or not written in octal; write it in octal: 0600",
    ),
    (
        "socket: {perm: SECRET-1}",
        "1:16: socket.perm: is no mode of a file, or not written in octal; write it in octal: 0600",
    ),
    (
        "socket: {perm: [0600]}",
        "1:16: socket.perm: is no mode of a file, or not written in octal; write it in octal: 0600",
    ),
    (
        "socket: {perm: 0400}",
        "1:16: socket.perm: keeps the daemon's own user from reading or writing; write 0600, or more",
    ),
    ("socket: {rate_limit: 1000001}", "1:22: socket.rate_limit: has to lie between 0 and 1000000"),
    (
        "socket: {allow_uids: [SECRET-1]}",
        "1:23: socket.allow_uids[0]: has to be a whole number, from 0 on",
    ),
    (
        "socket: {allow_uids: [4294967295]}",
        "1:23: socket.allow_uids[0]: has to lie between 0 and 4294967294",
    ),
    ("serve: {clients_max: 0}", "1:22: serve.clients_max: has to lie between 1 and 65536"),
    ("serve: {children_max: 65537}", "1:23: serve.children_max: has to lie between 1 and 65536"),
    ("serve: {drain_ms: 3600001}", "1:19: serve.drain_ms: has to lie between 0 and 3600000"),
    (
        "limits: {frame_ms_max: 86400001}",
        "1:24: limits.frame_ms_max: has to lie between 0 and 86400000",
    ),
    (
        "log: {level: SECRET-1}",
        "1:14: log.level: there is no such level; it is error, warn, info or debug",
    ),
    ("log: {format: SECRET-1}", "1:15: log.format: there is no such format; it is text or json"),
    ("log: {levl: info}", "1:7: log.levl: there is no such key; did you mean `level`?"),
    ("servers: {name: SECRET-1}", "1:10: servers: has to be a list, and a mapping stands here"),
    ("servers: [{name: a}]", "1:11: servers[0]: the key `command` is missing or empty; add it"),
    (
        "servers: [{command: [SECRET-1]}]",
        "1:11: servers[0]: the key `name` is missing or empty; add it",
    ),
    (
        "servers: [{name: a, command: SECRET-1}]",
        "1:30: servers[0].command: has to be a list, and text stands here; write it as [PROGRAM, ARGUMENT, ...]",
    ),
    (
        "servers: [{name: a, command: []}]",
        "1:11: servers[0]: the key `command` is missing or empty; add it",
    ),
    (
        "servers: [{name: a, command: [\"\"]}]",
        "1:31: servers[0].command[0]: the program is empty; name one",
    ),
    (
        "servers: [{name: a, command: [b, 8080]}]",
        "1:34: servers[0].command[1]: has to be text, and a number stands here; put it in quotes",
    ),
    (
        "servers: [{name: a, command: [b, \"SECRET-1\\0\"]}]",
        "1:34: servers[0].command[1]: holds a NUL, which no command takes; remove it",
    ),
    (
        "servers: [{name: a, command: [../SECRET-1]}]",
        "1:31: servers[0].command[0]: the path has a segment `..`, plain or encoded; write it without",
    ),
    (
        "servers: [{name: a, command: [~/SECRET-1]}]",
        "1:31: servers[0].command[0]: `~` stands for nothing here; write ${HOME} instead",
    ),
    (
        "servers: [{name: a, command: [b, \"${NOT_SET}\"]}]",
        "1:34: servers[0].command[1]: the environment variable NOT_SET is not set, or not UTF-8; export NOT_SET, or write $${NOT_SET} for the text itself",
    ),
    (
        "servers: [{name: -SECRET-1, command: [b]}]",
        "1:18: servers[0].name: is no name of a server; take 1 to 64 letters, digits, dots, dashes and underscores, and none of `.` and `-` at the beginning",
    ),
    (
        "servers: [{name: a, command: [b]}, {name: a, command: [c], socket: c}]",
        "1:43: servers[1].name: another server has this name; give it another one",
    ),
    (
        "servers: [{name: a, command: [b], socket: s}, {name: c, command: [d], socket: ./s}]",
        "1:79: servers[1].socket: is the same file as servers[0].socket; give each a path of its own",
    ),
    (
        "servers: [{name: a, command: [b]}, {name: c, command: [d], socket: a.sock.status}]",
        "1:68: servers[1].socket: is the same file as the status of servers[0].socket; give each a path of its own",
    ),
    (
        "servers: [{name: a, command: [b], socket: s.status}, {name: c, command: [d], socket: s}]",
        "1:86: servers[1].socket: its .status is taken; give each a path of its own",
    ),
    (
        "servers: [{name: a, command: [b], env: {pass: [1A]}}]",
        "1:48: servers[0].env.pass[0]: is no name of a variable; take letters, digits and underscores, no digit first",
    ),
    (
        "servers: [{name: a, command: [b], env: {pass: [\"*\"]}}]",
        "1:48: servers[0].env.pass[0]: is no name of a variable; take letters, digits and underscores, no digit first",
    ),
    (
        "servers: [{name: a, command: [b], env: {pass: [PORTCULLIS_TOKEN]}}]",
        "1:48: servers[0].env.pass[0]: variables of PORTCULLIS_ are our own, and no server gets them; remove it",
    ),
    (
        "servers: [{name: a, command: [b], env: {set: {A=B: SECRET-1}}}]",
        "1:52: servers[0].env.set: is no name of a variable; take letters, digits and underscores, no digit first",
    ),
    (
        "servers: [{name: a, command: [b], env: {set: {A: \"SECRET-1\\0\"}}}]",
        "1:50: servers[0].env.set.A: holds a NUL, which no variable takes; remove it",
    ),
    ("audit: {file: \"\"}", "1:15: audit.file: the path names no file; write one"),
    ("audit: {file: SECRET-1/}", "1:15: audit.file: the path names no file; write one"),
    (
        "audit: {file: \"SECRET-1%00\"}",
        "1:15: audit.file: the path holds a NUL, plain or encoded; write it without",
    ),
    (
        "audit: {file: ../SECRET-1}",
        "1:15: audit.file: the path has a segment `..`, plain or encoded; write it without",
    ),
    (
        "log: {file: ..%252fSECRET-1}",
        "1:13: log.file: the path has a segment `..`, plain or encoded; write it without",
    ),
    (
        "audit: {file: a}\nlog: {file: a}",
        "2:13: log.file: is the same file as audit.file; give each a path of its own",
    ),
    (
        "audit: {file: f.yaml}",
        "1:15: audit.file: is the same file as the configuration itself; give each a path of its own",
    ),
    (
        "paths: {allow: [SECRET-1]}",
        "1:17: paths.allow[0]: has to be an absolute directory; begin it with /",
    ),
    (
        "paths: {allow: [/SECRET-1/%2e%2e/x]}",
        "1:17: paths.allow[0]: the path has a segment `..`, plain or encoded; write it without",
    ),
    (
        "paths: {allow: [\"/SECRET-1\\0\"]}",
        "1:17: paths.allow[0]: the path holds a NUL, plain or encoded; write it without",
    ),
];

#[test]
fn each_fault_has_its_place_and_remedy_and_shows_no_value() {
    faults::check(FAULTS);
}

#[test]
fn an_absolute_path_leads_to_an_allowed_directory_or_nowhere() {
    let allow = "paths: {allow: [/var/log/p]}\n";
    for path in ["/etc/passwd", "/var/log/pp/x", "/var/log", "/"] {
        let faults = read(&format!("{allow}audit: {{file: {path}}}")).unwrap_err().to_string();
        assert!(faults.starts_with("f.yaml:2:15: audit.file: the path leads out of "), "{faults}");
        assert!(faults.ends_with("or name its directory in paths.allow"), "{faults}");
    }
    for path in ["/var/log/p", "/var/log/p/"] {
        let faults = read(&format!("{allow}audit: {{file: {path}}}")).unwrap_err().to_string();
        assert!(faults.contains("names no file"), "{faults}");
    }
}

#[test]
fn a_socket_has_a_path_that_the_system_takes() {
    let server = |length: usize| {
        let name = "s".repeat(length - "/etc/p/".len());
        let text = format!("servers: [{{name: a, command: [b], socket: {name}}}]");
        config::read(&text, Path::new("/etc/p/f.yaml"), &|_| None)
    };
    assert_eq!(server(99).unwrap().servers.len(), 1);
    assert_eq!(server(100).unwrap().servers.len(), 1);
    assert_eq!(
        server(101).unwrap_err().to_string(),
        "/etc/p/f.yaml:1:43: servers[0].socket: the path has 101 bytes, and a socket takes 100; name a shorter one"
    );
}

#[test]
fn a_server_has_a_name_of_up_to_64_characters() {
    let name = "n".repeat(64);
    let one = format!("servers: [{{name: {name}, command: [b]}}]");
    assert_eq!(read(&one).unwrap().servers.len(), 1);
    read(&format!("servers: [{{name: {name}n, command: [b]}}]")).expect_err("65 characters");
}

#[test]
fn a_place_that_leads_out_is_told_before_the_start() {
    let folder = super::folder();
    let outside = tempfile::tempdir().unwrap();
    let check = |text: &str, want: &str| {
        let file = folder.file("f.yaml", text, 0o600);
        let faults = config::load_file(&file).unwrap_err().to_string();
        assert!(faults.starts_with(&format!("{}:1:", file.display())), "{faults}");
        assert!(faults.contains(want), "{faults}");
    };
    std::os::unix::fs::symlink(outside.path(), folder.0.path().join("out")).unwrap();
    check("audit: {file: out/audit}", ": audit.file: ");
    check("log: {file: out/new/log}", ": log.file: ");
    check("servers: [{name: a, command: [b], socket: out/s}]", ": servers[0].socket: ");
    let open = folder.0.path().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::set_permissions(&open, PermissionsExt::from_mode(0o777)).unwrap();
    check("audit: {file: open/audit}", "chmod go-w ");
    // The default place of a socket is judged like one that the file gives, and told at its server.
    let file = folder.file("f.yaml", "servers:\n  - {name: a, command: [b]}\n", 0o600);
    let mut command = portcullis("config");
    command.arg("check").arg(&file).env("XDG_RUNTIME_DIR", &open);
    let (status, _, errors) = finish(&mut command);
    assert_eq!(status, 2, "{errors}");
    let want = format!("{}:2:5: servers[0].socket: others can write", file.display());
    assert!(errors.contains(&want), "{errors}");
    let allowed =
        format!("audit: {{file: {0}/a}}\npaths: {{allow: [{0}]}}", outside.path().display());
    config::load_file(&folder.file("f.yaml", &allowed, 0o600)).expect("an allowed place");
    // What is missing is made when it is needed; loading makes nothing.
    config::load_file(&folder.file("f.yaml", "audit: {file: new/a/b}", 0o600)).expect("missing");
    assert!(!folder.0.path().join("new").exists());
}

#[test]
fn a_home_that_cannot_be_written_is_no_reason_not_to_load() {
    let folder = super::folder();
    let text = "audit: {file: logs/audit}\nservers: [{name: a, command: [b], socket: run/s}]\n";
    let file = folder.file("home/f.yaml", text, 0o400);
    let home = file.parent().unwrap();
    std::fs::set_permissions(home, PermissionsExt::from_mode(0o500)).unwrap();
    let loaded = config::load_file(&file);
    std::fs::set_permissions(home, PermissionsExt::from_mode(0o700)).unwrap();
    assert_eq!(loaded.unwrap().settings.servers.len(), 1);
}
