//! The server's processes: how they start, what ends them, and what outlives nobody.
//!
//! The server and a small *guard* share a process group. The guard is there before the server is,
//! so there is no moment in which a server could be left alone.

mod child;
mod descriptors;
mod guard;
mod leave;
mod signals;

pub use child::{Child, Environment, Launch, Pipes, SpawnError, Starting, exit_code};
pub use descriptors::{close_on_exec, no_core_dumps};
pub(crate) use guard::own_program;
pub use guard::{GUARD_ARGUMENT, Guard, Ready, stand_guard};
pub use leave::{Leave, Step};
pub use signals::{Signals, Told};
