//! `instructions [--quick] [--policy] [N]`: does what `figures instructions`, or `figures policy`,
//! counts below callgrind, all or the first N pieces, and names each.

use std::process::ExitCode;

use portcullis_benches::instructions::{cases, run};
use portcullis_benches::policed;

fn main() -> ExitCode {
    let (mut quick, mut policy, mut most) = (false, false, usize::MAX);
    for option in std::env::args().skip(1) {
        match (option.as_str(), option.parse()) {
            ("--quick", _) => quick = true,
            ("--policy", _) => policy = true,
            (_, Ok(number)) => most = number,
            _ => {
                eprintln!("usage: instructions [--quick] [--policy] [N]");
                return ExitCode::from(2);
            }
        }
    }
    if policy {
        let mut swapped = None;
        for piece in policed::pieces().into_iter().take(most) {
            println!("{piece}");
            policed::run(piece, quick, &mut swapped);
        }
        return ExitCode::SUCCESS;
    }
    for case in cases(quick).iter().take(most) {
        println!("{case}");
        run(case);
    }
    ExitCode::SUCCESS
}
