//! Who a peer is: live tokens, what they are for, and credentials that a host hands over.
//!
//! A host makes a [`Credential`] of what its peer presented, and [`Principals::admit`] says whose
//! it is. Nothing here asks a network, a clock or a file: keys and times are handed in.

#[cfg(feature = "jwt")]
mod base64url;
#[cfg(feature = "jwt")]
mod claims;
pub(crate) mod config;
mod credential;
mod denied;
mod digest;
#[cfg(feature = "jwt")]
mod jwt;
pub(crate) mod jwt_config;
#[cfg(feature = "jwt")]
mod jwt_key;
mod principal;
mod token;

pub use config::{AuthConfig, TokenConfig};
pub use credential::{Credential, Source};
pub use denied::Denied;
pub use jwt_config::{JwtAlgorithm, JwtConfig, JwtKey};
pub use principal::{Identity, IdentityKind};
pub use token::Principals;
