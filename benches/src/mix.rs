//! Traffic without secrets, made from a seed: the built-in stand-in for a recorded corpus.
//!
//! The shares follow what MCP sessions carry: many small requests and notifications, and most bytes
//! in a few kinds of tool results: source code, logs, JSON as text, diffs, prose, base64 images.

use serde_json::{Value, json};

use crate::random::{ALNUM, BASE64, DIGITS, HEX, LOWER, Random};

/// At least this many bytes of frames, one a line; ids count up.
#[must_use]
pub fn clean(bytes: usize, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut out = Vec::with_capacity(bytes + (1 << 20));
    let mut id = 0_u64;
    while out.len() < bytes {
        let frame = frame(id, &mut random);
        // One server in five spells its JSON with spaces, as Python does by default.
        if random.below(5) == 0 {
            out.extend_from_slice(spaced(&frame).as_bytes());
        } else {
            out.extend_from_slice(frame.to_string().as_bytes());
        }
        out.push(b'\n');
        id += 1;
    }
    out
}

fn frame(id: u64, random: &mut Random) -> Value {
    match random.below(100) {
        0..30 => request(id, random),
        30..45 => notification(id, random),
        45..60 => text(id, prose(length(random, 250), random)),
        60..73 => text(id, code(length(random, 5_000), random)),
        73..82 => text(id, logs(length(random, 6_000), random)),
        82..88 => text(id, rows(length(random, 3_000), random).to_string()),
        88..93 => structured(id, random),
        93..95 => text(id, prose(length(random, 4_000), random)),
        95..97 => text(id, diff(length(random, 5_000), random)),
        97 => text(id, lock(length(random, 12_000), random)),
        98 => image(id, random),
        _ if random.below(2) == 0 => tools(id, random),
        _ => text(id, unicode(length(random, 1_000), random)),
    }
}

fn length(random: &mut Random, middle: usize) -> usize {
    random.length(middle)
}

fn result(id: u64, result: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

fn text(id: u64, text: String) -> Value {
    result(id, json!({"content": [{"type": "text", "text": text}], "isError": false}))
}

fn request(id: u64, random: &mut Random) -> Value {
    let path = format!("/home/dev/{}/{}.py", random.words(1), random.words(1));
    let mut arguments = json!({"path": path, "query": random.words(5), "limit": random.below(500)});
    if random.below(7) == 0 {
        let length = random.length(900);
        arguments["content"] = code(length, random).into();
    }
    let params =
        json!({"name": tool(random), "arguments": arguments, "_meta": {"progressToken": id}});
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
}

/// A session calls a handful of tools, some of them often.
fn tool(random: &mut Random) -> &'static str {
    TOOLS[random.below(TOOLS.len()).min(random.below(TOOLS.len()))]
}

/// The most wanted first.
const TOOLS: [&str; 16] = [
    "read_file",
    "search_files",
    "list_directory",
    "edit_file",
    "read_many_files",
    "write_file",
    "get_file_info",
    "git_status",
    "git_diff",
    "find_symbol",
    "directory_tree",
    "git_log",
    "fetch_page",
    "move_file",
    "query_rows",
    "create_directory",
];

fn notification(id: u64, random: &mut Random) -> Value {
    let (method, params) = if random.below(5) < 3 {
        let done = random.below(100);
        let said = random.words(6);
        let params = json!({"progressToken": id, "progress": done, "total": 100, "message": said});
        ("notifications/progress", params)
    } else {
        let params = json!({"level": "info", "logger": "worker", "data": random.words(12)});
        ("notifications/message", params)
    };
    json!({"jsonrpc": "2.0", "method": method, "params": params})
}

fn structured(id: u64, random: &mut Random) -> Value {
    let length = random.length(2_500);
    let rows = rows(length, random);
    let content = json!([{"type": "text", "text": "rows"}]);
    result(id, json!({"content": content, "structuredContent": rows, "isError": false}))
}

fn image(id: u64, random: &mut Random) -> Value {
    let mut data = String::from("iVBORw0KGgo");
    let length = random.length(50_000);
    random.text(BASE64, length, &mut data);
    result(id, json!({"content": [{"type": "image", "mimeType": "image/png", "data": data}]}))
}

fn tools(id: u64, random: &mut Random) -> Value {
    let count = 10 + random.below(30);
    let tools: Vec<Value> = (0..count)
        .map(|_| {
            let schema = json!({
                "type": "object",
                "properties": {"path": {"type": "string", "description": random.words(9)}},
                "required": ["path"],
            });
            let name = random.words(2).replace(' ', "_");
            json!({"name": name, "description": random.words(30), "inputSchema": schema})
        })
        .collect();
    result(id, json!({"tools": tools}))
}

/// Appends pieces until there are enough bytes.
fn fill(length: usize, random: &mut Random, piece: impl Fn(&mut Random, &mut String)) -> String {
    let mut out = String::with_capacity(length + 256);
    while out.len() < length {
        piece(random, &mut out);
    }
    out
}

