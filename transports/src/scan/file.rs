//! One file or stream: whether it is searched, and what is found in it.

use std::fs::File;
use std::io::{self, Read};

use portcullis_engine::Rules;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::finding::{Finder, Finding};
use super::fingerprint::Key;
use super::window::{Sizes, Source, Step, Windows};

/// What is searched of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// A longer file is left out, and named.
    pub bytes_max: u64,
    /// Whether files that are no text are searched, too.
    pub binary: bool,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It was searched; so many bytes.
    Searched(u64),
    /// It is no text.
    Binary,
    /// It is longer than it may be.
    TooLong,
    /// It could not be read, or not to its end; or its copy could not be written.
    Failed(String),
}

/// A descriptor that is read. A pipe or a terminal may have nothing to say for a while.
pub(super) struct Stream {
    file: File,
    is_live: bool,
}

impl Stream {
    pub(super) fn new(file: File) -> Stream {
        let is_live = file.metadata().map_or(true, |data| !data.is_file());
        Stream { file, is_live }
    }
}

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.file.read(out)
    }
}

impl Source for Stream {
    fn is_idle(&mut self) -> bool {
        if !self.is_live {
            return false;
        }
        let mut fds = [PollFd::new(&self.file, PollFlags::IN)];
        poll(&mut fds, Some(&Timespec::default())).is_ok_and(|ready| ready == 0)
    }
}

/// What a search of one text needs.
pub(super) struct Search<'a> {
    pub(super) rules: &'a Rules,
    pub(super) key: Option<&'a Key>,
    /// A buffer that is used again for the next text.
    pub(super) bytes: &'a mut Vec<u8>,
}

impl Search<'_> {
    /// Opens a text and looks at its beginning. The reason, if it is not to be searched.
    pub(super) fn begin(&mut self, file: File, bounds: Bounds) -> io::Result<Result<Stream, End>> {
        let data = file.metadata()?;
        if data.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a directory"));
        }
        let mut stream = Stream::new(file);
        self.bytes.clear();
        if !stream.is_live {
            // Room for the whole of a small file and for the byte that shows its end.
            let room = data.len().min(Sizes::DEFAULT.window as u64) as usize;
            self.bytes.reserve(room.saturating_add(1));
        }
        if !bounds.binary && !self.looks_like_text(&mut stream)? {
            return Ok(Err(End::Binary));
        }
        if !stream.is_live && data.len() > bounds.bytes_max {
            return Ok(Err(End::TooLong));
        }
        Ok(Ok(stream))
    }

    /// Reads the beginning into the buffer. A NUL in it says that a file is no text, as in git.
    fn looks_like_text(&mut self, stream: &mut Stream) -> io::Result<bool> {
        while self.bytes.len() < LOOK {
            let start = self.bytes.len();
            self.bytes.resize(LOOK, 0);
            let read = stream.read(&mut self.bytes[start..]);
            self.bytes.truncate(start + read.as_ref().map_or(0, |count| *count));
            match read {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if stream.is_idle() {
                break;
            }
        }
        Ok(memchr::memchr(0, self.bytes).is_none())
    }

    /// Searches a text to its end, or until `each` has enough; how many bytes were judged. `each`
    /// gets every step and what was found in it.
    pub(super) fn run(
        &mut self,
        stream: impl Source,
        mut each: impl FnMut(&Step<'_>, &mut Vec<Finding>) -> io::Result<bool>,
    ) -> io::Result<u64> {
        let mut finder = Finder::new(self.key);
        let mut findings = Vec::new();
        let mut windows = Windows::new(stream, self.rules, Sizes::DEFAULT, self.bytes);
        let mut judged = 0;
        while let Some(step) = windows.step()? {
            judged = step.base + step.to as u64;
            finder.take(&step, &mut findings);
            if !each(&step, &mut findings)? {
                break;
            }
            findings.clear();
        }
        Ok(judged)
    }
}

/// So many bytes are looked at.
const LOOK: usize = 8 << 10;
