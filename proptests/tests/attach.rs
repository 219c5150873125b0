//! With a credential to attach and redaction off, every request and notification for the server is
//! what it is without one, with the member behind its first brace; all else is the same.

use portcullis_engine::{Event, Receiver, Side};
use portcullis_proptests::json;
use portcullis_proptests::random::Random;
use portcullis_proptests::secrets::CREDENTIAL;
use portcullis_proptests::streams::{self, Action, Frame, Token};
use portcullis_proptests::world::{Output, Schedule, Setup, run};
use portcullis_proptests::{cases, check};
use proptest::prelude::*;

/// The frames of the client.
fn of_client(actions: &mut [Action]) -> impl Iterator<Item = &mut Frame> {
    actions.iter_mut().flat_map(|action| match action {
        Action::Line(Side::Client, frame) | Action::LastLine(Side::Client, frame) => {
            std::slice::from_mut(frame)
        }
        Action::Array(Side::Client, frames) => frames,
        _ => &mut [],
    })
}

/// A line for the server as it is with the credential.
fn attached(line: &[u8]) -> Vec<u8> {
    let bare = line.strip_suffix(b"\n").unwrap_or(line);
    let message = json::read(bare.strip_suffix(b"\r").unwrap_or(bare));
    if message.is_none_or(|message| message.get("method").is_none()) {
        return line.to_vec();
    }
    let behind = 1 + line.iter().position(|&byte| byte == b'{').expect("an object");
    let member = format!("\"auth_token\":\"{CREDENTIAL}\",");
    [&line[..behind], member.as_bytes(), &line[behind..]].concat()
}

fn facts(output: &Output) -> impl Iterator<Item = impl PartialEq> {
    output.events.iter().map(|event: &Event| (event.from, event.message, event.method, event.tool))
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn what_passes_is_the_line_with_the_member(
        actions in streams::actions(16),
        policy in streams::policy(),
        window in 0..4_u32,
        seed in any::<u64>(),
    ) {
        let mut actions = actions;
        of_client(&mut actions).for_each(|frame| frame.token = Token::None);
        let limits = streams::small_limits(window);
        let mut without = Setup { policy, limits, ..Setup::default() };
        without.policy.redaction.enabled = false;
        without.policy.auth = Default::default();
        let mut with = without.clone();
        with.policy.auth.attach = Some(CREDENTIAL.to_owned().into());
        let steps = streams::script(&actions, false);
        let mut random = Random::new(seed);
        let (plain, _) = run(&without, &steps, Schedule::PLAIN);
        let lines = plain.bytes[Side::Server as usize].split_inclusive(|&byte| byte == b'\n');
        let wanted: Vec<u8> = lines.flat_map(attached).collect();
        let others = [(), ()].map(|()| Schedule::random(&mut random));
        for schedule in others.into_iter().chain([Schedule::PLAIN]) {
            let (came, world) = run(&with, &steps, schedule);
            let shown = check::shown(&came.bytes[1]);
            prop_assert_eq!(&shown, &check::shown(&wanted), "{:#?}\n{:?}", steps, schedule);
            prop_assert_eq!(&came.bytes[0], &plain.bytes[0], "{:#?}", steps);
            prop_assert!(facts(&came).eq(facts(&plain)), "{steps:#?}\n{came:?}\n{plain:?}");
            prop_assert!(world.faults.is_empty(), "{:?}", world.faults);
        }
    }

    /// A token that the client brings never leaves, and neither does its message.
    #[test]
    fn a_message_with_a_token_does_not_pass(
        frames in proptest::collection::vec(streams::frame(), 1..8),
    ) {
        let mut frames = frames;
        for frame in &mut frames {
            if matches!(frame.token, Token::None | Token::InParams) {
                frame.token = Token::Good;
            }
        }
        let mut setup = Setup::default();
        setup.policy.redaction.enabled = false;
        setup.policy.auth.attach = Some(CREDENTIAL.to_owned().into());
        let actions: Vec<_> =
            frames.into_iter().map(|frame| Action::Line(Side::Client, frame)).collect();
        let steps = streams::script(&actions, true);
        let (output, _) = run(&setup, &steps, Schedule::PLAIN);
        prop_assert_eq!(output.lines(Receiver::Server).count(), 0, "{:#?}\n{:?}", steps, output);
    }
}
