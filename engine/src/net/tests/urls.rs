//! Group 17 of the hostile input: URLs that lead a server to places inside.

use core::net::IpAddr;

use crate::base::error::ConfigError;
use crate::net::{AddressClass, UrlConfig, UrlGuard, UrlHost};

fn guard(config: &UrlConfig) -> UrlGuard {
    UrlGuard::compile(config).expect("a configuration")
}

/// The configuration without this one check.
fn without(rule: &str, mut config: UrlConfig) -> UrlConfig {
    if let Some(class) = AddressClass::ALL.iter().find(|class| class.name() == rule) {
        config.classes.push(*class);
        return config;
    }
    match rule {
        "url-length" => config.bytes_max = 0,
        "syntax" => config.loose_syntax = true,
        "backslash" => config.backslash = true,
        "encoded-host" => config.encoded_host = true,
        "mapped-host" => config.mapped_host = true,
        "scheme" => config.schemes = vec!["*".to_owned()],
        "userinfo" => config.userinfo = true,
        "port" => config.ports.clear(),
        "host-denied" => config.deny.clear(),
        "host-unlisted" => config.allow.clear(),
        "label" => config.labels.clear(),
        "single-label" => config.single_label = true,
        "wildcard-dns" => config.wildcard_dns = true,
        _ => panic!("{rule} cannot be switched off"),
    }
    config
}

fn refuses(config: &UrlConfig, rule: &str, url: &str) {
    let found = guard(config).check(url).expect_err(url);
    assert_eq!(found.rule, rule, "{url}");
    let open = guard(&without(rule, config.clone())).check(url);
    assert!(open.is_ok(), "{url} is refused by {rule} and by {open:?}");
}

