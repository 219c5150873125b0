//! Spellings of hosts, each with what it has to be taken for, and what the parsers of `url` and
//! `ipnet` themselves make of it.

use core::net::{IpAddr, Ipv4Addr};

use crate::net::{AddressClass, UrlConfig, UrlGuard, UrlHost, classify, parse_peer};
use AddressClass::*;

/// The host of a URL, and the class of the address that browsers read there.
#[rustfmt::skip]
const ADDRESSES: &[(&str, AddressClass)] = &[
    // This host, in every form of inet_aton and in every digit of Unicode.
    ("127.0.0.1", Loopback), ("127.0.0.1.", Loopback), ("127.1", Loopback), ("127.1.", Loopback),
    ("127.0.1", Loopback), ("127.255.255.254", Loopback), ("127.65530", Loopback),
    ("127.0.65535", Loopback), ("2130706433", Loopback), ("2130706433.", Loopback),
    ("2147483647", Loopback), ("0x7f000001", Loopback), ("0X7F000001", Loopback),
    ("0x7F.0.0.1", Loopback), ("0x7f.1", Loopback), ("0x7f.0x0.0x0.0x1", Loopback),
    ("0x7f.0.1", Loopback), ("0x000000007f.1", Loopback), ("0x7f.0x.0x.0x1", Loopback),
    ("017700000001", Loopback), ("0177.0.0.1", Loopback), ("0177.1", Loopback),
    ("0000177.0.0.01", Loopback), ("0177.0x0.0.1", Loopback), ("127.0x0.00.1", Loopback),
    ("127.0.0.01", Loopback), ("127.000.000.001", Loopback), ("0x7f.0x000001", Loopback),
    ("１２７.0.0.1", Loopback), ("１２７．０．０．１", Loopback), ("127。0。0。1", Loopback),
    ("127｡0｡0｡1", Loopback), ("①②⑦.⓪.⓪.①", Loopback), ("⑫7.1", Loopback),
    ("𝟏𝟐𝟕.𝟎.𝟎.𝟏", Loopback), ("¹²⁷.0.0.1", Loopback), ("₁₂₇.0.0.1", Loopback),
    ("0ⅹ7f.1", Loopback), ("０x7f.1", Loopback), ("127.0.0.1\u{ad}", Loopback),
    ("1\u{200b}27.0.0.1", Loopback), ("127.0.0.\u{2060}1", Loopback),
    ("[::1]", Loopback), ("[0:0:0:0:0:0:0:1]", Loopback), ("[0000::0001]", Loopback),
    ("[::0.0.0.1]", Loopback), ("[0:0::1]", Loopback), ("[::127.0.0.1]", Loopback),
    ("[::7f00:1]", Loopback), ("[::ffff:127.0.0.1]", Loopback), ("[::FFFF:7F00:1]", Loopback),
    ("[0:0:0:0:0:ffff:127.0.0.1]", Loopback), ("[::ffff:0:127.0.0.1]", Loopback),
    ("[64:ff9b::127.0.0.1]", Loopback), ("[64:ff9b::7f00:1]", Loopback),
    ("[0064:ff9b:0:0:0:0:7f00:0001]", Loopback), ("[64:ff9b:1::127.0.0.1]", Loopback),
    ("[64:ff9b:1:ffff::7f00:1]", Loopback), ("[2002:7f00:1::]", Loopback),
    ("[2002:7f00:0001:ffff::1]", Loopback), ("[2001:0:7f00:1::]", Broadcast),
    ("[2001::80ff:fffe]", Loopback),
    // Nobody in particular.
    ("0", Unspecified), ("0.", Unspecified), ("0.0", Unspecified), ("0.0.0.0", Unspecified),
    ("00", Unspecified), ("0x0", Unspecified), ("0x", Unspecified), ("0x.0x", Unspecified),
    ("00000000000", Unspecified), ("0.1", Unspecified), ("0.255.255.255", Unspecified),
    ("1", Unspecified), ("16777215", Unspecified), ("０", Unspecified), ("⓪", Unspecified),
    ("[::]", Unspecified), ("[0:0:0:0:0:0:0:0]", Unspecified), ("[::0]", Unspecified),
    ("[::ffff:0:0]", Unspecified), ("[::ffff:0.0.0.0]", Unspecified), ("[64:ff9b::]", Unspecified),
    ("[2002::1]", Unspecified), ("[::2]", Unspecified),
    // Private networks.
    ("10.0.0.1", Private), ("10.1", Private), ("10.0.1", Private), ("167772161", Private),
    ("0xa000001", Private), ("0xa.0.0.1", Private), ("012.0.0.1", Private), ("012.1", Private),
    ("01200000001", Private), ("10.255.255.255", Private), ("10.16777215", Private),
    ("172.16.0.1", Private), ("172.31.255.255", Private), ("0xac100001", Private),
    ("2886729729", Private), ("0254.0x10.0.1", Private), ("172.1048577", Private),
    ("192.168.0.1", Private), ("192.168.1", Private), ("0xc0a80001", Private),
    ("3232235521", Private), ("0300.0250.0.1", Private), ("0300.0250.1", Private),
    ("192.11010049", Private), ("1⑨2.168.0.1", Private), ("192。168。0。1", Private),
    ("[::ffff:10.0.0.1]", Private), ("[::ffff:a00:1]", Private), ("[::10.0.0.1]", Private),
    ("[64:ff9b::10.0.0.1]", Private), ("[64:ff9b::c0a8:1]", Private), ("[2002:a00:1::]", Private),
    ("[2002:c0a8:1::1]", Private), ("[2001:0:a00:1::f7f7:f7f7]", Private),
    ("[64:ff9b:1::192.168.0.1]", Private), ("[::ffff:0:a00:1]", Private),
    // This link, and what clouds put there.
    ("169.254.0.1", LinkLocal), ("169.254.1", LinkLocal), ("0xa9fe0001", LinkLocal),
    ("2851995649", LinkLocal), ("[fe80::1]", LinkLocal), ("[FE80:0::1]", LinkLocal),
    ("[febf::1]", LinkLocal), ("[::ffff:169.254.0.1]", LinkLocal), ("[64:ff9b::a9fe:1]", LinkLocal),
    ("[fe80::7f00:1]", LinkLocal),
    ("169.254.169.254", Metadata), ("169.254.169.254.", Metadata), ("2852039166", Metadata),
    ("0xa9fea9fe", Metadata), ("0xa9.0xfe.0xa9.0xfe", Metadata), ("0xa9.254.0251.0xfe", Metadata),
    ("0251.0376.0251.0376", Metadata), ("025177524776", Metadata), ("169.254.43518", Metadata),
    ("169.16689662", Metadata), ("169。254。169。254", Metadata), ("①⑥⑨.②⑤④.①⑥⑨.②⑤④", Metadata),
    ("⑯⑨.254.⑯⑨.254", Metadata), ("[::ffff:169.254.169.254]", Metadata), ("[::ffff:a9fe:a9fe]", Metadata),
    ("[::169.254.169.254]", Metadata), ("[64:ff9b::a9fe:a9fe]", Metadata),
    ("[64:ff9b:1::a9fe:a9fe]", Metadata), ("[2002:a9fe:a9fe::]", Metadata),
    ("[fd00:ec2::254]", Metadata), ("[fd00:0ec2:0:0:0:0:0:0254]", Metadata),
    ("[fd00:ec2::23]", Metadata), ("[fd20:ce::254]", Metadata), ("[fe80::a9fe:a9fe]", Metadata),
    ("100.100.100.200", Metadata), ("1684301000", Metadata), ("0x646464c8", Metadata),
    ("0144.0144.0144.0310", Metadata), ("[::ffff:100.100.100.200]", Metadata),
    ("168.63.129.16", Metadata), ("2822734096", Metadata), ("0xa83f8110", Metadata),
    ("169.254.170.2", Metadata), ("169.254.170.23", Metadata), ("192.0.0.192", Metadata),
    // A provider's network.
    ("100.64.0.1", CarrierGrade), ("100.127.255.255", CarrierGrade), ("1681915905", CarrierGrade),
    ("0x64400001", CarrierGrade), ("100.4194305", CarrierGrade), ("[::ffff:100.64.0.1]", CarrierGrade),
    ("[64:ff9b::6440:1]", CarrierGrade),
    // Many at once.
    ("224.0.0.1", Multicast), ("239.255.255.250", Multicast), ("0xe0000001", Multicast),
    ("0340.0.0.1", Multicast), ("[ff02::1]", Multicast), ("[ff00::]", Multicast),
    ("[ffff:ffff::1]", Multicast), ("[::ffff:224.0.0.1]", Multicast),
    ("255.255.255.255", Broadcast), ("4294967295", Broadcast), ("0xffffffff", Broadcast),
    ("037777777777", Broadcast), ("255.16777215", Broadcast), ("[::ffff:ffff:ffff]", Broadcast),
    // Of examples and measurements, and kept for later.
    ("192.0.2.1", Documentation), ("198.51.100.1", Documentation), ("203.0.113.255", Documentation),
    ("[2001:db8::1]", Documentation), ("[2001:0DB8::]", Documentation), ("[3fff::1]", Documentation),
    ("198.18.0.1", Benchmark), ("198.19.255.255", Benchmark), ("[2001:2::1]", Benchmark),
    ("240.0.0.1", Reserved), ("255.255.255.254", Reserved), ("0xf0000001", Reserved),
    ("192.0.0.1", Reserved), ("192.88.99.1", Reserved), ("[100::1]", Reserved),
    ("[2001:10::1]", Reserved), ("[4000::1]", Reserved), ("[5f00::1]", Reserved),
    ("[fe00::1]", Reserved), ("[64:ff9b:2::1]", Reserved),
    ("[fc00::1]", UniqueLocal), ("[fd12:3456:789a::1]", UniqueLocal), ("[fdff::]", UniqueLocal),
    ("[fec0::1]", SiteLocal), ("[feff::1]", SiteLocal),
    // Anybody.
    ("8.8.8.8", Public), ("134744072", Public), ("0x08080808", Public), ("8.8.2056", Public),
    ("8.526344", Public), ("8.8.8.8.", Public), ("８.8.8.8", Public), ("1.1.1.1", Public),
    ("100.63.255.255", Public), ("100.128.0.1", Public), ("172.15.0.1", Public),
    ("172.32.0.1", Public), ("192.167.0.1", Public), ("192.169.0.1", Public), ("126.0.0.1", Public),
    ("128.0.0.1", Public), ("223.255.255.255", Public), ("[2606:4700::1111]", Public),
    ("[::ffff:8.8.8.8]", Public), ("[::8.8.8.8]", Public), ("[64:ff9b::8.8.8.8]", Public),
    ("[2002:808:808::1]", Public), ("[2001:4860:4860::8888]", Public), ("[2001:db9::1]", Public),
];

