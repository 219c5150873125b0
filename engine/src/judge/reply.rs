//! The few messages that we write ourselves.

use super::policy::{RefusalConfig, UnreadableId};
use crate::base::reason::Reason;
use crate::identity::Denied;
use crate::redact::{RuleId, UnseenKind};
use crate::wire::text;

/// Why a request is refused, and what else its asker is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub reason: Reason,
    /// What decided, if it has a name.
    pub rule: Option<Cause>,
    /// Which check of that rule, where a rule has several: a word of ours, or nothing.
    pub check: &'static str,
    /// For `-31601`: when it is worth trying again.
    pub retry_after_ms: Option<u32>,
}

/// What decides by a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A rule, by its number among those of the policy.
    Rule(RuleId),
    /// A kind of characters that are not seen.
    Unseen(UnseenKind),
    /// A rule of the policy, by its place among their names.
    Named(u16),
    /// A rule that is always there, by its word.
    Word(&'static str),
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        let retry_after_ms = match reason {
            Reason::TooManyInFlight | Reason::Busy => Some(1_000),
            _ => None,
        };
        Self { reason, rule: None, check: "", retry_after_ms }
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        let reason = match denied {
            Denied::Source => Reason::CredentialSource,
            Denied::Server => Reason::ServerDenied,
            _ => Reason::AuthFailed,
        };
        // Of a token that nobody has there is nothing to add.
        let rule = (denied != Denied::Unknown).then_some(Cause::Word(denied.name()));
        Self { reason, rule, check: "", retry_after_ms: None }
    }
}

/// How the refusal is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub refusals: RefusalConfig,
    /// The connection is one of 2026-07-28.
    pub modern: bool,
    /// The refused request is a `tools/call`.
    pub is_tool_call: bool,
}

/// Most bytes of one refusal without its id: the longest message, the longest name of a rule and
/// of a check.
pub(crate) const REFUSAL_BYTES_MAX: usize = 512;

/// Appends the answer to a request that is refused, without a newline. Nothing is appended if the
/// policy wants no answer where no id can be read.
pub(crate) fn refusal(
    refusal: Refusal,
    rule: &str,
    id: Option<&[u8]>,
    style: Style,
    out: &mut Vec<u8>,
) {
    let nameless = match style.refusals.unreadable_id {
        UnreadableId::Revision if style.modern => UnreadableId::Absent,
        UnreadableId::Revision => UnreadableId::Null,
        other => other,
    };
    if id.is_none() && nameless == UnreadableId::None {
        return;
    }
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\"");
    match id {
        Some(id) => {
            out.extend_from_slice(b",\"id\":");
            out.extend_from_slice(id);
        }
        None if nameless == UnreadableId::Null => out.extend_from_slice(b",\"id\":null"),
        None => {}
    }
    let is_policy = (-31_605..=-31_600).contains(&refusal.reason.code());
    if style.refusals.as_result && style.is_tool_call && is_policy && id.is_some() {
        result(refusal, rule, style.modern, out);
    } else {
        error(refusal, rule, out);
    }
    out.push(b'}');
}

/// The line that a host may write to a client for which it makes no engine, newline included: an
/// error with this reason that answers no request in particular.
#[must_use]
pub fn notice(reason: Reason) -> Vec<u8> {
    let style = Style {
        refusals: RefusalConfig { as_result: false, unreadable_id: UnreadableId::Null },
        modern: false,
        is_tool_call: false,
    };
    let mut out = Vec::new();
    refusal(reason.into(), "", None, style, &mut out);
    out.push(b'\n');
    out
}

fn error(refusal: Refusal, rule: &str, out: &mut Vec<u8>) {
    let Refusal { reason, check, retry_after_ms, .. } = refusal;
    out.extend_from_slice(b",\"error\":{\"code\":");
    out.extend_from_slice(reason.code().to_string().as_bytes());
    out.extend_from_slice(b",\"message\":\"");
    text::encode(reason.message(), out);
    out.extend_from_slice(b"\",\"data\":{\"reason\":\"");
    out.extend_from_slice(reason.name().as_bytes());
    out.push(b'"');
    if !rule.is_empty() {
        out.extend_from_slice(b",\"rule\":\"");
        text::encode(rule, out);
        out.push(b'"');
    }
    if !check.is_empty() {
        out.extend_from_slice(b",\"check\":\"");
        text::encode(check, out);
        out.push(b'"');
    }
    if let Some(ms) = retry_after_ms {
        out.extend_from_slice(b",\"retry_after_ms\":");
        out.extend_from_slice(ms.to_string().as_bytes());
    }
    out.extend_from_slice(b"}}");
}

