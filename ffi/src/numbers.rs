//! The numbers of the header and their names. The engine owns both; here they only get C's types.

use std::ffi::{CStr, c_char};

use portcullis_engine::identity::Source;
use portcullis_engine::net::AddressClass;
use portcullis_engine::{
    Action, Answer, EventKind, Group, Message, Question, Reason, Receiver, RuleKind, Severity,
    Side, Stall, UnseenKind, Wake,
};

use crate::status::PORTCULLIS_STATUS_BAD_NUMBER;

/// No such time: nothing is due, or nothing was measured.
pub const PORTCULLIS_NEVER: u64 = 0xFFFF_FFFF_FFFF_FFFF;

/// The MCP client: it asks for tools, and a model reads what it gets. A side that bytes come from,
/// and a receiver that bytes are for. Numbers above 1 are kept for several servers behind one engine.
pub const PORTCULLIS_CLIENT: u32 = 0;
/// The MCP server: it runs the tools. A side and a receiver.
pub const PORTCULLIS_SERVER: u32 = 1;
/// The host's standard error: lines of a server that are no MCP messages, with secrets taken out. A
/// receiver only. What nobody takes is dropped and counted, and holds nothing up.
pub const PORTCULLIS_NOISE: u32 = 2;

/// A frame passed as it came.
pub const PORTCULLIS_EVENT_PASSED: u32 = 0;
/// A frame passed, changed.
pub const PORTCULLIS_EVENT_CHANGED: u32 = 1;
/// A frame, or a request in flight, was refused.
pub const PORTCULLIS_EVENT_REFUSED: u32 = 2;
/// Something that the protocol does not foresee was dropped: answers to nobody, noise.
pub const PORTCULLIS_EVENT_PROTOCOL: u32 = 3;
/// The session changed: opened, closed, drained, policy exchanged, a ticket asked for.
pub const PORTCULLIS_EVENT_LIFECYCLE: u32 = 4;

/// Which events are made is a sum of bits: this one is for `PORTCULLIS_EVENT_PASSED`. 0 is none.
pub const PORTCULLIS_WANT_PASSED: u32 = 1;
/// Make `PORTCULLIS_EVENT_CHANGED`.
pub const PORTCULLIS_WANT_CHANGED: u32 = 2;
/// Make `PORTCULLIS_EVENT_REFUSED`.
pub const PORTCULLIS_WANT_REFUSED: u32 = 4;
/// Make `PORTCULLIS_EVENT_PROTOCOL`.
pub const PORTCULLIS_WANT_PROTOCOL: u32 = 8;
/// Make `PORTCULLIS_EVENT_LIFECYCLE`.
pub const PORTCULLIS_WANT_LIFECYCLE: u32 = 16;
/// Make every kind of event that there is.
pub const PORTCULLIS_WANT_ALL: u32 = 31;
/// Besides the kinds: when the events that are kept (`events_max`) are not collected, drop and count
/// what finds no room. Without it judging stops until the host collects: no decision without its
/// record.
pub const PORTCULLIS_WANT_DROPPING: u32 = 0x8000_0000;

/// Not a message, or not known.
pub const PORTCULLIS_MESSAGE_NONE: u32 = 0;
/// Asks, and is owed an answer.
pub const PORTCULLIS_MESSAGE_REQUEST: u32 = 1;
/// Tells, and is never answered.
pub const PORTCULLIS_MESSAGE_NOTIFICATION: u32 = 2;
/// Answers.
pub const PORTCULLIS_MESSAGE_RESPONSE: u32 = 3;
/// An array of the others (revision 2025-03-26).
pub const PORTCULLIS_MESSAGE_BATCH: u32 = 4;

/// The call may go on.
pub const PORTCULLIS_ANSWER_APPROVED: u32 = 1;
/// The call is refused: with `approval_denied`, or with `undecided` where a path or a name was to be
/// resolved.
pub const PORTCULLIS_ANSWER_DENIED: u32 = 2;
/// What was asked for is known. `portcullis_engine_resolve` says it, with the text that goes with it;
/// `portcullis_engine_answer` takes no such answer.
pub const PORTCULLIS_ANSWER_RESOLVED: u32 = 3;

