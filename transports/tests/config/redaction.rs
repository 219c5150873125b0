//! What becomes of what is found: it loads, takes effect, and says where it is wrong.

use portcullis_engine::{Action, Mode, Rules, Sanitise};

use super::support::{finish, portcullis};
use super::{folder, loaded, read};

const WHOLE: &str = r#"
bouncer:
  patterns:
    - {name: mine, type: literal, pattern: MY-SECRET, action: seal, to: ["db_*"]}
redaction:
  groups: {secrets: mask, pii: on, entropy: off}
  rules:
    jwt: block
    npm-token: {action: redact, replacement: "[NPM]"}
    github-classic-pat: {action: seal, to: [query, "db_*"]}
  allow:
    - {sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", rules: [jwt]}
    - {regex: "[a-z]{3}"}
    - {path: /params/arguments/token, rules: [jwt]}
    - path: /result/**/key
  names: {add: [geheimnis], remove: [password]}
  sanitise: {zero_width: strip, bidi: block, tags: log, ansi: strip}
"#;

#[test]
fn every_key_takes_effect() {
    let settings = loaded(WHOLE);
    let redaction = &settings.policy.redaction;
    let modes = [&redaction.groups.secrets, &redaction.groups.pii, &redaction.groups.entropy];
    assert_eq!(modes.map(|rule| rule.mode), [Mode::Mask, Mode::On, Mode::Off]);
    assert_eq!(redaction.rules["jwt"].mode, Mode::Block);
    assert_eq!(redaction.rules["npm-token"].replacement.as_deref(), Some("[NPM]"));
    assert_eq!(redaction.rules["github-classic-pat"].to, ["query", "db_*"]);
    assert_eq!((redaction.names.add[0].as_str(), redaction.names.remove.len()), ("geheimnis", 1));
    assert_eq!((redaction.patterns[0].action, redaction.patterns[0].to.len()), (Mode::Seal, 1));
    assert_eq!((redaction.allow.len(), redaction.allow[0].rules.len()), (4, 1));
    assert_eq!(redaction.allow[1].regex.as_deref(), Some("[a-z]{3}"));
    assert_eq!(redaction.allow[2].path.as_deref(), Some("/params/arguments/token"));
    assert_eq!((redaction.allow[2].rules.len(), redaction.allow[3].rules.len()), (1, 0));
    assert!(!settings.holds_token, "digests and patterns are no secrets");
    assert!(loaded("redaction: {allow: [{value: x}]}").holds_token, "a value may be one");
    let sanitise = settings.policy.sanitise;
    let kinds = [sanitise.zero_width, sanitise.bidi, sanitise.tags, sanitise.ansi];
    assert_eq!(kinds, [Sanitise::Strip, Sanitise::Block, Sanitise::Log, Sanitise::Strip]);
}

#[test]
fn a_file_that_seals_gets_a_key() {
    let folder = folder();
    let file = folder.file("config.yaml", WHOLE, 0o600);
    let loaded = portcullis_transports::config::load_file(&file).unwrap();
    let rules: &Rules = loaded.policy.rules();
    let action = |name: &str| {
        let id = rules.iter().find(|id| rules.info(*id).name == name).unwrap();
        rules.action(id)
    };
    assert_eq!((action("mine"), action("jwt")), (Action::Seal, Action::Block));
    assert_eq!((action("npm-token"), action("gitlab-pat")), (Action::Redact, Action::Mask));
    assert!(loaded.holds_token(), "sealed secrets are held");
    assert!(format!("{loaded:?}").contains("SealKey"), "the key itself is not shown");
}

/// Each text, and what `config check` says after the name of the file.
const FAULTS: &[(&str, &str)] = &[
    (
        "redaction: {rules: {github-clasic-pat: log}}",
        "1:40: redaction.rules: there is no rule of this name; did you mean `github-classic-pat`?",
    ),
    (
        "redaction:\n  rules: {something-else-altogether: log}",
        "2:38: redaction.rules: there is no rule of this name; `portcullis patterns list` names them",
    ),
    (
        "redaction: {rules: {jwt: {action: log, to: [a]}}}",
        "1:26: redaction.rules.jwt: `to` needs `action: seal`",
    ),
    (
        "redaction: {groups: {pii: {action: block, replacement: x}}}",
        "1:27: redaction.groups.pii: `replacement` needs `action: redact` or `action: seal`",
    ),
    (
        "redaction: {names: {add: [ab]}}",
        "1:27: redaction.names: this name can be neither added nor removed; a name to add has 3 to 32 letters and digits, and a name to remove is one of the built-in list",
    ),
    (
        "redaction:\n  allow:\n  - {sha256: abc}",
        "3:5: redaction.allow[0]: sha256 is not 64 hexadecimal digits (printf %s VALUE | sha256sum)",
    ),
    (
        "redaction:\n  allow:\n  - {path: /params/a}\n  - {path: params.b}",
        "4:5: redaction.allow[1]: a path begins with `/`, as in /params/arguments/content",
    ),
    (
        "redaction: {allow: [{path: \"/result/*.text\"}]}",
        "1:21: redaction.allow[0]: `*` and `**` stand for whole steps; write `*` for this one",
    ),
    (
        "redaction: {allow: [{path: /params/a, rules: [npm-tokn]}]}",
        "1:21: redaction.allow[0]: there is no rule named \"npm-tokn\"; \"npm-token\" is the nearest",
    ),
    (
        "bouncer: {disable: [npm-tokn]}",
        "1:21: bouncer.disable: there is no rule of this name; did you mean `npm-token`?",
    ),
];

#[test]
fn what_does_not_compile_is_told_with_its_place() {
    for (text, want) in FAULTS {
        assert!(read(text).is_ok(), "{text} is well formed");
        let folder = folder();
        let file = folder.file("config.yaml", text, 0o600);
        let (status, _, errors) = finish(portcullis("config").arg("check").arg(&file));
        assert_ne!(status, 0, "{text}");
        assert!(errors.contains(want), "{text}\n--- expected\n{want}\n--- came\n{errors}");
    }
}
