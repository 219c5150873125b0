//! The examples to copy: they load without a word, and what their comments promise is so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use portcullis_engine::{Mode, Policy, Sanitise, SealKey, UnreadableId};
use portcullis_transports::config::{self, Loaded, Settings};
use portcullis_transports::log::{Format, Level};

use super::folder;
use super::support::{finish, portcullis};

/// What the headers of the examples say to export. No real secret looks like this.
fn variables() -> BTreeMap<&'static str, String> {
    let token = |text: &str| format!("EXAMPLE-{text}-{}", "0".repeat(32));
    BTreeMap::from([
        ("PORTCULLIS_EDITOR_TOKEN", token("EDITOR")),
        ("PORTCULLIS_CI_TOKEN", token("CI")),
        ("GITHUB_TOKEN", token("GITHUB")),
        ("DATABASE_URI", token("DATABASE")),
        ("PORTCULLIS_TOKEN_SHA256", "ab".repeat(32)),
    ])
}

/// Checks an example as a user would, and returns what it says.
fn example(name: &str) -> (Settings, PathBuf) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/policies").join(name);
    let text = std::fs::read_to_string(source).unwrap();
    let folder = folder();
    let file = folder.file(name, &text, 0o600);
    let mut command = portcullis("config");
    command.arg("check").arg(&file).env_remove("XDG_RUNTIME_DIR").envs(variables());
    let (status, output, errors) = finish(&mut command);
    assert_eq!((status, errors.as_str()), (0, ""), "no faults and no warnings");
    assert!(output.contains("no faults"), "{output}");
    let settings = config::read(&text, &file, &|name| variables().get(name).cloned()).unwrap();
    assert_eq!(settings.warnings, []);
    assert_eq!(settings.idle_keys(), [], "every key has its effect");
    assert!(!settings.holds_token, "an example holds no secret");
    let mut settings = settings;
    settings.policy.redaction.seal_key = Some(SealKey::new([7; 32]));
    assert_eq!(Policy::compile(&settings.policy).unwrap().faults(), []);
    (settings, folder.0.path().to_owned())
}

fn loaded(settings: Settings) -> Loaded {
    let policy = Policy::compile(&settings.policy).unwrap().into();
    Loaded { file: None, settings, policy }
}

#[test]
fn desktop_changes_as_little_as_it_can() {
    let (settings, _) = example("desktop.yaml");
    let policy = &settings.policy;
    assert!(policy.redaction.enabled && !policy.redaction.strict);
    assert_eq!(policy.redaction.patterns[0].name, "acme-key");
    assert!(policy.auth.tokens.is_empty() && settings.servers.is_empty());
    assert!(policy.refusals.as_result);
    assert_eq!((policy.requests.timeout_ms, policy.requests.timeouts.len()), (None, 0));
    assert_eq!((settings.log.level, settings.log.format), (Some(Level::Warn), Some(Format::Text)));
    assert_eq!((settings.log.file, settings.audit), (None, None));
    assert_eq!(settings.limits, portcullis_engine::Limits::default(), "nothing is smaller");
}