/// What browsers read as one public address, and readers of plain decimal numbers as another: the
/// class of the other, or that there are two public ones.
const DISAGREED: &[(&str, &str)] = &[
    ("010.8.8.8", "private"),
    ("０１０.8.8.8", "private"),
    ("⓪①⓪.8.8.8", "private"),
    ("0127.0.0.1", "loopback"),
    ("0100.064.0.1", "carrier-grade"),
    ("0254.020.0.1", "private"),
    ("011.2.3.4", "syntax"),
    ("8.8.8.010", "syntax"),
    ("0224.0.0.1", "multicast"),
    ("0107.1.1.1", "syntax"),
    ("0100.100.100.200", "metadata"),
];

fn rule_of(config: &UrlConfig, host: &str) -> Result<UrlHost, &'static str> {
    let guard = UrlGuard::compile(config).expect("a configuration");
    guard.check(&format!("http://{host}/")).map_err(|denied| denied.rule)
}

#[test]
fn there_are_two_hundred_of_them() {
    assert!(ADDRESSES.len() + DISAGREED.len() >= 200, "{}", ADDRESSES.len());
    for (at, (host, _)) in ADDRESSES.iter().enumerate() {
        assert!(ADDRESSES[..at].iter().all(|(other, _)| other != host), "{host} stands twice");
    }
    for class in AddressClass::ALL {
        assert!(ADDRESSES.iter().any(|(_, found)| *found == class), "{}", class.name());
    }
}

