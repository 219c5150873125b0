//! Variables of other proxies: they take effect for whoever asks for that, and then nobody else
//! gets them.

use std::path::Path;
use std::process::Command;

use portcullis_engine::Policy;
use portcullis_engine::quota::{Every, Per};
use portcullis_transports::config::{self, Faults, Settings};
use portcullis_transports::log::Level;

use super::folder;
use super::support::daemon::Home;
use super::support::{Session, finish, run_with};

type Variables = &'static [(&'static str, &'static str)];

const TOKEN: &str = "SECRET-0123456789-0123456789-ABCDEF";

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Settings, Faults> {
    let environment = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    config::read(text, Path::new("f.yaml"), &environment)
}

#[test]
fn nothing_is_read_unless_it_is_asked_for() {
    let variables = [
        ("PROXY_TOKEN", TOKEN),
        ("ENABLE_AUTH", "SECRET-1"),
        ("RATE_LIMIT_ENABLED", "true"),
        ("MCP_GATEWAY_TOKEN", TOKEN),
        ("LOG_LEVEL", "debug"),
    ];
    let settings = read("{}", &variables).unwrap();
    assert_eq!(settings.policy, portcullis_engine::PolicyConfig::default());
    assert!(settings.taken.is_empty() && settings.log.level.is_none());
}

#[test]
fn each_proxy_has_its_variables() {
    let settings = read("compat: [fastapi-proxy]", &[("PROXY_TOKEN", TOKEN)]).unwrap();
    let token = &settings.policy.auth.tokens[0];
    assert_eq!(
        (token.name.as_str(), settings.taken.as_slice()),
        ("PROXY_TOKEN", &["PROXY_TOKEN"][..])
    );
    assert!(!settings.holds_token && !format!("{settings:?}").contains("SECRET"));
    // What it promises of URLs is the default here.
    let policy = Policy::compile(&settings.policy).unwrap();
    for url in ["ftp://example.com/", "http://169.254.169.254/", "http://my-internal-host.example/"]
    {
        assert!(policy.network().urls().check(url).is_err(), "{url}");
    }
    let settings = read("compat: [mcp-gateway]", &[("MCP_GATEWAY_TOKEN", TOKEN)]).unwrap();
    assert_eq!(settings.policy.auth.tokens[0].name, "MCP_GATEWAY_TOKEN");
    let variables = [
        ("ENABLE_AUTH", "true"),
        ("API_KEY", TOKEN),
        ("ALLOWED_ORIGINS", "http://localhost:*, https://*.smithery.ai"),
        ("RATE_LIMIT_ENABLED", "true"),
        ("RATE_LIMIT_WINDOW", "60000"),
        ("RATE_LIMIT_MAX", "100"),
        ("LOG_LEVEL", "info"),
    ];
    let text = "compat: [dincoder]\nlog: {level: error}\n\
                network: {origins: {origins: [\"https://file.example\"]}}";
    let settings = read(text, &variables).unwrap();
    assert_eq!(settings.warnings, []);
    assert_eq!(settings.log.level, Some(Level::Info), "the environment goes before the file");
    assert_eq!(settings.policy.auth.tokens[0].name, "API_KEY");
    let rate = &settings.policy.quotas.rates[0];
    assert_eq!((rate.count, rate.every, rate.burst), (100, Every::Minute, 100));
    assert_eq!((rate.per, rate.name.as_str()), (Per::Address, "RATE_LIMIT_MAX"));
    let policy = Policy::compile(&settings.policy).unwrap();
    let origins = policy.network().origins();
    assert!(origins.check_origin(Some("http://localhost:5173")).is_ok());
    assert!(origins.check_origin(Some("https://a.smithery.ai")).is_ok());
    for origin in ["https://evilsmithery.ai", "https://file.example", "null"] {
        assert!(origins.check_origin(Some(origin)).is_err(), "{origin}");
    }
    assert_eq!(settings.taken.len(), 7);
}

