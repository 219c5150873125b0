//! Guards: what URLs, paths and addresses may be, asked alone.

use core::net::IpAddr;
use std::ffi::c_char;
use std::sync::Arc;

use portcullis_engine::net::{self, Denied, UrlHost};
use portcullis_engine::{ConfigError, Network, NetworkConfig, Policy};

use crate::border;
use crate::numbers::{PORTCULLIS_HOST_ADDRESS, PORTCULLIS_HOST_NAME, PORTCULLIS_HOST_NONE};
use crate::policy::portcullis_policy;
use crate::status::{PORTCULLIS_STATUS_BAD_CONFIG, PORTCULLIS_STATUS_BAD_NUMBER};
use crate::strict;
use crate::verdict::portcullis_verdict;

/// What URLs, paths, clients and their pages may be, for hosts that ask that alone: a gateway, a tool, a
/// test. No engine is needed. It resolves no name, follows no link, reads no clock and no connection. It
/// never changes: threads may use it at the same time.
pub struct portcullis_guard {
    from: From,
}

/// Where the rules of a guard are.
enum From {
    Config(Box<Network>),
    Policy(Arc<Policy>),
}

impl portcullis_guard {
    pub(crate) fn network(&self) -> &Network {
        match &self.from {
            From::Config(network) => network,
            From::Policy(policy) => policy.network(),
        }
    }
}

/// Makes a guard from a configuration in JSON, read as strictly as in `portcullis_policy_new`, and with
/// its `message`. An empty or blank text is the default guard. The keys, all optional, with what they
/// are if they are left out; lists that are given stand instead of those here:
///
/// ```text
/// urls                        what URLs, and the addresses that their hosts resolve to, may be
///   .schemes  ["http", "https", "ws", "wss"]     "*" is any; never one without a host
///   .allow    []              hosts that are allowed, none: all; a name, an address, or "*.example.com"
///                             for the names below it, each with ":port" where only that port is meant;
///                             an inner address has to be in classes or nets all the same
///   .deny     []              hosts that are denied, written alike; goes before `allow`
///   .ports    []              ports that are allowed, none: all
///   .labels   ["internal", "local", "intranet"]     a host is refused if a label of it, or a part of
///                             one between hyphens, is one of these words
///   .classes  []              classes of addresses that are let be besides "public", by the words of
///                             `portcullis_address_class_str`
///   .nets     []              networks ("10.1.0.0/16") or addresses that are let be, whatever their class
///   .userinfo false           on: a user name and a password are let be
///   .single_label false       on: hosts without a dot are
///   .wildcard_dns false       on: services are that answer with an address out of the name (nip.io)
///   .backslash false          on: backslashes are, which browsers read as slashes, others do not
///   .encoded_host false       on: hosts with % escapes are
///   .mapped_host false        on: hosts are whose letters programs map differently
///   .loose_syntax false       on: forms are that programs read differently, such as `011.2.3.4`
///   .bytes_max 8192           longest URL; 0: any length
/// paths                       what paths may be
///   .roots    []              absolute directories in which paths have to lie, none: anywhere that is
///                             not denied; a relative path is judged as if it began at the first: where
///                             it begins elsewhere, refuse it (.relative) or have it resolved
///   .deny     ["/etc", "/usr", "/bin", "/sbin", "/var", "/tmp"]     absolute directories in which they
///                             must not lie; a root within one is allowed. Of both lists, what begins
///                             with /etc, /tmp or /var also stands for the same below /private, as
///                             macOS has it, on every system
///   .case_insensitive false   on: roots are compared without regard to case
///   .windows  false           on: paths are those of Windows; off: such forms are refused
///   .windows_names false      on: names that Windows reads as others are let be: NUL, COM1, file:stream;
///                             short names (PROGRA~1) always are: only a path that is resolved shows them
///   .encoded  false           on: encoded dots and separators are (%2e, %252f)
///   .home     false           on: a path may begin with ~
///   .relative true            off: every path has to be absolute
///   .dot_dot  false           on: a relative path may climb above where it starts
///   .file_url false           on: file: URLs are let be, and judged by every path that programs read in them
///   .nul      false           on: a NUL is let be
///   .bytes_max 4096           longest path; 0: any length
/// addresses                   which clients may connect, and which proxies between are believed
///   .allow    []              {"net": a network or an address, "until_ms": milliseconds since 1970 from
///                             which on the entry is no more, or null}; none: all, but a list whose
///                             entries have all expired lets nobody in
///   .deny     []              the same; goes before `allow`
///   .trusted  []              networks or addresses of proxies whose `X-Forwarded-For` is believed
///   .hops_max 16              how many entries of it are looked at, from the right
/// origins                     which pages may reach the server, and under which names
///   .origins  []              "https://app.example.com", with `*.` before the host for the names below
///                             it, and `:*` behind it for any port; "null"; or "*"; none: not checked
///   .require_origin false     on, and where origins are given: a request without one is refused
///   .hosts    []              names that a Host header may have, a port that is not written is any;
///                             none: not checked
/// cors                        what pages of other origins may do with the server
///   .enabled  false           off: no such request is answered
///   .allowed_origins []       written as `origins.origins`
///   .allowed_methods ["GET", "POST", "DELETE"]
///   .allowed_headers          those that MCP uses, `Authorization` with them
///   .exposed_headers ["Mcp-Session-Id"]
///   .allow_credentials false  on: a page may send the user's cookies; never together with "*"
///   .allow_private_network false     on: a public page may reach a server on a private network
///   .max_age  600             seconds for which browsers may remember the answer
/// headers                     the security headers of every answer; an empty text leaves one out
///   .enabled  true            off: none is set
///   .content_type_options "nosniff"  .frame_options "DENY"  .xss_protection "1; mode=block"
///   .content_security_policy "default-src 'self'; frame-ancestors 'none'"
///   .referrer_policy "strict-origin-when-cross-origin"
///   .permissions_policy "camera=(), microphone=(), geolocation=()"
///   .dns_prefetch_control "off"  .download_options "noopen"  .cross_domain_policies "none"
///   .cache_control "no-store"
///   .hsts_max_age 31536000    seconds for which browsers are to use TLS alone; 0: not said
///   .hsts_include_subdomains true
/// ```
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_guard_new(
    abi: u32,
    json: *const c_char,
    json_len: usize,
    message: *mut c_char,
    message_capacity: usize,
    guard: *mut *mut portcullis_guard,
) -> u32 {
    border::guard(|| {
        border::check_abi(abi)?;
        let guard = border::out(guard)?;
        let json = border::text(json, json_len)?;
        let refuse = |why: &str| {
            border::say(why, message, message_capacity);
            PORTCULLIS_STATUS_BAD_CONFIG
        };
        let config: NetworkConfig = strict::read(json).map_err(|why| refuse(&why))?;
        let made = Network::compile(&config).map_err(|why| refuse(&told(&why)))?;
        guard.write(Box::into_raw(Box::new(portcullis_guard {
            from: From::Config(Box::new(made)),
        })));
        Ok(())
    })
}

