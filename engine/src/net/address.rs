//! What an IP address is: one of the classes of the special-purpose registries (RFC 6890), or public.
//!
//! An IPv6 address may carry an IPv4 address that a translator or a tunnel hands on to. Then the
//! carried address decides, so that no spelling leads behind the check.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// What kind of network an address belongs to. The numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum AddressClass {
    /// Anybody's: reached over the public network.
    Public = 0,
    /// `0.0.0.0/8` and `::`: this host, as most systems read it (RFC 1122).
    Unspecified = 1,
    /// `127.0.0.0/8` and `::1`: this host.
    Loopback = 2,
    /// `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16` (RFC 1918).
    Private = 3,
    /// `169.254.0.0/16` and `fe80::/10`: this link (RFC 3927, RFC 4291).
    #[serde(alias = "link_local")]
    LinkLocal = 4,
    /// Where clouds hand credentials to whoever asks: `169.254.169.254`, `100.100.100.200`,
    /// `168.63.129.16`, `fd00:ec2::254` and their like.
    Metadata = 5,
    /// `100.64.0.0/10`: inside a provider's network (RFC 6598).
    #[serde(alias = "carrier_grade")]
    CarrierGrade = 6,
    /// `224.0.0.0/4` and `ff00::/8`.
    Multicast = 7,
    /// `255.255.255.255`.
    Broadcast = 8,
    /// Of examples: `192.0.2.0/24`, `198.51.100.0/24`, `203.0.113.0/24`, `2001:db8::/32`,
    /// `3fff::/20` (RFC 5737, RFC 3849, RFC 9637).
    Documentation = 9,
    /// `198.18.0.0/15` and `2001:2::/48` (RFC 2544, RFC 5180).
    Benchmark = 10,
    /// Everything else that nobody has on the public network: `240.0.0.0/4`, `192.0.0.0/24`,
    /// `192.88.99.0/24`, and IPv6 outside `2000::/3` without a class of its own.
    Reserved = 11,
    /// `fc00::/7`: private networks of IPv6 (RFC 4193).
    #[serde(alias = "unique_local")]
    UniqueLocal = 12,
    /// `fec0::/10`: the same, before RFC 3879 ended it.
    #[serde(alias = "site_local")]
    SiteLocal = 13,
}

impl AddressClass {
    /// Every class, by number.
    pub const ALL: [AddressClass; 14] = [
        Self::Public,
        Self::Unspecified,
        Self::Loopback,
        Self::Private,
        Self::LinkLocal,
        Self::Metadata,
        Self::CarrierGrade,
        Self::Multicast,
        Self::Broadcast,
        Self::Documentation,
        Self::Benchmark,
        Self::Reserved,
        Self::UniqueLocal,
        Self::SiteLocal,
    ];

    /// Its name, in configuration and as the rule that refused it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unspecified => "unspecified",
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::LinkLocal => "link-local",
            Self::Metadata => "metadata",
            Self::CarrierGrade => "carrier-grade",
            Self::Multicast => "multicast",
            Self::Broadcast => "broadcast",
            Self::Documentation => "documentation",
            Self::Benchmark => "benchmark",
            Self::Reserved => "reserved",
            Self::UniqueLocal => "unique-local",
            Self::SiteLocal => "site-local",
        }
    }
}

/// The one address that is meant: an IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is IPv4.
#[must_use]
pub fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// The class of an address, or of the address inside it.
///
/// Looked into are IPv4-mapped, IPv4-compatible and IPv4-translated addresses, NAT64 (RFC 6052, RFC
/// 8215), 6to4 (RFC 3056) and Teredo (RFC 4380, the client and the server).
#[must_use]
pub fn classify(address: IpAddr) -> AddressClass {
    match canonical(address) {
        IpAddr::V4(address) => classify_v4(address),
        IpAddr::V6(address) => match METADATA_V6.contains(&address) {
            true => AddressClass::Metadata,
            false => carried(address).unwrap_or_else(|| classify_v6(address)),
        },
    }
}

/// What a peer's address was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The address, [canonical]. A zone is dropped: it names an interface, not a peer.
    pub address: IpAddr,
    /// The port, where one was given.
    pub port: Option<u16>,
}

