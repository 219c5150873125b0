//! `echo`: answers each call with its message. `echo --bulk FILE`: answers with the pieces of a file.
//! `echo --bad flood` writes without end, `echo --bad deaf` never reads.

use std::io;
use std::process::ExitCode;

use portcullis_benches::{corpus::Pieces, pin, server};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let (mut cpu, mut pieces, mut bad) = (None, None, None);
    for pair in arguments.chunks(2) {
        match pair {
            [flag, number] if flag == "--cpu" => cpu = number.to_str().and_then(|n| n.parse().ok()),
            [flag, path] if flag == "--bulk" => pieces = Some(path),
            [flag, manner] if flag == "--bad" => bad = manner.to_str(),
            _ => {
                eprintln!("usage: echo [--cpu NUMBER] [--bulk FILE | --bad flood|deaf]");
                return ExitCode::from(2);
            }
        }
    }
    let served = cpu.map_or(Ok(()), pin::to).and_then(|()| match (pieces, bad) {
        (_, Some("flood")) => server::flood(io::stdin().lock(), output()),
        (_, Some(_)) => server::deaf(),
        (Some(path), _) => {
            server::bulk(&Pieces::load(path.as_ref())?, io::stdin().lock(), output())
        }
        (None, None) => server::echo(io::stdin().lock(), output()),
    });
    match served {
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
