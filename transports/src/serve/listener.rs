//! A Unix socket that clients connect to: it is made for its owner alone, takes the place of one
//! that nobody listens on any more, and never that of one that somebody does.
//!
//! Invariant: everything is done relative to the open directory, never by path, so nothing that
//! happens to the path meanwhile leads elsewhere. Daemons that start at once in one directory take
//! turns by a lock on it, which the kernel lifts when its holder dies.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::event::{Timespec, poll};
use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, Stat};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, accept_with, bind, connect, listen,
    socket_with,
};

use crate::paths::{Location, PathFault};

/// A socket that is listened on.
#[derive(Debug)]
pub struct Listener {
    socket: OwnedFd,
    path: PathBuf,
    /// Where it was made; `None` for one that was handed to us, which is not ours to remove.
    made: Option<Made>,
    /// The name under which it was handed to us.
    handed_as: String,
}

#[derive(Debug)]
struct Made {
    directory: OwnedFd,
    name: OsString,
    /// The file, so that only our own is removed.
    identity: Identity,
}

/// What becomes of a socket that somebody listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is theirs.
    Refuse,
    /// It is removed: its listener lives on without clients.
    Replace,
}

/// What an accept came to.
#[derive(Debug)]
pub enum Accepted {
    /// A client.
    Client(OwnedFd),
    /// Nobody waits; an edge will come.
    Nobody,
    /// No descriptor or memory is left for one more; no edge will come for those who wait.
    Full,
}

/// Why a socket cannot be listened on; the text names it, and what mends it.
#[derive(Debug)]
pub enum BindError {
    /// Somebody listens on it.
    Live(PathBuf),
    /// Something else has its name.
    NoSocket(PathBuf),
    /// It belongs to somebody else.
    Foreign(PathBuf),
    /// Its directory cannot be used.
    Path(PathBuf, PathFault),
    /// What the system said.
    System(PathBuf, io::Error),
}

impl Listener {
    /// Listens at this place, with `suffix` added to its name, for those whom `perm` lets in.
    ///
    /// # Errors
    /// [`BindError`]; nothing is left behind.
    pub fn bind(
        location: &Location,
        suffix: &str,
        perm: u32,
        taken: Taken,
        patience: &mut Patience,
    ) -> Result<Self, BindError> {
        let mut path = location.path().into_os_string();
        path.push(suffix);
        let path = PathBuf::from(path);
        let (directory, mut name) =
            location.open_parent(true).map_err(|fault| BindError::Path(location.path(), fault))?;
        name.push(suffix);
        let system = |errno: Errno| BindError::System(path.clone(), errno.into());
        lock(directory.as_fd(), patience);
        let made = clear(directory.as_fd(), &name, &path, taken)
            .and_then(|()| make(directory.as_fd(), &name, &path, perm).map_err(system));
        let _ = rustix::fs::flock(&directory, FlockOperation::Unlock);
        let (socket, identity) = made?;
        let made = Some(Made { directory, name, identity });
        Ok(Listener { socket, path, made, handed_as: String::new() })
    }