/// The ticket is not open (any more).
pub const PORTCULLIS_QUESTION_NONE: u32 = 0;
/// Whether a call may go on: to be approved or denied.
pub const PORTCULLIS_QUESTION_CALL: u32 = 1;
/// Where a path leads once links are followed: to be resolved with that path, absolute; for a file
/// that does not exist, where its directory leads, and its name.
pub const PORTCULLIS_QUESTION_PATH: u32 = 2;
/// The addresses of a name: to be resolved with all of them, separated by spaces. The host connects to
/// these and no others, or a later answer of the name server would lead elsewhere.
pub const PORTCULLIS_QUESTION_NAME: u32 = 3;

/// Nothing is due.
pub const PORTCULLIS_WAKE_NONE: u32 = 0;
/// A request in flight reaches its deadline.
pub const PORTCULLIS_WAKE_REQUEST: u32 = 1;
/// A ticket reaches its deadline.
pub const PORTCULLIS_WAKE_TICKET: u32 = 2;
/// A drain reaches its end.
pub const PORTCULLIS_WAKE_DRAIN: u32 = 3;
/// A buffer that is empty gives memory back.
pub const PORTCULLIS_WAKE_MEMORY: u32 = 4;
/// The id of a request that ended without its answer becomes free.
pub const PORTCULLIS_WAKE_ID: u32 = 5;
/// The beginning of a client's frame has waited for its end as long as it may.
pub const PORTCULLIS_WAKE_FRAME: u32 = 6;
/// A request is open for so long that it is told.
pub const PORTCULLIS_WAKE_REPORT: u32 = 7;
/// A session says nothing for as long as it may.
pub const PORTCULLIS_WAKE_IDLE: u32 = 8;

/// The lane does not stand.
pub const PORTCULLIS_STALL_NONE: u32 = 0;
/// Its receiver has to read what is ready for it, or to answer what keeps a batch waiting.
pub const PORTCULLIS_STALL_RECEIVER: u32 = 1;
/// Its sender has to read the answers that it is owed.
pub const PORTCULLIS_STALL_SENDER: u32 = 2;
/// The host has to collect events, and then to call a verb that judges.
pub const PORTCULLIS_STALL_HOST: u32 = 3;
/// Its sender has closed and all that it sent has left: the host may close its own end towards the
/// receiver.
pub const PORTCULLIS_STALL_ENDED: u32 = 4;

/// A secret is told of and passes.
pub const PORTCULLIS_ACTION_LOG: u32 = 1;
/// A few of its characters stay, if it is long enough.
pub const PORTCULLIS_ACTION_MASK: u32 = 2;
/// The rule's replacement stands in its place.
pub const PORTCULLIS_ACTION_REDACT: u32 = 3;
/// A placeholder stands in its place, which the engine turns back for the tools that the rule names.
pub const PORTCULLIS_ACTION_SEAL: u32 = 4;
/// The frame is refused.
pub const PORTCULLIS_ACTION_BLOCK: u32 = 5;

/// An identifier, or public by design.
pub const PORTCULLIS_SEVERITY_LOW: u32 = 1;
/// Needs a second part, or is a guess from its surroundings.
pub const PORTCULLIS_SEVERITY_MEDIUM: u32 = 2;
/// Scoped or short-lived.
pub const PORTCULLIS_SEVERITY_HIGH: u32 = 3;
/// Acts at once, without a further secret.
pub const PORTCULLIS_SEVERITY_CRITICAL: u32 = 4;

/// Credentials. On, unless switched off.
pub const PORTCULLIS_GROUP_SECRETS: u32 = 1;
/// Personal data, `pii` in a configuration. Off, unless switched on.
pub const PORTCULLIS_GROUP_PERSONAL: u32 = 2;
/// Long random values beside a word such as key or token. On, unless switched off.
pub const PORTCULLIS_GROUP_ENTROPY: u32 = 3;

