//! What a host says about the network. Plain data; nothing is compiled here.

use serde::{Deserialize, Serialize};

use super::address::AddressClass;

/// What URLs, and the addresses that their hosts resolve to, may be.
///
/// Each member is a check of its own. A list of hosts that are allowed only narrows what is allowed:
/// an inner address on it is reached when its class or its network is let be as well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UrlConfig {
    /// The schemes that are allowed, or `*` for any. Default: `http`, `https`, `ws`, `wss`. A URL
    /// without a host (`file:`, `data:`) is refused whatever stands here.
    pub schemes: Vec<String>,
    /// The hosts that are allowed: a name, an address, or `*.example.com` for the names below
    /// `example.com` (not that itself), each with `:port` where only that port is meant. None: all.
    pub allow: Vec<String>,
    /// The hosts that are denied, written alike. Goes before `allow`.
    pub deny: Vec<String>,
    /// The ports that are allowed. None: all.
    pub ports: Vec<u16>,
    /// Words of inner networks. A host is refused if one of its labels, or a part of a label between
    /// hyphens, is one of them. Default: `internal`, `local`, `intranet`.
    pub labels: Vec<String>,
    /// The classes of addresses that are let be besides the public one. Default: none.
    pub classes: Vec<AddressClass>,
    /// Networks (`10.1.0.0/16`) or addresses that are let be whatever their class. Default: none.
    pub nets: Vec<String>,
    /// Whether a user name and a password are let be.
    pub userinfo: bool,
    /// Whether a host without a dot is let be.
    pub single_label: bool,
    /// Whether names of services are let be that answer with an address out of the name, or with
    /// 127.0.0.1 (`nip.io`, `sslip.io`, `localtest.me`, ...).
    pub wildcard_dns: bool,
    /// Whether a backslash is let be. Browsers read it as `/`, other programs do not, and so find
    /// another host.
    pub backslash: bool,
    /// Whether a host with `%` escapes is let be. Some programs decode it, others look it up as it is.
    pub encoded_host: bool,
    /// Whether a host name is let be whose letters programs map differently: full stops of other
    /// scripts, full-width and ligature letters, `ß`. Plain letters of other scripts always are.
    pub mapped_host: bool,
    /// Whether forms are let be that programs read differently: white space and control characters,
    /// one or three slashes after the scheme, several `@`, an `@` behind `?` or `#` before the path,
    /// host names with other characters than letters, digits, `-`, `_` and `.`, and addresses such
    /// as `011.2.3.4`.
    pub loose_syntax: bool,
    /// The longest URL, in bytes. Default: 8,192. 0: any length.
    pub bytes_max: usize,
}

impl Default for UrlConfig {
    fn default() -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            schemes: words(&["http", "https", "ws", "wss"]),
            allow: Vec::new(),
            deny: Vec::new(),
            ports: Vec::new(),
            labels: words(&["internal", "local", "intranet"]),
            classes: Vec::new(),
            nets: Vec::new(),
            userinfo: false,
            single_label: false,
            wildcard_dns: false,
            backslash: false,
            encoded_host: false,
            mapped_host: false,
            loose_syntax: false,
            bytes_max: 8_192,
        }
    }
}

