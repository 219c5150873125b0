//! Rules that follow links and look names up: the real binary asks a process of its own.

mod support;

use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::daemon::{Home, answering, is_result};
use support::{PORTCULLIS, Session, children_of, run_with};

/// A client of the demo server behind these rules, with this working directory.
fn session(folder: &Path, rules: &str) -> Session {
    // One that was just started has perhaps not read its own yet.
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let file = folder.join(format!("{}.yaml", NUMBER.fetch_add(1, Ordering::Relaxed)));
    std::fs::write(&file, format!("arguments: {rules}\n")).unwrap();
    let mut command = run_with(["--config", file.to_str().unwrap()], [PORTCULLIS, "demo-server"]);
    command.current_dir(folder);
    Session::start(command)
}

/// The reason with which a call with this argument is refused, and the rule.
fn refused(session: &mut Session, id: u32, name: &str, value: &str) -> Option<(String, String)> {
    let params = json!({"name": "x", "arguments": {name: value}});
    let call = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
    session.send(&call.to_string());
    let answer: Value = serde_json::from_str(&session.output.next().expect("an answer")).unwrap();
    assert_eq!(answer["id"], id, "{answer}");
    let data = &answer["error"]["data"];
    let text = |name: &str| data[name].as_str().map(str::to_owned);
    Some((text("reason")?, text("rule").unwrap_or_default()))
}

#[test]
fn a_link_that_leads_out_of_a_root_is_refused_and_others_pass() {
    let folder = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(folder.path()).unwrap();
    let data = root.join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("file"), "x").unwrap();
    std::fs::write(root.join("secret"), "x").unwrap();
    symlink("../secret", data.join("out")).unwrap();
    symlink("..", data.join("up")).unwrap();
    symlink("../later", data.join("nowhere")).unwrap();
    symlink("file", data.join("in")).unwrap();
    let rule = |resolve: bool| {
        format!(
            "[{{name: below, at: /path, resolve: {resolve}, path: {{roots: [{}], deny: []}}}}]",
            data.display()
        )
    };
    let mut strict = session(&root, &rule(true));
    let mut lax = session(&root, &rule(false));
    for (id, (name, passes)) in (0..).zip([
        ("file", true),
        ("in", true),
        ("new/file", true),
        ("out", false),
        ("up/secret", false),
        ("nowhere", false),
    ]) {
        let path = data.join(name).display().to_string();
        let wanted = (!passes).then(|| ("path_denied".to_owned(), "below".to_owned()));
        assert_eq!(refused(&mut strict, id, "path", &path), wanted, "{name}");
        assert_eq!(refused(&mut lax, id, "path", &path), None, "{name}: without `resolve`");
    }
    // What cannot be found out is refused.
    symlink("round", data.join("round")).unwrap();
    let path = data.join("round").display().to_string();
    let (reason, _) = refused(&mut strict, 9, "path", &path).expect("refused");
    assert_eq!(reason, "undecided");
    strict.close();
    strict.wait();
    let left = children_of(std::process::id());
    assert!(left.len() <= 2, "nothing of it is left: {left:?}");
}

#[test]
fn a_relative_path_starts_where_the_server_does() {
    let folder = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(folder.path()).unwrap();
    symlink("/", root.join("all")).unwrap();
    let roots = root.display();
    let rule = format!(
        "[{{name: below, at: /path, resolve: true, path: {{roots: [{roots}], deny: []}}}}]"
    );
    let mut session = session(&root, &rule);
    assert_eq!(refused(&mut session, 1, "path", "new"), None);
    let (reason, _) = refused(&mut session, 2, "path", "all/etc").expect("refused");
    assert_eq!(reason, "path_denied");
}

#[test]
fn a_name_is_looked_up_and_its_addresses_are_judged() {
    let folder = tempfile::tempdir().unwrap();
    let rules = |classes: &str| {
        format!(
            "[{{name: urls, at: /url, resolve: true, \
             url: {{single_label: true, labels: [], classes: [{classes}]}}}}]"
        )
    };
    let mut strict = session(folder.path(), &rules(""));
    let wanted = Some(("url_denied".to_owned(), "urls".to_owned()));
    assert_eq!(refused(&mut strict, 1, "url", "http://localhost/"), wanted);
    let start = Instant::now();
    let (reason, _) = refused(&mut strict, 2, "url", "http://no-such-name.invalid/").unwrap();
    assert_eq!(reason, "undecided");
    assert!(start.elapsed() < Duration::from_secs(15), "and not later than the time limit");
    let mut lax = session(folder.path(), &rules("loopback"));
    assert_eq!(refused(&mut lax, 1, "url", "http://localhost/"), None);
}

#[test]
fn a_daemon_looks_up_for_many_at_once() {
    let home = Home::empty();
    let root = std::fs::canonicalize(home.folder()).unwrap();
    symlink("/", root.join("all")).unwrap();
    home.configure(&json!({
        "servers": [answering("a")],
        "arguments": [{"name": "below", "at": "/path", "resolve": true,
            "path": {"roots": [root], "deny": []}}],
    }));
    let mut daemon = home.serve();
    let mut clients: Vec<_> = (0..10).map(|_| home.client("a.sock")).collect();
    let call = |id: u32, path: &str| {
        let params = json!({"name": "x", "arguments": {"path": root.join(path)}});
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}).to_string()
    };
    for client in &mut clients {
        client.send(&call(1, "all/etc"));
        client.send(&call(2, "new"));
    }
    for client in &mut clients {
        // They come as they are found out.
        let answers = [client.next().expect("an answer"), client.next().expect("another")];
        let refused = answers.iter().filter(|it| it.contains("path_denied")).count();
        let passed = answers.iter().filter(|it| is_result(it, 2)).count();
        assert_eq!((refused, passed), (1, 1), "{answers:?}");
    }
    assert_eq!(daemon.end(), 0);
}
