//! `feed TRANSCRIPT`: for each line of standard input guards the whole transcript with a fresh engine,
//! and prints how many nanoseconds went by, and how many of processor time. The line `untimed` asks no
//! clock: below callgrind that one of `rustix` is not to be had.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use portcullis_benches::clock::spent;
use portcullis_benches::feed::{engine, feed, records};
use portcullis_engine::Policy;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: feed TRANSCRIPT");
        return ExitCode::from(2);
    };
    match std::fs::read(path).and_then(|transcript| passes(&transcript)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("feed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn passes(transcript: &[u8]) -> io::Result<()> {
    let records = records(transcript)?;
    let policy = Arc::new(Policy::default());
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let is_timed = line? != "untimed";
        let mut engine = engine(&policy);
        let mut pass = || feed(&mut engine, &records, transcript);
        let started = Instant::now();
        let seconds = if is_timed { spent(pass) } else { (pass(), 0.0).1 };
        writeln!(out, "{} {:.0}", started.elapsed().as_nanos(), seconds * 1e9)?;
        out.flush()?;
    }
    Ok(())
}
