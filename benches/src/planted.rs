//! The generator's corpus with the secrets that it planted, checked by its SHA-256.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::corpus::{FRAMES, Secrets, Source, generated};
use crate::measure::Setup;

/// Frames, one a line, and what is planted in them.
#[derive(Debug)]
pub struct Planted {
    /// The frames.
    pub frames: Vec<u8>,
    /// What was planted, in the order of the frames.
    pub secrets: Vec<Secret>,
    /// Where the frames come from, and whether they are the ones that others measured with.
    pub note: String,
}

/// A planted secret.
#[derive(Debug, Deserialize)]
pub struct Secret {
    /// What it is.
    pub kind: String,
    /// Its first byte, as JSON spells it, from the start of the corpus.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
}

impl Planted {
    /// 100 MB of the generator with its default seed; without a generator the setup's own frames,
    /// in which nothing is planted.
    ///
    /// # Errors
    /// A corpus that cannot be made, a truth file that is none.
    pub fn load(setup: &Setup) -> io::Result<Self> {
        let Source::Generator(script) = &setup.source else {
            let frames = setup.source.frames(setup.megabytes, &setup.cache)?;
            let note = format!("{}: THE GENERATOR IS NOT THERE", setup.source.name());
            return Ok(Self { frames, secrets: Vec::new(), note });
        };
        let folder = generated(script, MEGABYTES, Secrets::Default, &setup.cache)?;
        let frames = fs::read(folder.join(FRAMES))?;
        let secrets = truth(&folder.join("corpus.truth.jsonl"))?;
        let sum = hex(&Sha256::digest(&frames));
        let note = if sum == SUM {
            format!("{} MB of {}, SHA-256 as known", MEGABYTES, setup.source.name())
        } else {
            let python = python().unwrap_or_else(|| "an unknown Python".to_owned());
            format!(
                "SHA-256 IS {sum} BY {python}, not the {}... that CPython 3.11.7 makes: \
                 ratios hold, rates are of other bytes",
                &SUM[..8]
            )
        };
        Ok(Self { frames, secrets, note })
    }

    /// The frames, with where each one starts.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let lines = self.frames.split_inclusive(|&byte| byte == b'\n');
        lines.scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some((start, line))
        })
    }
}

fn truth(path: &Path) -> io::Result<Vec<Secret>> {
    let text = fs::read_to_string(path)?;
    let secrets = text.lines().map(serde_json::from_str).collect::<Result<Vec<Secret>, _>>();
    Ok(secrets?)
}

fn python() -> Option<String> {
    let output = Command::new("python3").arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const MEGABYTES: usize = 100;
/// Of the corpus with the default seed, made by CPython 3.11.7, from whose library it takes code.
const SUM: &str = "d8000b5c3374241d897c8a90f52c33408fef9391171e8f7bc9422683c30db2cc";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_where_they_start() {
        let frames = b"ab\n\ncde\nf".to_vec();
        let planted = Planted { frames, secrets: Vec::new(), note: String::new() };
        let lines: Vec<_> = planted.lines().collect();
        assert_eq!(lines, [(0, &b"ab\n"[..]), (3, b"\n"), (4, b"cde\n"), (8, b"f")]);
    }

    #[test]
    fn sums_are_written_as_others_write_them() {
        let sum = hex(&Sha256::digest(b"abc"));
        assert!(sum.starts_with("ba7816bf") && sum.len() == SUM.len());
    }
}
