//! The checks of URLs, networks, origins and paths agree with naive ones, for whatever is written.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portcullis_engine::net::{
    AddressClass, AddressConfig, AddressEntry, AddressGuard, OriginConfig, OriginGuard, PathConfig,
    PathGuard, UrlConfig, UrlGuard, UrlHost, canonical, classify, parse_peer,
};
use portcullis_proptests::cases;
use proptest::prelude::*;
use proptest::sample::select;

/// A text made of parts that parsers stumble over.
fn pieces(parts: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(select(parts), 0..most).prop_map(|parts| parts.concat())
}

const URL_PIECES: &[&str] = &[
    "http://",
    "https:",
    "ws://",
    "//",
    "/",
    "\\",
    "?",
    "#",
    "@",
    ":",
    ":80",
    ".",
    "..",
    "%2e",
    "%40",
    "127.0.0.1",
    "127.1",
    "0x7f",
    "0177",
    "10",
    "8.8.8.8",
    "010",
    "[",
    "]",
    "::1",
    "[::1]",
    "::ffff:",
    "[64:ff9b::",
    "example",
    "com",
    ".com",
    "internal",
    "localhost",
    "nip.io",
    "-",
    "_",
    " ",
    "\t",
    "\n",
    "\0",
    "\u{ad}",
    "\u{200b}",
    "。",
    "１",
    "①",
    "ß",
    "ü",
    "xn--",
    "a",
    "e",
    "0",
    "1",
];

fn hosts() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        (0u32..300).prop_map(|n| n.to_string()),
        (0u32..300).prop_map(|n| format!("0x{n:x}")),
        (0u32..300).prop_map(|n| format!("0{n:o}")),
        any::<u32>().prop_map(|n| n.to_string()),
    ];
    let dotted = proptest::collection::vec(number, 1..5).prop_map(|parts| parts.join("."));
    let v6 = any::<[u16; 8]>().prop_map(|s| format!("[{}]", Ipv6Addr::from(s)));
    let carrying = (
        select(&["::ffff:", "::", "64:ff9b::", "64:ff9b:1::", "::ffff:0:", "2002:"][..]),
        any::<u32>(),
    )
        .prop_map(|(prefix, v4)| match prefix {
            "2002:" => format!("[2002:{:x}:{:x}::]", v4 >> 16, v4 & 0xffff),
            _ => format!("[{prefix}{}]", Ipv4Addr::from(v4)),
        });
    prop_oneof![dotted, v6, carrying, pieces(URL_PIECES, 6)]
}

fn urls() -> impl Strategy<Value = String> {
    let whole =
        (hosts(), pieces(URL_PIECES, 3)).prop_map(|(host, rest)| format!("http://{host}/{rest}"));
    prop_oneof![whole, pieces(URL_PIECES, 8)]
}

/// Every check of a URL switched off that can be.
fn open() -> UrlConfig {
    UrlConfig {
        schemes: vec!["*".to_owned()],
        labels: Vec::new(),
        classes: AddressClass::ALL.to_vec(),
        userinfo: true,
        single_label: true,
        wildcard_dns: true,
        backslash: true,
        encoded_host: true,
        mapped_host: true,
        loose_syntax: true,
        ..UrlConfig::default()
    }
}

fn entry(net: String) -> AddressEntry {
    AddressEntry { net, until_ms: None }
}

/// The bits of an address, IPv4 written as IPv6 being IPv4, and whether it is IPv4.
fn bits(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(v4) => (true, u128::from(u32::from(v4))),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => (true, u128::from(u32::from(v4))),
            None => (false, u128::from(v6)),
        },
    }
}

fn addresses() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<u32>().prop_map(|n| IpAddr::V4(n.into())),
        any::<u32>().prop_map(|n| IpAddr::V6(Ipv4Addr::from(n).to_ipv6_mapped())),
        any::<u128>().prop_map(|n| IpAddr::V6(n.into())),
        (0u32..8).prop_map(|n| IpAddr::V4((0x0a00_0000 + n).into())),
        (0u128..8).prop_map(|n| IpAddr::V6((0x2001_0db8 << 96 | n).into())),
    ]
}

const PATH_PIECES: &[&str] = &[
    "/", "/", "//", ".", "..", "../", "/..", "work", "/work", "/work/", "etc", "/etc", "/tmp", "a",
    "a..b", "...", "%2e", "%2E%2e", "%2f", "%25", "%252e", "%5c", "%00", "%", "%c0%ae", "\\", "C:",
    "~", ":", "\0", "．", "‥", "／", "\u{200b}", "WORK", "ſ", "e", "t", "c", "%65", "file:", "nul",
    " ",
];

/// What the standard library makes of a path, `..` taken out by hand.
fn naive(path: &str) -> Vec<String> {
    let mut place = Vec::new();
    let from_root = if path.starts_with('/') { path.to_owned() } else { format!("/work/{path}") };
    for part in std::path::Path::new(&from_root).components() {
        match part {
            std::path::Component::Normal(name) => place.push(name.to_string_lossy().into_owned()),
            std::path::Component::ParentDir => drop(place.pop()),
            _ => {}
        }
    }
    place
}

