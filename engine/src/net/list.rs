//! Who may connect: lists of networks with an expiry, and who the client is behind proxies.
//!
//! Invariant: an address that a deny entry names, and that has not expired, is refused whatever else
//! is said; a header moves the client's address only as far as trusted proxies vouch for it.

use core::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use super::address::{canonical, parse_peer};
use super::config::{AddressConfig, AddressEntry};
use super::denied::Denied;
use super::url::each;
use crate::base::error::ConfigError;

/// The compiled form of [`AddressConfig`].
#[derive(Clone, Debug, Default)]
pub struct AddressGuard {
    allow: Vec<Entry>,
    deny: Vec<Entry>,
    trusted: Vec<IpNet>,
    hops_max: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    net: IpNet,
    until_ms: Option<u64>,
}

impl AddressGuard {
    /// Compiles a configuration; a fault is named by its key below `network.addresses`.
    ///
    /// # Errors
    ///
    /// An entry that is no network.
    pub fn compile(config: &AddressConfig) -> Result<Self, ConfigError> {
        let key = "network.addresses";
        Ok(Self {
            allow: entries(&config.allow, &format!("{key}.allow"))?,
            deny: entries(&config.deny, &format!("{key}.deny"))?,
            trusted: each(&config.trusted, &format!("{key}.trusted"), parse_net)?,
            hops_max: config.hops_max,
        })
    }

    /// Judges a client's address at a time in milliseconds since 1970 (UTC).
    ///
    /// # Errors
    ///
    /// `address-denied` or `address-unlisted`.
    pub fn check(&self, address: IpAddr, wall_ms: u64) -> Result<(), Denied> {
        let has = |list: &[Entry]| list.iter().any(|entry| entry.has(address, wall_ms));
        if has(&self.deny) {
            return Err(Denied::new("address-denied"));
        }
        match self.allow.is_empty() || has(&self.allow) {
            true => Ok(()),
            false => Err(Denied::new("address-unlisted")),
        }
    }

    /// The address of the client behind trusted proxies, from the peer's address and the values of
    /// all `X-Forwarded-For` headers, in their order.
    ///
    /// Entries are read from the right, each vouched for by the hop before it. The first one that is
    /// no trusted proxy is the client. At an entry that is no address, or after `hops_max` of them,
    /// the last trusted hop counts.
    #[must_use]
    pub fn client_address(&self, peer: IpAddr, forwarded_for: &[&str]) -> IpAddr {
        let mut client = canonical(peer);
        let hops = forwarded_for.iter().rev().flat_map(|value| value.rsplit(','));
        for hop in hops.take(self.hops_max) {
            if !contains(&self.trusted, client) {
                break;
            }
            match parse_peer(hop.trim_matches([' ', '\t'])) {
                Some(found) => client = found.address,
                None => break,
            }
        }
        client
    }
}

impl Entry {
    fn has(&self, address: IpAddr, wall_ms: u64) -> bool {
        self.until_ms.is_none_or(|until| wall_ms < until)
            && contains(core::slice::from_ref(&self.net), address)
    }
}

fn entries(list: &[AddressEntry], key: &str) -> Result<Vec<Entry>, ConfigError> {
    let read = |(at, entry): (usize, &AddressEntry)| {
        let fault = |why: &str| ConfigError::Setting(format!("{key}[{at}].net"), why.to_owned());
        let net = parse_net(&entry.net).map_err(fault)?;
        Ok(Entry { net, until_ms: entry.until_ms })
    };
    list.iter().enumerate().map(read).collect()
}

/// Reads a network (`10.0.0.0/8`) or an address, which is a network of one.
///
/// Bits behind the prefix do not count. A network of IPv4 addresses written as IPv6
/// (`::ffff:10.0.0.0/104`) is that of the IPv4 addresses.
pub(crate) fn parse_net(text: &str) -> Result<IpNet, &'static str> {
    const WRONG: &str = "write an address, or a network such as 10.0.0.0/8 or 2001:db8::/32";
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| WRONG)?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        None => longest,
        Some(digits) => {
            let number = digits.len() <= 3 && digits.bytes().all(|b| b.is_ascii_digit());
            let zeros = digits.len() > 1 && digits.starts_with('0');
            if !number || zeros { None } else { digits.parse().ok() }.ok_or(WRONG)?
        }
    };
    let net = IpNet::new(address, prefix).map_err(|_| WRONG)?.trunc();
    Ok(match (net.addr(), prefix) {
        (IpAddr::V6(v6), 96..) => match v6.to_ipv4_mapped() {
            Some(v4) => IpNet::V4(Ipv4Net::new(v4, prefix - 96).map_err(|_| WRONG)?),
            None => net,
        },
        _ => net,
    })
}