    /// Takes a socket that is listened on already, and was handed to us under this name. It is not
    /// removed in the end.
    ///
    /// # Errors
    /// What the system said.
    pub fn adopt(socket: OwnedFd, path: &Path, name: &str) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&socket, true)?;
        Ok(Listener { socket, path: path.to_owned(), made: None, handed_as: name.to_owned() })
    }

    /// The name under which it was handed to us; empty if it was not, or without one.
    #[must_use]
    pub fn handed_as(&self) -> &str {
        &self.handed_as
    }

    /// Whether others than the user may connect, by the mode of the socket.
    #[must_use]
    pub fn lets_others_in(&self) -> bool {
        rustix::fs::lstat(&self.path).is_ok_and(|stat| stat.st_mode & 0o022 != 0)
    }

    /// Whether we made it ourselves.
    #[must_use]
    pub fn is_made(&self) -> bool {
        self.made.is_some()
    }

    /// The socket's path, for showing.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether clients that know the path come to us: nobody removed the socket, or put another in
    /// its place.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        self.made.as_ref().is_none_or(|made| {
            let stat = look(made.directory.as_fd(), &made.name);
            stat.is_ok_and(|stat| identity_of(&stat) == made.identity)
        })
    }

    /// Lets those in whom `perm` names. One that was handed to us keeps its mode.
    ///
    /// # Errors
    /// What the system said.
    pub fn set_perm(&self, perm: u32) -> io::Result<()> {
        let Some(Made { directory, name, .. }) = &self.made else { return Ok(()) };
        if !self.is_in_place() {
            return Ok(());
        }
        let mode = Mode::from_raw_mode(perm as _);
        Ok(rustix::fs::chmodat(directory, name, mode, AtFlags::empty())?)
    }

    /// Has its edges reported under this token.
    ///
    /// # Errors
    /// What the system said.
    pub fn register(&self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut SourceFd(&self.socket.as_raw_fd()), token, Interest::READABLE)
    }

    /// Has no edges reported any more.
    pub fn deregister(&self, registry: &Registry) {
        // What was never reported cannot be forgotten either, and that is fine.
        let _ = registry.deregister(&mut SourceFd(&self.socket.as_raw_fd()));
    }

    /// The next client that waits.
    pub fn accept(&self) -> Accepted {
        loop {
            return match accept_with(&self.socket, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK) {
                Ok(client) => Accepted::Client(client),
                Err(Errno::INTR | Errno::CONNABORTED) => continue,
                Err(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => Accepted::Full,
                Err(_) => Accepted::Nobody,
            };
        }
    }
}

impl Drop for Listener {
    /// Removes the socket if it is still the one that we made.
    fn drop(&mut self) {
        let Some(Made { directory, name, identity }) = &self.made else { return };
        // Nobody is waited for: what is removed is looked at first in any case.
        lock(directory.as_fd(), &mut Patience(0));
        if look(directory.as_fd(), name).is_ok_and(|stat| identity_of(&stat) == *identity) {
            let _ = rustix::fs::unlinkat(directory, name, AtFlags::empty());
        }
        let _ = rustix::fs::flock(directory, FlockOperation::Unlock);
    }
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The user.
    pub uid: u32,
    /// The process that connected, or that listens.
    pub pid: u32,
}

/// Who is at the other end of a connection, if the system tells.
#[must_use]
pub fn peer(client: &OwnedFd) -> Option<Peer> {
    #[cfg(target_os = "linux")]
    {
        let peer = rustix::net::sockopt::socket_peercred(client).ok()?;
        Some(Peer { uid: peer.uid.as_raw(), pid: peer.pid.as_raw_nonzero().get().unsigned_abs() })
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = client;
        None
    }
}

/// Connects to whoever listens on this socket, without waiting. What comes of it does not block.
///
/// # Errors
/// What the system said: [`io::ErrorKind::ConnectionRefused`] if nobody listens,
/// [`io::ErrorKind::WouldBlock`] if too many wait there already.
pub fn reach(path: &Path) -> io::Result<OwnedFd> {
    let address = SocketAddrUnix::new(path)?;
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    connect(&socket, &address)?;
    Ok(socket)
}

/// How long the turns of other daemons are waited for, in all, while several sockets are opened.
/// Whoever may read a directory can hold its lock for ever.
#[derive(Debug)]
pub struct Patience(u32);

impl Default for Patience {
    /// Half a second: a start takes some milliseconds.
    fn default() -> Self {
        Patience(LOCK_TRIES)
    }
}

/// Takes the turn of one daemon among those that start in a directory. Without it, two daemons that
/// start in the same millisecond may both believe that they listen.
fn lock(directory: BorrowedFd<'_>, patience: &mut Patience) {
    let moment = Timespec { tv_sec: 0, tv_nsec: LOCK_RETRY_NS };
    let wanted = FlockOperation::NonBlockingLockExclusive;
    while let Err(Errno::AGAIN | Errno::INTR) = rustix::fs::flock(directory, wanted) {
        let Some(left) = patience.0.checked_sub(1) else { return };
        patience.0 = left;
        let _ = poll(&mut [], Some(&moment));
    }
}

