//! `serve`, `connect`, `status` and `doctor` from outside: one program, since starting a binary is
//! cheap and linking one is not. Everything is waited for by what it says, never by time.

#[path = "../support/mod.rs"]
mod support;

mod activation;
mod approvals;
mod bridge;
mod crowd;
mod hooks;
mod kills;
mod limits;
mod logs;
mod reloads;
mod servers;
mod sessions;
mod shortages;
mod signals;
mod sockets;
mod state;
mod users;