/// What paths may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PathConfig {
    /// The directories that paths have to lie in, absolute. None: anywhere that is not denied. A root
    /// inside a denied directory (`/tmp/work`) is allowed. A relative path is judged as if it began
    /// at the first root: where the server starts elsewhere, write `relative: false` or
    /// `resolve: true`. A root that begins with `/etc`, `/tmp` or `/var` stands for the same below
    /// `/private` too, on every system, since macOS keeps them there.
    pub roots: Vec<String>,
    /// The directories that paths must not lie in, absolute; compared without regard to case. One
    /// that begins with `/etc`, `/tmp` or `/var` stands for the same below `/private` too, on every
    /// system, since macOS keeps them there. Default: `/etc`, `/usr`, `/bin`, `/sbin`, `/var`,
    /// `/tmp`. On a server that reads any path, consider `/proc`, `/sys`, `/dev`, `/root`, `/boot`,
    /// `/run` as well: `/proc/self/root` is the whole file system under another name.
    pub deny: Vec<String>,
    /// Whether roots are compared without regard to case, as macOS and Windows do.
    pub case_insensitive: bool,
    /// Whether paths are Windows paths: `\` separates, `C:` and `\\server\share` begin one, and case
    /// never counts. Otherwise such forms are refused.
    pub windows: bool,
    /// Whether names are let be that Windows reads as others: devices (`NUL`, `COM1.txt`), streams
    /// (`file:stream`), a dot or a space at the end, `\\?\` in front. Short names (`SECRE~1`) are
    /// not seen through, whatever stands here: only `resolve: true` finds out what they stand for.
    pub windows_names: bool,
    /// Whether encoded dots and separators are let be (`%2e`, `%252f`, `%c0%ae`, full-width forms).
    /// A path is judged as it is written then; a `file:` URL is not, since whoever reads it decodes
    /// it.
    pub encoded: bool,
    /// Whether a path may begin with `~`. It is judged as a name then.
    pub home: bool,
    /// Whether a path may be relative. Default: it may, and is judged as if it began at the first
    /// root; without roots nobody knows where it leads. Where the server starts elsewhere, write
    /// false, or `resolve: true`.
    pub relative: bool,
    /// Whether a relative path may climb above where it starts (`a/../../b`).
    pub dot_dot: bool,
    /// Whether `file:` URLs are let be. They are judged as every path that programs read in them:
    /// decoded once whatever `encoded` says, and from the top (`file:etc/x` is `/etc/x`).
    pub file_url: bool,
    /// Whether a NUL is let be, plain or as `%00`.
    pub nul: bool,
    /// The longest path, in bytes. Default: 4,096. 0: any length.
    pub bytes_max: usize,
}

impl Default for PathConfig {
    fn default() -> Self {
        let deny = ["/etc", "/usr", "/bin", "/sbin", "/var", "/tmp"];
        Self {
            roots: Vec::new(),
            deny: deny.iter().map(|path| (*path).to_owned()).collect(),
            case_insensitive: false,
            windows: false,
            windows_names: false,
            encoded: false,
            home: false,
            relative: true,
            dot_dot: false,
            file_url: false,
            nul: false,
            bytes_max: 4_096,
        }
    }
}

/// Which peers may connect, and which proxies between are believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AddressConfig {
    /// The only addresses that may connect; none given: all. A list whose entries have all expired
    /// still is one, and lets nobody in.
    pub allow: Vec<AddressEntry>,
    /// Addresses that may not. Goes before `allow`.
    pub deny: Vec<AddressEntry>,
    /// Proxies whose `X-Forwarded-For` is believed: networks or addresses. None: the peer itself is
    /// the client, whatever a header says.
    pub trusted: Vec<String>,
    /// How many entries of `X-Forwarded-For` are looked at, from the right. Default: 16.
    pub hops_max: usize,
}

impl Default for AddressConfig {
    fn default() -> Self {
        Self { allow: Vec::new(), deny: Vec::new(), trusted: Vec::new(), hops_max: 16 }
    }
}

/// A network on a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressEntry {
    /// A network (`10.0.0.0/8`, `2001:db8::/32`) or an address. IPv4 written as IPv6 is IPv4, and
    /// `::/0` is all of IPv6 alone.
    pub net: String,
    /// From when on the entry is no more, in milliseconds since 1970 (UTC). None: never.
    #[serde(default)]
    pub until_ms: Option<u64>,
}

/// Which web pages may reach the server, and under which names: against other sites' pages, and
/// against names that were made to resolve to an inner address (DNS rebinding).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OriginConfig {
    /// The origins that are allowed: `https://app.example.com`, `https://*.example.com` (not
    /// `https://example.com`), `http://localhost:*`, `*`. A port that is not written is that of the
    /// scheme. `null` allows pages that have no origin. None given: origins are not checked.
    pub origins: Vec<String>,
    /// Whether a request without an Origin header is refused. Browsers send one with every POST;
    /// other clients send none. Counts only where `origins` are given.
    pub require_origin: bool,
    /// The names in the Host header under which the server may be reached: `mcp.example.com`,
    /// `*.example.com`, `127.0.0.1:3000`. A port that is not written is any. None given: the header
    /// is not checked.
    pub hosts: Vec<String>,
}

