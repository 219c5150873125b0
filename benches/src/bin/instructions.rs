//! `instructions [--quick] [N]`: does what `figures instructions` counts below callgrind, all or
//! the first N pieces, and names each.

use std::process::ExitCode;

use portcullis_benches::instructions::{cases, run};

fn main() -> ExitCode {
    let (mut quick, mut most) = (false, usize::MAX);
    for option in std::env::args().skip(1) {
        match (option.as_str(), option.parse()) {
            ("--quick", _) => quick = true,
            (_, Ok(number)) => most = number,
            _ => {
                eprintln!("usage: instructions [--quick] [N]");
                return ExitCode::from(2);
            }
        }
    }
    for case in cases(quick).iter().take(most) {
        println!("{case}");
        run(case);
    }
    ExitCode::SUCCESS
}
