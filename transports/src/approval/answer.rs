//! What becomes of an answer, and of none. Whatever is not clearly a yes is a no.

use serde::Deserialize;

use super::hook::{Failure, Outcome};
use super::{Desk, Question};
use crate::log::{Level, Value};

/// The line that a hook writes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    approve: bool,
}

/// Reads the answer of a hook: exactly one line, exactly one member.
fn read(text: &[u8]) -> Option<bool> {
    let line = text.strip_suffix(b"\n").unwrap_or(text);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // A list of members in their order would be taken for an object, too.
    if line.contains(&b'\n') || !line.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    serde_json::from_slice::<Line>(line).ok().map(|line| line.approve)
}

/// Whether a call may go on, and a line in the log about why.
pub(super) fn judge(outcome: Outcome, question: &Question, desk: &mut Desk<'_>) -> bool {
    let answer = outcome.and_then(|text| read(&text).ok_or(Failure::NoAnswer));
    match answer {
        Ok(true) => question.tell(desk, Level::Info, "the hook approves a call", &[]),
        Ok(false) => question.tell(desk, Level::Info, "the hook does not approve a call", &[]),
        Err(failure) => {
            let why = failure.to_string();
            let fields = [("fault", Value::Text(&why))];
            let what = "the approval hook failed, so the call is not approved";
            question.tell(desk, Level::Warn, what, &fields);
            return false;
        }
    }
    answer.is_ok_and(|approved| approved)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn only_one_line_with_one_member_is_an_answer() {
        for (text, want) in [
            ("{\"approve\":true}", Some(true)),
            ("{\"approve\":true}\n", Some(true)),
            (" {\"approve\" : false } \r\n", Some(false)),
            ("", None),
            ("\n", None),
            ("true\n", None),
            ("{}\n", None),
            ("{\"approve\":1}\n", None),
            ("{\"approve\":\"true\"}\n", None),
            ("{\"approve\":null}\n", None),
            ("{\"approve\":true,\"why\":\"x\"}\n", None),
            ("{\"approve\":false,\"approve\":true}\n", None),
            ("{\"Approve\":true}\n", None),
            ("{\"approve\":true}\n\n", None),
            ("{\"approve\":true}\n{\"approve\":true}\n", None),
            ("{\"approve\":true} x\n", None),
            ("[true]\n", None),
        ] {
            assert_eq!(read(text.as_bytes()), want, "{text:?}");
        }
        assert_eq!(read(b"\xff{\"approve\":true}\n"), None);
    }
}
