//! The snippets of the Compozy MCP proxy's document, their indentation restored: each takes effect,
//! or one sentence says what is not in force.

use std::sync::Arc;

use portcullis_engine::{
    Engine, EventKind, Facts, Ledger, Limits, Policy, Reason, Side, Time, Wanted,
};
use portcullis_transports::config::Settings;

use super::{loaded, read};

/// The document's servers have a URL; one that is started is in its place.
fn by_command(text: &str) -> String {
    let lines = text.lines().map(|line| match line.trim_start() {
        url if url.starts_with("url:") => line.replace(url, "command: [a-server]"),
        transport if transport.starts_with("transport:") => line.replace("sse", "stdio"),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

const TOKEN: &str = r#"
mcps:
  - id: secure_mcp_server
    url: "http://localhost:6001"
    transport: sse
    auth:
      type: token
      token: "{{ .env.TOKEN }}"
      header: "Authorization"
      prefix: "Bearer"
    security:
      rate_limit:
        requests_per_minute: 60
        burst_size: 10
"#;

const ADDRESSES: &str = r#"
mcps:
  - id: production_mcp
    url: "http://localhost:6001"
    security:
      ip_whitelist:
        # Local development
        - "127.0.0.1"
        - "::1"
        # Private networks
        - "192.168.0.0/16"
        - "10.0.0.0/8"
        - "172.16.0.0/12"
        # Specific production IPs
        - "203.0.113.0/24"
        - "198.51.100.0/24"
      # Block specific IPs
      ip_blacklist:
        - "192.168.1.100"
        - "10.0.0.50"
"#;

const RATES: &str = r#"
mcps:
  - id: rate_limited_mcp
    url: "http://localhost:6001"
    security:
      rate_limit:
        # Global rate limits
        requests_per_minute: 100
        requests_per_hour: 1000
        requests_per_day: 10000
        # Burst capacity
        burst_size: 20
        # Per-IP limits
        per_ip_requests_per_minute: 10
        per_ip_burst_size: 5
        # Per-token limits
        per_token_requests_per_minute: 50
        per_token_burst_size: 10
"#;

const CORS: &str = r#"
mcps:
  - id: cors_enabled_mcp
    url: "http://localhost:6001"
    security:
      cors:
        enabled: true
        allowed_origins:
          - "https://app.example.com"
          - "https://admin.example.com"
        allowed_methods:
          - "GET"
          - "POST"
          - "PUT"
          - "DELETE"
          - "OPTIONS"
        allowed_headers:
          - "Content-Type"
          - "Authorization"
          - "X-Requested-With"
        exposed_headers:
          - "X-Total-Count"
          - "X-Rate-Limit-Remaining"
        allow_credentials: true
        max_age: 86400
"#;

const TLS: &str = r#"
mcps:
  - id: secure_mcp_server
    url: "https://localhost:8443"
    transport: sse
    tls:
      enabled: true
      cert_file: "/path/to/cert.pem"
      key_file: "/path/to/key.pem"
      ca_file: "/path/to/ca.pem"
      insecure_skip_verify: false
      min_version: "1.2"
      max_version: "1.3"
      cipher_suites:
        - "TLS_AES_128_GCM_SHA256"
        - "TLS_AES_256_GCM_SHA384"
        - "TLS_CHACHA20_POLY1305_SHA256"
"#;

const PRODUCTION: &str = r#"
# Production security configuration
mcps:
  - id: production_mcp
    url: "https://mcp.example.com"
    auth:
      type: token
      token: "{{ .env.TOKEN }}"
      header: "Authorization"
      prefix: "Bearer"
    security:
      # IP restrictions
      ip_whitelist:
        - "10.0.0.0/8"
        - "172.16.0.0/12"
        - "192.168.0.0/16"
      # Rate limiting
      rate_limit:
        requests_per_minute: 60
        burst_size: 10
        per_ip_requests_per_minute: 10
      # CORS configuration
      cors:
        enabled: true
        allowed_origins:
          - "https://app.example.com"
        allowed_methods: ["GET", "POST"]
        allow_credentials: true
        max_age: 86400
    # TLS configuration
    tls:
      enabled: true
      min_version: "1.2"
      cipher_suites:
        - "TLS_AES_128_GCM_SHA256"
        - "TLS_AES_256_GCM_SHA384"
"#;

#[test]
fn servers_behind_a_url_are_refused_with_one_sentence() {
    for snippet in [TOKEN, ADDRESSES, RATES, CORS, TLS, PRODUCTION] {
        let fault = read(snippet).unwrap_err().to_string();
        assert_eq!(fault.lines().count(), 1, "{fault}");
        let want = "mcps[0].url: servers behind a URL are not reached yet: this version has no \
                    HTTP; name a `command` that speaks over its standard input and output";
        assert!(fault.ends_with(want), "{fault}");
    }
    let fault = read("mcps: [{id: a, transport: sse}]").unwrap_err().to_string();
    assert!(fault.contains("1:27: mcps[0].transport: this version has no other"), "{fault}");
}

#[test]
fn tls_is_refused_with_one_sentence_wherever_it_stands() {
    let want = "tls: no transport of this version has TLS yet, so nothing of it would be in force; \
                remove it, and put a proxy with TLS in front where one is needed";
    let top = TLS[TLS.find("    tls:").unwrap()..].to_owned();
    for text in [by_command(TLS), top.clone(), format!("security:\n{top}")] {
        let fault = read(&text).unwrap_err().to_string();
        assert!(fault.ends_with(want) && fault.lines().count() == 1, "{fault}");
    }
    loaded("tls: {enabled: false, min_version: \"1.2\"}");
    let fault = read("tls: {min_versoin: SECRET-1}").unwrap_err().to_string();
    assert!(fault.ends_with("did you mean `min_version`?"), "{fault}");
}

/// What becomes of a message with this token.
fn said(engine: &mut Engine, ledger: &mut Ledger, token: Option<&str>) -> Option<Reason> {
    let member = token.map(|token| format!(r#","auth_token":"{token}""#)).unwrap_or_default();
    let message = format!("{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"{member}}}\n");
    let loan = engine.recv_space(Side::Client);
    loan[..message.len()].copy_from_slice(message.as_bytes());
    engine.recv_commit(ledger, Side::Client, message.len(), Time::default());
    let mut reason = None;
    while let Some(event) = engine.next_event() {
        if event.kind == EventKind::Refused {
            reason = event.reason;
        }
    }
    reason
}

fn engine(settings: &Settings, server: &str, address: Option<&str>) -> Engine {
    let policy = Arc::new(Policy::compile(&settings.policy).expect("it is a policy"));
    let mut engine = Engine::new(policy, Limits::default(), Wanted::ALL, Time::default()).unwrap();
    engine.facts(Side::Server, Facts::new(1, server));
    let mut facts = Facts::new(1, "client");
    facts.address = address.map(|address| address.parse().unwrap());
    engine.facts(Side::Client, facts);
    engine
}

const GOOD: Option<&str> = Some("SECRET-FROM-ENV-0123456789-ABCDEF");

#[test]
fn a_token_and_its_rate_take_effect_for_their_server() {
    let settings = loaded(&by_command(TOKEN));
    assert_eq!(settings.servers[0].name, "secure_mcp_server");
    let token = &settings.policy.auth.tokens[0];
    assert_eq!(token.servers, ["secure_mcp_server"]);
    let warned: Vec<String> = settings.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warned.len(), 1, "{warned:?}");
    assert!(warned[0].contains("auth.header: no transport of this version has headers yet"));
    let (mut own, mut ledger) = (engine(&settings, "secure_mcp_server", None), Ledger::new());
    assert_eq!(said(&mut own, &mut ledger, None), Some(Reason::AuthRequired));
    assert_eq!(said(&mut own, &mut ledger, Some("SECRET-1")), Some(Reason::AuthFailed));
    for _ in 0..10 {
        assert_eq!(said(&mut own, &mut ledger, GOOD), None);
    }
    assert_eq!(said(&mut own, &mut ledger, GOOD), Some(Reason::RateLimited));
    let mut other = engine(&settings, "another", None);
    assert!(said(&mut other, &mut Ledger::new(), GOOD).is_some(), "it is for one server");
    // At the top level it is for all.
    let top = "auth: {type: token, token: \"{{ .env.TOKEN }}\"}\n\
               security: {rate_limit: {requests_per_hour: 60, burst_size: 2}}";
    let (mut any, mut ledger) = (engine(&loaded(top), "another", None), Ledger::new());
    assert_eq!(said(&mut any, &mut ledger, None), Some(Reason::AuthRequired));
    assert_eq!(said(&mut any, &mut ledger, GOOD), None);
}

#[test]
fn addresses_take_effect_for_all_servers_together() {
    let top = &ADDRESSES[ADDRESSES.find("    security:").unwrap()..];
    let settings = loaded(top);
    assert_eq!(settings.warnings.len(), 2, "{:?}", settings.warnings);
    for (address, wanted) in [
        (Some("127.0.0.1"), None),
        (Some("::1"), None),
        (Some("192.168.1.99"), None),
        (Some("192.168.1.100"), Some(Reason::AddressDenied)),
        (Some("10.0.0.50"), Some(Reason::AddressDenied)),
        (Some("203.0.112.255"), Some(Reason::AddressDenied)),
        (None, None),
    ] {
        let mut engine = engine(&settings, "any", address);
        assert_eq!(said(&mut engine, &mut Ledger::new(), None), wanted, "{address:?}");
    }
    let fault = read(&by_command(ADDRESSES)).unwrap_err().to_string();
    let want = "write security.ip_whitelist at the top level, for all servers together";
    assert!(fault.lines().next().unwrap().ends_with(want), "{fault}");
}

#[test]
fn rates_take_effect_under_stable_names() {
    let names = |settings: &Settings| {
        let rates = settings.policy.quotas.rates.iter();
        rates.map(|rate| (rate.name.clone(), rate.count, rate.burst)).collect::<Vec<_>>()
    };
    let wanted = [
        ("requests_per_minute", 100, 20),
        ("requests_per_hour", 1_000, 0),
        ("requests_per_day", 10_000, 0),
        ("per_ip_requests_per_minute", 10, 5),
        ("per_token_requests_per_minute", 50, 10),
    ];
    let settings = loaded(&by_command(RATES));
    let own = wanted.map(|(key, count, burst)| (format!("rate_limited_mcp.{key}"), count, burst));
    assert_eq!(names(&settings), own);
    assert!(settings.policy.quotas.rates.iter().all(|rate| rate.servers == ["rate_limited_mcp"]));
    let top = loaded(&RATES[RATES.find("    security:").unwrap()..]);
    let all =
        wanted.map(|(key, count, burst)| (format!("security.rate_limit.{key}"), count, burst));
    assert_eq!(names(&top), all);
    let (mut engine, mut ledger) = (engine(&top, "any", Some("192.0.2.1")), Ledger::new());
    let passed = (0..20).filter(|_| said(&mut engine, &mut ledger, None).is_none()).count();
    assert_eq!(passed, 5, "the burst of one address");
    for (text, want) in [
        ("{burst_size: 3}", "there is no rate that it is the burst of; add requests_per_minute"),
        ("{requests_per_minute: 0}", "has to lie between 1 and 4294967295"),
        ("{request_per_minute: 1}", "did you mean `requests_per_minute`?"),
    ] {
        let fault = read(&format!("security: {{rate_limit: {text}}}")).unwrap_err().to_string();
        assert!(fault.ends_with(want), "{fault}");
    }
}

#[test]
fn origins_take_effect_for_all_servers_together() {
    let top = &CORS[CORS.find("    security:").unwrap()..];
    let beside = &CORS[CORS.find("      cors:").unwrap()..];
    for text in [top, beside] {
        let settings = loaded(text);
        let policy = Policy::compile(&settings.policy).expect("it is a policy");
        assert!(policy.network().origins().check_origin(Some("https://app.example.com")).is_ok());
        assert!(policy.network().origins().check_origin(Some("https://evil.example")).is_err());
        let cors = &settings.policy.network.cors;
        assert!(cors.enabled && cors.allow_credentials);
        assert_eq!((cors.allowed_methods.len(), cors.max_age), (5, 86_400));
        assert_eq!(cors.exposed_headers, ["X-Total-Count", "X-Rate-Limit-Remaining"]);
    }
    let fault = read(&by_command(CORS)).unwrap_err().to_string();
    assert!(fault.ends_with("write security.cors at the top level, for all servers together"));
    let fault =
        read("network: {cors: {}}\nsecurity: {cors: {enabled: true}}").unwrap_err().to_string();
    assert!(fault.ends_with("security.cors: network.cors says the same; keep one of them"));
}

#[test]
fn a_type_without_a_meaning_and_a_token_that_is_missing_are_told() {
    for (text, want) in [
        (
            "auth: {type: jwt}",
            "1:14: auth.type: there is no such type; it is token; for JSON Web Tokens write auth.jwt instead",
        ),
        ("auth: {type: token}", "1:7: auth: the key `token` is missing or empty; add it"),
        (
            "auth: {type: token, tokn: SECRET-1}",
            "1:21: auth.tokn: there is no such key; did you mean `token`?",
        ),
        ("mcps: [{command: [a]}]", "1:8: mcps[0]: the key `id` is missing or empty; add it"),
        ("mcps: [{id: a}]", "1:8: mcps[0]: the key `command` is missing or empty; add it"),
    ] {
        let fault = read(text).unwrap_err().to_string();
        assert_eq!(fault.strip_prefix("f.yaml:"), Some(want), "{text}");
    }
}
