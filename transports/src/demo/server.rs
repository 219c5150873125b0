//! A server as it should not be: it leaks, and it ends a line at a carriage return, as the official
//! Python SDK does.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};

use super::fakes::Fakes;

/// The tools that leak, in the order in which the demo calls them.
pub const LEAKS: [&str; 4] = ["read_env", "read_git_config", "read_key", "read_notes"];

/// The text of the JSON string that a leaking tool answers with, escapes and all, and the part of
/// it that must not pass.
pub fn leak(tool: &str) -> Option<(String, String)> {
    let fakes = Fakes::make();
    let (text, secret) = match tool {
        "read_env" => (format!("AWS_ACCESS_KEY_ID={} # prod", fakes.aws), fakes.aws),
        "read_git_config" => (format!("token {} (full access)", fakes.github), fakes.github),
        "read_key" => {
            let key = fakes.private_key.replace('\n', "\\n");
            (format!("id_rsa:\\n{key}\\n"), key)
        }
        "read_notes" => {
            // The same key; a reader that looks at bytes does not see its first letter.
            let key = format!("\\u0041{}", &fakes.aws[1..]);
            (format!("the key is {key}, keep it safe"), key)
        }
        _ => return None,
    };
    Some((text, secret))
}

/// The line with which the server answers a leaking call.
pub fn leaking_line(id: &Value, text: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":[{{"type":"text","text":"{text}"}}]}}}}"#
    )
}

/// What the server has seen, as it tells in `report`.
#[derive(Default)]
struct Seen {
    deleted: u64,
    most_open: usize,
    auth_tokens: u64,
}

/// Serves standard input until it ends.
pub fn serve() -> ExitCode {
    let lines = lines();
    let mut seen = Seen::default();
    loop {
        let Ok(first) = lines.recv() else { return ExitCode::SUCCESS };
        // Takes what comes in one go, and answers last first: nobody may rely on an order.
        let mut group = vec![first];
        let ended = loop {
            match lines.recv_timeout(PATIENCE) {
                Ok(line) => group.push(line),
                Err(RecvTimeoutError::Timeout) => break false,
                Err(RecvTimeoutError::Disconnected) => break true,
            }
        };
        seen.most_open = seen.most_open.max(group.len());
        let answers: Vec<String> =
            group.iter().rev().filter_map(|line| answer(line, &mut seen)).collect();
        let text = answers.concat();
        if std::io::stdout().write_all(text.as_bytes()).is_err() || ended {
            return ExitCode::SUCCESS;
        }
    }
}

/// What comes within so short a time counts as open at once.
const PATIENCE: Duration = Duration::from_millis(20);

/// The lines of standard input, cut at line feeds and at carriage returns.
fn lines() -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let (mut held, mut chunk) = (Vec::new(), [0; 4096]);
        while let Ok(count @ 1..) = std::io::stdin().read(&mut chunk) {
            for &byte in &chunk[..count] {
                if byte != b'\n' && byte != b'\r' {
                    held.push(byte);
                } else if !held.is_empty() && sender.send(std::mem::take(&mut held)).is_err() {
                    return;
                }
            }
        }
    });
    receiver
}

/// The answer to a line, if it is a request.
fn answer(line: &[u8], seen: &mut Seen) -> Option<String> {
    let message: Value = serde_json::from_slice(line).ok()?;
    seen.auth_tokens += u64::from(message.get("auth_token").is_some());
    let id = message.get("id")?;
    let method = message.get("method")?.as_str()?;
    let params = &message["params"];
    let tool = params["name"].as_str().unwrap_or_default();
    let result = match (method, tool) {
        ("initialize", _) => json!({
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "leaky", "version": "1"},
        }),
        ("tools/call", "square") => {
            let number = params["arguments"]["n"].as_u64().unwrap_or_default();
            json!({"content": [{"type": "text", "text": (number * number).to_string()}]})
        }
        ("tools/call", "delete_everything") => {
            seen.deleted += 1;
            json!({"content": [{"type": "text", "text": "everything is deleted"}]})
        }
        ("tools/call", "report") => json!({"structuredContent": {
            "deleted": seen.deleted,
            "mostOpen": seen.most_open,
            "authTokens": seen.auth_tokens,
        }, "content": []}),
        ("tools/call", tool) => match leak(tool) {
            Some((text, _)) => return Some(leaking_line(id, &text) + "\n"),
            None => json!({"content": [], "isError": true}),
        },
        _ => json!({}),
    };
    Some(json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string() + "\n")
}