/// What pages of other origins may do with the server (CORS). The members are named as in the
/// configuration of other proxies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CorsConfig {
    /// Whether cross-origin requests are answered at all. Default: no, and then no header is set.
    pub enabled: bool,
    /// The origins that are allowed, as in [`OriginConfig::origins`]. `*` cannot be combined with
    /// `allow_credentials`.
    pub allowed_origins: Vec<String>,
    /// The methods that are allowed. Default: `GET`, `POST`, `DELETE`, which is all that MCP uses.
    /// `*` cannot be combined with `allow_credentials`.
    pub allowed_methods: Vec<String>,
    /// The headers that a request may carry, in any case. Default: those of MCP. `*` cannot be
    /// combined with `allow_credentials`, and does not mean `Authorization`.
    pub allowed_headers: Vec<String>,
    /// The headers of an answer that a page may read. Default: `Mcp-Session-Id`.
    pub exposed_headers: Vec<String>,
    /// Whether a page may send the user's cookies and certificates.
    pub allow_credentials: bool,
    /// Whether a public page may reach a server on a private network (`Private-Network`).
    pub allow_private_network: bool,
    /// For how long browsers may remember the answer, in seconds. Default: 600. 0: they may not.
    pub max_age: u32,
}

impl Default for CorsConfig {
    fn default() -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            enabled: false,
            allowed_origins: Vec::new(),
            allowed_methods: words(&["GET", "POST", "DELETE"]),
            allowed_headers: words(&[
                "Content-Type",
                "Accept",
                "Authorization",
                "Mcp-Session-Id",
                "Mcp-Protocol-Version",
                "Last-Event-ID",
            ]),
            exposed_headers: words(&["Mcp-Session-Id"]),
            allow_credentials: false,
            allow_private_network: false,
            max_age: 600,
        }
    }
}

/// The security headers of every answer over HTTP. Each is the header's value; an empty one leaves
/// the header out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HeaderConfig {
    /// Whether any of them is set. Default: they are.
    pub enabled: bool,
    /// `X-Content-Type-Options`. Default: `nosniff`.
    pub content_type_options: String,
    /// `X-Frame-Options`. Default: `DENY`.
    pub frame_options: String,
    /// `Content-Security-Policy`. Default: `default-src 'self'; frame-ancestors 'none'`.
    pub content_security_policy: String,
    /// `Referrer-Policy`. Default: `strict-origin-when-cross-origin`.
    pub referrer_policy: String,
    /// `Permissions-Policy`. Default: `camera=(), microphone=(), geolocation=()`.
    pub permissions_policy: String,
    /// `X-XSS-Protection`. Default: `1; mode=block`, for browsers of before 2019.
    pub xss_protection: String,
    /// `X-DNS-Prefetch-Control`. Default: `off`.
    pub dns_prefetch_control: String,
    /// `X-Download-Options`. Default: `noopen`.
    pub download_options: String,
    /// `X-Permitted-Cross-Domain-Policies`. Default: `none`.
    pub cross_domain_policies: String,
    /// `Cache-Control`. Default: `no-store`, since answers may hold what is secret.
    pub cache_control: String,
    /// For how long browsers are to use TLS alone (`Strict-Transport-Security`), in seconds; sent
    /// over TLS alone. Default: a year. 0: not sent.
    pub hsts_max_age: u32,
    /// Whether that holds for all names below this one. Default: it does.
    pub hsts_include_subdomains: bool,
}

impl Default for HeaderConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            content_type_options: "nosniff".to_owned(),
            frame_options: "DENY".to_owned(),
            content_security_policy: "default-src 'self'; frame-ancestors 'none'".to_owned(),
            referrer_policy: "strict-origin-when-cross-origin".to_owned(),
            permissions_policy: "camera=(), microphone=(), geolocation=()".to_owned(),
            xss_protection: "1; mode=block".to_owned(),
            dns_prefetch_control: "off".to_owned(),
            download_options: "noopen".to_owned(),
            cross_domain_policies: "none".to_owned(),
            cache_control: "no-store".to_owned(),
            hsts_max_age: 31_536_000,
            hsts_include_subdomains: true,
        }
    }
}