#[test]
fn a_window_is_taken_exactly_or_not_at_all() {
    let rate = |window: &'static str, count: &'static str| {
        let mut variables = vec![("RATE_LIMIT_ENABLED", "true")];
        variables.extend([("RATE_LIMIT_WINDOW", window)].iter().filter(|it| !it.1.is_empty()));
        variables.extend([("RATE_LIMIT_MAX", count)].iter().filter(|it| !it.1.is_empty()));
        let settings = read("compat: [dincoder]", &variables)?;
        let rate = &settings.policy.quotas.rates[0];
        Ok::<_, Faults>((rate.count, rate.every, rate.burst))
    };
    for (window, count, want) in [
        ("", "", (100, Every::Minute, 100)),
        ("1000", "5", (5, Every::Second, 5)),
        ("60000", "60", (1, Every::Second, 60)),
        ("60000", "7", (7, Every::Minute, 7)),
        ("900000", "100", (400, Every::Hour, 100)),
        ("86400000", "1", (1, Every::Day, 1)),
        ("172800000", "2", (1, Every::Day, 2)),
    ] {
        assert_eq!(rate(window, count).unwrap(), want, "{window} {count}");
    }
    for (window, count) in [("7", "100"), ("172800000", "1"), ("1", "4294967295")] {
        let fault = rate(window, count).unwrap_err().to_string();
        let want = "f.yaml:1:10: compat[0].RATE_LIMIT_WINDOW: with RATE_LIMIT_MAX this is no whole \
                    number in a second, minute, hour or day; take a window of 1000, 60000, 3600000 \
                    or 86400000";
        assert_eq!(fault, want, "{window} {count}");
    }
}

#[test]
fn what_cannot_be_is_told_by_the_name_of_its_variable() {
    let cases: &[(&str, Variables, &str)] = &[
        (
            "fastapi-proxy",
            &[],
            "PROXY_TOKEN: the variable is not set, so everybody could send; export PROXY_TOKEN; `portcullis token new` makes one",
        ),
        (
            "mcp-gateway",
            &[("MCP_GATEWAY_TOKEN", "")],
            "MCP_GATEWAY_TOKEN: the variable is empty; give it a value, or unset it",
        ),
        (
            "mcp-gateway",
            &[("MCP_GATEWAY_TOKEN", "SECRET-1")],
            "MCP_GATEWAY_TOKEN: a token under 16 characters can be guessed; make one with: portcullis token new",
        ),
        (
            "dincoder",
            &[("ENABLE_AUTH", "true")],
            "API_KEY: ENABLE_AUTH is true, and this variable is not set; export API_KEY; `portcullis token new` makes one",
        ),
        (
            "dincoder",
            &[("ENABLE_AUTH", "SECRET-1")],
            "ENABLE_AUTH: the variable is neither true nor false; export one of them",
        ),
        (
            "dincoder",
            &[("ENABLE_AUTH", "")],
            "ENABLE_AUTH: the variable is empty; give it a value, or unset it",
        ),
        (
            "dincoder",
            &[("RATE_LIMIT_MAX", "SECRET-1")],
            "RATE_LIMIT_MAX: the variable is no whole number from 1 on; mend it",
        ),
        (
            "dincoder",
            &[("RATE_LIMIT_WINDOW", "+1")],
            "RATE_LIMIT_WINDOW: the variable is no whole number from 1 on; mend it",
        ),
        (
            "dincoder",
            &[("LOG_LEVEL", "SECRET-1")],
            "LOG_LEVEL: the variable holds no level; it is debug, info, warn or error",
        ),
    ];
    for (proxy, variables, want) in cases {
        let fault = read(&format!("compat: [{proxy}]"), variables).unwrap_err().to_string();
        assert_eq!(fault.strip_prefix("f.yaml:1:10: compat[0]."), Some(*want), "{variables:?}");
    }
    let settings = read("compat: [dincoder]", &[("API_KEY", TOKEN), ("RATE_LIMIT_MAX", "5")]);
    let warned: Vec<String> = settings.unwrap().warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warned.len(), 2, "{warned:?}");
    assert!(warned.iter().all(|line| line.contains("has no effect while")), "{warned:?}");
    for (text, want) in [
        (
            "compat: [SECRET-1]",
            "1:10: compat[0]: there is no such proxy; it is fastapi-proxy, dincoder or mcp-gateway",
        ),
        ("compat: [dincoder, dincoder]", "1:20: compat[1]: stands here twice; remove one of them"),
    ] {
        let fault = read(text, &[]).unwrap_err().to_string();
        assert_eq!(fault.strip_prefix("f.yaml:"), Some(want));
    }
}

/// Variables of all three, and one that is nobody's.
fn dressed(command: &mut Command) {
    command.envs([("PROXY_TOKEN", TOKEN), ("API_KEY", "SECRET-API-KEY-0123456789-01234567")]);
    command.envs([("ENABLE_AUTH", "false"), ("LOG_LEVEL", "error"), ("OTHER", "stays")]);
}

