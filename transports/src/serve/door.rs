//! A place where clients connect, and beside it one that tells how the daemon is, and one that takes
//! orders.

use std::io;
use std::path::{Path, PathBuf};

use mio::{Registry, Token};

use super::activation::Handed;
use super::listener::{BindError, Listener, Patience, Taken};
use crate::config::{ServerSettings, SocketSettings};
use crate::paths::Location;

/// The sockets of a server.
#[derive(Debug)]
pub struct Door {
    /// The path that the configuration names; a socket that was handed to us may have another.
    configured: PathBuf,
    /// Clients connect here; `None` once nobody is let in any more.
    pub clients: Option<Listener>,
    /// Somebody may wait at `clients`.
    pub ready: bool,
    /// Whoever wants to know how we are connects here; `None` if it could not be made.
    pub status: Option<Listener>,
    /// Whoever answers for calls that wait connects here; `None` if it could not be made.
    pub orders: Option<Listener>,
    /// Whose clients these are.
    pub service: usize,
}

/// What is added to the path of a server's socket for that of its status.
pub const STATUS_SUFFIX: &str = ".status";
/// What is added to it for that of orders.
pub const ORDERS_SUFFIX: &str = ".ask";
/// Each door has so many tokens: for its clients, for those who ask for the status, and for those
/// who give orders.
pub const TOKENS_EACH: usize = 3;

impl Door {
    /// Opens the socket of a server, or takes the one that was handed to us. Nobody is accepted
    /// before it is registered.
    ///
    /// # Errors
    /// [`BindError`]; nothing is left behind.
    pub fn open(
        settings: &ServerSettings,
        socket: &SocketSettings,
        handed: &mut Handed,
        patience: &mut Patience,
    ) -> Result<Self, BindError> {
        let configured = settings.socket.path();
        let clients = match handed.find(&settings.name, &configured) {
            Some(clients) => clients,
            None => Listener::bind(&settings.socket, "", socket.perm, Taken::Refuse, patience)?,
        };
        Ok(Door {
            configured,
            clients: Some(clients),
            ready: true,
            status: None,
            orders: None,
            service: 0,
        })
    }

    /// Opens the sockets for the status and for orders. Whoever has the clients has them: what is
    /// there belongs to a daemon that lets nobody in any more, or to a door of ours that this one replaces.
    ///
    /// # Errors
    /// [`BindError`].
    pub fn open_beside(
        &mut self,
        settings: &ServerSettings,
        patience: &mut Patience,
    ) -> Result<(), BindError> {
        let handed = self.clients.as_ref().filter(|clients| !clients.is_made());
        let mut open = |suffix| match handed {
            // It may lie where we may not write, and works without.
            Some(clients) => Ok(beside(clients.path(), suffix, patience).ok()),
            // It is for the user alone, whoever else may connect.
            None => {
                Listener::bind(&settings.socket, suffix, 0o600, Taken::Replace, patience).map(Some)
            }
        };
        let (status, orders) = (open(STATUS_SUFFIX)?, open(ORDERS_SUFFIX)?);
        (self.status, self.orders) = (status, orders);
        Ok(())
    }

    /// Has the edges of all reported under this token and the next.
    ///
    /// # Errors
    /// What the system said.
    pub fn register(&self, registry: &Registry, first: usize) -> io::Result<()> {
        for (offset, listener) in
            [&self.clients, &self.status, &self.orders].into_iter().enumerate()
        {
            if let Some(listener) = listener {
                listener.register(registry, Token(first + offset))?;
            }
        }
        Ok(())
    }

    /// Whether clients that go by this path of a configuration come here: nobody removed the
    /// socket, or put another in its place.
    #[must_use]
    pub fn serves(&self, path: &Path) -> bool {
        let in_place = self.clients.as_ref().is_some_and(Listener::is_in_place);
        in_place && self.configured == path
    }

    /// The path by which clients come, if they still do.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.clients.as_ref().map(Listener::path)
    }
}

/// A socket beside one that we did not make ourselves.
fn beside(path: &Path, suffix: &str, patience: &mut Patience) -> Result<Listener, BindError> {
    let fault = |fault| BindError::Path(path.to_owned(), fault);
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(BindError::NoSocket(path.to_owned()));
    };
    let location = Location::new(directory, Path::new(name), "socket").map_err(fault)?;
    Listener::bind(&location, suffix, 0o600, Taken::Replace, patience)
}
