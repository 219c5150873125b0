//! Clean traffic as a conversation: what the client says, and what the server answers to it.
//!
//! The client sends piece n, the server answers with piece n. A request of the corpus goes up and
//! gets an empty result; a result comes down to a small request with its id; a notification comes
//! down with the next answer.

use std::fs;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::mix;

/// Where the frames come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file with one frame a line.
    File(PathBuf),
    /// A generator script: `python3 SCRIPT --mb N --secret-rate 0 --out DIR` makes
    /// `DIR/corpus.ndjson`.
    Generator(PathBuf),
    /// The mix of this crate.
    BuiltIn,
}

impl Source {
    /// For a reader.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Source::File(path) | Source::Generator(path) => {
                path.file_name().unwrap_or_default().display().to_string()
            }
            Source::BuiltIn => "built-in mix".to_owned(),
        }
    }

    /// The frames, about this many bytes of them. A file is cut after the frame that reaches it.
    ///
    /// # Errors
    /// A file that cannot be read, a generator that fails.
    pub fn frames(&self, megabytes: usize, cache: &Path) -> io::Result<Vec<u8>> {
        let bytes = megabytes * 1_000_000;
        let mut frames = match self {
            Source::BuiltIn => return Ok(mix::clean(bytes, SEED)),
            Source::File(path) => fs::read(path)?,
            Source::Generator(script) => {
                fs::read(generated(script, megabytes, Secrets::None, cache)?.join(FRAMES))?
            }
        };
        if let Some(end) = frames.get(bytes..).and_then(|rest| memchr::memchr(b'\n', rest)) {
            frames.truncate(bytes + end + 1);
        }
        Ok(frames)
    }
}

/// Whether a generator plants secrets, and names them in `corpus.truth.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// None.
    None,
    /// As many as it plants by default.
    Default,
}

/// The folder with what a generator makes. It is kept: making it takes longer than what is measured
/// with it.
///
/// # Errors
/// A script that cannot be read, or that fails.
pub fn generated(
    script: &Path,
    megabytes: usize,
    secrets: Secrets,
    cache: &Path,
) -> io::Result<PathBuf> {
    let sum = fs::read(script)?.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, &byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let (name, rate): (_, &[&str]) = match secrets {
        Secrets::None => ("clean", &["--secret-rate", "0"]),
        Secrets::Default => ("planted", &[]),
    };
    let folder = cache.join(format!("{name}-{megabytes}-{sum:016x}"));
    if folder.join(FRAMES).is_file() {
        return Ok(folder);
    }
    let part = folder.with_extension(format!("part-{}", std::process::id()));
    fs::create_dir_all(&part)?;
    let status = Command::new("python3")
        .arg(script)
        .args(["--mb", &megabytes.to_string()])
        .args(rate)
        .arg("--out")
        .arg(&part)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()?;
    if !status.success() {
        return Err(io::Error::other(format!("{}: {status}", script.display())));
    }
    if fs::rename(&part, &folder).is_err() {
        fs::remove_dir_all(&part)?; // another process was quicker, and made the same
    }
    Ok(folder)
}

/// The frames in the folder of a generator, one a line.
pub const FRAMES: &str = "corpus.ndjson";

/// Byte strings, one after the other in one allocation.
#[derive(Clone, Debug, Default)]
pub struct Pieces {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Pieces {
    /// Appends one.
    pub fn push(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
        self.ends.push(self.bytes.len());
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where piece `index` starts; for the number of pieces, where the last one ends.
    #[must_use]
    pub fn start(&self, index: usize) -> usize {
        index.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    /// Neighbouring pieces as one.
    #[must_use]
    pub fn between(&self, range: Range<usize>) -> &[u8] {
        &self.bytes[self.start(range.start)..self.start(range.end)]
    }

    /// How many pieces are complete in the first `bytes` bytes.
    #[must_use]
    pub fn complete(&self, bytes: usize) -> usize {
        self.ends.partition_point(|&end| end <= bytes)
    }

    /// Each piece in turn.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|index| self.between(index..index + 1))
    }

    /// Writes a file for [`load`](Self::load): each piece behind its length in decimal digits.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let mut file = io::BufWriter::new(fs::File::create(path)?);
        for piece in self.iter() {
            writeln!(file, "{}", piece.len())?;
            file.write_all(piece)?;
        }
        file.into_inner()?.sync_data()
    }

