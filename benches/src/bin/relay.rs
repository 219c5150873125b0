//! `relay -- COMMAND [ARG...]`: stands where `portcullis run --` would, and looks at nothing.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut command: Vec<_> = std::env::args_os().skip(1).collect();
    if command.first().is_some_and(|first| first == "--") {
        command.remove(0);
    }
    if command.is_empty() {
        eprintln!("usage: relay -- COMMAND [ARG...]");
        return ExitCode::from(2);
    }
    match portcullis_benches::relay::run(&command) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("relay: {error}");
            ExitCode::from(125)
        }
    }
}