/// The form that a model sees.
fn result(refusal: Refusal, rule: &str, modern: bool, out: &mut Vec<u8>) {
    let Refusal { reason, check, .. } = refusal;
    out.extend_from_slice(b",\"result\":{");
    if modern {
        out.extend_from_slice(b"\"resultType\":\"complete\",");
    }
    out.extend_from_slice(b"\"content\":[{\"type\":\"text\",\"text\":\"");
    text::encode(reason.message(), out);
    out.extend_from_slice(b" (");
    out.extend_from_slice(reason.name().as_bytes());
    if !rule.is_empty() {
        out.extend_from_slice(b", rule ");
        text::encode(rule, out);
    }
    if !check.is_empty() {
        out.extend_from_slice(b", check ");
        text::encode(check, out);
    }
    out.extend_from_slice(b")\"}],\"isError\":true}");
}

/// Appends the notification that takes a request back from the side that works on it, with the
/// member that is attached to what the asker says.
pub(crate) fn cancelled(id: &[u8], reason: Reason, attached: &[u8], out: &mut Vec<u8>) {
    out.push(b'{');
    out.extend_from_slice(attached);
    out.extend_from_slice(
        b"\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":",
    );
    out.extend_from_slice(id);
    out.extend_from_slice(b",\"reason\":\"");
    text::encode(reason.message(), out);
    out.extend_from_slice(b"\"}}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(as_result: bool, unreadable_id: UnreadableId, modern: bool) -> Style {
        let refusals = RefusalConfig { as_result, unreadable_id };
        Style { refusals, modern, is_tool_call: true }
    }

    #[test]
    fn every_refusal_is_valid_and_within_its_bound() {
        for &reason in Reason::ALL.iter().filter(|reason| reason.code() != 0) {
            for as_result in [false, true] {
                let refused = Refusal {
                    reason,
                    rule: Some(Cause::Rule(RuleId(0))),
                    check: "a-word-as-long-as-any-is",
                    retry_after_ms: Some(u32::MAX),
                };
                let mut out = Vec::new();
                let style = style(as_result, UnreadableId::Null, true);
                // Each of these is written with a backslash.
                refusal(refused, &"\"".repeat(62), Some(b"7"), style, &mut out);
                let value: serde_json::Value = serde_json::from_slice(&out).expect("valid");
                assert_eq!(value["id"], 7);
                assert!(out.len() <= REFUSAL_BYTES_MAX, "{reason:?}: {}", out.len());
            }
        }
    }

    #[test]
    fn a_check_is_told_beside_its_rule_and_left_out_where_there_is_none() {
        for (check, as_result, wanted) in [
            ("private", false, r#""reason":"url_denied","rule":"links","check":"private"}"#),
            ("private", true, "(url_denied, rule links, check private)"),
            ("", false, r#""reason":"url_denied","rule":"links"}"#),
            ("", true, "(url_denied, rule links)"),
        ] {
            let mut out = Vec::new();
            let refused = Refusal { check, ..Reason::UrlDenied.into() };
            let style = style(as_result, UnreadableId::Null, false);
            refusal(refused, "links", Some(b"7"), style, &mut out);
            let told = String::from_utf8(out).expect("text");
            assert!(told.contains(wanted), "{told}");
        }
    }

    #[test]
    fn an_unreadable_id_is_told_as_the_policy_says() {
        for (setting, modern, wanted) in [
            (UnreadableId::Revision, false, Some(true)),
            (UnreadableId::Revision, true, Some(false)),
            (UnreadableId::Null, true, Some(true)),
            (UnreadableId::Absent, false, Some(false)),
            (UnreadableId::None, false, None),
        ] {
            let mut out = Vec::new();
            refusal(Reason::NotJson.into(), "", None, style(false, setting, modern), &mut out);
            let told = (!out.is_empty()).then(|| {
                let value: serde_json::Value = serde_json::from_slice(&out).expect("valid");
                value.get("id").is_some()
            });
            assert_eq!(told, wanted, "{setting:?} {modern}");
        }
    }

    #[test]
    fn a_notice_is_a_line_that_answers_nothing() {
        let line = notice(Reason::TooManySessions);
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        let value: serde_json::Value = serde_json::from_slice(&line).expect("valid");
        assert_eq!(value["id"], serde_json::Value::Null);
        assert_eq!(value["error"]["data"]["reason"], "too_many_sessions");
    }

    #[test]
    fn the_documented_messages_are_word_for_word() {
        for (reason, code, message) in [
            (Reason::AuthRequired, -32604, "authentication required"),
            (Reason::AuthFailed, -32605, "authentication failed"),
        ] {
            assert_eq!((reason.code(), reason.message()), (code, message));
        }
    }
}