/// Makes a guard of what a policy says of the network (its key `network`). The policy may be freed
/// before it.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_guard_of(
    abi: u32,
    policy: Option<&portcullis_policy>,
    guard: *mut *mut portcullis_guard,
) -> u32 {
    border::guard(|| {
        border::check_abi(abi)?;
        let policy = Arc::clone(&border::given(policy)?.policy);
        let made = portcullis_guard { from: From::Policy(policy) };
        border::out(guard)?.write(Box::into_raw(Box::new(made)));
        Ok(())
    })
}

/// A fault of a setting. Its key is that of a policy, where this stands below `network`.
fn told(why: &ConfigError) -> String {
    let text = why.to_string();
    text.strip_prefix("network.").map_or(text.clone(), str::to_owned)
}

/// Frees a guard. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_guard_free(guard: Option<Box<portcullis_guard>>) {
    border::free(guard);
}

/// Whether a URL may be fetched, by all that can be told without resolving its host. For this and the
/// other checks: what is asked may come from anybody, and a status other than `PORTCULLIS_STATUS_OK`
/// allows nothing. A host that follows redirects checks each URL that it is sent on to.
///
/// - `host`: its host as the check has read it, which is the one to connect to: in lower case and ASCII,
///   without a NUL. Written if the URL is allowed; NULL if nobody wants to know. 253 bytes are enough,
///   unless `loose_syntax` is on.
/// - `*host_len`: its length in bytes; 0 if the URL is refused.
/// - `*host_kind`: `PORTCULLIS_HOST_NAME` has still to be resolved, and what it resolves to checked by
///   `portcullis_guard_check_addresses`; `PORTCULLIS_HOST_ADDRESS` was checked; `PORTCULLIS_HOST_NONE` if
///   the URL is refused.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_guard_check_url(
    guard: Option<&portcullis_guard>,
    url: *const c_char,
    url_len: usize,
    host: *mut c_char,
    host_capacity: usize,
    host_len: *mut usize,
    host_kind: *mut u32,
    verdict: *mut portcullis_verdict,
) -> u32 {
    border::guard(|| {
        let urls = border::given(guard)?.network().urls();
        let (len, kind) = (border::out(host_len)?, border::out(host_kind)?);
        let verdict = border::record(verdict)?;
        let checked = urls.check(border::text(url, url_len)?);
        let (text, number) = match &checked {
            Ok(UrlHost::Name(name)) => (name.clone(), PORTCULLIS_HOST_NAME),
            Ok(UrlHost::Address(address)) => (address.to_string(), PORTCULLIS_HOST_ADDRESS),
            Err(_) => (String::new(), PORTCULLIS_HOST_NONE),
        };
        if !host.is_null() {
            border::copy(text.as_bytes(), host, host_capacity)?;
        }
        len.write(text.len());
        kind.write(number);
        verdict.write(portcullis_verdict::new(&checked));
        Ok(())
    })
}