#[test]
fn every_spelling_of_an_address_is_classified() {
    let default = UrlConfig::default();
    for (host, class) in ADDRESSES {
        match *class {
            Public => assert!(rule_of(&default, host).is_ok(), "{host}"),
            class => {
                assert_eq!(rule_of(&default, host), Err(class.name()), "{host}");
                let open = UrlConfig { classes: vec![class], ..UrlConfig::default() };
                let found = rule_of(&open, host);
                assert!(matches!(found, Ok(UrlHost::Address(_))), "{host}: {found:?}");
            }
        }
    }
}

#[test]
fn what_readers_disagree_about_is_refused() {
    let loose = UrlConfig { loose_syntax: true, ..UrlConfig::default() };
    for (host, rule) in DISAGREED {
        assert_eq!(rule_of(&UrlConfig::default(), host), Err(*rule), "{host}");
        let is_lenient = rule_of(&loose, host).is_ok();
        assert_eq!(is_lenient, *rule == "syntax", "{host}");
    }
}

#[test]
fn the_parser_of_the_url_crate_reads_the_same_address() {
    let open = UrlConfig { classes: AddressClass::ALL.to_vec(), ..UrlConfig::default() };
    for (host, class) in ADDRESSES {
        let url = url::Url::parse(&format!("http://{host}/")).expect(host);
        let read = match url.host() {
            Some(url::Host::Ipv4(address)) => IpAddr::V4(address),
            Some(url::Host::Ipv6(address)) => IpAddr::V6(address).to_canonical(),
            other => panic!("{host}: {other:?}"),
        };
        assert_eq!(classify(read), *class, "{host}");
        assert_eq!(rule_of(&open, host), Ok(UrlHost::Address(read)), "{host}");
    }
}

