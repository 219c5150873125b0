//! What a network address, a name, a URL, an origin or a path is, and whether a policy lets it be.
//!
//! Pure functions over text and addresses. Nothing here resolves a name, opens a file, follows a
//! symlink or reads a clock: what a host finds out it hands in, to a second check
//! ([`UrlGuard::check_addresses`], [`PathGuard::check_resolved`]).
//!
//! Each check has a word of its own, [`Denied::rule`], and can be switched off alone.

mod address;
mod config;
mod cors;
mod denied;
mod headers;
mod host;
mod list;
mod origin;
mod path;
mod route;
mod spelling;
mod unescape;
mod url;

pub use address::{AddressClass, Peer, canonical, classify, parse_peer};
pub use config::{
    AddressConfig, AddressEntry, CorsConfig, HeaderConfig, OriginConfig, PathConfig, UrlConfig,
};
pub use cors::{CorsAnswer, CorsGuard, CorsRequest};
pub use denied::Denied;
pub use headers::HeaderSet;
pub use list::AddressGuard;
pub use origin::OriginGuard;
pub use path::PathGuard;
pub(crate) use path::is_blank;
pub use url::{UrlGuard, UrlHost};

#[cfg(test)]
mod tests;