/// Makes room for the socket: one that nobody listens on any more is removed.
fn clear(
    directory: BorrowedFd<'_>,
    name: &OsStr,
    path: &Path,
    taken: Taken,
) -> Result<(), BindError> {
    let system = |error: io::Error| BindError::System(path.to_owned(), error);
    let stat = match look(directory, name) {
        Err(Errno::NOENT) => return Ok(()),
        found => found.map_err(|errno| system(errno.into()))?,
    };
    if FileType::from_raw_mode(stat.st_mode) != FileType::Socket {
        return Err(BindError::NoSocket(path.to_owned()));
    }
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(BindError::Foreign(path.to_owned()));
    }
    match probe(directory, name, path) {
        // A listener whose queue is full is a listener.
        Ok(()) | Err(Errno::AGAIN) if taken == Taken::Refuse => {
            Err(BindError::Live(path.to_owned()))
        }
        Ok(()) | Err(Errno::AGAIN | Errno::CONNREFUSED) => {
            rustix::fs::unlinkat(directory, name, AtFlags::empty())
                .map_err(|errno| system(errno.into()))
        }
        Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(system(errno.into())),
    }
}

/// Tries whether somebody listens, without waiting.
fn probe(directory: BorrowedFd<'_>, name: &OsStr, path: &Path) -> Result<(), Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    connect(&socket, &address(directory, name, path)?)
}

/// Makes the socket. Nobody can connect before `listen`, and by then its mode is right.
fn make(
    directory: BorrowedFd<'_>,
    name: &OsStr,
    path: &Path,
    perm: u32,
) -> Result<(OwnedFd, Identity), Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    bind(&socket, &address(directory, name, path)?)?;
    let rest = || -> Result<Identity, Errno> {
        let stat = look(directory, name)?;
        let mode = Mode::from_raw_mode(perm as _);
        rustix::fs::chmodat(directory, name, mode, AtFlags::empty())?;
        listen(&socket, BACKLOG)?;
        Ok(identity_of(&stat))
    };
    match rest() {
        Ok(identity) => Ok((socket, identity)),
        Err(errno) => {
            let _ = rustix::fs::unlinkat(directory, name, AtFlags::empty());
            Err(errno)
        }
    }
}

/// The address of a name in an open directory. Sockets have no call that takes a directory, but
/// Linux has a path to every open one.
fn address(directory: BorrowedFd<'_>, name: &OsStr, path: &Path) -> Result<SocketAddrUnix, Errno> {
    let open = PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd()));
    if cfg!(target_os = "linux") && open.exists() {
        SocketAddrUnix::new(open.join(name))
    } else {
        SocketAddrUnix::new(path)
    }
}

fn look(directory: BorrowedFd<'_>, name: &OsStr) -> Result<Stat, Errno> {
    rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)
}

/// The device and the number of a file, whatever their types here.
type Identity = (u128, u128);

fn identity_of(stat: &Stat) -> Identity {
    (stat.st_dev as u128, stat.st_ino as u128)
}

/// Half a second in all.
const LOCK_TRIES: u32 = 100;
const LOCK_RETRY_NS: i64 = 5_000_000;
/// So many clients may wait to be accepted; the kernel has a lower limit of its own.
const BACKLOG: i32 = 1_024;

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |path: &PathBuf| path.display().to_string().escape_debug().to_string();
        match self {
            BindError::Live(path) => write!(
                f,
                "{}: another process listens on this socket; stop it, or give the server another `socket`",
                shown(path)
            ),
            BindError::NoSocket(path) => write!(
                f,
                "{}: this is no socket; move it away, or give the server another `socket`",
                shown(path)
            ),
            BindError::Foreign(path) => write!(
                f,
                "{}: the socket belongs to another user; have it removed, or give the server another `socket`",
                shown(path)
            ),
            BindError::Path(path, fault) => write!(f, "{}: {fault}", shown(path)),
            BindError::System(path, error) => write!(
                f,
                "{}: cannot be listened on ({error}); give the server another `socket`",
                shown(path)
            ),
        }
    }
}

