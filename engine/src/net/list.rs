//! Lists of networks.

use core::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

use super::address::canonical;

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
        (IpAddr::V6(v6), 96..) => match v6_mapped(v6) {
            Some(v4) => IpNet::V4(Ipv4Net::new(v4, prefix - 96).map_err(|_| WRONG)?),
            None => net,
        },
        _ => net,
    })
}

/// Whether any of these networks has the address, which is [canonical]: an IPv4 address lies in
/// networks of IPv4 alone, so that `::/0` is all of IPv6.
pub(crate) fn contains(nets: &[IpNet], address: IpAddr) -> bool {
    let address = canonical(address);
    nets.iter().any(|net| net.contains(&address))
}

fn v6_mapped(address: Ipv6Addr) -> Option<core::net::Ipv4Addr> {
    address.to_ipv4_mapped()
}
