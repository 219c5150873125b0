//! Lines and columns, counted as a text is read: each byte is looked at once.

/// A place in a text: line and column from 1. A column is a character; what is no UTF-8 counts as
/// one character for each byte that could begin one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Lines end with a line feed.
    pub line: u64,
    /// In characters.
    pub column: u64,
}

impl Place {
    pub(super) const START: Place = Place { line: 1, column: 1 };

    /// The place behind this text.
    pub(super) fn after(self, text: &[u8]) -> Place {
        match memchr::memrchr(b'\n', text) {
            None => Place { line: self.line, column: self.column + characters(text) },
            Some(last) => {
                let lines = memchr::memchr_iter(b'\n', text).count() as u64;
                Place { line: self.line + lines, column: 1 + characters(&text[last + 1..]) }
            }
        }
    }
}

/// Bytes that do not continue a character.
fn characters(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_the_same_in_one_piece_and_in_many() {
        let text = "ab\r\ncd\u{e9}f\n\n\u{1f600}x".as_bytes();
        let want = Place { line: 4, column: 3 };
        assert_eq!(Place::START.after(text), want);
        let one_by_one = text.iter().fold(Place::START, |place, byte| place.after(&[*byte]));
        assert_eq!(one_by_one, want);
        assert_eq!(Place::START.after(b"ab"), Place { line: 1, column: 3 });
        assert_eq!(Place::START.after(b"ab\n"), Place { line: 2, column: 1 });
    }
}
