//! Where in a message a string stands: the names and indices that lead to it.
//!
//! Walks a validated frame forward, once for all the strings that it is asked about. It decides
//! nothing, and keeps places rather than names. The invariant: there is one level for each container
//! that is open at the place that was walked to.

use std::ops::Range;

use super::cursor;
use super::text;
use crate::base::limits::Limits;
use crate::redact::{Path, Step};

/// A walk through one frame.
#[derive(Default)]
pub(crate) struct Trail {
    at: usize,
    levels: Vec<Level>,
}

/// An open container, and which of its values the walk is in.
enum Level {
    /// The member whose name stands here, without its quotes.
    Object(Range<u32>),
    /// The element of this number.
    Array(u32),
}

impl Trail {
    /// Back to the start, for another frame or an earlier place.
    pub(crate) fn reset(&mut self) {
        self.at = 0;
        self.levels.clear();
    }

    /// Walks on to the string that opens at `to`. False, if it is the name of a member: a name is
    /// at no path.
    pub(crate) fn walk_to(&mut self, frame: &[u8], to: usize) -> bool {
        if to < self.at {
            self.reset();
        }
        while self.at < to {
            self.step(frame);
        }
        !cursor::is_name(frame, cursor::string_end(frame, to))
    }

    /// Whether the place that was walked to is one that a path means.
    pub(crate) fn fits(&self, frame: &[u8], path: &Path) -> bool {
        path.fits(self.levels.len(), |level, step| match (&self.levels[level], step) {
            (_, Step::Any) => true,
            (Level::Array(at), Step::Named(_, index)) => *index == Some(*at),
            (Level::Object(name), Step::Named(wanted, _)) => {
                let name = &frame[name.start as usize..name.end as usize];
                text::equals(name, wanted.as_bytes())
            }
        })
    }

    /// Steps over one string, or one byte outside of strings.
    fn step(&mut self, frame: &[u8]) {
        let start = self.at;
        self.at += 1;
        match frame[start] {
            b'"' => {
                self.at = cursor::string_end(frame, start);
                if let Some(Level::Object(name)) = self.levels.last_mut()
                    && cursor::is_name(frame, self.at)
                {
                    *name = start as u32 + 1..self.at as u32 - 1;
                }
            }
            b'{' => self.levels.push(Level::Object(0..0)),
            b'[' => self.levels.push(Level::Array(0)),
            b'}' | b']' => {
                self.levels.pop();
            }
            b',' => {
                if let Some(Level::Array(at)) = self.levels.last_mut() {
                    *at += 1;
                }
            }
            _ => {}
        }
    }

    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        self.levels.capacity() * size_of::<Level>()
    }

    /// Most bytes of memory with these limits.
    pub(crate) fn memory_max(limits: &Limits) -> usize {
        // A buffer that grows doubles.
        2 * limits.frame_depth_max as usize * size_of::<Level>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The strings of a frame that stand at this path, in one walk.
    fn at(frame: &str, path: &str) -> Vec<String> {
        let path = Path::parse(path).expect("a good path");
        let bytes = frame.as_bytes();
        let (mut trail, mut found, mut at) = (Trail::default(), Vec::new(), 0);
        while let Some(open) = bytes[at..].iter().position(|b| *b == b'"') {
            let open = at + open;
            at = cursor::string_end(bytes, open);
            if trail.walk_to(bytes, open) && trail.fits(bytes, &path) {
                found.push(frame[open + 1..at - 1].to_owned());
            }
        }
        found
    }

    #[test]
    fn a_string_stands_where_its_names_and_indices_lead() {
        let frame = r#"{"a" : {"b":["x0",{"c":"x1"},["x2"],"x3"],"b~":"t","b/c":"s","":"e"} ,"a.b":"n","0":"z"}"#;
        for (path, wanted) in [
            ("/a/b/0", &["x0"] as &[&str]),
            ("/a/b/1/c", &["x1"]),
            ("/a/b/2/0", &["x2"]),
            ("/a/b/3", &["x3"]),
            ("/a/b/*", &["x0", "x3"]),
            ("/a/b/*/c", &["x1"]),
            ("/a/b/**", &["x0", "x1", "x2", "x3"]),
            ("/a/b~0", &["t"]),
            ("/a/b~1c", &["s"]),
            ("/a/*", &["t", "s", "e"]),
            ("/a/b", &[]),
            ("/a", &[]),
            ("/a/b/4", &[]),
            ("/a/b/00", &[]),
            ("/a/b/-", &[]),
            ("/a/c", &[]),
            ("/a.b", &["n"]),
            ("/*", &["n", "z"]),
        ] {
            assert_eq!(at(frame, path), wanted, "{path}");
        }
    }

    #[test]
    fn names_are_compared_as_they_are_read() {
        let frame =
            r#"{"\u0061":"1","A":"2","a":"3","a\/b":"4","a\"b":"5","\ud83d\ude80":"6","ab":"7"}"#;
        for (path, wanted) in [
            ("/a", &["1", "3"] as &[&str]),
            ("/A", &["2"]),
            ("/a~1b", &["4"]),
            ("/a\"b", &["5"]),
            ("/\u{1f680}", &["6"]),
            ("/\\u0061", &[]),
        ] {
            assert_eq!(at(frame, path), wanted, "{path}");
        }
    }

    #[test]
    fn a_walk_goes_back_if_it_has_to() {
        let frame = br#"{"a":["x","y"]}"#;
        let path = Path::parse("/a/0").expect("a good path");
        let mut trail = Trail::default();
        assert!(trail.walk_to(frame, 10) && !trail.fits(frame, &path));
        assert!(trail.walk_to(frame, 6) && trail.fits(frame, &path));
        assert!(!trail.walk_to(frame, 1), "a name");
    }
}