/// A rule recognises its secrets by characters of the secret itself.
pub const PORTCULLIS_RULE_TOKEN: u32 = 1;
/// By the name or the word in front of the secret.
pub const PORTCULLIS_RULE_CONTEXT: u32 = 2;
/// By the lines around a block of text.
pub const PORTCULLIS_RULE_BLOCK: u32 = 3;
/// By the form and the check digits of a number, or by the form of an address.
pub const PORTCULLIS_RULE_PERSONAL: u32 = 4;
/// A regular expression of the host's own.
pub const PORTCULLIS_RULE_REGEX: u32 = 5;
/// A literal text of the host's own.
pub const PORTCULLIS_RULE_LITERAL: u32 = 6;
/// A glob of the host's own.
pub const PORTCULLIS_RULE_GLOB: u32 = 7;

/// Characters without width or ink: zero-width spaces and joiners, variation selectors, fillers, a
/// byte order mark.
pub const PORTCULLIS_UNSEEN_ZERO_WIDTH: u32 = 1;
/// Marks, embeddings, overrides and isolates of the bidirectional algorithm: the text is read in
/// another order than it stands.
pub const PORTCULLIS_UNSEEN_BIDI: u32 = 2;
/// Tag characters, a second ASCII that nobody sees.
pub const PORTCULLIS_UNSEEN_TAG: u32 = 3;
/// A control sequence of a terminal (ECMA-48).
pub const PORTCULLIS_UNSEEN_ANSI: u32 = 4;

/// The rule of a match knows of nothing in the secret to look at.
pub const PORTCULLIS_VERIFIED_UNKNOWN: u32 = 0;
/// The checksum or the structure of the secret is as its issuer makes it.
pub const PORTCULLIS_VERIFIED_YES: u32 = 1;
/// It is not.
pub const PORTCULLIS_VERIFIED_NO: u32 = 2;

/// A credential came as the member `auth_token` of a message.
pub const PORTCULLIS_SOURCE_MEMBER: u32 = 0;
/// In the `Authorization` header of a request.
pub const PORTCULLIS_SOURCE_BEARER: u32 = 1;
/// In another header.
pub const PORTCULLIS_SOURCE_HEADER: u32 = 2;
/// In the query of the URL, which logs and histories keep.
pub const PORTCULLIS_SOURCE_QUERY: u32 = 3;

/// A URL was refused: its host is of no interest.
pub const PORTCULLIS_HOST_NONE: u32 = 0;
/// Its host is a name, whose addresses are to be checked.
pub const PORTCULLIS_HOST_NAME: u32 = 1;
/// Its host is an address, which was checked.
pub const PORTCULLIS_HOST_ADDRESS: u32 = 2;

/// Anybody's: reached over the public network.
pub const PORTCULLIS_ADDRESS_PUBLIC: u32 = 0;
/// `0.0.0.0/8` and `::`: this host, as most systems read it.
pub const PORTCULLIS_ADDRESS_UNSPECIFIED: u32 = 1;
/// `127.0.0.0/8` and `::1`: this host.
pub const PORTCULLIS_ADDRESS_LOOPBACK: u32 = 2;
/// `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16` (RFC 1918).
pub const PORTCULLIS_ADDRESS_PRIVATE: u32 = 3;
/// `169.254.0.0/16` and `fe80::/10`: this link.
pub const PORTCULLIS_ADDRESS_LINK_LOCAL: u32 = 4;
/// Where clouds hand credentials to whoever asks: `169.254.169.254` and its like.
pub const PORTCULLIS_ADDRESS_METADATA: u32 = 5;
/// `100.64.0.0/10`: inside a provider's network (RFC 6598).
pub const PORTCULLIS_ADDRESS_CARRIER_GRADE: u32 = 6;
/// `224.0.0.0/4` and `ff00::/8`.
pub const PORTCULLIS_ADDRESS_MULTICAST: u32 = 7;
/// `255.255.255.255`.
pub const PORTCULLIS_ADDRESS_BROADCAST: u32 = 8;
/// Of examples: `192.0.2.0/24`, `198.51.100.0/24`, `203.0.113.0/24`, `2001:db8::/32`, `3fff::/20`.
pub const PORTCULLIS_ADDRESS_DOCUMENTATION: u32 = 9;
/// `198.18.0.0/15` and `2001:2::/48`.
pub const PORTCULLIS_ADDRESS_BENCHMARK: u32 = 10;
/// Everything else that nobody has on the public network.
pub const PORTCULLIS_ADDRESS_RESERVED: u32 = 11;
/// `fc00::/7`: private networks of IPv6 (RFC 4193).
pub const PORTCULLIS_ADDRESS_UNIQUE_LOCAL: u32 = 12;
/// `fec0::/10`: the same, before RFC 3879 ended it.
pub const PORTCULLIS_ADDRESS_SITE_LOCAL: u32 = 13;

