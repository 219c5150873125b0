//! The engine and the reference model agree: on every line that leaves, and on every reason.

use portcullis_engine::{Event, Reason, Receiver, Side};
use portcullis_proptests::json::{self, Json};
use portcullis_proptests::model::{Expected, Fact, Line, Model, Shown};
use portcullis_proptests::random::Random;
use portcullis_proptests::streams::{self, FAKE};
use portcullis_proptests::world::{Drained, Output, Schedule, Setup, World};
use portcullis_proptests::{cases, check};
use proptest::prelude::*;

fn fact(event: &Event) -> Fact {
    // Which of the ways not to be JSON is met first is nobody's business.
    let reason = event.reason.map(|reason| match reason.code() {
        -32700 => Reason::NotJson,
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

fn agree(came: &Output, wanted: &Expected) -> Result<(), String> {
    for side in Side::ALL {
        let lines: Vec<&[u8]> = came.lines(Receiver::from(side)).collect();
        let wanted = &wanted.lines[side as usize];
        let same = lines.len() == wanted.len()
            && lines.iter().zip(wanted).all(|(line, wanted)| is_line(line, wanted));
        if !same {
            return Err(format!("for {}: the model wants {wanted:#?}", side.name()));
        }
    }
    let facts: Vec<Fact> = came.events.iter().map(fact).collect();
    match facts == wanted.facts {
        true => Ok(()),
        false => Err(format!("the model wants events {:#?}", wanted.facts)),
    }
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
            if let Err(why) = agree(&came, &wanted) {
                prop_assert!(false, "{log}\n{why}");
            }
            prop_assert!(world.faults.is_empty(), "{log}\n{:?}", world.faults);
        }
    }
}
