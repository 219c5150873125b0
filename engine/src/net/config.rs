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
    /// The directories that paths have to lie in, absolute. A relative path is taken from the first.
    /// None: anywhere that is not denied. A root inside a denied directory (`/tmp/work`) is allowed.
    pub roots: Vec<String>,
    /// The directories that paths must not lie in, absolute; compared without regard to case, and
    /// `/etc`, `/tmp` and `/var` below `/private` too, where macOS keeps them. Default: `/etc`,
    /// `/usr`, `/bin`, `/sbin`, `/var`, `/tmp`. On a server that reads any path, consider `/proc`,
    /// `/sys`, `/dev`, `/root`, `/boot`, `/run` as well: `/proc/self/root` is the whole file system
    /// under another name.
    pub deny: Vec<String>,
    /// Whether roots are compared without regard to case, as macOS and Windows do.
    pub case_insensitive: bool,
    /// Whether paths are Windows paths: `\` separates, `C:` and `\\server\share` begin one, and case
    /// never counts. Otherwise such forms are refused.
    pub windows: bool,
    /// Whether names are let be that Windows reads as others: devices (`NUL`, `COM1.txt`), streams
    /// (`file:stream`), a dot or a space at the end, `\\?\` in front.
    pub windows_names: bool,
    /// Whether encoded dots and separators are let be (`%2e`, `%252f`, `%c0%ae`, full-width forms).
    pub encoded: bool,
    /// Whether a path may begin with `~`. It is judged as a name then.
    pub home: bool,
    /// Whether a path may be relative. Default: it may.
    pub relative: bool,
    /// Whether a relative path may climb above where it starts (`a/../../b`).
    pub dot_dot: bool,
    /// Whether `file:` URLs are let be. They are judged as the paths that they name.
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