/// Reads an address as hosts and headers write a peer: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`,
/// `[2001:db8::1]`, `[2001:db8::1]:80`, `fe80::1%eth0`.
///
/// Strict: four decimal numbers without leading zeros, no white space, no name. Anything else is
/// `None`.
#[must_use]
pub fn parse_peer(text: &str) -> Option<Peer> {
    if text.len() > PEER_BYTES_MAX {
        return None;
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (inner, after) = rest.split_once(']')?;
        let address = parse_v6(inner)?;
        let port = match after {
            "" => None,
            _ => Some(parse_port(after.strip_prefix(':')?)?),
        };
        return Some(Peer { address, port });
    }
    if text.bytes().filter(|b| *b == b':').count() > 1 {
        return Some(Peer { address: parse_v6(text)?, port: None });
    }
    let (address, port) = match text.split_once(':') {
        Some((address, port)) => (address, Some(parse_port(port)?)),
        None => (text, None),
    };
    Some(Peer { address: IpAddr::V4(address.parse().ok()?), port })
}

fn parse_v6(text: &str) -> Option<IpAddr> {
    let (address, zone) = match text.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (text, None),
    };
    let is_zone = |zone: &str| {
        !zone.is_empty()
            && zone.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    if !zone.is_none_or(is_zone) {
        return None;
    }
    address.parse::<Ipv6Addr>().ok().map(|address| canonical(IpAddr::V6(address)))
}

/// A port in decimal digits.
pub(super) fn parse_port(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

fn classify_v4(address: Ipv4Addr) -> AddressClass {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        _ if METADATA_V4.contains(&address) => AddressClass::Metadata,
        _ if address == Ipv4Addr::BROADCAST => AddressClass::Broadcast,
        (0, ..) => AddressClass::Unspecified,
        (127, ..) => AddressClass::Loopback,
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => AddressClass::Private,
        (169, 254, _) => AddressClass::LinkLocal,
        (100, 64..=127, _) => AddressClass::CarrierGrade,
        (224..=239, ..) => AddressClass::Multicast,
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => AddressClass::Documentation,
        (198, 18..=19, _) => AddressClass::Benchmark,
        (240.., ..) | (192, 0, 0) | (192, 88, 99) => AddressClass::Reserved,
        _ => AddressClass::Public,
    }
}

fn classify_v6(address: Ipv6Addr) -> AddressClass {
    let [a, b, c, ..] = address.segments();
    match (a, b, c) {
        _ if address.is_unspecified() => AddressClass::Unspecified,
        _ if address.is_loopback() => AddressClass::Loopback,
        (0xfe80..=0xfebf, ..) => AddressClass::LinkLocal,
        (0xfec0..=0xfeff, ..) => AddressClass::SiteLocal,
        (0xfc00..=0xfdff, ..) => AddressClass::UniqueLocal,
        (0xff00.., ..) => AddressClass::Multicast,
        (0x2001, 0xdb8, _) | (0x3fff, 0..=0xfff, _) => AddressClass::Documentation,
        (0x2001, 2, 0) => AddressClass::Benchmark,
        (0x2001, 0..=0x1ff, _) => AddressClass::Reserved,
        (0x2000..=0x3fff, ..) => AddressClass::Public,
        _ => AddressClass::Reserved,
    }
}

/// The class that an IPv4 address inside this one gives it.
fn carried(address: Ipv6Addr) -> Option<AddressClass> {
    let o = address.octets();
    let v4 = |a: usize| classify_v4(Ipv4Addr::new(o[a], o[a + 1], o[a + 2], o[a + 3]));
    match address.segments() {
        // `::` and `::1` are themselves; the rest of ::/96 is IPv4-compatible.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0, _, _] | [0, 0, 0, 0, 0xffff, 0, _, _] => Some(v4(12)),
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => Some(v4(12)),
        [0x64, 0xff9b, 1, ..] => Some(local_nat64(o)),
        [0x2002, ..] => Some(v4(2)),
        [0x2001, 0, ..] => {
            let client = Ipv4Addr::new(!o[12], !o[13], !o[14], !o[15]);
            Some(worse(classify_v4(client), v4(4)))
        }
        _ => None,
    }
}

