//! The transcript that every host replays.
//!
//! ```text
//! transcript make FOLDER                      writes FOLDER/policy.json and FOLDER/transcript
//! transcript replay POLICY TRANSCRIPT FOLDER  the host in Rust: what left, and the events
//! transcript table FOLDER...                  SHA-256 of what hosts wrote; an error if they differ
//! ```

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use portcullis_proptests::transcript;
use sha2::{Digest, Sha256};

const USAGE: &str = "\
usage: transcript make FOLDER
       transcript replay POLICY TRANSCRIPT FOLDER
       transcript table FOLDER...
";
/// What a host writes.
const FILES: [&str; 4] = ["client", "server", "noise", "events"];
const SEED: u64 = 6;
const FRAMES: usize = 6_000;

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = given.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["make", folder] => make(Path::new(folder)),
        ["replay", policy, transcript, folder] => {
            replay(Path::new(policy), Path::new(transcript), Path::new(folder))
        }
        ["table", ref folders @ ..] if !folders.is_empty() => table(folders),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("transcript: {error}");
            ExitCode::FAILURE
        }
    }
}

fn make(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("policy.json"), transcript::POLICY)?;
    fs::write(folder.join("transcript"), transcript::make(SEED, FRAMES))
}

fn replay(policy: &Path, transcript: &Path, folder: &Path) -> io::Result<()> {
    let replayed = transcript::replay(&fs::read_to_string(policy)?, &fs::read(transcript)?);
    fs::create_dir_all(folder)?;
    for (name, bytes) in FILES.iter().zip(replayed.sent.iter().chain([&replayed.events])) {
        fs::write(folder.join(name), bytes)?;
    }
    println!("{} frames were judged", replayed.frames);
    Ok(())
}

/// One line for each host, and whether all of them are the same.
fn table(folders: &[&str]) -> io::Result<()> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    println!("{:8}  {}", "host", FILES.map(|name| format!("{name:16}")).join("  "));
    for folder in folders.iter().map(PathBuf::from) {
        let mut row = Vec::new();
        for name in FILES {
            let path = folder.join(name);
            let bytes = fs::read(&path).map_err(|error| {
                io::Error::new(error.kind(), format!("{}: {error}", path.display()))
            })?;
            row.push(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect());
        }
        let shown: Vec<&str> = row.iter().map(|sum: &String| &sum[..16]).collect();
        let host = folder.file_name().unwrap_or_default().display().to_string();
        println!("{host:8}  {}", shown.join("  "));
        rows.push(row);
    }
    let empty = Sha256::digest(b"").iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    if rows.len() < 2 || rows[0].contains(&empty) {
        return Err(io::Error::other("there is nothing to compare"));
    }
    if rows.iter().any(|row| row != &rows[0]) {
        return Err(io::Error::other("the hosts differ"));
    }
    println!("{} hosts, all the same", rows.len());
    Ok(())
}