    /// Reads what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// A file that cannot be read or was not written by `save`.
    pub fn load(path: &Path) -> io::Result<Self> {
        let damaged = || io::Error::other("not a file of pieces");
        let file = fs::read(path)?;
        let (mut pieces, mut rest) = (Self::default(), file.as_slice());
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).ok_or_else(damaged)?;
            let digits = std::str::from_utf8(&rest[..end]).map_err(|_| damaged())?;
            let length: usize = digits.parse().map_err(|_| damaged())?;
            let stop = end.saturating_add(1).saturating_add(length);
            pieces.push(rest.get(end + 1..stop).ok_or_else(damaged)?);
            rest = &rest[stop..];
        }
        Ok(pieces)
    }
}

/// Pieces up and pieces down, as many of one as of the other.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// What the client sends.
    pub up: Pieces,
    /// What the server answers.
    pub down: Pieces,
}

impl Conversation {
    /// Puts frames, one a line, into turns.
    ///
    /// # Errors
    /// A line that is no JSON object.
    pub fn of(frames: &[u8]) -> io::Result<Self> {
        let (mut conversation, mut notes) = (Self::default(), Vec::new());
        for line in frames.split_inclusive(|&byte| byte == b'\n') {
            let shape: Shape<'_> = serde_json::from_slice(line)?;
            let Some(id) = shape.id.map(RawValue::get) else {
                notes.extend_from_slice(line);
                continue;
            };
            if shape.method.is_some() {
                let done = format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{}}}}\n");
                conversation.up.push(line);
                notes.extend_from_slice(done.as_bytes());
            } else {
                let read = format!(
                    "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\
                     \"params\":{{\"name\":\"read\"}}}}\n"
                );
                conversation.up.push(read.as_bytes());
                notes.extend_from_slice(line);
            }
            conversation.down.push(&notes);
            notes.clear();
        }
        Ok(conversation)
    }

    /// Bytes in both directions.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.up.bytes().len() + self.down.bytes().len()
    }
}

#[derive(Deserialize)]
struct Shape<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    method: Option<IgnoredAny>,
}

const SEED: u64 = 20_261_122;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_become_turns() {
        let frames = b"{\"id\":1,\"method\":\"m\"}\n{\"method\":\"n\"}\n{\"id\":2,\"result\":{}}\n";
        let conversation = Conversation::of(frames).expect("three objects");
        let up: Vec<_> = conversation.up.iter().collect();
        let down: Vec<_> = conversation.down.iter().collect();
        assert_eq!(up.len(), 2);
        assert_eq!(up[0], b"{\"id\":1,\"method\":\"m\"}\n");
        assert!(up[1].starts_with(b"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\""));
        assert_eq!(down[0], b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
        assert_eq!(down[1], b"{\"method\":\"n\"}\n{\"id\":2,\"result\":{}}\n");
    }

    #[test]
    fn pieces_know_their_borders() {
        let mut pieces = Pieces::default();
        for piece in [&b"ab"[..], b"", b"cde"] {
            pieces.push(piece);
        }
        assert_eq!((pieces.len(), pieces.start(0), pieces.start(3)), (3, 0, 5));
        assert_eq!(pieces.between(1..3), b"cde");
        let complete: Vec<_> = (0..=5).map(|bytes| pieces.complete(bytes)).collect();
        assert_eq!(complete, [0, 0, 2, 2, 2, 3]);
    }

    #[test]
    fn pieces_survive_a_file() {
        let path = std::env::temp_dir().join(format!("pieces-{}", std::process::id()));
        let mut pieces = Pieces::default();
        pieces.push(b"1\n2\n");
        pieces.push(b"3\n");
        pieces.save(&path).expect("the directory for temporary files takes a file");
        let loaded = Pieces::load(&path);
        fs::remove_file(&path).expect("it was just written");
        let loaded = loaded.expect("it was just written");
        assert!(loaded.iter().eq(pieces.iter()));
    }
}