#[test]
fn team_keeps_servers_and_tokens_apart_and_logs() {
    let (settings, folder) = example("team.yaml");
    let tokens = &settings.policy.auth.tokens;
    assert_eq!(tokens.iter().map(|token| &token.name).collect::<Vec<_>>(), ["editor", "ci"]);
    assert_ne!(tokens[0].token, tokens[1].token);
    assert_eq!((settings.socket.perm, settings.socket.rate_limit), (0o600, Some(200)));
    let sockets: Vec<PathBuf> =
        settings.servers.iter().map(|server| server.socket.path()).collect();
    let want = ["run/files.sock", "run/github.sock", "run/database.sock"];
    assert_eq!(sockets, want.map(|name| folder.join(name)));
    let set: Vec<Vec<&String>> =
        settings.servers.iter().map(|server| server.environment.set.keys().collect()).collect();
    assert_eq!(set, [vec![], vec!["GITHUB_PERSONAL_ACCESS_TOKEN"], vec!["DATABASE_URI"]]);
    assert_eq!(settings.servers[2].environment.pass, ["UV_*"]);
    assert_eq!((settings.serve.clients_max, settings.serve.children_max), (64, 64));
    assert_eq!(settings.serve.drain_ms, 30_000);
    assert!(settings.policy.redaction.enabled && settings.policy.redaction.strict);
    let redaction = &settings.policy.redaction;
    assert_eq!((redaction.groups.pii.mode, redaction.groups.secrets.mode), (Mode::Mask, Mode::On));
    assert_eq!(redaction.rules["private-key"].mode, Mode::Block);
    let sealed = &redaction.rules["url-password"];
    assert_eq!((sealed.mode, sealed.opens_for("db_x")), (Mode::Seal, true));
    assert!(!sealed.opens_for("post"));
    assert_eq!(settings.policy.sanitise.zero_width, Sanitise::Strip);
    assert_eq!(settings.policy.requests.timeouts["tools/call"], 300_000);
    assert!(settings.policy.refusals.as_result);
    assert_eq!((settings.log.level, settings.log.format), (Some(Level::Info), Some(Format::Json)));
    let log = settings.log.file.as_ref().map(|file| file.path());
    assert_eq!(log, Some(folder.join("logs/portcullis.log")));
    let audit = settings.audit.as_ref().map(|file| file.path());
    assert_eq!(audit, Some(folder.join("logs/audit.jsonl")));
}

#[test]
fn strict_is_small_and_silent_and_on_record() {
    let (settings, folder) = example("strict.yaml");
    let policy = &settings.policy;
    let token = &policy.auth.tokens[0];
    assert!(token.token.is_none() && token.sha256.is_some(), "only a digest");
    assert_eq!((settings.socket.perm, settings.socket.rate_limit), (0o600, Some(20)));
    assert_eq!(settings.servers[0].command[0], "/usr/local/bin/mcp-server");
    assert_eq!((settings.serve.clients_max, settings.serve.drain_ms), (4, 10_000));
    assert!(policy.redaction.enabled && policy.redaction.strict && !policy.batch.enabled);
    assert_eq!(policy.redaction.groups.pii.mode, Mode::Redact);
    assert_eq!(policy.redaction.rules["private-key"].mode, Mode::Block);
    assert_eq!(policy.sanitise.tags, Sanitise::Block);
    assert_eq!(policy.requests.timeout_ms, Some(30_000));
    assert_eq!(policy.requests.timeouts["tools/call"], 60_000);
    assert!(!policy.refusals.as_result);
    assert_eq!(policy.refusals.unreadable_id, UnreadableId::None);
    assert_eq!(settings.log.level, Some(Level::Warn));
    assert_eq!(settings.audit.as_ref().unwrap().path(), folder.join("logs/audit.jsonl"));
    let loaded = loaded(settings);
    assert_eq!(loaded.serve_limits().frame_ms_max, 10_000);
    let (strict, usual) = (loaded.serve_limits(), portcullis_engine::Limits::default());
    assert_eq!(strict.frame_bytes_max, [256 << 10, 1 << 20]);
    let numbers = |limits: &portcullis_engine::Limits| {
        [
            limits.frame_depth_max,
            limits.id_bytes_max,
            limits.members_max,
            limits.requests_open_max,
            limits.answers_owed_max,
            limits.listens_max,
            limits.refused_in_a_row_max,
        ]
    };
    for (strict, usual) in numbers(&strict).into_iter().zip(numbers(&usual)) {
        assert!(strict < usual, "{strict} < {usual}");
    }
}

#[test]
fn the_policy_of_the_readme_loads_and_is_one() {
    let readme =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md"));
    let readme = readme.expect("it lies there");
    let begin = readme.find("All of it is off until a configuration says it").expect("it is there");
    let block = readme[begin..].split("```").nth(1).expect("a block").trim_start_matches("yaml");
    let digest = |name: &str| match name {
        "ADA_SHA256" => Some("ab".repeat(32)),
        "CI_SHA256" => Some("cd".repeat(32)),
        _ => None,
    };
    let settings = config::read(block, Path::new("f.yaml"), &digest).expect("it has no fault");
    assert_eq!(settings.warnings, []);
    assert!(!settings.holds_token && settings.policy.arguments.len() == 2);
    Policy::compile(&settings.policy).expect("it is a policy");
}
