//! What a policy says of the network, for the rules and for hosts that ask alone.

use serde::{Deserialize, Serialize};

use crate::base::error::ConfigError;
use crate::net::{
    AddressConfig, AddressGuard, CorsConfig, CorsGuard, HeaderConfig, HeaderSet, OriginConfig,
    OriginGuard, PathConfig, PathGuard, UrlConfig, UrlGuard,
};

/// Where clients may be, where URLs and paths may lead, and what web pages are told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// Addresses that clients may have. Messages of a client whose address is known and denied are
    /// refused with `address_denied`.
    pub addresses: AddressConfig,
    /// Origins of web pages, and names of this host. Messages of a client whose `Origin` or `Host`
    /// is known and denied are refused with `origin_denied` and `host_denied`.
    pub origins: OriginConfig,
    /// What web pages of other origins are told (for hosts that speak HTTP).
    pub cors: CorsConfig,
    /// Headers that keep browsers from mischief (for hosts that speak HTTP).
    pub headers: HeaderConfig,
    /// Where a host may connect to. Rules of arguments have their own.
    pub urls: UrlConfig,
    /// Where paths may lead that a host asks about. Rules of arguments have their own.
    pub paths: PathConfig,
}

/// What a policy says of the network, compiled.
#[derive(Debug)]
pub struct Network {
    addresses: AddressGuard,
    origins: OriginGuard,
    cors: CorsGuard,
    headers: HeaderSet,
    urls: UrlGuard,
    paths: PathGuard,
}

impl Network {
    /// # Errors
    /// What cannot be, by its key.
    pub fn compile(config: &NetworkConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            addresses: AddressGuard::compile(&config.addresses)?,
            origins: OriginGuard::compile(&config.origins)?,
            cors: CorsGuard::compile(&config.cors)?,
            headers: HeaderSet::compile(&config.headers)?,
            urls: UrlGuard::compile_at(&config.urls, "network.urls")?,
            paths: PathGuard::compile_at(&config.paths, "network.paths")?,
        })
    }

    /// Addresses that clients may have.
    #[must_use]
    pub fn addresses(&self) -> &AddressGuard {
        &self.addresses
    }

    /// Origins of web pages, and names of this host.
    #[must_use]
    pub fn origins(&self) -> &OriginGuard {
        &self.origins
    }

    /// What web pages of other origins are told.
    #[must_use]
    pub fn cors(&self) -> &CorsGuard {
        &self.cors
    }

    /// Headers that keep browsers from mischief.
    #[must_use]
    pub fn headers(&self) -> &HeaderSet {
        &self.headers
    }

    /// Where URLs may lead.
    #[must_use]
    pub fn urls(&self) -> &UrlGuard {
        &self.urls
    }

    /// Where paths may lead.
    #[must_use]
    pub fn paths(&self) -> &PathGuard {
        &self.paths
    }
}