#[test]
fn the_server_of_run_gets_them_only_without_compat() {
    let folder = folder();
    let server = "env | sort | grep -E '^(PROXY_TOKEN|API_KEY|ENABLE_AUTH|LOG_LEVEL|OTHER)=' >&2";
    let run = |text: &str| {
        let file = folder.file("c.yaml", text, 0o600);
        let mut command = run_with(["--config", file.to_str().unwrap()], ["sh", "-c", server]);
        dressed(&mut command);
        let (status, _, errors) = finish(&mut command);
        (status, errors)
    };
    let (_, all) = run("{}");
    for name in ["PROXY_TOKEN=", "API_KEY=", "ENABLE_AUTH=", "LOG_LEVEL=", "OTHER="] {
        assert!(all.contains(name), "{name} in {all}");
    }
    let (_, some) = run("compat: [dincoder]");
    assert!(some.contains("PROXY_TOKEN=") && some.contains("OTHER=stays"), "{some}");
    assert!(!some.contains("SECRET-API") && !some.contains("API_KEY="), "{some}");
    assert!(!some.contains("ENABLE_AUTH=") && !some.contains("LOG_LEVEL="), "{some}");
    let (_, none) = run("compat: [dincoder, fastapi-proxy]");
    assert!(!none.contains("SECRET") && none.contains("OTHER=stays"), "{none}");
}

#[test]
fn a_bad_value_starts_nothing_and_is_not_shown() {
    let folder = folder();
    let file = folder.file("c.yaml", "compat: [dincoder]", 0o600);
    let server = ["sh", "-c", "echo started >&2; env >&2"];
    let mut command = run_with(["--config", file.to_str().unwrap()], server);
    command.env("RATE_LIMIT_MAX", "SECRET-1");
    let (status, _, errors) = finish(&mut command);
    assert_eq!(status, 125);
    assert!(errors.contains("compat[0].RATE_LIMIT_MAX: "), "{errors}");
    assert!(!errors.contains("SECRET") && !errors.contains("started"), "{errors}");
    use std::os::unix::ffi::OsStrExt;
    let mut command = run_with(["--config", file.to_str().unwrap()], server);
    command.env("API_KEY", std::ffi::OsStr::from_bytes(b"SECRET-\xff"));
    let (status, _, errors) = finish(&mut command);
    assert_eq!(status, 125);
    assert!(errors.contains("the variable API_KEY is not UTF-8; mend it, or unset it"), "{errors}");
}

#[test]
fn a_token_of_a_variable_is_asked_for() {
    let folder = folder();
    let file = folder.file("c.yaml", "compat: [fastapi-proxy]", 0o600);
    let mut command = run_with(["--config", file.to_str().unwrap()], ["cat"]);
    command.env("PROXY_TOKEN", TOKEN);
    let mut session = Session::start(command);
    let note = |member: &str| format!(r#"{{"jsonrpc":"2.0","method":"notifications/x"{member}}}"#);
    let ask = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    session.send(ask);
    let answer = session.output.next().expect("an answer");
    assert!(answer.contains("-32604"), "{answer}");
    session.send(&note(&format!(r#","auth_token":"{TOKEN}""#)));
    assert_eq!(session.output.next().as_deref(), Some(note("").as_str()));
}

#[test]
fn the_server_of_serve_gets_none_even_if_it_is_named() {
    let home = Home::empty();
    let script = format!("env > {}; exec cat", home.path("seen").display());
    let names = ["API_KEY", "PROXY_TOKEN", "LOG_LEVEL"];
    let configure = |compat: &[&str]| {
        home.configure(&serde_json::json!({
            "compat": compat,
            "servers": [{"name": "a", "command": ["sh", "-c", script], "socket": "a.sock",
                "env": {"pass": names, "set": {"SET": "1"}}}],
        }));
    };
    let seen = || {
        let mut command = home.command("serve");
        dressed(&mut command);
        let _daemon = home.serve_with(command);
        let mut client = home.client("a.sock");
        client.send(r#"{"jsonrpc":"2.0","method":"notifications/x"}"#);
        client.next();
        std::fs::read_to_string(home.path("seen")).expect("the server has started")
    };
    configure(&[]);
    let all = seen();
    assert!(names.iter().all(|name| all.contains(&format!("\n{name}="))), "{all}");
    configure(&["dincoder"]);
    let some = seen();
    assert!(!some.contains("API_KEY") && !some.contains("LOG_LEVEL"), "{some}");
    assert!(some.contains("PROXY_TOKEN=") && some.contains("SET=1"), "{some}");
}