/// Whether any of these networks has the address. An IPv4 address lies in
/// networks of IPv4 alone, so that `::/0` is all of IPv6.
pub(crate) fn contains(nets: &[IpNet], address: IpAddr) -> bool {
    let address = canonical(address);
    nets.iter().any(|net| net.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allow: &[(&str, Option<u64>)], deny: &[(&str, Option<u64>)]) -> AddressGuard {
        let entries = |list: &[(&str, Option<u64>)]| {
            let entry = |(net, until_ms): &(&str, Option<u64>)| AddressEntry {
                net: (*net).to_owned(),
                until_ms: *until_ms,
            };
            list.iter().map(entry).collect()
        };
        let config = AddressConfig {
            allow: entries(allow),
            deny: entries(deny),
            ..AddressConfig::default()
        };
        AddressGuard::compile(&config).expect("a configuration")
    }

    fn check(guard: &AddressGuard, address: &str, now: u64) -> Option<&'static str> {
        guard.check(address.parse().expect(address), now).err().map(|denied| denied.rule)
    }

    #[test]
    fn deny_goes_before_allow() {
        let both = guard(&[("10.0.0.0/8", None)], &[("10.0.0.50", None)]);
        assert_eq!(check(&both, "10.0.0.50", 0), Some("address-denied"));
        assert_eq!(check(&both, "10.0.0.51", 0), None);
        assert_eq!(check(&both, "11.0.0.1", 0), Some("address-unlisted"));
        assert_eq!(check(&guard(&[], &[]), "11.0.0.1", 0), None);
        assert_eq!(check(&guard(&[("10.0.0.0/8", None)], &[]), "10.0.0.50", 0), None);
    }

    #[test]
    fn an_entry_ends_on_its_millisecond() {
        let banned = guard(&[], &[("192.0.2.1", Some(1_000))]);
        assert_eq!(check(&banned, "192.0.2.1", 999), Some("address-denied"));
        assert_eq!(check(&banned, "192.0.2.1", 1_000), None);
        // A list that has run out is still a list.
        let guest = guard(&[("192.0.2.1", Some(1_000))], &[]);
        assert_eq!(check(&guest, "192.0.2.1", 999), None);
        assert_eq!(check(&guest, "192.0.2.1", 1_000), Some("address-unlisted"));
        assert_eq!(check(&guest, "192.0.2.1", 1_001), Some("address-unlisted"));
    }

    #[test]
    fn ipv4_is_ipv4_however_it_is_written() {
        for net in ["192.0.2.0/24", "::ffff:192.0.2.0/120"] {
            let list = guard(&[], &[(net, None)]);
            assert_eq!(check(&list, "192.0.2.7", 0), Some("address-denied"), "{net}");
            assert_eq!(check(&list, "::ffff:192.0.2.7", 0), Some("address-denied"), "{net}");
            assert_eq!(check(&list, "192.0.3.7", 0), None, "{net}");
            assert_eq!(check(&list, "::192.0.2.7", 0), None, "{net}");
        }
        for (net, v4, v6) in [
            ("0.0.0.0/0", true, false),
            ("::/0", false, true),
            ("::ffff:0:0/96", true, false),
            ("8.8.8.8/32", true, false),
            ("2001:db8::1/128", false, true),
            ("::ffff:8.8.8.8/128", true, false),
            ("::/95", false, false),
        ] {
            let list = guard(&[], &[(net, None)]);
            assert_eq!(check(&list, "8.8.8.8", 0).is_some(), v4, "{net}");
            assert_eq!(check(&list, "::ffff:8.8.8.8", 0).is_some(), v4, "{net}");
            assert_eq!(check(&list, "2001:db8::1", 0).is_some(), v6, "{net}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "010.0.0.0/8",
            "10.0.0.0/08",
            "10.0.0.0/+8",
            "10.0.0.0/",
            "/8",
            "10.0.0.0/8/8",
            "fe80::1%eth0",
            "[::1]",
            "example.com",
            " ::1",
            "10.0.0.1-10.0.0.9",
            "10.*",
        ] {
            assert!(parse_net(text).is_err(), "{text}");
        }
        let config = AddressConfig {
            deny: vec![AddressEntry { net: "10.0.0.0/33".to_owned(), until_ms: None }],
            ..AddressConfig::default()
        };
        let ConfigError::Setting(key, _) = AddressGuard::compile(&config).expect_err("33") else {
            panic!("a setting");
        };
        assert_eq!(key, "network.addresses.deny[0].net");
    }

    #[test]
    fn a_forwarded_address_counts_as_far_as_proxies_vouch_for_it() {
        let config = AddressConfig {
            trusted: vec!["10.0.0.0/8".to_owned(), "::1".to_owned()],
            hops_max: 4,
            ..AddressConfig::default()
        };
        let guard = AddressGuard::compile(&config).expect("a configuration");
        for (peer, headers, client) in [
            ("192.0.2.9", &["198.51.100.1"][..], "192.0.2.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("::1", &["[2001:db8::1]:80"], "2001:db8::1"),
            // The client may write what it likes on the left.
            ("10.0.0.1", &["127.0.0.1, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["127.0.0.1", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1,10.0.0.2 ,\t10.0.0.3"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1, unknown, 10.0.0.3"], "10.0.0.3"),
            ("10.0.0.1", &["198.51.100.1,"], "10.0.0.1"),
            ("10.0.0.1", &[""], "10.0.0.1"),
            ("10.0.0.1", &["10.0.0.9, 10.0.0.2"], "10.0.0.9"),
            ("10.0.0.1", &["8.8.8.8, 10.0.0.5, 10.0.0.4, 10.0.0.3, 10.0.0.2"], "10.0.0.5"),
            ("10.0.0.1", &["8.8.8.8, 10.0.0.4, 10.0.0.3, 10.0.0.2"], "8.8.8.8"),
        ] {
            let found = guard.client_address(peer.parse().expect(peer), headers);
            assert_eq!(found, client.parse::<IpAddr>().expect(client), "{peer} {headers:?}");
        }
        let nobody = AddressGuard::compile(&AddressConfig::default()).expect("a configuration");
        let peer = "10.0.0.1".parse().expect("an address");
        assert_eq!(nobody.client_address(peer, &["198.51.100.1"]), peer);
    }
}
