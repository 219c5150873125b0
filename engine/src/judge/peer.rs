//! What the host said of the client beside its name, and what its credential comes to.

use core::net::IpAddr;
use std::sync::Arc;

use crate::identity::{Credential, Denied, Identity, Principals};

/// What the host said of the client.
pub(crate) struct Peer {
    pub address: Option<IpAddr>,
    pub user: Option<u32>,
    pub origin: Option<Box<str>>,
    pub host: Option<Box<str>>,
    pub credential: Option<Credential>,
    /// What the credential came to under the policy that is in force.
    pub admitted: Option<Result<Arc<Identity>, Denied>>,
}

impl Peer {
    /// No origin and no name of a host that is one is longer.
    pub(crate) const TEXT_BYTES_MAX: usize = 2 << 10;
    /// Most bytes of memory, with the identity that a credential of 16 KiB comes to.
    pub(crate) const MEMORY_MAX: usize = 64 << 10;

    /// Looks at the credential, as whoever is in force now would.
    pub(crate) fn admit(&mut self, principals: &Principals, wall_ms: u64, server: &str) {
        let ask = |credential: &Credential| {
            principals.admit(credential.token(), credential.source(), wall_ms, server)
        };
        let is_asked = principals.are_required();
        self.admitted = self.credential.as_ref().filter(|_| is_asked).map(ask);
    }

    /// Whose credential it is, at this time; `None` if there is none.
    pub(crate) fn identity(
        &self,
        principals: &Principals,
        wall_ms: u64,
        server: &str,
    ) -> Option<Result<Arc<Identity>, Denied>> {
        let credential = self.credential.as_ref()?;
        Some(match self.admitted.as_ref()? {
            Ok(identity) => identity.check(wall_ms, server).map(|()| Arc::clone(identity)),
            // Its time may have come.
            Err(Denied::NotYetValid | Denied::JwtNotYetValid) => {
                principals.admit(credential.token(), credential.source(), wall_ms, server)
            }
            Err(denied) => Err(*denied),
        })
    }

    /// Whether its address is one of this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        self.address.is_some_and(|address| address.to_canonical().is_loopback())
    }

    /// Bytes of memory, itself included.
    pub(crate) fn memory(&self) -> usize {
        let texts = [&self.origin, &self.host].map(|text| text.as_ref().map_or(0, |it| it.len()));
        let token = self.credential.as_ref().map_or(0, |credential| credential.token().len());
        size_of::<Self>() + texts.iter().sum::<usize>() + token
    }
}
