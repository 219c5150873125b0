//! Who may send, how often, and where to: what loads takes effect, and what does not names its key.

#[cfg(feature = "jwt")]
use portcullis_engine::identity::JwtAlgorithm;
use portcullis_engine::identity::Source;
use portcullis_engine::quota::{Every, Per, ResponseAction};
use portcullis_engine::{Decimal, Policy, PolicyConfig};
use portcullis_transports::config;

use super::faults::check;
use super::support::{finish, portcullis};
use super::{folder, loaded};

#[test]
fn every_key_of_the_engine_stands_in_the_printed_defaults() {
    let config = PolicyConfig::default();
    let keys = loaded(config::DEFAULT).keys;
    for (section, value) in [
        ("auth", serde_json::to_value(&config.auth).unwrap()),
        ("quotas", serde_json::to_value(&config.quotas).unwrap()),
        ("network", serde_json::to_value(&config.network).unwrap()),
        ("schema", serde_json::to_value(config.schema).unwrap()),
    ] {
        let mut waiting = vec![(section.to_owned(), value)];
        while let Some((path, value)) = waiting.pop() {
            assert!(keys.iter().any(|(known, _)| *known == path), "{path}");
            let members = value.as_object().into_iter().flatten();
            waiting.extend(members.map(|(name, value)| (format!("{path}.{name}"), value.clone())));
        }
    }
}

#[test]
fn tokens_of_auth_stand_beside_those_of_the_socket() {
    let settings = loaded(
        "socket: {auth_token: \"${TOKEN}\"}\n\
         auth:\n  tokens:\n\
         \x20   - {name: ci, token: \"${TOKEN}-2\", not_before: 2027-01-01T00:00:00Z,\n\
         \x20      expires: 2027-01-02T02:00:00+02:00, roles: [r], scopes: [s], servers: [\"f*\"]}\n\
         \x20 sources: [member]\n  loopback: true\n\
         \x20 lockout: {failures: 3, window_ms: 1000, ban_ms: 2000, success_clears: true}\n",
    );
    let auth = &settings.policy.auth;
    assert_eq!(auth.tokens.len(), 2);
    let ci = &auth.tokens[0];
    assert_eq!((ci.name.as_str(), ci.not_before_ms), ("ci", Some(1_798_761_600_000)));
    assert_eq!(ci.expires_ms, Some(1_798_761_600_000 + 86_400_000));
    assert_eq!((&ci.roles, &ci.scopes), (&vec!["r".to_owned()], &vec!["s".to_owned()]));
    assert_eq!(ci.servers, ["f*"]);
    assert_eq!((&auth.sources[..], auth.loopback), (&[Source::Member][..], true));
    let lockout = auth.lockout;
    assert_eq!((lockout.failures, lockout.window_ms, lockout.ban_ms), (3, 1_000, 2_000));
    assert!(lockout.success_clears && settings.holds_token, "`-2` stands in the file");
    Policy::compile(&settings.policy).expect("it is a policy");
    let attach = loaded("auth: {attach: \"${TOKEN}\"}");
    assert!(attach.policy.auth.attach.is_some() && !attach.holds_token);
    assert!(!format!("{attach:?}").contains("SECRET"), "and it is not shown");
}

#[test]
fn quotas_and_the_network_take_effect() {
    let settings = loaded(
        "quotas:\n\
         \x20 rates: [{name: a, per: principal, count: 5, every: hour, burst: 2, tools: [\"x*\"]}]\n\
         \x20 bytes: [{name: b, from: server, count: 1MiB, burst: 2 MiB, every: second}]\n\
         \x20 concurrency: [{name: c, per: server, max: 3}]\n\
         \x20 timeouts: {\"slow_*\": 9000}\n\
         \x20 breaker: {enabled: true, failures: 2}\n\
         \x20 sessions: {per_principal_max: 4, idle_ms: 60000}\n\
         \x20 responses: {bytes_max: 2KiB, action: truncate, tools: {r: {bytes_max: 1KiB}}}\n\
         \x20 open_report_ms: 0\n\
         network:\n\
         \x20 addresses: {deny: [{net: 192.0.2.0/24, until: 2027-01-01T00:00:00Z}]}\n\
         \x20 origins: {origins: [\"https://*.example.com\"], hosts: [localhost]}\n\
         \x20 urls: {schemes: [https], classes: [loopback], bytes_max: 1KiB}\n\
         \x20 paths: {roots: [/data], deny: []}\n",
    );
    let quotas = &settings.policy.quotas;
    let rate = &quotas.rates[0];
    assert_eq!((rate.per, rate.count, rate.every), (Per::Principal, 5, Every::Hour));
    assert_eq!((quotas.bytes[0].count, quotas.concurrency[0].max), (1 << 20, 3));
    assert_eq!(quotas.bytes[0].burst, 2 << 20);
    assert_eq!((quotas.timeouts["slow_*"], quotas.breaker.failures), (9_000, 2));
    assert_eq!((quotas.sessions.idle_ms, quotas.open_report_ms), (60_000, 0));
    assert_eq!(quotas.responses.action, ResponseAction::Truncate);
    assert_eq!(quotas.responses.tools["r"].bytes_max, 1 << 10);
    let policy = Policy::compile(&settings.policy).expect("it is a policy");
    let network = policy.network();
    let listed = "192.0.2.9".parse().unwrap();
    assert!(network.addresses().check(listed, 0).is_err());
    assert!(network.addresses().check(listed, 1_798_761_600_000).is_ok(), "it has expired");
    assert!(network.origins().check_origin(Some("https://a.example.com")).is_ok());
    assert!(network.origins().check_origin(Some("https://evilexample.com")).is_err());
    assert!(network.urls().check("https://127.0.0.1/").is_ok());
    assert!(network.urls().check("http://example.com/").is_err());
    assert!(network.paths().check("/data/a").is_ok() && network.paths().check("/b").is_err());
}

