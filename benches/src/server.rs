//! Two MCP servers, and two bad ones, that cost next to nothing, so that what stands in front of them shows.
//!
//! Both read what there is, and write each answer by itself, as servers do. They serve measurements
//! only: a request that the measurements do not make gets `-32601`.

use std::borrow::Cow;
use std::io::{self, Read, Write};

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::corpus::Pieces;

/// The answer to the request of [`HELLO`].
pub const WELCOME: &[u8] = br#"{"jsonrpc":"2.0","id":"init","result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"echo","version":"1"}}}
"#;

/// How a client begins.
pub const HELLO: &[u8] = br#"{"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"figures","version":"1"}}}
"#;

/// What a client says after [`WELCOME`].
pub const INITIALIZED: &[u8] = b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";

/// Answers `initialize`, `ping` and each `tools/call` (with its `message`), until the input ends.
///
/// # Errors
/// A read or a write that fails, or a line that is no message.
pub fn echo(mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let (mut pending, mut out) = (Vec::new(), Vec::new());
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = input.read(&mut chunk)?;
        if count == 0 {
            return Ok(());
        }
        pending.extend_from_slice(&chunk[..count]);
        let Some(end) = memchr::memrchr(b'\n', &pending) else { continue };
        for line in pending[..end].split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            answer(&serde_json::from_slice(line)?, &mut out);
            output.write_all(&out)?;
            out.clear();
        }
        pending.drain(..=end);
    }
}

/// Answers the n-th request with the n-th piece, until the input ends. The first line is the
/// `initialize` request of [`HELLO`], the second the notification after it.
///
/// # Errors
/// A read or a write that fails, or more requests than pieces.
pub fn bulk(pieces: &Pieces, mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    let mut lines = 0;
    loop {
        let count = input.read(&mut chunk)?;
        if count == 0 {
            return Ok(());
        }
        let before = lines;
        lines += memchr::memchr_iter(b'\n', &chunk[..count]).count();
        if before == 0 && lines > 0 {
            output.write_all(WELCOME)?;
        }
        let asked = before.saturating_sub(HANDSHAKE)..lines.saturating_sub(HANDSHAKE);
        if asked.end > pieces.len() {
            return Err(io::Error::other("more requests than pieces"));
        }
        for piece in asked {
            output.write_all(pieces.between(piece..piece + 1))?;
        }
    }
}

/// Writes notifications without end as soon as something came, and reads no more.
///
/// # Errors
/// A read or a write that fails: nobody is there any more.
pub fn flood(mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    if input.read(&mut [0; 512])? == 0 {
        return Ok(());
    }
    loop {
        output.write_all(FLOOD)?;
    }
}

/// Never reads, and never ends by itself.
///
/// # Errors
/// None.
pub fn deaf() -> io::Result<()> {
    loop {
        std::thread::park();
    }
}

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    params: Option<Params<'a>>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    arguments: Option<Arguments<'a>>,
}

#[derive(Deserialize)]
struct Arguments<'a> {
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

fn answer(request: &Request<'_>, out: &mut Vec<u8>) {
    let Some(id) = request.id else { return };
    if request.method == "initialize" {
        let tail = &WELCOME[WELCOME_HEAD.len() + br#""init""#.len()..];
        out.extend([WELCOME_HEAD, id.get().as_bytes(), tail].concat());
        return;
    }
    let arguments = request.params.as_ref().and_then(|params| params.arguments.as_ref());
    let message = arguments.and_then(|arguments| arguments.message).map_or("\"\"", RawValue::get);
    let (head, tail): (&str, [&str; 3]) = match &*request.method {
        "tools/call" => (
            r#","result":{"content":[{"type":"text","text":"Echo: "#,
            [&message[1..], "}]}}", "\n"],
        ),
        "ping" => (r#","result":{}}"#, ["\n", "", ""]),
        _ => (r#","error":{"code":-32601,"message":"Method not found"}}"#, ["\n", "", ""]),
    };
    for part in [r#"{"jsonrpc":"2.0","id":"#, id.get(), head, tail[0], tail[1], tail[2]] {
        out.extend_from_slice(part.as_bytes());
    }
}

const WELCOME_HEAD: &[u8] = br#"{"jsonrpc":"2.0","id":"#;
/// Lines of the client before its first request for a piece.
const HANDSHAKE: usize = 2;
const FLOOD: &[u8] = b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":\"flood\"}}\n";
const CHUNK: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn echoed(input: &str) -> String {
        let mut output = Vec::new();
        echo(input.as_bytes(), &mut output).expect("a buffer takes every write");
        String::from_utf8(output).expect("answers are text")
    }

    #[test]
    fn hello_gets_the_welcome() {
        assert_eq!(echoed(std::str::from_utf8(HELLO).unwrap()).as_bytes(), WELCOME);
        assert_eq!(echoed(std::str::from_utf8(INITIALIZED).unwrap()), "");
    }

    #[test]
    fn a_call_gets_its_message() {
        let call = r#"{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"echo","arguments":{"message":"m\n1"}}}"#;
        let expected = r#"{"jsonrpc":"2.0","id":"x","result":{"content":[{"type":"text","text":"Echo: m\n1"}]}}"#;
        assert_eq!(echoed(&format!("{call}\n")), format!("{expected}\n"));
    }

    #[test]
    fn bulk_answers_with_the_pieces_in_order() {
        let mut pieces = Pieces::default();
        for piece in ["one\n", "note\ntwo\n", "three\n"] {
            pieces.push(piece.as_bytes());
        }
        let input = [HELLO, INITIALIZED, b"a\nb\n"].concat();
        let mut output = Vec::new();
        bulk(&pieces, &*input, &mut output).expect("two of three pieces are asked for");
        assert_eq!(output, [WELCOME, b"one\nnote\ntwo\n"].concat());
    }
}