impl std::error::Error for BindError {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener;

    fn place(folder: &Path, name: &str) -> Location {
        Location::new(folder, Path::new(name), "servers[0].socket").unwrap()
    }

    fn bind(folder: &Path) -> Result<Listener, BindError> {
        Listener::bind(&place(folder, "x.sock"), "", 0o600, Taken::Refuse, &mut Patience::default())
    }

    #[test]
    fn the_status_of_a_daemon_that_lets_nobody_in_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let location = place(folder.path(), "x.sock");
        let old = bind(folder.path()).unwrap();
        let new =
            Listener::bind(&location, "", 0o600, Taken::Replace, &mut Patience::default()).unwrap();
        drop(old);
        assert!(new.is_in_place() && reach(new.path()).is_ok());
    }

    #[test]
    fn directories_and_sockets_are_made_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let location = place(folder.path(), "a/b/x.sock");
        let listener =
            Listener::bind(&location, "", 0o600, Taken::Refuse, &mut Patience::default()).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(listener.path()), 0o600);
        assert_eq!(mode(&folder.path().join("a/b")), 0o700);
        drop(listener);
        assert!(!location.path().exists());
    }

    #[test]
    fn a_stale_socket_is_replaced_and_a_live_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let location = place(folder.path(), "x.sock");
        drop(UnixListener::bind(location.path()).unwrap());
        assert!(reach(&location.path()).is_err());
        let first =
            Listener::bind(&location, "", 0o600, Taken::Refuse, &mut Patience::default()).unwrap();
        assert!(reach(&location.path()).is_ok());
        let refused = Listener::bind(&location, "", 0o600, Taken::Refuse, &mut Patience::default())
            .unwrap_err();
        assert!(matches!(refused, BindError::Live(_)), "{refused}");
        assert!(refused.to_string().contains("x.sock: another process listens"), "{refused}");
        drop(first);
        Listener::bind(&location, "", 0o600, Taken::Refuse, &mut Patience::default()).unwrap();
    }

    #[test]
    fn whoever_holds_the_lock_of_the_directory_stops_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let other = std::fs::File::open(folder.path()).unwrap();
        rustix::fs::flock(&other, FlockOperation::LockExclusive).unwrap();
        let listener = bind(folder.path()).unwrap();
        assert!(listener.is_in_place());
        drop(listener);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn only_our_own_socket_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let location = place(folder.path(), "x.sock");
        let listener =
            Listener::bind(&location, "", 0o600, Taken::Refuse, &mut Patience::default()).unwrap();
        std::fs::remove_file(location.path()).unwrap();
        let other = UnixListener::bind(location.path()).unwrap();
        drop(listener);
        assert!(location.path().exists());
        drop(other);
    }

    #[test]
    fn what_is_no_socket_stays() {
        let folder = tempfile::tempdir().unwrap();
        let location = place(folder.path(), "x.sock");
        std::fs::write(location.path(), "mine").unwrap();
        let refused = Listener::bind(&location, "", 0o600, Taken::Refuse, &mut Patience::default())
            .unwrap_err();
        assert!(matches!(refused, BindError::NoSocket(_)), "{refused}");
        assert_eq!(std::fs::read(location.path()).unwrap(), b"mine");
        std::fs::remove_file(location.path()).unwrap();
        std::os::unix::fs::symlink("elsewhere", location.path()).unwrap();
        assert!(matches!(
            Listener::bind(&location, "", 0o600, Taken::Refuse, &mut Patience::default()),
            Err(BindError::NoSocket(_))
        ));
    }

    #[test]
    fn the_peer_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let listener = bind(folder.path()).unwrap();
        assert!(matches!(listener.accept(), Accepted::Nobody));
        let _client = reach(listener.path()).unwrap();
        let Accepted::Client(client) = listener.accept() else { panic!("nobody came") };
        let own = Peer { uid: rustix::process::geteuid().as_raw(), pid: std::process::id() };
        assert_eq!(peer(&client), Some(own));
    }
}
