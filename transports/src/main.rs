//! The command `portcullis`.

use std::process::ExitCode;

use portcullis_transports::{approval, cli, process};

fn main() -> ExitCode {
    // A guard is this program too. It has to be there at once and stay small, so nothing else runs.
    // So is what looks up paths and names.
    if let Some(argument) = std::env::args_os().nth(1) {
        if argument == process::GUARD_ARGUMENT {
            return process::stand_guard();
        }
        if argument == approval::LOOKUP_ARGUMENT {
            return approval::look_up();
        }
    }
    process::close_on_exec();
    cli::main()
}
