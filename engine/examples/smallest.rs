//! The smallest possible host: two byte slices, no I/O. `cargo run --example smallest`.

use std::sync::Arc;

use portcullis_engine::{Engine, Ledger, Limits, Policy, Receiver, Side, Time, Wanted};

const CLIENT: &[u8] =
    b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"auth_token\":\"x\"}\n";
const SERVER: &[u8] = b"starting up\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[]}}\n";

fn main() -> Result<(), portcullis_engine::ConfigError> {
    let now = Time::new(0, 0);
    let mut ledger = Ledger::new();
    let mut engine = Engine::new(Arc::new(Policy::default()), Limits::default(), Wanted::ALL, now)?;
    for (from, bytes) in [(Side::Client, CLIENT), (Side::Server, SERVER)] {
        engine.recv_copy(&mut ledger, from, bytes, now);
        engine.recv_close(&mut ledger, from, now);
        for to in [Receiver::Server, Receiver::Client, Receiver::Noise] {
            let ready = engine.send_ready(to);
            print!("{to:?} gets {}", String::from_utf8_lossy(ready));
            println!();
            let count = ready.len();
            engine.send_commit(&mut ledger, to, count);
        }
        while let Some(event) = engine.next_event() {
            println!("{}: {} {:?}", event.kind.name(), event.from.name(), event.reason);
        }
    }
    assert!(engine.is_finished());
    Ok(())
}
