//! Audit facts: kinds, reasons, names, lengths. Never content.

use std::fmt;

use super::reason::Reason;
use super::side::Side;
use super::time::Time;

/// A short text out of a peer's message, such as a method or the name of a tool.
///
/// Holds at most [`Label::BYTES_MAX`] bytes; a longer text is cut at a character and marked.
/// `Debug` and `Display` escape what is not printable: the text comes from a peer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Label {
    bytes: [u8; Self::BYTES_MAX],
    len: u8,
    cut: bool,
}

impl Label {
    /// The most bytes that a label keeps.
    pub const BYTES_MAX: usize = 62;
    /// No text.
    pub const EMPTY: Label = Label { bytes: [0; Self::BYTES_MAX], len: 0, cut: false };

    /// A label of this text, cut if it is too long.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut len = text.len().min(Self::BYTES_MAX);
        while !text.is_char_boundary(len) {
            len -= 1;
        }
        let mut label = Label { len: len as u8, cut: len < text.len(), ..Self::EMPTY };
        label.bytes[..len].copy_from_slice(&text.as_bytes()[..len]);
        label
    }

    /// The text, without the mark of a cut.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the text was longer.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut
    }
}

impl Default for Label {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.as_str().escape_debug(), if self.cut { "..." } else { "" })
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// The kinds of event; a host asks for those it wants, others are not made. The numbers are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EventKind {
    /// A frame passed as it came.
    Passed = 0,
    /// A frame passed, changed.
    Changed = 1,
    /// A frame, or a request in flight, was refused.
    Refused = 2,
    /// Something that the protocol does not foresee was dropped: orphans, noise.
    Protocol = 3,
    /// The session changed: opened, closed, drained, policy exchanged, a ticket asked for.
    Lifecycle = 4,
}

impl EventKind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [EventKind; 5] = [
        EventKind::Passed,
        EventKind::Changed,
        EventKind::Refused,
        EventKind::Protocol,
        EventKind::Lifecycle,
    ];

    /// The stable word for this kind.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            EventKind::Passed => "passed",
            EventKind::Changed => "changed",
            EventKind::Refused => "refused",
            EventKind::Protocol => "protocol",
            EventKind::Lifecycle => "lifecycle",
        }
    }
}

/// Which kinds of event a host wants, and what happens when it does not collect them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    bits: u8,
    hold: bool,
}

impl Wanted {
    /// No event is made.
    pub const NONE: Wanted = Wanted { bits: 0, hold: true };
    /// Every kind, and judging stops while 64 wait: no decision without its record.
    pub const ALL: Wanted = Wanted { bits: 0b1_1111, hold: true };

    /// These, and one more kind.
    #[must_use]
    pub const fn and(self, kind: EventKind) -> Self {
        Wanted { bits: self.bits | 1 << kind as u8, hold: self.hold }
    }

    /// Instead of stopping, counts and drops what finds no room.
    #[must_use]
    pub const fn dropping(self) -> Self {
        Wanted { bits: self.bits, hold: false }
    }

    /// Whether this kind is wanted.
    #[must_use]
    pub const fn wants(self, kind: EventKind) -> bool {
        self.bits & 1 << kind as u8 != 0
    }

    pub(crate) const fn holds(self) -> bool {
        self.hold
    }
}

/// What a frame is. The numbers are stable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// Not a message, or not known.
    #[default]
    None = 0,
    /// Asks, and is owed an answer.
    Request = 1,
    /// Tells, and is never answered.
    Notification = 2,
    /// Answers.
    Response = 3,
    /// An array of the others.
    Batch = 4,
}

impl Message {
    /// Every kind of message, in the order of their numbers.
    pub const ALL: [Message; 5] =
        [Message::None, Message::Request, Message::Notification, Message::Response, Message::Batch];

    /// The stable word for this kind of message.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Message::None => "none",
            Message::Request => "request",
            Message::Notification => "notification",
            Message::Response => "response",
            Message::Batch => "batch",
        }
    }
}