/// Sentences.
pub(crate) fn prose(length: usize, random: &mut Random) -> String {
    fill(length, random, |random, out| {
        let count = 6 + random.below(12);
        out.push_str(&random.words(count));
        out.push_str(if random.below(8) == 0 { ".\n\n" } else { ". " });
    })
}

/// Source code.
pub(crate) fn code(length: usize, random: &mut Random) -> String {
    fill(length, random, |random, out| {
        let (name, subject) = (random.words(2).replace(' ', "_"), random.words(1));
        let line = match random.below(6) {
            0 => format!("def {name}(self, {subject}, *, timeout=None):\n"),
            1 => format!("    \"\"\"{}.\"\"\"\n", random.words(7)),
            2 => format!("    if not {subject}.get('{name}'):\n        return None\n"),
            3 => {
                format!("    self._{name} = {subject}[{}:{}]\n", random.below(9), random.below(99))
            }
            4 => format!("        # {}\n", random.words(8)),
            _ => format!("    return {name}(\"{subject}\\n\", {})\n\n", random.below(10_000)),
        };
        out.push_str(&line);
    })
}

/// Lines of a log.
pub(crate) fn logs(length: usize, random: &mut Random) -> String {
    fill(length, random, |random, out| {
        let second = random.below(60);
        out.push_str(&format!("2026-03-12T10:{:02}:{second:02}.", random.below(60)));
        random.text(DIGITS, 3, out);
        out.push_str("Z INFO [");
        random.text(HEX, 8, out);
        match random.below(3) {
            0 => {
                out.push_str("] request_id=");
                for (index, count) in [8, 4, 4, 4, 12].into_iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "-" });
                    random.text(HEX, count, out);
                }
                out.push_str(&format!(" status=200 duration_ms={}\n", random.below(2_000)));
            }
            1 => {
                out.push_str("] ");
                out.push_str(&random.words(5));
                out.push_str(" (sha=");
                random.text(HEX, 40, out);
                out.push_str(")\n");
            }
            _ => out.push_str(&format!("] {}\n", random.words(9))),
        }
    })
}

/// Records, as an API answers with.
pub(crate) fn rows(length: usize, random: &mut Random) -> Value {
    let count = 1 + length / 180;
    let items: Vec<Value> = (0..count)
        .map(|_| {
            let mut login = String::new();
            random.text(LOWER, 8, &mut login);
            json!({
                "id": random.below(100_000_000),
                "created_at": "2026-05-11T10:00:00Z",
                "owner": {"login": login, "email": null, "admin": random.below(2) == 0},
                "score": random.below(10_000) as f64 / 16.0,
                "tags": [random.words(1), random.words(2)],
            })
        })
        .collect();
    json!({"items": items, "total": count})
}

fn diff(length: usize, random: &mut Random) -> String {
    fill(length, random, |random, out| {
        let name = random.words(1);
        out.push_str(&format!("--- a/{name}.py\n+++ b/{name}.py\n@@ -1,9 +1,9 @@\n"));
        for line in code(400, random).lines() {
            out.push_str(random.one(&[" ", " ", "+", "-"]));
            out.push_str(line);
            out.push('\n');
        }
    })
}

fn lock(length: usize, random: &mut Random) -> String {
    fill(length, random, |random, out| {
        let name = random.words(1);
        out.push_str(&format!("    \"node_modules/{name}\": {{\n      \"integrity\": \"sha512-"));
        random.text(BASE64, 86, out);
        out.push_str("==\",\n      \"license\": \"MIT\"\n    },\n");
    })
}

fn unicode(length: usize, random: &mut Random) -> String {
    fill(length, random, |random, out| {
        let texts = ["Привет мир ", "日本語のテキスト ", "größer für Straße ", "🚀 ✅ ", "— “so” "];
        out.push_str(random.one(&texts));
        random.text(ALNUM, 3, out);
    })
}

/// The same value with a space after each colon and comma.
fn spaced(value: &Value) -> String {
    struct Spaces;
    impl serde_json::ser::Formatter for Spaces {
        fn begin_array_value<W: ?Sized + std::io::Write>(
            &mut self,
            out: &mut W,
            first: bool,
        ) -> std::io::Result<()> {
            out.write_all(if first { b"" } else { b", " })
        }
        fn begin_object_key<W: ?Sized + std::io::Write>(
            &mut self,
            out: &mut W,
            first: bool,
        ) -> std::io::Result<()> {
            out.write_all(if first { b"" } else { b", " })
        }
        fn begin_object_value<W: ?Sized + std::io::Write>(
            &mut self,
            out: &mut W,
        ) -> std::io::Result<()> {
            out.write_all(b": ")
        }
    }
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Spaces);
    serde::Serialize::serialize(value, &mut serializer).expect("a tree fits into a buffer");
    String::from_utf8(out).expect("a serializer writes text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_bytes_and_each_line_is_json() {
        let frames = clean(300_000, 1);
        assert_eq!(frames, clean(300_000, 1));
        for line in frames.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let value: Value = serde_json::from_slice(line).expect("a frame is JSON");
            assert_eq!(value["jsonrpc"], "2.0");
        }
    }
}