/// The engine's numbers are these, or the library does not compile.
const _: () = {
    assert!(PORTCULLIS_CLIENT == Receiver::Client as u32);
    assert!(PORTCULLIS_CLIENT == Side::Client as u32);
    assert!(PORTCULLIS_SERVER == Receiver::Server as u32);
    assert!(PORTCULLIS_SERVER == Side::Server as u32);
    assert!(PORTCULLIS_NOISE == Receiver::Noise as u32);
    assert!(PORTCULLIS_EVENT_PASSED == EventKind::Passed as u32);
    assert!(PORTCULLIS_EVENT_CHANGED == EventKind::Changed as u32);
    assert!(PORTCULLIS_EVENT_REFUSED == EventKind::Refused as u32);
    assert!(PORTCULLIS_EVENT_PROTOCOL == EventKind::Protocol as u32);
    assert!(PORTCULLIS_EVENT_LIFECYCLE == EventKind::Lifecycle as u32);
    assert!(PORTCULLIS_WANT_PASSED == 1 << EventKind::Passed as u32);
    assert!(PORTCULLIS_WANT_CHANGED == 1 << EventKind::Changed as u32);
    assert!(PORTCULLIS_WANT_REFUSED == 1 << EventKind::Refused as u32);
    assert!(PORTCULLIS_WANT_PROTOCOL == 1 << EventKind::Protocol as u32);
    assert!(PORTCULLIS_WANT_LIFECYCLE == 1 << EventKind::Lifecycle as u32);
    assert!(PORTCULLIS_MESSAGE_NONE == Message::None as u32);
    assert!(PORTCULLIS_MESSAGE_REQUEST == Message::Request as u32);
    assert!(PORTCULLIS_MESSAGE_NOTIFICATION == Message::Notification as u32);
    assert!(PORTCULLIS_MESSAGE_RESPONSE == Message::Response as u32);
    assert!(PORTCULLIS_MESSAGE_BATCH == Message::Batch as u32);
    assert!(PORTCULLIS_ANSWER_APPROVED == Answer::Approved.number());
    assert!(PORTCULLIS_ANSWER_DENIED == Answer::Denied.number());
    assert!(PORTCULLIS_ANSWER_RESOLVED == Answer::Resolved("").number());
    assert!(PORTCULLIS_QUESTION_CALL == Question::Call { tool: "", message: None }.number());
    assert!(PORTCULLIS_QUESTION_PATH == Question::Path { path: "" }.number());
    assert!(PORTCULLIS_QUESTION_NAME == Question::Name { name: "" }.number());
    assert!(PORTCULLIS_WAKE_REQUEST == Wake::Request as u32);
    assert!(PORTCULLIS_WAKE_TICKET == Wake::Ticket as u32);
    assert!(PORTCULLIS_WAKE_DRAIN == Wake::Drain as u32);
    assert!(PORTCULLIS_WAKE_MEMORY == Wake::Memory as u32);
    assert!(PORTCULLIS_WAKE_ID == Wake::Id as u32);
    assert!(PORTCULLIS_WAKE_FRAME == Wake::Frame as u32);
    assert!(PORTCULLIS_WAKE_REPORT == Wake::Report as u32);
    assert!(PORTCULLIS_WAKE_IDLE == Wake::Idle as u32);
    assert!(PORTCULLIS_STALL_RECEIVER == Stall::Receiver as u32);
    assert!(PORTCULLIS_STALL_SENDER == Stall::Sender as u32);
    assert!(PORTCULLIS_STALL_HOST == Stall::Host as u32);
    assert!(PORTCULLIS_STALL_ENDED == Stall::Ended as u32);
    assert!(PORTCULLIS_ACTION_LOG == Action::Log as u32);
    assert!(PORTCULLIS_ACTION_MASK == Action::Mask as u32);
    assert!(PORTCULLIS_ACTION_REDACT == Action::Redact as u32);
    assert!(PORTCULLIS_ACTION_SEAL == Action::Seal as u32);
    assert!(PORTCULLIS_ACTION_BLOCK == Action::Block as u32);
    assert!(PORTCULLIS_SEVERITY_LOW == Severity::Low as u32);
    assert!(PORTCULLIS_SEVERITY_MEDIUM == Severity::Medium as u32);
    assert!(PORTCULLIS_SEVERITY_HIGH == Severity::High as u32);
    assert!(PORTCULLIS_SEVERITY_CRITICAL == Severity::Critical as u32);
    assert!(PORTCULLIS_GROUP_SECRETS == Group::Secrets as u32);
    assert!(PORTCULLIS_GROUP_PERSONAL == Group::Personal as u32);
    assert!(PORTCULLIS_GROUP_ENTROPY == Group::Entropy as u32);
    assert!(PORTCULLIS_RULE_TOKEN == RuleKind::Token as u32);
    assert!(PORTCULLIS_RULE_CONTEXT == RuleKind::Context as u32);
    assert!(PORTCULLIS_RULE_BLOCK == RuleKind::Block as u32);
    assert!(PORTCULLIS_RULE_PERSONAL == RuleKind::Personal as u32);
    assert!(PORTCULLIS_RULE_REGEX == RuleKind::Regex as u32);
    assert!(PORTCULLIS_RULE_LITERAL == RuleKind::Literal as u32);
    assert!(PORTCULLIS_RULE_GLOB == RuleKind::Glob as u32);
    assert!(PORTCULLIS_UNSEEN_ZERO_WIDTH == UnseenKind::ZeroWidth as u32);
    assert!(PORTCULLIS_UNSEEN_BIDI == UnseenKind::Bidi as u32);
    assert!(PORTCULLIS_UNSEEN_TAG == UnseenKind::Tag as u32);
    assert!(PORTCULLIS_UNSEEN_ANSI == UnseenKind::Ansi as u32);
    assert!(PORTCULLIS_SOURCE_MEMBER == Source::Member as u32);
    assert!(PORTCULLIS_SOURCE_BEARER == Source::Bearer as u32);
    assert!(PORTCULLIS_SOURCE_HEADER == Source::Header as u32);
    assert!(PORTCULLIS_SOURCE_QUERY == Source::Query as u32);
    assert!(PORTCULLIS_ADDRESS_PUBLIC == AddressClass::Public as u32);
    assert!(PORTCULLIS_ADDRESS_UNSPECIFIED == AddressClass::Unspecified as u32);
    assert!(PORTCULLIS_ADDRESS_LOOPBACK == AddressClass::Loopback as u32);
    assert!(PORTCULLIS_ADDRESS_PRIVATE == AddressClass::Private as u32);
    assert!(PORTCULLIS_ADDRESS_LINK_LOCAL == AddressClass::LinkLocal as u32);
    assert!(PORTCULLIS_ADDRESS_METADATA == AddressClass::Metadata as u32);
    assert!(PORTCULLIS_ADDRESS_CARRIER_GRADE == AddressClass::CarrierGrade as u32);
    assert!(PORTCULLIS_ADDRESS_MULTICAST == AddressClass::Multicast as u32);
    assert!(PORTCULLIS_ADDRESS_BROADCAST == AddressClass::Broadcast as u32);
    assert!(PORTCULLIS_ADDRESS_DOCUMENTATION == AddressClass::Documentation as u32);
    assert!(PORTCULLIS_ADDRESS_BENCHMARK == AddressClass::Benchmark as u32);
    assert!(PORTCULLIS_ADDRESS_RESERVED == AddressClass::Reserved as u32);
    assert!(PORTCULLIS_ADDRESS_UNIQUE_LOCAL == AddressClass::UniqueLocal as u32);
    assert!(PORTCULLIS_ADDRESS_SITE_LOCAL == AddressClass::SiteLocal as u32);
    assert!(PORTCULLIS_WANT_ALL == (1 << EventKind::ALL.len()) - 1);
};