/// One round of the plainest percent decoding.
fn decode(path: &str) -> String {
    let (bytes, mut out, mut at) = (path.as_bytes(), Vec::new(), 0);
    while at < bytes.len() {
        let hex = path.get(at + 1..at + 3).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

proptest! {
    #![proptest_config(cases(4_000))]

    /// What is allowed leads where the `url` crate says, and that is a public place.
    #[test]
    fn the_host_that_is_judged_is_the_host_that_is_read(url in urls()) {
        let guard = UrlGuard::compile(&UrlConfig::default()).expect("the default");
        if let Ok(host) = guard.check(&url) {
            let read = url::Url::parse(&url).expect("it was read");
            match (read.host().expect("it has a host"), host) {
                (url::Host::Ipv4(read), UrlHost::Address(judged)) => {
                    prop_assert_eq!(IpAddr::V4(read), judged);
                    prop_assert_eq!(classify(judged), AddressClass::Public);
                }
                (url::Host::Ipv6(read), UrlHost::Address(judged)) => {
                    prop_assert_eq!(canonical(IpAddr::V6(read)), judged);
                    prop_assert_eq!(classify(judged), AddressClass::Public);
                }
                (url::Host::Domain(read), UrlHost::Name(judged)) => {
                    prop_assert_eq!(read.trim_end_matches('.'), &judged);
                    prop_assert!(judged.contains('.') && judged.is_ascii());
                    prop_assert!(!judged.ends_with(".localhost") && !judged.ends_with(".nip.io"));
                    prop_assert!(!judged.split(['.', '-']).any(|part| part == "internal"));
                }
                (read, judged) => prop_assert!(false, "{read:?} was judged as {judged:?}"),
            }
            prop_assert!(read.username().is_empty() && read.password().is_none());
            prop_assert!(url.bytes().all(|b| b > b' ' && b != b'\\' && b != 0x7f));
            // The plainest reader, who splits at the first marks, finds the same host.
            let rest = url.split_once("://").expect("it is written out").1;
            let plain = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let again = url::Url::parse(&format!("http://{plain}/")).expect("a host");
            prop_assert_eq!(again.host_str(), read.host_str());
        }
    }

    /// With all switched off, what is refused is what no parser reads.
    #[test]
    fn only_what_is_no_url_is_refused_by_an_open_guard(url in urls()) {
        let guard = UrlGuard::compile(&open()).expect("an open guard");
        let host = url::Url::parse(&url).ok().and_then(|url| Some(url.host()?.to_owned()));
        match guard.check(&url) {
            Ok(_) => prop_assert!(host.is_some(), "{url:?} was read"),
            Err(denied) => prop_assert!(["unreadable", "no-host"].contains(&denied.rule)),
        }
    }

    #[test]
    fn a_network_has_the_addresses_that_share_its_bits(
        net in addresses(), prefix in 0u8..=128, address in addresses(), near in any::<bool>(),
    ) {
        // Half of the time an address that differs by one bit or none.
        let address = match (near, net) {
            (true, IpAddr::V4(v4)) => IpAddr::V4((u32::from(v4) ^ (1u32 << (prefix % 32))).into()),
            (true, IpAddr::V6(v6)) => IpAddr::V6((u128::from(v6) ^ (1u128 << (prefix % 128))).into()),
            (false, _) => address,
        };
        let prefix = if net.is_ipv4() { prefix % 33 } else { prefix };
        let config = AddressConfig { deny: vec![entry(format!("{net}/{prefix}"))], ..AddressConfig::default() };
        let guard = AddressGuard::compile(&config).expect("a network");
        let (net_v4, net_bits) = bits(net);
        let (is_v4, address_bits) = bits(address);
        // A mapped network shorter than its prefix is one of IPv6.
        let mapped = net.is_ipv6() && net_v4;
        let expected = if mapped && prefix < 96 {
            let IpAddr::V6(net) = net else { unreachable!("it is IPv6") };
            let shared = (0..prefix).all(|bit| {
                let bit = 127 - bit;
                u128::from(net) >> bit & 1 == address_bits >> bit & 1
            });
            !is_v4 && shared
        } else {
            let length = if mapped { prefix - 96 } else { prefix };
            let width = if net_v4 { 32 } else { 128 };
            let shared = (0..length).all(|bit| {
                let bit = width - 1 - bit;
                net_bits >> bit & 1 == address_bits >> bit & 1
            });
            net_v4 == is_v4 && shared
        };
        prop_assert_eq!(guard.check(address, 0).is_err(), expected, "{}/{} {}", net, prefix, address);
        let theirs: ipnet::IpNet = format!("{net}/{prefix}").parse().expect("a network");
        if !mapped {
            prop_assert_eq!(theirs.contains(&canonical(address)), expected);
        }
    }

    #[test]
    fn a_peer_is_read_as_the_standard_library_does(address in addresses(), port in any::<u16>()) {
        for text in [address.to_string(), std::net::SocketAddr::new(address, port).to_string()] {
            let peer = parse_peer(&text).expect("an address");
            prop_assert_eq!(peer.address, canonical(address));
        }
    }

    #[test]
    fn a_forwarded_address_is_one_that_a_trusted_hop_named(
        peer in 0u32..6, hops in proptest::collection::vec(0u32..7, 0..8), most in 0usize..6,
    ) {
        // 0 to 2 are trusted; 6 is no address.
        let text = |n: &u32| match n {
            6 => "unknown".to_owned(),
            n => Ipv4Addr::from(0x0a00_0000 + n).to_string(),
        };
        let config = AddressConfig {
            trusted: (0..3).map(|n| text(&n)).collect(),
            hops_max: most,
            ..AddressConfig::default()
        };
        let guard = AddressGuard::compile(&config).expect("networks");
        let mut expected = peer;
        for hop in hops.iter().rev().take(most) {
            if expected > 2 || *hop == 6 { break }
            expected = *hop;
        }
        let header = hops.iter().map(text).collect::<Vec<_>>().join(", ");
        let headers = if hops.is_empty() { vec![] } else { vec![header.as_str()] };
        let found = guard.client_address(text(&peer).parse().expect("an address"), &headers);
        prop_assert_eq!(found.to_string(), text(&expected));
    }

    #[test]
    fn a_wildcard_means_the_names_below_it(
        name in "[ab.]{1,12}", domain in "[ab]{1,2}(\\.[ab]{1,2}){0,2}", wild in any::<bool>(),
        scheme in select(&["http", "https"][..]), port in select(&["", ":80", ":443", ":81"][..]),
    ) {
        let pattern = format!("https://{}{domain}", if wild { "*." } else { "" });
        let config = OriginConfig { origins: vec![pattern], ..OriginConfig::default() };
        let guard = OriginGuard::compile(&config).expect("an origin");
        let found = guard.check_origin(Some(&format!("{scheme}://{name}{port}"))).is_ok();
        let bare = name.strip_suffix('.').unwrap_or(&name);
        let labels: Vec<&str> = bare.split('.').collect();
        let wanted: Vec<&str> = domain.split('.').collect();
        let is_name = labels.iter().all(|label| !label.is_empty());
        let fits = labels.ends_with(&wanted)
            && if wild { labels.len() > wanted.len() } else { labels.len() == wanted.len() };
        let has_port = ["", ":443"].contains(&port);
        prop_assert_eq!(found, is_name && fits && has_port && scheme == "https");
    }

    /// Whatever is allowed lies below the root and in no denied directory, also once it is decoded.
    #[test]
    fn what_is_allowed_lies_below_the_root(path in pieces(PATH_PIECES, 9)) {
        let config = PathConfig {
            roots: vec!["/work".to_owned()],
            deny: vec!["/work/etc".to_owned(), "/tmp".to_owned()],
            ..PathConfig::default()
        };
        let guard = PathGuard::compile(&config).expect("directories");
        if guard.check(&path).is_ok() {
            prop_assert!(!path.contains(['\0', '\\']));
            let mut form = path.clone();
            for _ in 0..6 {
                let place = naive(&form);
                prop_assert_eq!(place.first().map(String::as_str), Some("work"), "{:?}", form);
                let second = place.get(1).map(|name| name.to_lowercase());
                prop_assert_ne!(second.as_deref(), Some("etc"), "{:?}", form);
                form = decode(&form);
            }
            // Names that nobody denies change nothing.
            // Of nothing, and of what is nothing to some, a slash would make the top.
            let is_blank = |c: char| c.is_whitespace() || c.is_control() || c == '\u{200b}';
            let nothing = path.trim_matches(is_blank).is_empty() || path.starts_with('\u{200b}');
            let bare = if nothing { "." } else { path.as_str() };
            for safe in ["/zq", "/zq/..", "/./zq", "/"] {
                prop_assert!(guard.check(&format!("{bare}{safe}")).is_ok(), "{bare:?}{safe}");
            }
            let resolved = format!("/{}", naive(&path).join("/"));
            prop_assert_eq!(guard.check_resolved(&resolved), Ok(()));
        }
    }

    /// Without roots too, no spelling leads into a denied directory.
    #[test]
    fn what_is_allowed_lies_in_no_denied_directory(path in pieces(PATH_PIECES, 9)) {
        let guard = PathGuard::compile(&PathConfig::default()).expect("the default");
        if guard.check(&path).is_ok() {
            let mut form = path;
            for _ in 0..6 {
                let first = naive(&form).first().map(|name| name.to_lowercase());
                let is_denied = matches!(first.as_deref(), Some("etc" | "tmp"));
                prop_assert!(!is_denied || !form.starts_with('/'), "{form:?}");
                form = decode(&form);
            }
        }
    }
}