/// `64:ff9b:1::/48` belongs to whoever runs the network, who also chooses where in it the IPv4
/// address stands (RFC 6052, section 2.2). With zeros before the last 32 bits it stands there.
/// Otherwise every place is tried, and an address that is public in all of them is still reserved.
fn local_nat64(o: [u8; 16]) -> AddressClass {
    let last = classify_v4(Ipv4Addr::new(o[12], o[13], o[14], o[15]));
    if o[8..12] == [0; 4] {
        return last;
    }
    let after_48 = classify_v4(Ipv4Addr::new(o[6], o[7], o[9], o[10]));
    let after_56 = classify_v4(Ipv4Addr::new(o[7], o[9], o[10], o[11]));
    let after_64 = classify_v4(Ipv4Addr::new(o[9], o[10], o[11], o[12]));
    let any = worse(worse(last, after_64), worse(after_56, after_48));
    worse(any, AddressClass::Reserved)
}

/// The first of two classes that is not public.
fn worse(first: AddressClass, second: AddressClass) -> AddressClass {
    if first == AddressClass::Public { second } else { first }
}

/// Longer than an IPv6 address, a zone and a port.
const PEER_BYTES_MAX: usize = 128;

/// Metadata services: AWS, Google, Azure and others; AWS's containers and pods; Alibaba; Azure's
/// host; Oracle's classic cloud; Tencent; Scaleway.
const METADATA_V4: [Ipv4Addr; 8] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(169, 254, 0, 23),
    Ipv4Addr::new(169, 254, 42, 42),
];

