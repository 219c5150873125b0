//! Our standard error, which may be slow, or read by nobody: what is written to it waits in a
//! bounded buffer and never holds the session up.

use std::io;

use mio::{Registry, Token};

use super::writer::{Put, Writer};
use super::{Descriptor, Direction};

/// So much waits before the server's own standard error is read no further.
const WAITING_BYTES_MAX: usize = 64 << 10;

/// A buffered, non-blocking standard error.
#[derive(Debug)]
pub struct Errors {
    writer: Writer,
    waiting: Vec<u8>,
    /// How much of `waiting` has left: `written <= waiting.len()`.
    written: usize,
}

impl Errors {
    /// Descriptor 2.
    ///
    /// # Errors
    /// What the system said.
    pub fn new(token: Token) -> io::Result<Self> {
        let descriptor = Descriptor::inherited(rustix::stdio::stderr(), Direction::Write)?;
        Ok(Errors { writer: Writer::new(descriptor, token), waiting: Vec::new(), written: 0 })
    }

    /// Whether more may be appended. One append may go over the limit by what one read brings.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.waiting.len() - self.written < WAITING_BYTES_MAX
    }

    /// Whether everything has left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Where to append what is to be written.
    pub fn tail(&mut self) -> &mut Vec<u8> {
        if self.written > 0 {
            self.waiting.drain(..self.written);
            self.written = 0;
        }
        &mut self.waiting
    }

    /// Appends a line of our own.
    pub fn say(&mut self, line: &str) {
        let tail = self.tail();
        tail.extend_from_slice(b"portcullis: ");
        tail.extend_from_slice(line.as_bytes());
        tail.push(b'\n');
    }

    /// Takes note of an edge.
    pub fn note(&mut self, registry: &Registry) {
        self.writer.note(registry);
    }

    /// Writes what it can without waiting. Nobody reading is no error: it is dropped.
    ///
    /// # Errors
    /// What the system said when the edge could not be asked for.
    pub fn flush(&mut self, registry: &Registry) -> io::Result<()> {
        while self.written < self.waiting.len() && self.writer.is_ready() {
            match self.writer.write(&self.waiting[self.written..], registry)? {
                Put::Bytes(count) => self.written += count,
                Put::Nothing => return Ok(()),
                Put::Gone => self.written = self.waiting.len(),
            }
        }
        if self.written == self.waiting.len() {
            self.waiting.clear();
            self.waiting.shrink_to(WAITING_BYTES_MAX);
            self.written = 0;
        }
        Ok(())
    }
}