#[test]
fn the_parser_of_ipnet_reads_the_same_networks() {
    for (host, class) in ADDRESSES {
        let bare = host.trim_matches(['[', ']']);
        let ours = super::super::list::parse_net(bare).ok();
        let theirs =
            bare.parse::<IpAddr>().ok().map(|address| ipnet::IpNet::from(address.to_canonical()));
        assert_eq!(ours, theirs, "{host}");
        let peer = parse_peer(bare).map(|peer| classify(peer.address));
        assert_eq!(peer, theirs.map(|_| *class), "{host}");
        for prefix in 0..=32 {
            let text = format!("{bare}/{prefix}");
            let theirs = text.parse::<ipnet::IpNet>().ok().map(|net| net.trunc());
            match super::super::list::parse_net(&text) {
                Ok(ours) => assert_eq!(Some(ours), theirs, "{text}"),
                // Leading zeros, which it takes for decimal, are octal to others.
                Err(_) => assert!(
                    theirs.is_none()
                        || bare.split('.').any(|part| part.len() > 1 && part.starts_with('0')),
                    "{text}"
                ),
            }
        }
    }
}

#[test]
fn the_ranges_of_the_standard_library_are_ours() {
    // A prime step, so that all low bits come up.
    for number in (0..=u32::MAX).step_by(65_521) {
        let address = Ipv4Addr::from(number);
        let class = classify(IpAddr::V4(address));
        let known = class == Metadata;
        assert_eq!(class == Private, address.is_private(), "{address}");
        assert_eq!(class == Loopback, address.is_loopback(), "{address}");
        assert_eq!(class == LinkLocal || known, address.is_link_local() || known, "{address}");
        assert_eq!(class == Multicast, address.is_multicast(), "{address}");
        assert_eq!(class == Broadcast, address.is_broadcast(), "{address}");
        assert_eq!(class == Documentation, address.is_documentation(), "{address}");
    }
}