/// One fact for the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// What kind of fact.
    pub kind: EventKind,
    /// When it was decided.
    pub time: Time,
    /// The host's number for this session, from [`Facts`](crate::Facts).
    pub session: u64,
    /// The server's name, from [`Facts`](crate::Facts).
    pub server: Label,
    /// Who sent the frame.
    pub from: Side,
    /// What the frame was.
    pub message: Message,
    /// Why; `None` for a frame that passed as it came.
    pub reason: Option<Reason>,
    /// The method; for a response that of its request.
    pub method: Label,
    /// The tool of a `tools/call`; for a response that of its request, and for the result of a task
    /// that of the call that made it, where limits of tools ask for it.
    pub tool: Label,
    /// The rule that decided, if one did.
    pub rule: Label,
    /// The check of that rule that refused, by its stable word, where a rule has several; else
    /// nothing.
    pub check: &'static str,
    /// Length of the frame as it came, without its newline.
    pub bytes_in: u64,
    /// Length of the frame as it leaves; 0 if it does not.
    pub bytes_out: u64,
    /// How many places were changed, or how many events this one stands for.
    pub count: u64,
    /// A digest of the id, to tie a request to its answer; 0 if there is none.
    pub id_digest: u64,
    /// For an answer: milliseconds since its request was judged.
    pub duration_ms: Option<u64>,
    /// The ticket to answer, if the host is asked something.
    pub ticket: Option<Ticket>,
}

/// A question to the host, by number. Numbers are never used twice by one engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// What the host is asked by a [`Ticket`].
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Question<'a> {
    /// Whether a call may go on: [`Answer::Approved`] or [`Answer::Denied`].
    Call {
        /// The name of the tool, whole.
        tool: &'a str,
        /// The message as it will leave, without its newline. Nothing if a sealed secret was opened
        /// in it: that is for the tool alone.
        message: Option<&'a [u8]>,
    },
    /// Where a path leads once links are followed: [`Answer::Resolved`] with that path, absolute;
    /// for a file that does not exist, where its directory leads, and its name.
    Path {
        /// The path as the call gives it.
        path: &'a str,
    },
    /// The addresses of a name: [`Answer::Resolved`] with all of them, separated by spaces. The host
    /// connects to these and no others, or a later answer of the name server would lead elsewhere.
    Name {
        /// The name of a host.
        name: &'a str,
    },
}

impl Question<'_> {
    /// The stable number of this kind of question.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Question::Call { .. } => 1,
            Question::Path { .. } => 2,
            Question::Name { .. } => 3,
        }
    }
}

/// Names the kind: what is asked comes from a peer.
impl fmt::Debug for Question<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Question::Call { .. } => "Call",
            Question::Path { .. } => "Path",
            Question::Name { .. } => "Name",
        })
    }
}

/// What the host says to a [`Ticket`]. The numbers are stable.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer<'a> {
    /// The call may go on. 1.
    Approved,
    /// The call is refused: with `approval_denied`, or with `undecided` where a path or a name was
    /// to be resolved. 2.
    Denied,
    /// What was asked for is this. It is judged by the rule that asked; what is no answer to the
    /// question refuses the call with `undecided`. 3.
    Resolved(&'a str),
}

/// Names the kind: a path or an address is content.
impl fmt::Debug for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Answer::Approved => "Approved",
            Answer::Denied => "Denied",
            Answer::Resolved(_) => "Resolved",
        })
    }
}

impl<'a> Answer<'a> {
    /// The answer with this number, if there is one; `text` is what was resolved.
    #[must_use]
    pub const fn from_number(number: u32, text: &'a str) -> Option<Self> {
        match number {
            1 => Some(Answer::Approved),
            2 => Some(Answer::Denied),
            3 => Some(Answer::Resolved(text)),
            _ => None,
        }
    }

    /// The stable number of this kind of answer.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Answer::Approved => 1,
            Answer::Denied => 2,
            Answer::Resolved(_) => 3,
        }
    }
}
