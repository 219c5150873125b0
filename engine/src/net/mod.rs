//! What a network address, a name, a URL, an origin or a path is, and whether a policy lets it be.
//!
//! Pure functions over text and addresses. Nothing here resolves a name, opens a file, follows a
//! symlink or reads a clock: what a host finds out it hands in, to a second check
//! ([`UrlGuard::check_addresses`], [`PathGuard::check_resolved`]).
//!
//! Each check has a word of its own, [`Denied::rule`], and can be switched off alone.

mod address;
mod config;
mod denied;
mod host;
mod list;
mod path;
mod spelling;
mod unescape;
mod url;

pub use address::{AddressClass, Peer, canonical, classify, parse_peer};
pub use config::{PathConfig, UrlConfig};
pub use denied::Denied;
pub use path::PathGuard;
pub use url::{UrlGuard, UrlHost};

#[cfg(test)]
mod tests;