pub(crate) fn side(number: u32) -> Result<Side, u32> {
    Side::from_number(number).ok_or(PORTCULLIS_STATUS_BAD_NUMBER)
}

pub(crate) fn receiver(number: u32) -> Result<Receiver, u32> {
    Receiver::from_number(number).ok_or(PORTCULLIS_STATUS_BAD_NUMBER)
}

pub(crate) fn answer(number: u32) -> Result<Answer<'static>, u32> {
    match number {
        PORTCULLIS_ANSWER_APPROVED => Ok(Answer::Approved),
        PORTCULLIS_ANSWER_DENIED => Ok(Answer::Denied),
        _ => Err(PORTCULLIS_STATUS_BAD_NUMBER),
    }
}

pub(crate) fn reason(number: u32) -> Result<Reason, u32> {
    let place = Reason::ALL.binary_search_by_key(&number, |reason| reason.number());
    place.map(|place| Reason::ALL[place]).map_err(|_| PORTCULLIS_STATUS_BAD_NUMBER)
}

/// For each of the values a text with a NUL behind it, made when the library is compiled.
macro_rules! texts {
    ($values:expr, $text:ident, $bytes:literal) => {{
        static TEXTS: [[u8; $bytes]; $values.len()] = {
            let mut texts = [[0; $bytes]; $values.len()];
            let mut i = 0;
            while i < texts.len() {
                texts[i] = terminated($values[i].$text());
                i += 1;
            }
            texts
        };
        &TEXTS
    }};
}

