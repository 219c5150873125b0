//! `portcullis serve`: a daemon that guards several servers for several clients.
//!
//! ```text
//!  client ─┐  files.sock         ┌ session ─ engine ─ its own server process and guard
//!  client ─┼──────────── daemon ─┼ session ─ engine ─ its own server process and guard
//!  client ─┘  other.sock         └ session ...
//!                          │ one loop, one ledger, one log
//! ```
//!
//! Each client gets a session and a server process of its own, which is started when the engine has
//! something for it: a stranger without a token starts none. Sessions share the ledger and nothing
//! else. Nothing here waits for one of them.

pub mod activation;
mod answering;
mod backoff;
mod clients;
mod control;
mod daemon;
mod door;
mod environment;
mod launches;
mod listener;
mod plan;
mod reload;
mod report;
mod service;
mod shortage;
mod status;
mod turns;

pub use backoff::Backoff;
pub use control::{Order, Reply, Waits};
pub use daemon::{Daemon, Reload, ServeError, Setup};
pub use door::{Door, ORDERS_SUFFIX, STATUS_SUFFIX};
pub use environment::{PASSED, environment};
pub use listener::{Accepted, BindError, Listener, Patience, Peer, Taken, peer, reach};
pub use plan::Plan;
pub use service::Service;
pub use status::{Memory, ServerStatus, Snapshot, resident_bytes};