#[test]
fn each_hostile_url_is_refused_by_one_check() {
    let config = UrlConfig::default();
    for (rule, urls) in [
        (
            "loopback",
            "http://127.1/ http://2130706433/ http://0x7f000001/ http://0177.0.0.1/ http://0x7f.1 \
             http://017700000001/ http://127.0.0.1./ http://１２７.0.0.1/ http://127。0。0。1/ \
             http://[::1]/ http://[::ffff:7f00:1]/ http://[::ffff:127.0.0.1]/ http://[::127.0.0.1] \
             http://[64:ff9b::7f00:1]/ http://[64:ff9b:1::7f00:1]/ http://[2002:7f00:1::]/ \
             http://[0:0:0:0:0:0:0:1]/ http://localhost/ http://LOCALHOST./ http://a.localhost:80/ \
             http://localhost.localdomain/ http://ip6-localhost/ ws://127.0.0.1:9222/devtools \
             http://127.0.0.1:80?x http://127.0.0.1#x http://①②⑦.⓪.⓪.①/ http://0127.0.0.1/",
        ),
        ("unspecified", "http://0/ http://0.0.0.0/ http://[::]/ http://0x0/ http://00.0x.0/"),
        (
            "private",
            "http://10.0.0.1/ http://192.168.1.1/ http://172.16.0.1/ http://0xa.1/ \
             http://167772161/ http://[::ffff:10.0.0.1]/ http://[64:ff9b::a00:1]/ \
             http://010.8.8.8/ http://０１０.8.8.8/ http://012.0.0.1/",
        ),
        ("link-local", "http://169.254.1.1/ http://[fe80::1]/"),
        (
            "metadata",
            "http://169.254.169.254/latest/meta-data http://100.100.100.200/ \
             http://168.63.129.16/ http://[fd00:ec2::254]/ http://2852039166/ \
             http://0xa9fea9fe/ http://[::ffff:a9fe:a9fe]/ http://0251.0376.0251.0376/ \
             http://[2002:a9fe:a9fe::]/ http://169.254.170.2/v2/credentials",
        ),
        ("carrier-grade", "http://100.64.0.1/ http://100.127.255.255/"),
        ("multicast", "http://224.0.0.1/ http://[ff02::1]/"),
        ("broadcast", "http://255.255.255.255/ http://4294967295/"),
        ("documentation", "http://192.0.2.1/ http://[2001:db8::1]/"),
        ("benchmark", "http://198.18.0.1/"),
        ("reserved", "http://240.0.0.1/ http://[100::1]/"),
        ("unique-local", "http://[fc00::1]/ http://[fd12:3456::1]/"),
        ("site-local", "http://[fec0::1]/"),
        (
            "wildcard-dns",
            "http://127.0.0.1.nip.io/ http://10-0-0-1.sslip.io/ http://nip.io/ \
             http://a.localtest.me./ http://7f000001.c0a80001.rbndr.us/",
        ),
        ("single-label", "http://intra/ http://metadata/ http://router./ http://instance-data/"),
        (
            "label",
            "http://my-internal-host.example/ http://internal.example/ http://a.local/ \
             http://metadata.google.internal/ http://INTRANET.example/ http://db.local-1.example/",
        ),
        (
            "userinfo",
            "http://user@example.com/ http://user:pw@example.com/ http://@example.com/ \
             http://example.com:80@example.org/ http://example.com%2f@example.org/",
        ),
        ("backslash", r"http://example.com\a http://example.com/\ http://example.com?\"),
        (
            "scheme",
            "ftp://example.com/ gopher://example.com/ dict://example.com:11211/stat ldap://example.com/",
        ),
        ("encoded-host", "http://ex%61mple.com/ http://%65xample.com:80/"),
        (
            "mapped-host",
            "http://example。com/ http://ｅxample.com/ http://faß.example/ http://exa\u{ad}mple.com/ \
             http://ⓔxample.com/ http://\u{ff45}xample.com\u{ff0e}/",
        ),
        (
            "syntax",
            "http:example.com http:/example.com http:///example.com/ \
             http://example.com?@example.org/ http://example.com#@example.org/ \
             http://011.2.3.4/ http://a,b.example/ http://a..example/ http://exam!ple.com/",
        ),
    ] {
        for url in urls.split(' ').filter(|url| !url.is_empty()) {
            refuses(&config, rule, url);
        }
    }
    // Two checks refuse these; the one that is left names itself.
    let user = UrlConfig { userinfo: true, ..config.clone() };
    refuses(&user, "syntax", "http://a@b@example.com/");
    refuses(&UrlConfig { single_label: true, ..config.clone() }, "label", "http://a-intranet/");
    let loose = UrlConfig { loose_syntax: true, ..config };
    refuses(&loose, "backslash", r"http:\\example.com\");
    refuses(&loose, "backslash", r"http:/\example.com/");
    let user = UrlConfig { userinfo: true, ..loose };
    refuses(&user, "backslash", r"http://example.com\@example.org/");
}

#[test]
fn blanks_and_control_characters_are_refused_wherever_they_stand() {
    for byte in (0..=b' ').chain([0x7f]) {
        let byte = char::from(byte);
        for url in [
            format!("{byte}http://example.com/"),
            format!("ht{byte}tp://example.com/"),
            format!("http://exam{byte}ple.com/"),
            format!("http://example.com/a{byte}b"),
            format!("http://example.com/{byte}"),
        ] {
            assert_eq!(guard(&UrlConfig::default()).check(&url).expect_err(&url).rule, "syntax");
        }
    }
    refuses(&UrlConfig::default(), "syntax", "http://example.com/\n");
    refuses(&UrlConfig::default(), "syntax", "http://exam\tple.com/");
    refuses(&UrlConfig::default(), "syntax", " http://example.com/a b");
}

#[test]
fn what_is_no_url_is_refused_whatever_is_let_be() {
    let open = UrlConfig {
        schemes: vec!["*".to_owned()],
        classes: AddressClass::ALL.to_vec(),
        labels: Vec::new(),
        userinfo: true,
        single_label: true,
        wildcard_dns: true,
        backslash: true,
        encoded_host: true,
        mapped_host: true,
        loose_syntax: true,
        ..UrlConfig::default()
    };
    for url in [
        "",
        "example.com",
        "//example.com/",
        "/path",
        "http://",
        "http://?",
        "http://#",
        "http://.",
        "http://a:b:80/",
        "http://a:65536/",
        "http://[::1",
        "http://[::1]a/",
        "http://[fe80::1%25e]/",
        "http://[fe80::1%eth0]/",
        "http://1.2.3.4.5/",
        "http://256.1.1.1/",
        "http://4294967296/",
        "http://1.2.3.0x100/",
        "http://a%00b/",
        "http://a%2fb/",
        "http://xn--a/",
        "http://08.1.1.1/",
        "http://exa<mple.com/",
        "http://user@/",
    ] {
        assert_eq!(guard(&open).check(url).expect_err(url).rule, "unreadable", "{url}");
    }
    for url in
        ["file:///etc/passwd", "data:text/html,x", "javascript:alert(1)", "mailto:a@b.example"]
    {
        assert_eq!(guard(&open).check(url).expect_err(url).rule, "no-host", "{url}");
        assert_eq!(guard(&UrlConfig::default()).check(url).expect_err(url).rule, "scheme");
    }
}

#[test]
fn honest_urls_pass() {
    let name = |name: &str| UrlHost::Name(name.to_owned());
    let address = |text: &str| UrlHost::Address(text.parse().expect("an address"));
    for (url, host) in [
        ("https://example.com", name("example.com")),
        ("HTTPS://Example.COM.:8443/a?b=c@d#e", name("example.com")),
        ("https://example.com/a?mail=a@b.example", name("example.com")),
        ("https://example.com/%2e%2e/%00", name("example.com")),
        ("https://localize.example/", name("localize.example")),
        ("https://internals.example/", name("internals.example")),
        ("https://my_host.example.com/", name("my_host.example.com")),
        ("https://bücher.example/", name("xn--bcher-kva.example")),
        ("https://BÜCHER.example/", name("xn--bcher-kva.example")),
        ("https://xn--bcher-kva.example/", name("xn--bcher-kva.example")),
        ("https://例え.example/", name("xn--r8jz45g.example")),
        ("https://8.8.8.8/", address("8.8.8.8")),
        ("https://134744072/", address("8.8.8.8")),
        ("https://[2606:4700::1111]/", address("2606:4700::1111")),
        ("https://[::ffff:8.8.8.8]/", address("8.8.8.8")),
        ("wss://example.com/socket", name("example.com")),
        ("https://notnip.io/", name("notnip.io")),
        ("https://localhost.example/", name("localhost.example")),
        ("https://127.0.0.1.evil.com/", name("127.0.0.1.evil.com")),
    ] {
        assert_eq!(guard(&UrlConfig::default()).check(url), Ok(host), "{url}");
    }
}

#[test]
fn lists_of_hosts_narrow_what_is_allowed() {
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let config = UrlConfig {
        allow: words(&[
            "api.example.com",
            "*.tools.example:443",
            "[2606:4700::1111]:*",
            "10.0.0.1",
        ]),
        deny: words(&["bad.tools.example", "api.example.com:8080"]),
        ports: vec![443, 80, 8080],
        ..UrlConfig::default()
    };
    for url in [
        "https://api.example.com/",
        "https://API.example.com.:/",
        "https://a.tools.example/",
        "https://a.b.tools.example:443/",
        "http://[2606:4700::1111]/",
    ] {
        assert!(guard(&config).check(url).is_ok(), "{url}");
        assert!(guard(&config).allows_upstream(url).is_ok(), "{url}");
    }
    for (rule, url) in [
        ("host-unlisted", "https://tools.example/"),
        ("host-unlisted", "https://eviltools.example/"),
        ("host-unlisted", "http://a.tools.example/"),
        ("host-unlisted", "https://api.example.com.evil.example/"),
        ("host-denied", "https://bad.tools.example/"),
        ("host-denied", "https://api.example.com:8080/"),
        ("port", "https://api.example.com:8443/"),
        ("private", "http://10.0.0.1/"),
    ] {
        refuses(&config, rule, url);
    }
    // An upstream that the operator lists may well lie inside.
    assert!(guard(&config).allows_upstream("http://10.0.0.1/").is_ok());
    assert!(guard(&config).allows_upstream("http://user@10.0.0.1/").is_err());
}

#[test]
fn length_is_counted_in_bytes() {
    let config = UrlConfig { bytes_max: 24, ..UrlConfig::default() };
    assert!(guard(&config).check("http://example.com/abcd").is_ok());
    assert!(guard(&config).check("http://example.com/abcde").is_ok());
    refuses(&config, "url-length", "http://example.com/abcdef");
}

#[test]
fn resolved_addresses_are_judged_all_together() {
    let addresses = |list: &[&str]| -> Vec<IpAddr> {
        list.iter().map(|text| text.parse().expect("an address")).collect()
    };
    let rule = |list: &[&str]| {
        guard(&UrlConfig::default()).check_addresses(&addresses(list)).err().map(|d| d.rule)
    };
    assert_eq!(rule(&["8.8.8.8", "2606:4700::1111"]), None);
    assert_eq!(rule(&["8.8.8.8", "127.0.0.1"]), Some("loopback"));
    assert_eq!(rule(&["::ffff:169.254.169.254"]), Some("metadata"));
    assert_eq!(rule(&[]), Some("unresolved"));
}

#[test]
fn a_network_is_let_be_by_itself() {
    let nets = ["10.1.0.0/16", "::ffff:192.168.0.0/112", "fd00::/8", "127.0.0.1"];
    let config = UrlConfig {
        nets: nets.iter().map(|net| (*net).to_owned()).collect(),
        ..UrlConfig::default()
    };
    for (text, is_allowed) in [
        ("10.1.255.255", true),
        ("::ffff:10.1.0.1", true),
        ("192.168.255.9", true),
        ("fd12::1", true),
        ("127.0.0.1", true),
        ("10.2.0.0", false),
        ("172.16.0.1", false),
        ("fc00::1", false),
        ("127.0.0.2", false),
        ("::ffff:127.0.0.2", false),
    ] {
        let address = text.parse().expect("an address");
        assert_eq!(guard(&config).check_address(address).is_ok(), is_allowed, "{text}");
    }
    assert!(guard(&config).check("http://localhost/").is_ok());
}

#[test]
fn a_fault_of_the_configuration_is_named_by_its_key() {
    let bad = || vec!["example.com".to_owned(), "http://a b/".to_owned()];
    let cases = [
        ("schemes[1]", UrlConfig { schemes: bad(), ..UrlConfig::default() }),
        ("allow[1]", UrlConfig { allow: bad(), ..UrlConfig::default() }),
        ("deny[1]", UrlConfig { deny: bad(), ..UrlConfig::default() }),
        ("labels[0]", UrlConfig { labels: bad(), ..UrlConfig::default() }),
        ("nets[0]", UrlConfig { nets: bad(), ..UrlConfig::default() }),
        ("schemes", UrlConfig { schemes: Vec::new(), ..UrlConfig::default() }),
    ];
    for (key, config) in cases {
        let ConfigError::Setting(found, why) = UrlGuard::compile(&config).expect_err(key) else {
            panic!("{key}");
        };
        assert_eq!(found, format!("network.urls.{key}"));
        assert!(!why.contains("http://a b/"));
        let ConfigError::Setting(found, _) =
            UrlGuard::compile_at(&config, "arguments[3].urls").expect_err(key)
        else {
            panic!("{key}");
        };
        assert_eq!(found, format!("arguments[3].urls.{key}"));
    }
}