/// A text of at most `N - 1` bytes, and NULs.
const fn terminated<const N: usize>(text: &str) -> [u8; N] {
    let (text, mut bytes) = (text.as_bytes(), [0; N]);
    assert!(text.len() < N, "a NUL has to stand behind the text");
    let mut i = 0;
    while i < text.len() {
        assert!(text[i] != 0, "a C string ends at its first NUL");
        bytes[i] = text[i];
        i += 1;
    }
    bytes
}

/// The text at the place of the value that has this number, or `unknown`.
fn lookup<const N: usize>(texts: &'static [[u8; N]], place: Option<usize>) -> *const c_char {
    let text = place.and_then(|place| CStr::from_bytes_until_nul(&texts[place]).ok());
    text.unwrap_or(c"unknown").as_ptr()
}

/// The word for a side or a receiver: `client`, `server` or `noise`. For this and the other `_str`
/// functions: never NULL, `unknown` for a number that names nothing; the text lives for ever.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_receiver_str(receiver: u32) -> *const c_char {
    let place = Receiver::ALL.iter().position(|known| *known as u32 == receiver);
    lookup(texts!(Receiver::ALL, name, 16), place)
}

/// The word for a kind of event, as audit logs have it: `passed`, `changed`, `refused`, `protocol`,
/// `lifecycle`.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_event_kind_str(kind: u32) -> *const c_char {
    let place = EventKind::ALL.iter().position(|known| *known as u32 == kind);
    lookup(texts!(EventKind::ALL, name, 16), place)
}

/// The word for a kind of message: `none`, `request`, `notification`, `response`, `batch`.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_message_str(message: u32) -> *const c_char {
    let place = Message::ALL.iter().position(|known| *known as u32 == message);
    lookup(texts!(Message::ALL, name, 16), place)
}