#[test]
fn faults_of_the_new_sections_have_places_and_show_no_value() {
    let lines = [
        ("qotas: {}", "1:1: qotas: there is no such key; did you mean `quotas`?"),
        ("netwrk: {}", "1:1: netwrk: there is no such key; did you mean `network`?"),
        ("quotas: {rate: []}", "1:10: quotas.rate: there is no such key; did you mean `rates`?"),
        (
            "quotas: {rates: [{name: SECRET-1, evry: day}]}",
            "1:35: quotas.rates[0].evry: there is no such key; did you mean `every`?",
        ),
        (
            "quotas: {rates: [{every: SECRET-1}]}",
            "1:26: quotas.rates[0].every: there is no such word; it is second, minute, hour or day",
        ),
        (
            "quotas: {rates: [{count: 5000000000}]}",
            "1:26: quotas.rates[0].count: has to lie between 0 and 4294967295",
        ),
        (
            "quotas: {responses: {tools: {x: 5}}}",
            "1:33: quotas.responses.tools.x: has to be a mapping, and a number stands here",
        ),
        (
            "network: {urls: {schemas: []}}",
            "1:18: network.urls.schemas: there is no such key; did you mean `schemes`?",
        ),
        (
            "network: {addresses: {allow: [{net: SECRET-1, until: SECRET-2}]}}",
            "1:54: network.addresses.allow[0].until: is no time with a date and an offset; write it as 2027-01-31T12:00:00Z",
        ),
        ("auth: {tokns: []}", "1:8: auth.tokns: there is no such key; did you mean `tokens`?"),
        (
            "auth: {tokens: [{token: SECRET-1}]}",
            "1:18: auth.tokens[0].token: a token under 16 characters can be guessed; make one with: portcullis token new",
        ),
        (
            "auth: {tokens: [{token: \"\"}]}",
            "1:18: auth.tokens[0].token: an empty token would let everybody in; give it a value, or remove the key to switch authentication off",
        ),
        (
            "auth: {tokens: [{name: a}]}",
            "1:17: auth.tokens[0]: has to have exactly one of `token` and `sha256`; keep one of them",
        ),
        (
            "auth: {tokens: [{sha256: SECRET-1}]}",
            "1:18: auth.tokens[0].sha256: is not 64 hexadecimal digits; printf %s \"$TOKEN\" | sha256sum",
        ),
        (
            "auth: {jwt: {keys: [{secret_file: ../SECRET-1}]}}",
            "1:35: auth.jwt.keys[0].secret_file: the path has a segment `..`, plain or encoded; write it without",
        ),
        (
            "auth: {jwt: {keys: [{pem: a, pem_file: b}]}}",
            "1:30: auth.jwt.keys[0].pem_file: there is no such key; did you mean `pem`?",
        ),
    ];
    let (both, others) = lines.split_last().unwrap();
    check(others);
    let both = super::read(both.0).unwrap_err().to_string();
    assert!(both.starts_with("f.yaml:1:30: auth.jwt.keys[0]"), "{both}");
}

