//! Both sides of a session, in any schedule: nothing leaves that nobody sent, every line is a
//! message, the schedule shows nowhere, memory stays within its limit, and the face keeps its
//! rules.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_engine::Side;
use portcullis_proptests::world::{Defect, Output, Schedule, Setup, Step, World};
use portcullis_proptests::{check, script};

fuzz_target!(|bytes: &[u8]| {
    let mut script = script::read(bytes);
    if cfg!(feature = "planted") {
        script.setup.defect = Defect::TakesCr;
    }
    let (plain, _) = run(&script, Schedule::PLAIN);
    check::lines_parse(&plain).expect("every line is a message");
    check::lines_have_a_source(&plain, &script.steps).expect("nothing leaves that nobody sent");
    let (other, dropped) = run(&script, script.schedule);
    let [client, server] = [0, 1].map(|to: usize| (&plain.bytes[to], &other.bytes[to]));
    assert_eq!(client.0, client.1, "the schedule shows in the bytes to the client");
    // What a server had not read when it closed is dropped, so how much it read may differ.
    let closes = script.steps.iter().any(|step| matches!(step, Step::Close(Side::Server)));
    let same = server.0 == server.1
        || closes && (server.0.starts_with(server.1) || server.1.starts_with(server.0));
    assert!(same, "the schedule shows in the bytes to the server");
    assert!(dropped || plain.bytes[2] == other.bytes[2], "the schedule shows in the noise");
    assert_eq!(plain.events, other.events, "the schedule shows in the events");
});

/// All that comes out, and whether noise was dropped because nobody took it.
fn run(script: &script::Script, schedule: Schedule) -> (Output, bool) {
    let script::Script { setup, other, steps, .. } = script;
    let mut world = World::new(setup, setup.compile(), schedule);
    world.set_other_policy(Setup { policy: other.clone(), ..setup.clone() }.compile());
    let mut all = Output::default();
    for step in steps.iter().chain([&Step::Wait(0)]) {
        all.append(world.step(step));
        let held = world.engine.metrics().memory_bytes;
        assert!(held <= setup.limits.memory_max() as u64, "{held} bytes are over the limit");
    }
    all.append(world.finish());
    assert_eq!(world.faults, Vec::<String>::new(), "a rule of the face is broken");
    (all, world.engine.metrics().noise_bytes_dropped > 0)
}