/// The same over IPv6: AWS, its pods, Google, OpenStack, Oracle, Scaleway.
const METADATA_V6: [Ipv6Addr; 6] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0xa9fe, 0xa9fe),
    Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe),
    Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_stable() {
        for (number, class) in AddressClass::ALL.into_iter().enumerate() {
            assert_eq!(class as usize, number);
            let json = format!("\"{}\"", class.name());
            assert_eq!(serde_json::to_string(&class).expect("a word"), json);
            let old = json.replace('-', "_");
            assert_eq!(serde_json::from_str::<AddressClass>(&old).expect("a word"), class);
        }
    }

    #[test]
    fn a_class_begins_and_ends_where_its_registry_says() {
        use AddressClass::*;
        let edges = [
            ("0.255.255.255", Unspecified, "1.0.0.0", Public),
            ("9.255.255.255", Public, "10.0.0.0", Private),
            ("10.255.255.255", Private, "11.0.0.0", Public),
            ("100.63.255.255", Public, "100.64.0.0", CarrierGrade),
            ("100.127.255.255", CarrierGrade, "100.128.0.0", Public),
            ("126.255.255.255", Public, "127.0.0.0", Loopback),
            ("127.255.255.255", Loopback, "128.0.0.0", Public),
            ("169.253.255.255", Public, "169.254.0.0", LinkLocal),
            ("169.254.255.255", LinkLocal, "169.255.0.0", Public),
            ("172.15.255.255", Public, "172.16.0.0", Private),
            ("172.31.255.255", Private, "172.32.0.0", Public),
            ("192.167.255.255", Public, "192.168.0.0", Private),
            ("192.168.255.255", Private, "192.169.0.0", Public),
            ("192.0.0.255", Reserved, "192.0.1.0", Public),
            ("192.0.1.255", Public, "192.0.2.0", Documentation),
            ("198.17.255.255", Public, "198.18.0.0", Benchmark),
            ("198.19.255.255", Benchmark, "198.20.0.0", Public),
            ("223.255.255.255", Public, "224.0.0.0", Multicast),
            ("239.255.255.255", Multicast, "240.0.0.0", Reserved),
            ("255.255.255.254", Reserved, "255.255.255.255", Broadcast),
            ("::", Unspecified, "::1", Loopback),
            ("fbff::1", Reserved, "fc00::", UniqueLocal),
            ("fdff::1", UniqueLocal, "fe00::", Reserved),
            ("fe7f::", Reserved, "fe80::", LinkLocal),
            ("febf::1", LinkLocal, "fec0::", SiteLocal),
            ("feff::1", SiteLocal, "ff00::", Multicast),
            ("2001:db7::", Public, "2001:db8::", Documentation),
            ("2001:2::1", Benchmark, "2001:2:1::", Reserved),
            ("2001:1ff::", Reserved, "2001:200::", Public),
            ("3ffe::1", Public, "3fff::1", Documentation),
            ("3fff:fff::1", Documentation, "3fff:1000::", Public),
            ("1fff::1", Reserved, "2000::1", Public),
            ("3fff:ffff::1", Public, "4000::", Reserved),
        ];
        for (last, before, first, after) in edges {
            for (text, class) in [(last, before), (first, after)] {
                assert_eq!(classify(text.parse().expect(text)), class, "{text}");
            }
        }
    }

    #[test]
    fn what_an_address_carries_decides() {
        use AddressClass::*;
        for (text, class) in [
            ("::ffff:127.0.0.1", Loopback),
            ("::ffff:7f00:1", Loopback),
            ("::ffff:8.8.8.8", Public),
            ("::127.0.0.1", Loopback),
            ("::8.8.8.8", Public),
            ("::2", Unspecified),
            ("::ffff:0:10.0.0.1", Private),
            ("64:ff9b::7f00:1", Loopback),
            ("64:ff9b::a9fe:a9fe", Metadata),
            ("64:ff9b::808:808", Public),
            ("64:ff9b:1::10.0.0.1", Private),
            ("64:ff9b:1::8.8.8.8", Public),
            ("64:ff9b:1:7::8.8.8.8", Public),
            ("64:ff9b:1:0:000a:0:0108:808", Private),
            ("64:ff9b:1:0808:0008:0800:0808:0808", Reserved),
            ("64:ff9b:2::7f00:1", Reserved),
            ("2002:7f00:1::", Loopback),
            ("2002:a9fe:a9fe::1", Metadata),
            ("2002:808:808::1", Public),
            ("2001:0:808:808::f7f7:f7f7", Public),
            ("2001:0:808:808::80ff:fffe", Loopback),
            ("2001:0:a00:1::f7f7:f7f7", Private),
            ("fd00:ec2::254", Metadata),
            ("fe80::a9fe:a9fe", Metadata),
            ("::ffff:168.63.129.16", Metadata),
        ] {
            assert_eq!(classify(text.parse().expect(text)), class, "{text}");
        }
    }

    #[test]
    fn a_peer_is_read_strictly() {
        let read = |text: &str| parse_peer(text).map(|p| (p.address.to_string(), p.port));
        for (text, address, port) in [
            ("192.0.2.1", "192.0.2.1", None),
            ("192.0.2.1:80", "192.0.2.1", Some(80)),
            ("2001:db8::1", "2001:db8::1", None),
            ("[2001:db8::1]", "2001:db8::1", None),
            ("[2001:db8::1]:65535", "2001:db8::1", Some(65535)),
            ("fe80::1%eth0", "fe80::1", None),
            ("[fe80::1%25]:1", "fe80::1", Some(1)),
            ("::ffff:192.0.2.1", "192.0.2.1", None),
            ("[::ffff:192.0.2.1]:443", "192.0.2.1", Some(443)),
        ] {
            assert_eq!(read(text), Some((address.to_owned(), port)), "{text}");
        }
        let long = format!("fe80::1%{}", "a".repeat(PEER_BYTES_MAX));
        for text in [
            "",
            " 192.0.2.1",
            "192.0.2.1 ",
            "192.0.2",
            "192.0.2.01",
            "0x7f.0.0.1",
            "192.0.2.1:",
            "192.0.2.1:65536",
            "192.0.2.1:+1",
            "[192.0.2.1]",
            "[2001:db8::1",
            "2001:db8::1]",
            "[2001:db8::1]80",
            "[2001:db8::1]:",
            "fe80::1%",
            "fe80::1%a/b",
            "192.0.2.1%eth0",
            "localhost",
            "unknown",
            "_hidden",
            "192.0.2.1, 192.0.2.2",
            "１92.0.2.1",
            &long,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
