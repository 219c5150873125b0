//! The engine and the reference model agree: on every line that leaves, and on every reason.

use portcullis_engine::{Event, Message, Receiver, Side};
use portcullis_proptests::json::{self, Json};
use portcullis_proptests::model::{Expected, Fact, Line, Model, Shown};
use portcullis_proptests::random::Random;
use portcullis_proptests::streams::{self, FAKE, KNOWN_BUGS};
use portcullis_proptests::world::{Drained, Output, Schedule, Setup, Step, World};
use portcullis_proptests::{cases, check};
use proptest::prelude::*;

/// Steps that end many requests at once: these come in an order of the engine's own.
fn ends_many(_step: &Step) -> bool {
    false
}

fn fact(event: &Event) -> Fact {
    // Which of the ways not to be JSON is met first is nobody's business.
    let reason = event.reason.map(|reason| match reason.code() {
        -32700 => portcullis_engine::Reason::NotJson,
        _ => reason,
    });
    (event.kind, event.from, event.message, reason)
}

/// Whether a line is what the model wants.
fn is_line(line: &[u8], wanted: &Line) -> bool {
    let read = || json::read(line.strip_suffix(b"\r").unwrap_or(line));
    match wanted {
        Line::Same(bytes) => line == bytes,
        Line::Means(json) => read().as_ref() == Some(json),
        Line::Refusal { id, reason, as_result } => {
            let Some(message) = read() else { return false };
            let text = String::from_utf8_lossy(line);
            let id_fits = match id {
                Shown::Spelled(id) => {
                    text.starts_with(&format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},"))
                }
                Shown::Null => message.get("id") == Some(&Json::Atom("null".to_owned())),
                Shown::Absent => message.get("id").is_none(),
            };
            let told = match as_result {
                true => text.contains(reason.name()) && message.get("error").is_none(),
                false => {
                    let code = message.get("error").and_then(|error| error.get("code"));
                    let told = check::reason_of(&message).unwrap_or_default();
                    let same = told == reason.name().as_bytes();
                    code == Some(&Json::Atom(reason.code().to_string()))
                        && (same || reason.code() == -32700)
                }
            };
            id_fits && told
        }
        Line::Cancel(id) => {
            let text = String::from_utf8_lossy(line);
            text.contains("notifications/cancelled")
                && text.contains(&format!("\"requestId\":{id},"))
        }
        Line::Array(all) => {
            let text = String::from_utf8_lossy(line);
            let parts = json::elements(&text).unwrap_or_default();
            parts.len() == all.len()
                && parts.iter().zip(all).all(|(part, wanted)| is_line(part.as_bytes(), wanted))
        }
    }
}

fn agree(step: &Step, came: &Output, wanted: &Expected) -> Result<(), String> {
    for side in Side::ALL {
        let bytes = &came.bytes[side as usize];
        let lines: Vec<&[u8]> = match bytes.is_empty() {
            true => Vec::new(),
            false => came.lines(Receiver::from(side)).collect(),
        };
        let wanted = &wanted.lines[side as usize];
        let same = match ends_many(step) {
            false => {
                lines.len() == wanted.len() && lines.iter().zip(wanted).all(|(a, b)| is_line(a, b))
            }
            true => {
                let mut left: Vec<&Line> = wanted.iter().collect();
                let all = lines.iter().all(|line| {
                    let at = left.iter().position(|wanted| is_line(line, wanted));
                    at.map(|at| left.remove(at)).is_some()
                });
                all && left.is_empty()
            }
        };
        if !same {
            return Err(format!("for {}: the model wants {wanted:#?}", side.name()));
        }
    }
    let mut facts: Vec<Fact> = came.events.iter().map(fact).collect();
    let mut wanted: Vec<Fact> = wanted.facts.clone();
    if ends_many(step) {
        let key = |fact: &Fact| (fact.0, fact.1, fact.2 == Message::Request, fact.3);
        facts.sort_by_key(key);
        wanted.sort_by_key(key);
    }
    if facts == wanted { Ok(()) } else { Err(format!("the model wants events {wanted:#?}")) }
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn engine_and_model_agree(
        actions in streams::actions(24),
        policy in streams::policy(),
        window in 0..4_u32,
        seed in any::<u64>(),
    ) {
        let window = if KNOWN_BUGS.contains(&9) { 0 } else { window };
        let mut limits = streams::small_limits(window);
        limits.frame_bytes_max = [1 << 20; 2];
        let setup = Setup { policy: policy.clone(), limits, ..Setup::default() };
        let mut schedule = Schedule::random(&mut Random::new(seed));
        if schedule.drained == Drained::AtEnd {
            schedule.drained = Drained::EachStep;
        }
        let mut world = World::new(&setup, setup.compile(), schedule);
        let mut model = Model::new(policy, limits, FAKE.clone());
        let mut log = String::new();
        for step in streams::script(&actions, false) {
            let came = world.step(&step);
            let wanted = model.step(&step);
            log += &format!("{step:?}\n{came:?}\n");
            if let Err(why) = agree(&step, &came, &wanted) {
                prop_assert!(false, "{log}\n{why}");
            }
            prop_assert!(world.faults.is_empty(), "{log}\n{:?}", world.faults);
        }
    }
}