/// Whether the form, the scheme, the port and the lists of hosts let a URL be, wherever its host lies:
/// for servers that the operator names, which may well be inner ones.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_guard_check_upstream(
    guard: Option<&portcullis_guard>,
    url: *const c_char,
    url_len: usize,
    verdict: *mut portcullis_verdict,
) -> u32 {
    judged(guard, (url, url_len), verdict, |network, url| Ok(network.urls().allows_upstream(url)))
}

/// Whether a host may connect to what a name resolved to: all of its addresses, with spaces between
/// them. One that is bad refuses them all, and so does none. Connect to one of these and no other: the
/// name may resolve to another one a moment later. `PORTCULLIS_STATUS_BAD_NUMBER` if one is no address.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_guard_check_addresses(
    guard: Option<&portcullis_guard>,
    addresses: *const c_char,
    addresses_len: usize,
    verdict: *mut portcullis_verdict,
) -> u32 {
    judged(guard, (addresses, addresses_len), verdict, |network, text| {
        let words = text.split(' ').filter(|word| !word.is_empty());
        let addresses = words.map(address).collect::<Result<Vec<IpAddr>, u32>>()?;
        Ok(network.urls().check_addresses(&addresses))
    })
}

/// Whether a path may be used as it is written; links are not followed.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_guard_check_path(
    guard: Option<&portcullis_guard>,
    path: *const c_char,
    path_len: usize,
    verdict: *mut portcullis_verdict,
) -> u32 {
    judged(guard, (path, path_len), verdict, |network, path| Ok(network.paths().check(path)))
}

/// Whether what the host found a path to be, all links followed, may be used. For a file that does not
/// exist: where its directory leads, and its name.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_guard_check_resolved(
    guard: Option<&portcullis_guard>,
    path: *const c_char,
    path_len: usize,
    verdict: *mut portcullis_verdict,
) -> u32 {
    judged(guard, (path, path_len), verdict, |network, path| {
        Ok(network.paths().check_resolved(path))
    })
}

/// What kind of network an address belongs to, `PORTCULLIS_ADDRESS_...`; where another address is inside
/// of it, as of NAT64, 6to4 or Teredo, that one decides. `PORTCULLIS_STATUS_BAD_NUMBER` if it is no
/// address.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_address_class(
    text: *const c_char,
    text_len: usize,
    class: *mut u32,
) -> u32 {
    border::guard(|| {
        let class = border::out(class)?;
        class.write(net::classify(address(border::text(text, text_len)?)?) as u32);
        Ok(())
    })
}

/// Writes what a check says of a text.
pub(crate) fn judged(
    guard: Option<&portcullis_guard>,
    (text, len): (*const c_char, usize),
    verdict: *mut portcullis_verdict,
    check: impl FnOnce(&Network, &str) -> Result<Result<(), Denied>, u32>,
) -> u32 {
    border::guard(|| {
        let network = border::given(guard)?.network();
        let verdict = border::record(verdict)?;
        let checked = check(network, border::text(text, len)?)?;
        verdict.write(portcullis_verdict::new(&checked));
        Ok(())
    })
}

/// An address without a port. A zone, which names an interface, is dropped.
pub(crate) fn address(text: &str) -> Result<IpAddr, u32> {
    let peer = net::parse_peer(text).filter(|peer| peer.port.is_none());
    peer.map(|peer| peer.address).ok_or(PORTCULLIS_STATUS_BAD_NUMBER)
}
