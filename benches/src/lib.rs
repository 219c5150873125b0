//! How the figures of Portcullis are measured.
//!
//! ```text
//!             one CPU                                   no process at all
//!   client ---> proxy ---> server            frames ---> Engine ---> nobody
//!          <---       <---                   frames ---> serde_json::IgnoredAny
//!           portcullis run --, serve, connect
//!           relay --, --listen, --connect
//!           nothing
//! ```
//!
//! Each claim is a *ratio inside one run*: the same work once behind Portcullis and once behind
//! [`relay`], or once through the engine and once through a JSON parser, in turn. A machine's
//! absolute times are printed beside them, and belong to that machine.
//!
//! This crate decides nothing about traffic, and no test of it fails on time. Its only `unsafe` is
//! the [`counting`] allocator.

#[cfg(not(unix))]
compile_error!("portcullis-benches drives processes through pipes and needs a Unix system");

pub mod client;
pub mod clock;
pub mod corpus;
pub mod counting;
pub mod daemon;
pub mod drive;
pub mod feed;
pub mod figure;
pub mod hostile;
pub mod instructions;
pub mod measure;
pub mod mix;
pub mod pin;
pub mod plant;
pub mod planted;
pub mod policed;
pub mod policies;
pub mod quality;
pub mod random;
pub mod references;
pub mod relay;
pub mod secrets;
pub mod server;
pub mod span;
pub mod stats;
pub mod workload;
