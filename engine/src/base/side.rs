//! The peers of an engine, as numbers that never change.

/// A peer of the engine: the one that bytes come from.
///
/// The numbers are stable; those above 1 are kept for several servers behind one engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Side {
    /// The MCP client: it asks for tools, and a model reads what it gets.
    Client = 0,
    /// The MCP server: it runs the tools.
    Server = 1,
}

impl Side {
    /// Both sides, in the order of their numbers.
    pub const ALL: [Side; 2] = [Side::Client, Side::Server];

    /// The one at the other end.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }

    /// The side with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            0 => Some(Side::Client),
            1 => Some(Side::Server),
            _ => None,
        }
    }

    /// A word for logs: `client` or `server`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Side::Client => "client",
            Side::Server => "server",
        }
    }
}

/// Who bytes of the engine are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Receiver {
    /// The MCP client.
    Client = 0,
    /// The MCP server.
    Server = 1,
    /// The host's standard error: lines of a server that are no MCP messages, redacted.
    Noise = 2,
}

impl Receiver {
    /// Every receiver, in the order of their numbers.
    pub const ALL: [Receiver; 3] = [Receiver::Client, Receiver::Server, Receiver::Noise];

    /// The receiver with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            0 => Some(Receiver::Client),
            1 => Some(Receiver::Server),
            2 => Some(Receiver::Noise),
            _ => None,
        }
    }

    /// A word for logs: `client`, `server` or `noise`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Receiver::Client => "client",
            Receiver::Server => "server",
            Receiver::Noise => "noise",
        }
    }
}

impl From<Side> for Receiver {
    fn from(side: Side) -> Self {
        match side {
            Side::Client => Receiver::Client,
            Side::Server => Receiver::Server,
        }
    }
}
