//! What each fault says.

use super::read;

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
        "1:1: the top level has no such key; it takes: bouncer, redaction, socket, server, servers, serve, limits, requests, batch, refusals, log, audit, paths, tools, rights, approvals, auth, quotas, network, arguments, schema, security, cors, tls, mcps, compat",
    ),
    (
        "socket: {SECRET-1: x}",
        "1:10: socket: socket has no such key; it takes: auth_token, auth_tokens, perm, rate_limit, allow_uids",
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
        "1:51: bouncer.patterns[0]: bouncer.patterns[0] has no such key; it takes: name, type, pattern, replacement, action, to, linear",
    ),
    (
        "redaction: {groups: {pii: yes}}",
        "1:27: redaction.groups.pii: there is no such action; it is off, on, log, mask, redact, seal or block",
    ),
    (
        "redaction: {groups: {ppi: off}}",
        "1:22: redaction.groups.ppi: there is no such key; did you mean `pii`?",
    ),
    (
        "redaction:\n  rules:\n    jwt: {action: SECRET-1}",
        "3:19: redaction.rules.action: there is no such action; it is off, on, log, mask, redact, seal or block",
    ),
    (
        "redaction: {rules: {jwt: {acton: log}}}",
        "1:27: redaction.rules.acton: there is no such key; did you mean `action`?",
    ),
    (
        "redaction: {rules: {jwt: {action: seal, to: x}}}",
        "1:45: redaction.rules.to: has to be a list, and text stands here",
    ),
    (
        "redaction: {names: {add: [1]}}",
        "1:27: redaction.names.add[0]: has to be text, and a number stands here; put it in quotes",
    ),
    (
        "redaction: {sanitise: {tags: mask}}",
        "1:30: redaction.sanitise.tags: there is no such action; it is off, log, strip or block",
    ),
    (
        "bouncer: {patterns: [{name: a, pattern: SECRET-1, action: eat}]}",
        "1:59: bouncer.patterns[0].action: there is no such action; it is off, on, log, mask, redact, seal or block",
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
    ("tools: {deny: SECRET-1}", "1:15: tools.deny: has to be a list, and text stands here"),
    ("tools: {deni: [x]}", "1:9: tools.deni: there is no such key; did you mean `deny`?"),
    (
        "tools: {ask: [a, {SECRET-1: x}]}",
        "1:18: tools.ask[1]: has to be text, and a mapping stands here",
    ),
    (
        "rights: {default: {tools: SECRET-1}}",
        "1:27: rights.default.tools: there is no such word; it is allow or deny",
    ),
    (
        "rights: {rules: [{name: a, efect: deny}]}",
        "1:28: rights.rules[0].efect: there is no such key; did you mean `effect`?",
    ),
    (
        "approvals: {command: SECRET-1}",
        "1:22: approvals.command: has to be a list, and text stands here; write it as [PROGRAM, ARGUMENT, ...]",
    ),
    (
        "approvals: {command: [../SECRET-1]}",
        "1:23: approvals.command[0]: the path has a segment `..`, plain or encoded; write it without",
    ),
    (
        "approvals: {timeout_ms: 45001}",
        "1:25: approvals.timeout_ms: has to lie between 1 and 45000",
    ),
    (
        "socket: {auth_token: {{ .env.TOKEN }}}",
        "1:23: a value of this kind cannot stand here; quote it: \"{{ .env.NAME }}\"",
    ),
    (
        "{auth_token: ${NAME}}",
        "1:15: not YAML: while parsing a flow mapping, did not find expected ',' or '}'; quote it: \"${NAME}\"",
    ),
    (
        "socket:\n  {auth_token: ${NAME}, perm: 0600}",
        "2:17: not YAML: while parsing a flow mapping, did not find expected ',' or '}'; quote it: \"${NAME}\"",
    ),
    (
        "socket: {auth_token: ${NAME}}",
        "1:23: not YAML: while parsing a flow mapping, did not find expected ',' or '}'; quote it: \"${NAME}\"",
    ),
    (
        "socket: {auth_token: ${SECRET-1",
        "1:23: not YAML: while parsing a flow mapping, did not find expected ',' or '}'; quote it: \"${NAME}\"",
    ),
    (
        "a: [SECRET-1, `SECRET-2]",
        "1:15: not YAML: unexpected character; mend the line, or compare it with `portcullis config default`",
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

/// The whole line names the place, the key and the remedy, and nothing of the values.
pub fn check(faults: &[(&str, &str)]) {
    for (text, want) in faults {
        let faults = read(text).expect_err(text).to_string();
        assert_eq!(faults.strip_prefix("f.yaml:"), Some(*want), "{text}");
        assert!(!faults.contains("SECRET"), "{faults}");
    }
}

#[test]
fn each_fault_has_its_place_and_remedy_and_shows_no_value() {
    check(FAULTS);
}

#[test]
fn all_faults_of_a_file_are_told_in_its_order() {
    let faults =
        read("bouncer: {enabled: 3}\nsocket: {auth_token: \"\"}\nbatsh: {}\n").unwrap_err();
    let lines: Vec<u64> = faults.0.iter().map(|fault| fault.place.line).collect();
    assert_eq!(lines, [1, 2, 3]);
}

#[test]
fn what_is_wrong_in_every_line_is_told_five_times() {
    let told = |lines: usize| {
        let text: String = (1..=lines).map(|line| format!("SECRET-{line}: x\n")).collect();
        let faults = read(&text).unwrap_err().0;
        let lines = faults.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(lines[..5].iter().all(|line| line.contains("the top level has no such key")));
        (lines.len(), lines.last().unwrap().clone())
    };
    assert_eq!(told(5).0, 5);
    assert_eq!(told(6).0, 6);
    assert_eq!(told(7), (6, "f.yaml:6:1: and 2 more of this kind".to_owned()));
    assert_eq!(told(24), (6, "f.yaml:6:1: and 19 more of this kind".to_owned()));
    // The same in many items is of one kind, something else in between is told.
    let items = "1, ".repeat(20);
    let text = format!("batsh: {{}}\nbouncer: {{disable: [{items}], enabled: 3}}");
    let faults = read(&text).unwrap_err().0;
    assert_eq!(faults.len(), 8, "{faults:?}");
    assert_eq!(faults[6].to_string(), "f.yaml:2:36: and 15 more of this kind");
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
