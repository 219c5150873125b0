//! Puts a secret into a frame that has none.

use crate::corpus::{Conversation, Pieces};
use crate::random::Random;
use crate::secrets;

/// Appends a line with a secret of its own in its parameters or its result, as a first member of
/// text; a line that has neither as it is, and then false.
pub fn plant(line: &[u8], kind: usize, random: &mut Random, out: &mut Vec<u8>) -> bool {
    let Some(at) = place(line) else {
        out.extend_from_slice(line);
        return false;
    };
    out.extend_from_slice(&line[..at]);
    let secret = secrets::secret(kind, random);
    out.extend_from_slice(format!("\"note\":\"deploy with {secret} today\"").as_bytes());
    let rest = &line[at..];
    if rest.iter().find(|byte| **byte != b' ') != Some(&b'}') {
        out.push(b',');
    }
    out.extend_from_slice(rest);
    true
}

/// Behind the opening brace of the first `params` or `result`.
fn place(line: &[u8]) -> Option<usize> {
    let after = |name: &str| {
        let at = memchr::memmem::find(line, name.as_bytes())? + name.len();
        let gap = line[at..].iter().position(|byte| *byte != b' ')?;
        (line[at + gap] == b'{').then_some(at + gap + 1)
    };
    [after("\"params\":"), after("\"result\":")].into_iter().flatten().min()
}

/// The same conversation with a secret in each frame, and how many frames have none.
#[must_use]
pub fn everywhere(talk: &Conversation) -> (Conversation, usize) {
    let (mut random, mut kind, mut without) = (Random::new(7), 0, 0);
    let mut all = |pieces: &Pieces| {
        let (mut planted, mut out) = (Pieces::default(), Vec::new());
        for piece in pieces.iter() {
            out.clear();
            for line in piece.split_inclusive(|&byte| byte == b'\n') {
                kind += 1;
                without += usize::from(!plant(line, kind, &mut random, &mut out));
            }
            planted.push(&out);
        }
        planted
    };
    let (up, down) = (all(&talk.up), all(&talk.down));
    (Conversation { up, down }, without)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_frame_is_json_and_holds_a_secret() {
        let rules = portcullis_engine::Rules::default();
        let frames: [&[u8]; 3] = [
            b"{\"id\":1,\"method\":\"m\",\"params\":{\"a\":1}}\n",
            b"{\"id\":1, \"result\": {} }\n",
            b"{\"result\":{\"params\":{}}}\n",
        ];
        for frame in frames {
            let (mut out, mut found) = (Vec::new(), Vec::new());
            assert!(plant(frame, 1, &mut Random::new(1), &mut out));
            serde_json::from_slice::<serde_json::Value>(&out).expect("a planted frame is JSON");
            rules.find(&out, &mut found);
            assert_eq!(found.len(), 1, "{}", String::from_utf8_lossy(&out));
        }
        assert!(!plant(b"{\"method\":\"m\"}\n", 1, &mut Random::new(1), &mut Vec::new()));
    }
}
