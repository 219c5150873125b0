//! Finds the id of a frame that is refused unread: one that is too large to keep, or that another
//! parser might read otherwise. It checks nothing; it only has to find the right asker.
//!
//! Bytes may come in any portions and are not kept. Invariant: what is kept of a name or an id
//! never exceeds its limit.

use memchr::memchr2;

use super::text;
use crate::base::event::Message;

/// Longest spelling of a name that is compared: `result` written as six escapes.
const NAME_BYTES_MAX: usize = 36;

/// Which member the value at the top level belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Name,
    Id,
    Other,
}

/// Walks a frame to its end.
#[derive(Default)]
pub(crate) struct Skimmer {
    depth: u64,
    in_string: bool,
    escape: bool,
    part: Part,
    started: bool,
    is_object: bool,
    name: Vec<u8>,
    id: Vec<u8>,
    ids: u32,
    id_bytes_max: usize,
    asks: bool,
    answers: bool,
}

impl Skimmer {
    pub(crate) fn new(id_bytes_max: u32) -> Self {
        Self { id_bytes_max: id_bytes_max as usize, ..Self::default() }
    }

    /// Looks at the next bytes of the frame.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let [byte, tail @ ..] = rest {
            if self.in_string && self.depth > 1 && !self.escape {
                let Some(found) = memchr2(b'"', b'\\', rest) else { return };
                self.step(rest[found]);
                rest = &rest[found + 1..];
            } else {
                self.step(*byte);
                rest = tail;
            }
        }
    }

    /// What the frame is, as far as that can be told, and the spelling of its id if it has just one.
    pub(crate) fn finish(&self) -> (Message, Option<&[u8]>) {
        if !self.is_object {
            return (Message::None, None);
        }
        let id = (self.ids == 1 && self.id.len() <= self.id_bytes_max).then_some(&self.id[..]);
        let message = match (self.asks, self.answers, self.ids) {
            (true, false, 0) => Message::Notification,
            (true, false, _) => Message::Request,
            (false, true, _) => Message::Response,
            _ => Message::None,
        };
        (message, id)
    }

    /// The same for a frame whose end never came: half an id is another id, and who has none yet may
    /// be a request all the same.
    pub(crate) fn finish_cut(&self) -> (Message, Option<&[u8]>) {
        let id_has_ended = self.part != Part::Id || self.depth == 0;
        match self.finish() {
            (Message::Notification, _) => (Message::None, None),
            (message, id) => (message, id.filter(|_| id_has_ended)),
        }
    }

    fn step(&mut self, byte: u8) {
        if self.in_string {
            self.keep(byte);
            match byte {
                _ if self.escape => self.escape = false,
                b'\\' => self.escape = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        if !matches!(byte, b' ' | b'\t' | b'\r') {
            self.step_outside(byte);
            self.started = true;
        }
    }

    fn step_outside(&mut self, byte: u8) {
        match byte {
            b'"' => {
                self.in_string = true;
                self.keep(byte);
            }
            b'{' | b'[' => {
                self.is_object |= !self.started && byte == b'{';
                self.depth += 1;
                if self.part == Part::Id && self.depth > 1 {
                    // No id is a container: two of them tell no asker.
                    self.ids = 2;
                }
                self.keep(byte);
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
            }
            b':' if self.depth == 1 => self.name_ends(),
            b',' if self.depth == 1 => {
                self.part = Part::Name;
                self.name.clear();
            }
            _ => self.keep(byte),
        }
    }

    /// Keeps the bytes of names and ids of the top level, up to one over their limits.
    fn keep(&mut self, byte: u8) {
        match self.part {
            Part::Name if self.depth == 1 && self.name.len() <= NAME_BYTES_MAX + 2 => {
                self.name.push(byte);
            }
            Part::Id if self.depth >= 1 && self.id.len() <= self.id_bytes_max => self.id.push(byte),
            _ => {}
        }
    }

    fn name_ends(&mut self) {
        let name = match &self.name[..] {
            [b'{', b'"', inner @ .., b'"'] | [b'"', inner @ .., b'"'] => inner,
            _ => &[],
        };
        self.part = Part::Other;
        if text::equals(name, b"id") {
            self.part = Part::Id;
            self.ids += 1;
            self.id.clear();
        }
        self.asks |= text::equals(name, b"method");
        self.answers |= text::equals(name, b"result") || text::equals(name, b"error");
        self.name.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_found_wherever_it_stands_and_however_it_is_cut() {
        let text = br#"{"result":{"id":5,"a":["x\"}",{}]}, "\u0069d" : "a\"b" ,"jsonrpc":"2.0"}"#;
        for cut in 1..text.len() {
            let mut skimmer = Skimmer::new(256);
            text.chunks(cut).for_each(|chunk| skimmer.push(chunk));
            assert_eq!(skimmer.finish(), (Message::Response, Some(br#""a\"b""#.as_slice())));
        }
    }

    #[test]
    fn of_a_frame_that_is_cut_only_what_has_come_whole_is_told() {
        for (text, message, id) in [
            (r#"{"id":12"#, Message::None, None),
            (r#"{"id":12,"#, Message::None, Some("12")),
            (r#"{"id":"a"#, Message::None, None),
            (r#"{"id":12,"method":"x","params":{"#, Message::Request, Some("12")),
            (r#"{"method":"x","params":{"id":5,"#, Message::None, None),
            (r#"{"method":"x","id":5"#, Message::Request, None),
            (r#"{"method":"x","id":5}"#, Message::Request, Some("5")),
            (r#"{"result":{},"id":5,"#, Message::Response, Some("5")),
            (r#"{"result":{"#, Message::Response, None),
            (r#"[{"id":5,"method":"x"},"#, Message::None, None),
            ("", Message::None, None),
        ] {
            let mut skimmer = Skimmer::new(256);
            skimmer.push(text.as_bytes());
            assert_eq!(skimmer.finish_cut(), (message, id.map(str::as_bytes)), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_not_guessed() {
        for (text, message, id) in [
            (r#"{"id":1,"id":2,"method":"x"}"#, Message::Request, None),
            (r#"{"method":"x"}"#, Message::Notification, None),
            (r#"[{"id":1,"method":"x"}]"#, Message::None, None),
            (r#"{"id":1,"method":"x","result":{}}"#, Message::None, Some("1")),
            (r#"{"id":{"a":1},"method":"x"}"#, Message::Request, None),
        ] {
            let mut skimmer = Skimmer::new(256);
            skimmer.push(text.as_bytes());
            assert_eq!(skimmer.finish(), (message, id.map(str::as_bytes)), "{text}");
        }
    }
}