/// The word for a reason, as a peer reads it in `error.data.reason`: `not_json`, `tool_denied`, ...
/// Neither it nor the number ever changes meaning.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_reason_str(reason: u32) -> *const c_char {
    let place = Reason::ALL.iter().position(|known| known.number() == reason);
    lookup(texts!(Reason::ALL, name, 32), place)
}

/// What a peer is told for this reason in `error.message`: what was refused, and how to allow it.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_reason_message(reason: u32) -> *const c_char {
    let place = Reason::ALL.iter().position(|known| known.number() == reason);
    lookup(texts!(Reason::ALL, message, 128), place)
}

/// The JSON-RPC error code of a refusal for this reason; 0 where none is ever written, and for a
/// number that names nothing.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_reason_code(number: u32) -> i32 {
    reason(number).map_or(0, Reason::code)
}

/// The word for a reason to wake: `request`, `ticket`, `drain`, `memory`, `id`, `frame`; `none`
/// for `PORTCULLIS_WAKE_NONE`.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_wake_str(wake: u32) -> *const c_char {
    if wake == PORTCULLIS_WAKE_NONE {
        return c"none".as_ptr();
    }
    let place = Wake::ALL.iter().position(|known| *known as u32 == wake);
    lookup(texts!(Wake::ALL, name, 16), place)
}

/// The word for what a lane stands for: `receiver`, `sender`, `host`, `ended`; `none` for
/// `PORTCULLIS_STALL_NONE`.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_stall_str(stall: u32) -> *const c_char {
    if stall == PORTCULLIS_STALL_NONE {
        return c"none".as_ptr();
    }
    let place = Stall::ALL.iter().position(|known| *known as u32 == stall);
    lookup(texts!(Stall::ALL, name, 16), place)
}

/// The word for an action, as a configuration spells it: `log`, `mask`, `redact`, `seal`, `block`.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_action_str(action: u32) -> *const c_char {
    let place = Action::ALL.iter().position(|known| *known as u32 == action);
    lookup(texts!(Action::ALL, name, 16), place)
}

/// The word for a severity: `low`, `medium`, `high`, `critical`.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_severity_str(severity: u32) -> *const c_char {
    let place = Severity::ALL.iter().position(|known| *known as u32 == severity);
    lookup(texts!(Severity::ALL, name, 16), place)
}

/// The word for a group of rules, as a configuration spells it: `secrets`, `pii`, `entropy`.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_group_str(group: u32) -> *const c_char {
    let place = Group::ALL.iter().position(|known| *known as u32 == group);
    lookup(texts!(Group::ALL, name, 16), place)
}

/// The word for a kind of rule: `token`, `context`, `block`, `personal`, `regex`, `literal`, `glob`.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_rule_kind_str(kind: u32) -> *const c_char {
    let place = RuleKind::ALL.iter().position(|known| *known as u32 == kind);
    lookup(texts!(RuleKind::ALL, name, 16), place)
}

/// The word for a kind of what is not seen, as `rule` in events has it: `zero-width`, `bidi`, `tag`,
/// `ansi`.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_unseen_kind_str(kind: u32) -> *const c_char {
    let place = UnseenKind::ALL.iter().position(|known| *known as u32 == kind);
    lookup(texts!(UnseenKind::ALL, name, 16), place)
}

/// The word for what kind of network an address belongs to, as configurations have it, and verdicts
/// that refuse it: `public`, `unspecified`, `loopback`, `private`, `link-local`, `metadata`,
/// `carrier-grade`, `multicast`, `broadcast`, `documentation`, `benchmark`, `reserved`, `unique-local`,
/// `site-local`.
#[unsafe(no_mangle)]
pub extern "C" fn portcullis_address_class_str(class: u32) -> *const c_char {
    let place = AddressClass::ALL.iter().position(|known| *known as u32 == class);
    lookup(texts!(AddressClass::ALL, name, 16), place)
}
