//! The command `portcullis`.

use std::process::ExitCode;

use portcullis_transports::{cli, process};

fn main() -> ExitCode {
    // A guard is this program too. It has to be there at once and stay small, so nothing else runs.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == process::GUARD_ARGUMENT) {
        return process::stand_guard();
    }
    process::close_on_exec();
    cli::main()
}
