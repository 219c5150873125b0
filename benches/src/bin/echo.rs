//! `echo`: answers each call with its message. `echo --bulk FILE`: answers with the pieces of a file.

use std::io;
use std::process::ExitCode;

use portcullis_benches::{corpus::Pieces, server};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let done = match arguments.as_slice() {
        [] => server::echo(io::stdin().lock(), output()),
        [flag, path] if flag == "--bulk" => {
            Pieces::load(path.as_ref()).and_then(|p| server::bulk(&p, io::stdin().lock(), output()))
        }
        _ => {
            eprintln!("usage: echo [--bulk FILE]");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Standard output without the buffer that would copy and search each answer for line ends.
fn output() -> impl io::Write {
    use std::os::fd::AsFd;
    let fd = io::stdout().as_fd().try_clone_to_owned();
    std::fs::File::from(fd.expect("a process that was just started has descriptors left"))
}
