//! `relay -- COMMAND [ARG...]` stands where `portcullis run --` would, `relay --listen PATH -- COMMAND`
//! where `serve` would for one client, `relay --connect PATH` where `connect` would. It looks at
//! nothing.

use std::process::ExitCode;

use portcullis_benches::relay;

const USAGE: &str = "usage: relay [--listen PATH] -- COMMAND [ARG...]\n       relay --connect PATH";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let relayed = match &arguments[..] {
        [flag, path] if flag == "--connect" => relay::connect(path.as_ref()),
        [flag, path, dashes, command @ ..] if flag == "--listen" && dashes == "--" => {
            relay::listen(path.as_ref(), command)
        }
        [dashes, command @ ..] if dashes == "--" && !command.is_empty() => relay::run(command),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match relayed {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("relay: {error}");
            ExitCode::from(125)
        }
    }
}
