//! Events of the engine as entries: how much each matters, and what is told of it.

use portcullis_engine::{Event, EventKind, Message, Reason, Wanted};

use super::entry::{Entry, Level, Value};

/// Which events a log of this level needs; the engine makes no others.
#[must_use]
pub fn wanted(level: Level) -> Wanted {
    let warn =
        Wanted::NONE.and(EventKind::Refused).and(EventKind::Protocol).and(EventKind::Lifecycle);
    match level {
        Level::Error => Wanted::NONE,
        Level::Warn => warn,
        Level::Info => warn.and(EventKind::Changed),
        Level::Debug => Wanted::ALL,
    }
}

/// How much an event matters.
pub(super) fn level(event: &Event) -> Level {
    match (event.kind, event.reason) {
        // These end a session.
        (
            _,
            Some(
                Reason::ClosedInFrame
                | Reason::TooManyRefused
                | Reason::FrameTooSlow
                | Reason::LockedOut,
            ),
        ) => Level::Warn,
        // Where tokens are in use, that is every message.
        (_, Some(Reason::TokenCut | Reason::TokenAttached)) => Level::Debug,
        // A secret was seen where nothing may be taken out, and passed.
        // Or its rule says that it is told and passes.
        (EventKind::Protocol, Some(Reason::SecretBlocked | Reason::SecretSeen)) => Level::Warn,
        (EventKind::Lifecycle, Some(Reason::Introduced | Reason::Closed)) => Level::Debug,
        (EventKind::Refused, _) => Level::Warn,
        (EventKind::Passed, _) => Level::Debug,
        _ => Level::Info,
    }
}

/// Makes an entry of an event and hands it on.
pub(super) fn with_entry(event: &Event, hand_on: impl FnOnce(&Entry<'_>)) {
    let digest = format!("{:016x}", event.id_digest);
    let mut fields: Vec<(&str, Value<'_>)> = vec![("from", Value::Name(event.from.name()))];
    if event.message != Message::None {
        fields.push(("message", Value::Name(event.message.name())));
    }
    for (name, label) in [("method", &event.method), ("tool", &event.tool)] {
        if !label.is_empty() {
            fields.push((name, Value::Label(label)));
        }
    }
    if let Some(reason) = event.reason {
        fields.push(("reason", Value::Name(reason.name())));
    }
    if !event.rule.is_empty() {
        fields.push(("rule", Value::Label(&event.rule)));
    }
    if !event.check.is_empty() {
        fields.push(("check", Value::Name(event.check)));
    }
    for (name, number, least) in [
        ("count", event.count, 2),
        ("bytes_in", event.bytes_in, 1),
        ("bytes_out", event.bytes_out, 1),
    ] {
        if number >= least {
            fields.push((name, Value::Number(number)));
        }
    }
    if event.id_digest != 0 {
        fields.push(("id", Value::Text(&digest)));
    }
    if let Some(duration) = event.duration_ms {
        fields.push(("duration_ms", Value::Number(duration)));
    }
    let sentence = event.reason.map_or(event.kind.name(), Reason::message);
    hand_on(&Entry {
        level: level(event),
        time: event.time,
        session: Some(event.session),
        server: event.server.as_str(),
        what: match event.kind {
            EventKind::Protocol if event.reason == Some(Reason::SecretBlocked) => SEEN,
            EventKind::Protocol | EventKind::Lifecycle => sentence,
            kind => kind.name(),
        },
        fields: &fields,
    });
}

/// The reason's own sentence is about a message that was refused; this one passed.
const SEEN: &str = "a secret was seen where it cannot be taken out";
