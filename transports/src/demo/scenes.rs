//! What the demo plays: four scenes, each a session of its own.

use serde_json::{Value, json};

use super::Part;
use super::client::{Client, Folder, call};
use super::fakes::Fakes;
use super::page::Page;
use super::server;

/// Plays all scenes.
///
/// # Errors
/// Why the demo itself could not go on.
pub fn play(page: &mut Page, broken: Option<Part>) -> Result<(), String> {
    let folder = Folder::new()?;
    redaction(page, &folder, broken == Some(Part::Redaction))?;
    strict(page, &folder, broken == Some(Part::Strict))?;
    auth(page, &folder, broken == Some(Part::Auth))?;
    batch(page, &folder, broken == Some(Part::Batch))
}

/// Secrets in tool results are taken out; nothing else changes.
fn redaction(page: &mut Page, folder: &Folder, off: bool) -> Result<(), String> {
    page.scene("Secrets in what a tool returns", off);
    let config = format!("bouncer: {{enabled: {}}}\n", !off);
    let mut client = Client::guarded(folder, "redaction", &config)?;
    let what = [
        "the AWS key is gone, every other byte is the same",
        "the GitHub token is gone, every other byte is the same",
        "the private key is gone from its first line to its last",
        "the key whose first letter is written \\u0041 is gone as well",
    ];
    for (number, (tool, what)) in (1..).zip(server::LEAKS.into_iter().zip(what)) {
        let (text, secret) = server::leak(tool).expect("the tool is on the list of leaks");
        let said = server::leaking_line(&json!(number), &text);
        let got = client.ask(&call(number, tool, ""))?;
        let (before, after) = said.split_once(&secret).expect("the line holds its secret");
        let between =
            got.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).unwrap_or_default();
        page.came("server", &said, &secret);
        page.left("client", &got, between);
        page.why(&client.events());
        page.check(between.starts_with("[REDACTED:") && !got.contains(&secret[6..]), what);
    }
    let fakes = Fakes::make();
    let record = client.record();
    let silent = [&fakes.aws[6..], &fakes.github[6..]].iter().all(|part| !record.contains(part));
    page.check(silent && !record.is_empty(), "the audit log names the rules, and holds no secret");
    page.check(client.end(), "the session ended with the server's exit status");
    Ok(())
}

/// What two parsers would read differently does not reach the server.
fn strict(page: &mut Page, folder: &Folder, off: bool) -> Result<(), String> {
    page.scene("A call hidden behind a carriage return", off);
    let mut client =
        if off { Client::unguarded()? } else { Client::guarded(folder, "strict", "{}\n")? };
    let hidden = concat!(
        "\r",
        r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"delete_everything"}}"#,
        "\r"
    );
    let line = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{hidden}}}"#);
    let got = client.ask(&line)?;
    page.came("client", &line, "\r");
    page.left("client", &got, "bare_cr");
    page.why(&client.events());
    page.check(refused(&got, -32600, "bare_cr"), "one line, two readings: refused");
    let deleted = client.report("")?["deleted"].clone();
    page.check(deleted == 0, "the hidden call did not run");

    let line = r#"{"jsonrpc":"2.0","id":3,"method":"ping","METHOD":"tools/call"}"#;
    let got = client.ask(line)?;
    page.came("client", line, "METHOD");
    page.left("client", &got, "duplicate_member");
    page.why(&client.events());
    page.check(
        error_of(&got)["code"] == -32600,
        "a name that some parsers take for another: refused",
    );
    Ok(())
}

/// Without the token nothing passes; the server never sees it.
fn auth(page: &mut Page, folder: &Folder, off: bool) -> Result<(), String> {
    page.scene("A token for each message", off);
    let token = Fakes::make().token;
    let config = if off { "{}\n".into() } else { format!("socket: {{auth_token: {token}}}\n") };
    let mut client = Client::guarded(folder, "auth", &config)?;
    let wrong = r#","auth_token":"guess""#;
    let right = format!(r#","auth_token":"{token}""#);
    for (id, more, code, what) in [
        (1, "", -32604, "without a token: -32604, authentication required"),
        (2, wrong, -32605, "with a wrong token: -32605, authentication failed"),
    ] {
        let line = call(id, "delete_everything", more);
        let got = client.ask(&line)?;
        page.came("client", &line, "guess");
        page.left("client", &got, &code.to_string());
        page.why(&client.events());
        page.check(error_of(&got)["code"] == code, what);
    }
    let report = client.report(&right)?;
    client.events();
    page.check(report["deleted"] == 0, "the right token: answered, and no call before it ran");
    page.check(report["authTokens"] == 0, "the server saw no token");
    Ok(())
}

/// A large batch reaches the server in chunks, and comes back as one array.
fn batch(page: &mut Page, folder: &Folder, off: bool) -> Result<(), String> {
    page.scene("A batch of 250 calls", off);
    let config = format!("server: {{max_batch_size: 100}}\nbatch: {{enabled: {}}}\n", !off);
    let mut client = Client::guarded(folder, "batch", &config)?;
    let calls: Vec<Value> = (0..CALLS)
        .map(|n| {
            let params = json!({"name": "square", "arguments": {"n": n}});
            json!({"jsonrpc": "2.0", "id": n, "method": "tools/call", "params": params})
        })
        .collect();
    let line = Value::from(calls).to_string();
    let got = client.ask(&line)?;
    page.came("client", &line, "");
    page.left("client", &got, "batch_disabled");
    page.why(&client.events());
    let answers: Vec<Value> = serde_json::from_str(&got).unwrap_or_default();
    let fits = |(n, answer): (u64, &Value)| {
        let square = (n * n).to_string();
        answer["id"] == n && answer["result"]["content"][0]["text"] == square.as_str()
    };
    let all = answers.len() as u64 == CALLS && (0..).zip(&answers).all(fits);
    page.check(all, "one array of 250 answers, in the order of the calls");
    let most = client.report("")?["mostOpen"].as_u64().unwrap_or_default();
    let what = format!("the server had at most {most} of them open at once; 100 are allowed");
    page.check((2..=100).contains(&most), &what);
    Ok(())
}

const CALLS: u64 = 250;

fn error_of(line: &str) -> Value {
    let answer: Value = serde_json::from_str(line).unwrap_or_default();
    answer["error"].clone()
}

fn refused(line: &str, code: i64, reason: &str) -> bool {
    let error = error_of(line);
    error["code"] == code && error["data"]["reason"] == reason
}
