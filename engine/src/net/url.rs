//! Whether a URL may be fetched: its form, its scheme, its host, and the addresses that the host
//! resolves to.
//!
//! Never resolves, connects or follows a redirect. A host that does checks each URL that it is sent
//! on to, checks what a name resolved to with [`UrlGuard::check_addresses`], and connects to one of
//! the very addresses that it checked: a name may resolve to another one a moment later.
//!
//! Invariant: the host that is judged is the host that every program would take, or it is refused.

use core::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use url::{Url, quirks};

use super::address::{AddressClass, canonical, classify};
use super::config::UrlConfig;
use super::denied::Denied;
pub use super::host::UrlHost;
use super::host::{HostPattern, is_within};
use super::list::{contains, parse_net};
use super::spelling::{self, Spelling};
use crate::base::error::ConfigError;

/// The compiled form of [`UrlConfig`].
#[derive(Clone, Debug)]
pub struct UrlGuard {
    /// None: any.
    schemes: Option<Vec<String>>,
    allow: Vec<HostPattern>,
    deny: Vec<HostPattern>,
    labels: Vec<String>,
    nets: Vec<IpNet>,
    config: UrlConfig,
}

impl UrlGuard {
    /// Compiles a configuration; a fault is named by its key below `network.urls`.
    ///
    /// # Errors
    ///
    /// An entry that is no scheme, host, network or word.
    pub fn compile(config: &UrlConfig) -> Result<Self, ConfigError> {
        Self::compile_at(config, "network.urls")
    }

    /// The same for a configuration that stands elsewhere; a fault is named by its key below `key`.
    ///
    /// # Errors
    ///
    /// An entry that is no scheme, host, network or word.
    pub fn compile_at(config: &UrlConfig, key: &str) -> Result<Self, ConfigError> {
        let hosts =
            |list: &[String], name: &str| each(list, &format!("{key}.{name}"), HostPattern::parse);
        let word = "write one label of a host name, without dots and hyphens";
        if config.schemes.is_empty() {
            let why = "no scheme is allowed: name one, or * for any".to_owned();
            return Err(ConfigError::Setting(format!("{key}.schemes"), why));
        }
        let schemes = each(&config.schemes, &format!("{key}.schemes"), parse_scheme)?;
        Ok(Self {
            schemes: (!schemes.iter().any(|scheme| scheme == "*")).then_some(schemes),
            allow: hosts(&config.allow, "allow")?,
            deny: hosts(&config.deny, "deny")?,
            labels: each(&config.labels, &format!("{key}.labels"), |text| {
                let plain = !text.is_empty() && !text.contains(['.', '-', '*']);
                if plain { Ok(text.to_lowercase()) } else { Err(word) }
            })?,
            nets: each(&config.nets, &format!("{key}.nets"), parse_net)?,
            config: config.clone(),
        })
    }

    /// Judges a URL by all that can be told without resolving its host.
    ///
    /// # Errors
    ///
    /// The first check that refuses it.
    pub fn check(&self, url: &str) -> Result<UrlHost, Denied> {
        let target = self.read(url)?;
        self.check_lists(&target)?;
        match &target.host {
            UrlHost::Name(name) => self.check_name(name)?,
            UrlHost::Address(address) => {
                self.check_address(*address)?;
                if let Some(other) = target.other {
                    self.check_address(IpAddr::V4(other))?;
                }
            }
        }
        self.check_agreed(&target)?;
        Ok(target.host)
    }

    /// Whether the form, the scheme, the port and the lists of hosts let this URL be, wherever its
    /// host lies: for servers that the operator names, which may well be inner ones.
    ///
    /// # Errors
    ///
    /// The first check that refuses it.
    pub fn allows_upstream(&self, url: &str) -> Result<(), Denied> {
        let target = self.read(url)?;
        self.check_lists(&target)?;
        self.check_agreed(&target)
    }

    /// Judges an address by its class, or by that of the address inside it.
    ///
    /// # Errors
    ///
    /// The class, if it is not let be.
    pub fn check_address(&self, address: IpAddr) -> Result<(), Denied> {
        let class = classify(address);
        let let_be = class == AddressClass::Public
            || self.config.classes.contains(&class)
            || contains(&self.nets, canonical(address));
        if let_be { Ok(()) } else { Err(Denied::class(class)) }
    }

    /// Judges all addresses that a name resolved to. One bad address refuses them all: a program
    /// may connect to any of them.
    ///
    /// # Errors
    ///
    /// The first class that is not let be; `unresolved` if there are no addresses.
    pub fn check_addresses(&self, addresses: &[IpAddr]) -> Result<(), Denied> {
        if addresses.is_empty() {
            return Err(Denied::new("unresolved"));
        }
        addresses.iter().try_for_each(|address| self.check_address(*address))
    }