#[test]
fn what_the_engine_refuses_is_told_at_the_key_of_the_file() {
    let folder = folder();
    for (text, want) in [
        ("quotas:\n  rates:\n  - {name: a, count: 0}\n", "3:15: quotas.rates[0].count: "),
        ("quotas: {rates: [{name: a, count: 1}, {name: a, count: 1}]}", "quotas.rates[1].name: "),
        (
            "network: {addresses: {allow: [{net: SECRET-1}]}}",
            "1:32: network.addresses.allow[0].net: ",
        ),
        (
            "network: {cors: {allow_credentials: true, allowed_origins: [\"*\"]}}",
            "1:61: network.cors.allowed_origins[0]: ",
        ),
        ("security: {ip_whitelist: [10.0.0.0/8, SECRET-1]}", "1:39: security.ip_whitelist[1]: "),
        ("arguments: [{name: a, at: /x, regex: \"(SECRET\"}]", "1:31: arguments[0].regex: "),
        (
            "auth:\n  tokens:\n  - {sha256: \"SAME\", not_before: 2027-01-02T00:00:00Z,\n     expires: 2027-01-01T00:00:00Z}",
            "4:6: auth.tokens[0].expires: ",
        ),
        ("cors: {enabled: true, allowed_origins: [SECRET-1]}", "1:41: cors.allowed_origins[0]: "),
        (
            "auth: {tokens: [{sha256: \"SAME\"}]}\nsocket: {auth_tokens: [{sha256: \"SAME\"}]}",
            "2:24: socket.auth_tokens[0]: ",
        ),
    ] {
        let text = text.replace("SAME", &"ab".repeat(32));
        let file = folder.file("policy.yaml", &text, 0o600);
        let (status, _, errors) = finish(portcullis("config").arg("check").arg(&file));
        assert_eq!(status, 2, "{text}\n{errors}");
        assert!(errors.contains(want), "{text}\n{errors}");
        assert!(!errors.contains("SECRET"), "{errors}");
    }
}

#[test]
#[cfg(feature = "jwt")]
fn keys_of_an_issuer_may_stand_in_files() {
    let folder = folder();
    let text = "auth: {jwt: {algorithms: [HS256], issuer: i, audience: [a],\n\
                \x20 keys: [{algorithm: HS256, secret_file: keys/jwt.secret}]}}\n";
    let file = folder.file("jwt.yaml", text, 0o644);
    let errors = || config::load_file(&file).expect_err("it cannot be used").to_string();
    assert!(errors().contains("jwt.yaml:2:29: auth.jwt.keys[0].secret_file: "), "{}", errors());
    folder.file("keys/jwt.secret", "SECRET-0123456789-0123456789-0123456789\n", 0o644);
    assert!(errors().contains("others can read it"), "{}", errors());
    folder.file("keys/jwt.secret", "SECRET-SHORT\n", 0o600);
    assert!(errors().contains("too short") && !errors().contains("SECRET"), "{}", errors());
    folder.file("keys/jwt.secret", "SECRET-0123456789-0123456789-0123456789\n", 0o600);
    let loaded = config::load_file(&file).expect("it can be used");
    let jwt = loaded.settings.policy.auth.jwt.as_ref().unwrap();
    assert_eq!(jwt.algorithms, [JwtAlgorithm::Hs256]);
    let secret = jwt.keys[0].secret.as_deref().map(String::as_str);
    assert_eq!(secret, Some("SECRET-0123456789-0123456789-0123456789"));
    assert!(loaded.demands_token() && loaded.holds_token());
    assert!(loaded.settings.warnings[0].what.contains("no transport of this version"));
    std::os::unix::fs::symlink("/etc/passwd", folder.0.path().join("keys/link")).unwrap();
    std::fs::write(&file, text.replace("jwt.secret", "link")).unwrap();
    assert!(errors().contains("the file cannot be read"), "{}", errors());
}

#[test]
fn rules_of_arguments_take_effect() {
    let settings = loaded(
        "arguments:\n\
         - {name: files, tools: [\"read_*\"], at: /path, path: {roots: [/data]}, resolve: true}\n\
         - {name: urls, at: /url, url: {schemes: [https]}, servers: [web]}\n\
         - {name: sane, at: /limit, range: {min: -5, max: \"99.5\"}, kind: number}\n\
         - {name: known, at: \"\", members: [path, url, limit]}\n\
         - {name: few, at: /ids, length: {max: 3}, one_of: [a, b], no_leading_dash: true}\n",
    );
    let rules = &settings.policy.arguments;
    assert_eq!(rules.len(), 5);
    assert!(rules[0].resolve && rules[0].path.as_ref().unwrap().roots == ["/data"]);
    assert_eq!(rules[1].url.as_ref().unwrap().schemes, ["https"]);
    let range = rules[2].range.clone().unwrap();
    assert_eq!((range.min, range.max), (Decimal::parse("-5"), Decimal::parse("99.5")));
    assert_eq!(rules[3].members.as_ref().unwrap().len(), 3);
    Policy::compile(&settings.policy).expect("it is a policy");
    assert!(loaded("schema: {validate: true, unknown: refuse}").policy.schema.validate);
    check(&[
        (
            "arguments: [{name: SECRET-1, atp: /x}]",
            "1:30: arguments[0].atp: there is no such key; did you mean `at`?",
        ),
        (
            "arguments: [{name: a, range: {max: 1.5}}]",
            "1:36: arguments[0].range.max: has to be a whole number, or a number in quotes, and a fraction stands here",
        ),
        (
            "arguments: [{name: a, range: {max: SECRET-1}}]",
            "1:36: arguments[0].range.max: this value cannot stand here",
        ),
        (
            "schema: {validat: true}",
            "1:10: schema.validat: there is no such key; did you mean `validate`?",
        ),
        (
            "arguments: {SECRET-1: x}",
            "1:12: arguments: has to be a list, and a mapping stands here",
        ),
    ]);
}
