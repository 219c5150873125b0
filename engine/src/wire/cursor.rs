//! A pull reader over a JSON text that was validated before: for what the scanner did not record.

use std::ops::Range;

use memchr::memchr2;

/// Reads values one after the other out of a validated text. Offsets are those of that text.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// One member of an object: where its name (without quotes) and its value stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Member {
    pub name: Range<usize>,
    pub value: Range<usize>,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Where it stands.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    fn peek(&mut self) -> u8 {
        while let Some(b' ' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied().unwrap_or_default()
    }

    /// Steps over white space and this byte, if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        self.at += usize::from(found);
        found
    }

    /// Enters the container that comes next; false if it is another value.
    pub(crate) fn enter(&mut self, open: u8) -> bool {
        self.take(open)
    }

    /// The next element of the array that was entered.
    pub(crate) fn element(&mut self) -> Option<Range<usize>> {
        if self.take(b']') || self.at >= self.bytes.len() {
            return None;
        }
        let value = self.value();
        self.take(b',');
        Some(value)
    }

    /// The next member of the object that was entered.
    pub(crate) fn member(&mut self) -> Option<Member> {
        if self.take(b'}') || self.peek() != b'"' {
            return None;
        }
        let name = self.value();
        self.take(b':');
        let value = self.value();
        self.take(b',');
        Some(Member { name: name.start + 1..name.end - 1, value })
    }

    /// Steps over one whole value.
    fn value(&mut self) -> Range<usize> {
        self.peek();
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            match self.bytes.get(self.at) {
                None => break,
                Some(b'"') => self.at = string_end(self.bytes, self.at),
                Some(b'{' | b'[') => {
                    depth += 1;
                    self.at += 1;
                }
                Some(b'}' | b']') => {
                    depth -= 1;
                    self.at += 1;
                }
                Some(b',' | b':' | b' ' | b'\t') => self.at += 1,
                Some(_) => self.at = atom_end(self.bytes, self.at),
            }
            if depth == 0 {
                break;
            }
        }
        start..self.at
    }
}

/// Where the string that opens at `start` ends: the offset behind its closing quote.
pub(crate) fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

/// Whether the string that ends here is the name of a member.
pub(crate) fn is_name(bytes: &[u8], end: usize) -> bool {
    bytes[end..].iter().find(|byte| !matches!(byte, b' ' | b'\t')) == Some(&b':')
}

/// Where the number or word that stands at `start` ends.
pub(crate) fn atom_end(bytes: &[u8], start: usize) -> usize {
    let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
    bytes[start..].iter().position(is_end).map_or(bytes.len(), |found| start + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_elements_stand_where_they_stand() {
        let text = br#" { "a" : [1, "x,]\"", {}] , "b":{"c":null},"d":-1e5 }"#;
        let mut cursor = Cursor::new(text, 0);
        assert!(cursor.enter(b'{'));
        let mut seen = Vec::new();
        while let Some(member) = cursor.member() {
            seen.push((&text[member.name], &text[member.value]));
        }
        let wanted: [(&[u8], &[u8]); 3] =
            [(b"a", br#"[1, "x,]\"", {}]"#), (b"b", br#"{"c":null}"#), (b"d", b"-1e5")];
        assert_eq!(seen, wanted);
        let mut cursor = Cursor::new(wanted[0].1, 0);
        assert!(cursor.enter(b'['));
        let elements: Vec<_> =
            std::iter::from_fn(|| cursor.element()).map(|range| &wanted[0].1[range]).collect();
        assert_eq!(elements, [b"1".as_slice(), br#""x,]\"""#, b"{}"]);
    }
}