    /// Reads a URL, as far as programs agree how.
    fn read(&self, text: &str) -> Result<Target, Denied> {
        let config = &self.config;
        if config.bytes_max > 0 && text.len() > config.bytes_max {
            return Err(Denied::new("url-length"));
        }
        refuse(!config.loose_syntax && spelling::has_blank(text), "syntax")?;
        refuse(!config.backslash && text.contains('\\'), "backslash")?;
        let url = Url::parse(text).map_err(|_| Denied::new("unreadable"))?;
        let known = self.schemes.as_ref().is_none_or(|list| list.iter().any(|s| s == url.scheme()));
        refuse(!known, "scheme")?;
        // Parsers read the IPv4 addresses of http and its like alone; clients read those of all.
        let host = match url.host() {
            Some(url::Host::Domain(name)) => UrlHost::parse(name),
            Some(host) => UrlHost::of(&host),
            None => return Err(Denied::new("no-host")),
        };
        let host = host.ok_or(Denied::new("unreadable"))?;
        // What a parser drops is dropped here too, where the policy lets it be.
        let kept = text.trim_matches(|c: char| c <= ' ').replace(['\t', '\n', '\r'], "");
        let spelling = Spelling::of(&kept);
        refuse(!(config.loose_syntax || spelling.is_plain() && host.is_plain()), "syntax")?;
        let user =
            spelling.has_userinfo() || !url.username().is_empty() || url.password().is_some();
        refuse(!config.userinfo && user, "userinfo")?;
        refuse(!config.encoded_host && spelling.host().contains('%'), "encoded-host")?;
        if let UrlHost::Name(name) = &host {
            let mapped = spelling::is_mapped(spelling.host(), name);
            refuse(!config.mapped_host && mapped && !spelling.host().contains('%'), "mapped-host")?;
        }
        let other = match host {
            UrlHost::Address(IpAddr::V4(read)) => {
                spelling::as_decimal(spelling.host()).filter(|other| *other != read)
            }
            _ => None,
        };
        let port = url.port_or_known_default();
        refuse(
            !config.ports.is_empty() && !port.is_some_and(|p| config.ports.contains(&p)),
            "port",
        )?;
        Ok(Target { host, port, other })
    }

    fn check_lists(&self, target: &Target) -> Result<(), Denied> {
        let other = target.other.map(|address| UrlHost::Address(IpAddr::V4(address)));
        let readings = || [Some(&target.host), other.as_ref()].into_iter().flatten();
        let has = |list: &[HostPattern], host| list.iter().any(|p| p.has(host, target.port));
        refuse(readings().any(|host| has(&self.deny, host)), "host-denied")?;
        let listed = self.allow.is_empty() || readings().all(|host| has(&self.allow, host));
        refuse(!listed, "host-unlisted")
    }

    fn check_name(&self, name: &str) -> Result<(), Denied> {
        if LOCAL_NAMES.contains(&name) || is_within(name, "localhost") {
            return self.check_address(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        let wildcard = WILDCARD_DNS.iter().any(|domain| is_within(name, domain));
        refuse(!self.config.wildcard_dns && wildcard, "wildcard-dns")?;
        let readable = quirks::domain_to_unicode(name);
        let readable = if readable.is_empty() { name } else { &readable };
        let mut parts = readable.split(['.', '-']);
        refuse(parts.any(|part| self.labels.iter().any(|label| label == part)), "label")?;
        refuse(!self.config.single_label && !name.contains('.'), "single-label")
    }

    /// Refuses what programs read as two public addresses. Where one of them is inner, its class has
    /// been judged.
    fn check_agreed(&self, target: &Target) -> Result<(), Denied> {
        let is_public = |address: IpAddr| classify(address) == AddressClass::Public;
        let differ = match (&target.host, target.other) {
            (UrlHost::Address(read), Some(other)) => is_public(*read) && is_public(other.into()),
            _ => false,
        };
        refuse(!self.config.loose_syntax && differ, "syntax")
    }
}

/// What a URL leads to.
struct Target {
    host: UrlHost,
    port: Option<u16>,
    /// The address that some programs read instead.
    other: Option<Ipv4Addr>,
}

fn refuse(is_refused: bool, rule: &'static str) -> Result<(), Denied> {
    if is_refused { Err(Denied::new(rule)) } else { Ok(()) }
}

/// Whether this is a scheme (RFC 3986, section 3.1).
pub(super) fn is_scheme(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

fn parse_scheme(text: &str) -> Result<String, &'static str> {
    match is_scheme(text) || text == "*" {
        true => Ok(text.to_ascii_lowercase()),
        false => Err("write a scheme such as https, without ://"),
    }
}

/// Reads each entry of a list; a fault is named by its place.
pub(super) fn each<T>(
    list: &[String],
    key: &str,
    read: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<Vec<T>, ConfigError> {
    let fault = |at: usize, why: &str| ConfigError::Setting(format!("{key}[{at}]"), why.to_owned());
    let entries = list.iter().enumerate();
    entries.map(|(at, text)| read(text).map_err(|why| fault(at, why))).collect()
}

/// Names of this host in common hosts files; `localhost` and all below it are known without them
/// (RFC 6761).
const LOCAL_NAMES: [&str; 6] = [
    "localhost.localdomain",
    "localhost4",
    "localhost6",
    "localhost6.localdomain6",
    "ip6-localhost",
    "ip6-loopback",
];

/// Services that answer with the address that stands in the name, with 127.0.0.1, or with two
/// addresses in turn.
const WILDCARD_DNS: [&str; 13] = [
    "nip.io",
    "sslip.io",
    "xip.io",
    "xip.name",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "lacolhost.com",
    "localho.st",
    "fuf.me",
    "traefik.me",
    "1u.ms",
    "rbndr.us",
];
