//! A pure state machine that guards Model Context Protocol traffic.
//!
//! Between an MCP client and an MCP server stands an [`Engine`]. It takes bytes, facts about the
//! peers and a clock; it gives bytes to forward, answers of its own, and audit [events](Event). It
//! reads each frame once, strictly, and what leaves is a range of what came in.
//!
//! ```text
//!  read(2)                                                                       write(2)
//!    |                                                                              ^
//!    v                                                                              |
//!  inbox ---> scanner ---> envelope ---> policy chain ---> edits ---> outbox, in order
//!  bytes      where it     kind, id,     pass, change      what       ranges of the inbox,
//!             ends; valid  members       or refuse         stands     replacements, or
//!                          as ranges                       instead    answers of our own
//! ```
//!
//! There are two such lanes, one for each direction. Data moves left to right only, and a clean
//! frame leaves from the memory it was read into.
//!
//! The engine has no socket, clock, thread, randomness or global. It does nothing until it is
//! called, and says everything through what it returns: the same calls give the same bytes and
//! events. It never logs and never panics over a peer's bytes.
//!
//! # The loop of a host
//!
//! Loan in, loan out: the engine lends memory to read into and memory to write from. A host with
//! two byte slices instead of sockets is `examples/smallest.rs`.
//!
//! ```
//! use std::sync::Arc;
//! use portcullis_engine::{Engine, Ledger, Limits, Policy, Receiver, Side, Time, Wanted};
//!
//! let now = Time::new(0, 0);
//! let policy = Arc::new(Policy::default());
//! let mut ledger = Ledger::new();
//! let mut engine = Engine::new(policy, Limits::default(), Wanted::ALL, now)?;
//!
//! // What was read from the client.
//! let bytes = br#"{"jsonrpc":"2.0","id":1,"method":"tools/list","auth_token":"x"}"#;
//! let space = engine.recv_space(Side::Client);
//! space[..bytes.len()].copy_from_slice(bytes);
//! engine.recv_commit(&mut ledger, Side::Client, bytes.len(), now);
//! engine.recv_copy(&mut ledger, Side::Client, b"\n", now);
//!
//! // What is to be written to the server: the same bytes, less the token.
//! let ready = engine.send_ready(Receiver::Server);
//! assert_eq!(ready, b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}\n");
//! let count = ready.len();
//! engine.send_commit(&mut ledger, Receiver::Server, count);
//!
//! // What was decided.
//! let event = engine.next_event().expect("one decision");
//! assert_eq!(event.method.as_str(), "tools/list");
//! # Ok::<(), portcullis_engine::ConfigError>(())
//! ```
//!
//! Every turn of a host's loop ends so: collect events, [`tick`](Engine::tick), collect what that
//! made, then wait until a side is ready or the [`deadline`](Engine::deadline) comes.
//!
//! # The ten rules
//!
//! 1. **Any order of calls is legal.** A lane stands only while its receiver does not read, its
//!    sender does not read what it is owed, or its host does not collect the events it asked for;
//!    [`stalled`](Engine::stalled) says which.
//! 2. **A loan lives until the next call on the same engine.**
//! 3. **Interest follows state.** Watch for readable exactly while `recv_space` is not empty; for
//!    writable exactly while `send_ready` is not empty.
//! 4. **A frame is judged whole, once, in order of arrival**, and never mixed with another.
//! 5. **A byte leaves only if its frame was judged and passed, or if we wrote it ourselves.**
//! 6. **Room for the answer is kept free before a frame is judged**, as a slot, not as bytes. A
//!    lane never waits for the other lane.
//! 7. **Every buffer, queue and table has a limit.** At the limit: back-pressure or a refusal;
//!    never growth past it. [`Limits::memory_max`] is the sum.
//! 8. **After `tick(now)` the deadline is later than `now`, or none.**
//! 9. **Same calls, same result.** Bytes, events, order.
//! 10. **A frame refused is not a session ended.** Only a close in the middle of a frame, a frame
//!     whose end does not come in time, and too many refused frames in a row end one.
//!
//! # What it does not do
//!
//! No I/O, no TLS, no HTTP, no configuration files. No promise against a server that encodes a
//! secret on purpose: redaction is against leaks.
//!
//! # Panics
//!
//! A host that commits more than it was lent has a mistake and meets an assertion. Nothing a peer
//! sends does.

#![deny(unsafe_code)]

mod arguments;
mod base;
mod bits;
mod flow;
pub mod identity;
mod judge;
pub mod net;
pub mod quota;
mod redact;
mod rights;
mod wire;

pub use arguments::{
    ArgumentConfig, Decimal, Kind as ArgumentKind, LengthConfig, RangeConfig, SchemaConfig,
    UnknownSchema,
};
pub use base::error::ConfigError;
pub use base::event::{Answer, Event, EventKind, Label, Message, Question, Ticket, Wanted};
pub use base::limits::Limits;
pub use base::reason::Reason;
pub use base::side::{Receiver, Side};
pub use base::time::{Time, Wake};
pub use flow::{Engine, Facts, Ledger, Metrics, Stall};
pub use identity::{
    AuthConfig, JwtAlgorithm, JwtConfig, JwtKey, Source as CredentialSource, TokenConfig,
};
pub use judge::network::{Network, NetworkConfig};
pub use judge::policy::{
    BatchConfig, Policy, PolicyConfig, RateConfig, RefusalConfig, RequestConfig, ToolConfig,
    UnreadableId,
};
pub use judge::reply::notice;
pub use judge::sanitise::{Sanitise, SanitiseConfig};
pub use redact::SealKey;
pub use redact::{
    Action, AllowConfig, Group, GroupConfig, Match, Mode, NameConfig, PatternConfig, PatternFault,
    PatternKind, RedactionConfig, RuleConfig, RuleId, RuleInfo, RuleKind, Rules, Severity,
    TextRedactor, Unseen, UnseenKind, Writing, all as all_rules,
};
pub use rights::{DefaultConfig, Effect, RightConfig, RightsConfig};
